"""Checks of notebook 18."""
import inspect
from collections.abc import Callable, Iterable

import mlflow
import numpy as np
import pandas as pd
import yaml

from helpers.checks.answers import require_function, show
from helpers.checks.records import connect, read_month
from helpers.checks.registry import NotAttempted, NotYet, describe, exercise
from helpers.features import FEATURES
from helpers.pipeline import alerts

_Predict = Callable[[pd.DataFrame], np.ndarray]
_RIGHT = {"alert": "Refused", "expr": 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 100', "for": "5m",
          "labels": {"severity": "ticket"}}
_STORIES = (  # what is answered in each minute, by status; one number stands for all of thirty minutes
    ("each minute 10 requests are answered with 400, so 100 in ten minutes", {"400": [10] * 30}),
    ("each minute 15 requests are answered with 422", {"422": [15] * 30}),
    ("each minute 11 requests are answered with 400, so 110 in ten minutes", {"400": [11] * 30}),
    ("each minute 10 requests are answered with 400, and in one minute 11, so 101 in ten minutes",
     {"400": [10] * 14 + [11] + [10] * 15}),
    ("each minute 4 requests each are answered with 400, 404, 413 and 422",
     {status: [4] * 30 for status in ("400", "404", "413", "422")}),
    ("each minute 4 requests each are answered with 408, 429, 451 and 499",
     {status: [4] * 30 for status in ("408", "429", "451", "499")}),
    ("each minute 50 requests are answered with 504", {"504": [50] * 30}),
    ("each minute 500 requests are answered with 200, and 2 with 422", {"200": [500] * 30, "422": [2] * 30}),
    ("120 requests of one minute are answered with 422, and then none",
     {"422": [0] * 10 + [120] + [0] * 19}),
    ("in seven minutes 20 requests each are answered with 422, and then none",
     {"422": [0] * 8 + [20] * 7 + [0] * 15}),
)


@exercise("18.1", hint='april.groupby("origin") gives the flights of each airport; '
          "flights.assign(late_share_3h=0.6) is a changed copy; write an `assert` for each airport")
def check_test_of_delays(answer: Callable) -> str:
    """A test of a model, tried on models that it must pass and on models that it must fail."""
    require_function(answer, "test_delays_matter(predict, april)")
    april = read_month("2013-04").iloc[::9]  # its index has gaps, as that of the tests' own table
    logistic, champion = _load("1"), _load("2")
    for what, predict in _list_good(logistic, champion).items():
        if (error := _try(answer, predict, april, what)) is not None:
            raise NotYet(f"the test fails for {what}, and should pass{_name_rises(predict, april)}. "
                         f"It raises {describe(error)}")
    for what, predict in _list_bad(champion).items():
        if _try(answer, predict, april, what) is None:
            raise NotYet(f"the test passes for {what}, and should fail{_name_rises(predict, april)}")
    return "It passes the good models that we tried, and fails the bad ones."


def _name_rises(predict: _Predict, april: pd.DataFrame) -> str:
    """Return by how much a model's mean forecast rises at each airport, in words."""
    few, many = (pd.Series(predict(april.assign(late_share_3h=share)), april.index) for share in (0.1, 0.6))
    rises = (many - few).groupby(april["origin"]).mean()
    return ": its mean forecast rises by " + ", ".join(f"{rise:.3f} at {name}" for name, rise in rises.items())


def _load(version: str) -> _Predict:
    """Return the forecasts of a version of `late`, as a function of flights."""
    source = connect().get_model_version("late", version).source.removeprefix("models:/")
    model = mlflow.sklearn.load_model(connect().get_logged_model(source).artifact_location)
    return lambda flights: model.predict_proba(flights[FEATURES])[:, 1]


def _list_good(logistic: _Predict, champion: _Predict) -> dict[str, _Predict]:
    """Return models that a right test passes, each with what it is."""
    return {
        "the champion": champion,
        "the logistic regression of notebook 2": logistic,
        "a model whose mean forecast rises by .055 at each airport": _rise(0.11),
        "a model whose forecasts are all below .2": _rise(0.12, 0.01),
        "a model whose forecast falls for some flights, and whose mean rises":
            lambda flights: 0.3 + np.where(flights["sched_dep_min"] % 60 == 0, -0.1, 0.4) * _share(flights),
        "a model whose forecast rises for four flights of ten, and so does the mean":
            lambda flights: 0.1 + 0.5 * _each(flights, 4) * _share(flights),
        "a model whose forecast rises on all days but Mondays":
            lambda flights: 0.1 + 0.3 * (flights["dow"] != 0).to_numpy() * _share(flights),
        "a model whose forecast rises for flights before ten o'clock alone":
            lambda flights: 0.1 + 0.8 * (flights["sched_dep_min"] < 600).to_numpy() * _share(flights),
    }


def _list_bad(champion: _Predict) -> dict[str, _Predict]:
    """Return models that a right test fails, each with what it is."""

    def ignoring(airport: str) -> _Predict:
        return lambda flights: champion(
            flights.assign(late_share_3h=flights["late_share_3h"].mask(flights["origin"] == airport, 0.1)))

    return {
        "a model that does not use the delays": lambda flights: champion(flights.assign(late_share_3h=0.1)),
        "a model that gives each flight .3": lambda flights: np.full(len(flights), 0.3),
        "a model whose forecast falls when more flights are late":
            lambda flights: champion(flights.assign(late_share_3h=1 - flights["late_share_3h"])),
        "a model whose mean forecast rises by only .045 at each airport": _rise(0.09),
        "a model whose forecast rises for one flight of ten, by .2, and the mean by .02":
            lambda flights: 0.1 + 0.4 * _each(flights, 1) * _share(flights),
        "a model whose forecast rises on Mondays alone, and the mean by about .04":
            lambda flights: 0.1 + 0.5 * (flights["dow"] == 0).to_numpy() * _share(flights),
        **{f"a model that does not use the delays at {one}": ignoring(one) for one in ("LGA", "JFK", "EWR")},
    }


def _each(flights: pd.DataFrame, of_ten: int) -> np.ndarray:
    """Return for each flight whether it is among some of ten."""
    return np.arange(len(flights)) % 10 < of_ten


def _share(flights: pd.DataFrame) -> np.ndarray:
    """Return the share of the last three hours, a usual one where it is missing."""
    return flights["late_share_3h"].fillna(0.2).to_numpy()


def _rise(slope: float, start: float = 0.1) -> _Predict:
    """Return a model whose forecast is a straight line of the share of late flights."""
    return lambda flights: start + slope * _share(flights)


def _try(test: Callable, predict: _Predict, april: pd.DataFrame, what: str) -> BaseException | None:
    """Return what a test raises for a model, or None where it passes; raise NotYet where it does what no test may."""
    import pytest

    given, error, said = {"predict": predict, "april": april.copy()}, None, None
    if strange := sorted(set(inspect.signature(test).parameters) ^ set(given)):
        raise NotYet(f"pytest gives each parameter by its name, and here there are `predict` and `april` alone: "
                     f"mend {', '.join(strange)}")
    try:
        said = test(**given)
    except (pytest.skip.Exception, pytest.xfail.Exception) as ended:
        how = "is skipped" if isinstance(ended, pytest.skip.Exception) else "is expected to fail"
        raise NotYet(f"for {what} the test {how}: it must pass or fail") from None
    except (Exception, SystemExit, pytest.fail.Exception) as raised:
        error = raised
    if not given["april"].equals(april):
        raise NotYet("the test changes `april`, and other tests get the same table: make a copy by april.assign(...)")
    if said is not None:
        raise NotYet(f"the test returns {show(said)}, which pytest ignores: write `assert` in place of `return`")
    return error


@exercise("18.2", hint="AnswersFail is such a rule for 5..: change its status, the minutes, the number, "
          "`for` and the severity")
def check_rule_of_refusals(answer: dict) -> str:
    """A rule, evaluated minute by minute on stories of which the right alerts are known."""
    rule = _read_rule(answer)
    if (severity := rule.labels.get("severity")) != "ticket":
        raise NotYet(f"the severity is {show(severity)}, and a ticket is asked for: labels is {{'severity': 'ticket'}}")
    for story, answered in _STORIES:
        right, said = (_list_minutes(one, answered) for one in (alerts.read_rule(_RIGHT), rule))
        if said != right:
            raise NotYet(f"{story}: the alert fires {_name_minutes(said)}, and should fire {_name_minutes(right)}")
    return "A client that is refused often has a problem, but not one for the night."


def _read_rule(answer: object) -> alerts.Rule:
    """Return the rule of an answer, also of one that is written as in the file; raise NotYet where it is none."""
    if answer is ... or answer is None:
        raise NotAttempted
    if isinstance(answer, str):
        answer = yaml.safe_load(answer)
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, dict):
        raise NotYet(f"refused is {show(answer)}, which is no rule yet: write a dict")
    if missing := [key for key in _RIGHT if key not in answer]:
        raise NotYet(f"the rule has no {missing[0]!r}: it needs {', '.join(_RIGHT)}")
    if strange := [key for key in answer if key not in {*_RIGHT, "annotations"}]:
        raise NotYet(f"a rule of an alert has no {strange[0]!r}: it needs {', '.join(_RIGHT)}")
    if not (isinstance(answer["alert"], str) and answer["alert"].strip()):
        raise NotYet(f"alert is {show(answer['alert'])}: give the rule a name")
    if not isinstance(answer["labels"], dict):
        raise NotYet(f"labels is {show(answer['labels'])}: write a dict, such as {{'severity': 'ticket'}}")
    try:
        return alerts.read_rule(answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotYet(f"the stand-in cannot read the rule: {describe(error)}") from None


def _list_minutes(rule: alerts.Rule, answered: dict[str, list[int]]) -> list[int]:
    """Return the minutes in which a rule's alert fires, if so many requests are answered in each minute by status."""
    watch, firing = alerts.Watch([rule]), []
    for minute in range(30):
        counts = {status: float(sum(numbers[:minute + 1])) for status, numbers in answered.items()}
        watch.scrapes.append((60 * minute, {
            ("live_requests_total", frozenset({("status", status), ("job", "live")})): count
            for status, count in counts.items()}))
        watch.look(60 * minute)
        firing += [minute] * any(alert.fires for alert in watch.active.values())
    return firing


def _name_minutes(minutes: Iterable[int]) -> str:
    """Return when an alert fires, in words."""
    found = list(minutes)
    return f"from minute {found[0]} to {found[-1]}" if found else "never"
