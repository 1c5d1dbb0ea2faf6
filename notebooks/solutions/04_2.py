class Capacity(mlflow.pyfunc.PythonModel):
    def __init__(self, pipeline):
        self.pipeline = pipeline

    def predict(self, context, model_input: pd.DataFrame, params=None):
        p = self.pipeline.predict_proba(model_input)[:, 1]
        rank = (-p).argsort(kind="stable").argsort()  # 0 for the highest probability
        return rank < params["capacity"]


its_signature = mlflow.models.infer_signature(flight, np.array([True]), params={"capacity": 10})
its_signature.inputs = SIGNATURE.inputs
with mlflow.start_run(run_name="capacity"):
    mine = mlflow.pyfunc.log_model(
        python_model=Capacity(trees), name="capacity", signature=its_signature, pip_requirements=needed)
