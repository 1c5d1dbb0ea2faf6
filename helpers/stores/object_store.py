"""The object store: S3-compatible, rclone's over a folder, or the one that ``WORKBOOK_S3`` points to."""
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from helpers import servers
from helpers.stores.access import FOLDER, USER, Access, Outside, Store
from helpers.stores.buckets import claim, connect

BUCKET = "mlflow"
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def object_store_server(port: int = 0, folder: Path = FOLDER / "objects") -> Store | Outside:
    """Return an S3-compatible server, to be started, or the one of ``WORKBOOK_S3``.

    Parameters
    ----------
    port : int
        Where it listens; 0 for a free port.
    folder : Path
        Where it keeps the buckets, each a folder, with a file for each object; what is there stays.
    """
    if url := os.environ.get("WORKBOOK_S3"):
        return _OutsideBucket(_read_environment(url))
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    port, secret = port or servers.free_port(), secrets.token_urlsafe(24)
    address = f"{servers.HOST}:{port}"
    return Store(
        ["rclone", "serve", "s3", "--addr", address, folder.as_posix()],
        port,
        health=servers.accepts,
        env={"RCLONE_AUTH_KEY": f'"{USER},{secret}"', "RCLONE_CONFIG": os.devnull},
        program=["rclone"],
        access=_s3_access(f"http://{address}", USER, secret),
    )


@dataclass(frozen=True)
class _OutsideBucket(Outside):
    """A bucket that somebody else's server keeps: the notebook empties it, so it must be ours."""

    def start(self, wait: bool = True) -> None:
        """Say what is used, and claim the bucket."""
        super().start(wait)
        claim(connect(self.access.login), BUCKET)


def _read_environment(url: str) -> Access:
    """Return how to get into a store that somebody else runs, with the keys that the environment holds."""
    if not url.startswith(("http://", "https://")):
        raise servers.ServerError(f"WORKBOOK_S3 is {url}, not a URL of the form https://HOST: correct or unset it")
    if missing := [name for name in _KEYS if not os.environ.get(name)]:
        raise servers.ServerError(f"WORKBOOK_S3 is set, and {' and '.join(missing)} not: set the store's keys as well")
    return _s3_access(url, *(os.environ[name] for name in _KEYS))


def _s3_access(url: str, key: str, secret: str) -> Access:
    """Return how to get into the course's bucket of an S3-compatible store."""
    names = ("MLFLOW_S3_ENDPOINT_URL", *_KEYS, "AWS_DEFAULT_REGION")
    region = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
    return Access(f"s3://{BUCKET}", dict(zip(names, (url, key, secret, region))))
