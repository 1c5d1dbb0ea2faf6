# expects: not made by the entry point evaluate
with mlflow.start_run(run_name="may"):
    mlflow.log_param("month", "2013-05")
