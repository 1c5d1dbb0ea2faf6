"""What the tests ask about processes, of which any may end while it is asked."""
import contextlib
from collections.abc import Iterable

import psutil


def family(pid: int) -> set[psutil.Process]:
    """Return a process and all that it has started."""
    process = psutil.Process(pid)
    return {process, *process.children(recursive=True)}


def listening(processes: Iterable[psutil.Process]) -> set[str]:
    """Return the addresses on which processes listen; an IPv4 address within IPv6 as IPv4."""
    found = set()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {c.laddr.ip.removeprefix("::ffff:") for c in process.net_connections() if c.status == "LISTEN"}
    return found


def command_lines(processes: Iterable[psutil.Process]) -> list[str]:
    """Return the command lines of processes."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(" ".join(process.cmdline()))
    return found
