"""Each citation in the text leads to its work among the references."""

import pytest
from bs4 import BeautifulSoup

from _ext.references import PAGE, anchor, cited, load_references, pattern

from . import book

pytestmark = pytest.mark.exhaustive

CITATIONS = pattern(load_references(book.ROOT / "references.yml"))
CITING = [*book.CHAPTERS, "chapters/errata.html"]


def article(path) -> BeautifulSoup:
    """The text of a page without its cards, whose texts are those of other programs as well."""
    found = BeautifulSoup(path.read_text(encoding="utf8"), "html.parser").select_one("article.bd-article")
    for card in found.select(".flashcard, pre"):
        card.decompose()
    return found


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_each_citation_leads_to_its_work_and_none_is_forgotten(site, edition):
    works, count = book.ids(site / edition / f"{PAGE}.html"), 0
    for page in CITING:
        text = article(site / edition / page)
        for link in text.select("a.citation"):
            place = link["href"].partition("#")[2]
            assert place in works and place == anchor(cited(link.get_text())), (page, link)
            count += 1
        for link in text.select("a"):
            link.decompose()
        assert CITATIONS.search(text.get_text()) is None, page
    assert count > 150
