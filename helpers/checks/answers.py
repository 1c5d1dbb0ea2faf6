"""Reads the answers that checks take: a number, names or a function, in any form that makes sense."""
import contextlib
import inspect
import math
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from helpers.checks.registry import NotYet, describe

_MOST = 1000  # names in an answer; what goes on for ever is cut here


def is_close(answer: ArrayLike, right: float, tolerance: float = 0.0005) -> bool:
    """Return whether a number, in any type that holds one, equals the right one: to three decimals where not told."""
    return bool(np.isclose(np.asarray(answer, dtype=float), right, rtol=1e-9, atol=tolerance))


def is_rounded(answer: float, right: float) -> bool:
    """Return whether a number is the right one to two decimals, and says no more."""
    return answer == round(right, 2)


def read_number(answer: object, name: str, example: str = "0.25") -> float:
    """Return the one number that an answer is or holds, as a number or as text; raise NotYet where it is none."""
    with contextlib.suppress(Exception):
        value = np.asarray(list(answer) if isinstance(answer, set) else answer).item()
        number = _read_text(value) if isinstance(value, str) else float(value)
        if not isinstance(value, bool) and math.isfinite(number):
            return number
    raise NotYet(f"`{name}` is {show(answer)}, which is not a number: give one number, such as {example}.")


def _read_text(text: str) -> float:
    """Return the number that a text writes: 0.4, 2/5, or 23,611 with a comma or a blank before each three digits."""
    if re.fullmatch(r"\s*[1-9]\d{0,2}([,\s]\d{3})+\s*", text):
        text = re.sub(r"[,\s]", "", text)
    above, stroke, below = text.partition("/")
    return float(above) / float(below) if stroke else float(text)


def read_names(answer: Any, name: str, wanted: str = "a list of names, such as ['one', 'another']") -> list[str]:
    """Return the names that an answer lists, as text or in anything that can be gone through, or raise NotYet."""
    try:
        text = isinstance(answer, str)
        found = re.findall(r"[^\s,;'\"`()\[\]{}]+", answer) if text else list(islice(_read_marks(answer), _MOST))
    except Exception:
        raise NotYet(f"`{name}` is {show(answer)}: give {wanted}.") from None
    if isinstance(answer, bytes):
        raise NotYet(f"`{name}` is {show(answer)}, which are bytes: give {wanted}.")
    if strange := [one for one in found if not isinstance(one, str)]:
        raise NotYet(f"`{name}` holds {show(strange[0])}, which is not a name: write each name as a text.")
    return [one.strip(" \n\t`") for one in found if not text or one != "and"]


def _read_marks(answer: Any) -> Any:
    """Return the names that a dictionary or Series of True and False marks with True, or what it is otherwise."""
    with contextlib.suppress(Exception):
        marks = dict(answer.items())
        if marks and all(isinstance(mark, bool | np.bool_) for mark in marks.values()):
            return [name for name, mark in marks.items() if mark]
    return answer


def read_word(answer: object) -> object:
    """Return a word without the blanks around it and in small letters; anything else as a message shows it."""
    return answer.strip().lower() if isinstance(answer, str) else show(answer)


def require_function(answer: object, signature: str) -> None:
    """Raise NotYet where the answer to an exercise that asks for a function is something else."""
    if not callable(answer):
        name = signature.partition("(")[0]
        raise NotYet(f"{name} is {show(answer)}, which is not a function yet: write `def {signature}:`")


def call(called: str, function: Callable, *arguments: object, **settings: object) -> Any:
    """Return what a reader's function answers; raise NotYet, with the call as `called`, where it raises."""
    try:
        answer = function(*arguments, **settings)
    except (Exception, SystemExit) as error:
        raise NotYet(f"{called} raises {describe(error)}. Try this call in a cell, and mend what it names.") from None
    if inspect.iscoroutine(answer):
        answer.close()
        raise NotYet(f"{called} returns a coroutine: write `def` in place of `async def`.")
    return answer


def ask(called: str, function: Callable, *arguments: object) -> bool:
    """Return whether a reader's function says yes; raise NotYet where it says neither yes nor no, or raises."""
    said = call(called, function, *arguments)
    if not isinstance(said, bool | np.bool_ | int) or said not in (0, 1):
        given = ", ".join(show(argument) for argument in arguments)
        raise NotYet(f"{called} gives {show(said)} for {given}: return True or False")
    return bool(said)


def show(answer: object) -> str:
    """Return an answer as a message shows it: as Python writes it where that is short, else by its type."""
    with contextlib.suppress(Exception):
        text = repr(answer.item() if isinstance(answer, np.generic) else answer)
        if len(text) <= 60 and text.isprintable() and not text.startswith("<"):
            return text
    if type(answer).__name__ == "DataFrame":
        return f"a DataFrame of {len(answer):,} rows"
    return f"a value of type {type(answer).__name__}"
