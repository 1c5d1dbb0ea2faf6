"""Checks of notebook 13."""
import hashlib

from helpers import platforms
from helpers.exercises import NotYet, exercise


def sha(path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@exercise("13.1", hint="is the path in records[platform][0]['model'] below the folder `models` or not?")
def which_kept_a_copy(names: set[str], records: dict[str, list[dict]]) -> str:
    """The trackers whose record of a model is a copy, and not a path to the file that was logged."""
    copied = {name for name, found in records.items() if all("models" not in one["model"].parts for one in found)}
    if set(names) != copied:
        raise NotYet(f"{sorted(names)} is not the answer")
    return "Neptune had noted a path"


@exercise("13.2", hint="tensors(first) is nearly right: in its data put None, which becomes null in JSON, where the value is missing")
def a_missing_value(body: dict, url: str) -> str:
    return ""


@exercise("13.3", hint="x")
def x(kubeflow, written, settings):
    return ""
