"""The machines and Pythons that the README names: every lock resolves to wheels on each; older Pythons get a sentence.

Nothing is installed; uv only asks the package index. PyTorch's builds for CPUs are at an index of its own, so
its usual builds of the same version stand in for them.
"""
import os
import re
import subprocess
from pathlib import Path

import pytest

from helpers.setup import groups, packages
from support.bad_days import other_python
from support.copies import BASE, call, outside, tiny, whole
from support.running import leave_out

pytestmark = pytest.mark.hostile
SYSTEMS = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin", "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
ONLY_SOURCES = re.compile(r"^(pyspark|kfp-server-api)==.*\n", re.MULTILINE)  # pure Python, built where it is installed
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
OLDEST_AND_NEWEST = PYTHONS[::3]  # what has builds for both has them for those between


def resolve(lock: Path, system: str, python: str, *options: str) -> subprocess.CompletedProcess:
    """Return what uv says that it would install from a lock on a system, where nothing is there yet."""
    command = [packages.PYTHON, "-m", "uv", "pip", "install", "--dry-run", "--target", lock.parent / "nothing"]
    command += ["--python-platform", system, "--python-version", python, "--only-binary", ":all:", *options, "-r", lock]
    env = {**packages.make_environ(), **packages.uv_settings(), "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    return subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=600)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_core_and_its_groups_have_wheels_for_each_system_and_python(python, system, tmp_path):
    """All that is locked, and nothing besides: the locks name whatever their packages need there."""
    locks = [packages.LOCK, *(groups.files(name)[1] for name in groups.names() if not groups.is_isolated(name))]
    check(locks, system, python, tmp_path)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", OLDEST_AND_NEWEST)
@pytest.mark.parametrize("group", [name for name in groups.names() if groups.is_isolated(name)])
def test_each_group_that_lives_apart_has_wheels_for_each_system(group, python, system, tmp_path):
    """With the oldest and with the newest Python."""
    check([groups.files(group)[1]], system, python, tmp_path, "--no-deps")


def check(locks: list[Path], system: str, python: str, folder: Path, *options: str) -> None:
    """Assert that locks resolve to wheels, and that no package comes which they do not name."""
    text = "\n".join(lock.read_text(encoding="utf-8") for lock in locks).replace("+cpu", "")  # see PyTorch, above
    (folder / "all.lock").write_text(ONLY_SOURCES.sub("", text), encoding="utf-8")
    done = resolve(folder / "all.lock", system, python, *options)
    if "Failed to fetch" in done.stderr or "error sending request" in done.stderr:
        leave_out(f"the package index cannot be reached: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    coming = re.findall(r"^ \+ (\S+==[^+\s]+)", done.stderr, re.MULTILINE)
    assert len(coming) > 150
    assert [pin for pin in coming if not re.search(rf"^{re.escape(pin)}(?= ;|$)", text, re.MULTILINE)] == []


@pytest.mark.parametrize("language", ["C.UTF-8", "C"])
@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10"])
def test_an_old_python_gets_a_sentence(version, language, tmp_path):
    """Also Python 2, and in a folder whose name the language cannot spell."""
    if (python := other_python(version)) == BASE:
        pytest.skip(f"there is no Python {version} here")
    project = whole(tmp_path / "cours d'été")
    env = outside({"LC_ALL": language})
    done = subprocess.run([python, "-m", "helpers", "lab"], cwd=project, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"This course needs Python 3.11 to 3.14, and this is Python {version}.")
    assert "python3.12 -m helpers lab" in done.stderr and len(done.stderr.splitlines()) == 3


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no LC_ALL")
def test_a_language_that_cannot_spell_the_folder_does_no_harm(tmp_path):
    """With LC_ALL=C, as in a bare container, the set-up goes through, and finds its environment again."""
    project = tiny(tmp_path / "cours d'été", "six", "-e .")
    for said in (call(project, "setup", LC_ALL="C") for _ in range(2)):
        assert said.returncode == 0, said.stderr
    assert said.stdout == "Everything is set up: python -m helpers lab\n"
