"""The course's files: whether a folder's notebooks are those that it is handed out with."""
import json

import pytest

from helpers.paths import COURSE, ROOT
from helpers.setup import course_files, update
from support.small_course import FIRST, NEW, OLD, Student, cell, lay, notebook, stand_in, written, zipped

NOTED = "helpers/setup/originals.txt"


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """Return a student with files alone, whose edition tells what its notebooks hold."""
    student = stand_in(Student(lay(tmp_path / "cours d'été", {**OLD, NOTED: ""})), monkeypatch)
    course_files.note_cells()
    return student


def test_what_the_notebooks_hold_is_noted():
    """After an edit of a notebook, `python -m helpers store` notes it anew."""
    names = [f"notebooks/{name}.ipynb" for name in COURSE.values()]
    files = {name: (ROOT / name).read_bytes() for name in (*names, NOTED)}
    assert [line.split()[0] for line in files[NOTED].decode().splitlines() if " " in line] == names
    assert not course_files.find_changed(files), "run `python -m helpers store`"


@pytest.mark.skipif(not course_files.is_clone(), reason="this folder came without git")
def test_the_files_of_the_course_are_noted():
    """A folder without git knows by it which files are the course's."""
    noted = {line.split()[0] for line in (ROOT / NOTED).read_text(encoding="utf-8").splitlines()}
    tracked = {name for name in course_files.git("ls-files", "-z").decode().split("\0") if (ROOT / name).is_file()}
    assert noted == tracked, "`git add` what is new, then run `python -m helpers store`"


def test_what_lies_in_the_folder_before_the_first_setup_stays_the_students(offline, tmp_path):
    """An environment of their own, notes and data are no files of the course: an update by a zip removes none."""
    noted = offline.folder / NOTED
    noted.write_text(noted.read_text() + "".join(f"{name}\n" for name in OLD if not name.endswith(".ipynb")))
    own = {"venv/pyvenv.cfg": "mine", ".env": "mine", "data/mine.csv": "1", "helpers/mine.py": "MINE = 1"}
    lay(offline.folder, {**OLD, **own})
    course_files.store_originals()
    assert course_files.originals(None).keys() == {*OLD}
    update.main(zipped(tmp_path / "new.zip", NEW), None)
    assert {name: offline.files()[name].decode() for name in own} == own
    assert f"notebooks/solutions/{FIRST[:2]}_1.py" not in offline.files()


def half(student: Student) -> list[dict]:
    """Return cells with an answer that is half done."""
    return [{**one, "source": "answer = [1, ...]"} if one["id"] == "ask1" else one for one in student.cells(FIRST)]


@pytest.mark.parametrize(
    "change",
    [
        half,
        lambda student: [*student.cells(FIRST), cell("own", "mine = 1")],
        lambda student: student.cells(FIRST)[1:],
        lambda student: [{**one, "source": one["source"] + "  # noted"} for one in student.cells(FIRST)],
    ],
)
def test_a_folder_that_was_worked_in_is_no_original(offline, change):
    """Half an answer, a cell of one's own, one that is gone, and remarks: the zip is asked for instead."""
    offline.save(FIRST, change(offline))
    course_files.store_originals()
    assert not course_files.ORIGINALS.exists()
    with pytest.raises(course_files.SetupError, match="does not hold the course's originals: add --was"):
        course_files.originals(None)


def test_a_folder_in_which_notebooks_only_ran_is_the_original(offline):
    """Outputs, counts, another kernel, an empty cell at the end and Windows line ends are no work."""
    ran = [{**one, "execution_count": 3, "outputs": [{"output_type": "error"}]} for one in offline.cells(FIRST)]
    content = {**notebook(*ran, cell("new", "")), "metadata": {"kernelspec": {"name": "other"}}}
    path = offline.folder / f"notebooks/{FIRST}.ipynb"
    path.write_bytes(written(content).replace("\n", "\r\n").encode())
    course_files.store_originals()
    assert json.loads(course_files.originals(None)[f"notebooks/{FIRST}.ipynb"]) == content


def test_a_zip_that_is_named_is_taken_as_it_is(offline, tmp_path):
    """A teacher who edits a notebook may forget to note that; an earlier edition notes nothing."""
    calm = "notebooks/01_calm.ipynb"
    edited = {**OLD, NOTED: (offline.folder / NOTED).read_text(), calm: written(notebook(cell("a", "b")))}
    files = course_files.originals(zipped(tmp_path / "edited.zip", edited))
    assert course_files.find_changed(files) == [calm]
    assert course_files.find_changed(course_files.of_zip(zipped(tmp_path / "new.zip", NEW))) == []
