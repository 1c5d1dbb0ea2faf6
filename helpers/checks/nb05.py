"""Checks of notebook 05."""
from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import EvaluationResult, MetricThreshold
from mlflow.models.evaluation.validation import ModelValidationFailedException

from helpers.checks.answers import call, is_close, read_number, require_function, show
from helpers.checks.records import find_model, read_month
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES, LABEL
from helpers.monitoring import mean_interval

_SPLIT = "split(dates, n_splits, gap)"
_METRIC = "top_gap(predictions, targets, metrics)"
_MISS, _FALSE_ALARM = 3, 2


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
        given = call(_SPLIT, answer, dates.copy(), n_splits, gap)
        if given is None:
            raise NotYet("It returns None: end the function with `return` and the list of pairs.")
        found = call(_SPLIT, lambda given=given: list(islice(given, 100)))
        if len(found) != n_splits:
            raise NotYet(f"With n_splits={n_splits} it returns {len(found)} pairs: return a list of {n_splits}.")
        _check_pairs([_read_pair(pair, len(dates)) for pair in found], dates, gap)
    return "No day is on both sides, and no label is used before it could be known."


def _read_pair(pair: object, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of a pair, given as numbers or as True and False for each row; raise NotYet for others."""
    try:
        parts = [np.asarray(part) for part in pair]
        parts = [np.flatnonzero(part) if part.dtype == bool and len(part) == rows else part for part in parts]
        training, validation = (part.astype(int) for part in parts if np.issubdtype(part.dtype, np.integer))
    except Exception:
        raise NotYet("Each element of the list must be a pair (training, validation) of row positions, such as "
                     f"(array([0, 2]), array([1])). One is {show(pair)}.") from None
    everything = np.concatenate([training, validation])
    if not len(training) or not len(validation) or everything.min() < 0 or everything.max() >= rows:
        raise NotYet(f"A part is empty, or has positions that are not in 0 to {rows - 1}: give positions, not labels "
                     "of the index.")
    if len(set(training)) < len(training) or len(set(validation)) < len(validation):
        raise NotYet("A position occurs twice in one part: give each flight once.")
    return training, validation


def _check_pairs(pairs: list[tuple[np.ndarray, np.ndarray]], dates: pd.Series, gap: int) -> None:
    """Raise NotYet for the first pair that divides a day, is not in order, or trains on other days than it may."""
    last = pd.Timestamp.min
    for training, validation in pairs:
        used, tested = (set(dates.iloc[part]) for part in (training, validation))
        first = min(tested)
        if used & tested:
            raise NotYet(f"{min(used & tested):%d %b} is in both parts: split the days, then take their flights. "
                         "The flights come in any order.")
        if max(used) > first:
            raise NotYet(f"A validation starts on {first:%d %b}, and {max(used):%d %b} is in its training: sort the "
                         "days first.")
        if len(validation) != dates.isin(tested).sum():
            raise NotYet("A day of the validation is not complete: take all its flights.")
        if first <= last:
            raise NotYet("The validation of a pair must be later than that of the pair before.")
        may = {day for day in set(dates) if day < first - pd.Timedelta(days=gap)}
        if used != may or len(training) != dates.isin(may).sum():
            raise NotYet(f"With gap={gap}, a validation that starts on {first:%d %b} must train on all flights to "
                         f"{max(may):%d %b}. Yours trains on {len(training)} flights, to {max(used):%d %b}.")
        last = max(tested)


@exercise("5.2", hint="select first: top = predictions >= 0.5; then the mean of predictions[top] minus the mean of "
          "targets[top], without its sign. A threshold for a metric that should be small has greater_is_better=False",
          all_blank=True)
def check_top_gap(answer: Callable, demand: object) -> str:
    """A metric of the highest forecasts, and the threshold that fails a model for it."""
    require_function(answer, _METRIC)
    late, low = pd.Series([1.0, 1.0, 0.0, 1.0, 0.0, 0.0]), pd.Series([0.1, 0.2, 0.3, 0.4, 0.2, 0.1])
    cases = [
        ("forecasts that are too low", pd.Series([0.55, 0.6, 0.65, 0.2, 0.1, 0.4]), 0.6 - 2 / 3),
        ("forecasts that are too high", pd.Series([0.9, 0.2, 0.8, 0.9, 0.95, 0.499]), 3.55 / 4 - 0.5),
        ("no forecast of 0.5 or more", low, 0.0),
        ("a forecast of exactly 0.5", pd.Series([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]), -0.5),
    ]
    for what, forecasts, right in cases:
        value = read_number(call(_METRIC, answer, forecasts.copy(), late.copy(), {}), f"{_METRIC}, with {what},")
        if is_close(value, right) and right < 0:
            raise NotYet(f"With {what} it returns {value:.3f}: the size of the gap has no sign.")
        if not is_close(value, abs(right)):
            raise NotYet(f"With {what} it returns {value:.3f} in place of {abs(right):.3f}.")
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


def _find_interval(costs: pd.Series) -> tuple[float, float]:
    """Return the 95 % interval of the mean of a cost per flight of March, from blocks of days."""
    return mean_interval(costs, _score_march(find_model("trees"))["date"])


def _find_cheapest() -> tuple[float, pd.Series]:
    """Return the threshold, of two decimals, that costs least on March, and what each flight costs at it."""
    thresholds = np.round(np.linspace(0, 1, 101), 2)
    costs = [_cost(t).mean() for t in thresholds]
    best = float(thresholds[int(np.argmin(costs))])
    return best, _cost(best)


@exercise("5.3", hint="FALSE_ALARM / (MISS + FALSE_ALARM) is a threshold; more = cost(march['score'], march[LABEL], "
          "threshold, 3, 2) - cost(march['score'], march[LABEL], 1.01, 3, 2) is the difference for each flight; "
          "monitoring.mean_interval(pd.Series(more, index=march.index), march['date']) is its interval", all_blank=True)
def check_threshold(threshold: object, low: object, high: object) -> str:
    """A threshold that March cannot tell from the cheapest, and what it saves."""
    threshold, low, high = (read_number(value, name) for value, name in
                            [(threshold, "threshold"), (low, "low"), (high, "high")])
    if not 0 <= threshold <= 1:
        raise NotYet(f"`threshold` is {threshold:g}, and a threshold lies between 0 and 1: is this the position in "
                     "the list?")
    best, cheapest = _find_cheapest()
    costs = _cost(threshold)
    (least, most), more = _find_interval(costs - cheapest), (costs - cheapest).mean()
    if least > 0:
        raise NotYet(f"At {threshold:.2f} a flight costs {costs.mean():.3f}, which is {more:.3f} more than at the "
                     f"cheapest threshold of March, 95 % interval {least:.3f} to {most:.3f}: March shows that it is "
                     "more expensive. Which mistake costs 3, and which costs 2?")
    saved = _find_interval(costs - _cost(1.01))
    _check_saving(low, high, saved)
    saves = "it shows that yours saves" if saved[1] < 0 else "it does not show that yours saves"
    return (f"Against the cheapest threshold of March, {best:.2f}, yours costs {more:+.4f} per flight, 95 % interval "
            f"{least:.4f} to {most:.4f}: March cannot tell them apart. Against calling no flight late, {saves}.")


def _check_saving(low: float, high: float, right: tuple[float, float]) -> None:
    """Raise NotYet unless an interval is the right one, as far as other draws may differ."""
    width = right[1] - right[0]
    near = 0.085 * width + 0.0005  # what another thousand draws may move an end by, and rounding to three digits
    if low > high:
        raise NotYet(f"The lower end, {low:.4f}, lies above the upper end, {high:.4f}.")
    if max(abs(low + right[1]), abs(high + right[0])) < near:
        raise NotYet("The sign is the other way round: it is the cost at your threshold minus the cost if no flight "
                     "is called late, and a saving is negative.")
    if high - low < 0.6 * width:
        raise NotYet("The interval is too narrow: draw blocks of days, not flights.")
    if max(abs(low - right[0]), abs(high - right[1])) > near:
        raise NotYet("The interval is not right: is it the difference for each flight of March, at your threshold "
                     "minus at a threshold above 1, with a miss at 3 and a false alarm at 2?")
