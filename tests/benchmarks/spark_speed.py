"""Flights a second that the champion scores with pandas, in Arrow's batches, and on Spark; prints a table of ratios.

Usage: ``python tests/benchmarks/spark_speed.py [--replicas 3 30] [--rounds 2] [--workspace FOLDER]``, in the
course's environment with its group `spark`. A workspace of its own, temporary unless it is named, is brought to
notebook 6's end, and the year is grown in it as notebook 14 does; 3 replicas are a million flights, 30 are ten.
All contestants score the same flights with the same model, on one thread in each process:

- pandas, in this process, a replica at a time. Only the model's call is timed, not the reading: the floor.
- PyArrow, in a process of its own: batches of the same Parquet files, reading included.
- Spark with one core and with two, reading included, each with a Java of its own.

Each scores a replica first, so that its workers are warm; Spark twice, to tell what the first job costs.
Answers are added up and not written, and the sums must agree. Rounds alternate; the fastest of each counts.
The processor's seconds stand beside, since a busy machine stretches the others; Spark's are those of Java and
its workers. Memory is that of the most flights; pages that the
workers share count once for each. An interrupt ends all that was started.
"""
import argparse
import contextlib
import logging
import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--replicas", type=int, nargs="+", default=[3, 30], help="sizes, in years of flights")
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--workspace", type=Path, help="a folder to keep, and to use again; not that of the notebooks")
chosen = parser.parse_args(None if __name__ == "__main__" else [])
if min(chosen.rounds, *chosen.replicas) < 1:
    parser.error("replicas and rounds start at 1")
temporary = None if chosen.workspace else tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
os.environ["WORKBOOK_WORKSPACE"] = temporary.name if temporary else str(chosen.workspace)
os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import mlflow  # noqa: E402
import pandas as pd  # noqa: E402
import psutil  # noqa: E402
import pyarrow.dataset as ds  # noqa: E402

from helpers import checkpoints, paths, processes, progress  # noqa: E402
from helpers.features import FEATURES  # noqa: E402
from helpers.setup import groups, java  # noqa: E402
from helpers.spark import replicas, sessions  # noqa: E402
from rows import Row  # noqa: E402

CHAMPION = "models:/late@champion"
FLIGHTS = paths.WORKSPACE / "big" / "flights"
FLOOR, BATCHES = "pandas, in process", "PyArrow, in batches"


class Took(NamedTuple):
    """The seconds that a size took by the clock and on processors, and the scores' number and sum as a proof."""

    seconds: float
    busy: float
    count: int
    total: float


class Notes(NamedTuple):
    """The seconds of a session's start, its first job and the same job again, and peaks of memory in bytes."""

    start: float
    first: float
    again: float
    java: float
    family: float


def in_pandas(sizes: list[int]) -> dict[int, Took]:
    """Score a replica at a time in this process, and time the model only."""
    model, found = mlflow.pyfunc.load_model(CHAMPION), {}
    model.predict(read(0))
    for size in sizes:
        seconds = busy = total = count = 0
        for number in progress.bar(range(size), f"{FLOOR}, {size}"):
            rows = read(number)
            began, before = time.perf_counter(), time.process_time()
            scores = model.predict(rows)[:, 1]
            seconds, busy = seconds + time.perf_counter() - began, busy + time.process_time() - before
            total, count = total + scores.sum(), count + len(scores)
        found[size] = Took(seconds, busy, count, total)
    return found


def read(number: int) -> pd.DataFrame:
    """Return what the model needs of a replica."""
    return pd.read_parquet(FLIGHTS, columns=FEATURES, filters=[("replica", "==", number)])


def in_batches(folder: Path, columns: list[str], model: str, tracking: str, sizes: list[int]) -> list[tuple]:
    """Score PyArrow's batches of each size, after a replica; return seconds, processor's seconds, count and sum."""
    mlflow.set_tracking_uri(tracking)
    champion, found = mlflow.pyfunc.load_model(model), []
    for size in [1, *sizes]:
        total = count = 0
        began, before = time.perf_counter(), time.process_time()
        dataset = ds.dataset(folder, partitioning="hive")
        for batch in dataset.to_batches(columns=columns, filter=ds.field("replica") < size):
            if len(batch):
                scores = champion.predict(batch.to_pandas())[:, 1]
                total, count = total + float(scores.sum()), count + len(scores)
        found.append((time.perf_counter() - began, time.process_time() - before, count, total))
    return found[1:]


def in_a_process(sizes: list[int]) -> dict[int, Took]:
    """Score in batches in a process of its own."""
    with progress.clock(f"{BATCHES}, {' and '.join(map(str, sizes))}"):
        use = processes.in_a_process(in_batches, FLIGHTS, FEATURES, CHAMPION, paths.TRACKING_URI, sizes)
    return {size: Took(*answer) for size, answer in zip(sizes, use.answer)}


def on_spark(cores: int, sizes: list[int]) -> tuple[dict[int, Took], Notes]:
    """Score with Spark on some cores of this machine, after one replica twice."""
    from pyspark.sql import functions as F

    try:
        began = time.perf_counter()
        spark = sessions.session(f"local[{cores}]", {"spark.driver.memory": "1g"})
        start = time.perf_counter() - began
        java_itself, found = psutil.Process(sessions.pid()), {}

        def score(size: int, what: str) -> Took:
            with sessions.watch(spark, f"{spark_name(cores)}, {what}"):
                before, began = used(java_itself), time.perf_counter()
                rows = spark.read.parquet(FLIGHTS.as_uri()).where(F.col("replica") < size)
                late = (1 - on_time(F.struct(*FEATURES))).alias("score")
                answer = rows.select(late).agg(F.count("score"), F.sum("score")).first()
                return Took(time.perf_counter() - began, used(java_itself) - before, *answer)

        began = time.perf_counter()
        on_time = mlflow.pyfunc.spark_udf(spark, CHAMPION, result_type="double")
        score(1, "first job")
        first, again = time.perf_counter() - began, score(1, "again").seconds
        for size in sizes:
            java = sessions.pid()
            with processes.watch(java, children=False) as alone, processes.watch(java) as together:
                found[size] = score(size, str(size))
        return found, Notes(start, first, again, alone.peak, together.peak)
    finally:
        sessions.close()


def spark_name(cores: int) -> str:
    """Return what a session is called in the table."""
    return f"Spark, local[{cores}]"


def used(process: psutil.Process) -> float:
    """Return the seconds that a process and its children have had on a processor."""
    busy = 0.0
    for one in processes.with_children(process):
        with contextlib.suppress(psutil.Error):
            busy += sum(one.cpu_times()[:2])
    return busy


def measured(sizes: list[int], rounds: int) -> tuple[dict[str, dict[int, list[Took]]], dict[str, list[Notes]]]:
    """Return what each contestant took for each size in each round, and what Spark's sessions did beside."""
    found: dict[str, dict[int, list[Took]]] = {}
    noted: dict[str, list[Notes]] = {}
    contestants: dict[str, Callable] = {FLOOR: in_pandas, BATCHES: in_a_process}
    for number in range(rounds):
        print(f"\nround {number + 1} of {rounds}{load()}", flush=True)
        results = {name: work(sizes) for name, work in contestants.items()}
        for cores in (1, 2):
            results[spark_name(cores)], notes = on_spark(cores, sizes)
            noted.setdefault(spark_name(cores), []).append(notes)
        for name, took in results.items():
            for size, one in took.items():
                found.setdefault(name, {}).setdefault(size, []).append(one)
    return found, noted


def load() -> str:
    """Return in words how busy the machine is, where it tells."""
    return f", load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors" if os.name == "posix" else ""


def show(found: dict[str, dict[int, list[Took]]], sizes: list[int]) -> bool:
    """Print the table; return whether all contestants scored all flights, and alike."""
    print("\n| flights | scored by | seconds | flights a second | times pandas' | slowest round | processor, s |")
    print("|---|---|---|---|---|---|---|")
    alike = True
    for size in sizes:
        floor = min(found[FLOOR][size])
        for name, by_size in found.items():
            best, worst = min(by_size[size]), max(by_size[size])
            ratios = f"{floor.seconds / best.seconds:.2f} | {floor.seconds / worst.seconds:.2f}"
            rate = f"{best.seconds:.1f} | {best.count / best.seconds:,.0f}"
            print(f"| {best.count:,} | {name} | {rate} | {ratios} | {best.busy:.1f} |")
            alike &= all(one.count == size * replicas.ROWS for one in by_size[size])
            alike &= all(math.isclose(one.total, floor.total, rel_tol=1e-9) for one in by_size[size])
    return alike


def spark_rows(quick: bool) -> list[Row]:
    """Return the rows for the table of all: a million flights twice, quickly a year's flights once."""
    size, rounds = (1, 1) if quick else (3, 2)
    prepare(size)
    found, _ = measured([size], rounds)
    took = {name: min(by_size[size]) for name, by_size in found.items()}
    floor = took.pop(FLOOR)
    assert all(math.isclose(one.total, floor.total, rel_tol=1e-9) for one in took.values()), "the scores differ"
    what = f"{floor.count:,} flights scored by {{}}"
    return [
        Row("spark", what.format(name), one.seconds, FLOOR, floor.seconds, note=f"processor {one.busy:.1f} s")
        for name, one in took.items()
    ]


def prepare(size: int) -> None:
    """Bring the workspace to where notebook 14 begins to score so many replicas."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)  # else a warning and a note for each function on Spark
    groups.need("spark")
    java.need()
    checkpoints.begin("07")
    mlflow.set_tracking_uri(paths.TRACKING_URI)
    replicas.grow(FLIGHTS, size)


def main() -> None:
    """Measure all and print the tables."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends here too
    sizes = sorted(set(chosen.replicas))
    prepare(max(sizes))
    found, noted = measured(sizes, chosen.rounds)
    alike = show(found, sizes)
    print("\n| median of the rounds | start, s | first job, s | the same again, s | Java, MB | with its workers, MB |")
    print("|---|---|---|---|---|---|")
    for name, notes in noted.items():
        start, first, again, alone, family = (sorted(values)[len(values) // 2] for values in zip(*notes))
        print(f"| {name} | {start:.1f} | {first:.1f} | {again:.1f} | {alone / 1e6:,.0f} | {family / 1e6:,.0f} |")
    print(f"\nat the end{load()}".replace(", ", ": ", 1))
    print(f"{'holds' if alike else 'DOES NOT HOLD'}: all scored all flights, and their sums agree within 1e-9")
    sys.exit(not alike)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
