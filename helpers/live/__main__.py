"""The live server: a registered model over REST, swapped while it answers.

``python -m helpers.live --model late --log FILE`` serves ``models:/late@champion`` on
127.0.0.1 and follows the alias. The registry is that of ``MLFLOW_TRACKING_URI``.
"""
import argparse
import os
import sys

import uvicorn

from helpers.live import limits
from helpers.live.app import build
from helpers.live.models import Models, Retries, look
from helpers.live.prediction_log import PredictionLog

_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}  # else 7, and 120 s


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m helpers.live", description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="the registered model whose champion is served")
    parser.add_argument("--port", type=int, default=5001)
    parser.add_argument("--log", help="the file of the prediction log; without it nothing is logged")
    parser.add_argument("--poll", type=float, default=2.0, help="seconds between two looks at the registry")
    parser.add_argument("--patience", type=float, default=20.0, help="seconds in which a request must be whole")
    chosen = parser.parse_args()
    limits.patience = chosen.patience
    sys.setswitchinterval(0.0002)  # seconds; with Python's own 0.005 the log's thread waits long for its turn
    os.environ.update(_PATIENCE | {name: os.environ[name] for name in _PATIENCE if name in os.environ})
    models = look_first(chosen.model)
    log = PredictionLog(chosen.log, timeout=chosen.patience / 4) if chosen.log else None
    app = build(chosen.model, log, chosen.poll, models)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=chosen.port,
        log_level="warning",
        access_log=False,
        workers=1,  # whatever WEB_CONCURRENCY says: each would have a log and models of its own
        http=limits.PROTOCOL,
        timeout_graceful_shutdown=5,  # seconds for answers under way
    )
    sys.stderr.flush()
    os._exit(0)  # the log is closed; a model that still computes would hold the process


def look_first(name: str) -> Models:
    """Return what the registry wants served; end with a sentence where it cannot be asked, or knows no such model."""
    import mlflow

    client = mlflow.MlflowClient()
    try:
        return look(client, name, Models(), Retries())
    except mlflow.MlflowException as error:
        known = ""
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            known = f" The registry has: {', '.join(model.name for model in client.search_registered_models())}."
        sys.exit(f"models:/{name}@champion cannot be served: {error.message}{known}")
    except Exception as error:
        sys.exit(f"models:/{name}@champion cannot be served: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
