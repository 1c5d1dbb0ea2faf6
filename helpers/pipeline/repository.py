"""The repository of a small team, made in the workspace, and commands that run in it."""
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from helpers import paths, progress, servers, watchdog
from helpers.setup.findings import ProblemError
from helpers.setup.variables import GIT_FILES

_AUTHOR = {  # Git asks for them; with a fixed date the same files give the same commit
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "reader", "EMAIL": "reader@example.com", "DATE": "2013-05-01T12:00:00Z"}.items()
}


def create(folder: Path) -> None:
    """Make a folder anew with the files of `delivery/` and `project/`; raise ProblemError where Git is missing."""
    if not shutil.which("git"):
        raise ProblemError("Git is not installed, and this section is about a repository: install it from git-scm.com, "
                           "restart JupyterLab, and run this cell again.")
    if folder.exists():
        for file in folder.rglob("*"):
            file.chmod(file.stat().st_mode | stat.S_IWRITE)  # Windows removes nothing that is read-only, as Git's files
        shutil.rmtree(folder)
    without = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "report.md")
    shutil.copytree(paths.ROOT / "delivery", folder, ignore=without)
    shutil.copytree(paths.ROOT / "project", folder / "project", ignore=without)


def run(folder: Path, *command: str) -> None:
    """Run a command in a folder, and print it, what it prints, and its exit code where that is not 0.

    It ends with this kernel, however that ends; Git's own commands but `commit` take no time and call no others.
    """
    print("$", servers.format_command(list(command)), flush=True)
    with tempfile.TemporaryFile() as log:
        if command[0] == "git" and command[1] != "commit":
            settings = {"cwd": folder, "env": _build_environment(), "stdin": subprocess.DEVNULL}
            code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, **settings).returncode
        else:
            code = _run_guarded(command, folder, log)
        log.seek(0)
        text = log.read().decode(errors="replace").replace("\r\n", "\n").replace(os.sep, "/").rstrip()
    for line in filter(None, [text, code and f"exit code {code}"]):
        print(line)


def _run_guarded(command: Sequence[str], folder: Path, log: IO[bytes]) -> int:
    """Return the exit code of a command that stops when this kernel does."""
    words = [sys.executable if word == "python" else word for word in command]  # Windows would find another
    guard = watchdog.spawn(words, log, _build_environment(), folder)
    try:
        with progress.ticking("running"):
            return guard.wait()
    finally:
        watchdog.dismiss(guard)


def _build_environment() -> dict[str, str]:
    """Return the variables of a command: our Git settings alone, our Python first, the workspace's store."""
    others = ("GIT_", "MLFLOW_", "PYTEST_", "PRE_COMMIT_")  # MLflow's name the experiment of the notebook
    env = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    scripts = sysconfig.get_path("scripts")
    return env | _AUTHOR | GIT_FILES | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_2": "init.defaultBranch",
        "GIT_CONFIG_VALUE_2": "main",
        "MLFLOW_TRACKING_URI": paths.TRACKING_URI,
        "PATH": os.pathsep.join([scripts, env.get("PATH", "")]),
        "PRE_COMMIT_HOME": str(paths.WORKSPACE / "pre-commit"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "WORKBOOK_WORKSPACE": str(paths.WORKSPACE),
    }
