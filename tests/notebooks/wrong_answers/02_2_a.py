# expects: so it belongs to the parameters
with mlflow.start_run(run_name="threshold", experiment_id=scratch):
    mlflow.log_metrics({"threshold": 0.3, "flagged": (forecasts["trees"] >= 0.3).mean()})
