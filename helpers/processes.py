"""Functions run in a process of their own, with its time and memory.

`in_a_process` carries a function with all that it refers to, and brings its answer back;
`run` makes a program of functions, as one would copy them to another machine, and shows what it prints.
"""
import contextlib
import inspect
import os
import pickle
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

import psutil

from helpers import progress, servers, watchdog
from helpers.setup.variables import QUIET

_SYSTEM = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME", "USERPROFILE", "LANG", "LC_ALL")  # what programs need
_PERIOD = 0.05  # seconds between two looks at the memory
_RARELY = 20  # looks between two searches for children, which cost far more
_CHILD = (
    "import sys, cloudpickle; function, arguments = cloudpickle.load(sys.stdin.buffer); "
    "cloudpickle.dump(function(*arguments), sys.stdout.buffer)"
)


@dataclass
class Use:
    """What work took.

    Attributes
    ----------
    seconds : float
        How long it ran.
    peak : float
        The most bytes of memory that its processes held at one time.
    passed : bool
        Whether it passed the limit and was ended.
    answer : object
        What the work returned, where it ran in a process of its own to its end.
    """

    seconds: float = 0.0
    peak: float = 0.0
    passed: bool = False
    answer: object = None


@contextlib.contextmanager
def watch(pid: int, limit: float = float("inf"), children: bool = True) -> Iterator[Use]:
    """Note the time and memory of a process, with its children or without, while a block runs.

    What holds more than `limit` bytes is killed, children in any case.
    """
    use, began, over = Use(), time.perf_counter(), threading.Event()
    watcher = threading.Thread(target=_look_on, args=(psutil.Process(pid), children, use, limit, over), daemon=True)
    watcher.start()
    try:
        yield use
    finally:
        use.seconds = time.perf_counter() - began
        over.set()
        watcher.join()


def _look_on(process: psutil.Process, children: bool, use: Use, limit: float, over: threading.Event) -> None:
    """Keep the highest sum of memory until the work is over or passes the limit."""
    family, looks = [], 0
    while not over.wait(_PERIOD):
        if looks % _RARELY == 0:
            family = with_children(process) if children else [process]
        looks += 1
        use.peak = max(use.peak, sum(map(_resident, family)))
        if use.peak > limit:
            use.passed = True
            watchdog.kill(with_children(process))
            return


def with_children(process: psutil.Process) -> list[psutil.Process]:
    """Return a process, its children and theirs; none once it has ended."""
    with contextlib.suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []


def _resident(process: psutil.Process) -> int:
    """Return the bytes of memory that a process holds; 0 once it has ended."""
    with contextlib.suppress(psutil.Error):
        return process.memory_info().rss
    return 0


@contextlib.contextmanager
def _ending(child: subprocess.Popen) -> Iterator[None]:
    """Kill a child and what it has started when a block ends, also by an interrupt of the kernel."""
    try:
        yield
    finally:
        started = watchdog.descendants_of(child)
        child.kill()
        watchdog.kill(started)
        child.communicate()


def in_a_process(function: Callable, *arguments: object, limit: float = float("inf")) -> Use:
    """Run a function in a process of its own, which is killed when it holds more than `limit` bytes.

    Parameters
    ----------
    function : callable
        It may stand in a notebook, and prints nothing.
    arguments : objects
        What it is called with.
    limit : float
        Bytes of memory.

    Raises
    ------
    RuntimeError
        If the function fails; the message ends with the last lines of its error.
    """
    import cloudpickle

    child = subprocess.Popen([sys.executable, "-c", _CHILD], stdin=PIPE, stdout=PIPE, stderr=PIPE)
    with _ending(child), watch(child.pid, limit) as use:
        answer, error = child.communicate(cloudpickle.dumps((function, arguments)))
    if child.returncode and not use.passed:
        raise RuntimeError(f"{function.__name__} failed: {error.decode(errors='replace')[-500:]}")
    use.answer = None if use.passed else pickle.loads(answer)  # written by our own child
    return use


def run(folder: Path, *functions: Callable, **variables: str) -> None:
    """Start functions as a program in a folder, as `start` does, and wait for them."""
    print(f"$ cd {servers.format_command([str(folder)])} && python client.py", flush=True)
    finish(start(folder, *functions, **variables))


def start(folder: Path, *functions: Callable, **variables: str) -> subprocess.Popen:
    """Write functions of a notebook to ``client.py`` in a folder, and start it there: it calls the last of them.

    Parameters
    ----------
    folder : Path
        Where it runs; made where it is missing.
    functions : callables
        They import what they use: nothing else of the notebook goes with them.
    variables : str
        Its environment, beside what every program needs and what keeps libraries quiet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = "\n\n".join(inspect.getsource(function) for function in functions)
    (folder / "client.py").write_text(f"{source}\n\n{functions[-1].__name__}()\n", encoding="utf-8")
    env = {name: os.environ[name] for name in _SYSTEM if name in os.environ} | QUIET
    where = {"cwd": folder, "env": {**env, "PYTHONUTF8": "1", **variables}, "text": True, "encoding": "utf-8"}
    return subprocess.Popen([sys.executable, "client.py"], stdin=DEVNULL, stdout=PIPE, stderr=PIPE, **where)


def finish(child: subprocess.Popen, timeout: float = 600) -> None:
    """Wait for a program, showing the seconds, and print what it printed; where it failed, how its error ends too.

    Raises
    ------
    subprocess.TimeoutExpired
        If it works for longer than `timeout` seconds; it is killed then.
    """
    with _ending(child), progress.ticking("running"):
        output, error = child.communicate(timeout=timeout)
    print(output, end="")
    if child.returncode:
        print(f"it failed: {_find_reason(error)}")


def _find_reason(error: str) -> str:
    """Return how a traceback ends: the line that names the exception and the one after it."""
    lines = error.splitlines()
    named = [place for place, line in enumerate(lines) if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return " ".join(lines[named[-1] : named[-1] + 2]) if named else error.strip()[-300:]
