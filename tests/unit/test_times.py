"""Which tests run, in which order, and what a run says of its time."""
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

from helpers.paths import COURSE, ROOT
from support.copies import outside
from support.times import put_long_ones_first
from support.turns import has_more_passes, has_turn

TESTS = """
import pytest

@pytest.mark.hostile
def test_a_bad_day(): pass

def test_a_good_day(): pass
"""


def run(folder, *options: str, tests: str = TESTS, **variables: str) -> str:
    """Run some tests with the course's settings, and return what is said."""
    (folder / "support").mkdir()
    for name in ("conftest.py", "support/running.py", "support/times.py", "support/turns.py"):
        shutil.copy(ROOT / "tests" / name, folder / name)
    (folder / "test_days.py").write_text(tests)
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
    """None is left out but those whose turn comes on another day, and that is said."""
    said = run(tmp_path, "--day", "2026-11-28", CI="true")
    assert "2 passed" in said and "left out" not in said, said
    assert "--day 2026-11-28 repeats those of today, --day all does all." in said, said


def test_a_run_ends_with_a_table_of_its_time(tmp_path):
    """Also where several workers share the tests, and bad days were asked for: each kind, with a worker's seconds."""
    said = run(tmp_path, "--hostile", "-n2")
    assert "2 passed" in said and "left out" not in said, said
    assert "where the time went, in seconds of one worker" in said and "2 tests" in said, said


NUMBERS = ["01", "02", "03", "04", "05"]
TURNS = f"""
import pytest

@pytest.mark.in_turn
@pytest.mark.parametrize("number", {NUMBERS})
def test_a_pass(number): pass

@pytest.mark.in_turn("03")
def test_another(): pass
"""


def test_the_longest_notebook_has_more_passes_only_where_all_have():
    """On its own day it has one, as others have on theirs; a run of all leaves none out."""
    assert not has_more_passes("12", "2026-11-28") and has_turn("12", "2026-11-28")
    assert has_more_passes("07", "2026-11-28") and has_more_passes("12", "all")


def test_each_notebook_has_its_turn_every_fifth_day(tmp_path):
    """With ``all`` each has it at once."""
    days = ["2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02"]
    assert sorted(number for day in days for number in COURSE if has_turn(number, day)) == sorted(COURSE)
    for day, turns in [(days[0], [number for number in NUMBERS if has_turn(number, days[0])]), ("all", NUMBERS)]:
        (folder := tmp_path / day).mkdir()
        said = run(folder, "--hostile", "--day", day, tests=TURNS)
        assert re.findall(r"test_a_pass\[(\d+)\] PASSED", said) == turns
        assert ("test_another PASSED" in said) == ("03" in turns)


def test_each_worker_starts_with_its_longest():
    """Workers first get as many tests in a row; long ones are dealt out, short ones of a file stay together."""
    names = ["s1", "answered[00]", "s2", "answered[03]", "s3", "answered[09]", "s4", "answered[11]"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    put_long_ones_first(items, workers=2)
    order = [item.nodeid for item in items]
    assert order == ["answered[11]", "answered[09]", "s1", "s2", "answered[03]", "answered[00]", "s3", "s4"]
