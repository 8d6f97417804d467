"""A page fits the screen it is read on: only formulas, code and tables may be wider, each in its own box."""

import pytest

from . import book
from .visits import OPEN_FOLDS, WIDTHS

PHONES = WIDTHS[1:]

@pytest.fixture(scope="module")
def layouts(visits) -> dict[tuple[int, str], dict]:
    """Each page of each edition at each width, with all its folds open."""
    measured = {
        (layout["width"], f"{visit.edition}/{visit.page}"): layout for visit in visits for layout in visit.layouts
    }
    assert len(measured) == len(WIDTHS) * len(book.EDITIONS) * len(book.PAGES)
    return measured


def assert_nowhere(faults: dict) -> None:
    lines = [f"{page} at {width} px: {fault}" for (width, page), fault in faults.items() if fault]
    assert not lines, "\n".join(lines)


def test_no_page_scrolls_sideways(layouts):
    wide = {where: seen["document"] for where, seen in layouts.items() if seen["document"] > seen["window"]}
    assert_nowhere(wide)


def test_nothing_reaches_out_of_the_column_unless_its_own_box_scrolls(layouts):
    assert_nowhere({where: seen["escaped"] for where, seen in layouts.items()})


def test_figures_are_no_wider_than_the_column(layouts):
    assert_nowhere({where: seen["wide images"] for where, seen in layouts.items()})


@pytest.mark.parametrize("width", PHONES)
def test_a_formula_wider_than_the_phone_scrolls_in_its_own_box(layouts, width):
    pages = {where: seen for where, seen in layouts.items() if where[0] == width}
    wide = {where: seen for where, seen in pages.items() if any(formula["wide"] for formula in seen["formulas"])}
    assert wide, "no formula of the book is wider than a phone, so this says nothing"
    assert_nowhere({where: f"{seen['document']} px" for where, seen in wide.items() if seen["document"] > width})


def test_formulas_keep_their_full_height(layouts):
    assert_nowhere({
        where: [formula["id"] for formula in seen["formulas"] if formula["clipped"]]
        for where, seen in layouts.items()
    })


def test_the_number_leaves_a_formula_room(layouts):
    assert_nowhere({
        where: [formula["id"] for formula in seen["formulas"] if formula["room"] < seen["column"] / 2]
        for where, seen in layouts.items()
    })


def test_the_language_switch_stands_at_the_top_of_every_page(layouts):
    names = [edition["name"] for edition in book.EDITIONS.values()]
    assert_nowhere({
        where: f"only {seen['languages']} in sight"
        for where, seen in layouts.items()
        if seen["languages"] != names
    })


def test_the_language_switch_is_large_enough_for_a_thumb(layouts):
    """24 px are the least that WCAG 2.2 allows a target."""
    assert_nowhere({where: f"{seen['target']} px" for where, seen in layouts.items() if seen["target"] < 24})


def test_a_formula_scrolls_by_keyboard(reader):
    """The box of a wide formula takes the focus and follows the arrow keys."""
    someone = reader(viewport={"width": 360, "height": 800})
    for chapter in book.CHAPTERS:
        page = someone.open(f"bi/{chapter}", "file")
        page.evaluate(OPEN_FOLDS)
        wide = page.evaluate_handle(
            "[...document.querySelectorAll('.equation-body')].find((box) => box.firstChild.scrollWidth > box.offsetWidth)"
        ).as_element()
        if wide:
            break
    # Not every browser lets a keyboard reach a box for the sole reason that it scrolls.
    assert wide.evaluate("(body) => body.tabIndex") == 0
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(body) => body.scrollLeft > 0", arg=wide)
