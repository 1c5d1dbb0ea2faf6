"""Take the pictures of JupyterLab, of the MLflow UI and of Spark's that README, notebooks 02 and 11 show.

It needs Chromium and, in an environment of its own, ``pip install playwright``. Usage::

    python -m helpers lab --no-browser            # run notebooks 02 and 05 in it; prints the address
    mlflow server --backend-store-uri sqlite:///workspace/mlflow.db --workers 1
    python tests/browser/pictures.py LAB_ADDRESS http://127.0.0.1:5000
    python tests/browser/pictures.py SPARK_ADDRESS   # spark.sparkContext.uiWebUrl, once notebook 11 has scored
"""
import shutil
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from playwright.sync_api import Page, sync_playwright

from look import NOTEBOOKS, open_notebook, trouble

IMAGES = NOTEBOOKS / "images"


def jupyterlab(page: Page, address: str) -> None:
    """Show notebook 07 at its heat map, as it is stored."""
    parts = urlsplit(address)
    token = parse_qs(parts.query)["token"][0]
    open_notebook(page, f"{parts.scheme}://{parts.netloc}", token, "07_drift_checks.ipynb")
    trouble(page)  # scrolls through, so that every cell is drawn
    page.locator(".jp-CodeCell", has_text="psi_heat_map").first.evaluate("cell => cell.scrollIntoView()")
    page.wait_for_timeout(2000)
    page.screenshot(path=IMAGES / "readme_jupyterlab.png")


def mlflow_ui(page: Page, address: str) -> None:
    """Show the runs of the experiment late-flights."""
    search = f"{address}/api/2.0/mlflow/experiments/get-by-name"
    found = requests.get(search, params={"experiment_name": "late-flights"}, timeout=30).json()
    page.goto(f"{address}/#/experiments/{found['experiment']['experiment_id']}/runs")
    page.wait_for_selector("text=trees-refit", timeout=60_000)
    page.click("text=Model training")
    if page.locator("text=MLflow Assistant").count():
        page.locator("text=MLflow Assistant").locator("xpath=following::button[3]").click()
    page.goto(f"{address}/#/experiments/{found['experiment']['experiment_id']}/runs")
    page.wait_for_selector("text=trees-refit", timeout=60_000)
    page.wait_for_timeout(2000)
    page.screenshot(path=IMAGES / "02_mlflow_ui.png")


def spark_ui(page: Page, address: str) -> None:
    """Show the query that took the longest, with the times of its Python function."""
    application = requests.get(f"{address}/api/v1/applications", timeout=30).json()[0]["id"]
    queries = requests.get(f"{address}/api/v1/applications/{application}/sql?length=100", timeout=30).json()
    longest = max(queries, key=lambda query: query["duration"])["id"]
    page.goto(f"{address}/SQL/execution/?id={longest}")
    page.wait_for_selector("svg .node", timeout=60_000)
    page.locator("input[type=checkbox]").nth(1).check()  # the metrics in the plan's nodes
    page.wait_for_timeout(3000)
    top, bottom = (page.locator(f"svg >> text={name}").first.bounding_box() for name in ("Scan parquet", "WriteFiles"))
    middle, height = bottom["x"] + bottom["width"] / 2, bottom["y"] + 20 - top["y"]
    part = {"x": middle - 110, "y": top["y"] - 10, "width": 220, "height": height}
    page.screenshot(path=IMAGES / "11_spark_ui.png", full_page=True, clip=part)


if __name__ == "__main__":
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if len(sys.argv) == 2:
            spark_ui(browser.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=3), sys.argv[1])
        else:
            jupyterlab(browser.new_page(viewport={"width": 1280, "height": 720}), sys.argv[1])
            mlflow_ui(browser.new_page(viewport={"width": 1280, "height": 600}), sys.argv[2])
        browser.close()
