"""The instructor's edition: a notebook with solutions, outputs and notes; its slides; the plan of three courses.

The notes stand in ``notebooks/teaching/NN.toml``, a table ``[[section]]`` for each level-2 heading of notebook NN.
"""
import posixpath
import re
import tempfile
import textwrap
import time
import tomllib
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from helpers import notebooks, progress
from helpers.instructor import plan, slides
from helpers.instructor.plan import Section
from helpers.paths import COURSE, NOTEBOOKS, WORKSPACE
from helpers.setup import groups, java
from helpers.setup.venv import SetupError

NOTES = NOTEBOOKS / "teaching"
_TARGET = WORKSPACE / "teach"
_FORM = "a [[section]] has heading, minutes, pace, misconceptions and perhaps ask"


def read_sections(number: str) -> list[Section]:
    """Return the notes on a notebook; raise SetupError where they are not in step with it."""
    file = NOTES / f"{number}.toml"
    try:
        found = [Section(**one) for one in tomllib.loads(file.read_text(encoding="utf-8"))["section"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SetupError(f"{file} cannot be used ({error}): {_FORM}.") from error
    noted, there = [section.heading for section in found], ["", *list_headings(number)]
    if noted != there:
        wrong = next(pair for pair in zip([*noted, None], [*there, None]) if pair[0] != pair[1])
        raise SetupError(f"{file} has the section {wrong[0]!r} where notebook {number} has {wrong[1]!r}: align them.")
    return found


def list_headings(number: str) -> list[str]:
    """Return a notebook's level-2 headings, in order."""
    return [found for cell in _cut_cells(notebooks.read(number).cells) if (found := find_heading(cell))]


def find_heading(cell: NotebookNode) -> str:
    """Return the level-2 heading that a cell starts with, or nothing."""
    first = cell.source.partition("\n")[0]
    return first.removeprefix("## ") if cell.cell_type == "markdown" and first.startswith("## ") else ""


def _cut_cells(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return the cells, cut so that each heading below the title starts a cell of its own."""
    found = []
    for cell in cells:
        cell.source, *more = cut_text(cell.source) if cell.cell_type == "markdown" else [cell.source]
        found += [cell, *(new_markdown_cell(text, id=f"{cell.id}-{place}") for place, text in enumerate(more, 2))]
    return found


def cut_text(text: str) -> list[str]:
    """Return Markdown cut before each section and each exercise; lines in a block of code are no headings."""
    parts, in_code = [[]], False
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        if line.startswith(("## ", "### ")) and not in_code and parts[0]:
            parts.append([])
        parts[-1].append(line)
    return ["\n".join(lines).strip() for lines in parts]


def make_edition(number: str) -> NotebookNode:
    """Return a notebook with the solutions in its blanks and the notes below its headings; nothing has run yet."""
    notebook, notes = notebooks.solve(number), iter(read_sections(number))
    noted = []
    for cell in _cut_cells(notebook.cells):
        noted.append(cell)
        if find_heading(cell) or len(noted) == 1:
            text = _write_note(next(notes))
            noted.append(new_markdown_cell(text, id=f"note-{len(noted)}", metadata={"tags": ["instructor"]}))
    notebook.cells = noted
    return notebook


def _write_note(section: Section) -> str:
    """Return the note on a section, as a quotation in Markdown."""
    minutes = {course.name: section.minutes.get(course.key) for course in plan.COURSES}
    given = " · ".join(f"{name}: {f'{share} min' if share else 'left out'}" for name, share in minutes.items())
    words = [f"**For the instructor** · {given}", f"**Pace.** {section.pace}"]
    words += [f"**They believe:** {belief}" for belief in section.misconceptions]
    words += [f"**Ask:** {section.ask}"] if section.ask else []
    return textwrap.indent("\n\n".join(words), "> ", lambda line: True)


def _find_lack(number: str) -> str | None:
    """Return what a notebook needs and this machine lacks, with the remedy, or None."""
    group = groups.NEEDED_BY.get(number)
    if group and groups.find_missing(group):
        return f"it needs the group {group}: {groups.command(group)}"
    reason = java.find_lack(java.find()) if group in groups.ON_JAVA else None
    return ": ".join(reason) if reason else None


def main(numbers: list[str]) -> None:
    """Write the plan, and the instructor's edition and the slides of each notebook; print the progress."""
    _TARGET.mkdir(parents=True, exist_ok=True)
    notes = {number: read_sections(number) for number in COURSE}
    (_TARGET / "plan.md").write_text(plan.make_table(notes), encoding="utf-8")
    print(f"{plan.summarise(notes)}\nThe minutes of every section: {_TARGET / 'plan.md'}", flush=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=_TARGET, ignore_cleanup_errors=True) as workspace:
        for number in numbers or notes:
            if reason := _find_lack(number):
                print(f"{number}  left out, as {reason}", flush=True)
            else:
                _build(number, Path(workspace))
    print(f"Open them in JupyterLab or, the slides, in a browser (the key S shows the notes): {_TARGET}")


def _build(number: str, workspace: Path) -> None:
    """Write the instructor's edition of a notebook and its slides."""
    began, name = time.monotonic(), notebooks.find_path(number).stem
    notebook = _run(make_edition(number), name, workspace)
    (_TARGET / f"{name}.slides.html").write_text(slides.show(notebook, name), encoding="utf-8")
    for cell in notebook.cells:
        cell.source = relink(cell.source) if cell.cell_type == "markdown" else cell.source
    notebook.metadata = {"kernelspec": notebooks.choose_kernel(number), "language_info": {"name": "python"}}
    nbformat.write(notebook, _TARGET / f"{name}.ipynb")
    print(f"{name}: notebook and slides, {time.monotonic() - began:.0f} s", flush=True)


def _run(notebook: NotebookNode, name: str, workspace: Path) -> NotebookNode:
    """Run a notebook where it will lie, show which cell it is at, and return it; raise SetupError where one fails."""
    began, at = time.monotonic(), [0]
    state = lambda: f"cell {at[-1] + 1} of {len(notebook.cells)}, {time.monotonic() - began:.0f} s"  # noqa: E731
    follow = lambda cell, cell_index: at.append(cell_index)  # noqa: E731
    try:
        with progress.ticking(name, state):
            return notebooks.execute(notebook, workspace, _TARGET, on_cell_start=follow)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        what = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error).splitlines()[0]
        first = notebook.cells[at[-1]].source.partition("\n")[0]
        raise SetupError(
            f"{name} stopped in its cell {at[-1] + 1}, which starts with `{first}`. {what}\n"
            f"Open notebook {name[:2]} and run it there to see more. What was made before it is in {_TARGET};\n"
            f"`python -m helpers teach {name[:2]}` makes it again."
        ) from error


def relink(source: str) -> str:
    """Return Markdown whose links to files of the course lead there from ``workspace/teach``, not ``notebooks``."""

    def lead(found: re.Match) -> str:
        return f"]({posixpath.normpath(posixpath.join('../../notebooks', found[1]))})"

    return re.sub(r"\]\((?!\w+:|#)([^)\s]+)\)", lead, source)
