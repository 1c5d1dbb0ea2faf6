# expects: It evaluated 2013-04
mlflow.projects.run(
    str(project), entry_point="evaluate", parameters={"model_uri": model_uri}, env_manager="local",
    experiment_name="03-projects", run_name="may",
)
