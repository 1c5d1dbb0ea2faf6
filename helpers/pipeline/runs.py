"""Tables of what ran: the steps of one run, the runs of Dagster's event log; and waiting for them."""
from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from helpers import progress

if TYPE_CHECKING:
    import dagster

_OUTCOMES = {"STEP_SUCCESS": "done", "STEP_FAILURE": "failed", "STEP_SKIPPED": "not run", "STEP_UP_FOR_RETRY": "retry"}
_PARTITION = "dagster/partition"


def list_steps(events: Iterable[dagster.DagsterEvent]) -> pd.DataFrame:
    """Return the steps of a run with their outcome, and with what its checks said.

    Returns
    -------
    DataFrame
        A row for each end of a step, in their order: ``outcome``, and ``reason`` where the step is a check.
    """
    rows, said = [], {}
    for event in events:
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.event_specific_data
            word = "passed" if check.passed else "failed" if check.severity.value == "ERROR" else "warning"
            said[event.step_key] = word, check.metadata["reason"].value
        elif outcome := _OUTCOMES.get(event.event_type_value):
            word, reason = said.get(event.step_key, (outcome, ""))
            rows.append((event.step_key, word, reason))
    return pd.DataFrame(rows, columns=["step", "outcome", "reason"]).set_index("step")


def list_runs(instance: dagster.DagsterInstance, **tags: str) -> pd.DataFrame:
    """Return the runs of an instance, the oldest first: job, month, who asked for it, status.

    `tags` keeps those with some tags, such as ``partition="2013-07"``.
    """
    from dagster import RunsFilter

    known = instance.get_runs(RunsFilter(tags={f"dagster/{name}": value for name, value in tags.items()}))
    rows = [(run.job_name, run.tags.get(_PARTITION), _name_origin(run.tags), run.status.value) for run in known[::-1]]
    return pd.DataFrame(rows, columns=["job", "month", "asked by", "status"])


def _name_origin(tags: dict[str, str]) -> str:
    """Return who asked for a run."""
    known = [tags.get(f"dagster/{kind}") for kind in ("schedule_name", "sensor_name")]
    return next(filter(None, known), "backfill" if "dagster/backfill" in tags else "hand")


def wait_for_runs(
    instance: dagster.DagsterInstance, number: int = 1, timeout: float = 600, **tags: str
) -> pd.DataFrame:
    """Wait until so many runs with some tags have ended, and return them as `list_runs` does.

    Raises
    ------
    TimeoutError
        If for so many seconds none of them has ended; the message has those that there are.
    """
    ended, last = -1, time.monotonic()
    with progress.ticking("waiting for the daemon", lambda: f"{max(ended, 0)} of {number} runs have ended"):
        while ended < number:
            found = list_runs(instance, **tags)
            now = int(found["status"].isin({"SUCCESS", "FAILURE", "CANCELED"}).sum())
            if now > ended:
                ended, last = now, time.monotonic()
            elif time.monotonic() > last + timeout:
                raise TimeoutError(
                    f"{ended} of {number} runs have ended, and none in {timeout:g} s. The daemon goes on: wait "
                    f"again by runs.wait_for_runs(...), and do not ask again.\n{found.to_string()}")
            time.sleep(0.5)
    return found


def list_spans(instance: dagster.DagsterInstance, backfill: str, step: str) -> pd.DataFrame:
    """Return when each month of a backfill began, when it came to a step, and when it ended; in seconds, by month."""
    from dagster import RunsFilter

    spans = {}
    for run in instance.get_runs(RunsFilter(tags={"dagster/backfill": backfill})):
        whole, part = instance.get_run_stats(run.run_id), instance.get_run_step_stats(run.run_id, [step])
        begin = whole.launch_time or whole.start_time  # nobody launches a run of this process
        spans[run.tags[_PARTITION]] = {"begin": begin, step: part[0].start_time, "end": whole.end_time}
    return pd.DataFrame.from_dict(spans, orient="index").sort_index()


def count_materializations(instance: dagster.DagsterInstance, month: str) -> pd.Series:
    """Return how often each asset was materialized for a month, from the event log."""
    from dagster import AssetRecordsFilter

    counts = {}
    for key in instance.all_asset_keys():
        found = instance.fetch_materializations(AssetRecordsFilter(key, asset_partitions=[month]), limit=1000).records
        counts[key.to_user_string()] = len(found)
    return pd.Series(counts, name=month, dtype=int)
