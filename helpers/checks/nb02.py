"""Checks of notebook 02."""
import mlflow
import pandas as pd

from helpers.checks.records import find_model, find_runs, read_month
from helpers.checks.registry import NotAttempted, NotYet, exercise
from helpers.features import FEATURES, LABEL
from helpers.monitoring import mean_interval


def _score_march() -> pd.DataFrame:
    """Return March's labelled flights with the forecasts of the run `trees` as ``score``."""
    rows = read_month("2013-03")
    return rows.assign(score=mlflow.pyfunc.load_model(find_model("trees")).predict(rows[FEATURES])[:, 1])


def _compare_to_base_rate() -> tuple[float, float]:
    """Return the interval of the difference of squared errors, trees minus base rate, on March."""
    scored = _score_march()
    forecast = float(find_runs("02-scratch", "base rate")[0].data.params["forecast"])
    difference = (scored["score"] - scored[LABEL]) ** 2 - (forecast - scored[LABEL]) ** 2
    return mean_interval(difference, scored["date"])


@exercise("2.1", hint="take the squared errors of both forecasts flight by flight, subtract, and give the difference "
          'and march["date"] to monitoring.mean_interval')
def check_interval_to_base_rate(low: float, high: float) -> str:
    """The day-block interval of the Brier difference between trees and base rate."""
    true_low, true_high = _compare_to_base_rate()
    near = 0.2 * (true_high - true_low)  # a quarter's worth of bootstrap noise is far less
    if low > high:
        raise NotYet(f"low, {low:.4f}, lies above high, {high:.4f}")
    if abs(low + true_high) < near and abs(high + true_low) < near:
        raise NotYet("the sign is the other way round: the difference is trees minus base rate, and less is better")
    if high - low < 0.6 * (true_high - true_low):
        raise NotYet("it is too narrow: were days drawn, or flights?")
    if high - low > 1.5 * (true_high - true_low):
        raise NotYet("it is too wide: a hard day is hard for both forecasts, so take the difference flight by flight")
    if abs(low - true_low) > near or abs(high - true_high) > near:
        raise NotYet("its width is right and its place is not: is it the difference, trees minus base rate, on March?")
    return f"On a new March the trees would still gain at least {-high:.3f}: this evidence is clear."


@exercise("2.2", hint='with mlflow.start_run(run_name="threshold", experiment_id=scratch): then mlflow.log_param '
          'and mlflow.log_metric; the share is (forecasts["trees"] >= 0.3).mean()')
def check_threshold_run() -> str:
    """A run in the scratch experiment with a parameter and a metric."""
    found = find_runs("02-scratch", "threshold")
    if not found:
        raise NotAttempted
    data, status = found[0].data, found[0].info.status
    if "threshold" not in data.params:
        where = "a metric" if "threshold" in data.metrics else "not in the run"
        raise NotYet(f"`threshold` is a choice, so it belongs to the parameters; it is {where}")
    if float(data.params["threshold"]) != 0.3:
        raise NotYet(f"the parameter `threshold` is {data.params['threshold']}, not 0.3")
    if "flagged" not in data.metrics:
        raise NotYet(f"the run has no metric `flagged`; its metrics are {sorted(data.metrics) or 'none'}")
    flagged, true = data.metrics["flagged"], float((_score_march()["score"] >= 0.3).mean())
    if flagged > 1:
        raise NotYet(f"`flagged` is {flagged:g}: a share lies between 0 and 1")
    if abs(flagged - true) > 0.001:
        raise NotYet(f"`flagged` is {flagged:.3f}: count the forecasts of at least 0.3, among all of March's flights")
    if status != "FINISHED":
        raise NotYet(f"the run is {status}: use `with`, or end it by mlflow.end_run()")
    return f"The store has it: {true:.1%} of March's flights would be flagged at 0.3."


@exercise("2.3", hint="a child carries its parent's id in the tag mlflow.parentRunId; join conditions with `and`, "
          'and order by "metrics.train_brier DESC"')
def check_children_below(ids: list[str]) -> str:
    """The children of the search below a Brier score, the largest training score first."""
    found = find_runs("02-scratch")
    parent = next(run.info.run_id for run in found if run.info.run_name == "search")
    children = [run for run in found if run.data.tags.get("mlflow.parentRunId") == parent]
    right = [run for run in children if run.data.metrics["brier"] < 0.153]
    right = [run.info.run_id for run in sorted(right, key=lambda run: -run.data.metrics["train_brier"])]
    if not set(ids) <= {run.info.run_id for run in found}:
        raise NotYet("not all of these are ids of runs in 02-scratch: take the column run_id, as a list")
    if set(ids) - {run.info.run_id for run in children}:
        raise NotYet("some of these runs are not children of the search: filter by the tag mlflow.parentRunId too")
    if set(ids) - set(right):
        raise NotYet("a child whose Brier score is 0.153 or more is among them: filter by metrics.brier")
    if set(right) - set(ids):
        raise NotYet(f"there are {len(right)} such children, and you have {len(ids)}")
    if list(ids) != right:
        raise NotYet("the order is not right: the largest train_brier comes first, so descending")
    return "The first is the simplest model that March cannot tell from the best."
