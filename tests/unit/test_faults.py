"""Faults for drills."""
import pandas as pd
import pytest

from helpers import faults, features, flights
from helpers.features import FEATURES, KEY, LABEL, WEATHER

BLIND_TO_FEATURES = {"rows_duplicated", "label_redefined", "late_labels_outstanding"}
CHANGED = {
    "celsius": {"temp"},
    "celsius_at_lga": {"temp"},
    "wind_stuck_at_zero": {"wind_speed"},
    "visibility_stuck_at_ten": {"visib"},
    "recent_delays_stuck_at_zero": {"late_share_3h"},
    "carrier_renamed": {"carrier"},
    "weather_missing_at_jfk": set(WEATHER),
    "distance_in_km": {"distance"},
    "schedule_in_utc": {"sched_dep_min"},
    "day_of_week_off_by_one": {"dow"},
    "rows_duplicated": set(),
    "label_redefined": {LABEL},
    "late_labels_outstanding": {LABEL},
}


@pytest.fixture(scope="module")
def october():
    """One prepared week of October."""
    raw = flights.load("flights")
    week = raw[(raw["month"] == 10) & (raw["day"] < 8)]
    return features.prepare(week, flights.load("weather"), flights.load("airports"))


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_changes_its_columns_and_nothing_else(october, name):
    """Each fault touches the columns that its story names, and leaves every other cell as it was."""
    faulty = faults.FAULTS[name](october).iloc[: len(october)]
    assert {c for c in october if not faulty[c].equals(october[c])} == CHANGED[name]


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_leaves_its_input_alone_and_repeats(october, name):
    """A fault returns a new table, the same one each time, and never changes the one that it got."""
    before = october.copy(deep=True)
    first, second = faults.FAULTS[name](october), faults.FAULTS[name](october)
    pd.testing.assert_frame_equal(october, before)
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_keeps_the_columns_types(october, name):
    """A faulty month has the columns and types of a clean one, so nothing raises before the model answers."""
    assert faults.FAULTS[name](october).dtypes.equals(october.dtypes)


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_says_what_happened(name):
    """Every fault is explained in a sentence."""
    assert faults.FAULTS[name].__doc__.strip().split("\n")[0].endswith(".")


def test_only_three_faults_never_touch_a_feature(october):
    """Duplicates and changes of the label are invisible in the features of the first delivery."""
    features_of = {name: fault(october).iloc[: len(october)][FEATURES] for name, fault in faults.FAULTS.items()}
    assert {name for name, table in features_of.items() if table.equals(october[FEATURES])} == BLIND_TO_FEATURES


def test_celsius_at_one_airport_spares_the_others(october):
    """Only LaGuardia's temperatures change, from freezing at 32 to freezing at 0."""
    faulty = faults.celsius_at_lga(october)
    lga = october["origin"] == "LGA"
    assert faulty.loc[~lga, "temp"].equals(october.loc[~lga, "temp"])
    pd.testing.assert_series_equal(faulty.loc[lga, "temp"] * 1.8 + 32, october.loc[lga, "temp"])
    assert faults.convert_to_celsius(pd.Series([32.0, 212.0])).tolist() == [0, 100]


def test_the_utc_schedule_is_four_hours_ahead_in_october(october):
    """In summer time a New York clock is 240 minutes behind UTC, around midnight too."""
    ahead = (faults.schedule_in_utc(october)["sched_dep_min"] - october["sched_dep_min"]) % 1440
    assert set(ahead) == {240}


def test_a_fifth_of_the_rows_comes_twice(october):
    """Duplicates are whole rows: each repeats a key that was there."""
    doubled = faults.rows_duplicated(october)
    assert doubled.duplicated(KEY).sum() == len(doubled) - len(october) == round(0.2 * len(october))


def test_the_redefined_label_only_adds_late_flights(october):
    """Whoever is 15 minutes late is late at all, and a flight without arrival has no label either way."""
    faulty = faults.label_redefined(october)
    assert faulty[LABEL].isna().equals(october[LABEL].isna())
    assert (faulty[LABEL] >= october[LABEL])[october[LABEL].notna()].all()
    assert faulty[LABEL].mean() > october[LABEL].mean() + 0.1


def test_four_in_ten_late_labels_are_outstanding(october):
    """Only labels of late flights go missing, about 40 % of them."""
    faulty = faults.late_labels_outstanding(october)
    gone = october.loc[faulty[LABEL].isna() & october[LABEL].notna(), LABEL]
    assert (gone == 1).all()
    assert len(gone) / (october[LABEL] == 1).sum() == pytest.approx(0.4, abs=0.05)


def test_a_drill_shows_the_faults_that_were_drawn(october):
    """The tables of a drill are those of the drawn faults, different ones, the same for a seed."""
    names = faults.draw(54)
    assert list(names) == ["A", "B", "C"] and len(set(names.values())) == 3
    for letter, table in faults.drill(october, seed=54).items():
        pd.testing.assert_frame_equal(table, faults.FAULTS[names[letter]](october))
    assert faults.draw(54) == names != faults.draw(55)


def test_every_fault_can_be_drawn():
    """No fault is left out of the drawing."""
    assert {name for seed in range(60) for name in faults.draw(seed).values()} == set(faults.FAULTS)
