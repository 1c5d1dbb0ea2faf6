"""The repository of a team, which notebook 18 makes and works in."""
import os
import shutil
import subprocess
import sys

import pytest
import yaml

from helpers import paths
from helpers.pipeline import repository
from helpers.setup.findings import ProblemError

DELIVERY = paths.ROOT / "delivery"


def test_the_folder_holds_both_and_can_be_made_again(tmp_path):
    """What was left in it goes, also what is read-only."""
    folder = tmp_path / "team"
    for _ in range(2):
        repository.create(folder)
        assert (folder / "ci.py").is_file() and (folder / "project" / "train.py").is_file()
        assert not (folder / "old.txt").exists()
        (folder / "old.txt").touch(mode=0o444)


def test_without_git_the_remedy_is_named(tmp_path, monkeypatch):
    """And nothing is made."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ProblemError, match="Git is not installed"):
        repository.create(tmp_path / "team")
    assert not (tmp_path / "team").exists()


def test_a_commit_depends_on_the_files_alone(tmp_path, monkeypatch, capfd):
    """Not on the reader's name, a company's hooks, its lists of files or the repository that a variable names."""
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "hooks" / "pre-commit").chmod(0o755)
    (tmp_path / "config").write_text(f"[core]\nhooksPath = {tmp_path / 'hooks'}\n[user]\nname = another\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    (tmp_path / "git").mkdir()
    (tmp_path / "git" / "ignore").write_text("file.txt\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    told = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file.txt").write_text("a")
        for command in ("init --quiet", "add .", "commit --quiet --message first", "log --format=%H%an%d"):
            repository.run(tmp_path / name, "git", *command.split())
        told.append(capfd.readouterr().out.splitlines()[-1])
    assert told[0] == told[1] and "reader" in told[0] and "main" in told[0]


def test_a_command_is_printed_with_what_it_prints_and_its_exit_code(tmp_path, capsys):
    """In this environment, whatever `python` is elsewhere."""
    repository.run(tmp_path, "python", "-c", "import sys; print(sys.prefix); sys.exit(3)")
    said = capsys.readouterr().out.split("\r")[-1].splitlines()
    assert said == [sys.prefix.replace(os.sep, "/"), "exit code 3"]


def test_the_first_failed_step_stops_the_workflow(tmp_path):
    """The steps after it do not run, nor do those whose condition is not true here."""
    shutil.copytree(DELIVERY, tmp_path / "team")
    subprocess.run(["git", "init", "-q", "-b", "other", tmp_path / "team"], check=True)
    workflow = tmp_path / "team" / ".github" / "workflows" / "model.yml"
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    steps = {"one": "print(1)", "two": "raise SystemExit(1)", "three": "print(3)"}
    content["jobs"]["candidate"]["steps"] = [
        {"uses": "actions/checkout@v4"},
        {"name": "no", "if": "github.ref_name == 'main'", "run": "python -c 'print(0)'"},
        *({"name": name, "run": f'python -c "{code}"'} for name, code in steps.items()),
    ]
    workflow.write_text(yaml.safe_dump(content), encoding="utf-8")
    done = subprocess.run([sys.executable, "ci.py"], cwd=tmp_path / "team", capture_output=True, text=True)
    assert done.returncode == 1 and "'two' failed" in done.stderr
    assert "1\n" in done.stdout and "three" not in done.stdout and "-- no: left out" in done.stdout


def test_a_condition_that_this_machine_cannot_tell_is_refused(tmp_path):
    """The message names it, and the steps after it do not run."""
    shutil.copytree(DELIVERY, tmp_path / "team")
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path / "team"], check=True)
    workflow = tmp_path / "team" / ".github" / "workflows" / "model.yml"
    text = workflow.read_text(encoding="utf-8")
    workflow.write_text(text.replace("runner.environment == 'github-hosted'", "runner.os == 'Linux'"), encoding="utf-8")
    done = subprocess.run([sys.executable, "ci.py"], cwd=tmp_path / "team", capture_output=True, text=True)
    assert done.stderr.startswith("Refused: whether \"runner.os == 'Linux'\" is true cannot be told here")
    assert done.returncode == 1 and "==" not in done.stdout
