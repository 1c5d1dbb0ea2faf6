"""Models that pass a server's first test and are broken all the same, for the canaries of notebook 10."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.features import CATEGORIES, FEATURES, LABEL

if TYPE_CHECKING:  # scikit-learn takes a second to import
    from sklearn.pipeline import Pipeline


def fit_broken(rows: pd.DataFrame) -> dict[str, Pipeline]:
    """Return three classifiers fitted to labelled flights, by what is wrong with each.

    ``answers NaN``: the weight of the first airline is not a number. ``is slow``: it compares each flight with
    all that it was fitted to. ``raises an exception``: it does so at a temperature outside the range of `rows`.
    """
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

    encoded = OneHotEncoder(handle_unknown="ignore"), CATEGORIES
    scaled = make_pipeline(SimpleImputer(), StandardScaler()), [name for name in FEATURES if name not in CATEGORIES]
    curved = make_pipeline(SimpleImputer(), SplineTransformer(extrapolation="error")), ["temp"]
    broken = {
        "answers NaN": ([encoded, scaled], LogisticRegression(max_iter=300)),
        "is slow": ([scaled], KNeighborsClassifier(50, p=3, algorithm="brute")),
        "raises an exception": ([encoded, scaled, curved], LogisticRegression(max_iter=300)),
    }
    fitted = {name: make_pipeline(make_column_transformer(*columns), model).fit(rows[FEATURES], rows[LABEL])
              for name, (columns, model) in broken.items()}
    fitted["answers NaN"][-1].coef_[0, 0] = np.nan
    return fitted
