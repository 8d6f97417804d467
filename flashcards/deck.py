"""The cards as they are written: one YAML file a chapter, held to a schema when it is read."""

import re
from dataclasses import dataclass
from pathlib import Path

import jsonschema

from flashcards.sources import LABEL, LANGUAGES, TEXT, load_yaml, schema_faults
from flashcards.sources import SourceError as CardError

TAGS = {
    "definition": ("定义", "Definition"),
    "formula": ("写公式", "Formula"),
    "name": ("认公式", "Name the formula"),
    "mistake": ("找错", "Find the mistake"),
    "compute": ("心算", "Mental computation"),
    "compare": ("比较", "Comparison"),
    "picture": ("看图", "Picture"),
    "reason": ("为什么", "Reason"),
    "shape": ("形状", "Shape"),
    "practice": ("实践", "Practice"),
}
RETIRED = "retired.yml"

_SIDE = {
    "type": "object",
    "required": list(LANGUAGES),
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(LANGUAGES, TEXT),
        "formula": {"oneOf": [LABEL, {"type": "array", "items": LABEL, "minItems": 1, "uniqueItems": True}]},
        "figure": LABEL,
    },
}
SCHEMA = {
    "type": "object",
    "required": ["id", "see", "tags", "front", "back"],
    "additionalProperties": False,
    "properties": {
        "id": LABEL | {"maxLength": 60},
        "see": {"type": "string", "pattern": r"^[\w-]+#[\w-]+$"},
        "tags": {"type": "array", "items": {"enum": list(TAGS)}, "minItems": 1, "uniqueItems": True},
        "front": _SIDE,
        "back": _SIDE,
        "value": {"type": "array", "items": TEXT, "minItems": 1},
    },
}
_SCHEMA = jsonschema.Draft202012Validator(SCHEMA)


@dataclass(frozen=True)
class Side:
    """One side of a card: its text by language, the labels of the formulas and the name of the figure below it."""

    text: dict[str, str]
    formula: tuple[str, ...] = ()
    figure: str | None = None


@dataclass(frozen=True)
class Card:
    """A card. ``see`` is the place that explains it, ``chapter#anchor``; ``value`` the numbers that its back states."""

    id: str
    chapter: str
    see: str
    tags: tuple[str, ...]
    front: Side
    back: Side
    value: tuple[str, ...]
    place: str

    def sides(self) -> dict[str, Side]:
        return {"front": self.front, "back": self.back}


def read_deck(path: Path) -> list[Card]:
    """The cards of one chapter, in order; raises CardError with every fault of the file."""
    entries, lines = load_yaml(path)
    if not isinstance(entries, list):
        raise CardError([f"cards/{path.name}: a deck is a list of cards"])
    faults, cards = [], []
    for entry, line in zip(entries, lines):
        place = f"cards/{path.name}:{line}"
        wrong = schema_faults(_SCHEMA, entry)
        name = f"card {entry['id']!r}" if isinstance(entry, dict) and "id" in entry else "card"
        faults += [f"{place}: {name}: {fault}" for fault in wrong]
        if not wrong:
            cards.append(_card(entry, path.stem, place))
    if faults:
        raise CardError(faults)
    return cards


def _card(entry: dict, chapter: str, place: str) -> Card:
    return Card(
        entry["id"],
        chapter,
        entry["see"],
        tuple(entry["tags"]),
        _side(entry["front"]),
        _side(entry["back"]),
        tuple(entry.get("value", ())),
        place,
    )


def _side(entry: dict) -> Side:
    labels = entry.get("formula", [])
    text = {lang: entry[lang].strip() for lang in LANGUAGES}
    return Side(text, (labels,) if isinstance(labels, str) else tuple(labels), entry.get("figure"))


def read_decks(root: Path) -> dict[str, list[Card]]:
    """The decks of a book by chapter, in order; raises CardError with every fault of every file."""
    decks, faults, seen = {}, [], {}
    for path in sorted((root / "cards").glob("[0-9]*.yml")):
        try:
            decks[path.stem] = read_deck(path)
        except CardError as error:
            faults += error.faults
            continue
        for card in decks[path.stem]:
            if card.id in seen:
                faults.append(f"{card.place}: card {card.id!r} stands already at {seen[card.id]}")
            seen.setdefault(card.id, card.place)
    if faults:
        raise CardError(faults)
    return decks


def read_retired(root: Path) -> dict[str, str]:
    """The ids that were given up, each with the reason; they are never given to another card."""
    path = root / "cards" / RETIRED
    if not path.is_file():
        return {}
    content, _ = load_yaml(path)
    content = {} if content is None else content
    if not isinstance(content, dict) or not all(
        isinstance(name, str) and re.match(LABEL["pattern"], name) and isinstance(reason, str)
        for name, reason in content.items()
    ):
        raise CardError([f"cards/{RETIRED}: retired cards are written `id: reason`"])
    return content
