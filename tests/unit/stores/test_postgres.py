"""PostgreSQL: who gets in, what survives, as whom it runs, and whose databases are replaced."""
import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from helpers import paths, servers
from helpers.setup import variables
from helpers.stores import postgres
from support.architectures import remote
from support.stores import ask

pytestmark = pytest.mark.needs_group("architectures")
root = pytest.mark.skipif(not postgres.is_root(), reason="only root has another user to turn to")


@pytest.fixture(autouse=True)
def nobodys(monkeypatch):
    """Take away variables that point elsewhere or let somebody in."""
    for name in ("WORKBOOK_S3", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a name that a command line may stumble over."""
    return tmp_path_factory.mktemp("databases") / "données à l'été, 2013"


@pytest.fixture(scope="module")
def database(folder):
    """Return a PostgreSQL server that runs; a test may end it."""
    with postgres.postgres_server(folder=folder / "postgres") as server:
        yield server


@pytest.fixture
def running(database):
    """Return the server, running again whatever the test before has done."""
    database.start()
    return database


def connect(port: int, password: str | None):
    """Return a connection to PostgreSQL."""
    import psycopg2

    return psycopg2.connect(host=servers.HOST, port=port, user=postgres.USER, dbname="postgres", password=password)


def test_postgres_lets_in_who_knows_the_password(running):
    """The right password opens; a wrong one and none are refused."""
    import psycopg2

    connect(running.port, running.access.login["PGPASSWORD"]).close()
    for password in ("wrong", "", None):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            connect(running.port, password)


@pytest.mark.parametrize("end, how", [("stop", "was shut down"), ("kill", "was not properly shut down")])
def test_postgres_keeps_what_was_committed(running, end, how):
    """A stop is orderly; a kill is not, and loses nothing that was committed."""
    name = f"kept_{end}"
    postgres.create_database(running.access, name)
    postgres.run_sql(running.access, f"CREATE TABLE {name} AS SELECT 41 AS number")
    postgres.run_sql(running.access, f"UPDATE {name} SET number = 42")
    getattr(running, end)()
    assert not servers.in_use(running.port)
    running.start()
    assert f"database system {how}" in running.tail(50)
    assert postgres.run_sql(running.access, f"SELECT number FROM {name}") == [42]
    assert postgres.run_sql(running.access, f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == [1]


def test_a_second_postgres_on_the_same_folder_is_refused_and_the_first_lives_on(running, folder):
    """The folder of a running server is not emptied under its feet."""
    with pytest.raises(servers.ServerError, match="a PostgreSQL server runs on .*postgres: restart the kernel"):
        postgres.postgres_server(folder=folder / "postgres")
    assert postgres.run_sql(running.access, "SELECT 1") == [1]


def test_a_new_postgres_in_the_folder_of_one_that_has_ended_is_empty(tmp_path):
    """Running the notebook again begins from nothing, also where a crash has left a folder."""
    first = postgres.postgres_server(folder=tmp_path / "postgres")
    first.start()
    postgres.run_sql(first.access, "CREATE TABLE old (number int)")
    first.kill()
    assert (tmp_path / "postgres" / "postmaster.pid").exists()
    with postgres.postgres_server(folder=tmp_path / "postgres") as second:
        assert postgres.run_sql(second.access, "SELECT 1 FROM pg_tables WHERE tablename = 'old'") == []


def test_a_password_file_is_gone_even_where_initdb_fails(tmp_path):
    """What initdb reads the password from does not stay."""
    (tmp_path / "initdb").write_text("")
    with pytest.raises((servers.ServerError, OSError)):
        postgres.postgres_server(folder=tmp_path / "postgres", programs=tmp_path)
    assert [path.name for path in tmp_path.iterdir() if "password" in path.name] == []


def test_create_database_replaces_its_own(running):
    """What was in the database before is gone, also while somebody is connected to it."""
    from sqlalchemy import make_url

    uri = postgres.create_database(running.access, "again")
    assert make_url(uri).database == "again" and make_url(uri).password is None
    inside = postgres.Access(uri, running.access.login)
    postgres.run_sql(inside, "CREATE TABLE old (number int)")
    other = psycopg2_of(inside)
    assert postgres.create_database(running.access, "again") == uri
    assert postgres.run_sql(inside, "SELECT 1 FROM pg_tables WHERE tablename = 'old'") == []
    other.close()


def psycopg2_of(access: postgres.Access):
    """Return an open connection to a database."""
    import psycopg2

    return psycopg2.connect(access.uri.replace("+psycopg2", ""), password=access.login["PGPASSWORD"])


def test_create_database_leaves_somebody_elses(running):
    """A database of that name which this did not make is not dropped."""
    with contextlib.suppress(Exception):
        postgres.run_sql(running.access, "CREATE DATABASE precious")
    with pytest.raises(servers.ServerError, match="the database precious is there, and not ours to replace"):
        postgres.create_database(running.access, "precious")
    assert postgres.run_sql(running.access, "SELECT 1 FROM pg_database WHERE datname = 'precious'") == [1]


@pytest.fixture
def open_folder():
    """Return a folder that every user of this machine can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@root
def test_it_runs_for_a_user_who_is_not_root(open_folder):
    """The helper that turns to user nobody leaves others alone."""
    behind = postgres.find_closed(paths.ROOT / "helpers", Path(sys.executable))
    if behind and not shutil.which("setpriv"):
        pytest.skip(f"another user cannot enter {behind[0]}, where this test's programs are")
    shutil.chown(open_folder, "nobody")
    variables = {"WORKBOOK_WORKSPACE": str(open_folder), "PYTHONPATH": str(paths.ROOT), "HOME": str(open_folder)}
    settings = {"cwd": open_folder, "env": os.environ | variables}
    asker, ports = ask(open_folder, 0, lambda command: postgres.drop_root(command, behind), **settings)
    printed, _ = asker.communicate(timeout=600)
    assert asker.returncode == 0 and printed.splitlines()[-1].strip() == "42"
    assert not any(map(servers.in_use, ports))


@root
def test_root_does_not_need_more_than_a_folder_that_everyone_can_enter(open_folder, monkeypatch):
    """Without the system's program setpriv root's PostgreSQL runs as user nobody with no right of root's."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with postgres.postgres_server(folder=open_folder / "postgres") as server:
        assert postgres.run_sql(server.access, "SELECT 1") == [1]
        users = set()
        for process in server._family:
            with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL's own helpers come and go
                users |= {process.username()} if process.name().startswith("postgres") else set()
        assert users == {"nobody"}


@root
def test_root_is_told_which_folder_is_closed(tmp_path, monkeypatch):
    """Where nothing helps, the message names the folder and the remedy."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    outermost = postgres.find_closed(closed / "postgres", postgres.find_programs())[0]
    with pytest.raises(servers.ServerError, match=f"(?s)user nobody cannot enter {outermost}: work as another user"):
        postgres.postgres_server(folder=closed / "postgres")


def debian() -> Path | None:
    """Return the programs of a PostgreSQL that Debian has installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


ROUND_TRIP = """
import mlflow
from sklearn.dummy import DummyClassifier

mlflow.set_experiment("other")
with mlflow.start_run() as run:
    mlflow.log_metric("auc", 0.7)
model = DummyClassifier().fit([[0.0]], [7])
mlflow.sklearn.log_model(model, name="model", registered_model_name="late", pip_requirements=["scikit-learn"])
mlflow.MlflowClient().set_registered_model_alias("late", "champion", 1)
print(mlflow.get_run(run.info.run_id).data.metrics, mlflow.sklearn.load_model("models:/late@champion").predict([[1.0]]))
"""


def test_the_systems_own_postgres_carries_mlflow(tmp_path):
    """Another PostgreSQL, years older than the package's, serves a run, a model and its alias."""
    if not debian():
        assert not variables.is_on("CI"), "in CI the system's PostgreSQL must be there"
        pytest.skip("no PostgreSQL in /usr/lib/postgresql: sudo apt-get install postgresql")
    with remote(tmp_path, programs=debian()) as setup:
        assert "PostgreSQL 18" not in postgres.run_sql(setup.database.access, "SELECT version()")[0]
        client = setup.client(ROUND_TRIP, tmp_path)
        printed, errors = client.communicate(timeout=600)
        assert client.returncode == 0, errors
        assert printed.splitlines()[-1] == "{'auc': 0.7} [7]"
