"""What the notebook tests share: run a notebook in a workspace, and see that nothing of it is left running."""
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
import psutil
import pytest

from helpers import notebooks, watchdog
from helpers.paths import COURSE, ROOT
from helpers.setup import groups, java, variables
from support.processes import command_lines

NUMBERS = list(COURSE)
SANITIZE = Path(__file__).with_name("sanitize.cfg")
JUPYTERS = (".ipython/", ".jupyter/", ".local/share/jupyter/", "Library/Jupyter/")  # folders, of the home folder
blanks = notebooks.find_blanks


def to_run(numbers: list[str]) -> list:
    """Return notebooks' numbers as parameters of a test that runs them: each with the group that it needs."""
    needed = {number: [pytest.mark.needs_group(group)] for number, group in groups.NEEDED_BY.items()}
    return [pytest.param(number, marks=needed.get(number, [])) for number in numbers]


def need(group: str) -> None:
    """Skip a test where a group of packages is not installed, or Java that it needs; in CI they must be."""
    lacking = groups.find_missing(group)
    if lacking:
        command = f"python -m helpers test --group {group}"
        leave_out(f"the group {group} is not installed (no {lacking[0]}): `{command}` adds it and runs its tests")
    if group in groups.ON_JAVA and (reason := java.find_lack(java.find())):
        leave_out(": ".join(reason))


def leave_out(reason: str) -> None:
    """Skip the test that runs; in CI fail it."""
    (pytest.fail if variables.is_on("CI") else pytest.skip)(reason)


def compare(path: Path, workspace: Path, *options: str, within: Sequence[str] = (), **variables: str) -> str:
    """Run a notebook under nbval, strictly, and return the report of what differs, or nothing.

    `within` is a command that runs another, which runs it.
    """
    command = [*within, sys.executable, "-m", "pytest", *nbval(path), "--rootdir", str(ROOT), *options, str(path)]
    told = {"WORKBOOK_WORKSPACE": str(workspace), **temporary(workspace), **home(workspace), **variables}
    return report(command, ROOT, {**os.environ, **told})


def report(command: list, folder: Path, env: dict[str, str]) -> str:
    """Run a comparison in a folder and return the end of what it reports, or nothing where nothing differs."""
    told = {"capture_output": True, "text": True, "encoding": "utf-8"}
    done = subprocess.run(command, cwd=folder, env=env, timeout=3600, **told)
    return "" if done.returncode == 0 else done.stdout[-8000:] + done.stderr[-2000:]


def failed_cells(report: str) -> list[int]:
    """Return the places among a notebook's code cells, from 0, of those that a report says have failed."""
    return [int(cell) for cell in re.findall(r"^(?:FAILED|ERROR) .*::Cell (\d+)", report, re.MULTILINE)]


def temporary(workspace: Path) -> dict[str, str]:
    """Return the variables by which programs put their temporary files beside a workspace; make that folder."""
    folder = workspace.parent / f"temporary of {workspace.name}"
    folder.mkdir(parents=True, exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


def left_temporary(workspace: Path) -> list[str]:
    """Return the temporary files that runs in a workspace left behind; what goes with a kernel gets a moment."""
    folder, until = Path(temporary(workspace)["TMPDIR"]), time.monotonic() + 120
    while any(folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.2)
    return sorted(path.name for path in folder.iterdir())


def home(workspace: Path) -> dict[str, str]:
    """Return the variables of a reader's home folder beside a workspace, empty but for the fonts that are known."""
    if os.name != "posix":
        return {}
    import matplotlib

    folder = workspace.parent / f"home of {workspace.name}"
    folder.mkdir(parents=True, exist_ok=True)
    caches = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), "")
    return {"HOME": str(folder), "MPLCONFIGDIR": matplotlib.get_cachedir(), **caches}


def left_at_home(workspace: Path) -> list[str]:
    """Return the files that runs in a workspace wrote into the home folder, Jupyter's own left out."""
    folder = workspace.parent / f"home of {workspace.name}"
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return [f"~/{name}" for name in found if not name.startswith(JUPYTERS)]


def nbval(path: Path) -> list[str]:
    """Return pytest's options to run a notebook and compare each output: text strictly, figures as one sees them.

    The folder in which pytest runs must be that of a checkout.
    """
    options = ["-q", "--color=no", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "tests.support.figures"]
    options += ["--nbval", "--nbval-sanitize-with", str(SANITIZE), "--nbval-kernel-startup-timeout", "300"]
    kernel = nbformat.read(path, 4).metadata.kernelspec.name
    return options + (["--nbval-current-env"] if kernel == "python3" else ["--nbval-kernel-name", kernel])


def left_running(workspace: Path) -> list[str]:
    """Return the command lines of processes that still work on a workspace."""
    return command_lines(watchdog.find_at_work(workspace) - {psutil.Process()})
