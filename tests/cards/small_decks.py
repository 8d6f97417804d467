"""A book of two small chapters and six cards, published whenever a test likes."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from flashcards import anki, lock, text
from flashcards.book import read_book
from flashcards.deck import read_decks
from flashcards.notes import EDITIONS, site_address

EDITION = {edition.name: edition for edition in EDITIONS}
START = 1_790_000_000  # when the book was first published
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
CHAPTERS = {
    "01-activations": "# 激活函数 · Activation functions\n\n## 整流 · Rectifiers",
    "02-losses": "# 损失 · Losses",
}
FORMULAS = r"""$$ \operatorname{ReLU}(z) = \max(0, z) $$ (relu)

$$
\begin{aligned}
a &< b % the smaller one
\\[4pt]
c &> d
\end{aligned}
$$ (pair)"""


@dataclass
class SmallBook:
    """Two chapters on disk; what is written into it is published by `package` and `text`."""

    root: Path

    def write(self, cards: dict[str, list[dict]], now: int) -> list[str]:
        """Replace the decks, and bring the lock up to date at a given time."""
        for chapter, deck in cards.items():
            written = yaml.safe_dump(deck, allow_unicode=True, sort_keys=False)
            (self.root / "cards" / f"{chapter}.yml").write_text(written, encoding="utf8")
        return lock.update(self.root, now)

    def package(self, edition: str = "zh") -> bytes:
        entries, address = lock.read_lock(self.root), site_address(self.root)
        return anki.package(EDITION[edition], read_decks(self.root), read_book(self.root), entries, address)

    def text(self, edition: str = "zh") -> str:
        return text.text(EDITION[edition], read_decks(self.root), read_book(self.root))


def write_small_book(root: Path) -> SmallBook:
    (root / "chapters").mkdir()
    (root / "cards").mkdir()
    figure = {"name": "fig-one", "alt": {"zh": "一条“线” <一>", "en": 'A "line" <one>'}}
    picture = {
        "cell_type": "code",
        "id": "picture",
        "metadata": {"figure": figure},
        "source": "plt.show()",
        "outputs": [{"data": {"image/png": base64.b64encode(PNG).decode()}}],
    }
    for name, headings in CHAPTERS.items():
        cells = [{"cell_type": "markdown", "id": "heading", "metadata": {}, "source": headings}]
        if name == "01-activations":
            cells += [{"cell_type": "markdown", "id": "formulas", "metadata": {}, "source": FORMULAS}, picture]
        notebook = json.dumps({"cells": cells}, ensure_ascii=False)
        (root / "chapters" / f"{name}.ipynb").write_text(notebook, encoding="utf8")
    book = SmallBook(root)
    book.write(CARDS, START)
    return book


def card(name, zh="问？", en="Why?", see="01-activations#rectifiers", tags=("reason",), **back) -> dict:
    sides = {"front": {"zh": zh, "en": en}, "back": {"zh": "因为。", "en": "Because.", **back}}
    return {"id": name, "see": see, "tags": list(tags), **sides}


CARDS = {
    "01-activations": [
        card("relu", "ReLU 是什么？", "What is ReLU?", tags=("formula", "definition"), formula="relu"),
        card("smaller", "$a<b$，`x<y` 呢？", "$a<b$, and\n`x<y`?", formula=["pair", "relu"]),
        card("picture", figure="fig-one", tags=("picture",)),
        card("tabs", "一\t二\n\n三", 'one\ttwo\n\n"three"'),
    ],
    "02-losses": [
        card("loss", see="02-losses#losses"),
        card("cost", r"值 \$5 吗？", r"Worth \$5?", see="02-losses#losses"),
    ],
}


def edited(cards: dict[str, list[dict]], name: str, **change) -> dict[str, list[dict]]:
    """The decks with another front of one card, or with another `see`, `tags`, …"""
    return {
        chapter: [{**entry, **change} if entry["id"] == name else entry for entry in deck]
        for chapter, deck in cards.items()
    }
