"""Exercises that answer: check, hint, and where the solution is.

The checks of notebook 02 live in ``helpers/checks/nb02.py``; each looks at a
result, never at code.
"""
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from helpers import record


class NotAttempted(Exception):
    """The blank is still blank."""


class NotYet(Exception):
    """The answer is not right yet; the message says what to look at."""


@dataclass(frozen=True)
class Exercise:
    """A check and a hint."""

    check: Callable[..., str]
    hint: str


EXERCISES: dict[str, Exercise] = {}


def exercise(number: str, hint: str) -> Callable:
    """Register a function as the check of exercise `number`.

    The function takes the reader's answers, raises `NotYet` with what to look at, and
    returns a sentence on what a correct answer shows.
    """

    def register(check: Callable[..., str]) -> Callable[..., str]:
        EXERCISES[number] = Exercise(check, hint)
        return check

    return register


def find(number: str) -> Exercise:
    """Return an exercise by its number, such as ``"2.1"``."""
    notebook, _, position = str(number).partition(".")
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
        record.note(number)
    if verdict == "not attempted yet":
        print(f'For a hint: exercises.hint("{number}"). For a solution: %load {solution(number)}')


def judge(number: str, *answers: object) -> tuple[str, str]:
    """Return the verdict on the answers, `correct`, `not yet` or `not attempted yet`, and words that help."""
    asked = find(number)
    try:
        if any(answer is ... for answer in answers):
            raise NotAttempted
        return "correct", asked.check(*answers)
    except NotAttempted:
        return "not attempted yet", ""
    except NotYet as look_at:
        return "not yet", str(look_at)
    except Exception as error:
        return "not yet", f"The check could not use this answer: {type(error).__name__}: {error}"


def hint(number: str) -> None:
    """Print the hint of an exercise."""
    print(f"Hint {number}: {find(number).hint}")


def solution(number: str) -> str:
    """Return the path of an exercise's solution, as seen from the notebooks."""
    notebook, _, position = number.partition(".")
    return f"solutions/{int(notebook):02d}_{position}.py"
