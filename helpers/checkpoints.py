"""Checkpoints: bring the workspace to where the earlier notebooks leave it.

A notebook's cells tagged ``checkpoint`` are those that later notebooks build on.
Where an earlier notebook has not run, its tagged cells run here, so that there
is one source for both.
"""
import contextlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from helpers import notebooks, paths
from helpers.setup import doctor, file_lock


@dataclass(frozen=True)
class _Left:
    """What one notebook leaves in the workspace, and how to see that it is there."""

    is_there: Callable[[], bool] = lambda: True
    experiments: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)


def months_prepared() -> bool:
    """Return whether notebook 01 has saved all twelve months, each to its end."""
    from pyarrow import ArrowException, parquet

    try:
        for month in range(1, 13):
            parquet.read_metadata(paths.PREPARED / f"2013-{month:02d}.parquet")
    except (FileNotFoundError, ArrowException):
        return False
    return True


def _runs_finished() -> bool:
    """Return whether notebook 02 has finished the four runs that notebook 06 registers from."""
    runs = _client_call(lambda client: _active_runs(client, ["late-flights"]))
    return {"logistic", "trees", "logistic-refit", "trees-refit"} <= {
        run.info.run_name for run in runs if run.info.status == "FINISHED"
    }


def _champion_is_trees() -> bool:
    """Return whether notebook 06 has promoted its second version."""
    version = _client_call(lambda client: client.get_model_version_by_alias("late", "champion").version)
    return version == 2


_LEFT = {
    "00": _Left(experiments=["00-first-flight"], models=["first-flight"]),
    "01": _Left(months_prepared),
    "02": _Left(_runs_finished, experiments=["late-flights", "02-scratch"]),
    "03": _Left(experiments=["03-projects"]),
    "04": _Left(experiments=["04-packaging"], models=["late-packaged"]),
    "06": _Left(_champion_is_trees, experiments=["06-registry"], models=["late", "late-scratch"]),
    "07": _Left(experiments=["07-serving"]),
    "08": _Left(experiments=["08-drift"]),
    "09": _Left(experiments=["09-live"], models=["late-live"]),
    "11": _Left(experiments=["11-year"], models=["late-year"]),
    "13": _Left(),
    "14": _Left(experiments=["14-big-data"]),
    "15": _Left(experiments=["15-integrations", "15-answers"]),
    "17": _Left(experiments=["17-platforms", "17-moved"], models=["late-platforms"]),
}


_PREPARING: list[str] = []  # the notebooks that this process is bringing to their checkpoint, one inside the other

_HELD: dict[Path, IO] = {}  # the locks of the notebooks that this kernel runs


def begin(number: str) -> None:
    """Bring the workspace to where the notebooks before `number` leave it, and start `number` over.

    What an earlier run of notebook `number` left goes: its runs to MLflow's trash, its
    traces and registered models for good. Everything else in the workspace stays.
    """
    if number not in _LEFT:
        raise ValueError(f"there is no notebook {number!r}: choose one of {', '.join(_LEFT)}")
    doctor.tell_of_problems()
    doctor.require(doctor.workspace)
    if not _PREPARING:
        _hold(number)
        if doctor.notebook():
            paths.use_temporary_folder(number)
    with _alone(number):
        _check_store()
        made = _make_earlier(number)
        clear(number)
    what = f"made what notebook {', '.join(made)} leaves" if made else "all that it needs was there"
    print(f"\rCheckpoint {number}: {what}.".ljust(60))


def _hold(number: str) -> None:
    """Keep a notebook for this kernel until it ends; raise ProblemError where another kernel runs it.

    Each of two would delete what the other has made. The system frees what a dead kernel held.
    """
    path = paths.WORKSPACE / f"notebook-{number}.lock"
    if path not in _HELD:
        file = path.open("a", encoding="utf-8")
        if not file_lock.take(file):
            file.close()
            raise doctor.ProblemError(
                f"Notebook {number} is at work in another kernel, and would lose what it made there: shut that "
                "kernel down (in JupyterLab: Kernel, Shut Down All Kernels), then run this notebook again."
            )
        _HELD[path] = file


@contextlib.contextmanager
def _alone(number: str) -> Iterator[None]:
    """Wait until no other notebook prepares the workspace, and have others wait; a cell replayed inside goes on."""
    waiting = f"\rCheckpoint {number}: another notebook prepares the workspace, waiting ..."
    lock = file_lock.hold(paths.WORKSPACE / "checkpoint.lock", waiting)
    with contextlib.nullcontext() if _PREPARING else lock:
        _PREPARING.append(number)
        try:
            yield
        finally:
            _PREPARING.pop()


def _make_earlier(number: str) -> list[str]:
    """Make what notebooks before `number` leave, where it is not there, and return which, with the seconds taken."""
    made = []
    for earlier in [n for n in _LEFT if n < number]:
        if not _LEFT[earlier].is_there():
            started = time.perf_counter()
            print(f"\rCheckpoint {number}: making what notebook {earlier} leaves", end=" ...", flush=True)
            replay(earlier)
            made.append(f"{earlier} ({time.perf_counter() - started:.0f} s)")
    return made


def _check_store() -> None:
    """Raise ProblemError, with the remedy, where MLflow's database in the workspace cannot be used.

    MLflow itself upgrades the database of an older version, with all that it holds.
    """
    import mlflow

    doctor.require(doctor.store)
    database = paths.WORKSPACE / "mlflow.db"
    if database.exists():
        try:
            _client().search_experiments(max_results=1)
        except mlflow.MlflowException as error:
            what = f"MLflow {mlflow.__version__} cannot use {database}, which another version has made"
            reason = error.message.partition(". ")[0]
            raise doctor.ProblemError(f"{what}: use that version; or, {doctor.STARTS_ANEW}. ({reason}.)") from error


def replay(number: str) -> None:
    """Run the cells of a notebook that are tagged ``checkpoint``, silently, in this process."""
    from matplotlib import pyplot

    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for position, source in enumerate(notebooks.tagged(number, "checkpoint")):
            exec(compile(source, f"<notebook {number}, checkpoint cell {position}>", "exec"), namespace)
    pyplot.close("all")


def clear(number: str) -> None:
    """Move the runs of a notebook's experiments to the trash and delete its traces and registered models."""
    if not (_LEFT[number].experiments or _LEFT[number].models) or not (paths.WORKSPACE / "mlflow.db").exists():
        return
    client = _client()
    for run in _active_runs(client, _LEFT[number].experiments):
        client.delete_run(run.info.run_id)
    for model in _logged_models(client, _LEFT[number].experiments):
        client.delete_logged_model(model.model_id)
    for experiment in _experiment_ids(client, _LEFT[number].experiments):
        client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000))
    for name in {m.name for m in client.search_registered_models()} & set(_LEFT[number].models):
        client.delete_registered_model(name)


def _client():
    import mlflow

    return mlflow.MlflowClient(paths.TRACKING_URI, paths.TRACKING_URI)


def _client_call(question: Callable):
    """Return the answer to a question to the tracking store, or nothing where it has none yet."""
    from mlflow.exceptions import MlflowException

    if not (paths.WORKSPACE / "mlflow.db").exists():
        return []
    try:
        return question(_client())
    except MlflowException:
        return []


def _experiment_ids(client, names: list[str]) -> list[str]:
    return [e.experiment_id for e in client.search_experiments() if e.name in names]


def _active_runs(client, names: list[str]) -> list:
    ids = _experiment_ids(client, names)
    return client.search_runs(ids, max_results=1000) if ids else []


def _logged_models(client, names: list[str]) -> list:
    ids = _experiment_ids(client, names)
    return client.search_logged_models(ids) if ids else []
