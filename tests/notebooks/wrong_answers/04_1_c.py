# expects: without the column carrier passes the signature, and the pipeline fails
from mlflow.types import ColSpec, Schema

kinds_of = {name: "string" if name in CATEGORIES else "double" for name in FEATURES}
specs = [ColSpec(kind, name, required=False) for name, kind in kinds_of.items()]
lenient = mlflow.models.ModelSignature(inputs=Schema(specs))
