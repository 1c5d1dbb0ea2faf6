"""What tests of data, model and service ask for by name: the month after the training, the run, its forecasts."""
import candidate
import common
import mlflow
import pytest

from helpers.features import FEATURES


@pytest.fixture(scope="session")
def april():
    """Return the flights of the month after the training that have a label."""
    return common.read_labelled(candidate.MONTH)


@pytest.fixture(scope="session")
def run():
    """Return the training run of the commit that is checked out."""
    return candidate.find_run()


@pytest.fixture(scope="session")
def predict(run):
    """Return a function that takes flights and returns the probability of each that it is late."""
    model = mlflow.pyfunc.load_model(candidate.find_model(run).model_uri)
    return lambda flights: model.predict(flights[FEATURES])[:, 1]
