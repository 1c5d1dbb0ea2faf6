"""Search in the pages: by the words that they share with a question (BM25), by pretrained vectors, or by both."""
import importlib.util
import math
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.assistant.pages import Page

Ranking = Callable[[str], list[Page]]  # a question's pages, the best first
_SATURATION, _LENGTH = 1.5, 0.75  # BM25's usual settings


def split_words(text: str) -> list[str]:
    """Return the words of a text in small letters, a plural's last s cut off."""
    return [word.removesuffix("s") if len(word) > 3 else word for word in re.findall(r"[a-z0-9_]+", text.lower())]


class WordSearch:
    """BM25: a page's score grows with each word of the question in it, more for rare words and in short pages.

    See Robertson and Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond.
    """

    def __init__(self, pages: list[Page]) -> None:
        """Count the words of the pages."""
        self.pages, self._counts = pages, [Counter(split_words(page.text)) for page in pages]
        lengths = [count.total() for count in self._counts]
        self._norms = [1 - _LENGTH + _LENGTH * length * len(pages) / sum(lengths) for length in lengths]
        holding = Counter(word for count in self._counts for word in count)
        self._weights = {word: math.log(1 + (len(pages) - n + 0.5) / (n + 0.5)) for word, n in holding.items()}

    def weigh(self, word: str) -> float:
        """Return how much a word counts: more if few pages have it, 0 if none has."""
        return self._weights.get(word, 0.0)

    def score(self, question: str) -> np.ndarray:
        """Return a score for each page."""
        words = set(split_words(question))
        return np.array([
            sum(self.weigh(word) * count[word] * (_SATURATION + 1) / (count[word] + _SATURATION * norm)
                for word in words if word in count)
            for count, norm in zip(self._counts, self._norms)
        ])

    def __call__(self, question: str) -> list[Page]:
        """Return the pages, the best first."""
        return _sort(self.pages, self.score(question))


class VectorSearch:
    """Pretrained vectors of the package wordllama: a page's score is the cosine of its vector and the question's."""

    def __init__(self, pages: list[Page]) -> None:
        """Read the vectors of the words from the package's files (its own loader may ask the network)."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        home = Path(importlib.util.find_spec("wordllama").submodule_search_locations[0])
        self._tokenizer = Tokenizer.from_file(str(home / "tokenizers" / "l2_supercat_tokenizer_config.json"))
        self._tokenizer.no_padding()
        self._words = load_file(home / "weights" / "l2_supercat_256.safetensors")["embedding.weight"]
        self.pages, self._vectors = pages, np.array([self.embed(page.text) for page in pages])

    def embed(self, text: str) -> np.ndarray:
        """Return a text's vector: the mean of the vectors of its words, of length 1."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        mean = self._words[ids].astype(np.float64).mean(axis=0) if ids else np.ones(self._words.shape[1])
        return mean / np.linalg.norm(mean)

    def score(self, question: str) -> np.ndarray:
        """Return a score for each page."""
        return self._vectors @ self.embed(question)

    def __call__(self, question: str) -> list[Page]:
        """Return the pages, the best first."""
        return _sort(self.pages, self.score(question))


def mix(*searches: WordSearch | VectorSearch, flat: int = 60) -> Ranking:
    """Return a search that adds 1 / (flat + rank) over several searches (reciprocal rank fusion)."""

    def rank(question: str) -> list[Page]:
        pages = searches[0].pages
        ranks = [np.argsort(np.argsort(-search.score(question), kind="stable")) for search in searches]
        return _sort(pages, sum(1 / (flat + 1 + rank) for rank in ranks))

    return rank


def _sort(pages: list[Page], scores: np.ndarray) -> list[Page]:
    """Return pages by their scores, the highest first; of equal ones, the first in the course."""
    return [pages[place] for place in np.argsort(-np.round(scores, 9), kind="stable")]
