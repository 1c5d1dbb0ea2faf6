"""The gauges of monitoring: those that were set are served, and what they are computed from counts."""
import pandas as pd
import pytest
import requests

from helpers.alerts.monitor import Monitor, find_drift
from helpers.drift import ReferenceProfile
from helpers.live.prediction_log import Prediction, PredictionLog


@pytest.fixture
def monitor():
    """Gauges that are served."""
    one = Monitor()
    one.start()
    yield one
    one.stop()


def read(monitor: Monitor) -> list[str]:
    """Return the lines with values."""
    return [line for line in requests.get(f"{monitor.url}/metrics", timeout=30).text.splitlines() if line[0] != "#"]


def test_only_what_was_set_is_served(monitor):
    """A label's value that is no longer there goes."""
    assert read(monitor) == []
    monitor.set("psi", {"temp": 7, "wind": 1})
    monitor.set("psi", {"temp": 3})
    monitor.set("labelled_share", 0.5)
    assert read(monitor) == ['monitoring_psi{feature="temp"} 3.0', "monitoring_labelled_share 0.5"]


def test_the_answers_of_one_version_are_compared_with_the_shadow(monitor, tmp_path):
    """Flights that only one of the two has scored, and those that another version answered, do not count."""
    log = PredictionLog(tmp_path / "log.db")
    rows = [("a", "answer", 2, 0.5), ("a", "shadow", 1, 0.4), ("b", "answer", 2, 0.9), ("b", "shadow", 1, 0.5),
            ("c", "answer", 2, 0.9), ("d", "answer", 1, 0.1), ("d", "shadow", 2, 0.9), ("e", "failed", 2, None)]
    log.add([Prediction(id, role, version, late, "{}") for id, role, version, late in rows])
    log.close()
    monitor.compare(tmp_path / "log.db", 2)
    assert read(monitor)[0] == "monitoring_compared_flights 2.0"
    assert float(read(monitor)[1].split()[1]) == pytest.approx(0.25)
    monitor.compare(tmp_path / "log.db", 3)
    assert read(monitor) == ["monitoring_compared_flights 0.0", "monitoring_answer_minus_shadow 0.0"]


def test_the_limit_of_drift_is_the_largest_of_whole_weeks():
    """A part of a week does not count, and no limit is below what does not matter."""
    dates = pd.date_range("2013-01-01", periods=16).repeat(20)
    x = [float(n) for n in range(20)] * 7 + [n / 2 for n in range(20)] * 7 + [900.0] * 40
    reference = pd.DataFrame({"date": dates, "x": x, "y": [float(n) for n in range(20)] * 16})
    profile = ReferenceProfile.from_frame(reference[["x", "y"]])
    psi, limits = find_drift(profile, reference, reference.iloc[-40:])
    assert limits["y"] == 0.1 and 0.1 < limits["x"] < psi["x"] and psi["y"] < 0.1
