"""The ONNX form of a scikit-learn pipeline: the same probabilities, without scikit-learn and much faster."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from onnx import ModelProto
    from onnxruntime import InferenceSession
    from sklearn.pipeline import Pipeline


def convert(pipeline: Pipeline, signature: ModelSignature) -> ModelProto:
    """Return a fitted classifier as an ONNX graph.

    Its inputs are the signature's columns, each of shape (n, 1): text, int64, or float32 where the
    signature says double. Its outputs are ``label`` of shape (n,) and ``probabilities`` of shape (n, 2).
    """
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType

    kinds = {"string": StringTensorType, "long": Int64TensorType, "double": FloatTensorType}
    inputs = [(column.name, kinds[column.type.name]([None, 1])) for column in signature.inputs]
    return to_onnx(pipeline, initial_types=inputs, options={"zipmap": False})


def start(model: ModelProto) -> InferenceSession:
    """Return a session that runs an ONNX graph on one thread: a row is too little work for more."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def probabilities(session: InferenceSession, table: pd.DataFrame) -> np.ndarray:
    """Return the probability of each row's being late, of shape (n,), as float32."""
    feed = {column.name: as_input(table[column.name], column.type) for column in session.get_inputs()}
    return session.run(["probabilities"], feed)[0][:, 1]


def as_input(column: pd.Series, kind: str) -> np.ndarray:
    """Return a column as an ONNX input of shape (n, 1); a missing text is an empty one, which no category is."""
    if kind == "tensor(string)":
        return column.astype(object).where(column.notna(), "").to_numpy(dtype=object)[:, None]
    return column.to_numpy(dtype="int64" if kind == "tensor(int64)" else "float32")[:, None]
