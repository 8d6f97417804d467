"""Whoever points at a term sees the other language's word for it, and gets from there to the glossary."""

import pytest

from . import book

CHAPTER = book.CHAPTERS[0]
TERM = next(term for term in book.TERMS if term["id"] == "activation-function")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def first(page, lang: str = "zh"):
    """The first link of the term on the page, by its word in a language."""
    return page.locator(f"a.term[data-other='{TERM['en' if lang == 'zh' else 'zh']}']").first


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pointing_at_a_term_shows_the_other_word(reader, lang):
    page = reader().open(f"{lang}/{CHAPTER}")
    word = page.locator(".term-word")
    assert word.count() == 0
    first(page, lang).hover()
    other = "en" if lang == "zh" else "zh"
    assert word.inner_text() == TERM[other]
    assert word.get_attribute("lang") == book.EDITIONS[other]["lang"]
    page.mouse.move(2, 2)
    assert word.count() == 0


def test_the_bilingual_edition_has_both_directions(reader):
    page = reader().open(f"bi/{CHAPTER}")
    for lang, other in (("zh", "en"), ("en", "zh")):
        first(page, lang).hover()
        assert page.locator(".term-word").inner_text() == TERM[other]


def test_the_keyboard_shows_it_and_takes_it_away(reader):
    page = reader().open(f"zh/{CHAPTER}")
    term = first(page)
    term.scroll_into_view_if_needed()
    page.keyboard.press("Tab")  # so that the focus is one that the keyboard gave
    term.focus()
    assert page.locator(".term-word").inner_text() == TERM["en"]
    assert term.get_attribute("aria-describedby") == page.locator(".term-word").get_attribute("id")
    page.keyboard.press("Escape")
    assert page.locator(".term-word").count() == 0 and term.get_attribute("aria-describedby") is None


def test_the_first_tap_shows_the_word_and_the_second_follows_the_link(reader):
    someone = reader(**PHONE)
    page = someone.open(f"zh/{CHAPTER}")
    first(page).tap()
    assert page.locator(".term-word").inner_text() == TERM["en"]
    assert someone.where() == f"zh/{CHAPTER}"
    first(page).tap()
    page.wait_for_url(f"**/zh/{book.GLOSSARY}#term-{TERM['id']}")


@pytest.mark.exhaustive
def test_every_word_is_shown_within_the_window(reader):
    page = reader(**PHONE).open(f"en/{CHAPTER}")
    terms = page.locator(".bd-article > section > section p a.term, .bd-article > section > p a.term")
    shown = 0
    for term in terms.all():
        if not term.is_visible():
            continue
        term.tap()
        box = page.locator(".term-word").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["viewport"]["width"]
        assert 0 <= box["y"] and box["y"] + box["height"] <= PHONE["viewport"]["height"]
        shown += 1
    assert shown > 10
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_without_scripts_a_term_leads_to_its_entry(reader):
    someone = reader(java_script_enabled=False)
    page = someone.open(f"en/{CHAPTER}")
    first(page, "en").click()
    assert someone.where() == f"en/{book.GLOSSARY}#term-{TERM['id']}"


@pytest.mark.exhaustive
def test_each_term_is_linked_once_in_a_section(reader):
    page = reader().open(f"zh/{CHAPTER}")
    own = """(section) => [...section.querySelectorAll("a.term")]
        .filter((term) => term.closest("section") === section).map((term) => term.hash)"""
    for section in page.locator(".bd-article section").all():
        links = section.evaluate(own)
        assert len(links) == len(set(links))
