"""A small profile of the training data that travels with the model, and how new data differ from it."""
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.drift.column_values import convert_storage
from helpers.drift.summary import STATISTICS, describe, find_fault, is_comparable, read_beside
from helpers.drift.thresholds import hold_out_windows, judge, learn_limits

_VERSION = 1
_DEFAULT = ("psi", "ks", "wasserstein", "missing", "outside", "unseen", "stuck")
ALL = (*_DEFAULT, "jensen_shannon", "chi_square")


@dataclass(frozen=True)
class ReferenceProfile:
    """What the training data looked like, small enough to travel with the model.

    It holds no row of the training data, but not nothing either: for each column the
    name, the number of rows and of missing values; of numbers the two ends, at most 512
    quantiles (values that occurred) and the standard deviation; of categories the 512
    commonest with their counts, and hashes of rarer ones, which confirm a guess. So leave out
    columns whose values are secret or name a person, as you would of the model's signature.

    Attributes
    ----------
    rows : int
        Rows of the training data.
    features : dict of str to dict
        What `helpers.drift.summary.describe` keeps of each column, and its ``limits`` where
        they were learned.
    version : int
        Version of the format.
    """

    rows: int
    features: dict[str, dict]
    version: int = _VERSION

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, blocks: str | pd.Series | None = None, days: int = 30
    ) -> "ReferenceProfile":
        """Return the profile of a table's columns.

        Parameters
        ----------
        frame : DataFrame
            The training features: numbers, text, categories or booleans in any mixture.
        blocks : str or Series of timestamps, optional
            The date of each row, or the column that holds it (then it is no feature).
            With it the profile learns how far the reference differs from itself:
            every window of `days` days, one starting each week, is held out and
            compared with the rest, and a statistic's limit is the .95 quantile of what the
            windows show (`helpers.drift.thresholds.learn_limits`). Rows without a date stay in the
            rest. Without it the limits are those of `helpers.drift.thresholds.CONVENTIONAL`.
        days : int
            Length of the windows; take that of a month of production, or of what you compare.

        Raises
        ------
        TypeError
            If a column holds neither numbers nor categories.
        ValueError
            If two columns have one name, a column's whole numbers are too large to differ as floats,
            `blocks` is no column or has another length, or the dates do not span two windows.
        """
        dates = blocks
        if isinstance(blocks, str):
            if blocks not in frame:
                raise ValueError(f"blocks={blocks!r} is no column: pass the one that holds the dates, or the dates")
            dates, frame = frame[blocks], frame.drop(columns=blocks)
        columns = {name: convert_storage(column) for name, column in _name_columns(frame).items()}
        features = {name: describe(column) for name, column in columns.items()}
        for name, feature in features.items():
            _refuse_what_no_profile_holds(name, columns[name], feature)
        if dates is not None:
            if len(dates) != len(frame):
                raise ValueError(f"blocks needs a date for each of the {len(frame)} rows: it has {len(dates)}")
            windows = list(hold_out_windows(_read_dates(dates, frame), days))
            for name, feature in features.items():
                feature["limits"] = learn_limits(columns[name], windows)
        return cls(len(frame), features)

    def save(self, path: str | Path) -> None:
        """Write the profile as JSON; 17 flight features take about 50 kB."""
        content = {"version": self.version, "rows": self.rows, "features": self.features}
        Path(path).write_text(json.dumps(content, separators=(",", ":"), allow_nan=False), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "ReferenceProfile":
        """Return the profile that `save` wrote; raise ValueError for a file that is none, or of another version."""
        remedy = "make the profile anew, with ReferenceProfile.from_frame(...).save(...)"
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ValueError(f"{path} cannot be read as a profile ({error}): {remedy}") from error
        found = content.get("version") if isinstance(content, dict) else None
        if found != _VERSION:
            raise ValueError(f"{path} holds profile version {found}, this code reads {_VERSION}: {remedy}")
        fault = _find_fault(content)
        if fault:
            raise ValueError(f"{path} is a damaged profile, {fault}: {remedy}")
        return cls(content["rows"], content["features"])

    def compare(self, frame: pd.DataFrame, statistics: Sequence[str] = _DEFAULT) -> pd.DataFrame:
        """Return one row for each feature, in the profile's order, and statistic that suits its type.

        Parameters
        ----------
        frame : DataFrame
            Current data.
        statistics : sequence of str
            Any of psi, jensen_shannon, chi_square, missing, stuck; for numbers also ks,
            wasserstein (in the reference's standard deviations) and outside (the share
            beyond the reference's ends); for categories also unseen (their share). One
            name alone will do.

        Returns
        -------
        DataFrame
            Columns feature, statistic, value, threshold, verdict. A verdict is

            - ``ok`` or ``drift``: the value is at most, or above, the threshold, which is
              the limit plus what chance alone does with so few rows;
            - ``new categories`` and ``stuck``: the same as drift, for unseen and stuck;
            - ``cannot tell``: chance could hide a change as large as the limit (too few
              rows), or there is no value (it is NaN then);
            - ``missing column``, ``changed type`` (numbers where categories were, or the
              reverse): value and threshold are NaN;
            - ``new column``: one row, at the end, for a column that the profile does not know.
        """
        statistics = [statistics] if isinstance(statistics, str) else list(statistics)
        unknown = [statistic for statistic in statistics if statistic not in ALL]
        if unknown:
            raise ValueError(f"there is no statistic {unknown[0]!r}: choose from {', '.join(ALL)}")
        columns, rows = _name_columns(frame), []
        for name, feature in self.features.items():
            suited = [statistic for statistic in STATISTICS[feature["kind"]] if statistic in statistics]
            rows += [(name, *row) for row in _judge_column(feature, columns.get(name), suited)]
        rows += [(name, "column", np.nan, np.nan, "new column") for name in columns if name not in self.features]
        return pd.DataFrame(rows, columns=["feature", "statistic", "value", "threshold", "verdict"])


def _name_columns(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the columns by name, as text; raise ValueError where two share a name."""
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"each column needs a name of its own, but {twice[0]!r} occurs twice or more: rename it")
    return {name: frame.iloc[:, position] for position, name in enumerate(names)}


def _read_dates(dates: Sequence, frame: pd.DataFrame) -> pd.Series:
    """Return the dates of a table's rows, in their order; raise ValueError where that is not sure."""
    dates = pd.Series(dates) if not isinstance(dates, pd.Series) else dates
    if pd.api.types.is_numeric_dtype(dates):
        raise ValueError(f"blocks holds numbers ({dates.iloc[0]}): make dates of them first, with pd.to_datetime(...)")
    if not dates.index.equals(frame.index) and set(dates.index) == set(frame.index):
        raise ValueError("blocks has its rows in another order than the table: sort both by their index")
    return pd.Series(pd.to_datetime(dates))


def _refuse_what_no_profile_holds(name: str, column: pd.Series, feature: dict) -> None:
    """Raise TypeError for neither numbers nor categories, ValueError for whole numbers that fall together as floats."""
    types = pd.api.types
    if feature["kind"] == "other":
        found = f"{column.dtype} ({types.infer_dtype(column)})" if column.dtype == object else column.dtype
        raise TypeError(f"a profile holds numbers and categories, but column {name!r} is {found}: drop it")
    if feature["kind"] == "number" and types.infer_dtype(column, skipna=True).startswith("integer"):
        apart = np.spacing(max(-feature["low"], feature["high"]))  # of two floats that follow each other
        if apart > max(feature["sd"], 1) and column.nunique() > len(feature["points"]):
            remedy = "subtract the smallest of them, or make text of them"
            raise ValueError(f"column {name!r} holds whole numbers that differ by less than a float can tell: {remedy}")


def _find_fault(content: dict) -> str:
    """Return what a profile's file lacks, or an empty text."""
    if not isinstance(content.get("rows"), int) or not isinstance(content.get("features"), dict):
        return "without rows or features"
    faults = {name: find_fault(feature) for name, feature in content["features"].items()}
    return next((f"whose feature {name!r} has no {fault}" for name, fault in faults.items() if fault), "")


def _judge_column(feature: dict, column: pd.Series | None, statistics: Sequence[str]) -> Iterator[tuple]:
    """Yield statistic, value, threshold and verdict of one column; None is a column that is not there."""
    current = None if column is None else read_beside(feature, column)
    for statistic in statistics:
        if current is None:
            yield statistic, np.nan, np.nan, "missing column"
        elif not is_comparable(feature, current):
            yield statistic, np.nan, np.nan, "changed type"
        else:
            yield statistic, *judge(statistic, feature, current)
