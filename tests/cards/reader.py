"""A reader of the cards: a collection in the real backend of Anki.

Needs `anki`; without it the tests are skipped, or fail if REQUIRE_ANKI=1 says that it must be there.
"""

import os
import re
from html import unescape
from pathlib import Path

import pytest

if os.environ.get("REQUIRE_ANKI") == "1":
    import anki.collection
else:
    pytest.importorskip("anki", reason="anki is not installed")
    import anki.collection


class Reader:
    """Somebody who imports the decks into Anki, learns, and writes notes of their own."""

    def __init__(self, folder: Path):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.collection = anki.collection.Collection(str(folder / "collection.anki2"))

    def imports(self, package: bytes) -> dict[str, int]:
        """Import a package with Anki's own settings; returns how many notes were new, updated, …"""
        path = self.folder / "deck.apkg"
        path.write_bytes(package)
        options = anki.collection.ImportAnkiPackageOptions()
        request = anki.collection.ImportAnkiPackageRequest(package_path=str(path), options=options)
        return _counts(self.collection.import_anki_package(request).log)

    def imports_text(self, text: str) -> dict[str, int]:
        path = self.folder / "deck.txt"
        path.write_text(text, encoding="utf8")
        metadata = self.collection.get_csv_metadata(str(path), None)
        request = anki.collection.ImportCsvRequest(path=str(path), metadata=metadata)
        return _counts(self.collection.import_csv(request).log)

    def notes(self) -> dict:
        """The notes by GUID."""
        notes = map(self.collection.get_note, self.collection.find_notes(""))
        return {note.guid: note for note in notes}

    def note(self, name: str, edition: str = "zh"):
        guid = f"super-ml/{edition}/{name}"
        return self.collection.get_note(self.collection.db.scalar("select id from notes where guid = ?", guid))

    def card(self, name: str, edition: str = "zh"):
        (only,) = self.note(name, edition).cards()
        return only

    def deck_of(self, name: str, edition: str = "zh") -> str:
        return self.collection.decks.name(self.card(name, edition).did)

    def writes(self, name: str, field: str, words: str) -> None:
        note = self.note(name)
        note[field] = words
        self.collection.update_note(note)

    def learns(self, name: str) -> tuple:
        """Answer a card as easy through the scheduler; returns its schedule."""
        self.collection.decks.set_current(self.card(name).did)
        queued = self.collection.sched.get_queued_cards(fetch_limit=100).cards
        (states,) = [entry.states for entry in queued if entry.card.id == self.card(name).id]
        shown = self.card(name)
        shown.start_timer()
        answer = self.collection.sched.build_answer(card=shown, states=states, rating=3)
        self.collection.sched.answer_card(answer)
        assert self.card(name).reps == 1
        return self.schedule(name)

    def schedule(self, name: str) -> tuple:
        card = self.card(name)
        history = self.collection.db.all("select id, ease, ivl from revlog where cid = ?", card.id)
        return card.due, card.ivl, card.reps, card.type, card.queue, history

    def content(self) -> list:
        """All that the reader has: notes, cards, note types and pictures, with their times."""
        tables = [f"select * from {table} order by id" for table in ("notes", "cards", "notetypes")]
        media = sorted((path.name, path.read_bytes()) for path in (self.folder / "collection.media").iterdir())
        return [*map(self.collection.db.all, tables), media]


def _counts(log) -> dict[str, int]:
    kinds = ("new", "updated", "duplicate", "conflicting", "missing_notetype", "missing_deck", "empty_first_field")
    counts = {kind: len(getattr(log, kind)) for kind in kinds}
    return {kind: count for kind, count in counts.items() if count}


def formulas_of(html: str) -> list[str]:
    """The TeX between Anki's delimiters in a drawn card, as MathJax reads it; fails where they do not match."""
    plain = unescape(re.sub(r"<code>.*?</code>|<[^>]*>", " ", html))
    found, rest = [], plain
    while start := re.search(r"\\[(\[]", rest):
        close = {"(": r"\)", "[": r"\]"}[start[0][1]]
        tokens = re.compile(r"\\(?:[a-zA-Z]+|.)|.", re.DOTALL).finditer(rest, start.end())
        end = next((token for token in tokens if token[0] in (r"\(", r"\)", r"\[", r"\]")), None)
        assert end and end[0] == close, f"{start[0]} is not closed by {close} in {plain}"
        assert not re.search(r"\\[)\]]", rest[: start.start()]), f"a delimiter closes nothing in {plain}"
        found.append(rest[start.end() : end.start()])
        rest = rest[end.end() :]
    assert not re.search(r"\\[)\]]", rest), f"a delimiter closes nothing in {plain}"
    return found
