"""Compares versions of a prompt on the questions of notebook 16, by the model that quotes, without a server."""
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.assistant import pages, questions, quoting, search

PRICES = (0.5, 2.0)  # dollars for a million tokens, read and written: those of notebook 16
MOST_COST = 1.5  # times that of the old version, by the gate


@dataclass(frozen=True)
class Result:
    """Whether each question was answered right, and the mean cost of an answer in dollars."""

    right: np.ndarray
    cost: float


def try_version(fill: Callable[..., list[dict]]) -> Result:
    """Return the result of a version of the prompt, given as the function that fills its `pages` and `question`."""
    asked, rank = questions.read(), _rank()
    right, costs = [], []
    for one in asked:
        found = "\n".join(f"[{page.id}] {page.text}" for page in rank(one.question)[:3])
        messages = fill(pages=found, question=one.question)
        answer = quoting.complete(messages)["content"]
        right.append(is_right(one, answer))
        read = sum(len(search.split_words(message["content"])) for message in messages)
        costs.append((read * PRICES[0] + len(search.split_words(answer)) * PRICES[1]) / 1e6)
    return Result(np.array(right), float(np.mean(costs)))


def _rank() -> search.Ranking:
    """Return the search of the assistant."""
    library = pages.read()
    return search.mix(search.WordSearch(library), search.VectorSearch(library))


def is_right(one: questions.Question, answer: str) -> bool:
    """Return whether an answer has all facts; where no page answers the question, whether it refuses."""
    if one.page is None:
        return quoting.REFUSAL in answer
    return all(fact in answer for fact in one.facts)


def find_interval(new: Result, old: Result) -> tuple[float, float]:
    """Return the ends of the 95 % interval over questions of the difference in right answers, as the notebook does."""
    difference = new.right.astype(float) - old.right.astype(float)
    draws = np.random.default_rng(0).choice(difference, (5000, len(difference))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)
