"""What the tests of the commands share: copies of the project, and its commands run in them as a reader does."""
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from helpers.paths import ROOT

BASE = getattr(sys, "_base_executable", None) or sys.executable  # a Python that has nothing of the course installed
OURS = ("WORKBOOK_WORKSPACE", "VIRTUAL_ENV", "PYTHONPATH", "PYTEST_ADDOPTS", "_MLFLOW_SERVER_ARTIFACT_ROOT")
CLOSED = "http://127.0.0.1:9/simple"  # nothing listens there, as on a machine without a network
NO_NETWORK = {"PIP_INDEX_URL": CLOSED, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull, "UV_HTTP_RETRIES": "0"}
_MADE = ".git", ".venv*", ".python", ".prometheus", "workspace", "__pycache__", ".pytest_cache", ".hypothesis"
LEFT_OUT = shutil.ignore_patterns(*_MADE, "*.png")


def tiny(folder: Path, *requirements: str) -> Path:
    """Return a copy of the project's code that needs few packages, in a folder of its own."""
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=LEFT_OUT)
    (folder / "project").mkdir()
    for name in ("pyproject.toml", "requirements.lock", "project/constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "requirements.txt").write_text("\n".join(["-c requirements.lock", *requirements, ""]))
    return folder


def copied_group(project: Path, name: str, *packages: str, lock: str | None = None) -> Path:
    """Return a copy after giving it a group of packages, which its lock pins as they are written."""
    folder = project / "requirements"
    folder.mkdir(exist_ok=True)
    lines = [f"# Notebook 77: a few packages, 1 MB.\n-c ../requirements.lock\n-c {name}.lock", *packages]
    (folder / f"{name}.txt").write_text("\n".join([*lines, ""]))
    pins = [re.sub(r"\[.*?\]|\s*#.*", "", package) for package in packages]
    (folder / f"{name}.lock").write_text("\n".join([*pins, ""]) if lock is None else lock)
    return project


def whole(folder: Path) -> Path:
    """Return a copy of the project as a fresh clone holds it."""
    return Path(shutil.copytree(ROOT, folder, ignore=LEFT_OUT))


def outside(variables: dict[str, str]) -> dict[str, str]:
    """Return the environment variables of a reader who has none of the course's set."""
    return {**{name: value for name, value in os.environ.items() if name not in OURS}, **variables}


def call(project: Path, *arguments: str, python: str = BASE, **variables: str) -> subprocess.CompletedProcess:
    """Run one of the commands to its end."""
    return subprocess.run(
        [python, "-m", "helpers", *arguments],
        cwd=project,
        env=outside(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1800,
    )


def interrupt(process: subprocess.Popen) -> None:
    """End a process as Ctrl-C does."""
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=120)


def start(project: Path, *arguments: str, **variables: str) -> subprocess.Popen:
    """Start one of the commands, in a process group of its own."""
    return subprocess.Popen(
        [BASE, "-m", "helpers", *arguments],
        cwd=project,
        env=outside(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def python_c(project: Path, code: str) -> str:
    """Run a line of Python in a copy, and return what it prints."""
    done = subprocess.run([BASE, "-c", code], cwd=project, env=outside({}), capture_output=True, text=True)
    return done.stdout.strip()


def address_of(lab: subprocess.Popen) -> str:
    """Return the address, with its token, that a starting JupyterLab prints."""
    return next(found for line in lab.stderr if (found := re.search(r"http://127\S+", line)))[0]


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def first_answer(request: str | urllib.request.Request):
    """Return the first answer to a request; JupyterLab prints its address a moment before it listens."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    deadline = time.monotonic() + 120
    while True:
        try:
            return browser.open(request, timeout=60)
        except urllib.error.URLError as error:
            if isinstance(error, urllib.error.HTTPError) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def too_new(folder: Path) -> dict[str, str]:
    """Return variables for a Python that says that it is 3.15, which stands in for a real one."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import collections, sys\n"
        "form = collections.namedtuple('version_info', 'major minor micro releaselevel serial')\n"
        "sys.version_info, sys.version = form(3, 15, 0, 'final', 0), '3.15.0 ' + sys.version\n"
    )
    return {"PYTHONPATH": str(folder)}


def hide(folder: Path, *modules: str) -> dict[str, str]:
    """Return variables for a Python that does not find these modules, as Debian ships it without some packages."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        f"PathFinder.find_spec = lambda name, *more: None if name in {modules!r} else find(name, *more)\n"
    )
    return {"PYTHONPATH": str(folder)}
