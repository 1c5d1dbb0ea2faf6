"""The plain statistics: equal to SciPy's, and true to their definitions on any input."""
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.spatial.distance import jensenshannon

from helpers.drift import distances

search = settings(max_examples=60, deadline=None)  # a busy machine is no counter-example
some = st.integers(1, 60)
numbers = st.floats(-1e6, 1e6, width=32) | st.integers(-3, 3).map(float)
samples = some.flatmap(lambda n: arrays(float, n, elements=numbers))
labels = st.lists(st.sampled_from(["UA", "B6", "EV", "DL", None]), min_size=1, max_size=60)
rows_of_counts = st.integers(2, 12).flatmap(
    lambda n: st.tuples(*[arrays(np.int64, n, elements=st.integers(0, 500)).filter(np.any)] * 2)
)
EVERY = [distances.psi, distances.jensen_shannon, distances.chi_square, distances.ks, distances.wasserstein]
close = {"rel": 1e-9, "abs": 1e-9}


def normal(rows: int, mean: float = 0, seed: int = 0) -> np.ndarray:
    """Return a normal sample of standard deviation 1."""
    return np.random.default_rng(seed).normal(mean, size=rows)


@search
@given(samples, samples)
def test_ks_is_scipys(reference, current):
    """Statistic and p-value equal those of SciPy's two-sample test for large samples, ties or not."""
    with np.errstate(divide="ignore"):
        expected = stats.ks_2samp(reference, current, method="asymp")
    assert distances.ks(reference, current) == (
        pytest.approx(expected.statistic, **close),
        pytest.approx(np.nan_to_num(expected.pvalue, nan=1), **close),  # SciPy gives up on one row against one
    )


@search
@given(samples, samples)
def test_wasserstein_is_scipys(reference, current):
    """The distance equals SciPy's, for samples of different sizes, ties or not."""
    expected = stats.wasserstein_distance(reference, current)
    scale = max(np.abs(reference).max(), np.abs(current).max(), 1)
    assert distances.wasserstein(reference, current) == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)


@search
@given(rows_of_counts)
def test_jensen_shannon_is_scipys(counts):
    """The distance in bits equals SciPy's over the same cells."""
    expected = np.nan_to_num(jensenshannon(*counts, base=2))  # rounding takes SciPy below the root of 0
    assert distances.js_of_counts(*counts) == pytest.approx(expected, rel=1e-9, abs=1e-7)


@search
@given(rows_of_counts)
def test_chi_square_is_scipys(counts):
    """Statistic and degrees of freedom equal those of SciPy's test of a contingency table."""
    table = np.array(counts)
    expected = stats.chi2_contingency(table[:, table.any(axis=0)], correction=False)
    assert distances.chi_square_of_counts(*counts) == (pytest.approx(expected.statistic, **close), expected.dof)


@search
@given(labels, labels)
def test_chi_square_of_categories_is_scipys(reference, current):
    """The p-value of two columns of labels equals SciPy's over the labels of both, missing ones included."""
    table = pd.crosstab(
        pd.Series(reference + current).fillna("none").to_numpy(), np.repeat([0, 1], [len(reference), len(current)])
    )
    expected = stats.chi2_contingency(table, correction=False)
    statistic, pvalue = distances.chi_square(reference, current)
    assert statistic == pytest.approx(expected.statistic, **close)
    assert pvalue == pytest.approx(expected.pvalue, **close)


@search
@given(rows_of_counts)
def test_psi_is_jeffreys_divergence(counts):
    """Where no cell is empty, PSI is SciPy's relative entropy in both directions, added."""
    p, q = (row + 1 for row in counts)
    expected = stats.entropy(p, q) + stats.entropy(q, p)
    assert distances.psi_of_counts(p, q) == pytest.approx(expected, **close)


def test_psi_by_hand():
    """Two cells that go from half and half to 80:20 give .3 ln 1.6 + .3 ln 2.5."""
    expected = 0.3 * np.log(1.6) + 0.3 * np.log(2.5)
    assert distances.psi(["a"] * 50 + ["b"] * 50, ["a"] * 80 + ["b"] * 20) == pytest.approx(expected)


def test_deciles_of_a_smooth_column_are_the_known_ones():
    """For values without ties each cell holds a tenth of the reference."""
    counts, _ = distances.count_cells(*[distances.read(pd.Series(range(1, 1001)))] * 2)
    assert counts.tolist() == [100] * 10 + [0]


@search
@given(samples, samples)
def test_bounds(reference, current):
    """KS and Jensen-Shannon stay within 0 and 1, PSI and Wasserstein are never negative, p-values are probabilities."""
    statistic, pvalue = distances.ks(reference, current)
    assert 0 <= statistic <= 1 and 0 <= pvalue <= 1
    assert 0 <= distances.jensen_shannon(reference, current) <= 1
    assert 0 <= distances.psi(reference, current) < 2 * np.log(1 / distances.EMPTY)
    assert distances.wasserstein(reference, current) >= -1e-9 * np.abs(np.append(reference, current)).max()
    statistic, pvalue = distances.chi_square(reference, current)
    assert statistic >= -1e-9 and 0 <= pvalue <= 1


@search
@given(samples)
def test_identical_samples_do_not_differ(sample):
    """Every statistic of a column with itself is 0, whatever the column."""
    scale = max(np.abs(sample).max(), 1)
    assert distances.ks(sample, sample) == (0, pytest.approx(1))
    assert distances.psi(sample, sample) == distances.jensen_shannon(sample, sample) == 0
    assert distances.wasserstein(sample, sample) == pytest.approx(0, abs=1e-9 * scale)
    assert distances.chi_square(sample, sample)[0] == pytest.approx(0, abs=1e-9)


@search
@given(samples, samples)
def test_symmetry(one, other):
    """KS and Wasserstein do not care which sample is the reference."""
    assert distances.ks(one, other) == pytest.approx(distances.ks(other, one), **close)
    scale = max(np.abs(np.append(one, other)).max(), 1)
    back, forth = distances.wasserstein(one, other), distances.wasserstein(other, one)
    assert back == pytest.approx(forth, rel=1e-9, abs=1e-9 * scale)


@search
@given(rows_of_counts)
def test_symmetry_over_the_same_cells(counts):
    """PSI, Jensen-Shannon and chi-square do not care which row of counts comes first."""
    for statistic in (distances.psi_of_counts, distances.js_of_counts, distances.chi_square_of_counts):
        assert statistic(*counts) == pytest.approx(statistic(*reversed(counts)), rel=1e-9, abs=1e-9)


@search
@given(samples, samples, st.randoms())
def test_the_order_of_rows_does_not_matter(reference, current, random):
    """Shuffled columns give the very same numbers."""
    shuffled = [random.sample(list(sample), len(sample)) for sample in (reference, current)]
    for statistic in EVERY:
        assert statistic(reference, current) == statistic(*shuffled)


@search
@given(samples, samples)
def test_an_increasing_function_changes_neither_ks_nor_psi(reference, current):
    """Ranks are all that KS and decile cells see: another unit or a power of the values changes nothing."""
    through = [np.sign(sample) * np.abs(sample) ** 3 * 1.8 + 32 for sample in (reference, current)]
    ties = [len(np.unique(np.append(*pair))) for pair in ((reference, current), through)]
    if ties[0] == ties[1]:  # else rounding made two values one
        assert distances.ks(*through) == distances.ks(reference, current)
        assert distances.psi(*through) == distances.psi(reference, current)


@search
@given(samples, st.floats(-1e3, 1e3))
def test_a_shift_is_as_far_as_it_is(sample, shift):
    """Moving every value by d is a Wasserstein distance of |d|."""
    scale = max(np.abs(sample).max(), 1)
    assert distances.wasserstein(sample, sample + shift) == pytest.approx(abs(shift), rel=1e-9, abs=1e-9 * scale)


@search
@given(samples, samples, samples)
def test_triangle_inequality(one, two, three):
    """A detour is never shorter: this is what bounds the error of a profile."""
    assert distances.ks(one, three)[0] <= distances.ks(one, two)[0] + distances.ks(two, three)[0] + 1e-9
    direct = distances.wasserstein(one, three)
    assert direct <= distances.wasserstein(one, two) + distances.wasserstein(two, three) + 1e-6


def test_samples_without_a_value_in_common():
    """Far apart, KS and Jensen-Shannon reach 1."""
    assert distances.ks([1, 2, 3], [7, 8])[0] == 1
    assert distances.jensen_shannon(["a", "b"], ["c"]) == 1


def test_missing_values_are_a_cell_of_their_own():
    """A column that loses half its values differs by PSI, Jensen-Shannon and chi-square, though not by KS."""
    whole, half = normal(1000), normal(1000)
    half[::2] = np.nan
    assert distances.psi(whole, half) > 0.25
    assert distances.jensen_shannon(whole, half) > 0.3
    assert distances.chi_square(whole, half)[1] < 1e-9
    assert distances.ks(whole, half)[0] < 0.05


def test_an_outlier_does_not_blind_psi():
    """One absurd value leaves the deciles where they were."""
    reference, current = normal(5000), normal(5000, mean=0.5, seed=1)
    with_outlier = np.append(reference, 1e9)
    assert distances.psi(with_outlier, current) == pytest.approx(distances.psi(reference, current), rel=0.01)


def test_ties_share_a_cell():
    """Deciles that fall on the same value make one cell, and the constant part of a column is told from the rest."""
    mostly_ten = np.repeat([1.0, 5.0, 10.0], [5, 10, 85])
    stuck_at_ten = np.full(100, 10.0)
    assert distances.psi(mostly_ten, mostly_ten) == 0
    assert distances.psi(mostly_ten, stuck_at_ten) > 0.25
    assert distances.psi(stuck_at_ten, mostly_ten) > 0.25
    assert distances.psi(stuck_at_ten, stuck_at_ten + 1) > 0.25


def test_an_edge_is_the_value_nearest_to_its_decile():
    """A common value gets a cell of its own, whether the rest lies below it, above it or on both sides."""
    for counts, expected in (([5, 90, 5], [1, 2]), ([15, 85], [1]), ([85, 15], [1]), ([4, 96], [1]), ([2, 3, 95], [2])):
        values = np.arange(1.0, len(counts) + 1)
        assert distances.find_decile_edges(values, np.array(counts)).tolist() == expected


def test_an_empty_cell_counts_as_half_a_row_or_less():
    """Small samples miss rare cells: that is no drift, while a common cell that vanishes is."""
    rare, common = np.array([9_990, 10]), np.array([5_000, 5_000])
    nobody = np.array([20, 0])
    assert distances.psi_of_counts(rare, nobody) == pytest.approx(0, abs=1e-5)
    assert distances.psi_of_counts(common, nobody) > 1


@pytest.mark.parametrize("rows, share", [(100, 0.005), (5_000, 0.0001), (10_000, 0.0001)])
def test_an_empty_cell_counts_as_half_a_row_and_at_least_as_a_ten_thousandth(rows, share):
    """A tenth of the flights vanish: PSI is .30 on 100 rows, and .70 on 5,000 and more, as notebook 08 says."""
    reference, current = np.array([0.9, 0.1]) * rows, np.array([rows, 0])
    expected = 0.1 * np.log(1 / 0.9) + (share - 0.1) * np.log(share / 0.1)
    assert distances.psi_of_counts(reference, current) == pytest.approx(expected)
    assert expected == pytest.approx(0.30 if rows == 100 else 0.70, abs=0.005)


@pytest.mark.parametrize("function", EVERY[:3])
def test_cells_need_rows_of_one_kind(function):
    """Empty columns and numbers beside text are refused with a reason."""
    with pytest.raises(ValueError, match="both columns need a row"):
        function([1.0, 2.0], [])
    with pytest.raises(TypeError, match="numbers and categories"):
        function([1.0, 2.0], ["a", "b"])


@pytest.mark.parametrize("function", EVERY[3:])
def test_distances_of_numbers_need_numbers(function):
    """Text, or a column of missing values only, is refused with a reason."""
    with pytest.raises(ValueError, match="no numbers to compare"):
        function([1.0], ["a"])
    with pytest.raises(ValueError, match="no numbers to compare"):
        function([np.nan], [1.0])


@search
@given(samples, samples)
def test_nothing_warns(reference, current):
    """No statistic divides by zero or takes a logarithm of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)  # of other tests' files, whenever memory is tidied
        for statistic in EVERY:
            statistic(reference, current)
