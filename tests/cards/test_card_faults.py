"""The faults of a card that show beside the book: each planted one is found, named and located; the book has none."""

import copy
from pathlib import Path

import pytest

from _ext import katex
from flashcards.book import read_book
from flashcards.check import book_faults
from flashcards.deck import read_decks
from tests.book.small_book import CARDS, shrink, write_deck

ROOT = Path(__file__).resolve().parents[2]


def faults(root: Path) -> list[str]:
    return book_faults(root, read_decks(root), read_book(root), katex.render)


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    return shrink(tmp_path)


def test_the_cards_of_the_book_hold():
    assert faults(ROOT) == []


def test_the_book_has_two_hundred_cards():
    assert sum(map(len, read_decks(ROOT).values())) >= 200


def test_the_small_book_holds(book):
    assert faults(book) == []


def side(zh: str, en: str, **more) -> dict:
    return {"zh": zh, "en": en, **more}


PLANTED = {
    "an unknown label": ({"back": side("见下。", "This.", formula="no-such")}, "no formula of the book has the label 'no-such'"),
    "an unknown figure": ({"front": side("见图。", "See.", figure="fig-x")}, "front: figure: no chapter has a figure 'fig-x'"),
    "an unknown anchor": ({"see": "01-activations#nowhere"}, "see: no heading has the anchor 01-activations#nowhere"),
    "another chapter": ({"see": "02-initialisation#he"}, "see: 02-initialisation#he lies outside the chapter of the deck"),
    "Chinese in English": ({"front": side("问", "What is 梯度?")}, "front: en: Chinese in the English text"),
    "maths of one language": ({"front": side("$a$ 问", "Why $b$?")}, "maths of the two languages differ: ['a'] in zh"),
    "a formula in one language": ({"front": side("$a$ 问", "Why?")}, "maths of the two languages differ: ['a'] in zh"),
    "code of one language": ({"front": side("`a` 问", "Why `b`?")}, "code of the two languages differ: ['a'] in zh"),
    "an open formula": ({"front": side("$a 问", "Why $a$?")}, "front: zh: an unbalanced $"),
    "wrong TeX": ({"front": side(r"$\fra$ 问", r"Why $\fra$?")}, "front: zh: TeX: Undefined control sequence"),
    "a list": ({"back": side("- 一\n- 二", "One, two.")}, "back: zh: '-': a card holds text"),
    "a heading": ({"back": side("一", "# One")}, "back: en: '#': a card holds text"),
    "a link": ({"back": side("一", "[One](x)")}, "back: en: '[One](': a card holds text"),
    "HTML": ({"back": side("一", "<b>One</b>")}, "back: en: '<b': a card holds text"),
    "a role": ({"back": side("一", "See {eq}`sigmoid`.")}, "back: en: '{eq}`"),
    "a display formula": ({"back": side("$$a$$", "$$a$$")}, "back: zh: '$$': a card holds text"),
    "a number without a source": ({"back": side("是 0.25。", "It is 0.25.")}, "states 0.25, which nothing computes"),
    "a long number": ({"back": side("有 $120$ 个。", "There are $120$.")}, "states 120, which nothing computes"),
    "a value that is not printed": ({"value": ["7"]}, "value: '7' does not stand on the zh back"),
    "another word for a term": (
        {"front": side("激励函数？", "Which activation function?")},
        "the English speaks of 'activation function', the Chinese not of 激活函数",
    ),
}


@pytest.mark.parametrize(("change", "said"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found_and_located(book, change, said):
    cards = copy.deepcopy(CARDS)
    cards[3] |= change
    write_deck(book, cards)
    found = faults(book)
    assert any(said in fault for fault in found), found
    line = (book / "cards" / "01-activations.yml").read_text(encoding="utf8").splitlines().index("- id: card-3") + 1
    for fault in found:
        if "lock" not in fault:
            assert fault.startswith(f"cards/01-activations.yml:{line}: card 'card-3': ")


GOOD = {
    "a year": {"back": side("见 He 等（2015）。", "See He et al. (2015).")},
    "one digit": {"back": side("$3$ 倍。", "$3$ times.")},
    "a number with its source": {"back": side("是 0.25。", "It is 0.25."), "value": ["0.25"]},
    "an escaped dollar": {"front": side(r"值 \$5 吗？", r"Is it worth \$5?")},
    "a dollar in code": {"front": side("`a$b` 是什么？", "What is `a$b`?")},
    "a comparison": {"front": side("$a < b$ 时？", "When $a < b$?")},
    "the term itself": {"front": side("哪个激活函数？", "Which activation function?")},
}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD)
def test_what_is_right_is_not_complained_of(book, change):
    cards = copy.deepcopy(CARDS)
    cards[3] |= change
    write_deck(book, cards)
    assert [fault for fault in faults(book) if "lock" not in fault] == []


def test_a_chapter_has_twelve_cards_or_more(book):
    write_deck(book, CARDS[:11])
    assert "cards/01-activations.yml: 11 cards; a chapter has 12 or more" in faults(book)


def test_a_chapter_without_cards_and_cards_without_a_chapter_are_named(book):
    (book / "cards" / "01-activations.yml").rename(book / "cards" / "99-nothing.yml")
    found = faults(book)
    assert "cards/01-activations.yml: the chapter has no cards" in found
    assert "cards/99-nothing.yml: there is no such chapter" in found


def test_a_retired_id_is_not_given_again(book):
    (book / "cards" / "retired.yml").write_text("card-3: said twice\n", encoding="utf8")
    assert "cards/retired.yml: 'card-3' was given up, and is a card again" in faults(book)
