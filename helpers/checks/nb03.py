"""Checks of notebook 03."""
import contextlib
import itertools
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from mlflow.entities import Dataset, DatasetInput, InputTag, Run, RunData, RunInfo, RunInputs
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from helpers.checks.answers import call, require_function, show
from helpers.checks.records import connect, find_attempt, find_latest, find_runs, read_month
from helpers.checks.registry import NotAttempted, NotYet, describe, exercise
from helpers.features import FEATURES, LABEL


@exercise("3.1", hint='mlflow.projects.run(str(project), entry_point="evaluate", parameters={"model_uri": model_uri, '
          '"month": "2013-05"}, env_manager="local", experiment_name="03-projects", run_name="may")')
def check_may() -> str:
    """A run of the entry point evaluate, by the name `may`."""
    run = _find_may()
    params = run.data.params
    if run.data.tags.get("mlflow.project.entryPoint") != "evaluate":
        raise NotYet("The latest run `may` was not made by the entry point evaluate of the project.")
    if run.info.status == "RUNNING":
        raise NotYet("The latest run `may` is RUNNING: wait until it has ended, then check again.")
    if run.info.status != "FINISHED":
        raise NotYet(f"The latest run `may` is {run.info.status}, with model_uri {show(params.get('model_uri'))} and "
                     f"month {show(params.get('month'))}: {run.data.tags.get('error', 'look at done.stderr')}")
    if (month := params.get("month", "no month")) != "2013-05":
        raise NotYet(f"It evaluated {month}: the parameter `month` decides; it has a default.")
    if params.get("model_uri") not in _list_addresses():
        raise NotYet(f"It evaluated another model, {show(params.get('model_uri'))}, than that of the run `first`: pass "
                     "model_uri as it is.")
    if "auc" not in run.data.metrics:
        raise NotYet("The run has no metric `auc`, which the project's evaluate.py logs: run evaluate.py as it is.")
    return f"On May the model has an AUC of {run.data.metrics['auc']:.3f}."


def _find_may() -> Run:
    """Return the latest run `may`; raise NotYet where May was evaluated under another name."""
    with contextlib.suppress(NotAttempted):
        return find_attempt("03-projects", "may")
    for run in find_runs("03-projects"):
        alone = "mlflow.parentRunId" not in run.data.tags  # `main` evaluates May too
        called = (run.data.tags.get("mlflow.project.entryPoint"), run.data.params.get("month"))
        if alone and called == ("evaluate", "2013-05"):
            raise NotYet(f"The run that evaluated May has the name {show(run.info.run_name)}: its name must be `may`, "
                         "so run it again with this name.")
    raise NotAttempted


def _list_addresses() -> list[str]:
    """Return the addresses of the scikit-learn form of the model that the run `first` has logged."""
    first = find_latest("03-projects", "first")
    models = [connect().get_logged_model(made.model_id) for made in first.outputs.model_outputs]
    own = next(model.model_id for model in models if model.name == "model")
    return [f"models:/{own}", f"runs:/{first.info.run_id}/model"]


@exercise("3.2", hint="compare `trees` with `build_trees` in project/train.py: which setting is there and not here? "
          "The documentation says what its default draws at random")
def check_free_of_order(trees: Callable, changes: Mapping[str, object]) -> str:
    """Settings with which neither the seed nor the order of the rows matters."""
    if not isinstance(changes, Mapping) or not all(isinstance(name, str) for name in changes):
        raise NotYet(f"`changes` is {show(changes)}: write a dictionary of settings, such as {{'max_iter': 100}}.")
    if {"random_state", "seed"} & set(changes):
        raise NotYet("With a fixed seed the order of the rows still matters, and a fixed seed hides the question: "
                     "leave the seed alone.")
    if not changes:
        raise NotYet("`changes` is empty: name the setting that you change, and its value.")
    rows, told = read_month("2013-01"), f"With `changes` as {show(dict(changes))},"
    first = _fit_and_predict(trees, 0, changes, rows)
    if len(set(first)) < 100:
        raise NotYet(f"{told} these trees hardly tell one flight from another: keep them learning, tree after tree.")
    if (first != _fit_and_predict(trees, 1, changes, rows)).any():
        raise NotYet(f"{told} another seed still gives another model: what is drawn at random in a fit, and for what?")
    for seed in (1, 2):
        if (first != _fit_and_predict(trees, 0, changes, rows.sample(frac=1, random_state=seed))).any():
            raise NotYet(f"{told} another order of the rows still gives another model.")
    if changes.get("validation_fraction", 0) is None and _may_stop(changes):
        raise NotYet(f"{told} nothing is drawn, but the trees may stop before max_iter, by their score on the flights "
                     "that they learn from.")
    return "Nothing is held back, so nothing is drawn. The price: only max_iter decides when to stop."


def _may_stop(changes: Mapping[str, object]) -> bool:
    """Return whether settings leave early stopping on: it is on by default for so many rows."""
    given = changes.get("early_stopping", "auto")
    return bool(given) if isinstance(given, bool | np.bool_) else True


def _fit_and_predict(trees: Callable, seed: int, changes: Mapping[str, object], rows: pd.DataFrame) -> np.ndarray:
    """Return the probabilities of some flights, from trees with some settings changed, fitted on all of them."""
    called = f"Fitting trees({seed}, **changes), with `changes` as {show(dict(changes))},"
    model = call(called, trees, seed, **changes)
    call(called, model.fit, rows[FEATURES], rows[LABEL])
    return model.predict_proba(rows.sort_index()[FEATURES].head(5000))[:, 1]


def _make_run(status: str, contexts: Mapping[str, tuple[str, ...]]) -> Run:
    """Return a run of a status with datasets of some contexts, named by month, as the store has it."""
    pairs = [(month, context) for context, months in contexts.items() for month in months]
    inputs = [
        DatasetInput(Dataset(month, f"digest of {month}", "local", "{}"), [InputTag(MLFLOW_DATASET_CONTEXT, context)])
        for month, context in pairs
    ]
    info = RunInfo("0" * 32, "0", "reader", status, 0, 1, "active", run_name="a run of the check")
    return Run(info, RunData(), RunInputs(inputs))


_QUARTER = {"training": ("2013-01", "2013-02", "2013-03")}
_MAY_EVALUATE = [  # datasets of a run by context, a month, and whether the run's model may be evaluated on it
    (_QUARTER, "2013-01", False),
    (_QUARTER, "2013-03", False),
    (_QUARTER, "2013-04", True),
    ({"training": ("2013-04", "2013-06")}, "2013-06", False),
    ({"training": ("2013-04", "2013-06")}, "2013-05", True),
    ({"training": ("2013-04", "2013-06")}, "2013-01", True),
    ({"training": ("2013-01", "2013-02"), "validation": ("2013-03",)}, "2013-03", True),
    ({"validation": ("2013-03",), "training": ("2013-01", "2013-02")}, "2013-02", False),
    ({"validation": ("2013-03",), "training": ("2013-01", "2013-02")}, "2013-04", True),
    ({"training": ("2013-02", "2013-03"), "validation": ("2013-03",)}, "2013-03", False),
    ({"validation": ("2013-03",), "training": ("2013-02", "2013-03")}, "2013-03", False),
    ({"training": ("2013-01",)}, "2013-02", True),
    ({"training": ("2013-01",)}, "2013-01", False),
    ({"training": ("2013-11", "2013-12")}, "2014-01", True),
    ({"evaluation": ("2013-04",)}, "2013-05", False),
    ({}, "2013-05", False),
]


@exercise("3.3", hint="collect item.dataset.name for each item in run.inputs.dataset_inputs that has a tag with the "
          "value `training`; an empty collection means that nobody knows what the model was trained on")
def check_may_evaluate(answer: Callable[[Run, str], bool]) -> str:
    """A rule that keeps a model from being evaluated on a month that it was trained on."""
    require_function(answer, "may_evaluate(run, month)")
    for status, (contexts, month, right) in itertools.product(["FINISHED", "FAILED"], _MAY_EVALUATE):
        of = "; ".join(f"{context}: {', '.join(months)}" for context, months in contexts.items())
        what = f'For a {status} run with {f"the datasets ({of})" if of else "no dataset"} and the month "{month}"'
        given = _read_truth(_ask(answer, _make_run(status, contexts), month, what), what)
        if given != right:
            raise NotYet(f"{what}, it answers {given}: {_explain(contexts, month)}")
    return "A month of the training is refused, and so is a model of which nobody knows what it was trained on."


def _ask(rule: Callable[[Run, str], bool], run: Run, month: str, what: str) -> object:
    """Return what a reader's rule answers; raise NotYet, with a call that can be tried, where it raises."""
    try:
        return rule(run, month)
    except (Exception, SystemExit) as error:
        raise NotYet(f"{what}, may_evaluate(run, month) raises {describe(error)}. This run is not in the store: look "
                     'at `run` itself. Try may_evaluate(run_named("trees", "late-flights"), "2013-03") in a cell.'
                     ) from None


def _read_truth(given: object, what: str) -> bool:
    """Return an answer that is True or False and counts so in an `if`, as a NumPy value too; raise NotYet if not."""
    with contextlib.suppress(Exception):
        value = np.asarray(given).item()
        if isinstance(value, bool | int) and value in (0, 1) and bool(given) == value:
            return bool(value)
    raise NotYet(f"{what}, it returns {show(given)}: return True or False, for in an `if` a text or a list counts as "
                 "True.")


def _explain(contexts: Mapping[str, tuple[str, ...]], month: str) -> str:
    """Return what decides a case."""
    trained = contexts.get("training", ())
    if not trained:
        return "without training data on record nobody knows whether the model has seen the month, so return False."
    if month in trained:
        return "the model was trained on this month."
    if month in sum(contexts.values(), ()):
        return "this dataset has another context than `training`: the model was not trained on it."
    return "the model was not trained on this month."
