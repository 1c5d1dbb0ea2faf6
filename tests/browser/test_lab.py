"""The course as a student sees it: JupyterLab in a real browser."""
import re

import nbformat
import pytest

from helpers import exercises
from helpers.notebooks import KERNEL, find_path
from helpers.paths import NOTEBOOKS, ROOT
from support.browser import looks, machine, pictures, student
from support.browser.student import DESKTOP, PROJECTOR
from support.running import NUMBERS, blanks

pytestmark = pytest.mark.needs_group("browser")
WHOLE = {"00", "06"}  # these run in the browser; the others are looked at, each every fifth day, as they are stored
CORE = [
    pytest.param(number, marks=[] if number in WHOLE else [pytest.mark.in_turn]) for number in NUMBERS if number < "13"
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start one JupyterLab for the tests that this worker runs."""
    with student.lab(tmp_path_factory.mktemp("student")) as lab:
        yield lab


@pytest.fixture
def page(browser, lab):
    """Return an empty page; end the kernels that it started."""
    with student.page(browser) as page:
        yield page
    student.end_kernels(lab)


def test_without_a_browser_the_reason_is_told(browser, monkeypatch):
    """A test is skipped with the remedy and what was tried; in CI it fails."""
    monkeypatch.setattr(machine, "choices", lambda: [{"executable_path": "/nowhere/chromium"}])
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium, Chrome or Edge starts here: install .*nowhere"):
        machine.first(browser.browser_type)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium, Chrome or Edge starts here"):
        machine.first(browser.browser_type)


def test_first_impression(browser, tmp_path):
    """It opens at the first notebook beside its contents, asks nothing, and keeps off the reader's own settings."""
    with student.lab(tmp_path) as lab, student.page(browser) as page:
        page.goto(lab.address)
        first = student.read(lab, "00_start_here.ipynb")
        student.ready(page, len(first.cells))
        contents = page.locator(".jp-TableOfContents-tree .jp-tocItem-content")
        assert contents.all_inner_texts() == headings(first) and contents.last.is_visible()
        page.wait_for_timeout(8000)  # news and questions come a few seconds late
        assert looks.first_view(page) == []
        assert page.locator(".Toastify__toast, .jp-toastContainer > *").count() == 0
        assert not {".jupyter", ".ipython", ".local"} & {path.name for path in lab.home.iterdir()}

        page.click('.jp-SideBar .lm-TabBar-tab[title^="File Browser"]')
        page.wait_for_timeout(2000)  # JupyterLab stores its layout a moment later
        page.goto(lab.address)
        student.ready(page, len(first.cells))
        assert page.locator(".jp-DirListing").is_visible() and not contents.first.is_visible()


@pytest.mark.parametrize("number", CORE)
def test_notebook_runs_and_looks_right(page, lab, number):
    """All cells run without a word of error; on a projector, a desk and in the dark, all can be seen and read."""
    name = find_path(number).name
    student.open_notebook(page, lab, name)
    if number in WHOLE:
        student.run(page)
    notebook = student.save(page, lab, name)
    assert looks.not_run(notebook) == []
    assert student.headings(page) == headings(notebook)
    for size in (PROJECTOR, DESKTOP):
        page.set_viewport_size(size)
        assert looks.first_view(page) == [], size
        student.whole_in_view(page)
        assert looks.layout(page) == [], size
    assert looks.contrast(page) == []
    student.theme(page, "JupyterLab Dark")
    student.whole_in_view(page)
    assert looks.contrast(page) == []
    student.theme(page, "JupyterLab Light")


def headings(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the headings of a notebook's texts."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    found = [line for text in texts for line in re.findall(r"^#+ (.+)", text, re.MULTILINE)]
    return [line.replace("`", "") for line in found]


def test_an_exercise_answers(page, lab):
    """A wrong answer, typed in, is told what to look at; a right one is correct, and stands in the record."""
    name, place = find_path("01").name, blanks("01")["1.1"]
    student.open_notebook(page, lab, name)
    page.locator(f"{student.PANEL} .jp-Cell").nth(place).locator(".jp-InputPrompt").click()
    student.run(page, "Run All Above Selected Cell")
    answer = ROOT / "tests" / "notebooks" / "wrong_answers" / "01_1_a.py"
    expects, wrong = answer.read_text(encoding="utf-8").split("\n", 1)
    said = student.answer(page, place, wrong)
    assert said.startswith("Exercise 1.1: not yet. ") and expects.removeprefix("# expects: ") in said
    assert "1.1" not in done(lab)
    right = (NOTEBOOKS / exercises.find_solution("1.1")).read_text(encoding="utf-8")
    said = student.answer(page, place, right)
    assert said.startswith("Exercise 1.1: correct. ")
    assert "1.1" in done(lab)


def done(lab):
    """Return the exercises that the student's record names."""
    file = lab.project / "workspace" / exercises.RECORD.name
    return file.read_text(encoding="utf-8").split() if file.exists() else []


@pytest.fixture
def same_picture(request):
    """Return a function that compares a page with its stored picture; `--write-pictures` takes that anew before.

    Compared are the window's size and the text: menus, headings, code, the figure's description, names of runs and
    data, versions; not the look, and not the times. The text that was there is stored in the picture.
    """

    def compare(page, name, text):
        if request.config.getoption("--write-pictures"):
            pictures.store(page, name, text)
        said, size = pictures.stored(name)
        assert said.splitlines() == text.splitlines(), "take it anew: tests/support/browser/pictures.py says how"
        assert size == page.viewport_size

    return compare


def test_the_picture_in_the_readme_is_what_jupyterlab_shows(page, lab, same_picture):
    """The stored notebook still says what the picture shows of it."""
    same_picture(page, "readme_jupyterlab.png", pictures.readme_jupyterlab(page, lab))


@pytest.mark.in_turn("05")
def test_the_tile_shows_runs_and_models_as_the_picture_does(browser, tmp_path, same_picture):
    """One click in the launcher opens MLflow on what the notebooks logged, here by the checkpoint of a late student.

    The lab is one of its own, as MLflow's first page shows a few experiments only.
    """
    with student.lab(tmp_path) as lab, student.page(browser) as page:
        student.open_notebook(page, lab, find_path("08").name)
        page.locator(f"{student.PANEL} .jp-Cell").nth(3).locator(".jp-InputPrompt").click()
        student.run(page, "Run All Above Selected Cell")
        ui = student.mlflow(page, lab)
        text = pictures.mlflow_runs(ui, lab)
        assert "trees-refit" in text.splitlines()
        same_picture(ui, "02_mlflow_ui.png", text)
        ui.get_by_role("link", name="Model registry").click()
        model = ui.get_by_role("row").filter(has=ui.get_by_role("link", name="late", exact=True))
        model.wait_for()
        assert re.search(r"@\s*champion", model.inner_text())


@pytest.mark.in_turn("13")  # not on the day on which notebook 12 is looked at
@pytest.mark.needs_group("pipelines")
def test_the_printed_address_shows_assets_and_a_failed_check_as_the_pictures_do(browser, tmp_path, same_picture):
    """One click on the address that notebook 12 prints opens Dagster's page; June has met its second fault there."""
    with student.lab(tmp_path, "pipelines") as lab, student.page(browser) as page:
        name = find_path("12").name
        student.open_notebook(page, lab, name)
        sources = [cell.source for cell in student.read(lab, name).cells]
        place = next(place for place, source in enumerate(sources) if "prepared_month*" in source)
        page.locator(f"{student.PANEL} .jp-Cell").nth(place).locator(".jp-InputPrompt").click()
        student.run(page, "Run All Above Selected Cell")
        dagster = student.dagster(page)
        same_picture(dagster, "12_dagster_graph.png", pictures.dagster_graph(dagster))
        same_picture(dagster, "12_dagster_check.png", pictures.dagster_check(dagster))


CLEAR = "data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22 width=%22300%22 height=%22200%22/>"
FAULTY = {  # a cell that displays HTML: what is wrong with it
    "<p style='color: #ccc; background: white'>pale</p>": "contrast",
    "<div style='overflow: hidden'><div style='width: 9000px'>long</div></div>": "cut off on the right",
    "<table><tr><td style='min-width: 9000px'>a table with a scroll bar</td></tr></table>": "",
    "<img src='nowhere.png'>": "a picture is missing",
    "<img width=8 src='images/life_cycle.svg'>": "a picture is too small to see",
    "<img style='max-width: none; width: 4000px' src='images/life_cycle.svg'>": "a picture is wider than the notebook",
    f"<img width=300 height=200 src='{CLEAR}'>": "a picture lets the theme's ground through",
    "Error displaying widget": "a widget is missing",
}


def test_faults_are_seen(page, lab):
    """Each thing that the tests above look for is found where it is wrong, and only there."""
    cells = [nbformat.v4.new_code_cell(f"from IPython.display import HTML\nHTML({html!r})") for html in FAULTY]
    cells += map(nbformat.v4.new_code_cell, ["import sys; print('oh', file=sys.stderr)", "1 / 0", "2"])
    faulty = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(faulty, lab.project / "notebooks" / "faulty.ipynb")
    student.open_notebook(page, lab, "faulty.ipynb")
    student.run(page)
    ran = [f"cell {len(FAULTY) + 1} wrote to stderr", f"cell {len(FAULTY) + 2} failed: ZeroDivisionError"]
    assert looks.not_run(student.save(page, lab, "faulty.ipynb")) == [*ran, f"cell {len(FAULTY) + 3} did not run"]
    student.whole_in_view(page)
    seen = looks.layout(page)
    for place, fault in enumerate(FAULTY.values(), start=1):
        here = [one for one in seen if one.startswith(f"cell {place}: ")]
        assert fault == "contrast" and not here or bool(fault) == bool(here) and all(fault in one for one in here), here
    [pale] = [fault for fault in looks.contrast(page) if "ansi-" not in fault]  # an error's colours are JupyterLab's
    assert "pale" in pale

    page.set_viewport_size(PROJECTOR)
    assert looks.first_view(page) == []
    page.add_style_tag(content=".jp-NotebookPanel-toolbar { transform: translateY(-200px) }")
    assert looks.first_view(page) == ["the toolbar is not in view"]
    page.add_style_tag(content=".jp-WindowedPanel-inner { min-width: 3000px } html { width: 4000px }")
    assert {"the page scrolls sideways", "the notebook scrolls sideways"} <= set(looks.layout(page))
    page.keyboard.press("Escape")
    student.choose(page, "Help", "About JupyterLab")
    page.locator(".jp-Dialog").wait_for()
    assert "a dialog is open" in looks.first_view(page)


def test_a_page_that_asks_another_machine_is_refused(browser):
    """Nothing leaves the machine: a picture from elsewhere, here one that no name leads to, fails the test."""
    with pytest.raises(AssertionError, match="the page asked elsewhere.invalid"), student.page(browser) as page:
        page.set_content("<img src='http://elsewhere.invalid/a.png'>")
