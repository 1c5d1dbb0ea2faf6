"""Figures are compared: what is drawn otherwise than it is stored fails, what is drawn again passes."""
import copy
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers import notebooks
from helpers.paths import ROOT
from support.running import compare, failed_cells

DRAW = """
from matplotlib import pyplot
from helpers import plots
plots.use_style()

def show(kind="lines", shift=0.0):
    figure, axes = pyplot.subplots()
    if kind in ("lines", "band", "dashes"):
        axes.plot([1, 2, 3], [0.5, 0.7, 0.6 + shift])
        axes.plot([1, 2, 3], [0.6, 0.6, 0.6])
    if kind == "band":
        axes.axvspan(1.2, 1.8, alpha=0.1)
    if kind == "dashes":
        axes.axhline(0.2, color="grey", linestyle="--", linewidth=1)
    if kind == "bars":
        axes.bar([1, 2, 3], [0.5, 0.7, 0.6])
    if kind == "square":
        axes.set_facecolor("red")
    axes.set(ylim=(0, 1), xlim=(0, 4))
    plots.show(figure, "a figure")
"""
REDRAWN = """
movie = plots.Redrawn("a movie")
for height in (1, 2, 3):
    figure, axes = pyplot.subplots()
    axes.bar([1, 2], [height, 3])
    movie.draw(figure, "a movie")
"""
KINDS = ("square", "bars", "nothing", "band", "dashes")
OTHERS = [*(f"show('{kind}')" for kind in KINDS), "show(shift=0.05)"]


def test_another_picture_in_the_place_of_a_figure_is_found(tmp_path):
    """A red square, another figure, empty axes, one mark more or moved and none differ; measured and new ones may."""
    cells = [new_code_cell(source) for source in [DRAW, REDRAWN, *OTHERS, *["show()"] * (len(OTHERS) + 5)]]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": notebooks.KERNEL})
    notebooks.execute(notebook, tmp_path / "workspace")
    others, more = notebook.cells[2 : 2 + len(OTHERS)], notebook.cells[2 + len(OTHERS) :]
    same, *changed, none, measured, timed, new = more
    for cell, other in zip([*changed, none, measured, timed], [*others, same, *others[:2]], strict=True):
        cell.outputs = copy.deepcopy(other.outputs)
    del none.outputs[0].data["image/png"]
    measured.metadata["tags"] = ["measured", "nbval-ignore-output"]
    timed.metadata["tags"] = ["measured-figure"]
    new.outputs, new.execution_count = [], None  # as an answer that a student wrote
    nbformat.write(notebook, tmp_path / "figures.ipynb")
    report = compare(tmp_path / "figures.ipynb", tmp_path / "workspace")
    assert failed_cells(report) == [notebook.cells.index(cell) for cell in (*changed, none)], report
    told = set(re.findall(r"Cell \d+: Figure 1 of the cell is not the stored one: a square of", report))
    assert len(told) == len(OTHERS) and "drew 1 figures, and 0" in report


@pytest.mark.hostile
def test_a_cell_whose_kernel_was_killed_is_not_asked_for_its_figure(tmp_path):
    """The pass whose kernel is killed compares the figures before that cell."""
    notebook = new_notebook(cells=[new_code_cell(DRAW)], metadata={"kernelspec": notebooks.KERNEL})
    notebook.cells += [new_code_cell("show(); import time; time.sleep(1)") for _ in range(4)]
    notebooks.execute(notebook, tmp_path / "workspace")
    nbformat.write(notebook, tmp_path / "00_figures.ipynb")
    killed = ["-p", "support.killed"]
    report = compare(tmp_path / "00_figures.ipynb", tmp_path / "workspace", *killed, PYTHONPATH=str(ROOT / "tests"))
    assert report == ""
