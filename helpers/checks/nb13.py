"""Checks of notebook 13."""
import hashlib
from collections.abc import Callable
from pathlib import Path, PurePath

import mlflow

from helpers.checks.answers import read_names, read_number
from helpers.checks.registry import NotAttempted, NotYet, exercise


@exercise("13.1", hint='processes.run(clients.make_machine("colleague", week), fit, train, ...) with '
          "MLFLOW_TRACKING_URI and the database's login, as for the office; it prints the number of the version")
def check_colleague_uses_the_moved_store(number: object, uri: str) -> str:
    """A version of the model that a client on another machine has registered in the moved database."""
    number = read_number(number, "number", "2")
    client = mlflow.MlflowClient(uri, uri)
    versions = {int(one.version): one for one in client.search_model_versions("name = 'late'")}
    runs = {one: client.get_run(version.run_id) for one, version in versions.items() if version.run_id}
    added = [one for one, run in runs.items() if client.get_experiment(run.info.experiment_id).name == "flights"]
    if not added:
        raise NotYet(f"the moved database has the versions {sorted(versions)} of late, and none is of the program "
                     "`train`: give the machine the address of the moved database, and its login")
    if number not in added:
        raise NotYet(f"{number:g} is not the version that the colleague made: the program prints its number")
    return f"Version {number:g} is in PostgreSQL, and no line of the program has changed."


@exercise("13.2", hint='POST "users/create" with username and password as for Ada; then POST "users/permissions/grant" '
          'with api="3.0", username, resource_type, resource_id and permission')
def check_bob_moves_the_champion(call: Callable, people: dict[str, str]) -> str:
    """A login that may change one registered model, and nothing else."""
    found = call("admin", "GET", "users/get?username=bob")
    if found.status_code == 404:
        if "bob" in people:
            raise NotYet("people has a password for bob, and the server has no user of this name: create the login")
        raise NotAttempted
    if call("bob", "GET", "registered-models/get?name=late").status_code == 401:
        raise NotYet("the server has a user bob with another password than people['bob']: put the one that you gave "
                     "him there, or delete him (DELETE users/delete) and create him again")
    if found.json()["user"]["is_admin"]:
        raise NotYet("Bob is an administrator: he may do everything, to everybody's models")
    permission = _read_permission(call)
    moved = call("bob", "POST", "registered-models/alias", name="late", alias="champion", version="1")
    if moved.status_code != 200:
        raise NotYet(f"Bob cannot move the champion: with {permission} the server answers {moved.status_code}")
    return f"Bob moves the champion with {permission}; to delete it he would need MANAGE."


def _read_permission(call: Callable) -> str:
    """Return what Bob may do with the model, READ where nothing was given; raise NotYet where it is more than he needs.

    Whatever he may by default, which is to read, does no harm.
    """
    told = call("admin", "GET", "users/permissions/list?username=bob", api="3.0").json()["permissions"]
    needless = {"READ", "USE"}
    granted = {(one["resource_type"], one["resource_pattern"]): one["permission"] for one in told}
    permission = granted.pop(("registered_model", "late"), "READ")
    if permission == "MANAGE":
        raise NotYet("with MANAGE Bob can delete the model and give its permissions away: take less")
    if extra := sorted(f"{right} on the {kind} {name}" for (kind, name), right in granted.items()
                       if right not in needless):
        raise NotYet(f"Bob also has {', '.join(extra)}, which he does not need: revoke it "
                     "(POST users/permissions/revoke)")
    return permission


@exercise("13.3", hint="compare the checksum of each file of models:/late-copy/1 with the version's tags, as "
          "changed(1) does for late")
def check_changed_file(name: object, client: mlflow.MlflowClient) -> str:
    """The file of a model that is not what its checksum says."""
    folder = Path(mlflow.artifacts.download_artifacts("models:/late-copy/1", tracking_uri=client.tracking_uri))
    tags = client.get_model_version("late-copy", "1").tags
    files = {tag.removeprefix("sha256 "): value for tag, value in tags.items() if tag.startswith("sha256 ")}
    now = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files}
    wrong = [file for file in files if now[file] != files[file]]
    listed = [name] if isinstance(name, PurePath) else name
    if isinstance(listed, list | tuple | set):
        listed = [one.name if isinstance(one, PurePath) else one for one in listed]
    if [Path(one).name for one in read_names(listed, "name_of_file")] != wrong:
        raise NotYet(f"{name!r} is not the one: compare the checksum of every file with its tag")
    return f"{wrong[0]} has one byte more than when it was trusted."
