"""Where a kernel's time goes: a thread looks a hundred times a second at what the cells are doing.

Time counts for the first library that a cell, or a helper of ours called by it, has called
into; what no library does is the course's own, told by the function of ours that it is in.
Standard library alone, since it runs in the kernels of all groups.
"""
import sys
import threading
import time
from collections import Counter
from pathlib import Path

PERIOD = 0.01  # seconds between two looks
KINDS = {"mlflow": "MLflow", "requests": "requests", "sklearn": "scikit-learn"}
SHELL = {"ipykernel", "IPython", "tornado", "traitlets", "zmq", "jupyter_client"}  # what runs cells is not what they do
WAITS = ("threading.py", "concurrent/futures/_base.py")
OURS = str(Path(__file__).parents[2] / "helpers")
seconds: Counter[tuple[str, str]] = Counter()  # by kind, and for our own by function


def start() -> None:
    """Begin to look."""
    threading.Thread(target=look, args=(threading.get_ident(),), daemon=True).start()


def look(main: int) -> None:
    """Add the time since the last look to what is being done now."""
    last = time.perf_counter()
    while True:
        time.sleep(PERIOD)
        kind = doing(sys._current_frames(), main)
        now = time.perf_counter()
        seconds[kind] += now - last
        last = now


def doing(frames: dict, main: int) -> tuple[str, str]:
    """Return what the cells are doing: in the main thread or, where that waits, in another that runs their code."""
    stack = stack_of(frames.pop(main))
    found = kind_of(stack)
    if found[0] == "ours" and stack[-1][0].endswith(WAITS):
        others = (stack_of(frame) for frame in frames.values())
        busy = [kind_of(other) for other in others if not other[-1][0].endswith(WAITS)]
        return next((kind for kind in busy if kind[0] not in ("ours", "shell")), found)
    return found


def is_cell(file: str) -> bool:
    """Return whether a file's name is one that the kernel gives to a cell."""
    return "/ipykernel_" in file and "site-packages" not in file


def stack_of(frame) -> list[tuple[str, str]]:
    """Return the files and functions of a thread, innermost last."""
    stack = []
    while frame:
        stack.append((frame.f_code.co_filename.replace("\\", "/"), frame.f_code.co_name))
        frame = frame.f_back
    return stack[::-1]


def kind_of(stack: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the library that is at work, or "ours" and the function; "shell" while no cell runs."""
    cell = next((place for place, (file, _) in enumerate(stack) if is_cell(file)), None)
    if cell is None:
        return "shell", ""
    for file, _ in stack[cell:]:
        if file.startswith("<frozen importlib"):
            return "imports", ""
        package = file.rpartition("site-packages/")[2].split("/")[0] if "site-packages/" in file else ""
        if package and package not in SHELL:
            return KINDS.get(package, "other libraries"), ""
    return "ours", place_of(stack[cell:])


def place_of(stack: list[tuple[str, str]]) -> str:
    """Return the innermost function of the helpers or the cells, and the module of Python's that it has called."""
    ours = [place for place, (file, _) in enumerate(stack) if is_cell(file) or file.startswith(OURS)]
    file, function = stack[ours[-1]]
    where = f"{Path(file).stem}.{function}" if file.startswith(OURS) else "a cell"
    return f"{where} > {Path(stack[-1][0]).stem}" if ours[-1] < len(stack) - 1 else where


def report() -> list[list]:
    """Return kinds, functions and seconds."""
    return [[kind, where, spent] for (kind, where), spent in seconds.items()]
