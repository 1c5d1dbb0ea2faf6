"""What a workspace holds, in a form that two runs can be compared by."""
import hashlib
import re
from pathlib import Path

from helpers import paths


def state(workspace: Path) -> dict:
    """Return what a workspace holds, without ids and times: prepared data, runs, models, versions, aliases."""
    from mlflow import MlflowClient

    prepared = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((workspace / "prepared").glob("*"))}
    if not (workspace / "mlflow.db").exists():
        return {"prepared": prepared, "runs": {}, "models": {}}
    uri = paths.format_address(workspace / "mlflow.db")
    client = MlflowClient(uri, uri)
    experiments = client.search_experiments()
    runs = {e.name: runs_of(client, e.experiment_id, exact=e.name == "late-flights") for e in experiments}
    models = {m.name: versions_of(client, m) for m in client.search_registered_models()}
    return {"prepared": prepared, "runs": {k: v for k, v in runs.items() if v}, "models": models}


def runs_of(client, experiment_id: str, exact: bool) -> list:
    """Return an experiment's runs: of the course's own all that repeats, of demonstrations names and states."""
    runs = client.search_runs([experiment_id], max_results=1000)
    if not exact:
        return sorted((run.info.run_name, run.info.status) for run in runs)
    return sorted(
        (
            run.info.run_name,
            run.info.status,
            sorted(run.data.params.items()),
            sorted((name, round(value, 9)) for name, value in run.data.metrics.items()),
            sorted(plain_tags(run.data.tags).items()),
            sorted(file.path for file in client.list_artifacts(run.info.run_id)),
            sorted((data.dataset.name, data.dataset.digest) for data in run.inputs.dataset_inputs),
        )
        for run in runs
    )


def versions_of(client, model) -> dict:
    """Return a registered model's versions with description, tags, aliases and the run that each came from."""
    versions = client.search_model_versions(f"name = '{model.name}'")
    aliases = client.get_registered_model(model.name).aliases
    return {
        "description": without_ids(model.description),
        "tags": plain_tags(model.tags),
        "aliases": dict(sorted(aliases.items())),
        "versions": sorted(
            (v.version, without_ids(v.description), sorted(plain_tags(v.tags).items()), run_name(client, v.run_id))
            for v in versions
        ),
    }


def run_name(client, run_id: str | None) -> str:
    """Return the name of a run, or nothing where a version came from none."""
    return client.get_run(run_id).info.run_name if run_id else ""


def plain_tags(tags: dict[str, str]) -> dict[str, str]:
    """Return the tags that people set, with ids taken out."""
    return {name: without_ids(value) for name, value in tags.items() if not name.startswith("mlflow.")}


def without_ids(text: str | None) -> str:
    """Return a text with MLflow's ids replaced, and checksums of files that hold such ids."""
    return re.sub(r"\b(m-)?([0-9a-f]{32}|[0-9a-f]{64})\b", "ID", text or "")


def changed(before: dict, after: dict) -> list[str]:
    """Return what a later state has not, or not as often; what came in addition is no change."""
    found = [
        f"{kind}: {name}"
        for kind in ("prepared", "models")
        for name, left in before[kind].items()
        if after[kind].get(name) != left
    ]
    for experiment, runs in before["runs"].items():
        later = after["runs"].get(experiment, [])
        found += [f"a run of {experiment}: {run[0]}" for run in runs if later.count(run) != runs.count(run)]
    return found
