"""Reads one column of a table, whatever its type, for the comparison of two of them."""
import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b

import numpy as np
import pandas as pd

LARGEST = 1e150  # a number whose square is still one; what lies beyond counts as infinite
SAMPLE = 2**16  # rows that tell whether numbers repeat
_PRESENT_NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal"}
_NEITHER = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64, pd.Period, pd.Interval)
_NEITHER += (complex, np.complexfloating)  # objects that are neither numbers nor categories


@dataclass(frozen=True)
class Column:
    """A column's values without their order.

    Attributes
    ----------
    kind : {"number", "category", "empty", "other"}
        As `_find_kind` says; empty where no value is present.
    rows, missing : int
        All rows, and those without a value.
    numbers : ndarray
        The present numbers, ascending.
    levels : dict of str to int
        How many rows hold each category, the commonest first.
    """

    kind: str
    rows: int
    missing: int = 0
    numbers: np.ndarray = field(default_factory=lambda: np.array([]))
    levels: dict[str, int] = field(default_factory=dict)

    @property
    def present(self) -> int:
        """How many rows hold a value."""
        return self.rows - self.missing

    @cached_property
    def hashes(self) -> np.ndarray:
        """A number of 32 bits for each level, the same on every machine."""
        texts = (level.encode("utf-8", "surrogatepass") for level in self.levels)
        return np.frombuffer(b"".join(blake2b(text, digest_size=4).digest() for text in texts), "<u4")


def read(column: pd.Series, precision: str = "float64") -> Column:
    """Return what a comparison needs of a column; it takes one sorted copy of its numbers.

    Parameters
    ----------
    column : Series
        Numbers (integer, float, nullable, sparse or objects), or categories (text, category,
        dictionary, boolean or objects). An infinite number counts as missing: no measurement
        is infinite. Whole numbers beyond 2**53 are rounded as a float is.
    precision : {"float64", "float32", "float16"}
        The finest floating-point type at which to read numbers; a column that is coarser is
        read as it is. 8.05546 as float32 is another number than as float64: side by side
        they would look like drift, so both columns are read at the precision that they share.
    """
    column = convert_storage(column)
    kind = _find_kind(column)
    if kind == "number":
        shared = min(precision, find_precision(column), key=lambda name: np.dtype(name).itemsize)
        numbers = sort_numbers(column, shared)
        found = Column(kind, len(column), len(column) - len(numbers), numbers=numbers)
    elif kind == "category":
        levels = _count_levels(column)
        found = Column(kind, len(column), len(column) - sum(levels.values()), levels=levels)
    else:
        found = Column(kind, len(column), int(column.isna().sum()))
    return found if found.present else Column("empty", len(column), len(column))


def convert_storage(column: pd.Series) -> pd.Series:
    """Return a column in a common type where it is sparse, a dictionary or view, bytes, big-endian or long double."""
    dtype = column.dtype
    if isinstance(dtype, pd.SparseDtype):
        return column.sparse.to_dense()
    if str(dtype).startswith(("dictionary<", "null[")):
        return column.astype(object).astype("category")
    if str(dtype) in ("string_view[pyarrow]", "binary_view[pyarrow]"):  # pandas cannot say what their values are
        return pd.Series(column.array.astype(f"large_{str(dtype).replace('_view', '')}"), column.index)
    if dtype.kind == "S":
        return column.astype(object)
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf" and not (dtype.isnative and dtype.itemsize <= 8):
        with np.errstate(over="ignore"):  # what a float cannot hold becomes infinite
            values = column.to_numpy().astype("float64" if dtype.itemsize > 8 else dtype.newbyteorder("="))
        return pd.Series(values, column.index)
    return column


def _find_kind(column: pd.Series) -> str:
    """Return "number", "category", or "other" (dates, complex numbers, also as objects; lists of Arrow)."""
    types = pd.api.types
    try:
        _ = column.dtype.type
    except NotImplementedError:  # of Arrow, and of no kind that pandas can work with
        return "other"
    if types.is_bool_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        return "category"
    if types.is_object_dtype(column):
        found = types.infer_dtype(column, skipna=True)
        if found in ("string", "boolean", "empty") or found in _PRESENT_NUMBERS:
            return "number" if found in _PRESENT_NUMBERS else "category"
        return "other" if any(issubclass(kind, _NEITHER) for kind in set(column.dropna().map(type))) else "category"
    if types.is_string_dtype(column):
        return "category"
    return "number" if types.is_numeric_dtype(column) and not types.is_complex_dtype(column) else "other"


def sort_numbers(column: pd.Series, precision: str = "float64") -> np.ndarray:
    """Return the numbers of a column in ascending order, without missing ones and those beyond `LARGEST`."""
    borrowed = isinstance(column.dtype, np.dtype) and column.dtype != object
    with np.errstate(over="ignore"):  # what a coarser type cannot hold becomes infinite
        values = column.to_numpy() if borrowed else _copy_numbers(column, precision)
        if numbers_repeat(values):
            distinct, counts = _count_values(values)
            del values  # so that there is never more than one copy
            values = np.repeat(distinct.astype(precision), counts)
        else:
            values = values.astype(precision, copy=borrowed)
            values.sort()
    largest = values.dtype.type(min(LARGEST, float(np.finfo(values.dtype).max)))
    return values[np.searchsorted(values, -largest) : np.searchsorted(values, largest, side="right")]


def _copy_numbers(column: pd.Series, precision: str) -> np.ndarray:
    """Return a new array of a column's numbers; a whole number that no float holds counts as missing."""
    try:
        return column.to_numpy(dtype=precision, na_value=np.nan, copy=True)
    except OverflowError:
        return np.array([v if pd.notna(v) and abs(v) < LARGEST else np.nan for v in column], dtype=precision)


def numbers_repeat(values: np.ndarray) -> bool:
    """Return whether numbers occur over and over, so that counting them is faster than sorting them.

    A value that a sample holds only once stands for others that it missed; with many
    of those a hash table would outgrow the column.
    """
    step = len(values) // SAMPLE
    countable = values.dtype.kind in "iuf" and values.itemsize >= 4
    if not step or not countable:
        return False
    _, counts = np.unique(values[::step], return_counts=True)
    return np.count_nonzero(counts == 1) < SAMPLE / 500


def _count_values(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct values, ascending, and how often each occurs, from a hash table."""
    from pyarrow import array, compute

    table = compute.value_counts(array(values))
    distinct, counts = (table.field(part).to_numpy() for part in (0, 1))
    order = np.argsort(distinct)
    return distinct[order], counts[order]


def find_precision(column: pd.Series) -> str:
    """Return the floating-point type that holds a column's numbers."""
    dtype = np.dtype(getattr(column.dtype, "numpy_dtype", column.dtype))
    return dtype.name if dtype.kind == "f" and dtype.itemsize < 8 else "float64"


def _count_levels(column: pd.Series) -> dict[str, int]:
    """Return how many rows hold each category, as text, the commonest first and ties by name."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) != "string":
        column = column.dropna().map(_write_level)  # 1, True and lists do not mix in a hash table
    counts: dict[str, int] = {}
    for level, count in column.value_counts(sort=False).items():
        if count:
            text = _write_level(level)
            counts[text] = counts.get(text, 0) + int(count)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _write_level(level: object) -> str:
    """Return a category as text; 1.0 is 1, as a missing value makes floats of whole numbers, and 1.50 is 1.5."""
    if isinstance(level, Decimal) and level.is_finite():
        text = f"{level:f}"  # its zeros are those of the table that it comes from
        return text.rstrip("0").rstrip(".") if "." in text else text
    whole = isinstance(level, float | np.floating) and level.is_integer()
    return str(int(level)) if whole else str(level)


def tally(ascending: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct values of ascending numbers, and how often each occurs."""
    starts = np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1])) if len(ascending) else np.array([], int)
    return ascending[starts], np.diff(np.append(starts, len(ascending)))


def thin(values: np.ndarray, counts: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `most` values that stand for all: as they are where they are few, else medians of equal groups.

    A group's median errs by at most half a group, so cumulative shares change by at
    most 1 / (2 most) plus one row.
    """
    if len(values) <= most:
        return values, counts
    upto = np.cumsum(counts)
    bounds = np.linspace(0, upto[-1], most + 1).astype(int)
    middles = np.searchsorted(upto, (bounds[:-1] + bounds[1:]) // 2, side="right")
    chosen, group = np.unique(middles, return_inverse=True)
    return values[chosen], np.bincount(group, np.diff(bounds)).astype(int)
