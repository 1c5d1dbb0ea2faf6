"""The least that a FastAPI route does with an ONNX model: no check, log or swap; the live server is held against it.

Usage: ``uvicorn bare_route:app``, with the address of the model in ``BARE_MODEL``.
"""
import os

import mlflow.onnx
import numpy as np
from fastapi import FastAPI, Request

from helpers import onnx_form

session = onnx_form.start(mlflow.onnx.load_model(os.environ["BARE_MODEL"]))
kinds = {column.name: object if "string" in column.type else column.type[7:-1] for column in session.get_inputs()}
app = FastAPI()


@app.get("/health")
async def health() -> str:
    """Say that it is there."""
    return "ready"


@app.post("/invocations")
async def invocations(request: Request) -> dict[str, list[list[float]]]:
    """Score the rows of a ``dataframe_split``."""
    content = (await request.json())["dataframe_split"]
    columns = dict(zip(content["columns"], zip(*content["data"])))
    feed = {name: np.array(columns[name], kind if kind is object else kind.replace("double", "float64"))[:, None]
            for name, kind in kinds.items()}  # fmt: skip
    return {"predictions": session.run(["probabilities"], feed)[0].tolist()}
