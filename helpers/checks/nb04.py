"""Checks of notebook 04."""
import contextlib
from collections.abc import Iterable
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.pyfunc import PyFuncModel

from helpers.checks.answers import call, read_names, show
from helpers.checks.records import find_model, read_month
from helpers.checks.registry import NotYet, exercise
from helpers.features import CATEGORIES, FEATURES

_COUNT = "n_sched_hour"
_LISTED = {"mlflow", "cloudpickle", "numpy", "pandas", "psutil", "pytest", "rich", "scikit-learn", "scipy", "skops"}
_OURS = {"late_checks", "late_quick", "late_reasons", "late_model"}
_BROUGHT = {"typeguard", "typing_inspect", "mypy_extensions", "pydantic", "typing_extensions", "pyyaml", "yaml"}


def _load_trees() -> Any:
    """Return the pipeline `trees` of notebook 02."""
    return mlflow.sklearn.load_model(find_model("trees"))


@exercise("4.1", hint="infer_signature looks at an example: give it a request in which every number is a decimal "
          "number, flight.astype(dict.fromkeys(numbers, 'float')), where `numbers` are the features that are not in "
          "CATEGORIES")
def check_signature(answer: ModelSignature) -> str:
    """A signature for requests whose numbers are all decimal numbers, and whose count may be missing."""
    if not isinstance(answer, ModelSignature):
        raise NotYet(f"`lenient` is {show(answer)}: give a signature, such as infer_signature returns.")
    if answer.inputs is None or not answer.inputs.has_input_names():
        raise NotYet("`lenient` is not a signature for a table: it must name columns.")
    rows = read_month("2013-04").head(3)[FEATURES]
    rows = rows.astype(dict.fromkeys([name for name in FEATURES if name not in CATEGORIES], "float"))
    model = PyFuncModel(model_meta=Model(signature=answer), model_impl=_load_trees(), predict_fn="predict_proba")
    good = {
        "with decimal numbers": rows,
        f"whose {_COUNT} is missing in every row": rows.assign(**{_COUNT: np.nan}),
        f"whose {_COUNT} is missing in one row": rows.assign(**{_COUNT: [np.nan, *rows[_COUNT][1:]]}),
    }
    bad = {f"whose {name} is text": rows.astype({name: "str"}) for name in ("distance", _COUNT, "temp")}
    bad |= {f"without the column {name}": rows.drop(columns=name) for name in ("distance", _COUNT, "carrier")}
    bad |= {"whose carrier is a number": rows.assign(carrier=1.0)}
    for what, request in good.items():
        if (said := _ask(model, request)) is not None:
            raise NotYet(f"A request {what} is not scored: {said}")
    for what, request in bad.items():
        if (said := _ask(model, request)) is None:
            raise NotYet(f"A request {what} is accepted, and must be rejected.")
        if said.startswith("pipeline"):
            raise NotYet(f"A request {what} passes the signature, and the pipeline fails: the signature must reject "
                         "it.")
    return "The contract fits this program, and still rejects text and missing columns."


def _ask(model: PyFuncModel, rows: pd.DataFrame) -> str | None:
    """Return why a model does not score some rows, or None where it does."""
    try:
        model.predict(rows)
    except Exception as error:
        where = "schema" if isinstance(error, mlflow.MlflowException) else "pipeline"
        return f"{where}: {str(error).split('Error: ')[-1][:200]}"
    return None


@exercise("4.2", hint="params={'capacity': 10} in infer_signature makes the parameter; in predict, "
          "params['capacity'] is its value, and (-p).argsort(kind='stable').argsort() < params['capacity'] is True "
          "for the highest probabilities p. Give the trees to the class in __init__")
def check_capacity(answer: object) -> str:
    """A logged model of the reader's own with an inference parameter."""
    model = _load(answer)
    _check_params(model.metadata.signature)
    rows = read_month("2013-04").sample(60, random_state=1)[FEATURES]
    p = _load_trees().predict_proba(rows)[:, 1]
    for size, capacity in [(60, None), (60, 3), (60, 0), (60, 59), (20, 100), (1, None)]:
        given = {} if capacity is None else {"params": {"capacity": capacity}}
        asked = f"`mine`, asked for {size} flights {'without a parameter' if capacity is None else f'with {capacity}'},"
        chosen = _read_choice(call("`mine.predict`", model.predict, rows.head(size), **given), size, asked)
        right = min(10 if capacity is None else capacity, size)
        if chosen.sum() != right:
            raise NotYet(f"{asked} is True for {chosen.sum()} in place of {right}.")
        if 0 < right < size and p[:size][chosen].min() < p[:size][~chosen].max():
            raise NotYet(f"{asked} leaves out a flight with a higher probability than one that it takes.")
    return "The caller sets the capacity with each request, and nobody has to log the model again."


def _load(answer: object) -> PyFuncModel:
    """Return the model that the reader has logged, by what `log_model` returned or by its address."""
    address = getattr(answer, "model_uri", answer)
    if not isinstance(address, str) or ":/" not in address:
        raise NotYet(f"`mine` is {show(answer)}: give what mlflow.pyfunc.log_model returns.")
    return call("mlflow.pyfunc.load_model(mine.model_uri)", mlflow.pyfunc.load_model, address)


def _check_params(signature: ModelSignature | None) -> None:
    """Raise NotYet unless a signature has the parameter, as a whole number with its default."""
    params = {one.name: one for one in (signature.params if signature and signature.params else [])}
    if "capacity" not in params:
        raise NotYet("The signature of `mine` has no parameter `capacity`: give infer_signature "
                     "params={'capacity': ...}, and the signature to log_model.")
    default, kind = params["capacity"].default, params["capacity"].dtype.name
    if default != 10:
        raise NotYet(f"The default of `capacity` is {show(default)}, not 10.")
    if kind not in ("long", "integer"):
        raise NotYet(f"The type of `capacity` is {kind}: a number of flights is a whole number, such as 10.")


def _read_choice(answer: object, size: int, asked: str) -> np.ndarray:
    """Return a model's answer as True and False for each row, or raise NotYet where it is something else."""
    with contextlib.suppress(Exception):
        values = np.asarray(answer).ravel()
        if len(values) == size and all(value in (0, 1) for value in values.tolist()):
            return values.astype(bool)
    raise NotYet(f"{asked} must return {size} values, each True or False. It returns {show(answer)}.")


@exercise("4.3", hint="read what late_quick.py imports if `check` is True, and what that module imports itself; or "
          "compare sys.modules before and after such a call, in a new Python")
def check_missed(answer: Iterable[str]) -> str:
    """The package that MLflow did not see."""
    given = {name.lower().split("=")[0].split(">")[0].split("[")[0].strip() for name in read_names(answer, "missed")}
    if given == {"pandera"}:
        return "The model loads and answers without it, until the first request with `check`."
    if not given:
        raise NotYet("`missed` is empty: there is one such package.")
    wrong = sorted(given - {"pandera"})[0]
    if wrong.replace("_", "-") in _LISTED:
        raise NotYet(f"MLflow has found {wrong}: it is in the printed list.")
    if wrong.removesuffix(".py") in _OURS:
        raise NotYet(f"{wrong} is a module of ours, which travels in code_paths: what does it import?")
    if wrong.startswith("pandera."):
        raise NotYet(f"{wrong} is a module: give the name of its package, as pip knows it.")
    if wrong.replace("-", "_") in _BROUGHT:
        raise NotYet(f"{wrong} comes with another package, so it needs no line of its own.")
    raise NotYet(f"The model does not need a line for {wrong}: what is imported if `check` is True?")
