"""Checks of notebook 11."""
from collections.abc import Callable

import pandas as pd

from helpers import progress
from helpers.checks.answers import require_function
from helpers.checks.registry import NotYet, exercise
from helpers.year import drills, policies
from helpers.year.replay import Year

_ENOUGH = 34  # days: 1 + 14 ln(10), rounded up
_MOST_REFITS = 5
_SEEDS = (9, 10)  # the year of the notebook, and another one
LEAST_FOUND, MOST_FALSE = 9, 15


@exercise(
    "11.1",
    hint="monitoring.report_times(flights, on_time=1, late=14) less sched_dep is how long each label takes; take the "
    "late flights only. Or by formula: the share still out after a days is exp(-(a - 1) / 14).",
)
def check_wait(answer: int) -> str:
    """The age at which nine labels of ten late flights are in, when they take two weeks more on average."""
    if answer in (14, 15):
        raise NotYet("an exponential wait has a long tail: after its mean of two weeks, 37 % are still out")
    if answer == _ENOUGH - 1:
        raise NotYet("the two weeks begin after the first day, on which no label comes")
    if answer < _ENOUGH:
        raise NotYet(f"at {answer} days more than 10 % of the late flights still have no label")
    if answer > _ENOUGH:
        raise NotYet(f"{answer} days are enough, but fewer would do as well: look at the late flights only")
    return "Five weeks before anybody can judge: a slow label makes every rule slow."


@exercise("11.2", hint='(check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum() is the gap; '
          "try limits between .01 and .05 on its size")
def check_own_alarm(answer: Callable[[policies.Check], bool], year: Year) -> str:
    """An alarm on the gap as it is: few refits, and the calendar's Brier score."""
    require_function(answer, "alarm(check)")
    errors, flights = year.errors()
    mine, calendar = (
        policies.cost(policies.follow(policies.Policy(rule), year.view, len(year.checks)), year.checks, errors, flights)
        for rule in (answer, lambda check: True)
    )
    if not mine.refits:
        raise NotYet("it never fires: a gap may be below zero as well as above")
    if mine.refits > _MOST_REFITS:
        raise NotYet(f"it refits {mine.refits} times: leave gaps alone that are small")
    if round(mine.brier, 4) > round(calendar.brier, 4):
        scores = f"a Brier score of {mine.brier:.4f} where the calendar has {calendar.brier:.4f}"
        raise NotYet(f"refits: {mine.refits}, and {scores}: it misses a refit that was worth it")
    return (f"{mine.refits} refits and a Brier score of {mine.brier:.4f}. You chose the limit on the year that judges "
            "it, though: another year would have to confirm it.")


@exercise(
    "11.3",
    hint="Ask what can hardly be: a key twice, a day of the week that is not the date's, a carrier that many flights "
    "have and none had before, a feature with one value all day, one airport without weather or with a climate of its "
    "own, departures at three in the morning.",
)
def check_own_monitor(answer: Callable[[pd.DataFrame, pd.DataFrame], bool], flights: pd.DataFrame) -> str:
    """A monitor that finds faults without crying wolf, in the notebook's year and in another."""
    require_function(answer, "better_monitor(day, before)")
    watched = pd.date_range("2013-04-29", "2013-12-31")
    scores = []
    for seed in _SEEDS:
        faults = drills.episodes(seed, watched[0], watched[-1])
        sent = drills.inject(flights[flights["date"] >= watched[0] - drills.MEMORY * drills.DAY], faults)
        alarms = drills.watch(answer, sent, progress.bar(watched, f"faults of seed {seed}"))
        scores.append(drills.score(alarms, faults))
    for seed, score in zip(_SEEDS, scores):
        said = f"with seed {seed} it finds {score.found} faults and has {score.false_alarms} false alarms"
        if score.false_alarms > MOST_FALSE:
            raise NotYet(f"{said}: more than {MOST_FALSE} days without a fault, and nobody looks any more")
        if score.found < LEAST_FOUND:
            raise NotYet(f"{said}: at least {LEAST_FOUND} are wanted")
    return " ".join(
        f"Seed {seed}: {score.found} found, {score.missed} missed, {score.false_alarms} false alarms, "
        f"{score.delay:.1f} days to the first alarm." for seed, score in zip(_SEEDS, scores)
    )
