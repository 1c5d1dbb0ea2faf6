"""The locks: the exact versions of what the requirements name, and of what that brings along. For maintainers."""
import shutil
import subprocess
from pathlib import Path

from helpers.paths import ROOT
from helpers.setup import groups, isolated, packages
from helpers.setup.packages import LOCK, REQUIREMENTS
from helpers.setup.venv import PYTHON, SetupError


def renew(upgrade: bool = False) -> None:
    """Pin what requirements.txt and the groups name, for Linux, macOS and Windows and Python from 3.11.

    A group's lock holds what it adds to requirements.lock, whose pins it keeps to; that of a group that lives
    apart holds all.

    Parameters
    ----------
    upgrade : bool
        Take the newest versions; else a pin changes only where it has to.
    """
    core = _named_in(REQUIREMENTS)
    _pin(core, LOCK, *(["--upgrade"] if upgrade else []))
    shutil.copyfile(LOCK, ROOT / "project" / "constraints.txt")
    for group in groups.names():
        requirements, lock = groups.files(group)
        more = core if _builds_on_core(requirements) else []
        options = [*(["-c", LOCK] if more else []), *isolated.overrides(group), *(["--upgrade"] if upgrade else [])]
        _pin([*more, *_named_in(requirements)], lock, *options)
        if not groups.apart(group):
            _forget_core(lock)
    for lock in (LOCK, *(groups.files(group)[1] for group in groups.names())):
        print(f"{lock.relative_to(ROOT)} pins {packages.lines_in(lock)} packages.")


def _pin(named: list[str], lock: Path, *options: str | Path) -> None:
    """Write the versions of what is named, and of what that brings along, into a lock file."""
    command = [PYTHON, "-m", "uv", "pip", "compile", "-", "-o", lock, "--quiet", "--no-header", "--no-annotate"]
    command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest", *options]
    env = {**packages.environ(), **packages.uv_settings()}
    if subprocess.run(command, cwd=ROOT, env=env, input="\n".join(named), text=True).returncode:
        raise SetupError(f"{lock.name} was not renewed: the reason stands above.")


def _builds_on_core(requirements: Path) -> bool:
    """Return whether a group has the core's packages beside it, or brings them along."""
    options = requirements.read_text(encoding="utf-8").splitlines()
    return "-c ../requirements.lock" in options or "-r ../requirements.txt" in options


def _forget_core(lock: Path) -> None:
    """Take the core's pins out of a group's lock."""
    known = LOCK.read_text(encoding="utf-8").splitlines()
    new = [line for line in lock.read_text(encoding="utf-8").splitlines() if line not in known]
    lock.write_text("".join(f"{line}\n" for line in new), encoding="utf-8", newline="\n")


def _named_in(requirements: Path) -> list[str]:
    """Return the lines of a file of requirements, without its options."""
    return [line for line in requirements.read_text(encoding="utf-8").splitlines() if not line.startswith("-")]
