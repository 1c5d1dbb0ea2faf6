"""The checks of notebook 10: right answers in other forms, and odd values."""
import mlflow
import numpy as np
import pytest

from helpers import exercises, paths
from helpers.checks import nb10


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return the client of a store of its own, with the notebook's experiment."""
    folder = tmp_path_factory.mktemp("store")
    address = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
    client = mlflow.MlflowClient(address, address)
    client.create_experiment(nb10._EXPERIMENT, (folder / "artifacts").as_uri())
    return client


@pytest.fixture
def client(monkeypatch, store):
    """Return the client of a store in which the check makes its runs."""
    monkeypatch.setattr(paths, "TRACKING_URI", store.tracking_uri)
    return store


def test_a_rule_may_search_in_place_of_asking_and_say_it_with_numpy(client):
    """And leaves no run behind that is not deleted."""

    def may_promote(version):
        wanted = f"params.decision = 'yes' and params.challenger = '{version.version}'"
        [experiment] = client.search_experiments(filter_string=f"name = '{nb10._EXPERIMENT}'")
        found = client.search_runs([experiment.experiment_id], wanted)
        return np.bool_(version.tags.get("evidence") in [run.info.run_id for run in found])

    assert exercises.judge("10.2", may_promote)[0] == "correct"
    assert client.search_runs([client.get_experiment_by_name(nb10._EXPERIMENT).experiment_id]) == []


@pytest.mark.parametrize("answer", [None, 7, lambda: True, lambda version: None, lambda version: "yes"])
def test_no_rule_at_all_is_not_yet_right(client, answer):
    """None of them raises."""
    assert exercises.judge("10.2", answer)[0] == "not yet"


def test_before_the_notebook_ran_the_rule_cannot_be_tried(monkeypatch, tmp_path):
    """The remedy is named."""
    monkeypatch.setattr(paths, "TRACKING_URI", f"sqlite:///{(tmp_path / 'mlflow.db').as_posix()}")
    assert "run the cells above" in exercises.judge("10.2", lambda version: True)[1]


def test_gauges_may_be_read_with_the_library():
    """And answered with 0 or 1."""
    from prometheus_client.parser import text_string_to_metric_families

    def can_retire(number, aliases, metrics):
        [family] = [one for one in text_string_to_metric_families(metrics) if one.name == "live_in_flight"]
        held = sum(one.value for one in family.samples if one.labels["version"] == str(number))
        return int(not held and number not in [int(version) for version in aliases.values()])

    assert exercises.judge("10.3", can_retire)[0] == "correct"


@pytest.mark.parametrize("answer", [None, "yes", lambda number, aliases, metrics: "True", lambda number: True])
def test_no_function_of_the_three_is_not_yet_right(answer):
    """None of them raises."""
    assert exercises.judge("10.3", answer)[0] == "not yet"
