# expects: give what mlflow.pyfunc.log_model returns
mine = mlflow.models.infer_signature(flight, np.array([True]), params={"capacity": 10})
