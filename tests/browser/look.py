"""Open notebooks in JupyterLab in a real browser, run all cells, look for errors, take pictures.

Not part of the test run: it needs Chromium and, in an environment of its own,
``pip install playwright``. Usage::

    python -m helpers lab --no-browser        # in one terminal; prints the address with its token
    python tests/browser/look.py ADDRESS PICTURES [02 05 ...]

Prints a line a notebook and ends with 1 if any shows an error, noise or a broken widget.
"""
import shutil
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, sync_playwright

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
TROUBLE = {
    "error": '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]',
    "stderr": '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]',
    "widget": "text=Error displaying widget",
    "dialog": ".jp-Dialog-content",
}


def open_notebook(page: Page, base: str, token: str, name: str) -> None:
    """Load a notebook in JupyterLab and wait until its kernel is ready."""
    page.goto(f"{base}/lab/tree/notebooks/{name}?reset&token={token}")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
    page.wait_for_selector('.jp-NotebookPanel-toolbar [data-status="idle"]', timeout=90_000)


def run_all(page: Page, limit: float = 600) -> None:
    """Clear all outputs, run all cells in a fresh kernel and wait until the last one has run."""
    choose(page, "Kernel", "Restart Kernel")
    page.click(".jp-Dialog .jp-mod-accept")
    page.wait_for_timeout(3000)  # the restart takes a moment to show
    page.wait_for_selector('.jp-NotebookPanel-toolbar [data-status="idle"]', timeout=90_000)
    choose(page, "Edit", "Clear Outputs of All Cells")
    page.wait_for_function(f"{PROMPTS}.every(prompt => !/[0-9]/.test(prompt))", timeout=30_000)
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(f"{PROMPTS}.some(prompt => prompt.includes('*'))", timeout=60_000)
    page.wait_for_function(f"!{PROMPTS}.some(prompt => prompt.includes('*'))", timeout=limit * 1000, polling=500)


PROMPTS = "[...document.querySelectorAll('.jp-NotebookPanel .jp-InputPrompt')].map(e => e.innerText)"


def choose(page: Page, menu: str, entry: str) -> None:
    """Click an entry of JupyterLab's menu bar."""
    page.click(f'.lm-MenuBar-itemLabel:text-is("{menu}")')
    page.click(f'.lm-Menu-itemLabel:text-matches("^{entry}…?$")')


def trouble(page: Page) -> list[str]:
    """Scroll through the notebook, so that JupyterLab draws every cell, and return what looks wrong."""
    ran = page.evaluate(f"{PROMPTS}.filter(prompt => prompt.trim()).every(prompt => /[0-9]/.test(prompt))")
    seen = set() if ran else {"a cell that did not run"}
    count = page.evaluate("document.querySelectorAll('.jp-NotebookPanel .jp-Cell').length")
    for index in range(0, count, 4):
        page.evaluate(f"document.querySelectorAll('.jp-NotebookPanel .jp-Cell')[{index}]?.scrollIntoView()")
        page.wait_for_timeout(80)
        seen |= {name for name, selector in TROUBLE.items() if page.locator(selector).count()}
    page.evaluate("document.querySelector('.jp-NotebookPanel .jp-Cell').scrollIntoView()")
    return sorted(seen)


def look(address: str, pictures: Path, numbers: list[str]) -> int:
    """Run the notebooks one after another; return how many show trouble."""
    parts, bad = urlsplit(address), 0
    base, token = f"{parts.scheme}://{parts.netloc}", parse_qs(parts.query)["token"][0]
    names = [p.name for p in sorted(NOTEBOOKS.glob("*.ipynb")) if not numbers or p.name[:2] in numbers]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in names:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            open_notebook(page, base, token, name)
            run_all(page)
            found = trouble(page)
            page.screenshot(path=pictures / f"{name[:2]}.png")
            print(f"{name}: {', '.join(found) or 'all is well'}", flush=True)
            bad += bool(found)
            page.close()
        browser.close()
    return bad


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    sys.exit(1 if look(sys.argv[1], folder, sys.argv[3:]) else 0)
