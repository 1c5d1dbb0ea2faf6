write("desk_of_text.py", '''
import json
import re
from pathlib import Path
import mlflow
import numpy as np
import pandas as pd

DESKS = ["routine", "traffic", "weather"]

class DeskOfText(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.network = mlflow.pyfunc.load_model(context.artifacts["network"])
        vocabulary = json.loads(Path(context.artifacts["vocabulary"]).read_text(encoding="utf-8"))
        self.number = {word: number for number, word in enumerate(vocabulary)}

    def predict(self, context, model_input: pd.DataFrame, params=None):
        numbers = np.zeros((len(model_input), 24), dtype="int64")
        for row, text in enumerate(model_input.iloc[:, 0]):
            known = [self.number.get(word, 1) for word in re.findall("[a-z]+", text.lower())][:24]
            numbers[row, :len(known)] = known
        return np.array(DESKS)[self.network.predict(numbers).argmax(axis=1)]

mlflow.models.set_model(DeskOfText())
''')
with mlflow.start_run(run_name="PyTorch, wrapped"):
    wrapped = mlflow.pyfunc.log_model(
        name="wrapped", python_model=str(kit / "desk_of_text.py"),
        signature=ModelSignature(Schema([ColSpec("string")])),
        artifacts={"network": torch_info.model_uri, "vocabulary": str(kit / "vocabulary.json")},
        pip_requirements=pinned("torch"))
