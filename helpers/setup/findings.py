"""What a check of the machine finds, and how a function becomes such a check."""
import functools
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What one check found: ``ok``, ``optional``, ``warning`` or ``problem``; a line on it; the remedy."""

    level: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return a line with the finding, and a second one with the remedy."""
        return f"{self.level:8} {self.what}" + (f"\n{'':8} -> {self.remedy}" if self.remedy else "")


class ProblemError(Exception):
    """The machine or the workspace is in no state to go on; the message says why and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback."""
        return [str(self)]


def make_check(fine: str) -> Callable[[Callable], Callable[..., Finding]]:
    """Make a check of a function that returns a Finding where something is wrong, and nothing where all is `fine`."""

    def decorate(look: Callable) -> Callable[..., Finding]:
        @functools.wraps(look)
        def check(*about: str) -> Finding:
            try:
                return look(*about) or Finding("ok", fine)
            except Exception as error:  # a check that breaks has found a problem
                words = f"{look.__name__.removeprefix('check_')}: {type(error).__name__}: {error}"
                return Finding("problem", words, "show this line to your teacher")

        return check

    return decorate


def require(*checks: Callable[[], Finding]) -> None:
    """Raise ProblemError where one of some checks finds a problem."""
    for check in checks:
        found = check()
        if found.level == "problem":
            raise ProblemError(f"{found.what}: {found.remedy}.")
