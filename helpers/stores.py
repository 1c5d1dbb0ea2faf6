"""The stores of a tracking server, PostgreSQL and an S3-compatible one, here or wherever the environment points.

Without more, PostgreSQL is ours (``helpers/databases.py``) and the object store is rclone's,
which keeps each object as a file. ``WORKBOOK_POSTGRES`` (the URI of a server, with a user who
may create databases) and ``WORKBOOK_S3`` (the URL of a store that has a bucket `mlflow`, with
``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``) put others in their place, which are
neither started nor stopped.
"""
from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from helpers import servers
from helpers.databases import DRIVER, FOLDER, USER, Access, Postgres, check_unused, create_database, packaged

__all__ = ["FOLDER", "clear", "create_database", "object_store", "packaged", "postgres"]  # what a notebook uses
BUCKET = "mlflow"


@dataclass(frozen=True)
class Outside(Access):
    """A service that somebody else runs, in place of one of ours: nothing here starts or stops it."""

    @property
    def access(self) -> Access:
        """How to get in."""
        return self

    def __enter__(self) -> Outside:
        """Say what is used."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave it as it is."""
        self.stop()

    def start(self, wait: bool = True) -> None:
        """Say what is used."""
        print(f"not started here: {self.login.get('MLFLOW_S3_ENDPOINT_URL', self.uri)}")

    def stop(self) -> None:
        """Leave it as it is."""

    kill = stop


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


def postgres(port: int = 0, **settings: object) -> Postgres | Outside:
    """Return a PostgreSQL server, to be started, or the one of ``WORKBOOK_POSTGRES``.

    `settings` are those of `Postgres`.
    """
    if uri := os.environ.get("WORKBOOK_POSTGRES"):
        return outside_postgres(uri)
    return Postgres([], port or servers.free_port(), **settings)


def object_store(port: int = 0, **settings: object) -> ObjectStore | Outside:
    """Return an S3-compatible server, to be started, or the one of ``WORKBOOK_S3``.

    `settings` are those of `ObjectStore`.
    """
    if url := os.environ.get("WORKBOOK_S3"):
        return outside_objects(url)
    return ObjectStore([], port or servers.free_port(), **settings)


def outside_postgres(uri: str) -> Outside:
    """Return a PostgreSQL server that somebody else runs; its password is taken out of the URI."""
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    with contextlib.suppress(ArgumentError, ValueError):
        url = make_url(uri)
        if url.get_backend_name() == "postgresql" and url.host and url.username:
            password = url.password or os.environ.get("PGPASSWORD")
            bare = URL.create(DRIVER, url.username, None, url.host, url.port, url.database or "postgres", url.query)
            return Outside(bare.render_as_string(), {"PGPASSWORD": password} if password else {})
    raise servers.ServerError(  # without its value, which may hold a password
        "WORKBOOK_POSTGRES is not the URI of a PostgreSQL server: it has the form postgresql://USER:PASSWORD@HOST:PORT"
    )


def outside_objects(url: str) -> Outside:
    """Return an S3-compatible store that somebody else runs, with the keys that the environment holds."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    if not url.startswith(("http://", "https://")):
        raise servers.ServerError(f"WORKBOOK_S3 is {url}, not a URL of the form https://HOST: correct or unset it")
    if missing := [name for name in names if not os.environ.get(name)]:
        raise servers.ServerError(f"WORKBOOK_S3 is set, and {' and '.join(missing)} not: set the store's keys as well")
    found = s3_access(url, *(os.environ[name] for name in names))
    return Outside(found.uri, found.login)


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
