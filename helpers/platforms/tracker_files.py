"""Runs of trackers as records of one form, read from the files that each tracker wrote.

A record is a dictionary: ``name``, ``params``, ``metrics``, ``curve`` (a list of step, value and
milliseconds since 1970), ``start`` and ``end`` in milliseconds, and ``model``, the path of the model's file.
"""
import hashlib
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

SCORES = ("auc", "brier")
CURVE = "brier_after"


def count_files(folder: Path, ids: str) -> list[str]:
    """Return the kinds of files below a folder, each after its count, with dots in place of what `ids` matches."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    names = [re.sub(ids, "...", file.relative_to(folder).as_posix()) for file in files]
    return [f"{count} x {name}" for name, count in sorted(Counter(names).items())]


def read_wandb(lines: list[dict]) -> dict:
    """Return the record of a run in Weights & Biases, from what its program prints of the run's file."""
    found = {kind: [line[kind] for line in lines if line["type"] == kind] for kind in {line["type"] for line in lines}}
    run, points = found["run"][0], [line["item"] for line in found["history"]]
    summary = {key: value for line in found["summary"] for key, value in line["update"].items()}
    kept = found["artifact"][0]["manifest"]["contents"][0]
    return {
        "name": run["display_name"],
        "params": {name: value for name, value in run["config"]["update"].items() if name != "_wandb"},
        "metrics": {name: summary[name] for name in SCORES},
        "curve": [(point["_step"], point[CURVE], int(point["_timestamp"] * 1000)) for point in points],
        "start": _milliseconds(run["start_time"]),
        "end": int(points[-1]["_timestamp"] * 1000),  # its length stands there in whole seconds only
        "model": Path(kept["local_path"]),
    }


def read_neptune(folder: Path) -> dict:
    """Return the record of a run in Neptune, from its offline files; its end is the time of the last operation."""
    about = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in (folder / "data-1.log").read_text(encoding="utf-8").splitlines()]
    done = {"/".join(line["obj"]["path"]): line["obj"] for line in lines}
    points = [value for line in lines if line["obj"]["type"] == "LogFloats" for value in line["obj"]["values"]]
    return {
        "name": done["sys/name"]["value"],
        "params": _below("parameters/", done),
        "metrics": _below("metrics/", done),
        "curve": [(int(point["step"]), point["value"], int(point["ts"] * 1000)) for point in points],
        "start": _milliseconds(about["createdAt"]),
        "end": int(lines[-1]["at"] * 1000),
        "model": Path(done["model"]["file_path"]),
    }


def _below(path: str, done: dict[str, dict]) -> dict:
    """Return the values of Neptune's fields below a path, by what follows it."""
    return {name.removeprefix(path): told["value"] for name, told in done.items() if name.startswith(path)}


def read_polyaxon(folder: Path) -> dict:
    """Return the record of a run in Polyaxon, from its offline files."""
    run = json.loads((folder / "run.plx.json").read_text(encoding="utf-8"))
    rows = (folder / f"events/metric/{CURVE}.plx").read_text(encoding="utf-8").splitlines()[1:]
    points = [row.split("|") for row in rows]
    return {
        "name": run["name"],
        "params": run["inputs"],
        "metrics": {name: run["outputs"][name] for name in SCORES},
        "curve": [(int(step), float(value), _milliseconds(time)) for step, time, value in points],
        "start": _milliseconds(run["started_at"]),
        "end": _milliseconds(run["finished_at"]),
        "model": next((folder / "outputs").iterdir()),
    }


def _milliseconds(text: str) -> int:
    """Return a date and time as milliseconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def agrees(record: dict, runs: dict[str, dict]) -> bool:
    """Return whether a record has the values that the job computed for the run of its name, to the last digit."""
    run = runs[record["name"]]
    params = {name: float(value) for name, value in record["params"].items()}
    points = {step: value for step, value, _ in record["curve"]}
    return params == run["params"] and record["metrics"] == run["metrics"] and points == run["curve"]


def compare_moved(old: list[dict], new: list[dict], runs: dict[str, dict]) -> dict[str, int]:
    """Return how many records there are after a move, and how many of them agree in each respect.

    Numbers are compared with those of the job, times with those of the records before, and models by the
    SHA-256 of their files with the file that the job wrote, ``runs[name]["file"]``.
    """
    before = {record["name"]: record for record in old}
    same = [all(record[key] == before[record["name"]][key] for key in ("start", "end", "curve")) for record in new]
    models = [_checksum(record["model"]) == _checksum(runs[record["name"]]["file"]) for record in new]
    return {"runs": len(new), "numbers equal": sum(agrees(record, runs) for record in new),
            "times equal": sum(same), "models equal": sum(models)}


def _checksum(file: str | Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
