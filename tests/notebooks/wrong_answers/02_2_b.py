# expects: a share lies between 0 and 1
with mlflow.start_run(run_name="threshold", experiment_id=scratch):
    mlflow.log_param("threshold", 0.3)
    mlflow.log_metric("flagged", (forecasts["trees"] >= 0.3).sum())
