"""The stamp in ``.venv``: what it was made from, written last, so that what is half done does not count.

Its first line is the Python, its second the fingerprint of the core's requirements. A line for each group
follows: its name, and the fingerprint of its requirements, or `HALF` until they are all installed.
"""
import hashlib
from pathlib import Path

from helpers import groups
from helpers.installer import AGAIN, VENV, SetupError
from helpers.paths import ROOT

PATH = VENV / "made-from"
HALF = "half"


def read() -> tuple[str, str, dict[str, str]]:
    """Return the Python, the core's fingerprint and that of each group; all empty where there is no stamp."""
    try:
        made_with, made_from, *more = PATH.read_text(encoding="utf-8").splitlines()
        return made_with, made_from, dict(line.split() for line in more)
    except (OSError, ValueError):
        return "", "", {}


def write(made_with: str, made_from: str, more: dict[str, str]) -> None:
    """Write the Python, the core's fingerprint and that of each group."""
    lines = [made_with, made_from, *map(" ".join, more.items())]
    PATH.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def added() -> dict[str, str]:
    """Return the groups that were ever added, each with its fingerprint or `HALF`."""
    return {group: made_from for group, made_from in read()[2].items() if group in groups.names()}


def fingerprint(*files: Path) -> str:
    """Return the fingerprint of files that say what is installed."""
    missing = [path.relative_to(ROOT).as_posix() for path in files if not path.exists()]
    if missing:
        raise SetupError(f"{missing[0]} is missing: restore it with `git checkout -- {missing[0]}`, {AGAIN}.")
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
