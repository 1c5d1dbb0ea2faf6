"""The checks of notebook 17: names, a request and records, each in any form, and each thing once."""
import json
from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers import exercises, paths
from helpers.checks import nb17

RUNS = {"one": {"params": {"leaves": 4, "rate": 0.1}, "metrics": {"auc": 0.70591, "brier": 0.15612}},
        "two": {"params": {"leaves": 8, "rate": 0.03}, "metrics": {"auc": 0.70282, "brier": 0.15713}}}
RIGHT = [{"name": name, **run} for name, run in RUNS.items()]
ROUNDED = [{"name": "two", "params": {"leaves": "8", "rate": "0.03"}, "metrics": {"auc": 0.703, "brier": 0.157}},
           {**RIGHT[0], "end": 17, "curve": []}]
MODELS = paths.WORKSPACE / "platforms" / "models"
KEPT = {"A": [{"model": paths.WORKSPACE / "a.skops"}], "B & C": [{"model": paths.WORKSPACE / "b.skops"}],
        "D": [{"model": MODELS / "d.skops"}]}
ASKED = {"inputs": [{"name": "carrier", "shape": [1, 1], "datatype": "BYTES", "data": ["US"]},
                    {"name": "late_share_3h", "shape": [1, 1], "datatype": "FP64", "data": [None]}]}


@pytest.fixture
def server(monkeypatch):
    """A server and a model that give every flight the same forecast, and a list of what was sent."""
    sent = []
    answer = SimpleNamespace(status_code=200, json=lambda: {"outputs": [{"data": [0.75, 0.25, 0.5, 0.5]}]})
    model = SimpleNamespace(predict=lambda rows: pd.DataFrame([[0.75, 0.25]]).to_numpy())
    monkeypatch.setattr(nb17.requests, "post", lambda url, json, timeout: sent.append(json) or answer)
    monkeypatch.setattr(import_module("mlflow.pyfunc"), "load_model", lambda address: model)  # it loads late
    return sent


@pytest.mark.parametrize("names", [{"A", "B & C"}, ["B & C", "A"], {"A": True, "B & C": True, "D": False},
                                   pd.Series({"A": True, "B & C": True, "D": False}), pd.Index(["A", "B & C"]),
                                   (name for name in ["A", "B & C"])])
def test_names_are_taken_in_any_form(names):
    """A set, a list, a generator, and yes or no for each platform."""
    assert exercises.judge("17.1", names, KEPT)[0] == "correct"


def test_a_platform_marked_as_kept_is_told():
    """Yes for a platform that has only a path."""
    verdict, told = exercises.judge("17.1", dict.fromkeys(KEPT, True), KEPT)
    assert verdict == "not yet" and "the record of D only says" in told


@pytest.mark.parametrize("asked", [ASKED, json.dumps(ASKED), json.dumps(ASKED).encode()])
def test_a_request_is_taken_as_a_dictionary_and_as_json(asked, server):
    """The server gets the same of each."""
    assert exercises.judge("17.2", asked, pd.DataFrame([[0, 1]]), "http://")[0] == "correct"
    assert server == [ASKED]


@pytest.mark.parametrize("data", [[], [None, 0.1]])
def test_a_request_of_another_number_of_flights_is_told(data, server):
    """A tensor without a value, which MLServer takes for a missing one, and two flights where one was asked for."""
    asked = {"inputs": [ASKED["inputs"][0], {**ASKED["inputs"][1], "data": data}]}
    verdict, told = exercises.judge("17.2", asked, pd.DataFrame([[0, 1]]), "http://")
    assert verdict == "not yet" and "each tensor has one value" in told


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
    ([{**RIGHT[0], "curve": [(10, 0.2, 17)]}, RIGHT[1]], "has a curve"),
])
def test_what_is_not_each_training_once_is_told(answer, says):
    """Copies of one record, one too few, numbers of another training."""
    verdict, told = exercises.judge("17.3", answer, RUNS)[:2]
    assert verdict != "correct" and says in told
