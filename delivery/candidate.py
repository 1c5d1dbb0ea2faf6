"""What follows the tests: write the report on this commit's model, and register the model as the candidate."""
# ruff: noqa: I001 (common comes before mlflow, which it keeps quiet)
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "project"))
import common
import evaluate

import mlflow
from helpers.features import FEATURES
from mlflow.entities import LoggedModel, Run

HERE = Path(__file__).resolve().parent
NAME = "late-ci"
MONTH = "2013-04"  # the month after those of the training


def ask_git(*words: str) -> str:
    """Return what Git prints for a command."""
    done = subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def read_commit() -> str:
    """Return the id of the commit that is checked out."""
    return ask_git("rev-parse", "HEAD")


def find_run() -> Run:
    """Return the latest finished training of the commit that is checked out; end the program where there is none."""
    query = f"tags.mlflow.source.git.commit = '{read_commit()}' and attributes.status = 'FINISHED'"
    found = mlflow.search_runs(filter_string=query, max_results=1, output_format="list")
    if not found:
        sys.exit("no model was trained from this commit: run the step train first")
    return found[0]


def find_model(run: Run) -> LoggedModel:
    """Return the scikit-learn form among the models that a run has logged."""
    models = [mlflow.get_logged_model(made.model_id) for made in run.outputs.model_outputs]
    return next(model for model in models if model.name == "model")


def report() -> None:
    """Log how the model performs on the month after its training, and write that into report.md."""
    run, rows = find_run(), common.read_labelled(MONTH)
    model = mlflow.pyfunc.load_model(find_model(run).model_uri)
    scores = evaluate.compute_scores(rows, model.predict(rows[FEATURES])[:, 1])
    lines = [f"{name:>15} {scores[name]:.4f}, from {scores[name + '_low']:.4f} to {scores[name + '_high']:.4f}"
             for name in ("auc", "brier", "calibration_gap")]
    text = "\n".join([f"The model of this commit on {len(rows):,} flights of {MONTH}, with 95 % intervals:", *lines])
    (HERE / "report.md").write_text(f"```\n{text}\n```\n", encoding="utf-8")
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.log_metrics(scores)
        mlflow.log_artifact(HERE / "report.md")
    print(text)


def register() -> None:
    """Register the model that was tested, once, and give it the alias candidate."""
    if changed := ask_git("status", "--porcelain", "--untracked-files=no"):
        sys.exit(f"nothing is registered: the commit does not have these changes, so commit them first:\n{changed}")
    client, run, commit = mlflow.MlflowClient(), find_run(), read_commit()
    if not client.search_registered_models(f"name = '{NAME}'"):
        client.create_registered_model(NAME)
    known = client.search_model_versions(f"name = '{NAME}' and run_id = '{run.info.run_id}'")
    model = find_model(run)
    version = known[0] if known else client.create_model_version(
        NAME, model.model_uri, run.info.run_id, tags={"commit": commit}, model_id=model.model_id
    )
    client.set_registered_model_alias(NAME, "candidate", version.version)
    print(f"version {version.version} of {NAME} is the candidate")


if __name__ == "__main__":
    {"report": report, "register": register}[sys.argv[1]]()
