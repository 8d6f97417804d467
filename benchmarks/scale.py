"""Growth: the book with its chapters repeated 1, 4 and 16 times and up to 10,000 cards, one strict edition of each.

Prints time, memory and page weights against size; exits with 1 if one of them grows worse than linearly, or if the weight
of a page grows with the book. What names every chapter by its nature (the contents beside each page, the list of cards)
is weighed apart.

Usage: python -m benchmarks.scale [--sizes 1 4 16]
"""

import argparse
import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from flashcards import lock
from proof.ledger import make_ledger, read_formulas, write_ledger

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ["_assets", "_ext", "_config.yml", "_toc.yml", "cards", "cheatsheets", "chapters", "conf.py", "flashcards", "notesrc"]
SOURCES += ["proof", "pyproject.toml", "references.yml", "terms.yml", "topics.yml"]
CARDS = 10_000  # in the largest book
EDITION = "zh"
PAGE = "chapters/06-optimizers.html"
STUDY = "chapters/cards.html"
CONTENTS = re.compile(r'<nav class="bd-links.*?</nav>', re.DOTALL)
CARD_LIST = re.compile(r'<script type="application/json" id="study-data">.*?</script>', re.DOTALL)
NOISE = 1.3  # by which a ratio may be larger than that of the sizes, or a page heavier
IDS = re.compile(r"(\$\$[ \t]*\(|\{eq\}`)([\w-]+)")


def write_book(folder: Path, copies: int, cards: int) -> None:
    """The book with each chapter ``copies`` times, its labels, figures and cards renamed, and about so many cards."""
    for name in SOURCES:
        source = ROOT / name
        if source.exists():
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    originals = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))
    names = {path.stem: [path.stem] + [f"{path.stem}-x{copy}" for copy in range(2, copies + 1)] for path in originals}
    decks = sum(map(len, names.values()))
    for path in originals:
        for name in names[path.stem]:
            suffix = name.removeprefix(path.stem)
            if suffix:
                write_copy(path, folder / "chapters" / f"{name}.ipynb", suffix)
                sheets = folder / "cheatsheets"
                write_renamed(sheets / f"{path.stem}.yml", sheets / f"{name}.yml", suffix)
            write_deck(folder, path.stem, suffix, -(-cards // decks))
    text = (folder / "_toc.yml").read_text(encoding="utf8")
    for original, own in names.items():
        line = f"      - file: chapters/{original}\n"
        text = text.replace(line, "".join(line.replace(original, name) for name in own))
    (folder / "_toc.yml").write_text(text, encoding="utf8")
    write_topics(folder, names)
    lock.update(folder, now=1_790_000_000)
    formulas = read_formulas(folder / "chapters")
    passed = {f"tests/test_{number}.py::test": ("passed", [("formula", [label]), ("measured", ["print", 0.0])])
              for number, label in enumerate(formulas)}
    write_ledger(make_ledger(formulas, passed), folder / "ledger.json")


def write_copy(source: Path, target: Path, suffix: str) -> None:
    """A chapter whose labels and figures have names of their own."""
    notebook = json.loads(source.read_text(encoding="utf8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = IDS.sub(rf"\1\2{suffix}", "".join(cell["source"])).replace("](#fig-", f"](#fig{suffix}-")
        if figure := cell["metadata"].get("figure"):
            figure["name"] += suffix
    target.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf8")


def write_renamed(source: Path, target: Path, suffix: str) -> None:
    if source.is_file():
        entries = yaml.safe_load(source.read_text(encoding="utf8"))
        for entry in entries:
            entry["formula"] += suffix
            entry.pop("book", None)
        target.write_text(yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf8")


def write_deck(folder: Path, chapter: str, suffix: str, count: int) -> None:
    """The deck of a copy of a chapter, its cards repeated until there are ``count``."""
    own = yaml.safe_load((ROOT / "cards" / f"{chapter}.yml").read_text(encoding="utf8"))
    cards = []
    for number in range(max(count, len(own))):
        card = json.loads(json.dumps(own[number % len(own)]))
        turn = number // len(own)
        card["id"] += suffix + (f"-t{turn}" if turn else "")
        card["see"] = card["see"].replace("#", f"{suffix}#")
        for side in (card["front"], card["back"]):
            if "formula" in side:
                labels = side["formula"] if isinstance(side["formula"], list) else [side["formula"]]
                side["formula"] = [label + suffix for label in labels]
            if "figure" in side:
                side["figure"] += suffix
        cards.append(card)
    text = yaml.safe_dump(cards, allow_unicode=True, sort_keys=False)
    (folder / "cards" / f"{chapter}{suffix}.yml").write_text(text, encoding="utf8")


def write_topics(folder: Path, names: dict[str, list[str]]) -> None:
    topics = yaml.safe_load((ROOT / "topics.yml").read_text(encoding="utf8"))
    rows = 1 + max(topic["at"][0] for topic in topics)
    more = [
        {"chapter": name, "at": [topic["at"][0] + turn * rows, topic["at"][1]], "builds_on": []}
        for topic in topics
        for turn, name in enumerate(names[topic["chapter"]])
        if turn
    ]
    (folder / "topics.yml").write_text(yaml.safe_dump(topics + more), encoding="utf8")


def build(folder: Path) -> tuple[float, float]:
    """Seconds and MB that one strict edition takes; memory is that of the largest build so far, so sizes must ascend."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-t", EDITION, "-t", "site", "-d", f"{folder}/doctrees"]
    command += ["-D", f"ledger={folder / 'ledger.json'}", "-E", "-a", "-q", "-W", "--keep-going", ".", f"{folder}/html"]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONHASHSEED": "0"}, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"the book does not build:\n{done.stderr[:3000]}")
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def kilobytes(html: str) -> float:
    return len(gzip.compress(html.encode(), 9, mtime=0)) / 1000


def measure(copies: int, cards: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_book(folder, copies, cards)
        count = sum(len(yaml.safe_load(path.read_text(encoding="utf8"))) for path in (folder / "cards").glob("[0-9]*.yml"))
        seconds, megabytes = build(folder)
        page = (folder / "html" / PAGE).read_text(encoding="utf8")
        study = (folder / "html" / STUDY).read_text(encoding="utf8")
        return {
            "chapters": 16 * copies,
            "cards": count,
            "seconds": seconds,
            "MB": megabytes,
            "a chapter, kB": kilobytes(CONTENTS.sub("", page)),
            "its contents, kB": kilobytes("".join(CONTENTS.findall(page))),
            "study page, kB": kilobytes(CARD_LIST.sub("", CONTENTS.sub("", study))),
            "its card list, kB": kilobytes("".join(CARD_LIST.findall(study))),
        }


def faults(rows: list[dict[str, float]]) -> list[str]:
    found = []
    for before, after in zip(rows, rows[1:]):
        growth = max(after["chapters"] / before["chapters"], after["cards"] / before["cards"])
        for name in ("seconds", "MB", "its contents, kB", "its card list, kB"):
            if after[name] > before[name] * growth * NOISE:
                found.append(f"{name} grow {after[name] / before[name]:.1f} times where the book grows {growth:.1f} times")
        for name in ("a chapter, kB", "study page, kB"):
            # The deck of a chapter belongs to it; a larger deck is weighed with it, card by card.
            share = (after["cards"] / after["chapters"]) / (before["cards"] / before["chapters"])
            if after[name] > before[name] * max(share, 1) * NOISE:
                found.append(f"{name}: {before[name]:.0f} → {after[name]:.0f}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 4, 16], metavar="N", help="how often the chapters stand")
    sizes = sorted(parser.parse_args().sizes)
    rows = []
    for size in sizes:
        rows.append(measure(size, CARDS * size // sizes[-1]))
        if size == sizes[0]:
            print("  ".join(f"{name:>17}" for name in rows[0]))
        print("  ".join(f"{value:17,.1f}" if isinstance(value, float) else f"{value:17,}" for value in rows[-1].values()), flush=True)
    for fault in (found := faults(rows)):
        print(fault, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
