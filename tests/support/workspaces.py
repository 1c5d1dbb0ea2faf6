"""A workspace as the first notebooks leave it, made once in a run of the tests and copied from then on."""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.setup import file_lock

ODD = "100 % #1 & l'été" + " or not?" * (os.name == "posix")  # a folder's name; Windows forbids the last


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this run share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def checkpoint(folder: Path) -> Path:
    """Return a workspace that a checkpoint has brought to notebook 07; the first worker that asks makes it for all."""
    made, whole = folder / "checkpoint", folder / "checkpoint is whole"
    with file_lock.hold(folder / "checkpoint.lock", ""):
        if not whole.exists():
            command = [sys.executable, "-c", "from helpers import checkpoints; checkpoints.begin('07')"]
            env = {**os.environ, "WORKBOOK_WORKSPACE": str(made)}
            subprocess.run(command, check=True, env=env, capture_output=True, timeout=600)
            whole.touch()
    return made


def copy_checkpoint(folder: Path, workspace: Path) -> None:
    """Copy that workspace to another place, where MLflow finds its files under their new names."""
    made = checkpoint(folder)
    shutil.copytree(made, workspace)
    for old, new in ((made.as_uri(), workspace.as_uri()), (str(made), str(workspace))):
        for file in workspace.glob("artifacts/**/MLmodel"):
            file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with contextlib.closing(sqlite3.connect(workspace / "mlflow.db")) as database, database:
            rename(database, old, new)


def rename(database: sqlite3.Connection, old: str, new: str) -> None:
    """Replace a text by another in every column of every table."""
    for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
        for _, column, *_ in database.execute(f'pragma table_info("{table}")').fetchall():
            change = f'update "{table}" set "{column}" = replace("{column}", ?, ?) where instr("{column}", ?)'
            database.execute(change, (old, new, old))
