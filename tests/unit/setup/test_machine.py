"""Machines and Pythons that the course cannot be set up with are told so before anything is installed."""
import os
import platform
import struct
import subprocess
import sys
import sysconfig

import pytest

from helpers.setup import machine, venv
from support.copies import BASE, NO_NETWORK, call, hide, outside, python_c, tiny, too_new

SYSTEMS = {  # what the standard library says there
    "intel": ("darwin", "x86_64", "26.0", {"Py_GIL_DISABLED": 0}),
    "old": ("darwin", "arm64", "13.6.1", {}),
    "fine": ("darwin", "arm64", "14.2", {"Py_GIL_DISABLED": 0}),
    "musl": ("linux", "x86_64", "", {"SOABI": "cpython-312-x86_64-linux-musl"}),
    "free-threaded": ("linux", "x86_64", "", {"Py_GIL_DISABLED": 1}),
    "alike": ("linux", "aarch64", "", {"SOABI": "cpython-312-aarch64-linux-gnu"}),
}
WORDS = {
    "intel": ("Macs with Intel processors", "in the browser"),
    "old": ("this is macOS 13.6.1, and packages of the course need macOS 14 or newer", "update macOS"),
    "musl": ("musl, as Alpine does", "use another machine"),
    "free-threaded": ("of a kind for which packages of the course have no builds", "install Python 3.11 to 3.14"),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems_without_builds_are_told_what_to_do(monkeypatch, name):
    """By what is wrong with them; those for which the packages are made are let pass."""
    system, processor, macos, configured = SYSTEMS[name]
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: processor)
    monkeypatch.setattr(platform, "mac_ver", lambda: (macos, ("", "", ""), processor))
    monkeypatch.setattr(sysconfig, "get_config_var", configured.get)
    found = machine.find_lack()
    assert (found is None) == (name not in WORDS), found
    assert found is None or all(words in said for words, said in zip(WORDS[name], found))


def test_pythons_without_builds_are_told_what_to_do(monkeypatch):
    """Too new a one, and one of 32 bits; the one that runs the tests is fine."""
    assert machine.find_lack() is None
    monkeypatch.setattr(sys, "version_info", (3, 15, 0, "final", 0))
    assert "so new that packages of the course have no builds" in machine.find_lack()[0]
    assert "py -3.13 -m helpers lab" in machine.find_lack()[1]
    remedy = "python -m helpers lab brings Python 3.13 for the course where the network allows; else install Python"
    with pytest.raises(venv.SetupError, match=f"^Nothing was installed, as this Python .*: {remedy}"):
        machine.require()
    monkeypatch.setattr(struct, "calcsize", lambda form: 4)
    assert "a 32-bit one" in machine.find_lack()[0], "what uv would bring is of 32 bits as well"


def test_a_python_that_is_too_new_is_told_why_no_other_can_be_brought(tmp_path):
    """Without a network: the remedy, and the reason in the same breath; no environment is begun."""
    project = tiny(tmp_path / "project")
    done = call(project, "setup", **NO_NETWORK, **too_new(tmp_path / "new"))
    assert done.returncode == 1 and "so new that packages of the course have no builds" in done.stderr, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Nothing was installed, as this Python 3.15.0 ") and "py -3.13 -m helpers lab" in last
    assert "Python 3.13 could not be brought in its place: the package index cannot be reached: connect" in last
    assert not (project / ".venv").exists() and [path.name for path in (project / ".python").iterdir()] == []


@pytest.mark.parametrize("command", ["setup", "doctor"])
def test_a_python_without_sqlite_or_ssl_is_told_at_the_front_door(tmp_path, command):
    """As one that was compiled on a machine without their headers: nothing is made, and no network is blamed."""
    project = tiny(tmp_path / "project")
    for number, modules in enumerate([("_sqlite3",), ("_ssl", "_ctypes")]):
        done = call(project, command, **hide(tmp_path / str(number), *modules))
        words = " and ".join(sorted((name.removeprefix("_") for name in modules), reverse=True))
        assert done.returncode == 1 and done.stderr.startswith("\nNothing was installed, as this Python "), done.stderr
        assert f"was built without {words}, which the course needs: install Python 3.11 to 3.14" in done.stderr
    assert not (project / ".venv").exists()


ODD = {"50% off": "a %", "C#": "a #", f"a{os.pathsep}b": f"a {os.pathsep}", "a\nbreak": "a line break"}
ODD["a "] = "a space at its end"


@pytest.mark.skipif(os.name != "posix", reason="Windows forbids most of these names")
@pytest.mark.parametrize("name", ODD)
def test_a_folder_of_a_name_that_the_environment_cannot_have_is_told(tmp_path, name):
    """Python would not find the course there, or MLflow not its own files; an ordinary odd name is fine."""
    done = call(tiny(tmp_path / name), "setup")
    assert done.returncode == 1 and done.stderr.startswith("\nNothing was installed, as the path of the course")
    assert f" has {ODD[name]}, " in done.stderr and done.stderr.endswith("give that folder another name.\n")
    assert not (tmp_path / name / ".venv").exists()
    look = "from helpers.setup import machine; print(machine.find_lack())"
    assert python_c(tiny(tmp_path / "l'été & [2]?"), look) == "None"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limit")
@pytest.mark.parametrize(("limits", "code"), [("-n 64", 1), ("-Sn 64", 0)])
def test_too_few_open_files_are_raised_or_told(limits, code):
    """Where the shell allows more, the course takes it; where not, a sentence says how to get it."""
    look = "import resource; from helpers.setup import machine; machine.allow_open_files()\n"
    look += "print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    command = ["sh", "-c", f'ulimit {limits} && exec "$0" "$@"', BASE, "-c", look]
    done = subprocess.run(command, cwd=venv.ROOT, env=outside({}), capture_output=True, text=True)
    assert (done.returncode, "open only 64 files here, and the course needs 256" in done.stderr) == (code, bool(code))
    assert code or int(done.stdout.strip("(").partition(",")[0]) >= 256
