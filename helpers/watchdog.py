"""A watchdog: runs a command, and stops it and all that it started when whoever asked for it is gone.

``python -m helpers.watchdog COMMAND ...`` holds the read end of a pipe, its standard
input. The asker holds the other end and never writes: the operating system closes
the pipe when the asker ends, however it ends, and that is the signal to stop.
"""
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import psutil

PERIOD = 0.5  # seconds between two looks at the processes
GRACE = 5.0  # seconds that a process gets to end by itself before it is killed
_DETACHED = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)

_SWEEP = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
_sweepers = []  # kept, as one that nothing refers to would find its pipe closed


def use_temporary_folder() -> None:
    """Have this kernel, and all that it starts, put temporary files into one folder, which goes with the kernel.

    MLflow, Prophet and Kubeflow Pipelines leave some behind each time they work.
    """
    if _sweepers:
        return
    tempfile.tempdir = make_temporary_folder()
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), tempfile.tempdir))


def make_temporary_folder(parent: str | None = None) -> str:
    """Make a folder that goes with this process, and return its path; `parent` is where it lies.

    A small process removes it when the pipe to it is closed, which the system does however this process ends.
    """
    folder = tempfile.mkdtemp(prefix="workbook-", dir=parent)
    system = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    command = [sys.executable, "-I", "-S", "-c", _SWEEP, folder]
    settings = {"stdin": subprocess.PIPE, "env": system, "start_new_session": True, "creationflags": _DETACHED}
    _sweepers.append(subprocess.Popen(command, **settings))
    return folder


def spawn(command: list[str], log: IO[bytes], env: dict[str, str], folder: Path | None = None) -> subprocess.Popen:
    """Start `command` under a watchdog that stops it when this process is gone; what both print goes to `log`."""
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.watchdog", *command],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=folder,
        start_new_session=True,  # an interrupt of the asker must not reach the command
        creationflags=_DETACHED,  # the same on Windows
    )


def dismiss(watchdog: subprocess.Popen) -> None:
    """Have a watchdog stop what it guards, and wait for it."""
    family = descendants_of(watchdog)
    watchdog.stdin.close()
    try:
        watchdog.wait(2 * GRACE + 2)
    except subprocess.TimeoutExpired:
        watchdog.kill()
        watchdog.wait()
    stop(family)


def descendants_of(watchdog: subprocess.Popen) -> set[psutil.Process]:
    """Return the processes that a watchdog guards now; none once it has ended."""
    return descendants([psutil.Process(watchdog.pid)]) if watchdog.poll() is None else set()


def guard(command: list[str]) -> int:
    """Run `command` until it ends or the asker is gone, and leave none of its processes behind.

    Returns
    -------
    int
        The exit code of `command`.
    """
    gone = threading.Event()
    threading.Thread(target=_wait_for_the_end_of_input, args=(gone,), daemon=True).start()
    asker = os.getppid()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    family = {psutil.Process(child.pid)}
    try:
        # The second question is for Unix, where a forked copy of the asker may keep the pipe open.
        while child.poll() is None and not gone.wait(PERIOD) and os.getppid() == asker:
            family = {process for process in family if process.is_running()}  # a database has had many
            family |= descendants(family)
    finally:
        stop(family | descendants(family))
    return child.wait()


def _wait_for_the_end_of_input(gone: threading.Event) -> None:
    """Set `gone` when standard input ends."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    gone.set()


def descendants(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Return the children of these processes, their children and so on; processes that ended have none."""
    children = defaultdict(set)
    for process in psutil.process_iter():  # one look at all is cheaper than one for each of these
        with contextlib.suppress(psutil.Error):
            children[process.ppid()].add(process)
    found, parents = set(), {process for process in processes if process.is_running()}
    while parents:
        parents = set().union(*(children[process.pid] for process in parents)) - found
        found |= parents
    return found


def find_at_work(workspace: Path) -> set[psutil.Process]:
    """Return the processes that were started for a workspace, this one among them where it was."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or belongs to another user
            if process.environ().get("WORKBOOK_WORKSPACE") == str(workspace):
                found.add(process)
    return found


def stop(processes: Iterable[psutil.Process], grace: float = GRACE) -> None:
    """Ask processes to end, and kill those that are still there after `grace` seconds."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, timeout=grace)
    kill(set(stubborn) | descendants(stubborn))
    psutil.wait_procs(stubborn, timeout=grace)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes at once."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _leave(number: int, frame: object) -> None:
    """End in an orderly way when the watchdog itself is asked to end."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(guard(sys.argv[1:]))
