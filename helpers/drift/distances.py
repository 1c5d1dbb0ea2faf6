"""How far apart two samples lie: each statistic as a small function, by its published formula.

The *reference* is what we compare with (the training data), *current* is what comes
in now. Both are columns of any type that `helpers.drift.column_values.read` knows.
"""
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.drift.column_values import Column, read, tally

MOST = 512  # categories of the reference that have a cell of their own
EMPTY = 1e-4  # least share of an empty cell where half a row is less: zero would make a logarithm infinite
_FAR = 2**20  # numbers that lie so many times their range from 0 are measured from the first


def psi(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the population stability index over the cells (`count_cells`) of two columns.

    The sum of ``(q - p) ln(q / p)``, p being the reference's share of a cell and q the
    current one; `_fill_empty_cells` says what stands for an empty cell. 0 where all shares are
    equal; never more than ``2 ln(1 / EMPTY)``, about 18.
    Source: Jeffreys, *Proc. R. Soc. A* 186 (1946); Siddiqi, *Credit Risk Scorecards* (2006).
    """
    return psi_of_counts(*count_cells(read(pd.Series(reference)), read(pd.Series(current))))


def psi_of_counts(expected: np.ndarray, observed: np.ndarray) -> float:
    """Return the population stability index of two rows of counts over the same cells."""
    p, q = _fill_empty_cells(expected, observed)
    return float(np.sum((q - p) * np.log(q / p)))


def _fill_empty_cells(expected: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two rows of counts as shares, none of them zero.

    An empty cell counts as half a row, and as a share of `EMPTY` where that is more (with over
    5,000 rows); where the other sample's share is smaller, as that share, for then it shows no difference.
    A cell that is empty in both is left out.
    """
    used = (expected > 0) | (observed > 0)
    p, q = expected[used] / expected.sum(), observed[used] / observed.sum()
    least_p, least_q = max(EMPTY, 0.5 / expected.sum()), max(EMPTY, 0.5 / observed.sum())
    return np.where(p > 0, p, np.minimum(least_p, q)), np.where(q > 0, q, np.minimum(least_q, p))


def jensen_shannon(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the Jensen-Shannon distance over the cells (`count_cells`) of two columns: 0 equal, 1 no cell in common.

    The root of the mean divergence, in bits, of the two rows of shares from their
    average; empty cells need no care. Symmetric.
    Source: Lin, *IEEE Trans. Inform. Theory* 37 (1991); the root: Endres and Schindelin (2003).
    """
    return js_of_counts(*count_cells(read(pd.Series(reference)), read(pd.Series(current))))


def js_of_counts(expected: np.ndarray, observed: np.ndarray) -> float:
    """Return the Jensen-Shannon distance, base 2, of two rows of counts over the same cells."""
    from scipy.special import rel_entr

    p, q = expected / expected.sum(), observed / observed.sum()
    average = (p + q) / 2
    bits = (rel_entr(p, average).sum() + rel_entr(q, average).sum()) / (2 * np.log(2))
    return float(np.sqrt(np.clip(bits, 0, 1)))


def chi_square(reference: ArrayLike, current: ArrayLike) -> tuple[float, float]:
    """Return the two-sample chi-square statistic over the cells (`count_cells`) of two columns, and its p-value.

    Both columns are samples, so the counts to expect come from the two together, with
    (used cells - 1) degrees of freedom. Source: Pearson, *Phil. Mag.* 50 (1900).
    """
    from scipy.special import chdtrc

    expected, observed = count_cells(read(pd.Series(reference)), read(pd.Series(current)))
    statistic, freedom = chi_square_of_counts(expected, observed)
    return statistic, float(chdtrc(freedom, statistic)) if freedom else 1.0


def chi_square_of_counts(expected: np.ndarray, observed: np.ndarray) -> tuple[float, int]:
    """Return the two-sample chi-square statistic of two rows of counts, and its degrees of freedom."""
    table = np.array([expected, observed], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    fair = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - fair) ** 2 / fair).sum()), table.shape[1] - 1


def ks(reference: ArrayLike, current: ArrayLike) -> tuple[float, float]:
    """Return the two-sample Kolmogorov-Smirnov statistic of the present numbers, and its p-value.

    The largest gap between the two cumulative shares, 0 to 1; unchanged when both
    samples go through the same increasing function. The p-value is SciPy's for large
    samples (``ks_2samp(..., method="asymp")``).
    Source: Smirnov, *Ann. Math. Statist.* 19 (1948).
    """
    from scipy.stats import kstwo

    reference, current = _read_numbers(reference), _read_numbers(current)
    statistic = ks_of_sorted(*tally(reference), current)
    rows = round(len(reference) * len(current) / (len(reference) + len(current)))
    return statistic, float(np.clip(kstwo.sf(statistic, rows), 0, 1)) if rows else 1.0


def ks_of_sorted(points: np.ndarray, counts: np.ndarray, current: np.ndarray) -> float:
    """Return the KS statistic of a reference with `counts` rows at each ascending point, and ascending numbers.

    Between two points the reference's cumulative share stands still while the other
    grows, so the gap is largest at a point or just before one.
    """
    upto = np.cumsum(counts) / counts.sum()
    before = np.append(0, upto[:-1])
    current_upto = np.searchsorted(current, points, side="right") / len(current)
    current_before = np.searchsorted(current, points, side="left") / len(current)
    return float(max(np.abs(current_upto - upto).max(), np.abs(current_before - before).max()))


def wasserstein(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the mean distance that the present numbers move when one sample becomes the other, in their unit.

    The integral of the gap between the two quantile functions. Divide by the
    reference's standard deviation to compare columns with each other.
    Source: Vallender, *Theory Probab. Appl.* 18 (1974).
    """
    return wasserstein_of_sorted(*tally(_read_numbers(reference)), _read_numbers(current))


def wasserstein_of_sorted(points: np.ndarray, counts: np.ndarray, current: np.ndarray) -> float:
    """Return the Wasserstein distance of a reference with `counts` rows at each ascending point, and ascending numbers.

    Point i takes the current numbers of rank a to b: those up to rank m lie below it,
    the others above. So sums of stretches of the current numbers are all it needs.
    """
    origin, spread = float(points[0]), float(points[-1]) - float(points[0])
    if max(-origin, origin + spread) > _FAR * spread:  # sums of such numbers would lose the digits that differ
        points, current = points.astype(float) - origin, current.astype(float) - origin
    b = np.cumsum(counts) / counts.sum() * len(current)
    a = np.append(0, b[:-1])
    m = np.clip(np.searchsorted(current, points, side="right"), a, b)
    below, above = _sum_between_ranks(current, np.column_stack([a, m]).ravel()).reshape(-1, 2).T
    return float(np.sum(points * (m - a) - below + above - points * (b - m)) / len(current))


def _sum_between_ranks(current: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return the sum of the numbers from each rank to the next, and from the last to the end; part of a row counts."""
    whole = np.minimum(ranks.astype(int), len(current) - 1)
    sums = np.add.reduceat(current, whole, dtype=float) * np.append(np.diff(whole) > 0, True)
    part = (ranks - whole) * current[whole]
    return sums - part + np.append(part[1:], 0)


def _read_numbers(values: ArrayLike) -> np.ndarray:
    """Return the present numbers of a column, ascending; raise where there are none."""
    column = read(pd.Series(values))
    if not len(column.numbers):
        raise ValueError(f"a column of kind {column.kind!r} has no numbers to compare: drop it, or convert it")
    return column.numbers


def count_cells(reference: Column, current: Column) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts of both columns over the same cells; the last one is for missing values.

    Numbers fall between the reference's deciles (`find_decile_edges`), the outer cells open.
    Each category is a cell, those that only one column knows included; of a reference with
    more than `MOST`, the rarer ones share a cell, and so do those that it lacks.
    """
    if not reference.rows or not current.rows:
        raise ValueError(f"both columns need a row: they have {reference.rows} and {current.rows}")
    if {reference.kind, current.kind} >= {"number", "category"}:
        raise TypeError("numbers and categories cannot be compared: convert one of the columns")
    if "other" in (reference.kind, current.kind):
        raise TypeError("dates, complex numbers and the like cannot be compared: convert both columns to numbers")
    if "number" in (reference.kind, current.kind):
        edges = find_decile_edges(*tally(reference.numbers))
        pair = count_between(reference.numbers, edges), count_between(current.numbers, edges)
    else:
        listed = dict(list(reference.levels.items())[:MOST])
        new = [count for level, count in current.levels.items() if level not in reference.levels]
        pair = pair_levels(listed, reference.present - sum(listed.values()), current, new)
    return np.append(pair[0], reference.missing), np.append(pair[1], current.missing)


def pair_levels(
    listed: dict[str, int], other: int, current: Column, new: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of each listed category on both sides, and then of those that the reference lacks.

    Where the reference has `other` rows beside the listed ones, these share a cell, and so
    do the `new` rows: many thousand tiny cells, each below `EMPTY`, would hide any change.
    """
    known = [current.levels.get(level, 0) for level in listed]
    expected = [*listed.values(), other, 0] if other else [*listed.values(), *[0] * len(new)]
    rest = [current.present - sum(known) - sum(new), sum(new)] if other else new
    return np.array(expected), np.array(known + rest)


def find_decile_edges(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the inner edges of at most ten cells: the values whose cumulative share is nearest to .1, .2, ..., .9.

    A cell holds the numbers above the edge before it, up to and with its own. Ties make
    deciles fall together: then there are fewer cells, none of them empty in the
    reference. A constant gets an edge on both its sides, or above it alone where its type has no lower number.
    """
    if len(values) < 2:
        with np.errstate(over="ignore"):
            edges = np.append(np.nextafter(values, -np.inf), values)
        return edges[np.isfinite(edges)]
    share, levels = np.append(0, np.cumsum(counts) / np.sum(counts)), np.arange(1, 10) / 10
    right = np.searchsorted(share, levels)
    nearest = np.where(levels - share[right - 1] <= share[right] - levels, right - 1, right)
    return values[np.unique(nearest[(nearest > 0) & (nearest < len(values))]) - 1]


def count_between(ascending: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many ascending numbers fall into each cell between the edges."""
    return np.diff(np.searchsorted(ascending, edges, side="right"), prepend=0, append=len(ascending))
