"""What an exercise is: a check and a hint, known by its number."""
import contextlib
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
    all_blank: bool = False  # each argument is a blank of the reader's: one filled beside an empty one is an attempt


EXERCISES: dict[str, Exercise] = {}


def exercise(number: str, hint: str, all_blank: bool = False) -> Callable:
    """Register a function as the check of exercise `number`.

    The function takes the reader's answers, raises `NotYet` with what to look at, and
    returns a sentence on what a correct answer shows.
    """

    def register(check: Callable[..., str]) -> Callable[..., str]:
        EXERCISES[number] = Exercise(check, hint, all_blank)
        return check

    return register


def describe(error: BaseException) -> str:
    """Return an error's type and its message, on one line, without a full stop; of a long one, the cause it names.

    MLflow writes whole tables into a message, and its cause after the last ``Error:``; pandera adds a traceback.
    """
    with contextlib.suppress(Exception):
        words = " ".join(str(error).partition("Traceback (most recent call last)")[0].split())
        cause = words if len(words) <= 200 else words.rsplit(" Error: ", 1)[-1]
        short = cause if len(cause) <= 200 else f"{cause[:98]} ... {cause[-98:]}"
        return f"{type(error).__name__}: {short}".rstrip(" .:")
    return type(error).__name__
