"""Take the picture of Spark's user interface that notebook 14 shows.

It needs the groups spark and browser. Run notebook 14 until it has scored, with its kernel left open, then::

    .venv/bin/python tests/support/browser/spark_picture.py ADDRESS    # ADDRESS is spark.sparkContext.uiWebUrl
"""
import sys
from pathlib import Path

import requests
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.paths import NOTEBOOKS
from support.browser import machine

PICTURE = NOTEBOOKS / "images" / "14_spark_ui.png"


def take(page: Page, address: str) -> None:
    """Show the query that took the longest: the reading of its files and its Python function, with their times."""
    application = requests.get(f"{address}/api/v1/applications", timeout=30).json()[0]["id"]
    queries = requests.get(f"{address}/api/v1/applications/{application}/sql?length=100", timeout=30).json()
    longest = max(queries, key=lambda query: query["duration"])["id"]
    page.goto(f"{address}/SQL/execution/?id={longest}")
    page.wait_for_selector("svg .node", timeout=60_000)
    page.locator("input[type=checkbox]").nth(1).check()  # the metrics in the plan's nodes
    page.wait_for_timeout(3000)
    top, bottom = (page.locator(f"svg >> text={name}").first.bounding_box() for name in ("Scan parquet", "Project"))
    middle, height = bottom["x"] + bottom["width"] / 2, bottom["y"] - 5 - top["y"]
    part = {"x": middle - 110, "y": top["y"] - 10, "width": 220, "height": height}
    page.screenshot(path=PICTURE, full_page=True, clip=part)


if __name__ == "__main__":
    with machine.started() as browser:
        take(browser.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=3), sys.argv[1])
