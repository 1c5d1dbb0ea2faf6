"""Drills: faults on days that a seed draws, and the score of the alarms."""
import numpy as np
import pandas as pd
import pytest

from helpers.features import CATEGORIES, FEATURES, KEY, LABEL
from helpers.year import drills
from helpers.year.drills import Episode, Score

DAY = drills.DAY
FIRST, LAST = pd.Timestamp("2013-05-01"), pd.Timestamp("2013-12-31")
STUCK = Episode("wind_stuck_at_zero", pd.Timestamp("2013-06-03"), pd.Timestamp("2013-06-05"))
TWICE = Episode("rows_duplicated", pd.Timestamp("2013-07-01"), pd.Timestamp("2013-07-03"))


@pytest.fixture(scope="module")
def table():
    """Ten flights a day from May to July."""
    date = np.repeat(pd.date_range("2013-05-01", "2013-07-31"), 10)
    columns = {name: np.random.default_rng(0).random(len(date)) for name in FEATURES if name not in CATEGORIES}
    keys = {"carrier": "EV", "origin": "JFK", "dest": "BOS", "flight": np.arange(len(date)), "date": date}
    return pd.DataFrame(columns).assign(**keys, **{LABEL: 0.0})


@pytest.mark.parametrize("seed", range(20))
def test_each_fault_of_features_comes_once_and_alone(seed):
    """Eleven faults lie within the time, three to seven days each, and none meets another."""
    drawn = drills.episodes(seed, FIRST, LAST)
    assert len({episode.fault for episode in drawn}) == len(drawn) == 11
    assert not {episode.fault for episode in drawn} & set(drills.LABELS)
    assert all(3 <= (episode.last - episode.first).days + 1 <= 7 for episode in drawn)
    assert drawn[0].first >= FIRST and drawn[-1].last <= LAST
    assert all(one.last < following.first for one, following in zip(drawn, drawn[1:]))


def test_a_seed_repeats_and_another_differs():
    """The same seed draws the same days, on every machine."""
    assert drills.episodes(9, FIRST, LAST) == drills.episodes(9, FIRST, LAST) != drills.episodes(10, FIRST, LAST)


def test_too_short_a_time_is_refused():
    """Faults that would have to overlap are refused, with what to change."""
    with pytest.raises(ValueError, match="01 May to 01 Jul grow"):
        drills.episodes(9, FIRST, pd.Timestamp("2013-07-01"))


def test_faults_change_their_days_and_no_other(table):
    """Outside the episodes all is as it was; the labels are gone; the days stay in order."""
    sent = drills.inject(table, [STUCK, TWICE])
    assert LABEL not in sent and sent["date"].is_monotonic_increasing
    assert (sent.loc[sent["date"].between(STUCK.first, STUCK.last), "wind_speed"] == 0).all()
    twice = sent[sent.duplicated(KEY)]
    assert len(twice) == 6 and twice["date"].between(TWICE.first, TWICE.last).all()
    clean = ~sent["date"].between(STUCK.first, STUCK.last) & ~sent["date"].between(TWICE.first, TWICE.last)
    expected = table[table["date"].isin(sent.loc[clean, "date"])].drop(columns=LABEL).reset_index(drop=True)
    pd.testing.assert_frame_equal(sent[clean].reset_index(drop=True), expected)


def test_a_monitor_sees_the_day_and_four_weeks_before_it_and_no_more(table):
    """The day comes whole, the past ends the day before and reaches back 28 days; nothing later is shown."""
    seen = []

    def monitor(day, before):
        seen.append((set(day["date"]), before["date"].min(), before["date"].max(), len(before)))
        return day["wind_speed"].nunique() == 1

    days = pd.date_range("2013-06-01", "2013-06-10")
    assert drills.watch(monitor, drills.inject(table, [STUCK]), days) == list(pd.date_range(STUCK.first, STUCK.last))
    assert seen == [({day}, day - 28 * DAY, day - DAY, 280) for day in days]


def test_alarms_count_for_faults_on_their_days_only():
    """An alarm on the second day is a delay of one; the day after a fault is false; a fault without alarm is missed."""
    alarms = [STUCK.first + DAY, STUCK.last, STUCK.last + DAY, STUCK.first - DAY]
    assert drills.score(alarms, [STUCK, TWICE]) == Score(found=1, missed=1, false_alarms=2, delay=1.0)


def test_alarming_every_day_finds_all_and_is_charged_for_it():
    """Whoever cries wolf each day misses nothing and pays a false alarm for every quiet day."""
    found = drills.score(pd.date_range("2013-06-01", "2013-07-30"), [STUCK, TWICE])
    assert found == Score(found=2, missed=0, false_alarms=60 - 6, delay=0.0)


def test_silence_has_no_delay():
    """Without an alarm nothing is found, and there is no delay to speak of."""
    found = drills.score([], [STUCK])
    assert (found.found, found.missed, found.false_alarms) == (0, 1, 0) and np.isnan(found.delay)
