"""JupyterLab as the course starts it: for this machine only, its settings in the workspace."""
import errno
import json
import os
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

from helpers.paths import COURSE, NOTEBOOKS, ROOT, WORKSPACE, make_folders
from helpers.setup import forwarding
from helpers.setup.venv import PYTHON, SetupError

_FIRST = NOTEBOOKS / f"{COURSE['00']}.ipynb"
_HOME = WORKSPACE / "jupyter"
_LOWEST, _TRIES = 8888, 50  # the port where JupyterLab looks for a free one, and how many more it tries
_OVERRIDES = {  # JupyterLab's defaults, changed: no questions on news, no look-ups of updates
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
_PAGE = {"disabledExtensions": {"@jupyter/nbgrader": True}}
_GRADER = ("assignment_list", "course_list", "formgrader", "validate_assignment")  # nbgrader's parts in JupyterLab
_LAYOUT = {  # where it opens for the first time: the table of contents on the left, the list of files one click away
    "left": {
        "collapsed": False,
        "visible": True,
        "current": "@jupyterlab/toc:plugin",
        "widgets": ["filebrowser", "running-sessions", "@jupyterlab/toc:plugin"],
    },
    "relativeSizes": [0.2, 0.8, 0],
}


def make_command(port: int | None = None, browser: bool = True) -> list[str]:
    """Return the command line of JupyterLab, without the Python that runs it."""
    _write_settings()
    port = port or (_find_free_port() if forwarding.find_origin(_LOWEST) else None)  # the origin names the port
    origin = forwarding.find_origin(port) if port else ""
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.root_dir": str(ROOT),
        "ServerApp.answer_yes": "True",  # Ctrl-C ends it without a question
        "ServerApp.allow_root": "True",  # containers run as root; the token guards it all the same
        "LabApp.default_url": choose_page(),
        "LabApp.app_settings_dir": str(_HOME / "lab"),
        "KernelManager.transport_encryption": "auto",  # a kernel warns where it is not
        "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LanguageServerManager.autodetect": "False",  # else it runs the reader's npm, R and Julia
        # The course grades by commands, in a folder of its own: here nbgrader would warn that it has no settings.
        "ServerApp.jpserver_extensions": str({f"nbgrader.server_extensions.{part}": False for part in _GRADER}),
        "ServerProxy.servers": json.dumps(_make_tile(origin)),
        "Application.log_level": "ERROR",
        "Application.log_format": "%(message)s",
    }
    if port:
        options |= {"ServerApp.port": str(port), "ServerApp.port_retries": "0"}
    else:
        options |= {"ServerApp.port": str(_LOWEST), "ServerApp.port_retries": str(_TRIES)}
    if origin:
        options["ServerApp.allow_origin"] = origin
    shown = [] if browser else ["--no-browser"]
    return ["-m", "helpers.setup.lab", *shown, *(f"--{name}={value}" for name, value in options.items())]


def _write_settings() -> None:
    """Write what JupyterLab reads as it starts."""
    (_HOME / "lab").mkdir(parents=True, exist_ok=True)
    for name, content in {"overrides": _OVERRIDES, "page_config": _PAGE}.items():
        (_HOME / "lab" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _find_free_port() -> int:
    """Return the first free port from JupyterLab's own."""
    ports = range(_LOWEST, _LOWEST + _TRIES + 1)
    return next((port for port in ports if _try_port(port) is None), _LOWEST)


def _make_tile(origin: str) -> dict[str, dict]:
    """Return the setting that puts MLflow's user interface on the launcher; the first click starts it."""
    icon = str(Path(__file__).with_name("mlflow_ui.svg"))
    start = [str(PYTHON), "-m", "helpers.setup.mlflow_ui", "--no-browser", "--port", "{port}", "--origin", origin]
    return {"mlflow": {"command": start, "timeout": 120, "launcher_entry": {"title": "MLflow", "icon_path": icon}}}


def choose_page() -> str:
    """Return where JupyterLab opens: at the first notebook, where it is there."""
    return f"/lab/tree/{_FIRST.relative_to(ROOT).as_posix()}" if _FIRST.exists() else "/lab"


def check_port(port: int | None) -> None:
    """Raise SetupError where a port that was asked for is in use or not allowed."""
    if port is None:
        return
    if error := _try_port(port):
        why = "in use" if error.errno == errno.EADDRINUSE else f"not available ({error.strerror})"
        raise SetupError(
            f"Port {port} is {why}: end the program that holds it, choose another --port, "
            "or leave --port out for the first free one."
        ) from error


def _try_port(port: int) -> OSError | None:
    """Return why no server can listen on a port, or nothing where one can."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        return error


def _show_contents() -> None:
    """Have JupyterLab show the table of contents the first time it opens; after that, what the reader last saw.

    A layout that was cut off, as by a full disk, is put aside: JupyterLab would not start with it.
    """
    from jupyterlab_server.workspaces_handler import WORKSPACE_EXTENSION, WorkspacesManager

    layouts = WorkspacesManager(os.environ["JUPYTERLAB_WORKSPACES_DIR"])
    for file in layouts.workspaces_dir.glob(f"*{WORKSPACE_EXTENSION}"):
        if not _is_layout(file):
            file.replace(file.with_suffix(".damaged"))
    if not layouts.list_workspaces():
        layouts.save("default", json.dumps({"data": {"layout-restorer:data": _LAYOUT}, "metadata": {"id": "default"}}))


def _is_layout(file: Path) -> bool:
    """Return whether a file holds a layout as JupyterLab reads it."""
    try:
        layout = json.loads(file.read_text(encoding="utf-8"))
        return isinstance(layout["metadata"]["id"], str) and isinstance(layout["data"], dict)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def _keep_kernels_starting() -> None:
    """Have kernels start also after a reader has deleted the workspace beneath JupyterLab: their files lie in it."""
    from jupyter_client import KernelManager

    write = KernelManager.write_connection_file

    def make_folder_and_write(manager: KernelManager, **options) -> None:
        make_folders()
        Path(manager.connection_file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(manager, **options)

    KernelManager.write_connection_file = make_folder_and_write


def _read_marked_notebooks() -> None:
    """Have notebooks open that begin with a byte-order mark, as Notepad saves them; JupyterLab saves without it."""
    import nbformat

    read = nbformat.reads
    nbformat.reads = lambda text, *how, **options: read(text.removeprefix("\ufeff"), *how, **options)


def _hear_each_interrupt() -> None:
    """Have an interrupt without a terminal end JupyterLab as a signal does; in a terminal, JupyterLab sees to it.

    Else Python raises KeyboardInterrupt, and loses it inside the callback of a weak reference.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: signal.raise_signal(signal.SIGTERM))


if __name__ == "__main__":
    sys.modules["rfc3987_syntax"] = None  # jsonschema does without it; its import is half of JupyterLab's start
    # Of the managers of extensions, this one asks the internet, is off, and fails where a proxy is none that it knows.
    sys.modules["jupyterlab.extensions.pypi"] = SimpleNamespace(PyPIExtensionManager=None)
    try:
        from jupyterlab.labapp import main
    except ImportError as error:
        sys.exit(f"JupyterLab cannot be started ({error}): `python -m helpers setup` brings back what is gone.")

    _hear_each_interrupt()
    _keep_kernels_starting()
    _read_marked_notebooks()
    _show_contents()
    main()
