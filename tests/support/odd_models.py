"""Models that go wrong as real ones do, after a first row that is fine; the server imports them from here."""
import time

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Odd(ClassifierMixin, BaseEstimator):
    """Says .5 for the row that warms a version, whose carrier is empty, and after that what its kind says."""

    def __init__(self, kind: str = "raises", seconds: float = 0.0) -> None:
        """Take what goes wrong, and how long it sleeps before."""
        self.kind, self.seconds = kind, seconds

    def fit(self, table, late):
        """Learn nothing."""
        return self

    def predict_proba(self, table) -> np.ndarray:
        """Return the probabilities of on time and late, or what the kind says."""
        answer = np.full((len(table), 2), 0.5)
        if (table["carrier"] == "").all():
            return answer
        time.sleep(self.seconds)
        if self.kind == "raises":
            raise RuntimeError("the words of an exception")
        answer[-1] = {"nan": np.nan, "infinite": np.inf, "3.5": 3.5}.get(self.kind, 0.5)
        others = {"short": answer[1:], "flat": answer[:, 0], "texts": answer.astype(str), "nothing": None}
        return others.get(self.kind, answer)
