"""The folder of the pipeline in the workspace: its code, its data, Dagster's home; and the server over it."""
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from helpers import paths, servers, watchdog

FOLDER = paths.WORKSPACE / "12-pipeline"
CODE, HOME = FOLDER / "code", FOLDER / "home"
_SHIPPED = paths.ROOT / "pipeline"
_LONGEST = 80  # characters of a folder: the path of a socket in it may have 103 on macOS, and 107 on Linux


def make_folder() -> Path:
    """Make the folder anew: the shipped modules in ``code``, their settings in ``home``; Dagster finds both."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    HOME.mkdir(parents=True, exist_ok=True)
    shutil.copytree(_SHIPPED, CODE, ignore=shutil.ignore_patterns("__pycache__", "dagster.yaml"), dirs_exist_ok=True)
    shutil.copy(_SHIPPED / "dagster.yaml", HOME)
    os.environ["DAGSTER_HOME"] = str(HOME)
    _shorten_temporary()
    if str(CODE) not in sys.path:
        sys.path.insert(0, str(CODE))
    forget_modules()
    warnings.filterwarnings("ignore", "coroutine 'BaseEventLoop.shutdown_asyncgens'")  # a notebook's loop runs already
    return FOLDER


def forget_modules() -> None:
    """Have Python load the pipeline's modules again where they are asked for next."""
    for name in [name for name, module in sys.modules.items() if _is_ours(module)]:
        del sys.modules[name]


def _is_ours(module: object) -> bool:
    """Return whether a module was loaded from the folder of the code."""
    file = getattr(module, "__file__", None)
    return bool(file) and Path(file).parent == CODE


def make_server(port: int = 0, **settings: Any) -> servers.Server:
    """Return a server of the pipeline: ``dagster dev``, with the page, the daemon and the loaded code."""
    port = port or servers.free_port()
    command = ["dagster", "dev", "-f", str(CODE / "definitions.py"), "-d", str(CODE)]
    command += ["-h", servers.HOST, "-p", str(port), "--log-level", "error", "--code-server-log-level", "error"]
    return servers.Server(command, port, health="/server_info", **settings)


def _shorten_temporary() -> None:
    """Have what this kernel starts use a short temporary folder where Dagster's sockets have no room in the usual."""
    if os.name == "posix" and len(os.fsencode(os.environ.get("TMPDIR", ""))) > _LONGEST:
        os.environ["TMPDIR"] = watchdog.make_temporary_folder("/tmp")
