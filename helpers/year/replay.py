"""A year in production, replayed: what was known on a day, the models that could be fitted on it, the evidence on them.

A *check* is a day, at midnight, on which a policy decides. Models go by the number of
the check that they were fitted at; `FIRST` is the one that production began with.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from helpers.drift import ReferenceProfile
from helpers.features import FEATURES, LABEL, NEW_YORK
from helpers.live.prediction_log import read_scores
from helpers.monitoring import blank_unreported
from helpers.year.policies import FIRST, Check

DAY = pd.Timedelta(days=1)


def midnight(day: pd.Timestamp) -> pd.Timestamp:
    """Return the moment at which a local day begins."""
    return day.tz_localize(NEW_YORK)


def select_settled(flights: pd.DataFrame, day: pd.Timestamp, wait: int) -> pd.DataFrame:
    """Return the flights of the days up to `wait` days before a day, with a label that was reported by then.

    `flights` has a column ``reported``, the moment at which each label arrives.
    """
    known = blank_unreported(flights, flights["reported"], midnight(day))
    return known[known["date"] < day - wait * DAY].dropna(subset=LABEL)


@dataclass(eq=False)
class Year:
    """Flights whose labels arrive late, checks, and the models that could be fitted at each.

    Parameters
    ----------
    flights : DataFrame
        Prepared flights of training and production, with ``id`` and ``reported``.
    checks : sequence of Timestamp
        Days of the checks, evenly spaced; the first is the first day of production.
    wait : int
        Days after which a flight's label is taken to be in.
    shadow : int
        Days in which a refit scores beside the champion before it takes over.
    fit : callable
        Returns a fitted classifier for labelled flights.
    first : classifier
        The model that production begins with.
    profile : ReferenceProfile
        The profile of what it learned from.
    """

    flights: pd.DataFrame
    checks: list[pd.Timestamp]
    wait: int
    shadow: int
    fit: Callable[[pd.DataFrame], object]
    first: object
    profile: ReferenceProfile

    def __post_init__(self) -> None:
        """Keep what these methods have returned, as several policies ask for the same."""
        for name in ("model", "scores", "profile_of", "view"):
            setattr(self, name, cache(getattr(self, name)))

    @property
    def step(self) -> pd.Timedelta:
        """The time from one check to the next."""
        return self.checks[1] - self.checks[0]

    @property
    def starts(self) -> list[pd.Timestamp]:
        """The days from which on the refits of the checks answer, if they are promoted."""
        return [day + self.shadow * DAY for day in self.checks]

    def training(self, number: int) -> pd.DataFrame:
        """Return the flights that a model fitted at a check learns from."""
        return select_settled(self.flights, self.checks[number], self.wait)

    def model(self, number: int) -> object:
        """Return the model fitted at a check; it is fitted when first asked for."""
        return self.first if number == FIRST else self.fit(self.training(number))

    def scores(self, number: int) -> pd.Series:
        """Return a model's forecasts for all flights that it may be judged on, later than those it learned from."""
        first = self.checks[0] if number == FIRST else self.checks[number] - self.wait * DAY
        rows = self.flights[self.flights["date"] >= first]
        return pd.Series(self.model(number).predict_proba(rows[FEATURES])[:, 1], index=rows.index)

    def window(self, day: pd.Timestamp, champion: int) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the first day of evidence on a champion and the first after it: what it has scored, labels in.

        A refit scores all flights from its check on, as the shadow before it is champion.
        """
        last = day - self.wait * DAY
        return max(last - self.step, self.checks[max(champion, 0)]), last

    def evidence(self, number: int, champion: int) -> pd.DataFrame:
        """Return the days of evidence at a check, as in `Check`."""
        first, last = self.window(self.checks[number], champion)
        rows = select_settled(self.flights, self.checks[number], self.wait)
        rows = rows[(rows["date"] >= first) & (rows["date"] < last)]
        forecasts = {"champion": self.scores(champion), "rehearsal": self.scores(number - 1)}
        return _sum_by_day(rows, **{name: score[rows.index] for name, score in forecasts.items()})

    def read_evidence(self, path: Path, day: pd.Timestamp, version: int, rehearsal: int | None = None) -> pd.DataFrame:
        """Return the days of evidence on a version from a prediction log, which holds the labels that were reported.

        As `evidence`, but the champion's forecasts are those that it made then, as champion or as
        shadow. The rehearsal's columns are there where its check's number is given.
        """
        last = day - self.wait * DAY
        rows = read_scores(path, last - self.step, last, version).dropna(subset=LABEL)
        scores = {"champion": rows["probability"]}
        if rehearsal is not None:
            place = pd.Index(self.flights["id"]).get_indexer(rows["id"])
            scores["rehearsal"] = pd.Series(self.scores(rehearsal)[self.flights.index[place]].to_numpy(), rows.index)
        return _sum_by_day(rows, **scores)

    def profile_of(self, number: int) -> ReferenceProfile:
        """Return the profile of what a model learned from."""
        return self.profile if number == FIRST else ReferenceProfile.from_frame(self.training(number)[FEATURES])

    def psi(self, day: pd.Timestamp, champion: int) -> float:
        """Return the largest PSI of a champion's features over one step of checks before a day; it needs no label."""
        date = self.flights["date"]
        recent = self.flights.loc[(date >= day - self.step) & (date < day), FEATURES]
        return float(self.profile_of(champion).compare(recent, statistics=["psi"])["value"].max())

    def view(self, number: int, champion: int) -> Check:
        """Return what a policy sees at a check, given who is champion."""
        return Check(self.evidence(number, champion), cache(lambda: self.psi(self.checks[number], champion)))

    def errors(self) -> tuple[pd.DataFrame, pd.Series]:
        """Return each day's sum of squared errors, a column for each model, and its labelled flights, all labels in."""
        rows = self.flights[self.flights["date"] >= self.checks[0]].dropna(subset=LABEL)
        models = [FIRST, *range(1, len(self.checks))]
        squared = {model: (self.scores(model) - rows[LABEL]) ** 2 for model in models}
        return pd.DataFrame(squared).loc[rows.index].groupby(rows["date"]).sum(), rows.groupby("date").size()


def _sum_by_day(rows: pd.DataFrame, **scores: pd.Series) -> pd.DataFrame:
    """Return a row for each day of labelled flights: ``flights`` and ``late``, counted, and the sums of each score.

    A score named x has two columns: ``x``, the sum of its forecasts, and ``x_error``, that of their squared errors.
    """
    columns = {"flights": 1.0, "late": rows[LABEL]}
    for name, score in scores.items():
        columns |= {name: score, f"{name}_error": (score - rows[LABEL]) ** 2}
    return pd.DataFrame(columns, index=rows.index, dtype=float).groupby(rows["date"]).sum()


def arrivals(flights: pd.DataFrame) -> dict[pd.Timestamp, pd.DataFrame]:
    """Return the labels (columns id and late) by the local day whose first moment finds them reported."""
    labelled = flights.dropna(subset=LABEL)
    local = labelled["reported"].dt.tz_convert(NEW_YORK).dt.tz_localize(None)
    return dict(list(labelled[["id", LABEL]].groupby(local.dt.ceil("D"))))
