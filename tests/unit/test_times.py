"""Which tests run, in which order, and what a run says of its time."""
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

from helpers.paths import ROOT
from support.copies import outside
from support.times import put_long_ones_first

TESTS = """
import pytest

@pytest.mark.hostile
def test_a_bad_day(): pass

def test_a_good_day(): pass
"""


def run(folder, *options: str, **variables: str) -> str:
    """Run two tests with the course's settings, and return what is said."""
    (folder / "support").mkdir()
    for name in ("conftest.py", "support/running.py", "support/times.py"):
        shutil.copy(ROOT / "tests" / name, folder / name)
    (folder / "test_days.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *options, str(folder)]
    command += ["-p", "xdist"] if "-n2" in options else []
    path = os.pathsep.join([str(folder), str(ROOT)])
    env = outside({"CI": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path, **variables})
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True).stdout


def test_bad_days_are_left_out_and_that_is_said(tmp_path):
    """A maintainer gets an answer soon, and knows what it does not cover."""
    said = run(tmp_path)
    assert "1 passed, 1 deselected" in said and "Bad days were left out (" in said and "add --hostile." in said, said


def test_bad_days_run_in_ci(tmp_path):
    """There nothing is left out."""
    said = run(tmp_path, CI="true")
    assert "2 passed" in said and "left out" not in said, said


def test_a_run_ends_with_a_table_of_its_time(tmp_path):
    """Also where several workers share the tests, and bad days were asked for: each kind, with a worker's seconds."""
    said = run(tmp_path, "--hostile", "-n2")
    assert "2 passed" in said and "left out" not in said, said
    assert "where the time went, in seconds of one worker" in said and "2 tests" in said, said


def test_each_worker_starts_with_its_longest():
    """Workers first get as many tests in a row; long ones are dealt out, short ones of a file stay together."""
    names = ["s1", "answered[00]", "s2", "answered[03]", "s3", "answered[09]", "s4", "answered[11]"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    put_long_ones_first(items, workers=2)
    order = [item.nodeid for item in items]
    assert order == ["answered[03]", "answered[11]", "s1", "s2", "answered[09]", "answered[00]", "s3", "s4"]
