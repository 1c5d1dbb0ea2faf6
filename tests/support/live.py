"""What tests of the live server share: a registry's name, models logged in two forms, servers, requests to them."""
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import requests

from helpers import onnx_form, servers
from support.processes import until

NAME = "late-test"


def log_both(mlflow, model, table: pd.DataFrame) -> tuple[str, str]:
    """Log a pipeline and its ONNX form; return the address of each."""
    signature = mlflow.models.infer_signature(table, np.array([[0.5, 0.5]]))
    trusted = ["numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(
            model, name="model", signature=signature, pip_requirements=["scikit-learn"],
            pyfunc_predict_fn="predict_proba", skops_trusted_types=trusted,
        )  # fmt: skip
        proto = onnx_form.convert(model, signature)
        form = mlflow.onnx.log_model(proto, name="onnx", signature=signature, pip_requirements=["onnxruntime"])
    return logged.model_uri, form.model_uri


def serve(place: Path, log: str = "", **options) -> servers.Server:
    """Return a live server over the test's registry."""
    env = {"MLFLOW_TRACKING_URI": f"sqlite:///{(place / 'mlflow.db').as_posix()}"} | options.pop("env", {})
    return servers.live_server(NAME, log=place / log if log else None, env=env, poll=0.2, **options)


def post(server: servers.Server, rows: pd.DataFrame, path: str = "/invocations") -> requests.Response:
    """Send rows as records."""
    body = {"dataframe_records": json.loads(rows.to_json(orient="records"))}
    return requests.post(server.url + path, json=body, timeout=30)


def serves(server: servers.Server, **what) -> bool:
    """Return whether a server's status holds all this."""
    status = requests.get(f"{server.url}/status", timeout=30).json()
    return what.items() <= status.items()


def wait_until_it_serves(server: servers.Server, **what) -> None:
    """Wait until a server's status holds all this."""
    until(lambda: serves(server, **what))


@contextlib.contextmanager
def locked(log: Path) -> Iterator[None]:
    """Lock a log's file from another connection for as long as a block runs."""
    with contextlib.closing(sqlite3.connect(log, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")
