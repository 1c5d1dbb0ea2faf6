"""Compares tables of up to three million flights with a stored profile, beside other drift libraries.

    python tests/benchmarks/drift_speed.py [--limit SECONDS] [--sizes N ...] [--libraries NAME ...]

prints a table and whether each goal holds. Rows are drawn from the year's flights with
replacement (seed 0), all 17 features; the reference is the training data. Each contestant
runs in a process of its own, on one thread, its library in an environment of its own that
is made on the first run (peers.py); loading, fitting and imports do not count. The best of
up to five runs counts, so that a busy machine disturbs less. Memory is what the process
needs at its peak beyond what it held before (Linux). The column "no ties" is the largest
table with a trifle added to each number: flights repeat their values, and counting
values that repeat is faster than sorting them.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
from peers import ONE_THREAD, QUIET, REQUIREMENTS, python_of
from pyarrow import parquet

from helpers import features, flights
from rows import Row

SIZES = (30_000, 300_000, 3_000_000)
CONTESTANTS = Path(__file__).with_name("drift_contestants.py")
NAMES = {"sort": "NumPy: sort the numeric columns", "ours": "helpers.drift: stored profile"}
START_LIMIT = 600  # seconds for imports, loading and fitting


def write(table: pd.DataFrame, path: Path) -> Path:
    """Write a table so that older pandas and Arrow can read it too."""
    parquet.write_table(pyarrow.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None), path)
    return path


def grown(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return rows of a table, drawn with replacement."""
    return table.iloc[np.random.default_rng(0).integers(0, len(table), rows)]


def untied(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a trifle added to each number, so that hardly any two are equal."""
    numbers = table.select_dtypes("number")
    trifle = np.random.default_rng(0).normal(scale=1e-6, size=numbers.shape)
    return table.assign(**(numbers + trifle))


def contest(library: str, reference: Path, current: Path, limit: float) -> dict:
    """Return seconds and megabytes of one contestant, or why there are none."""
    python = sys.executable if library in NAMES else python_of(library)
    if python is None:
        return {"failed": "no environment"}
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [python, CONTESTANTS, library, reference, current],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **QUIET, **ONE_THREAD},
        )
        lines, in_time = read_lines(process, limit)
        process.wait()
        if lines and lines[-1].startswith("{"):
            return json.loads(lines[-1])
        errors.seek(0)
        last = (errors.read().strip().splitlines() or ["no message"])[-1]
    return {"failed": last[:60] if in_time else "not finished"}


def read_lines(process: subprocess.Popen, limit: float) -> tuple[list[str], bool]:
    """Return what a contestant prints, and whether it ended in time; the clock starts when it says that it is ready."""
    lines: list[str] = []
    timer = threading.Timer(START_LIMIT, process.kill)
    timer.start()
    for line in process.stdout:
        lines.append(line.strip())
        if lines[-1] == "ready":
            timer.cancel()
            timer = threading.Timer(limit, process.kill)
            timer.start()
    in_time = timer.is_alive()
    timer.cancel()
    return lines, in_time


def shown(result: dict, key: str = "seconds") -> str:
    """Return a cell of the table."""
    if key not in result:
        return result.get("failed", "")
    return f"{result[key]:,.3g}" if result[key] < 100 else f"{result[key]:,.0f}"


def times(result: dict, ours: dict) -> str:
    """Return how many times as long as ours a contestant took."""
    return f"{result['seconds'] / ours['seconds']:,.3g}" if "seconds" in result else ""


def print_table(results: dict[str, dict[int, dict]], worst: dict[str, dict], sizes: list[int]) -> None:
    """Print seconds by size, how many times ours the largest size takes, and seconds without ties."""
    most = sizes[-1]
    heads = [*(f"{size:,} rows, s" for size in sizes), "times ours", "peak MB", "no ties, s", "times ours"]
    print(f"| {'':32} | {' | '.join(f'{head:>17}' for head in heads)} |")
    print(f"|{'-' * 34}|{'|'.join('-' * 19 for _ in heads)}|")
    for library, by_size in results.items():
        cells = [shown(by_size[size]) for size in sizes]
        cells += [times(by_size[most], results["ours"][most]), shown(by_size[most], "megabytes")]
        cells += [shown(worst[library]), times(worst[library], worst["ours"])]
        print(f"| {NAMES.get(library, library):32} | {' | '.join(f'{cell:>17}' for cell in cells)} |")


def goals(results: dict, worst: dict[str, dict], sizes: list[int], limit: float) -> dict[str, bool]:
    """Return for each goal, with its figures, whether it holds."""
    few, most = sizes[0], sizes[-1]
    sort, ours = results["sort"][most]["seconds"], results["ours"][most]
    once, once_worst = ours["seconds"] / sort, worst["ours"]["seconds"] / worst["sort"]["seconds"]
    growth = ours["seconds"] / results["ours"][few]["seconds"]
    allowed = most * math.log(most) / (few * math.log(few))
    column, allocated = most * 8 / 1e6, max(ours["allocated"], worst["ours"]["allocated"])
    memory = f"{allocated:.2f} MB allocated at once, a column takes {column:.2f} (goal: that and half a megabyte)"
    found = {
        f"{once:.2f} times one sort of the numeric columns (goal: at most 3)": once <= 3,
        f"{once_worst:.2f} times one sort where hardly two numbers are equal (goal: at most 3)": once_worst <= 3,
        memory: allocated <= column + 0.5,
        f"{growth:.3g} times as long for {most / few:g} times the rows (n log n: {allowed:.3g})": growth <= allowed,
    }
    for library in [library for library in results if library not in NAMES]:
        result = results[library][most]
        least = "at least " if result.get("failed") == "not finished" else ""
        ratio = (limit if least else result.get("seconds", math.nan)) / ours["seconds"]
        found[f"{library}: {least}{ratio:.3g} times ours (goal: at least 10)"] = ratio >= 10
    return found


def contested(sizes: list[int], libraries: list[str], limit: float) -> tuple[dict[str, dict[int, dict]], dict]:
    """Return each contestant's result by size, and with the largest table without ties."""
    year = features.prepare(*[flights.load(name) for name in ("flights", "weather", "airports")])
    training = year[(year["month"] <= 3) & year["late"].notna()]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        reference = write(training[features.FEATURES], place / "reference.parquet")
        tables = {rows: write(grown(year[features.FEATURES], rows), place / f"{rows}.parquet") for rows in sizes}
        results = {}
        for library in [*NAMES, *libraries]:
            print(f"{library} ...", file=sys.stderr, flush=True)
            results[library] = {rows: contest(library, reference, tables[rows], limit) for rows in sizes}
        table = write(untied(grown(year[features.FEATURES], sizes[-1])), place / "untied.parquet")
        worst = {library: contest(library, reference, table, limit) for library in results}
    return results, worst


def drift_rows(quick: bool) -> list[Row]:
    """Return a row for each contestant that finished, with the largest table; quickly for a sort of a small one."""
    sizes, libraries = ([SIZES[0]], []) if quick else (list(SIZES), list(REQUIREMENTS))
    results, worst = contested(sizes, libraries, limit=150)
    largest = {library: by_size[sizes[-1]] for library, by_size in results.items()}
    compared = {f"{sizes[-1]:,} rows": largest, f"{sizes[-1]:,} rows, no ties": worst}
    tried = [row(what, name, one["ours"], one[name]) for what, one in compared.items() for name in one]
    found = [one for one in tried if one]
    return [replace(one, goal=None) for one in found] if quick else found  # the goals are for the largest table


def row(what: str, library: str, ours: dict, result: dict) -> Row | None:
    """Return the row of a contestant beside ours, or nothing where it did not finish or is ours."""
    if library == "ours" or "seconds" not in result:
        return None
    goal = 3 if library == "sort" else 0.1
    return Row("drift", what, ours["seconds"], NAMES.get(library, library), result["seconds"], goal=goal)


def main() -> None:
    """Make the tables, run all contestants, print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=150, help="seconds that a library may take for a table")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--libraries", nargs="*", default=list(REQUIREMENTS), choices=list(REQUIREMENTS))
    chosen = parser.parse_args()
    sizes = sorted(chosen.sizes)
    results, worst = contested(sizes, chosen.libraries, chosen.limit)
    print_table(results, worst, sizes)
    print()
    for text, holds in goals(results, worst, sizes, chosen.limit).items():
        print(f"{'holds' if holds else 'DOES NOT HOLD'}: {text}")


if __name__ == "__main__":
    main()
