"""Merging: whose a cell is, and where it goes."""
import json

import pytest

from helpers.paths import NOTEBOOKS, ROOT
from helpers.setup import merging, notebook_cells
from support.small_course import NEW, OLD, cell, notebook

PATH = "notebooks/a.ipynb"


def sources(merged: merging.Merged) -> list[str]:
    """Return the text of a merged notebook's cells, as it is stored."""
    return ["".join(one["source"]) for one in json.loads(merged.dumps())["cells"]]


def merge(mine: list[dict], old: dict[str, list[dict]], new: dict[str, list[dict]]) -> dict[str, merging.Merged]:
    """Return what becomes of a student's notebook `a`."""
    editions = [{f"notebooks/{name}.ipynb": notebook(*cells) for name, cells in one.items()} for one in (old, new)]
    merged = merging.merge([(PATH, notebook(*mine))], *editions)
    return {name.removeprefix("notebooks/").removesuffix(".ipynb"): one for name, one in merged.items()}


A = [cell("1", "one"), cell("2", "...", "1.1"), cell("3", "three"), cell("4", "...", "1.2")]


def test_cells_go_where_the_cells_around_them_went():
    """A notebook that was cut in two: each answer and each own cell is in the half where its place is now."""
    mine = [A[0], cell("x", "mine 1"), {**A[1], "source": "my 1.1"}]
    mine += [A[2], cell("y", "mine 2"), {**A[3], "source": "my"}]
    merged = merge(mine, {"a": A}, {"b": A[:2], "c": [A[2], {**A[3], "metadata": {"exercise": "2.1"}}]})
    assert sources(merged["b"]) == ["one", "mine 1", "my 1.1"] and sources(merged["c"]) == ["three", "mine 2", "my"]
    assert (merged["b"].answers, merged["b"].own) == (["1.1"], 1)
    assert (merged["c"].answers, merged["c"].own) == (["2.1"], 1)


def test_an_exercise_with_a_new_cell_is_known_by_its_place():
    """Its number's second part tells, in the notebook with most of the cells; where it is gone, the answer is not."""
    mine = [*A[:3], {**A[3], "source": "my 1.2"}]
    merged = merge(mine, {"a": A}, {"b": [*A[:3], cell("new", "... # new", "7.2")], "c": []})
    assert sources(merged["b"])[-1] == "my 1.2" and merged["b"].answers == ["7.2"]
    merged = merge(mine, {"a": A}, {"b": A[:3]})
    assert sources(merged["b"]) == ["one", "...", "three", "my 1.2"] and merged["b"].own == 1


@pytest.mark.parametrize("ids", [[None] * 5, ["v", "w", "x", "y", "z"]])
def test_ids_that_a_program_dropped_or_renewed_do_no_harm(ids):
    """Cells are known by exercise and text: nothing is doubled, and what is new gets an id."""
    written = [("one",), ("my 1.1", "1.1"), ("mine",), ("three",), ("...", "1.2")]
    mine = [cell(key, *what) for key, what in zip(ids, written)]
    merged = merge(mine, {"a": A}, {"a": A})["a"]
    assert sources(merged) == ["one", "my 1.1", "mine", "three", "..."]
    stored = json.loads(merged.dumps())["cells"]
    assert len({one["id"] for one in stored}) == 5 and all(isinstance(one["id"], str) for one in stored)


def test_a_copy_of_a_blank_is_a_cell_of_the_students_own():
    """JupyterLab copies the mark of the exercise too: the answer in the blank itself counts."""
    mine = [A[0], {**A[1], "source": "first"}, cell("copy", "second", "1.1"), *A[2:]]
    merged = merge(mine, {"a": A}, {"a": A})["a"]
    assert sources(merged)[:4] == ["one", "first", "second", "three"]


def test_an_id_that_stands_in_two_notebooks_means_the_one_at_hand():
    """Two notebooks of the course share two ids: what the student did in one does not go to the other."""
    mine = [A[0], {**A[1], "source": "my 1.1"}, cell("x", "mine"), *A[2:]]
    other = [cell("2", "another", "9.1"), cell("8", "eight")]
    merged = merge(mine, {"a": A, "z": other}, {"b": A, "z": other})
    assert sources(merged["b"])[:3] == ["one", "my 1.1", "mine"] and not merged["z"].holds_more()


def test_untouched_notebooks_of_the_real_course_give_nothing():
    """None of its cells is taken for a student's; it is stored as JupyterLab and nbformat store it."""
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in NOTEBOOKS.glob("*.ipynb")}
    course = {name: notebook_cells.parse(content) for name, content in files.items()}
    merged = merging.merge(list(course.items()), course, course)
    assert len(merged) >= 14 and not any(one.holds_more() or one.changed for one in merged.values())
    assert {name: one.dumps().decode() for name, one in merged.items()} == {
        name: content.decode() for name, content in files.items()
    }


def test_exercises_are_renumbered_by_their_cells():
    """5.1 is 6.1 now; one whose cell is gone has no number."""
    old, new = ({n: json.loads(t) for n, t in one.items() if n.endswith(".ipynb")} for one in (OLD, NEW))
    assert merging.renumbered(old, new) == {"5.1": "6.1", "5.2": "6.2"}
    assert merging.renumbered({PATH: notebook(*A)}, {PATH: notebook(*A[:2])}) == {"1.1": "1.1", "1.2": ""}


def test_an_answer_stands_without_the_outputs_of_the_blank():
    """What the course stored below its blank is no output of the student's answer."""
    ran = {**A[1], "outputs": [{"output_type": "stream", "name": "stdout", "text": "..."}], "execution_count": 2}
    merged = merge([A[0], {**A[1], "source": "my 1.1"}], {"a": A}, {"a": [A[0], ran]})["a"]
    answer = json.loads(merged.dumps())["cells"][1]
    assert (answer["source"], answer["outputs"], answer["execution_count"]) == (["my 1.1"], [], None)


def test_blank_answers_and_markdown_in_a_blank():
    """An emptied blank is no answer; prose in its place is a cell of the student's own, below the blank."""
    prose = {"id": "4", "cell_type": "markdown", "metadata": {"exercise": "1.2"}, "source": "I think"}
    merged = merge([A[0], {**A[1], "source": " "}, A[2], prose], {"a": A}, {"a": A})["a"]
    assert sources(merged) == ["one", "...", "three", "...", "I think"] and merged.answers == []
