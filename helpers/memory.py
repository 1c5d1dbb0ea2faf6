"""What work takes: the time and the memory of a process and its children, watched while it runs."""
import contextlib
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

PERIOD = 0.05  # seconds between two looks at the memory
RARELY = 20  # looks between two searches for children, which cost far more
CHILD = (
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
def watched(pid: int, limit: float = float("inf"), children: bool = True) -> Iterator[Use]:
    """Note the time and memory of a process, with its children or without, while a block runs.

    What holds more than `limit` bytes is killed, children in any case.
    """
    use, began, over = Use(), time.perf_counter(), threading.Event()
    seen = with_children if children else lambda process: [process]
    watcher = threading.Thread(target=watch, args=(psutil.Process(pid), seen, use, limit, over), daemon=True)
    watcher.start()
    try:
        yield use
    finally:
        use.seconds = time.perf_counter() - began
        over.set()
        watcher.join()


def watch(process: psutil.Process, seen: Callable, use: Use, limit: float, over: threading.Event) -> None:
    """Keep the highest sum of memory until the work is over or passes the limit."""
    family, looks = [], 0
    while not over.wait(PERIOD):
        if looks % RARELY == 0:
            family = seen(process)
        looks += 1
        use.peak = max(use.peak, sum(map(resident, family)))
        if use.peak > limit:
            use.passed = True
            kill(with_children(process))
            return


def kill(processes: list[psutil.Process]) -> None:
    """End processes at once."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def with_children(process: psutil.Process) -> list[psutil.Process]:
    """Return a process, its children and theirs; none once it has ended."""
    with contextlib.suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []


def resident(process: psutil.Process) -> int:
    """Return the bytes of memory that a process holds; 0 once it has ended."""
    with contextlib.suppress(psutil.Error):
        return process.memory_info().rss
    return 0


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

    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    child = subprocess.Popen([sys.executable, "-c", CHILD], **pipes)
    process = psutil.Process(child.pid)
    try:
        with watched(child.pid, limit) as use:
            answer, error = child.communicate(cloudpickle.dumps((function, arguments)))
    finally:
        kill(with_children(process))  # after an interrupt
        child.wait()
    if child.returncode and not use.passed:
        raise RuntimeError(f"{function.__name__} failed: {error.decode(errors='replace')[-500:]}")
    use.answer = None if use.passed else pickle.loads(answer)  # written by our own child
    return use
