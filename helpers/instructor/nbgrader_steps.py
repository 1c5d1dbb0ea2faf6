"""What nbgrader runs on each submission: its own steps, and two of ours.

Each submission runs in a workspace of its own, as the notebook's checkpoint makes it, and nothing
that it started is left running. Only a check that ran to its end and said `correct` gives a mark;
nbgrader alone gives one for every check that shows no error, so for one that never ran.

A submission can do all that whoever grades can do, to other submissions and to the marks as well.
What is here keeps accidents and plain tricks out, not an attack.
"""
import contextlib
import functools
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbgrader
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, OverwriteCells
from nbgrader.utils import is_grade

from helpers import watchdog
from helpers.instructor.assignment import describe_cell, mark_cells
from helpers.paths import COURSE
from helpers.setup import environment
from helpers.setup.venv import SetupError

warnings.filterwarnings("ignore", module=r"nbgrader\.api")  # SQLAlchemy's, on how nbgrader uses it
_MOST_PRINTED = 2_000_000  # characters of a cell that are kept, and as many of what it displays


class _KeepAnswers(NbGraderPreprocessor):
    """Adds an empty cell for each answer's cell that is missing: nbgrader adds a missing check after that.

    Of the parts of a cell that was copied or split, nbgrader keeps the last and empties the metadata of the others,
    on which it fails then, as on a cell that was pasted from another assignment: they become the student's own cells,
    and run in their places.
    """

    def preprocess(self, notebook, resources):
        """Return the notebook with a cell for each answer."""
        names = resources["nbgrader"]
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
        with Gradebook(names["db_url"]) as gradebook:
            released = gradebook.find_notebook(names["notebook"], names["assignment"])
            _require_same_edition(names["assignment"], {cell.name: cell.source for cell in released.source_cells})
            known = {cell.name for cell in released.source_cells}
            asked = {cell.name for cell in released.solution_cells}
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") not in known:
                cell.metadata.pop("nbgrader", None)
        for name in sorted(asked - there):
            notebook.cells.append(new_code_cell(metadata={"nbgrader": describe_cell(name, solution=True)}))
        return notebook, resources


class _Overwrite(OverwriteCells):
    """Puts the course's checks back, without a warning: for each student they differ, by the line that gives marks."""

    def report_change(self, name, attr, old, new):
        """Warn of a change that a student has made."""
        if attr != "checksum":
            super().report_change(name, attr, old, new)


def _require_same_edition(number: str, released: dict[str, str]) -> None:
    """Raise SetupError where an assignment does not ask the checks of this course: then no answer would be right."""
    now = "\n".join(cell.source for cell in mark_cells(number, {}).cells) if number in COURSE else ""
    asked = "\n".join(text for name, text in released.items() if name.startswith("check-")).splitlines()
    calls = {line for line in asked if line.startswith(("exercises.check(", "import importlib, helpers."))}
    if calls - {*now.splitlines()}:  # an instructor may have changed other lines
        raise SetupError(
            f"Assignment {number} was made with another edition of the course, in which its exercises have other "
            "numbers or checks: grade it with that edition, in a folder of its own."
        )


class Submission(Execute):
    """Runs a submission in a workspace of its own, and gives no mark that no check has given."""

    def preprocess(self, notebook, resources, km=None):
        """Return the notebook with its outputs, with an error in each check that did not say `correct`."""
        self.late, self.number = False, resources["nbgrader"]["assignment"]
        self.printed: Counter = Counter()  # characters, by the cell's place and the stream, or "shown"
        try:
            super().preprocess(notebook, resources, km)
        except (CellTimeoutError, DeadKernelError) as error:
            self.log.warning("This submission did not run to its end: %s", str(error).splitlines()[0])
        for cell in filter(is_grade, notebook.cells):
            _judge(cell)
        return notebook, resources

    @contextlib.contextmanager
    def setup_kernel(self, **options) -> Iterator[None]:
        """Start the kernel in a workspace of its own for as long as a block runs."""
        with _open_workspace(self.number) as folder:
            ours = {"WORKBOOK_WORKSPACE": str(folder), "IPYTHONDIR": str(folder / "ipython")}
            env = environment.make_environ() | ours
            with super().setup_kernel(env=env, **options):
                yield

    def process_message(self, msg, cell, cell_index):
        """Take a kernel's message; of what a cell prints or displays only the beginning: loops would fill memory."""
        if msg["msg_type"] in ("display_data", "execute_result"):
            self.printed[cell_index, "shown"] += len(str(msg["content"]))
            if self.printed[cell_index, "shown"] > _MOST_PRINTED:
                return None
        if msg["msg_type"] == "stream":
            said, place = msg["content"], (cell_index, msg["content"]["name"])
            verdict = re.findall(r"^Exercise \d+\.\d+: correct\..*\n?", said["text"], re.MULTILINE)
            room = max(0, _MOST_PRINTED - self.printed[place])
            said["text"] = said["text"] if len(said["text"]) <= room else said["text"][:room] + "".join(verdict[-1:])
            self.printed[place] += len(said["text"])
        return super().process_message(msg, cell, cell_index)

    def on_cell_executed(self, **event):
        """Stop where a second cell in a row takes too long: then the kernel does not heed interrupts."""
        super().on_cell_executed(**event)
        before, self.late = self.late, event["execute_reply"]["content"].get("ename") == self.error_on_timeout["ename"]
        if before and self.late:
            raise CellTimeoutError("a cell ran too long and could not be interrupted.")


def _judge(cell) -> None:
    """Leave a check without an error only where it said `correct`; a warning on stderr costs no mark."""
    number = cell.metadata["nbgrader"]["grade_id"].removeprefix("check-").replace("-", ".")
    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    said = "".join(output.get("text", "") for output in cell.outputs)
    failed = any(output.output_type == "error" for output in cell.outputs)
    if not failed and f"Exercise {number}: correct." not in said:
        words = "The check did not run to its end."
        cell.outputs.append(new_output("error", ename="NoMark", evalue=words, traceback=[words]))


@contextlib.contextmanager
def _open_workspace(number: str) -> Iterator[Path]:
    """Make a workspace as a notebook's checkpoint leaves it, for as long as a block runs, then end what uses it."""
    folder = Path(make_untouched(number).name).resolve() / "workspace"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(folder.with_name("untouched"), folder)
    try:
        yield folder
    finally:
        watchdog.stop(watchdog.find_at_work(folder))


@functools.cache
def make_untouched(number: str) -> tempfile.TemporaryDirectory:
    """Return a folder with an untouched workspace; its copies lie where it was made, as its files name that place."""
    home = tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True)
    folder = Path(home.name).resolve() / "workspace"
    print("Making the workspace from which each submission starts; this is done once.", file=sys.stderr, flush=True)
    code = f"from helpers import checkpoints; checkpoints.begin({number!r})"
    env = environment.make_environ() | {"WORKBOOK_WORKSPACE": str(folder)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    folder.rename(folder.with_name("untouched"))
    return home


def _insert_step(steps: list, ours: type, theirs: type, beside: bool = False) -> list:
    """Return nbgrader's steps with one of ours in place of one of theirs, or before it where it is `beside`."""
    return [new for step in steps for new in ((ours, step)[: 1 + beside] if step is theirs else (step,))]


_THEIRS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
TEMPLATES = [str(Path(__file__).parent / "templates"), str(_THEIRS)]  # of pages of feedback
SANITIZE = _insert_step(Autograde.sanitize_preprocessors.default(), _Overwrite, OverwriteCells)
SANITIZE = _insert_step(SANITIZE, _KeepAnswers, _Overwrite, beside=True)
GRADE = _insert_step(Autograde.autograde_preprocessors.default(), Submission, Execute)
