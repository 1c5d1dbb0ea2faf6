"""Checks of notebook 13."""
import hashlib
from collections.abc import Callable
from pathlib import Path

import mlflow

from helpers.checks.answers import is_close, read_number
from helpers.checks.records import find_runs
from helpers.checks.registry import NotAttempted, NotYet, exercise


@exercise("13.1", hint="join experiments, runs and latest_metrics as above, WHERE key = 'brier' and the experiment's "
          "name is 'late-flights', ORDER BY value; read it with pd.read_sql(query, new)")
def check_lowest_brier(name: str, value: object) -> str:
    """The run of notebook 02 with the lowest Brier score, asked of the moved database."""
    value = read_number(value, "value")
    metrics = {run.info.run_name: run.data.metrics for run in find_runs("late-flights")}
    brier = {run: its["brier"] for run, its in metrics.items() if "brier" in its}
    best = min(brier, key=brier.get)
    if name != best:
        raise NotYet(f"{name!r} is not the run: keep only the metric `brier`, and put the lowest value first")
    if not is_close(value, brier[best]):
        raise NotYet(f"{best} is the run, and {value} is not its `brier`: give the value to three decimals at least")
    return f"{best} has {brier[best]:.4f}, in PostgreSQL as in SQLite."


@exercise("13.2", hint='POST "users/create" with username and password as for Ada; then POST "users/permissions/grant" '
          'with api="3.0", username, resource_type, resource_id and permission')
def check_bob_moves_the_champion(call: Callable) -> str:
    """A login that may change one registered model, and nothing else."""
    if call("bob", "GET", "registered-models/get?name=late").status_code == 401:
        raise NotAttempted
    asked = "username=bob&resource_type=registered_model&resource_id=late"
    found = call("admin", "GET", f"users/permissions/get?{asked}", api="3.0").json()
    permission = found["permission"]
    if call("admin", "GET", "users/get?username=bob").json()["user"]["is_admin"]:
        raise NotYet("Bob is an administrator: he may do everything, to everybody's models")
    if permission == "MANAGE":
        raise NotYet("with MANAGE Bob can delete the model and give its permissions away: take less")
    moved = call("bob", "POST", "registered-models/alias", name="late", alias="champion", version="1")
    if moved.status_code != 200:
        raise NotYet(f"Bob cannot move the champion: with {permission} the server answers {moved.status_code}")
    return f"Bob moves the champion with {permission}; to delete it he would need MANAGE."


@exercise("13.3", hint="changed(1) compares the files with the checksums in the version's tags")
def check_changed_file(name: str, client) -> str:
    """The file of a model that is not what its checksum says."""
    folder = Path(mlflow.artifacts.download_artifacts("models:/late/1", tracking_uri=client.tracking_uri))
    tags = client.get_model_version("late", "1").tags
    files = {tag.removeprefix("sha256 "): value for tag, value in tags.items() if tag.startswith("sha256 ")}
    now = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files}
    wrong = [file for file in files if now[file] != files[file]]
    if [str(name)] != wrong:
        raise NotYet(f"{name!r} is not the one: compare the checksum of every file with the tag of version 1")
    return f"{name} has one byte more than when it was trusted."
