"""PostgreSQL and an object store side by side: who gets in, what is left, and others in their place."""

import psutil
import pytest

from helpers import paths, servers
from helpers.stores import object_store, postgres
from helpers.stores.access import Store
from support.processes import command_lines, family, gone, listening, until
from support.stores import ask, holders

pytestmark = pytest.mark.needs_group("architectures")


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
    with postgres.postgres_server(folder=folder / "postgres") as server:
        yield server


@pytest.fixture(scope="module")
def objects(folder):
    """Return an object store that runs; a test may end it."""
    with object_store.object_store_server(folder=folder / "objects") as server:
        yield server


def s3(server: Store, key: str, secret: str, **settings):
    """Return a client of the object store, which tries everything once."""
    import boto3
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, **settings)
    names = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=server.url, config=config, **names)


def keys(server: Store) -> tuple[str, str]:
    """Return the key and the secret that the store lets in."""
    return server.access.login["AWS_ACCESS_KEY_ID"], server.access.login["AWS_SECRET_ACCESS_KEY"]


def secrets_of(server: servers.Server) -> str:
    """Return the one thing that must not leak."""
    return server.access.login.get("PGPASSWORD") or server.access.login["AWS_SECRET_ACCESS_KEY"]


def test_both_listen_on_this_machine_only(database, objects):
    """Nobody reaches them from another machine."""
    assert listening(database._family | objects._family) == {servers.HOST}


def test_no_secret_is_seen(database, objects, folder, capsys):
    """Neither command lines, nor what is printed, nor logs, nor any file hold a password or key."""
    for server in (database, objects):
        server.stop()
        server.start()
        assert secrets_of(server) not in capsys.readouterr().out
        assert secrets_of(server) not in repr(server) + repr(server.access)
        lines = command_lines(family(server._process.pid))
        assert len(lines) > 1 and not any(secrets_of(server) in line for line in lines)
        assert holders(secrets_of(server), folder, paths.WORKSPACE) == []


def test_the_object_store_lets_in_who_signs_with_the_key(objects, folder):
    """Unsigned requests and those signed with another key or secret are refused; nothing is written."""
    from botocore import UNSIGNED
    from botocore.exceptions import ClientError

    key, secret = keys(objects)
    unsigned = s3(objects, "", "", signature_version=UNSIGNED)
    for client in (s3(objects, key, "wrong"), s3(objects, "wrong", secret), unsigned):
        with pytest.raises(ClientError) as refused:
            client.put_object(Bucket=object_store.BUCKET, Key="forged.txt", Body=b"")
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403}
        with pytest.raises(ClientError):
            client.list_objects_v2(Bucket=object_store.BUCKET)
    assert not (folder / "objects" / object_store.BUCKET / "forged.txt").exists()


def test_an_object_is_a_file_and_survives_a_kill(objects, folder):
    """What was written by one client is a file of that name, and is read after the store was killed."""
    s3(objects, *keys(objects)).put_object(Bucket=object_store.BUCKET, Key="a/b c é.txt", Body=b"content")
    assert (folder / "objects" / object_store.BUCKET / "a" / "b c é.txt").read_bytes() == b"content"
    objects.kill()
    assert not servers.in_use(objects.port)
    objects.start()
    answer = s3(objects, *keys(objects)).get_object(Bucket=object_store.BUCKET, Key="a/b c é.txt")
    assert answer["Body"].read() == b"content"


# A process of its own, that starts both and waits.


def test_nothing_is_left_when_the_asking_process_is_killed(tmp_path):
    """The notebook's kernel is killed: no PostgreSQL, no object store, no helper of theirs runs on."""
    asker, ports = ask(tmp_path, 600)
    until(lambda: all(map(servers.in_use, ports)))
    assert any(line.strip() == "42" for line in asker.stdout)
    pids = {process.pid for process in psutil.Process(asker.pid).children(recursive=True)}
    assert len(pids) > 5, "PostgreSQL is several processes"
    asker.kill()
    asker.wait()
    asker.stdout.close()
    assert gone(pids) and not any(map(servers.in_use, ports))


def test_another_postgres_takes_the_place_of_ours(database, monkeypatch, capsys):
    """The variable's password moves to where clients look for it; starting, stopping, killing touch nothing."""
    password = database.access.login["PGPASSWORD"]
    monkeypatch.setenv("WORKBOOK_POSTGRES", f"postgresql://{postgres.USER}:{password}@{servers.HOST}:{database.port}")
    with postgres.postgres_server() as other:
        assert other.access.uri == database.access.uri and other.access.login == {"PGPASSWORD": password}
        uri = postgres.create_database(other.access, "elsewhere")
        assert postgres.run_sql(postgres.Access(uri, other.access.login), "SELECT 1") == [1]
        with pytest.raises(servers.ServerError, match="somebody else's: leave the cell out"):
            other.kill()
        other.start()
        other.stop()
    assert database.is_alive() and password not in capsys.readouterr().out + repr(other)


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
    found = postgres.postgres_server().access
    assert found.uri == f"postgresql+psycopg2://{expected}" and found.login == {"PGPASSWORD": "p@ss"}


@pytest.mark.parametrize("uri", ["hidden", "mysql://me:hidden@db.example", "postgresql://me:hidden@h:port", "sqlite://"])
def test_what_is_no_uri_of_a_postgres_is_refused_without_repeating_it(monkeypatch, uri):
    """The message says what form is needed, and does not print what may be a password."""
    monkeypatch.setenv("WORKBOOK_POSTGRES", uri)
    with pytest.raises(servers.ServerError, match="form postgresql://USER:PASSWORD@HOST:PORT") as refused:
        postgres.postgres_server()
    assert "hidden" not in str(refused.value)


def test_another_object_store_takes_the_place_of_ours(tmp_path, monkeypatch):
    """With its keys in the environment it is used and left running; without, the message says what is missing."""
    with object_store.object_store_server(folder=tmp_path) as objects:
        check_another(objects, monkeypatch)


def check_another(objects, monkeypatch):
    """Name a store in the environment, and use it as somebody else's."""
    monkeypatch.setenv("WORKBOOK_S3", objects.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys(objects)[0])
    with pytest.raises(servers.ServerError, match="WORKBOOK_S3 is set, and AWS_SECRET_ACCESS_KEY not: set"):
        object_store.object_store_server()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys(objects)[1])
    with object_store.object_store_server() as other:
        assert other.access.uri == objects.access.uri and other.access.login == objects.access.login
        with pytest.raises(servers.ServerError, match="somebody else's: leave the cell out"):
            other.kill()
    assert objects.is_alive()
    monkeypatch.setenv("WORKBOOK_S3", "minio:9000")
    with pytest.raises(servers.ServerError, match="WORKBOOK_S3 is minio:9000, not a URL"):
        object_store.object_store_server()
