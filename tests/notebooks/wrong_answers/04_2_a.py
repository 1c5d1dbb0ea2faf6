# expects: has no parameter `capacity`
class Fixed(mlflow.pyfunc.PythonModel):
    def __init__(self, pipeline):
        self.pipeline = pipeline

    def predict(self, context, model_input, params=None):
        p = self.pipeline.predict_proba(model_input)[:, 1]
        return (-p).argsort(kind="stable").argsort() < (params or {}).get("capacity", 10)


with mlflow.start_run(run_name="wrong"):
    mine = mlflow.pyfunc.log_model(
        python_model=Fixed(trees), name="wrong", signature=SIGNATURE, pip_requirements=needed)
