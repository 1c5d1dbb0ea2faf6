"""What the tests of bad days share: a clone that is set up, namespaces, and a place for a small disk."""
import contextlib
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from helpers.setup import file_lock, variables
from support.copies import BASE, call, outside, whole
from support.foreign import FOREIGN, STARTED_WITH, git_of_a_company
from support.running import leave_out, nbval, report, temporary

WORST_DAY, RECORDER = (Path(__file__).with_name(f"{name}.py") for name in ("worst_day", "recorder"))
NOWHERE = "http://127.0.0.1:9"  # nothing listens there
PROXIES = [f"{kind}_proxy" for kind in ("http", "https", "all", "ftp")]
ZONES = ["Asia/Kolkata", "Pacific/Kiritimati"]  # half an hour off; a day ahead
LANGUAGES = ["pt_BR", "tr_TR"]  # decimal commas; an i that is no i in capitals


def namespaces(*kinds: str, user: Sequence[str] = ("--map-root-user",)) -> list[str]:
    """Return a command that runs another in namespaces of its own; skip where the system forbids it, in CI fail.

    `user` are the options by which who is not root may do so.
    """
    command = ["unshare", *(f"--{kind}" for kind in kinds), *([] if running_as_root() else user)]
    if not shutil.which("unshare"):
        leave_out("there is no unshare, the program of Linux that cuts one program off from the rest")
    tried = subprocess.run([*command, "true"], capture_output=True, text=True)
    if tried.returncode:
        leave_out(f"this system forbids {' '.join(command)}: {tried.stderr.strip()}")
    return command


def recorded() -> list[str]:
    """Return a command that runs another, fails where that wants something of others than this machine, and says what.

    The other does not run as root, which PostgreSQL refuses, unless this process does.
    """
    alone = namespaces("net", "mount", user=("--map-current-user", "--keep-caps"))
    return [*alone, sys.executable, str(RECORDER)]


def running_as_root() -> bool:
    """Return whether this process may do everything."""
    return os.name == "posix" and os.geteuid() == 0


def clone(project: Path, python: str = BASE) -> Path:
    """Return a clone of the project that the course's own command has set up; the first worker makes it for all."""
    with file_lock.hold(project.with_name(f"{project.name}.lock"), ""):
        if not project.exists():
            whole(project)
        done = call(project, "setup", python=python)
        assert done.returncode == 0, done.stderr
    return project


def language(name: str, folder: Path) -> dict[str, str]:
    """Return the variables of a language, made in a folder where the system has its source, else only promised."""
    made = folder / f"{name}.UTF-8"
    if shutil.which("localedef"):
        subprocess.run(["localedef", "--no-archive", "-i", name, "-f", "UTF-8", made], capture_output=True)
    if variables.is_on("CI") and not made.exists():
        leave_out(f"the language {name} cannot be made here: install Debian's package locales")
    return {"LC_ALL": "", "LANG": made.name, "LOCPATH": str(folder)}


def worst_day(number: int, folder: Path) -> dict[str, str]:
    """Return the variables of a bad day: a company's, a dead proxy, another language and another zone, by number."""
    proxies = {name: NOWHERE for small in PROXIES for name in (small, small.upper())}
    odd = {"no_proxy": "", "NO_PROXY": "", "CI": "", "TZ": ZONES[number % 2]}
    company = FOREIGN | STARTED_WITH | git_of_a_company(folder / f"company {number}")
    return company | proxies | odd | language(LANGUAGES[number // 2 % 2], folder)


def compare_on_the_worst_day(path: Path, workspace: Path, *, project: Path, python: str) -> str:
    """Run a notebook by the command of a clone with all at once against it, and return what differs.

    There is no network and a dead proxy, ports are taken, the checkout and the home folder are read-only, new
    files are for their owner alone, the language and the zone are others from notebook to notebook, and a
    company has set variables of its own. What wants to leave this machine is part of the report.
    """
    home = workspace.parent / "home"
    home.mkdir(exist_ok=True)
    command = [*namespaces("net", "mount"), sys.executable, WORST_DAY, project, home, python, "-m", "helpers", "test"]
    compiled = {"PYTHONPYCACHEPREFIX": str(project.with_name("compiled"))}  # else each process would compile all anew
    day = {**worst_day(int(path.name[:2]), workspace.parent), **compiled}
    env = outside({**day, **temporary(workspace), "HOME": str(home), "WORKBOOK_WORKSPACE": str(workspace)})
    return report([*command, *nbval(path), "--rootdir", str(project), str(path)], project, env)


def other_python(version: str) -> str:
    """Return a Python of a version; where this machine has none, say so and return the present one."""
    question = "import sys; print(getattr(sys, '_base_executable', sys.executable))"
    with contextlib.suppress(OSError):
        command = [f"python{version}", "-c", question]
        asked = subprocess.run(command, env=outside({"PYENV_VERSION": version}), capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.strip()
    warnings.warn(f"there is no python{version} here: this one was tested in its place", stacklevel=2)
    return BASE
