"""The rules that every notebook keeps, and proof that breaking one fails the run.

What a cell prints repeats on every machine. A cell that prints what it has measured, such as seconds or bytes,
carries two tags: `measured`, which is our mark, and `nbval-ignore-output`, by which nbval runs it without a comparison.
One that only draws what was measured carries `measured-figure`: its picture is not compared, its text is.
"""
import re

import nbformat
import pytest

from helpers import notebooks
from helpers.paths import NOTEBOOKS, ROOT
from support.running import NUMBERS, compare

MEASURED = {"measured", "nbval-ignore-output"}
MOST_MEASURED = 1 / 8  # of a notebook's code cells
UNCOMPARED = re.compile(r"(nbval-(skip|ignore-output)|raises-exception|NBVAL_(SKIP|IGNORE_OUTPUT|RAISES_EXCEPTION))")
MACHINE_PATH = re.compile(r"/(work|home|root|tmp|Users|private|var/folders)/|[A-Z]:\\")


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what is wrong with a notebook's stored form, a line each."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = [] if [c.execution_count for c in code] == list(range(1, len(code) + 1)) else ["not run in order, once"]
    for cell in code:
        name = f"cell {cell.id}"
        found += [f"{name}: more than 15 lines"] if lines_of(cell) > 15 else []
        found += [f"{name}: empty"] if not cell.source.strip() else []
        tags = set(cell.metadata.get("tags", []))
        marks = UNCOMPARED.search(" ".join([cell.source, *(tags - MEASURED if tags >= MEASURED else tags)]))
        found += [f"{name}: not compared, because of {marks.group()}"] if marks else []
        found += [f"{name}: {problem}" for problem in mark_faults(cell)] if "measured" in tags else []
        drawn = any("image/png" in output.get("data", {}) for output in cell.outputs)
        found += [f"{name}: marked as a figure, and draws none"] if "measured-figure" in tags and not drawn else []
        for output in cell.outputs:
            found += [f"{name}: {problem}" for problem in output_faults(output)]
    measured = sum("measured" in cell.metadata.get("tags", []) for cell in code)
    found += [f"{measured} cells are marked as measured"] if measured > max(1, len(code) * MOST_MEASURED) else []
    found += [f"image without alternative text in {c.id}" for c in notebook.cells if re.search(r"!\[\s*\]\(", c.source)]
    return found


def mark_faults(cell: nbformat.NotebookNode) -> list[str]:
    """Return why a cell may not be marked as measured: it must show numbers, and be of no checkpoint or exercise."""
    tags, shown = set(cell.metadata["tags"]), "".join(map(shown_by, cell.outputs))
    of_an_exercise = "exercises.check(" in cell.source or "exercise" in cell.metadata
    found = [] if tags >= MEASURED else ["measured, and compared all the same"]
    found += ["measured, and part of a checkpoint"] if "checkpoint" in tags else []
    found += ["measured, and part of an exercise"] if of_an_exercise else []
    return found + ([] if re.search(r"\d", shown) else ["measured, and shows no number"])


def shown_by(output: nbformat.NotebookNode) -> str:
    """Return the text that a stored output shows."""
    data = output.get("data", {})
    return output.get("text", "") + "".join(data.get("text/plain", "")) + "".join(data.get("text/html", ""))


def lines_of(cell: nbformat.NotebookNode) -> int:
    """Return how many lines of code a cell has, blank lines and comments left out."""
    return sum(1 for line in cell.source.splitlines() if line.strip() and not line.strip().startswith("#"))


def output_faults(output: nbformat.NotebookNode) -> list[str]:
    """Return what is wrong with one stored output."""
    data, shown = output.get("data", {}), shown_by(output)
    found = ["a stored error"] if output.output_type == "error" else []
    found += ["a message on stderr"] if output.get("name") == "stderr" else []
    found += ["a path of the machine"] if MACHINE_PATH.search(shown) else []
    found += ["a widget, which a stored notebook cannot show"] if any("widget" in kind for kind in data) else []
    alt = output.get("metadata", {}).get("image/png", {}).get("alt")
    return found + (["a figure without alternative text"] if "image/png" in data and not alt else [])


@pytest.mark.parametrize("number", NUMBERS)
def test_stored_notebook_keeps_the_rules(number):
    """A stored notebook ran once in order, without errors, noise, paths, widgets or figures without text."""
    notebook = notebooks.read(number)
    nbformat.validate(notebook)
    assert faults(notebook) == []


def test_both_maps_lead_to_every_notebook():
    """The README and notebook 0 link to each notebook, and call none of these still to come."""
    first = "\n".join(cell.source for cell in notebooks.read("00").cells if cell.cell_type == "markdown")
    for number in NUMBERS:
        name = notebooks.find_path(number).name
        assert f"(notebooks/{name})" in (ROOT / "README.md").read_text(encoding="utf-8")
        assert number == "00" or f"| **{number}** | [" in first and f"]({name})" in first
        assert not re.search(rf"^\| {number} \|.*to come", first, re.MULTILINE)


@pytest.mark.parametrize("number", NUMBERS)
def test_headings_make_an_outline(number):
    """One title, first of all, and no level left out below it, so that the table of contents can be read aloud."""
    prose = "\n".join(cell.source for cell in notebooks.read(number).cells if cell.cell_type == "markdown")
    outside_code = re.sub(r"^```.*?^```", "", prose, flags=re.MULTILINE | re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", outside_code, re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(level <= before + 1 for before, level in zip(levels, levels[1:]))


@pytest.mark.parametrize("number", NUMBERS)
def test_every_link_and_image_is_there(number):
    """Links between notebooks and images lead somewhere."""
    prose = "\n".join(cell.source for cell in notebooks.read(number).cells if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)#\s]+)", prose):
        if "://" not in target and not target.startswith("attachment:"):
            assert (NOTEBOOKS / target).exists(), f"notebook {number} links to {target}, which is not there"


def tiny(*sources: str) -> nbformat.NotebookNode:
    """Return a notebook of the given cells, with true outputs for ``print(2)``."""
    cells = [nbformat.v4.new_code_cell(source, execution_count=n) for n, source in enumerate(sources, 1)]
    for cell in cells:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="2\n")]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": notebooks.KERNEL})


def run(notebook: nbformat.NotebookNode, tmp_path) -> str:
    """Return what nbval says of a notebook."""
    path = tmp_path / "tiny.ipynb"
    nbformat.write(notebook, path)
    return compare(path, tmp_path)


def test_a_true_notebook_passes(tmp_path):
    """The notebook that the next tests break is sound before."""
    assert run(tiny("print(2)"), tmp_path) == "" and faults(tiny("print(2)")) == []


def test_a_stale_number_fails(tmp_path):
    """A number that the code no longer prints is found."""
    assert "1 failed" in run(tiny("print(2 + 1)"), tmp_path)


def test_a_broken_cell_fails(tmp_path):
    """A cell that raises is found."""
    assert "1 failed" in run(tiny("print(2); raise ValueError"), tmp_path)


def test_a_missing_output_fails(tmp_path):
    """An output that was never stored is found."""
    notebook = tiny("print(2)")
    notebook.cells[0].outputs = []
    assert "1 failed" in run(notebook, tmp_path)


def test_a_cell_that_never_ran_fails():
    """A cell without an execution count, which nbval would not compare, is found."""
    notebook = tiny("print(2)", "print(2)")
    notebook.cells[1].execution_count = None
    assert faults(notebook) == ["not run in order, once"]


def test_a_cell_kept_from_comparison_fails():
    """A tag or a comment that would switch the comparison off is found."""
    notebook = tiny("print(2)", "print(2)  # NBVAL_IGNORE_OUTPUT")
    notebook.cells[0].metadata["tags"] = ["nbval-ignore-output"]
    assert ["not compared" in fault for fault in faults(notebook)] == [True, True]


def measuring(*more: str, source: str = "print(2)") -> nbformat.NotebookNode:
    """Return a notebook of one cell that is marked as measured, with more tags."""
    notebook = tiny(source)
    notebook.cells[0].metadata["tags"] = [*MEASURED, *more]
    return notebook


def test_a_measured_number_may_differ(tmp_path):
    """A cell that is marked as measured runs, and its outputs are left out of the comparison."""
    notebook = measuring(source="print(2 + 1)")
    assert run(notebook, tmp_path) == "" and faults(notebook) == []


def test_a_measuring_cell_that_is_broken_fails(tmp_path):
    """The mark excuses no error."""
    assert "1 failed" in run(measuring(source="print(2); raise ValueError"), tmp_path)


def test_the_mark_stands_only_where_something_is_measured():
    """Half a mark, a mark on a checkpoint or a check, on what shows no number, and marks everywhere are found."""
    half, words = measuring(), measuring()
    half.cells[0].metadata["tags"] = ["measured"]
    words.cells[0].outputs[0].text = "True\n"
    many = tiny("print(2)", "print(2)")
    for cell in many.cells:
        cell.metadata["tags"] = [*MEASURED]
    assert "compared all the same" in "".join(faults(half))
    assert "part of a checkpoint" in "".join(faults(measuring("checkpoint")))
    assert "part of an exercise" in "".join(faults(measuring(source="exercises.check('1.1', 2)")))
    assert "shows no number" in "".join(faults(words))
    assert faults(many) == ["2 cells are marked as measured"]
    many.cells[0].metadata["tags"], many.cells[1].metadata["tags"] = ["measured-figure"], []
    assert "draws none" in "".join(faults(many))
