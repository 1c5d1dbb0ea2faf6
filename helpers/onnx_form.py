"""The ONNX form of the course's trees: the same probabilities, without scikit-learn and much faster."""
from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from onnx import ModelProto
    from onnxruntime import InferenceSession
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import Pipeline

_DTYPES = {"tensor(string)": object, "tensor(int64)": "int64", "tensor(double)": "float64"}
_OPSETS = {"": 21, "ai.onnx.ml": 3}  # from 3 on, trees may compare in double


def convert(pipeline: Pipeline, signature: ModelSignature) -> ModelProto:
    """Return a fitted pipeline of an ordinal encoder and boosted trees as an ONNX graph.

    Its inputs are the signature's columns (text, int64 or double), each of shape (n, 1); its
    outputs are ``label`` of shape (n,) and ``probabilities`` of shape (n, 2), as float32.
    """
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType

    kinds = {"string": StringTensorType, "long": Int64TensorType, "double": DoubleTensorType}
    inputs = [(column.name, kinds[column.type.name]([None, 1])) for column in signature.inputs]
    pipeline = copy.deepcopy(pipeline)
    pipeline[0].named_transformers_["ordinalencoder"].dtype = np.int64  # beside float32 all would become float32
    graph = to_onnx(pipeline, initial_types=inputs, options={"zipmap": False}, target_opset=_OPSETS)
    _keep_doubles(graph, pipeline[-1])
    return graph


def _keep_doubles(graph: ModelProto, trees: HistGradientBoostingClassifier) -> None:
    """Write a graph's trees in double, as scikit-learn has them; skl2onnx rounds them to float32.

    A number between a threshold and its rounded value would take the other branch.
    """
    from onnx import checker, helper, numpy_helper

    nodes = np.concatenate([tree.nodes for (tree,) in trees._predictors])
    leaves = nodes["is_leaf"].astype(bool)
    exact = {
        "nodes_values": np.where(leaves, 0, nodes["num_threshold"]),
        "class_weights": nodes["value"][leaves],
        "base_values": np.ravel(trees._baseline_prediction),
    }
    node = graph.graph.node[-1]
    for attribute in [attribute for attribute in node.attribute if attribute.name in exact]:
        values = exact[attribute.name].astype("float64")
        if not np.array_equal(values.astype("float32"), np.array(attribute.floats, "float32")):
            raise ValueError(f"the graph's {attribute.name} are not the trees': is this another version of skl2onnx?")
        node.attribute.remove(attribute)
        name = f"{attribute.name}_as_tensor"
        node.attribute.append(helper.make_attribute(name, numpy_helper.from_array(values, name)))
    next(opset for opset in graph.opset_import if opset.domain == "ai.onnx.ml").version = _OPSETS["ai.onnx.ml"]
    checker.check_model(graph)


def start(model: ModelProto) -> InferenceSession:
    """Return a session that runs an ONNX graph on one thread: a row is too little work for more."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def predict_probabilities(session: InferenceSession, table: pd.DataFrame) -> np.ndarray:
    """Return the probability of each row's being late, of shape (n,), as float32."""
    return session.run(["probabilities"], make_inputs(session, table))[0][:, 1]


def make_inputs(session: InferenceSession, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the inputs of a session by name, for the rows of a table."""
    known = table.astype(object).where(table.notna(), None)
    return {column.name: make_input(known[column.name], _DTYPES[column.type]) for column in session.get_inputs()}


def make_input(values: Sequence, kind: object) -> np.ndarray:
    """Return n values, None where unknown, as an ONNX input of shape (n, 1); a text that is unknown is an empty one."""
    if kind is object:
        values = ["" if value is None else value for value in values]
    return np.array(values, dtype=kind)[:, None]
