"""Performance with honest uncertainty, and with labels that arrive late."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from helpers.features import LABEL

BLOCK = 5  # days: of an autocorrelation of .5 from one day to the next, .03 is left after five


def mean_interval(
    values: pd.Series, days: pd.Series, draws: int = 2000, seed: int = 0, block: int = BLOCK
) -> tuple[float, float]:
    """Return a 95 % interval of a mean, from a bootstrap that draws blocks of consecutive days.

    Flights of one day share their weather, and so do days that follow each other. A block starts on any
    day; one that starts at the end goes on at the beginning [1]_. The interval takes the model as given,
    and the days as a sample of days like them. It is still somewhat narrow for a month, which has few
    blocks: about 83 % of such intervals contain the truth where the daily figure's autocorrelation is .4,
    and 78 % with single days.
    Without autocorrelation it is 89 %, and 93 % with single days.

    Parameters
    ----------
    values : Series of shape (n,)
        One number a flight, such as its squared error.
    days : Series of shape (n,)
        The day of each flight.
    draws : int
        How many bootstrap samples.
    seed : int
        Seed of the random draws.
    block : int
        Days of a block. With fewer than two blocks of days, the interval is infinitely wide.

    References
    ----------
    .. [1] D. N. Politis and J. P. Romano, "A circular block-resampling procedure for stationary data",
       in Exploring the Limits of Bootstrap, Wiley, 1992.
    """
    daily = values.groupby(days).agg(["sum", "size"])
    return interval(daily["sum"], daily["size"], draws, seed, block)


def interval(
    total: pd.Series, flights: pd.Series, draws: int = 2000, seed: int = 0, block: int = BLOCK
) -> tuple[float, float]:
    """Return the interval of `mean_interval` from sums over each day's flights.

    Parameters
    ----------
    total : Series of shape (days,)
        Each day's sum over its flights, such as of their squared errors; the days in order.
    flights : Series of shape (days,)
        How many flights each day has.
    draws, seed, block
        As for `mean_interval`.
    """
    if len(total) < 2 * block:
        return -np.inf, np.inf
    drawn = draw_days(len(total), draws, seed, block)
    return _find_ends(total.to_numpy()[drawn].sum(axis=1) / flights.to_numpy()[drawn].sum(axis=1))


def day_interval(
    table: pd.DataFrame, statistic: Callable[[pd.DataFrame], float], draws: int = 200, seed: int = 0
) -> tuple[float, float]:
    """Return a 95 % interval of any statistic of a table with a ``date`` column, as `mean_interval` does.

    It calls `statistic` once for each of the `draws`: `mean_interval` and `auc` are much faster for what they do.
    """
    rows = list(table.groupby("date").indices.values())
    if len(rows) < 2 * BLOCK:
        return -np.inf, np.inf
    samples = draw_days(len(rows), draws, seed)
    return _find_ends([statistic(table.iloc[np.concatenate([rows[day] for day in sample])]) for sample in samples])


@lru_cache(maxsize=64)  # a year of policies asks for the same draws thousands of times
def draw_days(days: int, draws: int, seed: int = 0, block: int = BLOCK) -> np.ndarray:
    """Return the days of each bootstrap sample of `days` days, numbered from 0; of shape (draws, days)."""
    starts = np.random.default_rng(seed).integers(0, days, (draws, -(-days // block)))
    drawn = ((starts[:, :, None] + np.arange(block)) % days).reshape(draws, -1)[:, :days]
    drawn.flags.writeable = False  # as later calls get the same array
    return drawn


def _find_ends(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of a 95 % interval of bootstrapped values."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def calibration_gap(scored: pd.DataFrame, draws: int = 2000, seed: int = 0) -> Estimate:
    """Return the mean prediction minus the observed rate, with the interval of `mean_interval`.

    Parameters
    ----------
    scored : DataFrame
        Columns ``score`` (a probability), ``late`` (1.0, 0.0 or missing) and ``date``;
        rows without a label are left out.
    """
    labelled = _keep_labelled(scored)
    difference = labelled["score"] - labelled[LABEL]
    return Estimate(float(difference.mean()), *mean_interval(difference, labelled["date"], draws, seed))


def auc(scored: pd.DataFrame, draws: int = 200, seed: int = 0) -> Estimate:
    """Return the area under the ROC curve, with a 95 % interval from blocks of days drawn anew.

    The draws are those of `day_interval`, made by weights in place of rows, which is faster.
    """
    labelled = _keep_labelled(scored)
    rank, late = _rank(labelled["score"]), labelled[LABEL].to_numpy()
    day = labelled.groupby("date").ngroup().to_numpy()
    value, days = weighted_auc(rank, late, 1 - late), day.max() + 1
    if days < 2 * BLOCK:
        return Estimate(value, -np.inf, np.inf)
    weights = (np.bincount(sample, minlength=days)[day] for sample in draw_days(days, draws, seed))
    return Estimate(value, *_find_ends([weighted_auc(rank, w * late, w * (1 - late)) for w in weights]))


def weighted_auc(rank: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the chance that a positive ranks above a negative, ties counting half.

    Parameters
    ----------
    rank : ndarray of int, shape (n,)
        Rank of each row's score, from 0; equal scores share a rank.
    positive, negative : ndarray of shape (n,)
        How much of each row is positive, and negative: 1 and 0 for known labels, p and
        1 - p where only the probability is known.
    """
    above, below = np.bincount(rank, positive), np.bincount(rank, negative)
    return float((above * (np.cumsum(below) - below / 2)).sum() / (above.sum() * below.sum()))


def measure_performance(scored: pd.DataFrame) -> pd.Series:
    """Return base rate, Brier score and AUC of the rows that have a label; raise ValueError where none has."""
    labelled = _keep_labelled(scored)
    return _compute_performance(labelled["score"], labelled[LABEL].to_numpy())


def estimate_performance(scored: pd.DataFrame, reference: pd.DataFrame) -> pd.Series:
    """Return base rate, Brier score and AUC as expected from the scores alone, without labels.

    Confidence-based performance estimation (CBPE): an isotonic regression on a labelled
    `reference` turns a score into the probability p of being late; each row then counts
    as p late and 1 - p on time. It sees a change in the scores' distribution, and by
    construction no change in what a score means.

    Parameters
    ----------
    scored : DataFrame
        Column ``score``.
    reference : DataFrame
        Columns ``score`` and ``late``, later than the training rows.
    """
    from sklearn.isotonic import IsotonicRegression

    known = _keep_labelled(reference)
    calibrate = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(known["score"], known[LABEL])
    return _compute_performance(scored["score"], calibrate.predict(scored["score"]))


def report_times(table: pd.DataFrame, on_time: float = 1, late: float = 14, seed: int = 0) -> pd.Series:
    """Return an invented moment at which each flight's label reaches us; the data knows none.

    A label comes `on_time` days after the scheduled departure; a late arrival waits for
    its cause to be coded, `late` more days on average (exponential).
    """
    waiting = np.random.default_rng(seed).exponential(late, len(table)) * (table[LABEL] == 1)
    return table["sched_dep"] + pd.to_timedelta(on_time + waiting, unit="D")


def blank_unreported(table: pd.DataFrame, reported: pd.Series, moment: pd.Timestamp) -> pd.DataFrame:
    """Return the flights that left before a moment, with only those labels that were reported by then."""
    seen = table.assign(**{LABEL: table[LABEL].where(reported <= moment)})
    return seen[seen["sched_dep"] <= moment]


def _keep_labelled(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a label; raise ValueError where there are none."""
    labelled = scored[scored[LABEL].notna()]
    if labelled.empty:
        raise ValueError("none of the rows has a label: performance needs labels, wait for the first")
    return labelled


def _rank(score: pd.Series) -> np.ndarray:
    """Return each score's rank, from 0; equal scores share a rank."""
    return np.unique(score, return_inverse=True)[1]


def _compute_performance(score: pd.Series, late: np.ndarray) -> pd.Series:
    """Return base rate, Brier score and AUC of scores, each row being late by a share `late` from 0 to 1."""
    s = score.to_numpy()
    brier = np.mean(late * (1 - s) ** 2 + (1 - late) * s**2)
    return pd.Series({"base rate": np.mean(late), "Brier": brier, "AUC": weighted_auc(_rank(score), late, 1 - late)})
