"""Settings by which the clients of trackers write to disk, and collect nothing of this machine and its owner."""
import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from helpers import servers


def wandb_settings(folder: Path) -> dict:
    """Point the client of Weights & Biases at a folder, without a login, and return what `wandb.Settings` takes."""
    folder.mkdir(exist_ok=True)
    places = dict.fromkeys(["WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"], str(folder))
    os.environ.update(
        places, WANDB_MODE="offline", WANDB_SILENT="true", WANDB_ERROR_REPORTING="false", WANDB_API_KEY="",
        WANDB_NOTEBOOK_NAME="17_mlops_platforms.ipynb",  # otherwise it asks JupyterLab, without success
        NETRC=str(folder / "netrc"),  # where it would look for a login
    )
    collects = ["disable_git", "disable_code", "x_disable_meta", "x_disable_stats", "x_disable_machine_info"]
    return {"console": "off", **dict.fromkeys(collects, True)}


def neptune_settings(folder: Path) -> dict:
    """Point Neptune's client at a folder, and return what its `init_run` takes."""
    os.environ["NEPTUNE_DATA_DIRECTORY"] = str(folder)
    with contextlib.suppress(ImportError):  # its import sets the level of its log
        import neptune  # noqa: F401
    logging.getLogger("neptune").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Neptune's model registry")  # which is called to see that it refuses
    captures = ["capture_stdout", "capture_stderr", "capture_hardware_metrics", "capture_traceback"]
    return {"source_files": [], "git_ref": False, **dict.fromkeys(captures, False)}


def polyaxon_settings(folder: Path) -> dict:
    """Point Polyaxon's client at a folder, and return what its `tracking.init` takes."""
    os.environ.update(
        POLYAXON_OFFLINE_ROOT=str(folder), POLYAXON_HOME=str(folder), POLYAXON_IS_OFFLINE="true",
        POLYAXON_INTERVALS_COMPATIBILITY_CHECK="-1",  # it does not look for newer versions
    )
    return dict.fromkeys(["track_code", "track_env", "track_logs", "collect_resources"], False)


@contextlib.contextmanager
def kept_output() -> Iterator[None]:
    """Give back, after a block, where Python prints: Polyaxon's `tracking.end` changes it."""
    with contextlib.redirect_stdout(sys.stdout), contextlib.redirect_stderr(sys.stderr):
        yield


def mlserver_settings(folder: Path) -> dict:
    """Return MLServer's settings: this machine alone, one process, free ports, and its own files in a folder."""
    ports = {name: servers.free_port() for name in ["http_port", "grpc_port", "metrics_port"]}
    return {"host": servers.HOST, **ports, "parallel_workers": 0, "debug": False,
            "metrics_dir": str(folder / "metrics"), "environments_dir": str(folder / "environments")}


def configure_polyaxon_agent(namespace: str, claim: str) -> None:
    """Set what a cluster's agent knows when it compiles an operation: its namespace, and where outputs are kept."""
    from polyaxon import settings
    from polyaxon._schemas.agent import AgentConfig
    from polyaxon.schemas import V1ClaimConnection, V1Connection

    volume = V1ClaimConnection(volume_claim=claim, mount_path="/artifacts")
    store = V1Connection(name="artifacts", kind="volume_claim", schema_=volume)
    settings.AGENT_CONFIG = AgentConfig(namespace=namespace, artifacts_store=store)
