"""What a notebook of the book must hold to. A fault is a located line that a writer can act upon."""

import json
import re
from collections import Counter
from pathlib import Path

from . import cells as c

LINE_LENGTH = 84
SCRIPTS = Path(__file__).parent.parent / "_assets" / "static" / "interactive"
INTERACTIVE = {path.stem for path in SCRIPTS.glob("*.js")} - {"shared"}

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]")
_CODE_SPAN = re.compile(r"(`+).+?\1", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_DISPLAY = re.compile(r"\$\$(.+?)\$\$(?:[ \t]*\(([^)\s]*)\))?", re.DOTALL)
# The site's policy refuses it in a browser; Jupyter, where the notebook is opened as well, has none.
_FOREIGN = re.compile(
    r"<(?:script|style|iframe|object|embed|link|meta|base|form|svg|img|video|audio)\b[^>]*>?"
    r"|<[a-z][^>]*\s(?:on\w+|style|srcdoc)\s*=[^>]*>?|\b(?:javascript|vbscript|data):(?=\S)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def book_faults(paths: list[Path]) -> list[tuple[Path, str]]:
    """Every fault of the given notebooks, as (path, message); labels are unique over all of them."""
    faults, seen = [], {}
    for path in paths:
        try:
            notebook = json.loads(path.read_text(encoding="utf8"))
            cells = notebook["cells"]
        except (ValueError, KeyError, TypeError) as error:
            faults.append((path, f"not a notebook: {error}"))
            continue
        faults += [(path, fault) for fault in notebook_faults(cells)]
        for where, label in labels(cells):
            if label in seen:
                faults.append((path, f"{where}: label {label!r} is used already in {seen[label]}"))
            seen.setdefault(label, f"{path.name}, {where}")
    return faults


def labels(cells) -> list[tuple[str, str]]:
    """The labels of the display formulas, each as (place, label)."""
    return [
        (_place(index, cell), label)
        for index, cell in enumerate(cells)
        if cell["cell_type"] == "markdown"
        for _, label in _DISPLAY.findall(_prose(cell))
        if label
    ]


def notebook_faults(cells) -> list[str]:
    """The faults that show within one notebook, in the order of its cells."""
    faults = []
    for index, cell in enumerate(cells):
        before = cells[index - 1] if index else None
        after = cells[index + 1] if index + 1 < len(cells) else None
        check = _code_faults if cell["cell_type"] == "code" else _markdown_faults
        found = [*_tag_faults(cell), *check(cell, before, after)]
        faults += [f"{_place(index, cell)}: {fault}" for fault in found]
    return [*faults, *_heading_faults(cells)]


def _place(index: int, cell) -> str:
    return f"cell {index + 1} ({cell.get('id', 'no id')})"


def _prose(cell) -> str:
    return _CODE_SPAN.sub("", _FENCE.sub("", c.source(cell)))


def _tag_faults(cell):
    if unknown := c.tags(cell) - c.TAGS:
        yield f"unknown tag {', '.join(sorted(unknown))}; known are {', '.join(sorted(c.TAGS))}"
    if set(c.LANGUAGES) <= c.tags(cell):
        yield "tagged zh and en at once"


def _markdown_faults(cell, before, after):
    lang = c.language(cell)
    twin = {"zh": after, "en": before}.get(lang)
    if lang and not (twin and c.tags(twin) == c.tags(cell) - {lang} | ({*c.LANGUAGES} - {lang})):
        other, side = ("en", "after") if lang == "zh" else ("zh", "before")
        yield f"{lang} cell without its {other} twin directly {side} it"
    if "caption" in c.tags(cell) and lang == "zh" and not (before and "figure" in before["metadata"]):
        yield "caption without a figure cell directly before it"
    prose = _prose(cell)
    if lang and c.headings(c.source(cell)):
        yield "heading in a cell of one language; headings are shared cells, 中文 · English"
    if lang == "en" and _HAN.search(prose):
        yield f"Chinese in an en cell: {_around(prose)}"
    if lang and _DISPLAY.search(prose):
        yield "display formula in a cell of one language; a formula is written once, in a shared cell"
    if not lang and _HAN.search("".join(line for line in prose.splitlines() if not line.startswith("#"))):
        yield f"Chinese in a shared cell that is not a heading: {_around(prose)}"
    if foreign := _FOREIGN.search(prose):
        yield f"HTML that could run or load something: {foreign[0]}"
    for tex, label in _DISPLAY.findall(prose):
        if not _LABEL.fullmatch(label):
            yield f"display formula without a kebab-case label: {' '.join(tex.split())[:60]}"
    for _, title in c.headings(c.source(cell)):
        if not c.halves(title):
            yield f"heading without two languages, 中文 · English: {title}"


def _code_faults(cell, before, after):
    if c.language(cell):
        yield "code cell tagged with a language; code is shared"
    code = c.source(cell)
    if _HAN.search(code):
        yield f"Chinese in a code cell: {_around(code)}"
    if (longest := max(map(len, code.splitlines()), default=0)) > LINE_LENGTH:
        yield f"code line of {longest} characters; {LINE_LENGTH} fit on a page"
    shown = json.dumps([_text_of(output) for output in cell["outputs"]], ensure_ascii=False)
    if foreign := _FOREIGN.search(" ".join(_html_of(output) for output in cell["outputs"])):
        yield f"HTML in an output that could run or load something: {foreign[0]}"
    if _HAN.search(shown):
        yield f"Chinese in an output: {_around(shown)}"
    if code.strip() and cell["execution_count"] is None:
        yield "code cell that was never run; run `make notebooks`"
    draws = any("image/png" in output.get("data", {}) for output in cell["outputs"])
    figure = cell["metadata"].get("figure")
    if draws and not figure:
        yield "figure without name and alternative text in the metadata of its cell"
    if figure and not (figure.get("name") and all(figure.get("alt", {}).get(lang) for lang in c.LANGUAGES)):
        yield 'figure metadata must be {"name": …, "alt": {"zh": …, "en": …}}'
    if figure and not (after and "caption" in c.tags(after)):
        yield "figure without a caption directly after it"
    live = cell["metadata"].get("interactive")
    if live is not None and not figure:
        yield "interactive, but not a figure; it belongs into the metadata of a figure's cell"
    elif live is not None and live not in INTERACTIVE:
        yield f"unknown interactive figure {live!r}; known are {', '.join(sorted(INTERACTIVE))}"


def _text_of(output) -> list:
    data = output.get("data", {})
    return [output.get("text"), {kind: text for kind, text in data.items() if kind.startswith("text/")}]


def _html_of(output) -> str:
    return "".join(output.get("data", {}).get("text/html", ""))


def _around(text: str) -> str:
    start = _HAN.search(text).start()
    return " ".join(text[max(start - 10, 0) : start + 20].split())


def _heading_faults(cells):
    titles = [
        (level, title)
        for cell in cells
        if cell["cell_type"] == "markdown" and not c.language(cell)
        for level, title in c.headings(c.source(cell))
    ]
    if [level for level, _ in titles].count(1) != 1 or titles[0][0] != 1:
        yield "a notebook has exactly one first-level heading, its first"
    for anchor, count in Counter(c.anchor(title) for _, title in titles if c.halves(title)).items():
        if count > 1:
            yield f"{count} headings share the anchor {anchor!r}; the English halves must differ"
