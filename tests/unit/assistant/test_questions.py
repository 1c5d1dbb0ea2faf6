"""The questions of notebook 16: each fact stands in its page, and the labels belong to the questions."""
from helpers.assistant import pages, questions


def test_each_fact_stands_in_the_page_that_the_question_cites():
    """Word for word, and some questions have no page."""
    texts = {page.id: page.text for page in pages.read()}
    for one in questions.read():
        assert bool(one.page) == bool(one.facts)
        assert all(fact in texts[one.page] for fact in one.facts), one
    assert sum(one.page is not None for one in questions.read()) >= 40
    assert sum(one.page is None for one in questions.read()) >= 10


def test_each_question_is_asked_once_and_has_one_label():
    """In the same order, as the notebook puts them side by side."""
    asked = [one.question for one in questions.read()]
    assert len(set(asked)) == len(asked)
    assert [label["question"] for label in questions.read_labels()] == asked
    assert {label["good"] for label in questions.read_labels()} == {True, False}
