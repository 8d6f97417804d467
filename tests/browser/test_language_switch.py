"""A reader changes the language and stays where they were; a visitor is met in their own language."""

from itertools import pairwise, permutations

import pytest

from . import book
from .conftest import SCHEMES

CHAPTER = book.CHAPTERS[-1]  # a page whose own number is not that of its first section
SECTIONS = [link.split("#")[1] for link, _ in book.headings(CHAPTER) if "#" in link]
THIRD = SECTIONS[2]
WALK = ["zh", "en", "bi", "zh", "bi", "en", "zh"]  # goes from each edition to each other one

assert set(pairwise(WALK)) == set(permutations(book.EDITIONS, 2))

# The sections whose headings can be seen in the upper half of the screen.
READING = """() => [...document.querySelectorAll("article section")].filter((section) => {
  const { left, top, bottom } = section.firstElementChild.getBoundingClientRect();
  const seen = document.elementFromPoint(left + 5, (top + bottom) / 2);
  return bottom < window.innerHeight / 2 && section.firstElementChild.contains(seen);
}).map((section) => section.id)"""


def press(page, edition: str) -> None:
    """A bare click: Playwright's own would first scroll the sticky header into view, and lose the place."""
    box = page.locator(".language-switch a", has_text=book.EDITIONS[edition]["name"]).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def change_to(page, edition: str) -> None:
    """Press the language; return when the page has arrived, and stands where it will stay."""
    press(page, edition)
    page.wait_for_url(f"**/{edition}/**", wait_until="load")
    page.evaluate("document.fonts.ready")


def scroll_to(page, anchor: str) -> None:
    page.evaluate("(id) => document.getElementById(id).scrollIntoView({ behavior: 'instant' })", anchor)


@pytest.mark.exhaustive
def test_the_section_in_view_stays_in_view(reader):
    someone = reader()
    page = someone.open(f"{WALK[0]}/{CHAPTER}")
    for edition in WALK[1:]:
        scroll_to(page, THIRD)
        change_to(page, edition)
        assert someone.where().split("#")[0] == f"{edition}/{CHAPTER}"
        assert page.evaluate(READING) == [THIRD]
        assert page.evaluate("document.documentElement.lang") == book.EDITIONS[edition]["lang"]


def test_the_section_stays_in_view_on_a_phone(reader):
    someone = reader(viewport={"width": 390, "height": 844})
    page = someone.open(f"zh/{CHAPTER}")
    scroll_to(page, THIRD)
    change_to(page, "en")
    assert page.evaluate(READING) == [THIRD]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_link_to_a_section_leads_to_it_in_every_language_in_turn(reader, scheme):
    someone = reader()
    page = someone.open(f"zh/{CHAPTER}#{THIRD}", scheme)
    for edition in ("en", "bi", "zh"):
        change_to(page, edition)
        assert someone.where().split("#")[0] == f"{edition}/{CHAPTER}"
        assert page.evaluate(READING) == [THIRD]


def test_at_the_top_of_a_page_the_other_one_opens_at_its_top(reader):
    someone = reader()
    page = someone.open(f"zh/{CHAPTER}")
    change_to(page, "en")
    assert someone.where() == f"en/{CHAPTER}"
    assert page.evaluate("window.scrollY") == 0


@pytest.mark.parametrize("chapter", book.CHAPTERS)
def test_a_fold_that_is_closed_stays_closed(visits, chapter):
    """Whoever reads an exercise and changes the language has not asked for the solution."""
    (below,) = [visit.below_folds for visit in visits if visit.page == chapter and visit.below_folds]
    assert below["folds"] > 0
    assert below["leads into"] == []


def test_without_scripts_the_switch_opens_the_same_page(reader):
    someone = reader(java_script_enabled=False)
    page = someone.open(f"zh/{CHAPTER}")
    page.locator(".language-switch a", has_text="English").click()
    assert someone.where() == f"en/{CHAPTER}"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_search_page_keeps_what_was_searched_for(reader, scheme):
    someone = reader()
    page = someone.open("zh/search.html?q=softmax", scheme)
    change_to(page, "en")
    field = page.locator("#book-search input")
    assert field.input_value() == "softmax"
    assert page.locator("#search-results li").count() > 0
    field.fill("sigmoid")
    change_to(page, "bi")
    assert field.input_value() == "sigmoid"
    assert page.locator("#search-results li").count() > 0


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("locale, edition", [("zh-CN", "zh"), ("en-GB", "en")])
def test_a_visitor_is_met_in_the_language_of_the_browser(reader, scheme, locale, edition):
    someone = reader(locale=locale)
    someone.open("index.html", scheme)
    someone.page.wait_for_url(f"**/{edition}/{book.PAGES[0]}")


def offers_the_choice(page) -> bool:
    hrefs = [link.get_attribute("href") for link in page.locator("nav a").all()]
    return hrefs == [f"{edition}/{book.PAGES[0]}" for edition in book.EDITIONS]


def test_a_visitor_with_another_language_has_the_choice(reader):
    someone = reader(locale="fr-FR")
    page = someone.open("index.html")
    page.wait_for_timeout(200)
    assert someone.where() == "index.html"
    assert offers_the_choice(page)


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_without_scripts_the_choice_stays_and_its_links_work(reader, edition):
    someone = reader(locale="zh-CN", java_script_enabled=False)
    page = someone.open("index.html")
    assert someone.where() == "index.html"
    assert offers_the_choice(page)
    page.locator(f"nav a[href^='{edition}/']").click()
    assert someone.where() == f"{edition}/{book.PAGES[0]}"
