"""The environment is made, brought up to date, repaired and entered here; its stamp says its state."""
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
from helpers.setup import course_files, file_lock, groups, isolated, machine, packages, variables, venv
from helpers.setup.packages import LOCK, REQUIREMENTS
from helpers.setup.venv import AGAIN, PYTHON, VENV, SetupError

_MADE_FROM = [REQUIREMENTS, LOCK, ROOT / "pyproject.toml"]
_SETTINGS = (  # the reader's for Jupyter, and for pytest but not what it notes itself while tests run
    *("JUPYTER", "PYTEST_ADDOPTS", "PYTEST_DEBUG", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_PLUGINS", "PYTEST_THEME"),
)
_WAITING = (
    "Another set-up of this folder is under way: waiting for its end. (`fg` continues what Ctrl-Z has stopped.)\n"
)


@contextlib.contextmanager
def set_variables(told: dict[str, str]) -> Iterator[None]:
    """Set environment variables while a block runs and restore them after it; other variables are left alone."""
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def prepare(*asked: str) -> None:
    """Bring the environment to what the requirements and the groups asked for need; where it is there, do nothing."""
    machine.allow_open_files()
    if find_state() == "ready" and not _list_due(asked):
        return
    with file_lock.hold(ROOT / ".venv.lock", _WAITING):
        found, before = find_state(), _list_added()  # another call may just have made it
        if found != "ready":
            _make(found)
            asked = (*asked, *before)
        for group in _list_due(asked):
            _add(group)


def forget_damaged() -> None:
    """Forget packages of which files are gone, so that `prepare` installs them anew; it takes up to a second.

    A group that is half installed stays as it is: `add` renews it.
    """
    whole = [group for group, mark in _list_added().items() if mark != venv.HALF]
    homes = {LOCK: VENV, **{groups.files(group)[1]: groups.find_home(group) for group in whole}}
    damaged = {path for lock, home in homes.items() for path in venv.find_damaged(lock, home)}
    for path in sorted(damaged):
        print(f"Files of {path.name.partition('-')[0]} are gone from {path.parent}: it is installed anew.", flush=True)
        shutil.rmtree(path)


def _make(found: str) -> None:
    """Make the environment without groups, or bring it up to date; the stamp still names the groups that it had."""
    started, had = time.monotonic(), dict.fromkeys(_list_added(), venv.HALF)
    packages.check_certificates()
    packages.check_space()
    if found == "absent":
        base = machine.choose_python()
        course_files.store_originals()
        print(f"Setting up {VENV}: done once, it takes a minute or a few.", flush=True)
        remove()
        VENV.mkdir()
    else:
        print(f"{VENV} differs from what the requirements say: bringing it up to date.", flush=True)
    venv.write({"python": "", "core": "", **had})
    if found == "absent":
        _create(*base)
    _bring_pip()
    packages.install()
    venv.write({"python": _ask_interpreter(), "core": venv.fingerprint(*_MADE_FROM, home=VENV), **had})
    print(f"The environment is ready after {time.monotonic() - started:.0f} s.", flush=True)


def _add(group: str) -> None:
    """Install a group. Where that fails, the rest of the environment still counts as whole."""
    started, before = time.monotonic(), venv.read()
    packages.check_certificates()
    venv.write({**before, group: venv.HALF})
    print(f"Adding the group {group!r} to {groups.find_home(group)}. {groups.purpose(group)}", flush=True)
    print("It takes seconds on a fast line and minutes on a slow one; its progress is shown.", flush=True)
    try:
        if groups.is_isolated(group):
            isolated.install(group)
        else:
            packages.install_group(group, anew=before.get(group) == venv.HALF)
    except SetupError as error:
        hint = f"The rest of the course works without the group: `{groups.command(group)}` tries again."
        raise SetupError(f"{error}\n{hint}") from error
    venv.write({**before, group: _fingerprint(group)})
    print(f"The group {group!r} is there after {time.monotonic() - started:.0f} s.", flush=True)


def find_state() -> str:
    """Return whether the environment, its groups aside, is ``ready``, ``outdated`` or as good as ``absent``."""
    stamp = venv.read()
    if not stamp["python"] or stamp["python"] != _ask_interpreter():  # gone, another one, or the folder has moved
        return "absent"
    return "ready" if stamp["core"] == venv.fingerprint(*_MADE_FROM, home=VENV) else "outdated"


def _fingerprint(group: str) -> str:
    """Return the fingerprint of a group: what it asks for, and what of that is installed."""
    return venv.fingerprint(*groups.files(group), home=groups.find_home(group))


def _list_added() -> dict[str, str]:
    """Return the groups that were ever added, each with its fingerprint or `HALF`."""
    return {group: made_from for group, made_from in venv.read().items() if group in groups.names()}


def _list_due(asked: Iterable[str]) -> list[str]:
    """Return the groups to install: those asked for and not complete, and those that are not what they were."""
    there = {group: made_from for group, made_from in _list_added().items() if groups.find_home(group).exists()}
    complete = [group for group, made_from in there.items() if made_from != venv.HALF]
    wanted = {group: _fingerprint(group) for group in sorted({*asked, *complete})}
    return [group for group, made_from in wanted.items() if there.get(group) != made_from]


def _ask_interpreter() -> str:
    """Return the version and the place of the Python in the environment, as it reports them itself."""
    question = "import sys; print(ascii([sys.version_info[:2], sys.prefix]))"
    with contextlib.suppress(OSError):
        command = [PYTHON, "-I", "-c", question]
        return subprocess.run(command, env=packages.make_environ(), capture_output=True, text=True).stdout.strip()
    return ""


def _create(base: str | Path, version: str) -> None:
    """Make the environment from a Python, its packages aside."""
    print(f"[1/3] Making it from Python {version} ({base})", flush=True)
    if ROOT / ".venv" != VENV:
        print(f"      {ROOT / '.venv'} is not the course's: it stays as it is, and nothing uses it.", flush=True)
    if not packages.run(base, "-m", "venv", "--without-pip", VENV):
        packages.fail()


def _bring_pip() -> None:
    """Put pip into the environment where it is not there."""
    if packages.run(PYTHON, "-c", "import importlib.util as i; raise SystemExit(not i.find_spec('pip'))"):
        return
    base = getattr(sys, "_base_executable", None) or sys.executable
    # Three seconds quicker than ensurepip, which Debian and Ubuntu keep in a package of its own.
    if find_spec("pip") and packages.run_pip("--force-reinstall", "pip", by=[base, "-m", "pip", "--python", PYTHON]):
        return
    trouble = packages.diagnose()
    if find_spec("ensurepip") and packages.run(PYTHON, "-m", "ensurepip", "--default-pip"):
        return
    if trouble:
        packages.fail()
    if not find_spec("ensurepip"):
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise SetupError(
            f"This Python has no working pip and cannot make one: on Debian or Ubuntu run `sudo apt install {name}`, "
            f"elsewhere install Python from python.org, {AGAIN}."
        )
    packages.fail()


def remove() -> None:
    """Remove the environment; where it is a link, the link and not what it points to."""
    if not venv.is_ours(VENV):
        raise SetupError(f"{VENV} is in the way, and the course has not made it: give it another name, {AGAIN}.")
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


def make_environ() -> dict[str, str]:
    """Return the environment variables for the course's programs, which keep out the reader's own settings."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    (WORKSPACE / "jupyter").mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in packages.make_environ().items() if not name.startswith(_SETTINGS)}
    variables.set_aside(kept)
    ours = {name: str(WORKSPACE / "jupyter" / folder) for name, folder in folders.items()}
    if os.path.expanduser("~") == "~":  # a user of a container that has no home folder: MLflow asks for one
        (home := WORKSPACE / "home").mkdir(exist_ok=True)
        ours["HOME"] = str(home)
    elif not os.access(os.path.expanduser("~"), os.W_OK):  # else Matplotlib warns of it in the first cell of a notebook
        ours["MPLCONFIGDIR"] = str(WORKSPACE / "matplotlib")
    return {**kept, **ours, "JUPYTER_PREFER_ENV_PATH": "1"}


def continue_as(*arguments: str | Path, folder: Path = ROOT) -> int:
    """Continue as another program, run by the environment's Python from a folder.

    Where the system can, that program takes this process over, signals and exit code
    included; Windows cannot, so there it runs as a child and its exit code is returned.
    """
    command, env = [str(part) for part in (PYTHON, *arguments)], make_environ()
    sys.stdout.flush()
    os.chdir(folder)
    if os.name != "nt":
        os.execve(command[0], command, env)
    with subprocess.Popen(command, env=env) as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # the console sends Ctrl-C to the child as well
                return process.wait()
