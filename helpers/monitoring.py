"""Performance with honest uncertainty, and with labels that arrive late."""
from collections.abc import Callable

import numpy as np
import pandas as pd


def mean_interval(values: pd.Series, days: pd.Series, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """Return a 95 % interval of a mean, from a bootstrap that draws whole days.

    Flights of one day share their weather, so rows are not independent; days nearly are.

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
    """
    daily = values.groupby(days).agg(["sum", "size"])
    drawn = np.random.default_rng(seed).integers(0, len(daily), (draws, len(daily)))
    means = daily["sum"].to_numpy()[drawn].sum(axis=1) / daily["size"].to_numpy()[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def day_interval(
    table: pd.DataFrame, statistic: Callable[[pd.DataFrame], float], draws: int = 200, seed: int = 0
) -> tuple[float, float]:
    """Return a 95 % interval of any statistic of a table with a ``date`` column, from whole days drawn anew."""
    rows = list(table.groupby("date").indices.values())
    random = np.random.default_rng(seed)
    drawn = (random.integers(0, len(rows), len(rows)) for _ in range(draws))
    values = [statistic(table.iloc[np.concatenate([rows[day] for day in days])]) for days in drawn]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
