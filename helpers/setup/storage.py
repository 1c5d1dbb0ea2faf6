"""Checks of where the course writes: the disk, the workspace, and MLflow's database in it.

A notebook begins with them, and shows them again after a cell that failed.
"""
import contextlib
import errno
import os
import shutil
import sqlite3
import sys
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path

from helpers import paths
from helpers.setup.findings import Finding, ProblemError, make_check

_DISK = 2e9  # bytes: environment and workspace of the whole course, with some room
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
}


@make_check("the disk has room")
def check_disk() -> Finding | None:
    """Check the free space for the workspace."""
    free = shutil.disk_usage(paths.WORKSPACE).free
    if free >= _DISK:
        return None
    level = "warning" if free > _DISK / 4 else "problem"
    what = f"the disk of {paths.WORKSPACE} has {free / 1e9:.1f} GB free"
    return Finding(level, what, f"make room: the course takes {_DISK / 1e9:.0f} GB")


@make_check("the workspace can be written to")
def check_workspace() -> Finding | None:
    """Check that the workspace can be written to."""
    try:
        with tempfile.TemporaryFile(dir=paths.WORKSPACE) as file:
            file.write(b"x")
    except OSError as error:
        remedy = "move the project to a folder of yours, or set WORKBOOK_WORKSPACE to one"
        if error.errno == errno.ENOSPC:
            remedy = "make room on its disk"
        return Finding("problem", f"the workspace {paths.WORKSPACE} cannot be written to ({error.strerror})", remedy)


@make_check("no file beside the notebook has the name of a module")
def check_neighbours() -> Finding | None:
    """Check that no file in the folder where the kernel works would be imported in place of a module."""
    places = [place for place in sys.path if place not in ("", os.getcwd())]
    for file in sorted(Path().glob("*.py")):
        if PathFinder.find_spec(file.stem, places):
            what = f"{file.resolve()} would be imported in place of the module {file.stem}"
            return Finding("problem", what, "give the file another name, then restart the kernel")


@make_check("MLflow's store can be read, or will be made when it is needed")
def check_store() -> Finding | None:
    """Check that MLflow's database in the workspace can be read and written to, where there is one."""
    database = paths.WORKSPACE / "mlflow.db"
    if not database.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", _WAIT, uri=True)) as connection:
            _try_database(connection)
    except sqlite3.Error as error:
        what = f"MLflow's database {database} cannot be used ({error})"
        return Finding("problem", what, _REMEDIES.get(getattr(error, "sqlite_errorcode", 0), STARTS_ANEW))


def _try_database(connection: sqlite3.Connection) -> None:
    """Raise an error unless a database is whole, MLflow's, and soon free to write to."""
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        return  # MLflow has made the file and nothing in it yet
    faults = [fault for (fault,) in connection.execute("pragma quick_check(1)") if fault != "ok"]
    if faults:
        raise sqlite3.DatabaseError(faults[0])
    connection.execute("select count(*) from experiments").fetchone()
    connection.execute("begin immediate")


def find_notebook():
    """Return IPython's shell where this is the kernel of a notebook, else None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def explain_failures() -> None:
    """In a notebook, have a cell that fails followed by what is wrong with the disk, the workspace or the store."""
    shell = find_notebook()
    if shell and _print_problems not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _print_problems)


def _print_problems(result) -> None:
    """Print the problems of disk, workspace and store after a cell that failed, be they its reason or not."""
    if isinstance(result.error_in_exec, Exception) and not isinstance(result.error_in_exec, ProblemError):
        found = [check() for check in (check_disk, check_workspace, check_store)]
        print(*(finding for finding in found if finding.level == "problem"), sep="\n")
