"""Servers that show their command line, wait until they answer, and never outlive the notebook.

Each server runs under a watchdog (``helpers/watchdog.py``), which stops it with all
its processes when this Python process ends, however it ends. Servers listen on
127.0.0.1 only.
"""
import http.client
import os
import random
import shlex
import socket
import subprocess
import sys
import sysconfig
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from helpers import paths, watchdog

HOST = "127.0.0.1"
LOWEST, HIGHEST = 20_000, 32_000  # below the ports that systems hand out to clients, so nobody takes one in between


class ServerError(Exception):
    """A server did not start; the message ends with the last lines of its log."""


@dataclass(eq=False)
class Server:
    """A server on this machine, for a ``with`` block or from `start` to `stop`.

    Parameters
    ----------
    command : list of str
        The command line, as one would type it; its first word is a Python module, such as ``mlflow``.
    port : int
        Where it listens.
    health : str or callable
        The path that answers 200 once the server is ready, or a function of the port that returns whether it is.
    env : dict
        Environment variables on top of those of `environment`.
    timeout : float
        Seconds to wait until it is ready.
    program : list of str
        What runs in place of the command's first word, where that is not a Python module: a program
        of this environment or of the system, such as ``["rclone"]``.
    scheme : str
        How its address begins.
    """

    command: list[str]
    port: int
    health: str | Callable[[int], bool] = "/health"
    env: dict[str, str] = field(default_factory=dict, repr=False)  # may hold secrets
    timeout: float = 300
    program: list[str] | None = None
    scheme: str = "http"
    _process: subprocess.Popen | None = field(default=None, init=False, repr=False)
    _family: set[psutil.Process] = field(default_factory=set, init=False, repr=False)
    _stop: Callable[[], None] = field(default=lambda: None, init=False, repr=False)

    @property
    def url(self) -> str:
        """Where it listens, as an address for clients."""
        return f"{self.scheme}://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The file that holds what it prints."""
        return paths.LOGS / f"server-{self.port}.log"

    def __enter__(self) -> "Server":
        """Start it."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop it, whether the block ended well or not."""
        self.stop()

    def start(self, wait: bool = True) -> None:
        """Print the command line, start the server and, unless told not to, wait until it is ready."""
        if not self.is_alive():
            self._launch()
        if wait:
            self.wait()

    def _launch(self) -> None:
        _check_port(self.port)
        typed = ["python", "-m"] * ("." in self.command[0])  # a module of the course is no command
        print(f"$ {format_command([*typed, *self.command])}")
        program = self.program or [sys.executable, "-m", self.command[0]]
        with self.log.open("wb") as log:
            self._process = watchdog.spawn([*program, *self.command[1:]], log, environment(self.env))
        self._stop = weakref.finalize(self, watchdog.dismiss, self._process)

    def is_ready(self) -> bool:
        """Return whether it answers."""
        return self.health(self.port) if callable(self.health) else answers(self.port, self.health)

    def wait(self) -> None:
        """Wait until the server answers; raise ServerError, with the end of its log, if it dies or takes too long."""
        try:
            began = time.monotonic()
            print("starting ...", end="", flush=True)
            while not self.is_ready():
                self._still_starting(time.monotonic() - began)
                time.sleep(0.25)
        except BaseException:  # an interrupt of the kernel too
            print()
            self.stop()
            raise
        self._family = watchdog.descendants_of(self._process)
        print(f"\rready at {self.url}")

    def _still_starting(self, waited: float) -> None:
        """Show a sign of life and raise ServerError where waiting longer is in vain."""
        print(f"\rstarting ... {waited:.0f} s", end="", flush=True)
        if not self.is_alive():
            raise ServerError(self._report("ended before it was ready"))
        if waited > self.timeout:
            raise ServerError(self._report(f"was not ready after {self.timeout:g} s"))

    def stop(self) -> None:
        """Stop the server and every process that it started; without one running, do nothing."""
        self._stop()
        watchdog.stop(self._family)  # where somebody has killed the watchdog

    def kill(self) -> None:
        """Kill the server's processes at once, as a crash would, for drills."""
        watchdog.kill(self._family)
        psutil.wait_procs(self._family)
        self.stop()

    def is_alive(self) -> bool:
        """Return whether the server's process is there."""
        return self._process is not None and self._process.poll() is None

    def tail(self, lines: int = 10) -> str:
        """Return the last lines of the server's log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _report(self, what: str) -> str:
        command, end = format_command(self.command), self.tail(20)
        return f"the server {what}: {command}\nThe end of its log, {self.log.name}:\n{end}"


def model_server(model_uri: str, port: int = 0, *, workers: int = 1, **settings: Any) -> Server:
    """Return a server of a logged or registered model: ``mlflow models serve``.

    Parameters
    ----------
    model_uri : str
        Such as ``models:/late@champion``.
    port : int
        Where it listens; 0 for a free port.
    workers : int
        How many processes answer requests.
    settings
        Those of `Server`, such as `env` and `timeout`.
    """
    port = port or free_port()
    command = ["mlflow", "models", "serve", "--model-uri", model_uri, "--host", HOST, "--port", str(port)]
    command += ["--workers", str(workers)] if workers != 1 else []
    return Server([*command, "--env-manager", "local"], port, **settings)


def tracking_server(
    port: int = 0, *, store: str = paths.TRACKING_URI, env: dict[str, str] | None = None, **settings: Any
) -> Server:
    """Return a server of MLflow's user interface and REST API over a store: ``mlflow server``."""
    port = port or free_port()
    command = ["mlflow", "server", "--backend-store-uri", store]
    command += ["--default-artifact-root", paths.ARTIFACTS.as_uri(), "--host", HOST, "--port", str(port)]
    ours = {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # else ten processes, for features that we do not use
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"{HOST},{HOST}:*,localhost,localhost:*",  # else also 10.ANY-SITE
    }
    return Server([*command, "--workers", "1"], port, env=ours | (env or {}), **settings)


def live_server(
    model: str, port: int = 0, *, log: Path | None = None, poll: float = 2.0, patience: float = 0, **settings: Any
) -> Server:
    """Return the course's own server of a registered model, which follows its aliases: ``helpers.live``.

    Parameters
    ----------
    model : str
        Name of the registered model, such as ``late``.
    port : int
        Where it listens; 0 for a free port.
    log : Path
        File of the prediction log; without it nothing is logged.
    poll : float
        Seconds between two looks at the registry.
    patience : float
        Seconds in which a request must be whole; an answer waits a quarter of them for a locked log. 0 leaves
        the choice to the server.
    settings
        Those of `Server`, such as `health`: ``/status`` answers before there is a champion, ``/health``
        once the server can predict. ``MLFLOW_TRACKING_URI`` in `env` names another registry than the workspace's.
    """
    port = port or free_port()
    command = ["helpers.live", "--model", model, "--port", str(port), "--poll", f"{poll:g}"]
    command += ["--log", str(log)] if log else []
    command += ["--patience", f"{patience:g}"] if patience else []
    return Server(command, port, **settings)


def wait_for_status(url: str, timeout: float = 300, **wanted: object) -> dict:
    """Wait until the status of a live server has some values, such as ``champion=2``, and return it.

    Raises
    ------
    TimeoutError
        If it does not after so many seconds; the message has the status, in which the server says what is wrong.
    """
    import requests

    until = time.monotonic() + timeout
    while (status := requests.get(f"{url}/status", timeout=60).json()) | wanted != status:
        if time.monotonic() > until:
            raise TimeoutError(f"the server does not reach {wanted} after {timeout:g} s: {status}")
        time.sleep(0.1)
    return status


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Return the environment variables of a server: this process's, what a server needs besides, and `extra`."""
    scripts = [str(Path(sys.executable).parent), sysconfig.get_path("scripts")]  # MLflow calls uvicorn by name
    ours = {
        "PATH": os.pathsep.join([*dict.fromkeys(scripts), os.environ.get("PATH", "")]),
        "MLFLOW_TRACKING_URI": paths.TRACKING_URI,
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),  # more threads make a single row slower
        "PYTHONUTF8": "1",
    }
    return dict(os.environ) | ours | extra


def free_port() -> int:
    """Return a port on which nothing listens."""
    ports = (random.SystemRandom().randrange(LOWEST, HIGHEST) for _ in range(100))
    return next(port for port in ports if not in_use(port))


def _check_port(port: int) -> None:
    """Raise an error unless a server can listen on `port`."""
    if not 1 <= port <= 65_535:
        raise ValueError(f"a port is a number from 1 to 65535, got {port}: pass port=0 for a free one")
    if in_use(port):
        raise ServerError(f"port {port} is in use: stop the server that holds it, or pass port=0 for a free one")


def in_use(port: int) -> bool:
    """Return whether something listens on a port of this machine."""
    with socket.socket() as probe:
        if os.name == "posix":  # as servers do: a port whose last connections are still closing is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return accepts(port)


def accepts(port: int) -> bool:
    """Return whether something on a port of this machine takes connections."""
    with socket.socket() as caller:
        caller.settimeout(2)
        return caller.connect_ex((HOST, port)) == 0


def answers(port: int, path: str) -> bool:
    """Return whether a GET request to a path is answered with status 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def format_command(command: list[str]) -> str:
    """Return a command line as text, with the workspace in place of its path on this machine."""
    workspace = paths.WORKSPACE
    shown = {paths.TRACKING_URI: "sqlite:///workspace/mlflow.db"}
    shown |= dict.fromkeys((workspace.as_uri(), workspace.as_posix(), str(workspace)), "workspace")
    words = command
    for path, name in shown.items():
        words = [word.replace(path, name) for word in words]  # before a quote in the path is put into quotes
    return shlex.join(words)
