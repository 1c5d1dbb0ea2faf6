"""Checks of notebook 12."""
import contextlib
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
from helpers.checks.answers import ask, call, require_function, show
from helpers.checks.records import connect
from helpers.checks.registry import NotYet, exercise
from helpers.features import LABEL
from helpers.pipeline import location

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


def _make_table(**shares: tuple[int, int]) -> pd.DataFrame:
    """Return flights by carrier: so many in all, so many of them with a label, every fourth of these late."""
    rows = [(carrier, float(n % 4 == 0) if n < labelled else None)
            for carrier, (flights, labelled) in shares.items() for n in range(flights)]
    return pd.DataFrame(rows, columns=["carrier", LABEL]).astype({LABEL: float}).sample(frac=1, random_state=0)


_PAST = _make_table(UA=(1000, 1000), EV=(1000, 800), HA=(200, 200), OO=(100, 100), AS=(60, 60))
_CARRIERS = (  # labelled flights by carrier, whether they are in, why
    ({"UA": (1000, 1000), "EV": (1000, 800), "HA": (150, 150)}, True,
     "each carrier has its usual share: UA and HA 1, EV .8"),
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


@exercise("12.3", hint="client.search_model_versions(f\"name = '{name}'\") gives the versions of a model, each with "
          "its run_id; client.create_model_version(name, source=source, run_id=run_id) returns a new one")
def check_register_once(answer: Callable[[str, str, str], str]) -> str:
    """A function that registers a run's model, tried on two scratch models in the registry."""
    require_function(answer, "register_once(name, run_id, source)")
    with _make_scratch("late-scratch-12a", "late-scratch-12b") as (one, other):
        first, second, third = _find_refits()
        connect().create_model_version(one, source=f"runs:/{third}/model", run_id=third)  # as it may be written too
        for name, run, right, why in (
            (one, first, 2, "the model has a version of another run, and none of this one"),
            (one, first, 2, "version 2 is of this run already"),
            (one, third, 1, "version 1 is of this run, and somebody else has registered it"),
            (one, second, 3, "the model has no version of this run"),
            (other, first, 1, "this registered model has no version yet; the other one does not count"),
            (one, first, 2, "version 2 is of this run already, and version 3 is of another"),
        ):
            said = call("register_once", answer, name, run, _find_source(run))
            _require_version(said, right, name, why)
            _require_origin(name, right, run)
    return "It may run again, after any failure, and each run has one version."


def _require_version(said: object, right: int, name: str, why: str) -> None:
    """Raise NotYet where an answer is not the number of a version, or the registry has another number of versions."""
    if hasattr(said, "version"):
        raise NotYet("register_once returns the whole version: return its number, `.version`")
    found = connect().search_model_versions(f"name = '{name}'")
    numbers = sorted(int(one.version) for one in found)
    if str(said) != str(right):
        raise NotYet(f"register_once returns {show(said)}, and the number is {right}: {why}")
    if right not in numbers or numbers != list(range(1, len(numbers) + 1)):
        raise NotYet(f"register_once returns {said}, and {name} has the versions {numbers or 'none'}: {why}")


def _require_origin(name: str, number: int, run: str) -> None:
    """Raise NotYet where a version is not of a run, or has neither its model's address nor another of the same run."""
    made = connect().get_model_version(name, str(number))
    if made.run_id != run or made.source not in (_find_source(run), f"runs:/{run}/model"):
        raise NotYet(f"version {number} has the run_id {made.run_id!r} and the source {made.source!r}: "
                     f"they should be {run!r} and {_find_source(run)!r}")


def _find_refits() -> list[str]:
    """Return the runs of three refits of the pipeline."""
    runs = mlflow.search_runs(experiment_names=["12-pipeline"], filter_string="attributes.status = 'FINISHED'",
                              max_results=3, output_format="list")
    if len(runs) < 3:
        raise NotYet("run the cells above first: they fit the months")
    return [run.info.run_id for run in runs]


def _find_source(run: str) -> str:
    """Return the address of a run's model."""
    return f"models:/{connect().get_run(run).outputs.model_outputs[0].model_id}"


@contextmanager
def _make_scratch(*names: str) -> Iterator[tuple[str, ...]]:
    """Make registered models without versions for a block, and delete them after it."""
    def delete() -> None:
        for name in names:
            with contextlib.suppress(mlflow.exceptions.MlflowException):
                connect().delete_registered_model(name)

    delete()  # of a check whose kernel was killed
    try:
        for name in names:
            connect().create_registered_model(name)
        yield names
    finally:
        delete()
