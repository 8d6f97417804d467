"""The one style sheet says all that the theme's say: to put them back, whole and before it, changes the look of nothing."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tools.browsing import serve

from . import book
from .conftest import Reader
from .visits import OPEN_FOLDS, SET_THEME, THEMES

pytestmark = pytest.mark.exhaustive

WHOLE = {
    "pydata-sphinx-theme": "styles/pydata-sphinx-theme.css",
    "sphinx-book-theme": "styles/sphinx-book-theme.css",
}
PAGES = [book.PAGES[0], book.CHAPTERS[0], "chapters/cards.html", book.GLOSSARY, "search.html"]
WIDTHS = (1280, 390)

LOOK = """() => {
  const properties = ["display", "position", "visibility", "opacity", "color", "background-color", "background-image", "box-shadow",
    "font-family", "font-size", "font-weight", "font-style", "line-height", "text-align", "text-decoration-line", "white-space",
    "list-style-type", "width", "height", "top", "right", "bottom", "left", "z-index", "overflow-x", "overflow-y", "float", "order",
    "flex-direction", "flex-grow", "flex-wrap", "align-items", "justify-content", "gap", "cursor", "content", "transform",
    "grid-template-columns", "vertical-align", "scroll-margin-top", "max-width", "max-height", "min-width", "min-height", "filter",
    ...["top", "right", "bottom", "left"].flatMap((side) => [`margin-${side}`, `padding-${side}`, `border-${side}-width`,
      `border-${side}-style`, `border-${side}-color`])];
  // Rules tell elements apart by what they and those around them are: of those that are alike, the first and the last.
  const kinds = new Map(), kindOf = new Map(), ends = new Map();
  const all = [...document.querySelectorAll("body, body *:not(.katex *)")];
  all.forEach((element, index) => {
    const kind = `${kindOf.get(element.parentElement)} ${element.tagName} ${element.className}`;
    if (!kinds.has(kind)) kinds.set(kind, kinds.size);
    kindOf.set(element, kinds.get(kind));
    ends.set(kinds.get(kind), [ends.get(kinds.get(kind))?.[0] ?? index, index]);
  });
  const found = {};
  [...new Set([...ends.values()].flat())].forEach((index) => {
    const element = all[index];
    for (const part of [null, "::before", "::after", "::marker"]) {
      const style = getComputedStyle(element, part);
      if (part && style.content === "none") continue;
      const name = `${index} ${element.tagName.toLowerCase()}.${element.className} ${part || ""}`;
      found[name] = properties.map((property) => `${property}: ${style.getPropertyValue(property)}`);
    }
  });
  return found;
}"""


def whole_sheets() -> str:
    """The sheets of the theme as it ships them, less the icons that book.css draws."""
    files = [next(file for file in distribution(name).files if str(file).endswith(sheet)) for name, sheet in WHOLE.items()]
    css = "".join(Path(file.locate()).read_text(encoding="utf8") for file in files)
    return re.sub(r"@font-face\{[^}]*\}", "", css)


@pytest.fixture(scope="module")
def dressed(browser, site, tmp_path_factory):
    """A reader of the bilingual edition with the whole sheets put back into each page."""
    folder = tmp_path_factory.mktemp("dressed")
    for name in ("_static", "_images", "cards"):
        (folder / "bi").mkdir(exist_ok=True)
        (folder / "bi" / name).symlink_to(site / "bi" / name)
    (folder / "bi" / "chapters").mkdir()
    (folder / "bi" / "whole.css").write_text(whole_sheets(), encoding="utf8")
    for page in PAGES:
        text = (site / "bi" / page).read_text(encoding="utf8")
        link = f'<link rel="stylesheet" href="{"../" * page.count("/")}whole.css">'
        (folder / "bi" / page).write_text(text.replace("</title>", f"</title>{link}", 1), encoding="utf8")
    with serve(folder) as address:
        reader = Reader(browser, {"http": address})
        yield reader
        reader.context.close()


def seen(reader, page: str) -> dict[tuple, dict]:
    opened, looks = reader.open(f"bi/{page}"), {}
    opened.evaluate("document.fonts.ready.then(() => null)")
    opened.evaluate("(rule) => { const s = new CSSStyleSheet(); s.replaceSync(rule); document.adoptedStyleSheets.push(s); }",
                    "* { transition: none !important; content-visibility: visible !important }")  # fmt: skip
    opened.evaluate(OPEN_FOLDS)
    for width in WIDTHS:
        opened.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            opened.evaluate(SET_THEME, theme)
            looks[width, theme] = opened.evaluate(LOOK)
    return looks


@pytest.mark.parametrize("page", PAGES)
def test_what_was_left_out_would_change_nothing(reader, dressed, page):
    ours, whole = seen(reader(), page), seen(dressed, page)
    changed = [
        f"{where}: {name}: {mine} became {other}"
        for where, looks in ours.items()
        for name, values in looks.items()
        for mine, other in zip(values, whole[where][name])
        if mine != other
    ]
    assert not changed, "\n".join(changed[:30])
