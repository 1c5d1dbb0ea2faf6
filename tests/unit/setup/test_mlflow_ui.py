"""MLflow's user interface: one click away in JupyterLab, one command away elsewhere, and gone with who started it."""
import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from helpers import paths
from helpers.paths import ROOT
from helpers.setup import mlflow_ui, storage
from support.copies import whole
from support.labs import running_lab
from support.processes import family, listening

CODE = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'helpers.setup.mlflow_ui', '--no-browser'])"


def test_jupyterlab_has_a_tile_that_starts_the_interface(tmp_path):
    """The launcher offers it with an icon; the first request starts it on loopback; it ends with JupyterLab."""
    with running_lab(whole(tmp_path / "cours d'été")) as (page, _, process):
        base, token = re.match(r"(http://[^/]+/).*token=(\w+)", page.url).groups()
        asked = {"params": {"token": token}, "timeout": 150}
        [entry] = requests.get(f"{base}server-proxy/servers-info", **asked).json()["server_processes"]
        assert (entry["name"], entry["launcher_entry"]["title"]) == ("mlflow", "MLflow")
        assert "<svg" in requests.get(f"{base}server-proxy/icon/mlflow", **asked).text
        assert "<title>MLflow</title>" in requests.get(f"{base}mlflow/", **asked).text
        assert requests.get(f"{base}mlflow/", timeout=60, allow_redirects=False).status_code in (302, 403)
        assert listening(family(process.pid)) == {"127.0.0.1"}


@pytest.mark.parametrize("said, processes", [(r"\$ mlflow server", 1), (r"is at http://127\.0\.0\.1:\d+\.", 2)])
def test_the_interface_ends_with_the_process_that_started_it(tmp_path, said, processes):
    """However that process ends, and also before the interface is ready, nothing of it stays."""
    env = os.environ | {"WORKBOOK_WORKSPACE": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", CODE], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert any(re.search(said, line) for line in parent.stdout)
            started = psutil.Process(parent.pid).children(recursive=True)
        finally:
            parent.kill()
        assert len(started) >= processes and psutil.wait_procs(started, timeout=90)[1] == []


def damage(database: Path) -> None:
    """Put something else in a database's place."""
    database.write_bytes(b"not a database, but long enough to be one" * 100)


def lock(database: Path) -> sqlite3.Connection:
    """Return a connection that holds a database alone."""
    (connection := sqlite3.connect(database)).execute("create table experiments (name text)")
    connection.execute("begin exclusive")
    return connection


@pytest.mark.parametrize(
    "harm, said", [(damage, "not a database): to start anew"), (lock, "locked): end the program that holds it")]
)
def test_a_database_that_cannot_be_used_is_said_with_the_remedy(tmp_path, monkeypatch, harm, said):
    """The interface does not start over it, and there is no traceback."""
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path)
    monkeypatch.setattr(storage, "_WAIT", 0.1)
    held = harm(tmp_path / "mlflow.db")
    with contextlib.closing(held) if held else contextlib.nullcontext(), pytest.raises(SystemExit) as ended:
        mlflow_ui.main(0, browser=False, origin="")
    assert said in str(ended.value) and str(tmp_path / "mlflow.db") in str(ended.value)
