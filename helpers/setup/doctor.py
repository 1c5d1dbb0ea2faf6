"""The machine check: a line for each thing that the course needs, with the remedy where one is needed.

It runs before anything is installed too, so what is not in the standard library is imported where it is used.
"""
import contextlib
import errno
import functools
import importlib.util
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers import paths
from helpers.setup import groups, java

_OLDEST = (3, 11)  # Python
_DISK = 2e9  # bytes: environment and workspace of the whole course, with some room
_WAIT = 20  # seconds: how long others may hold the database, as while MLflow makes it
_MEMORY = 1.5e9  # bytes: JupyterLab, a kernel, a tracking server and a model server
STARTS_ANEW = (
    "to start anew and keep the file, give it another name, such as mlflow-old.db, and run the notebook again, "
    "which makes what it needs; python -m helpers reset deletes all that the notebooks made"
)
_REMEDIES = {  # by SQLite's code of what is wrong
    sqlite3.SQLITE_BUSY: "end the program that holds it, or wait until it is done, and run the cell again",
    sqlite3.SQLITE_READONLY: "let yourself write to the file, or set WORKBOOK_WORKSPACE to a folder of yours",
    sqlite3.SQLITE_CANTOPEN: "let yourself read the file, or set WORKBOOK_WORKSPACE to a folder of yours",
    sqlite3.SQLITE_FULL: "make room on the disk of the workspace",
}


class ProblemError(Exception):
    """The machine or the workspace is in no state to go on; the message says why and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback."""
        return [str(self)]


@dataclass(frozen=True)
class Finding:
    """What one check found: ``ok``, ``optional``, ``warning`` or ``problem``; a line on it; the remedy."""

    level: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return it as a line, and the remedy as a second one."""
        return f"{self.level:8} {self.what}" + (f"\n{'':8} -> {self.remedy}" if self.remedy else "")


def check(everything: bool = False) -> bool:
    """Print a line for each thing checked, and return whether none is a problem.

    The lines are the same on every machine where all is well.

    Parameters
    ----------
    everything : bool
        Also start a kernel, which takes seconds, and look for what is optional.
    """
    found = []
    checks = [python, disk, port, workspace, store]
    if importlib.util.find_spec("psutil") and importlib.util.find_spec("packaging"):
        optional = [functools.partial(group, name) for name in groups.names()]
        checks += [packages, memory, *([kernel, onnx, *optional] if everything else [])]
    else:
        checks += [_environment]
    for one in [*checks, *([check_java] if everything else [])]:
        found.append(examine(one))
        print(found[-1], flush=True)
    return all(finding.level != "problem" for finding in found)


def require(*checks: Callable[[], Finding]) -> None:
    """Raise ProblemError where one of some checks finds a problem."""
    for finding in map(examine, checks):
        if finding.level == "problem":
            raise ProblemError(f"{finding.what}: {finding.remedy}.")


def notebook():
    """Return IPython's shell where this is the kernel of a notebook, else None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def tell_of_problems() -> None:
    """In a notebook, have a cell that fails followed by what is wrong with the disk or the store."""
    shell = notebook()
    if shell and _explain not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _explain)


def _explain(result) -> None:
    """Print the problems of disk, workspace and store after a cell that failed, be they its reason or not."""
    if isinstance(result.error_in_exec, Exception) and not isinstance(result.error_in_exec, ProblemError):
        found = [examine(check) for check in (disk, workspace, store)]
        print(*(finding for finding in found if finding.level == "problem"), sep="\n")


def examine(one: Callable[[], Finding]) -> Finding:
    """Return what a check finds; a check that breaks has found a problem."""
    try:
        return one()
    except Exception as error:
        name = getattr(one, "__name__", "group")
        return Finding("problem", f"{name}: {type(error).__name__}: {error}", "show this line to your teacher")


def python() -> Finding:
    """Check Python's version."""
    if sys.version_info < _OLDEST:
        return Finding("problem", f"Python is {sys.version.split()[0]}", "install Python 3.11 or newer from python.org")
    return Finding("ok", "Python is 3.11 or newer")


def disk() -> Finding:
    """Check the free space for the workspace."""
    free = shutil.disk_usage(paths.WORKSPACE).free
    if free < _DISK:
        level = "warning" if free > _DISK / 4 else "problem"
        what = f"the disk of {paths.WORKSPACE} has {free / 1e9:.1f} GB free"
        return Finding(level, what, f"make room: the course takes {_DISK / 1e9:.0f} GB")
    return Finding("ok", "the disk has room")


def port() -> Finding:
    """Check that a server can listen on this machine, and be reached."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as error:
        remedy = "let Python listen on 127.0.0.1 in the firewall or security software of this machine"
        return Finding("problem", f"no server can be reached on 127.0.0.1 ({error})", remedy)
    return Finding("ok", "a server on 127.0.0.1 can be reached")


def workspace() -> Finding:
    """Check that the workspace can be written to."""
    try:
        with tempfile.TemporaryFile(dir=paths.WORKSPACE) as file:
            file.write(b"x")
    except OSError as error:
        remedy = "move the project to a folder of yours, or set WORKBOOK_WORKSPACE to one"
        if error.errno == errno.ENOSPC:
            remedy = "make room on its disk"
        return Finding("problem", f"the workspace {paths.WORKSPACE} cannot be written to ({error.strerror})", remedy)
    return Finding("ok", "the workspace can be written to")


def store() -> Finding:
    """Check that MLflow's database in the workspace can be read and written to, where there is one."""
    database = paths.WORKSPACE / "mlflow.db"
    if database.exists():
        try:
            with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", _WAIT, uri=True)) as connection:
                _whole(connection)
        except sqlite3.Error as error:
            what = f"MLflow's database {database} cannot be used ({error})"
            return Finding("problem", what, _REMEDIES.get(getattr(error, "sqlite_errorcode", 0), STARTS_ANEW))
    return Finding("ok", "MLflow's store can be read, or will be made when it is needed")


def _whole(connection: sqlite3.Connection) -> None:
    """Raise an error unless a database is whole, MLflow's, and soon free to write to."""
    if connection.execute("select count(*) from sqlite_master").fetchone() == (0,):
        return  # MLflow has made the file and nothing in it yet
    faults = [fault for (fault,) in connection.execute("pragma quick_check(1)") if fault != "ok"]
    if faults:
        raise sqlite3.DatabaseError(faults[0])
    connection.execute("select count(*) from experiments").fetchone()
    connection.execute("begin immediate")


def _environment() -> Finding:
    """Report that the packages are not there yet."""
    return Finding("warning", "the course's packages are not installed yet", "python -m helpers lab installs them")


def packages() -> Finding:
    """Check that the installed packages are the locked ones."""
    wrong = _differences(paths.ROOT / "requirements.lock", sys.path)
    if wrong:
        remedy = "delete the folder .venv, then run python -m helpers lab (elsewhere: pip install -r requirements.txt)"
        return Finding("warning", f"packages differ from those that the course was tested with: {_few(wrong)}", remedy)
    return Finding("ok", "the packages are those that the course was tested with")


def _differences(lock: Path, places: list[str]) -> list[str]:
    """Return each package of a lock that is not in some folders, or there with another version."""
    from packaging.requirements import Requirement

    wrong = []
    locked = map(Requirement, lock.read_text(encoding="utf-8").splitlines())
    for package in (p for p in locked if p.marker is None or p.marker.evaluate()):
        version = groups.version(package.name, places)
        if not version:
            wrong.append(f"{package.name} is missing")
        elif not package.specifier.contains(version):
            wrong.append(f"{package.name} is {version}")
    return wrong


def _few(wrong: list[str]) -> str:
    """Return the first three of many, and how many more there are."""
    return ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")


def group(name: str) -> Finding:
    """Look for a group of packages that only some notebooks need."""
    lacking, wrong = groups.missing(name), _differences(groups.files(name)[1], groups.places(name))
    if lacking:
        what = f"the group {name} is not installed ({_few(lacking)})"
        return Finding("optional", what, f"only for {groups.whom(name)}: {groups.command(name)}")
    if wrong:
        what = f"packages of the group {name} differ from those that the course was tested with: {_few(wrong)}"
        return Finding("warning", what, f"{groups.command(name)} (elsewhere: pip install -r requirements/{name}.txt)")
    return Finding("ok", f"the group {name} is installed, for {groups.whom(name)}")


def memory() -> Finding:
    """Check the free memory."""
    import psutil

    free = psutil.virtual_memory().available
    if free < _MEMORY:
        remedy = "close other programs and notebooks that are done (in JupyterLab: Kernel, Shut Down All Kernels)"
        return Finding("warning", f"{free / 1e9:.1f} GB of memory are free", remedy)
    return Finding("ok", "there is enough memory")


def kernel() -> Finding:
    """Check that a kernel starts and computes, in a minute at most."""
    from jupyter_client.manager import start_new_kernel

    waiting = sys.stdout.isatty()
    if waiting:
        print("         starting a kernel ...", end="\r", flush=True)
    manager, client = start_new_kernel(60, "python3", transport_encryption="auto")
    try:
        said = []
        client.execute_interactive("print(1 + 1)", timeout=60, output_hook=said.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if [message["content"].get("text") for message in said if message["msg_type"] == "stream"] != ["2\n"]:
        return Finding("problem", "a kernel started and cannot compute", "delete .venv, then python -m helpers lab")
    return Finding("ok", "a kernel starts and computes")


def onnx() -> Finding:
    """Check that ONNX Runtime can be loaded, which on Windows needs a library of the system."""
    done = subprocess.run([sys.executable, "-c", "import onnxruntime"], capture_output=True, text=True, timeout=60)
    if done.returncode:
        what = f"ONNX Runtime cannot be loaded ({(done.stderr.strip().splitlines() or ['it crashes'])[-1]})"
        remedy = "delete .venv, then python -m helpers lab"
        if sys.platform == "win32":
            remedy = "winget install Microsoft.VCRedist.2015+.x64"
        return Finding("problem", f"{what}; notebooks 03, 04, 09 and 11 need it", remedy)
    return Finding("ok", "ONNX Runtime can be loaded, for notebooks 03, 04, 09 and 11")


def check_java() -> Finding:
    """Look for Java, and on Windows for what Spark needs besides; only the notebook on big data asks for them."""
    if reason := java.lacking(java.find()):
        what, remedy = reason
        return Finding("optional", what, f"only for notebook 14: {remedy}")
    return Finding("ok", "Java is there, for notebook 14")
