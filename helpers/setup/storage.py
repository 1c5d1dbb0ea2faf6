"""Checks of where the course writes: the disk, the workspace, and MLflow's database in it.

A notebook begins with them, and shows them again after a cell that failed.
"""
import contextlib
import errno
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path

from helpers import paths
from helpers.setup.findings import Finding, ProblemError, make_check

_DISK = 2e9  # bytes: environment and workspace of the whole course, with some room
_TEMPORARY = 5e8  # bytes: what the largest models and installers put aside while they work
_FULL = (errno.ENOSPC, errno.EDQUOT)  # no room on a disk, or none that its owner grants
_RESTART = "restart the kernel and run all cells, which makes what they need"
_SEEN: dict[Path, int] = {}  # MLflow's database as this kernel saw it first: the number of the file on its disk
_WAIT = 20  # seconds: how long others may hold the database, as while MLflow makes it
STARTS_ANEW = (
    "to start anew and keep the file, give it another name, such as mlflow-old.db, and run the notebook again, "
    "which makes what it needs; python -m helpers reset deletes all that the notebooks made"
)
_REMEDIES = {  # by SQLite's code of what is wrong
    sqlite3.SQLITE_BUSY: "end the program that holds it, or wait until it is done, and run the cell again",
    sqlite3.SQLITE_READONLY: "let yourself write to the file, or set WORKBOOK_WORKSPACE to a folder of yours",
    sqlite3.SQLITE_CANTOPEN: "let yourself read the file, or set WORKBOOK_WORKSPACE to a folder of yours",
    sqlite3.SQLITE_FULL: "make room on the disk of the workspace",
    sqlite3.SQLITE_IOERR: "make room on the disk of the workspace, or in your quota of it, and run the cell again",
}


@make_check("the disk has room")
def check_disk() -> Finding | None:
    """Check the free space for the workspace and for temporary files."""
    temporary, remedy = find_temporary(), "make room, or set TMPDIR (on Windows TEMP) to another folder"
    if not paths.WORKSPACE.is_dir():
        return None  # as the check of the workspace says
    if escape := re.search("%[0-9A-Fa-f]{2}", str(temporary)):
        what = f"the folder for temporary files, {temporary}, has {escape[0]}, which MLflow takes for another character"
        return Finding("problem", what, "set TMPDIR (on Windows TEMP) to another folder")
    looks = [
        _check_room(f"the disk of {paths.WORKSPACE}", paths.WORKSPACE, _DISK, "make room"),
        _check_room(f"the folder for temporary files, {temporary},", temporary, _TEMPORARY, remedy),
    ]
    return min(filter(None, looks), key=lambda found: found.level != "problem", default=None)


def find_temporary() -> Path:
    """Return where programs put temporary files, also where there is no room, of which Python would take another."""
    told = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    return Path(next(filter(os.path.isdir, told), None) or tempfile.gettempdir())


def _check_room(name: str, folder: Path, needed: float, remedy: str) -> Finding | None:
    """Return what is wrong where the disk of a folder has less free space than needed, or takes no file."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        level = "warning" if free > needed / 4 else "problem"
        return Finding(level, f"{name} has {free / 1e9:.1f} GB free", f"{remedy}: the course takes {needed / 1e9:g} GB")
    error = _try_writing(folder)
    if error and error.errno in _FULL:  # a quota, which the free space does not show
        return Finding("problem", f"{name} has no room for you ({error.strerror})", remedy)


def _try_writing(folder: Path) -> OSError | None:
    """Return why a folder takes no file of a megabyte, or nothing where it does."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(1 << 20))
    except OSError as error:
        return error


@make_check("the workspace can be written to")
def check_workspace() -> Finding | None:
    """Check that the workspace can be written to, and that MLflow reads its name as it stands."""
    if escape := re.search("%[0-9A-Fa-f]{2}", str(paths.WORKSPACE)):
        what = f"the path of the workspace {paths.WORKSPACE} has {escape[0]}, which MLflow takes for another character"
        return Finding("problem", what, "give that folder another name, or set WORKBOOK_WORKSPACE to another folder")
    if not paths.WORKSPACE.is_dir():
        return Finding("problem", f"the workspace {paths.WORKSPACE} is not there any more", _RESTART)
    if error := _try_writing(paths.WORKSPACE):
        remedy = "move the project to a folder of yours, or set WORKBOOK_WORKSPACE to one"
        if error.errno in _FULL:
            remedy = "make room on its disk"
        return Finding("problem", f"the workspace {paths.WORKSPACE} cannot be written to ({error.strerror})", remedy)


@make_check("no file beside the notebook, or of another project, has the name of a module")
def check_neighbours() -> Finding | None:
    """Check that no file where the kernel works, or in a folder of PYTHONPATH, is imported in place of a module.

    Packages that are installed there are left to the check of versions; an employer's `sitecustomize` may stay.
    """
    told = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    for name in ("", *told):
        folder, places = Path(name), [place for place in sys.path if place not in ("", os.getcwd(), name)]
        found = [*folder.glob("*.py"), *(file.parent for file in folder.glob("*/__init__.py"))]
        for file in [] if any(folder.glob("*.dist-info")) else sorted(found):
            fine = file.stem == "sitecustomize" or file.resolve() == paths.ROOT / "helpers"
            if not fine and PathFinder.find_spec(file.stem, places):
                what = f"{file.resolve()} would be imported in place of the module {file.stem}"
                return Finding("problem", what, "give the file another name, then restart the kernel")


@make_check("MLflow's store can be read, or will be made when it is needed")
def check_store() -> Finding | None:
    """Check that MLflow's database in the workspace can be read and written to, where there is one."""
    database = paths.WORKSPACE / "mlflow.db"
    if _SEEN.get(database, _identify(database)) != _identify(database):
        what = f"MLflow's database {database} was deleted or replaced, and this kernel still holds the former one"
        return Finding("problem", what, _RESTART)
    if not database.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", _WAIT, uri=True)) as connection:
            _try_database(connection)
    except sqlite3.Error as error:
        what = f"MLflow's database {database} cannot be used ({error})"
        return Finding("problem", what, _REMEDIES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, STARTS_ANEW))


def _identify(file: Path) -> int | None:
    """Return what tells a file from another that takes its place, as SQLite does, or nothing where there is none."""
    with contextlib.suppress(OSError):
        return file.stat().st_ino


def _try_database(connection: sqlite3.Connection) -> None:
    """Raise an error unless a database is whole, MLflow's, and soon free to write to."""
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        return  # MLflow has made the file and nothing in it yet
    faults = [fault for (fault,) in connection.execute("pragma quick_check(1)") if fault != "ok"]
    if faults:
        raise sqlite3.DatabaseError(faults[0])
    connection.execute("select count(*) from experiments").fetchone()
    connection.execute("begin immediate")


def follow_move(workspace: Path) -> None:
    """Let MLflow's database name the files where a workspace lies now; it holds the place where it was made.

    Else MLflow would write into that place again, or into the course that the workspace is a copy of, and the
    data of a run would be sought there.
    """
    database, new = workspace / "mlflow.db", f"{workspace.as_uri()}/"
    if not database.exists():
        return
    with contextlib.closing(sqlite3.connect(database, _WAIT)) as connection, connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        if "experiments" not in tables:  # MLflow has made the file and nothing in it yet
            return
        first = connection.execute("select artifact_location from experiments where experiment_id = 0").fetchone()
        old = (first[0] or "").removesuffix("artifacts/0") if first else ""
        if old.startswith("file:") and old.endswith("/") and old != new:
            _rename(connection, tables, old, new)


def _rename(connection: sqlite3.Connection, tables: list[str], old: str, new: str) -> None:
    """Replace the address of a folder by another, in every column of some tables."""
    for table in tables:
        for _, column, *_ in connection.execute(f'pragma table_info("{table}")').fetchall():
            change = f'update "{table}" set "{column}" = replace("{column}", ?, ?) where instr("{column}", ?)'
            connection.execute(change, (old, new, old))


def find_notebook():
    """Return IPython's shell where this is the kernel of a notebook, else None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def explain_failures() -> None:
    """In a notebook, have a cell that fails followed by what is wrong with the disk, the workspace or the store."""
    shell = find_notebook()
    if shell and _print_problems not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _note_database)
        shell.events.register("post_run_cell", _print_problems)


def _note_database(_) -> None:
    """Note after a cell which file MLflow's database is, as MLflow keeps it open from its first use on."""
    database = paths.WORKSPACE / "mlflow.db"
    if found := _identify(database):
        _SEEN.setdefault(database, found)


def _print_problems(result) -> None:
    """Print the problems of disk, workspace and store after a cell that failed, be they its reason or not."""
    if isinstance(result.error_in_exec, Exception) and not isinstance(result.error_in_exec, ProblemError):
        found = [check() for check in (check_disk, check_workspace, check_store)]
        print(*(finding for finding in found if finding.level == "problem"), sep="\n")
