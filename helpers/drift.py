"""A profile of the training data, and a comparison of new data with it."""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.distances import (  # noqa: F401 (the plain statistics are part of this module's face)
    chi_square, chi_square_of_counts, counts_between, edges, jensen_shannon, js_of_counts, ks, ks_of_sorted, psi,
    psi_of_counts, wasserstein, wasserstein_of_sorted,
)

POINTS = 512
NUMBER = ("psi", "ks", "wasserstein", "missing", "outside")
CATEGORY = ("psi", "missing", "unseen")
LIMITS = {"psi": 0.25, "ks": 0.1, "wasserstein": 0.1, "missing": 0.05, "outside": 0.01, "unseen": 0.01}
VERSION = 1


@dataclass(frozen=True)
class ReferenceProfile:
    """What the training data looked like, small enough to travel with the model."""

    rows: int
    features: dict[str, dict]
    version: int = VERSION

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> "ReferenceProfile":
        """Return the profile of each column of a table."""
        return cls(len(frame), {str(name): describe(frame[name]) for name in frame})

    def save(self, path: str | Path) -> None:
        """Write the profile as JSON."""
        content = {"version": self.version, "rows": self.rows, "features": self.features}
        Path(path).write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "ReferenceProfile":
        """Return the profile that `save` wrote."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))

    def compare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a row for each feature and statistic: feature, statistic, value, threshold, verdict."""
        rows = [row for name, feature in self.features.items() for row in compare_feature(name, feature, self.rows, frame)]
        rows += [(name, "column", np.nan, np.nan, "new column") for name in frame if str(name) not in self.features]
        return pd.DataFrame(rows, columns=["feature", "statistic", "value", "threshold", "verdict"])


def is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def describe(column: pd.Series) -> dict:
    if is_number(column):
        values = sorted_numbers(column)
        points, counts = summarise(values)
        cuts = edges(*np.unique(values, return_counts=True))
        return {
            "kind": "number", "missing": len(column) - len(values), "points": points.tolist(), "counts": counts.tolist(),
            "edges": cuts.tolist(), "bins": counts_between(values, cuts).tolist(),
            "low": float(values[0]) if len(values) else None, "high": float(values[-1]) if len(values) else None,
            "sd": float(np.std(values)) if len(values) else None,
        }
    counts = column.value_counts()
    return {"kind": "category", "missing": int(column.isna().sum()), "levels": {str(k): int(v) for k, v in counts.items()}}


def sorted_numbers(column: pd.Series) -> np.ndarray:
    values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    values.sort()
    return values[np.searchsorted(values, -np.inf, "right"):np.searchsorted(values, np.inf, "left")]


def summarise(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points, counts = np.unique(values, return_counts=True)
    if len(points) <= POINTS:
        return points, counts
    bounds = np.linspace(0, len(values), POINTS + 1).astype(int)
    points, where = np.unique(values[(bounds[:-1] + bounds[1:]) // 2], return_inverse=True)
    return points, np.bincount(where, np.diff(bounds)).astype(int)


def compare_feature(name, feature, rows, frame):
    statistics = NUMBER if feature["kind"] == "number" else CATEGORY
    if name not in frame:
        return [(name, s, np.nan, np.nan, "missing column") for s in statistics]
    column = frame[name]
    if is_number(column) != (feature["kind"] == "number"):
        return [(name, s, np.nan, np.nan, "changed type") for s in statistics]
    if column.notna().sum() == 0:
        return [(name, s, np.nan, np.nan, "cannot tell") for s in statistics]
    if feature["kind"] == "number":
        current = sorted_numbers(column)
        points, counts, sd = np.array(feature["points"]), np.array(feature["counts"]), feature["sd"]
        expected = np.append(feature["bins"], feature["missing"])
        observed = np.append(counts_between(current, np.array(feature["edges"])), len(column) - len(current))
        outside = np.searchsorted(current, feature["low"]) + len(current) - np.searchsorted(current, feature["high"], "right")
        values = {
            "psi": psi_of_counts(expected, observed), "ks": ks_of_sorted(points, counts, current),
            "wasserstein": wasserstein_of_sorted(points, counts, current) / sd if sd else np.inf,
            "missing": 1 - len(current) / len(column), "outside": outside / len(column),
        }
    else:
        counts = {str(k): v for k, v in column.value_counts().items()}
        levels = list(dict.fromkeys([*feature["levels"], *counts]))
        expected = np.array([feature["levels"].get(k, 0) for k in levels] + [feature["missing"]])
        observed = np.array([counts.get(k, 0) for k in levels] + [column.isna().sum()])
        unseen = sum(v for k, v in counts.items() if k not in feature["levels"])
        values = {"psi": psi_of_counts(expected, observed), "missing": column.isna().mean(), "unseen": unseen / len(column)}
    thresholds = dict(LIMITS, psi=LIMITS["psi"] + (len(expected) - 1) * (1 / rows + 1 / len(column)))
    thresholds["missing"] += feature["missing"] / rows
    return [
        (name, s, float(values[s]), thresholds[s], "drift" if values[s] > thresholds[s] else "ok") for s in statistics
    ]
