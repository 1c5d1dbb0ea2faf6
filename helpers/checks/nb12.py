"""Checks of notebook 12."""
import inspect
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import mlflow
import numpy as np
import pandas as pd
from dagster._utils.error import SerializableErrorInfo

from helpers import faults
from helpers.checks.answers import ask, require_function, show
from helpers.checks.records import connect, read_month
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import FEATURES, LABEL
from helpers.pipeline import location

_Predict = Callable[[pd.DataFrame], np.ndarray]
_MONTHS = dg.MonthlyPartitionsDefinition(start_date="2013-04", end_date="2014-01", fmt="%Y-%m")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_ASSET = dg.AssetKey("prepared_month")


def _set_stations(**temperatures: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a change of a month after which each airport has one temperature."""
    return lambda table: table.assign(temp=table["origin"].map(temperatures).astype(float))


def _set_at(airport: str, *values: float | None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a change of a month after which an airport's flights have some values in turn, and all others 60 °F."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        turns = np.resize(np.array(values, dtype=float), len(table))
        mine = table["origin"] == airport
        return table.assign(temp=np.where(mine, turns[mine.cumsum() - 1], 60.0))

    return change


def _set_warm_saturdays(table: pd.DataFrame) -> pd.DataFrame:
    """Make LGA warm on Saturdays, which have few flights: its mean is 64.9 °F over flights, more over days."""
    lga = table["origin"] == "LGA"
    saturday = lga & (table["date"].dt.dayofweek == 5)
    return table.assign(temp=np.where(saturday, 60 + 4.9 * lga.sum() / saturday.sum(), 60.0))


_STATIONS = (  # month, what is done to it, whether it passes, why
    ("2013-06", lambda table: table, True, "June is clean"),
    ("2013-06", faults.celsius_at_lga, False, "LGA reports °C"),
    ("2013-05", faults.celsius_at_lga, False, "LGA reports °C in May; read the month of `context.partition_key`"),
    ("2013-05", lambda table: table, True, "May is clean"),
    ("2013-06", _set_stations(EWR=60, JFK=65, LGA=62), True, "the means are 60, 65 and 62 °F: a difference of 5"),
    ("2013-06", _set_stations(EWR=60, JFK=65.25, LGA=62), False, "the means are 60, 65.25 and 62 °F"),
    ("2013-06", _set_stations(EWR=65.25, JFK=62, LGA=60), False, "the means are 65.25, 62 and 60 °F"),
    ("2013-06", _set_stations(EWR=60, JFK=65.0625, LGA=62), False, "the means are 60, 65.0625 and 62 °F"),
    ("2013-06", faults.celsius, True, "all three stations report °C, so they agree"),
    ("2013-06", _set_at("LGA", 44, 74, 74), True, "LGA has 44, 74, 74, 44, ... °F: a mean of 64, the others 60"),
    ("2013-06", _set_at("LGA", 60, 60, 60, 92), False, "LGA has 60, 60, 60, 92, ... °F: a mean of 68, the others 60"),
    ("2013-06", _set_at("LGA", 60, None), True, "half of LGA's temperatures are missing, and the others agree"),
    ("2013-06", _set_at("EWR", 60, None), True, "half of EWR's temperatures are missing, and the others agree"),
    ("2013-06", _set_at("LGA", 75, None), False, "half of LGA's temperatures are missing, the others are 75 °F"),
    ("2013-06", _set_warm_saturdays, True, "LGA is warm on Saturdays: the mean over its flights is 64.9"),
)


@exercise("12.1", hint='@dg.asset_check(asset="prepared_month", blocking=True) stands above a function of context; '
          'table.groupby("origin")["temp"].mean() has three means')
def check_stations_agree(answer: object) -> str:
    """An asset check, tried on months with and without a fault."""
    if not isinstance(answer, dg.AssetChecksDefinition):
        raise NotYet(f"stations_agree is {show(answer)}, which is not an asset check yet: write @dg.asset_check(...) "
                     "above the function")
    _require_blocking(answer)
    for month, change, right, why in _STATIONS:
        with _put_in_place(month, change):
            said = _evaluate(answer, month)
        if said.passed != right:
            raise NotYet(f"stations_agree {'passes' if said.passed else 'fails'} where it should not: {why}")
        if not right and said.severity != dg.AssetCheckSeverity.ERROR:
            raise NotYet("a check that fails as a warning does not block: leave `severity` out")
    return "A rule that compares sources with each other needs no month of the past."


def _require_blocking(answer: dg.AssetChecksDefinition) -> None:
    """Raise NotYet where a check is of another asset, or does not stop what comes after."""
    specs = list(answer.check_specs)
    if strange := [spec for spec in specs if spec.asset_key != _ASSET]:
        raise NotYet(f"the check is of {strange[0].asset_key.to_user_string()}: it should be of prepared_month")
    if not all(spec.blocking for spec in specs):
        raise NotYet("the check does not stop what comes after: add blocking=True")


@contextmanager
def _put_in_place(month: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Iterator[None]:
    """Change a prepared month of the pipeline while a block runs."""
    file: Path = location.FOLDER / "data" / "prepared_month" / f"{month}.parquet"
    if not file.exists():
        raise NotYet("run the cells above first: they prepare May and June")
    kept, new = file.with_suffix(".kept"), file.with_suffix(".new")
    if kept.exists():  # of a check whose kernel was killed
        kept.replace(file)
    shutil.copy(file, new)
    new.replace(kept)
    try:
        change(pd.read_parquet(file)).to_parquet(file, index=False)
        written = file.read_bytes()
        yield
        if file.read_bytes() != written:
            raise NotYet("stations_agree changes the file of the month: a check only looks")
    finally:
        kept.replace(file)


def _evaluate(answer: dg.AssetChecksDefinition, month: str) -> dg.AssetCheckEvaluation:
    """Return what an asset check says of a month that is there already."""

    @dg.asset(key=_ASSET, partitions_def=_MONTHS)
    def prepared_month() -> None:
        """Leave the file as it is."""

    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize(
            [prepared_month, answer], partition_key=month, run_config=_QUIET, raise_on_error=False, instance=instance)
    said = done.get_asset_check_evaluations()
    if not said:
        failed = [event.step_failure_data.error for event in done.all_events if event.is_step_failure]
        raise NotYet(_explain(failed[0].cause or failed[0], month) if failed and failed[0] else
                     "stations_agree returns no dg.AssetCheckResult(passed=...)")
    return said[0]


def _explain(error: SerializableErrorInfo, month: str) -> str:
    """Return what to say of an asset check that raised; a reader's own interrupt goes on."""
    words = " ".join(error.message.split()).rstrip(".")[:200]
    if words.startswith("KeyboardInterrupt"):
        raise KeyboardInterrupt
    if "is not a bool" in words:
        return "`passed` is not a bool of Python: write dg.AssetCheckResult(passed=bool(...))"
    if "FileNotFoundError" in words:
        words += ". The function has one parameter, `context`, and steps.read(...) returns the table"
    return f"stations_agree raises for {month}: {words}"


@exercise("12.3", hint='april.groupby("origin") gives the flights of each airport; '
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


def _make_table(**shares: tuple[int, int]) -> pd.DataFrame:
    """Return flights by carrier: so many in all, so many of them with a label, every fourth of these late."""
    rows = [(carrier, float(n % 4 == 0) if n < labelled else None)
            for carrier, (flights, labelled) in shares.items() for n in range(flights)]
    return pd.DataFrame(rows, columns=["carrier", LABEL]).astype({LABEL: float}).sample(frac=1, random_state=0)


_PAST = _make_table(UA=(1000, 1000), EV=(1000, 800), HA=(200, 200), OO=(100, 100), AS=(60, 60))
_CARRIERS = (  # labelled flights by carrier, whether they are in, why
    ({"UA": (1000, 1000), "EV": (1000, 800), "HA": (150, 150)}, True, "each carrier has its usual share"),
    ({"UA": (1000, 1000), "EV": (1000, 800), "HA": (150, 0)}, False, "HA, with 150 flights, has no label at all"),
    ({"UA": (1000, 1000), "EV": (1000, 800), "HA": (99, 0)}, True, "HA has fewer than 100 flights, and does not count"),
    ({"UA": (1000, 1000), "EV": (1000, 800), "HA": (100, 0)}, False, "HA has 100 flights, so it counts"),
    ({"UA": (1000, 951), "EV": (1000, 761), "HA": (150, 150)}, True, "both shares are above .95 of the usual ones"),
    ({"UA": (1000, 949), "EV": (1000, 800), "HA": (150, 150)}, False, "UA has .949 of its usual share"),
    ({"UA": (1000, 1000), "EV": (1000, 759)}, False, "EV has 759 labels of 1,000, .949 of its usual share of .8"),
    ({"UA": (1000, 950), "EV": (1000, 800)}, True, "UA has exactly .95 of its usual share"),
    ({"UA": (1000, 1000), "AS": (150, 0)}, False, "AS has 150 flights in `month`, so it counts; in `past` it has 60"),
    ({"HA": (50, 0), "OO": (60, 0)}, True, "no carrier has 100 flights, so none can be below its share"),
    ({"UA": (1000, 1000), "EV": (1000, 780)}, True, "EV's usual share is .8, and .78 is above .95 of it"),
)


@exercise("12.2", hint='month.groupby("carrier")["late"].agg(["size", "count"]): "count" leaves out what is missing; '
          "past has more carriers than month: take those of month by .reindex(...) or .loc[...]")
def check_carriers_are_in(answer: Callable[[pd.DataFrame, pd.DataFrame], bool]) -> str:
    """The condition of a sensor, tried on months that are made for it."""
    require_function(answer, "carriers_are_in(month, past)")
    for shares, right, why in _CARRIERS:
        if ask("carriers_are_in", answer, _make_table(**shares), _PAST.copy()) != right:
            raise NotYet(f"carriers_are_in gives {not right} and {right} is right: {why}")
    return "A sensor asks often, so its condition should be quick, and should say no when in doubt."
