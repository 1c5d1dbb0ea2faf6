"""Where things are: the project's folders and the workspace that the notebooks fill."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"

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
