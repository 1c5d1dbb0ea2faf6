"""The commands as a reader calls them, from a Python that has nothing of the course installed."""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from helpers.paths import ROOT
from helpers.setup import lab, packages, reset
from helpers.setup.environment import SetupError
from support.copies import BASE, call, first_answer, outside, tiny, whole
from support.labs import running_lab
from support.processes import family, listening

unix = pytest.mark.skipif(os.name != "posix", reason="sends a Unix signal")


def test_no_command_lists_the_commands():
    """``python -m helpers`` says what there is."""
    done = call(ROOT, WORKBOOK_WORKSPACE=os.environ["WORKBOOK_WORKSPACE"])
    assert done.returncode == 0
    listed = re.findall(r"^ {4}(\w+)", done.stdout, re.MULTILINE)
    assert {"lab", "test", "doctor", "reset", "lock", "store"} <= set(listed)


@pytest.mark.parametrize(
    "arguments",
    ["party", "lab --colour", "lab --port a", "lab --port 0", "store 77", "teach 77", "reset"],
)
def test_unknown_command_or_option_shows_the_usage(arguments):
    """What cannot be understood ends with the usage and exit code 2; so does a question that nobody can answer."""
    done = call(ROOT, *arguments.split(), WORKBOOK_WORKSPACE=os.environ["WORKBOOK_WORKSPACE"])
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m helpers") and "Traceback" not in done.stderr


def test_old_python_is_told_what_to_do():
    """A Python before 3.11 ends with a clear message in place of a syntax error. Bad days try real ones."""
    old = "import sys, runpy; sys.version_info = (3, 8, 18); runpy.run_module('helpers', run_name='__main__')"
    done = subprocess.run([BASE, "-c", old], cwd=ROOT, env=outside({}), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("This course needs Python 3.11 to 3.14")
    assert "python3.12 -m helpers lab" in done.stderr


def test_the_commands_are_called_from_another_folder_by_their_path(tmp_path):
    """`python course/helpers` does there what `python -m helpers` does here, also where -m finds no folder."""
    env = outside({"WORKBOOK_WORKSPACE": str(tmp_path), "PYTHONSAFEPATH": "1"})
    command = [BASE, ROOT / "helpers", "progress"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("01_data_preparation"), done.stderr


def test_a_reader_who_has_read_enough_ends_the_command_without_a_word():
    """As in `python -m helpers doctor | head -1`, which stops to read after the first line."""
    env = outside({"WORKBOOK_WORKSPACE": os.environ["WORKBOOK_WORKSPACE"]})
    command = [BASE, "-m", "helpers", "doctor"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=env, **pipes) as started:
        assert b"Python" in started.stdout.readline()
        started.stdout.close()
        assert started.stderr.read() == b""
    assert started.returncode == 1


@pytest.mark.parametrize("name", ["random", "json", "platform"])
@pytest.mark.parametrize("place", ["course", "course/notebooks", "elsewhere"])
def test_a_file_with_the_name_of_a_module_is_named_before_it_is_imported(tmp_path, name, place):
    """A reader's file in the course's folder, beside the notebooks, or where a command is called is named."""
    course = tiny(tmp_path / "course")
    (folder := tmp_path / place).mkdir(exist_ok=True)
    (file := folder / f"{name}.py").write_text("x = 1")
    env = outside({"PYTHONPATH": str(course)})
    for command in ("progress", "doctor"):
        called = [BASE, "-m", "helpers", command]
        done = subprocess.run(called, cwd=file.parent, env=env, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        what = f"{file} would be imported in place of Python's module {name}: give the file another name.\n"
        assert done.stderr == what


IGNORED = "import signal, subprocess, sys; signal.signal(2, signal.SIG_IGN); sys.exit(subprocess.call(sys.argv[1:]))"
INTERRUPTS = """
import signal, subprocess, sys

def test_a():
    code = "import time; print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate(timeout=20)[1]
"""


@unix
def test_a_run_in_the_background_can_interrupt_what_it_starts(tmp_path):
    """A shell's & and nohup have a run of the tests ignore Ctrl-C; what a test starts heeds it all the same."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_a.py").write_text(INTERRUPTS)
    run = [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", "-n", "1", "--rootdir", tmp_path, tmp_path]
    env = outside({"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    done = subprocess.run([sys.executable, "-c", IGNORED, *run], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@unix
def test_fresh_clone_opens_jupyterlab_and_runs_tests(tmp_path):
    """In a folder with a space and an accent: JupyterLab answers, its kernel is ours, Ctrl-C ends all; pytest runs.

    None of the reader's own programs is run, as npm writes into the home folder, and R reads its settings there.
    Kernels start also after the workspace, in which their files lie, was deleted.
    """
    project = whole(tmp_path / "cours d'été")
    for name in ("npm", "Rscript", "julia"):
        (program := tmp_path / "bin" / name).parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\ntouch "{tmp_path}/{name} ran"\n')
        program.chmod(0o755)
    with running_lab(project, PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}") as (page, kernels, process):
        assert page.status == 200
        assert page.url.partition("?")[0].endswith(lab.choose_page())
        assert [spec["spec"]["language"] for spec in kernels["kernelspecs"].values()] == ["python"]
        assert listening(family(process.pid)) == {"127.0.0.1"}
        shutil.rmtree(project / "workspace")
        kernel = urllib.request.Request(page.url.replace(lab.choose_page(), "/api/kernels"), b"{}", method="POST")
        assert first_answer(kernel).status == 201
    assert process.returncode == 0 and not list(tmp_path.glob("* ran"))
    assert not (project / "workspace" / "mlflow.db").exists()

    passed = call(project, "test", "-q", "-n0", "tests/unit/setup/test_doctor.py", "-k", "python or port")
    assert passed.returncode == 0 and " passed" in passed.stdout, passed.stdout + passed.stderr
    assert call(project, "test", "-q", "-n0", "tests/no_such_file.py").returncode == pytest.ExitCode.USAGE_ERROR

    checked = call(project, "doctor")
    assert checked.returncode == 0, checked.stdout
    assert "ok       a kernel starts and computes" in checked.stdout
    assert call(project, "reset", "--yes").returncode == 0
    assert [path.name for path in (project / "workspace").iterdir()] == [".workbook"]


def test_lab_asks_nothing_and_stays_on_this_machine():
    """The command line binds to 127.0.0.1, opens the project's folder, and switches news and look-ups off."""
    command = lab.make_command()
    for option in (
        "ServerApp.ip=127.0.0.1",
        f"ServerApp.root_dir={ROOT}",
        "LabApp.news_url=None",
        "LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ):
        assert f"--{option}" in command
    assert "--no-browser" not in command and "--no-browser" in lab.make_command(browser=False)
    assert {"--ServerApp.port=8901", "--ServerApp.port_retries=0"} <= set(lab.make_command(port=8901))


@pytest.mark.parametrize("text", ["abc", "0", "-1", "80000", "²", "8" * 5000])
def test_what_is_no_port_is_told_with_those_that_are(text):
    """The words are for a reader, and name no function of ours."""
    done = call(ROOT, "ui", f"--port={text}", WORKBOOK_WORKSPACE=os.environ["WORKBOOK_WORKSPACE"])
    assert done.returncode == 2 and f"{text!r} is no port: choose a number from 1 to 65535" in done.stderr


def test_port_in_use_is_said_before_anything_starts():
    """``--port`` with a port that is taken ends with the remedy, and exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SetupError, match=f"Port {port} is in use: .* choose another --port"):
            lab.check_port(port)
        for command in ("lab", "ui"):
            done = call(ROOT, command, "--port", str(port), WORKBOOK_WORKSPACE=os.environ["WORKBOOK_WORKSPACE"])
            assert done.returncode == 1 and done.stderr.startswith(f"\nPort {port} is in use"), done.stderr
    lab.check_port(port)
    lab.check_port(None)


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    """Return a workspace with a file, a folder and a link to a file outside of it."""
    folder = tmp_path / "workspace"
    (folder / "artifacts" / "1").mkdir(parents=True)
    (folder / "artifacts" / "1" / "model").write_bytes(b"x" * 2_000_000)
    (folder / "mlflow.db").write_bytes(b"x" * 500_000)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis").touch()
    with contextlib.suppress(OSError):  # Windows grants links only to some
        (folder / "link").symlink_to(tmp_path / "precious")
        (folder / "artifacts" / "link").symlink_to(tmp_path / "precious")
    monkeypatch.setattr(reset, "WORKSPACE", folder)
    monkeypatch.setattr(reset, "OWN", folder / ".workbook")
    (folder / ".workbook").touch()
    return folder


def test_reset_empties_the_workspace_and_nothing_else(workspace, capsys):
    """It says what goes and how large it is; what a link points to stays."""
    assert reset.main(ask=False) == 0
    assert [path.name for path in workspace.iterdir()] == [".workbook"]
    assert (workspace.parent / "precious" / "thesis").exists()
    said = capsys.readouterr().out
    assert re.search(r"2\.0 MB  artifacts\n.*0\.5 MB  mlflow\.db", said, re.DOTALL)


def test_reset_refuses_a_folder_in_which_files_were_before(tmp_path):
    """A folder with files of the reader's own may be named as the workspace; a relative name means one folder."""
    (docs := tmp_path / "docs").mkdir()
    (docs / "thesis").touch()
    show = "import os; from helpers.paths import *; print(WORKSPACE, os.environ['WORKBOOK_WORKSPACE'], OWN.exists())"
    for name, own in (("docs", False), ("fresh", True), ("fresh", True)):
        env = outside({"WORKBOOK_WORKSPACE": name, "PYTHONPATH": str(ROOT)})
        said = subprocess.run([BASE, "-c", show], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert said.stdout.split() == [str(tmp_path / name)] * 2 + [str(own)], said.stderr
        done = subprocess.run(
            [BASE, "-m", "helpers", "reset", "--yes"], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        assert (done.returncode == 0) == own
        assert own or f"{docs} held files before the course used it" in done.stdout
    assert (docs / "thesis").exists()


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("", True), ("yes", False), ("Y", False)])
def test_reset_asks_first(workspace, monkeypatch, answer, left):
    """Only a clear yes deletes anything."""
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert reset.main() == (1 if left else 0)
    assert (workspace / "mlflow.db").exists() == left


@pytest.mark.parametrize("ends", [EOFError, KeyboardInterrupt])
def test_reset_without_an_answer_deletes_nothing(workspace, monkeypatch, capsys, ends):
    """The end of the input and Ctrl-C are no yes, and say what happened: nothing."""

    def end(question):
        raise ends

    monkeypatch.setattr("builtins.input", end)
    assert reset.main() == 1
    assert (workspace / "mlflow.db").exists() and capsys.readouterr().out.endswith("\nNothing was deleted.\n")


def test_reset_refuses_while_a_process_uses_the_workspace(workspace, capsys):
    """A server or JupyterLab that works on the workspace is named, and nothing is deleted."""
    code = "file = open('mlflow.db'); print('open', flush=True); input()"
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    with subprocess.Popen(command, cwd=workspace, stdin=pipe, stdout=pipe) as user:
        user.stdout.readline()
        assert reset.main(ask=False) == 1
        assert f"(process {user.pid})" in capsys.readouterr().out
        user.kill()
    assert (workspace / "mlflow.db").exists()
    assert reset.main(ask=False) == 0


@pytest.mark.parametrize("precious", [ROOT, Path.home(), ROOT.parent])
def test_reset_refuses_a_workspace_that_holds_more_than_the_course(monkeypatch, capsys, precious):
    """A workspace that contains the project or the home folder is a mistake, never to be emptied."""
    monkeypatch.setattr(reset, "WORKSPACE", precious.resolve())
    monkeypatch.setattr(reset, "_empty", lambda entries: pytest.fail("it would have deleted"))
    assert reset.main(ask=False) == 1
    assert "set WORKBOOK_WORKSPACE to a folder of its own" in capsys.readouterr().out


def test_store_runs_notebooks_and_lock_pins_requirements(tmp_path):
    """The maintainers' commands: a notebook gets its outputs, a new requirement gets its pin."""
    project = tiny(tmp_path, "nbformat", "nbclient", "ipykernel")
    (project / "notebooks").mkdir()
    cell = {"cell_type": "code", "id": "a", "source": "6 * 7", "metadata": {}, "outputs": [], "execution_count": None}
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (project / "notebooks" / "00_start_here.ipynb").write_text(json.dumps(content))
    stored = call(project, "store", "00")
    assert stored.returncode == 0, stored.stderr
    assert '"42"' in (project / "notebooks" / "00_start_here.ipynb").read_text()
    assert re.match(r"\S+/00_start_here.ipynb \w+\n", (project / "helpers/setup/originals.txt").read_text())

    (project / "requirements.txt").write_text("-c requirements.lock\nuv  # installs\nsix\n")
    assert call(project, "lock").returncode == 0
    kept = re.findall(r"^(?:six|uv)==.*", packages.LOCK.read_text(), re.MULTILINE)
    assert (project / "requirements.lock").read_text().splitlines() == kept
