"""The live server: a registered model over REST, swapped while it answers.

``python -m helpers.live --model late --log FILE`` serves ``models:/late@champion`` on
127.0.0.1 and follows the alias. The registry is that of ``MLFLOW_TRACKING_URI``; events
from it are signed with ``LIVE_WEBHOOK_SECRET``.
"""
import argparse
import os

import uvicorn

from helpers.live.app import build
from helpers.live.prediction_log import PredictionLog


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m helpers.live", description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="the registered model whose champion is served")
    parser.add_argument("--port", type=int, default=5001)
    parser.add_argument("--log", help="the file of the prediction log; without it nothing is logged")
    parser.add_argument("--poll", type=float, default=2.0, help="seconds between two looks at the registry")
    chosen = parser.parse_args()
    log = PredictionLog(chosen.log) if chosen.log else None
    app = build(chosen.model, log, chosen.poll, os.environ.get("LIVE_WEBHOOK_SECRET", ""))
    uvicorn.run(app, host="127.0.0.1", port=chosen.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
