"""What an exercise is: a check and a hint, known by its number."""
from collections.abc import Callable
from dataclasses import dataclass


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
