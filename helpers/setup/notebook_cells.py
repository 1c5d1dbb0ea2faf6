"""Notebooks as JSON: read them, and say what is damaged, also where nbformat is not installed."""
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

from helpers.paths import ROOT
from helpers.setup.venv import SetupError

_CONFLICT = re.compile(r"^<{7}.*?\n(.*?)(?:^\|{7}.*?\n.*?)?^={7}\r?\n(.*?)^>{7}.*?(?:\n|\Z)", re.MULTILINE | re.DOTALL)


class DamagedError(SetupError):
    """A notebook of the course cannot be used; the message names it and the commands that mend it."""

    def __init__(self, path: Path, what: str):
        """Name a notebook and what is wrong with it, such as "is empty"."""
        place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path
        super().__init__(
            f"{place} {what}. `python -m helpers update` mends it and keeps what can be read of your answers; "
            f"`python -m helpers restore {path.name[:2]}` gives back the original and keeps your file beside it."
        )

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback."""
        return [str(self)]


def read(path: Path) -> dict:
    """Return a notebook's content; raise DamagedError where it is damaged or has lost the marks of its exercises."""
    try:
        content = parse(path.read_bytes())
    except FileNotFoundError:
        raise DamagedError(path, "is not there") from None
    except OSError as error:
        raise DamagedError(path, f"cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise DamagedError(path, str(error)) from None
    asked = any(path.parent.glob(f"solutions/{path.name[:2]}_*.py"))
    if asked and not any(exercise(cell) for cell in content["cells"]):
        raise DamagedError(path, "has lost the marks of its exercises, which stand in the metadata of cells")
    return content


def parse(raw: bytes) -> dict:
    """Return the content of a notebook; raise ValueError that says what is wrong with it."""
    text = raw.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise ValueError("is empty")
    if _CONFLICT.search(text):
        raise ValueError("holds the marks of a conflict that git left")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no notebook, as it is not JSON ({error})") from None
    cells = content.get("cells") if isinstance(content, dict) else None
    needed = {"cell_type": str, "metadata": dict, "source": (str, list)}
    if not cells or not isinstance(cells, list):
        raise ValueError("is no notebook, or one without cells")
    if content.get("nbformat") != 4 or not isinstance(content.get("metadata"), dict):
        raise ValueError("is no notebook of format 4, in which the course is written")
    for cell in cells:
        fine = isinstance(cell, dict) and all(isinstance(cell.get(key), kind) for key, kind in needed.items())
        if not fine or not all(isinstance(part, str) for part in cell["source"]):
            raise ValueError("has a cell that lacks its type, its metadata or its source")
        if not isinstance(cell.get("id", ""), str):  # a program's mistake: the cell is known by its text then
            del cell["id"]
    return content


def versions(raw: bytes) -> list[dict]:
    """Return the content of a notebook; both sides of a conflict where git left one; nothing where it is damaged."""
    text, found = raw.decode("utf-8-sig", errors="replace"), []
    for side in dict.fromkeys(_CONFLICT.sub(one, text) for one in (r"\1", r"\2")):
        try:
            found.append(parse(side.encode()))
        except ValueError:
            continue
    return found


def have_ids(notebooks: list[dict]) -> bool:
    """Return whether each cell has an id, as from format 4.5 on."""
    return all(isinstance(cell.get("id"), str) for content in notebooks for cell in content["cells"])


def give_ids(notebooks: list[dict]) -> None:
    """Give the cells of notebooks ids made of their exercise or text, so that equal cells have the same one."""
    for content in notebooks:
        content["nbformat_minor"], seen = 5, Counter()
        for cell in content["cells"]:
            mark = exercise(cell) or source(cell)
            seen[mark] += 1
            cell["id"] = hashlib.sha256(f"{seen[mark]} {mark}".encode(errors="replace")).hexdigest()[:16]


def hash_cells(cells: list[dict]) -> str:
    """Return a hash of what cells hold, the empty ones, which JupyterLab adds, and all outputs aside."""
    content = [(cell.get("id"), cell["cell_type"], "".join(cell["source"])) for cell in cells if source(cell)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def source(cell: dict) -> str:
    """Return the text of a cell, white space at its ends aside."""
    return "".join(cell["source"]).strip()


def exercise(cell: dict) -> str:
    """Return the number of the exercise whose blank a cell is, or nothing."""
    return cell["metadata"].get("exercise", "")
