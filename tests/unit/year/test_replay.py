"""A year replayed: nothing is decided on what was not known yet."""
import numpy as np
import pandas as pd
import pytest

from helpers.drift import ReferenceProfile
from helpers.features import CATEGORIES, FEATURES, LABEL
from helpers.live.prediction_log import ANSWER, Prediction, PredictionLog
from helpers.live.prediction_log import SHADOW as SHADOW_ROLE
from helpers.monitoring import interval
from helpers.year import replay
from helpers.year.policies import FIRST, Policy, follow
from helpers.year.replay import DAY, Year

START = pd.Timestamp("2013-03-04")
CHECKS = list(pd.date_range("2013-04-01", periods=5, freq="28D"))
WAIT, SHADOW = 14, 7
DAYS = 28 * 6


class Rate:
    """A model that gives every flight the late share of those it learned from, a little more where it is windy."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rate = rows[LABEL].mean()

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of on time and late."""
        p = np.clip(self.rate + 0.01 * (features["wind_speed"].to_numpy() - 10) / 10, 0, 1)
        return np.column_stack([1 - p, p])


@pytest.fixture(scope="module")
def flights():
    """Half a year of 40 flights a day, later and later, whose labels take days to come."""
    random = np.random.default_rng(0)
    date = START + pd.to_timedelta(np.repeat(np.arange(DAYS), 40), unit="D")
    n = len(date)
    table = pd.DataFrame({name: random.normal(10, 3, n) for name in FEATURES if name not in CATEGORIES})
    table = table.assign(**{name: random.choice(["A", "B"], n) for name in CATEGORIES}, date=date)
    table["temp"] += np.arange(n) / n * 30
    table[LABEL] = (random.random(n) < 0.15 + 0.3 * np.arange(n) / n).astype(float)
    table["sched_dep"] = date.tz_localize("America/New_York") + pd.Timedelta(hours=12)
    table["reported"] = table["sched_dep"] + pd.to_timedelta(1 + random.exponential(4, n), unit="D")
    table["id"] = [f"{day:%Y-%m-%d}/{number}" for day, number in zip(date, range(n))]
    return table


def made(flights: pd.DataFrame, first: Rate | None = None) -> Year:
    """Return a year that begins with a model of the days before the first check, unless it is given one."""
    before = flights[flights["date"] < CHECKS[0]]
    profile = ReferenceProfile.from_frame(before[FEATURES])
    return Year(flights, CHECKS, WAIT, SHADOW, Rate, first or Rate(before), profile)


def on_gap(check) -> bool:
    """Alarm where the calibration gap's interval lies off zero."""
    low, high = interval(check.days["champion"] - check.days["late"], check.days["flights"])
    return low > 0 or high < 0


def gate(check) -> bool:
    """Promote what is better on average."""
    return bool((check.days["rehearsal_error"] - check.days["champion_error"]).sum() < 0)


POLICIES = {
    "gap": Policy(on_gap),
    "gap, gated": Policy(on_gap, gate),
    "drift": Policy(lambda check: check.psi() > 1.0),
    "always, gated": Policy(lambda check: True, gate),
}


def later_changed(flights: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the flights with everything changed that is not known on a day: unreported labels, and later flights."""
    table, moment = flights.copy(), replay.midnight(day)
    unreported, after = table["reported"] > moment, table["date"] >= day
    table.loc[unreported, LABEL] = 1 - table.loc[unreported, LABEL]
    table.loc[after, "temp"] += 100
    table.loc[after, "wind_speed"] = 0.0
    table.loc[unreported & ~after, "reported"] += 30 * DAY
    return table


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("number", range(1, len(CHECKS)))
def test_no_decision_knows_what_came_later(flights, name, number):
    """Whatever happens to labels not yet reported and to flights not yet gone, the decisions so far stay the same."""
    one = made(flights)
    other = made(later_changed(flights, CHECKS[number]), one.first)
    as_it_was = follow(POLICIES[name], one.view, len(CHECKS))[:number]
    assert follow(POLICIES[name], other.view, len(CHECKS))[:number] == as_it_was


@pytest.mark.parametrize("number", range(1, len(CHECKS)))
def test_no_figure_of_a_check_knows_what_came_later(flights, number):
    """Evidence, drift and the refit itself are equal to the last digit, not only the decisions made of them."""
    one = made(flights)
    other = made(later_changed(flights, CHECKS[number]), one.first)
    pd.testing.assert_frame_equal(one.evidence(number, FIRST), other.evidence(number, FIRST))
    assert one.psi(CHECKS[number], FIRST) == other.psi(CHECKS[number], FIRST)
    assert one.model(number).rate == other.model(number).rate


def test_decisions_do_change_with_what_was_known(flights):
    """The tests above mean something: labels that had arrived, when changed, change decisions."""
    steady = (np.random.default_rng(1).random(len(flights)) < made(flights).first.rate).astype(float)
    other = flights.assign(**{LABEL: flights[LABEL].where(flights["date"] < CHECKS[0], steady)})
    asked = {name: [follow(POLICIES[name], made(t).view, len(CHECKS)) for t in (flights, other)] for name in POLICIES}
    assert asked["gap"][0] != asked["gap"][1] and asked["gap, gated"][0] != asked["gap, gated"][1]
    assert not follow(POLICIES["drift"], made(flights.assign(temp=10.0)).view, 2)[0].promoted
    assert follow(POLICIES["drift"], made(flights).view, len(CHECKS))[-1].alarm


def test_settled_flights_are_old_enough_and_have_their_label(flights):
    """The youngest settled flight is a wait old; labels that came after the day do not count."""
    rows = replay.select_settled(flights, CHECKS[1], WAIT)
    assert rows["date"].max() == CHECKS[1] - (WAIT + 1) * DAY
    assert (rows["reported"] <= replay.midnight(CHECKS[1])).all()
    old = flights[flights["date"] < CHECKS[1] - WAIT * DAY]
    assert 0 < len(old) - len(rows) < 0.1 * len(old)


def test_a_rehearsal_has_not_learned_from_the_evidence(flights):
    """The rehearsal of each check learned only from days before the first day that it is judged on."""
    one = made(flights)
    for number in range(1, len(CHECKS)):
        first = one.evidence(number, FIRST).index[0]
        assert one.training(number - 1)["date"].max() < first


def test_evidence_is_what_the_champion_scored(flights):
    """A champion is judged from its check on, its time as the shadow included: two weeks, when labels take two."""
    days = made(flights).evidence(2, 1)
    assert days.index[0] == CHECKS[1] and len(days) == 28 - WAIT
    assert len(made(flights).evidence(2, FIRST)) == 28


def test_a_wait_as_long_as_a_step_leaves_no_evidence_after_a_promotion(flights):
    """Without a day of evidence nothing can be told: the interval is infinite and no gap fires."""
    one = made(flights)
    one.wait = 28
    days = one.evidence(2, 1)
    assert days.empty and interval(days["champion"], days["flights"]) == (-np.inf, np.inf)
    assert not on_gap(one.view(2, 1))


def test_a_model_is_fitted_once(flights):
    """Policies that refit on the same day share the fit."""
    one = made(flights)
    assert one.model(2) is one.model(2) and one.model(FIRST) is one.first


def test_the_log_gives_the_evidence_that_the_table_gives(flights, tmp_path):
    """Answers from the prediction log, with the labels that arrived day by day, make the same sums."""
    one, log = made(flights), PredictionLog(tmp_path / "log.db")
    asked = flights[flights["date"].between(CHECKS[0], CHECKS[2] - DAY)]
    scores = one.scores(FIRST)[asked.index]
    log.add([Prediction(id, ANSWER, 1, p, "{}") for id, p in zip(asked["id"], scores)])
    arrived = replay.arrivals(flights[flights["date"] >= CHECKS[0]])
    for day in pd.date_range(CHECKS[0], CHECKS[2]):
        log.add_labels(arrived.get(day, flights.head(0)))
    log.close()
    from_log = one.read_evidence(tmp_path / "log.db", CHECKS[2], 1, rehearsal=1)
    pd.testing.assert_frame_equal(from_log, one.evidence(2, FIRST), check_freq=False)
    assert one.read_evidence(tmp_path / "log.db", CHECKS[2], 2).empty


def test_the_log_gives_what_a_version_scored_as_the_shadow_too(flights, tmp_path):
    """A refit that was the shadow for a week and champion then has the evidence that the table gives."""
    one, path = made(flights), tmp_path / "log.db"
    log, scores = PredictionLog(path), one.scores(1)
    for role, first, last in ((SHADOW_ROLE, CHECKS[1], one.starts[1]), (ANSWER, one.starts[1], CHECKS[2])):
        asked = flights[(flights["date"] >= first) & (flights["date"] < last)]
        log.add([Prediction(id, role, 2, p, "{}") for id, p in zip(asked["id"], scores[asked.index])])
    log.add_labels(flights[flights["reported"] <= replay.midnight(CHECKS[2])])
    log.close()
    from_log = one.read_evidence(path, CHECKS[2], 2, rehearsal=1)
    pd.testing.assert_frame_equal(from_log, one.evidence(2, 1), check_freq=False)


def test_refits_start_after_their_time_as_the_shadow(flights):
    """Each check's refit answers a week after the check."""
    assert made(flights).starts == [day + 7 * DAY for day in CHECKS]


def test_labels_arrive_on_the_day_that_finds_them_reported(flights):
    """Every label arrives once, at the first midnight after its report."""
    arrived = replay.arrivals(flights)
    assert sum(map(len, arrived.values())) == len(flights)
    for day in (CHECKS[1], CHECKS[2]):
        known = flights["reported"] <= replay.midnight(day)
        so_far = pd.concat([rows for when, rows in arrived.items() if when <= day])
        assert set(so_far["id"]) == set(flights.loc[known, "id"])


def test_errors_cover_production_once_all_labels_are_in(flights):
    """A day's error of a model is the sum of its squared errors; models have none before they could be judged."""
    one = made(flights)
    errors, counted = one.errors()
    day = CHECKS[3] + DAY
    rows = flights[flights["date"] == day]
    assert counted[day] == 40 and errors.index[0] == CHECKS[0]
    assert errors.loc[day, 2] == pytest.approx(((one.scores(2)[rows.index] - rows[LABEL]) ** 2).sum())
