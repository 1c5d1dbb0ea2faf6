"""The code does what it says."""
import common
import pandas as pd
import pytest

from helpers import features


def test_months_are_separated_by_commas():
    """Blanks around them do not count."""
    assert common.split_months("2013-01, 2013-02") == ["2013-01", "2013-02"]


def test_a_flight_is_late_from_the_sixteenth_minute():
    """A flight that never arrived has no label."""
    labels = features.label(pd.Series([15, 16, None]))
    assert labels[:2].tolist() == [0, 1] and pd.isna(labels[2])


def test_a_month_of_the_training_is_refused(monkeypatch):
    """No model is evaluated on a month that it was trained on."""
    monkeypatch.setattr(common.mlflow, "set_tag", lambda *tag: None)
    with pytest.raises(SystemExit, match="month is 2013-02"):
        common.require_unseen("2013-02", ["2013-01", "2013-02"])
