"""Interactive figures, as somebody with a keyboard, a thumb, a screen reader or no scripts meets them."""

import json

import pytest

from . import book
from .conftest import SCHEMES


def _figures() -> dict[str, tuple[str, str]]:
    """The page and the anchor of each interactive figure, by the name of its script."""
    found = {}
    for page in book.CHAPTERS:
        notebook = json.loads((book.ROOT / page).with_suffix(".ipynb").read_text(encoding="utf8"))
        for cell in notebook["cells"]:
            if "interactive" in cell["metadata"]:
                found[cell["metadata"]["interactive"]] = (page, cell["metadata"]["figure"]["name"])
    return found


FIGURES = _figures()
LABELS = {  # of one knob each
    "depth": ("权重的标准差", "Std of weights"),
    "descent": ("学习率 η", "Learning rate η"),
    "sampling": ("下限", "Lower end"),
    "temperature": ("温度 T", "Temperature T"),
}
SEE = """(figure) => ({
  drawing: figure.querySelector(".interactive-drawing").innerHTML,
  said: figure.querySelector(".interactive-said").textContent,
  values: [...figure.querySelectorAll("output")].map((output) => output.textContent),
  spoken: [...figure.querySelectorAll("input[type=range]")].map((input) => input.getAttribute("aria-valuetext")),
})"""
# Colours blend over what lies behind them; the figures use opaque ones but for the thick line.
CONTRASTS = """(figure) => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = figure;
  while (/^rgba\\(.*, 0\\)$|transparent/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const ground = light(getComputedStyle(behind).backgroundColor);
  const ratio = (colour) => (Math.max(light(colour), ground) + 0.05) / (Math.min(light(colour), ground) + 0.05);
  const all = (selector) => [...figure.querySelectorAll(selector)].map((element) => getComputedStyle(element));
  return {
    words: all("svg text").map((style) => ratio(style.fill))
      .concat(all("label, legend, output, .interactive-said p").map((style) => ratio(style.color))),
    marks: all("svg :is(.curve, .axis, .here)").map((style) => ratio(style.stroke))
      .concat(all("svg :is(.dot, .bar, .ink)").map((style) => ratio(style.fill)))
      .concat(all("button").map((style) => ratio(style.borderColor))),
  };
}"""

pytestmark = [pytest.mark.exhaustive, pytest.mark.parametrize("name", sorted(FIGURES))]


def open_figure(someone, name: str, edition: str = "en", scheme: str = "file"):
    page, anchor = FIGURES[name]
    return someone.open(f"{edition}/{page}", scheme).locator(f"figure#{anchor}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_knob_changes_drawing_and_text_by_keyboard_and_reset_undoes_it(reader, name, scheme):
    figure = open_figure(reader(), name, scheme=scheme)
    first = figure.evaluate(SEE)
    knobs = figure.locator("input[type=range]").all() + figure.locator("fieldset").locator("input:checked").all()
    assert len(knobs) >= 2
    for knob in knobs:
        for key in ("ArrowLeft", "ArrowLeft"):  # of two choices the second press leads back, so look after each
            before = figure.evaluate(SEE)
            knob_now = knob if knob.get_attribute("type") == "range" else figure.locator("fieldset input:checked")
            knob_now.press(key)
            seen = figure.evaluate(SEE)
            assert seen["drawing"] != before["drawing"]
            assert seen["values"] == seen["spoken"]
        if knob.get_attribute("type") == "range":
            assert seen["values"] != first["values"]
            assert seen["said"] != first["said"] or name == "sampling"
        figure.get_by_role("button", name="Reset").press("Enter")
        assert figure.evaluate(SEE) == first


def test_a_new_state_is_announced_when_the_knob_rests(reader, name):
    figure = open_figure(reader(), name)
    said = figure.locator(".interactive-said")
    assert said.get_attribute("aria-busy") is None
    figure.locator("input[type=range]").first.press("ArrowRight")
    assert said.get_attribute("aria-busy") == "true"
    figure.locator(".interactive-said[role=status]:not([aria-busy])").wait_for()


def test_the_drawing_is_an_image_whose_name_is_what_the_text_says(reader, name):
    figure = open_figure(reader(), name)
    figure.locator("input[type=range]").first.press("End")
    text = figure.locator(".interactive-said").inner_text()
    named = figure.get_by_role("img", name=text, exact=True)
    assert named.count() == 1
    assert named.evaluate("(drawing) => drawing.matches('svg.interactive-drawing')")
    assert figure.locator("> img").is_hidden(), "the picture is still there for a screen reader"


def test_tab_reaches_every_knob_and_button_in_their_order(reader, name):
    someone = reader()
    figure = open_figure(someone, name)
    inside = figure.evaluate(
        "(figure) => [...figure.querySelectorAll('input[type=range], input:checked, button')]"
        ".map((control, i) => (control.dataset.place = i))"
    )
    figure.locator("[data-place='0']").focus()
    reached = []
    for _ in inside:
        reached.append(int(someone.page.evaluate("document.activeElement.dataset.place ?? -1")))
        someone.page.keyboard.press("Tab")
    assert reached == inside


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_knobs_speak_the_language_of_the_edition(reader, name, edition):
    figure = open_figure(reader(), name, edition)
    said = {"zh": LABELS[name][0], "en": LABELS[name][1], "bi": " · ".join(LABELS[name])}[edition]
    assert figure.get_by_label(said, exact=True).count() == 1
    text = figure.locator(".interactive-panel").inner_text() + figure.locator(".interactive-drawing").text_content()
    assert bool(book.HAN.search(text)) == (edition != "en")
    codes = {element.get_attribute("lang") for element in figure.locator(".interactive-said p").all()}
    both = {one["lang"] for key, one in book.EDITIONS.items() if key in ("zh", "en")}
    assert codes == (both if edition == "bi" else {book.EDITIONS[edition]["lang"]})


def test_without_scripts_the_picture_stands(reader, name):
    someone = reader(java_script_enabled=False)
    figure = open_figure(someone, name)
    assert figure.locator("> img").is_visible()
    assert figure.locator(".interactive-panel").count() == 0


def test_with_scripts_the_live_drawing_takes_its_place_and_in_print_the_picture_stands(reader, name):
    someone = reader()
    figure = open_figure(someone, name)
    seen = ("> img", ".interactive-panel", "figcaption")
    assert [figure.locator(part).first.is_visible() for part in seen] == [False, True, True]
    someone.page.emulate_media(media="print")
    assert [figure.locator(part).first.is_visible() for part in seen] == [True, False, True]


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_on_a_small_phone_no_state_is_wider_than_the_column_and_every_knob_fits_a_thumb(reader, name, edition):
    someone = reader(viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    figure = open_figure(someone, name, edition)
    for end in ("Home", "End"):
        for knob in figure.locator("input[type=range]").all():
            knob.press(end)
        width, panel, column = figure.evaluate(
            "(figure) => [document.documentElement.scrollWidth, figure.querySelector('.interactive-panel').scrollWidth,"
            " figure.parentElement.getBoundingClientRect().width]"
        )
        assert width == 360 and panel <= column
    heights = figure.evaluate(
        "(figure) => [...figure.querySelectorAll('input[type=range], .interactive-choices label, button')]"
        ".map((control) => control.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_no_word_of_a_drawing_is_cut_off(reader, name):
    figure = open_figure(reader(viewport={"width": 360, "height": 780}), name, "bi")
    for end in ("Home", "End", "reset"):
        if end == "reset":
            figure.get_by_role("button").last.press("Enter")
        for knob in figure.locator("input[type=range]").all() if end != "reset" else ():
            knob.press(end)
        for choice in [None, *figure.locator("input[type=radio]").all()]:
            if choice:
                choice.check()
            cut = figure.evaluate(
                """(figure) => {
                  const frame = figure.querySelector(".interactive-drawing").getBoundingClientRect();
                  return [...figure.querySelectorAll("svg text")].filter((text) => {
                    const box = text.getBoundingClientRect();
                    return box.left < frame.left - 1 || box.right > frame.right + 1
                      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
                  }).map((text) => text.textContent);
                }"""
            )
            assert cut == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_marks_stand_out_in_both_themes(reader, name, theme):
    """WCAG 2.2: 4.5 for text, 3 for what a drawing needs to be understood."""
    seen = open_figure(reader(color_scheme=theme), name).evaluate(CONTRASTS)
    assert min(seen["words"]) >= 4.5
    assert min(seen["marks"]) >= 3


def test_only_pages_with_a_figure_load_its_script(site, name):
    for edition in book.EDITIONS:
        for page in book.PAGES:
            text = (site / edition / page).read_text(encoding="utf8")
            assert (f"interactive/{name}.js" in text) == (page == FIGURES[name][0])
            assert ("interactive/shared.js" in text) == (page in {page for page, _ in FIGURES.values()})
