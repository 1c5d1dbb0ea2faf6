"""A notebook as slides: one HTML file that needs no network. The group slides brings what this uses."""
import copy
import re
from importlib.util import find_spec
from pathlib import Path

from nbconvert import SlidesExporter
from nbformat import NotebookNode

from helpers.paths import NOTEBOOKS

_TEMPLATE = Path(__file__).with_suffix(".html.j2")
_REVEAL = {"css": "dist/reveal.css", "js": "dist/reveal.js", "notes": "plugin/notes/notes.js"}


def show(notebook: NotebookNode, title: str) -> str:
    """Return a notebook as slides: its outputs shown, its instructor's notes in the speaker's view."""
    exporter = SlidesExporter(
        template_file=str(_TEMPLATE), embed_images=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    inline = {name: _read_reveal(file) for name, file in _REVEAL.items()}
    resources = {"metadata": {"name": title, "path": str(NOTEBOOKS)}, "inline": inline}
    return exporter.from_notebook_node(_mark_cells(notebook), resources)[0]


def _read_reveal(name: str) -> str:
    """Return a file of reveal.js, which the package sphinx-revealjs holds; Sphinx itself is not used."""
    package = Path(find_spec("sphinx_revealjs").origin).parent
    return (package / "_static" / "revealjs" / name).read_text(encoding="utf-8")


def _mark_cells(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of a notebook whose cells say where slides begin and what is a note, as nbconvert reads it."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.metadata["slideshow"] = {"slide_type": _choose_kind(cell)}
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"(?<!!)\[([^\]]+)\]\((?!\w+:|#)[^)]+\)", r"\1", cell.source)  # no file lies beside it
    return notebook


def _choose_kind(cell: NotebookNode) -> str:
    """Return what a cell is on the slides: the start of one, of one below it, a note, or more of the same."""
    if "instructor" in cell.metadata.get("tags", []):
        return "notes"
    if cell.cell_type == "markdown" and cell.source.startswith("## "):
        return "slide"
    task = cell.cell_type == "markdown" and cell.source.startswith("### ")
    return "subslide" if task or "exercise" in cell.metadata else "-"  # a solution is not seen with its task
