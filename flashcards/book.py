"""What the cards take from the chapters: formulas by label, figures by name, the sections that they point to."""

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path

from _ext import cells as c
from proof.formulas import read_formulas


@dataclass(frozen=True)
class Figure:
    """A figure as a chapter shows it: the bytes of its PNG, and what it shows in words, by language."""

    png: bytes
    alt: dict[str, str]


@dataclass(frozen=True)
class Book:
    """What a card may name: TeX by label, figures by name, and the titles of chapters and places (``chapter#anchor``)."""

    formulas: dict[str, str]
    figures: dict[str, Figure]
    titles: dict[str, dict[str, str]]
    places: dict[str, dict[str, str]]


def read_book(root: Path) -> Book:
    """Read every chapter of a book."""
    figures, titles, places = {}, {}, {}
    for path in sorted((root / "chapters").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf8"))["cells"]
        headings = [
            title
            for cell in cells
            if cell["cell_type"] == "markdown" and not c.language(cell)
            for _, title in c.headings(c.source(cell))
        ]
        in_both = [{lang: re.sub(r"[`$]", "", c.localise(title, lang)) for lang in c.LANGUAGES} for title in headings]
        titles[path.stem] = in_both[0]
        places |= {f"{path.stem}#{c.anchor(title)}": both for title, both in zip(headings, in_both)}
        figures |= _figures(cells)
    formulas = {label: formula.tex for label, formula in read_formulas(root / "chapters").items()}
    return Book(formulas, figures, titles, places)


def _figures(cells: list[dict]) -> dict[str, Figure]:
    found = {}
    for cell in cells:
        if figure := cell["metadata"].get("figure"):
            (png,) = [output["data"]["image/png"] for output in cell["outputs"] if "image/png" in output.get("data", {})]
            found[figure["name"]] = Figure(base64.b64decode("".join(png)), figure["alt"])
    return found
