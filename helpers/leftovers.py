"""Temporary files of a kernel: all in one folder, which goes when the kernel ends, however it ends."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from helpers.watchdog import DETACHED

NAME = "workbook-kernel-"
_SWEEPER = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
_sweepers = []  # kept, as one that nothing refers to would find its pipe closed


def gather() -> None:
    """Have this kernel, and all that it starts, put temporary files into a folder that goes at its end.

    MLflow, Prophet and Kubeflow Pipelines leave some behind each time they work.
    """
    if f"{NAME}{os.getpid()}-" in tempfile.gettempdir():
        return
    clear()
    folder = tempfile.mkdtemp(prefix=f"{NAME}{os.getpid()}-")
    _sweep_at_the_end(folder)
    tempfile.tempdir = folder
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder))


def _sweep_at_the_end(folder: str) -> None:
    """Start a process that removes a folder when this one is gone, which closes the pipe between them."""
    system = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    command = [sys.executable, "-I", "-S", "-c", _SWEEPER, folder]
    pipe = subprocess.PIPE
    _sweepers.append(subprocess.Popen(command, stdin=pipe, env=system, start_new_session=True, creationflags=DETACHED))


def clear() -> None:
    """Remove the folders of kernels that are gone, where the machine went down with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{NAME}*-*"):
        kernel = folder.name.removeprefix(NAME).partition("-")[0]
        if kernel.isdecimal() and not psutil.pid_exists(int(kernel)):
            shutil.rmtree(folder, ignore_errors=True)
