"""What a profile keeps of one column of the training data, and each statistic measured against it."""
from base64 import b64decode, b64encode
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.drift.column_values import LARGEST, Column, read, tally, thin
from helpers.drift.distances import (
    MOST,
    chi_square_of_counts,
    count_between,
    find_decile_edges,
    js_of_counts,
    ks_of_sorted,
    pair_levels,
    psi_of_counts,
    wasserstein_of_sorted,
)

_MOST_HASHES = 2**14  # of the rarer levels of a category, which are not listed
STATISTICS = {
    "number": ("psi", "jensen_shannon", "chi_square", "ks", "wasserstein", "missing", "outside", "stuck"),
    "category": ("psi", "jensen_shannon", "chi_square", "missing", "unseen", "stuck"),
    "empty": ("psi", "jensen_shannon", "chi_square", "missing"),
}
_NEEDED = {  # of each kind, beside `rows` and `missing`
    "empty": (),
    "number": ("points", "counts", "edges", "cells", "low", "high", "sd", "commonest"),
    "category": ("levels", "other", "commonest"),
}
_MOST_ROWS, _MOST_FLOAT = 2**53, float(np.finfo(float).max)


def find_fault(feature: object) -> str:
    """Return the first key that a feature of a profile lacks, or that holds what it cannot; an empty text if none."""
    kind = feature.get("kind") if isinstance(feature, dict) else None
    if not isinstance(kind, str) or kind not in _NEEDED:
        return "kind"
    keys = ("rows", "missing", *_NEEDED[kind], *(key for key in ("limits", "hashes", "precision") if key in feature))
    if wrong := next((key for key in keys if not _SOUND[key](feature.get(key))), ""):
        return wrong
    if kind == "number" and (wrong := _find_fault_of_numbers(feature)):
        return wrong
    counts = {"empty": [], "number": feature.get("counts"), "category": [*feature.get("levels", {}).values()]}[kind]
    counted = sum(counts) + feature.get("other", 0)
    return "" if count_present(feature) == counted and bool(counted) == (kind != "empty") else "rows"


def _find_fault_of_numbers(feature: dict) -> str:
    """Return the first key of a number's feature that does not fit another one, or an empty text."""
    if not feature["low"] <= feature["high"]:
        return "range"
    points, edges = (np.array(feature[key], dtype=float) for key in ("points", "edges"))
    if not len(points) or (np.diff(points) <= 0).any():
        return "points"
    if len(feature["counts"]) != len(points):
        return "counts"
    return "cells" if len(feature["cells"]) != len(edges) + 1 or (np.diff(edges) <= 0).any() else ""


def _is_number(value: object, least: float = -2 * LARGEST, most: float = 2 * LARGEST) -> bool:
    """Return whether a value is a number between two others; NaN is none, and True neither."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_count(value: object) -> bool:
    """Return whether a value counts rows."""
    return isinstance(value, int) and _is_number(value, 0, _MOST_ROWS)


def _are_numbers(values: object) -> bool:
    """Return whether a value is a list of numbers."""
    return isinstance(values, list) and all(map(_is_number, values))


def _are_counts(values: object) -> bool:
    """Return whether a value is a list of counts."""
    return isinstance(values, list) and all(map(_is_count, values))


def _are_hashes(value: object) -> bool:
    """Return whether a value is what `describe` makes of hashes, four bytes each."""
    try:
        return isinstance(value, str) and len(b64decode(value, validate=True)) % 4 == 0
    except ValueError:
        return False


_SOUND: dict[str, Callable[[object], bool]] = {  # what a key of a feature may hold
    **dict.fromkeys(("rows", "missing", "other"), _is_count),
    **dict.fromkeys(("counts", "cells"), _are_counts),
    **dict.fromkeys(("points", "edges"), _are_numbers),
    **dict.fromkeys(("low", "high"), _is_number),
    "sd": lambda value: _is_number(value, 0),
    "commonest": lambda value: _is_number(value, 0, 1),
    "levels": lambda value: isinstance(value, dict) and _are_counts([*value.values()]),
    "limits": lambda value: isinstance(value, dict) and all(_is_number(one, 0, _MOST_FLOAT) for one in value.values()),
    "hashes": _are_hashes,
    "precision": lambda value: value in ("float64", "float32", "float16"),
}


def describe(column: pd.Series) -> dict:
    """Return what the profile keeps of a column, ready for JSON.

    Always ``kind``, ``rows`` and ``missing``. For numbers: ``points`` and the ``counts``
    of rows they stand for (`thin`), decile ``edges`` and the rows in the ``cells``
    between, the ends ``low`` and ``high``, the standard deviation ``sd``. For categories:
    ``levels`` with their counts, the commonest `MOST`, and the rows of all ``other`` ones,
    of which the smallest ``hashes`` tell later whether a category was met.
    ``commonest`` is the share of the commonest value.
    """
    read_column = read(column)
    kept = {"kind": read_column.kind, "rows": read_column.rows, "missing": read_column.missing}
    if read_column.kind == "number":
        kept |= _describe_numbers(read_column.numbers) | {"precision": read_column.numbers.dtype.name}
    elif read_column.kind == "category":
        kept |= _describe_levels(read_column)
    return kept


def _describe_numbers(ascending: np.ndarray) -> dict:
    """Return what the profile keeps of the present numbers."""
    values, counts = tally(ascending)
    points, stand_for = thin(values, counts, MOST)
    edges = find_decile_edges(values, counts)
    return {
        "points": points.tolist(),
        "counts": stand_for.tolist(),
        "edges": edges.tolist(),
        "cells": count_between(ascending, edges).tolist(),
        "low": float(values[0]),
        "high": float(values[-1]),
        "sd": _find_deviation(ascending) if len(values) > 1 else 0.0,
        "commonest": float(counts.max() / len(ascending)),
    }


def _find_deviation(ascending: np.ndarray) -> float:
    """Return the standard deviation; of tiny numbers, whose squares would be 0, from a multiple of them."""
    if max(-ascending[0], ascending[-1]) > 1e-130:
        return float(np.std(ascending, dtype=float))
    return float(np.std(ascending.astype(float) * 2.0**900) / 2.0**900)


def _describe_levels(column: Column) -> dict:
    """Return what the profile keeps of the categories."""
    kept = dict(list(column.levels.items())[:MOST])
    found = {"levels": kept, "other": column.present - sum(kept.values())}
    if found["other"]:
        found["hashes"] = b64encode(np.sort(column.hashes[MOST:])[:_MOST_HASHES].tobytes()).decode()
    return found | {"commonest": max(kept.values()) / column.present}


def read_beside(feature: dict, column: pd.Series) -> Column:
    """Return a current column, read as the profile's feature was."""
    return read(column, feature.get("precision", "float64"))


def is_comparable(feature: dict, current: Column) -> bool:
    """Return whether both are numbers or both categories; a column without values goes with each."""
    return "empty" in (feature["kind"], current.kind) or feature["kind"] == current.kind


def count_in_same_cells(feature: dict, current: Column) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the profile and of a current column in the same cells; the last is for missing values.

    As `helpers.drift.distances.count_cells` does it, but where the profile keeps only the
    commonest levels, all others share a cell.
    """
    pair = 0, current.present
    if feature["kind"] == "number":
        edges = _convert_precision(feature["edges"], current)
        pair = np.array(feature["cells"]), count_between(current.numbers, edges)
    elif feature["kind"] == "category":
        pair = _count_same_levels(feature, current)
    return np.append(pair[0], feature["missing"]), np.append(pair[1], current.missing)


def _count_same_levels(feature: dict, current: Column) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of each level of the profile, then of the levels that it does not list."""
    new = [count for level, count in current.levels.items() if level not in feature["levels"]]
    if feature["other"]:
        new = [np.nan_to_num(_count_new(feature, current))]
    return pair_levels(feature["levels"], feature["other"], current, new)


def _count_new(feature: dict, current: Column) -> float:
    """Return in how many rows a category stands that the profile has not met; NaN where nothing tells.

    Of more than `_MOST_HASHES` rarer levels the profile keeps the smallest hashes: levels
    whose hash is as small are a sample, and stand for the others.
    """
    met = np.frombuffer(b64decode(feature.get("hashes", "")), "<u4")
    unlisted = np.array([level not in feature["levels"] for level in current.levels], dtype=bool)
    rows, hashes = np.array(list(current.levels.values()))[unlisted], current.hashes[unlisted]
    if not len(met) or not len(rows):
        return np.nan if len(rows) else 0.0
    told = (hashes <= met[-1]) | (len(met) < _MOST_HASHES)
    new = rows[told & ~np.isin(hashes, met)].sum()
    return new * rows.sum() / rows[told].sum() if told.any() else np.nan


def _convert_precision(values: list[float], current: Column) -> np.ndarray:
    """Return numbers of the profile in the type of the current column's, those beyond its range at its ends."""
    ends = np.finfo(current.numbers.dtype)
    return np.clip(np.array(values, dtype=float), ends.min, ends.max).astype(current.numbers.dtype)


def measure(statistic: str, feature: dict, current: Column) -> float:
    """Return one statistic of a current column beside the profile's feature.

    NaN where it has no value: no rows on one side, or no present values where the
    statistic looks only at those (all but psi, jensen_shannon, chi_square and missing).
    """
    of_all = statistic in STATISTICS["empty"]
    if not all((feature["rows"], current.rows) if of_all else (count_present(feature), current.present)):
        return np.nan
    return float(_MEASURES[statistic](feature, current))


def count_present(feature: dict) -> int:
    """Return how many rows of the profile's feature hold a value."""
    return feature["rows"] - feature["missing"]


def _ks_beside(feature: dict, current: Column) -> float:
    """Return the KS statistic; it errs by at most 1 / 1024 plus one row's share where the profile is thinned."""
    points, counts = _merge_equal(_convert_precision(feature["points"], current), feature["counts"])
    return ks_of_sorted(points, counts, current.numbers)


def _wasserstein_beside(feature: dict, current: Column) -> float:
    """Return the Wasserstein distance in the reference's standard deviations; infinitely many of a constant."""
    points, counts = _merge_equal(_convert_precision(feature["points"], current), feature["counts"])
    distance = wasserstein_of_sorted(points, counts, current.numbers)
    return distance / feature["sd"] if feature["sd"] else np.inf if distance else 0.0


def _merge_equal(points: np.ndarray, counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return ascending points and their counts, those together that a coarser type made equal."""
    distinct, group = np.unique(points, return_inverse=True)
    return distinct, np.bincount(group, counts)


def _outside(feature: dict, current: Column) -> float:
    """Return the share of present numbers that lie below the profile's lowest or above its highest."""
    low, high = _convert_precision([feature["low"], feature["high"]], current)
    below = np.searchsorted(current.numbers, low)
    return (below + current.present - np.searchsorted(current.numbers, high, side="right")) / current.present


def _unseen(feature: dict, current: Column) -> float:
    """Return the share of present categories that the profile does not know."""
    known = sum(count for level, count in current.levels.items() if level in feature["levels"])
    return _count_new(feature, current) / current.present if feature["other"] else 1 - known / current.present


def _stuck(feature: dict, current: Column) -> float:
    """Return 1.0 where all present values are the same although the profile's vary, else 0.0."""
    same = len(current.levels) == 1 or len(current.numbers) > 0 and current.numbers[0] == current.numbers[-1]
    return float(same and feature["commonest"] < 1)


_MEASURES = {
    "psi": lambda feature, current: psi_of_counts(*count_in_same_cells(feature, current)),
    "jensen_shannon": lambda feature, current: js_of_counts(*count_in_same_cells(feature, current)),
    "chi_square": lambda feature, current: chi_square_of_counts(*count_in_same_cells(feature, current))[0],
    "ks": _ks_beside,
    "wasserstein": _wasserstein_beside,
    "missing": lambda feature, current: current.missing / current.rows,
    "outside": _outside,
    "unseen": _unseen,
    "stuck": _stuck,
}
