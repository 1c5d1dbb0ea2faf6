"""The package of notebook 04 runs where nothing but its own list of packages is installed."""
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import notebooks
from helpers.paths import NOTEBOOKS
from helpers.setup import packages, variables


def lacking_index(folder: Path) -> str:
    """Return why uv cannot reach the package index, asked three times at most; nothing where it can."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--no-cache", "--target", str(folder)]
    env = {**os.environ, **packages.uv_settings()}
    for _ in range(3):
        asked = subprocess.run([*command, "skops"], env=env, capture_output=True, text=True, timeout=120)
        if not asked.returncode:
            return ""
        time.sleep(5)
    return asked.stderr


@pytest.fixture
def network(tmp_path) -> None:
    """Skip a test where uv cannot reach the package index; in CI it must."""
    if reason := lacking_index(tmp_path):
        assert not variables.is_on("CI"), f"in CI the package index must be reached: {reason}"
        pytest.skip("the package index could not be reached: no network?")


def switched_on(folder: Path) -> Path:
    """Return a script of the cells of notebook 04 that make the package, and predict with it elsewhere."""
    source = "\n\n".join(notebooks.read_tagged("04", "package"))
    assert "ISOLATED = False" in source
    script = folder / "package.py"
    script.write_text(source.replace("ISOLATED = False", "ISOLATED = True"), encoding="utf-8")
    return script


def test_predicts_in_an_environment_of_its_own(tmp_path, network):
    """With its switch on, the notebook builds the environment that the package lists, and predicts there."""
    workspace = tmp_path / "workspace"
    path = os.pathsep.join([os.environ["PATH"], str(Path(sys.base_prefix, "bin"))])  # uv looks for this very Python
    done = subprocess.run(
        [sys.executable, str(switched_on(tmp_path))],
        env={**os.environ, "PATH": path, "WORKBOOK_WORKSPACE": str(workspace), "MPLBACKEND": "agg"},
        cwd=NOTEBOOKS,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads((workspace / "packaging" / "isolated.json").read_text(encoding="utf-8"))
    assert [row["decision"] for row in answer["predictions"]] == ["late"]
    assert "+ pandera==" in done.stdout + done.stderr, "uv says nothing of an environment"
