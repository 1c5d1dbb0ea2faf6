"""Where things are, and where a kernel's temporary files go."""
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.copies import outside

KERNEL = """
import subprocess, sys, tempfile
from helpers import paths
paths.use_temporary_folder(sys.argv[1])
paths.use_temporary_folder(sys.argv[1])
open(tempfile.mkstemp()[1], "w").write("left by this process")
made = "import tempfile; print(tempfile.mkdtemp())"
print(subprocess.run([sys.executable, "-c", made], capture_output=True, text=True).stdout, flush=True)
sys.stdin.readline()
"""


def start(temporary: Path, number: str = "02", workspace: str = "workspace") -> tuple[subprocess.Popen, Path]:
    """Start a stand-in for the kernel of a notebook; return it and the folder of its temporary files, two by now."""
    variables = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary / "system"))
    (temporary / "system").mkdir(exist_ok=True)
    env = outside(variables | {"WORKBOOK_WORKSPACE": str(temporary / workspace)})
    command = [sys.executable, "-c", KERNEL, number]
    kernel = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    folder = Path(kernel.stdout.readline().strip()).parent
    assert folder.parent == temporary / "system" and len(list(folder.iterdir())) == 2
    return kernel, folder


def end(kernel: subprocess.Popen, how: int | None = None) -> None:
    """End a kernel by a signal, or in good order."""
    if how:
        kernel.send_signal(how)
    kernel.communicate("\n")


def test_files_of_a_kernel_and_of_what_it_starts_go_with_it(tmp_path):
    """Both put them into one folder, which is gone when the kernel has ended."""
    kernel, folder = start(tmp_path)
    end(kernel)
    assert list(folder.parent.iterdir()) == []


def test_what_a_killed_kernel_has_left_goes_when_its_notebook_begins_again(tmp_path):
    """One folder stays until then, and no more than one; those of other notebooks and workspaces are left alone."""
    others = [start(tmp_path, number="03"), start(tmp_path, workspace="another")]
    kernel, left = start(tmp_path)
    end(kernel, getattr(signal, "SIGKILL", signal.SIGTERM))
    assert left.exists()
    again, folder = start(tmp_path)
    assert set(left.parent.iterdir()) == {folder, *(other for _, other in others)}
    for kernel in (again, *(kernel for kernel, _ in others)):
        end(kernel)
    assert list(left.parent.iterdir()) == []


@pytest.mark.parametrize("usual", ["/tmp", "/var/folders/zz/" + 30 * "z" + "/T"])
def test_the_folder_has_room_for_the_name_of_a_socket(tmp_path, usual):
    """Python's multiprocessing makes a socket in it, whose whole path must not exceed 103 bytes, also on macOS."""
    kernel, folder = start(tmp_path)
    end(kernel)
    assert len(f"{usual}/{folder.name}/pymp-12345678/listener-12345678") <= 103
