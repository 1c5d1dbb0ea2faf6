"""Broken models: each has its fault and no other, and passes the server's first test."""
import numpy as np
import pytest

from helpers.features import CATEGORIES, FEATURES, LABEL
from helpers.live.broken_models import fit_broken


@pytest.fixture(scope="module")
def rows(week):
    """The labelled flights of a week."""
    return week.dropna(subset=LABEL)


@pytest.fixture(scope="module")
def broken(rows):
    """The three models."""
    return fit_broken(rows)


def late(model, rows):
    """Return a model's probabilities of a late flight."""
    return model.predict_proba(rows[FEATURES])[:, 1]


def test_the_first_airline_gets_no_number(broken, rows):
    """And only that one."""
    first = rows["carrier"] == min(rows["carrier"])
    assert 0 < first.mean() < 1 and (np.isnan(late(broken["answers NaN"], rows)) == first).all()


def test_an_exception_comes_at_a_temperature_that_was_never_seen(broken, rows):
    """At the hottest hour there is none, above it there is."""
    hottest = rows.nlargest(1, "temp")
    assert 0 < late(broken["raises an exception"], hottest)[0] < 1
    with pytest.raises(ValueError):
        late(broken["raises an exception"], hottest.assign(temp=hottest["temp"] + 1))


def test_the_slow_one_compares_each_flight_with_all(broken, rows):
    """It has kept all rows, looks at each, and answers soundly."""
    slow = broken["is slow"][-1]
    assert slow.n_samples_fit_ == len(rows) and slow.algorithm == "brute"
    assert late(broken["is slow"], rows.head(9)).max() <= 1


def test_a_row_of_unknown_categories_without_weather_gets_a_probability(broken, rows):
    """Such a row is the first test of a server."""
    row = rows.head(1).assign(temp=np.nan, wind_speed=np.nan).assign(**dict.fromkeys(CATEGORIES, ""))
    assert [0 <= late(model, row)[0] <= 1 for model in broken.values()] == [True] * 3
