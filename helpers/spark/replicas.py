"""Many years out of one: the prepared flights, resampled and moved back in time, as partitioned Parquet.

A replica adds rows, not information: no interval may be quoted from more than one of them.
"""
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import paths, progress

_STEP = pd.Timedelta(weeks=52)  # one replica earlier, on the same days of the week
KEYS = 1_000_000  # rows that a replica can number
ROWS = 336_776  # flights of a year, and so of a replica


def read_year() -> pd.DataFrame:
    """Return the twelve months that notebook 01 prepared, one after the other."""
    months = (paths.PREPARED / f"2013-{month:02d}.parquet" for month in range(1, 13))
    return pd.concat(map(pd.read_parquet, months), ignore_index=True)


def replica(year: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return a year of flights that differs by chance from the one given; number 0 is that year itself.

    Parameters
    ----------
    year : DataFrame
        Prepared flights, as `helpers.features.prepare` returns them.
    number : int
        Seed of the draw, and how many times 52 weeks the flights are moved back.

    Returns
    -------
    DataFrame
        As many rows as `year`, drawn with replacement and in its order. ``row`` numbers
        them, differently in each replica; `month` is that of the moved date.
    """
    draw = np.random.default_rng(number).integers(len(year), size=len(year))
    flights = year.iloc[np.sort(draw)].reset_index(drop=True) if number else year.reset_index(drop=True)
    flights["date"] -= number * _STEP
    flights["sched_dep"] -= number * _STEP
    flights["month"] = flights["date"].dt.month.astype("int64")
    return flights.assign(row=number * KEYS + np.arange(len(flights)))


def grow(folder: Path, replicas: int) -> None:
    """Write replicas 0 to `replicas` - 1 of the prepared year to ``month=M/replica=R/flights.parquet``.

    Those that are there already stay; more than asked for are deleted.
    """
    year = read_year()
    _shrink(folder, replicas)
    for number in progress.bar(range(replicas), "growing"):
        done = folder / f"_replica-{number}"
        if not done.exists():
            for month, flights in replica(year, number).groupby("month"):
                write(flights, folder / f"month={month}" / f"replica={number}")
            done.touch()


def _shrink(folder: Path, replicas: int) -> None:
    """Delete the replicas from number `replicas` on, also those that an interrupt has left unfinished."""
    for done in folder.glob("_replica-*"):  # first, so that a replica of which a part is gone does not count as done
        if int(done.name.partition("-")[2]) >= replicas:
            done.unlink()
    for path in folder.glob("month=*/replica=*"):
        if int(path.name.partition("=")[2]) >= replicas:
            shutil.rmtree(path)


def write(flights: pd.DataFrame, folder: Path) -> None:
    """Write one month of a replica."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = flights.drop(columns="month")
    packed = {"use_dictionary": list(columns.columns.drop("row")), "column_encoding": {"row": "DELTA_BINARY_PACKED"}}
    columns.to_parquet(folder / "flights.parquet", index=False, compression="zstd", **packed)
