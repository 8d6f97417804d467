"""The packages for Anki as files: what is frozen, what is in them, and that the same cards give the same bytes."""

import io
import json
import os
import sqlite3
import subprocess
import sys
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from flashcards.anki import _stable_id
from flashcards.deck import TAGS
from flashcards.notes import EDITIONS, FIELDS
from tests.cards.small_decks import CARDS, PNG, START, edited, write_small_book

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def book(tmp_path):
    return write_small_book(tmp_path)


def unpack(package: bytes) -> tuple[sqlite3.Connection, dict[str, bytes]]:
    """The database of a package, and its pictures by name."""
    archive = zipfile.ZipFile(io.BytesIO(package))
    database = sqlite3.connect(":memory:")
    database.deserialize(archive.read("collection.anki2"))
    return database, {name: archive.read(key) for key, name in json.loads(archive.read("media")).items()}


def test_what_carries_a_name_is_frozen():
    """A reader's cards hang on these: with another one an import would add a second copy of every card."""
    assert FIELDS == ("Id", "Front", "Back", "Place", "Link", "Chapter", "Spare1", "Spare2", "Spare3")
    assert [(edition.name, edition.title) for edition in EDITIONS] == [
        ("zh", "超级机器学习复习笔记"),
        ("en", "Super Machine Learning Revision Notes"),
        ("zh-en", "超级机器学习复习笔记 · Super Machine Learning Revision Notes"),
    ]
    assert [_stable_id("note type", edition.name) for edition in EDITIONS] == [1765219519, 1769356016, 1407958302]


def test_a_note_is_known_by_card_and_edition_alone(book):
    def guids(edition: str) -> dict[str, str]:
        rows = unpack(book.package(edition))[0].execute("select flds, guid from notes").fetchall()
        return {fields.split("\x1f")[0]: guid for fields, guid in rows}

    before = guids("zh")
    assert before["relu"] == "super-ml/zh/relu"
    place = "01-activations#activation-functions"
    book.write(edited(CARDS, "relu", front={"zh": "别的？", "en": "Else?"}, tags=["shape"], see=place), START)
    assert guids("zh") == before
    assert not set(before.values()) & set(guids("en").values()) & set(guids("zh-en").values())


def test_only_the_note_of_a_changed_card_has_a_new_time(book):
    book.write(edited(CARDS, "loss", tags=["name"]), START + 1000)
    rows = unpack(book.package())[0].execute("select guid, mod from notes").fetchall()
    times = {guid.removeprefix("super-ml/zh/"): time for guid, time in rows}
    assert times == dict.fromkeys(["relu", "smaller", "picture", "tabs", "cost"], START) | {"loss": START + 1000}


def test_cards_come_in_the_order_of_the_book(book):
    query = "select due, guid from cards join notes on nid = notes.id order by due"
    rows = unpack(book.package())[0].execute(query).fetchall()
    names = [card["id"] for deck in CARDS.values() for card in deck]
    assert rows == [(position, f"super-ml/zh/{name}") for position, name in enumerate(names, 1)]


def test_the_figure_is_in_it_once_under_a_name_that_tells_its_content(book):
    names = set()
    for edition in EDITIONS:
        _, media = unpack(book.package(edition.name))
        assert list(media.values()) == [PNG]
        names |= set(media)
    assert names == {f"super-ml-fig-one-{sha256(PNG).hexdigest()[:8]}.png"}


def test_it_is_packed_and_bears_no_date(book):
    entries = zipfile.ZipFile(io.BytesIO(book.package())).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_DEFLATED}


WRITE = """
import sys
from pathlib import Path
from tests.cards.small_decks import SmallBook
for edition in ("zh", "en", "zh-en"):
    sys.stdout.buffer.write(SmallBook(Path(sys.argv[1])).package(edition))
    sys.stdout.buffer.write(SmallBook(Path(sys.argv[1])).text(edition).encode())
"""


def test_the_same_cards_give_the_same_bytes_in_any_process_at_any_time(book):
    def run(seed: str) -> bytes:
        environment = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.check_output([sys.executable, "-c", WRITE, book.root], cwd=ROOT, env=environment)

    first = run("0")
    time.sleep(1.1)
    assert run("1") == first


def test_tags_hold_no_space_and_stay_apart_from_the_readers_own(book):
    for (tags,) in unpack(book.package())[0].execute("select tags from notes").fetchall():
        for tag in tags.split():
            kind = tag.removeprefix("super-ml::")
            assert kind in TAGS or kind in ("chapter::01-activations", "chapter::02-losses"), tag


def test_no_picture_no_database_is_left_behind(book, tmp_path, monkeypatch):
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(empty))
    book.package()
    assert list(empty.iterdir()) == []
