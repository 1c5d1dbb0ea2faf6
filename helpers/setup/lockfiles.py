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
    newest = ["--upgrade"] if upgrade else []
    core = groups.read_lines(REQUIREMENTS)
    _pin(core, LOCK, *newest)
    shutil.copyfile(LOCK, ROOT / "project" / "constraints.txt")
    for group in groups.names():
        requirements, lock = groups.files(group)
        named = groups.read_lines(requirements)
        if "-c ../requirements.lock" in named or "-r ../requirements.txt" in named:  # the core's packages are there too
            _pin([*core, *named], lock, "-c", LOCK, *isolated.list_overrides(group), *newest)
        else:
            _pin(named, lock, *isolated.list_overrides(group), *newest)
        if not groups.is_isolated(group):
            pins, known = groups.read_lines(lock), groups.read_lines(LOCK)
            lock.write_text("".join(f"{pin}\n" for pin in pins if pin not in known), encoding="utf-8", newline="\n")
    for lock in (LOCK, *(groups.files(group)[1] for group in groups.names())):
        print(f"{lock.relative_to(ROOT)} pins {len(groups.read_lines(lock))} packages.")


def _pin(named: list[str], lock: Path, *options: str | Path) -> None:
    """Write the versions of what lines of requirements name, and of what that brings along, into a lock file."""
    command = [PYTHON, "-m", "uv", "pip", "compile", "-", "-o", lock, "--quiet", "--no-header", "--no-annotate"]
    command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest", *options]
    env = {**packages.make_environ(), **packages.uv_settings()}
    lines = "\n".join(line for line in named if not line.startswith("-"))  # the files' own options lead to old locks
    if subprocess.run(command, cwd=ROOT, env=env, input=lines, text=True).returncode:
        raise SetupError(f"{lock.name} was not renewed: the reason stands above.")
