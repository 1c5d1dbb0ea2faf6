# expects: with 3, is True for 10 in place of 3
class Deaf(mlflow.pyfunc.PythonModel):
    def __init__(self, pipeline):
        self.pipeline = pipeline

    def predict(self, context, model_input, params=None):
        p = self.pipeline.predict_proba(model_input)[:, 1]
        return (-p).argsort(kind="stable").argsort() < 10


said = mlflow.models.infer_signature(flight, np.array([True]), params={"capacity": 10})
said.inputs = SIGNATURE.inputs
with mlflow.start_run(run_name="wrong"):
    mine = mlflow.pyfunc.log_model(python_model=Deaf(trees), name="wrong", signature=said, pip_requirements=needed)
