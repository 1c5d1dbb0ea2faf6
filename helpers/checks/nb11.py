"""Checks of notebook 11."""
import contextlib
import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import progress
from helpers.checks.answers import call, read_number, require_function, show
from helpers.checks.registry import NotYet, exercise
from helpers.year import drills, policies
from helpers.year.replay import Year

_ENOUGH = 34  # days: 1 + 14 ln(10), rounded up
_MOST_REFITS = 5
_MOST_WORSE = 0.0001  # of a Brier score, to four decimals
_SEED = 10  # of the faults on the days of the check; the notebook's own has another
_FIRST, _LAST = pd.Timestamp("2013-09-01"), pd.Timestamp("2013-12-31")
LEAST_FOUND, MOST_FALSE = 9, 7


@exercise(
    "11.1",
    hint="monitoring.report_times(flights, on_time=1, late=14) less sched_dep is how long each label takes; take the "
    "late flights only. Or by formula: the share still out after a days is exp(-(a - 1) / 14).",
)
def check_wait(answer: object) -> str:
    """The age at which nine labels of ten late flights are in, when they take two weeks more on average."""
    answer = read_number(_strip_days(answer), "wait", example="14")
    if answer % 1:
        raise NotYet(f"`wait` is {answer:g}: give a whole number of days.")
    answer = int(answer)
    if answer in (14, 15):
        raise NotYet("An exponential wait has a long tail: after its mean of two weeks, 37 % have no label yet.")
    if answer == _ENOUGH - 1:
        raise NotYet("The two weeks begin after the first day, on which no label comes.")
    if answer < _ENOUGH:
        raise NotYet(f"At {answer} days more than 10 % of the late flights still have no label.")
    if answer > _ENOUGH:
        raise NotYet(f"{answer} days are enough, but fewer would do as well: look at the late flights only, "
                     "and count from the scheduled departure.")
    return "Five weeks before anybody can judge: a slow label makes every rule slow."


def _strip_days(answer: object) -> object:
    """Return the number of a duration, or of a text such as ``14 days``; anything else as it is."""
    if isinstance(answer, str):
        return re.sub(r"(?i)[\s-]*(days?|d)\s*\.?\s*$", "", answer)
    with contextlib.suppress(Exception):
        if np.asarray(answer).dtype.kind == "m" or hasattr(answer, "total_seconds"):
            return pd.Timedelta(np.asarray(answer).item() if np.ndim(answer) else answer) / pd.Timedelta(days=1)
    return answer


@exercise("11.2", hint='(check.days["champion"] - check.days["late"]).sum() / check.days["flights"].sum() is the gap; '
          "try limits between .01 and .05 on its size")
def check_own_alarm(answer: Callable[[policies.Check], bool], year: Year) -> str:
    """An alarm on the gap as it is: few refits, and the calendar's Brier score."""
    errors, flights = year.errors()
    mine, calendar = (
        policies.cost(policies.follow(policies.Policy(rule), year.view, len(year.checks)), year.starts, errors, flights)
        for rule in (_guard(answer, "alarm(check)"), lambda check: True)
    )
    scores = f"a Brier score of {mine.brier:.4f} where the calendar has {calendar.brier:.4f}"
    if not mine.refits:
        raise NotYet("It never fires: give an alarm at smaller gaps, below zero as well as above.")
    if mine.refits > _MOST_REFITS:
        raise NotYet(f"It refits {mine.refits} times, and at most {_MOST_REFITS} are allowed: leave small gaps alone.")
    if round(round(mine.brier, 4) - round(calendar.brier, 4), 4) > _MOST_WORSE:
        raise NotYet(f"It refits {mine.refits} times, with {scores}: it misses a refit that lowers the score.")
    return (f"It refits {mine.refits} times, with {scores}. You chose the limit on the year that judges it, though: "
            "another year would have to confirm it.")


def _guard(answer: object, signature: str) -> Callable[..., bool]:
    """Return a reader's rule, which must be a function; where it raises or returns no single answer, NotYet says so."""
    require_function(answer, signature)

    def ask(*arguments: object) -> bool:
        said = call(signature, answer, *arguments)
        if said is None:
            raise NotYet(f"{signature} returns nothing: it has to return True or False each time.")
        with contextlib.suppress(Exception):
            value = np.asarray(said).item()
            if isinstance(value, bool | int) and value in (0, 1):
                return bool(value)
        raise NotYet(f"{signature} returns {show(said)}: return True or False.")

    return ask


@exercise(
    "11.3",
    hint="One rule for each of these finds a fault: a key (carrier, flight, origin) twice on the day; a `dow` that is "
    'not day["date"].dt.day_of_week; more than 2 % of the flights with a carrier that is not in `before`; more than '
    "1 % with a sched_dep_min below 240 (four in the morning); a distance above 5,500 miles; one value of wind_speed, "
    "or of late_share_3h, all day; an airport with no temp at all; airports whose mean temp differs by more than "
    "20 °F; a mean temp that differs from that of `before` by more than 28 °F.",
)
def check_own_monitor(answer: Callable[[pd.DataFrame, pd.DataFrame], bool], flights: pd.DataFrame) -> str:
    """A monitor that finds faults with few false alarms, on days on which it was not tuned."""
    monitor, watched = _guard(answer, "better_monitor(day, before)"), pd.date_range(_FIRST, _LAST)
    faults = drills.episodes(_SEED, _FIRST, _LAST)
    sent = drills.inject(flights[flights["date"] >= _FIRST - drills.MEMORY * drills.DAY], faults)
    score = drills.score(drills.watch(monitor, sent, progress.bar(watched, "September to December")), faults)
    clean = sum(not any(fault.covers(day) for fault in faults) for day in watched)
    said = (f"From September to December it finds {score.found} of {len(faults)} faults; false alarms: "
            f"{score.false_alarms} on {clean} days without a fault")
    if score.false_alarms > MOST_FALSE:
        raise NotYet(f"{said}, and at most {MOST_FALSE} are allowed: soon nobody would read them.")
    if score.found < LEAST_FOUND:
        raise NotYet(f"{said}. It has to find at least {LEAST_FOUND}.")
    return f"{said}; from a fault to its first alarm: {score.delay:.1f} days on average."
