"""The environment in ``.venv``: made, brought up to date, repaired, and entered.

This runs before anything is installed, so it uses the standard library alone. A stamp,
written last, says that the installation is whole and what it was made from; without it,
the next call starts again from nothing.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from helpers.paths import ROOT, WORKSPACE
from helpers.setup import course_files, file_lock, groups, isolated, packages, venv
from helpers.setup.packages import LOCK, REQUIREMENTS
from helpers.setup.venv import AGAIN, PYTHON, VENV, SetupError

_MADE_FROM = [REQUIREMENTS, LOCK, ROOT / "pyproject.toml"]


@contextlib.contextmanager
def variables(told: dict[str, str]) -> Iterator[None]:
    """Have variables set while a block runs, and then as they were; what else happens to the others stays."""
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def prepare(*asked: str) -> None:
    """Make ``.venv`` what the requirements ask for, with the groups asked for; where it is, return at once."""
    if state() == "ready" and not _due(asked):
        return
    with file_lock.hold(ROOT / ".venv.lock", "Another set-up of this folder is under way: waiting for its end.\n"):
        found, before = state(), _added()  # another call may just have made it
        if found != "ready":
            _make(found)
            asked = (*asked, *before)
        for group in _due(asked):
            _add(group)


def _make(found: str) -> None:
    """Make the environment without groups, or bring it up to date; the stamp goes on to name those that were in."""
    started, lost = time.monotonic(), dict.fromkeys(_added(), venv.HALF)
    packages.check_space()
    if venv.STAMP.exists():
        venv.write("", "", lost)
    if found == "absent":
        course_files.store_originals()
        print(f"Setting up {VENV}: done once, it takes a minute or a few.", flush=True)
        _create()
        venv.write("", "", lost)
    else:
        print(f"The requirements have changed: bringing {VENV} up to date.", flush=True)
    packages.install()
    venv.write(_interpreter(), venv.fingerprint(*_MADE_FROM), lost)
    print(f"The environment is ready after {time.monotonic() - started:.0f} s.", flush=True)


def _add(group: str) -> None:
    """Install a group. Where that fails, the rest of the environment goes on to count as whole."""
    started, (made_with, made_from, before) = time.monotonic(), venv.read()
    venv.write(made_with, made_from, {**before, group: venv.HALF})
    print(f"Adding the group {group!r} to {groups.home(group)}. {groups.purpose(group)}", flush=True)
    print("It takes seconds on a fast line and minutes on a slow one; its progress is shown.", flush=True)
    try:
        if groups.apart(group):
            isolated.install(group)
        else:
            packages.install_group(group, anew=before.get(group) == venv.HALF)
    except SetupError as error:
        hint = f"The rest of the course works without the group: `{groups.command(group)}` tries again."
        raise SetupError(f"{error}\n{hint}") from error
    venv.write(made_with, made_from, {**before, group: venv.fingerprint(*groups.files(group))})
    print(f"The group {group!r} is there after {time.monotonic() - started:.0f} s.", flush=True)


def state() -> str:
    """Return whether ``.venv``, its groups aside, is ``ready``, ``outdated`` or as good as ``absent``."""
    made_with, made_from, _ = venv.read()
    if not made_with or made_with != _interpreter():  # its Python is gone or another one, or the folder has moved
        return "absent"
    return "ready" if made_from == venv.fingerprint(*_MADE_FROM) else "outdated"


def _added() -> dict[str, str]:
    """Return the groups that were ever added, each with its fingerprint or `HALF`."""
    return {group: made_from for group, made_from in venv.read()[2].items() if group in groups.names()}


def _due(asked: Iterable[str]) -> list[str]:
    """Return the groups to install: those asked for that are not whole, and any whose requirements have changed."""
    there = {group: made_from for group, made_from in _added().items() if groups.home(group).exists()}
    whole = [group for group, made_from in there.items() if made_from != venv.HALF]
    return [group for group in sorted({*asked, *whole}) if there.get(group) != venv.fingerprint(*groups.files(group))]


def _interpreter() -> str:
    """Return the version and place of the Python in ``.venv``, as itself reports them."""
    question = "import sys; print(ascii([sys.version_info[:2], sys.prefix]))"
    with contextlib.suppress(OSError):
        command = [PYTHON, "-I", "-c", question]
        return subprocess.run(command, env=packages.environ(), capture_output=True, text=True).stdout.strip()
    return ""


def _create() -> None:
    """Make ``.venv`` from nothing, with pip in it."""
    base = getattr(sys, "_base_executable", None) or sys.executable  # right also where .venv's own Python runs this
    print(f"[1/3] Making it from Python {sys.version.split()[0]} ({base})", flush=True)
    remove()
    if not packages.run(base, "-m", "venv", "--without-pip", VENV):
        packages.fail()
    # Three seconds quicker than ensurepip, which Debian and Ubuntu keep in a package of its own.
    if find_spec("pip") and packages.pip("pip", by=[base, "-m", "pip", "--python", PYTHON]):
        return
    if packages.diagnosis():
        packages.fail()
    if not find_spec("ensurepip"):
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise SetupError(
            f"This Python has no working pip and cannot make one: on Debian or Ubuntu run `sudo apt install {name}`, "
            f"elsewhere install Python from python.org, {AGAIN}."
        )
    if not packages.run(PYTHON, "-m", "ensurepip", "--default-pip"):
        packages.fail()


def remove() -> None:
    """Remove ``.venv``; where it is a link, the link and not what it points to."""
    try:
        if VENV.is_symlink():
            VENV.unlink()
        elif VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        raise SetupError(
            f"{VENV} must be made anew and cannot be removed ({error}): close what uses it "
            f"(JupyterLab, an editor, a terminal where it is active), {AGAIN}."
        ) from error


def environ() -> dict[str, str]:
    """Return the environment variables for the course's programs: kernels off the user's own Jupyter settings."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    (WORKSPACE / "jupyter").mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in packages.environ().items() if not name.startswith("JUPYTER")}
    ours = {name: str(WORKSPACE / "jupyter" / folder) for name, folder in folders.items()}
    if not os.access(os.path.expanduser("~"), os.W_OK):  # else Matplotlib warns of it in the first cell of a notebook
        ours["MPLCONFIGDIR"] = str(WORKSPACE / "matplotlib")
    return {**kept, **ours, "JUPYTER_PREFER_ENV_PATH": "1"}


def continue_as(*arguments: str | Path) -> int:
    """Continue as another program, run by ``.venv``'s Python from the project's folder.

    Where the system can, that program takes this process over, signals and exit code
    included; Windows cannot, so there it runs as a child and its exit code is returned.
    """
    command, env = [str(part) for part in (PYTHON, *arguments)], environ()
    sys.stdout.flush()
    os.chdir(ROOT)
    if os.name != "nt":
        os.execve(command[0], command, env)
    with subprocess.Popen(command, env=env) as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # the console sends Ctrl-C to the child as well
                return process.wait()
