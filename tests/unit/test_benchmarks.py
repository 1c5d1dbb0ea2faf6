"""The table of speed: its ratios are of times of one run, and it tells where a notebook's time goes."""
import shutil
import subprocess
import sys
import time

import pandas as pd
import pytest

from helpers.paths import ROOT
from rows import Row, markdown
from support.copies import LEFT_OUT, outside

COMMAND = [sys.executable, "tests/benchmarks/all.py"]
CELL = """
import time
from sklearn.linear_model import LogisticRegression

end = time.perf_counter() + 0.5
while time.perf_counter() < end:
    LogisticRegression().fit([[0.0], [1.0]] * 50, [0, 1] * 50)
time.sleep(0.5)
"""
FINE = """
import os
from rows import Row
os.environ["WORKBOOK_WORKSPACE"] = os.path.join(os.environ["WORKBOOK_WORKSPACE"], "own")
from helpers import paths

def lab_rows(quick):
    return [Row("lab", "a start", 1.0, "another", 2.0, note=paths.WORKSPACE.name)]
"""
SAMPLED = f"""
import sys
sys.path.insert(0, "tests/benchmarks")
import sampler
sampler.start()
exec(compile({CELL!r}, "/tmp/ipykernel_1/1.py", "exec"), {{}})
print(*(f"{{kind}}|{{where}}|{{spent}}" for kind, where, spent in sampler.report()), sep="\\n")
"""


def run(command: list[str], workspace, project=ROOT) -> subprocess.CompletedProcess:
    """Run a Python program in the project's folder, as a maintainer does."""
    env = outside({"WORKBOOK_WORKSPACE": str(workspace)})
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=1800)


def test_the_parts_asked_for_are_measured_in_this_run_and_written(tmp_path):
    """Each row has its ratio, of two times that lie within the run, on the screen and in both files."""
    began = time.perf_counter()
    done = run([*COMMAND, "--quick", "lab", "drift"], tmp_path)
    elapsed = time.perf_counter() - began
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    written = (tmp_path / "benchmarks" / "table.md").read_text(encoding="utf-8")
    assert written.strip() in done.stdout and "rough" in written

    table = pd.read_csv(tmp_path / "benchmarks" / "table.csv")
    assert table["part"].tolist() == ["lab", "drift", "drift"]
    assert table["ratio"].to_numpy() == pytest.approx((table["ours"] / table["theirs"]).to_numpy())
    assert (table[["ours", "theirs"]] > 0).all(axis=None)
    assert table[["ours", "theirs"]].sum(axis=None) < elapsed


def test_a_part_that_is_not_there_is_named_beside_those_that_are(tmp_path):
    """A slip of the pen ends with the parts to choose from, before anything is measured."""
    done = run([*COMMAND, "lab", "labs"], tmp_path)
    assert done.returncode == 2
    assert "there is no part labs: choose of setup, lab, notebooks" in done.stderr
    assert not (tmp_path / "benchmarks").exists()


def test_a_part_that_fails_does_not_cost_the_others(tmp_path):
    """Where one ends in an error, the next is measured, in a workspace of its own choice, and the exit code tells."""
    copy = tmp_path / "project"
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=LEFT_OUT)
    shutil.copytree(ROOT / "helpers", copy / "helpers", ignore=LEFT_OUT)
    (copy / "tests" / "benchmarks" / "year_speed.py").write_text("def replay_rows(quick):\n    raise OSError('full')")
    (copy / "tests" / "benchmarks" / "setup_time.py").write_text(FINE)
    done = run([*COMMAND, "replay", "lab"], tmp_path, copy)
    assert done.returncode == 1 and "OSError: full" in done.stderr and "failed: replay" in done.stderr
    table = pd.read_csv(tmp_path / "benchmarks" / "table.csv")
    assert table["part"].tolist() == ["lab"] and table["note"].tolist() == ["own"]


def test_a_ratio_tells_how_many_times_as_long_we_take():
    """Of times it is ours over theirs, of rates the inverse, so that below 1 we are always faster."""
    assert Row("a", "b", 3.0, "c", 2.0).ratio == 1.5
    fast = Row("a", "b", 300.0, "c", 100.0, "rows/s", goal=0.4, note="steady")
    assert fast.ratio == pytest.approx(1 / 3)
    assert "| 0.333 | at most 0.4: holds |" in markdown([fast]) and "- a, b: steady" in markdown([fast])
    assert "DOES NOT HOLD" in markdown([Row("a", "b", 300.0, "c", 100.0, "s", goal=0.4)])


def test_time_in_a_notebook_counts_for_the_library_or_for_us(tmp_path):
    """A cell's imports, its fits and its own waiting are told apart, and their sum is within the run."""
    began = time.perf_counter()
    done = run([sys.executable, "-c", SAMPLED], tmp_path)
    elapsed = time.perf_counter() - began
    assert done.returncode == 0, done.stderr
    spent = {tuple(line.split("|")[:2]): float(line.split("|")[2]) for line in done.stdout.split("\n") if line}
    assert spent.keys() >= {("imports", ""), ("scikit-learn", ""), ("ours", "a cell")}
    assert 0 < sum(spent.values()) < elapsed
    assert all(spent[kind] > 0.02 for kind in [("scikit-learn", ""), ("ours", "a cell")])
