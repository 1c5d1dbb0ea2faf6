"""Load tests: Locust's clients in a process that ends with the notebook, and what they have seen."""
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from helpers import servers, watchdog


def start(folder: Path, name: str, options: list[str]) -> subprocess.Popen:
    """Print the command line and start Locust on the ``locustfile.py`` of a folder.

    At its end Locust writes what it has seen to ``NAME.json`` in the folder; what it prints goes to ``NAME.log``.
    """
    (folder / f"{name}.json").unlink(missing_ok=True)
    command = ["locust", *options, "--json-file", name]
    print("$", servers.format_command(command))
    with (folder / f"{name}.log").open("wb") as printed:
        return watchdog.spawn([sys.executable, "-m", *command], printed, dict(os.environ), folder)


def read(folder: Path, name: str) -> list[float]:
    """Return what Locust saw of one kind of request, in the order of a table's columns.

    These are requests, failures, the milliseconds that 50 %, 95 % and 99 % of the requests needed at most, and
    requests per second.

    Raises
    ------
    FileNotFoundError
        If Locust has not come to its end, or has sent no request; the message has the last lines that it printed.
    """
    file = folder / f"{name}.json"
    found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    if not found:
        printed = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        raise FileNotFoundError("\n".join(["Locust has written no result; it printed:", *printed[-10:]]))
    [seen] = found
    milliseconds, requests = zip(*seen["response_times"].items())  # how often each time occurred
    times = np.repeat([float(time) for time in milliseconds], requests)
    seconds = seen["last_request_timestamp"] - seen["start_time"]
    counted = seen["num_requests"], seen["num_failures"]
    return [*counted, *np.quantile(times, [0.5, 0.95, 0.99]), seen["num_requests"] / seconds]
