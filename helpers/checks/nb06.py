"""Checks of notebook 06."""
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
from mlflow import MlflowClient

from helpers import paths
from helpers.checks.answers import call, read_number, read_word, require_function, show
from helpers.checks.records import connect
from helpers.checks.registry import NotAttempted, NotYet, exercise
from helpers.features import LABEL

_NO_ALIAS = "The model late-scratch has no alias `shadow`."
_NO_TAG = "Version 1 of late-scratch has no tag `owner` with a name."
_NOBODY = {"", "...", "none", "nan", "ellipsis", "<na>"}  # what MLflow stores for a name that is not there


@exercise("6.1", hint='client.set_registered_model_alias(name, alias, version) and '
          'client.set_model_version_tag(name, version, key, value), each with the name "late-scratch"')
def check_shadow() -> str:
    """An alias and a tag on a version of the scratch model."""
    client = connect()
    wrong = [words for words in (_explain_alias(client), _explain_tag(client)) if words]
    if wrong == [_NO_ALIAS, _NO_TAG]:
        raise NotAttempted
    if wrong:
        raise NotYet(" ".join(wrong))
    owner = client.get_model_version("late-scratch", "1").tags["owner"]
    return f"models:/late-scratch@shadow now loads version 1, which belongs to {owner}."


def _explain_alias(client: MlflowClient) -> str:
    """Return what is wrong with the alias, or nothing."""
    aliases = client.get_registered_model("late-scratch").aliases
    if "shadow" in aliases:
        version = str(aliases["shadow"])
        return "" if version == "1" else f"The alias `shadow` points to version {version}: it belongs to version 1."
    if "shadow" in client.get_registered_model("late").aliases:
        return "The alias `shadow` is on the model `late`: it belongs to version 1 of `late-scratch`."
    others = sorted(set(aliases) - {"champion"})  # which a later cell moves
    return f"The model late-scratch has the alias `{others[0]}`: it must be called `shadow`." if others else _NO_ALIAS


def _explain_tag(client: MlflowClient) -> str:
    """Return what is wrong with the tag, or nothing."""
    tags = client.get_model_version("late-scratch", "1").tags
    if "owner" in tags:
        wrong = tags["owner"].strip().lower() in _NOBODY
        return f"The tag `owner` of version 1 is {tags['owner']!r}, which is no team's name." if wrong else ""
    for name in ("late-scratch", "late"):
        places = {f"the registered model {name}": client.get_registered_model(name)}
        places |= {f"version {one.version} of {name}": one for one in client.search_model_versions(f"name = '{name}'")}
        if found := [place for place, one in places.items() if "owner" in one.tags]:
            return f"The tag `owner` is on {found[0]}: it belongs to version 1 of late-scratch."
    others = [*tags, *client.get_registered_model("late-scratch").tags]
    return f"The tag `{others[0]}` must be called `owner`, and be on version 1 of late-scratch." if others else _NO_TAG


@exercise("6.2", hint="client.get_run(version.run_id).inputs.dataset_inputs; json.loads(item.dataset.profile)")
def check_rows_of_february(february_rows: object) -> str:
    """The rows of February that version 2 was trained on, from its run's inputs."""
    given = read_number(february_rows, "february_rows", example="25000")
    profiles, total = _read_profiles()
    if given == profiles["2013-02"]["num_rows"]:
        return "The record of the version says it: nobody has to open a data file for it."
    if given == total:
        raise NotYet("These are all three months together: look for the dataset named 2013-02.")
    if given in [profile["num_rows"] for profile in profiles.values()]:
        raise NotYet("This is another month: look for the dataset named 2013-02.")
    if given in [profile["num_elements"] for profile in profiles.values()]:
        raise NotYet(f"{given:,.10g} is `num_elements`, the rows times the columns: look for the rows.")
    if given == _count_flights():
        raise NotYet(f"The file has {given:,.10g} rows, and flights without a label were not trained on: look into "
                     "the record.")
    raise NotYet(f"The record does not say {given:,.10g}: look into the profile of the dataset named 2013-02.")


def _read_profiles() -> tuple[dict[str, dict], int]:
    """Return the profile of each dataset that version 2 of `late` was trained on, and all rows as its run says."""
    client = connect()
    run = client.get_run(client.get_model_version("late", "2").run_id)
    profiles = {item.dataset.name: json.loads(item.dataset.profile) for item in run.inputs.dataset_inputs}
    return profiles, int(run.data.params["rows"])


def _count_flights() -> int:
    """Return the flights of February, with those that never got a label."""
    return len(pd.read_parquet(paths.PREPARED / "2013-02.parquet", columns=[LABEL]))


_CASES = {
    (-0.013, -0.004, 0.01): "yes",
    (-0.013, -0.004, -0.01): "yes",
    (-0.013, -0.004, 0.05): "yes",
    (-0.013, -0.004, -0.05): "yes",
    (-0.013, -0.004, 0.050001): "not yet",
    (-0.013, -0.004, -0.050001): "not yet",
    (-0.013, -0.004, 0.078): "not yet",
    (-0.013, -0.004, -0.078): "not yet",
    (-0.013, -0.000001, 0.01): "yes",
    (-0.013, 0.0, 0.01): "not yet",
    (-0.013, 0.001, 0.01): "not yet",
    (-0.001, 0.013, 0.01): "not yet",
    (-0.002, 0.003, -0.09): "not yet",
    (0.0, 0.004, 0.01): "not yet",
    (0.000001, 0.004, 0.01): "no",
    (0.001, 0.004, 0.09): "no",
}


@exercise("6.3", hint='start from gate: the first condition becomes `high < 0 and abs(gap) <= 0.05`; '
          'a worse challenger is still a "no"')
def check_strict_gate(answer: Callable[[float, float, float], str]) -> str:
    """A gate that asks for calibration too."""
    require_function(answer, "strict_gate(low, high, gap)")
    for case, right in _CASES.items():
        low, high, gap = (np.format_float_positional(value, trim="-") for value in case)
        given = call(f"strict_gate({low}, {high}, {gap})", answer, *case)
        if read_word(given) != right:
            raise NotYet(f"strict_gate({low}, {high}, {gap}) answers {show(given)}, not {right!r}: "
                         f"{_explain_gate(*case)}.")
    return "For April it answers 'not yet': version 2 is better than version 1, but its gap is larger than 0.05."


def _explain_gate(low: float, high: float, gap: float) -> str:
    """Return which condition decides a case."""
    if low > 0:
        return "`low` is above zero, where `gate` answers 'no'"
    if high >= 0:
        return "`high` is not below zero, and `low` is not above it"
    return f"`high` is below zero, and the size of the gap is {'at most' if abs(gap) <= 0.05 else 'more than'} 0.05"
