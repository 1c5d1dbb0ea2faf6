"""The pictures of JupyterLab, MLflow's user interface and Dagster's page that README and notebooks 02 and 12 show.

Each function brings a page to what its picture shows, and returns the text that is there. The text is stored inside
the picture, so that a test can tell whether the page still says the same. Maintainers renew the pictures by
``python -m helpers test --group browser -n0 -k picture --write-pictures``; that of Spark's interface in notebook 14
by ``python tests/support/browser/spark_picture.py``.
"""
from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.paths import NOTEBOOKS
from support.browser import student
from support.browser.student import PANEL, Lab

if TYPE_CHECKING:  # the group browser brings it
    from playwright.sync_api import Page

IMAGES = NOTEBOOKS / "images"
HEAT_MAP = "psi_heat_map"
VARIES = re.compile(  # runs' colours, times and sources
    r",|#[0-9a-f]{6}|\w{3} \d+, \d+:\d\d [AP]M|\d[\d.]*(ms|s|min|h)|.*\b(ago|now)|.*\.(ipynb|py)|.*Assistant|…|\+\d")


def readme_jupyterlab(page: Page, lab: Lab) -> str:
    """Show notebook 08 at its heat map, as it is stored, beside the table of contents."""
    page.set_viewport_size(student.PROJECTOR)
    name = "08_drift_checks.ipynb"
    student.open_notebook(page, lab, name)
    contents = student.headings(page)
    cell = page.locator(f"{PANEL} .jp-CodeCell", has_text=HEAT_MAP).first
    cell.locator("img").wait_for()
    student.drawn(page)
    for _ in range(3):  # what is drawn for the first time on the way moves what follows
        cell.evaluate("cell => cell.scrollIntoView()")
        page.wait_for_timeout(500)
    menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    [figure] = next(one for one in student.read(lab, name).cells if HEAT_MAP in one.source).outputs
    return "\n".join([*menus, *contents, cell.locator(".cm-content").inner_text(), figure.data["text/plain"]])


def mlflow_runs(page: Page, lab: Lab) -> str:
    """Show MLflow's charts that compare the runs of the experiment late-flights, the assistant's panel closed."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_text("Model training", exact=True).first.click()
    page.get_by_role("link", name="late-flights").first.click()
    page.get_by_role("link", name="trees-refit").wait_for()
    page.get_by_text("Ask a question").or_(page.get_by_placeholder("Ask a question")).first.wait_for()
    page.get_by_text("MLflow Assistant").locator("xpath=following::button[3]").first.click()
    page.get_by_text("matching runs").wait_for()
    page.locator("input[value=CHART]").locator("xpath=ancestor::label").click()
    page.get_by_text("brier", exact=True).wait_for()
    return read_lines(page)


def dagster_graph(page: Page) -> str:
    """Show the graph of the assets on Dagster's page, in a low and wide window, so that it is large."""
    page.set_viewport_size({"width": 1280, "height": 400})
    page.get_by_role("link", name="Lineage").click()
    page.get_by_role("button", name="Hide navigation").click()
    page.get_by_text("promotion").first.wait_for()
    page.reload()  # the graph fits the wider window then
    page.get_by_text("promotion").first.wait_for()
    return read_lines(page)


def dagster_check(page: Page) -> str:
    """Show the check drift of the asset drift_report on Dagster's page."""
    page.set_viewport_size({"width": 1280, "height": 540})
    page.goto(page.url.split("/asset-groups")[0] + "/assets/drift_report?view=checks")
    page.get_by_text("temp 8.38").first.wait_for()
    return read_lines(page)


def read_lines(page: Page) -> str:
    """Return the page's lines once they have stayed the same for three seconds: charts arrive one after another."""
    seen: list[str] = []
    for _ in range(60):
        lines = {line.strip() for line in page.locator("body").inner_text().splitlines()}
        seen.append("\n".join(sorted(line for line in lines if line and not VARIES.fullmatch(line))))
        if len(seen) > 3 and len(set(seen[-4:])) == 1:
            break
        page.wait_for_timeout(1000)
    return seen[-1]


def store(page: Page, name: str, text: str) -> None:
    """Take the picture of a page and store it with the text that it shows."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    page.wait_for_timeout(2000)  # what moves comes to rest
    shown = PngInfo()
    shown.add_itxt("Description", text)
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(IMAGES / name, optimize=True, pnginfo=shown)


def stored(name: str) -> tuple[str, dict[str, int]]:
    """Return the text that a stored picture shows, and its size."""
    from PIL import Image

    with Image.open(Path(IMAGES, name)) as picture:
        return str(picture.text.get("Description")), {"width": picture.width, "height": picture.height}
