"""The service keeps its contract with the clients."""
import pytest
import service
from fastapi.testclient import TestClient

from helpers.features import FEATURES


@pytest.fixture(scope="module")
def client(predict, april):
    """Return a client of the service around the model of this commit."""
    return TestClient(service.create(predict, april[FEATURES].dtypes))


@pytest.fixture(scope="module")
def flight(april):
    """Return a flight as a client sends it."""
    return april[FEATURES].iloc[0].dropna().to_dict()


def test_answers_what_the_model_answers(client, flight, predict, april):
    """One probability, under the name that the clients read."""
    answer = client.post("/predict", json=flight)
    assert answer.status_code == 200
    assert answer.json() == {"late": pytest.approx(predict(april.head(1))[0])}


@pytest.mark.parametrize("change", [{"temp": "warm"}, {"humid": 250}, {"dest": None}, {"sched_dep_min": 1440}])
def test_refuses_what_cannot_be(client, flight, change):
    """A wrong field gets status 422, and its name is in the answer."""
    answer = client.post("/predict", json=flight | change)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][-1] in change
