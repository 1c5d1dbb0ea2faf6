"""Run a notebook's functions as another machine would: a process, a folder and an environment of its own."""
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from helpers import progress, servers

SYSTEM = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME", "USERPROFILE", "LANG", "LC_ALL")  # what programs need
QUIET = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "MLFLOW_LOGGING_LEVEL", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT")


def start(folder: Path, *functions: Callable, **variables: str) -> subprocess.Popen:
    """Write functions of a notebook to ``client.py`` in a folder, and start it there: it calls the last of them.

    Parameters
    ----------
    folder : Path
        Where it runs; made where it is missing.
    functions : callables
        They import what they use: nothing else of the notebook goes with them.
    variables : str
        Its environment, beside what every program needs and what keeps MLflow quiet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = "\n\n".join(inspect.getsource(function) for function in functions)
    (folder / "client.py").write_text(f"{source}\n\n{functions[-1].__name__}()\n", encoding="utf-8")
    env = {name: os.environ[name] for name in (*SYSTEM, *QUIET) if name in os.environ}
    where = {"cwd": folder, "env": {**env, "PYTHONUTF8": "1", **variables}, "text": True, "encoding": "utf-8"}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "client.py"], **where, **pipes)


def finish(process: subprocess.Popen, timeout: float = 120) -> None:
    """Wait for a process, showing the seconds, and print what it printed; where it failed, how its error ends too."""
    try:
        with progress.ticking("running"):
            output, error = process.communicate(timeout=timeout)
    except BaseException:  # an interrupt of the kernel too
        process.kill()
        process.communicate()
        raise
    print(output, end="")
    if process.returncode:
        print(f"it failed: {reason(error)}")


def reason(error: str) -> str:
    """Return how a traceback ends: the line that names the exception and the one after it."""
    lines = error.splitlines()
    named = [place for place, line in enumerate(lines) if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return " ".join(lines[named[-1] : named[-1] + 2]) if named else error.strip()[-300:]


def run(folder: Path, *functions: Callable, **variables: str) -> None:
    """Start functions elsewhere, as `start` does, and wait for them."""
    print(f"$ cd {servers.shown([str(folder)])} && python client.py", flush=True)
    finish(start(folder, *functions, **variables))
