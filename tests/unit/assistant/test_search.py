"""The searches find pages by words, by vectors, and by both."""
import subprocess

import pytest

from helpers.assistant.pages import Page
from helpers.assistant.search import WordSearch, mix, split_words
from helpers.paths import ROOT
from helpers.setup import groups
from helpers.setup.venv import PYTHON, VENV

LIBRARY = [Page("a", "01", "Planes fly over the sea."), Page("b", "02", "The alias names a version of the model."),
           Page("c", "03", "The sea is wide, and the sea is blue.")]


def test_rare_words_count_more_than_common_ones():
    """`alias` stands in one page, `the` in all."""
    search = WordSearch(LIBRARY)
    assert search("Which alias names it?")[0].id == "b"
    assert search.weigh("version") > search.weigh("sea") > search.weigh("the") > search.weigh("unknown") == 0


def test_pages_with_equal_scores_stand_in_the_order_of_the_course():
    """So that answers repeat."""
    assert [page.id for page in WordSearch(LIBRARY)("nothing here")] == ["a", "b", "c"]


def test_a_word_and_its_plural_are_one():
    """Short words keep their s."""
    assert split_words("Flights' bus, as PSI .25") == ["flight", "bus", "as", "psi", "25"]


def test_ranks_of_several_searches_are_added():
    """A page that both put second may come first."""
    class Fixed:
        pages = LIBRARY

        def __init__(self, *scores):
            self.scores = scores

        def score(self, question):
            import numpy as np
            return np.array(self.scores, dtype=float)

    assert [page.id for page in mix(Fixed(3, 2, 1), Fixed(1, 2, 0))("")] == ["a", "b", "c"]
    assert [page.id for page in mix(Fixed(3, 2, 1), Fixed(0, 2, 1))("")][0] == "b"


@pytest.mark.needs_group("applications")
def test_vectors_know_words_of_similar_meaning():
    """Without a word in common, and with no network: the package's files are read directly."""
    code = (
        "from helpers.assistant.pages import Page; from helpers.assistant.search import VectorSearch\n"
        "pages = [Page('a', '', 'The aircraft landed late.'), Page('b', '', 'Bread is baked from flour.')]\n"
        "search = VectorSearch(pages); print(search('delayed plane arrival')[0].id, search('cake in an oven')[0].id)\n"
    )
    python = groups.find_home("applications") / PYTHON.relative_to(VENV)
    done = subprocess.run([python, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["a", "b"], done.stderr
