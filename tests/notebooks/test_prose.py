"""What the project says is spelt right, and its links lead somewhere."""
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from helpers import notebooks
from helpers.paths import NOTEBOOKS, ROOT
from support.running import NUMBERS

PAGES = [ROOT / "README.md", ROOT / "data" / "README.md", ROOT / "deploy" / "README.md"]
CODESPELL = Path(sysconfig.get_path("scripts")) / "codespell"


def prose(number: str) -> str:
    """Return a notebook's Markdown."""
    return "\n\n".join(cell.source for cell in notebooks.read(number).cells if cell.cell_type == "markdown")


def misspelt(*paths: Path) -> str:
    """Return what codespell finds in files and folders."""
    return subprocess.run([CODESPELL, *paths], capture_output=True, text=True, encoding="utf-8", timeout=120).stdout


@pytest.mark.needs_group("deploy")
def test_words_are_spelt_right(tmp_path):
    """In notebooks, notes for instructors, pages, the code's own words and what its tests say."""
    for number in NUMBERS:
        (tmp_path / f"{number}.md").write_text(prose(number), encoding="utf-8")
    texts = [tmp_path, NOTEBOOKS / "teaching", ROOT / "helpers", ROOT / "tests", *PAGES]
    assert misspelt(*texts) == ""
    (tmp_path / "wrong.md").write_text("It is rec" + "ieved.", encoding="utf-8")  # in two parts, for this file's sake
    assert "received" in misspelt(tmp_path)


def anchors(text: str) -> set[str]:
    """Return the anchors of a Markdown page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_links_of_a_page_lead_somewhere(page):
    """Files and folders are there, headings too; the rest are full addresses."""
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert targets
    for target in targets:
        path, _, heading = target.partition("#")
        outside = target.startswith("https://")
        assert outside or (page.parent / path).exists(), f"{page} links to {target}, which is not there"
        assert outside or not heading or heading in anchors(text if not path else (page.parent / path).read_text())
