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


def read() -> dict[str, str]:
    """Return the stamp: the Python as "python", the fingerprint of the core as "core", and that of each group."""
    try:
        python, core, *more = STAMP.read_text(encoding="utf-8").splitlines()
        return {"python": python, "core": core, **dict(line.split() for line in more)}
    except (OSError, ValueError):
        return {"python": "", "core": ""}


def write(stamp: dict[str, str]) -> None:
    """Write the stamp."""
    lines = [stamp["python"], stamp["core"], *(" ".join(item) for item in list(stamp.items())[2:])]
    STAMP.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def fingerprint(*files: Path) -> str:
    """Return the fingerprint of files that say what is installed."""
    missing = [path.relative_to(ROOT).as_posix() for path in files if not path.exists()]
    if missing:
        raise SetupError(f"{missing[0]} is missing: restore it with `git checkout -- {missing[0]}`, {AGAIN}.")
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def is_active() -> bool:
    """Return whether this process runs inside ``.venv``."""
    return Path(sys.prefix).resolve() == VENV.resolve()
