"""The decks in the chapters turn without scripts, and come out of a printer ready to be cut."""

import io
from pathlib import Path
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from flashcards.deck import read_decks

from . import book

DECKS = read_decks(book.ROOT)
CHAPTER = next(iter(DECKS))
PAPER = {"A4": (595, 842), "Letter": (612, 792)}  # points
FACES = 8  # on a page

ROOM = """() => [...document.querySelectorAll(".face")].filter((face) => {
  const text = face.firstElementChild;
  const wide = [text, ...text.querySelectorAll(".equation-body")].some((box) => box.scrollWidth > box.clientWidth + 1);
  const [inner, outer] = [text.getBoundingClientRect(), face.getBoundingClientRect()];
  return wide || inner.top < outer.top || inner.bottom > face.lastElementChild.getBoundingClientRect().top;
}).map((face) => face.dataset.card)"""

# Where each face lies in its half of the sheet, as left and top distance, and from the right.
PLACES = """(side) => [...document.querySelectorAll(`.${side}s`)].flatMap((half) => {
  const sheet = half.getBoundingClientRect();
  return [...half.children].map((face) => {
    const { left, right, top } = face.getBoundingClientRect();
    return [face.dataset.card, Math.round(left - sheet.left), Math.round(sheet.right - right), Math.round(top - sheet.top)];
  });
})"""


def open_sheet(reader, edition: str, name: str):
    page = reader().open(f"{edition}/cards/{name}.html")
    page.wait_for_selector("html[data-fitted]", state="attached")
    return page


@pytest.mark.parametrize("edition", book.EDITIONS)
@pytest.mark.parametrize("chapter", DECKS)
def test_every_chapter_ends_with_its_deck_in_every_edition(site, edition, chapter):
    page = (site / edition / "chapters" / f"{chapter}.html").read_text(encoding="utf8")
    section = page.split('<section id="flashcards">')[1]
    assert [card.id for card in DECKS[chapter] if f'id="card-{card.id}"' not in section] == []
    assert section.count('<details class="flashcard"') == len(DECKS[chapter])
    assert "<section" not in section, "the deck is not the end of the chapter"


def test_a_card_turns_without_scripts_by_touch_and_by_keyboard(reader):
    page = reader(java_script_enabled=False).open(f"zh/chapters/{CHAPTER}.html")
    first, second = page.locator(".flashcard").nth(0), page.locator(".flashcard").nth(1)
    for card in (first, second):
        assert card.locator("summary").is_visible() and not card.locator(".flashcard-back").is_visible()
    first.locator("summary").click()
    second.locator("summary").focus()
    page.keyboard.press("Enter")
    for card in (first, second):
        assert card.locator(".flashcard-back").is_visible()


def test_the_back_leads_to_the_place_that_explains_it(reader):
    someone = reader()
    page = someone.open(f"en/chapters/{CHAPTER}.html")
    card = DECKS[CHAPTER][0]
    page.locator(f"#card-{card.id} summary").click()
    page.locator(f"#card-{card.id} .flashcard-place a").click()
    assert someone.where() == f"en/chapters/{card.see.replace('#', '.html#')}"


def test_a_printed_chapter_shows_the_answers(reader):
    page = reader().open(f"en/chapters/{CHAPTER}.html")
    seen = "[...document.querySelectorAll('.flashcard-back')].map((back) => back.checkVisibility())"
    assert not any(page.evaluate(seen))
    page.emulate_media(media="print")
    assert all(page.evaluate(seen))


@pytest.mark.exhaustive
@pytest.mark.parametrize("edition", book.EDITIONS)
def test_every_text_has_room_on_its_card(reader, edition):
    page = open_sheet(reader, edition, "all")
    cards = [card.id for deck in DECKS.values() for card in deck]
    for side in ("front", "back"):
        assert [place[0] for place in page.evaluate(PLACES, side)] == cards
    assert page.evaluate(ROOM) == []
    assert page.locator("img").evaluate_all("(images) => images.filter((image) => !image.naturalWidth).length") == 0


@pytest.mark.exhaustive
def test_each_back_mirrors_its_front(reader):
    """Turned over its long edge, the sheet shows the back of the left card on the right."""
    page = open_sheet(reader, "en", CHAPTER)
    page.emulate_media(media="print")
    fronts, backs = page.evaluate(PLACES, "front"), page.evaluate(PLACES, "back")
    assert [[name, right, left, top] for name, left, right, top in backs] == fronts
    assert {left for _, left, _, _ in fronts[:2]} == {fronts[0][1], fronts[1][1]} and fronts[0][1] != fronts[1][1]


def ids_of(page) -> list[tuple[str, float, float]]:
    """The ids of the cards that a page of a PDF prints, each with its place."""
    found = []

    def visit(text, matrix, text_matrix, font, size):
        if text.strip():
            x, y = text_matrix[4] * matrix[0] + matrix[4], text_matrix[5] * matrix[3] + matrix[5]
            found.append((normalize("NFKC", text.strip()), x, y))  # fonts join the letters of "fi"

    page.extract_text(visitor_text=visit)
    known = {card.id for deck in DECKS.values() for card in deck}
    return [place for place in found if place[0] in known]


@pytest.mark.exhaustive
@pytest.mark.parametrize("paper", PAPER)
def test_the_pages_of_a_sheet_are_fronts_and_backs_in_turn(reader, paper):
    page = open_sheet(reader, "bi", CHAPTER)
    document = PdfReader(io.BytesIO(page.pdf(format=paper)))
    cards = [card.id for card in DECKS[CHAPTER]]
    assert len(document.pages) == 2 * -(-len(cards) // FACES)
    width, _ = PAPER[paper]
    for number in range(0, len(document.pages), 2):
        fronts, backs = ids_of(document.pages[number]), ids_of(document.pages[number + 1])
        wanted = cards[number // 2 * FACES :][:FACES]
        assert [name for name, _, _ in fronts] == [name for name, _, _ in backs] == wanted
        for (_, x, y), (_, mirrored, height) in zip(fronts, backs):
            assert (x < width / 2) != (mirrored < width / 2)
            assert abs(y - height) < 1


def test_the_links_to_the_sheets_and_to_the_decks_for_anki_lead_to_files(site):
    for edition in book.EDITIONS:
        page = site / edition / "chapters" / "cards.html"
        text = page.read_text(encoding="utf8")
        for name in [*DECKS, "all"]:
            assert f'href="../cards/{name}.html"' in text and (site / edition / "cards" / f"{name}.html").is_file()
        for name in ("zh", "en", "zh-en"):
            for kind in ("apkg", "txt"):
                assert f'href="../../cards/cards-{name}.{kind}"' in text
                assert (Path(page).parent / f"../../cards/cards-{name}.{kind}").is_file()
