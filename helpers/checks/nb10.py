"""Checks of notebook 10."""
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import mlflow
import pandas as pd
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag

from helpers import paths
from helpers.checks.answers import ask, is_close, read_number, require_function
from helpers.checks.registry import NotYet, exercise
from helpers.features import LABEL
from helpers.live.prediction_log import PredictionLog

_THREE = 6e-4  # by how much a number may differ that was rounded to three decimals
_EXPERIMENT = "10-incidents"
_GAUGES = """# HELP live_in_flight Requests that may use a version
# TYPE live_in_flight gauge
live_in_flight{version="2"} 3.0
live_in_flight{version="1"} 0.0
live_in_flight{version="12"} 1.0
live_in_flight{version="13"} 1.0
live_in_flight{version="4"} 1.0
live_in_flight{version="6"} 10.0
live_in_flight{version="8"} 0.0
live_predictions_total{role="answer",version="1"} 99.0
"""
_ALIASES = {"champion": 2, "previous": 5, "challenger": 7, "audit": 81}
_RUNS = {  # the parameters of the runs that 10.2 makes, by a name of theirs
    "yes": {"challenger": 12, "decision": "yes"},
    "no": {"challenger": 12, "decision": "no"},
    "not yet": {"challenger": 12, "decision": "not yet"},
    "nothing": {},
    "no decision": {"challenger": 12},
    "no challenger": {"decision": "yes"},
    "a name": {"challenger": "late-duty 12", "decision": "yes"},
    "of 1": {"challenger": 1, "decision": "yes"},
    "deleted": {"challenger": 12, "decision": "yes"},
}
_CASES = (  # number of the version, its evidence, whether it may be promoted, why
    (12, "yes", True, "its run says yes to version 12"),
    (12, None, False, "it has no tag `evidence`"),
    (12, "", False, "its evidence is empty"),
    (12, "the gate said yes, really", False, "its evidence is a text and no run"),
    (12, "exercise 10.2", False, "its evidence is the name of a run, not an id"),
    (12, "0" * 32, False, "its run does not exist"),
    (12, "no", False, "its run says no"),
    (12, "not yet", False, "its run says not yet"),
    (12, "nothing", False, "its run has no parameters"),
    (12, "no decision", False, "its run has no decision"),
    (12, "no challenger", False, "its run names no challenger"),
    (12, "a name", False, "the challenger of its run is a text, 'late-duty 12'"),
    (12, "of 1", False, "its run is about version 1"),
    (12, "deleted", False, "its run was deleted"),
    (1, "yes", False, "its run is about version 12"),
    (2, "yes", False, "its run is about version 12"),
    (13, "yes", False, "its run is about version 12"),
)
_RETIRED = (  # number, whether it may go, why
    (1, True, "no alias points to version 1 and no request uses it"),
    (2, False, "version 2 is the champion, and three requests use it"),
    (3, True, "version 3 is in no alias, and not in the metrics"),
    (4, False, "a request still uses version 4"),
    (5, False, "the alias `previous` points to version 5"),
    (7, False, "the alias `challenger` points to version 7"),
    (12, False, "a request still uses version 12"),
    (6, False, "ten requests still use version 6"),
    (8, True, "version 8 has no alias, as 81 is another version, and no request uses it"),
)


def _read_labelled_log() -> pd.DataFrame:
    """Return the predictions in notebook 10's log whose label is there."""
    joined = PredictionLog(paths.WORKSPACE / "predictions-10.db").joined().dropna(subset=LABEL)
    return joined.assign(error=(joined["probability"] - joined[LABEL].astype(float)) ** 2)


@exercise("10.1", hint="by_both and truth hold what you need: a column a version, a row a flight; "
          "harm is a sum, not a mean", all_blank=True)
def check_harm_done(harm: float, harm_per_late: float) -> str:
    """What the bad version cost, from the log."""
    rows = _read_labelled_log()
    rows = rows[rows["id"].str.startswith("2013-07-08")]
    errors = rows.pivot(index="id", columns="version", values="error").dropna()
    late = rows.drop_duplicates("id").set_index("id")[LABEL].astype(float).loc[errors.index].sum()
    right = (errors[6] - errors[2]).sum()
    harm, harm_per_late = read_number(harm, "harm"), read_number(harm_per_late, "harm_per_late")
    if is_close(harm, -right, _THREE):
        raise NotYet("harm has the wrong sign: version 6 less version 2, above zero where version 6 is worse")
    if is_close(harm, right / len(errors), _THREE / 10):
        raise NotYet("that is the mean over the flights: add the differences up")
    if is_close(harm, right, 0.01) and not is_close(harm, right, _THREE):
        raise NotYet("that is close: give harm with three decimals at least, computed from values that are not rounded")
    if not is_close(harm, right, _THREE):
        raise NotYet("harm is the sum of (version 6 - late) ** 2 - (version 2 - late) ** 2 over the labelled flights")
    if not is_close(harm_per_late, right / late, _THREE):
        raise NotYet("harm is right; divide it by the number of these flights that were late")
    return "The sum is the mean of the report times the flights, so its interval contains zero too."


@exercise("10.2", hint='client.get_run(version.tags["evidence"]) raises MlflowException where there is no such run; '
          'a deleted run has info.lifecycle_stage "deleted"; parameters are texts, so compare str(version.version)')
def check_may_promote(answer: Callable[[ModelVersion], bool]) -> str:
    """A rule that reads the evidence itself, tried on runs that are made for it and deleted."""
    require_function(answer, "may_promote(version)")
    with _make_runs() as runs:
        for number, evidence, right, why in _CASES:
            tags = {} if evidence is None else {"evidence": runs.get(evidence, evidence)}
            for form in (int, str):
                _try(answer, form(number), tags, right, why)
    return "A tag is a claim; the run is the evidence."


@contextmanager
def _make_runs() -> Iterator[dict[str, str]]:
    """Make runs of a gate, each with its own fault, and delete them again."""
    client = mlflow.MlflowClient(paths.TRACKING_URI, paths.TRACKING_URI)
    experiment = client.get_experiment_by_name(_EXPERIMENT)
    if experiment is None:
        raise NotYet("run the cells above first: they make the experiment")
    runs = {}
    try:
        for name, params in _RUNS.items():
            runs[name] = client.create_run(experiment.experiment_id, run_name="exercise 10.2").info.run_id
            for key, value in params.items():
                client.log_param(runs[name], key, value)
            client.set_terminated(runs[name])
        client.delete_run(runs["deleted"])
        yield runs
    finally:
        for run in runs.values():
            with suppress(mlflow.MlflowException):  # one is deleted already
                client.delete_run(run)


def _try(function: Callable, number: int | str, tags: dict[str, str], right: bool, why: str) -> None:
    """Raise NotYet where a rule judges a version wrongly, or raises."""
    version = ModelVersion("late-duty", number, 0, tags=[ModelVersionTag(*tag) for tag in tags.items()])
    if ask("may_promote", function, version) != right:
        where = ". (This version is not in the registry: use what the function is given)" if right else ""
        raise NotYet(f"may_promote gives {not right} for version {number}, and {right} is right: {why}{where}")


@exercise("10.3", hint="str(number) in map(str, aliases.values()) finds an alias; a line of the metrics reads "
          'live_in_flight{version="1"} 0.0, so compare all of it up to the closing brace')
def check_can_retire(answer: Callable[[int, dict, str], bool]) -> str:
    """A version is drained when nothing points to it and nobody holds it."""
    require_function(answer, "can_retire(number, aliases, metrics)")
    for number, right, why in _RETIRED:
        if ask("can_retire", answer, number, dict(_ALIASES), _GAUGES) != right:
            raise NotYet(f"can_retire gives {not right} for version {number}, and {right} is right: {why}")
    return "Nothing points to it, and nobody holds it: now its files may go."
