"""What the course cannot run on: Pythons, systems and folders that its packages do not know, or too few open files.

In place of a Python that is only too new, uv brings one, into the course's folder.
"""
import importlib.util
import os
import platform
import re
import struct
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from helpers.paths import ROOT
from helpers.setup import packages
from helpers.setup.venv import SetupError

_NEWEST = (3, 14)  # Python
_TOO_NEW = "is so new that packages of the course have no builds for it yet"
_BROUGHT, _HOME = "3.13", ROOT / ".python"  # the Python that uv brings in place of one that is too new, and where to
_PYTHON = f"cpython-{_BROUGHT}.*/" + ("python.exe" if os.name == "nt" else f"bin/python{_BROUGHT}")
_MODULES = {"_ssl": "ssl", "_sqlite3": "sqlite3", "_ctypes": "ctypes", "zlib": "zlib", "_bz2": "bz2", "_lzma": "lzma"}
_FILES = 256  # that a process may have open: the default of macOS, where the course runs
_OTHER_PYTHON = (
    "install Python 3.11 to 3.14 for this machine from python.org or your system's packages, beside this one, and "
    "call it by its name, such as python3.13 -m helpers lab (on Windows: py -3.13 -m helpers lab)"
)
_OTHER_MACHINE = "use another machine, or run the course in the browser, as the README says of Colab and Binder"


def find_lack() -> tuple[str, str] | None:
    """Return why the course cannot be set up with this Python on this machine, and the remedy; None where it can."""
    this = f"this Python {sys.version.split()[0]} ({sys.executable})"
    missing = [name for module, name in _MODULES.items() if not importlib.util.find_spec(module)]
    if missing:
        return f"{this} was built without {' and '.join(missing)}, which the course needs", _OTHER_PYTHON
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return f"{this} is of a kind for which packages of the course have no builds", _OTHER_PYTHON
    if struct.calcsize("P") < 8:
        return f"{this} is a 32-bit one, for which packages have no builds", _OTHER_PYTHON
    if lack := _find_lack_of_folder(str(ROOT)) or _find_lack_of_system(this):
        return lack
    brings = f"python -m helpers lab brings Python {_BROUGHT} for the course where the network allows; else "
    return (f"{this} {_TOO_NEW}", brings + _OTHER_PYTHON) if sys.version_info[:2] > _NEWEST else None


def _find_lack_of_folder(path: str) -> tuple[str, str] | None:
    """Return why an environment in the course's folder could not be used, and the remedy; None where it could.

    MLflow takes a percent sign in the path of its own files for the start of a variable, and `#` in a project's path
    for the start of a folder in it; Python parts paths at the separator, and those in a file of paths at line breaks,
    where it also drops the space at an end.
    """
    wrong = {
        "a %": "%" in path,
        "a #": "#" in path,
        f"a {os.pathsep}": os.pathsep in path,
        "a line break": len(path.splitlines()) > 1,
        "a space at its end": path != path.rstrip(),
    }
    if found := next((what for what, there in wrong.items() if there), None):
        what = f"the path of the course's folder {path} has {found}, with which Python or MLflow finds no files"
        return what, "give that folder another name"


def _find_lack_of_system(this: str) -> tuple[str, str] | None:
    """Return why packages have no builds for this system, and the remedy; None where they have."""
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        native = "on a Mac with Apple silicon install Python from python.org, which runs natively; on another, "
        return f"{this} is for Macs with Intel processors, for which packages have no builds", native + _OTHER_MACHINE
    if sys.platform == "darwin" and int(platform.mac_ver()[0].partition(".")[0]) < 14:
        what = f"this is macOS {platform.mac_ver()[0]}, and packages of the course need macOS 14 or newer"
        return what, f"update macOS, or {_OTHER_MACHINE}"
    if sys.platform == "win32" and sysconfig.get_platform() == "win-arm64":
        what = f"{this} is for ARM processors, for which some packages have no builds on Windows"
        return what, "install the Windows installer (64-bit) from python.org, which runs on this machine as well"
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        return "this Linux uses musl, as Alpine does, for which packages have no builds", _OTHER_MACHINE
    return None


def require() -> None:
    """Raise SetupError, with the remedy, where the course cannot be set up with this Python on this machine."""
    if lack := find_lack():
        raise SetupError(f"Nothing was installed, as {lack[0]}: {lack[1]}.")


def choose_python() -> tuple[str | Path, str]:
    """Return the Python to make the environment from, and its version: this or, where it is too new, one of uv's."""
    lack = find_lack()
    if not lack or not lack[0].endswith(_TOO_NEW):
        require()
        base = getattr(sys, "_base_executable", None) or sys.executable  # right also where .venv's own Python runs this
        return base, sys.version.split()[0]
    if not any(_HOME.glob(_PYTHON)):
        print(f"As {lack[0]}, uv brings Python {_BROUGHT} (some 30 MB) for the course alone.", flush=True)
        if trouble := _bring_python():
            what = f"Nothing was installed, as {lack[0]}: {_OTHER_PYTHON}."
            raise SetupError(f"{what} Python {_BROUGHT} could not be brought in its place: {trouble}.")
        print(f"Python {_BROUGHT} is there, in {_HOME}; your own Python stays as it is.", flush=True)
    return next(_HOME.glob(_PYTHON)), _BROUGHT


def _bring_python() -> str:
    """Have uv, which this Python's pip fetches, bring a Python; return in one line what went wrong, or nothing."""
    _HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_HOME) as folder:
        pip, log = (sys.executable, "-m", "pip"), Path(folder) / "pip.log"
        if not packages.run_pip("--target", folder, "-c", packages.LOCK, "uv", by=pip, log=log):
            return packages.diagnose(log) or "pip cannot install uv, and says above why"
        command = [sys.executable, "-m", "uv", "python", "install", _BROUGHT, "--install-dir", _HOME]
        env = packages.make_environ() | packages.uv_settings(pip) | {"PYTHONPATH": folder}
        done = subprocess.run([*command, "--no-bin", "--no-registry"], cwd=ROOT, env=env, stderr=subprocess.PIPE)
    said = re.split(r"^ *(?:error|cause): ", done.stderr.decode(errors="replace"), flags=re.MULTILINE)[-1]
    return f"uv says: {' '.join(said.split())}" if done.returncode else ""  # the last cause, which uv breaks into lines


def allow_open_files() -> None:
    """Let this process and those that it starts open enough files; raise SetupError where the shell forbids it."""
    if sys.platform != "win32":  # which has no such limit
        import resource

        allowed, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limit != resource.RLIM_INFINITY and limit < _FILES:
            raise SetupError(
                f"A process may open only {limit} files here, and the course needs {_FILES}: open a new terminal, or "
                "allow more (`ulimit -n 1024`, where that is allowed), then run the same command again."
            )
        if allowed < 4 * _FILES:
            more = 4 * _FILES if limit == resource.RLIM_INFINITY else min(4 * _FILES, limit)
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, limit))
