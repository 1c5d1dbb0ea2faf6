"""A student at work: JupyterLab started as the README says, a notebook opened in it, run, answered and saved."""
from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import nbformat
import psutil
import requests

from helpers.paths import NOTEBOOKS
from support.copies import address_of, call, free_port, start, whole

if TYPE_CHECKING:  # the group browser brings it
    from playwright.sync_api import Browser, Page

PROJECTOR, DESKTOP = {"width": 1280, "height": 720}, {"width": 1920, "height": 1080}
PATIENCE = 150_000  # milliseconds: a busy machine is no fault
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
PROMPTS = f"[...document.querySelectorAll('{PANEL} .jp-InputPrompt')]"
INDICATOR = f"document.querySelector('{PANEL} .jp-Notebook-ExecutionIndicator')"
RUNS = f"({PROMPTS}.some(one => one.innerText.includes('*')) || {INDICATOR}.dataset.status === 'busy')"


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs: the address that it printed, its project's folder and its reader's home folder."""

    address: str
    project: Path
    home: Path

    def page(self, path: str) -> str:
        """Return the address of a page of it."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}/{path}{'&' if '?' in path else '?'}{parts.query}"


@contextlib.contextmanager
def lab(folder: Path, *groups: str) -> Iterator[Lab]:
    """Start JupyterLab in a copy of the project, for a reader with an empty home folder, and end it."""
    project, home = whole(folder / "course"), folder / "home"
    shutil.copytree(NOTEBOOKS / "images", project / "notebooks" / "images", dirs_exist_ok=True)
    home.mkdir()
    made = call(project, "add", *groups) if groups else call(project, "setup")
    assert made.returncode == 0, made.stderr
    process = start(project, "lab", "--no-browser", "--port", str(free_port()), HOME=str(home), USERPROFILE=str(home))
    try:
        address = address_of(process)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a pipe that nobody reads fills up
        yield Lab(address, project, home)
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """End JupyterLab and what it started: kindly where the system can, and at the latest after a minute."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    process.terminate()
    for left in psutil.wait_procs(family, timeout=60)[1]:
        left.kill()
    process.wait()


@contextlib.contextmanager
def page(browser: Browser, size: dict[str, int] = PROJECTOR, **options) -> Iterator[Page]:
    """Open an empty page, with no memory of earlier ones; fail if it asked anything of another machine."""
    with contextlib.closing(browser.new_context(viewport=size, **options)) as context:
        context.set_default_timeout(PATIENCE)
        asked = []
        context.on("request", lambda request: asked.append(request.url))
        yield context.new_page()
    elsewhere = {urlsplit(url).hostname for url in asked} - {"127.0.0.1", None}  # None: data within the page
    assert not elsewhere, f"the page asked {', '.join(sorted(elsewhere))}"


def open_notebook(page: Page, lab: Lab, name: str) -> None:
    """Open a notebook of the course and wait until all its cells are drawn and its kernel is ready."""
    page.goto(lab.page(f"lab/tree/notebooks/{name}?reset"))
    ready(page, len(read(lab, name).cells))


def ready(page: Page, cells: int) -> None:
    """Wait until a notebook of so many cells and its kernel are there."""
    page.wait_for_function(f"document.querySelectorAll('{PANEL} .jp-Cell').length === {cells}")
    page.get_by_text(re.compile(r"^(Python 3 \(ipykernel\)|Workbook: \w+) \| Idle")).first.wait_for()


def drawn(page: Page) -> None:
    """Wait until all pictures are there."""
    page.wait_for_function("[...document.querySelectorAll('.jp-Cell img')].every(image => image.complete)")


def whole_in_view(page: Page) -> None:
    """Make the window as high as the notebook is long, so that all of it is drawn and can be seen."""
    for _ in range(3):  # what is drawn for the first time may turn out longer than was thought
        length = page.locator(f"{PANEL} .jp-WindowedPanel-outer").evaluate("panel => panel.scrollHeight")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": length + 200})
        page.wait_for_timeout(200)


def read(lab: Lab, name: str) -> nbformat.NotebookNode:
    """Return a notebook as it lies in the student's folder."""
    return nbformat.read(lab.project / "notebooks" / name, 4)


def choose(page: Page, menu: str, *entries: str) -> None:
    """Click an entry of JupyterLab's menu bar, through submenus where there are some."""
    page.click(f'.lm-MenuBar-itemLabel:text-is("{menu}")')
    for entry in entries[:-1]:
        page.hover(f'.lm-Menu-itemLabel:text-is("{entry}")')
    page.click(f'.lm-Menu-itemLabel:text-is("{entries[-1]}")')


def run(page: Page, what: str = "Run All Cells", limit: float = 600) -> None:
    """Run cells by an entry of the menu Run, and wait until the last one has run, `limit` seconds at most."""
    choose(page, "Run", what)
    page.wait_for_function(RUNS)
    for _ in range(2):  # between two cells, of which only those in sight have a prompt, it can look as if all had run
        page.wait_for_function(f"!{RUNS}", timeout=limit * 1000, polling=500)
        page.wait_for_timeout(1000)


def answer(page: Page, place: int, code: str) -> str:
    """Write an answer into the blank cell at a place, run it and the check below it; return what the check says."""
    page.locator(f"{PANEL} .jp-Cell").nth(place).locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(code)
    said = page.locator(f"{PANEL} .jp-Cell").nth(place + 1).locator(".jp-OutputArea")
    before = said.inner_text()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    changed = "([output, before]) => output.innerText.trim() && output.innerText !== before"
    page.wait_for_function(changed, arg=[said.element_handle(), before])
    return said.inner_text().strip()


def save(page: Page, lab: Lab, name: str) -> nbformat.NotebookNode:
    """Save the notebook that is open, and return it as it lies in the student's folder then."""
    page.keyboard.press("ControlOrMeta+s")
    page.locator("#jp-main-dock-panel .lm-mod-current:not(.jp-mod-dirty)").wait_for()
    return read(lab, name)


def headings(page: Page) -> list[str]:
    """Return what the table of contents shows, after bringing it to the front."""
    contents = page.locator(".jp-TableOfContents-tree")
    if not contents.is_visible():
        page.click('.jp-SideBar .lm-TabBar-tab[title^="Table of Contents"]')
    contents.locator(".jp-tocItem-content").first.wait_for()
    return contents.locator(".jp-tocItem-content").all_inner_texts()


def theme(page: Page, name: str) -> None:
    """Switch JupyterLab to a theme, in a window that a menu is quick in."""
    page.set_viewport_size(DESKTOP)
    choose(page, "Settings", "Theme", name)
    page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")
    page.locator("#jupyterlab-splash").wait_for(state="detached")  # it covers the page while styles load
    page.locator(f"{PANEL} .jp-Cell").first.wait_for()


def mlflow(page: Page, lab: Lab) -> Page:
    """Click MLflow's tile in JupyterLab's launcher, and return the page that opens once the interface answers."""
    page.goto(lab.page("lab?reset"))
    with page.expect_popup() as opened:
        page.locator(".jp-LauncherCard", has_text="MLflow").click()
    return opened.value


def dagster(page: Page) -> Page:
    """Click the first address in the outputs of a notebook, and return the page that opens."""
    with page.expect_popup() as opened:
        page.locator(f"{PANEL} .jp-OutputArea a[href^='http://127.0.0.1:']").first.click()
    return opened.value


def end_kernels(lab: Lab) -> None:
    """End all kernels, for the memory that they hold."""
    for kernel in requests.get(lab.page("api/kernels"), timeout=60).json():
        requests.delete(lab.page(f"api/kernels/{kernel['id']}"), timeout=60).raise_for_status()
