"""Whatever wants to leave this machine is recorded, and led back: packets to other addresses, names looked up.

``python recorder.py COMMAND ...`` runs a command so, in a namespace of its own for the network and for mounts,
which it changes. It fails where the command wanted something of others.
"""
import contextlib
import ctypes
import ipaddress
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

ATTACH_FILTER = 26  # of Linux: SO_ATTACH_FILTER
TCP, UDP, DNS = 6, 17, 53
# Of IPv4, let pass what does not go to 127.0.0.0/8, and questions for names: loads, masks, jumps of a packet filter.
FOR_OTHERS = [
    (0x20, 0, 0, 16), (0x54, 0, 0, 0xFF000000), (0x15, 0, 4, 0x7F000000),
    (0xB1, 0, 0, 0), (0x48, 0, 0, 2), (0x15, 1, 0, DNS), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF),
]  # fmt: skip


def run(*command: str, **settings) -> int:
    """Run a command, say what it and all that it starts wants of others, and return its exit code, or 1."""
    with record() as wanted:
        done = subprocess.run(command, **settings)
    for one in sorted(wanted):
        print(f"it wanted to leave this machine: {one}", file=sys.stderr)
    return done.returncode or int(bool(wanted))


@contextlib.contextmanager
def record() -> Iterator[set[str]]:
    """Yield the set of what a block, and all that it starts, wants of others than this machine."""
    reach_this_machine()
    _lead_all_here()
    found, over = set(), threading.Event()
    watchers = [threading.Thread(target=_watch, args=(_tap(kind), found, over)) for kind in (0x0800, 0x86DD)]
    for watcher in watchers:
        watcher.start()
    try:
        yield found
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()


def reach_this_machine() -> None:
    """Switch 127.0.0.1 on, which is off in a new namespace."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _lead_all_here() -> None:
    """Have packets to every address arrive at this machine, and names be asked for there, where nobody answers."""
    subprocess.run(["ip", "route", "add", "local", "default", "dev", "lo"], check=True)
    subprocess.run(["ip", "-6", "route", "add", "local", "default", "dev", "lo"], capture_output=True)
    folder = Path(tempfile.mkdtemp())
    for file, text in [("/etc/resolv.conf", "nameserver 127.0.0.1\n"), ("/etc/nsswitch.conf", "hosts: files dns\n")]:
        if Path(file).exists():
            (folder / "mine").write_text(text)
            subprocess.run(["mount", "--bind", folder / "mine", Path(file).resolve()], check=True)
            (folder / "mine").unlink()
    shutil.rmtree(folder)


def _tap(kind: int) -> socket.socket:
    """Return a socket that gets each packet of a kind on this machine's own device, of IPv4 only those that matter."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    if kind == 0x0800:
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in FOR_OTHERS))
        tap.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HP", len(FOR_OTHERS), ctypes.addressof(code)))
    tap.bind(("lo", kind))
    tap.settimeout(0.2)
    return tap


def _watch(tap: socket.socket, found: set[str], over: threading.Event) -> None:
    """Note whom packets want, until it is over and none is left."""
    while True:
        try:
            packet = tap.recv(0xFFFF)
        except TimeoutError:
            if over.is_set():
                return
            continue
        if wanted := _describe(packet):
            found.add(wanted)


def _describe(packet: bytes) -> str:
    """Return what a packet wants: the name that it asks for, or the address that it goes to; else nothing."""
    if packet[0] >> 4 == 4:
        protocol, to, rest = packet[9], ipaddress.ip_address(packet[16:20]), packet[4 * (packet[0] & 15) :]
    else:
        protocol, to, rest = packet[6], ipaddress.ip_address(packet[24:40]), packet[40:]
    opens = protocol == UDP or protocol == TCP and rest[13] & 0x12 == 0x02  # TCP: SYN without ACK
    if not opens:
        return ""
    port = struct.unpack(">H", rest[2:4])[0]
    if port == DNS and protocol == UDP:
        return f"look-up of {_read_name(rest[20:])}"
    return "" if to.is_loopback else f"connection to {to} port {port}"


def _read_name(question: bytes) -> str:
    """Return the name in a question to a name server: labels, each after its length, up to an empty one."""
    labels = []
    while question and question[0]:
        labels.append(question[1 : question[0] + 1].decode(errors="replace"))
        question = question[question[0] + 1 :]
    return ".".join(labels)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
