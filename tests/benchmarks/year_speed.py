"""The year's replay through the live server beside one in-process call on the same flights; prints a table.

Usage: ``python tests/benchmarks/year_speed.py [--days 60] [--rounds 2]``, in the course's environment.
A temporary workspace is brought to notebook 6's end first. The replay sends a request a
day, as notebook 11 does, each answer logged under the flight's id; the call scores all
flights at once with the same model. Rounds alternate; the fastest of each counts. The
processor's seconds stand beside, since a busy machine stretches the others.
"""
import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

workspace = tempfile.TemporaryDirectory()
os.environ["WORKBOOK_WORKSPACE"] = workspace.name
sys.path.insert(0, str(Path(__file__).parents[2]))

import mlflow  # noqa: E402
import pandas as pd  # noqa: E402
import psutil  # noqa: E402
import requests  # noqa: E402

from helpers import checkpoints, paths, servers  # noqa: E402
from helpers.features import FEATURES  # noqa: E402
from helpers.live.prediction_log import ids_of  # noqa: E402
from rows import Row, markdown  # noqa: E402


def payload(rows: pd.DataFrame) -> dict:
    """Return flights as the body of a request."""
    values = rows.astype(object).where(rows.notna(), None).to_numpy().tolist()
    return {"dataframe_split": {"columns": list(rows), "data": values}}


def replay(url: str, days: list[pd.DataFrame]) -> None:
    """Send each day's flights in one request."""
    with requests.Session() as session:
        for rows in days:
            session.post(f"{url}/invocations", json=payload(rows)).raise_for_status()


def measured(work: Callable[[], object], processes: list[psutil.Process]) -> tuple[float, float]:
    """Return the seconds that a piece of work takes by the clock, and on the processors of some processes."""
    began, before = time.perf_counter(), used(processes)
    work()
    return time.perf_counter() - began, used(processes) - before


def used(processes: list[psutil.Process]) -> float:
    """Return the seconds that processes have had on a processor."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def register() -> None:
    """Register notebook 2's trees as a model of their own."""
    client = mlflow.MlflowClient()
    source = client.get_model_version_by_alias("late", "champion").source
    client.create_registered_model("bench")
    version = client.create_model_version("bench", source=source)
    client.set_registered_model_alias("bench", "champion", version.version)


def best(days: int, rounds: int) -> tuple[int, tuple[float, float], tuple[float, float]]:
    """Return the number of flights, and the fastest replay's and call's seconds by the clock and on processors."""
    checkpoints.begin("07")
    mlflow.set_tracking_uri(paths.TRACKING_URI)
    register()
    files = sorted(paths.PREPARED.glob("2013-*.parquet"))[3:]
    flights = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    flights = flights[flights["date"] < pd.Timestamp("2013-04-01") + pd.Timedelta(days=days)]
    flights["id"] = ids_of(flights)
    model, me, replays, calls = mlflow.sklearn.load_model("models:/bench@champion"), psutil.Process(), [], []
    for number in range(rounds):
        with servers.live_server("bench", log=Path(workspace.name) / f"log-{number}.db") as server:
            daily = [rows[["id", *FEATURES]] for _, rows in flights.groupby("date")]
            everyone = me.children(recursive=True)
            replays.append(measured(lambda: replay(server.url, daily), [me, *everyone]))  # noqa: B023
        calls.append(measured(lambda: model.predict_proba(flights[FEATURES]), [me]))
    return len(flights), min(replays), min(calls)


def rows_of(days: int, rounds: int) -> list[Row]:
    """Return the rows of the replay: by the clock, and on processors."""
    count, ours, floor = best(days, rounds)
    what, note = f"{count:,} flights, {days} days through the live server", f"{count / ours[0]:,.0f} flights a second"
    kinds = {what: note, f"{what}, processor": ""}
    pairs = zip(kinds.items(), ours, floor)
    return [Row("replay", kind, mine, "one call in process", call, note=note) for (kind, note), mine, call in pairs]


def replay_rows(quick: bool) -> list[Row]:
    """Return the rows for the table of all; quickly of twenty days, once."""
    return rows_of(20, 1) if quick else rows_of(275, 2)


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=275, help="days of production, from 1 April on")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    print(markdown(rows_of(chosen.days, chosen.rounds)))


if __name__ == "__main__":
    main()
