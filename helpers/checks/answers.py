"""Looks at an answer that several checks take: is it the right number, is it a function at all?"""
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from helpers.checks.registry import NotYet


def is_close(answer: ArrayLike, right: float, tolerance: float = 0.0005) -> bool:
    """Return whether a number, in any type that holds one, equals the right one: to three decimals where not told."""
    return bool(np.isclose(np.asarray(answer, dtype=float), right, rtol=1e-9, atol=tolerance))


def require_function(answer: Callable, signature: str) -> None:
    """Raise NotYet where the answer to an exercise that asks for a function is something else."""
    if not callable(answer):
        raise NotYet(f"{signature.partition('(')[0]} is not a function yet: write `def {signature}:`")
