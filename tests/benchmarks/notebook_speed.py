"""Each notebook's run beside the time that its libraries take in it, and each checkpoint beside the notebooks before.

    python tests/benchmarks/notebook_speed.py [--quick] [NN ...]

in the course's environment. The notebooks run in order in one temporary workspace, each in a
kernel of its own, in which `sampler.py` tells the time in imports, MLflow, scikit-learn,
requests and other libraries. Their sum is the floor. What is left is ours: a kernel's start,
servers and other programs that are waited for, and our own code; the note says which, and
which cells take longest. Processor's seconds are those of the kernel and all that it waited for.
A checkpoint starts from an empty workspace and a new process.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # uncompiled, MLflow takes twice as long to import

import nbformat  # noqa: E402
import psutil  # noqa: E402
from nbclient.exceptions import CellExecutionError, CellTimeoutError  # noqa: E402

from helpers import notebooks, progress  # noqa: E402
from helpers.paths import COURSE, ROOT  # noqa: E402
from helpers.setup import groups  # noqa: E402
from rows import Row, markdown  # noqa: E402

NUMBERS = list(COURSE)
CORE = [number for number in NUMBERS if number not in groups.NEEDED_BY]
HERE = str(Path(__file__).parent)
BEFORE = f"import sys; sys.path.insert(0, {HERE!r}); import sampler; sys.path.remove({HERE!r}); sampler.start()"
AFTER = "import json; print('sampled', json.dumps(sampler.report()))"
CHECKPOINT = "import sys; from helpers import checkpoints; checkpoints.begin(sys.argv[1])"


def run(number: str, workspace: Path) -> Row:
    """Run a notebook, and return its row."""
    notebook = notebooks.read(number)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BEFORE))
    notebook.cells.append(nbformat.v4.new_code_cell(AFTER))
    before, began = busy(), time.perf_counter()
    with progress.clock(f"notebook {number}"):
        done = notebooks.execute(notebook, workspace, timeout=900, record_timing=True)
    wall = time.perf_counter() - began
    spent = {(kind, where): value for kind, where, value in json.loads(done.cells[-1].outputs[0].text.split(" ", 1)[1])}
    floor = Counter()
    for (kind, _), value in spent.items():
        floor[kind] += value if kind not in ("ours", "shell") else 0
    notes = [f"processor {busy() - before:.1f} s", listed(floor), f"ours: {listed(own(spent, wall))}"]
    row = Row("notebooks", f"notebook {number}", wall, "time in its libraries", sum(floor.values()))
    row = replace(row, note="; ".join([*notes, f"cells: {slowest(done.cells[1:-1])}"]))
    print(f"  {wall:.1f} s, {row.ratio:.2f} times its libraries; {row.note}", flush=True)
    return row


def tried(number: str, workspace: Path) -> dict[str, Row]:
    """Return the row of a notebook under its number; nothing where it fails, since the others are worth having."""
    try:
        return {number: run(number, workspace)}
    except (CellExecutionError, CellTimeoutError) as error:
        print(f"  notebook {number} is left out: {str(error).strip().splitlines()[-1]}", file=sys.stderr, flush=True)
        return {}


def own(spent: dict[tuple[str, str], float], wall: float) -> Counter:
    """Return the seconds of a run that are in no library: by function of ours, and around the cells."""
    found = Counter({where: value for (kind, where), value in spent.items() if kind == "ours"})
    in_cells = sum(value for (kind, _), value in spent.items() if kind != "shell")
    return found + Counter({"kernel and display": wall - in_cells})


def listed(seconds: Counter, most: int = 6) -> str:
    """Return the largest shares of a time in words."""
    return ", ".join(f"{what} {value:.1f}" for what, value in seconds.most_common(most) if value >= 0.05)


def slowest(cells: list[nbformat.NotebookNode]) -> str:
    """Return the five cells that took longest: number, seconds and how each begins."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    times = Counter({place: took(cell) for place, cell in enumerate(code, 1)})
    first = {place: cell.source.splitlines()[0].replace("|", "/")[:40] for place, cell in enumerate(code, 1)}
    return ", ".join(f"[{place}] {value:.1f} `{first[place]}`" for place, value in times.most_common(5))


def took(cell: nbformat.NotebookNode) -> float:
    """Return the seconds that a cell ran."""
    moments = [cell.metadata.execution[name] for name in ("iopub.execute_input", "shell.execute_reply")]
    began, ended = map(datetime.fromisoformat, moments)
    return (ended - began).total_seconds()


def busy() -> float:
    """Return the processor's seconds of this process's children that have ended, and of those that they waited for."""
    times = psutil.Process().cpu_times()
    return times.children_user + times.children_system


def checkpoint(number: str, earlier: float) -> Row:
    """Return the row of a checkpoint beside the seconds that the notebooks before it took."""
    with tempfile.TemporaryDirectory() as workspace, progress.clock(f"checkpoint {number}"):
        env, began = {**os.environ, "WORKBOOK_WORKSPACE": workspace}, time.perf_counter()
        command = [sys.executable, "-c", CHECKPOINT, number]
        done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True, timeout=300)
        seconds = time.perf_counter() - began
    says = done.stdout.split("\r")[-1].strip()
    return Row("notebooks", f"checkpoint {number}", seconds, "the notebooks before it, run whole", earlier, note=says)


def rows_of(numbers: list[str]) -> list[Row]:
    """Return the rows of notebooks, and of the checkpoints of which all notebooks before are among them."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as workspace:
        found = [tried(number, Path(workspace)) for number in numbers]
    ran = {number: row for one in found for number, row in one.items()}
    earlier = {number: [ran[one].ours for one in NUMBERS if one < number and one in ran] for number in CORE[1:]}
    whole = {number: sum(times) for number, times in earlier.items() if len(times) == NUMBERS.index(number)}
    return [*ran.values(), *(checkpoint(number, seconds) for number, seconds in whole.items())]


def notebooks_rows(quick: bool) -> list[Row]:
    """Return the rows of the notebooks whose groups are there; quickly of the first three."""
    there = [number for number in NUMBERS if number in CORE or not groups.find_missing(groups.NEEDED_BY[number])]
    return rows_of(NUMBERS[:3] if quick else there)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", metavar="NN", choices=[[], *NUMBERS], help="notebooks; else all")
    parser.add_argument("--quick", action="store_true", help="the first three notebooks")
    chosen = parser.parse_args()
    print(markdown(rows_of(chosen.numbers) if chosen.numbers else notebooks_rows(chosen.quick)))


if __name__ == "__main__":
    main()
