"""The reader's record of exercises: kept in the workspace, shown by a command."""
import os
from pathlib import Path

import pytest

from helpers import exercises
from helpers.paths import NOTEBOOKS, ROOT
from support.copies import call, whole
from support.running import NUMBERS, blanks


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return the file of a record that is still empty, in a folder that is not there yet."""
    monkeypatch.setattr(exercises, "RECORD", tmp_path / "workspace" / "exercises.txt")
    return exercises.RECORD


@pytest.fixture
def seven(monkeypatch):
    """Make an exercise whose answer is 7."""

    def check(answer):
        if answer != 7:
            raise exercises.NotYet("think of the days of a week")
        return "Yes."

    monkeypatch.setitem(exercises.EXERCISES, "99.1", exercises.Exercise(check, hint="Count."))


def test_only_a_right_answer_is_noted(file, seven, capsys):
    """No attempt and a wrong answer leave the record as it is; right answers count once."""
    for answer in (..., 6):
        exercises.check("99.1", answer)
    assert exercises.read_done() == set() and not file.exists()
    exercises.check("99.1", 7)
    exercises.check("99.1", 7)
    assert exercises.read_done() == {"99.1"}


def test_a_record_that_cannot_be_written_loses_no_answer(file, seven, capsys):
    """Where the workspace is not writable, the check answers all the same."""
    file.mkdir(parents=True)
    exercises.check("99.1", 7)
    assert capsys.readouterr().out == "Exercise 99.1: correct. Yes.\n"


@pytest.mark.parametrize("written", ["2.1\n99.1\n".encode("utf-16"), b"2.1\n\xff99.1\n", b"\xef\xbb\xbf2.1\n99.1\n"])
def test_a_record_in_another_encoding_is_read(file, written):
    """An editor or a shell of Windows may have saved it; each number is found."""
    file.parent.mkdir()
    file.write_bytes(written)
    assert exercises.read_done() >= {"99.1"}


def test_a_folder_in_the_place_of_the_record_is_named_with_the_remedy(tmp_path):
    """The command ends with a sentence."""
    (tmp_path / "exercises.txt").mkdir()
    done = call(ROOT, "progress", WORKBOOK_WORKSPACE=str(tmp_path))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "the record of right answers, cannot be read" in done.stderr and "move it elsewhere" in done.stderr


def test_the_solution_is_found_from_wherever_the_kernel_stands(seven, monkeypatch, capsys, tmp_path):
    """Beside the notebooks by a short path; elsewhere, as in an editor that starts kernels at the top, by the whole."""
    monkeypatch.chdir(NOTEBOOKS)
    monkeypatch.setattr(exercises, "find_solution", lambda number: "solutions/06_1.py")
    exercises.check("99.1", ...)
    assert capsys.readouterr().out.endswith(" For a solution: %load solutions/06_1.py\n")
    monkeypatch.chdir(tmp_path)
    exercises.check("99.1", ...)
    assert Path(capsys.readouterr().out.strip().partition("%load ")[2]).samefile(NOTEBOOKS / "solutions/06_1.py")


def test_all_exercises_are_known():
    """The summary counts the blanks of all notebooks."""
    asked = [number for notebook in NUMBERS for number in blanks(notebook)]
    assert [number for numbers in exercises.list_numbers().values() for number in numbers] == asked
    assert len(asked) > 30


def test_the_command_shows_what_is_open(tmp_path):
    """It needs nothing installed; what is done is told from what is open, and strange lines do no harm."""
    project, workspace = whole(tmp_path / "project"), tmp_path / "workspace"
    said = call(project, "progress", WORKBOOK_WORKSPACE=str(workspace))
    assert said.returncode == 0 and "\n0 of " in said.stdout
    (workspace / "exercises.txt").write_text(f"2.1{os.linesep}2.1\n2.3\n6.1\n6.2\n6.3\nnonsense\n")
    lines = call(project, "progress", WORKBOOK_WORKSPACE=str(workspace)).stdout.splitlines()
    assert "02_tracked_training            open: 2.2" in lines
    assert "06_registry_versioning         all done" in lines and lines[-1].startswith("5 of ")
