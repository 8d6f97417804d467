"""Whatever a chapter cites stands among the references, and nothing else does."""

import json
import re
from pathlib import Path

from _ext import cells as c
from _ext.references import anchor, cited, load_references, pattern

ROOT = Path(__file__).resolve().parents[2]
REFERENCES = load_references(ROOT / "references.yml")
# Somebody's name, or several, before a year.
CITATION = re.compile(r"(?:[A-Z][\w-]+(?:, | & ))*[A-Z][\w-]+(?: et al\.)?(?: (?:19|20)\d\d[a-z]?\b| ?[（(](?:19|20)\d\d[a-z]?[)）])")


def prose() -> dict[str, str]:
    found = {}
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf8"))["cells"]
        found[path.name] = "\n".join(c.source(cell) for cell in cells if cell["cell_type"] == "markdown")
    return found


def test_every_citation_has_its_work():
    known = [cite.removeprefix("van ") for cite in REFERENCES]
    found = {(name, cited(citation[0])) for name, text in prose().items() for citation in CITATION.finditer(text)}
    assert len(found) > 100
    # What stands before the names with a comma is the thing that they are cited for.
    assert sorted((name, cite) for name, cite in found if not f", {cite}".endswith(tuple(f", {one}" for one in known))) == []


def test_every_work_is_cited():
    text = "\n".join(prose().values())
    assert set(REFERENCES) - {cited(found[0]) for found in pattern(REFERENCES).finditer(text)} == set()


def test_each_work_has_a_place_of_its_own():
    assert len({anchor(cite) for cite in REFERENCES}) == len(REFERENCES)
