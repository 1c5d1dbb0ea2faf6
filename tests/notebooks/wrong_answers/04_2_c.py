# expects: leaves out a flight with a higher probability
class Lowest(mlflow.pyfunc.PythonModel):
    def __init__(self, pipeline):
        self.pipeline = pipeline

    def predict(self, context, model_input, params=None):
        p = self.pipeline.predict_proba(model_input)[:, 1]
        return p.argsort(kind="stable").argsort() < params["capacity"]


said = mlflow.models.infer_signature(flight, np.array([True]), params={"capacity": 10})
said.inputs = SIGNATURE.inputs
with mlflow.start_run(run_name="wrong"):
    mine = mlflow.pyfunc.log_model(python_model=Lowest(trees), name="wrong", signature=said, pip_requirements=needed)
