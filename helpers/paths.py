"""Where things are: the project's folders and the workspace that the notebooks fill."""
import os
import sys
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
    "05": "05_evaluation_and_decisions",
    "06": "06_registry_versioning",
    "07": "07_local_serving",
    "08": "08_drift_checks",
    "09": "09_live_service",
    "10": "10_incidents_and_retirement",
    "11": "11_a_year_in_production",
    "12": "12_automated_pipelines",
    "13": "13_tracking_architectures",
    "14": "14_big_data_scoring",
    "15": "15_library_integrations",
    "16": "16_language_model_applications",
    "17": "17_mlops_platforms",
    "18": "18_delivery_and_alerts",
}

WORKSPACE = Path(os.environ.get("WORKBOOK_WORKSPACE") or ROOT / "workspace").expanduser().resolve()
if os.environ.get("WORKBOOK_WORKSPACE"):
    os.environ["WORKBOOK_WORKSPACE"] = str(WORKSPACE)  # the same for kernels, which start in another folder
OWN = WORKSPACE / ".workbook"  # says that the course has made the workspace, and that no file in it was there before
PREPARED = WORKSPACE / "prepared"
ARTIFACTS = WORKSPACE / "artifacts"
LOGS = WORKSPACE / "logs"


def format_address(database: Path) -> str:
    """Return the address of a SQLite database for MLflow, in which ``%`` and ``?`` are encoded.

    MLflow makes the folder that stands after ``sqlite:///``; with the driver in front it does not, nor a wrong one.
    """
    path = database.as_posix()
    encoded = path.replace("%", "%25").replace("?", "%3F")
    return f"sqlite:///{path}" if path == encoded else f"sqlite+pysqlite:///{encoded}"


TRACKING_URI = format_address(WORKSPACE / "mlflow.db")


def make_folders() -> None:
    """Make the workspace's folders that are not there; a reader may have deleted them while a kernel works."""
    if not WORKSPACE.is_dir() or not any(WORKSPACE.iterdir()):
        WORKSPACE.mkdir(parents=True, exist_ok=True)
        OWN.touch()
    for folder in (PREPARED, ARTIFACTS, LOGS):
        folder.mkdir(parents=True, exist_ok=True)


try:
    make_folders()
except (FileExistsError, NotADirectoryError) as error:
    what = f"{error.filename} is a file, or lies in one, and the course has a folder there"
    sys.exit(f"{what}: give the file another name.")
except OSError as error:
    sys.exit(
        f"The workspace {WORKSPACE} cannot be made ({error.strerror}): move the course's folder to where you may "
        "write, or set WORKBOOK_WORKSPACE to a folder of yours."
    )
os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = ARTIFACTS.as_uri()  # else MLflow fills the notebook's folder
os.environ["KERAS_HOME"] = str(WORKSPACE / "keras")  # else Keras makes a folder in the reader's home folder
