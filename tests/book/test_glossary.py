"""terms.yml is checked before anything is drawn from it."""

import copy
from pathlib import Path

import pytest

from _ext.glossary import LinkedWords, load_terms

TERM = {
    "id": "loss",
    "zh": "损失",
    "en": "loss",
    "see": "01-a#loss",
    "def": {"zh": "单个样本的误差。", "en": "The error of one example."},
}


@pytest.fixture
def load(listed):
    return lambda *terms: load_terms(listed("terms.yml", terms))


def changed(**values):
    return copy.deepcopy(TERM) | values


def test_right_terms_come_back(load):
    assert load(TERM) == [TERM]


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ({key: TERM[key] for key in TERM if key != "zh"}, "'zh' is a required property"),
        (changed(id="Loss!"), "'Loss!' does not match"),
        (changed(see="nowhere"), "'nowhere' does not match"),
        (changed(**{"def": {"zh": "误差。"}}), "'en' is a required property"),
        (changed(colour="red"), "'colour' was unexpected"),
        (changed(everyday="yes"), "True was expected"),
        (changed(avoid="代价"), "'代价' is not of type 'array'"),
    ],
)
def test_a_wrong_entry_is_named(load, term, message):
    with pytest.raises(ValueError, match=message):
        load(term)


@pytest.mark.parametrize("key", ["id", "zh", "en"])
def test_nothing_stands_twice(load, key):
    other = changed(id="cost", zh="代价", en="cost")
    with pytest.raises(ValueError, match=f"{key} '{TERM[key]}' stands twice"):
        load(TERM, other | {key: TERM[key]})


def test_the_terms_of_the_book_are_right():
    assert load_terms(Path(__file__).resolve().parents[2] / "terms.yml")


def found(text: str, *terms: dict) -> list[tuple[str, str, str]]:
    words = LinkedWords(list(terms))
    hits = [(hit[0], *words.entries[hit[0].lower()]) for hit in words.pattern.finditer(text)]
    return [(word, term["id"], lang) for word, term, lang in hits]


RATE = changed(id="learning-rate", zh="学习率", en="learning rate")
DECAY = changed(id="decay", zh="学习率衰减", en="learning-rate decay")


def test_terms_are_found_in_both_languages_the_longest_first():
    assert found("学习率衰减和学习率", RATE, DECAY) == [("学习率衰减", "decay", "zh"), ("学习率", "learning-rate", "zh")]
    assert found("Learning rate and loss", RATE, TERM) == [
        ("Learning rate", "learning-rate", "en"),
        ("loss", "loss", "en"),
    ]


@pytest.mark.parametrize("text", ["glossary", "losses", "loss-less", "no-loss", "lossy"])
def test_a_word_within_a_word_is_none(text):
    assert found(text, TERM) == []


def test_a_word_beside_chinese_is_found():
    assert found("（loss）是loss的", TERM) == [("loss", "loss", "en")] * 2


def test_everyday_words_and_words_alike_in_both_languages_are_not_linked():
    assert found("loss of ReLU", changed(everyday=True), changed(id="relu", zh="ReLU", en="ReLU")) == []


def test_an_edition_links_the_words_of_its_own_language():
    words = LinkedWords([TERM], ("zh",))
    assert [hit[0] for hit in words.pattern.finditer("损失（loss）")] == ["损失"]
