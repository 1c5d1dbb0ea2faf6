"""Checks of notebook 11."""
from collections.abc import Callable

import pandas as pd

from helpers import progress
from helpers.checks.answers import call, read_number, require_function, show
from helpers.checks.registry import NotYet, exercise
from helpers.year import drills, policies
from helpers.year.replay import Year

_ENOUGH = 34  # days: 1 + 14 ln(10), rounded up
_MOST_REFITS = 5
_MOST_WORSE = 0.0001  # of a Brier score, to four decimals
_SEEDS = (9, 10)  # the year of the notebook, and another one
LEAST_FOUND, MOST_FALSE = 9, 15


@exercise(
    "11.1",
    hint="monitoring.report_times(flights, on_time=1, late=14) less sched_dep is how long each label takes; take the "
    "late flights only. Or by formula: the share still out after a days is exp(-(a - 1) / 14).",
)
def check_wait(answer: object) -> str:
    """The age at which nine labels of ten late flights are in, when they take two weeks more on average."""
    answer = read_number(answer, "wait")
    if answer % 1:
        raise NotYet(f"`wait` is {answer:g}: give a whole number of days")
    answer = int(answer)
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
    errors, flights = year.errors()
    mine, calendar = (
        policies.cost(policies.follow(policies.Policy(rule), year.view, len(year.checks)), year.checks, errors, flights)
        for rule in (_guard(answer, "alarm(check)"), lambda check: True)
    )
    scores = f"a Brier score of {mine.brier:.4f} where the calendar has {calendar.brier:.4f}"
    if not mine.refits:
        raise NotYet("it never fires: a gap may be below zero as well as above, and small numbers count")
    if mine.refits > _MOST_REFITS:
        raise NotYet(f"it refits {mine.refits} times, and at most {_MOST_REFITS} are allowed: leave small gaps alone")
    if round(round(mine.brier, 4) - round(calendar.brier, 4), 4) > _MOST_WORSE:
        raise NotYet(f"refits: {mine.refits}, and {scores}: it misses a refit that lowers the score")
    return (f"{mine.refits} refits and {scores}. You chose the limit on the year that judges it, though: "
            "another year would have to confirm it.")


def _guard(answer: object, signature: str) -> Callable[..., bool]:
    """Return a reader's rule, which must be a function; where it raises or returns no single answer, NotYet says so."""
    require_function(answer, signature)

    def ask(*arguments: object) -> bool:
        said = call(signature, answer, *arguments)
        if said is None:
            raise NotYet(f"{signature} returns nothing: it has to return True or False")
        try:
            return bool(said)
        except (TypeError, ValueError):
            raise NotYet(f"{signature} returns {show(said)}: return one True or False") from None

    return ask


@exercise(
    "11.3",
    hint="Ask what can hardly be: a key twice, a day of the week that is not the date's, a carrier that many flights "
    "have and none had before, a feature with one value all day, one airport without weather or with a climate of its "
    "own, departures at three in the morning.",
)
def check_own_monitor(answer: Callable[[pd.DataFrame, pd.DataFrame], bool], flights: pd.DataFrame) -> str:
    """A monitor that finds faults without crying wolf, in the notebook's year and in another."""
    monitor = _guard(answer, "better_monitor(day, before)")
    watched = pd.date_range("2013-04-29", "2013-12-31")
    scores = []
    for seed in _SEEDS:
        faults = drills.episodes(seed, watched[0], watched[-1])
        sent = drills.inject(flights[flights["date"] >= watched[0] - drills.MEMORY * drills.DAY], faults)
        alarms = drills.watch(monitor, sent, progress.bar(watched, f"faults of seed {seed}"))
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
