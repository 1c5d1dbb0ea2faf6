"""Copies of all objects of a bucket: into a folder, and back; and whose a bucket is."""
from pathlib import Path
from typing import Any

from helpers import servers

_MARK = ".workbook"  # the key of an object that says that the course may empty the bucket


def connect(login: dict[str, str]) -> Any:
    """Return a client of boto3 for a store, whose address and keys are those of a login."""
    import boto3

    return boto3.client(
        "s3", endpoint_url=login["MLFLOW_S3_ENDPOINT_URL"], region_name=login["AWS_DEFAULT_REGION"],
        aws_access_key_id=login["AWS_ACCESS_KEY_ID"], aws_secret_access_key=login["AWS_SECRET_ACCESS_KEY"])


def claim(s3: Any, bucket: str) -> None:
    """Mark an empty bucket as the course's; raise ServerError where it holds what somebody else put there."""
    keys = _list_all(s3, bucket)
    if _MARK not in keys and keys:
        raise servers.ServerError(
            f"the bucket {bucket!r} holds {len(keys)} objects, such as {keys[0]!r}, and this notebook empties it: "
            "let WORKBOOK_S3 name a store in which it is empty")
    s3.put_object(Bucket=bucket, Key=_MARK, Body=b"The notebooks of the course may empty this bucket.")


def list_keys(s3: Any, bucket: str) -> list[str]:
    """Return the keys of all objects of a bucket but its mark, through a client of boto3."""
    return [key for key in _list_all(s3, bucket) if key != _MARK]


def _list_all(s3: Any, bucket: str) -> list[str]:
    """Return all keys of a bucket."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def download(s3: Any, bucket: str, folder: Path) -> int:
    """Write each object of a bucket into a file of a folder, and return how many there are.

    Raises
    ------
    ServerError
        If a key, such as ``../note``, names a file outside the folder; nothing is written then.
    """
    keys, home = list_keys(s3, bucket), folder.resolve()
    if strange := [key for key in keys if not (home / key).resolve().is_relative_to(home)]:
        raise servers.ServerError(f"the key {strange[0]!r} of the bucket {bucket!r} names a file outside {folder}")
    for key in keys:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(folder / key))
    return len(keys)


def upload(s3: Any, folder: Path, bucket: str) -> int:
    """Make an object of a bucket from each file of a folder, and return how many there are."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    for file in files:
        s3.upload_file(str(file), bucket, file.relative_to(folder).as_posix())
    return len(files)


def empty(s3: Any, bucket: str) -> None:
    """Delete each object of a bucket."""
    for key in list_keys(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=key)
