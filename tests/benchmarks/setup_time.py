"""How long the set-up, the second start of JupyterLab and the import of each helper take, as a table.

    python tests/benchmarks/setup_time.py [--quick]

The set-up by our command stands against ``python -m venv`` and ``pip install -r
requirements.txt`` with the same Python, first with empty caches, then with full ones.
That downloads everything twice and takes some minutes; --quick leaves the comparison out.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from helpers import progress  # noqa: E402
from rows import Row, markdown  # noqa: E402
from support.copies import BASE, address_of, first_answer, free_port, outside, start, whole  # noqa: E402

IMPORT = "import sys, time, numpy, pandas; t = time.perf_counter(); import helpers.{}; print(time.perf_counter() - t)"
GOALS = {"cold": 0.25}
PYTHON = Path("Scripts/python.exe" if os.name == "nt" else "bin/python")


def timed(command: list[str | Path], folder: Path, env: dict[str, str]) -> float:
    """Run a command that must succeed, and return the seconds that it took."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - began


def ours(folder: Path, caches: dict[str, str]) -> float:
    """Return the seconds of the set-up by our command."""
    return timed([BASE, "-m", "helpers", "setup"], folder, outside(caches))


def by_pip(folder: Path, caches: dict[str, str]) -> float:
    """Return the seconds of the set-up by venv and pip."""
    venv = folder / "by-pip"
    made = timed([BASE, "-m", "venv", "--clear", venv], folder, outside(caches))
    return made + timed([venv / PYTHON, "-m", "pip", "install", "-r", "requirements.txt"], folder, outside(caches))


def versions(venv: Path) -> dict[str, str]:
    """Return the packages of an environment with their versions; pip and setuptools come from Python itself."""
    code = "import importlib.metadata as m; print(*[f'{d.name} {d.version}' for d in m.distributions()], sep='\\n')"
    listed = subprocess.run([venv / PYTHON, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    found = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}
    return {name: version for name, version in found.items() if name not in ("pip", "setuptools")}


def set_up_rows(project: Path, caches: dict[str, str], states: Iterable[str]) -> list[Row]:
    """Return a row for the set-up with each state of the caches, which the first set-up fills."""
    found = []
    for state in states:
        (project / ".venv" / "made-from").unlink(missing_ok=True)  # without its stamp it is made anew
        with progress.clock(f"{state} caches: ours"):
            mine = ours(project, caches)
        with progress.clock(f"{state} caches: venv and pip"):
            theirs = by_pip(project, caches)
        found.append(Row("setup", f"set-up, {state} caches", mine, "venv and pip", theirs, goal=GOALS.get(state)))
    return found


def setup_rows(quick: bool) -> list[Row]:
    """Return the rows of the set-up, cold and warm; quickly only warm, with the caches of this machine."""
    with tempfile.TemporaryDirectory(prefix="setup-time-") as folder:
        project = whole(Path(folder) / "project")
        caches = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip"}
        return set_up_rows(project, {}, ["warm"]) if quick else set_up_rows(project, caches, ["cold", "warm"])


def lab_rows(quick: bool) -> list[Row]:
    """Return the row of JupyterLab's later starts, each way in turn, in the course's own environment."""
    with tempfile.TemporaryDirectory() as workspace, progress.clock("starts of JupyterLab"):
        bare_lab(ROOT)  # the very first start after an installation compiles its modules
        pairs = [(lab(ROOT, WORKBOOK_WORKSPACE=workspace), bare_lab(ROOT)) for _ in range(1 if quick else 5)]
    mine, bare = map(min, zip(*pairs))
    return [Row("lab", "command to first page", mine, "jupyter lab, bare", bare)]


def compare(project: Path, caches: dict[str, str]) -> None:
    """Print the rows of the set-up, and whether both ways give the same versions."""
    print(markdown(set_up_rows(project, caches, ["cold", "warm"])), flush=True)
    ours_has, pip_has = versions(project / ".venv"), versions(project / "by-pip")
    differ = {name for name in ours_has.keys() | pip_has.keys() if ours_has.get(name) != pip_has.get(name)}
    print(f"versions: {len(ours_has)} packages, {', '.join(sorted(differ)) or 'none'} differ", flush=True)


def lab(project: Path, **variables: str) -> float:
    """Return the seconds from the command to JupyterLab's first answered page, the environment being there."""
    return until_first_page(lambda port: start(project, "lab", "--no-browser", "--port", port, **variables))


def bare_lab(project: Path) -> float:
    """Return the seconds from ``jupyter lab``, without our command and settings, to its first answered page."""
    options = ["--no-browser", "--allow-root", "--ServerApp.port_retries=0"]
    command = [project / ".venv" / PYTHON, "-m", "jupyterlab", *options]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    return until_first_page(
        lambda port: subprocess.Popen([*command, "--port", port], cwd=project, env=outside({}), **pipes)
    )


def until_first_page(started: Callable[[str], subprocess.Popen]) -> float:
    """Return the seconds until a JupyterLab that is started on a port answers with its first page; end it."""
    began = time.perf_counter()
    process = started(str(free_port()))
    try:
        first_answer(address_of(process)).read()
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def import_of(module: str, project: Path) -> float:
    """Return the seconds that a helper's import takes beyond numpy and pandas, the best of three."""
    command = [project / ".venv" / PYTHON, "-c", IMPORT.format(module)]
    env = {name: value for name, value in outside({}).items() if name != "PYTHONDONTWRITEBYTECODE"}
    return min(float(subprocess.run(command, cwd=project, env=env, capture_output=True).stdout) for _ in range(3))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the comparison of the set-up with pip")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="setup-time-") as folder:
        project = whole(Path(folder) / "project")
        if not quick:
            compare(project, {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip"})
        ours(project, {})
        print(f"{'nothing to set up':32} {min(ours(project, {}) for _ in range(3)):6.2f} s", flush=True)
        print(f"{'lab, first start, first page':32} {lab(project):6.2f} s", flush=True)
        print(f"{'lab, later starts, first page':32} {min(lab(project) for _ in range(3)):6.2f} s", flush=True)
        print("import beyond numpy and pandas (goal: 0.3 s at most)")
        for path in sorted((project / "helpers").glob("[a-z]*.py")):
            print(f"  {'helpers.' + path.stem:30} {import_of(path.stem, project):6.3f} s", flush=True)


if __name__ == "__main__":
    main()
