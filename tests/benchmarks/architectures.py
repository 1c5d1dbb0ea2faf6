"""What each tracking architecture costs: time of a run and of a model, runs a second, memory, start; prints a table.

Usage: ``python tests/benchmarks/architectures.py [--runs 30] [--seconds 6] [--save FILE.csv]``, in the
course's environment with its group `architectures`. Each architecture stands alone in a temporary folder
while it is measured. Clients are up to four processes, sixteen are four threads in each; the median time counts.
"""
import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

workspace = tempfile.TemporaryDirectory()
os.environ["WORKBOOK_WORKSPACE"] = workspace.name
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import pandas as pd  # noqa: E402
import psutil  # noqa: E402

from helpers import servers  # noqa: E402
from helpers.stores import postgres  # noqa: E402
from rows import Row  # noqa: E402
from support.architectures import SYSTEM, remote  # noqa: E402

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
CLIENTS = {1: (1, 1), 4: (4, 1), 16: (4, 4)}  # processes and threads in each: sixteen processes would fight for memory
CLIENT = """
import statistics, sys, time
from concurrent.futures import ThreadPoolExecutor
import mlflow
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

model = make_pipeline(StandardScaler(), LogisticRegression()).fit([[0.0], [1.0]], [0, 1])

def run():
    with mlflow.start_run():
        mlflow.log_params({f"p{number}": number for number in range(10)})
        mlflow.log_metrics({f"m{number}": number for number in range(10)})

def log_model():
    mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])

def median_of(action, count):
    action()
    times = []
    for _ in range(count):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)

def count_until(end):
    count = 0
    while time.perf_counter() < end:
        run()
        count += 1
    return count

def together(threads, seconds):
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        count = sum(pool.map(count_until, [began + seconds] * threads))
    return count, time.perf_counter() - began

mlflow.set_experiment("benchmark")
run()
print("ready", flush=True)
for line in sys.stdin:
    what, *numbers = line.split()
    if what == "times":
        print(median_of(run, int(numbers[0])), median_of(log_model, int(numbers[0])), flush=True)
    else:
        print(*together(int(numbers[0]), float(numbers[1])), flush=True)
"""


@dataclass
class Place:
    """Somewhere that runs go: what its clients need to know, and whose memory it takes."""

    environment: dict[str, str]
    start_seconds: float = 0
    parts: list[servers.Server] = field(default_factory=list)

    def memory_mb(self) -> float:
        """Return the memory of all processes of its servers; pages that they share count once for each."""
        families = [servers.watchdog.descendants_of(server._process) for server in self.parts]
        return sum(memory(process) for family in families for process in family) / 1e6


def memory(process: psutil.Process) -> int:
    """Return the memory of a process, shared pages by its share where the system tells."""
    found = process.memory_full_info()
    return getattr(found, "pss", 0) or found.rss


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[Place]:
    """SQLite and a folder, without a server."""
    yield Place({"MLFLOW_TRACKING_URI": f"sqlite:///{folder.as_posix()}/mlflow.db"})


@contextlib.contextmanager
def on_postgres(folder: Path) -> Iterator[Place]:
    """A PostgreSQL server and a folder, without a tracking server."""
    with postgres.postgres_server(folder=folder / "postgres") as database:
        began = time.perf_counter()
        database.stop()
        database.start()
        uri = postgres.create_database(database.access, "mlflow")
        yield Place({"MLFLOW_TRACKING_URI": uri, **database.access.login}, time.perf_counter() - began, [database])


@contextlib.contextmanager
def tracking(folder: Path, cache_seconds: int) -> Iterator[Place]:
    """A tracking server with logins over PostgreSQL and an object store."""
    began = time.perf_counter()
    with remote(folder, cache_seconds=cache_seconds) as setup:
        parts = [setup.database, setup.objects, setup.server]
        yield Place(setup.environment(), time.perf_counter() - began, parts)


ARCHITECTURES: dict[str, Callable[[Path], contextlib.AbstractContextManager[Place]]] = {
    "localhost, SQLite": sqlite,
    "localhost, PostgreSQL": on_postgres,
    "remote server": lambda folder: tracking(folder, 0),
    "remote server, logins cached": lambda folder: tracking(folder, 600),
}


class Client:
    """A process that logs runs when it is told to."""

    def __init__(self, place: Place, folder: Path) -> None:
        """Start it and wait until it has logged a run."""
        system = {name: os.environ[name] for name in SYSTEM if name in os.environ}
        env = {**system, **QUIET, "OMP_NUM_THREADS": "1", **place.environment}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        log = (folder / "client.log").open("a")
        self.process = subprocess.Popen([sys.executable, "-c", CLIENT], cwd=folder, env=env, stderr=log, **pipes)
        if self.answer() != "ready":
            raise RuntimeError((folder / "client.log").read_text()[-2000:])

    def tell(self, *words: object) -> None:
        """Send a command."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        """Wait for what it prints."""
        return self.process.stdout.readline().strip()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def times(one: Client, count: int) -> tuple[float, float]:
    """Return the median seconds that logging a run and logging a model take."""
    one.tell("times", count)
    run, model = map(float, one.answer().split())
    return run, model


def rate(team: list[Client], clients: int, seconds: float) -> float:
    """Return the runs a second that clients log who work at the same time."""
    processes, threads = CLIENTS[clients]
    for one in team[:processes]:
        one.tell("rate", threads, seconds)
    counts, elapsed = zip(*(map(float, one.answer().split()) for one in team[:processes]))
    return sum(counts) / max(elapsed)  # the last runs end a little later than asked for


def measure(name: str, count: int, seconds: float) -> dict[str, object]:
    """Return an architecture's row of the table."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(ARCHITECTURES[name](folder))
        team = [stack.enter_context(Client(place, folder)) for _ in range(4)]
        run, model = times(team[0], count)
        rates = {f"runs_a_second_{clients}_clients": rate(team, clients, seconds) for clients in CLIENTS}
        servers_of = {"start_seconds": place.start_seconds, "servers_memory_mb": place.memory_mb()}
    return {"architecture": name, "log_a_run_ms": run * 1000, "log_a_model_ms": model * 1000, **rates, **servers_of}


def table(count: int, seconds: float) -> pd.DataFrame:
    """Return a row for each architecture, with the times as multiples of the first one's."""
    found = pd.DataFrame([measure(name, count, seconds) for name in ARCHITECTURES])
    for what in ("run", "model"):
        times_of = found[f"log_a_{what}_ms"]
        place = found.columns.get_loc(f"log_a_{what}_ms") + 1
        found.insert(place, f"log_a_{what}_times_sqlite", times_of / times_of[0])
    digits = {column: 0 if column.endswith(("ms", "mb")) else 1 for column in found.columns[1:]}
    return found.round(digits).astype({column: int for column, number in digits.items() if not number})


def architectures_rows(quick: bool) -> list[Row]:
    """Return the rows for the table of all: a run and a model of each architecture beside the first one's."""
    found = table(*((5, 1) if quick else (30, 6))).set_index("architecture")
    first, *others = found.index
    return [
        Row("architectures", f"log a {what}, {name}", found.at[name, column], first, found.at[first, column], "ms")
        for what, column in {"run": "log_a_run_ms", "model": "log_a_model_ms"}.items()
        for name in others
    ]


def main() -> None:
    """Measure, print the table and save it where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30, help="how many runs and models are timed")
    parser.add_argument("--seconds", type=float, default=6, help="how long the clients work together")
    parser.add_argument("--save", type=Path, help="write the table as CSV")
    chosen = parser.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors" if os.name == "posix" else "")
    found = table(chosen.runs, chosen.seconds)
    print(f"\n{found.set_index('architecture').T.to_string()}")
    if chosen.save:
        found.to_csv(chosen.save, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
