"""What notebook 03 tells the reader to type into a terminal."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from helpers import notebooks, paths
from support import workspaces
from support.copies import outside
from support.running import home


@pytest.mark.skipif(os.name != "posix", reason="types into a POSIX shell")
def test_what_is_typed_into_a_terminal_lands_in_the_store_of_the_course(tmp_path, tmp_path_factory):
    """The lines of the text, then the printed command, in a shell that knows nothing of a notebook."""
    import mlflow

    workspace = tmp_path / "workspace"
    workspaces.copy_checkpoint(workspaces.shared(tmp_path_factory), workspace)
    for folder in ("project", "helpers"):
        shutil.copytree(paths.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "notebooks").mkdir()
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    client = mlflow.MlflowClient(paths.format_address(workspace / "mlflow.db"))
    experiment = client.create_experiment("03-projects", (workspace / "artifacts").as_uri())
    script = find_script()
    env = outside({"WORKBOOK_WORKSPACE": str(workspace), **home(workspace)})
    for name in [name for name in env if name.startswith("MLFLOW_")]:
        del env[name]
    done = subprocess.run(["bash", "-euc", script], cwd=tmp_path / "notebooks", env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [run.info.status for run in client.search_runs([experiment])] == ["FINISHED"]
    assert list(tmp_path.rglob("mlflow.db")) == [workspace / "mlflow.db"]


def find_script() -> str:
    """Return what the text says to type on Linux and macOS, and the first command that the notebook prints."""
    cells = notebooks.read("03").cells
    text = "\n".join(cell.source for cell in cells)
    printed = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    lines = re.search(r"```\n(source .*?)```", text, re.DOTALL).group(1)
    return lines + re.search(r"^\$ (python -m mlflow run .*)$", printed, re.MULTILINE).group(1)
