"""What looks wrong in a notebook that is open in JupyterLab, or did not run as it should, a sentence each."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from support.browser import student
from support.browser.student import PANEL

if TYPE_CHECKING:  # the group browser brings it
    from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name("looks.js").read_text(encoding="utf-8").partition("\n")[2].strip()
PATIENCE = 20  # looks, half a second apart
CONTENT = {"include": [[".jp-RenderedHTMLCommon"], [".jp-OutputArea-output"]]}  # not JupyterLab's own frame and editor


def first_view(page: Page) -> list[str]:
    """Return what of the notebook's toolbar and first cell is not in view, and whether a dialog covers them."""
    page.locator(f"{PANEL} .jp-Cell").first.evaluate("cell => cell.scrollIntoView()")
    return lasting(page, "view")


def layout(page: Page) -> list[str]:
    """Return what is cut off, missing, empty or see-through, where the whole notebook is in view.

    Wide output may have a scroll bar of its own; the page and the notebook may not.
    """
    student.drawn(page)
    return lasting(page, "layout")


def lasting(page: Page, what: str) -> list[str]:
    """Return the faults that last: JupyterLab takes a moment to fit itself to a new size of the window."""
    for _ in range(PATIENCE):
        if not (faults := page.evaluate(f"{SCRIPT}.{what}()")):
            return []
        page.wait_for_timeout(500)
    return faults


def contrast(page: Page) -> list[str]:
    """Return the texts that stand out too little from their ground, as axe-core measures it: under 4.5 to 1.

    The whole notebook must be in view: axe-core measures nothing else.
    """
    from axe_playwright_python.sync_playwright import Axe

    page.add_style_tag(content="body { height: 100vh }")  # JupyterLab gives it none, so axe-core takes all for hidden
    found = Axe().run(page, CONTENT, {"runOnly": ["color-contrast"]}).response
    measured = sum(len(rule["nodes"]) for rule in (*found["passes"], *found["violations"]))
    texts = page.locator(f"{PANEL} .jp-MarkdownCell p").count()
    assert measured > texts / 2, f"axe-core measured {measured} elements in a notebook with {texts} paragraphs"
    return [f"{node['any'][0]['message']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def not_run(notebook: nbformat.NotebookNode) -> list[str]:
    """Return which cells have not run, failed, or wrote to stderr."""
    faults = []
    for place, cell in enumerate(notebook.cells, start=1):
        outputs = cell.get("outputs", [])
        if cell.cell_type == "code" and cell.execution_count is None:
            faults.append(f"cell {place} did not run")
        faults += [f"cell {place} failed: {one.ename}" for one in outputs if one.output_type == "error"]
        faults += [f"cell {place} wrote to stderr" for one in outputs if one.get("name") == "stderr"]
    return faults
