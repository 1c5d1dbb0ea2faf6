# expects: its name must be `threshold`
for mine in mlflow.search_runs([scratch], "attributes.run_name = 'threshold'", output_format="list"):
    mlflow.delete_run(mine.info.run_id)
with mlflow.start_run(run_name="Threshold", experiment_id=scratch):
    mlflow.log_param("threshold", 0.3)
