"""Checks of notebook 05."""
import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import EvaluationMetric, EvaluationResult, MetricThreshold
from mlflow.models.evaluation.validation import ModelValidationFailedException

from helpers.checks.answers import call, is_close, read_number, require_function, show
from helpers.checks.records import find_model, read_month
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES, LABEL
from helpers.monitoring import mean_interval

_SPLIT = "split(dates, n_splits, gap)"
_METRIC = "top_gap(predictions, targets, metrics)"
_MISS, _FALSE_ALARM = 3, 2
_RULE = _FALSE_ALARM / (_MISS + _FALSE_ALARM)


def _make_dates() -> pd.Series:
    """Return the dates of a few flights on each of forty days, in any order, with an index that is no position."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2013-02-10", periods=40).repeat(rng.integers(2, 9, 40))
    return pd.Series(days, index=np.arange(len(days)) + 1000, name="date").sample(frac=1, random_state=0)


@exercise("5.1", hint="TimeSeriesSplit(n_splits, gap=gap).split(days) splits the days, if `days` are the sorted dates, "
          "each once; np.flatnonzero(dates.isin(days[train])) are the positions of the flights on some of them")
def check_split(answer: Callable[[pd.Series, int, int], Iterable]) -> str:
    """A splitter that keeps days whole and leaves out the days whose labels have not come."""
    require_function(answer, _SPLIT)
    dates = _make_dates()
    for n_splits, gap in [(3, 0), (4, 2), (2, 7)]:
        found = _read_list(call(_SPLIT, answer, dates.copy(), n_splits, gap))
        if len(found) != n_splits:
            raise NotYet(f"With n_splits={n_splits} the length of what it returns is {len(found)}: return a list of "
                         f"{n_splits} pairs.")
        name = f"pair {{}} (n_splits={n_splits}, gap={gap})"
        pairs = [_read_pair(pair, name.format(place), len(dates)) for place, pair in enumerate(found, 1)]
        _check_pairs(pairs, dates, gap)
    return "No day is on both sides, and no label is used before it could be known."


def _read_list(given: object) -> list:
    """Return what a function answers as a list; raise NotYet where it is none, or where a generator raises."""
    if given is None:
        raise NotYet("It returns None: end the function with `return` and the list of pairs.")
    found = _take(call(_SPLIT, lambda: list(islice(given, 100))) if isinstance(given, Iterator) else given, 100)
    if found is None:
        raise NotYet(f"It returns {show(given)}: return a list of pairs (training, validation).")
    return found


def _take(given: object, most: int) -> list | None:
    """Return the first elements of a list, or of what is like one; None for anything else."""
    with contextlib.suppress(Exception):
        if not isinstance(given, str | bytes | dict | pd.DataFrame):
            return list(islice(given, most))
    return None


def _read_pair(pair: object, name: str, rows: int) -> list[np.ndarray]:
    """Return the positions of a pair's training and validation; raise NotYet where it is no pair of them."""
    parts = _take(pair, 100)
    if parts is None:
        raise NotYet(f"It returns {show(pair)} as {name}: give a pair (training, validation) of row positions.")
    if len(parts) != 2:
        raise NotYet(f"The length of {name} is {len(parts)}: give a pair (training, validation) of row positions.")
    return [_read_part(part, f"The {which} of {name}", rows) for which, part in zip(["training", "validation"], parts)]


def _read_part(part: object, name: str, rows: int) -> np.ndarray:
    """Return row positions, given as numbers or as True and False for each row; raise NotYet for others."""
    values = _take(part, 100 * rows)
    if values is None:
        raise NotYet(f"{name} is {show(part)}: give row positions, such as [0, 2, 5].")
    if len(values) == rows and all(isinstance(one, bool | np.bool_) for one in values):
        values = list(np.flatnonzero(values))
    if not values:
        raise NotYet(f"{name} is empty: no part of a pair may be.")
    if strange := [one for one in values if isinstance(one, bool) or not isinstance(one, int | np.integer)]:
        raise NotYet(f"{name} holds {show(strange[0])}: give row positions, such as [0, 2, 5].")
    if far := [one for one in values if not 0 <= one < rows]:
        raise NotYet(f"{name} holds {show(far[0])}, and positions lie in 0 to {rows - 1}: give positions, not "
                     "labels of the index.")
    if len(set(values)) < len(values):
        raise NotYet(f"{name} holds a position twice: give each flight once.")
    return np.array(values, dtype=int)


def _check_pairs(pairs: list[list[np.ndarray]], dates: pd.Series, gap: int) -> None:
    """Raise NotYet for the first pair that divides a day, is not in order, or trains on other days than it may."""
    last = pd.Timestamp.min
    for training, validation in pairs:
        used, tested = (set(dates.iloc[part]) for part in (training, validation))
        first = min(tested)
        if used & tested:
            raise NotYet(f"{min(used & tested):%d %b} is in both parts: split the days, then take their flights. "
                         "The flights come in any order.")
        if max(tested) < min(used):
            raise NotYet(f"A validation ends on {max(tested):%d %b}, and its training starts on {min(used):%d %b}: the "
                         "first part of a pair is the training, and it is the earlier one.")
        if max(used) > first:
            raise NotYet(f"A validation starts on {first:%d %b}, and {max(used):%d %b} is in its training: sort the "
                         "days first.")
        if len(validation) != dates.isin(tested).sum():
            raise NotYet("A day of the validation is not complete: take all its flights.")
        if first <= last:
            raise NotYet("The validation of a pair must be later than that of the pair before.")
        may = {day for day in set(dates) if day < first - pd.Timedelta(days=gap)}
        if not may:
            raise NotYet(f"With gap={gap}, no day is left to train on before {first:%d %b}, where a validation starts.")
        if used != may or len(training) != dates.isin(may).sum():
            raise NotYet(f"With gap={gap}, a validation that starts on {first:%d %b} must train on all flights to "
                         f"{max(may):%d %b}. Yours trains on {len(training)} flights, to {max(used):%d %b}.")
        last = max(tested)


@exercise("5.2", hint="select first: top = predictions >= 0.5; then the mean of predictions[top] minus the mean of "
          "targets[top], without its sign. A threshold for a metric that should be small has greater_is_better=False",
          all_blank=True)
def check_top_gap(answer: Callable, demand: object) -> str:
    """A metric of the highest forecasts, and the threshold that fails a model for it."""
    if isinstance(answer, EvaluationMetric):
        raise NotYet("`top_gap` is what make_metric returns: give the function itself.")
    require_function(answer, _METRIC)
    late = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0]
    cases = [
        ("forecasts that are too low", [0.55, 0.6, 0.65, 0.2, 0.1, 0.4], 0.6 - 2 / 3),
        ("forecasts that are too high", [0.9, 0.2, 0.8, 0.9, 0.95, 0.3], 3.55 / 4 - 0.5),
        ("no forecast of 0.5 or more", [0.1, 0.2, 0.3, 0.4, 0.2, 0.1], 0.0),
        ("a forecast of exactly 0.5", [0.5, 0.1, 0.1, 0.1, 0.1, 0.1], -0.5),
        ("a forecast of 0.49999", [0.9, 0.2, 0.8, 0.9, 0.95, 0.49999], 3.55 / 4 - 0.5),
        ("a forecast of 1", [0.9, 0.2, 0.8, 0.1, 0.3, 1.0], 0.9 - 1 / 3),
    ]
    for what, forecasts, right in cases:
        given = call(_METRIC, answer, pd.Series(forecasts), pd.Series(late), {})
        value = read_number(given, f"{_METRIC}, with {what},")
        if is_close(value, right) and right < 0:
            raise NotYet(f"With {what} it returns {value:.3f}: the size of the gap has no sign.")
        if not is_close(value, abs(right)):
            raise NotYet(f"With {what} it returns {value:.3f} in place of {abs(right):.3f}. The forecasts are "
                         f"{forecasts}, and the labels {late}.")
    _check_demand(demand)
    return "A model now fails if its highest forecasts are wrong, even if its mean forecast is right."


def _check_demand(demand: object) -> None:
    """Raise NotYet unless a threshold passes .0499 and .05, and fails .0501, as MLflow itself decides."""
    if isinstance(demand, dict) and list(demand) == ["top_gap"]:
        demand = demand["top_gap"]
    if not isinstance(demand, MetricThreshold):
        raise NotYet(f"`top_demand` is {show(demand)}: write MetricThreshold(threshold=..., greater_is_better=...).")
    for value, passes in [(0.0, True), (0.0499, True), (0.05, True), (0.0501, False), (0.08, False)]:
        if _is_met(demand, value) != passes:
            raise NotYet(f"With `top_demand`, a model whose top_gap is {value:.4f} {'fails' if passes else 'passes'}: "
                         "it must pass up to 0.05, and fail above.")


def _is_met(demand: MetricThreshold, value: float) -> bool:
    """Return whether MLflow accepts a value of the metric, beside a baseline with a value that is twice as large."""
    result, baseline = (EvaluationResult({"top_gap": v}, {}) for v in (value, 2 * value))
    try:
        mlflow.validate_evaluation_results(
            candidate_result=result, baseline_result=baseline, validation_thresholds={"top_gap": demand})
    except ModelValidationFailedException:
        return False
    return True


@cache
def _score_march(model: str) -> pd.DataFrame:
    """Return March's labelled flights with the forecasts of a model as ``score``."""
    rows = read_month("2013-03")
    return rows.assign(score=mlflow.sklearn.load_model(model).predict_proba(rows[FEATURES])[:, 1])


def _cost(threshold: float, miss: float = _MISS, false_alarm: float = _FALSE_ALARM) -> pd.Series:
    """Return what each flight of March costs at a threshold."""
    rows = _score_march(find_model("trees"))
    called, late = rows["score"] >= threshold, rows[LABEL] == 1
    return miss * (late & ~called) + false_alarm * (called & ~late).astype(float)


def _find_interval(costs: pd.Series, block: int = 5) -> tuple[float, float]:
    """Return the 95 % interval of the mean of a cost per flight of March, from blocks of days."""
    return mean_interval(costs, _score_march(find_model("trees"))["date"], block=block)


def _find_cheapest() -> tuple[float, pd.Series]:
    """Return the threshold, of two decimals, that costs least on March, and what each flight costs at it."""
    thresholds = np.round(np.linspace(0, 1, 101), 2)
    costs = [_cost(t).mean() for t in thresholds]
    best = float(thresholds[int(np.argmin(costs))])
    return best, _cost(best)


@exercise("5.3", hint="FALSE_ALARM / (MISS + FALSE_ALARM) is the threshold; more = cost(march['score'], march[LABEL], "
          "threshold, 3, 2) - cost(march['score'], march[LABEL], 1.01, 3, 2) is the difference for each flight; "
          "monitoring.mean_interval(pd.Series(more, index=march.index), march['date']) is its interval", all_blank=True)
def check_threshold(threshold: object, low: object, high: object) -> str:
    """The threshold from the costs, and what it saves."""
    threshold, low, high = (read_number(value, name) for value, name in
                            [(threshold, "threshold"), (low, "low"), (high, "high")])
    if not is_close(threshold, _RULE):
        raise NotYet(f"`threshold` is {threshold:.4g}{_explain_threshold(threshold)}")
    _check_saving(low, high)
    saves = "it shows that yours saves" if _find_saving()[1] < 0 else "it does not show that yours saves"
    best, cheapest = _find_cheapest()
    more = _cost(_RULE) - cheapest
    least, most = _find_interval(more)
    told = ": March cannot tell them apart" if least <= 0 else ""
    return (f"Against the cheapest threshold of March, {best:.2f}, yours costs {more.mean():+.4f} per flight, 95 % "
            f"interval {least:.4f} to {most:.4f}{told}. Against calling no flight late, {saves}.")


def _explain_threshold(threshold: float) -> str:
    """Return what to look at where a threshold is not the one from the costs."""
    if not 0 <= threshold <= 1:
        return ", and a threshold lies between 0 and 1: is this the position in the list?"
    if is_close(threshold, 1 - _RULE):
        return ": which mistake costs 3, and which costs 2?"
    more = _cost(threshold) - _cost(_RULE)
    if more.mean() < 0:
        told = ", but March cannot tell them apart" if _find_interval(more)[1] >= 0 else ""
        return (f". On March it is cheaper than {_RULE}, the threshold from the costs{told}. A threshold that was "
                "searched on March was chosen by the flights that judge it.")
    return ", which is not the threshold from this user's costs: compute it from 3 and 2 alone, without any flights."


def _find_saving(prices: tuple[float, float] = (_MISS, _FALSE_ALARM), block: int = 5) -> tuple[float, float]:
    """Return the interval of what a flight costs at the threshold from the costs, minus if none is called late."""
    return _find_interval(_cost(_RULE, *prices) - _cost(1.01, *prices), block)


def _list_wrong(low: float, high: float, right: tuple[float, float]) -> list[str]:
    """Return the ends of an interval that are not the right ones, as far as other draws may differ."""
    near = 0.085 * (right[1] - right[0]) + 0.0005  # as another thousand draws may move an end; and rounding to 3 digits
    ends = {"low": (low, right[0]), "high": (high, right[1])}
    return [f"`{name}` is {given:.4f}" for name, (given, end) in ends.items() if abs(given - end) > near]


def _check_saving(low: float, high: float) -> None:
    """Raise NotYet unless an interval is the right one, from blocks of one day to a week."""
    if low > high:
        raise NotYet(f"The lower end, {low:.4f}, lies above the upper end, {high:.4f}.")
    if any(not _list_wrong(low, high, _find_saving(block=days)) for days in (1, 3, 5, 7)):
        return
    right, mean = _find_saving(), (_cost(_RULE) - _cost(1.01)).mean()
    if not _list_wrong(-high, -low, right):
        raise NotYet("The sign is the other way round: it is the cost at your threshold minus the cost if no flight "
                     "is called late, and a saving is negative.")
    if high - low < 0.6 * (right[1] - right[0]) and low < mean < high:
        raise NotYet(f"The interval, {low:.4f} to {high:.4f}, is too narrow: draw blocks of days, not flights.")
    for miss, false_alarm in [(5, 1), (_FALSE_ALARM, _MISS)]:  # the user of the section; the two swapped
        if not _list_wrong(low, high, _find_saving((miss, false_alarm))):
            raise NotYet(f"`low` and `high` are those for a miss at {miss} and a false alarm at {false_alarm}: this "
                         f"user's cost {_MISS} and {_FALSE_ALARM}.")
    raise NotYet(f"Not right: {' and '.join(_list_wrong(low, high, right))}. Take the difference for each flight of "
                 "March, at your threshold minus at a threshold above 1, with a miss at 3 and a false alarm at 2.")
