with progress.clock("evaluate"):
    mlflow.projects.run(
        str(project), entry_point="evaluate", parameters={"model_uri": model_uri, "month": "2013-05"},
        env_manager="local", experiment_name="03-projects", run_name="may",
    )
