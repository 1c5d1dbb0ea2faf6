"""Copies of all objects of a bucket: into a folder, and back."""
from pathlib import Path
from typing import Any


def list_keys(s3: Any, bucket: str) -> list[str]:
    """Return the keys of all objects of a bucket, through a client of boto3."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def download(s3: Any, bucket: str, folder: Path) -> int:
    """Write each object of a bucket into a file of a folder, and return how many there are."""
    keys = list_keys(s3, bucket)
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
