"""The worst of days, to be called in namespaces of its own: ``python worst_day.py CHECKOUT HOME COMMAND ...``.

The checkout and the home folder cannot be written to, nothing but this machine can be reached, the ports
that programs like to use are taken, and new files are for their owner alone. What wants to leave this
machine all the same is told at the end, and fails the command.
"""
import contextlib
import os
import socket
import subprocess
import sys

LIKED = [*range(5000, 5011), *range(8000, 8011), *range(8080, 8091), *range(8888, 8900)]


def close(folder: str) -> None:
    """Make a folder read-only for everybody, root included."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)


def main(checkout: str, home: str, *command: str) -> int:
    """Make the day, run the command in it, and return its exit code."""
    import recorder  # beside this script

    close(checkout)
    close(home)
    os.umask(0o077)
    with contextlib.ExitStack() as taken:
        recorder.reach_this_machine()
        for port in LIKED:
            taken.enter_context(socket.create_server(("127.0.0.1", port)))
        return recorder.run(*command, cwd=checkout)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
