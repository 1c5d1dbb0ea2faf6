"""The instructor's edition, slides and plan: in step with the notebooks, whole, and shown without a network."""
import os
import re
import signal
from html.parser import HTMLParser

import nbformat
import psutil
import pytest

from helpers import notebooks
from helpers.instructor import editions, plan
from helpers.paths import NOTEBOOKS, ROOT
from helpers.setup import groups
from helpers.setup.venv import SetupError
from support.copies import call, start
from support.running import NUMBERS, blanks

LIMITS = {"hour": 50, "half_day": 180}


@pytest.mark.parametrize("number", NUMBERS)
def test_notes_are_whole_and_in_step_with_the_notebook(number):
    """Each level-2 heading has a section, in order and once; each says how to go through it, and how long it takes."""
    for section in editions.read_sections(number):
        assert section.pace.strip() and all(map(str.strip, section.misconceptions))
        assert set(section.minutes) <= {course.key for course in plan.COURSES}
        assert all(type(minutes) is int and minutes > 0 for minutes in section.minutes.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('heading = "A gate"', 'heading = "A door"', "has the section 'A door' where notebook 06 has 'A gate'"),
        ('[[section]]\nheading = "Recap"', '[[section]]\nheading = "A gate"', "'A gate' where notebook 06 has 'Recap'"),
        ("pace = ", "speed = ", "unexpected keyword argument 'speed'"),
        ("minutes = {", "minutes = ", "cannot be used .* a \\[\\[section\\]\\] has heading, minutes, pace"),
    ],
)
def test_notes_out_of_step_are_refused_with_the_place(old, new, said, tmp_path, monkeypatch):
    """A heading that has changed, a wrong one, an unknown key, a broken file: each is told, and where."""
    text = (editions.NOTES / "06.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "06.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(editions, "NOTES", tmp_path)
    with pytest.raises(SetupError, match=said):
        editions.read_sections("06")
    with pytest.raises(SetupError, match="07.toml cannot be used"):
        editions.read_sections("07")


@pytest.fixture(scope="module")
def notes():
    """Return the notes on all notebooks."""
    return {number: editions.read_sections(number) for number in NUMBERS}


def test_courses_fill_their_time(notes):
    """The short ones sum to their length, breaks included; in a week each notebook takes what the README says."""
    for course in plan.COURSES:
        days = [plan.list_steps(course, day, notes) for day in course.days]
        noted = sum(section.minutes.get(course.key, 0) for sections in notes.values() for section in sections)
        assert sum(map(plan.sum_minutes, days)) == noted + sum(course.breaks.values()), "a notebook is on no day"
        assert plan.sum_minutes(days[0]) == LIMITS.get(course.key, plan.sum_minutes(days[0]))
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    promised = re.findall(r"^\| (\d\d) \| .* \| (\d+) \|$", table, re.MULTILINE)
    week = {number: sum(section.minutes.get("week", 0) for section in notes[number]) for number in NUMBERS}
    assert week == {number: int(minutes) for number, minutes in promised}


def test_short_courses_keep_to_the_core_path():
    """The two that have one day take notebooks of the core path, in its order, and both maps mark these."""
    for course in plan.COURSES[:2]:
        [day] = course.days
        assert day == tuple(number for number in plan.CORE if number in day)
    first = "\n".join(cell.source for cell in notebooks.read("00").cells if cell.cell_type == "markdown")
    for text in ((ROOT / "README.md").read_text(encoding="utf-8"), first):
        marked = re.findall(r"^\| \**(\d\d)\** \|[^|]*, \*core\* \|", text, re.MULTILINE)
        assert tuple(marked) == plan.CORE


def test_the_plan_runs_on_a_clock(notes):
    """Each row begins when the one before ends; the last ends with the course; a break stands among them."""
    parts = re.split(r"^##+ ", plan.make_table(notes), flags=re.MULTILINE)
    hour, half_day = (next(part for part in parts if part.startswith(name)) for name in ("In 50", "In 3 hours"))
    for part, end in ((hour, "0:50"), (half_day, "3:00")):
        times = re.findall(r"^\| (\d:\d\d) \| (\d:\d\d) \| \d+ \|", part, re.MULTILINE)
        assert times[0][0] == "0:00" and times[-1][1] == end
        assert [begin for begin, _ in times[1:]] == [end for _, end in times[:-1]]
    assert half_day.count("| 10 |  | Break |") == 2 and "Break" not in hour
    assert "breaks: 20; in all 180." in half_day and plan.summarise(notes).count("In a week, day") == 5


def prose(cells: list) -> str:
    """Return the Markdown of cells, blank lines left out."""
    lines = [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    return "\n".join(line for line in lines if line.strip())


@pytest.mark.parametrize("number", NUMBERS)
def test_an_edition_is_the_notebook_with_solutions_and_notes(number, notes):
    """Its prose is the notebook's, and its code but for the blanks; below each heading stands that section's note."""
    original, edition = notebooks.read(number), editions.make_edition(number)
    nbformat.validate(edition)
    told = [cell for cell in edition.cells if "instructor" in cell.metadata.get("tags", [])]
    kept = [cell for cell in edition.cells if cell not in told]
    assert prose(kept) == prose(original.cells)

    before, after = ([cell for cell in cells if cell.cell_type == "code"] for cells in (original.cells, kept))
    for old, new in zip(before, after, strict=True):
        answer = old.metadata.get("exercise", "").partition(".")[2]
        file = NOTEBOOKS / "solutions" / f"{number}_{answer}.py"
        assert new.source == (file.read_text(encoding="utf-8").strip() if answer else old.source)

    places = [place for place, cell in enumerate(edition.cells) if cell in told]
    noted = [editions.find_heading(edition.cells[place - 1]) for place in places]
    assert noted == [section.heading for section in notes[number]]
    assert all(section.pace in note.source for section, note in zip(notes[number], told, strict=True))
    assert all(line.startswith(">") for note in told for line in note.source.splitlines())


@pytest.mark.parametrize("number", NUMBERS)
def test_slides_have_no_formula_to_show(number):
    """They come without the large MathJax, so a formula would show its dollar signs."""
    for cell in editions.make_edition(number).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```|`[^`]*`", "", cell.source, flags=re.DOTALL)
            assert not re.search(r"\$[^$]+\$|\\\(|\\\[", text), f"add MathJax to slides.html.j2 for {text!r}"


def test_a_heading_in_a_block_of_code_begins_nothing():
    """Markdown is cut before sections and exercises alone."""
    text = "a\n\n```\n## no\n```\n\n## yes\n\nb\n### task\n#### small\n## again"
    assert editions.cut_text(text) == ["a\n\n```\n## no\n```", "## yes\n\nb", "### task\n#### small", "## again"]


def test_links_lead_to_the_course_from_where_the_edition_lies():
    """Files and pictures are found two folders up; an address and a place in the page stay."""
    text = "[a](05_x.ipynb) ![b](images/b.svg) [c](../data/README.md) [d](https://example.org) [e](#place)"
    assert editions.relink(text) == (
        "[a](../../notebooks/05_x.ipynb) ![b](../../notebooks/images/b.svg) [c](../../data/README.md) "
        "[d](https://example.org) [e](#place)"
    )


def test_a_notebook_whose_group_is_absent_is_named_with_the_command(tmp_path, monkeypatch, capsys):
    """It is left out, nothing fails, and the plan is there."""
    monkeypatch.setattr(editions, "_TARGET", tmp_path)
    monkeypatch.setattr(groups, "find_missing", lambda group: ["pyspark"])
    editions.main(["14"])
    said = capsys.readouterr().out
    assert "14  left out, as it needs the group spark: python -m helpers add spark\n" in said
    assert [path.name for path in tmp_path.iterdir()] == ["plan.md"]


@pytest.fixture
def small_course(tmp_path, monkeypatch):
    """Make a course of two short notebooks, of which the second fails, and return where its edition goes."""
    course = tmp_path / "notebooks"
    (course / "teaching").mkdir(parents=True)
    for number, code in {"00": "print(6 * 7)", "01": "half = 1\nhalf / 0"}.items():
        cells = [nbformat.v4.new_markdown_cell("# A title\n## Part"), nbformat.v4.new_code_cell(code)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), course / f"{number}_short.ipynb")
        sections = [f'[[section]]\nheading = "{name}"\nminutes = {{week = 1}}\npace = "Go."\n' for name in ("", "Part")]
        (course / "teaching" / f"{number}.toml").write_text("".join(sections))
    for module in (notebooks, editions):
        monkeypatch.setattr(module, "NOTEBOOKS", course)
        monkeypatch.setattr(module, "COURSE", {"00": "00_short", "01": "01_short"})
    monkeypatch.setattr(editions, "NOTES", course / "teaching")
    monkeypatch.setattr(editions, "_TARGET", tmp_path / "teach")
    monkeypatch.setattr(plan, "COURSES", (plan.Course("week", "In a week", (("00", "01"),)),))
    return tmp_path / "teach"


@pytest.mark.needs_group("slides")
def test_a_failure_names_notebook_cell_and_error_and_keeps_what_was_made(small_course):
    """The notebook before it is there with its outputs and slides, and nothing is left of the run."""
    with pytest.raises(SetupError) as failed:
        editions.main([])
    said = str(failed.value)
    assert said.startswith("01_short stopped in its cell 5, which starts with `half = 1`. ZeroDivisionError: division")
    assert f"is in {small_course};\n`python -m helpers teach 01` makes it again." in said
    made = ["00_short.ipynb", "00_short.slides.html", "plan.md"]
    assert sorted(path.name for path in small_course.iterdir()) == made
    assert "42" in nbformat.read(small_course / made[0], 4).cells[-1].outputs[0].text


@pytest.mark.skipif(os.name != "posix", reason="sends a Unix signal")
@pytest.mark.needs_group("slides")
def test_an_interrupt_leaves_nothing_running(tmp_path):
    """Ctrl-C in the middle of a notebook ends its kernel, and its workspace goes."""
    process = start(ROOT, "teach", "00", WORKBOOK_WORKSPACE=str(tmp_path))
    said = ""
    while "cell" not in said:
        said += process.stdout.read(1)
        assert process.poll() is None, process.stderr.read()
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130 and "Interrupted" in errors and "Traceback" not in errors, errors
    assert psutil.wait_procs(family, timeout=120)[1] == []
    assert [path.name for path in (tmp_path / "teach").iterdir()] == ["plan.md"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Make notebook 06 for an instructor by the real command, and return the workspace."""
    workspace = tmp_path_factory.mktemp("workspace")
    done = call(ROOT, "teach", "06", WORKBOOK_WORKSPACE=str(workspace))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert re.search(r"06_registry_versioning \.\.\. cell \d+ of \d+, \d+ s", done.stdout)
    assert "06_registry_versioning: notebook and slides, " in done.stdout and "In 50 minutes" in done.stdout
    return workspace


@pytest.mark.needs_group("slides")
def test_the_command_makes_a_notebook_that_ran_with_its_solutions(built):
    """Every check says correct, nothing failed, links lead somewhere; the reader's own workspace is as it was."""
    notebook = nbformat.read(built / "teach" / "06_registry_versioning.ipynb", 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    printed = "".join(output.get("text", "") for output in outputs)
    assert re.findall(r"^Exercise (\S+): correct\.", printed, re.MULTILINE) == list(blanks("06"))
    told = [cell for cell in notebook.cells if "instructor" in cell.metadata.get("tags", [])]
    assert len(told) == len(editions.read_sections("06"))
    targets = re.findall(r"\]\((\.\.[^)\s]+)\)", prose(notebook.cells))
    assert targets and all((ROOT / "workspace" / "teach" / target).resolve().exists() for target in targets)
    assert sorted(path.name for path in (built / "teach").iterdir()) == [
        "06_registry_versioning.ipynb", "06_registry_versioning.slides.html", "plan.md",
    ]  # fmt: skip
    assert not (built / "mlflow.db").exists() and not (built / "exercises.txt").exists()


class Addresses(HTMLParser):
    """Collects what a page loads by itself: not where its links lead."""

    def __init__(self):
        super().__init__()
        self.found, self.tag = [], ""

    def handle_starttag(self, tag, attributes):
        """Note the addresses among a tag's attributes."""
        self.tag, names = tag, {"src", "srcset", "data", "poster", "href"} - ({"href"} if tag == "a" else set())
        self.found += [value for name, value in attributes if name in names and not value.startswith("data:")]

    def handle_data(self, data):
        """Note the addresses in style sheets, and of modules that scripts import."""
        loads = {"style": r"url\(\s*['\"]?(?!data:|#)[^)]+|@import\s[^;]+", "script": r"\bfrom\s*['\"]\w+:[^'\"]+"}
        self.found += re.findall(loads[self.tag], data) if self.tag in loads else []


@pytest.mark.needs_group("slides")
def test_slides_load_nothing(built):
    """One file holds all: no script, style sheet, font or picture comes from elsewhere."""
    page = Addresses()
    page.feed((built / "teach" / "06_registry_versioning.slides.html").read_text(encoding="utf-8"))
    assert page.found == []


@pytest.fixture
def show(built, browser):
    """Return the slides, open in a browser that has no network, and what went wrong with them."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or wrong.append(asked.url))
    page.goto((built / "teach" / "06_registry_versioning.slides.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()", timeout=150_000)
    yield page, wrong
    context.close()


LOST = """() => {  // elements of the slide that is shown which can neither be seen nor be scrolled to
    const slide = Reveal.getCurrentSlide(), box = node => node.getBoundingClientRect();
    const lost = (node, way, end, limit) => {
        for (let at = node; at !== slide.parentNode && box(node)[end] > limit; at = at.parentNode) {
            const style = getComputedStyle(at)[way];
            if (["auto", "scroll"].includes(style)) return false;
            if (style !== "visible" && box(node)[end] > box(at)[end] + 1) return true;
        }
        return box(node)[end] > limit;
    };
    return [...slide.querySelectorAll(".jp-Cell, .jp-Cell *")].filter(node => box(node).width && (
        box(node).left < -1 || box(node).top < -1
        || lost(node, "overflowX", "right", 1281) || lost(node, "overflowY", "bottom", 721)
    )).map(node => `${node.tagName}: ${node.innerText}`);
}"""


@pytest.mark.needs_group("slides")
@pytest.mark.needs_group("browser")
def test_slides_show_everything_in_a_browser_without_a_network(show):
    """A slide for each section, a solution never with its task, all in view at 1280×720; no error, no request."""
    page, wrong = show
    assert page.evaluate("Reveal.getHorizontalSlides().length") == len(editions.read_sections("06"))
    texts, scrolling = [], 0
    for _ in range(page.evaluate("Reveal.getTotalSlides()")):
        assert page.evaluate(LOST) == []
        slide = page.evaluate_handle("Reveal.getCurrentSlide()").as_element()
        assert slide.query_selector(":scope > aside.notes")
        scrolling += slide.evaluate("node => node.scrollHeight > node.clientHeight + 8")
        texts.append(slide.inner_text())
        page.keyboard.press("Space")
    assert page.evaluate("Reveal.isLastSlide()")
    assert scrolling <= len(texts) / 10, "most slides need no scrolling"
    shown = "\n".join(texts)
    assert all(heading in shown for heading in editions.list_headings("06"))
    assert shown.count(": correct.") == len(blanks("06"))
    tasks = [text for text in texts if re.match(r"Exercise 6\.\d\n", text)]
    assert len(tasks) == len(blanks("06")) and not [text for text in tasks if "exercises.check" in text]
    assert wrong == []


@pytest.mark.needs_group("slides")
@pytest.mark.needs_group("browser")
def test_the_speaker_sees_the_notes(show):
    """The key S opens a second window with the section's note, which follows the slides."""
    page, wrong = show
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    value = opened.value.locator(".speaker-controls-notes .value")
    for place in (0, 2):
        page.evaluate(f"Reveal.slide({place}, 0)")
        pace = editions.read_sections("06")[place].pace.split("`")[0]
        value.get_by_text(pace[:40]).wait_for(timeout=150_000)
    assert wrong == []
