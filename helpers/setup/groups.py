"""Groups of packages that only some notebooks need: which there are, and whether this Python has them.

A group is a file ``requirements/NAME.txt``, which starts with what it is for and the space that
it takes, and its lock ``NAME.lock``. One that does not keep to the core's versions lives apart, in an
environment ``.venv-NAME`` with a Jupyter kernel NAME, and its lock holds all that is there.
"""
import re
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

from helpers.paths import ROOT
from helpers.setup import venv

FOLDER = ROOT / "requirements"
NEEDED_BY = {  # notebook: the group without which it does not run
    "12": "pipelines",
    "13": "architectures",
    "14": "spark",
    "15": "integrations",
    "16": "applications",
    "17": "platforms",
    "18": "pipelines",
}
ON_JAVA = {"spark"}  # groups that need Java, which no package brings: their notebooks call java.need() as well


def names() -> list[str]:
    """Return the names of all groups."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def files(group: str) -> tuple[Path, Path]:
    """Return a group's requirements and its lock."""
    return FOLDER / f"{group}.txt", FOLDER / f"{group}.lock"


def read_lines(file: Path) -> list[str]:
    """Return the lines of a file of requirements or a lock."""
    return file.read_text(encoding="utf-8").splitlines()


def is_isolated(group: str) -> bool:
    """Return whether a group has an environment and a kernel of its own, since it does not keep to the core's lock."""
    return "-c ../requirements.lock" not in read_lines(files(group)[0])


def find_home(group: str) -> Path:
    """Return the folder of the environment that a group is installed into."""
    return ROOT / f".venv-{group}" if is_isolated(group) else venv.VENV


def kernel_title(group: str) -> str:
    """Return the name under which JupyterLab shows the kernel of a group that lives apart."""
    return f"Workbook: {group}"


def purpose(group: str) -> str:
    """Return what a group is for and the space that it takes, in a line."""
    return read_lines(files(group)[0])[0].lstrip("# ")


def name_users(group: str) -> str:
    """Return who needs a group: notebooks by number, or those whom its purpose names, such as maintainers."""
    numbers = [number for number, needed in sorted(NEEDED_BY.items()) if needed == group]
    if not numbers:
        return purpose(group).partition(":")[0].lower()
    return f"notebook{'s' * (len(numbers) > 1)} {' and '.join(numbers)}"


def size(group: str) -> float:
    """Return the bytes that a group takes on disk."""
    return float(re.search(r"(\d+) MB", purpose(group))[1]) * 1e6


def describe() -> str:
    """Return a line for each group: its name, what it is for and the space that it takes."""
    width = max(map(len, names()), default=0)
    return "\n".join(f"  {name:{width}}  {purpose(name)}" for name in names())


def command(group: str) -> str:
    """Return the command that installs a group."""
    return f"python -m helpers add {group}"


def need(group: str) -> None:
    """Raise ImportError, with what to do, unless this Python has the packages of a group."""
    if group not in names():
        raise ValueError(f"there is no group {group!r}: choose one of {', '.join(names())}")
    missing, here = find_missing(group), not is_isolated(group) or _is_inside(group)
    then = "restart the kernel" if here else f"choose the kernel {kernel_title(group)!r} (Kernel > Change Kernel)"
    if missing:
        raise ImportError(
            f"this notebook needs the group {group!r}: run `{command(group)}` in the project's folder, "
            f"then {then} (not installed: {', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''})"
        )
    if not here:
        raise ImportError(f"this notebook needs the packages of the group {group!r}, which are there: {then}")


def find_missing(group: str) -> list[str]:
    """Return the packages that a group's environment lacks; all of them where their installation was interrupted."""
    interrupted = venv.is_active() and venv.read().get(group) == venv.HALF
    found = find_differences(files(group)[1], [] if interrupted else find_places(group))
    return sorted(package for package, version in found.items() if not version)


def find_differences(lock: Path, places: list[str]) -> dict[str, str]:
    """Return the version in some folders of each package that a lock pins to another one; "" where it is missing.

    Pins for other systems are left out. A package is not imported for this.
    """
    from packaging.requirements import Requirement  # the core brings it

    found = {}
    for package in map(Requirement, read_lines(lock)):
        version = next((one.version for one in distributions(name=package.name, path=places)), "")
        wanted = package.marker is None or package.marker.evaluate()
        if wanted and not (version and package.specifier.contains(version)):
            found[package.name] = version
    return found


def find_places(group: str) -> list[str]:
    """Return the folders in which a group's packages are looked for."""
    if not is_isolated(group) or _is_inside(group):
        return sys.path
    base = str(find_home(group))
    return [sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base})]


def _is_inside(group: str) -> bool:
    """Return whether this process runs in the environment of a group that lives apart."""
    return Path(sys.prefix).resolve() == find_home(group).resolve()
