"""Checks of notebook 02."""
from collections.abc import Iterable

import mlflow
import numpy as np
import pandas as pd

from helpers.checks.answers import is_close, read_names, read_number
from helpers.checks.records import find_attempt, find_latest, find_model, find_runs, read_month
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES, LABEL
from helpers.monitoring import mean_interval


def _score_march(model: str) -> pd.DataFrame:
    """Return March's labelled flights with the forecasts of a run's model as ``score``."""
    rows = read_month("2013-03")
    return rows.assign(score=mlflow.pyfunc.load_model(find_model(model)).predict(rows[FEATURES])[:, 1])


def _compare_to_base_rate(model: str) -> tuple[float, float]:
    """Return the interval of the difference of squared errors, a run's model minus base rate, on March."""
    scored = _score_march(model)
    forecast = float(find_latest("02-scratch", "base rate").data.params["forecast"])
    difference = (scored["score"] - scored[LABEL]) ** 2 - (forecast - scored[LABEL]) ** 2
    return mean_interval(difference, scored["date"])


@exercise("2.1", hint="take the squared errors of both forecasts flight by flight, subtract, and give the difference "
          'and march["date"] to monitoring.mean_interval', all_blank=True)
def check_interval_to_base_rate(low: object, high: object) -> str:
    """The day-block interval of the Brier difference between trees and base rate."""
    low, high = read_number(low, "low"), read_number(high, "high")
    if low > high:
        raise NotYet(f"The lower end, {low:.4f}, lies above the upper end, {high:.4f}.")
    true_low, true_high = _compare_to_base_rate("trees")
    width = true_high - true_low
    near = 0.085 * width + 0.0005  # what another thousand draws may move an end by, and rounding to three digits
    off = max(abs(low - true_low), abs(high - true_high))
    if max(abs(low + true_high), abs(high + true_low)) < near:
        raise NotYet("The sign is the other way round: the difference is trees minus base rate, and less is better.")
    if np.abs(np.subtract((low, high), _compare_to_base_rate("logistic"))).max() < min(off, 0.0006):
        raise NotYet("This is the interval of the logistic model minus the base rate: take the forecasts of the trees.")
    if high - low < 0.6 * width:
        raise NotYet("It is too narrow: were days drawn, or flights?")
    if high - low < 0.89 * width:
        raise NotYet("It is too narrow: a 95 % interval goes from the quantile .025 to the quantile .975.")
    if high - low > 1.5 * width:
        raise NotYet("It is too wide: a hard day is hard for both forecasts, so take the difference flight by flight.")
    if off > near:
        raise NotYet("Its place or width is not right: is it the difference, trees minus base rate, on March, with "
                     "the quantiles .025 and .975?")
    return f"On a new March the trees would still gain at least {-high:.3f}: this evidence is clear."


@exercise("2.2", hint='with mlflow.start_run(run_name="threshold", experiment_id=scratch): then mlflow.log_param '
          'and mlflow.log_metric; the share is (forecasts["trees"] >= 0.3).mean()')
def check_threshold_run() -> str:
    """A run in the scratch experiment with a parameter and a metric."""
    run = find_attempt("02-scratch", "threshold")
    data, status = run.data, run.info.status
    if "threshold" not in data.params:
        where = "a metric" if "threshold" in data.metrics else "not in the run"
        raise NotYet(f"`threshold` is a choice, so it belongs to the parameters; it is {where}.")
    if not is_close(read_number(data.params["threshold"], "threshold"), 0.3, 1e-9):
        raise NotYet(f"The parameter `threshold` is {data.params['threshold']}, not 0.3.")
    if "flagged" not in data.metrics:
        raise NotYet(f"The run has no metric `flagged`; its metrics are {sorted(data.metrics) or 'none'}.")
    flagged, true = data.metrics["flagged"], float((_score_march("trees")["score"] >= 0.3).mean())
    if not 0 <= flagged <= 1:
        raise NotYet(f"`flagged` is {flagged:g}: a share lies between 0 and 1.")
    if not is_close(flagged, true):
        raise NotYet(f"`flagged` is {flagged:.3f}: count the forecasts of at least 0.3, among all of March's flights.")
    if status != "FINISHED":
        raise NotYet(f"The run is {status}: use `with`, or end it by mlflow.end_run().")
    return f"The store has it: {true:.1%} of March's flights would be flagged at 0.3."


@exercise("2.3", hint="a child carries its parent's id in the tag mlflow.parentRunId; join conditions with `and`, "
          'and order by "metrics.train_brier DESC"')
def check_children_below(ids: Iterable[str]) -> str:
    """The children of the search below a Brier score, the largest training score first."""
    given, parent, found = read_names(ids, "ids"), find_latest("02-scratch", "search"), find_runs("02-scratch")
    children = [run for run in found if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    right = [run for run in children if run.data.metrics.get("brier", 1) < 0.153]
    right = [run.info.run_id for run in sorted(right, key=lambda run: -run.data.metrics.get("train_brier", 0))]
    if not set(given) <= {run.info.run_id for run in found}:
        raise NotYet("Not all of these are ids of runs in 02-scratch: take the column run_id, as a list.")
    if set(given) - {run.info.run_id for run in children}:
        raise NotYet("Some of these runs are not children of the search: filter by the tag mlflow.parentRunId too.")
    if set(given) - set(right):
        raise NotYet("There is a child whose Brier score is 0.153 or more among them: filter by metrics.brier.")
    if sorted(given) != sorted(right):
        raise NotYet(f"There are {len(right)} such children, each once, and you have {len(given)} ids.")
    if isinstance(ids, set | frozenset):
        raise NotYet("These are the right children, but a set has no order: give a list.")
    if given != right:
        raise NotYet("The order is not right: the largest train_brier comes first, so descending.")
    return "The first is the simplest model that March cannot tell from the best."
