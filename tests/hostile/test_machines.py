"""The machines and Pythons that the README names: every lock resolves to wheels on each; older Pythons get a sentence.

Nothing is installed; uv only asks the package index. PyTorch's builds for CPUs are at an index of its own, so
its usual builds of the same version stand in for them.
"""
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from helpers.setup import groups, packages
from support.bad_days import other_python
from support.copies import BASE, call, outside, tiny, too_new, whole
from support.running import leave_out

pytestmark = pytest.mark.hostile
SYSTEMS = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin", "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
ONLY_SOURCES = re.compile(r"^(pyspark|kfp-server-api)==.*\n", re.MULTILINE)  # pure Python, built where it is installed
NEEDS_A_COMPILER = {("3.14", "aarch64-apple-darwin"): ["--no-binary", "watchdog"]}  # the group pipelines says so
BUILT = dict.fromkeys(  # with Python 3.14 or on Linux for ARM, as these groups say
    ["applications", "integrations"], ["--no-binary", "wordllama"]
)
OLDEST_AND_NEWEST = ["3.11", "3.14"]  # what has builds for both has them for those between


def resolve(lock: Path, system: str, python: str, *options: str) -> subprocess.CompletedProcess:
    """Return what uv says that it would install from a lock on a system, where nothing is there yet."""
    command = [packages.PYTHON, "-m", "uv", "pip", "install", "--dry-run", "--target", lock.parent / "nothing"]
    command += ["--python-platform", system, "--python-version", python, "--only-binary", ":all:", *options, "-r", lock]
    env = {**packages.make_environ(), **packages.uv_settings(), "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    return subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=600)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", OLDEST_AND_NEWEST)
def test_the_core_and_its_groups_have_wheels_for_each_system_and_python(python, system, tmp_path):
    """All that is locked, and nothing besides: the locks name whatever their packages need there."""
    locks = [packages.LOCK, *(groups.files(name)[1] for name in groups.names() if not groups.is_isolated(name))]
    check(locks, system, python, tmp_path, *NEEDS_A_COMPILER.get((python, system), []))


def test_who_needs_a_compiler_is_told_before_anything_is_installed():
    """The first line of a group's file, which is printed first, names the machine and the remedy."""
    first = groups.files("pipelines")[0].read_text(encoding="utf-8").splitlines()[0]
    assert "on a Mac with Python 3.14" in first and "xcode-select --install" in first
    for group in BUILT:
        first = groups.files(group)[0].read_text(encoding="utf-8").splitlines()[0]
        assert "with Python 3.14, or on Linux for ARM, one package is built: install a C compiler first" in first


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", OLDEST_AND_NEWEST)
@pytest.mark.parametrize("group", [name for name in groups.names() if groups.is_isolated(name)])
def test_each_group_that_lives_apart_has_wheels_for_each_system(group, python, system, tmp_path):
    """With the oldest and with the newest Python."""
    builds = python == "3.14" or system == "aarch64-unknown-linux-gnu"
    check([groups.files(group)[1]], system, python, tmp_path, "--no-deps", *(BUILT.get(group, []) if builds else []))


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


def list_python(folder: Path, python: str) -> str:
    """Return the address of a list as uv's, by which it downloads a Python of this machine, packed without tests."""
    unneeded = {"test", "site-packages", "dist-packages", "__pycache__", "idlelib", "tkinter"}
    with tarfile.open(folder / "python.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(Path(python).resolve(), "python/bin/python3.13")
        ask = "import os; print(os.path.dirname(os.__file__))"
        library = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True).stdout.strip()
        keep = lambda entry: None if unneeded & set(entry.name.split("/")) else entry  # noqa: E731
        archive.add(library, "python/lib/python3.13", filter=keep)
    content = (folder / "python.tar.gz").read_bytes()
    here = {"arch": {"family": platform.machine(), "variant": None}, "os": "linux", "libc": "gnu"}
    version = {"name": "cpython", "major": 3, "minor": 13, "patch": 77, "prerelease": "", "variant": None, "build": "1"}
    where = {"url": (folder / "python.tar.gz").as_uri(), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "list.json").write_text(json.dumps({"cpython-3.13.77-here": {**version, **here, **where}}))
    return (folder / "list.json").as_uri()


@pytest.mark.skipif(sys.platform != "linux", reason="packs a Python of this machine, as Linux lays it out")
def test_in_place_of_a_python_that_is_too_new_uv_brings_one(tmp_path):
    """Once, into the course's folder; this says that it is done, and where the Python lies."""
    if "3.13" not in subprocess.run([python := other_python("3.13"), "-V"], capture_output=True, text=True).stdout:
        pytest.skip("there is no Python 3.13 here")
    project, new = tiny(tmp_path / "project", "six", "-e ."), too_new(tmp_path / "new")
    listed = {"UV_PYTHON_DOWNLOADS_JSON_URL": list_python(tmp_path, python)}
    done = call(project, "setup", **new, **listed)
    assert done.returncode == 0, done.stderr
    home = project / ".python"
    assert f"Python 3.13 is there, in {home}; your own Python stays as it is." in done.stdout
    assert f"[1/3] Making it from Python 3.13 ({home / 'cpython-3.13.77-'}" in done.stdout
    assert f"home = {home / 'cpython-3.13.77-'}" in (project / ".venv" / "pyvenv.cfg").read_text()
    shutil.rmtree(project / ".venv" / "bin")
    (tmp_path / "python.tar.gz").unlink()  # nothing can be downloaded any more, and nothing has to be
    for said in (call(project, "setup", **new, **listed) for _ in range(2)):
        assert said.returncode == 0 and "uv brings" not in said.stdout, said.stderr
    assert said.stdout == "Everything is set up: python -m helpers lab\n"


def test_a_python_that_cannot_be_downloaded_leaves_the_remedy(tmp_path):
    """Where the package index can be reached, and the Pythons cannot: uv's reason in the same line."""
    project, missing = tiny(tmp_path / "project"), (tmp_path / "missing.json").as_uri()
    narrow = {"COLUMNS": "40"}  # where uv breaks its message into lines
    done = call(project, "setup", UV_PYTHON_DOWNLOADS_JSON_URL=missing, **narrow, **too_new(tmp_path / "new"))
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1 and "py -3.13 -m helpers lab" in last and "Traceback" not in done.stderr, done.stderr
    assert "Python 3.13 could not be brought in its place: uv says: failed to open file" in last
    assert "missing.json" in last and "No such file" in last
    assert not (project / ".venv").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no LC_ALL")
def test_a_language_that_cannot_spell_the_folder_does_no_harm(tmp_path):
    """With LC_ALL=C, as in a bare container, the set-up goes through, and finds its environment again."""
    project = tiny(tmp_path / "cours d'été", "six", "-e .")
    for said in (call(project, "setup", LC_ALL="C") for _ in range(2)):
        assert said.returncode == 0, said.stderr
    assert said.stdout == "Everything is set up: python -m helpers lab\n"
