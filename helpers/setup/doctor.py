"""The machine check: a line for each thing that the course needs, with the remedy where one is needed.

It runs before anything is installed too, so what is not in the standard library is imported where it is used.
"""
import functools
import importlib.util
import socket
import subprocess
import sys
from pathlib import Path

from helpers import paths
from helpers.setup import groups, java, machine, venv
from helpers.setup.findings import Finding, make_check
from helpers.setup.storage import check_disk, check_store, check_workspace
from helpers.setup.venv import VENV

_MEMORY = 1.5e9  # bytes: JupyterLab, a kernel, a tracking server and a model server
_REPAIR = "python -m helpers lab repairs them (elsewhere: pip install -r requirements.txt)"
_MAKE_ANEW = f"delete {VENV}, then python -m helpers lab"


def check(everything: bool = False) -> bool:
    """Print a line for each thing checked, and return whether none is a problem.

    The lines are the same on every machine where all is well.

    Parameters
    ----------
    everything : bool
        Also start a kernel, which takes seconds, and look for what is optional.
    """
    checks = [check_python, check_disk, check_port, check_workspace, check_store]
    if not (importlib.util.find_spec("psutil") and importlib.util.find_spec("packaging")):
        checks += [_report_no_packages]
    elif everything:
        optional = [functools.partial(check_group, name) for name in groups.names()]
        checks += [check_packages, check_memory, check_kernel, check_onnx, *optional]
    else:
        checks += [check_packages, check_memory]
    levels = []
    for one in [*checks, *([check_java] if everything else [])]:
        found = one()
        print(found, flush=True)
        levels.append(found.level)
    return "problem" not in levels


@make_check("Python is one of 3.11 to 3.14, on a machine for which the packages are made")
def check_python() -> Finding | None:
    """Check that the packages have builds for this Python and this machine."""
    if lack := machine.find_lack():
        return Finding("warning", *lack)


@make_check("a server on 127.0.0.1 can be reached")
def check_port() -> Finding | None:
    """Check that a server can listen on this machine, and be reached."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as error:
        remedy = "let Python listen on 127.0.0.1 in the firewall or security software of this machine"
        return Finding("problem", f"no server can be reached on 127.0.0.1 ({error})", remedy)


def _report_no_packages() -> Finding:
    """Report that packages are not there, or not there any more."""
    return Finding("warning", "the course's packages are not all installed", "python -m helpers lab installs them")


@make_check("the packages are those that the course was tested with")
def check_packages() -> Finding | None:
    """Check that the installed packages are the locked ones."""
    if wrong := _compare(paths.ROOT / "requirements.lock", sys.path):
        what = f"packages differ from those that the course was tested with: {wrong}"
        return Finding("warning", what, _REPAIR)
    if damaged := venv.find_damaged(paths.ROOT / "requirements.lock", Path(sys.prefix)):
        what = f"files of packages are gone: {_shorten([path.name.partition('-')[0] for path in damaged])}"
        return Finding("problem", what, "python -m helpers setup brings them back")


def _compare(lock: Path, places: list[str]) -> str:
    """Return in words which packages in some folders differ from a lock; nothing where none does."""
    differences = groups.find_differences(lock, places)
    return _shorten([f"{package} is {version or 'missing'}" for package, version in differences.items()])


def _shorten(words: list[str]) -> str:
    """Return the first three of many, and how many more there are."""
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


@make_check("the group is installed")
def check_group(name: str) -> Finding:
    """Look for a group of packages that only some notebooks need."""
    missing, users = groups.find_missing(name), groups.name_users(name)
    if missing:
        what = f"the group {name} is not installed ({_shorten(missing)})"
        return Finding("optional", what, f"only for {users}: {groups.command(name)}")
    if wrong := _compare(groups.files(name)[1], groups.find_places(name)):
        what = f"packages of the group {name} differ from those that the course was tested with: {wrong}"
        return Finding("warning", what, f"{groups.command(name)} (elsewhere: pip install -r requirements/{name}.txt)")
    return Finding("ok", f"the group {name} is installed, for {users}")


@make_check("there is enough memory")
def check_memory() -> Finding | None:
    """Check the free memory."""
    import psutil

    free = psutil.virtual_memory().available
    if free < _MEMORY:
        remedy = "close other programs and notebooks that are done (in JupyterLab: Kernel, Shut Down All Kernels)"
        return Finding("warning", f"{free / 1e9:.1f} GB of memory are free", remedy)


@make_check("a kernel starts and computes")
def check_kernel() -> Finding | None:
    """Check that a kernel starts and computes, in a minute at most."""
    from jupyter_client.manager import start_new_kernel

    if sys.stdout.isatty():
        print("         starting a kernel ...", end="\r", flush=True)
    manager, client = start_new_kernel(60, "python3", transport_encryption="auto")
    try:
        said = []
        client.execute_interactive("print(1 + 1)", timeout=60, output_hook=said.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if [message["content"].get("text") for message in said if message["msg_type"] == "stream"] != ["2\n"]:
        return Finding("problem", "a kernel started and cannot compute", _MAKE_ANEW)


@make_check("ONNX Runtime can be loaded, for notebooks 03, 04, 09 and 11")
def check_onnx() -> Finding | None:
    """Check that ONNX Runtime can be loaded, which on Windows needs a library of the system."""
    done = subprocess.run([sys.executable, "-c", "import onnxruntime"], capture_output=True, text=True, timeout=60)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it crashes"])[-1]
        remedy = "winget install Microsoft.VCRedist.2015+.x64" if sys.platform == "win32" else _MAKE_ANEW
        if "No module named" in reason:
            remedy = _REPAIR
        what = f"ONNX Runtime cannot be loaded ({reason}); notebooks 03, 04, 09 and 11 need it"
        return Finding("problem", what, remedy)


@make_check("Java is there, for notebook 14")
def check_java() -> Finding | None:
    """Look for Java, and on Windows for what Spark needs besides; only the notebook on big data asks for them."""
    if reason := java.find_lack(java.find()):
        what, remedy = reason
        return Finding("optional", what, f"only for notebook 14: {remedy}")
