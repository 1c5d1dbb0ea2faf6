"""The live server beside other servers and the model alone, what its log costs, and swaps under load; prints a table.

Usage: ``python tests/benchmarks/live_speed.py [--seconds 8] [--clients 8] [--swaps 20]``,
in the course's environment. A temporary workspace is brought to notebook 6's end first.
One-row requests of April's flights, from one process beside the server, each server alone
and for as long; the same model in each. In this process the model, and its ONNX form, score
row after row: the floor. MLServer takes part where the group `platforms` is there. Rounds
alternate, so that a busy machine disturbs all alike; the median round counts.
"""
import argparse
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

workspace = tempfile.TemporaryDirectory()
os.environ["WORKBOOK_WORKSPACE"] = workspace.name
os.environ["OMP_NUM_THREADS"] = "1"  # in this process as in the servers
sys.path.insert(0, str(Path(__file__).parents[1]))

import mlflow  # noqa: E402
import pandas as pd  # noqa: E402

from helpers import checkpoints, onnx_form, paths, progress, servers  # noqa: E402
from helpers.features import FEATURES  # noqa: E402
from helpers.setup import groups  # noqa: E402
from rows import Row, markdown  # noqa: E402
from support.load import bodies, load  # noqa: E402

GOAL_TIMES, POLL, GOAL_SWAP = 20, 0.5, 1.0
GOAL_OF_NOTEBOOKS = 1 / 10  # of 04: ONNX beside scikit-learn; of 07: a row in a request of 1,000 beside one alone
FLOOR, ONNX = "pyfunc, in process", "ONNX runtime, in process"
MLFLOWS, LIVE, BARE, MLSERVER = "mlflow models serve", "live, with log", "live, no log", "MLServer"
ROUTE = "a bare FastAPI route, ONNX"  # no check, no log, no swap
GOAL_OF_ROUTE = 2  # at least half its rate
IMPORT = [sys.executable, "-c", "import helpers, mlflow.pyfunc"]


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


def mlserver(name: str) -> servers.Server:
    """Return an MLServer of a registered model's champion, as notebook 17 sets it up, from its group's environment."""
    folder = Path(workspace.name) / "mlserver"
    mlflow.artifacts.download_artifacts(f"models:/{name}@champion", dst_path=str(folder / name / "model"))
    ports = {kind: servers.free_port() for kind in ("http_port", "grpc_port", "metrics_port")}
    settings = {"host": servers.HOST, **ports, "parallel_workers": 0, "debug": False}
    settings |= {kind: str(folder / kind) for kind in ("metrics_dir", "environments_dir")}
    model = {"name": name, "implementation": "mlserver_mlflow.MLflowRuntime", "parameters": {"uri": "./model"}}
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / name / "model-settings.json").write_text(json.dumps(model))
    program = str(groups.find_home("platforms") / ("Scripts" if os.name == "nt" else "bin") / "mlserver")
    command, health = ["mlserver", "start", str(folder)], f"/v2/models/{name}/ready"
    return servers.Server(command, ports["http_port"], health, program=[program])


def bare_route(name: str) -> servers.Server:
    """Return the server of a route that only scores, with the ONNX form of a registered model's champion."""
    version, port = mlflow.MlflowClient().get_model_version_by_alias(name, "champion"), servers.free_port()
    options = ["--app-dir", str(Path(__file__).parent), "--log-level", "warning", "--no-access-log"]
    command = ["uvicorn", "bare_route:app", "--port", str(port), *options]
    return servers.Server(command, port, env={"BARE_MODEL": version.tags["onnx"], "WEB_CONCURRENCY": "1"})


def contestants(name: str, quick: bool) -> dict[str, servers.Server]:
    """Return the servers of a registered model; quickly without those that are only to compare with MLflow's."""
    champion = f"models:/{name}@champion"
    found = {
        MLFLOWS: servers.model_server(champion),
        BARE: servers.live_server(name),
        LIVE: servers.live_server(name, log=Path(workspace.name) / "log.db", poll=POLL),
        ROUTE: bare_route(name),
    }
    if quick:
        return found
    found[f"{MLFLOWS} --workers 2"] = servers.model_server(champion, workers=2)
    return found if groups.find_missing("platforms") else {**found, MLSERVER: mlserver(name)}


@contextlib.contextmanager
def started(contest: dict[str, servers.Server]) -> Iterator[dict[str, float]]:
    """Start the servers one after the other; yield the seconds that each took until it was ready."""
    with contextlib.ExitStack() as stack:
        found = {}
        for name, server in contest.items():
            began = time.perf_counter()
            stack.enter_context(server)
            found[name] = time.perf_counter() - began
        yield found


def in_process(name: str, rows: pd.DataFrame) -> dict[str, Callable[[float], float]]:
    """Return for the model and its ONNX form what measures the rows a second that a loop in this process scores.

    As in notebook 04, the pipeline gets a table of one row, and the ONNX form arrays that were made before.
    """
    champion = mlflow.MlflowClient().get_model_version_by_alias(name, "champion")
    model = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    session = onnx_form.start(mlflow.onnx.load_model(champion.tags["onnx"]))
    singly = [rows.iloc[[place]] for place in range(200)]
    inputs = [onnx_form.make_inputs(session, row) for row in singly]

    def loop(score: Callable, items: list, seconds: float) -> float:
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            score(items[count % len(items)])
            count += 1
        return count / (time.perf_counter() - began)

    return {
        FLOOR: lambda seconds: loop(model.predict, singly, seconds),
        ONNX: lambda seconds: loop(lambda arrays: session.run(["probabilities"], arrays), inputs, seconds),
    }


def served(port: int, payloads: list[bytes], clients: int) -> Callable[[float], float]:
    """Return what measures the requests a second that a server answers."""

    def rate(seconds: float) -> float:
        answers = load(port, itertools.cycle(payloads), clients, lambda now, _: now > seconds)
        assert all(answer.status == 200 for answer in answers), f"a request to port {port} failed"
        return len(answers) / answers[-1].ended

    return rate


def rates(contest: dict[str, Callable[[float], float]], seconds: float, rounds: int) -> dict[str, float]:
    """Return requests a second of each, the median of some rounds in turn."""
    turns = [(name, rate) for _ in range(rounds) for name, rate in contest.items()]
    found = {name: [] for name in contest}
    for name, rate in progress.bar(turns, "turns"):
        found[name].append(rate(seconds))
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
        servers.wait_for_status(f"http://{servers.HOST}:{port}", champion=int(number))
    time.sleep(3)
    done.set()
    sender.join()
    first = [min(a.ended for a in box if a.ended > moment and a.version == number) - moment for moment, number in moved]
    return first, len(box), sum(answer.status != 200 for answer in box)


def start_rows(took: dict[str, float]) -> list[Row]:
    """Return the rows of the servers' starts, beside the import of MLflow in a new process."""
    began = time.perf_counter()
    subprocess.run(IMPORT, check=True, timeout=120)
    floor = time.perf_counter() - began
    what, against = "{}, start to ready", "import of mlflow.pyfunc"
    return [Row("serving", what.format(name), seconds, against, floor) for name, seconds in took.items()]


def rate_rows(found: dict[str, float], clients: int) -> list[Row]:
    """Return the rows of the servers' rates beside the floor, and of ours beside the other servers."""
    what = "{}, " + f"{clients} clients"
    goals = {(LIVE, MLFLOWS): 1 / GOAL_TIMES, (LIVE, ROUTE): GOAL_OF_ROUTE, (ONNX, FLOOR): GOAL_OF_NOTEBOOKS}
    others = [name for name in found if name not in (FLOOR, LIVE)]
    pairs = [(LIVE, FLOOR), *((name, FLOOR) for name in others), *((LIVE, name) for name in others)]
    return [
        Row("serving", what.format(name), found[name], other, found[other], "rows/s", goals.get((name, other)))
        for name, other in pairs
    ]


def batch_row(port: int, rows: pd.DataFrame, seconds: float) -> Row:
    """Return the row of what a flight costs in a request of 1,000, beside one that travels alone."""
    many = json.dumps({"dataframe_records": json.loads(rows.head(1000).to_json(orient="records"))}).encode()
    alone, together = (served(port, payloads, clients=1)(seconds) for payloads in (bodies(rows), [many]))
    what = f"{MLFLOWS}, 1,000 rows in a request, 1 client"
    return Row("serving", what, 1000 * together, "one row in a request", alone, "rows/s", GOAL_OF_NOTEBOOKS)


def swap_row(port: int, payloads: list[bytes], count: int, clients: int) -> Row:
    """Return the row of swaps under load."""
    with progress.clock(f"{count} swaps"):
        seconds, answers, failed = swaps(port, payloads, count, clients)
    what = f"alias moved to first answer by the new version, longest of {count}"
    note = f"median {statistics.median(seconds):.2f} s; {failed} of {answers:,} requests failed (goal: 0)"
    return Row("serving", what, max(seconds), "the registry is asked every", POLL, goal=GOAL_SWAP / POLL, note=note)


def measured(seconds: float, clients: int, rounds: int, count: int, quick: bool = False) -> list[Row]:
    """Return all rows."""
    checkpoints.begin("07")
    mlflow.set_tracking_uri(paths.TRACKING_URI)
    mlflow.set_experiment("bench")
    name = register()
    april = pd.read_parquet(paths.PREPARED / "2013-04.parquet")[FEATURES].head(2000)
    payloads, contest = bodies(april), contestants(name, quick)
    with started(contest) as took:
        loops = {who: served(server.port, payloads, clients) for who, server in contest.items()}
        found = rates(in_process(name, april) | loops, seconds, rounds)
        batch = batch_row(contest[MLFLOWS].port, april, seconds)
        swapped = swap_row(contest[LIVE].port, payloads, count, clients)
    return [*start_rows(took), *rate_rows(found, clients), batch, swapped]


def serving_rows(quick: bool) -> list[Row]:
    """Return the rows for the table of all; quickly from one short round and few swaps."""
    return measured(1, 8, 1, 2, quick) if quick else measured(5, 8, 3, 20)


def main() -> None:
    """Run the comparison and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--swaps", type=int, default=20)
    chosen = parser.parse_args()
    print(markdown(measured(chosen.seconds, chosen.clients, chosen.rounds, chosen.swaps)))


if __name__ == "__main__":
    main()
