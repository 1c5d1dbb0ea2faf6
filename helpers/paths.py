"""Where things are: the project's folders and the workspace that the notebooks fill."""
import atexit
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"
COURSE = {  # the notebooks of the course by number: a file with another name is the reader's own
    "00": "00_start_here",
    "01": "01_data_preparation",
    "02": "02_tracked_training",
    "03": "03_reproducible_projects",
    "04": "04_model_packaging",
    "06": "06_registry_versioning",
    "07": "07_local_serving",
    "08": "08_drift_checks",
    "09": "09_live_service",
    "11": "11_a_year_in_production",
    "13": "13_tracking_architectures",
    "14": "14_big_data_scoring",
    "15": "15_library_integrations",
    "17": "17_mlops_platforms",
}

WORKSPACE = Path(os.environ.get("WORKBOOK_WORKSPACE") or ROOT / "workspace").resolve()
PREPARED = WORKSPACE / "prepared"
ARTIFACTS = WORKSPACE / "artifacts"
LOGS = WORKSPACE / "logs"
TRACKING_URI = f"sqlite:///{(WORKSPACE / 'mlflow.db').as_posix()}"

try:
    for folder in (PREPARED, ARTIFACTS, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
except OSError as error:
    sys.exit(
        f"The workspace {WORKSPACE} cannot be made ({error.strerror}): move the course's folder to where you may "
        "write, or set WORKBOOK_WORKSPACE to a folder of yours."
    )
os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = ARTIFACTS.as_uri()  # else MLflow fills the notebook's folder


def use_temporary_folder(number: str) -> None:
    """Have this kernel, and all that it starts, put temporary files into a folder of its own, and remove it at the end.

    MLflow, Prophet and Kubeflow Pipelines leave some behind each time they work. What a killed kernel has left goes
    when the next one begins the same notebook: only one kernel at a time runs a notebook in a workspace.
    """
    prefix = f"wb{number}-{zlib.crc32(os.fsencode(WORKSPACE)):08x}-"  # short: sockets have names of 103 bytes at most
    if prefix in tempfile.gettempdir():
        return
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    tempfile.tempdir = folder
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder))
