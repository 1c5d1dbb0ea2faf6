"""What the tests of JupyterLab share: one that runs, and is ended as a reader ends it."""
import contextlib
import json
import os
import re
import signal
import urllib.request
from pathlib import Path

import psutil

from support.copies import address_of, first_answer, free_port, interrupt, start
from support.processes import family


@contextlib.contextmanager
def running_lab(project: Path, **variables: str):
    """Start JupyterLab, yield its first page, its kernels and its process, and end it and all it started by Ctrl-C."""
    process = start(project, "lab", "--no-browser", "--port", str(free_port()), **variables)
    try:
        address = address_of(process)
        base, _, token = re.match(r"(http://[^/]+)/(.*)token=(\w+)", address).groups()
        page = first_answer(address)
        kernels = json.load(first_answer(f"{base}/api/kernelspecs?token={token}"))
        first_answer(urllib.request.Request(f"{base}/api/kernels?token={token}", b"{}", method="POST"))
        yield page, kernels, process
        everybody = family(process.pid)
        assert len(everybody) > 1
        interrupt(process)
        assert psutil.wait_procs(everybody, timeout=120)[1] == []
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
