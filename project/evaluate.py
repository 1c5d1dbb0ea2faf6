"""Score a model on a month that it has not seen, and log the result with intervals from whole days drawn anew."""
import common
import mlflow
import numpy as np
import pandas as pd

from helpers import monitoring
from helpers.features import FEATURES, LABEL


def main(model_uri: str, month: str) -> None:
    """Load the model as a server would, score the month, and log metrics that name model and data."""
    rows = common.read_labelled(month)
    data = common.describe_data(month, rows)
    model = mlflow.pyfunc.load_model(model_uri)
    mlflow.log_input(data, context="evaluation")
    mlflow.log_metrics(compute_scores(rows, model.predict(rows[FEATURES])[:, 1]), model_id=model.model_id, dataset=data)


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
