"""A book of one small chapter, from a copy of the real one: the faults that are planted in it show within seconds."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from flashcards import lock

ROOT = Path(__file__).resolve().parents[2]
# All that `make book` takes, and `jupyter-book build .`.
SOURCES = ["_assets", "_ext", "_config.yml", "_toc.yml", "cards", "chapters", "cheatsheets", "conf.py", "flashcards", "notesrc"]
SOURCES += ["proof", "pyproject.toml", "references.yml", "terms.yml", "tools", "topics.yml", "LICENSE", "LICENSE-CC-BY-4.0"]

CELLS = [
    ({}, "# 激活函数 · Activation functions"),
    ({"tags": ["zh"]}, "激活函数（activation function）把 $z$ 变成 $a$，见 {eq}`sigmoid`。"),
    ({"tags": ["en"]}, "An activation function turns $z$ into $a$, see {eq}`sigmoid`."),
    ({}, "## S 型函数 · S-shaped functions"),
    ({}, "$$\n\\sigma(z) = \\frac{1}{1 + e^{-z}}\n$$ (sigmoid)"),
    ({}, "$$\n\\tanh(z) = 2 \\sigma(2 z) - 1\n$$ (tanh)"),
    ({}, "$$\n\\operatorname{ReLU}(z) = \\max(0, z)\n$$ (relu)"),
    ({}, "## 卡片 · Flashcards"),
    ({}, "```{deck}\n```"),
]
ADDRESS = "https://reader.example/notes"
REPOSITORY = "https://github.com/reader/notes"
TO_RUN = (  # cells
    {"cell_type": "code", "source": "print(1)", "outputs": [], "execution_count": 1},
    {"source": "```{offline-site}\n```"},
)
TERM = """- {id: activation-function, zh: 激活函数, en: activation function, see: 01-activations#activation-functions,
   def: {zh: 定义。, en: Definition.}}
"""
CARD = {
    "see": "01-activations#s-shaped-functions",
    "tags": ["formula"],
    "front": {"zh": "函数 $a$ 的公式？", "en": "Which formula has $a$?"},
    "back": {"zh": "见下。", "en": "This one.", "formula": "sigmoid"},
}
SHEET = [
    {"formula": label, "name": {"zh": name, "en": name}, "remark": {"zh": "其中 $z$。", "en": "Where $z$."}, "book": True}
    for label, name in (("sigmoid", "Sigmoid"), ("tanh", "tanh"), ("relu", "ReLU"))
]
CARDS = [{"id": f"card-{number}", **CARD} for number in range(12)]
TOC = """format: jb-book
root: chapters/index
parts:
  - caption: 网络的零件 · Parts of a network
    numbered: true
    chapters:
      - file: chapters/01-activations
  - caption: 附录 · Appendix
    chapters:
      - file: chapters/cards
      - file: chapters/cheatsheets
      - file: chapters/ledger
      - file: chapters/glossary
"""


def copy_book(folder: Path) -> Path:
    """Copy the book's sources into a folder."""
    folder.mkdir(exist_ok=True)
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


def write_deck(book: Path, cards: list[dict]) -> None:
    """Write the one deck of the small book."""
    (book / "cards").mkdir(exist_ok=True)
    text = yaml.safe_dump(cards, allow_unicode=True, sort_keys=False)
    (book / "cards" / "01-activations.yml").write_text(text, encoding="utf8")


def write_sheet(book: Path, entries: list[dict]) -> None:
    """Write the one cheat sheet of the small book."""
    (book / "cheatsheets").mkdir(exist_ok=True)
    text = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)
    (book / "cheatsheets" / "01-activations.yml").write_text(text, encoding="utf8")


def shrink(book: Path) -> Path:
    """Leave one chapter of three formulas with its deck, a glossary of one term, the study page and the ledger."""
    for path in (book / "chapters").iterdir():
        if re.match(r"\d\d-|errata|references", path.name):
            path.unlink()
    cells = [
        {"cell_type": "markdown", "id": f"cell-{number}", "metadata": metadata, "source": source}
        for number, (metadata, source) in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path = book / "chapters" / "01-activations.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf8")
    for folder in ("cards", "cheatsheets"):
        for path in (book / folder).glob("*.yml"):
            path.unlink()
    write_deck(book, CARDS)
    write_sheet(book, SHEET)
    lock.update(book, now=1_790_000_000)
    (book / "terms.yml").write_text(TERM, encoding="utf8")
    (book / "topics.yml").write_text("- {chapter: 01-activations, at: [0, 0], builds_on: []}\n", encoding="utf8")
    (book / "_toc.yml").write_text(TOC, encoding="utf8")
    return book


def build(book: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run `tools/site.py` in the folder of a book, with the ledger there."""
    command = [sys.executable, "tools/site.py", "--ledger", book / "ledger.json"]
    return subprocess.run(command, cwd=book, capture_output=True, text=True, env=os.environ | environment)


def insert(book: Path, *cells: dict) -> None:
    """Add cells to the one chapter of the small book."""
    path = book / "chapters" / "01-activations.ipynb"
    notebook = json.loads(path.read_text(encoding="utf8"))
    notebook["cells"] += [
        {"cell_type": "markdown", "id": f"planted-{index}", "metadata": {}, **cell} for index, cell in enumerate(cells)
    ]
    path.write_text(json.dumps(notebook), encoding="utf8")
