"""What a kernel leaves in the folder for temporary files goes with it, however it ends."""
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.copies import outside
from support.processes import until

KERNEL = """
import subprocess, sys, tempfile
from helpers import watchdog
watchdog.use_temporary_folder()
watchdog.use_temporary_folder()
open(tempfile.mkstemp()[1], "w").write("left by this process")
made = "import tempfile; print(tempfile.mkdtemp())"
print(subprocess.run([sys.executable, "-c", made], capture_output=True, text=True).stdout, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["returns", "killed"])
def test_files_of_a_kernel_and_of_what_it_starts_go_with_it(end, tmp_path):
    """Both put them into one folder, gone soon after the kernel returns or is killed."""
    env = outside(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path)))
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", KERNEL], env=env, stdin=pipe, stdout=pipe, text=True) as kernel:
        folder = Path(kernel.stdout.readline().strip()).parent
        assert folder.parent == tmp_path and len(list(folder.iterdir())) == 2
        if end == "killed":
            kernel.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    until(lambda: list(tmp_path.iterdir()) == [])
