"""What the steps share: the months, where a month's files are, the champion, and the rules of notebook 11."""
import hashlib
import json
import os
import time
from pathlib import Path

import dagster as dg
import mlflow
import pandas as pd

from helpers import paths
from helpers.monitoring import interval

FOLDER = paths.WORKSPACE / "12-pipeline"
MODEL, EXPERIMENT = "late-monthly", "12-pipeline"
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2013-04", end_date="2014-01", fmt="%Y-%m")
SLACK, WORTHWHILE = 0.005, 0.0001  # of the calibration gap, and of a difference in the Brier score
AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
LONGEST = 600  # seconds for which a month waits for the run of the month before
USUAL = 0.964  # of the flights of January to March have a label in the end; the others were cancelled or diverted

mlflow.set_tracking_uri(paths.TRACKING_URI)


def locate(name: str, month: str, ending: str = "parquet") -> Path:
    """Return the file that an asset keeps for a month."""
    folder = FOLDER / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{month}.{ending}"


def read(name: str, month: str) -> pd.DataFrame:
    """Return the table of an asset for a month."""
    return pd.read_parquet(locate(name, month))


def write(table: pd.DataFrame, name: str, month: str) -> None:
    """Keep the table of an asset for a month; who reads it meanwhile has the old one or the new one."""
    file = locate(name, month)
    table.to_parquet(file.with_suffix(".new"))
    os.replace(file.with_suffix(".new"), file)


def read_record(name: str, month: str) -> dict:
    """Return what an asset notes of a month; nothing where it has not run."""
    file = locate(name, month, "json")
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def write_record(name: str, month: str, record: dict) -> None:
    """Keep what an asset notes of a month."""
    locate(name, month, "json").write_text(json.dumps(record), encoding="utf-8")


def withdraw_decision(month: str) -> None:
    """Put a month's decision aside, as the month runs again: until it is decided anew, the next month does not run."""
    if locate("promotion", month, "json").exists():
        locate("promotion", month, "json").replace(locate("withdrawn", month, "json"))


def find_before(month: str) -> str:
    """Return the month before."""
    return str(pd.Period(month, "M") - 1)


def wait_for_before(context: dg.AssetExecutionContext) -> None:
    """Wait while a run of the month before is at work: this month needs its table and its decision."""
    before = find_before(context.partition_key)
    busy = dg.RunsFilter(tags={"dagster/partition": before}, statuses=AT_WORK)
    last = time.monotonic() + LONGEST
    while runs := context.instance.get_runs(busy):
        if time.monotonic() > last:
            raise dg.Failure(f"the run {runs[0].run_id} of {before} does not end: look at it on Dagster's page")
        time.sleep(0.5)


def list_earlier(month: str) -> list[str]:
    """Return the months of production before a month."""
    return [key for key in MONTHS.get_partition_keys() if key < month]


def list_later(month: str) -> list[str]:
    """Return the months after a month that are decided."""
    return [key for key in MONTHS.get_partition_keys() if key > month and read_record("promotion", key)]


def find_champion(month: str) -> str:
    """Return the version that answers in a month: the one that the month before left as the champion."""
    if not list_earlier(month):
        return "1"
    if decision := read_record("promotion", find_before(month)):
        return decision["champion"]
    raise dg.Failure(f"{month} needs the champion that {find_before(month)} leaves: run that month first")


def read_today() -> pd.Timestamp:
    """Return the day on which the replay stands."""
    return pd.Timestamp((FOLDER / "today.txt").read_text(encoding="utf-8"))


def raises_alarm(days: pd.DataFrame) -> bool:
    """Return whether the whole interval of the champion's calibration gap is beyond the slack."""
    low, high = interval(days["champion"] - days["late"], days["flights"])
    return bool(low > SLACK or high < -SLACK)


def compare(days: pd.DataFrame) -> tuple[float, float]:
    """Return the interval of the Brier score's difference, rehearsal minus champion."""
    return interval(days["rehearsal_error"] - days["champion_error"], days["flights"])


def hash_code() -> str:
    """Return twelve digits that stand for the code of the pipeline: other code, other digits."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)  # the same on systems with other line ends
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def hash_rows(rows: pd.DataFrame) -> str:
    """Return twelve digits that stand for the rows of a training: other rows, other digits."""
    return hashlib.sha256(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes()).hexdigest()[:12]


def find_run(tags: dict[str, str]):
    """Return MLflow's finished run with these tags, or nothing."""
    query = " and ".join(["attributes.status = 'FINISHED'", *(f"tags.{key} = '{tags[key]}'" for key in tags)])
    found = mlflow.search_runs(experiment_names=[EXPERIMENT], filter_string=query, output_format="list")
    return found[0] if found else None


def find_fifteenth(month: str) -> pd.Timestamp:
    """Return the fifteenth of the month after: then the labels of a month are in."""
    return pd.Timestamp(month) + pd.DateOffset(months=1, days=14)


def read_labels(month: str, day: pd.Timestamp) -> pd.DataFrame:
    """Return the flights of a month with the labels that were reported before a day."""
    feed = pd.read_parquet(FOLDER / "feed.parquet")
    rows = feed[feed["date"].dt.to_period("M") == month]
    return rows.assign(late=rows["late"].where(rows["reported"] <= day.tz_localize("America/New_York")))
