"""The pages of the assistant: a copy of the notebooks' text, which may lag behind them a little, and says so."""
from helpers.assistant import pages, questions

MOST_CHANGED = 0.1  # of the pages that no question cites


def test_the_copy_is_the_one_that_notebook_16_was_stored_with():
    """Its digest stands here, so that nobody renews the copy without storing notebook 16 again."""
    assert pages.digest(pages.read()) == "18d1337aef12c1f8", (
        "the copy of the pages is another: run `python -m helpers store 16`, read its prose against its figures, "
        "and then write the new digest here")


def test_the_pages_that_questions_cite_stand_in_the_notebooks():
    """And nine of ten others: else a reader who follows a citation finds another text."""
    now = {page.id: page.text for page in pages.collect()}
    cited = {one.page for one in questions.read() if one.page}
    changed = [page.id for page in pages.read() if now.get(page.id) != page.text]
    what = "run `python -m helpers.assistant.pages`, the other tests of this folder, and `python -m helpers store 16`"
    assert not cited & set(changed), f"the notebooks have changed where questions cite them ({changed}): {what}"
    assert len(changed) <= MOST_CHANGED * len(pages.read()), f"{len(changed)} pages have changed: {what}"


def test_a_page_is_plain_prose():
    """Headings, tables, exercises, stars and addresses of links are left out."""
    for page in pages.read():
        assert "](" not in page.text and "**" not in page.text and "Exercise" not in page.text[:12]
        assert page.id.startswith(f"{page.notebook}-") and len(page.text) >= 80
    assert {page.notebook for page in pages.read()} == set(pages.NUMBERS)


def test_ids_are_unique():
    """A citation leads to one page."""
    ids = [page.id for page in pages.read()]
    assert len(set(ids)) == len(ids) > 400
