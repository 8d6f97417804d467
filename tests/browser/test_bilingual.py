"""The bilingual edition: paragraph against paragraph where there is room, one below the other on a phone."""

import pytest

from . import book

pytestmark = pytest.mark.exhaustive

# For each pair: where the paragraphs of either language are, as [left, top, width].
PAIRS = """() => [...document.querySelectorAll(".pair")].filter((pair) => pair.checkVisibility()).map((pair) =>
  [...pair.children].map((language) => [...language.children].map((part) => {
    const { left, top, width } = part.getBoundingClientRect();
    return [left, top, width];
  })))"""


@pytest.mark.parametrize("chapter", book.CHAPTERS[::4])
def test_paragraphs_stand_side_by_side(reader, chapter):
    page = reader().open(f"bi/{chapter}")
    for width in (900, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        pairs = page.evaluate(PAIRS)
        assert len(pairs) > 5
        for chinese, english in pairs:
            assert len(chinese) == len(english)
            for (left, top, room), (right, level, other) in zip(chinese, english):
                assert level == pytest.approx(top, abs=12), "paragraphs that belong together begin at other heights"
                assert right >= left + room and min(room, other) > 230
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_below_900_pixels_the_languages_follow_one_another(reader):
    page = reader(viewport={"width": 899, "height": 800}).open(f"bi/{book.CHAPTERS[0]}")
    for chinese, english in page.evaluate(PAIRS):
        assert english[0][0] == chinese[0][0] and english[0][1] > chinese[-1][1]


@pytest.mark.parametrize("edition", ["zh", "en"])
def test_an_edition_of_one_language_has_no_columns(reader, edition):
    page = reader().open(f"{edition}/{book.CHAPTERS[0]}")
    assert page.locator(".pair").count() == 0
