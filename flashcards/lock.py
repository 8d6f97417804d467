"""cards/lock.yml: when each card last changed. Anki takes over a note that is newer than its own, and no other one.

If all notes were stamped anew, an import would overwrite what readers have written into theirs; if none was, an edited
card would never reach them. The entries of retired cards stay: their ids are taken for ever.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import jsonschema

from flashcards.book import Book, read_book
from flashcards.deck import RETIRED, Card, CardError, Side, load_yaml, read_decks
from flashcards.notes import EDITIONS, FIELDS, note_type, site_address

LOCK = "lock.yml"
NOTE_TYPES = "note types"  # their entry; no card can have this id
DRAWING = 1  # to be raised when all notes must be written anew, because what is drawn around the texts has changed

_HEAD = "# Written by `make cards`: when each card last changed, in seconds since 1970.\n"
_SCHEMA = jsonschema.Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["hash", "time"],
            "additionalProperties": False,
            "properties": {
                "hash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
                "time": {"type": "integer", "minimum": 1},
            },
        },
    }
)


@dataclass(frozen=True)
class Entry:
    """The hash of what a note shows, and since when it shows it."""

    hash: str
    time: int


def hashes(root: Path, decks: dict[str, list[Card]], book: Book) -> dict[str, str]:
    """The hash of each card, in all languages and with all that it takes from the chapters; and of the note types."""
    address = site_address(root)
    found = {card.id: _hash(_shown(card, book)) for deck in decks.values() for card in deck}
    return found | {NOTE_TYPES: _hash([FIELDS, [asdict(note_type(edition, address)) for edition in EDITIONS]])}


def _hash(content) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _shown(card: Card, book: Book) -> dict:
    return {
        "drawing": DRAWING,
        "see": card.see,
        "titles": [book.titles.get(card.chapter), book.places.get(card.see)],
        "tags": card.tags,
        "sides": {name: _side(side, book) for name, side in card.sides().items()},
    }


def _side(side: Side, book: Book) -> list:
    # What the book does not have is a fault of its own, see flashcards.check.
    figure = book.figures.get(side.figure)
    picture = [hashlib.sha256(figure.png).hexdigest(), figure.alt] if figure else None
    return [side.text, [book.formulas.get(label) for label in side.formula], picture]


def read_lock(root: Path) -> dict[str, Entry]:
    """The entries of the lock; none if there is no lock yet."""
    path = root / "cards" / LOCK
    if not path.is_file():
        return {}
    content = load_yaml(path)[0] or {}
    if wrong := list(_SCHEMA.iter_errors(content)):
        said = ["".join(f"{part}: " for part in error.path) + error.message for error in wrong]
        raise CardError([f"cards/{LOCK}: {fault}" for fault in said])
    return {name: Entry(**entry) for name, entry in content.items()}


def refreshed(entries: dict[str, Entry], current: dict[str, str], now: int) -> dict[str, Entry]:
    """The entries with a new time for each changed hash. Time never runs backwards: Anki would keep the old."""
    changed = {
        name: Entry(digest, max(now, entries[name].time + 1) if name in entries else now)
        for name, digest in current.items()
        if name not in entries or entries[name].hash != digest
    }
    return entries | changed


def write_lock(root: Path, entries: dict[str, Entry]) -> None:
    """Write the lock, a line for each card, so that two branches rarely meet; whole or not at all."""
    lines = [f'{name}: {{hash: "{entry.hash}", time: {entry.time}}}\n' for name, entry in sorted(entries.items())]
    part = root / "cards" / f"{LOCK}.part"
    part.write_text(_HEAD + "".join(lines), encoding="utf8")
    part.replace(root / "cards" / LOCK)


def update(root: Path, now: int) -> list[str]:
    """Bring the lock up to date; returns the names of the entries that changed."""
    before = read_lock(root)
    after = refreshed(before, hashes(root, read_decks(root), read_book(root)), now)
    if after != before:
        write_lock(root, after)
    return [name for name in sorted(after) if after[name] != before.get(name)]


def faults(current: dict[str, str], entries: dict[str, Entry], retired: dict[str, str]) -> list[str]:
    """A card that is gone without a word, and a lock that speaks of other cards than there are."""
    gone = sorted(set(entries) - set(current) - set(retired))
    found = [f"cards/{LOCK}: card {name!r} is gone; if it is to go, say why in cards/{RETIRED}" for name in gone]
    stale = [name for name, digest in sorted(current.items()) if name not in entries or entries[name].hash != digest]
    if stale:
        some = ", ".join(stale[:5]) + (" …" if len(stale) > 5 else "")
        found.append(f"cards/{LOCK}: out of date for {len(stale)} of {len(current)} entries ({some}): run `make cards`")
    return found
