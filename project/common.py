"""What the steps share: the way to `helpers`, data with digests, what a run depends on, and a failure on record."""
# ruff: noqa: I001 (helpers comes before mlflow, which it keeps quiet)
import argparse
import hashlib
import os
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # an environment made by MLflow lacks the course
from helpers import paths
from helpers.features import FEATURES, LABEL

import mlflow
import pandas as pd
import yaml

HERE = Path(__file__).resolve().parent
PINNED = ["python_env.yaml", "constraints.txt"]
USED = ["__init__", "drift/__init__", "drift/column_values", "drift/distances", "drift/profile", "drift/summary"]
USED += ["drift/thresholds", "features", "flights", "monitoring", "onnx_form", "paths"]
USED += ["setup/__init__", "setup/variables"]  # all of helpers, behind the steps

os.environ.setdefault("MLFLOW_TRACKING_URI", paths.TRACKING_URI)  # where nobody says otherwise
warnings.filterwarnings("ignore", module="mlflow")  # nobody reads a step's screen; notebook 4 shows what they hint at


class Parser(argparse.ArgumentParser):
    """A command line that puts what is wrong with it on record."""

    def error(self, message: str) -> NoReturn:
        """Fail the run with what is wrong."""
        stop(message)


def stop(message: str) -> NoReturn:
    """End the step as failed, and say why: on the screen and in the run's tag `error`."""
    mlflow.set_tag("error", message)
    sys.exit(message)


def split_months(text: str) -> list[str]:
    """Return the months of a parameter such as ``2013-01,2013-02``."""
    return [month.strip() for month in text.split(",")]


def require_unseen(month: str, seen: list[str]) -> None:
    """Fail the run where a model would be evaluated on a month that it was trained on."""
    if month in seen:
        learned = ", ".join(seen)
        stop(
            f"a model is evaluated only on a month that it was not trained on, and month is {month}, while it was "
            f"trained on {learned}: choose another month, such as the one after them"
        )


def find_file(month: str) -> Path:
    """Return the file of a prepared month, whether it is there or not."""
    return paths.PREPARED / f"{month}.parquet"


def read_labelled(month: str) -> pd.DataFrame:
    """Return one prepared month without the flights that never got a label."""
    if not find_file(month).exists():
        stop(f"{month} is not prepared: run the entry point prepare first")
    return pd.read_parquet(find_file(month)).dropna(subset=LABEL)


def describe_data(month: str, rows: pd.DataFrame):
    """Describe one month of data to MLflow, with a fingerprint of all its rows."""
    rows = rows[[*FEATURES, LABEL]]
    digest = f"{pd.util.hash_pandas_object(rows).sum():016x}"
    return mlflow.data.from_pandas(rows, source=find_file(month).as_uri(), name=month, targets=LABEL, digest=digest)


def compute_digest(name: str) -> str | None:
    """Return the digest that a dataset, by its name a raw table or a prepared month, has now; none where it is gone."""
    raw = paths.DATA / f"{name}.parquet"
    if raw.exists():
        return hashlib.sha256(raw.read_bytes()).hexdigest()[:16]
    return describe_data(name, read_labelled(name)).digest if find_file(name).exists() else None


def collect_facts() -> dict[str, str]:
    """Return tags for what a step depends on besides its parameters and data: the code and the packages."""
    helpers = [paths.ROOT / "helpers" / f"{module}.py" for module in USED]
    files = [HERE / "MLproject", *(HERE / name for name in PINNED), *sorted(HERE.glob("*.py")), *helpers]
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    return {"code": code, "packages": compare_packages()}


def compare_packages() -> str:
    """Return how the installed packages compare with the pins: with `env_manager="local"` nobody else looks."""
    lines = yaml.safe_load((HERE / PINNED[0]).read_text(encoding="utf-8"))["dependencies"]
    pins = dict(line.split("==") for line in lines if not line.startswith("-"))
    others = [f"{name} {version(name)} in place of {pin}" for name, pin in pins.items() if version(name) != pin]
    return ", ".join(others) or "as pinned"
