"""The live server beside ``mlflow models serve``, what its log costs, and swaps under load; prints a table.

Usage: ``python tests/benchmarks/live_speed.py [--seconds 8] [--clients 8] [--swaps 20]``,
in the course's environment. A temporary workspace is brought to notebook 5's end first.
One-row requests of April's flights, from one process beside the server, each server alone
and for as long; the same model in each. Rounds alternate, so that a busy machine disturbs
all alike; the median round counts.
"""
import argparse
import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

workspace = tempfile.TemporaryDirectory()
os.environ["WORKBOOK_WORKSPACE"] = workspace.name
sys.path.insert(0, str(Path(__file__).parents[1]))

import mlflow  # noqa: E402
import pandas as pd  # noqa: E402

from helpers import checkpoints, onnx_form, paths, servers  # noqa: E402
from helpers.features import FEATURES  # noqa: E402
from load import bodies, load  # noqa: E402

GOAL_TIMES, GOAL_SWAP = 20, 1.0


def register() -> str:
    """Register notebook 2's trees, with their ONNX form, as versions 1 and 2 of a model; return its name."""
    client = mlflow.MlflowClient()
    source = client.get_model_version_by_alias("late", "champion").source
    signature = mlflow.models.get_model_info(source).signature
    proto = onnx_form.convert(mlflow.sklearn.load_model(source), signature)
    with mlflow.start_run():
        form = mlflow.onnx.log_model(proto, name="onnx", signature=signature, pip_requirements=["onnxruntime"])
    client.create_registered_model("bench")
    for number in ("1", "2"):
        client.create_model_version("bench", source=source)
        client.set_model_version_tag("bench", number, "onnx", form.model_uri)
    client.set_registered_model_alias("bench", "champion", "1")
    return "bench"


def rates(ports: dict[str, int], payloads: list[bytes], seconds: float, clients: int, rounds: int) -> dict[str, float]:
    """Return requests a second of each server, the median of some rounds in turn."""
    found = {name: [] for name in ports}
    for _ in range(rounds):
        for name, port in ports.items():
            answers = load(port, itertools.cycle(payloads), clients, lambda now, _: now > seconds)
            assert all(answer.status == 200 for answer in answers), f"{name}: a request failed"
            found[name].append(len(answers) / answers[-1].ended)
    return {name: statistics.median(values) for name, values in found.items()}


def swaps(port: int, payloads: list[bytes], count: int, clients: int) -> tuple[list[float], int, int]:
    """Return seconds from each move of the alias to the first answer by the new version, answers, and failures."""
    client, done, moved = mlflow.MlflowClient(), threading.Event(), []
    start = time.perf_counter()
    box = []
    sender = threading.Thread(
        target=lambda: box.extend(load(port, itertools.cycle(payloads), clients, lambda *_: done.is_set()))
    )
    sender.start()
    for number in itertools.islice(itertools.cycle(["2", "1"]), count):
        time.sleep(1.5)
        client.set_registered_model_alias("bench", "champion", number)
        moved.append((time.perf_counter() - start, number))
    time.sleep(3)
    done.set()
    sender.join()
    first = [min(a.ended for a in box if a.ended > moment and a.version == number) - moment for moment, number in moved]
    return first, len(box), sum(answer.status != 200 for answer in box)


def main() -> None:
    """Run the comparison and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--swaps", type=int, default=20)
    chosen = parser.parse_args()
    checkpoints.begin("06")
    mlflow.set_tracking_uri(paths.TRACKING_URI)
    mlflow.set_experiment("bench")
    name = register()
    april = pd.read_parquet(paths.PREPARED / "2013-04.parquet")[FEATURES].head(2000)
    log = Path(workspace.name) / "log.db"
    with (
        servers.model_server(f"models:/{name}@champion") as mlflows,
        servers.live_server(name) as bare,
        servers.live_server(name, log=log, poll=0.5) as live,
    ):
        ports = {"mlflow models serve": mlflows.port, "live, no log": bare.port, "live, with log": live.port}
        found = rates(ports, bodies(april), chosen.seconds, chosen.clients, chosen.rounds)
        seconds, answers, failed = swaps(live.port, bodies(april), chosen.swaps, chosen.clients)
    floor = found["mlflow models serve"]
    print(f"\n| {chosen.clients} clients, one row each | requests a second | times MLflow's |\n|---|---|---|")
    for server, rate in found.items():
        print(f"| {server} | {rate:,.0f} | {rate / floor:.1f} |")
    times, cost = found["live, with log"] / floor, found["live, no log"] / found["live, with log"] - 1
    print(f"\nThe log adds {cost:.0%} to a request.")
    goals = {
        f"{times:.1f} times MLflow's server (goal: {GOAL_TIMES})": times >= GOAL_TIMES,
        f"{failed} of {answers:,} requests failed over {len(seconds)} swaps (goal: 0)": not failed,
        f"alias moved to first answer by the new version: median {statistics.median(seconds):.2f} s, "
        f"longest {max(seconds):.2f} s (goal: {GOAL_SWAP:g} s)": max(seconds) <= GOAL_SWAP,
    }
    for text, holds in goals.items():
        print(f"{'holds' if holds else 'DOES NOT HOLD'}: {text}")


if __name__ == "__main__":
    main()
