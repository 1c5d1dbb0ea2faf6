"""Checks of notebook 06."""
import json
from collections.abc import Callable

from helpers.checks.answers import call, read_number, read_word, require_function, show
from helpers.checks.records import connect
from helpers.checks.registry import NotAttempted, NotYet, exercise


@exercise("6.1", hint='client.set_registered_model_alias(name, alias, version) and '
          'client.set_model_version_tag(name, version, key, value), each with the name "late-scratch"')
def check_shadow() -> str:
    """An alias and a tag on a version of the scratch model."""
    client = connect()
    model, version = client.get_registered_model("late-scratch"), client.get_model_version("late-scratch", "1")
    late, first = client.get_registered_model("late"), client.get_model_version("late", "1")
    if "shadow" not in model.aliases and "owner" not in {**model.tags, **version.tags}:
        if "shadow" in late.aliases or "owner" in {**late.tags, **first.tags}:
            raise NotYet("The alias or the tag is on the model `late`: both belong to version 1 of `late-scratch`.")
        if version.tags:
            raise NotYet(f"Version 1 has a tag {', '.join(version.tags)}: it must be called `owner`.")
        raise NotAttempted
    if str(model.aliases.get("shadow")) != "1":
        raise NotYet("The alias `shadow` of late-scratch points to no version, or not to version 1.")
    if "owner" in model.tags and "owner" not in version.tags:
        raise NotYet("Now the tag `owner` is on the registered model: it belongs to version 1 of it.")
    if not version.tags.get("owner", "").strip():
        raise NotYet("Now version 1 of late-scratch has no tag `owner` with a name.")
    return f"models:/late-scratch@shadow now loads version 1, which belongs to {version.tags['owner']}."


@exercise("6.2", hint="client.get_run(version.run_id).inputs.dataset_inputs; json.loads(item.dataset.profile)")
def check_rows_of_february(february_rows: object) -> str:
    """The rows of February that version 2 was trained on, from its run's inputs."""
    given = read_number(february_rows, "february_rows")
    rows, total = _read_rows()
    if given == total:
        raise NotYet("These are all three months together: look for the dataset named 2013-02.")
    if given in (rows["2013-01"], rows["2013-03"]):
        raise NotYet("This is another month: look for the dataset named 2013-02.")
    if given != rows["2013-02"]:
        raise NotYet(f"The record does not say {given:,.10g}: flights without a label were not trained on.")
    return "From a version to the rows of one month, without opening a data file."


def _read_rows() -> tuple[dict[str, int], int]:
    """Return the rows of each dataset that version 2 of `late` was trained on, and all of them as its run says."""
    client = connect()
    run = client.get_run(client.get_model_version("late", "2").run_id)
    rows = {item.dataset.name: json.loads(item.dataset.profile)["num_rows"] for item in run.inputs.dataset_inputs}
    return rows, int(run.data.params["rows"])


_CASES = {
    (-0.013, -0.004, 0.01): "yes",
    (-0.013, -0.004, -0.01): "yes",
    (-0.013, -0.004, 0.049): "yes",
    (-0.013, -0.004, -0.049): "yes",
    (-0.013, -0.004, 0.05): "yes",
    (-0.013, -0.004, 0.051): "not yet",
    (-0.013, -0.004, -0.051): "not yet",
    (-0.013, -0.004, 0.078): "not yet",
    (-0.013, -0.004, -0.078): "not yet",
    (-0.013, -0.001, 0.01): "yes",
    (-0.013, 0.0, 0.01): "not yet",
    (-0.013, 0.001, 0.01): "not yet",
    (-0.001, 0.013, 0.01): "not yet",
    (-0.002, 0.003, 0.01): "not yet",
    (-0.002, 0.003, -0.09): "not yet",
    (0.0, 0.004, 0.01): "not yet",
    (0.001, 0.004, 0.01): "no",
    (0.001, 0.004, 0.09): "no",
}


@exercise("6.3", hint='start from gate: the first condition becomes `high < 0 and abs(gap) <= 0.05`; '
          'a worse challenger is still a "no"')
def check_strict_gate(answer: Callable[[float, float, float], str]) -> str:
    """A gate that asks for calibration too."""
    require_function(answer, "strict_gate(low, high, gap)")
    for (low, high, gap), right in _CASES.items():
        given = call(f"strict_gate({low}, {high}, {gap})", answer, low, high, gap)
        if read_word(given) == right:
            continue
        what = f"For the interval {low:+.3f} to {high:+.3f} and a gap of {gap:+.3f}"
        what = f"{what} it answers {show(given)}, not {right!r}"
        raise NotYet(f"{what}: a mean forecast may be neither too low nor too high." if gap < -0.05 else f"{what}.")
    return "For April it answers 'not yet': version 2 is better than version 1, but its gap is larger than 0.05."
