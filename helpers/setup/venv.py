"""The environment: where it lies, and its stamp, which says that it is the course's and what it was made from.

It lies in ``.venv``; where an environment of somebody else's lies there, in ``.venv-course``.
The stamp is written first, to tell whose it is, and filled last, so that what is half done does not count. Its
first line is the Python, its second the fingerprint of the core: its requirements, and which packages of them
are there. A line for each group follows: its name, and its fingerprint, or `HALF` until all is installed.
"""
import csv
import hashlib
import os
import re
import sys
from pathlib import Path

from helpers.paths import ROOT

_MARKS = "made-from", "pip.log"  # one of them is in each environment that the course has made, or began to make


def is_ours(folder: Path) -> bool:
    """Return whether the course has made an environment, or may: nothing is in its place, or an empty folder."""
    try:
        return not os.path.lexists(folder) or not (found := os.listdir(folder)) or not {*_MARKS}.isdisjoint(found)
    except OSError:  # a file, a link that leads nowhere, a folder of another user
        return False


def _choose_folder() -> Path:
    """Return where the environment lies, or will."""
    usual, other = ROOT / ".venv", ROOT / ".venv-course"
    return usual if is_ours(usual) and (usual.exists() or not other.exists()) else other


VENV = _choose_folder()
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP, LOG = (VENV / name for name in _MARKS)
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


def fingerprint(*files: Path, home: Path | None = None) -> str:
    """Return the fingerprint of files that say what is installed, and of what of that is there in an environment."""
    missing = [path.relative_to(ROOT).as_posix() for path in files if not path.exists()]
    if missing:
        raise SetupError(f"{missing[0]} is missing: restore it with `git checkout -- {missing[0]}`, {AGAIN}.")
    content = b"\0".join(path.read_bytes() for path in files)
    there = _list_installed(home, content.decode()) if home else []
    return hashlib.sha256(b"\0".join([content, *(name.encode() for name in there)])).hexdigest()


def _list_installed(home: Path, pins: str) -> list[str]:
    """Return the packages among those pinned that an environment holds, with versions; it only lists a folder."""
    return sorted(folder.name.removesuffix(".dist-info") for folder in _find_metadata(home, pins))


def _find_metadata(home: Path, pins: str) -> list[Path]:
    """Return the folders of metadata of the packages among those pinned that an environment holds."""
    pinned = {"helpers", *re.findall(r"^([\w.-]+)==", pins, re.MULTILINE)}
    places = [*home.glob("lib/python*/site-packages"), *home.glob("Lib/site-packages")]
    found = (place / name for place in places for name in os.listdir(place) if name.endswith(".dist-info"))
    return [path for path in found if re.sub(r"[-_.]+", "-", path.name.partition("-")[0]).lower() in pinned]


def find_damaged(lock: Path, home: Path) -> list[Path]:
    """Return the folders of metadata of packages in a lock of which files are gone, compiled ones aside."""
    return [path for path in _find_metadata(home, lock.read_text(encoding="utf-8")) if _lacks_files(path)]


def _lacks_files(metadata: Path) -> bool:
    """Return whether a file is gone that a package's record names, or the record itself."""
    try:
        with (metadata / "RECORD").open(encoding="utf-8", newline="") as record:
            names = [row[0] for row in csv.reader(record) if row and not row[0].endswith(".pyc")]
    except OSError:
        return True
    return not all(os.path.lexists(metadata.parent / name) for name in names)


def is_active() -> bool:
    """Return whether this process runs inside the environment."""
    return Path(sys.prefix).resolve() == VENV.resolve()
