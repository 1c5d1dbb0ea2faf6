"""What work takes: watched from outside, ended above a limit, and answered where it ends well."""
import os
import re
import signal
import subprocess
import sys
import threading
import time

import cloudpickle
import pandas as pd
import psutil
import pytest

from helpers import processes
from support.processes import until

HELD = 300_000_000  # bytes, far above what Python takes by itself
LIMIT = 200_000_000
unix = pytest.mark.skipif(os.name != "posix", reason="the stop button is a signal there")


@pytest.fixture(autouse=True, scope="module")
def as_in_a_notebook():
    """Have this file's functions travel as those of a notebook do, since no child can import it."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def total(values):
    """Return the sum, with a module that this file has imported."""
    return pd.Series(values).sum()


def hold(size, seconds):
    """Hold some bytes for some time."""
    held = bytearray(size)
    time.sleep(seconds)
    return len(held)


def hold_in_a_child(size, seconds):
    """Have a child hold some bytes for some time."""
    code = f"import time; held = b'1' * {size}; time.sleep({seconds})"
    return subprocess.run([sys.executable, "-c", code]).returncode


def fail():
    """Fail as a reader's function may."""
    raise ValueError("no flights in month 13")


def children() -> set[psutil.Process]:
    """Return the processes that this one and its children have started and that still run."""
    found = psutil.Process().children(recursive=True)
    return {process for process in found if process.status() != psutil.STATUS_ZOMBIE}


def interrupt_when(true, within: float = 300) -> threading.Thread:
    """Press the stop button once something is true."""

    def press():
        deadline = time.monotonic() + within
        while not true() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_the_answer_of_a_child_comes_back():
    """A function of the caller's file runs elsewhere with the modules that it uses, and its answer is as here."""
    use = processes.in_a_process(total, [1, 2, 3])
    assert use.answer == 6 and not use.passed
    assert use.seconds > 0 and use.peak > 10_000_000


def test_a_child_above_the_limit_is_killed():
    """It does not run on to its end, and there is no answer."""
    before = children()
    use = processes.in_a_process(hold, HELD, 600, limit=LIMIT)
    assert use.passed and use.answer is None
    assert LIMIT < use.peak < 2 * HELD
    assert children() == before


def test_a_child_below_the_limit_is_left_alone():
    """The limit is for those who pass it."""
    use = processes.in_a_process(hold, 1000, 0.1, limit=4 * LIMIT)
    assert use.answer == 1000 and not use.passed


def test_a_child_that_fails_says_why():
    """The error names the function and ends with the child's last words."""
    with pytest.raises(RuntimeError, match="(?s)^fail failed: .*ValueError: no flights in month 13"):
        processes.in_a_process(fail)


def test_the_memory_of_a_grandchild_counts(monkeypatch):
    """Work that a process hands to a child of its own is seen."""
    monkeypatch.setattr(processes, "_RARELY", 1)  # at every look, as there may be few on a busy machine
    assert processes.in_a_process(hold_in_a_child, HELD, 2).peak > HELD


def test_a_grandchild_is_killed_with_the_child():
    """What passes the limit leaves nothing behind, whoever of the family holds the memory."""
    use = processes.in_a_process(hold_in_a_child, HELD, 600, limit=LIMIT)
    assert use.passed and use.answer is None


def test_a_block_is_watched():
    """Time and peak of another process are noted while a block runs, the peak also where it has passed."""
    with subprocess.Popen([sys.executable, "-c", f"held = b'1' * {HELD}; print(flush=True); del held; input()"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        before = time.perf_counter()
        with processes.watch(child.pid) as use:
            began = time.perf_counter()
            child.stdout.readline()
            until(lambda: use.peak > 10_000_000)
            inside = time.perf_counter() - began
        around = time.perf_counter() - before
        child.communicate(b"\n")
    assert inside < use.seconds < around and not use.passed


def test_watching_ends_with_the_block():
    """No thread looks on once the block has ended, also where it failed."""
    threads = threading.active_count()
    with pytest.raises(ZeroDivisionError), processes.watch(psutil.Process().pid) as use:
        time.sleep(0.1)
        1 / 0  # noqa: B018
    assert threading.active_count() == threads and use.seconds >= 0.1


def test_watching_survives_the_end_of_the_watched(capfd):
    """A process that ends inside the block leaves its peak, and no complaint."""
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child, processes.watch(child.pid) as use:
        until(lambda: use.peak > 1_000_000)
        child.communicate(b"\n")
        time.sleep(0.7)  # for more looks, at a process that is not there any more
    assert capfd.readouterr().err == ""


@unix
@pytest.mark.parametrize("work, family", [(hold, 1), (hold_in_a_child, 2)])
def test_nothing_is_left_after_an_interrupt(work, family):
    """The stop button ends the child and what it has started."""
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    before, seen = children(), set()

    def all_there():
        seen.update(children() - before)
        return len(seen) == family

    button = interrupt_when(all_there)
    try:
        with pytest.raises(KeyboardInterrupt):
            processes.in_a_process(work, 1000, 600)
        button.join()
    finally:
        signal.signal(signal.SIGINT, heard)
    assert len(seen) == family and psutil.wait_procs(seen, timeout=60)[1] == []


def test_children_can_be_left_out():
    """The memory of a process alone is less than that with its child."""
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        with processes.watch(parent.pid) as both, processes.watch(parent.pid, children=False) as alone:
            parent.stdout.readline()
            until(lambda: both.peak > 100_000_000)
        for process in [*psutil.Process(parent.pid).children(), psutil.Process(parent.pid)]:
            process.kill()
    assert 0 < alone.peak < 100_000_000


HOLDER = """
import subprocess, sys
child = [sys.executable, "-c", "held = b'1' * 200_000_000; print('held', flush=True); import time; time.sleep(60)"]
subprocess.Popen(child).wait()
"""


def patient():
    """Work for a while."""
    import os
    import time

    time.sleep(3)
    print("done,", "PATIENCE" in os.environ, os.environ.get("HASTE"), os.listdir())


def impatient():
    """Fail."""
    raise ValueError("no time")


def slow():
    """Take long."""
    import time

    time.sleep(30)


def test_the_seconds_are_shown_while_it_works_and_only_its_own_words_stay(tmp_path, capsys, monkeypatch):
    """It has its own folder and variables, none of ours; the line of the seconds is overwritten."""
    monkeypatch.setenv("HASTE", "ours")
    processes.run(tmp_path / "machine", patient, PATIENCE="its own")
    said = capsys.readouterr().out
    first, second = said.splitlines(keepends=True)[0], said.split("\r")[-1]
    assert first.endswith("machine && python client.py\n") and re.search(r"\rrunning \.\.\. [1-9]\d* s", said)
    assert second == "done, True None ['client.py']\n"


def test_a_failure_is_told_by_how_its_error_ends(tmp_path, capsys):
    """The last of several functions is called; the exception's line is shown, not its traceback."""
    processes.run(tmp_path, patient, impatient)
    assert capsys.readouterr().out.split("\r")[-1] == "it failed: ValueError: no time\n"


def test_what_takes_too_long_is_ended(tmp_path):
    """Nothing that was started is left, as after the stop button."""
    process = processes.start(tmp_path, slow)
    with pytest.raises(subprocess.TimeoutExpired):
        processes.finish(process, timeout=1)
    assert process.returncode and not psutil.pid_exists(process.pid)
