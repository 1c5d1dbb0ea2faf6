"""Prometheus' own programs for the tests: where they are, and how the tests call them."""
import shutil
import subprocess
from pathlib import Path

from support.running import leave_out

FOLDER = Path(__file__).resolve().parent.parent.parent / ".prometheus"  # where .ci/run unpacks them

TEMPLATES = Path("/usr/share/prometheus/alertmanager")


def find(program: str) -> str:
    """Return where a program of Prometheus is; skip the test where it is not, in CI fail."""
    found = shutil.which(program, path=str(FOLDER)) or shutil.which(program)
    if not found:
        leave_out(f"{program} is not installed: on Debian, the packages prometheus and prometheus-alertmanager have it")
    return found


def find_manager() -> str:
    """Return where Alertmanager is, under either of its names; skip the test where it cannot run, in CI fail."""
    if found := shutil.which("alertmanager"):
        return found
    program = find("prometheus-alertmanager")
    if not TEMPLATES.exists():
        leave_out(f"Debian's Alertmanager does not run without its templates in {TEMPLATES}")
    return program


def find_second() -> str:
    """Return promtool, where it is that of Prometheus 2: the third counts a window's samples otherwise."""
    program = find("promtool")
    done = call(program, "--version")
    if "version 2." not in done:
        leave_out("promtool is not that of Prometheus 2, whose windows the stand-in follows")
    return program


def call(*command: object, right: bool = True) -> str:
    """Run a program and return all that it printed; raise AssertionError where it does not end as it should."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=120)
    said = done.stdout + done.stderr
    assert (done.returncode == 0) == right, said
    return said
