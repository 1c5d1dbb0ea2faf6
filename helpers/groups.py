"""Groups of packages that only some notebooks need: which there are, and whether this Python has them.

A group is a file ``requirements/NAME.txt``, which starts with what it is for and the space that
it takes, and its lock ``NAME.lock``. Like helpers.environment, this runs before anything is installed.
"""
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from helpers.paths import ROOT

FOLDER = ROOT / "requirements"
NEEDED_BY = {"10": "architectures", "11": "spark", "12": "integrations"}  # notebook: what it cannot run without
ON_JAVA = {"spark"}  # groups that need Java, which no package brings: their notebooks call java.need() as well


def names() -> list[str]:
    """Return the names of all groups."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def files(group: str) -> tuple[Path, Path]:
    """Return a group's requirements and its lock."""
    return FOLDER / f"{group}.txt", FOLDER / f"{group}.lock"


def purpose(group: str) -> str:
    """Return what a group is for and the space that it takes, in a line."""
    return files(group)[0].read_text(encoding="utf-8").splitlines()[0].lstrip("# ")


def whom(group: str) -> str:
    """Return who needs a group: notebooks by number, or those who maintain the course."""
    numbers = [number for number, needed in sorted(NEEDED_BY.items()) if needed == group]
    return f"notebook {' and '.join(numbers)}" if numbers else "maintainers"


def size(group: str) -> float:
    """Return the bytes that a group takes on disk."""
    return float(re.search(r"(\d+) MB", purpose(group))[1]) * 1e6


def listed() -> str:
    """Return a line for each group: its name, what it is for and the space that it takes."""
    width = max(map(len, names()), default=0)
    return "\n".join(f"  {name:{width}}  {purpose(name)}" for name in names())


def command(group: str) -> str:
    """Return the command that installs a group."""
    return f"python -m helpers add {group}"


def need(group: str) -> None:
    """Return where this Python has a group's packages; else raise ImportError with the command that installs them."""
    if group not in names():
        raise ValueError(f"there is no group {group!r}: choose one of {', '.join(names())}")
    lacking = missing(group)
    if lacking:
        raise ImportError(
            f"this notebook needs the group {group!r}: run `{command(group)}` in the project's folder, "
            f"then restart the kernel (not installed: {', '.join(lacking)})"
        )


def missing(group: str) -> list[str]:
    """Return the packages of a group that this Python does not have; all where their installation was interrupted."""
    from helpers import environment

    return [name for name in packages(group) if environment.unfinished(group) or not installed(name)]


def packages(group: str) -> list[str]:
    """Return the names of a group's packages on this system: those it names, and those that they bring along."""
    from packaging.requirements import Requirement  # the core brings it

    text = "\n".join(path.read_text(encoding="utf-8") for path in files(group))
    wanted = [Requirement(line) for line in re.findall(r"^\w[^#\n]*", text, re.MULTILINE)]
    return sorted({one.name for one in wanted if one.marker is None or one.marker.evaluate()})


def installed(package: str) -> bool:
    """Return whether this Python has a package, which is not imported for that."""
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False
