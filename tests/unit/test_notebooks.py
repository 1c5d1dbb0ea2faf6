"""The notebooks as data: each is found by its exact name, whatever a student keeps beside them."""
import json
import shutil

import pytest

from helpers import exercises, notebooks
from helpers.instructor import assignment, editions
from helpers.paths import COURSE, NOTEBOOKS

CODE = {"cell_type": "code", "id": "a", "execution_count": None, "outputs": [], "source": "raise SystemExit"}
OWN = CODE | {"metadata": {"exercise": "2.77", "tags": ["checkpoint"]}}
BESIDE = ["02_homework.ipynb", "02_tracked_training-Copy1.ipynb"]  # both sort before the course's own


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a copy of the folder of notebooks with a copy of a notebook and a student's own in it."""
    folder = shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns("images", ".ipynb*"))
    for name in BESIDE:
        (folder / name).write_text(json.dumps({"cells": [OWN], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    for module in (exercises, notebooks, editions):
        monkeypatch.setattr(module, "NOTEBOOKS", folder)
    monkeypatch.setattr(editions, "NOTES", folder / "teaching")
    return folder


def test_progress_counts_the_exercises_of_the_course(request):
    """A copy adds no line and no exercise."""
    before = exercises.summarise(), exercises.list_numbers()
    request.getfixturevalue("folder")
    assert (exercises.summarise(), exercises.list_numbers()) == before


def test_store_writes_into_the_notebook_of_the_course(folder, monkeypatch):
    """Outputs go into the one notebook, and what lies beside it stays as it is."""
    monkeypatch.setattr(notebooks, "execute", lambda notebook, workspace: notebook.cells.pop())
    before = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
    assert notebooks.store("02") == folder / "02_tracked_training.ipynb"
    after = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
    assert [name for name in before if after[name] != before[name]] == ["02_tracked_training.ipynb"]


def test_the_instructors_edition_and_plan_are_of_the_course(request, monkeypatch, tmp_path, capsys):
    """`teach` makes the same edition, and goes through the notebooks of the course alone."""
    before = editions.make_edition("02")
    request.getfixturevalue("folder")
    assert editions.make_edition("02") == before
    monkeypatch.setattr(editions, "_TARGET", tmp_path / "teach")
    monkeypatch.setattr(editions, "_find_lack", lambda number: "nothing is made here")
    editions.main([])
    said = [line[:2] for line in capsys.readouterr().out.splitlines() if "left out" in line]
    assert said == list(COURSE)


def test_an_assignment_is_made_from_the_notebook_of_the_course(request):
    """It asks for the exercises of the course, and for no other."""
    before = assignment.mark_cells("02", {}).cells[0].source
    request.getfixturevalue("folder")
    assert assignment.mark_cells("02", {}).cells[0].source == before


def test_a_checkpoint_replays_the_notebook_of_the_course(request):
    """The cells that a checkpoint runs are those of the course; the ones beside it would end the kernel."""
    before = [notebooks.read_tagged(number, "checkpoint") for number in ("01", "02", "06")]
    request.getfixturevalue("folder")
    assert [notebooks.read_tagged(number, "checkpoint") for number in ("01", "02", "06")] == before
