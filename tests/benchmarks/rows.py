"""The rows of the table of speed: each is a measure of ours beside a floor or a rival, taken in the same run."""
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Row:
    """A measure.

    Attributes
    ----------
    part, what : str
        The part of the table that it belongs to, and what was measured.
    ours, theirs : float
        What came out for us, and for what stands against us.
    against : str
        What stands against us: a floor, that is the least it could take, or a rival.
    unit : str
        Of both; one that ends in ``/s`` is a rate, of which more is better.
    goal : float
        The highest ratio that we are content with, where one was set.
    note : str
        What else the run showed.
    """

    part: str
    what: str
    ours: float
    against: str
    theirs: float
    unit: str = "s"
    goal: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times as long as the other we take for the same work; below 1 we are faster."""
        return self.theirs / self.ours if self.unit.endswith("/s") else self.ours / self.theirs

    def cells(self) -> list[str]:
        """Return what a row of the printed table shows."""
        ours, theirs = (f"{short(value)} {self.unit}" for value in (self.ours, self.theirs))
        return [self.part, self.what, ours, self.against, theirs, short(self.ratio), self.verdict()]

    def verdict(self) -> str:
        """Return the goal, and whether it is met; nothing without one."""
        if self.goal is None:
            return ""
        return f"at most {short(self.goal)}: {'holds' if self.ratio <= self.goal else 'DOES NOT HOLD'}"


HEADS = ["part", "what", "ours", "against", "theirs", "ratio", "goal"]


def short(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def markdown(rows: Iterable[Row]) -> str:
    """Return the table, and the notes below it."""
    lines = [HEADS, ["---"] * len(HEADS), *(row.cells() for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "\n".join(f"- {row.part}, {row.what}: {row.note}" for row in rows if row.note)
    return f"{table}\n\n{notes}".strip()


def save(rows: Iterable[Row], heading: str, folder: Path) -> None:
    """Write the table as Markdown and as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(f"{heading}\n\n{markdown(rows)}\n", encoding="utf-8")
    table = pd.DataFrame([{**asdict(row), "ratio": row.ratio} for row in rows])
    table.to_csv(folder / "table.csv", index=False, lineterminator="\n")
