"""Checks of notebook 02."""
import contextlib
import json
from collections.abc import Iterable

import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import Run
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from helpers import paths
from helpers.checks.answers import is_close, is_rounded, read_names, read_number, show
from helpers.checks.records import find_attempt, find_latest, find_model, find_runs, read_month
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import FEATURES, LABEL
from helpers.monitoring import mean_interval

_WINTER = {"2013-01", "2013-02"}


def _score_march(model: str) -> pd.DataFrame:
    """Return March's labelled flights with the forecasts of a run's model as ``score``."""
    rows = read_month("2013-03")
    return rows.assign(score=mlflow.pyfunc.load_model(find_model(model)).predict(rows[FEATURES])[:, 1])


def _compare_to_base_rate(model: str) -> tuple[float, float, float]:
    """Return the mean and the interval of the difference of squared errors, a run's model minus base rate, on March."""
    scored = _score_march(model)
    forecast = float(find_latest("02-scratch", "base rate").data.params["forecast"])
    difference = (scored["score"] - scored[LABEL]) ** 2 - (forecast - scored[LABEL]) ** 2
    return float(difference.mean()), *mean_interval(difference, scored["date"])


def _read_interval(low: object, high: object) -> tuple[float, float]:
    """Return the ends of an interval; raise NotYet where they are none."""
    low, high = read_number(low, "low"), read_number(high, "high")
    if low > high:
        raise NotYet(f"The lower end, {low:.4f}, lies above the upper end, {high:.4f}.")
    return low, high


@exercise("2.1", hint="take the squared errors of both forecasts flight by flight and subtract; the mean is the "
          'difference, and monitoring.mean_interval of it and march["date"] gives low and high', all_blank=True)
def check_interval_to_base_rate(difference: object, low: object, high: object) -> str:
    """The Brier difference between trees and base rate, with its interval from blocks of five days."""
    difference, (low, high) = read_number(difference, "difference_to_base"), _read_interval(low, high)
    right, true_low, true_high = _compare_to_base_rate("trees")
    if is_close(difference, -right):
        raise NotYet("The sign is the other way round: the difference is trees minus base rate, and less is better.")
    if not is_close(difference, right, 0.0003):
        raise NotYet(f"`difference_to_base` is {difference:.4f}{_explain_difference(difference, right)}")
    if not low < difference < high:
        raise NotYet(f"`difference_to_base`, {difference:.4f}, does not lie between `low`, {low:.4f}, and `high`, "
                     f"{high:.4f}.")
    if fault := _explain_width((high - low) / (true_high - true_low)):
        raise NotYet(f"The interval from {low:.4f} to {high:.4f} is {fault}")
    if max(abs(low - true_low), abs(high - true_high)) > 0.1 * (true_high - true_low) + 0.0005:  # seeds, rounding
        raise NotYet(f"The interval from {low:.4f} to {high:.4f} is not at the right place: is it that of the "
                     "difference, trees minus base rate, on March, with the quantiles .025 and .975?")
    return f"On days like those of March the trees gain at least {-high:.3f}: this evidence is clear."


def _explain_difference(difference: float, right: float) -> str:
    """Return what is wrong with a difference that is not the right one."""
    if is_rounded(difference, right):
        return ", which is rounded too far: give at least three decimals."
    if is_close(difference, _compare_to_base_rate("logistic")[0], 0.0003):
        return ". This is the logistic model minus the base rate: take the forecasts of the trees."
    return (", which is not the Brier score of the trees on March minus that of `base_rate`: average the squared "
            "errors of both over all flights, not day by day.")


def _explain_width(times: float) -> str:
    """Return what may be wrong with an interval so many times as wide as the right one, or nothing."""
    if times < 0.6:
        return "too narrow: were blocks of days drawn, or flights?"
    if times < 0.89:
        return ("too narrow: a 95 % interval goes from the quantile .025 to the quantile .975, and each block has "
                "five days.")
    if times > 1.5:
        return "too wide: a hard day is hard for both forecasts, so take the difference flight by flight."
    if times > 1.09:
        return ("wider than blocks of five days and the quantiles .025 and .975 give: were single days drawn? In "
                "blocks of your own, a block that reaches the end of March goes on at its beginning; draw at least "
                "1,000 times.")
    return ""


@exercise("2.2", hint='inside mlflow.start_run(run_name="mine", experiment_id=scratch): log_param, log_input of each '
          "month, fit, log_metrics with the ends of monitoring.mean_interval of the squared errors, and "
          'mlflow.sklearn.log_model as in `train`, with pyfunc_predict_fn="predict_proba"')
def check_own_model() -> str:
    """A run of the reader's own with parameter, datasets, metric with its interval, and a model with a signature."""
    run = find_attempt("02-scratch", "mine")
    brier, low, high = _read_parts(run)
    rows = read_month("2013-03")
    p = _forecast(run, rows)
    error = (p - rows[LABEL]) ** 2
    if not is_close(brier, error.mean()):
        said = f"`brier` is {brier:.4f}, but your model from the store has {error.mean():.4f} on March"
        raise NotYet(f"{said}: {_explain_score(brier, (1 - p - rows[LABEL]) ** 2, len(run.outputs.model_outputs))}")
    true_low, true_high = mean_interval(error, rows["date"])
    if not 0.87 < (high - low) / (true_high - true_low) < 1.13:
        raise NotYet(f"The interval from {low:.4f} to {high:.4f} is not as wide as blocks of five days and the "
                     "quantiles .025 and .975 make it: use monitoring.mean_interval.")
    if max(abs(low - true_low), abs(high - true_high)) > 0.1 * (true_high - true_low) + 0.0005:
        raise NotYet("The interval is not that of the Brier score on March: use the squared errors of March.")
    return f"The store has all of it: a model with a Brier score of {brier:.3f} ({low:.3f} to {high:.3f}) on March."


def _read_parts(run: Run) -> tuple[float, float, float]:
    """Return a run's Brier score and the ends of its interval; raise NotYet that names the first missing part."""
    if run.info.status == "RUNNING":
        raise NotYet("The latest run `mine` is still open: call mlflow.end_run(), then log the run anew, in a `with` "
                     "block.")
    if run.info.status != "FINISHED":
        raise NotYet(f"The run is {run.info.status}: use `with`, and repeat it until no line in it raises an error.")
    if not run.data.params:
        raise NotYet("The run has no parameter: log at least one setting with mlflow.log_param.")
    _require_winter(run)
    if missing := [name for name in ("brier", "brier_low", "brier_high") if name not in run.data.metrics]:
        raise NotYet(f"The run has no metric `{missing[0]}`; its metrics are {sorted(run.data.metrics) or 'none'}.")
    brier, low, high = (run.data.metrics[name] for name in ("brier", "brier_low", "brier_high"))
    if not low < brier < high:
        raise NotYet(f"`brier` is {brier:.4f}, and does not lie between `brier_low`, {low:.4f}, and `brier_high`, "
                     f"{high:.4f}.")
    if not run.outputs.model_outputs:
        raise NotYet("The run has no model: log it inside the `with` block, with mlflow.sklearn.log_model.")
    return brier, low, high


def _require_winter(run: Run) -> None:
    """Raise NotYet where the datasets of a run's training are not the flights of January and February."""
    contexts = [(item.dataset, {tag.key: tag.value for tag in item.tags}.get(MLFLOW_DATASET_CONTEXT))
                for item in run.inputs.dataset_inputs]
    used = [data for data, context in contexts if context == "training"]
    if not used:
        found = ", ".join(f"{data.name} with {context or 'none'}" for data, context in contexts)
        raise NotYet("The run names no dataset of the training, which has the context `training`"
                     f'{found and f" (found: {found})"}: log each month that you trained on with '
                     'mlflow.log_input(data[month], context="training").')
    names = {data.name for data in used}
    if "2013-03" in names:
        raise NotYet("March is among the datasets of the training, and you validate on March: train on January and "
                     "February, and log these two.")
    if len(names) == 1 and names < _WINTER:
        raise NotYet(f"Of the two months of the training, the run names only {', '.join(names)}: log both.")
    rows = _count_rows([data.profile for data in used])
    if rows not in _count_winter() and (rows or names != _WINTER):
        raise NotYet(f"The datasets of the training ({', '.join(sorted(names))}) have {rows or 'an unknown number of'} "
                     f"rows, and January and February have {_count_winter()[0]:,} flights with a label: train on these "
                     "two months, and log them.")


def _count_rows(profiles: list[str]) -> int:
    """Return how many rows datasets have by their profiles, which are JSON; 0 where one of them does not tell it."""
    with contextlib.suppress(Exception):
        told = [json.loads(profile) for profile in profiles]
        return sum(one["num_rows"] if "num_rows" in one else one["features_shape"][0] for one in told)
    return 0


def _count_winter() -> tuple[int, int]:
    """Return how many flights of January and February have a label, and how many there are in all."""
    late = pd.concat([pd.read_parquet(paths.PREPARED / f"{month}.parquet", columns=[LABEL]) for month in _WINTER])
    return int(late[LABEL].count()), len(late)


def _explain_score(brier: float, other_column: pd.Series, models: int) -> str:
    """Return why a Brier score may be another than that of the model, with the squared errors of its other column."""
    if is_close(brier, other_column.mean()):
        return "the last column that a model returns must be the probability of being late."
    if models > 1:
        return f"the run has {models} models, and the last one is scored, so log only the one that you measured."
    return "score March with the probabilities of the model that you log."


def _forecast(run: Run, rows: pd.DataFrame) -> np.ndarray:
    """Return the probabilities that a run's latest model, of any flavor, gives; raise NotYet where it gives none."""
    address = f"models:/{run.outputs.model_outputs[-1].model_id}"
    try:
        signature = mlflow.models.get_model_info(address).signature
    except Exception as error:
        raise NotYet(f"The model cannot be found in the store ({describe(error)}): log it again.") from None
    if signature is None or signature.inputs is None:
        raise NotYet("The model has no signature: give log_model the argument signature=SIGNATURE.")
    try:
        answer = mlflow.pyfunc.load_model(address).predict(rows[FEATURES])
    except Exception as error:
        raise NotYet(f"The model, loaded from the store, cannot score March's flights: {describe(error)}.") from None
    return _read_probabilities(answer, len(rows))


def _read_probabilities(answer: object, rows: int) -> np.ndarray:
    """Return the probabilities of late flights in what a model answers; raise NotYet where there are none."""
    p = np.empty(0)
    with contextlib.suppress(Exception):
        p = np.asarray(answer, dtype=float)
        p = p[:, -1] if p.ndim == 2 and p.shape[1] in (1, 2) else p
    if p.shape != (rows,):
        found = f"{p.size:,} numbers" if p.ndim and p.size else show(answer)
        raise NotYet(f"For {rows:,} flights of March the model answers with {found}, and not with one probability of "
                     "being late for each.")
    if missing := np.isnan(p).sum():
        raise NotYet(f"Of the {rows:,} probabilities that the model returns for March, {missing:,} are missing.")
    if p.min() < 0 or p.max() > 1:
        raise NotYet(f"The model answers with numbers from {p.min():.3g} to {p.max():.3g}: a probability lies between "
                     "0 and 1.")
    if set(np.unique(p)) <= {0, 1}:
        raise NotYet("The model answers 0 or 1, not probabilities: give log_model the argument "
                     'pyfunc_predict_fn="predict_proba".')
    return p


@exercise("2.3", hint="a child carries its parent's id in the tag mlflow.parentRunId; join conditions with `and`, "
          'and order by "metrics.low ASC"')
def check_children_below(ids: Iterable[str]) -> str:
    """The children of the search below a Brier score, the lowest end of the interval first."""
    if any(isinstance(one, Run) for one in (ids if isinstance(ids, list | tuple) else [])):
        raise NotYet("`ids` holds runs: take run.info.run_id of each, or the column run_id of a table.")
    given, parent, found = read_names(ids, "ids"), find_latest("02-scratch", "search"), find_runs("02-scratch")
    children = [run for run in found if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    right = [run for run in children if run.data.metrics.get("brier", 1) < 0.173]
    right = [run.info.run_id for run in sorted(right, key=lambda run: run.data.metrics.get("low", 0))]
    if strange := [one for one in given if one not in {run.info.run_id for run in found}]:
        raise NotYet(f"{show(strange[0])} is not the id of a run in 02-scratch: take the column run_id, as a list.")
    if set(given) - {run.info.run_id for run in children}:
        raise NotYet("Some of these runs are not children of the search: filter by the tag mlflow.parentRunId too.")
    if set(given) - set(right):
        raise NotYet("There is a child whose Brier score is 0.173 or more among them: filter by metrics.brier.")
    if sorted(given) != sorted(right):
        raise NotYet(f"There are {len(right)} such children, each once, and the length of `ids` is {len(given)}.")
    if isinstance(ids, set | frozenset):
        raise NotYet("These are the right children, but a set has no order: give a list.")
    if given != right:
        raise NotYet("The order is not right: the smallest `low` comes first, so order by metrics.low, ascending.")
    return ("On February, no setting in this list differs significantly from the one in use. The interval of the "
            "first one leaves room for the largest gain.")
