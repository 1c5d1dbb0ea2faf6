"""Score a model on a month that it was not trained on, and log the result with intervals from blocks of days."""
import common
import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import Run
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from helpers import monitoring
from helpers.features import FEATURES, LABEL


def main(model_uri: str, month: str) -> None:
    """Load the model as a server would, score the month, and log metrics that name model and data."""
    model = mlflow.pyfunc.load_model(model_uri)
    common.require_unseen(month, read_training_months(model.metadata.run_id))
    rows = common.read_labelled(month)
    data = common.describe_data(month, rows)
    mlflow.log_input(data, context="evaluation")
    mlflow.log_metrics(compute_scores(rows, model.predict(rows[FEATURES])[:, 1]), model_id=model.model_id, dataset=data)


def read_training_months(run_id: str | None) -> list[str]:
    """Return the months that the run of a model has on record as training data; fail this run where there are none."""
    months = list_training_months(mlflow.get_run(run_id)) if run_id else []
    if not months:
        common.stop(
            f"a model is evaluated only if its run has its training data on record, and run {run_id} has none: "
            "train it again, with mlflow.log_input(data, context='training') for each month"
        )
    return months


def list_training_months(run: Run) -> list[str]:
    """Return the names of the datasets that a run has on record as training data, and of no others."""
    recorded = [(item.dataset.name, {tag.key: tag.value for tag in item.tags}) for item in run.inputs.dataset_inputs]
    return [name for name, tags in recorded if tags.get(MLFLOW_DATASET_CONTEXT) == "training"]


def compute_scores(rows: pd.DataFrame, late: np.ndarray) -> dict[str, float]:
    """Return AUC, Brier score and calibration gap of forecasts, each with a 95 % interval."""
    scored = rows.assign(score=late)
    found = {"auc": monitoring.auc(scored), "calibration_gap": monitoring.calibration_gap(scored)}
    squared = (late - rows[LABEL]) ** 2
    found["brier"] = monitoring.Estimate(squared.mean(), *monitoring.mean_interval(squared, rows["date"]))
    ends = {"": "value", "_low": "low", "_high": "high"}
    return {name + end: getattr(one, part) for name, one in found.items() for end, part in ends.items()}


if __name__ == "__main__":
    with mlflow.start_run():
        mlflow.set_tags(common.collect_facts())
        parser = common.Parser(description=__doc__, allow_abbrev=False)
        parser.add_argument("--model_uri", required=True)
        parser.add_argument("--month", required=True)
        main(**vars(parser.parse_args()))
