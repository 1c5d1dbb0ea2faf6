# expects: count the forecasts of at least 0.3
with mlflow.start_run(run_name="threshold", experiment_id=scratch):
    mlflow.log_param("threshold", 0.3)
    mlflow.log_metric("flagged", (forecasts["logistic"] >= 0.3).mean())
