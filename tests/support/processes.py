"""What the tests ask about processes, of which any may end while it is asked."""
import contextlib
import time
from collections.abc import Iterable

import psutil

PATIENCE = 300  # seconds: what is waited for comes much sooner, unless the machine is busy


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


def gone(pids: set[int], within: float = PATIENCE) -> bool:
    """Return whether all processes are gone, or only wait to be collected by their parents, within some seconds."""
    deadline = time.monotonic() + within
    while running(pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not running(pids)


def running(pids: set[int]) -> set[int]:
    """Return those of some processes that still run."""
    found = set()
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.add(pid)
        except psutil.NoSuchProcess:
            pass
    return found


def until(true, within: float = PATIENCE) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
