"""Checks of notebook 03."""
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from helpers.checks.records import connect, find_runs, read_month
from helpers.checks.registry import NotAttempted, NotYet, exercise
from helpers.features import FEATURES, LABEL


@exercise("3.1", hint='mlflow.projects.run(str(project), entry_point="evaluate", parameters={"model_uri": model_uri, '
          '"month": "2013-05"}, env_manager="local", experiment_name="03-projects", run_name="may")')
def check_may() -> str:
    """A run of the entry point evaluate, by the name `may`."""
    found = find_runs("03-projects", "may")
    if not found:
        raise NotAttempted
    run = found[0]
    if run.data.tags.get("mlflow.project.entryPoint") != "evaluate":
        raise NotYet("the latest run `may` was not made by the entry point evaluate of the project")
    if run.info.status != "FINISHED":
        raise NotYet(f"the run is {run.info.status}: {run.data.tags.get('error', 'look at what it printed')}")
    if run.data.params["month"] != "2013-05":
        raise NotYet(f"it evaluated {run.data.params['month']}: the parameter `month` decides, and has a default")
    if run.data.params["model_uri"] != f"models:/{_find_scikit_learn_form()}":
        raise NotYet("it evaluated another model than that of the run `first`: pass model_uri as it is")
    return f"On May the model has an AUC of {run.data.metrics['auc']:.3f}."


def _find_scikit_learn_form() -> str:
    """Return the id of the scikit-learn form of the model that the run `first` has logged."""
    first = find_runs("03-projects", "first")[0]
    models = [connect().get_logged_model(made.model_id) for made in first.outputs.model_outputs]
    return next(model.model_id for model in models if model.name == "model")


@exercise("3.2", hint="the seed chooses which tenth of the rows is held back to decide on stopping early; "
          "look for the argument that says whether to stop early")
def check_free_of_order(trees: Callable, changes: dict) -> str:
    """Settings with which neither the seed nor the order of the rows matters."""
    if not isinstance(changes, dict):
        raise NotYet("write a dictionary of settings, such as {'max_iter': 100}")
    if {"random_state", "seed"} & set(changes):
        raise NotYet("a fixed seed hides the question, and the order of the rows still matters: leave the seed alone")
    rows = read_month("2013-01")
    first = _fit_and_predict(trees(0, **changes), rows)
    if len(set(first)) < 100:
        raise NotYet("these trees hardly tell one flight from another: keep them learning")
    if (first != _fit_and_predict(trees(1, **changes), rows)).any():
        raise NotYet("another seed still gives another model: what is drawn at random in a fit, and for what?")
    for seed in (1, 2):
        if (first != _fit_and_predict(trees(0, **changes), rows.sample(frac=1, random_state=seed))).any():
            raise NotYet("another order of the rows still gives another model")
    return "Nothing is held back, so nothing is drawn. The price: only max_iter decides when to stop."


def _fit_and_predict(model: Pipeline, rows: pd.DataFrame) -> np.ndarray:
    """Return the probabilities of some flights, from a model fitted on all of them."""
    return model.fit(rows[FEATURES], rows[LABEL]).predict_proba(rows.sort_index()[FEATURES].head(5000))[:, 1]


_AGAIN = {  # for each change the steps that run again, and what to think of
    "learning_rate=0.1": (
        {"train", "evaluate"}, "which steps have this parameter, and which read what those have made?"),
    "months with 2013-04 added": (
        {"train", "evaluate"}, "`prepare` writes all twelve months whatever is trained on: which steps depend on it?"),
    "a comment more in train.py": (
        {"prepare", "train", "evaluate"}, "the fingerprint is over the files, and the same for all steps: it cannot "
        "know that a comment does nothing"),
    "a file that notebook 7 writes into the workspace": (
        set(), "only code, packages, parameters and datasets on record count"),
}


@exercise("3.3", hint="`find_finished` asks for the same entry point, parameters, code and packages; a new training "
          "makes a new model, whose address is a parameter of evaluate")
def check_steps_again(answers: dict[str, set[str]]) -> str:
    """Which steps a change makes run again."""
    if any(answer is ... for answer in answers.values()):
        raise NotAttempted
    for change, (right, question) in _AGAIN.items():
        if set(answers.get(change, ["none given"])) != right:
            raise NotYet(f"{change}: {question}")
    return "When in doubt it runs a step once too often, never once too seldom."
