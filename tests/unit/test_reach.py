"""Other places that run the course: their files are well formed and use what is locked here."""
import json
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml

from helpers.paths import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "tests.yml"
SCRIPTS = Path(sysconfig.get_path("scripts"))


@pytest.mark.needs_group("deploy")
def test_the_workflow_keeps_to_its_schema(tmp_path):
    """The schema finds a misspelt key, and none in the file."""
    check = [SCRIPTS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows"]
    wrong = tmp_path / "tests.yml"
    wrong.write_text(WORKFLOW.read_text(encoding="utf-8").replace("runs-on:", "run-on:"), encoding="utf-8")
    assert subprocess.run([*check, WORKFLOW], capture_output=True, timeout=60).returncode == 0
    assert subprocess.run([*check, wrong], capture_output=True, timeout=60).returncode == 1


def test_the_workflow_tests_the_pythons_that_the_readme_promises():
    """Three systems by three Pythons; where CI is set, nothing skips, so that is Linux alone."""
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["test"]
    matrix = job["strategy"]["matrix"]
    assert "Python 3.11, 3.12, 3.13 or 3.14" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"] and len(matrix["os"]) == 3
    pythons = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert pythons == f">={matrix['python'][0]},<3.15"
    assert {step.get("run") for step in job["steps"]} >= {"bash .ci/run", "python -m helpers test"}
    assert "ubuntu" in job["env"]["CI"] and job["timeout-minutes"]


@pytest.mark.skipif("sys.platform == 'win32'")
@pytest.mark.needs_group("deploy")
def test_the_container_for_developers_is_well_formed():
    """Its Dockerfile passes the checks, and its commands are those of the course."""
    folder = ROOT / ".devcontainer"
    config = json.loads((folder / "devcontainer.json").read_text(encoding="utf-8"))
    assert (folder / config["build"]["dockerfile"]).is_file()
    assert config["postCreateCommand"] == "python -m helpers setup"
    assert config["postAttachCommand"].startswith("python -m helpers lab")
    ignored = [f"--ignore={rule}" for rule in ("DL3008",)]  # the versions of Debian's packages may move
    done = subprocess.run([SCRIPTS / "hadolint", *ignored, folder / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_binder_installs_from_the_lock():
    """Its list is the course's own, which the lock pins."""
    lines = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if not line.startswith("#")]
    listed = (ROOT / ".binder" / line.removeprefix("-r ")).resolve()
    assert listed == ROOT / "requirements.txt" and "-c requirements.lock" in listed.read_text(encoding="utf-8")
    assert (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip() == "python-3.11"
