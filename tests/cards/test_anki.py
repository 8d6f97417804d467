"""The decks in Anki itself: what a reader has after the first import, and what a later edition does to it."""

import copy
import re
from pathlib import Path

import pytest

from _ext import katex
from flashcards import anki, lock, notes, text
from flashcards.book import read_book
from flashcards.deck import read_decks
from tests.cards.reader import Reader, formulas_of
from tests.cards.small_decks import CARDS, EDITION, PNG, START, card, edited, write_small_book

ROOT = Path(__file__).resolve().parents[2]
NAMES = [card["id"] for deck in CARDS.values() for card in deck]
LATER = START + 1000
NEW_FRONT = {"front": {"zh": "新的问？", "en": "A new question?"}}


@pytest.fixture
def book(tmp_path):
    return write_small_book(tmp_path)


@pytest.fixture
def empty_reader(tmp_path):
    reader = Reader(tmp_path / "reader")
    yield reader
    reader.collection.close()


@pytest.fixture
def reader(book, empty_reader):
    """A reader who has imported the first edition."""
    assert empty_reader.imports(book.package()) == {"new": len(NAMES)}
    return empty_reader


def test_the_first_import_brings_every_card_to_its_deck(book, reader):
    assert {guid.removeprefix("super-ml/zh/") for guid in reader.notes()} == set(NAMES)
    assert reader.collection.card_count() == len(NAMES)
    assert reader.deck_of("relu") == "超级机器学习复习笔记::01 激活函数"
    assert reader.deck_of("loss") == "超级机器学习复习笔记::02 损失"
    assert set(reader.note("relu").tags) == {
        "super-ml::formula",
        "super-ml::definition",
        "super-ml::chapter::01-activations",
    }
    assert {note.mod for note in reader.notes().values()} == {START}
    assert not reader.collection.media.check().missing


def test_new_cards_are_learned_in_the_order_of_the_book(reader):
    assert sorted(NAMES, key=lambda name: reader.card(name).due) == NAMES


def test_the_fields_hold_what_their_names_say(reader):
    note = dict(reader.note("picture").items())
    picture = re.search(r'<img src="([^"]*)" alt="一条“线” &lt;一&gt;">', note.pop("Back"))[1]
    assert (reader.folder / "collection.media" / picture).read_bytes() == PNG
    assert note == {
        "Id": "picture",
        "Front": "<p>问？</p>",
        "Place": "01 激活函数 › 整流",
        "Link": "01-activations.html#rectifiers",
        "Chapter": "01 激活函数",
        **dict.fromkeys(["Spare1", "Spare2", "Spare3"], ""),
    }


def test_the_same_package_again_changes_nothing(book, reader):
    reader.learns("relu")
    before = reader.content()
    assert reader.imports(book.package()) == {"duplicate": len(NAMES)}
    assert reader.content() == before


def test_an_edited_card_updates_one_note_and_keeps_its_schedule(book, reader):
    learned = reader.learns("loss")
    before = reader.notes()
    book.write(edited(CARDS, "loss", **NEW_FRONT), LATER)
    assert reader.imports(book.package()) == {"updated": 1, "duplicate": len(NAMES) - 1}
    assert reader.note("loss")["Front"] == "<p>新的问？</p>"
    assert reader.schedule("loss") == learned
    changed = [guid for guid, note in reader.notes().items() if note.fields != before[guid].fields]
    assert changed == ["super-ml/zh/loss"]


def test_a_new_picture_reaches_the_reader(book, reader):
    path = book.root / "chapters" / "01-activations.ipynb"
    path.write_text(path.read_text(encoding="utf8").replace("iVBORw0KGgo", "iVBORw0KGgs"), encoding="utf8")
    book.write(CARDS, LATER)
    assert reader.imports(book.package())["updated"] == 1
    assert len(set(re.findall('src="([^"]*)"', reader.card("picture").answer()))) == 1
    assert not reader.collection.media.check().missing


def test_the_readers_own_edit_of_another_note_survives(book, reader):
    reader.writes("relu", "Back", "我自己的话")
    book.write(edited(CARDS, "loss", **NEW_FRONT), LATER)
    assert reader.imports(book.package())["updated"] == 1
    assert reader.note("relu")["Back"] == "我自己的话"


def test_a_removed_card_stays_with_its_history(book, reader):
    learned = reader.learns("loss")
    book.write({**CARDS, "02-losses": CARDS["02-losses"][1:]}, LATER)
    assert reader.imports(book.package()) == {"duplicate": len(NAMES) - 1}
    assert reader.schedule("loss") == learned


def test_an_added_card_is_added_and_takes_nobodys_place(book, reader):
    learned = {name: reader.learns(name) for name in ("relu", "loss")}
    more = copy.deepcopy(CARDS)
    more["01-activations"].insert(0, card("first", "第一？", "First?"))
    book.write(more, LATER)
    assert reader.imports(book.package()) == {"new": 1, "duplicate": len(NAMES)}
    assert reader.note("first")["Front"] == "<p>第一？</p>"
    assert reader.deck_of("first") == reader.deck_of("relu")
    assert {name: reader.schedule(name) for name in learned} == learned


def test_a_card_that_moves_within_the_book_keeps_its_schedule(book, reader):
    learned = reader.learns("relu")
    moved = copy.deepcopy(CARDS)
    moved["02-losses"].append({**moved["01-activations"].pop(0), "see": "02-losses#losses"})
    book.write(moved, LATER)
    assert reader.imports(book.package())["updated"] == 1
    assert reader.note("relu")["Place"] == "02 损失"
    assert reader.schedule("relu") == learned


def test_all_editions_live_side_by_side(book, reader):
    learned = reader.learns("relu")
    for edition in ("en", "zh-en"):
        assert reader.imports(book.package(edition)) == {"new": len(NAMES)}
    assert reader.collection.card_count() == 3 * len(NAMES)
    assert reader.schedule("relu") == learned
    assert reader.deck_of("relu", "en") == "Super Machine Learning Revision Notes::01 Activation functions"
    both = reader.card("relu", "zh-en").question()
    assert '<div class="lang-zh" lang="zh-CN"><p>ReLU 是什么？</p></div>' in both
    assert '<div class="lang-en" lang="en"><p>What is ReLU?</p></div>' in both


def test_a_move_of_the_site_reaches_every_card_and_touches_no_note(book, reader):
    assert "出处：01 激活函数 › 整流</span>" in reader.card("relu").answer()
    assert "<a" not in reader.card("relu").answer()
    reader.writes("relu", "Back", "我自己的话")
    before = reader.notes()
    (book.root / "_config.yml").write_text("html: {baseurl: https://example.org/book/}", encoding="utf8")
    book.write(CARDS, LATER)
    assert reader.imports(book.package()) == {"duplicate": len(NAMES)}
    link = 'href="https://example.org/book/zh/chapters/01-activations.html#rectifiers">出处：01 激活函数 › 整流</a>'
    assert link in reader.card("relu").answer()
    assert {guid: (note.mod, note.fields) for guid, note in reader.notes().items()} == {
        guid: (note.mod, note.fields) for guid, note in before.items()
    }


def test_the_decks_in_both_languages_lead_to_the_bilingual_site(book, empty_reader):
    (book.root / "_config.yml").write_text("html: {baseurl: https://example.org/book/}", encoding="utf8")
    book.write(CARDS, LATER)
    empty_reader.imports(book.package("zh-en"))
    answer = empty_reader.card("loss", "zh-en").answer()
    assert 'href="https://example.org/book/bi/chapters/02-losses.html#losses"' in answer


def test_the_readers_own_style_survives_an_edited_card(book, reader):
    style = reader.collection.models.by_name(EDITION["zh"].title)
    style["css"] = ".card { color: green }"
    reader.collection.models.update_dict(style)
    book.write(edited(CARDS, "loss", **NEW_FRONT), LATER)
    assert reader.imports(book.package())["updated"] == 1
    assert ".card { color: green }" in reader.card("loss").question()


def test_the_text_file_updates_by_guid_and_keeps_the_schedule(book, reader):
    learned = reader.learns("loss")
    before = reader.content()
    assert reader.imports_text(book.text()) == {"duplicate": len(NAMES)}
    assert reader.content() == before
    book.write(edited(CARDS, "loss", **NEW_FRONT), LATER)
    assert reader.imports_text(book.text()) == {"updated": 1, "duplicate": len(NAMES) - 1}
    assert reader.note("loss")["Front"] == "<p>新的问？</p>"
    assert reader.schedule("loss") == learned


def test_a_card_that_the_text_file_adds_is_the_same_card_to_a_later_package(book, reader):
    more = copy.deepcopy(CARDS)
    more["02-losses"].append(card("last", see="02-losses#losses"))
    book.write(more, LATER)
    assert reader.imports_text(book.text())["new"] == 1
    assert reader.deck_of("last") == "超级机器学习复习笔记::02 损失"
    assert set(reader.note("last").tags) == {"super-ml::reason", "super-ml::chapter::02-losses"}
    assert "new" not in reader.imports(book.package())


def test_the_text_file_alone_puts_nothing_into_a_note_type_of_another_shape(book, empty_reader):
    assert empty_reader.imports_text(book.text()) == {"missing_notetype": len(NAMES)}


@pytest.fixture(scope="module", params=["zh", "en", "zh-en"])
def reader_of_the_book(request, tmp_path_factory):
    """A reader of the book's own cards, in one edition."""
    edition, decks, book = EDITION[request.param], read_decks(ROOT), read_book(ROOT)
    entries = lock.refreshed(lock.read_lock(ROOT), lock.hashes(ROOT, decks, book), LATER)
    reader = Reader(tmp_path_factory.mktemp("reader"))
    count = reader.imports(anki.package(edition, decks, book, entries, notes.site_address(ROOT)))
    assert count == {"new": sum(map(len, decks.values()))}
    assert reader.imports_text(text.text(edition, decks, book)) == {"duplicate": count["new"]}
    yield reader, edition, decks, book
    reader.collection.close()


def test_every_formula_of_the_book_renders(reader_of_the_book):
    reader, edition, decks, book = reader_of_the_book
    for one in (one for deck in decks.values() for one in deck):
        shown = reader.card(one.id, edition.name)
        for side, html in ((one.front, shown.question()), (one.back, shown.answer())):
            html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
            assert "$" not in re.sub(r"<code>.*?</code>", "", html) and r"\require" not in html
            found = formulas_of(html)
            for tex in found:
                katex.render(tex)
            for label in side.formula:
                assert any(_bare(tex) == _bare(book.formulas[label]) for tex in found), (one.id, label)


def _bare(tex: str) -> str:
    return re.sub(r"\s", "", tex)


def test_every_chapter_of_the_book_has_its_deck_and_every_picture_is_there(reader_of_the_book):
    reader, edition, decks, book = reader_of_the_book
    names = {entry.name for entry in reader.collection.decks.all_names_and_ids()}
    for chapter in decks:
        title = " · ".join(book.titles[chapter][lang] for lang in edition.languages)
        assert f"{edition.title}::{chapter[:2]} {title}" in names
    report = reader.collection.media.check()
    assert not report.missing and not report.unused


def test_the_language_of_every_side_is_named(reader_of_the_book):
    reader, edition, decks, _ = reader_of_the_book
    expected = {"zh": {"zh-CN"}, "en": {"en"}, "zh-en": {"zh-CN", "en"}}[edition.name]
    for one in (one for deck in decks.values() for one in deck):
        assert set(re.findall(' lang="([^"]*)"', reader.card(one.id, edition.name).answer())) == expected


MISMATCHED = [r"\(a", r"a\)", r"\(a\]", r"\[a\)", r"\(a \(b\)\)"]


@pytest.mark.parametrize("html", MISMATCHED)
def test_delimiters_that_do_not_match_are_noticed(html):
    with pytest.raises(AssertionError):
        formulas_of(html)


def test_formulas_are_found_with_their_line_breaks():
    assert formulas_of(r"<p>\(a &lt; b\)</p> <code>\(</code> \[c \\[4pt] d\]") == ["a < b", r"c \\[4pt] d"]
