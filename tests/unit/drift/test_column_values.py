"""Columns of every type are read alike: numbers sorted, categories counted, missing values apart."""
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.drift import column_values

DATES = pd.date_range("2013-01-01", periods=3)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([3, 1, 2]),
        pd.Series([3, 1, 2], dtype="int8"),
        pd.Series([3, 1, 2], dtype="uint64"),
        pd.Series([3.0, 1.0, 2.0]),
        pd.Series([3.0, 1.0, 2.0], dtype="float32"),
        pd.Series([3, 1, 2, None], dtype="Int64"),
        pd.Series([3, 1, 2, None], dtype="Float32"),
        pd.Series([3, 1, 2, None], dtype="int64[pyarrow]"),
        pd.Series([3, 1.0, 2, None, np.nan], dtype=object),
        pd.Series([decimal.Decimal(n) for n in (3, 1, 2)]),
        pd.Series([3, 1, 2, np.nan, np.inf, -np.inf]),
        pd.Series([3, 1, 2, 1e200, -1e300]),
        pd.Series([3, 1, 2, np.inf], dtype="float16"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_numbers_of_any_type(column):
    """Integers, floats, nullable and object numbers give the same numbers; missing and infinite ones are missing.

    So are those whose squares are infinite.
    """
    read = column_values.read(column)
    assert (read.kind, read.numbers.tolist()) == ("number", [1, 2, 3])
    assert (read.rows, read.missing, read.present) == (len(column), len(column) - 3, 3)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["b", "a", "b"]),
        pd.Series(["b", "a", "b", None], dtype=object),
        pd.Series(["b", "a", "b", None], dtype="string"),
        pd.Series(["b", "a", "b", np.nan], dtype="category"),
        pd.Series(pd.Categorical(["b", "a", "b"], categories=["a", "b", "never"])),
        pd.Series(["b", "a", "b", None]).astype("string[pyarrow]"),
        pd.Series(pd.array(["b", "a", "b", None], pd.ArrowDtype(pa.string_view()))),
    ],
    ids=lambda column: str(column.dtype),
)
def test_categories_of_any_type(column):
    """Text, objects and categories give the same levels, the commonest first; unused levels do not show."""
    read = column_values.read(column)
    assert (read.kind, list(read.levels.items())) == ("category", [("b", 2), ("a", 1)])
    assert read.missing == len(column) - 3


@pytest.mark.parametrize("dtype", [bool, "boolean", object, "bool[pyarrow]"])
def test_booleans_are_categories(dtype):
    """True and False are two levels, however they are stored."""
    assert column_values.read(pd.Series([True, False, True], dtype=dtype)).levels == {"True": 2, "False": 1}


def test_mixed_objects_are_categories_by_their_text():
    """Lists, numbers and text side by side neither raise nor fall together, but for 1 and 1.0."""
    read = column_values.read(pd.Series([1, True, "1", [1], None, 1.0], dtype=object))
    assert read.levels == {"1": 3, "True": 1, "[1]": 1}
    assert read.missing == 1


@pytest.mark.parametrize("dtype", [float, object, "str", "category", "Int64", "boolean"])
def test_a_column_without_values_is_empty(dtype):
    """All missing, or no row at all: nothing tells numbers from categories."""
    for values in ([None, None], []):
        read = column_values.read(pd.Series(values, dtype=dtype))
        assert (read.kind, read.rows, read.missing) == ("empty", len(values), len(values))


LISTS = pd.array([[1], [2]], pd.ArrowDtype(pa.list_view(pa.int8())))  # pandas cannot say what their values are
OTHERS = [DATES, DATES.to_period(), [1j], LISTS]


@pytest.mark.parametrize("column", [pd.Series(one) for one in OTHERS], ids=lambda column: str(column.dtype))
def test_dates_and_complex_numbers_are_neither(column):
    """What has no sensible cells is said to be of another kind."""
    assert column_values.read(column).kind == "other"


def test_the_table_stays_as_it_was():
    """Reading sorts a copy, never the reader's own data."""
    frame = pd.DataFrame({"float": [3.0, 1.0], "nullable": pd.array([3, 1], dtype="Float64")})
    before = frame.copy(deep=True)
    for name in frame:
        column_values.read(frame[name])
    pd.testing.assert_frame_equal(frame, before)


def test_a_coarser_type_sets_the_precision():
    """Both sides are read with as few digits as the one that has fewer."""
    exact = pd.Series([8.05546])
    assert column_values.read(exact).numbers[0] != column_values.read(exact.astype("float32")).numbers[0]
    assert column_values.read(exact, "float32").numbers[0] == column_values.read(exact.astype("float32")).numbers[0]
    assert column_values.read(exact.astype("float32"), "float64").numbers.dtype == "float32"


@pytest.mark.parametrize("dtype", ["int64", "int32", "float64", "float32", "uint16", "Int64"])
def test_counting_equals_sorting(dtype):
    """Where numbers repeat, the fast way gives what sorting gives, missing values included."""
    values = pd.Series(np.random.default_rng(0).integers(0, 50, column_values.SAMPLE + 9), dtype=dtype)
    if dtype not in ("int64", "int32", "uint16"):
        values[::7] = None
    expected = np.sort(values.dropna().to_numpy(dtype=float))
    np.testing.assert_array_equal(column_values.sort_numbers(values), expected)


def test_only_numbers_that_repeat_are_counted():
    """A hash table of values that all differ would be larger than the column."""
    values = np.random.default_rng(0).normal(size=2 * column_values.SAMPLE)
    assert column_values.numbers_repeat(values.round(1))
    assert column_values.numbers_repeat(np.where(values < 0, np.nan, values.round(1)))
    assert not column_values.numbers_repeat(values)
    assert not column_values.numbers_repeat(np.where(values < 2, 0, values))
    assert not column_values.numbers_repeat(values.round(1)[:100])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40).flatmap(lambda n: arrays(float, n, elements=st.integers(-9, 9).map(float))))
def test_a_tally_is_a_count_of_distinct_values(values):
    """Distinct values and counts equal NumPy's."""
    expected = np.unique(values, return_counts=True)
    for part, other in zip(column_values.tally(np.sort(values)), expected, strict=True):
        np.testing.assert_array_equal(part, other)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 400).flatmap(lambda n: arrays(float, n, elements=st.integers(-50, 50).map(float))),
    st.integers(2, 64),
)
def test_few_values_stand_for_all(values, most):
    """Thinning keeps the rows, and moves cumulative shares by at most half a group and a row."""
    values, counts = column_values.tally(np.sort(values))
    points, stand_for = column_values.thin(values, counts, most)
    assert len(points) <= max(most, 1) and stand_for.sum() == counts.sum()
    before, after = np.cumsum(counts) / counts.sum(), np.append(0, np.cumsum(stand_for)) / counts.sum()
    gap = np.abs(before - after[np.searchsorted(points, values, side="right")]).max()
    assert gap == 0 if len(values) <= most else gap <= 1 / (2 * most) + 1 / counts.sum()
