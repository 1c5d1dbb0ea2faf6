# expects: The run is FAILED
try:
    with mlflow.start_run(run_name="mine", experiment_id=scratch):
        mlflow.log_param("C", 0.1)
        raise ValueError("the model could not be logged")
except ValueError:
    pass
