"""Every fault of the cards, each with its place. `python -m flashcards.check [NN-name …]` prints them.

The schema is checked when a deck is read; here stands what needs the book beside it.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from _ext.glossary import load_terms
from flashcards import lock
from flashcards.book import Book, read_book
from flashcards.deck import LANGUAGES, Card, CardError, Side, read_decks, read_retired
from flashcards.rendering import code_spans, inline_maths, plain_text

LEAST_CARDS = 12  # in a chapter
LONG_WORD = 10  # letters

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]")
_NOT_DRAWN = re.compile(r"^\s*(?:[-*+] |#+ |\d+\. |>|\|)|!?\[[^]]*\]\(|<[a-zA-Z/]", re.MULTILINE)
_NOT_DRAWN_EITHER = re.compile(r"\{\w+\}`|\$\$")  # which begin like maths and code
# A number that somebody has worked out: a decimal, or two digits and more; not a year.
_WORKED_OUT = re.compile(r"(?<![\w.])(?!(?:19|20)\d\d(?!\d|\.\d))(\d+\.\d+|\d{2,})")


def book_faults(
    root: Path,
    decks: dict[str, list[Card]],
    book: Book,
    draw: Callable[[str], str],
    entries: dict[str, lock.Entry] | None = None,
) -> list[str]:
    """The faults of all decks of a book.

    ``draw`` turns TeX into HTML, or raises a ValueError that says why not; ``entries`` is the lock, if not as written.
    """
    entries = lock.read_lock(root) if entries is None else entries
    known = {card.id for deck in decks.values() for card in deck}
    retired = read_retired(root)
    faults = [f"cards/retired.yml: {name!r} was given up, and is a card again" for name in sorted(known & set(retired))]
    for chapter in sorted(set(book.titles) - set(decks)):
        faults.append(f"cards/{chapter}.yml: the chapter has no cards")
    for chapter, deck in decks.items():
        if chapter not in book.titles:
            faults.append(f"cards/{chapter}.yml: there is no such chapter")
        elif len(deck) < LEAST_CARDS:
            faults.append(f"cards/{chapter}.yml: {len(deck)} cards; a chapter has {LEAST_CARDS} or more")
    terms = load_terms(root / "terms.yml")
    for card in (card for deck in decks.values() for card in deck):
        texts = [side.text for side in card.sides().values()]
        found = [*_place_faults(card, book), *_value_faults(card), *term_faults(texts, terms)]
        for name, side in card.sides().items():
            found += [f"{name}: {fault}" for fault in _side_faults(side, book, draw)]
        faults += [f"{card.place}: card {card.id!r}: {fault}" for fault in found]
    return faults + lock.faults(lock.hashes(root, decks, book), entries, retired)


def _place_faults(card: Card, book: Book) -> Iterator[str]:
    if card.see.split("#")[0] != card.chapter:
        yield f"see: {card.see} lies outside the chapter of the deck"
    elif card.see not in book.places:
        yield f"see: no heading has the anchor {card.see}"


def _side_faults(side: Side, book: Book, draw) -> Iterator[str]:
    for label in side.formula:
        if label not in book.formulas:
            yield f"formula: no formula of the book has the label {label!r}"
    if side.figure and side.figure not in book.figures:
        yield f"figure: no chapter has a figure {side.figure!r}"
    yield from text_faults(side.text, draw, "a card")


def text_faults(texts: dict[str, str], draw: Callable[[str], str], holder: str) -> Iterator[str]:
    """What is wrong with one text in both languages: what it may not hold, and where the two differ in more than words."""
    if _HAN.search(texts["en"]):
        yield f"en: Chinese in the English text: {texts['en'][:60]}"
    for lang, text in texts.items():
        prose = re.sub(r"`[^`]*`|\$[^$]*\$", "", text)
        if undrawn := _NOT_DRAWN_EITHER.search(text) or _NOT_DRAWN.search(prose):
            yield f"{lang}: {undrawn[0].strip()!r}: {holder} holds text, $maths$, `code` and emphasis alone"
        if len(re.findall(r"(?<!\\)\$", re.sub(r"`[^`]*`", "", text))) != 2 * len(inline_maths(text)):
            yield f"{lang}: an unbalanced $"
        for tex in inline_maths(text):
            try:
                draw(tex)
            except ValueError as error:
                yield f"{lang}: TeX: {error}"
    for kind, part in (("maths", inline_maths), ("code", code_spans)):
        chinese, english = (Counter(re.sub(r"\s", "", one) for one in part(texts[lang])) for lang in LANGUAGES)
        if chinese != english:
            only = [*(chinese - english).elements()], [*(english - chinese).elements()]
            yield f"the {kind} of the two languages differ: {only[0]} in zh alone, {only[1]} in en alone"


def _value_faults(card: Card) -> Iterator[str]:
    for lang, text in card.back.text.items():
        for number in card.value:
            if number not in text:
                yield f"value: {number!r} does not stand on the {lang} back"
        covered = text
        for number in sorted(card.value, key=len, reverse=True):
            covered = covered.replace(number, " ")
        if loose := _WORKED_OUT.search(covered):
            yield f"value: the {lang} back states {loose[0]}, which nothing computes; name it in `value`"


def term_faults(texts: list[dict[str, str]], terms: list[dict]) -> Iterator[str]:
    """Where the English uses a term of the glossary, the Chinese uses the glossary's word for it."""
    words = {lang: " ".join(plain_text(text[lang]) for text in texts).lower() for lang in LANGUAGES}
    for term in terms:
        # Short single words have other uses as well.
        telling = " " in term["en"] or len(term["en"]) >= LONG_WORD
        if not telling or not re.search(rf"\b{re.escape(term['en'].lower())}\b", words["en"]):
            continue
        if not any(term[key].lower() in words["zh"] for key in ("zh", "en", "abbr") if key in term):
            yield f"the English speaks of {term['en']!r}, the Chinese not of {term['zh']}, the glossary's word for it"


def main(chapters: list[str]) -> int:
    """Print the faults of the given chapters, or of all; return the exit status."""
    from _ext import katex

    root = Path(__file__).parent.parent
    try:
        faults = book_faults(root, read_decks(root), read_book(root), katex.render)
    except CardError as error:
        faults = error.faults
    if chapters:
        faults = [fault for fault in faults if any(fault.startswith(f"cards/{chapter}.yml") for chapter in chapters)]
    print(*faults, sep="\n") if faults else print("the cards hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
