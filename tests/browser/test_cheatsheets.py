"""The cheat sheets fill one page of paper each and a phone without scrolling sideways; the PDF of the book is one to work with."""

import io
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

from _ext.sheets import read_sheets
from tools import pdf

from . import book

pytestmark = pytest.mark.exhaustive

SHEETS = read_sheets(book.ROOT)
NAMES = ["book", *SHEETS]
PAPER = {"A4": (210, 297), "Letter": (215.9, 279.4)}  # mm
MARGIN = 8  # mm
POINT, MILLIMETRE = 96 / 72, 96 / 25.4  # pixels
SMALLEST = 6.5 * POINT

LINES_TO_SPARE = 0.985  # of the height: paper breaks a line elsewhere now and then

HEIGHT = "document.querySelector('.sheet').getBoundingClientRect().bottom"
SIZES = """() => [".name", ".remark", ".formula .katex"].flatMap((part) =>
  [...document.querySelectorAll(part)].map((box) => parseFloat(getComputedStyle(box).fontSize)))"""
# A glyph may stand out of its box a little; four times as much lies between two columns.
TOO_WIDE = """() => [...document.querySelectorAll(".entry")].filter((entry) => {
  const edge = entry.getBoundingClientRect().right + 3;
  return [...entry.querySelectorAll(".katex-html, a, .remark")].some((box) => box.getBoundingClientRect().right > edge)
    || entry.scrollWidth > entry.clientWidth + 3;
}).map((entry) => entry.dataset.formula)"""


def open_sheet(reader, edition: str, name: str):
    """Open a sheet, and have it laid out for paper as the browser does before it prints."""
    page = reader.open(f"{edition}/cheatsheets/{name}.html")
    page.evaluate("document.fonts.ready.then(() => { dispatchEvent(new Event('beforeprint')); })")
    return page


def labels(name: str) -> list[str]:
    chosen = [entry for entries in SHEETS.values() for entry in entries if entry.in_book]
    return [entry.formula for entry in (chosen if name == "book" else SHEETS[name])]


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_each_sheet_has_room_on_one_page_in_legible_type(reader, edition):
    """As it is laid out for paper; that the printer agrees, the next test asks of the fullest."""
    someone = reader()
    for name in NAMES:
        page = open_sheet(someone, edition, name)
        assert page.locator(".column .entry").evaluate_all("(all) => all.map((one) => one.dataset.formula)") == labels(name)
        page.emulate_media(media="print")
        for paper, (width, height) in PAPER.items():
            area = [round((side - 2 * MARGIN) * MILLIMETRE) for side in (width, height)]
            page.set_viewport_size({"width": area[0], "height": area[1]})
            assert page.evaluate(HEIGHT) <= LINES_TO_SPARE * area[1], f"{name} on {paper}"
            assert min(page.evaluate(SIZES)) >= SMALLEST, f"{name} on {paper}"
            assert page.evaluate(TOO_WIDE) == [], f"{name} on {paper}"
        page.emulate_media(media="null")


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_fullest_sheets_print_on_one_page(reader, edition):
    someone = reader()
    for name in ("book", "06-optimizers", "10-batch-normalisation"):
        page = someone.open(f"{edition}/cheatsheets/{name}.html")
        page.evaluate("document.fonts.ready.then(() => null)")
        for paper in PAPER:
            assert len(PdfReader(io.BytesIO(page.pdf(format=paper))).pages) == 1, f"{name} on {paper}"


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_each_name_leads_to_its_formula(site, edition):
    for name in NAMES:
        page = site / edition / "cheatsheets" / f"{name}.html"
        text = page.read_text(encoding="utf8")
        found = re.findall(r'data-formula="([\w-]+)">\n<h[23] class="name"><a href="\.\./chapters/([^"#]+)#([^"]+)"', text)
        assert [label for label, _, _ in found] == labels(name)
        for label, chapter, anchor in found:
            assert anchor == f"equation-{label}" and anchor in book.ids(site / edition / "chapters" / chapter)


def test_the_list_leads_to_every_sheet_and_each_sheet_back(site):
    for edition in book.EDITIONS:
        listed = (site / edition / "chapters" / "cheatsheets.html").read_text(encoding="utf8")
        for name in NAMES:
            assert f'href="../cheatsheets/{name}.html"' in listed
            back = "cheatsheets" if name == "book" else name
            assert f'href="../chapters/{back}.html"' in (site / edition / "cheatsheets" / f"{name}.html").read_text(encoding="utf8")


def test_the_sheet_is_one_column_on_a_phone_and_has_no_width_to_spare(reader):
    someone = reader(viewport={"width": 360, "height": 720})
    for name in ("book", "16-translation"):
        page = open_sheet(someone, "bi", name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        lefts = page.locator(".entry").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().left)")
        assert len(set(lefts)) == 1
        assert min(page.evaluate(SIZES)) >= 14


def test_the_sheet_is_dark_where_the_reader_wants_it_and_white_on_paper(reader):
    background = "getComputedStyle(document.body).backgroundColor"
    dark, light = reader(color_scheme="dark"), reader(color_scheme="light")
    assert open_sheet(light, "zh", "book").evaluate(background) == "rgb(255, 255, 255)"
    page = open_sheet(dark, "zh", "book")
    assert page.evaluate(background) == "rgb(20, 24, 30)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    light.page.evaluate("localStorage.setItem('theme', 'dark')")
    assert open_sheet(light, "zh", "book").evaluate(background) == "rgb(20, 24, 30)"


def test_the_sheet_can_be_read_without_scripts(reader):
    page = reader(java_script_enabled=False).open("en/cheatsheets/06-optimizers.html")
    assert page.locator(".entry").count() == len(SHEETS["06-optimizers"])
    assert page.locator(".entry .katex").first.is_visible() and not page.locator("#print").is_visible()


# ---------------------------------------------------------------------------------------------------------------------
# The book as a PDF, of one chapter and the glossary


TOC = {
    "format": "jb-book",
    "root": "chapters/index",
    "parts": [
        {"caption": "训练 · Training", "chapters": [{"file": "chapters/07-learning-rate-decay"}]},
        {"caption": "附录 · Appendix", "chapters": [{"file": "chapters/cards"}, {"file": "chapters/glossary"}]},
    ],
}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    (folder / "_toc.yml").write_text(yaml.safe_dump(TOC, allow_unicode=True), encoding="utf8")
    return folder


@pytest.fixture(scope="module")
def print_part(browser, site, source, tmp_path_factory):
    """Prints a part of the book in one language; returns the file."""
    page = browser.new_page()

    def print_it(lang: str, address: str | None = None) -> Path:
        output = tmp_path_factory.mktemp("pdf")
        pdf.write_book(page, source, site / lang, output, address)
        return output / f"book-{lang}.pdf"

    yield print_it
    page.close()


@pytest.fixture(scope="module")
def printed(print_part) -> dict[str, Path]:
    return {lang: print_part(lang) for lang in pdf.LANGUAGES}


@pytest.fixture(scope="module")
def chinese(printed) -> PdfReader:
    return PdfReader(printed["zh"])


def text_of(document: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in document.pages)


def links(document: PdfReader):
    for page in document.pages:
        for annotation in page.get("/Annots", ()):
            yield annotation.get_object()


def plain(outline) -> list:
    """Titles of bookmarks; what stands below one follows it as a list."""
    return [plain(one) if isinstance(one, list) else one.title for one in outline]


def sections(site: Path) -> list[str]:
    page = (site / "zh" / "chapters" / "07-learning-rate-decay.html").read_text(encoding="utf8")
    found = re.findall(r"<h2>(.*?)<a class=\"headerlink\"", page)
    return [unescape(re.sub(r"<[^>]+>", "", title)) for title in found]


def test_the_parts_chapters_and_sections_are_bookmarks(chinese, site):
    assert plain(chinese.outline) == ["训练", ["7. 学习率衰减", sections(site)], "附录", ["术语表"]]


def test_each_bookmark_and_each_number_in_the_contents_leads_to_its_page(chinese):
    contents = chinese.pages[1].extract_text().replace(" ", "").splitlines()
    chapter, own = chinese.outline[1]
    for mark in [chapter, *own]:
        number = chinese.get_destination_page_number(mark)
        assert mark.title.replace(" ", "") in chinese.pages[number].extract_text().replace(" ", "").replace("\n", "")
        assert f"{mark.title}{number + 1}".replace(" ", "") in contents, mark.title


def test_each_page_prints_its_own_number(chinese):
    for number, page in list(enumerate(chinese.pages, 1))[1:]:
        assert re.search(rf"(^|\n){number}(\n|$)", page.extract_text()), number


def test_every_link_leads_to_a_page_of_the_document(printed):
    for path in printed.values():
        document = PdfReader(path)
        pages = {page.indirect_reference.idnum for page in document.pages}
        targets = [link["/Dest"][0].idnum for link in links(document) if "/Dest" in link]
        assert len(targets) > 100 and set(targets) <= pages
        assert [link["/A"]["/URI"] for link in links(document) if "/A" in link] == []


def test_with_an_address_it_is_printed_and_the_rest_of_the_site_is_linked(print_part):
    document = PdfReader(print_part("en", "https://example.org/notes/en/"))
    outside = {link["/A"]["/URI"] for link in links(document) if "/A" in link}
    assert outside and all(address.startswith("https://example.org/notes/en/chapters/") for address in outside)
    assert "https://example.org/notes/en/" in document.pages[0].extract_text()


def test_a_formula_is_reached_from_where_it_is_named(chinese):
    """The chapter names its formulas by their numbers, in the table at its beginning."""
    first = next(page for page in chinese.pages if "7. 学习率衰减" in page.extract_text() and "训练" in page.extract_text()[:20])
    tops = {tuple(map(str, link.get_object()["/Dest"])) for link in first["/Annots"] if "/Dest" in link.get_object()}
    assert len(tops) >= 5


def test_a_link_to_a_section_says_its_number_for_those_who_hold_paper(chinese):
    text = re.sub(r"\s", "", text_of(chinese))
    assert "→§7.3" in text  # the arrow of exponential decay in the glossary
    assert re.search(r"→§7(?![.\d])", text)  # that of learning-rate decay, the chapter itself
    assert "出处：指数衰减§7.3" in text


def test_the_title_page_says_how_the_book_may_be_used(chinese):
    assert "CC BY 4.0" in chinese.pages[0].extract_text()
    assert "https://" not in chinese.pages[0].extract_text()


def test_chinese_is_copied_as_it_was_written(chinese):
    text = re.sub(r"\s", "", text_of(chinese))
    for word in ("学习率衰减", "余弦衰减", "预热", "门控", "长短期记忆", "注意力"):
        assert word in text
    assert re.findall("[\u2e80-\u2fdf]", text) == [], "radicals in the place of characters"


def test_nothing_of_the_interface_and_all_that_is_folded_is_printed(printed, site):
    text = text_of(PdfReader(printed["en"]))
    for word in ("Search", "Download", "Print them as cards", "Study the cards", "¶"):
        assert word not in text
    assert "Solution 1" in text and "Code of the figure" in text and "plt.show()" in text
    pictures = (site / "en" / "chapters" / "07-learning-rate-decay.html").read_text(encoding="utf8").count("<figure")
    assert sum(len(page.images) for page in PdfReader(printed["en"]).pages) >= pictures > 0


def test_two_prints_are_the_same_bytes(printed, print_part):
    assert print_part("en").read_bytes() == printed["en"].read_bytes()


def test_a_link_to_nowhere_is_named(browser, site, source):
    page = browser.new_page()
    document = pdf.Book(source, site / "en", None)
    document.bodies["glossary"] += f'<a href="{pdf.PLACE}glossary--no-such-term">?</a>'
    with pytest.raises(ValueError, match="lead nowhere: glossary--no-such-term"):
        pdf.print_book(page, document)
    page.close()


def test_the_site_offers_what_was_printed(site, tmp_path):
    output, copy = tmp_path / "pdf", tmp_path / "site"
    output.mkdir()
    for name in (f"{name}-{lang}.pdf" for name in pdf.FILES for lang in pdf.LANGUAGES):
        (output / name).write_bytes(name.encode())
    for edition in book.EDITIONS:
        (copy / edition / "chapters").mkdir(parents=True)
        shutil.copy(site / edition / "chapters" / "cheatsheets.html", copy / edition / "chapters")
    for _ in range(2):  # printed anew
        pdf.offer(output, copy)
    for edition in book.EDITIONS:
        path = copy / edition / "chapters" / "cheatsheets.html"
        links = re.findall(r'<a href="([^"]+\.pdf)"', path.read_text(encoding="utf8"))
        languages = ["zh", "en"] if edition == "bi" else [edition]
        assert links == [f"../../pdf/{name}-{lang}.pdf" for lang in languages for name in pdf.FILES]
        assert all((path.parent / link).is_file() for link in links)
