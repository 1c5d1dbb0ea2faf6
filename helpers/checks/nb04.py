"""Checks of notebook 04."""
import contextlib
from collections.abc import Iterable
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.pyfunc import PyFuncModel
from packaging.requirements import InvalidRequirement, Requirement

from helpers.checks.answers import call, read_names, show
from helpers.checks.records import find_model, read_month
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import CATEGORIES, FEATURES

_COUNT = "n_sched_hour"
_NUMBERS = [name for name in FEATURES if name not in CATEGORIES]
_LISTED = {"mlflow", "cloudpickle", "numpy", "pandas", "psutil", "pytest", "rich", "scikit-learn", "scipy", "skops"}
_OURS = {"late_checks", "late_quick", "late_reasons", "late_model"}
_BROUGHT = {"typeguard", "typing_inspect", "mypy_extensions", "pydantic", "typing_extensions", "pyyaml", "yaml"}


def _load_trees() -> Any:
    """Return the pipeline `trees` of notebook 02."""
    return mlflow.sklearn.load_model(find_model("trees"))


def _find_required() -> list[str]:
    """Return the columns that the signature of `trees` requires."""
    inputs = mlflow.models.get_model_info(find_model("trees")).signature.inputs
    return [column.name for column in inputs if column.required]


@exercise("4.1", hint="infer_signature looks at an example: give it a request in which every number is a decimal "
          "number, flight.astype(dict.fromkeys(numbers, 'float')), where `numbers` are the features that are not in "
          "CATEGORIES")
def check_signature(answer: ModelSignature) -> str:
    """A signature for requests whose numbers are all decimal numbers, and whose count may be missing."""
    if not isinstance(answer, ModelSignature):
        raise NotYet(f"`lenient` is {show(answer)}: give a signature, such as infer_signature returns.")
    if answer.inputs is None or not answer.inputs.has_input_names():
        raise NotYet("`lenient` is not a signature for a table: it must name columns.")
    rows = read_month("2013-04").head(3)[FEATURES].astype(dict.fromkeys(_NUMBERS, "float"))
    model = PyFuncModel(model_meta=Model(signature=answer), model_impl=_load_trees(), predict_fn="predict_proba")
    good = {
        "with decimal numbers": rows,
        f"whose {_COUNT} is missing in every row": rows.assign(**{_COUNT: np.nan}),
        f"whose {_COUNT} is missing in one row": rows.assign(**{_COUNT: [np.nan, *rows[_COUNT][1:]]}),
    }
    for what, request in good.items():
        if (said := _ask(model, request)) is not None:
            raise NotYet(f"A request {what} is not scored. {said}.")
    for what, request in _make_bad(rows).items():
        if (said := _ask(model, request)) is None:
            raise NotYet(f"A request {what} is accepted, and must be rejected.")
        if not said.startswith("MlflowException"):
            raise NotYet(f"A request {what} passes the signature, and the pipeline fails: the signature must reject "
                         "it.")
    return "The contract fits this program, and still rejects text and missing columns."


def _make_bad(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the requests that a signature must reject: each wrong type, and each required column left out."""
    text = {f"whose {name} is text": rows.astype({name: "str"}) for name in _NUMBERS}
    numbers = {f"whose {name} is a number": rows.assign(**{name: 1.0}) for name in CATEGORIES}
    return text | numbers | {f"without the column {name}": rows.drop(columns=name) for name in _find_required()}


def _ask(model: PyFuncModel, rows: pd.DataFrame) -> str | None:
    """Return why a model does not score some rows, or None where it does."""
    try:
        model.predict(rows)
    except Exception as error:
        return describe(error)
    return None


@exercise("4.2", hint="params={'capacity': 10} in infer_signature makes the parameter; in predict, "
          "params['capacity'] is its value, and (-p).argsort(kind='stable').argsort() < params['capacity'] is True "
          "for the highest probabilities p. Give the trees to the class in __init__")
def check_capacity(answer: object) -> str:
    """A logged model of the reader's own with an inference parameter."""
    model = _load(answer)
    _check_params(model.metadata.signature)
    trees, month = _load_trees(), read_month("2013-04")[FEATURES]
    rows, equal = month.sample(60, random_state=1), month.iloc[[0] * 20].reset_index(drop=True)
    for some, capacity in [(rows, None), (rows, 3), (rows, 0), (rows, 59), (rows.head(20), 5), (rows.head(20), 100),
                           (rows.head(1), None), (equal, 5), (month, 300), (month, 1700), (month, 4100)]:
        how = "without a parameter" if capacity is None else f"with {capacity}"
        asked = f"`mine`, asked for {len(some)} {'equal ' if some is equal else ''}flights {how},"
        given = {} if capacity is None else {"params": {"capacity": capacity}}
        chosen = _read_choice(call("`mine.predict`", model.predict, some.copy(), **given), len(some), asked)
        _check_choice(chosen, trees.predict_proba(some)[:, 1], 10 if capacity is None else capacity, asked)
    return "The caller sets the capacity with each request, and nobody has to log the model again."


def _check_choice(chosen: np.ndarray, p: np.ndarray, capacity: int, asked: str) -> None:
    """Raise NotYet unless as many flights are chosen as was asked for, those with the highest probabilities."""
    right = min(capacity, len(p))
    if chosen.sum() != right:
        raise NotYet(f"{asked} is True for {chosen.sum()} in place of {right}.")
    if 0 < right < len(p) and p[chosen].min() < p[~chosen].max() - 1e-6:
        raise NotYet(f"{asked} leaves out a flight with a higher probability, {p[~chosen].max():.5f}, than one that it "
                     f"takes, {p[chosen].min():.5f}.")


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
    raise NotYet(f"{asked} must return {size} values, each True or False. It returns {_show_values(answer)}.")


def _show_values(answer: object) -> str:
    """Return how many values an answer holds, and the first that is neither True nor False."""
    if isinstance(answer, pd.DataFrame) and len(answer.columns) != 1:
        return f"a table with {len(answer.columns)} columns"
    if not isinstance(answer, list | tuple | np.ndarray | pd.Series | pd.DataFrame):
        return show(answer)
    values = list(np.ravel(answer)) if hasattr(answer, "shape") else list(answer)
    strange = [value for value in values if not (np.isscalar(value) and value in (0, 1))]
    shown = [f"{one:.3f}" if isinstance(one, float) else show(one) for one in strange[:1]]
    return ", such as ".join([f"{len(values)} values", *shown])


@exercise("4.3", hint="read what late_quick.py imports if `check` is True, and what that module imports itself; or "
          "compare sys.modules before and after such a call, in a new Python")
def check_missed(answer: Iterable[str]) -> str:
    """The package that MLflow did not see."""
    given = _read_packages(answer)
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


def _read_packages(answer: object) -> set[str]:
    """Return the names of packages, in small letters, from names or lines of a requirements.txt."""
    wanted = "the name as a text, such as 'numpy'"
    lines = [answer] if _name_package(answer) else read_names(answer, "missed", wanted)
    return {(_name_package(line) or line).lower() for line in lines} - {""}


def _name_package(line: object) -> str | None:
    """Return the name of the package in a line of a requirements.txt; None for anything else."""
    with contextlib.suppress(InvalidRequirement, TypeError, AttributeError):
        return Requirement(line.strip()).name
    return None
