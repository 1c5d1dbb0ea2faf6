"""Types of the helpers, checked for each system that the course supports, whichever this one is."""
import json
import shutil
import subprocess
import sys

from helpers.paths import ROOT

SYSTEMS = ["linux", "win32", "darwin"]


def problems(system: str, *options: str, folder=ROOT) -> set[str]:
    """Return what the type checker finds in the helpers for a system: each with its place."""
    command = [sys.executable, "-m", "pyrefly", "check", "--output-format", "json", "--python-platform", system]
    command += ["--python-interpreter-path", sys.executable, *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode in (0, 1) and done.stdout, done.stderr
    found = json.loads(done.stdout)["errors"]
    return {f"{error['path']}, line {error['line']}: {error['concise_description']}" for error in found}


def only_somewhere(folder=ROOT) -> list[str]:
    """Return what is wrong on some systems and right on others, strictly checked."""
    found = {system: problems(system, "--preset", "default", folder=folder) for system in SYSTEMS}
    everywhere = set.intersection(*found.values())
    return [f"{system}: {problem}" for system in SYSTEMS for problem in sorted(found[system] - everywhere)]


def test_types_fit():
    """What the checker is sure of, as pyproject.toml sets it, is right."""
    assert problems("linux") == set()


def test_what_helpers_use_exists_on_every_system():
    """A function of the operating system that one of the three lacks is used only where it is there."""
    assert only_somewhere() == []


LACKING = {  # what one of the three systems lacks, and how that is said
    "os.fork()": "win32: No attribute `fork` in module `os`",
    "os.killpg(1, 9)": "win32: No attribute `killpg` in module `os`",
    "signal.SIGHUP": "win32: No attribute `SIGHUP` in module `signal`",
    "fcntl.flock(1, 2)": "win32: No attribute `flock` in module `fcntl`",
    "resource.getrusage(0)": "win32: No attribute `getrusage` in module `resource`",
    "os.sched_getaffinity(0)": "darwin: No attribute `sched_getaffinity` in module `os`",
    "os.startfile('a')": "linux: No attribute `startfile` in module `os`",
}


def test_what_a_system_lacks_is_found(tmp_path):
    """The check sees what Windows, macOS or Linux has not; what asks for the system first passes."""
    (tmp_path / "helpers").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    guarded = "if os.name == 'posix':\n    os.getuid()\n"
    lines = ["import fcntl, os, resource, signal", *LACKING, guarded]
    (tmp_path / "helpers" / "lacking.py").write_text("\n".join(lines))
    found = only_somewhere(tmp_path)
    assert {f"{one.partition(':')[0]}:{one.rpartition(':')[2]}" for one in found} >= set(LACKING.values()), found
    assert not any("getuid" in one for one in found)
