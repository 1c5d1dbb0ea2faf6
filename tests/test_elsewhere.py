"""Functions of a notebook in a process of their own: what they get, what is shown meanwhile, and what is left."""
import subprocess

import psutil
import pytest

from helpers import elsewhere


def patient():
    """Work for a while."""
    import os
    import time

    time.sleep(1.3)
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
    elsewhere.run(tmp_path / "machine", patient, PATIENCE="its own")
    said = capsys.readouterr().out
    first, second = said.splitlines(keepends=True)[0], said.split("\r")[-1]
    assert first.endswith("machine && python client.py\n") and "\rrunning ... 1 s" in said
    assert second == "done, True None ['client.py']\n"


def test_a_failure_is_told_by_how_its_error_ends(tmp_path, capsys):
    """The last of several functions is called; the exception's line is shown, not its traceback."""
    elsewhere.run(tmp_path, patient, impatient)
    assert capsys.readouterr().out.split("\r")[-1] == "it failed: ValueError: no time\n"


def test_what_takes_too_long_is_ended(tmp_path):
    """Nothing that was started is left, as after the stop button."""
    process = elsewhere.start(tmp_path, slow)
    with pytest.raises(subprocess.TimeoutExpired):
        elsewhere.finish(process, timeout=1)
    assert process.returncode and not psutil.pid_exists(process.pid)
