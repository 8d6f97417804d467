"""Formulas are drawn without scripts in the site's own fonts; text is legible by day and by night."""

import io
import json
import re
from itertools import cycle

import pytest
from PIL import Image

from _ext.rules import labels

from . import book
from .conftest import SCHEMES, Reader
from .visits import OPEN_FOLDS, THEMES

FORMULAS = """() => [...document.querySelectorAll(".katex")].map((formula) => {
  const drawn = formula.querySelector(".katex-html");
  const { width, height } = drawn ? drawn.getBoundingClientRect() : { width: 0, height: 0 };
  const read = formula.querySelector(".katex-mathml math");
  return {
    said: formula.textContent,
    drawn: width > 0 && height > 0 && getComputedStyle(drawn).visibility === "visible",
    read: Boolean(read && read.childElementCount && read.textContent.trim()),
  };
})"""

NUMBERED = """() => [...document.querySelectorAll(".equation:has(.katex-display):not(.flashcard *)")]
  .map((equation) => equation.id)"""

REFUSED = ".katex-error, .tex-error"

# Text in which TeX can be seen, outside of code.
LEFT_OVER = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (/[$\\]/.test(data) && !parentElement.closest(".katex, pre, code")) found.push(data.trim());
  }
  return found;
}"""

# The faces that formulas ask for, as the style sheet names them, against those that have been loaded.
FACES = """async () => {
  await document.fonts.ready;
  const name = (family, weight, style) => [
    family.split(",")[0].replaceAll('"', ""),
    weight === "bold" || Number(weight) >= 600 ? "bold" : "normal",
    style,
  ].join(" ");
  const speaks = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const asked = [...document.querySelectorAll(".katex-html *")]
    .filter((element) => [...element.childNodes].some(speaks))
    .map((element) => getComputedStyle(element))
    .map((style) => name(style.fontFamily, style.fontWeight, style.fontStyle));
  const faces = (status) => [...document.fonts].filter((face) => face.status === status)
    .map((face) => name(face.family, face.weight, face.style));
  return {
    asked: [...new Set(asked)].filter((face) => face.startsWith("KaTeX")).sort(),
    loaded: faces("loaded"),
    failed: faces("error"),
  };
}"""

# By how many pixels the place kept for a formula that is drawn only as it comes near is higher than the formula.
PLACES_KEPT = """() => {
  const bodies = [...document.querySelectorAll("article .equation-body")]
    .filter((body) => getComputedStyle(body).contentVisibility === "auto");
  const heights = (visibility) => {
    for (const body of bodies) body.style.contentVisibility = visibility;
    return bodies.map((body) => body.clientHeight);
  };
  const [kept, drawn] = [heights("hidden"), heights("visible")];
  return bodies.map((body, at) => kept[at] - drawn[at]);
}"""

@pytest.fixture(scope="module")
def chapters(browser, bases) -> dict[tuple[str, str], dict]:
    """What a reader without JavaScript sees of each chapter, its folds open.

    They come over http and from the disk in turn: the same bytes, drawn with the same style sheets and fonts, which
    both halves of the book load.
    """
    reader, seen = Reader(browser, bases, java_script_enabled=False), {}
    for chapter, scheme in zip(book.CHAPTERS, cycle(SCHEMES)):
        page = reader.open(f"bi/{chapter}", scheme)
        page.evaluate(OPEN_FOLDS)
        seen[scheme, chapter] = {
            "formulas": page.evaluate(FORMULAS),
            "faces": page.evaluate(FACES),
            "numbered": page.evaluate(NUMBERED),
            "places kept": page.evaluate(PLACES_KEPT),
            "undrawn": page.evaluate(LEFT_OVER) + page.locator(REFUSED).all_inner_texts(),
        }
    reader.context.close()
    assert reader.faults == []
    return seen


def test_without_scripts_every_formula_is_drawn_and_can_be_read_aloud(chapters):
    for where, seen in chapters.items():
        assert len(seen["formulas"]) > 10, where
        assert [one for one in seen["formulas"] if not (one["said"] and one["drawn"] and one["read"])] == []
        assert seen["undrawn"] == []


def test_every_display_formula_of_a_notebook_is_drawn_under_its_label(chapters):
    for (_, chapter), seen in chapters.items():
        cells = json.loads((book.ROOT / chapter).with_suffix(".ipynb").read_text(encoding="utf8"))["cells"]
        assert seen["numbered"] == [f"equation-{label}" for _, label in labels(cells)]


def test_nothing_moves_when_a_formula_is_drawn_as_it_comes_near(chapters):
    for where, seen in chapters.items():
        assert len(seen["places kept"]) > 10, where
        assert [extra for extra in seen["places kept"] if abs(extra) > 2] == [], where


def test_formulas_are_set_in_the_fonts_of_the_site(chapters):
    for where, seen in chapters.items():
        faces = seen["faces"]
        assert "KaTeX_Main normal normal" in faces["asked"], where
        assert [face for face in faces["asked"] if face not in faces["loaded"]] == []
        assert faces["failed"] == []


@pytest.mark.parametrize("page", book.PAGES)
def test_text_stands_out_from_its_background_by_day_and_by_night(visits, page):
    (pale,) = [visit.pale for visit in visits if visit.page == page and visit.pale]
    assert pale == {theme: [] for theme in THEMES}


def luminance(pixel) -> float:
    shares = [value / 255 for value in pixel[:3]]
    parts = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_figure_has_the_colours_of_its_page(reader, colours):
    """Its ground is that of the page, and its lines stand out from it."""
    opened = reader(color_scheme=colours).open(f"en/{book.CHAPTERS[0]}", "file")
    assert opened.evaluate("document.documentElement.dataset.theme") == colours
    figure = opened.locator("article figure img").first
    figure.scroll_into_view_if_needed()
    drawn = Image.open(io.BytesIO(figure.screenshot())).convert("RGB")
    lights = [luminance(pixel) for _, pixel in drawn.getcolors(1 << 24)]
    ground = luminance(max(drawn.getcolors(1 << 24))[1])
    page = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    around = luminance([int(part) for part in re.findall(r"\d+", page)[:3]])
    assert (max(ground, around) + 0.05) / (min(ground, around) + 0.05) < 1.2
    assert (max(lights) + 0.05) / (min(lights) + 0.05) > 7


def test_the_theme_is_switched_and_remembered(reader):
    someone = reader(color_scheme="light")
    page = someone.open(f"zh/{book.CHAPTERS[0]}")
    ground = "getComputedStyle(document.body).backgroundColor"
    day = page.evaluate(ground)
    for _ in range(3):  # by the system, light, dark
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
        page.locator(".theme-switch-button").click()
    page.wait_for_function(f"{ground} !== '{day}'")
    night = page.evaluate(ground)
    someone.open(f"en/{book.CHAPTERS[-1]}")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(ground) == night
