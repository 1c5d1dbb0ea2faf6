# expects: It evaluated another model
other = mlflow.search_runs(
    experiment_names=["late-flights"], filter_string="attributes.run_name = 'trees'", output_format="list"
)[0]
mlflow.projects.run(
    str(project), entry_point="evaluate", env_manager="local", experiment_name="03-projects", run_name="may",
    parameters={"model_uri": f"models:/{other.outputs.model_outputs[0].model_id}", "month": "2013-05"},
)
