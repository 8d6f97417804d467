"""The front page: what this is, the three uses, the map and the reader's own progress, on one screen."""

import json

import pytest
import yaml

from flashcards.deck import read_decks

from . import book

TOPICS = yaml.safe_load((book.ROOT / "topics.yml").read_text(encoding="utf8"))
DECKS = read_decks(book.ROOT)
PAGE = "chapters/index.html"
DAY = 24 * 60 * 60 * 1000  # ms

REMEMBER = """(records) => {
  for (const [id, record] of Object.entries(records)) localStorage.setItem(`notes.card.${id}`, JSON.stringify(record));
}"""


@pytest.mark.parametrize("edition", ["zh", "en"])
def test_all_of_it_is_on_one_screen(reader, edition):
    page = reader().open(f"{edition}/{PAGE}")
    page.wait_for_selector("#card-progress:not([hidden])")
    for part in ("h1", ".topic-map", "#card-progress", "#how-to-use-it", "#why-you-can-trust-it"):
        box = page.locator(f".bd-article {part}").first.bounding_box()
        assert box["y"] + box["height"] <= page.viewport_size["height"], part


@pytest.mark.parametrize("edition", book.EDITIONS)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_map_links_every_chapter_and_cuts_no_title(reader, edition, width):
    page = reader(viewport={"width": width, "height": 900}).open(f"{edition}/{PAGE}")
    links = page.locator(".topic-map a")
    assert links.evaluate_all("(links) => links.map((link) => link.getAttribute('href'))") == [
        f"{topic['chapter']}.html" for topic in sorted(TOPICS, key=lambda topic: topic["chapter"])
    ]
    cut = "(links) => links.filter((link) => link.scrollHeight > link.clientHeight + 1).map((link) => link.innerText)"
    assert links.evaluate_all(cut) == []


def test_the_lines_join_the_boxes_that_build_on_one_another(reader):
    page = reader().open(f"zh/{PAGE}")
    ends = page.locator(".topic-map path").evaluate_all("""(paths) => {
      const boxes = [...document.querySelectorAll(".topic-map li")];
      const at = (path, length) => {
        const point = path.getPointAtLength(length).matrixTransform(path.getScreenCTM());
        return boxes.find((box) => {
          const { left, right, top, bottom } = box.getBoundingClientRect();
          return left < point.x && point.x < right && top < point.y && point.y < bottom;
        })?.dataset.chapter;
      };
      return paths.map((path) => [at(path, 0), at(path, path.getTotalLength())]);
    }""")
    assert sorted(map(tuple, ends)) == sorted((below, topic["chapter"]) for topic in TOPICS for below in topic["builds_on"])


def test_progress_is_that_of_the_cards(reader):
    someone = reader()
    page = someone.open(f"en/{PAGE}")
    now = page.evaluate("Date.now()")
    line = page.locator("#card-progress span")
    line.wait_for()
    assert "No flashcards reviewed yet" in line.inner_text()
    chapter, deck = next(iter(DECKS.items()))
    ids = [card.id for card in deck]
    known = {"due": now + DAY, "last": now, "stability": 30}
    started = {"due": now - 1, "last": now - DAY, "stability": 2}
    page.evaluate(REMEMBER, {ids[0]: known, ids[1]: started, ids[2]: started, "no-longer-a-card": known})
    page.reload()
    line.wait_for()
    total = sum(map(len, DECKS.values()))
    assert line.inner_text() == f"Flashcards: 1 known and 2 being learnt, of {total}; 2 to review today."
    bar = page.locator(f"[data-chapter='{chapter}'] .topic-progress")
    assert float(bar.evaluate("(bar) => getComputedStyle(bar).getPropertyValue('--known')")) == pytest.approx(1 / len(ids))


def test_a_broken_record_spoils_nothing(reader):
    page = reader().open(f"en/{PAGE}")
    page.evaluate("localStorage.setItem('notes.card.x', '{broken')")
    page.reload()
    page.locator("#card-progress span").wait_for()


def test_without_scripts_the_map_stands_and_the_progress_does_not(reader):
    page = reader(java_script_enabled=False).open(f"zh/{PAGE}")
    assert page.locator(".topic-map a").count() == len(TOPICS)
    assert not page.locator("#card-progress").is_visible()


def test_the_bar_says_nothing_to_those_who_cannot_see_it(reader):
    """The numbers stand in the sentence; a box is named by its chapter and by what that builds on."""
    page = reader().open(f"en/{PAGE}")
    topic = next(topic for topic in TOPICS if topic["builds_on"])
    words = page.locator(f"[data-chapter='{topic['chapter']}'] a").inner_text()
    assert "builds on" in words and json.dumps(topic["chapter"]) not in words
