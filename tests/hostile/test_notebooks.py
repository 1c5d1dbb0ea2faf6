"""Bad days of a notebook: on the worst of them it shows its stored outputs, and nothing is left running.

Other tests hold what is not repeated here: of servers and kernels that are killed test_servers, of
interrupted cells test_memory, of set-ups that break off test_environment, of no network at the set-up test_pack.
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers.notebooks import find_path
from helpers.paths import ROOT
from helpers.setup import groups, venv
from support.bad_days import clone, compare_in, namespaces, other_python, shared, worst_day
from support.copies import outside
from support.processes import until
from support.running import NUMBERS, compare, left_running, to_run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces, which make the bad day, are Linux's")
WORST_DAY = ROOT / "tests" / "support" / "worst_day.py"
PYTHONS = ["3.12", "3.13"]
CORE = [number for number in NUMBERS if number not in groups.NEEDED_BY]


FELT = """
import errno, json, locale, os, socket, sys, time
from pathlib import Path

def fails(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]

locale.setlocale(locale.LC_ALL, "")
print(json.dumps({
    "checkout": fails(Path("new").touch),
    "home": fails(Path.home().joinpath("new").touch),
    "port": fails(socket.create_server, ("127.0.0.1", 8888)),
    "network": fails(socket.create_connection, ("192.0.2.1", 80), 5),
    "this machine": fails(socket.create_server, ("127.0.0.1", 0)),
    "zone": time.strftime("%z", time.localtime(1e9)),
    "comma": locale.localeconv()["decimal_point"],
    "mask": os.umask(0),
}))
"""


def test_the_worst_of_days_is_as_bad_as_it_says(tmp_path):
    """Nothing of what the next test relies on is a promise only."""
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    checkout.mkdir()
    home.mkdir()
    command = [*namespaces("net", "mount"), sys.executable, WORST_DAY, checkout, home, sys.executable, "-c", FELT]
    variables = {**os.environ, **worst_day(3, tmp_path), "HOME": str(home)}
    felt = json.loads(subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout)
    assert felt == {
        "checkout": "EROFS",
        "home": "EROFS",
        "port": "EADDRINUSE",
        "network": "ENETUNREACH",
        "this machine": None,
        "zone": "+1400",
        "comma": "," if (tmp_path / "tr_TR.UTF-8").exists() else ".",
        "mask": 0o077,
    }


@pytest.mark.parametrize("number", CORE)
def test_on_the_worst_of_days_a_notebook_shows_its_stored_outputs(number, tmp_path, tmp_path_factory):
    """All at once: no network, a dead proxy, ports taken, an odd folder, checkout and home read-only, umask 077.

    The language and the zone are others from notebook to notebook.
    """
    cut_off = namespaces("net", "mount")
    project = clone(shared(tmp_path_factory) / "l'été à l'école, 2e année")
    home, workspace = tmp_path / "home", tmp_path / "l'espace de travail"
    home.mkdir()
    before = [*cut_off, sys.executable, WORST_DAY, project, home]
    variables = {**worst_day(int(number), tmp_path), "HOME": str(home)}
    report = compare_in(project, find_path(number), workspace, before=before, **variables)
    assert not report, report
    assert left_running(workspace) == []


def kill(python: Path | str, project: Path, number: str, workspace: Path) -> str:
    """Kill a notebook's kernel in the middle of its run, and return what was done once nothing of it is left."""
    env = outside({"WORKBOOK_WORKSPACE": str(workspace), "PYTHONPATH": str(project)})
    command = [python, "tests/support/killed.py", number]
    killed = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=3600)
    assert killed.returncode == 0, killed.stderr
    until(lambda: not left_running(workspace))
    return killed.stdout


@pytest.mark.parametrize("number", CORE)
def test_run_all_after_the_kernel_was_killed_shows_the_stored_outputs(number, tmp_path, tmp_path_factory):
    """Killed in a cell drawn by chance, under another Python, a notebook starts over as if nothing had been."""
    version = PYTHONS[int(number) % 2]
    python = other_python(version)
    project = clone(shared(tmp_path_factory) / f"course {version}", python)
    killed = kill(project / venv.PYTHON.relative_to(ROOT), project, number, tmp_path)
    report = compare_in(project, find_path(number), tmp_path, python=python, CI="")
    assert not report, killed + report
    assert left_running(tmp_path) == []


@pytest.mark.parametrize("number", to_run([number for number in NUMBERS if number not in CORE]))
def test_run_all_after_a_kill_where_packages_were_added_shows_the_stored_outputs(number, tmp_path):
    """Databases, object stores, Spark's Java and clusters go with the kernel too, and the notebook starts over."""
    killed = kill(sys.executable, ROOT, number, tmp_path)
    report = compare(find_path(number), tmp_path)
    assert not report, killed + report
    assert left_running(tmp_path) == []


def test_two_notebooks_at_once_in_one_workspace_show_their_stored_outputs(tmp_path):
    """Both start in an empty workspace: one prepares it, the other waits; each ends as if it were alone."""
    with ThreadPoolExecutor() as both:
        reports = list(both.map(lambda number: compare(find_path(number), tmp_path), ["07", "09"]))
    assert reports == ["", ""], "".join(reports)
    assert left_running(tmp_path) == []
