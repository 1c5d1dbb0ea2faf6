"""Policies: what they decide, and what that costs."""
import math

import numpy as np
import pandas as pd
import pytest

from helpers.year.policies import (
    FIRST,
    Check,
    Cost,
    Decision,
    Policy,
    cost,
    decide,
    draw_years,
    follow,
    gain,
    repeat_days,
    replicas,
)

CHECKS = list(pd.date_range("2013-04-01", periods=3, freq="2D"))
DAYS = pd.date_range("2013-04-01", periods=6)
ERRORS = pd.DataFrame({FIRST: [1.0] * 6, 1: [np.nan] * 2 + [0.5] * 4, 2: [np.nan] * 4 + [0.7] * 2}, DAYS)
FLIGHTS = pd.Series(10, DAYS)
NOTHING = Check(pd.DataFrame({"flights": [10.0], "late": [1.0]}, DAYS[:1]))


def test_a_champion_is_followed_from_promotion_to_promotion():
    """Each check sees the champion of that day; a refused refit does not become one."""
    seen = []

    def view(number, champion):
        seen.append((number, champion))
        return NOTHING

    gate = iter([True, False, True])
    decisions = follow(Policy(lambda check: True, lambda check: next(gate)), view, 4)
    assert seen == [(1, FIRST), (2, 1), (3, 1)]
    assert [decision.promoted for decision in decisions] == [True, False, True]


def test_without_an_alarm_the_gate_is_not_asked():
    """A policy that sees nothing refits nothing, whatever its gate would say."""
    asked = []
    decisions = follow(Policy(lambda check: False, asked.append), lambda *at: NOTHING, 3)
    assert asked == [] and not any(decision.alarm or decision.promoted for decision in decisions)


def test_doing_nothing_costs_the_first_models_errors():
    """Without a promotion the first model answers all the year."""
    never = [Decision(1, FIRST, False, False), Decision(2, FIRST, False, False)]
    assert cost(never, CHECKS, ERRORS, FLIGHTS) == Cost(brier=0.1, refits=0, promoted=0, wrong=0)


def test_a_promotion_answers_from_its_start_on():
    """Two days of the first model, two of the second, two of the third; the last alarm was wrong."""
    always = [Decision(1, FIRST, True, True), Decision(2, 1, True, True)]
    found = cost(always, CHECKS, ERRORS, FLIGHTS)
    assert found.brier == pytest.approx((2 * 1.0 + 2 * 0.5 + 2 * 0.7) / 60)
    assert (found.refits, found.promoted, found.wrong) == (2, 2, 1)


def test_a_week_as_the_shadow_leaves_the_old_model_in_service():
    """Started a day later, the refit answers a day less, and is judged on the days after its start."""
    later = [day + pd.Timedelta(days=1) for day in CHECKS]
    always = [Decision(1, FIRST, True, True), Decision(2, 1, True, True)]
    assert cost(always, later, ERRORS, FLIGHTS).brier == pytest.approx((3 * 1.0 + 2 * 0.5 + 1 * 0.7) / 60)
    worse_at_first = ERRORS.copy()
    worse_at_first.loc[CHECKS[1], 1] = 100.0
    assert gain(always[0], CHECKS, worse_at_first, FLIGHTS) > 0 > gain(always[0], later, worse_at_first, FLIGHTS)


def test_a_refused_refit_is_work_and_its_alarm_can_be_right():
    """The gate changes who answers, not whether the alarm was wrong: that asks what the refit would have done."""
    refused = [Decision(1, FIRST, True, False), Decision(2, FIRST, True, False)]
    assert cost(refused, CHECKS, ERRORS, FLIGHTS) == Cost(brier=0.1, refits=2, promoted=0, wrong=0)


def test_a_rule_that_changes_its_table_changes_nothing_for_others():
    """The same evidence comes to each policy, and to the same one again."""
    days = pd.DataFrame({"champion": [3.0, 4.0], "flights": [10.0, 10.0]})

    def spoil(check):
        check.days["champion"] = 0.0
        return True

    check = Check(days)
    assert decide(Policy(spoil, spoil), 1, FIRST, check).promoted
    assert list(days["champion"]) == [3.0, 4.0]


def test_a_gain_is_measured_up_to_the_next_start():
    """Only the days between a start and the next one count."""
    errors = ERRORS.copy()
    errors.loc[DAYS[4:], 1] = 100.0
    assert gain(Decision(1, FIRST, True, True), CHECKS, errors, FLIGHTS) == pytest.approx(-1.0 / 20)


def test_an_alarm_whose_days_were_not_drawn_is_not_called_wrong():
    """In a drawn year no flight may tell whether the refit was better."""
    flights = FLIGHTS.where(FLIGHTS.index < CHECKS[1], 0)
    decision = Decision(1, FIRST, True, True)
    assert math.isnan(gain(decision, CHECKS, ERRORS, flights))
    assert cost([decision], CHECKS, ERRORS, flights).wrong == 0


def test_an_equal_refit_is_a_wrong_alarm():
    """A refit that is no better was not worth the alarm."""
    errors = ERRORS.assign(**{"1": 0}).drop(columns="1")
    errors[1] = errors[FIRST]
    assert cost([Decision(1, FIRST, True, True)], CHECKS, errors, FLIGHTS).wrong == 1


def test_drawn_evidence_repeats_its_blocks():
    """A block of days that was drawn twice comes twice, one copy after the other; one that was not drawn is gone."""
    days = pd.date_range("2013-04-01", periods=15)
    check = Check(pd.DataFrame({"flights": np.arange(13.0)}, days[:13]), psi=lambda: 7.0)
    again = repeat_days(check, pd.Series([2] * 5 + [0] * 5 + [1] * 5, days))
    assert list(again.days["flights"]) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 10, 11, 12] and again.psi() == 7.0


def test_drawn_years_are_made_of_whole_blocks():
    """Each has as many days as the year, those of a block come equally often, and a seed repeats its years."""
    days = pd.date_range("2013-04-01", periods=20)
    years = list(draw_years(days, draws=30))
    assert {times.sum() for times in years} == {20}
    assert all(times.iloc[start : start + 5].nunique() == 1 for times in years for start in (0, 5, 10, 15))
    assert len({tuple(times) for times in years}) > 10
    pd.testing.assert_series_equal(next(draw_years(days, draws=2)), years[0])


def test_replicas_decide_anew_and_meet_the_same_years():
    """The number of refits varies where the evidence does; doing nothing costs the same again with the same seed."""
    production = pd.date_range("2013-04-01", periods=30)
    days = pd.DataFrame({"flights": 10.0, "late": 0.0}, production)
    days.loc[production[10:15], "late"] = 5.0
    errors, flights = pd.DataFrame(1.0, production, [FIRST, 1, 2]), pd.Series(10, production)
    unsure = Policy(lambda check: check.days["late"].sum() > check.days["flights"].sum() * 0.05)
    found = replicas(unsure, lambda *at: Check(days), CHECKS, errors, flights, draws=50)
    assert 0 < found["refits"].mean() < 2
    growing, never = errors.mul(pd.Series(range(30), production), axis=0), Policy(lambda check: False)
    one, two = (replicas(never, lambda *at: NOTHING, CHECKS, growing, flights) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert one["brier"].quantile(0.025) < growing[FIRST].sum() / 300 < one["brier"].quantile(0.975)
