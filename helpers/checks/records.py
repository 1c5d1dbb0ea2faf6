"""What earlier cells have left, for the checks: runs and models in the store, prepared months."""
import mlflow
import pandas as pd
from mlflow.entities import Run

from helpers import paths
from helpers.checks.registry import NotAttempted, NotYet
from helpers.features import LABEL


def connect() -> mlflow.MlflowClient:
    """Return a client of the workspace's tracking store and registry."""
    return mlflow.MlflowClient(paths.TRACKING_URI, paths.TRACKING_URI)


def find_runs(experiment: str, name: str | None = None) -> list[Run]:
    """Return an experiment's runs, the latest first; only those of one name where it is given."""
    client = connect()
    found = client.get_experiment_by_name(experiment)
    query = "" if name is None else f"attributes.run_name = '{name}'"
    return client.search_runs([found.experiment_id], query) if found else []


def find_latest(experiment: str, name: str) -> Run:
    """Return an experiment's latest run of a name, which an earlier cell has logged; raise NotYet where it is not."""
    if found := find_runs(experiment, name):
        return found[0]
    raise NotYet(f"There is no run `{name}` in the experiment `{experiment}`: run the cells above in their order.")


def find_attempt(experiment: str, name: str) -> Run:
    """Return the latest run of a name, which the reader is to log; raise NotYet for one that is close to it only."""
    if found := find_runs(experiment, name):
        return found[0]
    client = connect()
    names = {one.experiment_id: one.name for one in client.search_experiments()}
    for run in client.search_runs(list(names), f"attributes.run_name ILIKE '%{name}%'"):
        if (run.info.run_name or "").strip().lower() == name:
            raise NotYet(f"There is a run `{run.info.run_name}` in the experiment `{names[run.info.experiment_id]}`: "
                         f"its name must be `{name}`, and its experiment `{experiment}`.")
    raise NotAttempted


def find_model(name: str) -> str:
    """Return the address of the model that notebook 02's latest run of a name has logged."""
    return f"models:/{find_latest('late-flights', name).outputs.model_outputs[0].model_id}"


def read_month(month: str) -> pd.DataFrame:
    """Return one prepared month, such as ``"2013-03"``, without the flights that never got a label."""
    return pd.read_parquet(paths.PREPARED / f"{month}.parquet").dropna(subset=LABEL)
