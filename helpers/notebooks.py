"""The notebooks as data: read them, run them, store their outputs."""
from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import exercises
from helpers.paths import COURSE, NOTEBOOKS
from helpers.setup import groups, notebook_cells

if TYPE_CHECKING:  # nbformat takes seconds to import
    import nbformat

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def find_path(number: str) -> Path:
    """Return the file of a notebook by its two digits, such as ``"02"``; raise ValueError where there is none."""
    if number not in COURSE:
        raise ValueError(f"there is no notebook {number!r}: choose one of {', '.join(COURSE)}")
    return NOTEBOOKS / f"{COURSE[number]}.ipynb"


def choose_kernel(number: str) -> dict[str, str]:
    """Return the kernel that a notebook opens with, as it stands in its metadata."""
    group = groups.NEEDED_BY.get(number)
    if group and groups.is_isolated(group):
        return {"display_name": groups.kernel_title(group), "language": "python", "name": group}
    return KERNEL


def read(number: str) -> nbformat.NotebookNode:
    """Return a notebook's content; raise DamagedError, with the remedy, where it cannot be used."""
    import nbformat

    return nbformat.reads(json.dumps(notebook_cells.read(find_path(number))), as_version=4)


def read_tagged(number: str, tag: str) -> list[str]:
    """Return the sources of a notebook's code cells that carry a tag, in order; raise DamagedError where none does."""
    code = (cell for cell in notebook_cells.read(find_path(number))["cells"] if cell["cell_type"] == "code")
    found = ["".join(cell["source"]) for cell in code if tag in cell["metadata"].get("tags", [])]
    if not found:
        raise notebook_cells.DamagedError(find_path(number), f"has lost the tag {tag!r} of its cells")
    return found


def find_blanks(number: str) -> dict[str, int]:
    """Return each exercise of a notebook with the position of its blank cell."""
    cells = read(number).cells
    return {cell.metadata["exercise"]: place for place, cell in enumerate(cells) if "exercise" in cell.metadata}


def solve(number: str) -> nbformat.NotebookNode:
    """Return a notebook's content with the solutions in its blank cells."""
    notebook = read(number)
    for exercise, place in find_blanks(number).items():
        solution = (NOTEBOOKS / exercises.find_solution(exercise)).read_text(encoding="utf-8")
        notebook.cells[place].source = solution.strip()
    return notebook


def execute(
    notebook: nbformat.NotebookNode, workspace: Path, folder: Path = NOTEBOOKS, timeout: int = 1800, **options: object
) -> nbformat.NotebookNode:
    """Run a notebook's cells in a kernel of its own, on the given workspace, and return it with its outputs.

    Parameters
    ----------
    notebook : NotebookNode
        Its outputs are replaced in place.
    workspace, folder : Path
        What the notebook fills, and where its kernel works.
    timeout : int
        Seconds that a cell may take.
    **options
        More options of nbclient, such as the hook `on_cell_start`.
    """
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=notebook.metadata.get("kernelspec", KERNEL)["name"],
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        **{"record_timing": False, **options},
    )
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(workspace)}
    with client.setup_kernel(env=env, transport_encryption="auto"):  # a kernel warns where it is not
        try:
            for place, cell in enumerate(notebook.cells):
                client.execute_cell(cell, place)
        except (KeyboardInterrupt, SystemExit):
            client.shutdown_kernel = "immediate"  # what it started ends with it; asked politely, it prints a traceback
            raise
    return notebook


def store(number: str) -> Path:
    """Run a notebook from an empty workspace and store its outputs in it."""
    import nbformat

    notebook = read(number)
    os.environ.pop("WORKBOOK_DESCRIBE", None)
    with tempfile.TemporaryDirectory() as workspace:
        execute(notebook, Path(workspace))
    notebook.metadata = {"kernelspec": choose_kernel(number), "language_info": {"name": "python"}}
    nbformat.write(notebook, find_path(number))
    return find_path(number)
