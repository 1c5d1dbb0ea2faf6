"""The worst of days, to be called in namespaces of its own: ``python worst_day.py CHECKOUT HOME COMMAND ...``.

The checkout and the home folder cannot be written to, nothing but this machine can be reached, the ports
that programs like to use are taken, and new files are for their owner alone.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

LIKED = [*range(5000, 5011), *range(8000, 8011), *range(8080, 8091), *range(8888, 8900)]
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1  # of Linux: SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP


def close(folder: str) -> None:
    """Make a folder read-only for everybody, root included."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)


def reach_this_machine() -> None:
    """Switch 127.0.0.1 on, which is off in a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        _, flags = struct.unpack("16sh", fcntl.ioctl(asked, GET_FLAGS, struct.pack("16sh", b"lo", 0)))
        fcntl.ioctl(asked, SET_FLAGS, struct.pack("16sh", b"lo", flags | UP))


def main(checkout: str, home: str, *command: str) -> int:
    """Make the day, run the command in it, and return its exit code."""
    reach_this_machine()
    close(checkout)
    close(home)
    os.umask(0o077)
    taken = [socket.create_server(("127.0.0.1", port)) for port in LIKED]
    done = subprocess.run(command, cwd=checkout)
    for server in taken:
        server.close()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
