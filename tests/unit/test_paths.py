"""The workspace may lie in a folder of almost any name; where MLflow would take it for another, a sentence says so."""
import json
import os
import subprocess
import sys

import pytest

from helpers import paths
from helpers.paths import ROOT
from helpers.setup import storage
from support.workspaces import ODD

USE = """
import json
from helpers import checkpoints, paths, servers
from helpers.setup import storage
import mlflow, requests

checkpoints.begin("00")
mlflow.set_tracking_uri(paths.TRACKING_URI)
experiment = mlflow.set_experiment("mine").experiment_id
with mlflow.start_run() as run:
    mlflow.log_text("kept", "note.txt")
note = mlflow.artifacts.load_text(run.info.artifact_uri + "/note.txt")
with servers.tracking_server() as server:
    asked = {"run_id": run.info.run_id}
    seen = requests.get(server.url + "/api/2.0/mlflow/runs/get", asked, timeout=60).json()["run"]["info"]["status"]
    mlflow.set_tracking_uri(server.url)
    with mlflow.start_run(experiment_id=experiment) as other:
        mlflow.log_text("kept too", "note.txt")
    other_note = mlflow.artifacts.load_text(other.info.artifact_uri + "/note.txt")
print(json.dumps([note, seen, other_note, storage.check_store().level]))
"""


def test_a_workspace_of_an_odd_name_holds_its_store(tmp_path):
    """Runs and files written by this process and by a server are in the workspace, and nothing is beside it."""
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(tmp_path / ODD), "PYTHONPATH": str(ROOT)}
    (tmp_path / "here").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=tmp_path / "here", env=env, capture_output=True, encoding="utf-8", timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == ["kept", "FINISHED", "kept too", "ok"]
    assert "sqlite:///workspace/mlflow.db --default-artifact-root workspace/artifacts" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {ODD, "here"} and not any((tmp_path / "here").iterdir())
    assert (tmp_path / ODD / "mlflow.db").exists()
    assert len(list((tmp_path / ODD / "artifacts").rglob("note.txt"))) == 2


@pytest.mark.parametrize("place", ["logs", ""])
def test_a_file_in_the_place_of_a_folder_is_named(tmp_path, place):
    """To move the course, with the workspace in it, would not help."""
    workspace = tmp_path / "workspace"
    if place:
        workspace.mkdir()
    (workspace / place).touch()
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(workspace)}
    command = [sys.executable, "-c", "import helpers.paths"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8")
    assert done.returncode == 1 and done.stderr.startswith(f"{workspace / place} is a file, or lies in one, and ")
    assert "move" not in done.stderr


@pytest.mark.parametrize("name", ["a%2Fb", "a%20b"])
def test_a_name_that_mlflow_takes_for_another_is_refused_at_once(tmp_path, monkeypatch, name):
    """MLflow decodes the address of a model twice, and finds no file: a percent sign before two digits is refused."""
    (tmp_path / name).mkdir()
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path / name)
    found = storage.check_workspace()
    assert found.level == "problem" and f"has {name[1:4]}, which MLflow takes" in found.what
    assert "another name" in found.remedy
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path)
    assert storage.check_workspace().level == "ok"
