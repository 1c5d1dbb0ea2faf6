"""Performance with late labels, and before them."""
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from helpers import monitoring


def flights_of(seed: int, n: int = 4000, days: int = 20, shift: float = 0.0) -> pd.DataFrame:
    """Return flights whose scores are the true chance of being late, but for a shift."""
    random = np.random.default_rng(seed)
    score = random.beta(2, 5, n)
    late = (random.random(n) < np.clip(score + shift, 0, 1)).astype(float)
    date = pd.Timestamp("2013-05-01") + pd.to_timedelta(np.arange(n) * days // n, unit="D")
    return pd.DataFrame({"score": score, "late": late, "date": date, "sched_dep": date + pd.Timedelta(hours=12)})


@pytest.mark.parametrize("days", [0, 1, 9])
def test_fewer_than_two_blocks_of_days_exclude_nothing(days):
    """How blocks differ cannot be seen in fewer than two: every interval is infinitely wide, and nothing raises."""
    table = flights_of(0, n=10 * days, days=max(days, 1))
    nothing = (-np.inf, np.inf)
    assert monitoring.mean_interval(table["score"], table["date"]) == nothing
    assert monitoring.day_interval(table, lambda t: t["late"].mean()) == nothing
    if days:
        for found in (monitoring.auc(table), monitoring.calibration_gap(table)):
            assert (found.low, found.high) == nothing and np.isfinite(found.value)


def test_a_sample_is_made_of_blocks_of_consecutive_days():
    """Each block starts anywhere, goes on day by day, and at the end of the days from the first; the last is cut."""
    drawn = monitoring.draw_days(31, 500, block=5)
    assert drawn.shape == (500, 31) and not drawn.flags.writeable
    steps = np.diff(drawn, axis=1) % 31
    inside = np.arange(1, 31) % 5 != 0
    assert (steps[:, inside] == 1).all() and not (steps[:, ~inside] == 1).all()
    assert np.bincount(drawn.ravel(), minlength=31) == pytest.approx(500, rel=0.25)
    single = np.random.default_rng(0).integers(0, 31, (20, 31))
    assert (monitoring.draw_days(31, 20, block=1) == single).all()


@pytest.mark.parametrize(
    "days, autocorrelation, single, blocks",
    [(31, 0, 0.93, 0.89), (31, 0.4, 0.78, 0.83), (31, 0.5, 0.72, 0.81), (10, 0.4, 0.72, 0.64), (14, 0.4, 0.75, 0.74)],
)
def test_blocks_cover_the_truth_as_often_as_the_course_says(days, autocorrelation, single, blocks):
    """Ten thousand months, or shorter times, of days whose figure depends on the day before; the true mean is 0."""
    random = np.random.default_rng(0)
    noise = random.normal(size=(10_000, 130))
    for day in range(1, 130):
        noise[:, day] += autocorrelation * noise[:, day - 1]
    for block, expected in {1: single, monitoring.BLOCK: blocks}.items():
        times = np.array([np.bincount(one, minlength=days) for one in monitoring.draw_days(days, 1000, block=block)])
        low, high = np.quantile(times @ noise[:, -days:].T / days, [0.025, 0.975], axis=0)
        assert ((low < 0) & (high > 0)).mean() == pytest.approx(expected, abs=0.01)


def test_whole_days_widen_an_interval_where_flights_of_a_day_are_alike():
    """Days that are all late or all on time make the interval far wider than independent flights would."""
    days = pd.Series(np.repeat(np.arange(30), 100))
    alike = pd.Series(np.repeat(np.random.default_rng(0).integers(0, 2, 30), 100).astype(float))
    mixed = alike.sample(frac=1, random_state=0).reset_index(drop=True)
    width = [np.diff(monitoring.mean_interval(values, days))[0] for values in (alike, mixed)]
    assert width[0] > 5 * width[1]


def test_the_interval_of_daily_sums_is_that_of_the_flights():
    """From each day's total comes the same interval as from every flight."""
    random = np.random.default_rng(1)
    day = pd.Series(np.sort(random.integers(0, 28, 5000)))
    value = pd.Series(random.random(5000))
    daily = value.groupby(day).agg(["sum", "size"])
    assert monitoring.interval(daily["sum"], daily["size"]) == monitoring.mean_interval(value, day)


def test_any_statistic_gets_the_interval_of_its_mean():
    """The two bootstraps agree on a mean, with the same seed and draws to the last digit."""
    table = flights_of(0)
    by_rows = monitoring.day_interval(table, lambda t: t["late"].mean(), draws=50)
    assert by_rows[0] < table["late"].mean() < by_rows[1]
    assert by_rows == pytest.approx(monitoring.mean_interval(table["late"], table["date"], draws=50), abs=0.01)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), gap=st.floats(-0.2, 0.2))
def test_the_calibration_gap_is_mean_score_minus_rate(seed, gap):
    """The gap moves by what is added to every score."""
    table = flights_of(seed, n=200)
    moved = table.assign(score=table["score"] + gap)
    before, after = (monitoring.calibration_gap(t, draws=50) for t in (table, moved))
    assert after.value - before.value == pytest.approx(gap)
    assert after.high - after.low == pytest.approx(before.high - before.low)


def test_flights_without_a_label_do_not_move_the_gap():
    """Cancelled flights are scored and never evaluated."""
    table = flights_of(1)
    cancelled = table.head(500).assign(late=np.nan, score=1.0)
    assert monitoring.calibration_gap(pd.concat([table, cancelled])) == monitoring.calibration_gap(table)


@pytest.mark.parametrize("ask", [monitoring.calibration_gap, monitoring.auc, monitoring.measure_performance])
def test_performance_without_any_label_is_refused(ask):
    """A month without labels has no performance yet, and the message says so."""
    with pytest.raises(ValueError, match="needs labels"):
        ask(flights_of(0).assign(late=np.nan))


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), decimals=st.integers(1, 8))
def test_the_weighted_auc_is_scikit_learns(seed, decimals):
    """With known labels and with weights, ties included, the two agree."""
    table = flights_of(seed, n=300).round({"score": decimals})
    late, rank = table["late"].to_numpy(), np.unique(table["score"], return_inverse=True)[1]
    weight = np.random.default_rng(seed).integers(1, 4, 300)
    assert monitoring.weighted_auc(rank, late, 1 - late) == pytest.approx(roc_auc_score(late, table["score"]))
    weighted = monitoring.weighted_auc(rank, weight * late, weight * (1 - late))
    assert weighted == pytest.approx(roc_auc_score(late, table["score"], sample_weight=weight))


def test_the_fast_interval_of_the_auc_is_that_of_drawn_rows():
    """Weights in place of rows give the bootstrap of whole days, digit for digit."""
    table = flights_of(2, n=1500, days=15)
    fast = monitoring.auc(table, draws=30)
    slow = monitoring.day_interval(table, lambda t: roc_auc_score(t["late"], t["score"]), draws=30)
    assert (fast.low, fast.high) == pytest.approx(slow)


def test_realised_performance_is_scikit_learns():
    """Base rate, Brier score and AUC are the usual ones."""
    table = flights_of(3)
    brier, auc = brier_score_loss(table["late"], table["score"]), roc_auc_score(table["late"], table["score"])
    assert monitoring.measure_performance(table).tolist() == pytest.approx([table["late"].mean(), brier, auc])


def test_calibrated_scores_are_estimated_as_they_turn_out():
    """Where scores mean what they meant, the estimate equals the realised performance in expectation."""
    months = [flights_of(seed, n=20_000) for seed in range(1, 6)]
    reference = flights_of(0, n=50_000)
    misses = [monitoring.estimate_performance(m, reference) - monitoring.measure_performance(m) for m in months]
    assert pd.concat(misses, axis=1).mean(axis=1).abs().max() < 0.005


def test_the_estimate_follows_the_scores_and_needs_no_label():
    """A month with higher scores is expected to be later, before any label is there."""
    reference, month = flights_of(0, n=20_000), flights_of(1, n=20_000)
    high = month[month["score"] > month["score"].median()].drop(columns="late")
    of_high, of_all = (monitoring.estimate_performance(table, reference)["base rate"] for table in (high, month))
    assert of_high > of_all + 0.1


def test_the_estimate_is_blind_to_a_change_in_what_a_score_means():
    """The same scores with twice the late flights get the same estimate: this is how it can miss."""
    reference, same, worse = flights_of(0, n=20_000), flights_of(1, n=20_000), flights_of(1, n=20_000, shift=0.2)
    as_expected, estimate = (monitoring.estimate_performance(table, reference) for table in (same, worse))
    pd.testing.assert_series_equal(as_expected, estimate)
    assert monitoring.measure_performance(worse)["base rate"] > estimate["base rate"] + 0.1


def test_on_time_labels_come_first():
    """A flight that was on time is reported after a day, a late one after two weeks more on average."""
    table = flights_of(0)
    waited = (monitoring.report_times(table) - table["sched_dep"]).dt.total_seconds() / 86_400
    assert (waited[table["late"] == 0] == 1).all()
    assert waited[table["late"] == 1].mean() == pytest.approx(15, rel=0.1)


def test_a_moment_sees_only_what_was_reported_by_then():
    """Later flights are not there, and earlier ones have their label only where it was reported."""
    table = flights_of(0)
    reported, moment = monitoring.report_times(table), pd.Timestamp("2013-05-12 12:00")
    seen = monitoring.blank_unreported(table, reported, moment)
    assert seen["sched_dep"].max() <= moment
    assert seen["late"].notna().equals(reported[seen.index] <= moment)


def test_waiting_makes_the_observed_rate_rise_to_the_true_one():
    """Slow labels are the late ones, so an early look is too good, and the last look is the truth."""
    table = flights_of(0)
    reported = monitoring.report_times(table)
    moments = pd.to_datetime(["2013-05-22", "2013-06-05", "2014-05-01"])
    rates = [monitoring.blank_unreported(table, reported, moment)["late"].mean() for moment in moments]
    assert rates[0] < rates[1] < rates[2] == table["late"].mean()
