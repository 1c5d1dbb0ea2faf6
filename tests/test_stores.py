"""PostgreSQL and an object store: who gets in, what survives, what is left, and others in their place."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from architectures import remote
from test_servers import gone, until

from helpers import paths, servers, stores

pytestmark = pytest.mark.needs_group("architectures")
root = pytest.mark.skipif(not stores.is_root(), reason="only root has another user to turn to")


@pytest.fixture(autouse=True)
def nobodys(monkeypatch):
    """Take away variables that point elsewhere or let somebody in."""
    for name in ("WORKBOOK_POSTGRES", "WORKBOOK_S3", "PGPASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a name that a command line may stumble over."""
    return tmp_path_factory.mktemp("stores") / "données à l'été, 2013"


@pytest.fixture(scope="module")
def database(folder):
    """Return a PostgreSQL server that runs; a test may end it."""
    with stores.Postgres([], servers.free_port(), folder=folder / "postgres") as server:
        yield server


@pytest.fixture
def running(database):
    """Return the server, running again whatever the test before has done."""
    database.start()
    return database


@pytest.fixture(scope="module")
def objects(folder):
    """Return an object store that runs; a test may end it."""
    with stores.ObjectStore([], servers.free_port(), folder=folder / "objects") as server:
        yield server


def connect(port: int, password: str | None):
    """Return a connection to PostgreSQL."""
    import psycopg2

    return psycopg2.connect(host=servers.HOST, port=port, user=stores.USER, dbname="postgres", password=password)


def s3(server: stores.ObjectStore, key: str, secret: str, **settings):
    """Return a client of the object store, which tries everything once."""
    import boto3
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, **settings)
    names = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=server.url, config=config, **names)


def keys(server: stores.ObjectStore) -> tuple[str, str]:
    """Return the key and the secret that the store lets in."""
    return server.access.login["AWS_ACCESS_KEY_ID"], server.access.login["AWS_SECRET_ACCESS_KEY"]


def secrets_of(server: servers.Server) -> str:
    """Return the one thing that must not leak."""
    return server.access.login.get("PGPASSWORD") or server.access.login["AWS_SECRET_ACCESS_KEY"]


def holders(secret: str, *folders: Path) -> list[Path]:
    """Return the files that hold a secret."""
    found = []
    for path in (path for folder in folders for path in folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # a server tidies up meanwhile
            if path.is_file() and secret.encode() in path.read_bytes():
                found.append(path)
    return found


def test_postgres_lets_in_who_knows_the_password(running):
    """The right password opens; a wrong one and none are refused."""
    import psycopg2

    connect(running.port, running.access.login["PGPASSWORD"]).close()
    for password in ("wrong", "", None):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            connect(running.port, password)


def test_both_listen_on_this_machine_only(running, objects):
    """Nobody reaches them from another machine."""
    families = running._family | objects._family
    assert {c.laddr.ip for p in families for c in p.net_connections() if c.status == "LISTEN"} == {servers.HOST}


@pytest.mark.parametrize("end, how", [("stop", "was shut down"), ("kill", "was not properly shut down")])
def test_postgres_keeps_what_was_committed(running, end, how):
    """A stop is orderly; a kill is not, and loses nothing that was committed."""
    name = f"kept_{end}"
    stores.create_database(running.access, name)
    stores.run_sql(running.access, f"CREATE TABLE {name} AS SELECT 41 AS number")
    stores.run_sql(running.access, f"UPDATE {name} SET number = 42")
    getattr(running, end)()
    assert not servers.in_use(running.port)
    running.start()
    assert f"database system {how}" in running.tail(50)
    assert stores.run_sql(running.access, f"SELECT number FROM {name}") == [42]
    assert stores.run_sql(running.access, f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == [1]


def test_a_second_postgres_on_the_same_folder_is_refused_and_the_first_lives_on(running):
    """The folder of a running server is not emptied under its feet."""
    with pytest.raises(servers.ServerError, match="a PostgreSQL server runs on .*postgres: restart the kernel"):
        stores.Postgres([], servers.free_port(), folder=running.folder)
    assert stores.run_sql(running.access, "SELECT 1") == [1]


def test_a_new_postgres_in_the_folder_of_one_that_has_ended_is_empty(tmp_path):
    """Running the notebook again begins from nothing, also where a crash has left a folder."""
    first = stores.Postgres([], servers.free_port(), folder=tmp_path / "postgres")
    first.start()
    stores.run_sql(first.access, "CREATE TABLE old (number int)")
    first.kill()
    assert (first.folder / "postmaster.pid").exists()
    with stores.Postgres([], servers.free_port(), folder=first.folder) as second:
        assert stores.run_sql(second.access, "SELECT 1 FROM pg_tables WHERE tablename = 'old'") == []


def test_no_secret_is_seen(running, objects, folder, capsys):
    """Neither command lines, nor what is printed, nor logs, nor any file hold a password or key."""
    for server in (running, objects):
        server.stop()
        server.start()
        assert secrets_of(server) not in capsys.readouterr().out
        assert secrets_of(server) not in repr(server) + repr(server.access)
        family = {*server._family, psutil.Process(server._process.pid)}
        lines = [" ".join(process.cmdline()) for process in family]
        assert len(lines) > 1 and not any(secrets_of(server) in line for line in lines)
        assert holders(secrets_of(server), folder, paths.WORKSPACE) == []


def test_a_password_file_is_gone_even_where_initdb_fails(tmp_path):
    """What initdb reads the password from does not stay."""
    (tmp_path / "initdb").write_text("")
    with pytest.raises((servers.ServerError, OSError)):
        stores.Postgres([], servers.free_port(), folder=tmp_path / "postgres", programs=tmp_path)
    assert [path.name for path in tmp_path.iterdir() if "password" in path.name] == []


def test_create_database_replaces_its_own(running):
    """What was in the database before is gone, also while somebody is connected to it."""
    from sqlalchemy import make_url

    uri = stores.create_database(running.access, "again")
    assert make_url(uri).database == "again" and make_url(uri).password is None
    inside = stores.Access(uri, running.access.login)
    stores.run_sql(inside, "CREATE TABLE old (number int)")
    other = psycopg2_of(inside)
    assert stores.create_database(running.access, "again") == uri
    assert stores.run_sql(inside, "SELECT 1 FROM pg_tables WHERE tablename = 'old'") == []
    other.close()


def psycopg2_of(access: stores.Access):
    """Return an open connection to a database."""
    import psycopg2

    return psycopg2.connect(access.uri.replace("+psycopg2", ""), password=access.login["PGPASSWORD"])


def test_create_database_leaves_somebody_elses(running):
    """A database of that name which this did not make is not dropped."""
    with contextlib.suppress(Exception):
        stores.run_sql(running.access, "CREATE DATABASE precious")
    with pytest.raises(servers.ServerError, match="the database precious is there, and not ours to replace"):
        stores.create_database(running.access, "precious")
    assert stores.run_sql(running.access, "SELECT 1 FROM pg_database WHERE datname = 'precious'") == [1]


def test_the_object_store_lets_in_who_signs_with_the_key(objects):
    """Unsigned requests and those signed with another key or secret are refused; nothing is written."""
    from botocore import UNSIGNED
    from botocore.exceptions import ClientError

    key, secret = keys(objects)
    unsigned = s3(objects, "", "", signature_version=UNSIGNED)
    for client in (s3(objects, key, "wrong"), s3(objects, "wrong", secret), unsigned):
        with pytest.raises(ClientError) as refused:
            client.put_object(Bucket=stores.BUCKET, Key="forged.txt", Body=b"")
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403}
        with pytest.raises(ClientError):
            client.list_objects_v2(Bucket=stores.BUCKET)
    assert not (objects.folder / stores.BUCKET / "forged.txt").exists()


def test_an_object_is_a_file_and_survives_a_kill(objects):
    """What was written by one client is a file of that name, and is read after the store was killed."""
    s3(objects, *keys(objects)).put_object(Bucket=stores.BUCKET, Key="a/b c é.txt", Body=b"content")
    assert (objects.folder / stores.BUCKET / "a" / "b c é.txt").read_bytes() == b"content"
    objects.kill()
    assert not servers.in_use(objects.port)
    objects.start()
    answer = s3(objects, *keys(objects)).get_object(Bucket=stores.BUCKET, Key="a/b c é.txt")
    assert answer["Body"].read() == b"content"


# A process of its own, that starts both and waits.
ASKER = """
import pathlib, sys, time
from helpers import servers, stores

folder = pathlib.Path(sys.argv[1])
both = stores.Postgres([], int(sys.argv[2]), folder=folder / "postgres"), stores.ObjectStore([], int(sys.argv[3]))
for server in both:
    server.start()
print(*stores.run_sql(both[0].access, "SELECT 42"), flush=True)
time.sleep(float(sys.argv[4]))
"""


def ask(folder: Path, seconds: float, become=list, **settings) -> tuple[subprocess.Popen, list[int]]:
    """Start a process that starts both servers, as the user that `become` turns to; return it and their ports."""
    ports = [servers.free_port(), servers.free_port()]
    command = become([sys.executable, "-c", ASKER, str(folder), *map(str, ports), str(seconds)])
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **settings), ports


def test_nothing_is_left_when_the_asking_process_is_killed(tmp_path):
    """The notebook's kernel is killed: no PostgreSQL, no object store, no helper of theirs runs on."""
    asker, ports = ask(tmp_path, 600)
    until(lambda: all(map(servers.in_use, ports)), within=60)
    assert any(line.strip() == "42" for line in asker.stdout)
    pids = {process.pid for process in psutil.Process(asker.pid).children(recursive=True)}
    assert len(pids) > 5, "PostgreSQL is several processes"
    asker.kill()
    asker.wait()
    asker.stdout.close()
    assert gone(pids) and not any(map(servers.in_use, ports))


@pytest.fixture
def open_folder():
    """Return a folder that every user of this machine can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@root
def test_it_runs_for_a_user_who_is_not_root(open_folder):
    """The helper that turns to user nobody leaves others alone."""
    behind = stores.closed(paths.ROOT / "helpers", Path(sys.executable))
    if behind and not shutil.which("setpriv"):
        pytest.skip(f"another user cannot enter {behind[0]}, where this test's programs are")
    shutil.chown(open_folder, "nobody")
    variables = {"WORKBOOK_WORKSPACE": str(open_folder), "PYTHONPATH": str(paths.ROOT), "HOME": str(open_folder)}
    settings = {"cwd": open_folder, "env": os.environ | variables}
    asker, ports = ask(open_folder, 0, lambda command: stores.unprivileged(command, behind), **settings)
    printed, _ = asker.communicate(timeout=60)
    assert asker.returncode == 0 and printed.splitlines()[-1].strip() == "42"
    assert not any(map(servers.in_use, ports))


@root
def test_root_does_not_need_more_than_a_folder_that_everyone_can_enter(open_folder, monkeypatch):
    """Without the system's program setpriv root's PostgreSQL runs as user nobody with no right of root's."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with stores.Postgres([], servers.free_port(), folder=open_folder / "postgres") as server:
        assert stores.run_sql(server.access, "SELECT 1") == [1]
        process = next(p for p in server._family if p.name().startswith("postgres"))
        assert process.username() == "nobody"


@root
def test_root_is_told_which_folder_is_closed(tmp_path, monkeypatch):
    """Where nothing helps, the message names the folder and the remedy."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    outermost = stores.closed(closed / "postgres", stores.packaged())[0]
    with pytest.raises(servers.ServerError, match=f"(?s)user nobody cannot enter {outermost}: work as another user"):
        stores.Postgres([], servers.free_port(), folder=closed / "postgres")


def test_another_postgres_takes_the_place_of_ours(running, monkeypatch, capsys):
    """The variable's password moves to where clients look for it; starting, stopping, killing touch nothing."""
    password = running.access.login["PGPASSWORD"]
    monkeypatch.setenv("WORKBOOK_POSTGRES", f"postgresql://{stores.USER}:{password}@{servers.HOST}:{running.port}")
    with stores.postgres() as other:
        assert other.access.uri == running.access.uri and other.access.login == {"PGPASSWORD": password}
        uri = stores.create_database(other.access, "elsewhere")
        assert stores.run_sql(stores.Access(uri, other.access.login), "SELECT 1") == [1]
        other.kill()
        other.start()
        other.stop()
    assert running.is_alive() and password not in capsys.readouterr().out + repr(other)


@pytest.mark.parametrize(
    "uri, expected",
    [
        ("postgresql://me:p%40ss@db.example/own?sslmode=require", "me@db.example/own?sslmode=require"),
        ("postgresql+psycopg2://me:p%40ss@db.example:5433", "me@db.example:5433/postgres"),
    ],
)
def test_the_uri_of_another_postgres_is_read_as_usual(monkeypatch, uri, expected):
    """Escapes in the password are undone, settings stay, the database `postgres` is where nothing is said."""
    monkeypatch.setenv("WORKBOOK_POSTGRES", uri)
    found = stores.postgres().access
    assert found.uri == f"postgresql+psycopg2://{expected}" and found.login == {"PGPASSWORD": "p@ss"}


@pytest.mark.parametrize("uri", ["hidden", "mysql://me:hidden@db.example", "postgresql://me:hidden@h:port", "sqlite://"])
def test_what_is_no_uri_of_a_postgres_is_refused_without_repeating_it(monkeypatch, uri):
    """The message says what form is needed, and does not print what may be a password."""
    monkeypatch.setenv("WORKBOOK_POSTGRES", uri)
    with pytest.raises(servers.ServerError, match="form postgresql://USER:PASSWORD@HOST:PORT") as refused:
        stores.postgres()
    assert "hidden" not in str(refused.value)


def test_another_object_store_takes_the_place_of_ours(objects, monkeypatch):
    """With its keys in the environment it is used and left running; without, the message says what is missing."""
    monkeypatch.setenv("WORKBOOK_S3", objects.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys(objects)[0])
    with pytest.raises(servers.ServerError, match="WORKBOOK_S3 is set, and AWS_SECRET_ACCESS_KEY not: set"):
        stores.object_store()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys(objects)[1])
    with stores.object_store() as other:
        assert other.access.uri == objects.access.uri and other.access.login == objects.access.login
        other.kill()
    assert objects.is_alive()
    monkeypatch.setenv("WORKBOOK_S3", "minio:9000")
    with pytest.raises(servers.ServerError, match="WORKBOOK_S3 is minio:9000, not a URL"):
        stores.object_store()


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
        assert not os.environ.get("CI"), "in CI the system's PostgreSQL must be there"
        pytest.skip("no PostgreSQL in /usr/lib/postgresql: sudo apt-get install postgresql")
    with remote(tmp_path, programs=debian()) as setup:
        assert "PostgreSQL 18" not in stores.run_sql(setup.database.access, "SELECT version()")[0]
        client = setup.client(ROUND_TRIP, tmp_path)
        printed, errors = client.communicate(timeout=180)
        assert client.returncode == 0, errors
        assert printed.splitlines()[-1] == "{'auc': 0.7} [7]"
