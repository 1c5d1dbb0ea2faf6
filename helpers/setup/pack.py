"""A pack: one file with all packages, from which machines of the same kind set up without a network."""
import contextlib
import json
import re
import sys
import sysconfig
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from helpers.paths import ROOT, WORKSPACE
from helpers.setup import environment, groups, packages, venv
from helpers.setup.packages import LOCK
from helpers.setup.venv import LOG, PYTHON, SetupError

_CONTENTS = "contents.json"
_COMMAND = "python -m helpers pack"


def describe_machine() -> dict[str, str]:
    """Return what two machines must have in common to use the same pack."""
    return {"system": sysconfig.get_platform(), "python": f"{sys.version_info.major}.{sys.version_info.minor}"}


def make(asked: list[str]) -> Path:
    """Write a pack of the core and of some groups into the workspace, and return it."""
    apart = [group for group in asked if groups.is_isolated(group)]
    if apart:
        raise SetupError(f"the group {apart[0]} has an environment of its own, which does not fit into a pack")
    locks = [LOCK, *(groups.files(group)[1] for group in asked)]
    builder = re.search(r'requires = \["(.+?)"\]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    target = WORKSPACE / f"workbook-{describe_machine()['system']}-py{describe_machine()['python']}.zip"
    with tempfile.TemporaryDirectory(dir=WORKSPACE) as folder:
        listed = [word for lock in locks for word in ("-r", lock)]
        wheels = PYTHON, "-m", "pip", "wheel", "--wheel-dir", folder, "--disable-pip-version-check", "--log", LOG
        LOG.unlink(missing_ok=True)
        if not packages.run(*wheels, "pip", builder, *listed, **packages.pip_settings()):
            packages.fail()
        contents = {**describe_machine(), "locks": venv.fingerprint(*locks), "groups": asked}
        write(target, sorted(Path(folder).glob("*.whl")), contents)
    return target


def write(target: Path, wheels: list[Path], contents: dict) -> None:
    """Write wheels, which are compressed already, and a note of what they are for into a file, whole or not at all."""
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as file:
        file.writestr(_CONTENTS, json.dumps(contents))
        for wheel in wheels:
            file.write(wheel, wheel.name)
    part.replace(target)


@contextlib.contextmanager
def use(path: Path | None) -> Iterator[list[str]]:
    """Have pip and uv take packages from a pack alone while a block runs, and return the groups that are in it.

    Without a pack they take them from where they always do.
    """
    if path is None:
        yield []
        return
    contents = check(path)
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        try:
            with zipfile.ZipFile(path) as file:
                file.extractall(folder)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise SetupError(f"{path} is damaged ({error}): copy it once more from where it comes.") from error
        with environment.set_variables({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": Path(folder).as_uri()}):
            yield contents["groups"]


def check(path: Path) -> dict:
    """Return what a pack is for; raise SetupError where that is another kind of machine or state of the course."""
    try:
        with zipfile.ZipFile(path) as file:
            contents = json.loads(file.read(_CONTENTS))
        made, here = ({name: one[name] for name in describe_machine()} for one in (contents, describe_machine()))
        locks = [LOCK, *(groups.files(group)[1] for group in contents["groups"])]
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, RecursionError) as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else "is no pack, or not a whole one"
        raise SetupError(f"{path} {reason}: `{_COMMAND}` on a machine with a network makes one.") from error
    if made != here:
        words = ["Python {python} on {system}".format(**one) for one in (made, here)]
        raise SetupError(f"{path.name} is for {words[0]}, and this is {words[1]}: a pack fits one kind of machine.")
    if not {*contents["groups"]} <= {*groups.names()} or contents.get("locks") != venv.fingerprint(*locks):
        raise SetupError(f"{path.name} was made from another state of the course: `{_COMMAND}` makes a new one.")
    return contents
