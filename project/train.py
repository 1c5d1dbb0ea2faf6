"""Fit the boosted trees on some months, and log all that production needs: two forms of the model and a profile."""
import tempfile
from pathlib import Path

import common
import mlflow
import numpy as np
import onnxruntime
import pandas as pd
import sklearn
from sklearn import compose, ensemble, pipeline, preprocessing

from helpers import onnx_form
from helpers.drift import ReferenceProfile
from helpers.features import CATEGORIES, FEATURES, LABEL

REQUIREMENTS = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}", "skops"]
TRUSTED = ["numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
SETTINGS = {
    "max_iter": int,
    "learning_rate": float,
    "max_leaf_nodes": int,
    "min_samples_leaf": int,
    "l2_regularization": float,
    "seed": int,
}
CLOSE = 1e-5  # by how much the probabilities of the two forms may differ


def build_trees(seed: int, **settings: float) -> pipeline.Pipeline:
    """Return the pipeline of notebook 2, not yet fitted."""
    boosting = ensemble.HistGradientBoostingClassifier(random_state=seed, early_stopping=False, **settings)
    codes = preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = compose.make_column_transformer((codes, CATEGORIES), remainder="passthrough")
    return pipeline.make_pipeline(columns, boosting)


def main(months: list[str], settings: dict[str, float]) -> None:
    """Fit the trees, and log them with their data and settings."""
    data = [common.describe_data(month, common.read_labelled(month)) for month in months]
    for month in data:
        mlflow.log_input(month, context="training")
    rows = pd.concat([month.df for month in data])
    model = build_trees(**settings).fit(rows[FEATURES], rows[LABEL])
    others = {name: value for name, value in model[-1].get_params().items() if name not in settings}
    mlflow.log_params({"rows": len(rows), **others})  # MLflow has logged the entry point's own parameters
    mlflow.set_tag("family", type(model[-1]).__name__)
    log_model(model, rows[FEATURES])
    log_profile(rows[FEATURES])


def log_model(model: pipeline.Pipeline, features: pd.DataFrame) -> None:
    """Log the model in its two forms, once they are known to agree."""
    signature = mlflow.models.infer_signature(features, np.array([[0.75, 0.25]]))
    onnx = onnx_form.convert(model, signature)
    difference = find_largest_difference(model, onnx, features)
    mlflow.log_metric("onnx_difference", difference)
    if not difference <= CLOSE:
        common.stop(f"the forms differ by {difference:.1e}, more than {CLOSE}, so neither is logged")
    mlflow.sklearn.log_model(
        model, name="model", signature=signature, input_example=features.head(3), pip_requirements=REQUIREMENTS,
        pyfunc_predict_fn="predict_proba", skops_trusted_types=TRUSTED,
    )
    mlflow.onnx.log_model(onnx, name="onnx", pip_requirements=[f"onnxruntime=={onnxruntime.__version__}"])


def find_largest_difference(model: pipeline.Pipeline, onnx, features: pd.DataFrame) -> float:
    """Return by how much the probabilities of the two forms differ at most."""
    late = onnx_form.predict_probabilities(onnx_form.start(onnx), features)
    return float(np.abs(model.predict_proba(features)[:, 1] - late).max())


def log_profile(features: pd.DataFrame) -> None:
    """Log what the features looked like, for drift checks."""
    with tempfile.TemporaryDirectory() as folder:
        ReferenceProfile.from_frame(features).save(Path(folder) / "profile.json")
        mlflow.log_artifact(Path(folder) / "profile.json")


if __name__ == "__main__":
    with mlflow.start_run():
        mlflow.set_tags(common.collect_facts())
        parser = common.Parser(description=__doc__, allow_abbrev=False)
        parser.add_argument("--months", type=common.split_months, required=True)
        for name, kind in SETTINGS.items():
            parser.add_argument(f"--{name}", type=kind, required=True)
        options = vars(parser.parse_args())
        main(options.pop("months"), options)
