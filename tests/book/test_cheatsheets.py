"""The cheat sheets as they are written: each planted fault is found and located; those of the book hold."""

import copy
from pathlib import Path

import pytest
from small_book import SHEET, shrink, write_sheet

from _ext import katex
from _ext.sheets import LEAST_IN_BOOK, MOST_IN_BOOK, book_faults, read_sheets
from flashcards.sources import SourceError

ROOT = Path(__file__).resolve().parents[2]
FILE = "cheatsheets/01-activations.yml"


def faults(root: Path) -> list[str]:
    try:
        return book_faults(root, read_sheets(root), katex.render)
    except SourceError as error:
        return error.faults


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    return shrink(tmp_path)


def test_the_cheat_sheets_of_the_book_hold():
    assert faults(ROOT) == []


def test_the_sheet_of_the_whole_book_has_the_formulas_that_fit_on_a_page():
    chosen = [entry for entries in read_sheets(ROOT).values() for entry in entries if entry.in_book]
    assert LEAST_IN_BOOK <= len(chosen) <= MOST_IN_BOOK


def test_the_small_book_holds(book):
    assert faults(book) == []


def both(zh: str, en: str) -> dict:
    return {"zh": zh, "en": en}


PLANTED = {
    "an unknown label": ({"formula": "no-such"}, "no formula of the book has the label 'no-such'"),
    "a second entry": ({"formula": "sigmoid"}, "the formula stands on the sheet already"),
    "Chinese in English": ({"remark": both("注", "The 注")}, "remark: en: Chinese in the English text"),
    "Chinese in an English name": ({"name": both("名", "名")}, "name: en: Chinese in the English text"),
    "maths of one language": ({"remark": both("$a$ 大", "$b$ grows")}, "remark: the maths of the two languages differ: ['a'] in zh"),
    "code of one language": ({"remark": both("`a`", "`b`")}, "remark: the code of the two languages differ"),
    "wrong TeX": ({"remark": both(r"$\fra$", r"$\fra$")}, "remark: zh: TeX: Undefined control sequence"),
    "an open formula": ({"remark": both("$a", "$a")}, "remark: zh: an unbalanced $"),
    "a link": ({"remark": both("一", "[One](x)")}, "remark: en: '[One](': a cheat sheet holds text"),
    "another word for a term": (
        {"remark": both("激励函数。", "An activation function.")},
        "the English speaks of 'activation function', the Chinese not of 激活函数",
    ),
    "a language missing": ({"name": {"zh": "名"}}, "name: 'en' is a required property"),
    "an empty text": ({"remark": both(" ", "One")}, "remark.zh: ' ' does not match"),
    "an unknown key": ({"colour": "red"}, "'colour' was unexpected"),
    "book: no": ({"book": False}, "book: True was expected"),
}


@pytest.mark.parametrize(("change", "said"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found_and_located(book, change, said):
    entries = copy.deepcopy(SHEET)
    entries[1] |= change
    write_sheet(book, entries)
    found = faults(book)
    text = (book / FILE).read_text(encoding="utf8").splitlines()
    line = [number for number, start in enumerate(text, 1) if start.startswith("- ")][1]
    assert [fault for fault in found if fault.startswith(f"{FILE}:{line}: entry '{entries[1]['formula']}': ")] == found
    assert any(said in fault for fault in found), found


def test_the_formula_of_another_chapter_is_named(book):
    (book / FILE).rename(book / "cheatsheets" / "02-other.yml")
    found = faults(book)
    assert f"{FILE}: the chapter has no cheat sheet" in found
    assert "cheatsheets/02-other.yml: there is no such chapter" in found
    assert sum("the formula belongs to the chapter 01-activations" in fault for fault in found) == len(SHEET)


def test_a_formula_that_can_not_be_drawn_is_named(book):
    path = book / "chapters" / "01-activations.ipynb"
    path.write_text(path.read_text(encoding="utf8").replace("operatorname", "operatornam"), encoding="utf8")
    (fault,) = faults(book)
    assert "entry 'relu': TeX: Undefined control sequence" in fault


def test_a_sheet_of_too_few_or_too_many_entries_is_named(book):
    write_sheet(book, SHEET[:2])
    assert faults(book) == [f"{FILE}: 2 entries; the sheet has 3 to 18"]
    write_sheet(book, SHEET * 7)
    assert f"{FILE}: 21 entries; the sheet has 3 to 18" in faults(book)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {formula: relu\n- b", ":2: "),
        ("a: b\n", ": a cheat sheet is a list of entries"),
        ("- relu\n", ":1: entry 1: 'relu' is not of type 'object'"),
        ("- {formula: relu, formula: tanh}\n", ":1: 'formula' stands twice"),
    ],
)
def test_what_is_no_list_of_entries_is_located(book, text, said):
    (book / FILE).write_text(text, encoding="utf8")
    (*_, fault) = faults(book)
    assert fault.startswith(FILE + said[: said.find(" ") + 1]) and said in fault
