"""Which costly tests run on which day: each notebook, and each other one, has its turn every fifth day."""
from datetime import date

TURNS = 5


def has_turn(number: str, day: str) -> bool:
    """Return whether a notebook's number has its turn on a day, written as 2026-11-28; with "all" each has."""
    return day == "all" or (int(number) + date.fromisoformat(day).toordinal()) % TURNS == 0


def has_more_passes(number: str, day: str) -> bool:
    """Return whether a notebook also runs untouched, and after a killed kernel: on its day, where that is affordable.

    Three passes of notebooks 12, 14 and 18 take half an hour of a worker, so they have them with "all" alone.
    """
    return has_turn(number, day) and (day == "all" or number not in ("12", "14", "18"))


def draw(choices: list, day: str) -> object:
    """Return one of some choices, which take turns from day to day; with "all" the first."""
    return choices[0 if day == "all" else date.fromisoformat(day).toordinal() % len(choices)]
