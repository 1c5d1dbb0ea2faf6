"""A drill for monitors: faults put into a year's traffic on days drawn by a seed, and a score for the alarms."""
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from helpers import faults
from helpers.features import LABEL

LABELS = ("label_redefined", "late_labels_outstanding")  # a monitor of a day's features cannot see these
DAY = pd.Timedelta(days=1)
MEMORY = 28  # days that a monitor may look back
SHORTEST, LONGEST = 3, 7  # days that a fault lasts


@dataclass(frozen=True)
class Episode:
    """A fault of `helpers.faults.FAULTS` and its days, from `first` to `last`."""

    fault: str
    first: pd.Timestamp
    last: pd.Timestamp

    def covers(self, day: pd.Timestamp) -> bool:
        """Return whether a day is one of the fault's."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Score:
    """Faults found and missed, days with an alarm and no fault, and the mean days from a fault to its first alarm."""

    found: int
    missed: int
    false_alarms: int
    delay: float


def episodes(seed: int, first: pd.Timestamp, last: pd.Timestamp) -> list[Episode]:
    """Return every fault of features once, in an order, at days and for lengths that a seed draws, none overlapping."""
    chance = random.Random(seed)  # its random() repeats on every version of Python, its other methods need not
    names = sorted((name for name in faults.FAULTS if name not in LABELS), key=lambda name: chance.random())
    slot, drawn = ((last - first).days + 1) // len(names), []
    if slot <= LONGEST:
        raise ValueError(f"each fault needs {LONGEST + 1} days, got {slot}: let {first:%d %b} to {last:%d %b} grow")
    for number, name in enumerate(names):
        days = SHORTEST + int(chance.random() * (LONGEST - SHORTEST + 1))
        start = first + (slot * number + int(chance.random() * (slot - days))) * DAY
        drawn.append(Episode(name, start, start + (days - 1) * DAY))
    return drawn


def inject(table: pd.DataFrame, episodes: Iterable[Episode]) -> pd.DataFrame:
    """Return prepared flights, ordered by date and without labels, with each fault in the rows of its days."""
    parts, left = [], table
    for episode in episodes:
        inside = left["date"].between(episode.first, episode.last)
        parts.append(faults.FAULTS[episode.fault](left[inside]))
        left = left[~inside]
    return pd.concat([left, *parts]).drop(columns=LABEL).sort_values("date", kind="stable", ignore_index=True)


def watch(
    monitor: Callable[[pd.DataFrame, pd.DataFrame], bool], sent: pd.DataFrame, days: Iterable[pd.Timestamp]
) -> list[pd.Timestamp]:
    """Return the days on which a monitor raises an alarm.

    It is given the flights of the day and those of the `MEMORY` days before, as they were
    sent, faults included; `sent` is ordered by date.
    """
    return [day for day in days if monitor(_between(sent, day, 1), _between(sent, day - MEMORY * DAY, MEMORY))]


def _between(sent: pd.DataFrame, first: pd.Timestamp, days: int) -> pd.DataFrame:
    """Return the flights of some days in a row; `sent` is ordered by date."""
    start, end = sent["date"].searchsorted([first, first + days * DAY])
    return sent.iloc[start:end]


def score(alarms: Iterable[pd.Timestamp], faults: list[Episode]) -> Score:
    """Return how well alarms, given by their days, find faults; one counts for a fault only on the fault's days."""
    days = sorted(set(alarms))
    hits = [[day for day in days if fault.covers(day)] for fault in faults]
    delays = [(hit[0] - fault.first).days for hit, fault in zip(hits, faults) if hit]
    mean = sum(delays) / len(delays) if delays else float("nan")
    return Score(len(delays), len(faults) - len(delays), len(days) - sum(map(len, hits)), mean)
