"""A deck in a notebook: the answer of each card is a fold that opens, its mathematics drawn by Jupyter itself."""

import base64
from pathlib import Path

from IPython.display import Markdown

from flashcards.book import Book, read_book
from flashcards.deck import LANGUAGES, Card, Side, read_decks

ANSWER = {"zh": "答案", "en": "Answer"}
ROOT = Path(__file__).parent.parent


def show_deck(chapter: str, language: str = "zh", root: Path = ROOT) -> Markdown:
    """The cards of a chapter, such as ``06-optimizers``, in ``zh``, ``en`` or ``both``; a click turns one over.

    Raises ValueError for a chapter or a language that the book doesn't have.
    """
    languages = {"zh": ["zh"], "en": ["en"], "both": list(LANGUAGES)}.get(language)
    if languages is None:
        raise ValueError(f"language must be zh, en or both, not {language!r}")
    decks = read_decks(root)
    if chapter not in decks:
        raise ValueError(f"no cards for {chapter!r}; there are decks for {', '.join(decks)}")
    book = read_book(root)
    answer = " · ".join(ANSWER[lang] for lang in languages)
    drawn = [_card(number, card, answer, languages, book) for number, card in enumerate(decks[chapter], 1)]
    return Markdown("\n\n---\n\n".join(drawn))


def _card(number: int, card: Card, answer: str, languages: list[str], book: Book) -> str:
    """The question, and the answer in a fold. All texts stay Markdown: within HTML not every Jupyter draws formulas."""
    front, back = _side(card.front, languages, book), _side(card.back, languages, book)
    return f"**{number}.** {front}\n\n<details><summary>{answer}</summary>\n\n{back}\n\n</details>"


def _side(side: Side, languages: list[str], book: Book) -> str:
    parts = [side.text[lang] for lang in languages]
    parts += [f"$$\n{book.formulas[label]}\n$$" for label in side.formula]
    if side.figure:
        figure = book.figures[side.figure]
        alt = " / ".join(figure.alt[lang] for lang in languages)
        parts.append(f"![{alt}](data:image/png;base64,{base64.b64encode(figure.png).decode()})")
    return "\n\n".join(parts)
