"""The cards outside the pages. `lock` is `make cards`; `decks` writes what the site offers for download.

Usage: python -m tools.cards lock
       python -m tools.cards decks FOLDER
"""

import argparse
import os
import sys
import time
from pathlib import Path

# At its import jsonschema would have this build the grammars of addresses in every script, which takes a second.
sys.modules.setdefault("rfc3987_syntax", None)

from _ext import katex
from flashcards import anki, lock, text
from flashcards.book import read_book
from flashcards.check import book_faults
from flashcards.deck import CardError, read_decks
from flashcards.notes import EDITIONS, site_address

ROOT = Path(__file__).resolve().parent.parent


def write_lock(root: Path, now: int) -> None:
    """Check the cards, stamp those that changed, and say which; raises CardError if the cards have a fault."""
    decks, book, before = read_decks(root), read_book(root), lock.read_lock(root)
    after = lock.refreshed(before, lock.hashes(root, decks, book), now)
    if faults := book_faults(root, decks, book, katex.render, after):
        raise CardError(faults)
    if after == before:
        print(f"{len(after)} entries, none changed")
        return
    lock.write_lock(root, after)
    for name in sorted(set(after) - set(before)):
        print(f"new      {name}")
    for name in sorted(name for name in before if after[name] != before[name]):
        print(f"changed  {name}")


def write_decks(root: Path, folder: Path) -> None:
    """Write the decks of each edition as a package and as text; raises CardError if the cards have a fault."""
    decks, book, entries = read_decks(root), read_book(root), lock.read_lock(root)
    if faults := book_faults(root, decks, book, katex.render, entries):
        raise CardError(faults)
    # A site that stands elsewhere than the configuration says, such as that of a fork, names itself.
    address = os.environ.get("BOOK_URL", "").rstrip("/") or site_address(root)
    folder.mkdir(parents=True, exist_ok=True)
    for edition in EDITIONS:
        packed = anki.package(edition, decks, book, entries, address)
        (folder / f"cards-{edition.name}.apkg").write_bytes(packed)
        (folder / f"cards-{edition.name}.txt").write_text(text.text(edition, decks, book), encoding="utf8")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("lock")
    verbs.add_parser("decks").add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "lock":
            write_lock(ROOT, int(time.time()))
        else:
            write_decks(ROOT, chosen.folder)
    except CardError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
