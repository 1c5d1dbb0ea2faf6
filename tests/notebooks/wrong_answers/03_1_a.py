# expects: It evaluated 2013-04
model_uri = next(
    f"models:/{made.model_id}" for made in run.outputs.model_outputs
    if mlflow.get_logged_model(made.model_id).name == "model"
)
mlflow.projects.run(
    str(project), entry_point="evaluate", parameters={"model_uri": model_uri}, env_manager="local",
    experiment_name="03-projects", run_name="may",
)
