"""The cheat sheets on the site: one page of A4 a chapter and one for the whole book, and the page that lists them.

The formulas are those that the chapters print, found by their labels; numbers and links come from the chapters as well.
"""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from flashcards.book import Book, read_book
from flashcards.rendering import LANG_CODES, render_text
from flashcards.sources import LANGUAGES, SourceError
from proof.errors import ProofError

from . import katex
from .sheets import FOLDER, Entry, book_faults, read_sheets

logger = logging.getLogger(__name__)

WHOLE_BOOK = "book"
THE_WHOLE_BOOK = ("全书", "The whole book")
PDF_LIST = '<ul class="pdf-files" hidden></ul>'  # tools/pdf.py fills it when it has made the files


class Sheets:
    """The cheat sheets of the book as one edition shows them."""

    def __init__(self, app):
        root, edition = Path(app.srcdir), app.config.edition
        self.languages = [edition] if edition in LANGUAGES else list(LANGUAGES)
        self.book: Book = read_book(root)
        written = read_sheets(root)
        self.faults = book_faults(root, written, katex.render)
        # What is wrong is reported, and left out, so that the rest can be seen.
        wrong = tuple(fault.split(" ")[0] for fault in self.faults)
        self.entries: dict[str, list[Entry]] = {
            chapter: [entry for entry in entries if f"{entry.place}:" not in wrong]
            for chapter, entries in written.items()
            if chapter in self.book.titles
        }

    def title(self, titles: dict[str, str]) -> str:
        return " · ".join(dict.fromkeys(titles[lang] for lang in self.languages))

    def titles(self) -> dict[str, str]:
        """The title of each sheet, that of the whole book first."""
        chapters = {name: f"{int(name.split('-')[0])}. {self.title(self.book.titles[name])}" for name in self.entries}
        return {WHOLE_BOOK: self.title(dict(zip(LANGUAGES, THE_WHOLE_BOOK)))} | chapters

    def in_languages(self, texts: dict[str, str], tag: str) -> str:
        """A text in the languages of the edition; once, where both say the same."""
        drawn = {lang: render_text(texts[lang], katex.render) for lang in self.languages}
        if len(set(drawn.values())) == 1:
            return drawn[self.languages[0]]
        return " ".join(
            f'<{tag} class="lang-{lang}" lang="{LANG_CODES[lang]}">{text}</{tag}>' for lang, text in drawn.items()
        )


def read(app, env, docnames):
    """Read the sheets before anything is rendered; each fault is a warning, which ``-W`` turns into a failed build."""
    try:
        app.sheets = Sheets(app)
    except (SourceError, ProofError) as error:
        app.sheets, faults = None, getattr(error, "faults", [])
    else:
        faults = app.sheets.faults
    for fault in faults:
        logger.warning("%s", fault, type="cheatsheets")


class CheatsheetListDirective(SphinxDirective):
    """Links to the sheets: the whole book, and chapter by chapter."""

    def run(self):
        self.env.note_reread()  # the sheets may have changed
        sheets = self.env.app.sheets
        if not sheets:
            return []
        items = "".join(
            f'<li><a href="../{FOLDER}/{name}.html">{escape(title)}</a></li>' for name, title in sheets.titles().items()
        )
        return [nodes.raw("", f'{PDF_LIST}<ul class="cheatsheets">{items}</ul>', format="html")]


def draw_sheets(app):
    """The sheets: pages of their own, with nothing around the formulas."""
    if not app.sheets:
        return
    parts = _parts(app)
    for name, title in app.sheets.titles().items():
        whole = name == WHOLE_BOOK
        page = f"{FOLDER}/{name}"
        groups = parts if whole else [(None, [name])]
        context = {
            "sheet_name": name,
            "sheet_title": app.config.html_title if whole else title,
            "groups": [(caption, _entries(app, page, chapters, whole)) for caption, chapters in groups],
            "back": "chapters/cheatsheets" if whole else f"chapters/{name}",
        }
        yield page, context, "cheatsheet.html"


def _parts(app) -> list[tuple[str, list[str]]]:
    """The parts of the book that have sheets, each with its caption and its chapters."""
    site_map = app.config.external_site_map
    found = [(tree.caption, [Path(item).name for item in tree.items]) for tree in site_map.root.subtrees]
    return [(caption, own) for caption, items in found if (own := [name for name in items if name in app.sheets.entries])]


def _entries(app, page: str, chapters: list[str], whole: bool) -> list[dict]:
    return [
        _drawn(app, page, entry)
        for chapter in chapters
        for entry in app.sheets.entries[chapter]
        if entry.in_book or not whole
    ]


def _drawn(app, page: str, entry: Entry) -> dict:
    document, anchor = f"chapters/{entry.chapter}", f"equation-{entry.formula}"
    number = app.env.toc_fignumbers.get(document, {}).get("displaymath", {}).get(anchor)
    return {
        "label": entry.formula,
        "uri": f"{app.builder.get_relative_uri(page, document)}#{anchor}",
        "number": ".".join(map(str, number)) if number else "",
        "name": app.sheets.in_languages(entry.name, "span"),
        "formula": katex.render(app.sheets.book.formulas[entry.formula], True),
        "remark": app.sheets.in_languages(entry.remark, "div"),
    }


def setup(app):
    app.add_directive("cheatsheet-list", CheatsheetListDirective)
    app.connect("env-before-read-docs", read)
    app.connect("html-collect-pages", draw_sheets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
