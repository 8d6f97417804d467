"""A card as a note of Anki: the note types, and what stands in each field, in the packages and the text files alike.

What carries a name here is frozen. Anki finds a note again by its GUID, a deck by its name, and a note type by its id
and its fields: had one of these changed, readers would get a second copy of every card beside the one they have
learned. So the names are not taken from the book's title, and a field that is missed one day takes the place of a
spare one.
"""

import hashlib
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import yaml

from flashcards.book import Book
from flashcards.deck import Card, Side
from flashcards.rendering import LANG_CODES, render_side

NAMES = {"zh": "超级机器学习复习笔记", "en": "Super Machine Learning Revision Notes"}
FIELDS = (
    "Id",  # the card's id in cards/*.yml
    "Front",
    "Back",
    "Place",  # the chapter and the section that explain it
    "Link",  # their page and anchor, below the folder of the chapters
    "Chapter",
    "Spare1",
    "Spare2",
    "Spare3",
)
TAG = "super-ml"  # the root of all tags, so that they stay apart from the reader's own

_STYLE = Path(__file__).with_name("anki.css")
_FRONT = '<div class="side"{lang}><div class="chapter">{{{{Chapter}}}}</div>\n{{{{Front}}}}</div>'
_BACK = '{{{{FrontSide}}}}\n<hr id="answer">\n<div class="side"{lang}>{{{{Back}}}}</div>\n{place}'
_SEE = {"zh": "出处：", "en": "See: ", "zh-en": "出处 · See: "}


@dataclass(frozen=True)
class Edition:
    """Decks in one language or in both; ``site`` is the edition of the site to which they link."""

    name: str
    languages: tuple[str, ...]
    site: str

    @property
    def title(self) -> str:
        """The name of its note type and of the deck above those of the chapters."""
        return " · ".join(NAMES[lang] for lang in self.languages)


EDITIONS = (Edition("zh", ("zh",), "zh"), Edition("en", ("en",), "en"), Edition("zh-en", ("zh", "en"), "bi"))


@dataclass(frozen=True)
class NoteType:
    """How Anki draws the notes of an edition."""

    name: str
    front: str
    back: str
    css: str


@dataclass(frozen=True)
class Note:
    """A card in one edition; ``media`` are the pictures that it shows, by the name of their file."""

    guid: str
    card: str
    chapter: str
    deck: str
    tags: tuple[str, ...]
    fields: tuple[str, ...]
    media: dict[str, bytes]


def site_address(root: Path) -> str | None:
    """Where the site stands (``html.baseurl`` in _config.yml), without a slash at the end; None if nowhere."""
    path = root / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf8")) if path.is_file() else {}
    return (config.get("html", {}).get("baseurl") or "").rstrip("/") or None


def note_type(edition: Edition, address: str | None) -> NoteType:
    """The note type of an edition. The site's address stands here, so that a move changes no note."""
    lang = f' lang="{LANG_CODES[edition.languages[0]]}"' if len(edition.languages) == 1 else ""
    place = _SEE[edition.name] + "{{Place}}"
    if address:
        href = f"{escape(address)}/{edition.site}/chapters/{{{{Link}}}}"
        place = f'<a class="place"{lang} href="{href}">{place}</a>'
    else:
        place = f'<span class="place"{lang}>{place}</span>'
    front, back = _FRONT.format(lang=lang), _BACK.format(lang=lang, place=place)
    return NoteType(edition.title, front, back, _STYLE.read_text(encoding="utf8"))


def notes(edition: Edition, decks: dict[str, list[Card]], book: Book) -> list[Note]:
    """All cards of the book in one edition, in the order of the book."""
    return [_note(card, edition, book) for deck in decks.values() for card in deck]


def _note(card: Card, edition: Edition, book: Book) -> Note:
    chapter = " · ".join(book.titles[card.chapter][lang] for lang in edition.languages)
    chapter = f"{card.chapter.split('-')[0]} {chapter}"
    fields = (
        card.id,
        _side(card.front, edition, book),
        _side(card.back, edition, book),
        _place(card, edition, book),
        card.see.replace("#", ".html#"),
        escape(chapter),
    )
    return Note(
        f"{TAG}/{edition.name}/{card.id}",
        card.id,
        card.chapter,
        f"{edition.title}::{chapter}",
        (*(f"{TAG}::{tag}" for tag in card.tags), f"{TAG}::chapter::{card.chapter}"),
        fields + ("",) * (len(FIELDS) - len(fields)),
        {
            _media_name(side.figure, book): book.figures[side.figure].png
            for side in card.sides().values()
            if side.figure
        },
    )


def _place(card: Card, edition: Edition, book: Book) -> str:
    said = []
    for lang in edition.languages:
        titles = dict.fromkeys((book.titles[card.chapter][lang], book.places[card.see][lang]))
        words = f"{card.chapter.split('-')[0]} {escape(' › '.join(titles))}"
        said.append(words if len(edition.languages) == 1 else f'<span lang="{LANG_CODES[lang]}">{words}</span>')
    return " · ".join(said)


def _side(side: Side, edition: Edition, book: Book) -> str:
    def image(name: str, alt: str) -> str:
        return f'<img src="{_media_name(name, book)}" alt="{escape(alt)}">'

    html = render_side(side, edition.languages, book, _inline, _display, image)
    return re.sub(r"\s*[\n\t]\s*", " ", html)  # a note is one line of the text files


def _inline(tex: str) -> str:
    return rf"\({_escaped(tex)}\)"


def _display(tex: str) -> str:
    return rf'<div class="formula">\[{_escaped(tex)}\]</div>'


def _escaped(tex: str) -> str:
    """TeX as HTML on one line; a comment, which ends with its line, would take the rest with it."""
    return escape(re.sub(r"(?<!\\)%.*", "", tex), quote=False)


def _media_name(figure: str, book: Book) -> str:
    """The file of a figure: with a mark of its content, since Anki keeps the old one where a name is taken."""
    return f"{TAG}-{figure}-{hashlib.sha256(book.figures[figure].png).hexdigest()[:8]}.png"
