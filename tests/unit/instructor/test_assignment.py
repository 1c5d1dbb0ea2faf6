"""Assignments: made by the command, handed in by all kinds of students, graded by nbgrader as its printed steps say."""
import contextlib
import csv
import io
import json
import logging
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
import pytest

from helpers import exercises, notebooks
from helpers.paths import ROOT, SOLUTIONS
from support.copies import call, outside
from support.foreign import FOREIGN
from support.running import NUMBERS, blanks, left_running

WORKSPACE = {"WORKBOOK_WORKSPACE": os.environ["WORKBOOK_WORKSPACE"]}
ENDLESS = "import time\nwhile True:\n    time.sleep(1)"
REDEFINED = """
import builtins, helpers.exercises, helpers.checks.nb06, helpers.instructor.marking
def said(number, *answers): print(f"Exercise {number}: correct. Yes.")
for module in (helpers.exercises, helpers.instructor.marking): module.check = said
helpers.exercises.judge = lambda *given: ("correct", "Yes.")
yes = helpers.exercises.Exercise(lambda *answers: "Yes.", "")
helpers.exercises.EXERCISES.update(dict.fromkeys(["6.1", "6.2", "6.3"], yes))
class exercises: check = said
"""


def right(exercise: str) -> str:
    """Return the right answer to an exercise."""
    return (SOLUTIONS.parent / exercises.find_solution(exercise)).read_text(encoding="utf-8")


def wrong(exercise: str) -> str:
    """Return a wrong answer to an exercise."""
    name = Path(exercises.find_solution(exercise)).stem
    return (ROOT / "tests" / "notebooks" / "wrong_answers" / f"{name}_a.py").read_text(encoding="utf-8")


def made(folder: Path, number: str) -> tuple[Path, list[list[str]]]:
    """Return the students' file of a new assignment, and the commands that the instructor is told to run."""
    done = call(ROOT, "assignment", number, "--to", str(folder), "--points", f"{int(number)}.2=2", **WORKSPACE)
    assert done.returncode == 0, done.stderr
    assert "Grading runs what students wrote, with your rights" in done.stdout
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8").replace("timeout = 300", "timeout = 60"), encoding="utf-8")
    commands = re.findall(r": +(\S+ -m nbgrader .*)$", done.stdout.replace('"', ""), re.MULTILINE)
    assert len(commands) == 4
    return Path(re.search(r"For students: (.+)", done.stdout)[1]), [shlex.split(line, posix=False) for line in commands]


def answered(released: Path, answers: dict[str, str], short: bool = False) -> nbformat.NotebookNode:
    """Return a student's notebook; a short one lacks what no exercise of notebook 06 needs."""
    notebook = nbformat.read(released, 4)
    for place in blanks_of(notebook):
        cell = notebook.cells[place]
        cell.source = answers.get(cell.metadata["exercise"], cell.source)
    if short:
        _, second, _ = blanks_of(notebook)
        rest = [cell for cell in notebook.cells[second + 2 :] if "nbgrader" in cell.metadata]
        notebook.cells = notebook.cells[: second + 2] + rest
    return notebook


def blanks_of(notebook: nbformat.NotebookNode) -> list[int]:
    """Return the places of the blank cells."""
    return [place for place, cell in enumerate(notebook.cells) if "exercise" in cell.metadata]


def graded(folder: Path, number: str, commands: list, submissions: dict, **variables: str) -> dict[str, list[float]]:
    """Hand notebooks in, run the printed commands, and return each student's marks, exercise by exercise."""
    from nbgrader.api import Gradebook

    archive = folder / "downloaded" / number / "archive"
    for student, notebook in submissions.items():
        nbformat.write(notebook, archive / f"{student}_77_78_assignment_{number}-1.ipynb")
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=outside(variables), capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stderr[-5000:]
    with Gradebook(f"sqlite:///{(folder / 'gradebook.db').as_posix()}") as book:
        submitted = book.assignment_submissions(number)
        names = [f"check-{exercise.replace('.', '-')}" for exercise in blanks(number)]
        by_name = {one.student.id: {g.name: g.score for g in one.notebooks[0].grades} for one in submitted}
    return {student: [marks[name] for name in names] for student, marks in by_name.items()}


def totals(folder: Path) -> dict[str, float]:
    """Return each student's total as exported."""
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


@pytest.mark.needs_group("grading")
@pytest.mark.in_turn("04")  # not on the day of the other notebook
def test_marks_are_for_right_answers_alone(tmp_path):
    """Notebook 06 from an empty, a right, a wrong and a mixed submission, and from some that trick or break."""
    folder = tmp_path / "marks"
    released, commands = made(folder, "06")
    told = [cell.source.rstrip() for cell in nbformat.read(released, 4).cells]
    assert told[1:] == [cell.source.rstrip() for cell in notebooks.read("06").cells]
    assert "6.1: 1, 6.2: 2, 6.3: 1" in told[0]
    first, second, third = blanks("06")
    all_right = {exercise: right(exercise) for exercise in blanks("06")}
    tricked = {first: f"{REDEFINED}", second: f"february_rows = 1{REDEFINED}", third: f"strict_gate = gate{REDEFINED}"}
    submissions = {
        "empty": answered(released, {}, short=True),
        "right": answered(released, all_right),
        "wrong": answered(released, {exercise: wrong(exercise) for exercise in blanks("06")}, short=True),
        "mixed": answered(released, {first: wrong(first), second: right(second), third: wrong(third)}, short=True),
        "raises": answered(released, {**all_right, second: "raise ValueError"}, short=True),
        "endless": answered(released, {**all_right, second: ENDLESS}, short=True),
        "dies": answered(released, {**all_right, second: "import os; os._exit(0)"}, short=True),
        "redefines": answered(released, tricked, short=True),
        "deletes": answered(released, {**all_right, third: wrong(third)}, short=True),
        "copies": answered(released, {**all_right, first: wrong(first)}, short=True),
        "pastes": answered(released, all_right, short=True),
    }
    elsewhere = {**submissions["pastes"].cells[blanks_of(submissions["pastes"])[0] + 1].metadata["nbgrader"]}
    pasted = nbformat.v4.new_code_cell("pass", metadata={"nbgrader": {**elsewhere, "grade_id": "check-5-1"}})
    submissions["pastes"].cells.insert(2, pasted)
    one, two, three = blanks_of(submissions["deletes"])
    for place in (three + 1, two + 1, two, one + 1):  # the checks, and the answer to 6.2
        del submissions["deletes"].cells[place]
    one = blanks_of(submissions["copies"])[0]
    cells = submissions["copies"].cells
    copied = nbformat.from_dict([{**cells[one], "source": right(first), "id": "b"}, {**cells[one + 1], "id": "c"}])
    submissions["copies"].cells = [*cells[: one + 2], *copied, *cells[one + 2 :]]
    assert graded(folder, "06", commands, submissions) == {
        "empty": [0, 0, 0],
        "right": [1, 2, 1],
        "wrong": [0, 0, 0],
        "mixed": [0, 2, 0],
        "raises": [1, 0, 1],
        "endless": [1, 0, 1],
        "dies": [1, 0, 0],
        "redefines": [0, 0, 0],
        "deletes": [1, 0, 0],
        "copies": [1, 2, 1],
        "pastes": [1, 2, 1],
    }
    assert totals(folder)["right"] == 4 and totals(folder)["mixed"] == 2
    assert "late-scratch points to no version" not in (page := feedback(folder, "right")) and "correct." in page
    assert "look for the dataset named 2013-02" in feedback(folder, "wrong")
    assert "default-src 'none'" in page and "form-action 'none'" in page
    assert re.findall(r"""<(?:script|link|img)\s[^>]*?(?:src|href)=["'](?:https?:)?//""", page) == []


HANDED_IN = {  # what a class's zip holds, and in whose name it is collected
    "Ada Lovelace_12_assignsubmission_file_/assignment_06.ipynb": "Ada Lovelace",
    "Jo_Anne Li_13_assignsubmission_file_assignment_06.ipynb": "Jo_Anne Li",
    "curiemarie_LATE_14_15_assignment_06-2.ipynb": "curiemarie",
    "hw_e_noether_attempt_2026-01-30-15-00-00_assignment_06.ipynb": "e_noether",
    "assignment_06_hypatia_attempt_2026-01-30-15-00-00_assignment_06.ipynb": "hypatia",
    "Li [Kevin] Wei_19_assignsubmission_file_/assignment_06.ipynb": "Li (Kevin) Wei",  # nbgrader reads [] as a pattern
    "16-17 - Kurt Gödel - Jan 30, 2026 1100 AM/assignment_06 (1).ipynb": "Kurt Gödel",
    "Alan Turing_18_assignsubmission_file_/course/notebooks/assignment_06.ipynb": "Alan Turing",
    "Participant_31_assignsubmission_file_/assignment_06.ipynb": "Participant_31",  # where Moodle hides names
    "Participant_32_assignsubmission_file_/assignment_06.ipynb": "Participant_32",
    "Li Na_33_assignsubmission_file_/assignment_06.ipynb": "Li Na_33",  # two students with one name
    "Li Na_34_assignsubmission_file_/assignment_06.ipynb": "Li Na_34",
    "Al_35_assignsubmission_file_/Ada Lovelace_12_assignsubmission_file_assignment_06.ipynb": "Al",  # not Ada's
    "first_last/assignment_06.ipynb": "first_last",
    "a_one/assignment_06.ipynb": "a_one",
    "a_two/assignment_06.ipynb": "a_two",
    "a_one/.ipynb_checkpoints/assignment_06-checkpoint.ipynb": "",
    "__MACOSX/a_two/._assignment_06.ipynb": "",
    "group_1_assignment_06.ipynb": "group_1",
    "group_2_assignment_06.ipynb": "group_2",
    "twice/assignment_06.ipynb": "",
    "twice/late/twice_assignment_06.ipynb": "",
    "Grace Hopper_19_assignsubmission_file_/hw_06_2026/assignment_06.ipynb": "Grace Hopper",
    "mlops_2026_11_ada/assignment_06.ipynb": "mlops_2026_11_ada",
    "mlops_2026_11_max/assignment_06.ipynb": "mlops_2026_11_max",
    "Max [extern]/assignment_06.ipynb": "Max (extern)",
    "shout_assignment_06.IPYNB": "shout",
    "texts_assignment_06.ipynb.txt": "texts",  # as browsers and systems save it
    "notepad_assignment_06.ipynb": "notepad",  # which adds a byte-order mark
    "shell_assignment_06.ipynb": "shell",  # PowerShell writes two bytes for each character
    "renamed/homework.ipynb": "",
    "other/assignment_05.ipynb": "",
}
ZIPPED = {  # the same, where a student has packed the notebook, as a Mac and others call that
    "Mac User_20_assignsubmission_file_/assignment_06.ipynb.zip": "Mac User",
    "mac/assignment_06.ipynb.zip": "mac",
    "emmy_assignment_06.zip": "emmy",
    "fei_LATE_2204_230001_answers.zip": "fei",
}


def notebook_of(name: str) -> bytes:
    """Return an empty notebook that knows its own name."""
    content = nbformat.writes(nbformat.v4.new_notebook(metadata={"name": name}))
    encodings = {"notepad": "utf-8-sig", "shell": "utf-16"}
    return content.encode(encodings.get(name.partition("_")[0], "utf-8"))


def zipped(name: str, content: bytes) -> bytes:
    """Return a zip with a file in it."""
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return made.getvalue()


@pytest.mark.needs_group("grading")
def test_a_platform_s_zip_is_collected_and_who_cannot_be_told_is_named(tmp_path):
    """Each file becomes its student's, whatever the name; two of one student, a broken zip and others are named."""
    folder = tmp_path / ".marks"  # hidden, as an instructor's folder may be
    _, (collect, *_) = made(folder, "06")
    archive = folder / "downloaded" / "06" / "archive"
    with zipfile.ZipFile(archive / "class.zip", "w") as packed:
        for name in HANDED_IN:
            packed.writestr(name, notebook_of(name))
        for name in ZIPPED:
            packed.writestr(name, zipped("assignment_06.ipynb", notebook_of(name)))
        packed.writestr("zipped/work.zip", "this is no zip")
        packed.writestr("rar_assignment_06.rar", "no program of ours unpacks this")
        packed.writestr("cut_assignment_06.ipynb", notebook_of("cut")[:-9])
        packed.writestr("page_assignment_06.ipynb", "<html>Please log in</html>")
        packed.writestr("deep_assignment_06.ipynb", '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}")
        packed.writestr("odd_assignment_06.ipynb", '{"cells": [7], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
        packed.writestr("half_assignment_06.ipynb", notebook_of("x").replace(b'"x"', b'"\\ud800"'))
        packed.writestr("__MACOSX/zipped/._work.zip", "nor is this")
    (archive / "assignment_06.ipynb").write_bytes(notebook_of("whose?"))
    done = subprocess.run(collect, cwd=folder, env=outside({}), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    files = folder.glob("submitted/*/06/assignment_06.ipynb")
    collected = {json.loads(path.read_text())["metadata"]["name"]: path.parts[-3] for path in files}
    assert collected == {name: student for name, student in {**HANDED_IN, **ZIPPED}.items() if student}
    assert len(collected) == len([*folder.glob("submitted/*")])
    left_out = dict(re.findall(r"ERROR\] (.+) is left out, as (.+)", done.stderr))
    assert sorted(left_out) == sorted(
        [*(f"class/{name}" for name in ("other/assignment_05.ipynb", "renamed/homework.ipynb", "zipped/work.zip"))]
        + [f"class/{name}" for name in ("rar_assignment_06.rar", "cut_assignment_06.ipynb", "page_assignment_06.ipynb")]
        + [f"class/{name}_assignment_06.ipynb" for name in ("deep", "odd", "half")]
        + ["assignment_06.ipynb", "twice"]
    )
    assert "class/twice/assignment_06.ipynb, class/twice/late/twice_assignment_06.ipynb. Keep one" in left_out["twice"]


LAYOUTS = {  # what is collected together, and whose each file is
    "a classmate's name inside": {
        "evesmith_11_2222_work/bobjones_2_assignsubmission_file_/assignment_06.ipynb": "evesmith",
        "11-12 - Eve Smith - Jan 30, 2026 1100 AM/bob_2_assignsubmission_file_/assignment_06.ipynb": "Eve Smith",
        "hw_eve2_attempt_2026-01-30-15-00-00_work/bob_2_assignsubmission_file_/assignment_06.ipynb": "eve2",
        "bobjones_12_2223_assignment_06.ipynb": "bobjones",
    },
    "a class's zip that is called as by a platform": {
        "hw_06_2026/Ada_1_assignsubmission_file_/assignment_06.ipynb": "Ada",
        "hw_06_2026/Max_2_assignsubmission_file_/assignment_06.ipynb": "Max",
    },
    "copies": {
        "class/anna/Copy of assignment_06.ipynb": "anna",
        "class/ben/Kopie von assignment_06.ipynb": "ben",
        "class/cleo/Copia de assignment_06.ipynb": "cleo",
        "class/bob/final_assignment_06.ipynb": "bob",
        "class/dora/mine/assignment_06.ipynb": "dora",
        "class/emil_assignment_06.ipynb": "emil",
        "class/Copy of assignment_06.ipynb": "",
    },
    "numbers": {"2204731/assignment_06.ipynb": "2204731", "hw_06_2026_ada/assignment_06.ipynb": "hw_06_2026_ada"},
    "Teams": {
        "Submitted files/Anna Meier/Assignment 6/Version 1/assignment_06.ipynb": "",  # twice: she is named
        "Submitted files/Anna Meier/Assignment 6/Version 2/assignment_06.ipynb": "",
        "Submitted files/Ben Roth/Assignment 6/Version 1/assignment_06.ipynb": "Ben Roth",
        "Submitted files/Cleo Sand/Assignment 6/Version 1/assignment_06.ipynb": "Cleo Sand",
    },
    "Sakai": {
        "Assignment 6/Meier, Anna(ameier)/Submission attachment(s)/assignment_06.ipynb": "Meier, Anna(ameier)",
        "Assignment 6/Roth, Ben(broth)/Submission attachment(s)/assignment_06.ipynb": "Roth, Ben(broth)",
    },
    "letters that a Mac composes": {
        "Zoe\N{COMBINING DIAERESIS}_assignment_06.ipynb": "Zoë",
        "Jose\N{COMBINING ACUTE ACCENT}_1_assignsubmission_file_/assignment_06.ipynb": "José",
    },
    "formulas of a spreadsheet": {
        "=1+1_assignment_06.ipynb": "'=1+1",
        "@SUM(A1)/assignment_06.ipynb": "'@SUM(A1)",
        "-2_3_assignsubmission_file_/assignment_06.ipynb": "'-2",
        "+49 30 1_77_78_assignment_06.ipynb": "'+49 30 1",
        "a=b/assignment_06.ipynb": "a=b",
    },
    "one alone": {"Abgaben/Assignment 6/Version 1/assignment_06.ipynb": "Abgaben"},
    "parts of a class": {
        "monday/anna_assignment_06.ipynb": "anna",
        "monday/ben_assignment_06.ipynb": "ben",
        "friday/cleo/assignment_06.ipynb": "cleo",
        "friday/dora/assignment_06.ipynb": "dora",
    },
}


def whose(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return whose each file is of those that were handed in, as told to those who collect them, or in the log."""
    from nbgrader.apps import ZipCollectApp
    from nbgrader.coursedir import CourseDirectory

    from helpers.instructor import collection

    place = folder / "downloaded" / "06" / "extracted"
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(notebook_of(name))
    app = ZipCollectApp(coursedir=CourseDirectory(root=str(folder), assignment_id="06"))
    (collector := collection.Collector(parent=app)).log = logging.getLogger("collect")
    found = {name: collector.collect(str(place / name)) for name in names}
    return {name: told["student_id"] if told else "" for name, told in found.items()}


@pytest.mark.needs_group("grading")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_whose_a_file_is_tells_the_outermost_name_of_a_platform_or_a_student(layout, tmp_path):
    """No folder within a student's counts, none that the class shares, and no word such as version or copy."""
    assert whose(tmp_path, LAYOUTS[layout]) == LAYOUTS[layout]


@pytest.mark.needs_group("grading")
def test_nothing_that_was_handed_in_is_written_over_other_work(tmp_path):
    """A folder beside its own zip, a zip beside a tar, a name that is there twice, and two endings: each is kept."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    (archive / "hw").mkdir()
    (archive / "hw" / "a.ipynb").write_text("newer")
    with zipfile.ZipFile(archive / "hw.zip", "w") as packed:
        packed.writestr("a.ipynb", "older")
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("a.ipynb", "twice")
    (tmp_path / "a.ipynb").write_text("in the tar")
    with tarfile.open(archive / "hw.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "a.ipynb", "a.ipynb")
    (archive / "b.ipynb").write_text("whole")
    (archive / "b.ipynb.txt").write_text("with another ending")
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    files = [path for path in (tmp_path / "extracted").rglob("*") if path.is_file()]
    assert all(path.suffix == ".ipynb" for path in files)
    assert sorted(path.read_text() for path in files) == [
        "in the tar", "newer", "older", "twice", "whole", "with another ending"
    ]  # fmt: skip


@pytest.mark.needs_group("grading")
def test_names_that_a_mac_wrote_are_read(tmp_path):
    """It writes UTF-8 and does not say so; a name of a system that writes otherwise stays as it is read."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    with zipfile.ZipFile(archive / "class.zip", "w") as packed:
        for name in ("Jx_1/a.ipynb", "Jy_2/a.ipynb"):
            packed.writestr(name, "work")
    content = (archive / "class.zip").read_bytes().replace(b"Jx_1", "Jé1".encode()).replace(b"Jy_2", b"J\x82_2")
    (archive / "class.zip").write_bytes(content)
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    assert sorted(path.name for path in (tmp_path / "extracted" / "class").iterdir()) == ["Jé1", "Jé_2"]


@pytest.mark.needs_group("grading")
def test_names_that_a_terminal_obeys_or_nobody_can_write_are_read(tmp_path):
    """Escapes, text from right to left and bytes of another encoding become spaces, in names and in the log."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    names = ["a\x1b[2J\n/a.ipynb", "b\x9b2J/a.ipynb", "c\u202eyb/a.ipynb", "dé/a.ipynb"]
    with tarfile.open(archive / "class.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as latin:
        latin.addfile(tarfile.TarInfo("Jürgen/a.ipynb"))
    with zipfile.ZipFile(archive / "class.zip", "w") as packed:
        for name in names:
            packed.writestr(name, "work")
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    folders = {path.parent.name for path in (tmp_path / "extracted").rglob("*.ipynb")}
    assert folders == {"a [2J ", "b 2J", "c yb", "dé", "J rgen"}
    assert whose(tmp_path, ["e\x9b2J_assignment_06.ipynb"]) == {"e\x9b2J_assignment_06.ipynb": "e 2J"}


@pytest.mark.needs_group("grading")
def test_links_and_zips_that_would_fill_the_disk_are_left_out(tmp_path, caplog, monkeypatch):
    """A link leads to files of the grader's, or nowhere; a small zip may hold terabytes. The others go on."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    (archive / "whole_assignment_06.ipynb").touch()
    if os.name == "posix":
        (archive / "lost_assignment_06.ipynb").symlink_to("nowhere")
        (archive / "loop").symlink_to(archive)
    with zipfile.ZipFile(archive / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(10**6))
    (tmp_path / "zeros").write_bytes(bytes(10**6))
    with tarfile.open(archive / "other.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "zeros", "zeros")
    free = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    left = [path.name for path in (tmp_path / "extracted").rglob("*.*") if path.is_file()]
    assert left == ["whole_assignment_06.ipynb"]
    named = sorted(record.args[0].name for record in caplog.records)
    links = ["loop", "lost_assignment_06.ipynb"] * (os.name == "posix")
    assert named == ["bomb.zip", *links, "other.tar.gz"]


@pytest.mark.needs_group("grading")
def test_one_bad_entry_of_a_zip_costs_nobody_else_anything(tmp_path, caplog):
    """What is damaged, would lie elsewhere or has an impossible name is named; those before and after it are there."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    names = ["ada/a.ipynb", "ben/a.ipynb", r"cyd\a.ipynb", f"{'d' * 300}/a.ipynb", "../../e.ipynb", "fay/a.ipynb"]
    with zipfile.ZipFile(archive / "class.zip", "w") as packed:
        for name in names:
            packed.writestr(name, f"work of {name}")
    whole = (archive / "class.zip").read_bytes()
    whole = whole.replace(b"work of ben", b"work of BEN")
    (archive / "class.zip").write_bytes(whole)
    with tarfile.open(archive / "others.tar", "w") as packed:
        for name in (str(tmp_path / "f.ipynb"), "../../../g.ipynb", "gil/a.ipynb"):
            packed.addfile(tarfile.TarInfo(name))
    (tmp_path / "f.ipynb").write_text("the grader's own")
    (mine := tmp_path / "e.ipynb").write_text("the grader's own")
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    assert mine.read_text() == (tmp_path / "f.ipynb").read_text() == "the grader's own"
    place = tmp_path / "extracted" / "class"
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert files == {"ada/a.ipynb", "cyd/a.ipynb", "fay/a.ipynb"}
    told = [record.getMessage() for record in caplog.records]
    assert [path.name for path in (tmp_path / "extracted" / "others").iterdir()] == ["gil"]
    named = sorted(found[1] for words in told if (found := re.search(r"^'(\S{3})\S*' of class is left out", words)))
    assert len(told) == len(named) + 2
    assert named == ["../", "ben", "ddd"]


@pytest.mark.needs_group("grading")
@pytest.mark.parametrize("name", ["", ".", "./.", "ada"])
@pytest.mark.parametrize("packed", ["zip", "tar"])
def test_a_file_never_takes_the_place_of_a_folder(name, packed, tmp_path, caplog):
    """One without a name is left out; one that is called as the folder of others gets a number."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    names = [name, "ada/a.ipynb", "ben/a.ipynb"]
    if packed == "zip":
        with zipfile.ZipFile(archive / "class.zip", "w") as file:
            for one in names:
                (entry := zipfile.ZipInfo("any")).filename = one
                file.writestr(entry, "work")
    else:
        with tarfile.open(archive / "class.tar", "w") as file:
            for one in names:
                file.addfile(tarfile.TarInfo(one))
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    place = tmp_path / "extracted" / "class"
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert files == {"ada/a.ipynb", "ben/a.ipynb"} | ({"ada-2"} if name == "ada" else set())
    told = [] if name == "ada" else [f"{name!r} of class is left out (it has no name): ask for it again."]
    assert caplog.messages == told


@pytest.mark.needs_group("grading")
@pytest.mark.parametrize("name", ["1-2 - .. - x", "1-2 - . - x", "1-2 - \x07 - x", "06_.._attempt_2026-01-02"])
def test_a_name_that_is_a_folder_above_is_nobodys(name, tmp_path, caplog):
    """Its submission would lie outside of those that are graded, and no mark would tell so."""
    assert whose(tmp_path, [f"{name}/assignment_06.ipynb"]) == {f"{name}/assignment_06.ipynb": ""}
    assert "is left out, as nothing says whose it is" in caplog.text


@pytest.mark.needs_group("grading")
def test_folders_in_folders_without_an_end_cost_nobody_else_anything(tmp_path, caplog):
    """Python cannot walk through a thousand folders, which a zip makes step by step: only a few are taken."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    with zipfile.ZipFile(archive / "bob.zip", "w") as packed:
        for depth in range(10, 1_500, 200):
            packed.writestr(f"{'a/' * depth}b_assignment_06.ipynb", "deep")
    (archive / "anna_assignment_06.ipynb").touch()
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    assert len([*(tmp_path / "extracted").rglob("*.ipynb")]) == 2
    assert all("it lies in more than 30 folders" in record.getMessage() for record in caplog.records)
    assert len(caplog.records) == 7


@pytest.mark.needs_group("grading")
def test_a_notebook_that_would_fill_the_memory_is_left_out(tmp_path, caplog, monkeypatch):
    """A small zip can hold gigabytes of zeros, which nobody reads; the others go on."""
    from helpers.instructor import collection

    names = ["al_assignment_06.ipynb", "bob_assignment_06.ipynb"]
    monkeypatch.setattr(collection, "_LARGEST", len(notebook_of(names[0])))  # the other has one letter more
    assert whose(tmp_path, names) == {names[0]: "al", names[1]: ""}
    assert caplog.messages == [f"{names[1]} is left out, as it has 0 MB: ask for it again, with its outputs cleared."]


@pytest.mark.needs_group("grading")
def test_a_zip_with_a_password_is_named_once(tmp_path, caplog):
    """However many files it holds."""
    from helpers.instructor import collection

    (archive := tmp_path / "archive").mkdir()
    with zipfile.ZipFile(archive / "ada.zip", "w") as packed:
        for number in range(9):
            packed.writestr(f"{number}.ipynb", "work")
    content = (archive / "ada.zip").read_bytes()
    for start in (b"PK\3\4\x14\0", b"PK\1\2\x14\3\x14\0"):  # of each entry: its flags follow
        content = content.replace(start + b"\0", start + b"\1")
    (archive / "ada.zip").write_bytes(content)
    (unpack := collection.Unpack()).log = logging.getLogger("unpack")
    unpack.extract(str(archive), str(tmp_path / "extracted"))
    words = "ada.zip is left out, as it cannot be unpacked (it has a password): ask for it again."
    assert [record.getMessage() for record in caplog.records] == [words]


UNPACK = """
import logging, sys
from helpers.instructor import collection
logging.basicConfig(format="%(message)s")
(unpack := collection.Unpack()).log = logging.getLogger()
unpack.extract("archive", "extracted")
"""


@pytest.mark.needs_group("grading")
def test_what_unpacks_without_an_end_is_left_out(tmp_path):
    """A tar whose links lead in a circle gives its files; one that writes elsewhere and zips in zips are left out."""
    (archive := tmp_path / "archive").mkdir()
    (archive / "whole_assignment_06.ipynb").touch()
    for name, file in {"circle.tgz": "c/assignment_06.ipynb", "outside.tar.gz": "../../../elsewhere.txt"}.items():
        with tarfile.open(archive / name, "w:gz") as packed:
            for link, target in {"here": "here", "one": "other", "other": "one", "out": str(tmp_path)}.items():
                (entry := tarfile.TarInfo(link)).type, entry.linkname = tarfile.SYMTYPE, target
                packed.addfile(entry)
            packed.addfile(tarfile.TarInfo(file))
    content = b""
    for _ in range(1100):
        content = zipped("z.zip", content)
    (archive / "nested.zip").write_bytes(content)
    settings = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", UNPACK], timeout=60, check=True, **settings)
    left = sorted(path.name for path in (tmp_path / "extracted").rglob("*.*") if path.is_file())
    assert left == ["assignment_06.ipynb", "whole_assignment_06.ipynb"]
    assert sorted(re.findall(r"(\w+)\S* is left out", done.stderr)) == ["nested", "outside"]
    assert not (tmp_path / "elsewhere.txt").exists()


def feedback(folder: Path, student: str) -> str:
    """Return the page that tells a student what came of a submission."""
    return (folder / "feedback" / student / "06" / "assignment_06.html").read_text(encoding="utf-8")


@pytest.mark.needs_group("grading")
@pytest.mark.in_turn("02")
def test_another_notebook_is_graded_too(tmp_path):
    """Notebook 01, one exercise and all of it right, by an instructor with another course in nbgrader."""
    released, commands = made(tmp_path / "marks", "01")
    (other := tmp_path / "other").mkdir()
    settings = f"get_config().CourseDirectory.update(root={str(other)!r}, db_url='sqlite:///{other.as_posix()}/book')"
    (other / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    variables = {**FOREIGN, "PYTHONOPTIMIZE": "2", "JUPYTER_CONFIG_DIR": str(other)}
    one, two, *others = blanks("01")
    answers = {"right": {exercise: right(exercise) for exercise in blanks("01")}}
    answers["mixed"] = {two: right(two), **{exercise: wrong(exercise) for exercise in (one, *others)}}
    submissions = {student: answered(released, given) for student, given in answers.items()}
    assert graded(tmp_path / "marks", "01", commands, submissions, **variables) == {
        "right": [1, 2, 1, 1],
        "mixed": [0, 2, 0, 0],
    }
    assert {path.name for path in other.iterdir()} <= {"nbgrader_config.py", "__pycache__", "migrated"}


@pytest.mark.needs_group("grading")
@pytest.mark.parametrize("number", [number for number in NUMBERS if blanks(number)])
def test_students_get_the_course_s_own_cells(number):
    """Below the instructions each cell is the notebook's own: no solution, and nothing of the grader's."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

    from helpers.instructor import assignment

    notebook = assignment.mark_cells(number, {})
    solved = "\n".join(cell.source for cell in notebook.cells)
    for step in (ClearSolutions(code_stub={"python": ""}), ClearHiddenTests()):
        notebook, _ = step.preprocess(notebook, {})
    for exercise in blanks(number):
        assert right(exercise).rstrip() in solved
    ours = notebooks.read(number).cells
    assert [cell.source.rstrip() for cell in notebook.cells[1:]] == [cell.source.rstrip() for cell in ours]


@pytest.fixture
def worked_in(tmp_path, monkeypatch):
    """Return the original of notebook 06, in whose place there is one that the instructor has worked in."""
    original = notebooks.read("06")
    monkeypatch.setattr(notebooks, "NOTEBOOKS", shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks"))
    worked = notebooks.read("06")
    worked.cells[blanks_of(worked)[1]].source = "mine = 'secret'"
    worked.cells.insert(blanks_of(worked)[0] + 1, nbformat.v4.new_code_cell("'secret'"))
    nbformat.write(worked, notebooks.find_path("06"))
    return original


@pytest.mark.needs_group("grading")
def test_what_an_instructor_wrote_in_the_notebook_is_not_handed_out(worked_in, tmp_path, monkeypatch, capsys):
    """Answers and cells of one's own would reach the class: the original is taken where it is at hand, and said."""
    from helpers.instructor import assignment
    from helpers.setup import course_files

    name = f"notebooks/{notebooks.find_path('06').name}"
    monkeypatch.setattr(course_files, "originals", lambda was: {name: nbformat.writes(worked_in).encode()})
    assignment.make("06", tmp_path / "marks", {})
    assert f"{name} has answers to 6.2: the assignment is made from the original; to" in capsys.readouterr().out
    released = nbformat.read(tmp_path / "marks" / "release" / "06" / "assignment_06.ipynb", 4)
    assert [cell.source.rstrip() for cell in released.cells[1:]] == [cell.source.rstrip() for cell in worked_in.cells]
    marked = nbformat.read(tmp_path / "marks" / "source" / "06" / "assignment_06.ipynb", 4).cells
    asked = assignment.mark_cells("06", {}).cells  # by which an assignment of another edition is told
    assert [cell.source for cell in marked] == [cell.source for cell in asked]


@pytest.mark.needs_group("grading")
def test_without_the_original_a_notebook_that_was_worked_in_is_no_assignment(worked_in, tmp_path, monkeypatch):
    """The exercise and the command that gives back the original are named, and nothing is made."""
    from helpers.instructor import assignment
    from helpers.setup import course_files

    monkeypatch.setattr(course_files, "is_clone", lambda: False)
    monkeypatch.setattr(course_files, "ORIGINALS", tmp_path / "none.zip")
    with pytest.raises(course_files.SetupError, match=r"has answers to 6\.2, which students .*helpers restore 06`"):
        assignment.make("06", tmp_path / "marks", {})
    assert not (tmp_path / "marks").exists()


@pytest.mark.needs_group("grading")
def test_an_assignment_of_another_edition_is_not_graded_wrong(tmp_path):
    """After an update that renumbers, nobody gets marks of other exercises, nor those of nbgrader without our steps."""
    folder = tmp_path / "marks"
    released, (_, grade, *_) = made(folder, "07")
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as book, book:  # its number was another one then
        book.execute("update assignment set name = '06'")
        book.execute("update notebook set name = 'assignment_06'")
    (submitted := folder / "submitted" / "ada" / "06").mkdir(parents=True)
    shutil.copy(released, submitted / "assignment_06.ipynb")
    (folder / "source" / "07").rename(folder / "source" / "06")
    done = subprocess.run([*grade[:-1], "06"], cwd=folder, env=outside({}), capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "Assignment 06 was made with another edition of the course" in done.stderr
    config = folder / "nbgrader_config.py"
    for of_then in ("from helpers.grading import steps\n", config.read_text().replace("nbgrader_steps", "of_then")):
        config.write_text(of_then)
        done = subprocess.run(grade, cwd=folder, env=outside({}), capture_output=True, text=True, timeout=300)
        assert done.returncode == 1 and "`python -m helpers assignment`" in done.stderr
    config.write_text("from helpers.grading import steps\n")
    made(folder, "01")
    assert "CourseDirectory.root" in config.read_text()
    assert config.with_suffix(".before").read_text() == "from helpers.grading import steps\n"


@pytest.mark.needs_group("grading")
def test_what_is_in_a_folder_stays(tmp_path):
    """An assignment that is there, and a folder of something else or an odd name, are left alone, with the remedy."""
    for name, file in {"marks": "nbgrader_config.py", "thesis": "chapter"}.items():
        (tmp_path / name / "source" / "06").mkdir(parents=True)
        (tmp_path / name / file).touch()
    there = call(ROOT, "assignment", "06", "--to", str(tmp_path / "marks"), **WORKSPACE)
    assert there.returncode == 1 and "has an assignment 06, and it stays as it is" in there.stderr
    other = call(ROOT, "assignment", "07", "--to", str(tmp_path / "thesis"), **WORKSPACE)
    assert other.returncode == 1 and "holds something else" in other.stderr
    odd = call(ROOT, "assignment", "07", "--to", str(tmp_path / "[2026] marks"), **WORKSPACE)
    assert odd.returncode == 1 and "its path has one of [ * ?" in odd.stderr
    assert {path.name for path in tmp_path.glob("*/*")} == {"nbgrader_config.py", "chapter", "source"}
    assert not list(tmp_path.glob("*/source/07/*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["00"], "no notebook '00' has exercises: choose one of 01, 02"),
        (["5"], "no notebook '5' has exercises"),
        (["06", "--points", "6.9=2"], "there is no exercise '6.9'"),
        (["06", "--points", "6.1=half"], "'half' are no points"),
        (["06", "--points", "6.1=²"], "'²' are no points"),
    ],
)
def test_what_is_no_assignment_is_told_so(arguments, said):
    """A notebook without exercises and points that are none end with the rule, and nothing is made."""
    done = call(ROOT, "assignment", *arguments, **WORKSPACE)
    assert done.returncode == 2 and said in done.stderr


@pytest.mark.needs_group("grading")
def test_points_of_another_notebook_are_told(tmp_path):
    """Else the marks would be others than was asked for."""
    done = call(ROOT, "assignment", "06", "--to", str(tmp_path / "a"), "--points", "2.1=3", **WORKSPACE)
    assert done.returncode == 1 and "names exercise 2.1, which is in none of these notebooks" in done.stderr
    assert not (tmp_path / "a").exists()


def run(*sources: str, timeout: int = 120, iopub_timeout: int = 30) -> list[nbformat.NotebookNode]:
    """Return the cells of a tiny submission after our step of grading; those that name an exercise are checks."""
    from helpers.instructor import assignment, nbgrader_steps

    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        if found := re.search(r"Exercise (\d)\.(\d)", cell.source):
            cell.metadata["nbgrader"] = assignment.describe_cell(f"check-{found[1]}-{found[2]}", grade=True, points=1)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": notebooks.KERNEL})
    step = nbgrader_steps.Submission(timeout=timeout, iopub_timeout=iopub_timeout, raise_on_iopub_timeout=False)
    return step.preprocess(notebook, {"nbgrader": {"assignment": "00"}})[0].cells


def marks(cells: list[nbformat.NotebookNode]) -> list[float]:
    """Return nbgrader's marks for the checks among some cells."""
    from nbgrader.utils import determine_grade, is_grade

    return [determine_grade(cell)[0] for cell in cells if is_grade(cell)]


@pytest.mark.needs_group("grading")
def test_a_mark_needs_a_check_that_said_correct():
    """Silence, an error after it and a check after the kernel's end give none; a warning on stderr costs none."""
    warned = "import sys; print('Exercise 1.1: correct.'); print('careful', file=sys.stderr)"
    cells = run(warned, "pass  # Exercise 1.2", "print('Exercise 1.3: correct.'); 1 / 0")
    assert marks(cells) == [1, 0, 0]


@pytest.mark.needs_group("grading")
def test_checks_that_a_submission_changed_in_memory_are_read_anew():
    """Whatever it redefines, the course's own check looks at the answer."""
    from helpers.instructor import assignment

    check = assignment.CHECK.format(check='exercises.check("6.3", strict_gate)  # Exercise 6.3')
    assert marks(run(REDEFINED, "strict_gate = lambda low, high, gap: 'yes'", check)) == [0]
    assert marks(run(REDEFINED, right("6.3"), check)) == [1]


@pytest.mark.needs_group("grading")
def test_of_what_is_printed_without_an_end_the_beginning_is_kept():
    """Five million characters leave two, and a check gives its mark, also after loud answers."""
    much = "for _ in range(500): print('x' * 10_000)"
    long, check, loud = run(much, "print('Exercise 1.1: correct.')", f"{much}\nprint('Exercise 1.2: correct.')")
    assert 1_000_000 < sum(len(output.text) for output in long.outputs) <= 2_000_000
    assert marks([check, loud]) == [1, 1]


@pytest.mark.needs_group("grading")
@pytest.mark.parametrize("what", ["display('x' * 10_000)", "display('x' * 10_000, display_id=True)"])
def test_of_what_is_displayed_without_an_end_the_beginning_is_kept_too(what):
    """The same two million characters; what is displayed again and again in one place stays one output."""
    loud = f"shown = display(0, display_id=True)\nfor _ in range(500): {what}; shown.update('y' * 10_000)"
    long, check = run(loud, "print('Exercise 1.1: correct.')")
    assert 50 < len(long.outputs) < 210
    assert marks([check]) == [1]


@pytest.mark.needs_group("grading")
def test_checks_that_are_put_back_are_no_warning(caplog):
    """They differ for each student, as the line that gives marks is the grader's; changed points are told."""
    from nbgrader.preprocessors import OverwriteCells

    from helpers.instructor import nbgrader_steps

    [kind] = [step for step in nbgrader_steps.SANITIZE if issubclass(step, OverwriteCells)]
    (step := kind()).log = logging.getLogger("overwrite")
    step.report_change("check-6-1", "checksum", "a", "b")
    step.report_change("check-6-1", "points", 1, 2)
    assert [record.args[0] for record in caplog.records] == ["points"]


@pytest.mark.needs_group("grading")
def test_what_heeds_no_interrupt_is_ended():
    """After two cells in a row that took too long the submission ends; its marks up to there stay."""
    stubborn = "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass"
    correct = "print('Exercise 1.{}: correct.')"
    cells = run(correct.format(1), stubborn, correct.format(2), correct.format(3), timeout=8)
    assert marks(cells) == [1, 0, 0]
    assert [output.ename for output in cells[3].outputs] == ["NoMark"]  # and it was not waited for


@pytest.mark.needs_group("grading")
def test_the_workspace_of_submissions_is_made_without_the_variables_of_others(monkeypatch):
    """A company's registry would get the versions that it registers, and its run would be asked for."""
    from helpers.instructor import nbgrader_steps

    code = "import os, sys; os.mkdir(os.environ['WORKBOOK_WORKSPACE']); sys.exit(os.environ.get('MLFLOW_REGISTRY_URI'))"
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **how: run([*command[:-1], code], **how))
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", FOREIGN["MLFLOW_REGISTRY_URI"])
    with nbgrader_steps.make_untouched.__wrapped__("06") as folder:  # made anew: the usual one is kept for others
        assert Path(folder, "untouched").exists()


@pytest.mark.needs_group("grading")
def test_submissions_do_not_meet():
    """What one leaves in its workspace, in IPython's settings or running is gone when the next one starts."""
    from helpers.instructor import nbgrader_steps

    leaves = (
        "import os, pathlib, subprocess, sys\n"
        "home = pathlib.Path(os.environ['WORKBOOK_WORKSPACE'])\n"
        "start = pathlib.Path(os.environ['IPYTHONDIR'], 'profile_default', 'startup', 'a.py')\n"
        "start.parent.mkdir(parents=True, exist_ok=True)\n"
    )
    helps = "start.write_text('helped = True'); (home / 'left').touch()\n"
    stays = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
    says = "print('Exercise 1.1: correct.' if 'helped' in globals() or (home / 'left').exists() else 'alone')"
    assert marks(run(leaves + helps + stays + says)) == [1]
    assert left_running(Path(nbgrader_steps.make_untouched("00").name).resolve() / "workspace") == []
    assert marks(run(leaves + says)) == [0]
