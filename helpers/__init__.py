"""Plumbing for the notebooks: everything that is not the lesson.

Importing this package first keeps MLflow quiet and its telemetry off, so a
notebook imports ``helpers`` before ``mlflow``.
"""
import os
import warnings

os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true",
    DO_NOT_TRACK="true",
    MLFLOW_LOGGING_LEVEL="ERROR",
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
    MLFLOW_PRINT_MODEL_URLS_ON_CREATION="false",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    OMP_WAIT_POLICY="PASSIVE",  # threads that wait sleep: on a busy machine the trees fit five times faster
)
warnings.filterwarnings("ignore", message="IProgress not found")  # MLflow's own bars would like widgets; ours need none
