"""Bad days of the workspace: a database that cannot be used, a full disk; what was acknowledged is there afterwards."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers import checkpoints, paths
from helpers.paths import ROOT
from helpers.setup import findings, storage
from support.bad_days import namespaces

pytestmark = pytest.mark.hostile
OLDER = "bd07f7e963c5"  # the form of the database in an MLflow of 2021


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """Return a workspace of its own, in which nobody waits long."""
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path)
    monkeypatch.setattr(paths, "TRACKING_URI", paths.format_address(tmp_path / "mlflow.db"))
    monkeypatch.setattr(storage, "_WAIT", 0.2)
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a database that MLflow has made, with a run in it."""
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("made") / "mlflow.db"
    MlflowClient(paths.format_address(file)).create_run("0", run_name="mine")
    return file


@pytest.fixture
def database(workspace, made):
    """Return the database of the workspace, which nobody in this process has opened, with a run in it."""
    return Path(shutil.copy(made, workspace / "mlflow.db"))


def garble(database):
    """Put something else in the place of a database."""
    database.write_bytes(b"a letter to a friend" * 500)


def cut(database):
    """Cut a database short."""
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])


def renew(database):
    """Note in a database that it has a form which no MLflow of today knows."""
    connection = sqlite3.connect(database)
    connection.execute("update alembic_version set version_num = 'feedfeedfeed'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (garble, "cannot be used (file is not a database): to start anew and keep the file, give it another name"),
        (cut, "cannot be used (database disk image is malformed): to start anew and keep the file"),
        (renew, "which another version has made: use that version; or, to start anew and keep the file"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_with_the_remedy_which_works(database, harm, told):
    """The first cell says what is wrong; the file stays as it is; under another name it makes way for a new one."""
    harm(database)
    before = database.read_bytes()
    with pytest.raises(findings.ProblemError) as caught:
        checkpoints.begin("00")
    assert told in str(caught.value) and str(database) in str(caught.value)
    assert database.read_bytes() == before
    database.rename(database.with_name("mlflow-old.db"))
    checkpoints.begin("00")


def test_a_database_that_another_program_holds_is_told_and_then_free(database):
    """While another program writes, a notebook waits a while, and then says so; afterwards the run is there."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("begin exclusive")
    with pytest.raises(findings.ProblemError, match=r"database is locked\): end the program that holds it, or wait"):
        checkpoints.begin("00")
    holder.close()
    checkpoints.begin("00")
    assert names() == ["mine"]


def test_the_same_notebook_in_a_second_kernel_is_refused_until_the_first_has_ended(workspace):
    """Twice at once, each would delete the runs of the other; a kernel that was killed holds nothing."""
    code = "from helpers import checkpoints; checkpoints.begin('00'); checkpoints.begin('00'); input()"
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-u", "-c", code], env=env, stdin=pipe, stdout=pipe) as first:
        assert [first.stdout.readline()[:15] for _ in "12"] == [b"\rCheckpoint 00:"] * 2
        with pytest.raises(findings.ProblemError, match="Notebook 00 is at work in another kernel.*: shut that"):
            checkpoints.begin("00")
        first.kill()
    checkpoints.begin("00")


def names() -> list[str]:
    """Return the names of the runs in the workspace's database."""
    from mlflow import MlflowClient

    return [run.info.run_name for run in MlflowClient(paths.TRACKING_URI).search_runs(["0"])]


@pytest.fixture
def older(workspace):
    """Return a database as an MLflow of 2021 made it, by the same steps, with a run in it."""
    from alembic import command
    from mlflow.store.db import utils
    from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase

    database = workspace / "mlflow.db"
    engine = utils.create_sqlalchemy_engine(paths.TRACKING_URI)
    InitialBase.metadata.create_all(engine)
    with engine.begin() as connection:
        config = utils._get_alembic_config(paths.TRACKING_URI)
        config.attributes["connection"] = connection
        command.upgrade(config, OLDER)
    engine.dispose()
    connection = sqlite3.connect(database)
    connection.execute("insert into experiments (experiment_id, name, lifecycle_stage) values (0, 'Default', 'active')")
    connection.execute(
        "insert into runs (run_uuid, experiment_id, status, lifecycle_stage, start_time, source_type, user_id) "
        "values ('1234', 0, 'FINISHED', 'active', 1, 'LOCAL', 'me')"
    )
    connection.execute("insert into tags (key, value, run_uuid) values ('mlflow.runName', 'old', '1234')")
    connection.commit()
    connection.close()
    return database


def test_an_older_database_is_brought_up_to_date_with_all_that_it_holds(older):
    """MLflow upgrades it by itself, and the run is there."""
    checkpoints.begin("00")
    assert names() == ["old"]


START = """
import json, threading
from helpers import checkpoints, paths
import mlflow
from sklearn.linear_model import LogisticRegression

checkpoints.begin("00")
mlflow.set_tracking_uri(paths.TRACKING_URI)
mlflow.set_experiment("mine")
film, acknowledged, enough = paths.WORKSPACE / "film", [], threading.Event()

def train(runs):
    for number in range(runs):
        with mlflow.start_run() as run:
            mlflow.log_metric("number", number)
            model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
            mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
        acknowledged.append(run.info.run_id)
        if number == 2:
            enough.set()

def fill():
    enough.wait()
    with film.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass

threading.excepthook = lambda _: None  # the film ends where the disk does
threading.Thread(target=fill, daemon=True).start()
"""
READ_BACK = """
train(2)
for run in acknowledged:
    assert mlflow.sklearn.load_model(f"runs:/{run}/model").predict([[1.0]]) == [1]
print(json.dumps([mlflow.get_run(run).data.metrics["number"] for run in acknowledged]))
"""
SMALL = 'mount -t tmpfs -o size=64m tmpfs "$1" && shift && exec "$@"'


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is made as on Linux")
def test_a_disk_that_gets_full_in_the_middle_of_training_is_named_and_loses_nothing(tmp_path):
    """The cell that fails is followed by a line on the disk; then the same kernel goes on with all runs."""
    workspace, file = tmp_path / "workspace", tmp_path / "training.ipynb"
    workspace.mkdir()
    cells = [START, "train(1000)", "film.unlink(); checkpoints.begin('00')", READ_BACK]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), file)
    convert = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--inplace", file]
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT)}
    on_it = [*namespaces("mount"), "sh", "-c", SMALL, "sh", workspace]
    subprocess.run([*on_it, *convert], env=env, check=True, timeout=1800)
    ran = [told(cell) for cell in nbformat.read(file, 4).cells]
    assert f"the disk of {workspace} has 0.0 GB free" in ran[1] and "make room" in ran[1], ran
    *before, first, second = json.loads(ran[3])
    assert before == list(range(len(before))) and len(before) >= 3 and (first, second) == (0, 1), ran


FILL = """
import os, tempfile
film = open(os.path.join(tempfile.gettempdir(), "film"), "wb", buffering=0)
while film.write(bytes(1 << 20)) == 1 << 20:
    pass
"""
LOG = """
import mlflow
from helpers import paths
from sklearn.linear_model import LogisticRegression
mlflow.set_tracking_uri(paths.TRACKING_URI)
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is made as on Linux")
def test_a_temporary_folder_that_gets_full_is_named_below_the_cell_that_fails_and_by_the_doctor(tmp_path):
    """MLflow advises another format of models then; once there is room, the same cell works."""
    workspace, small, file = tmp_path / "workspace", tmp_path / "small", tmp_path / "log.ipynb"
    small.mkdir()
    begin = "from helpers import checkpoints; checkpoints.begin('00')"
    doctor = "from helpers.setup import doctor\nprint(doctor.check_disk())"
    cells = [begin, FILL, LOG, doctor, "film.truncate(0)", LOG]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), file)
    convert = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--inplace", file]
    folder = {"WORKBOOK_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT), "TMPDIR": str(small)}
    on_it = [*namespaces("mount"), "sh", "-c", SMALL, "sh", small]
    subprocess.run([*on_it, *convert], env=os.environ | folder, check=True, timeout=1800)
    _, _, logged, asked, _, again = nbformat.read(file, 4).cells
    line = rf"problem +the folder for temporary files, {re.escape(str(small))}\S*, has 0\.0 GB free\n +-> make room, or"
    assert "error" in kinds(logged) and "error" not in kinds(again), again
    assert re.search(line, told(logged)) and re.search(line, told(asked)), (logged, asked)


def kinds(cell) -> set[str]:
    """Return the kinds of what a cell has shown."""
    return {output.output_type for output in cell.outputs}


def told(cell) -> str:
    """Return what a cell has printed."""
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
