"""The remote set-up for real: what was acknowledged stays, who gets in, what a client touches, and its backup."""
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
import requests
from mlflow.exceptions import MlflowException

from helpers import paths, servers
from helpers.stores import object_store, postgres
from helpers.stores.interruptions import Interruption
from support.architectures import Remote, behind, remote
from support.processes import until
from support.stores import holders

pytestmark = pytest.mark.needs_group("architectures")
IMPATIENT = {"MAX_RETRIES": "1", "BACKOFF_FACTOR": "0", "BACKOFF_JITTER": "0.2"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of the set-up."""
    return tmp_path_factory.mktemp("remote")


@pytest.fixture(scope="module")
def setup(folder):
    """Return a remote set-up that runs."""
    with remote(folder) as setup:
        yield setup


@pytest.fixture
def client(setup, monkeypatch):
    """Return a client in this process, logged in as admin, that soon gives up."""
    for server in (setup.database, setup.objects, setup.server):
        server.start()
    for name, value in setup.environment().items():
        monkeypatch.setenv(name, value)
    for name, value in IMPATIENT.items():
        monkeypatch.setenv(f"MLFLOW_HTTP_REQUEST_{name}", value)
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "false")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(setup.server.url)
    yield mlflow.MlflowClient(setup.server.url)
    mlflow.set_tracking_uri(before)


class Logger(threading.Thread):
    """Somebody who logs run after run, and writes down what the server has acknowledged."""

    def __init__(self, client, experiment: str, name: str):
        super().__init__(daemon=True)
        self.client, self.experiment, self.name = client, experiment, name
        self.runs, self.metrics, self.tags, self.refused, self.done = [], [], [], 0, threading.Event()

    def run(self) -> None:
        """Log until told to stop; what fails is not tried again."""
        for number in itertools.takewhile(lambda _: not self.done.is_set(), itertools.count()):
            try:
                self.log(f"{self.name}-{number}")
            except MlflowException:
                self.refused += 1
                time.sleep(0.5)

    def log(self, name: str) -> None:
        """Log a run with metrics and a tag."""
        run = self.client.create_run(self.experiment, run_name=name).info.run_id
        self.runs.append(run)
        for step in range(3):
            self.client.log_metric(run, "loss", step / 3, step=step)
            self.metrics.append(f"{run} {step}")
        self.client.set_tag(run, "note", name)
        self.tags.append(f"{run} {name}")


def progress(loggers: list[Logger]) -> None:
    """Wait until each has logged another run to its end."""
    before = [len(logger.tags) for logger in loggers]
    until(lambda: all(len(logger.tags) > count for logger, count in zip(loggers, before)))


def drills(setup) -> list:
    """Return what is done to a set-up while clients log."""
    steps = [setup.server.kill, setup.server.kill, setup.database.stop, setup.database.kill]
    return [(step, setup.server if step == setup.server.kill else setup.database) for step in steps]


def test_nothing_that_was_acknowledged_is_lost(setup, client):
    """Four clients log while the server and the database are killed: all that was acknowledged is there, once."""
    experiment = client.create_experiment("drills")
    loggers = [Logger(mlflow.MlflowClient(setup.server.url), experiment, name) for name in "abcd"]
    for logger in loggers:
        logger.start()
    try:
        for harm, victim in drills(setup):
            progress(loggers)
            harm()
            time.sleep(0.5)
            victim.start()
        progress(loggers)
    finally:
        for logger in loggers:
            logger.done.set()
    for logger in loggers:
        logger.join(300)
        assert not logger.is_alive() and logger.refused, f"{logger.name} noticed nothing of the drills"
    inside = postgres.Access(setup.store, setup.database.access.login)
    of = f"FROM {{}} JOIN runs USING (run_uuid) WHERE experiment_id = {experiment}"
    stored = {
        "runs": postgres.run_sql(inside, f"SELECT run_uuid FROM runs WHERE experiment_id = {experiment}"),
        "metrics": postgres.run_sql(inside, f"SELECT run_uuid || ' ' || step {of.format('metrics')}"),
        "tags": postgres.run_sql(inside, f"SELECT run_uuid || ' ' || value {of.format('tags')} AND key = 'note'"),
    }
    for what, found in stored.items():
        acknowledged = [item for logger in loggers for item in getattr(logger, what)]
        assert len(acknowledged) >= 20 and len(set(acknowledged)) == len(acknowledged)
        assert set(acknowledged) <= set(found), f"acknowledged {what} are lost"
        assert len(set(found)) == len(found), f"{what} are there twice"


def test_without_the_object_store_metrics_go_on_and_artifacts_fail_and_return(setup, client, tmp_path):
    """An upload without the store fails, what failed is not listed, and it works once the store is back."""
    run = client.create_run(client.create_experiment("objects")).info.run_id
    client.log_text(run, "first", "first.txt")
    setup.objects.kill()
    client.log_metric(run, "goes on", 1)
    with pytest.raises(MlflowException):
        client.log_text(run, "second", "second.txt")
    address = f"{setup.server.url}/api/2.0/mlflow-artifacts/artifacts/{run}/third.txt"
    assert requests.put(address, data=b"third", auth=("admin", setup.password), timeout=60).status_code == 500
    setup.objects.start()
    assert [file.path for file in client.list_artifacts(run)] == ["first.txt"]
    client.log_text(run, "second", "second.txt")
    assert [file.path for file in client.list_artifacts(run)] == ["first.txt", "second.txt"]
    assert mlflow.artifacts.load_text(f"runs:/{run}/second.txt") == "second"
    assert client.get_run(run).data.metrics == {"goes on": 1}


@contextlib.contextmanager
def through(door: Interruption, setup, victim: str) -> Iterator[str]:
    """Have all that is sent to the object store or the server pass a door; give the address for clients."""
    if victim == "server":
        yield door.url
        return
    restart(setup.server, MLFLOW_S3_ENDPOINT_URL=door.url)
    try:
        yield setup.server.url
    finally:
        restart(setup.server, MLFLOW_S3_ENDPOINT_URL=setup.objects.url)


def restart(server: servers.Server, **variables: str) -> None:
    """Start a server again, with other variables."""
    server.stop()
    server.env.update(variables)
    server.start()


@pytest.mark.parametrize("victim", ["objects", "server"])
def test_an_upload_that_is_cut_leaves_no_half_artifact(setup, client, tmp_path, victim):
    """The store or the server is killed when it has got half of an upload: the client is told, nothing is listed."""
    run, harmed = client.create_run(client.create_experiment(f"cut {victim}")).info.run_id, getattr(setup, victim)
    (tmp_path / "big.bin").write_bytes(os.urandom(1 << 20) * 200)
    with Interruption(harmed.port, 100 << 20, harmed.kill) as door, through(door, setup, victim) as url:
        visitor = mlflow.MlflowClient(url)
        with pytest.raises((MlflowException, requests.RequestException)):
            visitor.log_artifact(run, str(tmp_path / "big.bin"))
        with door.lock:  # the kill is over, and no longer stops what starts now
            assert -100 << 20 < door.left <= 0, "the kill was not in the middle"
        harmed.start()
        assert visitor.list_artifacts(run) == []
        visitor.log_artifact(run, str(tmp_path / "big.bin"))
        assert [file.file_size for file in visitor.list_artifacts(run)] == [200 << 20]


VISIT = """
import json, sys

reached = set()
sys.addaudithook(lambda event, args: event == "socket.connect" and reached.add(str(args[1])))
import mlflow, mlflow.sklearn
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("visit")
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
with mlflow.start_run() as run:
    mlflow.log_params({"C": 1.0})
    mlflow.log_metric("auc", 0.7)
    mlflow.log_text("a note", "note.txt")
    mlflow.sklearn.log_model(model, name="model", registered_model_name="visited", pip_requirements=["scikit-learn"])
mlflow.MlflowClient().set_registered_model_alias("visited", "champion", 1)
loaded = mlflow.sklearn.load_model("models:/visited@champion")
found = {
    "metrics": mlflow.get_run(run.info.run_id).data.metrics,
    "note": mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/note.txt"),
    "predicted": loaded.predict_proba([[0.3]]).tolist() == model.predict_proba([[0.3]]).tolist(),
    "reached": sorted(reached),
    "drivers": [name for name in ("psycopg2", "boto3", "botocore") if name in sys.modules],
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def visit(setup, tmp_path_factory):
    """Return what a client found that knows nothing but the address and its login, and the folder it ran in."""
    home = tmp_path_factory.mktemp("visitor")
    settings = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",  # else it downloads from the object store itself
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "false",  # and uploads there what is large
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1",  # as if all were large
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    visitor = setup.client(VISIT, home, **settings)
    printed, errors = visitor.communicate(timeout=600)
    assert visitor.returncode == 0, errors
    return json.loads(printed.splitlines()[-1]) | {"left": [path.name for path in home.iterdir()]}


def test_a_client_needs_an_address_and_a_login_and_reaches_nothing_else(setup, visit):
    """It logs, registers and loads through the tracking server alone, without drivers, and leaves no file."""
    assert visit["metrics"] == {"auc": 0.7} and visit["note"] == "a note" and visit["predicted"]
    assert visit["reached"] == [str((servers.HOST, setup.server.port))]
    assert visit["drivers"] == []
    assert visit["left"] == []


def get(setup, path: str, login: tuple[str, str] | None, **headers: str) -> requests.Response:
    """Ask the server, in a session of its own."""
    return requests.get(f"{setup.server.url}{path}", auth=login, headers=headers, timeout=60)


EXPERIMENT = "/api/2.0/mlflow/experiments/get?experiment_id=0"


def test_only_who_logs_in_gets_in(setup, client):
    """Without a login and with a wrong one the answer is 401, for data, artifacts and pages alike."""
    assert get(setup, EXPERIMENT, ("admin", setup.password)).status_code == 200
    artifacts = "/api/2.0/mlflow-artifacts/artifacts?path=0"
    for login in (None, ("admin", "wrong"), ("nobody", setup.password), ("admin", "")):
        for path in (EXPERIMENT, artifacts, "/", "/ajax-api/2.0/mlflow/users/list"):
            assert get(setup, path, login).status_code == 401, (login, path)
    put = requests.put(f"{setup.server.url}/api/2.0/mlflow-artifacts/artifacts/0/forged.txt", data=b"", timeout=60)
    assert put.status_code == 401


def count_answered(setup: Remote, login: tuple[str, str]) -> int:
    """Return how many of thirty requests with a login are answered."""
    return sum(get(setup, EXPERIMENT, login).status_code == 200 for _ in range(30))


def test_an_old_password_works_until_the_cache_of_every_worker_has_forgotten_it(tmp_path):
    """The worker that did not get the change still accepts it, no longer than the cache lasts; the new one counts."""
    with remote(tmp_path, cache_seconds=20, workers=2) as setup:
        users, admin = f"{setup.server.url}/api/2.0/mlflow/users", ("admin", setup.password)
        old, new = ({"username": "ada", "password": f"the-{word}-password"} for word in ("first", "second"))
        assert requests.post(f"{users}/create", json=old, auth=admin, timeout=60).status_code == 200
        assert count_answered(setup, tuple(old.values())) == 30
        assert requests.patch(f"{users}/update-password", json=new, auth=admin, timeout=60).status_code == 200
        assert 0 < count_answered(setup, tuple(old.values())) < 30
        time.sleep(21)
        assert count_answered(setup, tuple(old.values())) == 0
        assert count_answered(setup, tuple(new.values())) == 30


def test_a_reader_reads_and_does_not_write(setup, client, visit):
    """Whoever has no more than READ loads the champion's version, and gets 403 where it would change something."""
    from mlflow.server import get_app_client

    auth, password = get_app_client("basic-auth", tracking_uri=setup.server.url), "a-reader-of-things-1"
    auth.create_user("reader", password)
    experiment = client.get_experiment_by_name("visit").experiment_id
    alias = {"name": "visited", "alias": "champion", "version": "1"}
    login = ("reader", password)
    address = f"{setup.server.url}/api/2.0/mlflow"
    read = requests.get(f"{address}/registered-models/alias", params=alias, auth=login, timeout=60)
    assert read.status_code == 200 and read.json()["model_version"]["version"] == "1"
    for path, body in {
        "/runs/create": {"experiment_id": experiment},
        "/registered-models/alias": alias,
        "/model-versions/create": {"name": "visited", "source": "models:/m-1"},
        "/experiments/delete": {"experiment_id": experiment},
        "/users/create": {"username": "eve", "password": "another-long-one-1"},
    }.items():
        answer = requests.post(address + path, json=body, auth=login, timeout=60)
        assert answer.status_code == 403, (path, answer.text)
    put = f"{setup.server.url}/api/2.0/mlflow-artifacts/artifacts/{experiment}/forged.txt"
    assert requests.put(put, data=b"", auth=login, timeout=60).status_code == 403


def test_a_page_from_elsewhere_cannot_use_a_browsers_login(setup, client):
    """A foreign Host header and a POST from another origin are refused even with the admin's login."""
    login = ("admin", setup.password)
    foreign = get(setup, EXPERIMENT, login, Host="evil.example")
    assert foreign.status_code == 403 and "Invalid Host header" in foreign.text
    assert get(setup, "/health", None, Host="evil.example").status_code == 200
    address = f"{setup.server.url}/api/2.0/mlflow/runs/create"
    origin = {"Origin": "https://evil.example"}
    crossed = requests.post(address, json={"experiment_id": "0"}, auth=login, headers=origin, timeout=60)
    assert crossed.status_code == 403 and "Cross-origin request blocked" in crossed.text


def test_no_secret_is_in_a_file(setup, folder, visit):
    """Neither logs, nor the database, nor the objects, nor the configuration hold a password or a key."""
    keys = setup.objects.access.login
    hidden = [setup.password, *setup.database.access.login.values(), keys["AWS_SECRET_ACCESS_KEY"]]
    for secret in hidden:
        assert holders(secret, folder, paths.WORKSPACE) == []


def test_a_backup_makes_the_same_champion_elsewhere(setup, client, visit, folder, tmp_path, monkeypatch):
    """A dump of the database and a copy of the bucket are all that a fresh set-up needs."""
    rows = [[0.1], [0.5], [0.9]]
    expected = mlflow.sklearn.load_model("models:/visited@champion").predict_proba(rows).tolist()
    programs, dump = postgres.find_programs(), tmp_path / "mlflow.dump"
    back_up(programs, setup, dump)
    shutil.copytree(folder / "objects", tmp_path / "objects")
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgres.postgres_server(folder=tmp_path / "postgres"))
        objects = stack.enter_context(object_store.object_store_server(folder=tmp_path / "objects"))
        fresh = behind(database, objects, tmp_path)
        restore(programs, fresh, dump)
        stack.enter_context(fresh.server)
        mlflow.set_tracking_uri(fresh.server.url)  # with the logins of the old one, which are in the dump
        assert mlflow.sklearn.load_model("models:/visited@champion").predict_proba(rows).tolist() == expected
        assert get(fresh, EXPERIMENT, ("admin", fresh.password)).status_code == 401


def back_up(programs: Path, setup, dump: Path) -> None:
    """Write a database into a file."""
    call(setup, programs / "pg_dump", "--format=custom", "--file", dump, libpq(setup))


def restore(programs: Path, setup, dump: Path) -> None:
    """Fill an empty database from a file."""
    call(setup, programs / "pg_restore", "--exit-on-error", "--no-owner", "--dbname", libpq(setup), dump)


def libpq(setup) -> str:
    """Return the address of a set-up's database as PostgreSQL's own programs read it."""
    return setup.store.replace("+psycopg2", "")


def call(setup, *command: object) -> None:
    """Run one of PostgreSQL's programs on a set-up's database."""
    env = os.environ | setup.database.access.login
    subprocess.run([*map(str, command)], env=env, check=True, timeout=120)
