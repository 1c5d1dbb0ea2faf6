"""The least that a FastAPI route does with an ONNX model: no check, log or swap; the live server is held against it.

Usage: ``uvicorn bare_route:app``, with the address of the model in ``BARE_MODEL``.
"""
import os

import mlflow.onnx
from fastapi import FastAPI, Request

from helpers import onnx_form

session = onnx_form.start(mlflow.onnx.load_model(os.environ["BARE_MODEL"]))
types = {"tensor(string)": object, "tensor(int64)": "int64", "tensor(double)": "float64"}
kinds = {column.name: types[column.type] for column in session.get_inputs()}
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
    feed = {name: onnx_form.make_input(columns[name], kind) for name, kind in kinds.items()}
    return {"predictions": session.run(["probabilities"], feed)[0].tolist()}
