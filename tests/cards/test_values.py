"""Every number on a back is computed: what the card prints is what the code of the book gives, to the last digit."""

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from flashcards.deck import read_decks

ROOT = Path(__file__).resolve().parents[2]
CARDS = [card for deck in read_decks(ROOT).values() for card in deck]

_DECIMAL = re.compile(r"-?\d+(?:\.(\d+))?")
_POWER = re.compile(r"(?:(-?[\d.]+) ?\\(?:times|cdot) ?)?10\^\{?(-?\d+)\}?")
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{?(\d+)\}?\{?(\d+)\}?")

_ROUNDED = re.compile(r"\b(about|roughly|some|nearly|almost|just|close to)\b|\\approx|≈", re.IGNORECASE)  # what else is printed is exact


def read(number: str) -> tuple[float, float]:
    """A number as a card prints it, and by how much the true one may differ if rounded: half a unit of its last digit."""
    if found := _DECIMAL.fullmatch(number):
        return float(number), 0.5 * 10.0 ** -len(found[1] or "")
    if found := _POWER.fullmatch(number):
        factor, allowed = read(found[1]) if found[1] else (1.0, 1e-9)
        return factor * 10.0 ** int(found[2]), allowed * 10.0 ** int(found[2])
    if found := _FRACTION.fullmatch(number):
        return float(f"{found[1]}1") * int(found[2]) / int(found[3]), 1e-12
    raise ValueError(f"{number!r} is not a number that this test reads")


def computed(card) -> np.ndarray:
    module = import_module(f"tests.cards.values.{card.chapter.split('-', 1)[1].replace('-', '_')}")
    return np.atleast_1d(getattr(module, card.id.replace("-", "_"))())


@pytest.mark.parametrize("card", [card for card in CARDS if card.value], ids=lambda card: card.id)
def test_the_numbers_of_a_card_are_those_of_the_code(card):
    numbers = computed(card)
    assert len(numbers) == len(card.value)
    for number, printed in zip(numbers, card.value):
        value, allowed = read(printed)
        if not _ROUNDED.search(card.back.text["en"]):
            allowed = 1e-9 * max(abs(value), 1)
        assert abs(number - value) <= allowed * (1 + 1e-9), f"the card prints {printed}, the code gives {number}"


def test_every_function_belongs_to_a_card():
    wanted = {(card.chapter.split("-", 1)[1].replace("-", "_"), card.id.replace("-", "_")) for card in CARDS if card.value}
    found = {
        (path.stem, name)
        for path in (Path(__file__).parent / "values").glob("[a-z]*.py")
        for name in re.findall(r"^def ([a-z]\w*)\(", path.read_text(encoding="utf8"), re.MULTILINE)
    }
    assert found == wanted


@pytest.mark.parametrize(
    ("printed", "value", "allowed"),
    [("0.25", 0.25, 0.005), ("10", 10, 0.5), (r"10^{-8}", 1e-8, 1e-17), (r"2.5 \times 10^{3}", 2500, 50)]
    + [(r"\frac{1}{4}", 0.25, 1e-12), (r"-\frac12", -0.5, 1e-12)],
)
def test_numbers_are_read_as_they_are_printed(printed, value, allowed):
    assert read(printed) == (pytest.approx(value), pytest.approx(allowed))
