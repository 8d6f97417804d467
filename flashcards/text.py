"""The cards as tab-separated text: for Anki, which updates by GUID from it, and for every other program."""

import csv
import io

from flashcards.book import Book
from flashcards.deck import Card
from flashcards.notes import FIELDS, Edition, notes

COLUMNS = ("GUID", "Note type", "Deck", "Tags", *FIELDS)
_KINDS = ("guid", "notetype", "deck", "tags")  # what Anki calls the first columns


def text(edition: Edition, decks: dict[str, list[Card]], book: Book) -> str:
    """The cards of an edition: the settings that Anki reads, then a line for each card."""
    written = io.StringIO()
    written.write("#separator:tab\n#html:true\n")
    written.writelines(f"#{kind} column:{number}\n" for number, kind in enumerate(_KINDS, 1))
    written.write("#columns:" + "\t".join(COLUMNS) + "\n")
    # Fields are one line each, and hold no tab: nothing but quotation marks is ever escaped.
    rows = csv.writer(written, delimiter="\t", lineterminator="\n")
    for note in notes(edition, decks, book):
        rows.writerow([note.guid, edition.title, note.deck, " ".join(note.tags), *note.fields])
    return written.getvalue()
