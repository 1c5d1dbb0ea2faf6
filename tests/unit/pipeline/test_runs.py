"""What a run did, and what Dagster's event log says of all of them, as tables."""
import logging

import pytest

from helpers.pipeline import runs

pytestmark = pytest.mark.needs_group("pipelines")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def made():
    """Return an instance of Dagster in memory and a function that materializes two assets of a month with a check."""
    import dagster as dg

    months = dg.MonthlyPartitionsDefinition(start_date="2013-04", fmt="%Y-%m")

    @dg.asset(partitions_def=months)
    def first() -> None:
        """The first asset."""

    @dg.asset(partitions_def=months, deps=[first])
    def second() -> None:
        """The second asset."""

    def make_check(passed: bool, severity: dg.AssetCheckSeverity):
        @dg.asset_check(asset=first, blocking=True)
        def sound() -> dg.AssetCheckResult:
            """The check of the first asset."""
            return dg.AssetCheckResult(passed=passed, severity=severity, metadata={"reason": "so it is"})

        return sound

    with dg.DagsterInstance.ephemeral() as instance:

        def run(passed=True, severity=dg.AssetCheckSeverity.ERROR, tags=None):
            return dg.materialize([first, second, make_check(passed, severity)], partition_key="2013-05", tags=tags,
                                  instance=instance, run_config=QUIET, raise_on_error=False)

        logging.getLogger("dagster").setLevel(logging.CRITICAL)
        yield instance, run


def test_a_step_is_done_and_a_check_says_why(made):
    """Each step has a row, in order; a check that fails and blocks ends the table."""
    instance, run = made
    good, bad = runs.list_steps(run().all_events), runs.list_steps(run(passed=False).all_events)
    assert good["outcome"].to_dict() == {"first": "done", "first_sound": "passed", "second": "done"}
    assert bad.loc["first_sound"].to_list() == ["failed", "so it is"]
    assert "second" not in bad.index or bad.loc["second", "outcome"] == "not run"


def test_a_warning_stops_nothing(made):
    """A check that fails as a warning is called so, and what comes after runs."""
    import dagster as dg

    instance, run = made
    steps = runs.list_steps(run(passed=False, severity=dg.AssetCheckSeverity.WARN).all_events)
    assert steps.loc["first_sound", "outcome"] == "warning" and steps.loc["second", "outcome"] == "done"


def test_runs_are_listed_with_who_asked(made):
    """The oldest first; only those with a tag where one is given; and who waits for them gets them."""
    instance, run = made
    run()
    run(passed=False, tags={"dagster/sensor_name": "watcher"})
    found = runs.list_runs(instance)
    assert found["asked by"].to_list() == ["hand", "watcher"] and found["status"].to_list() == ["SUCCESS", "FAILURE"]
    assert len(runs.wait_for_runs(instance, sensor_name="watcher")) == 1


def test_waiting_ends(made):
    """Where the runs do not come, the message says so."""
    with pytest.raises(TimeoutError, match="0 of 2 runs have ended, and none in 0 s. The daemon goes on"):
        runs.wait_for_runs(made[0], 2, timeout=0)


def test_materializations_are_counted_by_asset(made):
    """For one month, from the event log."""
    instance, run = made
    run()
    run(passed=False)
    assert runs.count_materializations(instance, "2013-05").to_dict() == {"first": 2, "second": 1}
    assert runs.count_materializations(instance, "2013-04").to_dict() == {"first": 0, "second": 0}


def test_spans_are_those_of_a_backfill_by_month(made):
    """When a run began, when its step did, and when it ended, in this order."""
    instance, run = made
    run(tags={"dagster/backfill": "one"})
    run(tags={"dagster/backfill": "other"})
    spans = runs.list_spans(instance, "one", "second")
    assert list(spans.index) == ["2013-05"] and list(spans) == ["begin", "second", "end"]
    assert spans.loc["2013-05"].is_monotonic_increasing
