"""`make cards`, and the decks that `make book` lays into the site: none with a fault, none without the others."""

import copy
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flashcards.deck import CardError
from tests.conftest import write_assumed_ledger
from tests.book.small_book import CARDS, copy_book, shrink, write_deck
from tools.cards import write_decks, write_lock

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(f"cards-{edition}.{kind}" for edition in ("zh", "en", "zh-en") for kind in ("apkg", "txt"))
NOW = 1_790_001_000


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    return shrink(tmp_path)


@pytest.fixture
def whole_book(tmp_path):
    """A small book with all that `make book` takes."""
    return shrink(copy_book(tmp_path))


def locked(book: Path) -> bytes:
    return (book / "cards" / "lock.yml").read_bytes()


def changed_deck(**change) -> list[dict]:
    cards = copy.deepcopy(CARDS)
    cards[3] |= change
    return cards


def test_the_lock_says_which_cards_are_new_and_which_have_changed(book, capsys):
    write_deck(book, [*changed_deck(tags=["name"]), {**CARDS[0], "id": "more"}])
    write_lock(book, NOW)
    assert capsys.readouterr().out == "new      more\nchanged  card-3\n"
    before = locked(book)
    write_lock(book, NOW + 1)
    assert capsys.readouterr().out == "14 entries, none changed\n"
    assert locked(book) == before


FAULTS = {
    "an unknown label": (changed_deck(back={"zh": "见下。", "en": "This.", "formula": "nothing"}), "label 'nothing'"),
    "a wrong schema": (changed_deck(tags=["nonsense"]), "tags.0: 'nonsense' is not one of"),
    "a card that is gone": (CARDS[1:] + [{**CARDS[0], "id": "more"}], "card 'card-0' is gone"),
}


@pytest.mark.parametrize(("cards", "said"), FAULTS.values(), ids=FAULTS)
def test_cards_with_a_fault_are_neither_locked_nor_published(book, cards, said):
    before = locked(book)
    write_deck(book, cards)
    for write in (lambda: write_lock(book, NOW), lambda: write_decks(book, book / "site")):
        with pytest.raises(CardError) as error:
            write()
        assert said in str(error.value) and str(error.value).startswith("cards/")
    assert locked(book) == before and not (book / "site").exists()


def test_decks_are_not_published_under_an_old_lock(book):
    write_deck(book, changed_deck(tags=["name"]))
    with pytest.raises(CardError, match=r"out of date for 1 of 13 entries \(card-3\): run `make cards`"):
        write_decks(book, book / "site")
    write_lock(book, NOW)
    write_decks(book, book / "site")
    assert sorted(path.name for path in (book / "site").iterdir()) == FILES


def test_a_fault_of_the_cards_refuses_the_site_and_keeps_the_last_good_one(whole_book):
    site = whole_book / "_build" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("good")
    write_deck(whole_book, changed_deck(see="01-activations#nowhere"))
    ledger = write_assumed_ledger(whole_book / "ledger.json", whole_book / "chapters")
    command = [sys.executable, "tools/site.py", "--ledger", ledger]
    done = subprocess.run(command, cwd=whole_book, capture_output=True, text=True)
    assert done.returncode == 1
    fault = r"cards/01-activations.yml:\d+: card 'card-3': see: no heading has the anchor"
    assert len(re.findall(fault, done.stderr)) == 1, done.stderr
    assert [path.name for path in site.parent.iterdir()] == ["site"] and (site / "index.html").read_text() == "good"


def test_the_site_offers_the_decks_of_the_book(site, tmp_path):
    write_decks(ROOT, tmp_path)
    assert sorted(path.name for path in (site / "cards").iterdir()) == FILES
    for name in FILES:
        assert (site / "cards" / name).read_bytes() == (tmp_path / name).read_bytes(), name
