"""Merging: what a student wrote in the notebooks of one edition of the course, carried into those of another."""
import copy
import json
import uuid
from collections.abc import Set
from dataclasses import dataclass, field

from helpers.setup.notebook_cells import exercise, source


@dataclass
class Merged:
    """A notebook of the new edition, with what a student wrote in an earlier one, and notes on that.

    Each slot holds a cell of the course and the student's own cells after it; the first one only the student's.
    """

    content: dict
    answers: list[str] = field(default_factory=list)
    own: int = 0
    changed: list[str] = field(default_factory=list)
    slots: list[list[dict]] = field(init=False)

    def __post_init__(self):
        """Start with the course's cells alone."""
        self.slots = [[], *([copy.deepcopy(cell)] for cell in self.content["cells"])]

    def blank(self, number: str) -> list[dict] | None:
        """Return the slot of the exercise that has the same place among those of its notebook, 5.1 for 6.1."""
        place = number.partition(".")[2]
        numbered = (slot for slot in self.slots[1:] if exercise(slot[0]))
        return next((slot for slot in numbered if exercise(slot[0]).partition(".")[2] == place), None)

    def add(self, cell: dict, after: list[dict]) -> None:
        """Add a cell of the student's at the end of a slot, unless it is there."""
        same = [one for one in after if (one.get("id"), source(one)) == (cell.get("id"), source(cell))]
        if not same:
            used = {one["id"] for slot in self.slots for one in slot}
            fresh = cell.get("id") if cell.get("id") not in {None, *used} else uuid.uuid4().hex[:8]
            after.append({**cell, "id": fresh, "source": _lines(cell)})
            self.own += 1

    def holds_more(self) -> bool:
        """Return whether it holds something of the student's."""
        return bool(self.answers or self.own)

    def report(self, name: str) -> list[str]:
        """Return lines on what of the student's is in it, and on what is only in the copy that was put aside."""
        answers = f"your answers to {', '.join(dict.fromkeys(self.answers))}" if self.answers else ""
        own = f"{self.own} of your own cells" if self.own else ""
        lines = [f"{name}: kept {' and '.join(filter(None, (answers, own)))}."] if self.holds_more() else []
        changed = [f"{name}: a cell that you had changed is the course's again: {text[:60]}" for text in self.changed]
        return lines + list(dict.fromkeys(changed))

    def dumps(self) -> bytes:
        """Return the notebook as it is stored."""
        content = {**self.content, "cells": [cell for slot in self.slots for cell in slot]}
        return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def merge(mine: list[tuple[str, dict]], base: dict[str, dict], new: dict[str, dict]) -> dict[str, Merged]:
    """Return a new edition's notebooks with what a student wrote in those of an earlier one.

    Cells are known by their ids over all notebooks, so that it does not matter what a notebook is called; where
    an id is gone, an exercise is known by its place. Outputs are the course's, but for those of own cells.

    Parameters
    ----------
    mine : list of tuple
        The student's notebooks, each with its path; a path may occur more than once.
    base, new : dict
        The course's notebooks by path, as the student got them and as they are now.
    """
    merged = {path: Merged(content) for path, content in new.items()}
    was = {cell["id"]: cell for content in base.values() for cell in content["cells"]}
    now = {slot[0]["id"]: (notebook, slot) for notebook in merged.values() for slot in notebook.slots[1:]}
    for path, content in mine:
        known = {cell["id"]: cell for cell in base.get(path, new.get(path))["cells"]}
        ids = {cell.get("id") for cell in content["cells"]}
        if path not in base and not ids & known.keys():
            continue  # the student's own notebook, whose name the course has come to use
        if heir := _heir(known, merged):
            here = {slot[0]["id"]: (heir, slot) for slot in heir.slots[1:]}  # an id may stand in two notebooks
            _carry(content["cells"], known, {**was, **known}, {**now, **here}, heir)
    return merged


def _heir(known: dict[str, dict], merged: dict[str, Merged]) -> Merged | None:
    """Return the notebook that has most of some cells, or nothing where none of them exists any more."""
    counts = [sum(slot[0]["id"] in known for slot in notebook.slots[1:]) for notebook in merged.values()]
    return list(merged.values())[counts.index(max(counts))] if any(counts) else None


def _carry(
    cells: list[dict],
    known: dict[str, dict],
    was: dict[str, dict],
    now: dict[str, tuple[Merged, list[dict]]],
    heir: Merged,
) -> None:
    """Carry what a student wrote in the cells of one notebook to where these cells are now, else into its heir."""
    home, after = heir, heir.slots[0]
    for cell, key in zip(cells, _keys(cells, known, was.keys() | now.keys())):
        place = now.get(key)
        course = was.get(key) or (place[1][0] if place else None)
        if not place and course and (slot := heir.blank(exercise(course))):
            place = heir, slot
        home, after = place or (home, after)
        originals = [source(one) for one in (course, place and place[1][0]) if one]
        if not source(cell) or source(cell) in originals:
            continue
        if place and exercise(after[0]) and cell["cell_type"] == "code":
            after[0].update(source=_lines(cell), outputs=[], execution_count=None)
            home.answers.append(exercise(after[0]))
        elif course is None or exercise(course):
            home.add(cell, after)
        else:
            home.changed.append(source(cell).partition("\n")[0])


def _keys(cells: list[dict], known: dict[str, dict], course: Set[str]) -> list[str | None]:
    """Return the course's id of each cell, or nothing where it is the student's own.

    A program may drop the ids or give new ones: then a cell is known by its exercise or its text.
    """
    there = {cell.get("id") for cell in cells}
    lost = {mark(cell): key for mark in (source, exercise) for key, cell in known.items() if key not in there}
    lost.pop("", None)
    return [
        cell["id"] if cell.get("id") in course else lost.get(exercise(cell)) or lost.get(source(cell)) for cell in cells
    ]


def _lines(cell: dict) -> list[str]:
    """Return the text of a cell as it is stored."""
    return "".join(cell["source"]).splitlines(keepends=True)


def renumbered(base: dict[str, dict], new: dict[str, dict]) -> dict[str, str]:
    """Return the exercises of an earlier edition with their numbers now, an empty one where it is gone."""
    now = {cell["id"]: exercise(cell) for content in new.values() for cell in content["cells"]}
    cells = [cell for content in base.values() for cell in content["cells"] if exercise(cell)]
    return {exercise(cell): now.get(cell["id"], "") for cell in cells}
