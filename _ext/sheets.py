"""The cheat sheets as they are written: cheatsheets/NN-name.yml, each entry a formula of the chapter with its name and a
remark. Knows nothing of Sphinx. `python -m _ext.sheets [NN-name …]` prints every fault, each with its place.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema

from flashcards.check import term_faults, text_faults
from flashcards.sources import LABEL, LANGUAGES, TEXT, SourceError, load_yaml, name_of, schema_faults
from proof.formulas import Formula, read_formulas

from .glossary import load_terms

FOLDER = "cheatsheets"
LEAST, MOST = 12, 18  # entries on the sheet of a chapter; fewer only where the chapter has fewer formulas
LEAST_IN_BOOK, MOST_IN_BOOK = 30, 40

_BOTH = {
    "type": "object",
    "required": list(LANGUAGES),
    "additionalProperties": False,
    "properties": dict.fromkeys(LANGUAGES, TEXT),
}
SCHEMA = {
    "type": "object",
    "required": ["formula", "name", "remark"],
    "additionalProperties": False,
    "properties": {"formula": LABEL, "name": _BOTH, "remark": _BOTH, "book": {"const": True}},
}
_SCHEMA = jsonschema.Draft202012Validator(SCHEMA)


@dataclass(frozen=True)
class Entry:
    """A formula on a sheet, by its label; ``in_book`` says whether the sheet of the whole book has it too."""

    formula: str
    chapter: str
    name: dict[str, str]
    remark: dict[str, str]
    in_book: bool
    place: str


def read_sheets(root: Path) -> dict[str, list[Entry]]:
    """The sheets of a book by chapter, in order; raises SourceError with every fault of every file."""
    sheets, faults = {}, []
    for path in sorted((root / FOLDER).glob("*.yml")):
        try:
            sheets[path.stem] = _read_sheet(path)
        except SourceError as error:
            faults += error.faults
    if faults:
        raise SourceError(faults)
    return sheets


def _read_sheet(path: Path) -> list[Entry]:
    content, lines = load_yaml(path)
    if not isinstance(content, list):
        raise SourceError([f"{name_of(path)}: a cheat sheet is a list of entries"])
    entries, faults = [], []
    for number, (entry, line) in enumerate(zip(content, lines), 1):
        place = f"{name_of(path)}:{line}"
        wrong = schema_faults(_SCHEMA, entry)
        known = entry.get("formula") if isinstance(entry, dict) else None
        faults += [f"{place}: entry {repr(known) if known else number}: {fault}" for fault in wrong]
        if not wrong:
            texts = ({lang: entry[key][lang].strip() for lang in LANGUAGES} for key in ("name", "remark"))
            entries.append(Entry(entry["formula"], path.stem, *texts, entry.get("book", False), place))
    if faults:
        raise SourceError(faults)
    return entries


def book_faults(root: Path, sheets: dict[str, list[Entry]], draw: Callable[..., str]) -> list[str]:
    """The faults that show beside the book. ``draw`` turns TeX into HTML, or raises a ValueError that says why not."""
    formulas, terms = read_formulas(root / "chapters"), load_terms(root / "terms.yml")
    sizes = Counter(formula.chapter for formula in formulas.values())
    faults = [f"{FOLDER}/{chapter}.yml: the chapter has no cheat sheet" for chapter in sorted(set(sizes) - set(sheets))]
    for chapter, entries in sheets.items():
        least = min(LEAST, sizes[chapter])
        if chapter not in sizes:
            faults.append(f"{FOLDER}/{chapter}.yml: there is no such chapter")
        elif not least <= len(entries) <= MOST:
            faults.append(f"{FOLDER}/{chapter}.yml: {len(entries)} entries; the sheet has {least} to {MOST}")
        seen = set()
        for entry in entries:
            found = [*_formula_faults(entry, formulas, seen, draw), *_entry_faults(entry, draw)]
            found += term_faults([entry.name, entry.remark], terms)
            faults += [f"{entry.place}: entry {entry.formula!r}: {fault}" for fault in found]
            seen.add(entry.formula)
    return faults


def _formula_faults(entry: Entry, formulas: dict[str, Formula], seen: set[str], draw) -> Iterator[str]:
    formula = formulas.get(entry.formula)
    if entry.formula in seen:
        yield "the formula stands on the sheet already"
    if formula is None:
        yield f"no formula of the book has the label {entry.formula!r}"
        return
    if formula.chapter != entry.chapter:
        yield f"the formula belongs to the chapter {formula.chapter}"
    try:
        draw(formula.tex, True)
    except ValueError as error:
        yield f"TeX: {error}"


def _entry_faults(entry: Entry, draw) -> Iterator[str]:
    for key, texts in (("name", entry.name), ("remark", entry.remark)):
        for fault in text_faults(texts, draw, "a cheat sheet"):
            yield f"{key}: {fault}"


def main(chapters: list[str]) -> int:
    """Print the faults of the given chapters, or of all; return the exit status."""
    from . import katex

    root = Path(__file__).parent.parent
    try:
        faults = book_faults(root, read_sheets(root), katex.render)
    except SourceError as error:
        faults = error.faults
    if chapters:
        faults = [fault for fault in faults if any(fault.startswith(f"{FOLDER}/{chapter}.yml") for chapter in chapters)]
    print(*faults, sep="\n") if faults else print("the cheat sheets hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
