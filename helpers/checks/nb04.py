"""Checks of notebook 04."""
from collections.abc import Callable, Iterable
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import skops.io

from helpers import faults
from helpers.checks.answers import call, read_names, require_function, show
from helpers.checks.records import find_model, read_month
from helpers.checks.registry import NotYet, exercise

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
    longer = sample.head(200).assign(distance=lambda rows: rows["distance"] + 1)
    given = _ask(answer, sample)
    if _ask(answer, elsewhere).any():
        raise NotYet("A flight to XXX, where winter never flew, is not False.")
    if not (given == _is_as_in_winter(sample)).all():
        raise NotYet("There are ordinary flights of April that get the wrong answer: they fly known routes over known "
                     "distances.")
    if _ask(answer, kilometres).mean() > 0.5:
        raise NotYet("As it is, distances in km still pass: compare with the distance of the same route.")
    if _ask(answer, other).any() or _ask(answer, kilometres).any():
        raise NotYet("A distance of 187 passes on a route of another length: look at the route, not at the distance "
                     "alone.")
    if not (_ask(answer, longer) == _is_as_in_winter(longer)).all():
        raise NotYet("A distance that is one mile too long gets the wrong answer: it must be one that winter has.")
    return "Kilometres are found in a single row, which neither the signature nor a range can do."


def _ask(answer: Callable[[pd.DataFrame], pd.Series], rows: pd.DataFrame) -> pd.Series:
    """Return what the reader's rule says of each row, or say why it is no Series of True and False."""
    given = call("known_distance(rows)", answer, rows.copy())
    if not isinstance(given, pd.Series) or not given.index.equals(rows.index):
        raise NotYet("It must return a Series with one value for each row and the index of the rows. "
                     f"It returns {show(given)}.")
    numbers = bool | np.bool_ | int | float
    if strange := [value for value in given.tolist() if not isinstance(value, numbers) or value not in (0, 1)]:
        raise NotYet(f"The Series that it returns holds {show(strange[0])}: each value must be True or False.")
    return given.astype(bool)


@exercise("4.2", hint='folder = Path(mlflow.artifacts.download_artifacts(address["logistic-refit"])); then '
          'skops.io.get_untrusted_types(file=folder / "model.skops")')
def check_untrusted(names: Iterable[str]) -> str:
    """The types in a file that skops does not trust by itself."""
    given, (right, listed) = set(read_names(names, "untrusted")), _read_types()
    if given == listed != right:
        raise NotYet("This is the list in MLmodel, which names more than this file holds: ask the file.")
    if any("TreePredictor" in name for name in given):
        raise NotYet("But there are no trees in this model: is it the file of logistic-refit?")
    if given != right:
        raise NotYet(f"The file names {len(right)}, your list {len(given)}, and they are not the same: take what "
                     "get_untrusted_types returns.")
    return "One type, and no code: the other that its MLmodel trusts is not in it at all."


def _read_types() -> tuple[set[str], set[str]]:
    """Return the types that the file of `logistic-refit` holds and skops does not trust, and those in its MLmodel."""
    folder = Path(mlflow.artifacts.download_artifacts(find_model("logistic-refit")))
    listed = mlflow.models.Model.load(folder).flavors["sklearn"]["skops_trusted_types"]
    return set(skops.io.get_untrusted_types(file=folder / "model.skops")), set(listed)
