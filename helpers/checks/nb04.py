"""Checks of notebook 04."""
from collections.abc import Callable
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import skops.io

from helpers import faults
from helpers.checks.answers import require_function
from helpers.checks.records import find_model, read_month
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES, LABEL

_ROUTE = ["origin", "dest"]


def _is_as_in_winter(rows: pd.DataFrame) -> pd.Series:
    """Return whether each row's distance is one that the training months have for its route."""
    winter = pd.concat([read_month("2013-01"), read_month("2013-02")])
    flown = pd.MultiIndex.from_frame(winter[[*_ROUTE, "distance"]])
    return pd.Series(pd.MultiIndex.from_frame(rows[[*_ROUTE, "distance"]]).isin(flown), index=rows.index)


@exercise("4.1", hint="compare tuples: set(zip(winter['origin'], winter['dest'], winter['distance'])) is all we know; "
          "ask for each row's tuple whether the set holds it; pd.Series(..., index=rows.index) keeps the index")
def check_known_distance(answer: Callable[[pd.DataFrame], pd.Series]) -> str:
    """A rule about two columns, which finds kilometres."""
    require_function(answer, "known_distance(rows)")
    sample = read_month("2013-04").sample(2000, random_state=0)
    kilometres, elsewhere = faults.distance_in_km(sample.head(500)), sample.head(50).assign(dest="XXX")
    other = sample[sample["distance"] != 187].head(200).assign(distance=187)  # a distance that another route has
    given = answer(sample)
    if not isinstance(given, pd.Series) or not given.index.equals(sample.index):
        raise NotYet("it must return a Series with one value for each row and the index of the rows")
    if answer(elsewhere).astype(bool).any():
        raise NotYet("a flight to XXX, where winter never flew, is not False")
    if not (given.astype(bool) == _is_as_in_winter(sample)).all():
        raise NotYet("some ordinary flights of April get the wrong answer: they fly known routes over known distances")
    if answer(kilometres).astype(bool).mean() > 0.5:
        raise NotYet("distances in km still pass: compare with the distance of the same route")
    if answer(other).astype(bool).any() or answer(kilometres).astype(bool).any():
        raise NotYet("187 passes on a route of another length: look at the route, not at the distance alone")
    return "Kilometres are found in a single row, which neither the signature nor a range can do."


@exercise("4.2", hint='folder = Path(mlflow.artifacts.download_artifacts(address["logistic-refit"])); then '
          'skops.io.get_untrusted_types(file=folder / "model.skops")')
def check_untrusted(names: list[str]) -> str:
    """The types in a file that skops does not trust by itself."""
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise NotYet("untrusted is a list of names, each a text")
    folder = Path(mlflow.artifacts.download_artifacts(find_model("logistic-refit")))
    right = skops.io.get_untrusted_types(file=folder / "model.skops")
    listed = mlflow.models.Model.load(folder).flavors["sklearn"]["skops_trusted_types"]
    if sorted(names) == sorted(listed) and sorted(names) != sorted(right):
        raise NotYet("that is the list in MLmodel, which names more than this file holds: ask the file")
    if any("TreePredictor" in name for name in names):
        raise NotYet("there are no trees in this model: is it the file of logistic-refit?")
    if sorted(names) != sorted(right):
        raise NotYet(f"the file names {len(right)}, your list {len(names)}: take what get_untrusted_types returns")
    return "One type, and no code: the other that its MLmodel trusts is not in it at all."


def _compute_mean_costs(miss: float, false_alarm: float) -> pd.Series:
    """Return the mean cost a flight of March at each threshold."""
    march = read_month("2013-03")
    p = mlflow.sklearn.load_model(find_model("trees")).predict_proba(march[FEATURES])[:, 1]
    late = march[LABEL].to_numpy() == 1
    thresholds = np.round(np.linspace(0, 1, 101), 2)
    costs = [np.where(late, miss * (p < t), false_alarm * (p >= t)).mean() for t in thresholds]
    return pd.Series(costs, index=thresholds)


@exercise("4.3", hint="[cost(*forecasts['March'], t, 3, 2).mean() for t in thresholds] are the costs; "
          "np.argmin says at which position the smallest stands, and thresholds[position] is the threshold")
def check_cheapest(threshold: float) -> str:
    """The threshold that costs least on March."""
    costs, swapped = _compute_mean_costs(3, 2), _compute_mean_costs(2, 3)
    threshold = float(threshold)
    if not 0 <= threshold <= 1:
        raise NotYet("a threshold lies between 0 and 1: is this the position in the list?")
    at = costs[round(threshold, 2)]
    if at <= costs.min() + 1e-12:
        return f"{at:.3f} a flight, against {costs[0.5]:.3f} at one half."
    if abs(threshold - swapped.idxmin()) < 1e-9:
        raise NotYet("that is cheapest when a miss costs 2 and a false alarm 3: the prices are the other way round")
    raise NotYet(f"{threshold:.2f} costs {at:.3f} a flight, and another threshold costs less: try them all on March")
