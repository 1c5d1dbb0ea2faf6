"""Where models would go, and what waits for them."""
import pytest

from helpers.platforms.manifests import Experiment, Model, Pipeline
from helpers.platforms.scheduling import Server, count_bytes, plan


def model(name: str = "late", **spec) -> Model:
    """Return a model's manifest."""
    return Model(metadata={"name": name}, spec={"storageUri": "s3://models/late/1", "requirements": ["mlflow"], **spec})


def server(name: str = "mlserver", replicas: int = 2, **models) -> Server:
    """Return a server of 1 GiB in each replica."""
    return Server(name, {"mlflow", "sklearn"}, replicas, "1Gi", models)


@pytest.mark.parametrize(("spec", "place"), [
    ({}, "on mlserver, 1 of its replicas"),
    ({"replicas": 2}, "on mlserver, 2 of its replicas"),
    ({"replicas": 3}, "ScheduleFailed: mlserver has 2 replicas, not 3"),
    ({"requirements": ["sklearn", "tensorflow"]}, "ScheduleFailed: mlserver cannot load tensorflow"),
    ({"memory": "1Gi"}, "on mlserver, 1 of its replicas"),
    ({"memory": "1025Mi"}, "ScheduleFailed: mlserver has too little memory"),
    ({"server": "triton"}, "ScheduleFailed: mlserver is not triton"),
])
def test_a_model_goes_where_it_fits(spec, place):
    """Capabilities, replicas and memory decide, each up to its edge."""
    assert plan([model(**spec)], [server()]) == {"Model late": place}


def test_memory_is_taken_by_the_models_before():
    """The second of two models of 600 MiB finds too little, and the first may come again."""
    one, servers = model(memory="600Mi"), [server()]
    told = plan([one, model("other", memory="600Mi")], servers)
    assert told["Model other"] == "ScheduleFailed: mlserver has too little memory"
    assert plan([one], servers)["Model late"].startswith("on mlserver")


def test_a_server_that_has_the_model_comes_first():
    """So a model does not move back and forth."""
    assert plan([model()], [server(), server("second", late=0.0)])["Model late"].startswith("on second")


def test_without_servers_nothing_is_placed():
    """And the reason is given."""
    assert plan([model()], []) == {"Model late": "ScheduleFailed: there is no server"}


def test_an_experiment_divides_by_weights_once_its_models_are_there():
    """Weights are shares of their sum; the mirror counts among the models that it waits for."""
    spec = {"candidates": [{"name": "late", "weight": 3}, {"name": "other", "weight": 1}],
            "mirror": {"name": "third", "percent": 50}}
    canary = Experiment(metadata={"name": "canary"}, spec=spec)
    two = [model(), model("other")]
    assert plan([*two, canary], [server()])["Experiment canary"] == "waits for third"
    told = plan([canary, *two, model("third")], [server()])
    assert told["Experiment canary"] == "75% to late, 25% to other, copies of 50% to third"


def test_a_pipeline_waits_for_the_models_of_its_steps():
    """A step is a model's name."""
    pipeline = Pipeline(metadata={"name": "flights"}, spec={"steps": [{"name": "late"}, {"name": "drift"}]})
    assert plan([model(), pipeline], [server()])["Pipeline flights"] == "waits for drift"
    assert plan([model(), model("drift"), pipeline], [server()])["Pipeline flights"] == "late -> drift"


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("200Mi", 200 * 2**20), ("1.5Gi", 1.5 * 2**30), ("3k", 3000)])
def test_quantities_are_bytes(text, size):
    """With the units of Kubernetes."""
    assert count_bytes(text) == size
