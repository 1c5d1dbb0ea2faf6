"""Exercises that answer: check, hint, where the solution is, and the record of those answered right.

The checks of notebook 02 live in ``helpers/checks/nb02.py``; each looks at a
result, never at code. The record stays in the workspace, on this machine.
"""
import contextlib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from helpers.checks.registry import EXERCISES, Exercise, NotAttempted, NotYet, describe
from helpers.paths import COURSE, NOTEBOOKS, WORKSPACE
from helpers.setup import notebook_cells
from helpers.setup.venv import SetupError

RECORD = WORKSPACE / "exercises.txt"  # a line for each right answer


def find(number: str) -> Exercise:
    """Return an exercise by its number, such as ``"2.1"``; raise ValueError where there is none."""
    number = str(number)
    notebook, _, position = number.partition(".")
    if notebook.isdigit() and position.isdigit():
        module = f"helpers.checks.nb{int(notebook):02d}"
        if find_spec(module):
            import_module(module)
    if number not in EXERCISES:
        raise ValueError(f"there is no exercise {number!r}: its number stands above it, such as '2.1'")
    return EXERCISES[number]


def check(number: str, *answers: object) -> None:
    """Print whether the answers to an exercise are not attempted, not right yet, or correct."""
    verdict, words = judge(number, *answers)
    print(f"Exercise {number}: {verdict}. {words}".rstrip())
    if verdict == "correct":
        _record(number)
    if verdict == "not attempted yet":
        solution = find_solution(number)
        if not Path(solution).is_file():  # the kernel stands elsewhere
            solution = (NOTEBOOKS / solution).as_posix()
        print(f'For a hint: exercises.hint("{number}"). For a solution: %load {solution}')


def judge(number: str, *answers: object) -> tuple[str, str]:
    """Return the verdict on the answers, `correct`, `not yet` or `not attempted yet`, and words that help."""
    asked = find(number)
    blank = [answer is ... for answer in answers]
    if any(blank) and asked.all_blank and not all(blank):
        return "not yet", "One of the answers is still `...`: fill it in too."
    if any(blank):
        return "not attempted yet", ""
    try:
        return "correct", asked.check(*answers)
    except NotAttempted:
        return "not attempted yet", ""
    except NotYet as look_at:
        return "not yet", str(look_at)
    except (Exception, SystemExit) as error:
        return "not yet", (f"The check could not use this answer: {describe(error)}. Compare its form with the "
                           "exercise's text, and run the cells above in their order.")


def hint(number: str) -> None:
    """Print the hint of an exercise."""
    print(f"Hint {number}: {find(number).hint}")


def find_solution(number: str) -> str:
    """Return the path of an exercise's solution, as seen from the notebooks."""
    notebook, _, position = number.partition(".")
    return f"solutions/{int(notebook):02d}_{position}.py"


def _record(number: str) -> None:
    """Note that an exercise was answered right; a workspace that cannot be written to keeps nobody from learning."""
    with contextlib.suppress(OSError):
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        with RECORD.open("a", encoding="utf-8") as file:
            file.write(f"{number}\n")


def read_done() -> set[str]:
    """Return the exercises that were answered right; raise SetupError where the record cannot be read."""
    try:
        written = RECORD.read_text(encoding="utf-8-sig", errors="ignore")  # an editor may have changed the encoding
    except FileNotFoundError:
        return set()
    except OSError as error:
        what = f"{RECORD}, the record of right answers, cannot be read ({error.strerror})"
        raise SetupError(f"{what}: move it elsewhere, and run the checks of your answers again.") from error
    return set(written.replace("\0", "").split())


def list_numbers() -> dict[str, list[str]]:
    """Return the exercises of each notebook that has some, in order, by the notebook's file name."""
    found = {}
    for name in COURSE.values():
        cells = notebook_cells.read(NOTEBOOKS / f"{name}.ipynb")["cells"]
        if asked := [cell["metadata"]["exercise"] for cell in cells if "exercise" in cell["metadata"]]:
            found[name] = [*dict.fromkeys(asked)]  # a student may have split a blank
    return found


def summarise() -> str:
    """Return a line for each notebook, which says what is open in it, and how many exercises are done in all."""
    right, all_of = read_done(), list_numbers()
    lines = []
    for name, asked in all_of.items():
        still = [number for number in asked if number not in right]
        lines.append(f"{name:30} {'open: ' + ', '.join(still) if still else 'all done'}")
    every = [number for asked in all_of.values() for number in asked]
    return "\n".join([*lines, f"{len(right.intersection(every))} of {len(every)} exercises are done."])
