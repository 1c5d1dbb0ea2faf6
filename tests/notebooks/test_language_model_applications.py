"""What notebook 16 says in words is what its cells show."""
import re
import subprocess

import pytest

from helpers import notebooks
from helpers.paths import ROOT
from helpers.setup import groups
from helpers.setup.venv import PYTHON, VENV

LABELS = """
from helpers.assistant import pages, questions, quoting, search
library = pages.read()
rank = search.mix(search.WordSearch(library), search.VectorSearch(library))
for label in questions.read_labels():
    found = "\\n".join(f"[{page.id}] {page.text}" for page in rank(label["question"])[:3])
    messages = [{"role": "system", "content": "Answer the question from the pages."},
                {"role": "user", "content": f"{found}\\n\\nQuestion: {label['question']}"}]
    answer = quoting.complete(messages)["content"].removeprefix(quoting.SAYS).strip()
    if answer != label["answer"]:
        print(label["question"])
"""


def shown(words: str) -> str:
    """Return what the cell that contains some words shows."""
    [cell] = [cell for cell in notebooks.read("16").cells if cell.cell_type == "code" and words in cell.source]
    return "\n".join(one.get("text") or one.get("data", {}).get("text/plain", "") for one in cell.outputs)


def prose() -> str:
    """Return the notebook's text."""
    return "\n".join(cell.source for cell in notebooks.read("16").cells if cell.cell_type == "markdown")


def numbers(line: str) -> list[float]:
    """Return the numbers of a line."""
    return [float(number) for number in re.findall(r"-?\d+\.\d+|-?\d+", line)]


def test_the_gate_is_told_as_it_decided():
    """Version 2 is better by .15, from .03 to .27; version 3 is refused by its interval and its cost."""
    second, third = (next(line for line in shown("def gate(").splitlines() if line.startswith(name))
                     for name in ("2 against 1", "3 against 2"))
    difference, low, high, cost = numbers(second)[2:]
    assert (round(difference, 2), round(low, 2), round(high, 2)) == (0.15, 0.03, 0.27) and 0.95 < cost < 1.05
    assert second.endswith("yes") and third.endswith("no")
    assert numbers(third)[3] < 0 < numbers(third)[4] and numbers(third)[5] > 1.5
    assert "it is better by .15, with an interval from .03 to .27" in prose()


def test_the_searches_differ_as_the_text_says():
    """Both intervals contain zero, and the three searches stand in the table with both at the top."""
    words, vectors = (numbers(line.partition(":")[2]) for line in shown("def interval(").splitlines() if ":" in line)
    assert words[1] < 0 < words[2] and vectors[1] < 0 < vectors[2]
    assert words[0] > 0 and vectors[0] > 0 and "both intervals contain zero" in prose()


def test_hit_at_3_is_never_below_hit_at_1():
    """As the second counts the questions of the first, and others."""
    lines = shown("hit at 1\": hit.mean()").splitlines()
    rows = [numbers(line)[-2:] for line in lines if re.match(r"(BM25|vectors|both) ", line)]
    assert len(rows) == 3 and all(first <= third for first, third in rows)


def test_the_judge_errs_as_often_as_the_text_says():
    """It accepts 22 bad answers; the scorer refuses three good ones."""
    rows = {line.split("  ")[0]: numbers(line.split("  ", 1)[1]) for line in shown("def compare(").splitlines()[1:5]}
    assert rows["bad, said yes"] == [22.0, 0.0] and rows["good, said no"][1] == 3.0
    assert "says yes to 22 bad answers" in prose() and "no to three good answers" in prose()


def test_version_2_refuses_whatever_no_page_answers():
    """And version 1 nothing."""
    line = next(line for line in shown("results = {version").splitlines() if line.startswith("right, without a page"))
    assert numbers(line) == [0.0, 1.0, 0.0]


@pytest.mark.needs_group("applications")
def test_the_labels_are_of_version_1s_answers():
    """Else the reader's labels would be compared with grades of other answers."""
    python = groups.find_home("applications") / PYTHON.relative_to(VENV)
    done = subprocess.run([python, "-c", LABELS], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, ""), f"{done.stdout}{done.stderr}: read and label these answers anew"
