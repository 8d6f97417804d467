"""Prints the built site into _build/pdf with Chromium: the cheat sheets, and the whole book with bookmarks and links.

Usage: python -m tools.pdf [--site DIR] [--source DIR] [--output DIR] (after `make book`)

The files are copied into the site as well, whose page of cheat sheets then offers them.

The pages are those of the site, joined into one; nothing is built a second time. Where the site stands, BOOK_URL says; without
it, what the document does not hold is not linked.
"""

import argparse
import io
import json
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, sync_playwright
from pygments.formatters import HtmlFormatter
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, Fit, FloatObject, NameObject, NullObject, TextStringObject

from _ext.cells import localise
from tools.browsing import FLAGS, HOW_TO_GET_ONE, find_chromium

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"zh": "zh-CN", "en": "en"}
CONTENTS = {"zh": "目录", "en": "Contents"}
FILES = {
    "book": {"zh": "全书", "en": "The whole book"},
    "cheatsheet": {"zh": "全书速查表", "en": "Cheat sheet of the whole book"},
    "cheatsheets": {"zh": "各章速查表", "en": "Cheat sheets of the chapters"},
}
STYLE = ROOT / "_assets" / "print" / "book.css"
CODE_STYLE = "a11y-high-contrast-light"  # that of the site
LEFT_OUT = {"cards", "cheatsheets"}  # pages that are nothing but an app or a list of links
INTERFACE = "script, noscript, style, button, input, .headerlink, .deck-links, .cell_input_hint, .on-screen, #study"
DATE = "D:20000101000000Z"  # the same at each run, as all bytes are
PATIENCE = 600_000  # milliseconds in which even a slow machine has printed the book
PLACE = "https://place.invalid/"  # how a place of the book is written in a link until all of its pages are there
PLACES = "places"
# Radicals of simplified characters, which Unicode does not take apart by itself.
RADICALS = dict(zip("⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳", "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟"))
NO_CHINESE = "the Chinese of the PDF can't be read: no font on this machine draws it (Debian, Ubuntu: `apt-get install fonts-noto-cjk`)"

FONTS_ARRIVED = "document.fonts.ready.then(() => null)"
# A page that was laid out before its fonts came would differ by a hair from one that had them.
LAY_OUT_ANEW = """() => document.fonts.ready.then(() => {
  document.body.hidden = true;
  document.body.getBoundingClientRect();
  document.body.hidden = false;
})"""
# What a page draws beyond its edge depends on whether it was seen before.
BE_SEEN = "() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen())))"
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


def read_page(path: Path, boxes: Boxes) -> BeautifulSoup:
    """A page without what a browser only reads aloud, and without the interface."""
    html = re.sub(r'<span class="katex-mathml">.*?</math></span>', "", path.read_text(encoding="utf8"), flags=re.DOTALL)
    page = BeautifulSoup(boxes.set_aside(html), "html.parser")
    for node in page.select(INTERFACE):
        node.decompose()
    return page


def read_documents(source: Path, edition: Path, boxes: Boxes) -> list[Document]:
    """The pages of an edition in the order of the table of contents, without the front page."""
    toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf8"))
    found = []
    for part in toc["parts"]:
        caption = localise(part["caption"], edition.name)
        for chapter in part["chapters"]:
            path = edition / f"{chapter['file']}.html"
            if path.stem not in LEFT_OUT:
                found.append(Document(path.stem, read_page(path, boxes).select_one("article.bd-article"), caption))
                caption = None
    return found


def section_numbers(documents: list[Document]) -> dict[str, str]:
    """The numbers of chapters and sections, by their places in the book."""
    found = {}
    for document in documents:
        for number in document.article.select(":is(h1, h2, h3, h4) > .section-number"):
            heading, own = number.parent, number.get_text().strip(". ")
            found[f"{document.name}--{heading.parent['id']}"] = own
            if heading.name == "h1":
                found[document.name] = own
    return found


def prepare(document: Document, names: set[str], numbers: dict[str, str], edition: Path, address: str | None) -> str:
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
        if number := numbers.get(link.get("href", "").removeprefix(PLACE)):
            said = Tag(name="span", attrs={"class": "section-of"})  # paper can't be clicked
            said.string = f" §{number}"
            link.append(said)
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
        link["href"] = PLACE + (f"{target}--{url.fragment}" if url.fragment else target)
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
        title = re.sub(r"</?a\b[^>]*>", "", boxes.put_back(heading.decode_contents()))
        found.append(Heading(level, place, title, BeautifulSoup(title, "html.parser").get_text()))
    return found


class Book:
    """The whole book in one language: a front page with the contents, and a page of HTML for each page of the site."""

    def __init__(self, source: Path, edition: Path, address: str | None):
        boxes = Boxes()
        front = read_page(edition / "chapters" / "index.html", boxes)
        documents = read_documents(source, edition, boxes)
        names = {document.name for document in documents}
        self.edition, self.title = edition, front.h1.get_text()
        self.about = front.h1.find_next("p").get_text()
        self.imprint = [front.select_one(".licence").find(string=True).strip(), *filter(None, [address])]
        self.headings = {document.name: headings(document, boxes) for document in documents}
        numbers = section_numbers(documents)
        self.bodies = {
            document.name: boxes.put_back(prepare(document, names, numbers, edition, address)) for document in documents
        }
        self._style = HtmlFormatter(style=CODE_STYLE).get_style_defs(".highlight") + STYLE.read_text(encoding="utf8")

    def linked(self) -> set[str]:
        """The places of the book to which something leads."""
        headings = {heading.place for own in self.headings.values() for heading in own}
        return headings.union(*(re.findall(rf'href="{PLACE}([^"]+)"', body) for body in self.bodies.values()))

    def front(self, pages: dict[str, int]) -> str:
        """Title and contents; ``pages`` says on which page a place is."""
        rows = "".join(
            f'<li class="level-{heading.level}"><a href="{PLACE}{heading.place}"><span>{heading.title}</span>'
            f'<span class="leader"></span><span class="page">{pages.get(heading.place, "")}</span></a></li>'
            for own in self.headings.values()
            for heading in own
            if heading.level < 2 or heading.text[0].isdigit()  # those of the appendix would fill pages
        )
        return self._page(
            "@page :first { @bottom-center { content: none; } }",
            f'<div class="title-page"><p class="title">{escape(self.title)}</p><p>{escape(self.about)}</p>'
            f'<div class="imprint">{"".join(f"<p>{escape(line)}</p>" for line in self.imprint)}</div></div>'
            f'<nav class="contents"><h1>{CONTENTS[self.edition.name]}</h1><ol>{rows}</ol></nav>',
        )

    def document(self, name: str, first: int, linked: set[str]) -> str:
        """A page of the site, whose first page of paper has the number ``first``; last comes a list of its places, since
        a PDF says where a place is only if something leads there."""
        own = self.headings[name]
        part = "".join(f'<h1 class="part-heading">{heading.title}</h1>' for heading in own if heading.level == 0)
        chapter = json.dumps(next(heading.text for heading in own if heading.level == 1), ensure_ascii=False)
        places = sorted(place for place in linked if place.split("--")[0] == name) + [PLACES]
        links = " ".join(f'<a href="#{place}">{place}</a>' for place in places)
        return self._page(
            f"html {{ counter-reset: page {first - 1}; }} @page {{ @top-right {{ content: {chapter}; }} }} "
            "@page :first { @top-right { content: none; } }",
            f'<main>{part}{self.bodies[name]}</main><nav id="{PLACES}">{links}</nav>',
        )

    def _page(self, style: str, body: str) -> str:
        formulas = (self.edition / "_static" / "katex" / "katex.min.css").as_uri()
        return (
            f'<!DOCTYPE html><html lang="{LANGUAGES[self.edition.name]}"><head><meta charset="utf-8">'
            f'<title>{escape(self.title)}</title><link rel="stylesheet" href="{formulas}">'
            f"<style>{self._style}{style}</style></head><body>{body}</body></html>"
        )


# ---------------------------------------------------------------------------------------------------------------------
# Printing


def print_html(page: Page, html: str) -> PdfReader:
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf8") as file:
        file.write(html)
        file.flush()
        page.emulate_media(media="print")
        page.goto(Path(file.name).as_uri(), wait_until="load")
        page.evaluate(LAY_OUT_ANEW)
        page.evaluate(FIT_FORMULAS)
        page.evaluate(BE_SEEN)
        return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))


def print_book(page: Page, book: Book) -> PdfWriter:
    """The PDF of the book. A browser takes four times as long for twice as many pages, so each document is for itself."""
    linked, places, printed = book.linked(), {}, []
    count = len(print_html(page, book.front({})).pages)
    for name in book.bodies:
        document = print_html(page, book.document(name, count + 1, linked))
        own = {place.lstrip("/"): destination for place, destination in document.named_destinations.items()}
        for place, destination in own.items():
            places[place] = (count + document.get_destination_page_number(destination), destination.top)
        length = places.pop(PLACES)[0] - count
        printed.append((document, length))
        count += length
        print(f"{book.edition.name}: {name}, {length} pages", flush=True)
    if missing := sorted(linked - set(places)):
        raise ValueError(f"links of the book lead nowhere: {', '.join(missing)}")
    writer = PdfWriter()
    writer.append(print_html(page, book.front({place: number + 1 for place, (number, _) in places.items()})))
    for document, length in printed:
        writer.append(document, pages=(0, length), import_outline=False)
    lead_links(writer, places)
    add_bookmarks(writer, book, places)
    return writer


def lead_links(writer: PdfWriter, places: dict[str, tuple[int, float]]) -> None:
    """Lead the links to places of the book to their pages."""
    for page in writer.pages:
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            address = link.get("/A", {}).get("/URI", "")
            if address.startswith(PLACE):
                number, top = places[address.removeprefix(PLACE)]
                del link["/A"]
                link[NameObject("/Dest")] = ArrayObject(
                    [writer.pages[number].indirect_reference, NameObject("/XYZ"), NullObject(), FloatObject(top), NullObject()]
                )


def add_bookmarks(writer: PdfWriter, book: Book, places: dict[str, tuple[int, float]]) -> None:
    """The headings as bookmarks. Chromium makes them only together with tags, which double the file."""
    above = {}
    for heading in [heading for own in book.headings.values() for heading in own]:
        number, top = places[heading.place]
        parent = above.get(heading.level - 1)
        above[heading.level] = writer.add_outline_item(
            title=heading.text, page_number=number, parent=parent, fit=Fit.xyz(top=top), is_open=heading.level == 0
        )


def print_sheet(page: Page, path: Path, address: str | None) -> bytes:
    """The PDF of a cheat sheet."""
    page.emulate_media(media="null")
    page.goto(path.as_uri())
    page.evaluate(FONTS_ARRIVED)
    page.evaluate(LINKS_TO_THE_SITE, f"{address}cheatsheets/" if address else None)
    return page.pdf(format="A4", print_background=True)


def join(parts: dict[str, bytes]) -> PdfWriter:
    """Documents one after the other, each with a bookmark."""
    writer = PdfWriter()
    for title, content in parts.items():
        writer.append(io.BytesIO(content), outline_item=title)
    return writer


def unify_characters(writer: PdfWriter) -> None:
    """Have a character copied as itself: where a font draws a character and a radical alike, Chromium names the radical."""
    done = set()
    for page in writer.pages:
        for font in _fonts(page["/Resources"]):
            mapping = font.get("/ToUnicode")
            if mapping is not None and (reference := font.raw_get("/ToUnicode").idnum) not in done:
                mapping.set_data(_unified(mapping.get_data().decode("ascii")).encode("ascii"))
                done.add(reference)


def _fonts(resources: DictionaryObject) -> Iterator[DictionaryObject]:
    """The fonts of a page, and of what is drawn on it as a group."""
    yield from (font.get_object() for font in resources.get("/Font", {}).values())
    for group in resources.get("/XObject", {}).values():
        if "/Resources" in (drawn := group.get_object()):
            yield from _fonts(drawn["/Resources"])


def _unified(mapping: str) -> str:
    """A ToUnicode map with the characters of the radicals in their place, each glyph in an entry of its own."""
    named = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", mapping, re.DOTALL):
        named |= dict(re.findall(r"<(\w+)>\s*<(\w+)>", block))
    for block in re.findall(r"beginbfrange(.*?)endbfrange", mapping, re.DOTALL):
        for first, last, start in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                named[f"{int(first, 16) + step:0{len(first)}X}"] = f"{int(start, 16) + step:0{len(start)}X}"
    entries = [f"<{glyph}> <{_character(code)}>" for glyph, code in named.items()]
    blocks = [entries[start : start + 100] for start in range(0, len(entries), 100)]
    written = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    head, tail = mapping.split("endcodespacerange\n")[0], "endcmap" + mapping.split("endcmap")[1]
    return f"{head}endcodespacerange\n{written}{tail}"


def _character(code: str) -> str:
    """What stands for a code of UTF-16 in a map: the same code, or for a radical that of its character."""
    text = chr(int(code, 16)) if len(code) == 4 else ""
    if not "\u2e80" <= text <= "\u2fdf":
        return code
    return f"{ord(RADICALS.get(text) or unicodedata.normalize('NFKC', text)):04X}"


def write(writer: PdfWriter, title: str, lang: str, path: Path) -> None:
    """Write a document with its title and language, and without the time of its making."""
    unify_characters(writer)
    writer.compress_identical_objects()  # the shapes of characters, which each of its parts brings along
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


def offer(output: Path, site: Path) -> None:
    """Copy the documents into the site, and have its pages of cheat sheets link them."""
    shutil.copytree(output, site / "pdf", dirs_exist_ok=True)
    for path in site.glob("*/chapters/cheatsheets.html"):
        edition = path.relative_to(site).parts[0]
        items = "".join(
            f'<li lang="{LANGUAGES[lang]}"><a href="../../pdf/{name}-{lang}.pdf">{words[lang]}</a> (PDF, '
            f"{(output / f'{name}-{lang}.pdf').stat().st_size / 1e6:.1f} MB)</li>"
            for lang in ([edition] if edition in LANGUAGES else LANGUAGES)
            for name, words in FILES.items()
        )
        html = path.read_text(encoding="utf8")
        listed, count = re.subn(r'<ul class="pdf-files".*?</ul>', f'<ul class="pdf-files">{items}</ul>', html, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"{path} has no place for the list of PDFs")
        path.write_text(listed, encoding="utf8")


def write_book(page: Page, source: Path, edition: Path, output: Path, address: str | None) -> None:
    book = Book(source, edition, address)
    writer = print_book(page, book)
    if edition.name == "zh" and book.title not in writer.pages[0].extract_text():
        raise ValueError(NO_CHINESE)
    write(writer, book.title, edition.name, output / f"book-{edition.name}.pdf")


def write_pdfs(source: Path, site: Path, output: Path, address: str | None) -> None:
    """Write all documents of both languages and offer them on the site; raises ValueError where the Chinese could not be drawn."""
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
    offer(output, site)


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
