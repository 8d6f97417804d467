"""What the book should hold, read from its sources: editions, pages, headings, terms."""

import json
import re
from functools import lru_cache
from pathlib import Path

import yaml

from _ext import cells

ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def _yaml(name: str):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf8"))


def _docnames(toc) -> list[str]:
    """Every file that a table of contents names, in reading order."""
    if isinstance(toc, list):
        return [name for entry in toc for name in _docnames(entry)]
    if not isinstance(toc, dict):
        return []
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [name for value in toc.values() for name in _docnames(value)]


def _captions(toc) -> list[str]:
    return [part["caption"] for part in toc.get("parts", []) if "caption" in part]


TOC = _yaml("_toc.yml")
EDITIONS = _yaml("_config.yml")["sphinx"]["config"]["editions"]
TERMS = _yaml("terms.yml")
DOCNAMES = _docnames(TOC)
PAGES = [f"{name}.html" for name in DOCNAMES] + ["search.html"]
GLOSSARY = next(f"{name}.html" for name in DOCNAMES if name.endswith("glossary"))
# Pages to be printed, with nothing of the book around them.
SHEETS = {f"cards/{path.stem}.html" for path in (ROOT / "cards").glob("[0-9]*.yml")} | {"cards/all.html"}
SHEETS |= {f"cheatsheets/{path.stem}.html" for path in (ROOT / "cheatsheets").glob("[0-9]*.yml")} | {"cheatsheets/book.html"}
CHAPTERS = [f"{name}.html" for name in DOCNAMES if re.match(r"\d\d-", Path(name).name)]


def _plain(title: str) -> str:
    """A heading as a reader sees it, without the marks of Markdown."""
    return re.sub(r"[`*]", "", title)


def headings(page: str) -> list[tuple[str, str]]:
    """The headings of a page as (link, title); the title has both halves."""
    notebook = json.loads((ROOT / page).with_suffix(".ipynb").read_text(encoding="utf8"))
    texts = [cells.source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    found = [heading for text in texts for heading in cells.headings(text)]
    links = [page if level == 1 else f"{page}#{cells.anchor(title)}" for level, title in found]
    return [(link, _plain(title)) for link, (_, title) in zip(links, found)]


HEADINGS = [heading for page in PAGES if page != "search.html" for heading in headings(page)]


def spoken(title: str, edition: str) -> list[str]:
    """The ways to say a title in an edition: its half, or in the bilingual edition either half or both."""
    return [cells.localise(title, edition)] if edition in cells.LANGUAGES else [title, *cells.halves(title)]


def titles(edition: str) -> list[str]:
    """The titles that surround the pages of an edition: headings and the captions of the parts."""
    return [cells.localise(title, edition) for title in [title for _, title in HEADINGS] + _captions(TOC)]


@lru_cache(maxsize=None)
def ids(page: Path) -> set[str]:
    """The places of a built page that a link can lead to."""
    return set(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf8")))
