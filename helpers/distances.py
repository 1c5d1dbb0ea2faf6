"""How far apart two samples lie: one number a question, each by its published formula.

A *reference* is what we compare with (the training data), *current* what comes in
now. Numbers are one-dimensional arrays; categories may be any column of labels.
"""
import numpy as np
import pandas as pd

EMPTY = 1e-4  # the share that stands for an empty cell, where a logarithm would be infinite


def psi(reference, current) -> float:
    """Return the population stability index of two columns.

    The sum of ``(q - p) ln(q / p)`` over the cells of `cells`, p the reference's
    share and q the current one; a share below `EMPTY` counts as `EMPTY`. 0 for
    equal shares, no upper bound but ``2 ln(1 / EMPTY)``; symmetric in p and q.
    Source: Siddiqi, *Credit Risk Scorecards* (2006); it is Jeffreys' divergence (1946).
    """
    return psi_of_counts(*cells(reference, current))


def psi_of_counts(expected: np.ndarray, observed: np.ndarray) -> float:
    """Return the population stability index of two rows of counts over the same cells."""
    p, q = (np.maximum(counts / counts.sum(), EMPTY) for counts in (expected, observed))
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(reference, current) -> float:
    """Return the Jensen-Shannon distance of two columns over the cells of `cells`: 0 equal, 1 no cell in common.

    The square root of the mean Kullback-Leibler divergence, in bits, of the two
    shares from their average; no smoothing is needed. Source: Lin, *IEEE Trans.
    Inform. Theory* 37 (1991); Endres and Schindelin (2003) for the root.
    """
    return js_of_counts(*cells(reference, current))


def js_of_counts(expected: np.ndarray, observed: np.ndarray) -> float:
    """Return the Jensen-Shannon distance, base 2, of two rows of counts over the same cells."""
    from scipy.special import rel_entr

    p, q = expected / expected.sum(), observed / observed.sum()
    middle = (p + q) / 2
    bits = (rel_entr(p, middle).sum() + rel_entr(q, middle).sum()) / (2 * np.log(2))
    return float(np.sqrt(np.clip(bits, 0, 1)))


def chi_square(reference, current) -> tuple[float, float]:
    """Return the two-sample chi-square statistic over the cells of `cells`, and its p-value.

    Both rows are samples: the expected counts come from the two together (Pearson's
    test of homogeneity, 1900), with cells - 1 degrees of freedom.
    """
    from scipy.special import chdtrc

    expected, observed = cells(reference, current)
    statistic = chi_square_of_counts(expected, observed)
    return statistic, float(chdtrc(max(len(expected) - 1, 1), statistic))


def chi_square_of_counts(expected: np.ndarray, observed: np.ndarray) -> float:
    """Return the two-sample chi-square statistic of two rows of counts over the same cells."""
    table = np.array([expected, observed], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    fair = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - fair) ** 2 / fair).sum())


def ks(reference, current) -> tuple[float, float]:
    """Return the two-sample Kolmogorov-Smirnov statistic of the present numbers, and its p-value.

    The largest gap between the two cumulative shares, 0 to 1. The p-value is
    Kolmogorov's limit for large samples. Source: Smirnov, *Ann. Math. Statist.* 19 (1948).
    """
    from scipy.special import kolmogorov

    reference, current = present(reference), present(current)
    statistic = ks_of_sorted(*np.unique(reference, return_counts=True), np.sort(current))
    rows = len(reference) * len(current) / (len(reference) + len(current))
    return statistic, float(kolmogorov(np.sqrt(rows) * statistic))


def ks_of_sorted(points: np.ndarray, counts: np.ndarray, current: np.ndarray) -> float:
    """Return the KS statistic of a reference of `counts` rows at each ascending point, and ascending numbers.

    Between two points the reference's share stands still and the other only grows, so
    the gap is largest at a point or just before one.
    """
    upto = np.cumsum(counts) / counts.sum()
    below = upto - counts / counts.sum()
    at = np.searchsorted(current, points, side="right") / len(current)
    before = np.searchsorted(current, points, side="left") / len(current)
    return float(max(np.abs(at - upto).max(), np.abs(before - below).max()))


def wasserstein(reference, current) -> float:
    """Return the mean distance by which present numbers must move to turn one sample into the other.

    The integral of the gap between the two quantile functions (Vallender 1974), in
    the column's unit; divide by the reference's standard deviation to compare columns.
    """
    points, counts = np.unique(present(reference), return_counts=True)
    return wasserstein_of_sorted(points, counts, np.sort(present(current)))


def wasserstein_of_sorted(points: np.ndarray, counts: np.ndarray, current: np.ndarray) -> float:
    """Return the Wasserstein distance of a reference of `counts` rows at each ascending point, and ascending numbers.

    Point i takes the current numbers of ranks a to b; those of ranks a to m lie
    below it and those of ranks m to b above. Sums of such stretches are all we need.
    """
    n = len(current)
    b = np.cumsum(counts) / counts.sum() * n
    a = np.concatenate([[0.0], b[:-1]])
    m = np.clip(np.searchsorted(current, points, side="right"), a, b)
    ranks = np.column_stack([a, m]).ravel()
    below, above = stretches(current, ranks).reshape(-1, 2).T
    return float(np.sum(points * (m - a) - below + above - points * (b - m)) / n)


def stretches(current: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return the sums of ascending numbers from each rank to the next (the last: to the end), fractions included."""
    n = len(current)
    whole = np.minimum(np.floor(ranks).astype(int), n - 1)
    sums = np.add.reduceat(current, whole, dtype=float) * np.append(np.diff(whole) > 0, True)
    part = (ranks - whole) * current[whole]
    return sums - part + np.append(part[1:], 0.0)


def present(values) -> np.ndarray:
    """Return the finite numbers of a column: missing and infinite ones are left out."""
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values)]


def cells(reference, current) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts of both columns over the same cells.

    Numbers fall between the reference's deciles (`edges`), the first and last cell
    open to their side; labels are cells themselves, those that only one column
    knows included. Missing values are a cell of their own.
    """
    reference, current = pd.Series(reference), pd.Series(current)
    if pd.api.types.is_numeric_dtype(reference) and not pd.api.types.is_bool_dtype(reference):
        present_reference, present_current = np.sort(present(reference)), np.sort(present(current))
        cuts = edges(*np.unique(present_reference, return_counts=True))
        pairs = [counts_between(present_reference, cuts), counts_between(present_current, cuts)]
        missing = [len(reference) - len(present_reference), len(current) - len(present_current)]
        return np.append(pairs[0], missing[0]), np.append(pairs[1], missing[1])
    counts = pd.concat([reference.value_counts(dropna=False), current.value_counts(dropna=False)], axis=1).fillna(0)
    return counts.iloc[:, 0].to_numpy(), counts.iloc[:, 1].to_numpy()


def edges(values: np.ndarray, counts: np.ndarray, bins: int = 10) -> np.ndarray:
    """Return the inner edges of `bins` cells: the values whose cumulative share lies nearest to .1, .2, ....

    A cell holds the numbers up to and with its edge. Where ties make deciles fall
    together there are fewer cells; none of them is empty in the reference.
    """
    if not len(values):
        return np.array([])
    share = np.cumsum(counts) / counts.sum()
    levels = np.arange(1, bins) / bins
    right = np.minimum(np.searchsorted(share, levels), len(share) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(levels - np.where(right > 0, share[left], 0) < share[right] - levels, left, right)
    keep = (right > 0) | (nearest == right) & (share[right] - levels <= levels)
    return np.unique(values[nearest[keep & (nearest < len(values) - 1)]])


def counts_between(current: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return how many of the ascending numbers fall into each cell between the edges."""
    return np.diff(np.concatenate([[0], np.searchsorted(current, cuts, side="right"), [len(current)]]))
