"""A plugin of nbval: kills a notebook's kernel in a cell drawn by chance, and ends the run there."""
import random
import time
from functools import partial
from pathlib import Path

import psutil


def draw(notebook: Path, cells: int) -> tuple[int, float]:
    """Return the code cell, counted from 0, in which the kernel is killed, and after how many seconds.

    The notebook's number is the seed, so that a failure can be repeated.
    """
    chance = random.Random(int(notebook.name[:2]))
    return chance.randrange(2, cells - 1), chance.uniform(0, 0.5)


def pytest_collection_modifyitems(items):
    """Compare the cells before the one that was drawn, and kill the kernel in that."""
    cell, seconds = draw(items[0].path, len(items))
    items[:] = items[: cell + 1]
    items[-1].runtest = partial(kill, items[-1], seconds)


def kill(cell, seconds: float) -> None:
    """Start a cell, and kill the kernel some seconds later."""
    cell.parent.kernel.execute_cell_input(cell.cell.source, allow_stdin=False)
    time.sleep(seconds)
    kernel = next(child for child in psutil.Process().children() if "ipykernel_launcher" in child.cmdline())
    kernel.kill()
    kernel.wait(timeout=60)
    cell.parent.kernel.km.cleanup_connection_file()  # Jupyter's, not the notebook's, and nobody else removes it
