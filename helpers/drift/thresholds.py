"""When a statistic is high enough to call it drift: a limit, plus what chance does with so few rows."""
from collections.abc import Iterator
from numbers import Integral

import numpy as np
import pandas as pd

from helpers.drift.column_values import Column
from helpers.drift.summary import (
    STATISTICS,
    count_in_same_cells,
    count_present,
    describe,
    is_comparable,
    measure,
    read_beside,
)

# Limits where the reference's own variation is not known; that of psi is Siddiqi's (2006), the others are habits.
CONVENTIONAL = {"psi": 0.25, "jensen_shannon": 0.1, "ks": 0.1, "wasserstein": 0.1}
CONVENTIONAL |= {"missing": 0.05, "outside": 0.01, "unseen": 0.01, "stuck": 0.5}
NEGLIGIBLE = CONVENTIONAL | {"psi": 0.1, "jensen_shannon": 0.05, "ks": 0.05, "wasserstein": 0.05, "missing": 0.01}
_ALARMS = {"unseen": "new categories", "stuck": "stuck"}
_OF_PRESENT = ("ks", "wasserstein", "outside", "unseen", "stuck")  # statistics that look only at present values
_SURE = 0.001  # the chance at which a value that never changes is no accident
_STEP = 7  # days from the start of one held-out window to the next


def judge(statistic: str, feature: dict, current: Column) -> tuple[float, float, str]:
    """Return value, threshold and verdict of one statistic of a current column beside the profile's feature."""
    value, limit = measure(statistic, feature, current), _find_limit(statistic, feature, current)
    noise = estimate_chance(statistic, feature, current)
    verdict = "cannot tell" if np.isnan(value) or noise > limit else "ok"
    if value > limit + noise:
        verdict = _ALARMS.get(statistic, "drift")
    return value, limit + noise, verdict


def _find_limit(statistic: str, feature: dict, current: Column) -> float:
    """Return the largest value that is no drift when rows abound: the learned limit, else the conventional one.

    Limits of the missing share count from the reference's. That of chi-square is its
    critical value at .05, which asks whether there is any change, not how large it is.
    """
    if statistic == "chi_square":
        from scipy.special import chdtri

        degrees = _count_degrees_of_freedom(feature, current)
        return float(chdtri(degrees, 0.05)) if degrees else 0.0
    return feature.get("limits", {}).get(statistic, _find_base_share(statistic, feature) + CONVENTIONAL[statistic])


def _find_base_share(statistic: str, feature: dict) -> float:
    """Return the share from which a limit counts: the reference's own share of missing values, else 0."""
    return feature["missing"] / feature["rows"] if statistic == "missing" and feature["rows"] else 0.0


def _count_degrees_of_freedom(feature: dict, current: Column) -> int:
    """Return the number of cells in use, less one."""
    expected, observed = count_in_same_cells(feature, current)
    return max(int(np.count_nonzero(expected + observed)) - 1, 0)


def estimate_chance(statistic: str, feature: dict, current: Column) -> float:
    """Return how far a statistic rises by chance alone in one of 100 comparisons, infinite where there are no rows.

    With s = 1/n + 1/m for n current and m reference rows: ``1.63 sqrt(s)`` for KS;
    ``3 sqrt(s)`` standard deviations for Wasserstein (a mean alone wanders by 2.6); for PSI
    s times the 1 % point of chi-square, whose mean gives the known (cells - 1) s; for
    Jensen-Shannon the distance that belongs to that; for shares p,
    ``2.3 sqrt(p (1 - p) s) + 5 s``. All this is for independent rows. Flights of one
    day are not: where that matters, learn the limits from held-out windows.
    """
    rows = (count_present(feature), current.present) if statistic in _OF_PRESENT else (feature["rows"], current.rows)
    if not all(rows):
        return np.inf
    if statistic == "chi_square":  # its critical value allows for chance
        return 0.0
    if statistic == "stuck":
        return _estimate_chance_of_stuck(feature, current)
    s, share = 1 / rows[0] + 1 / rows[1], _find_base_share(statistic, feature)
    of_cells = _find_one_percent_point(_count_degrees_of_freedom(feature, current)) * s
    of_share = 2.3 * (share * (1 - share) * s) ** 0.5 + 5 * s
    chances = {
        "psi": of_cells,
        "jensen_shannon": (of_cells / (8 * np.log(2))) ** 0.5,
        "ks": 1.63 * s**0.5,
        "wasserstein": 3 * s**0.5,
    }
    return float(chances.get(statistic, of_share))


def _find_one_percent_point(degrees: int) -> float:
    """Return the value that chi-square exceeds once in 100 times. Source: Wilson and Hilferty, *PNAS* 17 (1931)."""
    spread = 2 / (9 * max(degrees, 1))
    return degrees * (1 - spread + 2.326 * spread**0.5) ** 3


def _estimate_chance_of_stuck(feature: dict, current: Column) -> float:
    """Return infinity where the same value in every row is still an accident, given how common it can be."""
    accident = feature["commonest"] ** (current.present - 1) > _SURE
    return np.inf if accident and measure("stuck", feature, current) else 0.0


def hold_out_windows(dates: pd.Series, days: int) -> Iterator[np.ndarray]:
    """Yield, for each window of `days` days that starts a week after the one before, which rows lie in it."""
    if not isinstance(days, Integral) or days < 1:
        raise ValueError(f"a window has a whole number of days, 1 or more, and not {days!r}: pass days=30 for a month")
    day = (dates - dates.min()).dt.days.to_numpy(dtype=float)
    span = int(np.nanmax(day)) + 1 if dates.notna().any() else 0
    if span < 2 * days:
        remedy = f"pass days={span // 2} or fewer" if span > 1 else "pass no dates"
        raise ValueError(f"the dates span {span} days, and windows of {days} days need twice as many: {remedy}")
    for start in range(0, span - days + 1, _STEP):
        inside = (day >= start) & (day < start + days)
        if inside.any() and not inside.all():
            yield inside


def learn_limits(column: pd.Series, windows: list[np.ndarray]) -> dict[str, float]:
    """Return the limit of each statistic, from windows of the reference each compared with the rest of it.

    The .95 quantile of what the windows show beyond chance; at least `NEGLIGIBLE`, below
    which a change is too small to matter however sure it is. It is a rough limit: windows that
    start a week apart overlap, and 90 days have nine of 30 days but only three without a common
    day. Their quantile is nearly the largest of three values, and no promise of 5 % of alarms.
    """
    whole = describe(column)
    beyond = pd.DataFrame([_measure_beyond_chance(column[inside], column[~inside]) for inside in windows])
    beyond = beyond.where(np.isfinite(beyond))  # a rest that is constant has no standard deviation
    quantiles = beyond.quantile(0.95).dropna() if len(beyond.columns) else {}
    least = {name: _find_base_share(name, whole) + NEGLIGIBLE[name] for name in NEGLIGIBLE}
    return {name: max(float(value), least[name]) for name, value in quantiles.items()}


def _measure_beyond_chance(window: pd.Series, rest: pd.Series) -> dict[str, float]:
    """Return the statistics of a window beside the rest of the reference, less what chance does.

    None where the two are of different kinds, as parts of a column of objects can be.
    """
    feature = describe(rest)
    current = read_beside(feature, window)
    if not is_comparable(feature, current):
        return {}
    names = [name for name in STATISTICS[feature["kind"]] if name in CONVENTIONAL and name != "stuck"]
    return {name: measure(name, feature, current) - estimate_chance(name, feature, current) for name in names}
