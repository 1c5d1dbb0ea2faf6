"""Versions of a prompt are compared on the same questions."""
import numpy as np

from helpers.assistant import questions, quoting, versions


def test_an_answer_is_right_by_its_facts_or_by_its_refusal():
    """Where no page answers, only a refusal is right."""
    known, unknown = questions.Question("?", "p", ["a b", "c"]), questions.Question("?", None, [])
    assert versions.is_right(known, "a b and c") and not versions.is_right(known, "a b")
    assert versions.is_right(unknown, f"... {quoting.REFUSAL}") and not versions.is_right(unknown, "a b")


def test_the_interval_is_of_the_difference_of_each_question():
    """Equal results have no width, however often they are wrong."""
    half = versions.Result(np.array([True, False] * 30), 1.0)
    better = versions.Result(np.array([True] * 60), 1.0)
    assert versions.find_interval(half, half) == (0.0, 0.0)
    low, high = versions.find_interval(better, half)
    assert 0.3 < low < 0.5 < high < 0.7
