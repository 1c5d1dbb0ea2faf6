"""Checks of notebook 17."""
import contextlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import mlflow
import pandas as pd
import requests

from helpers import paths
from helpers.checks.answers import is_close, read_names, show
from helpers.checks.registry import NotYet, exercise


@exercise("17.1", hint='is records[platform][0]["model"] a file in the folder `models`, or a copy elsewhere?')
def check_still_there(names: set[str], records: dict[str, list[dict]]) -> str:
    """The trackers that keep a copy of a model, and not only the path of the file that was logged."""
    folder = paths.WORKSPACE / "platforms" / "models"
    copied = {name for name, found in records.items() if all(folder not in one["model"].parents for one in found)}
    names = {names} if isinstance(names, str) else set(read_names(names, "still_there", "a set of names"))
    if unknown := names - set(records):
        raise NotYet(f"{sorted(map(str, unknown))} is not a name in `records`: choose among {sorted(records)}")
    for name in sorted(names - copied):
        raise NotYet(f"the record of {name} only says where the file was, and that is in the folder `models`")
    for name in sorted(copied - names):
        raise NotYet(f"{name} has more than a path into the folder `models`: look at where its file is")
    return "Neptune noted a path; a server would have fetched the file from there."


@exercise("17.2", hint="tensors(first) is nearly right: in its data, put None where the value is missing")
def check_a_missing_value(body: dict | str | bytes, first, url: str) -> str:
    """A V2 request for a flight with a missing value, as a dictionary or as JSON, judged by the server's answer."""
    with contextlib.suppress(ValueError):
        body = json.loads(body) if isinstance(body, (str, bytes)) else body
    try:
        answer = requests.post(url, json=body, timeout=30)
    except requests.exceptions.InvalidJSONError:
        raise NotYet("JSON has no NaN, so this cannot be sent: its word for nothing is null, Python's None") from None
    if answer.status_code != 200:
        raise NotYet(f"the server answers {answer.status_code}: does the body name all {first.shape[1]} columns, "
                     "each with a shape, the column's datatype and data?")
    counts = [len(one["data"]) if isinstance(one["data"], list | tuple) else 1 for one in body["inputs"]]
    if set(counts) != {1}:
        raise NotYet(f"`first` is one flight, so each tensor has one value: yours have {counts}")
    got = answer.json()["outputs"][0]["data"][1]
    wanted = mlflow.pyfunc.load_model("models:/late-platforms@champion").predict(first)[0, 1]
    if not is_close(got, wanted, 1e-9):
        raise NotYet(f"the server answers {got:.3f}, and the model says {wanted:.3f} for this flight: is something "
                     "in the body that is not in `first`?")
    return f"null is a missing value, and the chance of landing late {got:.3f}."


@exercise("17.3", hint='a training\'s metrics are in ["artifacts"]["scores"]["artifacts"][0]["metadata"]; '
          "zip(SETTINGS.items(), written) pairs them with names and parameters")
def check_pipeline_records(found: Iterable[dict], runs: dict[str, dict]) -> str:
    """Records of a pipeline's trainings, each once, with parameters, metrics and names that belong together."""
    records = _read_records(found)
    for record in records:
        _check_record(record, runs)
    counts = Counter(record["name"] for record in records)
    if twice := sorted(name for name, count in counts.items() if count > 1):
        raise NotYet(f"{twice[0]!r} stands in {counts[twice[0]]} records: each training has one")
    if lacking := sorted(set(runs) - set(counts)):
        raise NotYet(f"there are {len(records)} records, and {len(runs)} trainings: {', '.join(lacking)} is not there")
    return "The order of the settings was the only thread between a training and its parameters."


def _read_records(found: Any) -> list[dict]:
    """Return an answer's records, from a table or anything that holds them; raise NotYet where one is no dictionary."""
    if isinstance(found, pd.DataFrame):
        found = found.to_dict("records")
    elif isinstance(found, dict) and found and not {"name", "params", "metrics"} & set(found):
        found = found.values()
    records = [found] if isinstance(found, dict) else list(found)
    if strange := [one for one in records if not isinstance(one, dict)]:
        raise NotYet(f"`kubeflow` holds {show(strange[0])}, which is no record: a record is a dictionary")
    return records


def _check_record(record: dict, runs: dict[str, dict]) -> None:
    """Raise NotYet where a record lacks something, or holds what is not of the training that it names."""
    if lacking := {"name", "params", "metrics"} - set(record):
        raise NotYet(f"a record lacks {sorted(lacking)}")
    name = record["name"]
    if not isinstance(name, str) or name not in runs:
        raise NotYet(f"{name!r} is not the name of a training: take those of SETTINGS")
    if "curve" in record and len(record["curve"]):
        raise NotYet(f"the record of {name!r} has a curve, and Kubeflow wrote none: is it another platform's?")
    if not _same(record["metrics"], runs[name]["metrics"]):
        raise NotYet(f"these are not all metrics of {name!r}: pair each training with its own auc and brier")
    if not _same(record["params"], runs[name]["params"]):
        raise NotYet(f"these are not the parameters of {name!r}")


def _same(given: Any, wanted: dict[str, float]) -> bool:
    """Return whether a dictionary has the wanted numbers, to three decimals; more entries do no harm."""
    with contextlib.suppress(Exception):
        return all(is_close(float(given[name]), value) for name, value in wanted.items())
    return False
