"""The reader's record: which exercises were answered right. It stays in the workspace, on this machine."""
import contextlib
import json

from helpers.paths import NOTEBOOKS, WORKSPACE

FILE = WORKSPACE / "exercises.txt"  # a line for each right answer


def note(number: str) -> None:
    """Note that an exercise was answered right; a workspace that cannot be written to keeps nobody from learning."""
    with contextlib.suppress(OSError):
        FILE.parent.mkdir(parents=True, exist_ok=True)
        with FILE.open("a", encoding="utf-8") as file:
            file.write(f"{number}\n")


def done() -> set[str]:
    """Return the exercises that were answered right."""
    return set(FILE.read_text(encoding="utf-8").split()) if FILE.exists() else set()


def exercises() -> dict[str, list[str]]:
    """Return the exercises of each notebook that has some, in order, by the notebook's file name."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path.stem] = [cell["metadata"]["exercise"] for cell in cells if "exercise" in cell["metadata"]]
    return {name: numbers for name, numbers in found.items() if numbers}


def summary() -> str:
    """Return a line for each notebook, which says what is open in it, and how many exercises are done in all."""
    right, all_of = done(), exercises()
    still = {name: [number for number in numbers if number not in right] for name, numbers in all_of.items()}
    lines = [f"{name:30} {status(numbers)}" for name, numbers in still.items()]
    every = [number for numbers in all_of.values() for number in numbers]
    return "\n".join([*lines, f"{len(right.intersection(every))} of {len(every)} exercises are done."])


def status(numbers: list[str]) -> str:
    """Return which exercises are still open."""
    return f"open: {', '.join(numbers)}" if numbers else "all done"
