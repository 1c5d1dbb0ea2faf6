"""A registry of real versions, and live servers over it."""
from pathlib import Path

import pandas as pd
import pytest

from helpers import features, flights
from helpers.features import CATEGORIES, FEATURES, LABEL
from helpers.live.prediction_log import ids_of
from support.live import NAME, log_both, serve


@pytest.fixture(scope="session")
def week() -> pd.DataFrame:
    """A prepared week of January, with an id for each flight."""
    raw = flights.load("flights")
    first = raw[(raw["month"] == 1) & (raw["day"] < 8)]
    table = features.prepare(first, flights.load("weather"), flights.load("airports"))
    return table.assign(id=ids_of(table))


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Path:
    """A folder for the store and the logs."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="session")
def client(place, week):
    """A registry with three versions: 1 and 2 differ and carry their ONNX form, 3 is version 2 without it."""
    import mlflow
    from sklearn import compose, ensemble, pipeline, preprocessing

    uri = f"sqlite:///{(place / 'mlflow.db').as_posix()}"
    mlflow.set_tracking_uri(uri)
    mlflow.create_experiment("live", artifact_location=(place / "artifacts").as_uri())
    client, known = mlflow.MlflowClient(uri, uri), week.dropna(subset=LABEL)
    client.create_registered_model(NAME)
    mlflow.set_experiment("live")
    for rounds in (5, 10):
        codes = preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        columns = compose.make_column_transformer((codes, CATEGORIES), remainder="passthrough")
        trees = ensemble.HistGradientBoostingClassifier(max_iter=rounds, random_state=0)
        model = pipeline.make_pipeline(columns, trees)
        model.fit(known[FEATURES], known[LABEL])
        logged, form = log_both(mlflow, model, known[FEATURES])
        version = client.create_model_version(NAME, source=logged)
        client.set_model_version_tag(NAME, version.version, "onnx", form)
    client.create_model_version(NAME, source=logged)
    return client


@pytest.fixture(scope="session")
def model(client):
    """Version 1 as MLflow loads it."""
    import mlflow

    return mlflow.pyfunc.load_model(f"models:/{NAME}/1")


@pytest.fixture(autouse=True)
def tracked(place):
    """This process's store is the test's, whatever another test has set."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{(place / 'mlflow.db').as_posix()}")


@pytest.fixture
def champion(client):
    """The alias on version 1, no challenger."""
    client.set_registered_model_alias(NAME, "champion", "1")
    client.delete_registered_model_alias(NAME, "challenger")
    return client


@pytest.fixture(scope="module")
def live(place, client):
    """A live server of version 1 that all tests of its answers share."""
    client.set_registered_model_alias(NAME, "champion", "1")
    with serve(place, "shared.db") as server:
        yield server
