# expects: its name must be `mine`
for mine in mlflow.search_runs([scratch], "attributes.run_name = 'mine'", output_format="list"):
    mlflow.delete_run(mine.info.run_id)
with mlflow.start_run(run_name="Mine", experiment_id=scratch):
    mlflow.log_param("C", 0.1)
