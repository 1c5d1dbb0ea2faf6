"""Damaged notebooks: each is named in a sentence, with the commands that mend it."""
import json

import pytest

from helpers import checkpoints, exercises, notebooks
from helpers.setup import notebook_cells
from helpers.setup.notebook_cells import DamagedError
from support.small_course import cell, notebook, written

WHOLE = written(notebook(cell("a", "1"), cell("b", "...", "6.1")))
OTHER = WHOLE.replace('"1"', '"2"')
CONFLICT = "".join(
    f"<<<<<<< HEAD\n{one}||||||| base\n{one}=======\n{other}>>>>>>> main\n" if one != other else one
    for one, other in zip(WHOLE.splitlines(keepends=True), OTHER.splitlines(keepends=True))
)
NAME = "06_registry_versioning"
DAMAGED = {
    "is empty": " \n",
    "holds the marks of a conflict that git left": CONFLICT,
    "is no notebook, as it is not JSON": WHOLE[:50],
    "is no notebook, as it is not JSON ": "[" * 10**5,
    "is no notebook, or one without cells": "[]",
    "is no notebook, or one without cells ": '{"cells": []}',
    "has a cell that lacks its type, its metadata or its source": WHOLE.replace('"metadata"', '"other"', 1),
    "has a cell that lacks its type, its metadata or its source ": WHOLE.replace('"1"', "[1]"),
    "is no notebook of format 4": WHOLE.replace('"nbformat": 4', '"nbformat": 3'),
    "is no notebook of format 4 ": json.dumps({"cells": json.loads(WHOLE)["cells"]}),
    "has lost the marks of its exercises": written(notebook(cell("a", "1"))),
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return the folder of a course with one notebook, which has one exercise."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "06_1.py").touch()
    for module in (notebooks, exercises):
        monkeypatch.setattr(module, "NOTEBOOKS", tmp_path)
        monkeypatch.setattr(module, "COURSE", {"06": NAME})
    monkeypatch.setattr(notebook_cells, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("words", "text"), DAMAGED.items(), ids=DAMAGED)
def test_a_damaged_notebook_is_named_with_what_mends_it(course, words, text):
    """By whatever reads it: progress, a checkpoint, the commands for instructors."""
    (course / f"{NAME}.ipynb").write_text(text)
    readers = [exercises.list_numbers, lambda: checkpoints.replay("06"), lambda: notebooks.read("06")]
    for reader in readers:
        with pytest.raises(DamagedError) as error:
            reader()
        assert str(error.value).startswith(f"{NAME}.ipynb {words.strip()}")
        assert "`python -m helpers update` mends it" in str(error.value)
        assert "`python -m helpers restore 06` gives back the original" in str(error.value)
        assert error.value._render_traceback_() == [str(error.value)]


def test_a_notebook_that_is_gone_or_lost_its_tags_is_named(course):
    """A checkpoint that finds no cell to run does not pass silently."""
    with pytest.raises(DamagedError, match=f"^{NAME}.ipynb is not there"):
        notebooks.read_tagged("06", "checkpoint")
    (course / f"{NAME}.ipynb").write_text(WHOLE)
    with pytest.raises(DamagedError, match="has lost the tag 'checkpoint' of its cells"):
        checkpoints.replay("06")
    assert exercises.list_numbers() == {NAME: ["6.1"]}
    (course / f"{NAME}.ipynb").unlink()
    (course / f"{NAME}.ipynb").mkdir()
    with pytest.raises(DamagedError, match=f"^{NAME}.ipynb cannot be read"):
        exercises.list_numbers()


def test_a_byte_order_mark_and_windows_line_ends_are_no_damage(course):
    """Editors on Windows add them."""
    (course / f"{NAME}.ipynb").write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert len(notebook_cells.read(course / f"{NAME}.ipynb")["cells"]) == 2
    assert len(notebooks.read("06").cells) == 2


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_both_sides_of_a_conflict_are_read(ends):
    """With the common ancestor between them or without it; what cannot be read has none."""
    assert CONFLICT.count("=======") == 1
    short = CONFLICT[: CONFLICT.index("|||||||")] + CONFLICT[CONFLICT.index("=======") :]
    for text in (CONFLICT, short):
        found = notebook_cells.versions(text.replace("\n", ends).encode())
        assert [one["cells"][0]["source"] for one in found] == ["1", "2"]
    assert notebook_cells.versions(WHOLE.encode()) == [json.loads(WHOLE)]
    assert notebook_cells.versions(b"{") == notebook_cells.versions(b"") == []


@pytest.mark.parametrize("key", [["a"], {"a": 1}, 5, None])
def test_an_id_that_is_no_text_is_as_none(key):
    """A program's mistake stops no update: the cell is known by its text."""
    cells = notebook_cells.parse(written(notebook({**cell("a", "1"), "id": key})).encode())["cells"]
    assert [("id" in one, one["source"]) for one in cells] == [(False, "1")]
