"""The questions of notebook 16: what an answer must contain and on which page it stands, or that no page has it."""
import json
from dataclasses import dataclass

from helpers.paths import DATA

FILE = DATA / "assistant" / "questions.json"
LABELS = DATA / "assistant" / "labels.json"


@dataclass(frozen=True)
class Question:
    """A question with the page that answers it and the words that an answer must contain; neither where none does."""

    question: str
    page: str | None
    facts: list[str]


def read() -> list[Question]:
    """Return the questions."""
    return [Question(**one) for one in json.loads(FILE.read_text(encoding="utf-8"))]


def read_labels() -> list[dict]:
    """Return answers with a person's label: `question`, `answer`, and whether it answers the question, `good`."""
    return json.loads(LABELS.read_text(encoding="utf-8"))
