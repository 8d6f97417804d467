"""The decks for Anki: one package (.apkg) for each edition, the same bytes whenever it is made from the same cards."""

import hashlib
import io
import itertools
import json
import sqlite3
import zipfile

import genanki

from flashcards.book import Book
from flashcards.deck import Card
from flashcards.lock import NOTE_TYPES, Entry
from flashcards.notes import FIELDS, TAG, Edition, Note, NoteType, note_type, notes

_FIRST_ID = 1_790_000_000_000  # Anki's ids are times in milliseconds; where one is taken it gives the next
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class _Note(genanki.Note):
    """A note with a modification time of its own."""

    def __init__(self, model: genanki.Model, note: Note, position: int, time: int):
        super().__init__(model, list(note.fields), tags=note.tags, guid=note.guid, due=position)
        self.time = time

    def write_to_db(self, cursor, timestamp, deck_id, id_gen):
        super().write_to_db(cursor, self.time, deck_id, id_gen)


class _Model(genanki.Model):
    """A note type with a modification time of its own, so that the reader's own style outlives an import."""

    def __init__(self, drawn: NoteType, edition: Edition, time: int):
        super().__init__(
            _stable_id("note type", edition.name),
            drawn.name,
            fields=[{"name": name} for name in FIELDS],
            templates=[{"name": "Card", "qfmt": drawn.front, "afmt": drawn.back}],
            css=drawn.css,
            sort_field_index=FIELDS.index("Front"),
        )
        self.time = time

    def to_json(self, timestamp, deck_id):
        return super().to_json(self.time, deck_id)


def package(
    edition: Edition, decks: dict[str, list[Card]], book: Book, entries: dict[str, Entry], address: str | None
) -> bytes:
    """The package of an edition. ``entries`` is the lock, ``address`` that of the site, or None."""
    model = _Model(note_type(edition, address), edition, entries[NOTE_TYPES].time)
    subdecks, media = {}, {}
    for position, note in enumerate(notes(edition, decks, book), 1):
        subdeck = subdecks.setdefault(
            note.chapter, genanki.Deck(_stable_id("deck", edition.name, note.chapter), note.deck)
        )
        subdeck.add_note(_Note(model, note, position, entries[note.card].time))
        media |= note.media
    return _zip(_collection(list(subdecks.values()), _FIRST_ID), media)


def _stable_id(*names: str) -> int:
    digest = hashlib.sha256("/".join((TAG, *names)).encode()).digest()
    return 1 << 30 | int.from_bytes(digest[:4], "big") >> 2


def _collection(subdecks: list[genanki.Deck], first_id: int) -> bytes:
    """The database of a package. genanki's own writer stamps it with the time of the run, and leaves a copy behind."""
    connection = sqlite3.connect(":memory:")
    genanki.Package(subdecks).write_to_db(connection.cursor(), first_id / 1000, itertools.count(first_id))
    connection.commit()
    content = connection.serialize()
    connection.close()
    return content


def _zip(collection: bytes, media: dict[str, bytes]) -> bytes:
    """A package: the database, the pictures under numbers, and the list that gives them their names."""
    names = sorted(media)
    listed = json.dumps({str(number): name for number, name in enumerate(names)})
    files = {"collection.anki2": collection, "media": listed.encode()}
    files |= {str(number): media[name] for number, name in enumerate(names)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.create_system = 3  # else the bytes would tell where it was made
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()
