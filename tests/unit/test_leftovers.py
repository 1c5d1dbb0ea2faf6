"""What a kernel leaves in the folder for temporary files goes with it, however it ends."""
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import leftovers
from support.copies import outside
from support.processes import until

KERNEL = """
import subprocess, sys, tempfile
from helpers import leftovers
leftovers.gather()
leftovers.gather()
open(tempfile.mkstemp()[1], "w").write("left by this process")
made = "import tempfile; print(tempfile.mkdtemp())"
print(subprocess.run([sys.executable, "-c", made], capture_output=True, text=True).stdout, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["returns", "killed"])
def test_files_of_a_kernel_and_of_what_it_starts_go_with_it(end, tmp_path):
    """Both put them into one folder, gone soon after the kernel returns or is killed."""
    command = [sys.executable, "-c", KERNEL]
    env = outside({"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path)})
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as kernel:
        folder = Path(kernel.stdout.readline().strip()).parent
        assert folder.parent == tmp_path and len(list(folder.iterdir())) == 2
        if end == "killed":
            kernel.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    until(lambda: not folder.exists())
    assert list(tmp_path.iterdir()) == []


def test_folders_of_kernels_that_are_gone_are_removed_and_others_stay(tmp_path, monkeypatch):
    """After a crash of the whole machine the next kernel removes them; never those of one that runs, or of others."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    for name in (f"{leftovers.NAME}{gone.pid}-a", f"{leftovers.NAME}{os.getpid()}-b", "workbook-kernel-of-mine"):
        (tmp_path / name / "inside").mkdir(parents=True)
    leftovers.clear()
    assert {path.name for path in tmp_path.iterdir()} == {f"{leftovers.NAME}{os.getpid()}-b", "workbook-kernel-of-mine"}
