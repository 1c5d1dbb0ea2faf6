"""The environment ``.venv``: where it lies, and its stamp, which says what it was made from.

The stamp is written last, so that what is half done does not count. Its first line is the Python, its
second the fingerprint of the core's requirements. A line for each group follows: its name, and the
fingerprint of its requirements, or `HALF` until they are all installed.
"""
import hashlib
import os
import sys
from pathlib import Path

from helpers.paths import ROOT

VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOG = VENV / "pip.log"
STAMP = VENV / "made-from"
HALF = "half"
AGAIN = "then run the same command again; it repairs what is half done"


class SetupError(Exception):
    """The environment could not be made; the message says why and what to do."""


def read() -> tuple[str, str, dict[str, str]]:
    """Return the Python, the core's fingerprint and that of each group; all empty where there is no stamp."""
    try:
        made_with, made_from, *more = STAMP.read_text(encoding="utf-8").splitlines()
        return made_with, made_from, dict(line.split() for line in more)
    except (OSError, ValueError):
        return "", "", {}


def write(made_with: str, made_from: str, more: dict[str, str]) -> None:
    """Write the Python, the core's fingerprint and that of each group."""
    lines = [made_with, made_from, *map(" ".join, more.items())]
    STAMP.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def fingerprint(*files: Path) -> str:
    """Return the fingerprint of files that say what is installed."""
    missing = [path.relative_to(ROOT).as_posix() for path in files if not path.exists()]
    if missing:
        raise SetupError(f"{missing[0]} is missing: restore it with `git checkout -- {missing[0]}`, {AGAIN}.")
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def active() -> bool:
    """Return whether this process runs inside ``.venv``."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def unfinished(group: str) -> bool:
    """Return whether this process runs inside ``.venv`` and a group's installation there was interrupted."""
    return active() and read()[2].get(group) == HALF
