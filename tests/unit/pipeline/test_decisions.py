"""What the pipeline that the course ships does with the decisions of its months."""
import json
import sys
import threading
from types import SimpleNamespace

import pytest

from helpers.paths import ROOT

pytestmark = pytest.mark.needs_group("pipelines")
JUNE = "2013-06"
YES = {"alarm": True, "promoted": True, "champion": "2"}
NO = {"alarm": True, "promoted": False, "champion": "1"}


@pytest.fixture
def month(monkeypatch, tmp_path):
    """Return a function that decides June by a gate, and the moves of aliases so far; version 1 is champion before."""
    import mlflow

    monkeypatch.setattr(mlflow, "set_tracking_uri", lambda uri: None)
    monkeypatch.syspath_prepend(str(ROOT / "pipeline"))
    for name in ("assets", "steps"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import assets
    import dagster as dg
    import steps

    moves = []
    monkeypatch.setattr(steps, "FOLDER", tmp_path)
    monkeypatch.setattr(steps, "read", lambda name, month: None)
    monkeypatch.setattr(steps, "find_champion", lambda month: "1")
    monkeypatch.setattr(steps, "raises_alarm", lambda days: True)
    versions = []
    monkeypatch.setattr(assets, "find_version", lambda month: next(iter(versions), None))
    monkeypatch.setattr(assets, "register", lambda month: versions.append("2") or "2")
    monkeypatch.setattr(assets, "move_aliases", lambda **aliases: moves.append(aliases))

    def decide(yes: bool) -> dict:
        monkeypatch.setattr(steps, "compare", lambda days: (-0.2, -0.1) if yes else (-0.2, 0.1))
        steps.withdraw_decision(JUNE)
        assets.promotion(dg.build_asset_context(partition_key=JUNE))
        return steps.read_record("promotion", JUNE)

    decide.versions = versions
    yield decide, moves, steps
    for name in ("assets", "steps"):
        sys.modules.pop(name, None)


def test_the_same_decision_moves_nothing_again(month):
    """A person may have rolled back in the meantime."""
    decide, moves, _ = month
    assert decide(yes=True) == YES and decide(yes=True) == YES
    assert moves == [{"champion": "2", "previous": "1"}]


def test_a_yes_that_was_wrong_is_taken_back(month):
    """The month was mended, and its gate says no: the alias goes back too, and none names the same version."""
    decide, moves, _ = month
    decide(yes=True)
    assert decide(yes=False) == NO
    assert moves[1:] == [{"champion": "1", "previous": None}]


@pytest.mark.parametrize("first", [True, False])
def test_an_old_month_that_decides_otherwise_fails(month, first):
    """Later months stand on its decision; nothing moves, and the next month has no champion until a person decides."""
    decide, moves, steps = month
    decide(yes=first)
    steps.locate("promotion", "2013-07", "json").write_text(json.dumps(NO), encoding="utf-8")
    done, known = list(moves), list(decide.versions)
    with pytest.raises(Exception, match="later months stand on .* a person must look"):
        decide(yes=not first)
    assert moves == done and decide.versions == known and steps.read_record("promotion", JUNE) == {}


@pytest.fixture
def busy(month):
    """Return the steps, a run of May that is at work, its instance of Dagster, and June's context."""
    import dagster as dg

    with dg.DagsterInstance.ephemeral() as instance:
        tags = {"dagster/partition": "2013-05"}
        instance.add_run(run := dg.DagsterRun("month", status=dg.DagsterRunStatus.STARTED, tags=tags))
        yield month[2], run, instance, dg.build_asset_context(partition_key=JUNE, instance=instance)


def test_a_month_waits_while_the_one_before_is_at_work(busy):
    """It goes on when that run ends, however it ends."""
    steps, run, instance, june = busy
    waiting = threading.Thread(target=steps.wait_for_before, args=[june])
    waiting.start()
    waiting.join(1)
    assert waiting.is_alive()
    instance.report_run_failed(run)
    waiting.join(30)
    assert not waiting.is_alive()


def test_a_month_does_not_wait_for_ever(busy, monkeypatch):
    """A run of the month before that is dead, and whose end nobody reported, is named."""
    steps, run, _, june = busy
    monkeypatch.setattr(steps, "LONGEST", -1)
    with pytest.raises(Exception, match=f"the run {run.run_id} of 2013-05 does not end"):
        steps.wait_for_before(june)


def test_a_table_is_replaced_as_a_whole(month, monkeypatch):
    """While a table is written anew, and where that fails, the old one is there."""
    import pandas as pd

    steps, table = month[2], pd.DataFrame({"flights": [1, 2]})
    steps.write(table, "labels", JUNE)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda self, file: file.write_bytes(b"half"))
    monkeypatch.setattr(steps.os, "replace", lambda new, old: None)
    steps.write(table, "labels", JUNE)
    assert pd.read_parquet(steps.locate("labels", JUNE)).equals(table)


def test_a_run_that_is_still_in_the_queue_is_waited_for(busy, monkeypatch):
    """It was asked for earlier, and the limit of one run a month may have let this month overtake it."""
    steps, _, _, june = busy
    queued = SimpleNamespace(run_id="55", status=steps.dg.DagsterRunStatus.QUEUED)
    monkeypatch.setattr(steps, "LONGEST", -1)
    monkeypatch.setattr(steps, "list_older", lambda context, month: [queued])
    with pytest.raises(Exception, match="the run 55 of 2013-05 does not end"):
        steps.wait_for_before(june)


def test_a_run_that_was_asked_for_later_is_not_waited_for(busy):
    """Else two runs could wait for each other."""
    steps, run, instance, _ = busy
    dg, tags = steps.dg, {"dagster/partition": JUNE}
    instance.add_run(own := dg.DagsterRun("month", status=dg.DagsterRunStatus.STARTED, tags=tags))
    later = dg.DagsterRun("month", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "2013-05"})
    instance.add_run(later)
    context = SimpleNamespace(instance=instance, run_id=own.run_id)
    assert [found.run_id for found in steps.list_older(context, "2013-05")] == [run.run_id]


def test_a_month_fails_where_the_last_run_of_the_month_before_did(busy):
    """It may have failed before it withdrew its old decision."""
    steps, run, instance, june = busy
    instance.report_run_failed(run)
    with pytest.raises(Exception, match="the last run of 2013-05 failed .*: run that month again first"):
        steps.wait_for_before(june)


def test_a_person_may_have_later_months_decided_anew(month):
    """What is put aside counts as decided, until a person forgets it."""
    decide, moves, steps = month
    decide(yes=True)
    steps.write_record("promotion", "2013-07", NO)
    steps.withdraw_decision("2013-07")
    with pytest.raises(Exception, match="steps.forget_later"):
        decide(yes=False)
    steps.forget_later(JUNE)
    assert decide(yes=False) == NO and moves[-1] == {"champion": "1", "previous": None}
