"""Policies of retraining: when to refit, when to promote, what following one through a year costs.

A *check* is a day on which a policy decides; checks are counted from 0, the start, at
which nothing is decided yet. Models go by the number of the check that they were
fitted at; `FIRST` is the one that production began with. A refit that is promoted
scores beside the champion first, as its shadow, and takes over some days after its check.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.monitoring import BLOCK

FIRST = -1


@dataclass(frozen=True)
class Check:
    """What a policy sees on the day of a check, and nothing else.

    Attributes
    ----------
    days : DataFrame
        A row for each day of evidence, with sums over its flights: ``flights`` (how many),
        ``late``, ``champion`` and ``rehearsal`` (forecasts), ``champion_error`` and
        ``rehearsal_error`` (squared errors).
    psi : callable
        Returns the largest PSI of the last weeks' features against the champion's profile.
    """

    days: pd.DataFrame
    psi: Callable[[], float] = lambda: 0.0


@dataclass(frozen=True)
class Policy:
    """When to refit (`alarm`) and, where there is a gate, whether the refit is promoted."""

    alarm: Callable[[Check], bool]
    gate: Callable[[Check], bool] | None = None


@dataclass(frozen=True)
class Decision:
    """What a policy decided at a check: who was champion, whether it raised an alarm, whether it promoted."""

    check: int
    champion: int
    alarm: bool
    promoted: bool


def decide(policy: Policy, number: int, champion: int, check: Check) -> Decision:
    """Return what a policy decides at a check."""
    alarm = bool(policy.alarm(_copy(check)))
    promoted = alarm and (policy.gate is None or bool(policy.gate(_copy(check))))
    return Decision(number, champion, alarm, promoted)


def _copy(check: Check) -> Check:
    """Return a check whose table a rule may change: others see the same evidence later."""
    return Check(check.days.copy(), check.psi)


def follow(policy: Policy, view: Callable[[int, int], Check], checks: int) -> list[Decision]:
    """Return a policy's decisions at the checks 1, 2 and so on, up to `checks` in all with the start.

    `view` gives the `Check` for its number and the champion of that day.
    """
    champion, decisions = FIRST, []
    for number in range(1, checks):
        decisions.append(decide(policy, number, champion, view(number, champion)))
        champion = number if decisions[-1].promoted else champion
    return decisions


@dataclass(frozen=True)
class Cost:
    """What a policy cost: its Brier score, how often it refitted and promoted, and how many alarms were wrong."""

    brier: float
    refits: int
    promoted: int
    wrong: int


def cost(decisions: list[Decision], starts: Sequence[pd.Timestamp], errors: pd.DataFrame, flights: pd.Series) -> Cost:
    """Return what decisions cost, once all labels are in.

    An alarm is wrong where the refit that it asked for, in service from its start on, would not have had
    a lower Brier score than the champion up to the start of the next check's refit.

    Parameters
    ----------
    decisions : list of Decision
        One for each check after the first.
    starts : sequence of Timestamp
        For each check, the day from which on its refit answers if it is promoted; evenly spaced.
    errors : DataFrame
        Sum of squared errors for each day (rows) and model (columns).
    flights : Series
        Labelled flights of each day.
    """
    champions = pd.Series(FIRST, index=errors.index)  # who answers on each day
    for decision in decisions:
        if decision.promoted:
            champions[errors.index >= starts[decision.check]] = decision.check
    brier = sum(errors.loc[champions == model, model].sum() for model in champions.unique()) / flights.sum()
    alarms = [decision for decision in decisions if decision.alarm]
    wrong = sum(gain(decision, starts, errors, flights) >= 0 for decision in alarms)
    return Cost(float(brier), len(alarms), sum(decision.promoted for decision in decisions), int(wrong))


def gain(decision: Decision, starts: Sequence[pd.Timestamp], errors: pd.DataFrame, flights: pd.Series) -> float:
    """Return the Brier score of a refit minus the champion's from its start to the next one's; below zero is better.

    Not a number where no flight of these days is known.
    """
    first = starts[decision.check]
    after = (errors.index >= first) & (errors.index < first + (starts[1] - starts[0]))
    return float((errors[decision.check] - errors[decision.champion])[after].sum() / (flights[after].sum() or np.nan))


def draw_years(days: pd.Index, draws: int, seed: int = 0) -> Iterator[pd.Series]:
    """Yield how many times each day of a year is in a drawn one, made of as many blocks of `BLOCK` days in a row."""
    block = np.arange(len(days)) // BLOCK
    blocks = block[-1] + 1
    for drawn in np.random.default_rng(seed).integers(0, blocks, (draws, blocks)):
        yield pd.Series(np.bincount(drawn, minlength=blocks)[block], days)


def replicas(
    policy: Policy,
    view: Callable[[int, int], Check],
    starts: Sequence[pd.Timestamp],
    errors: pd.DataFrame,
    flights: pd.Series,
    draws: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """Return what a policy costs in drawn years, a row each; it decides anew on the drawn days of its evidence.

    Policies with the same seed meet the same years, those of `draw_years`. The models stay as they are, and so
    does a check's PSI. The evidence of the year itself is one draw already, so decisions on evidence that is
    drawn once more vary more than those of another year would.
    """
    costs = []
    for times in draw_years(errors.index, draws, seed):
        decisions = follow(policy, lambda *at, times=times: repeat_days(view(*at), times), len(starts))
        costs.append(cost(decisions, starts, errors.mul(times, axis=0), flights * times))
    return pd.DataFrame(costs)


def repeat_days(check: Check, times: pd.Series) -> Check:
    """Return a check whose evidence has each block of days as many times as it was drawn, one after the other.

    `times` has an entry for each day of production, in order; every `BLOCK` of them form a block.
    """
    number = pd.Series(np.arange(len(times)) // BLOCK, times.index)
    days = check.days.loc[check.days.index.repeat(times[check.days.index])]
    copy = days.groupby(level=0).cumcount().to_numpy()
    return Check(days.iloc[np.lexsort((days.index, copy, number[days.index]))], check.psi)
