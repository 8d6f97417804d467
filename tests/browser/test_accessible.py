"""axe-core, with all its rules, finds nothing; and the keyboard reaches everything.

What axe can't know, other tests say: that formulas carry MathML (test_math), and that all text stands out from what is
behind it in both themes (test_math looks at every text of the book; axe once at each kind of page).
"""

import re

import pytest

from . import axe, book
from .conftest import Reader
from .visits import THEMES

pytestmark = pytest.mark.exhaustive

KINDS = [book.PAGES[0], book.CHAPTERS[0], "chapters/cards.html", book.GLOSSARY, "search.html"]
SHEETS = ["cards/01-activations.html", "cheatsheets/01-activations.html", "cheatsheets/book.html"]


def look(someone, paths: list[str], contrast: bool) -> dict[str, list[str]]:
    """What axe finds on the pages that are not without a fault."""
    found = {path: axe.faults(someone.open(path, "file"), contrast) for path in paths}
    return {path: faults for path, faults in found.items() if faults}


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_nothing_is_found_on_any_page(reader, edition):
    assert look(reader(), [f"{edition}/{page}" for page in book.PAGES], contrast=False) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_is_found_on_any_kind_of_page_by_day_and_by_night(reader, theme):
    pages = [f"{edition}/{page}" for edition in book.EDITIONS for page in SHEETS] + [f"bi/{page}" for page in KINDS]
    assert look(reader(color_scheme=theme), [*pages, "404.html"], contrast=True) == {}


def test_the_entrance_is_found_in_order(browser, bases):
    """Without scripts, with which it would lead on at once; axe is itself one, and runs in the frame of another page."""
    without = Reader(browser, bases, java_script_enabled=False)
    page = without.open("index.html", "file").content()
    without.context.close()
    assert re.search(r'<html lang="[\w-]+">', page) and page.count("<h1") == 1 and "<main>" in page


def test_a_fault_would_be_found(reader):
    page = reader().open(f"en/{book.CHAPTERS[0]}", "file")
    page.evaluate("document.querySelector('article img').removeAttribute('alt')")
    page.evaluate("document.querySelector('article p').style.color = '#999'")
    found = axe.faults(page, contrast=True)
    assert any(fault.startswith("image-alt") for fault in found) and any(fault.startswith("color-contrast") for fault in found)


# The places that take the focus as a reader presses Tab, from the top of the page on.
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((element) => element.tabIndex >= 0 && !element.disabled
    && element.checkVisibility({ visibilityProperty: true }) && !element.closest("dialog:not([open])")).length"""
FOCUSED = """() => {
  const at = document.activeElement;
  window.focused ??= new Map();
  if (!focused.has(at)) focused.set(at, focused.size);
  return at === document.body ? null : focused.get(at);
}"""


@pytest.mark.parametrize("page", KINDS)
def test_the_keyboard_alone_reaches_everything_in_order(reader, page):
    opened = reader().open(f"en/{page}", "file")
    opened.evaluate("document.activeElement.blur()")
    expected, seen = opened.evaluate(REACHABLE), []
    assert expected > 20
    for _ in range(expected + 1):  # between the last and the first, the browser itself has the focus
        opened.keyboard.press("Tab")
        seen.append(opened.evaluate(FOCUSED))
    assert seen.count(None) <= 1 and len(set(seen) - {None}) == expected


def test_the_first_key_leads_past_the_navigation(reader):
    page = reader().open(f"en/{book.CHAPTERS[0]}", "file")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_a_sidebar_opens_closes_and_gives_the_focus_back(reader, side):
    page = reader(viewport={"width": 800, "height": 900}).open(f"en/{book.CHAPTERS[0]}", "file")
    button = page.locator(f".{side}-toggle")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator(f"#pst-{side}-sidebar-modal")
    dialog.wait_for()
    assert dialog.get_by_role("link").count() > 3
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert button.evaluate("(button) => button === document.activeElement")
    assert page.locator(f"#pst-{side}-sidebar a").count() > 3
