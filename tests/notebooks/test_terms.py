"""One thing has one name: no text of the book uses a word that the glossary has another for."""

import json
import re
from pathlib import Path

import pytest
import yaml

from _ext import cells as c
from _ext.glossary import load_terms

ROOT = Path(__file__).resolve().parents[2]
TERMS = [term for term in load_terms(ROOT / "terms.yml") if "avoid" in term]

# Code, formulas, links, and what is quoted, say in the errata, are not the book's own words.
NOT_OURS = re.compile(r"\$\$[^$]*\$\$ *\([^)]*\)|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|“[^”]*”")


def sentences(value):
    """Every text of a YAML file that stands under a language."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key in c.LANGUAGES:
            yield part
        yield from sentences(part)


def texts() -> dict[str, str]:
    """The prose of each chapter and each deck, as lower case."""
    found = {}
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf8"))["cells"]
        prose = [c.source(cell) for cell in cells if cell["cell_type"] == "markdown" and "```" not in c.source(cell)]
        found[path.name] = "\n".join(prose)
    for folder in ("cards", "cheatsheets"):
        for path in sorted((ROOT / folder).glob("[0-9]*.yml")):
            found[f"{folder}/{path.name}"] = "\n".join(sentences(yaml.safe_load(path.read_text(encoding="utf8"))))
    found["terms.yml"] = "\n".join(text for term in load_terms(ROOT / "terms.yml") for text in term["def"].values())
    return {name: NOT_OURS.sub(" ", text).lower() for name, text in found.items()}


TEXTS = texts()


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["id"])
def test_no_text_uses_another_word_for_a_term(term):
    for place, text in TEXTS.items():
        for word in (term["zh"], term["en"]):
            text = text.replace(word.lower(), " ")  # 超参 is another word, but 超参数 holds it
        assert [word for word in term["avoid"] if word.lower() in text] == [], place


def test_no_term_is_another_word_for_one():
    words = {term[lang].lower() for term in load_terms(ROOT / "terms.yml") for lang in c.LANGUAGES}
    assert words.isdisjoint(word.lower() for term in TERMS for word in term["avoid"])
