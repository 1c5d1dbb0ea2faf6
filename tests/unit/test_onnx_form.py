"""The ONNX form of the course's trees gives scikit-learn's probabilities, whatever the rows hold."""
import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn import compose, ensemble, pipeline, preprocessing

from helpers import features, flights, onnx_form

NUMBERS = [name for name in features.FEATURES if name not in features.CATEGORIES]


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """Return the real prepared table of all months."""
    return features.prepare(*(flights.load(name) for name in ("flights", "weather", "airports")))


@pytest.fixture(scope="module")
def trees(year) -> pipeline.Pipeline:
    """Return notebook 02's trees, fitted on January and February."""
    codes = preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = compose.make_column_transformer((codes, features.CATEGORIES), remainder="passthrough")
    boosting = ensemble.HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.03, max_leaf_nodes=8, min_samples_leaf=500, l2_regularization=10, random_state=0
    )
    winter = year[(year["month"] <= 2) & year[features.LABEL].notna()]
    return pipeline.make_pipeline(columns, boosting).fit(winter[features.FEATURES], winter[features.LABEL])


@pytest.fixture(scope="module")
def session(year, trees):
    """Return a session that runs the trees' ONNX form."""
    signature = mlflow.models.infer_signature(year.head(100)[features.FEATURES])
    return onnx_form.start(onnx_form.convert(trees, signature))


@pytest.fixture
def week(year) -> pd.DataFrame:
    """Return the features of a week in April."""
    return year[(year["date"] >= "2013-04-15") & (year["date"] < "2013-04-22")][features.FEATURES].copy()


def agree(session, trees, rows: pd.DataFrame) -> bool:
    """Return whether both forms give each row the same probability to 1e-5."""
    expected = trees.predict_proba(rows[features.FEATURES])[:, 1]
    found = onnx_form.predict_probabilities(session, rows)
    return found.shape == expected.shape and np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize("month", range(1, 13))
def test_agrees_on_every_flight_of_the_year(session, trees, year, month):
    """No flight of the real data, missing values included, gets another probability."""
    assert agree(session, trees, year[year["month"] == month])


def test_agrees_where_numbers_are_missing(session, trees, week):
    """Rows without any weather and any recent delays take the branches for missing values."""
    lost = features.WEATHER + features.RECENT
    assert agree(session, trees, week.assign(**dict.fromkeys(lost, np.nan)))
    for name in lost:
        assert agree(session, trees, week.assign(**{name: np.nan})), name


@pytest.mark.parametrize("name", features.CATEGORIES)
def test_agrees_on_a_category_that_training_never_showed(session, trees, week, name):
    """A new airline, airport or destination is coded as unknown in both forms."""
    assert agree(session, trees, week.assign(**{name: "NEW"}))


@pytest.mark.parametrize("name", features.CATEGORIES)
def test_agrees_where_text_is_missing(session, trees, week, name):
    """A missing category, in pandas' text type or as None among objects, is an unknown one."""
    gaps = pd.Series(np.arange(len(week)) % 2 == 0, index=week.index)
    assert agree(session, trees, week.assign(**{name: week[name].mask(gaps)}))
    empty = onnx_form.predict_probabilities(session, week.assign(**{name: week[name].astype(object).mask(gaps, None)}))
    assert np.array_equal(empty, onnx_form.predict_probabilities(session, week.assign(**{name: week[name].mask(gaps)})))


def test_agrees_beside_every_threshold(session, trees, week):
    """A value a hair below, on and above a tree's threshold takes scikit-learn's branch."""
    names = trees[0].get_feature_names_out()
    nodes = np.concatenate([tree.nodes for (tree,) in trees[-1]._predictors])
    nodes = nodes[nodes["is_leaf"] == 0]
    for name in features.WEATHER + features.RECENT:
        place = list(names).index(f"remainder__{name}")
        edges = np.unique(nodes["num_threshold"][nodes["feature_idx"] == place])
        beside = np.concatenate([np.nextafter(edges, -np.inf), edges, np.nextafter(edges, np.inf)])
        rows = pd.concat([week.head(1)] * len(beside), ignore_index=True).assign(**{name: beside})
        assert agree(session, trees, rows), name


def test_one_row_and_no_row_keep_their_shape(session, week):
    """A table of one flight gives one probability, an empty table none."""
    assert onnx_form.predict_probabilities(session, week.head(1)).shape == (1,)
    assert onnx_form.predict_probabilities(session, week.head(0)).shape == (0,)
