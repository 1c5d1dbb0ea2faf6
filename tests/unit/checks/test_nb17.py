"""The checks of notebook 17: records of a pipeline's trainings, in any form and order, each once."""
import pandas as pd
import pytest

from helpers import exercises
from helpers.checks import nb17  # noqa: F401

RUNS = {"one": {"params": {"leaves": 4, "rate": 0.1}, "metrics": {"auc": 0.70591, "brier": 0.15612}},
        "two": {"params": {"leaves": 8, "rate": 0.03}, "metrics": {"auc": 0.70282, "brier": 0.15713}}}
RIGHT = [{"name": name, **run} for name, run in RUNS.items()]
ROUNDED = [{"name": "two", "params": {"leaves": "8", "rate": "0.03"}, "metrics": {"auc": 0.703, "brier": 0.157}},
           {**RIGHT[0], "end": 17}]


@pytest.mark.parametrize("answer", [RIGHT, RIGHT[::-1], tuple(RIGHT), iter(RIGHT), pd.DataFrame(RIGHT), ROUNDED,
                                    {one["name"]: one for one in RIGHT}])
def test_records_are_taken_in_any_form_and_order(answer):
    """Lists, tables, text for numbers as MLflow has it, three decimals, more fields than were asked for."""
    assert exercises.judge("17.3", answer, RUNS)[0] == "correct"


@pytest.mark.parametrize(("answer", "says"), [
    ([RIGHT[0], RIGHT[0]], "stands in 2 records"),
    ([*RIGHT, RIGHT[1]], "stands in 2 records"),
    ([RIGHT[0]], "two is not there"),
    (RIGHT[0], "two is not there"),
    ([], "one, two is not there"),
    ([{**RIGHT[0], "name": "two"}, RIGHT[1]], "not all metrics"),
    ([{**RIGHT[0], "metrics": {"brier": 0.15612}}, RIGHT[1]], "not all metrics"),
    ([{**RIGHT[0], "metrics": {"auc": 0.70591, "brier": 0.1567}}, RIGHT[1]], "not all metrics"),
    ([{**RIGHT[0], "params": {"leaves": 4}}, RIGHT[1]], "not the parameters"),
    ([{"name": "one", "params": {}}, RIGHT[1]], "lacks"),
    ([{**RIGHT[0], "name": "three"}], "not the name"),
    ([{**RIGHT[0], "name": ["one"]}], "not the name"),
    (["one", "two"], "no record"),
])
def test_what_is_not_each_training_once_is_told(answer, says):
    """Copies of one record, one too few, numbers of another training."""
    verdict, told = exercises.judge("17.3", answer, RUNS)[:2]
    assert verdict != "correct" and says in told
