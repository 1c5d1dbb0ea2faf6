"""What the notebook tests share: run a notebook in a workspace, and read what it left there."""
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from helpers import notebooks, watchdog
from helpers.paths import COURSE, ROOT
from helpers.setup import groups, java
from support.processes import command_lines

NUMBERS = list(COURSE)
SANITIZE = Path(__file__).with_name("sanitize.cfg")
blanks = notebooks.find_blanks


def to_run(numbers: list[str]) -> list:
    """Return notebooks' numbers as parameters of a test that runs them: each with the group that it needs."""
    needed = {number: [pytest.mark.needs_group(group)] for number, group in groups.NEEDED_BY.items()}
    return [pytest.param(number, marks=needed.get(number, [])) for number in numbers]


def need(group: str) -> None:
    """Skip a test where a group of packages is not installed, or Java that it needs; in CI they must be."""
    lacking = groups.find_missing(group)
    if lacking:
        command = f"python -m helpers test --group {group}"
        leave_out(f"the group {group} is not installed (no {lacking[0]}): `{command}` adds it and runs its tests")
    if group in groups.ON_JAVA and (reason := java.find_lack(java.find())):
        leave_out(": ".join(reason))


def leave_out(reason: str) -> None:
    """Skip the test that runs; in CI fail it."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def compare(path: Path, workspace: Path) -> str:
    """Run a notebook under nbval, strictly, and return the report of what differs, or nothing."""
    command = [sys.executable, "-m", "pytest", *nbval(path), "--rootdir", str(ROOT), str(path)]
    return report(command, ROOT, {**os.environ, "WORKBOOK_WORKSPACE": str(workspace), **temporary(workspace)})


def report(command: list, folder: Path, env: dict[str, str]) -> str:
    """Run a comparison in a folder and return the end of what it reports, or nothing where nothing differs."""
    told = {"capture_output": True, "text": True, "encoding": "utf-8"}
    done = subprocess.run(command, cwd=folder, env=env, timeout=3600, **told)
    return "" if done.returncode == 0 else done.stdout[-8000:] + done.stderr[-2000:]


def temporary(workspace: Path) -> dict[str, str]:
    """Return the variables by which programs put their temporary files beside a workspace; make that folder."""
    folder = workspace.parent / f"temporary of {workspace.name}"
    folder.mkdir(parents=True, exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


def left_temporary(workspace: Path) -> list[str]:
    """Return the temporary files that runs in a workspace left behind; what goes with a kernel gets a moment."""
    folder, until = Path(temporary(workspace)["TMPDIR"]), time.monotonic() + 120
    while any(folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.2)
    return sorted(path.name for path in folder.iterdir())


def nbval(path: Path) -> list[str]:
    """Return pytest's options to run a notebook and compare each of its outputs strictly."""
    options = ["-q", "--color=no", "-o", "addopts=", "-p", "no:cacheprovider"]
    options += ["--nbval", "--nbval-sanitize-with", str(SANITIZE), "--nbval-kernel-startup-timeout", "300"]
    kernel = nbformat.read(path, 4).metadata.kernelspec.name
    return options + (["--nbval-current-env"] if kernel == "python3" else ["--nbval-kernel-name", kernel])


def left_running(workspace: Path) -> list[str]:
    """Return the command lines of processes that still work on a workspace."""
    return command_lines(watchdog.find_at_work(workspace) - {psutil.Process()})


def state(workspace: Path) -> dict:
    """Return what a workspace holds, without ids and times: prepared data, runs, models, versions, aliases."""
    from mlflow import MlflowClient

    prepared = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((workspace / "prepared").glob("*"))}
    if not (workspace / "mlflow.db").exists():
        return {"prepared": prepared, "runs": {}, "models": {}}
    uri = f"sqlite:///{(workspace / 'mlflow.db').as_posix()}"
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
