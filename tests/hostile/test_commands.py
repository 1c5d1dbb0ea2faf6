"""Bad days of the commands: a folder that cannot be written to, a disk that is full, all the usual ports taken.

That a port which was asked for is in use, test_commands holds; a set-up without a network, test_environment.
"""
import contextlib
import os
import socket
import subprocess
import sys

import pytest

from helpers.paths import ROOT
from support.bad_days import namespaces, recorded
from support.copies import BASE, address_of, first_answer, interrupt, outside, start, tiny
from support.worst_day import LIKED

pytestmark = pytest.mark.hostile
linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces, which make the bad day, are Linux's")
CLOSED = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def in_a_closed_folder(project, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Run a command in a checkout that nobody may write to, root included."""
    command = [*namespaces("mount"), "sh", "-c", CLOSED, "sh", project, BASE, "-m", "helpers", *arguments]
    return subprocess.run(command, cwd=project, env=outside(variables), capture_output=True, text=True, timeout=600)


@linux
@pytest.mark.parametrize("command", ["lab", "setup", "progress", "doctor"])
def test_a_checkout_that_cannot_be_written_to_is_told_with_the_remedy(tmp_path, command):
    """Without a workspace elsewhere each command ends with one sentence."""
    done = in_a_closed_folder(tiny(tmp_path), command)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith(f"The workspace {tmp_path / 'workspace'} cannot be made (Read-only file system): ")
    assert "or set WORKBOOK_WORKSPACE to a folder of yours" in done.stderr


@linux
def test_a_checkout_that_cannot_be_written_to_cannot_be_set_up(tmp_path_factory, tmp_path):
    """The workspace may be elsewhere, the environment not: the message says so."""
    done = in_a_closed_folder(tiny(tmp_path_factory.mktemp("course")), "setup", WORKBOOK_WORKSPACE=str(tmp_path))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "cannot be written to (Read-only file system): move the course's folder to where you may" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="sends a Unix signal")
@pytest.mark.parametrize("command", ["lab", "ui"])
def test_where_the_usual_ports_are_taken_another_is_found(command, tmp_path):
    """JupyterLab and MLflow's interface answer on a port beyond those that programs like to use."""
    with contextlib.ExitStack() as taken:
        for port in LIKED:
            with contextlib.suppress(OSError):  # somebody else holds it, which is as good
                taken.enter_context(socket.create_server(("127.0.0.1", port)))
        process = start(ROOT, command, "--no-browser", WORKBOOK_WORKSPACE=str(tmp_path))
        try:
            address = address_of(process) if command == "lab" else address_in(process)
            assert int(address.split(":")[2].split("/")[0]) not in LIKED
            assert first_answer(address).status == 200
        finally:
            interrupt(process)


OPEN = """
import os, re, signal, sys
from support.copies import ROOT, first_answer, start

process = start(ROOT, sys.argv[1], "--no-browser", WORKBOOK_WORKSPACE=sys.argv[2])
lines = process.stderr if sys.argv[1] == "lab" else process.stdout
address = next(found for line in lines if (found := re.search(r"http://127[^ ]+[^. ]", line)))[0].strip()
print(first_answer(address).status)
os.killpg(process.pid, signal.SIGINT)
process.communicate(timeout=120)
"""


@linux
@pytest.mark.parametrize("command", ["lab", "ui"])
def test_nothing_leaves_this_machine_and_the_home_folder_stays_empty(command, tmp_path):
    """JupyterLab and MLflow's interface start and answer; neither looks up a name or calls somebody else."""
    home, tests = tmp_path / "home", str(ROOT / "tests")
    home.mkdir()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([tests, str(ROOT)]), "HOME": str(home), "XDG_CACHE_HOME": ""}
    asked = [sys.executable, "-c", OPEN, command, str(tmp_path / "workspace")]
    done = subprocess.run([*recorded(), *asked], env=env, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")
    assert [path for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(os.name != "posix", reason="the home folder is set by a variable of Unix")
def test_a_command_called_inside_the_environment_has_its_variables_too(tmp_path):
    """The doctor's kernel keeps what it writes in the workspace, also where nobody came through the front door."""
    env = outside({"HOME": str(tmp_path / "home"), "WORKBOOK_WORKSPACE": str(tmp_path / "workspace")})
    env.pop("IPYTHONDIR", None)
    (tmp_path / "home").mkdir()
    command = [sys.executable, "-m", "helpers", "doctor"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert "ok       a kernel starts and computes" in done.stdout
    assert list((tmp_path / "home").rglob("*")) == []


def address_in(process: subprocess.Popen) -> str:
    """Return the address that the command ``ui`` says last."""
    line = next(line for line in process.stdout if "user interface is at" in line)
    return line.split(" is at ")[1].split(". ")[0]
