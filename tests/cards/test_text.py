"""The cards as tab-separated text, read as any program would read it."""

import csv
import sqlite3

import pytest

from flashcards.notes import EDITIONS, FIELDS
from tests.cards.small_decks import CARDS, card, write_small_book
from tests.cards.test_package import unpack

NAMES = [card["id"] for deck in CARDS.values() for card in deck]


@pytest.fixture
def book(tmp_path):
    return write_small_book(tmp_path)


def read(text: str) -> tuple[list[str], list[list[str]]]:
    """The settings at its head, and the rows below them."""
    lines = text.splitlines()
    settings = [line for line in lines if line.startswith("#")]
    return settings, list(csv.reader(lines[len(settings) :], delimiter="\t", strict=True))


def test_its_head_tells_anki_what_the_columns_are(book):
    settings, rows = read(book.text())
    assert settings[:2] == ["#separator:tab", "#html:true"]
    assert set(settings[2:6]) == {"#guid column:1", "#notetype column:2", "#deck column:3", "#tags column:4"}
    assert settings[6] == "#columns:" + "\t".join(["GUID", "Note type", "Deck", "Tags", *FIELDS])
    assert {len(row) for row in rows} == {4 + len(FIELDS)}


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
def test_it_holds_the_notes_of_the_package(book, edition):
    database: sqlite3.Connection = unpack(book.package(edition.name))[0]
    stored = database.execute("select guid, tags, flds from notes")
    notes = {guid: (tags.split(), fields.split("\x1f")) for guid, tags, fields in stored}
    _, rows = read(book.text(edition.name))
    assert [row[4] for row in rows] == NAMES
    assert {row[0]: (row[3].split(), row[4:]) for row in rows} == notes
    assert {row[1] for row in rows} == {edition.title}
    assert all(row[2].startswith(f"{edition.title}::0") for row in rows)


def test_a_card_is_one_line_whatever_its_text(book):
    lines = book.text("en").splitlines()
    assert len(lines) == 7 + len(NAMES)
    (row,) = [row for row in read(book.text("en"))[1] if row[4] == "tabs"]
    assert row[5] == "<p>one two</p> <p>&quot;three&quot;</p>"


def test_a_quotation_mark_at_the_start_of_a_field_is_no_quoting(book):
    book.write({"02-losses": [card("cost", '"零"', '"zero" and "one"', see="02-losses#losses")]}, 1_790_000_001)
    (row,) = [row for row in read(book.text("en"))[1] if row[4] == "cost"]
    assert row[5] == "<p>&quot;zero&quot; and &quot;one&quot;</p>"


def test_a_comment_of_tex_does_not_swallow_the_next_line(book):
    (row,) = [row for row in read(book.text())[1] if row[4] == "smaller"]
    assert r"a &amp;&lt; b \\[4pt] c &amp;&gt; d \end{aligned}" in row[6]
