"""Run prepare, train and evaluate as children of one run, and reuse what has run before on the same inputs."""
import common
import mlflow
import yaml
from mlflow.entities import Run


def main(months: str, learning_rate: str, month: str) -> None:
    """Run the three steps, each on what the one before it has made."""
    common.require_unseen(month, common.split_months(months))  # before minutes of training are spent
    run_step("prepare", {})
    trained = run_step("train", {"months": months, "learning_rate": learning_rate})
    run_step("evaluate", {"model_uri": find_model(trained), "month": month})


def run_step(entry_point: str, parameters: dict[str, str]) -> Run:
    """Return a finished run of a step: an earlier one where nothing has changed since, or else a new child."""
    run = find_finished(entry_point, parameters)
    mlflow.set_tag(entry_point, "reused" if run else "run")
    if run is None:
        child = mlflow.projects.run(
            str(common.HERE), entry_point, parameters=parameters, run_name=entry_point, env_manager="local"
        )
        run = mlflow.get_run(child.run_id)
    return run


def find_finished(entry_point: str, parameters: dict[str, str]) -> Run | None:
    """Return a finished run of this experiment with the same entry point, parameters, code, packages and data."""
    wanted = {"tags.mlflow.project.entryPoint": entry_point, "attributes.status": "FINISHED"}
    for name, value in {**read_defaults(entry_point), **parameters}.items():
        wanted[f"params.{name}"] = value
    for name, value in common.collect_facts().items():
        wanted[f"tags.{name}"] = value
    query = " and ".join(f"{name} = '{value}'" for name, value in wanted.items())
    for run in mlflow.search_runs(filter_string=query, output_format="list"):  # the newest first
        if is_unchanged(run):
            return run
    return None


def read_defaults(entry_point: str) -> dict[str, str]:
    """Return the parameters of an entry point that have a default."""
    project = yaml.safe_load((common.HERE / "MLproject").read_text(encoding="utf-8"))
    parameters = project["entry_points"][entry_point]["parameters"]
    return {name: str(one["default"]) for name, one in parameters.items() if "default" in one}


def is_unchanged(run: Run) -> bool:
    """Return whether every dataset that a run has read or written still has the digest of the record."""
    data = [item.dataset for item in run.inputs.dataset_inputs]
    return all(common.compute_digest(one.name) == one.digest for one in data)


def find_model(run: Run) -> str:
    """Return the address of the scikit-learn form among the models that a run has logged."""
    models = [mlflow.get_logged_model(made.model_id) for made in run.outputs.model_outputs]
    return next(model.model_uri for model in models if model.name == "model")


if __name__ == "__main__":
    with mlflow.start_run():
        parser = common.Parser(description=__doc__, allow_abbrev=False)
        for name in ("months", "learning_rate", "month"):
            parser.add_argument(f"--{name}", required=True)
        main(**vars(parser.parse_args()))
