"""Signs of progress: alive while the work lasts, the same words each time at its end."""
import re

import pytest

from helpers import progress
from support.processes import until


def ticked(capsys) -> str:
    """Wait until the clock shows a second or more, and return what was printed up to there."""
    said = []

    def shown() -> bool:
        said.append(capsys.readouterr().out)
        return bool(re.search(r"\rtrain \.\.\. [1-9]\d* s", "".join(said)))

    until(shown)
    return "".join(said)


def test_a_bar_ends_without_clock_times(capsys):
    """What a finished bar shows depends on the number of items alone."""
    assert list(progress.bar([1, 2], "fits")) == [1, 2]
    assert capsys.readouterr().out.split("\r")[-1] == f"fits: 100% |{'#' * 30}| 2/2\n"


def test_a_clock_ticks_and_then_says_that_the_work_is_done(capsys):
    """The seconds are shown meanwhile and leave no trace in the last line."""
    with progress.clock("train"):
        ticked(capsys)
    said = capsys.readouterr().out
    assert said.split("\r")[-1].rstrip() == "train: done" and said.endswith("\n")


def test_a_clock_ticks_while_the_work_is_kept_from_printing(capsys):
    """A library's own output may go elsewhere meanwhile; the seconds do not."""
    import contextlib
    import io

    with progress.clock("train"), contextlib.redirect_stdout(io.StringIO()) as kept:
        ticked(capsys)
    assert kept.getvalue() == ""


def test_a_stored_clock_is_one_line_that_repeats(capsys):
    """Whether the work took long or not, the same characters are compared, the blanks at the end too."""
    for long in (False, True):
        with progress.clock("train"):
            said = ticked(capsys) if long else ""
        assert stored(said + capsys.readouterr().out) == "train: done     \n"


def test_ticking_leaves_no_trace_once_something_else_is_printed(capsys):
    """The seconds are shown, wiped off a screen, and not stored with what comes next."""
    for long in (False, True):
        with progress.ticking("train"):
            said = ticked(capsys) if long else ""
        said += capsys.readouterr().out
        assert stored(f"before\n{said}after\n") == "before\nafter\n"
        assert said.endswith(f"\r{' ' * 17}\r")


def stored(text: str) -> str:
    """Return what a notebook stores of a text, as its runner and the comparison of outputs have it."""
    from nbval.plugin import carriagereturn_pat

    return carriagereturn_pat.sub("", text)


def test_a_clock_says_that_the_work_has_failed(capsys):
    """An error goes on, and the line does not claim that all went well."""
    with pytest.raises(ValueError), progress.clock("train"):
        raise ValueError
    assert capsys.readouterr().out.split("\r")[-1].rstrip() == "train: failed"


def test_a_clock_leaves_no_thread_behind():
    """Its thread ends with the work."""
    import threading

    before = threading.active_count()
    with progress.clock("train"):
        pass
    assert threading.active_count() == before
