"""Reading the cards: what a deck may hold, and what is said of a wrong one."""

from pathlib import Path

import pytest

from flashcards.deck import CardError, Side, read_deck, read_decks, read_retired

CARD = """- id: relu-slope
  see: 01-activations#rectifiers
  tags: [formula, reason]
  front: {zh: 问, en: Question}
  back:
    zh: |
      答
    en: Answer
    formula: [relu, leaky-relu]
    figure: fig-rectifiers
  value: ["0.5"]
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "cards").mkdir()

    def write(text: str, name: str = "01-activations.yml") -> Path:
        path = tmp_path / "cards" / name
        path.write_text(text, encoding="utf8")
        return path

    return write


def faults(path: Path) -> list[str]:
    with pytest.raises(CardError) as raised:
        read_deck(path)
    return raised.value.faults


def test_a_card_is_read_with_all_that_it_holds(write):
    (card,) = read_deck(write(CARD))
    assert (card.id, card.chapter, card.see) == ("relu-slope", "01-activations", "01-activations#rectifiers")
    assert card.tags == ("formula", "reason") and card.value == ("0.5",)
    assert card.front == Side({"zh": "问", "en": "Question"})
    assert card.back == Side({"zh": "答", "en": "Answer"}, ("relu", "leaky-relu"), "fig-rectifiers")


def test_one_label_needs_no_list(write):
    (card,) = read_deck(write(CARD.replace("[relu, leaky-relu]", "relu")))
    assert card.back.formula == ("relu",)


WRONG = {
    "an id with a blank": ("relu-slope", "relu slope", "id: 'relu slope' does not match"),
    "a place without an anchor": ("#rectifiers", "", "see: '01-activations' does not match"),
    "an unknown tag": ("[formula,", "[fromula,", "tags.0: 'fromula' is not one of"),
    "no tag": ("[formula, reason]", "[]", "tags: []"),
    "one language alone": ("{zh: 问, en: Question}", "{zh: 问}", "front: 'en' is a required property"),
    "an empty text": ("en: Question", 'en: " "', "front.en: ' ' does not match"),
    "a text that is a number": ("en: Question", "en: 0.5", "front.en: 0.5 is not of type 'string'"),
    "an unknown field": ("  value:", "  hint:", "Additional properties are not allowed ('hint' was unexpected)"),
    "a value that is a number": ('["0.5"]', "[0.5]", "value.0: 0.5 is not of type 'string'"),
    "a label twice": ("[relu, leaky-relu]", "[relu, relu]", "back.formula: "),
}


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_card_is_refused_at_its_line_by_its_name(write, right, wrong, said):
    assert right in CARD
    (fault,) = faults(write("# the cards\n\n" + CARD.replace(right, wrong)))
    assert fault.startswith("cards/01-activations.yml:3: card ") and said in fault


def test_a_key_that_stands_twice_is_refused_at_its_line(write):
    (fault,) = faults(write(CARD.replace("    en: Answer\n", "    en: Answer\n    en: Another\n")))
    assert fault == "cards/01-activations.yml:9: 'en' stands twice"


@pytest.mark.parametrize("text", ["", "id: a\n", "just words", "- [a\n", "- !!python/object/apply:os.getcwd []\n", "- 3\n"])
def test_what_is_no_list_of_cards_is_refused(write, text):
    (fault,) = faults(write(text))
    assert fault.startswith("cards/01-activations.yml")


def test_every_fault_of_every_file_is_told_at_once(write, tmp_path):
    write(CARD.replace("[formula,", "[fromula,") + CARD.replace("en: Question", "en: 1"))
    write(CARD.replace("id: relu-slope", "id: Relu"), "02-initialisation.yml")
    with pytest.raises(CardError) as raised:
        read_decks(tmp_path)
    assert [fault.split(": ")[0] for fault in raised.value.faults] == [
        "cards/01-activations.yml:1",
        "cards/01-activations.yml:12",
        "cards/02-initialisation.yml:1",
    ]


def test_an_id_is_unique_in_the_book(write, tmp_path):
    write(CARD)
    write(CARD, "02-initialisation.yml")
    with pytest.raises(CardError, match="02-initialisation.yml:1: card 'relu-slope' stands already at cards/01-act"):
        read_decks(tmp_path)


def test_decks_come_in_the_order_of_the_chapters(write, tmp_path):
    write(CARD.replace("relu-slope", "b"), "10-batch-normalisation.yml")
    write(CARD.replace("relu-slope", "a"), "02-initialisation.yml")
    write("x: retired\n", "retired.yml")
    assert list(read_decks(tmp_path)) == ["02-initialisation", "10-batch-normalisation"]


def test_a_retired_card_is_kept_with_its_reason(write, tmp_path):
    assert read_retired(tmp_path) == {}
    write("old-card: the formula is gone\n", "retired.yml")
    assert read_retired(tmp_path) == {"old-card": "the formula is gone"}


@pytest.mark.parametrize("text", ["- old-card\n", "old-card:\n", "Old card: reason\n", "words"])
def test_a_list_of_retired_cards_without_reasons_is_refused(write, tmp_path, text):
    write(text, "retired.yml")
    with pytest.raises(CardError, match="retired.yml"):
        read_retired(tmp_path)
