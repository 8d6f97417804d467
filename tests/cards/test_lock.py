"""The lock of the cards: a card has a new time if and only if what it shows has changed."""

import base64
import copy

import pytest

from flashcards import lock
from flashcards.book import read_book
from flashcards.deck import CardError, read_decks, read_retired
from tests.cards.small_decks import CARDS, PNG, START, card, edited, write_small_book

LATER = START + 1000
NAMES = {"relu", "smaller", "picture", "tabs", "loss", "cost", lock.NOTE_TYPES}


@pytest.fixture
def book(tmp_path):
    return write_small_book(tmp_path)


def entries(book) -> dict[str, lock.Entry]:
    return lock.read_lock(book.root)


def written(book) -> bytes:
    return (book.root / "cards" / "lock.yml").read_bytes()


def faults(book) -> list[str]:
    current = lock.hashes(book.root, read_decks(book.root), read_book(book.root))
    return lock.faults(current, entries(book), read_retired(book.root))


def replace_in_chapter(book, old: str, new: str) -> None:
    path = book.root / "chapters" / "01-activations.ipynb"
    before = path.read_text(encoding="utf8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf8")


def test_the_first_lock_names_every_card_and_the_note_types(book):
    assert set(entries(book)) == NAMES
    assert {entry.time for entry in entries(book).values()} == {START}
    assert faults(book) == []


def test_unchanged_cards_change_no_byte_of_it(book):
    before = written(book)
    assert book.write(CARDS, LATER) == []
    assert written(book) == before


CHANGES = {
    "a text": {"front": {"zh": "另一问？", "en": "Why?"}},
    "a text of the other language": {"front": {"zh": "问？", "en": "Why not?"}},
    "the back": {"back": {"zh": "不知道。", "en": "Because."}},
    "a formula": {"back": {"zh": "因为。", "en": "Because.", "formula": "relu"}},
    "a figure": {"back": {"zh": "因为。", "en": "Because.", "figure": "fig-one"}},
    "a tag": {"tags": ["reason", "shape"]},
    "the place": {"see": "02-losses#why"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_a_card_stamps_this_card_alone(book, change):
    assert book.write(edited(CARDS, "loss", **change), LATER) == ["loss"]
    assert {name: entry.time for name, entry in entries(book).items()} == dict.fromkeys(NAMES, START) | {"loss": LATER}


def test_a_number_that_a_test_computes_is_not_shown(book):
    assert book.write(edited(CARDS, "loss", value=["1"]), LATER) == []


TAKEN = {
    "TeX": (r"\\max(0, z)", r"\\max(z, 0)", ["relu", "smaller"]),
    "a picture": (base64.b64encode(PNG).decode(), base64.b64encode(PNG + b"\0").decode(), ["picture"]),
    "the words of a picture": ("<one>", "<two>", ["picture"]),
    "the title of the place": ("整流 ·", "整流函数 ·", ["picture", "relu", "smaller", "tabs"]),
}


@pytest.mark.parametrize(("old", "new", "changed"), TAKEN.values(), ids=TAKEN)
def test_a_change_in_the_chapter_stamps_the_cards_that_take_from_it(book, old, new, changed):
    replace_in_chapter(book, old, new)
    assert any("run `make cards`" in fault for fault in faults(book))
    assert book.write(CARDS, LATER) == changed
    assert faults(book) == []


def test_another_number_of_the_chapter_stamps_its_cards(book):
    (book.root / "chapters" / "02-losses.ipynb").rename(book.root / "chapters" / "03-losses.ipynb")
    (book.root / "cards" / "02-losses.yml").unlink()
    renamed = {"03-losses": [{**card, "see": "03-losses#losses"} for card in CARDS["02-losses"]]}
    assert book.write(renamed, LATER) == ["cost", "loss"]


def test_another_address_of_the_site_changes_the_note_types_and_no_note(book):
    (book.root / "_config.yml").write_text("html: {baseurl: https://example.org/book/}", encoding="utf8")
    assert book.write(CARDS, LATER) == [lock.NOTE_TYPES]


def test_times_rise_even_where_the_clock_has_gone_back(book):
    book.write(edited(CARDS, "loss", tags=["name"]), START - 1000)
    assert entries(book)["loss"].time == START + 1
    book.write(CARDS, START - 1000)
    assert entries(book)["loss"].time == START + 2


def test_the_entry_of_a_retired_card_stays(book):
    fewer = {**CARDS, "02-losses": CARDS["02-losses"][1:]}
    assert book.write(fewer, LATER) == []
    (fault,) = faults(book)
    assert fault.startswith("cards/lock.yml: card 'loss' is gone") and "cards/retired.yml" in fault
    (book.root / "cards" / "retired.yml").write_text("loss: said twice\n", encoding="utf8")
    assert faults(book) == []
    assert entries(book)["loss"].time == START


def test_a_lock_that_is_out_of_date_says_of_which_cards_and_what_to_do(book):
    changed = copy.deepcopy(CARDS)
    changed["02-losses"] += [card("new", see="02-losses#losses")]
    changed = edited(changed, "relu", tags=["shape"])
    before = written(book)
    book.write(changed, LATER)
    (book.root / "cards" / "lock.yml").write_bytes(before)
    assert faults(book) == ["cards/lock.yml: out of date for 2 of 8 entries (new, relu): run `make cards`"]


def test_it_is_sorted_a_line_for_each_card(book):
    head, *lines = written(book).decode().splitlines()
    assert head.startswith("# Written by `make cards`")
    assert [line.split(":")[0] for line in lines] == sorted(NAMES)


def test_the_order_of_the_cards_does_not_matter(book):
    before = written(book)
    book.write({chapter: deck[::-1] for chapter, deck in CARDS.items()}, LATER)
    assert written(book) == before


def test_an_interrupted_write_leaves_the_old_lock(book, monkeypatch):
    before = written(book)
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        book.write(edited(CARDS, "loss", tags=["name"]), LATER)
    assert written(book) == before


SPOILT = {
    "a conflict of two branches": ("<<<<<<< HEAD\na: {hash: '', time: 1}\n", "cards/lock.yml"),
    "a card twice": ('a: {hash: "0123456789abcdef", time: 1}\n' * 2, "cards/lock.yml:2: 'a' stands twice"),
    "a hash that is none": ("relu: {hash: 12, time: 1}\n", "cards/lock.yml: relu: hash: 12 is not of type 'string'"),
    "no time": ('relu: {hash: "0123456789abcdef"}\n', "cards/lock.yml: relu: 'time' is a required property"),
    "a list": ("- relu\n", "cards/lock.yml: ['relu'] is not of type 'object'"),
}


@pytest.mark.parametrize(("text", "said"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_lock_is_a_located_fault_and_is_not_overwritten(book, text, said):
    (book.root / "cards" / "lock.yml").write_text(text, encoding="utf8")
    with pytest.raises(CardError) as error:
        book.write(CARDS, LATER)
    assert said in str(error.value)
    assert written(book).decode() == text
