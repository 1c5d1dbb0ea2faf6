"""The checks of notebook 16: a scorer in any form, judged by what it says of quotations, each on pages of its own."""
import re

import mlflow
import pytest

from helpers import exercises
from helpers.assistant import quoting
from helpers.checks import nb16  # noqa: F401


def find_pairs(outputs):
    """Return the quotations of an answer, each with the page that it names."""
    return re.findall(r"(.+?) \[(\S+?)\]\s*", outputs["answer"].removeprefix(quoting.SAYS).strip())


def judge(grounded):
    """Return what the check says of a function, made a scorer."""
    return exercises.judge("16.1", mlflow.genai.scorer(grounded))


def by_a_loop(outputs, expectations=None):
    """Look for each quotation in its page."""
    found = find_pairs(outputs)
    for said, page in found:
        if page not in outputs["pages"] or said not in outputs["pages"][page]:
            return False
    return len(found) > 0


def as_feedback(outputs):
    """Answer with a Feedback."""
    return mlflow.entities.Feedback(value=by_a_loop(outputs))


def that_changes_its_input(outputs):
    """Answer, and empty the pages that were given."""
    right = by_a_loop(outputs)
    outputs["pages"].clear()
    return right


def of_small_letters(outputs):
    """Compare without capitals."""
    pages = {name: text.lower() for name, text in outputs["pages"].items()}
    return bool(found := find_pairs(outputs)) and all(said.lower() in pages.get(page, "") for said, page in found)


@pytest.mark.parametrize("grounded", [by_a_loop, as_feedback, that_changes_its_input, of_small_letters])
def test_a_scorer_is_right_in_any_form(grounded):
    """A loop, a Feedback, small letters; and one that empties the pages that it got spoils no later call."""
    assert judge(grounded)[0] == "correct"
    assert judge(by_a_loop)[0] == "correct"
