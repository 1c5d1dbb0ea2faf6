"""What the pipeline that the course ships does with the decisions of its months."""
import json
import sys

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
    monkeypatch.setattr(assets, "register", lambda month: "2")
    monkeypatch.setattr(assets, "move_aliases", lambda **aliases: moves.append(aliases))

    def decide(yes: bool) -> dict:
        monkeypatch.setattr(steps, "compare", lambda days: (-0.2, -0.1) if yes else (-0.2, 0.1))
        steps.withdraw_decision(JUNE)
        assets.promotion(dg.build_asset_context(partition_key=JUNE))
        return steps.read_record("promotion", JUNE)

    yield decide, moves, steps
    for name in ("assets", "steps"):
        sys.modules.pop(name, None)


def test_the_same_decision_moves_nothing_again(month):
    """A person may have rolled back in the meantime."""
    decide, moves, _ = month
    assert decide(yes=True) == YES and decide(yes=True) == YES
    assert moves == [{"champion": "2", "previous": "1"}]


def test_a_yes_that_was_wrong_is_taken_back(month):
    """The month was mended, and its gate says no: the alias goes back too."""
    decide, moves, _ = month
    decide(yes=True)
    assert decide(yes=False) == NO
    assert moves[1:] == [{"champion": "1"}]


@pytest.mark.parametrize("first", [True, False])
def test_an_old_month_that_decides_otherwise_fails(month, first):
    """Later months stand on its decision; nothing moves, and the next month has no champion until a person decides."""
    decide, moves, steps = month
    decide(yes=first)
    steps.locate("promotion", "2013-07", "json").write_text(json.dumps(NO), encoding="utf-8")
    done = list(moves)
    with pytest.raises(Exception, match="later months stand on .* a person must look"):
        decide(yes=not first)
    assert moves == done and steps.read_record("promotion", JUNE) == {}
