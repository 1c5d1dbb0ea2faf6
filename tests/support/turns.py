"""Which notebooks have a costly bad day on which day: each has its turn every third day."""
from datetime import date

TURNS = 3


def has_turn(number: str, day: str) -> bool:
    """Return whether a notebook has its turn on a day, written as 2026-11-28; with "all" each has."""
    return day == "all" or (int(number) + date.fromisoformat(day).toordinal()) % TURNS == 0


def draw(choices: list, day: str) -> object:
    """Return one of some choices, which take turns from day to day; with "all" the first."""
    return choices[0 if day == "all" else date.fromisoformat(day).toordinal() % len(choices)]
