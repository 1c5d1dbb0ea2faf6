"""A notebook run whole in passes, each compared strictly; a failure says which pass found it, and how to repeat it."""
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

from helpers.notebooks import find_path
from helpers.paths import ROOT
from support import killed
from support.processes import until
from support.running import compare, failed_cells, left_at_home, left_running, left_temporary


@dataclass
class Passes:
    """The passes of one notebook through one workspace, in a folder of their own."""

    number: str
    folder: Path
    repeat: str  # the command that runs them again
    told: list[str] = field(default_factory=list)  # what came before
    seconds: dict[str, float] = field(default_factory=dict)  # of each pass

    @property
    def workspace(self) -> Path:
        """Return the workspace; an apostrophe and spaces are in its name."""
        return self.folder / "l'espace de travail"

    def run(self, name: str, path: Path, how: Callable[..., str] = compare, **settings) -> None:
        """Run a notebook; fail where an output differs, or where a process or a temporary file is left.

        `how` is what runs it: it takes the notebook, the workspace and `settings`, and returns a report.
        """
        started = time.monotonic()
        report = how(path, self.workspace, **settings)
        self.seconds[name] = time.monotonic() - started
        if report:
            self._fail(f"pass {name!r} differs from the stored outputs in {where(path, report)}", report)
        self._check_left(f"pass {name!r}")
        self.told.append(f"pass {name!r} went well")

    def kill(self) -> None:
        """Run a notebook until its kernel is killed in a cell drawn by chance, strictly compared up to there."""
        path, started = find_path(self.number), time.monotonic()
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        cell, seconds = killed.draw(path, len(cells))
        report = compare(path, self.workspace, "-p", "support.killed", PYTHONPATH=str(ROOT / "tests"))
        self.seconds["killed"] = time.monotonic() - started
        if report:
            self._fail(f"before its kernel was killed, it differs in {where(path, report)}", report)
        until(lambda: not left_running(self.workspace), within=60)
        self._check_left("the kernel that was killed")
        self.told.append(f"the kernel was killed {seconds:.2f} s into cell [{cell + 1}]")

    def _check_left(self, who: str) -> None:
        """Fail where a process or a file outside the workspace is left."""
        if left := left_running(self.workspace) or left_temporary(self.workspace) or left_at_home(self.workspace):
            self._fail(f"{who} has left behind", "\n".join(left))

    def _fail(self, what: str, report: str) -> None:
        """Fail with what came before, what went wrong, and how to repeat it."""
        before = "".join(f"{line}; " for line in self.told)
        pytest.fail(f"notebook {self.number}: {before}{what}\nTo repeat it: {self.repeat}\n\n{report}", pytrace=False)


def where(path: Path, report: str) -> str:
    """Return what a report calls the cells that failed, as the reader of the notebook sees them."""
    code = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    names = [code[cell].metadata.get("called", f"cell [{code[cell].execution_count}]") for cell in failed_cells(report)]
    return ", ".join(names[:5]) + ("" if len(names) < 6 else ", ...") or "no cell: the run broke off"
