"""What the tags of a cell mean, and the cells that one edition shows. Knows of notebooks, nothing of Sphinx."""

import copy
import re
from itertools import groupby, takewhile

LANGUAGES = ("zh", "en")
TAGS = {*LANGUAGES, "caption", "fold"}
HALVES = " · "

_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.MULTILINE)
_CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_EQ_ROLE = re.compile(r"\{eq\}`([\w-]+)`")


def tags(cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def language(cell) -> str | None:
    """The language of a Markdown cell, or None where it is shared by both."""
    return next((lang for lang in LANGUAGES if lang in tags(cell)), None)


def source(cell) -> str:
    """The text of a cell, which a notebook holds as one string or as a list of lines."""
    return "".join(cell["source"])


def headings(text: str) -> list[tuple[int, str]]:
    """The headings of a Markdown text, each as (level, title)."""
    return [(len(marks), title) for marks, title in _HEADING.findall(_CODE_BLOCK.sub("", text))]


def halves(title: str) -> tuple[str, str] | None:
    """The Chinese and the English half of a title, or None where it has not exactly these two."""
    parts = [part.strip() for part in title.split(HALVES)]
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def localise(title: str, edition: str) -> str:
    """The half of a title that an edition shows; the bilingual edition shows both."""
    both = halves(title)
    return both[LANGUAGES.index(edition)] if both and edition in LANGUAGES else title


def anchor(title: str) -> str:
    """The anchor of a heading, the same in every edition: made from its English half."""
    english = localise(title, "en").lower()
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", english)).strip("-")


def edition_notebook(notebook: dict, edition: str) -> dict:
    """The notebook that a reader of one edition downloads: its cells with their outputs, ready to run."""
    result = copy.deepcopy(notebook)
    result["cells"] = [cell for cell in result["cells"] if _shown(cell, edition)]
    for cell in result["cells"]:
        if cell["cell_type"] == "markdown":
            # The role means nothing to Jupyter, where the label itself stands beside the formula.
            text = _EQ_ROLE.sub(r"(\1)", source(cell))
            cell["source"] = _HEADING.sub(lambda m: f"{m[1]} {localise(m[2], edition)}", text)
    return result


def page_notebook(notebook: dict, edition: str, lang_codes: dict[str, str]) -> dict:
    """The notebook that Sphinx renders for one edition. Headings keep both halves, for the anchors.

    ``lang_codes`` maps ``zh`` and ``en`` to the codes of the HTML ``lang`` attribute.
    """
    result = copy.deepcopy(notebook)
    cells = [cell for cell in result["cells"] if _shown(cell, edition)]
    cells = _captioned(cells, edition)
    result["cells"] = _folded(cells, lang_codes if edition == "bi" else {})
    return result


def _shown(cell, edition: str) -> bool:
    return edition == "bi" or language(cell) in (None, edition)


def _captioned(cells: list[dict], edition: str) -> list[dict]:
    """Move each caption into the figure above it, and the figure's alternative text to where MyST-NB reads it."""
    result = []
    for cell in cells:
        if "caption" in tags(cell):
            figure = result[-1]["metadata"]["mystnb"]["figure"]
            figure["caption"] = "\n\n".join(filter(None, [figure.get("caption"), source(cell)]))
            continue
        if figure := cell["metadata"].get("figure"):
            spoken = [edition] if edition in LANGUAGES else LANGUAGES
            # On a page the picture comes first; the code that draws it can be opened.
            cell["metadata"]["tags"] = [*tags(cell), "hide-input"]
            cell["metadata"]["mystnb"] = {
                "image": {"alt": " / ".join(figure["alt"][lang] for lang in spoken)},
                "figure": {"name": figure["name"]},
            }
        result.append(cell)
    return result


def _folded(cells: list[dict], lang_codes: dict[str, str]) -> list[dict]:
    """Wrap each run of ``fold`` cells into ``<details>``; its first line, in bold, becomes the summary."""
    result = []
    for folded, run in groupby(cells, lambda cell: "fold" in tags(cell)):
        run = list(run)
        summary = list(takewhile(is_summary, run)) if folded else []
        body = [_in_language(cell, lang_codes) for cell in run[len(summary) :]]
        if folded:
            lines = [_spoken(source(cell).strip().strip("*"), language(cell), lang_codes) for cell in summary]
            body = [
                _markdown(f'<details class="fold"><summary>{" · ".join(lines)}</summary>', f"{run[0]['id']}-open"),
                *body,
                _markdown("</details>", f"{run[0]['id']}-close"),
            ]
        result += body
    return result


def is_summary(cell) -> bool:
    """Whether a cell is one line in bold, as the first cells of a fold are."""
    return cell["cell_type"] == "markdown" and re.fullmatch(r"\*\*[^*]+\*\*", source(cell).strip()) is not None


def _spoken(text: str, lang: str | None, lang_codes: dict[str, str], element: str = "span") -> str:
    if lang not in lang_codes:
        return text
    return f'<{element} class="lang-{lang}" lang="{lang_codes[lang]}">{text}</{element}>'


def _in_language(cell: dict, lang_codes: dict[str, str]) -> dict:
    """Mark the language of a cell; the pair of twins is one element, whose paragraphs stand side by side."""
    lang = language(cell)
    if lang in lang_codes:
        marked = _spoken(f"\n\n{source(cell)}\n\n", lang, lang_codes, "div")
        cell["source"] = f'<div class="pair">\n\n{marked}' if lang == "zh" else f"{marked}\n\n</div>"
    return cell


def _markdown(text: str, cell_id: str) -> dict:
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": text}
