"""The steps of a month as assets. Each writes a file, and reads the files of those before it."""
import os

import dagster as dg
import mlflow
import numpy as np
import pandas as pd
import sklearn
import skops.io  # noqa: F401 (MLflow reads models by it: imported now, while a run waits for the month before)
import steps
from steps import MODEL, MONTHS

from helpers import flights, paths
from helpers.drift import ReferenceProfile
from helpers.faults import FAULTS
from helpers.features import FEATURES, LABEL, prepare
from helpers.live.prediction_log import ids_of

REQUIREMENTS = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}", "skops"]
TRUSTED = ["numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
WINTER = ["2013-01", "2013-02", "2013-03"]


class Delivery(dg.Config):
    """For drills: a fault of `helpers.faults`."""

    fault: str = ""


@dg.asset(partitions_def=MONTHS, deps=["raw_month"])
def prepared_month(context: dg.AssetExecutionContext, config: Delivery) -> dg.MaterializeResult:
    """The features of a month's flights; no label is known yet."""
    month = context.partition_key
    steps.withdraw_decision(month)
    table = prepare(steps.read("raw_month", month), flights.load("weather"), flights.load("airports"))
    table = table[table["date"] >= month].assign(**{LABEL: np.nan})
    if config.fault:
        table = FAULTS[config.fault](table)
    steps.write(table.reset_index(drop=True), "prepared_month", month)
    return dg.MaterializeResult(metadata={"flights": len(table)})


@dg.asset(partitions_def=MONTHS, deps=["prepared_month"])
def drift_report(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The PSI of each feature against the month before, as soon as that month is decided."""
    steps.wait_for_before(context)
    month = context.partition_key
    profile = ReferenceProfile.from_frame(read_prepared(steps.find_before(month))[FEATURES])
    report = profile.compare(read_prepared(month)[FEATURES], statistics=["psi"])
    steps.write(report, "drift_report", month)
    return dg.MaterializeResult(metadata={"largest_psi": float(report["value"].max())})


@dg.asset(partitions_def=MONTHS, deps=["prepared_month", "drift_report"])
def scores(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The champion's forecasts for a month, each with its version and the Dagster run that made it."""
    month = context.partition_key
    version = steps.find_champion(month)
    table = read_prepared(month)
    forecasts = pd.DataFrame({"id": ids_of(table), "date": table["date"], "version": version, "run": context.run_id})
    forecasts["probability"] = score(f"models:/{MODEL}/{version}", table)
    steps.write(forecasts, "scores", month)
    return dg.MaterializeResult(metadata={"flights": len(table), "version": version})


class Feed(dg.Config):
    """For drills: how many times the source of the labels does not answer."""

    outages: int = 0


@dg.asset(
    partitions_def=MONTHS, deps=["raw_month"],
    retry_policy=dg.RetryPolicy(max_retries=3, delay=0.5, backoff=dg.Backoff.EXPONENTIAL),
)
def labels(context: dg.AssetExecutionContext, config: Feed) -> dg.MaterializeResult:
    """The labels of a month that were reported by the fifteenth of the next."""
    if context.retry_number < config.outages:
        raise ConnectionError("the source of the labels does not answer")
    month = context.partition_key
    table = steps.read_labels(month, steps.find_fifteenth(month))
    steps.write(table.reset_index(drop=True), "labels", month)
    return dg.MaterializeResult(metadata={"flights": len(table), "labelled": int(table[LABEL].count())})


@dg.asset(partitions_def=MONTHS, deps=["scores", "labels"])
def evaluation(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The champion's and the rehearsal's errors on a month, summed over each day."""
    steps.wait_for_before(context)
    month = context.partition_key
    table = read_labelled(month)
    champion = table["id"].map(steps.read("scores", month).set_index("id")["probability"])
    rehearsed = steps.read_record("retrained_model", steps.find_before(month))
    rehearsal = score(rehearsed["model"], table) if rehearsed else champion
    columns = {"flights": 1.0, "late": table[LABEL], "champion": champion}
    columns |= {"champion_error": (champion - table[LABEL]) ** 2, "rehearsal_error": (rehearsal - table[LABEL]) ** 2}
    days = pd.DataFrame(columns).groupby(table["date"]).sum()
    steps.write(days, "evaluation", month)
    gap = (days["champion"] - days["late"]).sum() / days["flights"].sum()
    return dg.MaterializeResult(metadata={"gap": float(gap)})


class Drill(dg.Config):
    """For drills: the process dies when MLflow has the model and Dagster has not heard of it."""

    dies: bool = False


@dg.asset(partitions_def=MONTHS, deps=["evaluation"])
def retrained_model(context: dg.AssetExecutionContext, config: Drill) -> dg.MaterializeResult:
    """The same trees, fitted to all months up to this one; not again where MLflow has them of these rows and code."""
    month = context.partition_key
    rows = pd.concat([read_labelled(key) for key in [*WINTER, *steps.list_earlier(month), month]])
    tags = {"partition": month, "data": steps.hash_rows(rows[[*FEATURES, LABEL]]), "code": steps.hash_code()}
    run = steps.find_run(tags) or fit_and_log(rows, {**tags, "dagster_run": context.run_id})
    if config.dies:
        os._exit(1)
    model = f"models:/{run.outputs.model_outputs[0].model_id}"
    steps.write_record("retrained_model", month, {"run": run.info.run_id, "model": model})
    return dg.MaterializeResult(metadata={"rows": len(rows), "mlflow_run": run.info.run_id})


@dg.asset(partitions_def=MONTHS, deps=["retrained_model"])
def promotion(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The champion after a month: the refit if there is an alarm and the gate says yes, else the old one."""
    month = context.partition_key
    days, champion = steps.read("evaluation", month), steps.find_champion(month)
    alarm = steps.raises_alarm(days)
    promoted = alarm and steps.compare(days)[1] < -steps.WORTHWHILE
    decision = {"alarm": alarm, "promoted": promoted, "champion": find_version(month) if promoted else champion}
    before = steps.read_record("promotion", month) or steps.read_record("withdrawn", month)
    if before not in ({}, decision) and steps.list_later(month):
        raise dg.Failure(f"{month} now decides {decision}, and later months stand on {before}: a person must look, "
                         f"and may call steps.forget_later({month!r}) and run it and them again")
    if promoted and decision != before:
        decision["champion"] = decision["champion"] or register(month)
        move_aliases(champion=decision["champion"], previous=champion)
    elif before.get("promoted") and not promoted:
        move_aliases(champion=champion, previous=None)
    steps.write_record("promotion", month, decision)
    return dg.MaterializeResult(metadata=decision)


def read_prepared(month: str) -> pd.DataFrame:
    """Return a prepared month: of the pipeline, or before it of notebook 1."""
    return steps.read("prepared_month", month) if month >= "2013-04" else read_winter(month)


def read_winter(month: str) -> pd.DataFrame:
    """Return a month that notebook 1 has prepared."""
    return pd.read_parquet(paths.PREPARED / f"{month}.parquet")


def read_labelled(month: str) -> pd.DataFrame:
    """Return the flights of a month whose label is known, with their ids."""
    if month in WINTER:
        return read_winter(month).dropna(subset=LABEL)
    table = read_prepared(month).drop(columns=LABEL)
    table["id"] = ids_of(table)
    return table.merge(steps.read("labels", month)[["id", LABEL]], on="id").dropna(subset=LABEL)


def score(address: str, table: pd.DataFrame) -> np.ndarray:
    """Return a model's probabilities that flights are late."""
    return mlflow.sklearn.load_model(address).predict_proba(table[FEATURES])[:, 1]


def fit_and_log(rows: pd.DataFrame, tags: dict[str, str]):
    """Fit the champion's pipeline to other rows, log it as a run with tags, and return the run."""
    first = mlflow.sklearn.load_model(f"models:/{MODEL}/1")
    model = sklearn.clone(first).fit(rows[FEATURES], rows[LABEL])
    mlflow.set_experiment(steps.EXPERIMENT)
    with mlflow.start_run(run_name=f"refit {tags['partition']}", tags=tags) as run:
        mlflow.log_param("rows", len(rows))
        signature = mlflow.models.get_model_info(f"models:/{MODEL}/1").signature
        mlflow.sklearn.log_model(
            model, name="model", signature=signature, pip_requirements=REQUIREMENTS,
            pyfunc_predict_fn="predict_proba", skops_trusted_types=TRUSTED,
        )
    return mlflow.get_run(run.info.run_id)


def find_version(month: str) -> str | None:
    """Return the version that a month's refit is, or nothing where it is not registered."""
    run = steps.read_record("retrained_model", month)["run"]
    known = mlflow.MlflowClient().search_model_versions(f"name = '{MODEL}'")
    return next((str(one.version) for one in known if one.run_id == run), None)


def register(month: str) -> str:
    """Register a month's refit, and return its version."""
    record = steps.read_record("retrained_model", month)
    return str(mlflow.MlflowClient().create_model_version(
        MODEL, source=record["model"], run_id=record["run"], tags={"partition": month}).version)


def move_aliases(**aliases: str | None) -> None:
    """Let each alias name a version, or take it away."""
    client = mlflow.MlflowClient()
    for alias, version in aliases.items():
        if version:
            client.set_registered_model_alias(MODEL, alias, version)
        else:
            client.delete_registered_model_alias(MODEL, alias)
