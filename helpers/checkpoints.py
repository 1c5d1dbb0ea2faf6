"""Checkpoints: bring the workspace to where the earlier notebooks leave it.

A notebook's cells tagged ``checkpoint`` are those that later notebooks build on.
Where an earlier notebook has not run, its tagged cells run here, so that there
is one source for both.
"""
import contextlib
import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from helpers import notebooks, paths, watchdog
from helpers.setup import file_lock, findings, storage

_RUNS = {"logistic", "trees", "logistic-refit", "trees-refit"}


def _months_are_whole() -> bool:
    """Return whether notebook 01 has saved all twelve months, each to its end and with all columns."""
    from pyarrow import parquet

    from helpers.features import FEATURES, KEY, LABEL

    files = [paths.PREPARED / f"2013-{month:02d}.parquet" for month in range(1, 13)]
    return all({*KEY, *FEATURES, LABEL} <= {*parquet.read_schema(file).names} for file in files)


def _runs_are_whole() -> bool:
    """Return whether all that is left of the four runs of notebook 02 can be used, those started twice included.

    Of a cell that ran twice, the later refits alone have a profile, and they are those that others take.
    """
    client = _connect()
    experiments = _find_experiments(client, ["late-flights"]) if client else []
    runs = [run for experiment in experiments for run in client.search_runs([experiment], max_results=1000)]
    ours = [run for run in runs if run.info.run_name in _RUNS]  # the latest first
    latest = {run.info.run_name: run.info.run_id for run in reversed(ours)}
    return latest.keys() == _RUNS and all(_is_whole(client, run, run.info.run_id in latest.values()) for run in ours)


def _is_whole(client, run, latest: bool) -> bool:
    """Return whether a run is finished and not deleted, its model loads, and so does the profile of the latest refits.

    MLflow keeps the files of a deleted model, so both its record and its files are asked for.
    """
    import mlflow

    if (run.info.status, run.info.lifecycle_stage) != ("FINISHED", "active"):
        return False
    for made in run.outputs.model_outputs:
        mlflow.pyfunc.load_model(client.get_logged_model(made.model_id).artifact_location)
    if latest and run.info.run_name.endswith("-refit"):
        _load_profile(run)
    return bool(run.outputs.model_outputs)


def _load_profile(run) -> None:
    """Load the profile of a run, which raises an error where there is none, or a damaged one."""
    import mlflow

    from helpers.drift import ReferenceProfile

    ReferenceProfile.load(mlflow.artifacts.download_artifacts(f"{run.info.artifact_uri}/profile.json"))


def _champion_is_whole() -> bool:
    """Return whether notebook 06 has promoted the second of its two versions, whose runs are among those of 02."""
    if not (client := _connect()):
        return False
    runs = [client.get_run(client.get_model_version("late", version).run_id) for version in ("1", "2")]
    kept = [run.info.run_name for run in runs if run.info.lifecycle_stage == "active"]
    _load_profile(runs[1])
    champion = client.get_model_version_by_alias("late", "champion")
    return str(champion.version) == "2" and kept == ["logistic-refit", "trees-refit"]


@dataclass(frozen=True)
class _Left:
    """What a notebook leaves in MLflow's store, by name, and whether what others build on is there."""

    experiments: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()  # for evaluation
    is_there: Callable[[], bool] = lambda: True


_LEFT = {
    "00": _Left(("00-first-flight",), ("first-flight",)),
    "01": _Left(is_there=_months_are_whole),
    "02": _Left(("late-flights", "02-scratch"), is_there=_runs_are_whole),
    "03": _Left(("03-projects",)),
    "04": _Left(("04-packaging",), ("late-packaged",)),
    "05": _Left(("05-evaluation",)),
    "06": _Left(("06-registry",), ("late", "late-scratch"), is_there=_champion_is_whole),
    "07": _Left(("07-serving",)),
    "08": _Left(("08-drift",)),
    "09": _Left(("09-live",), ("late-live",)),
    "10": _Left(("10-incidents",), ("late-duty",)),
    "11": _Left(("11-year",), ("late-year",)),
    "12": _Left(("12-pipeline",), ("late-monthly",)),
    "13": _Left(),
    "14": _Left(("14-big-data",)),
    "15": _Left(("15-integrations",)),
    "16": _Left(("16-assistant",), prompts=("assistant",), datasets=("assistant-questions",)),
    "17": _Left(("17-platforms", "17-moved"), ("late-platforms",)),
    "18": _Left(("18-delivery", "18-alerts"), ("late-ci", "late-alerts")),
}
_LOCKS: dict[Path, IO] = {}  # of the notebooks that this kernel runs, held until it ends
_REPLAYED: list[str] = []  # the notebooks whose cells run in this process now, one inside the other


def begin(number: str) -> None:
    """Bring the workspace to where the notebooks before `number` leave it, and start `number` over.

    What an earlier run of notebook `number` left goes: its runs to MLflow's trash, its
    traces, registered models, prompts and evaluation datasets for good. Everything else in the workspace stays.

    Raises
    ------
    ValueError
        If there is no such notebook.
    ProblemError
        If the workspace or its store cannot be used, or another kernel runs this notebook.
    """
    if number not in _LEFT:
        raise ValueError(f"there is no notebook {number!r}: choose one of {', '.join(_LEFT)}")
    storage.explain_failures()
    with contextlib.suppress(OSError):  # as the next line says
        paths.make_folders()
    findings.require(storage.check_workspace, storage.check_neighbours)
    with contextlib.nullcontext() if _REPLAYED else _lock(number):
        _check_store()
        made = _make_earlier(number)
        clear(number)
    what = f"made what notebook {', '.join(made)} leaves" if made else "all that it needs was there"
    print(f"\rCheckpoint {number}: {what}.".ljust(60))


def _lock(number: str) -> contextlib.AbstractContextManager:
    """Keep a notebook for this kernel until it ends, and return a lock that others wait for who prepare the workspace.

    Of two kernels with one notebook, each would delete what the other has made: then it
    raises ProblemError. The system frees what a dead kernel held.
    """
    path = paths.WORKSPACE / f"notebook-{number}.lock"
    if path not in _LOCKS:
        file = path.open("a", encoding="utf-8")
        if not file_lock.take(file):
            file.close()
            raise findings.ProblemError(
                f"Notebook {number} is at work in another kernel, and would lose what it made there: shut that "
                "kernel down (in JupyterLab: Kernel, Shut Down All Kernels), then run this notebook again."
            )
        _LOCKS[path] = file
        if storage.find_notebook():
            watchdog.use_temporary_folder()
    waiting = f"\rCheckpoint {number}: another notebook prepares the workspace, waiting ..."
    return file_lock.hold(paths.WORKSPACE / "checkpoint.lock", waiting)


def _make_earlier(number: str) -> list[str]:
    """Make what notebooks before `number` leave, where it is not there, and return which, with the seconds taken."""
    made = []
    for earlier in [n for n in _LEFT if n < number]:
        if not is_there(earlier):
            started = time.perf_counter()
            print(f"\rCheckpoint {number}: making what notebook {earlier} leaves", end=" ...", flush=True)
            _make(earlier)
            made.append(f"{earlier} ({time.perf_counter() - started:.0f} s)")
    return made


def is_there(number: str) -> bool:
    """Return whether what later notebooks need of a notebook is there and can be used."""
    try:
        return _LEFT[number].is_there()
    except Exception:  # each library that reads a damaged file, or looks for a deleted model, has errors of its own
        return False


def _make(number: str) -> None:
    """Replay a notebook; raise ProblemError that names it where it fails or what others need is still not there."""
    reason = "its cells run, and leave something else"
    try:
        replay(number)
    except Exception as error:
        if type(error).__module__.startswith("helpers."):  # it is a whole sentence
            raise
        findings.require(storage.check_disk, storage.check_workspace, storage.check_store)
        reason = f"{type(error).__name__}: {error}"
    if not is_there(number):
        raise findings.ProblemError(
            f"Notebook {number} does not leave what later notebooks need ({reason}): `python -m helpers restore "
            f"{number}` gives back the original and keeps your file beside it; then run this cell again."
        )


def replay(number: str) -> None:
    """Run the cells of a notebook that are tagged ``checkpoint``, silently, in this process."""
    from matplotlib import pyplot

    namespace = {"__name__": "__main__"}
    _REPLAYED.append(number)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for position, source in enumerate(notebooks.read_tagged(number, "checkpoint")):
                exec(compile(source, f"<notebook {number}, checkpoint cell {position}>", "exec"), namespace)
    finally:
        _REPLAYED.pop()
    pyplot.close("all")


def _check_store() -> None:
    """Raise ProblemError, with the remedy, where MLflow's database in the workspace cannot be used.

    MLflow itself upgrades the database of an older version, with all that it holds.
    """
    import mlflow

    findings.require(storage.check_store)
    try:
        if client := _connect():
            client.search_experiments(max_results=1)
    except mlflow.MlflowException as error:
        what = f"MLflow {mlflow.__version__} cannot use {_find_database()}, which another version has made"
        reason = error.message.partition(". ")[0]
        raise findings.ProblemError(f"{what}: use that version; or, {storage.STARTS_ANEW}. ({reason}.)") from error
    storage.follow_move(paths.WORKSPACE)  # only now, as a database that cannot be used stays as it is


def clear(number: str) -> None:
    """Move the runs of a notebook's experiments to the trash and delete all else that it left."""
    left = _LEFT[number]
    if not (left.experiments or left.models) or not (client := _connect()):
        return
    for experiment in _find_experiments(client, left.experiments, restore=True):
        for run in client.search_runs([experiment], max_results=1000):
            client.delete_run(run.info.run_id)
        for model in client.search_logged_models([experiment]):
            client.delete_logged_model(model.model_id)
        client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000))
    for name in {model.name for model in client.search_registered_models()}.intersection(left.models):
        client.delete_registered_model(name)
    for name in {prompt.name for prompt in client.search_prompts()}.intersection(left.prompts) if left.prompts else ():
        client.delete_prompt(name)
    for one in client.search_datasets() if left.datasets else ():
        if one.name in left.datasets:
            client.delete_dataset(one.dataset_id)


def _find_database() -> Path:
    """Return the file of MLflow's database, whether it is there or not."""
    return paths.WORKSPACE / "mlflow.db"


def _connect():
    """Return a client of the workspace's store, or None before there is a database, as asking would make one."""
    if not _find_database().exists():
        return None
    import mlflow

    return mlflow.MlflowClient(paths.TRACKING_URI, paths.TRACKING_URI)


def _find_experiments(client, names: Iterable[str], *, restore: bool = False) -> list[str]:
    """Return the ids of the experiments of some names, those that were deleted only where they are to be restored."""
    view = 3 if restore else 1  # of MLflow's ViewType: all, those that are active
    found = [experiment for experiment in client.search_experiments(view) if experiment.name in names]
    for experiment in found:
        if experiment.lifecycle_stage == "deleted":  # MLflow refuses to use its name again
            client.restore_experiment(experiment.experiment_id)
    return [experiment.experiment_id for experiment in found]
