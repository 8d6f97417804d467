"""The flashcards on the site: a deck at the end of each chapter, the study page, and sheets to print and cut.

The texts of a deck are drawn once and used three times: in the chapter, in a script that the study page loads when it
needs it (a page must not grow with the number of cards), and on the sheet.
"""

import json
from html import escape
from pathlib import Path
from shutil import copytree

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from flashcards.book import Book, read_book
from flashcards.check import book_faults
from flashcards.deck import LANGUAGES, TAGS, Card, CardError, Side, read_decks
from flashcards.rendering import render_side
from proof.errors import ProofError

from . import katex
from .light import picture, size

logger = logging.getLogger(__name__)

SCHEDULER = Path(__file__).parent.parent / "_assets" / "ts-fsrs"
STUDY_PAGE = "chapters/cards"
DATA = "cards"  # the folder of an edition that holds the card scripts, the pictures and the sheets
SCRIPTS = ["ts-fsrs/ts-fsrs.umd.js"]
SCRIPTS += [f"study/{name}.js" for name in ("schedule", "storage", "progress", "words", "session", "view", "main")]
ALL = "all"

PLACE = ("出处：", "See: ")
STUDY_DECK = ("在学习页复习本章的卡片", "Study the cards of this chapter")
PRINT_DECK = ("打印成卡片", "Print them as cards")
NEEDS_SCRIPTS = ("排期复习需要 JavaScript；没有它，各章末尾的卡片照样能翻：", "Scheduling needs JavaScript; without it the cards at the end of each chapter still turn:")
ANKI = {
    "zh": ("中文卡片", "Cards in Chinese"),
    "en": ("英文卡片", "Cards in English"),
    "zh-en": ("双语卡片", "Cards in both languages"),
}
AS_TEXT = ("文本", "text")
NOT_HERE = ("Anki 卡组由 `make book` 生成，这里没有。", "The Anki decks are made by `make book`, and are not here.")
WHOLE_BOOK = ("全书", "the whole book")


class Cards:
    """The decks of the book as one edition shows them."""

    def __init__(self, app):
        root, edition = Path(app.srcdir), app.config.edition
        self.languages = [edition] if edition in LANGUAGES else list(LANGUAGES)
        self.book: Book = read_book(root)
        self.decks: dict[str, list[Card]] = read_decks(root)
        self.faults = book_faults(root, self.decks, self.book, katex.render)

    def said(self, words: tuple[str, str]) -> str:
        return " · ".join(words[LANGUAGES.index(lang)] for lang in self.languages)

    def title(self, titles: dict[str, str]) -> str:
        return " · ".join(titles[lang] for lang in self.languages)

    def side(self, side: Side) -> str:
        return render_side(side, self.languages, self.book, katex.render, _display, self._image)

    def _image(self, name: str, alt: str) -> str:
        width, height = size(self.book.figures[name].png)
        source = f"../{DATA}/{name}.webp"
        return f'<img src="{source}" alt="{escape(alt)}" width="{width}" height="{height}" loading="lazy">'

    def figures(self) -> set[str]:
        cards = [card for deck in self.decks.values() for card in deck]
        return {side.figure for card in cards for side in card.sides().values() if side.figure}


def _display(tex: str) -> str:
    return f'<div class="equation">{katex.block(katex.render(tex, True))}</div>'


def read_cards(app, env, docnames):
    """Read the cards before anything is rendered; each fault is a warning, which ``-W`` turns into a failed build."""
    try:
        app.cards = Cards(app)
    except CardError as error:
        app.cards, faults = None, error.faults
    except ProofError:
        app.cards, faults = None, []  # of a chapter that can't be read the rules have told, with its place
    else:
        faults = app.cards.faults
    for fault in faults:
        logger.warning("%s", fault, type="cards")


class CardDirective(SphinxDirective):
    """A part of a page that is drawn from the cards; empty where they could not be read."""

    def run(self):
        self.env.note_reread()  # the cards may have changed
        cards = self.env.app.cards
        return [nodes.raw("", self.draw(cards), format="html")] if cards else []


class DeckDirective(CardDirective):
    """The deck of the chapter in which it stands. Its body is for those who read the chapter in Jupyter."""

    has_content = True

    def draw(self, cards: Cards) -> str:
        chapter = Path(self.env.docname).name
        drawn = "\n".join(_fold(card, cards) for card in cards.decks.get(chapter, []))
        links = [(f"cards.html#chapter={chapter}", STUDY_DECK), (f"../{DATA}/{chapter}.html", PRINT_DECK)]
        line = " ".join(f'<a href="{href}">{cards.said(words)}</a>' for href, words in links)
        return f'<div class="deck">\n{drawn}\n<p class="deck-links">{line}</p>\n</div>'


def _fold(card: Card, cards: Cards) -> str:
    """A card that turns without a script: the question is the summary of a fold."""
    place = cards.title(cards.book.places[card.see])
    return (
        f'<details class="flashcard" id="card-{card.id}"><summary>{cards.side(card.front)}</summary>\n'
        f'<div class="flashcard-back">{cards.side(card.back)}\n'
        f'<p class="flashcard-place">{cards.said(PLACE)}<a href="#{card.see.split("#")[1]}">{escape(place)}</a></p>'
        "</div></details>"
    )


class StudyDirective(CardDirective):
    """The place of the study app, with what it knows from the start: which cards there are, not what they say."""

    def draw(self, cards: Cards) -> str:
        edition = self.config.edition
        lang = self.config.editions[edition]["lang"]
        links = "".join(
            f'<li><a href="{chapter}.html#flashcards">{escape(cards.title(cards.book.titles[chapter]))}</a></li>'
            for chapter in cards.decks
        )
        data = json.dumps(self._data(cards), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'<div id="study" data-edition="{edition}" data-lang="{lang}"></div>\n'
            f"<noscript><p>{cards.said(NEEDS_SCRIPTS)}</p><ul>{links}</ul></noscript>\n"
            f'<script type="application/json" id="study-data">{data}</script>'
        )

    def _data(self, cards: Cards) -> dict:
        own, config = self.config.edition, self.config
        beside = list(config.editions) if config.edition_siblings else [own]
        folders = {name: "../" if name == own else f"../../{name}/" for name in beside}
        order = list(cards.decks)
        return {
            "editions": {
                name: {"name": config.editions[name]["name"], "lang": config.editions[name]["lang"], "cards": f"{path}{DATA}/"}
                for name, path in folders.items()
            },
            "chapters": [{"id": chapter, **cards.book.titles[chapter]} for chapter in order],
            "tags": {tag: dict(zip(LANGUAGES, words)) for tag, words in TAGS.items()},
            "cards": [
                [card.id, order.index(card.chapter), card.tags, card.see.replace("#", ".html#")]
                for deck in cards.decks.values()
                for card in deck
            ],
        }


class CardFilesDirective(CardDirective):
    """Links to the decks for Anki, in each language, as a package and as text."""

    def draw(self, cards: Cards) -> str:
        if not self.config.edition_siblings:
            return f"<p>{cards.said(NOT_HERE).replace('`make book`', '<code>make book</code>')}</p>"
        items = "".join(
            f'<li><a href="../../cards/cards-{name}.apkg" download>{cards.said(words)} (.apkg)</a>, '
            f'<a href="../../cards/cards-{name}.txt" download>{cards.said(AS_TEXT)} (.txt)</a></li>'
            for name, words in ANKI.items()
        )
        return f"<ul>{items}</ul>"


class CardSheetsDirective(CardDirective):
    """Links to the sheets for printing: the whole book, and chapter by chapter."""

    def draw(self, cards: Cards) -> str:
        sheets = {ALL: cards.said(WHOLE_BOOK)} | {chapter: cards.title(cards.book.titles[chapter]) for chapter in cards.decks}
        items = "".join(f'<li><a href="../{DATA}/{name}.html">{escape(title)}</a></li>' for name, title in sheets.items())
        return f'<ul class="card-sheets">{items}</ul>'


def draw_sheets(app):
    """The sheets: pages of their own, with nothing around the cards."""
    if not app.cards:
        return
    cards = app.cards
    whole = [card for deck in cards.decks.values() for card in deck]
    for name, deck in {ALL: whole, **cards.decks}.items():
        title = cards.title(cards.book.titles[name]) if name != ALL else app.config.html_title
        faces = [{"id": card.id, "front": cards.side(card.front), "back": cards.side(card.back)} for card in deck]
        yield f"{DATA}/{name}", {"sheet_title": title, "faces": faces, "languages": cards.languages}, "card-sheet.html"


def write_card_scripts(app, exception):
    """The texts of each deck as a classic script, which cards there are as another, and the pictures beside them."""
    if exception or app.builder.format != "html" or not app.cards:
        return
    cards, folder = app.cards, Path(app.outdir) / DATA
    folder.mkdir(exist_ok=True)
    for chapter, deck in cards.decks.items():
        texts = {card.id: [cards.side(card.front), cards.side(card.back)] for card in deck}
        call = ", ".join(json.dumps(part, ensure_ascii=False) for part in (chapter, app.config.edition, texts))
        (folder / f"{chapter}.js").write_text(f"receiveCards({call});\n", encoding="utf8")
    index = {chapter: [card.id for card in deck] for chapter, deck in cards.decks.items()}
    (folder / "index.js").write_text(f"receiveCardIndex({json.dumps(index)});\n", encoding="utf8")
    for name in cards.figures():
        (folder / f"{name}.webp").write_bytes(picture(app, cards.book.figures[name].png))


def copy_scheduler(app, exception):
    """Ship the vendored scheduler with its licence."""
    if not exception and app.builder.format == "html":
        copytree(SCHEDULER, Path(app.outdir) / "_static" / "ts-fsrs", dirs_exist_ok=True)


def add_assets(app, pagename, templatename, context, doctree):
    if pagename == STUDY_PAGE:
        app.add_css_file(katex.STYLESHEET)
        app.add_css_file("study.css")
        for script in SCRIPTS:
            app.add_js_file(script, loading_method="defer")


def setup(app):
    app.add_directive("deck", DeckDirective)
    app.add_directive("study", StudyDirective)
    app.add_directive("card-files", CardFilesDirective)
    app.add_directive("card-sheets", CardSheetsDirective)
    app.connect("env-before-read-docs", read_cards)
    app.connect("html-collect-pages", draw_sheets)
    app.connect("html-page-context", add_assets)
    app.connect("build-finished", write_card_scripts, priority=100)
    app.connect("build-finished", copy_scheduler, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
