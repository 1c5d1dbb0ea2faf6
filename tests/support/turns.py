"""Which costly tests run on which day: each notebook, and each other one, has its turn every fifth day."""
from datetime import date

TURNS = 5
RARE = {"12"}  # three passes of it take half an hour of a worker: only with "all"


def has_turn(number: str, day: str) -> bool:
    """Return whether a notebook's number has its turn on a day, written as 2026-11-28; with "all" each has."""
    return day == "all" or (number not in RARE and (int(number) + date.fromisoformat(day).toordinal()) % TURNS == 0)


def draw(choices: list, day: str) -> object:
    """Return one of some choices, which take turns from day to day; with "all" the first."""
    return choices[0 if day == "all" else date.fromisoformat(day).toordinal() % len(choices)]
