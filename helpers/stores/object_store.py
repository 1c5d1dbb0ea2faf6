"""The object store: S3-compatible, rclone's over a folder, or the one that ``WORKBOOK_S3`` points to."""
from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from helpers import servers
from helpers.stores.access import FOLDER, USER, Access, Outside

BUCKET = "mlflow"


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
        return _s3_access(self.url, USER, self._secret)

    def arguments(self) -> list[str]:
        """Return what the system is asked to run."""
        return [str(Path(sysconfig.get_path("scripts"), "rclone")), *self.command[1:]]

    def is_ready(self) -> bool:
        """Return whether it takes connections."""
        with contextlib.suppress(OSError), socket.create_connection((servers.HOST, self.port), timeout=2):
            return True
        return False


def object_store_server(port: int = 0, **settings: object) -> ObjectStore | Outside:
    """Return an S3-compatible server, to be started, or the one of ``WORKBOOK_S3``.

    `settings` are those of `ObjectStore`.
    """
    if url := os.environ.get("WORKBOOK_S3"):
        return _outside_objects(url)
    return ObjectStore([], port or servers.free_port(), **settings)


def _outside_objects(url: str) -> Outside:
    """Return an S3-compatible store that somebody else runs, with the keys that the environment holds."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    if not url.startswith(("http://", "https://")):
        raise servers.ServerError(f"WORKBOOK_S3 is {url}, not a URL of the form https://HOST: correct or unset it")
    if missing := [name for name in names if not os.environ.get(name)]:
        raise servers.ServerError(f"WORKBOOK_S3 is set, and {' and '.join(missing)} not: set the store's keys as well")
    found = _s3_access(url, *(os.environ[name] for name in names))
    return Outside(found.uri, found.login)


def _s3_access(url: str, key: str, secret: str) -> Access:
    """Return how to get into the course's bucket of an S3-compatible store."""
    names = ("MLFLOW_S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    return Access(f"s3://{BUCKET}", dict(zip(names, (url, key, secret, region))))
