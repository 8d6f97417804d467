"""Whatever the book names is found by its name, in Chinese and English, and leads to its place."""

import re
from itertools import product

import pytest

from . import book
from .book import ids
from .conftest import SCHEMES, Reader

LINKS = "[...document.querySelectorAll('#search-results a')].map((link) => link.getAttribute('href'))"
TYPE_EACH = f"""(queries) => queries.map((query) => {{
  const field = document.querySelector("#book-search input");
  field.value = query;
  field.dispatchEvent(new Event("input", {{ bubbles: true }}));
  return {LINKS};
}})"""


def search_all(page, queries: list[str]) -> list[list[str]]:
    """What the search page offers while somebody types each query: the links of the results."""
    return page.evaluate(TYPE_EACH, queries)


def search(page, query: str) -> list[str]:
    return search_all(page, [query])[0]


def said(page) -> str:
    return page.locator("#search-status").inner_text()


def count(page, query: str) -> int:
    """How many results a query has in all; the page lists the first of them."""
    search(page, query)
    return int(re.search(r"\d+", said(page))[0])


@pytest.fixture(scope="module", params=product(SCHEMES, book.EDITIONS), ids="-".join)
def desk(request, browser, bases):
    """An open search page, for many queries one after the other, as (edition, page)."""
    scheme, edition = request.param
    reader = Reader(browser, bases)
    yield edition, reader.open(f"{edition}/search.html", scheme)
    reader.context.close()
    assert reader.faults == []


def test_every_term_of_the_glossary_is_found_there(desk):
    edition, page = desk
    # The glossary gives both names in every edition: whoever knows one looks up the other.
    entries = [(term, f"{book.GLOSSARY}#term-{term['id']}") for term in book.TERMS]
    names = [(term[key], link) for term, link in entries for key in ("zh", "en", "abbr") if key in term]
    found = search_all(page, [name for name, _ in names])
    assert names
    assert [name for (name, link), hits in zip(names, found) if link not in hits] == []


def test_every_heading_is_found_and_leads_to_its_place(desk):
    edition, page = desk
    pairs = [(link, query) for link, title in book.HEADINGS for query in book.spoken(title, edition)]
    links, queries = zip(*pairs)
    found = zip(links, queries, search_all(page, queries))
    assert [(query, link) for link, query, hits in found if link not in hits] == []


def test_the_heading_itself_comes_first(desk):
    edition, page = desk
    titles = {link: book.spoken(title, edition)[0] for link, title in book.HEADINGS}
    found = search_all(page, list(titles.values()))
    first = {link: next(iter(hits), None) for link, hits in zip(titles, found)}
    # Several chapters have exercises: the first result is one of the headings with this title.
    assert {link: hit for link, hit in first.items() if titles.get(hit) != titles[link]} == {}


def test_every_result_leads_to_a_place_of_the_edition(desk, site):
    edition, page = desk
    found = search_all(page, ["so", "函数", "or", "梯度", "se"])
    places = {link.partition("#")[::2] for hits in found for link in hits}
    assert len(places) > 10
    assert [place for place in places if place[1] and place[1] not in ids(site / edition / place[0])] == []


def test_a_formula_in_running_text_is_searched_as_it_is_read(site):
    for edition, words in {"zh": "，C 类用 softmax", "en": "sigmoid, C classes the softmax"}.items():
        assert words in (site / edition / "_static" / "search-data.js").read_text(encoding="utf8")


# Rare enough that the list of results holds all of them.
@pytest.mark.parametrize("word, middle", [("hardmax", "dm"), ("maxout", "xo"), ("调和级数", "和级")])
def test_two_characters_from_the_middle_of_a_word_are_enough(desk, word, middle):
    edition, page = desk
    whole, part = search_all(page, [word, middle])
    assert set(whole) <= set(part)
    assert whole or edition == "en"


def test_every_result_shows_what_was_found(desk):
    edition, page = desk
    gradient = "gradient" if edition == "en" else "梯度"
    for query in ["softmax", gradient, f"{gradient} sigmoid"]:
        search(page, query)
        assert page.locator("#search-results li:has(mark)").count() > 0
        assert page.locator("#search-results li:not(:has(mark))").all_inner_texts() == []
        assert page.locator("#search-results mark").first.inner_text().lower() in query


def test_one_letter_asks_for_more(desk):
    edition, page = desk
    search(page, "softmax")
    found = said(page)
    assert search(page, "s") == []
    asked = said(page)
    assert asked and asked != found
    assert search(page, " ｓ ") == []
    assert said(page) == asked


def test_one_chinese_character_is_a_word(desk):
    edition, page = desk
    assert count(page, " 矩 ") >= count(page, "雅可比矩阵") > 0


def test_nothing_found_says_so_with_the_query(desk):
    edition, page = desk
    assert search(page, "qqxyzzy") == []
    assert "qqxyzzy" in said(page)
    assert bool(book.HAN.search(said(page))) == (edition != "en")


def test_case_and_full_width_letters_make_no_difference(desk):
    edition, page = desk
    assert search(page, "SoftMax") == search(page, "softmax") == search(page, "ｓｏｆｔｍａｘ") != []


def test_a_query_is_text_and_no_pattern(desk):
    edition, page = desk
    for query in ["((", "[a", "*.", "\\\\", "$&", "^^", "a|b", "?:", "%s", "&lt;", "</p>", "${1}"]:
        search(page, query)
        shown = page.locator("#search-results li").all_inner_texts()
        assert [text for text in shown if query not in text] == []
        assert shown or query in said(page)


def test_html_in_a_query_is_shown_and_not_obeyed(desk):
    edition, page = desk
    query = "<img src=x onerror=\"document.title='obeyed'\"><b>bold</b>"
    search(page, query)
    assert query in said(page)
    assert page.locator("#search-status *, #search-results img").count() == 0
    assert page.title() != "obeyed"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_html_in_the_address_is_shown_and_not_obeyed(reader, scheme):
    query = "%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D'obeyed'%22%3E"
    page = reader().open(f"en/search.html?q={query}", scheme)
    assert "<img src=x onerror=" in said(page)
    assert page.locator("#search-status *").count() == 0
    assert page.title() != "obeyed"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_query_in_the_address_is_searched_on_load(reader, scheme):
    page = reader().open("zh/search.html?q=%E6%BF%80%E6%B4%BB", scheme)
    assert page.locator("#book-search input").input_value() == "激活"
    assert page.evaluate(LINKS)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_field_beside_every_chapter_leads_to_the_results(reader, scheme):
    someone = reader()
    page = someone.open(f"en/{book.CHAPTERS[0]}", scheme)
    page.locator(".sidebar-search input").fill("softmax")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/search.html?q=softmax")
    assert page.evaluate(LINKS)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_results_are_reached_and_opened_by_keyboard(reader, scheme):
    someone = reader()
    page = someone.open("en/search.html", scheme)
    link, title = next(heading for heading in book.headings(book.CHAPTERS[0]) if "#" in heading[0])
    page.keyboard.type(book.cells.localise(title, "en"))  # the field has the focus from the start
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == link
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{link}")
    heading = page.locator(f"section[id='{link.split('#')[1]}'] > h2")
    heading.wait_for()
    assert 0 <= heading.bounding_box()["y"] < 450


def test_the_back_button_returns_to_the_results(reader):
    someone = reader()
    page = someone.open("en/search.html")
    page.locator("#book-search input").fill("softmax")
    page.locator("#search-results a").first.click()
    page.wait_for_url("**/chapters/**")
    page.go_back()
    assert page.locator("#book-search input").input_value() == "softmax"
    assert page.evaluate(LINKS)


def test_without_scripts_the_page_says_what_it_needs(reader):
    page = reader(java_script_enabled=False).open("zh/search.html")
    assert "JavaScript" in page.locator("article noscript").inner_text()
