"""Checks of notebook 17."""
import mlflow
import requests

from helpers import paths
from helpers.checks.answers import is_close
from helpers.checks.registry import NotYet, exercise


@exercise("17.1", hint='is records[platform][0]["model"] a file in the folder `models`, or a copy elsewhere?')
def check_still_there(names: set[str], records: dict[str, list[dict]]) -> str:
    """The trackers that keep a copy of a model, and not only the path of the file that was logged."""
    folder = paths.WORKSPACE / "platforms" / "models"
    copied = {name for name, found in records.items() if all(folder not in one["model"].parents for one in found)}
    if unknown := set(names) - set(records):
        raise NotYet(f"{sorted(unknown)} is not a name in `records`: choose among {sorted(records)}")
    for name in sorted(set(names) - copied):
        raise NotYet(f"the record of {name} only says where the file was, and that is in the folder `models`")
    for name in sorted(copied - set(names)):
        raise NotYet(f"{name} has more than a path into the folder `models`: look at where its file is")
    return "Neptune noted a path; a server would have fetched the file from there."


@exercise("17.2", hint="tensors(first) is nearly right: in its data, put None where the value is missing")
def check_a_missing_value(body: dict, first, url: str) -> str:
    """A V2 request for a flight with a missing value, judged by the server's answer."""
    try:
        answer = requests.post(url, json=body, timeout=30)
    except requests.exceptions.InvalidJSONError:
        raise NotYet("JSON has no NaN, so this cannot be sent: its word for nothing is null, Python's None") from None
    if answer.status_code != 200:
        raise NotYet(f"the server answers {answer.status_code}: does the body name all {first.shape[1]} columns, "
                     f"each with a shape, a datatype and data?")
    got = answer.json()["outputs"][0]["data"][1]
    wanted = mlflow.pyfunc.load_model("models:/late-platforms@champion").predict(first)[0, 1]
    if not is_close(got, wanted, 1e-9):
        raise NotYet(f"the server answers {got:.3f}, and the model says {wanted:.3f} for this flight: is something "
                     "in the body that is not in `first`?")
    return f"null is a missing value, and the chance of landing late {got:.3f}."


@exercise("17.3", hint='a training\'s metrics are in ["artifacts"]["scores"]["artifacts"][0]["metadata"]; '
          "zip(SETTINGS.items(), written) pairs them with names and parameters")
def check_pipeline_records(found: list[dict], runs: dict[str, dict]) -> str:
    """Records of a pipeline's trainings, with parameters, metrics and names that belong together."""
    if len(found) != len(runs):
        raise NotYet(f"there are {len(found)} records, and {len(runs)} trainings")
    for record in found:
        if lacking := {"name", "params", "metrics"} - set(record):
            raise NotYet(f"a record lacks {sorted(lacking)}")
        metrics = {name: run["metrics"] for name, run in runs.items()}
        if record["name"] not in runs:
            raise NotYet(f"{record['name']!r} is not the name of a training: take those of SETTINGS")
        if record["metrics"] != metrics[record["name"]]:
            raise NotYet(
                f"these are not all metrics of {record['name']!r}: pair each training with its own auc and brier")
        if record["params"] != runs[record["name"]]["params"]:
            raise NotYet(f"these are not the parameters of {record['name']!r}")
    return "The order of the settings was the only thread between a training and its parameters."
