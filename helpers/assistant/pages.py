"""The pages that the assistant answers from: paragraphs of notebooks 01 to 14, pinned in a file.

The copy in ``data/assistant/pages.json`` is what notebook 16 reads, so that its outputs stay the same while the
other notebooks are edited. ``python -m helpers.assistant.pages`` takes a new copy.
"""
import hashlib
import json
import re
from dataclasses import asdict, dataclass

from helpers.paths import COURSE, DATA, NOTEBOOKS

FILE = DATA / "assistant" / "pages.json"
NUMBERS = [number for number in COURSE if "00" < number < "15"]
_SHORTEST = 80  # characters of a page; what is shorter only leads to the next cell
_LEFT_OUT = re.compile(r"^(### Exercise|## Recap|## Go further)", re.MULTILINE)  # cells that answer nothing


@dataclass(frozen=True)
class Page:
    """Some paragraphs of a notebook."""

    id: str  # number of the notebook and id of its cell
    notebook: str
    text: str


def collect() -> list[Page]:
    """Return the pages of the notebooks as they are now."""
    return [page for number in NUMBERS for page in _collect(number)]


def _collect(number: str) -> list[Page]:
    """Return the pages of a notebook: the paragraphs of each cell of text, without headings, lists and tables."""
    cells = json.loads((NOTEBOOKS / f"{COURSE[number]}.ipynb").read_text(encoding="utf-8"))["cells"]
    found = []
    for cell in cells[1:]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and not _LEFT_OUT.search(source):
            text = " ".join(part for part in source.split("\n\n") if _is_prose(part))
            found += [Page(f"{number}-{cell['id']}", number, _plain(text))] if len(text) >= _SHORTEST else []
    return found


def _is_prose(part: str) -> bool:
    """Return whether a part of a cell is a paragraph."""
    return bool(re.match(r"[A-Z`*(]", part)) and "\n" not in part


def _plain(text: str) -> str:
    """Return a text without the stars of its emphasis and the addresses of its links."""
    text = re.sub(r"(?<!\\)\*+(?=\S)|(?<=\S)(?<!\\)\*+", "", text).replace("\\*", "*")
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)


def digest(pages: list[Page]) -> str:
    """Return the first 16 digits of the SHA-256 of some pages."""
    return hashlib.sha256(_format(pages).encode()).hexdigest()[:16]


def _format(pages: list[Page]) -> str:
    """Return pages as JSON."""
    return json.dumps([asdict(page) for page in pages], ensure_ascii=False, indent=1) + "\n"


def read() -> list[Page]:
    """Return the pinned pages."""
    return [Page(**page) for page in json.loads(FILE.read_text(encoding="utf-8"))]


def pin() -> list[Page]:
    """Write the pages of the notebooks as they are now into the file, and return them."""
    found = collect()
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(_format(found), encoding="utf-8", newline="\n")
    return found


if __name__ == "__main__":
    print(f"{len(pin())} pages are pinned. Run the tests of data/assistant, then `python -m helpers store 16`.")
