# expects: 20 equal flights with 5, is True for 20 in place of 5
class Ranks(mlflow.pyfunc.PythonModel):
    def __init__(self, pipeline):
        self.pipeline = pipeline

    def predict(self, context, model_input, params=None):
        p = pd.Series(self.pipeline.predict_proba(model_input)[:, 1])
        return (p.rank(method="min", ascending=False) <= params["capacity"]).to_numpy()


said = mlflow.models.infer_signature(flight, np.array([True]), params={"capacity": 10})
said.inputs = SIGNATURE.inputs
with mlflow.start_run(run_name="wrong"):
    mine = mlflow.pyfunc.log_model(python_model=Ranks(trees), name="wrong", signature=said, pip_requirements=needed)
