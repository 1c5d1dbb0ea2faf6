"""An assignment for nbgrader, made from a notebook, its solutions and its checks.

nbgrader grades in a folder of its own: `source` holds what is made here, `_release` what students get,
`submitted` what they hand in, `autograded` what came of it, and `gradebook.db` the marks.
Grading runs the submissions, which are other people's code, with the rights of whoever grades.
"""
import contextlib
import glob
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from helpers import exercises, notebooks, progress
from helpers.paths import SOLUTIONS
from helpers.setup import course_files, groups
from helpers.setup.venv import PYTHON, SetupError

_CONFIG = '''"""nbgrader's settings for this folder, read by each of its commands."""
from pathlib import Path

try:
    from helpers.instructor import collection, nbgrader_steps
    from helpers.paths import format_address
except ImportError as error:  # nbgrader would grade without them, and give a mark for every check without an error
    raise SystemExit(f"{__file__} does not fit this course ({error}): `python -m helpers assignment` makes it anew.")

c = get_config()
c.CourseDirectory.root = str(Path(__file__).parent)  # whatever your settings for another course say
c.CourseDirectory.db_url = format_address(Path(__file__).with_name("gradebook.db"))
c.Execute.timeout = 300  # seconds for a cell
c.Execute.iopub_timeout = 30  # seconds for what a cell has printed to arrive, on a busy machine
c.Execute.raise_on_iopub_timeout = False  # a cell that was interrupted does not end the whole run
c.KernelManager.transport_encryption = "auto"  # a kernel warns where it is not
c.Autograde.sanitize_preprocessors = nbgrader_steps.SANITIZE
c.Autograde.autograde_preprocessors = nbgrader_steps.GRADE
c.OverwriteCells.add_missing_cells = True
c.HTMLExporter.template_name = "offline"  # a student's page of feedback loads nothing from other sites
c.HTMLExporter.template_file = "page.html.j2"
c.HTMLExporter.extra_template_basedirs = nbgrader_steps.TEMPLATES
c.ClearSolutions.code_stub = {"python": ""}
c.ZipCollectApp.extractor_plugin = collection.Unpack
c.ZipCollectApp.collector_plugin = collection.Collector
c.ZipCollectApp.log_level = "WARN"  # who is left out, without a line for each file
'''
_TOP = """**Assignment {number}.** Put this file into the folder `notebooks` of the course. Answer exercises {asked} \
in the blank cells, run all cells, save, and hand in this file. Leave the cells below your answers as they are: they \
give the marks ({points})."""
_ANSWER = "{blank}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
CHECK = """### BEGIN HIDDEN TESTS
import importlib, helpers.instructor.marking
exercises = importlib.reload(helpers.instructor.marking)
### END HIDDEN TESTS
{check}"""
_NEXT = """
For students: {release}
Grading runs what students wrote, with your rights: do it on a machine or in an account meant for that.
Every student has the course's solutions, which are files: a mark does not tell who opened them.

1. Put what comes back, files or a learning platform's zip, into {archive}
2. Go to the folder:   cd {folder}
3. Collect:            {nbgrader} zip_collect {number}
4. Grade:              {nbgrader} autograde {number}
5. Marks, grades.csv:  {nbgrader} export
6. Feedback, a page for each student in {feedback}: {nbgrader} generate_feedback {number}
"""


def make(number: str, folder: Path, points: dict[str, float]) -> None:
    """Make an assignment from a notebook in nbgrader's folder, and print what to do next."""
    source = folder / "source" / number
    _tell_own_cells(number)
    _prepare(folder)
    if source.exists():
        raise SetupError(
            f"{folder} has an assignment {number}, and it stays as it is: name another folder with --to, "
            f"or remove {Path('source', number)} in it to make the assignment anew."
        )
    source.mkdir(parents=True)
    nbformat.write(mark_cells(number, points), source / f"assignment_{number}.ipynb")
    try:
        _release(number, folder)
    except BaseException:
        shutil.rmtree(source)
        raise
    (folder / "downloaded" / number / "archive").mkdir(parents=True, exist_ok=True)
    print(_describe_next_steps(number, folder))


def _prepare(folder: Path) -> None:
    """Make nbgrader's folder and its settings, anew where they are an earlier edition's; the others stay.

    Raise SetupError where the folder holds something else.
    """
    if glob.has_magic(str(folder)):
        raise SetupError(f"nbgrader finds nothing in {folder}, as its path has one of [ * ?: name another with --to.")
    config = folder / "nbgrader_config.py"
    if folder.is_file() or (folder.exists() and any(folder.iterdir()) and not config.exists()):
        raise SetupError(f"{folder} holds something else: name a folder that is new, empty or nbgrader's with --to.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{folder} cannot be made ({error.strerror}): name another folder with --to.") from error
    told = config.read_text(encoding="utf-8") if config.exists() else ""
    if "from helpers." in told and "CourseDirectory.root" not in told:
        print(f"{config} was an earlier edition's: it is {config.replace(config.with_suffix('.before')).name} now.")
    if not config.exists():
        config.write_text(_CONFIG, encoding="utf-8")


def _read_original(number: str) -> nbformat.NotebookNode | None:
    """Return a notebook without what the instructor wrote in it, or nothing where no original is at hand."""
    path = notebooks.find_path(number)
    name = f"notebooks/{path.name}"
    if course_files.is_original(name, path.read_bytes()):
        return notebooks.read(number)
    with contextlib.suppress(SetupError):  # no originals are stored
        course = course_files.originals(None).get(name, b"")
        if course_files.is_original(name, course):
            return nbformat.reads(course.decode("utf-8-sig"), as_version=4)
    return None


def _tell_own_cells(number: str) -> None:
    """Say that what the instructor wrote in a notebook is left out; raise SetupError where it would be handed out."""
    path = notebooks.find_path(number)
    name, mine = f"notebooks/{path.name}", path.read_bytes()
    if course_files.is_original(name, mine):
        return
    answered = ", ".join(course_files.list_answered(mine))
    what = f"{name} has " + (f"answers to {answered}" if answered else "cells that are not the course's")
    own = "to hand out cells of your own, empty the blanks and run `python -m helpers store`, then make it anew."
    if not _read_original(number):
        restored = f"`python -m helpers restore {number}` gives back the original and keeps yours beside it"
        raise SetupError(f"{what}, which students would get: {restored}; {own}")
    print(f"{what}: the assignment is made from the original; {own}")


def mark_cells(number: str, points: dict[str, float]) -> nbformat.NotebookNode:
    """Return a notebook as nbgrader wants it: solutions in the blanks, and checks that give points."""
    notebook, given = _read_original(number) or notebooks.read(number), {}
    for answer, below in zip(notebook.cells, notebook.cells[1:]):
        if exercise := answer.metadata.get("exercise"):
            name, given[exercise] = exercise.replace(".", "-"), points.get(exercise, 1)
            solution = (SOLUTIONS.parent / exercises.find_solution(exercise)).read_text(encoding="utf-8").rstrip()
            answer.source = _ANSWER.format(blank=answer.source, solution=solution)
            answer.metadata["nbgrader"] = describe_cell(f"exercise-{name}", solution=True)
            below.source = CHECK.format(check=below.source)
            below.metadata["nbgrader"] = describe_cell(f"check-{name}", grade=True, locked=True, points=given[exercise])
    shown = ", ".join(f"{exercise}: {number:g}" for exercise, number in given.items())
    top = _TOP.format(number=number, asked=", ".join(given), points=shown)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(top))
    return notebook


def describe_cell(name: str, **more: object) -> dict[str, object]:
    """Return what nbgrader wants to know of a cell."""
    flags = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    return {"schema_version": 3, "cell_type": "code", "grade_id": name, **flags, **more}


def _release(number: str, folder: Path) -> None:
    """Have nbgrader make the students' version, without solutions, and write the assignment into its gradebook."""
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", number, "--create", "--force"]
    with progress.ticking(f"nbgrader makes assignment {number}"):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode:
        raise SetupError(f"nbgrader did not make the assignment:\n{done.stderr[-2000:]}")


def _describe_next_steps(number: str, folder: Path) -> str:
    """Return what an instructor does next, command by command."""
    archive, feedback = folder / "downloaded" / number / "archive", Path("feedback", "NAME", number)
    words = _NEXT.format(
        release=folder / "release" / number / f"assignment_{number}.ipynb",
        archive=archive,
        feedback=feedback,
        folder=_quote(folder),
        nbgrader=f"{_quote(PYTHON)} -m nbgrader",
        number=number,
    )
    group = groups.NEEDED_BY.get(number)
    return f"{words}\nGrading it needs `{groups.command(group)}`." if group else words


def _quote(path: Path) -> str:
    """Return a path as one types it."""
    return f'"{path}"' if " " in str(path) else str(path)
