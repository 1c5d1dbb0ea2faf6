"""A workspace as the first notebooks leave it, made once in a run of the tests and copied from then on."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.setup import file_lock, storage

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
    shutil.copytree(checkpoint(folder), workspace)
    storage.follow_move(workspace)
