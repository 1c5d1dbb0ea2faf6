"""A notebook in which every exercise is answered, not yet, wrong and right, and each check must say what helps."""
import re
from pathlib import Path

import nbformat

from helpers import exercises, notebooks
from helpers.paths import NOTEBOOKS, SOLUTIONS
from support.running import blanks

WRONG = Path(__file__).parents[1] / "notebooks" / "wrong_answers"
CHANGED = {"5fd8205b"}  # ids of cells that list what an exercise before them has logged: they may show more then
ASKED = "%%capture _the_check_said\n{check}"
TOLD = (
    "for _part in {expected!r}:\n"
    "    assert _part in _the_check_said.stdout, f'the check said: {{_the_check_said.stdout}}'"
)


def write_answered(number: str, folder: Path, kernel_folder: Path = NOTEBOOKS) -> Path:
    """Write a notebook with answers in its blanks into a folder; it runs as if it were in `kernel_folder`.

    Each code cell carries in its metadata what a message calls it, and keeps its stored outputs, which it must
    show; behind a blank and its check come others with the answers.
    """
    notebook = notebooks.read(number)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["called"] = f"cell [{cell.execution_count}]"
            if cell.id in CHANGED:
                cell.execution_count, cell.outputs = None, []  # so nbval does not compare it
    for exercise, place in sorted(blanks(number).items(), key=lambda item: -item[1]):
        notebook.cells[place + 2 : place + 2] = answer(exercise, notebook.cells[place + 1].source)
    notebook.cells.insert(0, unchecked(f"__import__('os').chdir({str(kernel_folder)!r})", "the change of folders"))
    path = folder / notebooks.find_path(number).name
    nbformat.write(notebook, path)
    return path


def write_doubled(number: str, folder: Path) -> Path:
    """Write a notebook into a folder in which each code cell comes twice; its outputs are not compared."""
    notebook, cells = notebooks.read(number), [unchecked(f"__import__('os').chdir({str(NOTEBOOKS)!r})", "the folder")]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            tags = {"tags": cell.metadata.get("tags", [])}
            name = f"cell [{cell.execution_count}]"
            cells += [unchecked(cell.source, called, **tags) for called in (name, f"{name}, run again,")]
    notebook.cells = cells
    path = folder / notebooks.find_path(number).name
    nbformat.write(notebook, path)
    return path


def answer(exercise: str, check: str) -> list:
    """Return cells that try every wrong answer of an exercise and then its solution, each with its check."""
    cells = []
    for path in wrong_answers(exercise):
        expects = re.match(r"# expects: (.+)", path.read_text(encoding="utf-8")).group(1)
        cells += attempt(path, check, [expects, f"Exercise {exercise}: not yet."])
    return cells + attempt(solution(exercise), check, [f"Exercise {exercise}: correct."])


def attempt(path: Path, check: str, expected: list[str]) -> list:
    """Return a cell with an answer, one with the check, and one that fails where the check did not say what it must."""
    return [
        unchecked(path.read_text(encoding="utf-8"), path.name),
        unchecked(ASKED.format(check=check), f"the check of {path.name}"),
        unchecked(TOLD.format(expected=expected), f"the words on {path.name}"),
    ]


def unchecked(source: str, called: str, **metadata) -> nbformat.NotebookNode:
    """Return a cell that may show anything, and must not raise: without a count nbval does not compare it."""
    return nbformat.v4.new_code_cell(source, metadata={"called": called, **metadata})


def solution(exercise: str) -> Path:
    """Return the file with an exercise's solution."""
    return SOLUTIONS.parent / exercises.find_solution(exercise)


def wrong_answers(exercise: str) -> list[Path]:
    """Return the files with an exercise's wrong answers."""
    return sorted(WRONG.glob(f"{solution(exercise).stem}_*.py"))
