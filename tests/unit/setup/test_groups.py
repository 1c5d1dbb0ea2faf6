"""Groups of packages: added by the real command to copies of the project, kept, renewed, and asked for."""
import json
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from helpers import __main__ as commands
from helpers.paths import ROOT
from helpers.setup import doctor, environment, groups, isolated, packages, variables, venv
from support import running
from support.copies import CLOSED, NO_NETWORK, call, copied_group, outside, start, tiny

DONE = "Everything is there for small: python -m helpers lab\nIn a notebook that is open, restart the kernel.\n"
MODELS = {"mlflow", "scikit-learn", "numpy", "scipy", "pandas", "pyarrow", "skops"}
SUPPORT = [path.relative_to(ROOT) for path in (ROOT / "tests" / "support").glob("*.*")]
NOTHING_TO_DO = "Everything is set up: python -m helpers lab\n"


def has(project: Path, package: str) -> str:
    """Return the version of a package in a copy's environment, if its code can be imported."""
    code = f"import {package}, importlib.metadata as m; print(m.version({package!r}))"
    python = project / venv.PYTHON.relative_to(ROOT)
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True).stdout.strip()


def test_group_is_added_once_and_kept_through_changes(tmp_path):
    """Two calls at once add it once; a change of the core, of the group, and a move of the folder keep it."""
    project = copied_group(tiny(tmp_path / "cours d'été"), "small", "roman==5.1")
    both = [start(project, "add", "small"), start(project, "add", "small")]
    said = [process.communicate(timeout=600)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("Adding the group 'small'" in text for text in said) == [False, True]
    assert has(project, "roman") == "5.1"
    again = call(project, "add", "small", **NO_NETWORK)
    assert (again.returncode, again.stdout) == (0, DONE)

    with (project / "requirements.txt").open("a") as file:
        file.write("six\n")
    assert call(project, "setup").returncode == 0
    assert has(project, "six") and has(project, "roman")
    assert call(project, "add", "small", **NO_NETWORK).stdout == DONE

    copied_group(project, "small", "roman==5.1", "toolz==1.0.0")
    changed = call(project, "setup")
    assert "Adding the group 'small'" in changed.stdout and "[3/3]" not in changed.stdout
    assert has(project, "toolz") == "1.0.0"

    moved = project.rename(tmp_path / "elsewhere")
    assert "Adding the group 'small'" in call(moved, "setup").stdout
    assert has(moved, "roman") and has(moved, "toolz")
    shutil.rmtree(moved / "requirements")
    assert call(moved, "setup", **NO_NETWORK).stdout == NOTHING_TO_DO


def test_failure_leaves_the_core_usable_and_the_next_call_repairs(tmp_path):
    """Without a network the remedy is told and the rest works on; pip stands in for uv; half a package is renewed."""
    project = copied_group(tiny(tmp_path / "project"), "small", "roman==5.1")
    assert call(project, "setup").returncode == 0
    failed = call(project, "add", "small", **NO_NETWORK, UV_CACHE_DIR=str(tmp_path / "uv"))
    assert failed.returncode == 1 and "Traceback" not in failed.stderr
    assert "the package index cannot be reached: connect to the network" in failed.stderr
    assert "The rest of the course works without the group: `python -m helpers add small` tries" in failed.stderr
    assert call(project, "setup", **NO_NETWORK).stdout == NOTHING_TO_DO

    nowhere = {"UV_DEFAULT_INDEX": CLOSED, "UV_INDEX": "", "UV_HTTP_RETRIES": "0", "UV_CACHE_DIR": str(tmp_path / "uv")}
    done = call(project, "add", "small", **nowhere)
    assert done.returncode == 0, done.stderr
    assert "uv cannot install here" in done.stdout and has(project, "roman") == "5.1"

    made_from = project / venv.STAMP.relative_to(ROOT)  # as the power cut leaves it
    made_from.write_text(re.sub("^small .*", f"small {venv.HALF}", made_from.read_text(), flags=re.MULTILINE))
    next(made_from.parent.glob("**/roman.py")).unlink()
    assert not has(project, "roman")
    assert call(project, "setup").stdout == NOTHING_TO_DO
    assert "Adding the group 'small'" in call(project, "add", "small").stdout
    assert has(project, "roman") == "5.1"


def test_group_under_way_counts_as_missing(made_up, monkeypatch):
    """What is half installed is not asked package by package."""
    made_up("pytest")
    assert groups.find_missing("made-up") == []
    monkeypatch.setattr(venv, "is_active", lambda: True)
    monkeypatch.setattr(venv, "read", lambda: {"made-up": venv.HALF})
    assert groups.find_missing("made-up") == ["pytest"]


def test_unknown_group_is_told_which_there_are(tmp_path):
    """A name that no group has, and no name, list the groups with what each is for."""
    workspace = {"WORKBOOK_WORKSPACE": os.environ["WORKBOOK_WORKSPACE"]}
    unknown, without = call(ROOT, "add", "party", **workspace), call(ROOT, "add", **workspace)
    assert (unknown.returncode, without.returncode) == (2, 0)
    assert "there is no group 'party'. There are:\n" in unknown.stderr
    for group in groups.names():
        line = re.compile(rf"^  {group} +{re.escape(groups.purpose(group))}$", re.MULTILINE)
        assert line.search(unknown.stderr) and line.search(without.stdout)


def test_lock_renews_groups_around_the_pins_of_the_core(tmp_path):
    """A group's lock holds what it adds, fitting to older pins of the core; what was pinned before stays."""
    project = copied_group(tiny(tmp_path, "uv", "six"), "small", "python-dateutil<3", "roman", lock="roman==5.1\n")
    uv = re.search(r"^uv==.*", packages.LOCK.read_text(), re.MULTILINE)[0]
    (project / "requirements.lock").write_text(f"six==1.16.0\n{uv}\n")
    assert call(project, "lock").returncode == 0
    assert (project / "requirements.lock").read_text() == f"six==1.16.0\n{uv}\n"
    assert (project / "project" / "constraints.txt").read_text() == f"six==1.16.0\n{uv}\n"
    assert (project / "requirements" / "small.lock").read_text() == "python-dateutil==2.9.0.post0\nroman==5.1\n"


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """Return a function that makes a group in a folder of its own, the only one there is."""
    monkeypatch.setattr(groups, "FOLDER", tmp_path / "requirements")
    monkeypatch.setattr(groups, "NEEDED_BY", {"77": "made-up"})
    return lambda *named: copied_group(tmp_path, "made-up", *named)


def test_need_names_the_command(made_up):
    """A notebook whose group is not installed says what to run; packages of other systems are not asked for."""
    made_up("pytest==1", "pywin32==1; sys_platform == 'commodore'")
    groups.need("made-up")
    made_up("pytest==1", "nobody-made-this[extra]==1  # a reason")
    expected = "this notebook needs the group 'made-up': run `python -m helpers add made-up` in the project's folder, "
    with pytest.raises(ImportError, match=re.escape(f"{expected}then restart the kernel (not installed: nobody-")):
        groups.need("made-up")
    with pytest.raises(ValueError, match="there is no group 'party': choose one of made-up"):
        groups.need("party")


def test_doctor_tells_what_a_group_lacks(made_up):
    """An absent group is no fault; packages at other versions are a warning; what is whole is fine."""
    made_up("nobody-made-this==1")
    absent = doctor.check_group("made-up")
    assert (absent.level, absent.remedy) == ("optional", "only for notebook 77: python -m helpers add made-up")
    assert absent.what == "the group made-up is not installed (nobody-made-this)"
    made_up("pytest==1.0")
    assert doctor.check_group("made-up").level == "warning" and "pytest is " in doctor.check_group("made-up").what
    made_up(f"pytest=={pytest.__version__}")
    assert str(doctor.check_group("made-up")) == "ok       the group made-up is installed, for notebook 77"


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", "1 passed, 1 skipped"), ("0", "1 passed, 1 skipped"), ("true", "1 passed, 1 error")]
)
def test_tests_of_an_absent_group_skip_with_the_command_and_fail_in_ci(tmp_path, ci, outcome):
    """A reader without the group sees why a test is skipped; in CI nothing is."""
    project = copied_group(tiny(tmp_path), "made-up", "nobody-made-this==1")
    (project / "tests" / "support").mkdir(parents=True)
    for name in [Path("tests", "conftest.py"), *SUPPORT]:
        shutil.copy(ROOT / name, project / name)
    code = "import pytest\n@pytest.mark.needs_group('made-up')\ndef test_a(): pass\ndef test_b(): pass\n"
    (project / "tests" / "test_a.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-rs", "-o", "addopts=", "-p", "no:cacheprovider"]
    env = outside({"CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    said = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True).stdout
    assert outcome in said, said
    assert "the group made-up is not installed (no nobody-made-this): `python -m helpers test --group made-up`" in said


def test_notebooks_run_with_the_group_that_they_need():
    """The tests that run a notebook carry the mark of its group."""
    without, given = running.to_run(["02", "13"])
    assert [mark.args for mark in given.marks] == [("architectures",)] and list(without.marks) == []
    assert set(groups.NEEDED_BY.values()) <= set(groups.names())


@pytest.fixture
def beside(tmp_path):
    """Return a copy of the project with a group that lives apart, on another version than the core's."""
    project = copied_group(tiny(tmp_path / "cours d'été", "uv", "roman==5.1", "ipykernel"), "small", "roman==5.2")
    file = project / "requirements" / "small.txt"
    file.write_text(file.read_text().replace("-c ../requirements.lock\n", "") + "ipykernel\n-e .\n")
    return project


def test_a_group_apart_has_an_environment_and_a_kernel_of_its_own(beside):
    """Both versions are there side by side; a lost environment comes back; locks hold all of it."""
    assert call(beside, "add", "small").returncode == 0
    assert has(beside, "roman") == "5.1"
    kernels = beside / ".venv/share/jupyter/kernels"
    spec, usual = (json.loads((kernels / name / "kernel.json").read_text()) for name in ("small", "python3"))
    ask = "import roman, helpers, importlib.metadata as m; print(m.version('roman'), helpers.__file__)"
    said = subprocess.run([spec["argv"][0], "-c", ask], env=outside({}), capture_output=True, text=True, cwd="/").stdout
    assert said.split(" ", 1) == ["5.2", f"{beside / 'helpers' / '__init__.py'}\n"]
    assert (spec["argv"][1:3], spec["display_name"]) == (["-m", "ipykernel_launcher"], "Workbook: small")
    assert variables.QUIET.items() <= spec["env"].items(), "nothing leaves this machine also before helpers is imported"
    assert spec["metadata"] == usual["metadata"], "messages that go encrypted to one kernel do so to the other"
    assert call(beside, "add", "small", **NO_NETWORK).stdout == DONE

    shutil.rmtree(beside / ".venv-small")
    assert "Adding the group 'small'" in call(beside, "add", "small").stdout
    assert call(beside, "lock").returncode == 0
    pins = (beside / "requirements" / "small.lock").read_text().splitlines()
    assert "roman==5.2" in pins and any(pin.startswith("ipykernel==") for pin in pins)


def test_need_names_the_kernel_of_a_group_apart(made_up, monkeypatch, tmp_path):
    """In another kernel a notebook says which to choose, and the command where that is not there yet."""
    file = made_up("pytest==1") / "requirements" / "made-up.txt"
    file.write_text(file.read_text().replace("-c ../requirements.lock\n", ""))
    monkeypatch.setattr(groups, "ROOT", tmp_path)
    kernel = r"choose the kernel 'Workbook: made-up' \(Kernel > Change Kernel\)"
    with pytest.raises(ImportError, match=f"add made-up` in the project's folder, then {kernel}"):
        groups.need("made-up")
    [folder] = groups.find_places("made-up")
    Path(folder, "pytest-1.dist-info").mkdir(parents=True)
    Path(folder, "pytest-1.dist-info", "METADATA").write_text("Name: pytest\nVersion: 1\n")
    with pytest.raises(ImportError, match=f"which are there: {kernel}"):
        groups.need("made-up")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv-made-up"))
    monkeypatch.setattr(sys, "path", [folder])
    groups.need("made-up")


def test_cpu_builds_are_asked_for(monkeypatch):
    """PyTorch comes for CPUs: from the wheels that pip was told of, else by uv's own knowledge of its index."""
    monkeypatch.setattr(packages, "uv_settings", lambda: {"UV_FIND_LINKS": "there"})
    told = {"UV_FIND_LINKS": "there"}
    assert isolated.list_cpu_settings() == [told, told | {"UV_TORCH_BACKEND": "cpu"}]
    monkeypatch.setattr(packages, "uv_settings", dict)
    assert isolated.list_cpu_settings() == [{"UV_TORCH_BACKEND": "cpu"}]


def test_a_run_can_be_limited_to_a_group(tmp_path):
    """`test --group NAME` runs the tests that carry the group's mark, and no other."""
    core = "pytest", "hypothesis", "nbformat", "psutil", "requests"
    project = copied_group(tiny(tmp_path, *core), "made-up", "roman==5.1")
    (project / "tests" / "support").mkdir(parents=True)
    for name in [Path("tests", "conftest.py"), *SUPPORT]:
        shutil.copy(ROOT / name, project / name)
    code = "import pytest\n@pytest.mark.needs_group('made-up')\ndef test_a(): import roman\ndef test_b(): assert 0\n"
    (project / "tests" / "test_a.py").write_text(code)
    said = call(project, "test", "--group", "made-up", "-q", "-o", "addopts=").stdout
    assert "1 passed, 1 deselected" in said, said


@pytest.mark.parametrize(("ci", "added"), [("true", groups.names()), *((no, []) for no in ("", "0", "false", "No"))])
def test_in_ci_the_tests_run_with_every_group(monkeypatch, ci, added):
    """Only the machine that tests everything installs everything."""
    asked = []
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(environment, "prepare", lambda *names: asked.extend(names))
    monkeypatch.setattr(environment, "continue_as", lambda *command: 0)
    assert commands.run_tests(Namespace(passed_on=[])) == 0
    assert asked == added


@pytest.mark.parametrize("group", groups.names())
def test_group_is_complete(group):
    """It says what it is for and its size; its lock pins what it names, and the core's only where it lives apart."""
    assert re.fullmatch(r"(Notebooks? \d\d.*|Maintainers|Instructors): .+, \d+ MB\.", groups.purpose(group))
    assert groups.purpose(group).lower().startswith(groups.name_users(group))
    requirements, lock = (path.read_text(encoding="utf-8") for path in groups.files(group))
    pins, core = lock.splitlines(), packages.LOCK.read_text(encoding="utf-8").splitlines()
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[\w.+]+( ; [\w '.<>=!()]+)?", line)] == []
    named = re.findall(r"^([a-z][\w-]*)", requirements, re.MULTILINE)
    assert named and set(named) <= {line.split("==")[0] for line in [*pins, *core]}
    assert f"-c {group}.lock" in requirements.splitlines()
    if groups.is_isolated(group):
        assert {line for line in core if line.split("==")[0] in MODELS} <= set(pins)  # the course's models load there
    else:
        assert set(pins).isdisjoint(core)
