"""Every page of every edition, over http and from the disk, is whole and speaks one language."""

import re
from collections import defaultdict
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import pytest

from tools.packing import OFFLINE

from . import book
from .book import ids
from .conftest import SCHEMES
from .visits import LOOK

# Names that stay as they are in any language; the switch itself is not looked at.
NAMES = {"JavaScript", "notesrc", "MIT", "CC", "BY"}

def assert_on_every_page(visits, find_faults) -> None:
    """Fail with each fault that ``find_faults`` names, once, and the pages that have it."""
    places = defaultdict(list)
    for visit in visits:
        for fault in dict.fromkeys(find_faults(visit)):
            places[fault].append(f"{visit.edition}/{visit.page} ({visit.scheme})")
    lines = [f"{fault}\n    on {len(where)} pages: {', '.join(where[:4])}" for fault, where in places.items()]
    assert not lines, "\n".join(lines)


@lru_cache(maxsize=None)
def latin_words(text: str, edition: str) -> set[str]:
    """The Latin words of a piece of the interface, less titles: a section may be called softmax."""
    for title in sorted(book.titles(edition), key=len, reverse=True):
        text = text.replace(title, "")
    return set(re.findall(r"[A-Za-z]{2,}", text)) - NAMES


def foreign(texts: list[str], edition: str) -> list[str]:
    """What is not in the language of an edition's interface; the bilingual edition's is Chinese."""
    if edition == "en":
        return [text for text in texts if book.HAN.search(text)]
    return [text for text in texts if latin_words(text, edition)]


def test_the_pages_are_those_of_the_table_of_contents(site):
    for edition in book.EDITIONS:
        folder = site / edition
        built = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
        assert built - {"index.html"} == set(book.PAGES) | book.SHEETS


def test_the_site_holds_its_editions_their_choice_what_it_offers_and_nothing_else(site):
    root = {path.name for path in (book.ROOT / "_assets" / "root").iterdir()}
    (wheel,) = site.glob("notesrc-*.whl")
    offered = {"cards", "licences.txt", wheel.name, OFFLINE}
    assert {path.name for path in site.iterdir()} == root | offered | set(book.EDITIONS)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("edition", book.EDITIONS)
def test_an_edition_opens_with_its_first_page(reader, scheme, edition):
    someone = reader()
    someone.open(f"{edition}/index.html", scheme)
    someone.page.wait_for_url(f"**/{edition}/{book.PAGES[0]}")


def test_nothing_goes_wrong(visits):
    """No request to the outside, no message in the console, no script error, nothing missing."""
    assert_on_every_page(visits, lambda visit: visit.faults)


def test_whatever_a_page_loads_arrives_over_http(visits):
    """What one page has from the disk and no page over http would be seen by one way alone."""
    arrived = {file for visit in visits if visit.scheme == "http" for file in visit.loaded}
    assert_on_every_page(visits, lambda visit: sorted(set(visit.loaded) - arrived))


def test_every_page_is_visited_from_the_disk_and_in_one_edition_over_http(visits):
    by_scheme = {scheme: [visit for visit in visits if visit.scheme == scheme] for scheme in SCHEMES}
    everywhere = {(edition, page) for edition in book.EDITIONS for page in book.PAGES}
    assert {(visit.edition, visit.page) for visit in by_scheme["file"]} == everywhere
    assert sorted(visit.page for visit in by_scheme["http"]) == sorted(book.PAGES)
    assert {visit.edition for visit in by_scheme["http"]} == set(book.EDITIONS)


def test_a_page_names_its_icon(visits):
    """Where a page names none, a browser asks the server for /favicon.ico, which is not there."""
    assert_on_every_page(visits, lambda visit: [] if visit.seen["icons"] else ["no icon"])


def test_a_page_names_its_language(visits):
    def wrong(visit):
        lang = visit.seen["lang"]
        return [] if lang == book.EDITIONS[visit.edition]["lang"] else [f"<html lang={lang!r}>"]

    assert_on_every_page(visits, wrong)


def test_a_page_has_one_title(visits):
    def wrong(visit):
        count = visit.seen["titles"]
        return [] if count == 1 else [f"{count} h1"]

    assert_on_every_page(visits, wrong)


def test_images_are_drawn(visits):
    def broken(visit):
        return [image["src"] for image in visit.seen["images"] if not image["width"]]

    assert any(visit.seen["images"] for visit in visits)
    assert_on_every_page(visits, broken)


def test_images_are_described_in_the_language_of_the_page(visits):
    def wrong(visit):
        for image in visit.seen["images"]:
            if not image["alt"].strip():
                yield f"{image['src']} has no alternative text"
            elif bool(book.HAN.search(image["alt"])) == (visit.edition == "en"):  # bi says both
                yield f"alternative text in the wrong language: {image['alt']}"

    assert_on_every_page(visits, wrong)


def test_every_link_leads_somewhere(visits, site):
    def lost(visit):
        base = visit.base
        for link in visit.seen["links"]:
            address = urlsplit(link)
            path = site / unquote(address._replace(query="", fragment="").geturl().removeprefix(base))
            if address.scheme in {"https", "mailto", "data"}:
                continue  # to the outside; the tests have no network
            if not link.startswith(base):
                yield f"{link} leaves the site"
            elif not path.is_file():
                yield f"{link}: no such file"
            elif path.name == "cards.html" and address.fragment.startswith("chapter="):
                if f"chapters/{address.fragment.removeprefix('chapter=')}.html" not in book.CHAPTERS:
                    yield f"{link}: no such chapter to study"
            elif address.fragment and unquote(address.fragment) not in ids(path):
                yield f"{link}: no such place"

    assert_on_every_page(visits, lost)


def test_the_interface_speaks_the_language_of_the_edition(visits):
    assert_on_every_page(visits, lambda visit: foreign(visit.seen["interface"], visit.edition))


def test_the_english_edition_holds_chinese_only_as_names_in_the_glossary_and_quoted_as_code(visits):
    english = [visit for visit in visits if visit.edition == "en"]
    assert_on_every_page(english, lambda visit: foreign(visit.seen["text"], "en"))


def test_a_page_names_itself_in_all_editions(visits):
    # No code stands for two languages, so the bilingual page serves whoever reads neither edition.
    codes = {"x-default" if name == "bi" else one["lang"]: name for name, one in book.EDITIONS.items()}

    def wrong(visit):
        alternates = visit.seen["alternates"]
        if set(alternates) != set(codes):
            yield f"alternates {sorted(alternates)}"
        for code, link in alternates.items():
            if not link.endswith(f"/{codes[code]}/{visit.page}"):
                yield f"{code} at {link}"

    assert_on_every_page(visits, wrong)


def test_anchors_are_unique_and_the_same_in_all_editions(visits):
    anchors = {(visit.edition, visit.page): visit.seen["anchors"] for visit in visits}

    def wrong(visit):
        mine, english = visit.seen["anchors"], anchors["en", visit.page]
        if mine != english or len(set(mine)) < len(mine):
            yield f"{set(mine) ^ set(english) or 'the same in another order, or twice'}"

    assert_on_every_page(visits, wrong)


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_buttons_work_and_speak_the_language_of_the_edition(reader, edition):
    """What scripts say only when something is pressed: copy, theme, sidebars, the search key."""
    # So narrow that both sidebars have their button.
    narrow = {"width": 800, "height": 900}
    someone = reader(viewport=narrow, permissions=["clipboard-read", "clipboard-write"])
    page = someone.open(f"{edition}/{book.CHAPTERS[0]}")
    page.locator("button.copybtn").first.click()
    page.locator("button.copybtn.success").wait_for()
    code = page.locator("div.highlight pre").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()").split() == code.split()
    said = page.evaluate(LOOK)["interface"]
    for button in (".theme-switch-button", ".primary-toggle", ".secondary-toggle"):
        page.locator(button).hover()  # shows its tooltip
        page.locator(button).click()
        said += page.evaluate(LOOK)["interface"]
        page.keyboard.press("Escape")
    assert foreign(said, edition) == []


@pytest.mark.parametrize("page", ["search.html", book.CHAPTERS[0]])
def test_the_search_key_of_the_theme_breaks_nothing(reader, page):
    someone = reader()
    someone.open(f"en/{page}").keyboard.press("Control+k")
    someone.page.wait_for_timeout(100)
    assert someone.page.locator("dialog[open]").count() == 0
