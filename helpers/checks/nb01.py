"""Checks of notebook 01."""
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandera.errors import SchemaError, SchemaErrors

from helpers import flights
from helpers.checks.answers import is_close, is_rounded, read_names, read_number, show
from helpers.checks.registry import NotYet, describe, exercise

_CANDIDATES = {"dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "air_time"}
_CANDIDATES |= {"carrier", "tailnum", "distance"}
_KNOWN = {"sched_dep_time", "sched_arr_time", "carrier", "distance"}
_FULL = pd.DataFrame({"origin": ["EWR", "JFK", "LGA"], "humid": [0.0, 50.0, 100.0], "late_share_3h": [0.0, 1.0, 0.5]})
_GOOD = _FULL.assign(humid=[0.0, np.nan, 100.0], late_share_3h=[0.0, 1.0, np.nan])
_ACCEPTED = [  # a table, what it is, and how a schema accepts it; the first has several ways to be rejected
    (_FULL, "a good table", ""),
    (_GOOD, "a good table with missing humidity and share", "nullable=True allows them."),
    (pd.concat([_FULL, _FULL], ignore_index=True), "a table in which values come twice",
     "many flights have the same origin and the same weather, so nothing is unique."),
    (_FULL.assign(carrier="UA"), "a table with a further column",
     "the prepared table has many other columns, so leave out `strict`."),
]
_STRANGERS = ["PHL", "BOS", "HPN", "ISP", "SWF", "TTN", "ATL", "LAX", "ORD", "XXX", "jfk", "", "JFKX", "XJFK", "XJFKX"]
_BROKEN = {
    **{f"an origin {name!r}": _FULL.assign(origin=["EWR", "JFK", name]) for name in _STRANGERS},
    "a missing origin": _GOOD.assign(origin=pd.Series(["EWR", None, "LGA"], dtype="str")),
    **{f"a humidity of {value} %": _GOOD.assign(humid=[50.0, 50.0, value]) for value in (140, 101, 100.01, -1, -0.01)},
    **{f"a share of {value}": _GOOD.assign(late_share_3h=[0.5, 0.5, value]) for value in (1.5, 1.01, -0.01, -0.5)},
    **{f"a table without {name}": _GOOD.drop(columns=name) for name in _GOOD},
}


@exercise("1.1", hint="raw['tailnum'].isna() picks the flights; the mean of a column of True and False is a share.")
def check_cancelled_share(answer: object) -> str:
    """The share of cancelled flights among those without a tail number."""
    share = _read_share(answer, "cancelled_share")
    raw = flights.load("flights")
    unnamed, cancelled = raw["tailnum"].isna(), raw["dep_time"].isna()
    if is_close(share, unnamed[cancelled].mean()):
        raise NotYet(f"{share:.4f} is the share of the cancelled flights that have no tail number: ask it the other "
                     "way round.")
    if is_close(share, (unnamed & cancelled).mean()) or is_close(share, cancelled.mean()):
        raise NotYet(f"{share:.4f} is a share of all flights: look only at those without a tail number.")
    if not is_close(share, cancelled[unnamed].mean()):
        raise NotYet(f"{share:.4f} is not it: pick the flights without a tail number, then average `dep_time.isna()`.")
    return "All of them. So a missing tail number gives the outcome away: as a feature it would be a leak."


def _read_share(answer: object, name: str) -> float:
    """Return the share that an answer is or holds; raise NotYet where it is none."""
    share = read_number(answer, name)
    if not 0 <= share <= 1:
        raise NotYet(f"`{name}` is {share:.6g}. A share lies between 0 and 1: take the mean of a column of True and "
                     "False.")
    return share


@exercise("1.2", hint="For each column ask: at 15:00, what would stand here for a flight that is due at 17:00?")
def check_known_at_scoring(answer: Iterable[str]) -> str:
    """The columns that are known two hours before departure."""
    chosen = set(read_names(answer, "known"))
    if not chosen:
        raise NotYet("`known` holds no name: put the names of the columns into a list.")
    if strangers := chosen - _CANDIDATES:
        raise NotYet(f"Not among the columns of the exercise: {', '.join(sorted(strangers))}.")
    if "tailnum" in chosen:
        raise NotYet("`tailnum` is missing for cancelled flights only, so it tells the outcome: see exercise 1.1.")
    if outcomes := chosen - _KNOWN:
        raise NotYet(f"Look at {', '.join(sorted(outcomes))}: what gets a value when the plane moves is not known "
                     "at t*.")
    if missing := _KNOWN - chosen:
        raise NotYet(f"Right so far. Find {len(missing)} more: what stands in the timetable, or never changes?")
    return "Timetable, carrier and distance are known; everything that a moving plane fills in is not."


@exercise("1.3", hint="Pick month 2, day 8, origin JFK. A flight that never left has no dep_delay, and it is held up.")
def check_yesterday(answer: object) -> str:
    """The share of JFK's flights of 8 February that were held up."""
    share = _read_share(answer, "yesterday")
    two_days = flights.load("flights").query("origin == 'JFK' and month == 2 and day in (8, 9)")
    delays = two_days.set_index("day")["dep_delay"]
    eve = delays[8]
    if is_close(share, (eve > 15).mean()):
        raise NotYet(f"Cancelled flights count as punctual in {share:.4f}: `dep_delay > 15` is false where it is "
                     "missing.")
    if is_close(share, (eve.dropna() > 15).mean()):
        raise NotYet(f"Cancelled flights are left out of {share:.4f}: they count as held up.")
    if is_close(share, (~(delays[9] <= 15)).mean()) or is_close(share, (~(delays <= 15)).mean()):
        raise NotYet(f"9 February or another airport is in {share:.4f}: take JFK's flights of the day before only.")
    right = (~(eve <= 15)).mean()
    if is_rounded(share, right) and not is_close(share, right):
        raise NotYet(f"{share} is rounded too far: give at least three decimals.")
    if not is_close(share, right):
        raise NotYet(f"{share:.4f} is not it: take JFK's flights of 8 February and average `~(dep_delay <= 15)`.")
    return f"{share:.0%} were held up on the first day of the blizzard, and on the 9th the model knows it."


@exercise("1.4", hint="pa.DataFrameSchema({...}) with a pa.Column for each, str for text; pa.Check.isin([...]) names "
          "what is allowed, and nullable=True lets values be missing.")
def check_schema(answer: object) -> str:
    """A schema of three columns that accepts good tables and rejects broken ones."""
    if not callable(getattr(answer, "validate", None)):
        what = "a dictionary" if isinstance(answer, Mapping) else show(answer)
        raise NotYet(f"`schema` is {what}, which has no `validate`: put a pa.DataFrameSchema into it, as "
                     "pa.DataFrameSchema({...}), with a pa.Column for each column.")
    for table, what, way in _ACCEPTED:
        if reason := _find_fault(answer, table):
            raise NotYet(f"It rejects {what} ({reason}): {way or _explain(reason)}")
    for fault, table in _BROKEN.items():
        if not _find_fault(answer, table):
            raise NotYet(f"It lets {fault} pass.")
    return "It accepts what is good, gaps included, and stops every kind of bad table."


def _explain(reason: str) -> str:
    """Return what a schema that rejects a good table for a reason must allow."""
    if "not in dataframe" in reason:
        return "the columns of this schema are origin, humid and late_share_3h."
    if "to have type" in reason:
        return "origins are of type str, not object, and the two others of type float."
    if "executing check function" in reason:
        return "the check itself fails, so try it on a table of these three columns."
    return "0 and 1, 0 and 100 are allowed, and all three origins."


def _find_fault(schema: Any, table: pd.DataFrame) -> str:
    """Return what a pandera schema finds wrong with a table, or nothing where it lets it pass."""
    try:
        schema.validate(table.copy())
    except (SchemaError, SchemaErrors) as error:
        return describe(error)
    except (Exception, SystemExit) as error:
        raise NotYet(f"`schema.validate(table)` raises {describe(error)}: put a pa.DataFrameSchema in.") from None
    return ""
