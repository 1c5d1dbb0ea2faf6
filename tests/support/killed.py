"""Runs a notebook and kills its kernel in a cell drawn from the notebook's number: ``python killed.py NN``."""
import random
import sys
import threading

import psutil
from nbclient.exceptions import DeadKernelError

from helpers import notebooks, paths


def main(number: str) -> None:
    """Run the notebook until its kernel is killed; end with an error where it was not."""
    notebook, chance = notebooks.read(number), random.Random(int(number))
    code = [place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    victim, seconds = chance.choice(code[2:-1]), chance.uniform(0, 0.5)
    print(f"notebook {number}: killed {seconds:.2f} s into cell {victim} of {len(notebook.cells)}", flush=True)

    def kill(cell, cell_index: int) -> None:
        if cell_index == victim:
            threading.Timer(seconds, kernel().kill).start()

    try:
        notebooks.execute(notebook, paths.WORKSPACE, on_cell_execute=kill)
    except DeadKernelError:
        return
    sys.exit("the notebook went through: its kernel was not killed")


def kernel() -> psutil.Process:
    """Return the kernel that this process has started."""
    return next(child for child in psutil.Process().children() if "ipykernel_launcher" in child.cmdline())


if __name__ == "__main__":
    main(sys.argv[1])
