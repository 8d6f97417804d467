"""Prints the built site into _build/pdf with Chromium: the cheat sheets, and the whole book with bookmarks and links.

Usage: python -m tools.pdf [--site DIR] [--source DIR] [--output DIR] (after `make book`)

The pages are those of the site, joined into one; nothing is built a second time. Where the site stands, BOOK_URL says; without
it, what the document does not hold is not linked.
"""

import argparse
import io
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, sync_playwright
from pygments.formatters import HtmlFormatter
from pypdf import PdfWriter
from pypdf.generic import Fit, NameObject, TextStringObject

from _ext.cells import localise
from tools.browsing import FLAGS, HOW_TO_GET_ONE, find_chromium

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"zh": "zh-CN", "en": "en"}
CONTENTS = {"zh": "目录", "en": "Contents"}
STYLE = ROOT / "_assets" / "print" / "book.css"
CODE_STYLE = "a11y-high-contrast-light"  # that of the site
LEFT_OUT = {"cards", "cheatsheets"}  # pages that are nothing but an app or a list of links
INTERFACE = "script, noscript, style, button, input, .headerlink, .checked, .deck-links, .cell_input_hint, #study"
DATE = "D:20000101000000Z"  # the same at each run, as all bytes are
PATIENCE = 600_000  # milliseconds in which even a slow machine has printed the book
NO_CHINESE = "the Chinese of the PDF can't be read: no font on this machine draws it (Debian, Ubuntu: `apt-get install fonts-noto-cjk`)"

FIT_FORMULAS = """() => document.querySelectorAll(".equation-body").forEach((body) => {
  const share = body.clientWidth / body.scrollWidth;
  if (share < 1) body.style.setProperty("--fit", (0.995 * share).toFixed(3));
})"""
# A link from a file would name the machine on which it was made.
LINKS_TO_THE_SITE = """(address) => document.querySelectorAll("a[href]").forEach((link) => {
  const path = link.getAttribute("href");
  if (address) link.href = new URL(path, address).href;
  else link.removeAttribute("href");
})"""


@dataclass(frozen=True)
class Document:
    """A page of the site as a part of the book: its name, its article, and the caption of the part that it opens."""

    name: str
    article: Tag
    part: str | None


# ---------------------------------------------------------------------------------------------------------------------
# The pages of the site as one


class Boxes:
    """The boxes of the formulas, most of a page: set aside while the rest is taken apart, which saves minutes."""

    START = '<span class="katex-html" aria-hidden="true">'
    SPAN = re.compile(r"<span\b|</span>")

    def __init__(self):
        self.kept: list[str] = []

    def set_aside(self, html: str) -> str:
        parts, end = [], 0
        while (start := html.find(self.START, end)) >= 0:
            parts += [html[end:start], f'<span class="boxes">{len(self.kept)}</span>']
            depth = 0
            for tag in self.SPAN.finditer(html, start):
                depth += 1 if tag[0] == "<span" else -1
                if depth == 0:
                    end = tag.end()
                    break
            self.kept.append(html[start:end])
        return "".join(parts) + html[end:]

    def put_back(self, html: str) -> str:
        return re.sub(r'<span class="boxes">(\d+)</span>', lambda number: self.kept[int(number[1])], html)


def read_article(path: Path, boxes: Boxes) -> Tag:
    """The text of a page, without what a browser only reads aloud."""
    html = re.sub(r'<span class="katex-mathml">.*?</math></span>', "", path.read_text(encoding="utf8"), flags=re.DOTALL)
    article = BeautifulSoup(boxes.set_aside(html), "html.parser").select_one("article.bd-article")
    for node in article.select(INTERFACE):
        node.decompose()
    return article


def read_documents(source: Path, edition: Path, boxes: Boxes) -> list[Document]:
    """The pages of an edition in the order of the table of contents, without the front page."""
    toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf8"))
    found = []
    for part in toc["parts"]:
        caption = localise(part["caption"], edition.name)
        for chapter in part["chapters"]:
            path = edition / f"{chapter['file']}.html"
            if path.stem not in LEFT_OUT:
                found.append(Document(path.stem, read_article(path, boxes), caption))
                caption = None
    return found


def prepare(document: Document, names: set[str], edition: Path, address: str | None) -> str:
    """The HTML of a page within the book: no interface, all folds open, its places and links those of the book."""
    article = document.article
    _open_folds(article)
    for image in article.select("img[src]"):
        image["src"] = (edition / "chapters" / image["src"]).resolve().as_uri()
        image.attrs.pop("loading", None)
    for node in article.select("[tabindex]"):
        del node["tabindex"]
    for node in article.select("[id]"):
        node["id"] = f"{document.name}--{node['id']}"
    for link in article.select("a[href]"):
        _redirect(link, document.name, names, address)
    for level in (5, 4, 3, 2, 1):  # the parts are the first level
        for heading in article.select(f"h{level}"):
            heading.name = f"h{level + 1}"
    return f'<section class="document" id="{document.name}">{article.decode_contents()}</section>'


def _open_folds(article: Tag) -> None:
    for card in article.select("details.flashcard"):
        card.name, card.summary["class"], card.summary.name = "div", ["flashcard-front"], "div"
    for checks in article.select("details.ledger-checks"):
        # The names of a thousand tests are for those who run them.
        checks.replace_with(*checks.summary.extract().contents)
    for fold in article.select("details"):
        fold.name = "div"
        fold["class"] = [*fold.get("class", []), "fold"]
        if fold.summary:
            fold.summary["class"], fold.summary.name = ["fold-title"], "p"


def _redirect(link: Tag, name: str, names: set[str], address: str | None) -> None:
    """Lead a link to its place in the book, to the site, or nowhere."""
    url = urlsplit(link["href"])
    target = Path(url.path).stem if url.path else name
    inside = target in names and Path(url.path).parent == Path()
    if url.scheme:
        return
    if inside:
        link["href"] = f"#{target}--{url.fragment}" if url.fragment else f"#{target}"
    elif address:
        link["href"] = urljoin(f"{address}chapters/", link["href"])
    else:
        link.unwrap()


@dataclass(frozen=True)
class Heading:
    """A part, chapter or section (level 0, 1, 2), its place in the book, and its title as HTML and as plain text."""

    level: int
    place: str
    title: str
    text: str


def headings(document: Document, boxes: Boxes) -> list[Heading]:
    """The headings of a page that the table of contents shows."""
    article = document.article
    rows = [(1, document.name, article.h1)]
    rows += [(2, f"{document.name}--{section.parent['id']}", section) for section in article.select("h2")]
    found = [Heading(0, document.name, escape(document.part), document.part)] if document.part else []
    for level, place, heading in rows:
        title = boxes.put_back(heading.decode_contents())
        found.append(Heading(level, place, title, BeautifulSoup(title, "html.parser").get_text()))
    return found


class Book:
    """The whole book in one language as one page of HTML."""

    def __init__(self, source: Path, edition: Path, address: str | None):
        self.boxes = Boxes()
        front = read_article(edition / "chapters" / "index.html", self.boxes)
        documents = read_documents(source, edition, self.boxes)
        self.edition, self.title = edition, front.h1.get_text()
        self.about = front.h1.find_next("p").get_text()
        self.headings, body, names = [], "", {document.name for document in documents}
        for document in documents:
            self.headings += headings(document, self.boxes)
            if document.part:
                body += f'<h1 class="part-heading">{escape(document.part)}</h1>'
            body += prepare(document, names, edition, address)
        self.body = self.boxes.put_back(body)

    def html(self, pages: dict[str, int]) -> str:
        """The page; ``pages`` are the numbers in its contents, known only when the book has been printed once."""
        style = HtmlFormatter(style=CODE_STYLE).get_style_defs(".highlight") + STYLE.read_text(encoding="utf8")
        formulas = (self.edition / "_static" / "katex" / "katex.min.css").as_uri()
        return (
            f'<!DOCTYPE html><html lang="{LANGUAGES[self.edition.name]}"><head><meta charset="utf-8">'
            f'<title>{escape(self.title)}</title><link rel="stylesheet" href="{formulas}"><style>{style}</style></head><body>'
            f'<div class="title-page"><p class="title">{escape(self.title)}</p><p>{escape(self.about)}</p></div>'
            f"{self._contents(pages)}<main>{self.body}</main></body></html>"
        )

    def _contents(self, pages: dict[str, int]) -> str:
        rows = "".join(
            f'<li class="level-{heading.level}"><a href="#{heading.place}"><span>{heading.title}</span>'
            f'<span class="leader"></span><span class="page">{pages.get(heading.place, "")}</span></a></li>'
            for heading in self.headings
        )
        return f'<nav class="contents" id="contents"><h1>{CONTENTS[self.edition.name]}</h1><ol>{rows}</ol></nav>'


# ---------------------------------------------------------------------------------------------------------------------
# Printing


def print_book(page: Page, book: Book, scratch: Path) -> PdfWriter:
    """The PDF of the book: printed once to learn on which page everything stands, and again with these numbers."""
    pages: dict[str, int] = {}
    for _ in range(2):
        (scratch / "book.html").write_text(book.html(pages), encoding="utf8")
        page.goto((scratch / "book.html").as_uri(), wait_until="load")
        page.evaluate("document.fonts.ready")
        page.emulate_media(media="print")
        page.evaluate(FIT_FORMULAS)
        writer = PdfWriter(clone_from=io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
        places = writer.named_destinations
        pages = {name: writer.get_destination_page_number(place) + 1 for name, place in places.items()}
    # Chromium makes bookmarks only together with tags, one for each box of a formula, which double the file.
    above = {}
    for heading in book.headings:
        top = places[heading.place].top
        above[heading.level] = writer.add_outline_item(
            heading.text, pages[heading.place] - 1, above.get(heading.level - 1), fit=Fit.xyz(top=top), is_open=heading.level == 0
        )
    return writer


def print_sheet(page: Page, path: Path, address: str | None) -> bytes:
    """The PDF of a cheat sheet."""
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-fitted]", state="attached")
    page.evaluate(LINKS_TO_THE_SITE, f"{address}cheatsheets/" if address else None)
    return page.pdf(format="A4", print_background=True)


def join(parts: dict[str, bytes]) -> PdfWriter:
    """Documents one after the other, each with a bookmark."""
    writer = PdfWriter()
    for title, content in parts.items():
        writer.append(io.BytesIO(content), outline_item=title)
    return writer


def write(writer: PdfWriter, title: str, lang: str, path: Path) -> None:
    """Write a document with its title and language, and without the time of its making."""
    writer.metadata = {"/Title": title, "/CreationDate": DATE, "/ModDate": DATE}
    writer.root_object[NameObject("/Lang")] = TextStringObject(LANGUAGES[lang])
    writer.write(path)
    print(f"{path.name}: {len(writer.pages)} pages, {path.stat().st_size / 1e6:.1f} MB", flush=True)


def write_sheets(page: Page, edition: Path, output: Path, address: str | None) -> None:
    """Write the sheet of the whole book, and those of the chapters joined."""
    lang, printed, titles = edition.name, {}, {}
    for path in sorted((edition / "cheatsheets").glob("*.html")):
        printed[path.stem] = print_sheet(page, path, address)
        titles[path.stem] = page.locator("h1").inner_text()
    whole = printed.pop("book")
    write(PdfWriter(clone_from=io.BytesIO(whole)), titles["book"], lang, output / f"cheatsheet-{lang}.pdf")
    chapters = join({titles[name]: content for name, content in printed.items()})
    write(chapters, titles["book"], lang, output / f"cheatsheets-{lang}.pdf")


def write_book(page: Page, source: Path, edition: Path, output: Path, address: str | None) -> None:
    book = Book(source, edition, address)
    with tempfile.TemporaryDirectory() as scratch:
        writer = print_book(page, book, Path(scratch))
    if edition.name == "zh" and book.title not in writer.pages[0].extract_text():
        raise ValueError(NO_CHINESE)
    write(writer, book.title, edition.name, output / f"book-{edition.name}.pdf")


def write_pdfs(source: Path, site: Path, output: Path, address: str | None) -> None:
    """Write all documents of both languages; raises ValueError where the Chinese could not be drawn."""
    output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        for lang in LANGUAGES:
            own = f"{address.rstrip('/')}/{lang}/" if address else None
            write_sheets(page, site / lang, output, own)
            write_book(page, source, site / lang, output, own)
        browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "site")
    parser.add_argument("--output", type=Path, default=ROOT / "_build" / "pdf")
    arguments = parser.parse_args()
    if not find_chromium():
        print(HOW_TO_GET_ONE, file=sys.stderr)
        return 1
    if not (arguments.site / "zh").is_dir():
        print("run `make book` first", file=sys.stderr)
        return 1
    try:
        write_pdfs(arguments.source, arguments.site.resolve(), arguments.output, os.environ.get("BOOK_URL"))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
