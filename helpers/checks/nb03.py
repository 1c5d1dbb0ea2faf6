"""Checks of notebook 03."""
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from helpers.checks.answers import call, read_names, show
from helpers.checks.records import connect, find_attempt, find_latest, read_month
from helpers.checks.registry import NotAttempted, NotYet, exercise
from helpers.features import FEATURES, LABEL


@exercise("3.1", hint='mlflow.projects.run(str(project), entry_point="evaluate", parameters={"model_uri": model_uri, '
          '"month": "2013-05"}, env_manager="local", experiment_name="03-projects", run_name="may")')
def check_may() -> str:
    """A run of the entry point evaluate, by the name `may`."""
    run = find_attempt("03-projects", "may")
    params = run.data.params
    if run.data.tags.get("mlflow.project.entryPoint") != "evaluate":
        raise NotYet("The latest run `may` was not made by the entry point evaluate of the project.")
    if run.info.status != "FINISHED":
        raise NotYet(f"The run is {run.info.status}: {run.data.tags.get('error', 'look at what it printed')}")
    if (month := params.get("month", "no month")) != "2013-05":
        raise NotYet(f"It evaluated {month}: the parameter `month` decides; it has a default.")
    if params.get("model_uri") != f"models:/{_find_scikit_learn_form()}":
        raise NotYet("It evaluated another model than that of the run `first`: pass model_uri as it is.")
    if "auc" not in run.data.metrics:
        raise NotYet("The run has no metric `auc`, which the project's evaluate.py logs: run evaluate.py as it is.")
    return f"On May the model has an AUC of {run.data.metrics['auc']:.3f}."


def _find_scikit_learn_form() -> str:
    """Return the id of the scikit-learn form of the model that the run `first` has logged."""
    first = find_latest("03-projects", "first")
    models = [connect().get_logged_model(made.model_id) for made in first.outputs.model_outputs]
    return next(model.model_id for model in models if model.name == "model")


@exercise("3.2", hint="the seed chooses which tenth of the rows is held back to decide on stopping early; "
          "look for the argument that says whether to stop early")
def check_free_of_order(trees: Callable, changes: Mapping[str, object]) -> str:
    """Settings with which neither the seed nor the order of the rows matters."""
    if not isinstance(changes, Mapping) or not all(isinstance(name, str) for name in changes):
        raise NotYet(f"`changes` is {show(changes)}: write a dictionary of settings, such as {{'max_iter': 100}}.")
    if {"random_state", "seed"} & set(changes):
        raise NotYet("With a fixed seed the order of the rows still matters, and a fixed seed hides the question: "
                     "leave the seed alone.")
    rows = read_month("2013-01")
    first = _fit_and_predict(trees, 0, changes, rows)
    if len(set(first)) < 100:
        raise NotYet("Then these trees hardly tell one flight from another: keep them learning.")
    if (first != _fit_and_predict(trees, 1, changes, rows)).any():
        raise NotYet("Then another seed still gives another model: what is drawn at random in a fit, and for what?")
    for seed in (1, 2):
        if (first != _fit_and_predict(trees, 0, changes, rows.sample(frac=1, random_state=seed))).any():
            raise NotYet("Then another order of the rows still gives another model.")
    return "Nothing is held back, so nothing is drawn. The price: only max_iter decides when to stop."


def _fit_and_predict(trees: Callable, seed: int, changes: Mapping[str, object], rows: pd.DataFrame) -> np.ndarray:
    """Return the probabilities of some flights, from trees with some settings changed, fitted on all of them."""
    called = f"Fitting trees({seed}, **changes), with `changes` as {show(dict(changes))},"
    model = call(called, trees, seed, **changes)
    call(called, model.fit, rows[FEATURES], rows[LABEL])
    return model.predict_proba(rows.sort_index()[FEATURES].head(5000))[:, 1]


_STEPS = {"prepare", "train", "evaluate"}
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
def check_steps_again(answers: Mapping[str, Iterable[str]]) -> str:
    """Which steps a change makes run again."""
    if not isinstance(answers, Mapping):
        raise NotYet(f"`runs_again` is {show(answers)}: keep the dictionary of the blank, and fill in its four sets.")
    if set(answers) == set(_AGAIN) and all(steps is ... for steps in answers.values()):
        raise NotAttempted
    for change, (right, question) in _AGAIN.items():
        if answers.get(change, ...) is ...:
            raise NotYet(f"{change}: there is no answer yet. Write a set of steps, or set() for none.")
        steps = {step.lower() for step in read_names(answers[change], change)} - {"none", "set"}
        if strange := sorted(steps - _STEPS):
            raise NotYet(f"{change}: {strange[0]!r} is not a step: choose from {', '.join(sorted(_STEPS))}.")
        if steps != right:
            raise NotYet(f"{change}: {question}")
    return "When in doubt it runs a step once too often, never once too seldom."
