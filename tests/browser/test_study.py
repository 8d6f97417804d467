"""A reader revises with the cards: at a desk or on a phone, in either language, and their progress is safe."""

import datetime
import json
import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from . import book
from .conftest import SCHEMES
from .test_pages import LOOK, foreign

pytestmark = pytest.mark.exhaustive

PAGE = "chapters/cards.html"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
NOON = datetime.datetime(2026, 3, 4, 12)
MINUTE, DAY = 60_000, 86_400_000
SETTLED = 350  # ms after which a second tap is a tap of its own
AGAIN, HARD, GOOD, EASY = "1234"

DATA = "JSON.parse(document.getElementById('study-data').textContent)"
PROGRESS = "Study.openProgress({ storage: () => window.localStorage })"
ALL_STORED = "JSON.stringify(Object.entries(localStorage).sort())"

# Each `key` as a keyboard or an input method would send it; none of them is meant for the cards.
MEANT_FOR_OTHERS = [
    {"ctrlKey": True},
    {"altKey": True},
    {"metaKey": True},
    {"shiftKey": True},
    {"isComposing": True},
    {"keyCode": 229},
    {"repeat": True},
]
PRESS = """([key, how]) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how });
  document.activeElement.dispatchEvent(event);
  return event.defaultPrevented;
}"""

# A phone of 360 px, and every card of the book open on it, one after the other.
TURN_EVERY_CARD = """async () => {
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const at = (stage) => document.querySelector(`.study-session[data-stage=${stage}]`);
  const scrolls = (element, sheet) => {
    for (let node = element; node !== sheet; node = node.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(node).overflowX)) return true;
    return false;
  };
  const seen = [], wide = [];
  while (!document.querySelector("#study[data-view=summary]")) {
    while (!at("front")) {
      if (at("failed")) throw new Error(`not loaded: ${document.querySelector(".study-card").dataset.card}`);
      await new Promise(requestAnimationFrame);
    }
    press(" ");
    if (!at("back")) throw new Error("the card does not turn");
    const sheet = document.querySelector(".study-card"), edge = sheet.getBoundingClientRect().right;
    const images = [...sheet.querySelectorAll("img")];
    await Promise.all(images.map((image) => { image.loading = "eager"; return image.decode(); }));
    const out = [...sheet.querySelectorAll(":not(.katex *)")]
      .filter((element) => element.getBoundingClientRect().right > edge + 1 && !scrolls(element, sheet));
    if (document.documentElement.scrollWidth > window.innerWidth || out.length) wide.push(sheet.dataset.card);
    seen.push(sheet.dataset.card);
    press("4");
  }
  return { seen, wide };
}"""


# ---- What a reader does ----


def open_cards(someone, edition="zh", scheme="http", place=""):
    """The study page, opened afresh even if only the place on it is another."""
    someone.page.goto("about:blank")
    page = someone.open(f"{edition}/{PAGE}{place}", scheme)
    page.locator("#study[data-view]").wait_for()
    return page


def start(page):
    page.locator(".study-tally .study-primary").press("Enter")
    wait_for_front(page)


def wait_for_front(page):
    page.locator(".study-session[data-stage=front]").wait_for()


def flip(page):
    wait_for_front(page)
    page.keyboard.press("Space")
    page.locator(".study-session[data-stage=back]").wait_for()


def answer(page, *ratings):
    """Turn a card and rate it, for each of the ratings; returns the ids of the cards."""
    seen = []
    for rating in ratings:
        flip(page)
        seen.append(card(page))
        page.keyboard.press(rating)
    return seen


def card(page) -> str:
    return page.locator(".study-card").get_attribute("data-card")


def stage(page) -> str:
    return page.locator(".study-session").get_attribute("data-stage")


def view(page) -> str:
    return page.locator("#study").get_attribute("data-view")


def left(page) -> int:
    return int(re.search(r"\d+", page.locator(".study-left").inner_text())[0])


def said(page) -> str:
    return page.locator(".study-live").inner_text()


def tally(page) -> list[int]:
    """How many cards are due, and how many are new."""
    return [int(text) for text in page.locator(".study-figure strong").all_inner_texts()]


def deck(page) -> list[dict]:
    """The cards of the page, in the order of the book."""
    data = page.evaluate(DATA)
    chapters = [chapter["id"] for chapter in data["chapters"]]
    return [{"id": id, "chapter": chapters[at], "tags": tags, "link": link} for id, at, tags, link in data["cards"]]


def ids(page) -> list[str]:
    return [one["id"] for one in deck(page)]


def record(page, id: str) -> dict | None:
    """What the browser keeps of a card."""
    return page.evaluate(f"(id) => {PROGRESS}.get(id)", id)


def remember_reviews(page, reviews: list[tuple[str, int, int]]) -> None:
    """Give the reader a past: reviews as (card, rating, time), and the page as it looks after them."""
    review_all = f"(reviews) => {{ const progress = {PROGRESS}; for (const one of reviews) progress.review(...one); }}"
    page.evaluate(review_all, reviews)
    page.reload()


def limit_new_cards(page, count: int) -> None:
    page.locator(".study-settings > summary").click()
    page.locator(".study-settings input[type=number]").fill(str(count))
    page.keyboard.press("Enter")


def export(page) -> str:
    if not page.locator(".study-settings[open]").count():
        page.locator(".study-settings > summary").click()
    with page.expect_download() as download:
        page.locator(".study-settings button").first.click()
    assert re.fullmatch(r"flashcards-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
    return download.value.path().read_text(encoding="utf8")


def choose_file(page, content: str) -> str:
    """Import a file; returns what the page says of it."""
    file = {"name": "progress.json", "mimeType": "application/json", "buffer": content.encode("utf8")}
    fresh = "(fold) => { fold.open = true; fold.querySelector('.study-outcome').textContent = ''; }"
    page.locator(".study-settings").evaluate(fresh)
    page.locator(".study-settings input[type=file]").set_input_files(file)
    expect(page.locator(".study-outcome")).not_to_be_empty()
    return page.locator(".study-outcome").inner_text()


@pytest.fixture
def someone(reader):
    """A reader at noon of a day that does not pass unless it is told to."""
    one = reader()
    one.context.clock.set_fixed_time(NOON)
    return one


def now(someone) -> int:
    return someone.page.evaluate("Date.now()")


# ---- A session ----


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("edition", book.EDITIONS)
def test_a_session_by_keyboard_alone(reader, edition, scheme):
    page = open_cards(reader(), edition, scheme)
    cards = ids(page)
    start(page)
    assert card(page) == cards[0]
    assert page.locator(".study-front").inner_text()
    assert not page.locator(".study-back, .study-ratings").first.is_visible()
    page.keyboard.press("Enter")
    assert page.locator(".study-back").inner_text()
    assert page.locator(".study-place a").get_attribute("href") == deck(page)[0]["link"]
    page.keyboard.press(GOOD)
    assert card(page) == cards[1]
    assert stage(page) == "front"
    assert record(page, cards[0])["reps"] == 1


@pytest.mark.parametrize("edition", ["zh", "en"])
def test_a_session_by_thumb(reader, edition):
    page = open_cards(reader(**PHONE), edition)
    page.locator(".study-tally .study-primary").tap()
    wait_for_front(page)
    first = card(page)
    page.wait_for_timeout(SETTLED)
    page.locator(".study-card").tap()
    assert stage(page) == "back"
    page.wait_for_timeout(SETTLED)
    page.locator(".study-good").tap()
    assert card(page) != first
    page.wait_for_timeout(SETTLED)
    page.locator(".study-flip").tap()
    assert stage(page) == "back"


def test_each_button_shows_its_interval_and_keeps_its_word(someone):
    page = open_cards(someone)
    start(page)
    flip(page)
    assert page.locator(".study-rating .study-interval").all_inner_texts() == ["1 分钟", "6 分钟", "10 分钟", "8 天"]
    (first,) = answer_flipped(page, EASY)
    assert record(page, first)["due"] - now(someone) == 8 * DAY
    flip(page)
    (second,) = answer_flipped(page, GOOD)
    assert record(page, second)["due"] - now(someone) == 10 * MINUTE


def answer_flipped(page, rating):
    seen = card(page)
    page.keyboard.press(rating)
    return [seen]


@pytest.mark.parametrize("ms, zh, en", [
    (30_000, "不到 1 分钟", "under 1 min"),
    (10 * MINUTE, "10 分钟", "10 min"),
    (59.7 * MINUTE, "1 小时", "1 h"),
    (23.8 * 60 * MINUTE, "1 天", "1 day"),
    (3 * DAY, "3 天", "3 days"),
    (45 * DAY, "1.5 个月", "1.5 months"),
    (400 * DAY, "1.1 年", "1.1 years"),
])
def test_times_are_said_as_people_say_them(reader, ms, zh, en):
    page = open_cards(reader())
    say = "(ms) => ['zh', 'en'].map((edition) => Study.speaker(edition).interval(ms))"
    assert page.evaluate(say, ms) == [zh, en]


def test_what_is_due_comes_first_by_its_time_then_what_is_new_as_in_the_book(someone):
    page = open_cards(someone)
    first, second, third, fourth, *_ = ids(page)
    at = now(someone)
    remember_reviews(page, [(third, 4, at - 30 * DAY), (second, 4, at - 20 * DAY)])
    assert tally(page) == [2, 20]
    start(page)
    assert answer(page, EASY, EASY, EASY, EASY) == [third, second, first, fourth]


def test_what_is_due_later_today_is_due_all_day(someone):
    """Whoever revised yesterday evening finds the cards of one day this morning."""
    page = open_cards(someone)
    first = ids(page)[0]
    remember_reviews(page, [(first, 4, now(someone) - 8 * DAY + 5 * 60 * MINUTE)])
    assert record(page, first)["due"] > now(someone)
    assert tally(page)[0] == 1


def test_a_card_that_was_not_known_comes_back_in_the_same_session(someone):
    page = open_cards(someone)
    start(page)
    total = left(page)
    first, second = answer(page, AGAIN, EASY)
    assert left(page) == total - 1
    assert card(page) != first
    someone.context.clock.set_fixed_time(NOON + datetime.timedelta(minutes=2))
    answer(page, EASY)
    assert card(page) == first


def test_the_last_step_is_not_waited_for(someone):
    page = open_cards(someone)
    limit_new_cards(page, 1)
    start(page)
    assert answer(page, AGAIN, GOOD, GOOD) == ids(page)[:1] * 3
    assert view(page) == "summary"


def test_undo_takes_back_the_rating_and_shows_its_card(someone):
    page = open_cards(someone)
    start(page)
    assert page.locator(".study-tools button", has_text="撤销").is_disabled()
    total = left(page)
    first, second = answer(page, AGAIN, EASY)
    for id in (second, first):
        page.keyboard.press("z")
        assert card(page) == id
        assert stage(page) == "front"
        assert record(page, id) is None
    assert left(page) == total
    assert answer(page, GOOD) == [first]
    assert card(page) == second


def test_undo_reaches_back_from_the_summary(someone):
    page = open_cards(someone)
    limit_new_cards(page, 1)
    start(page)
    (only,) = answer(page, EASY)
    assert view(page) == "summary"
    page.keyboard.press("z")
    assert (view(page), card(page)) == ("session", only)
    assert record(page, only) is None


def test_the_summary_says_what_was_done(someone):
    page = open_cards(someone)
    limit_new_cards(page, 3)
    start(page)
    seen = answer(page, AGAIN, EASY, EASY, EASY)
    assert view(page) == "summary"
    facts = page.locator(".study-facts dd").all_inner_texts()
    assert facts == ["4", "3", "25%", "1 天"]  # the next is the card that was rated again, then easy
    place = next(one["link"] for one in deck(page) if one["id"] == seen[0])
    assert [link.get_attribute("href") for link in page.locator(".study-summary li a").all()] == [place]
    assert page.locator(".study-summary li .study-brief").inner_text()


def test_ending_early_says_what_was_done_and_lets_go_on(someone):
    page = open_cards(someone)
    start(page)
    answer(page, EASY)
    page.locator(".study-top button").click()
    assert view(page) == "summary"
    page.locator(".study-summary .study-primary").click()
    assert card(page) == ids(page)[1]


# ---- Which cards ----


def test_the_limit_of_new_cards_holds_for_the_day(someone):
    page = open_cards(someone)
    limit_new_cards(page, 3)
    assert tally(page) == [0, 3]
    start(page)
    assert left(page) == 3
    answer(page, EASY)
    page = open_cards(someone)
    assert tally(page) == [0, 2]
    start(page)
    answer(page, EASY, EASY)
    assert view(page) == "summary"
    page = open_cards(someone, "en")
    assert tally(page) == []
    # Whoever studies past midnight is still in the same day.
    for hours, cards in [(15, []), (17, [0, 3])]:
        someone.context.clock.set_fixed_time(NOON + datetime.timedelta(hours=hours))
        page = open_cards(someone)
        assert tally(page) == cards


@pytest.mark.parametrize("count", ["-1", "1.5", "", "1e9"])
def test_a_limit_that_makes_no_sense_is_not_taken(someone, count):
    page = open_cards(someone)
    limit_new_cards(page, count)
    assert page.locator(".study-settings input[type=number]").input_value() == "20"
    page.reload()
    assert tally(page) == [0, 20]


def test_with_nothing_due_the_page_says_when_the_next_is_and_offers_more(someone):
    page = open_cards(someone)
    limit_new_cards(page, 2)
    start(page)
    seen = answer(page, EASY, EASY)
    page = open_cards(someone)
    assert "8 天" in page.locator(".study-done").inner_text()
    page.locator("[data-more=ahead]").click()
    assert answer(page, GOOD, GOOD) == seen
    assert view(page) == "summary"
    page = open_cards(someone)
    page.locator("[data-more=fresh]").click()
    wait_for_front(page)
    assert left(page) == 10
    assert card(page) == ids(page)[2]


def test_the_filters_choose_by_chapter_and_kind_and_are_remembered(someone):
    page = open_cards(someone)
    cards = deck(page)
    chapter, tag = cards[-1]["chapter"], cards[-1]["tags"][0]
    chosen = [one["id"] for one in cards if one["chapter"] == chapter and tag in one["tags"]]
    chapters, tags, scope = page.locator(".study-filters select").all()
    chapters.select_option(chapter)
    tags.select_option(tag)
    assert tally(page) == [0, min(20, len(chosen))]
    page = open_cards(someone)
    start(page)
    assert (card(page), left(page)) == (chosen[0], min(20, len(chosen)))


def test_all_cards_can_be_studied_before_they_are_due(someone):
    page = open_cards(someone)
    cards = deck(page)
    chosen = [one["id"] for one in cards if one["chapter"] == cards[0]["chapter"]]
    remember_reviews(page, [(chosen[1], 4, now(someone))])
    chapters, tags, scope = page.locator(".study-filters select").all()
    chapters.select_option(cards[0]["chapter"])
    scope.select_option("all")
    assert sum(tally(page)) == len(chosen)
    start(page)
    seen = answer(page, *EASY * len(chosen))
    assert seen == [chosen[1], chosen[0], *chosen[2:]]
    assert view(page) == "summary"


def test_a_chapter_leads_to_its_own_cards(someone):
    page = open_cards(someone)
    chapter = deck(page)[-1]["chapter"]
    page = open_cards(someone, place=f"#chapter={chapter}")
    assert page.locator(".study-filters select").first.input_value() == chapter
    start(page)
    assert card(page) == next(one["id"] for one in deck(page) if one["chapter"] == chapter)


@pytest.mark.parametrize("place", ["#chapter=99-nothing", "#card=nothing", "#main-content", "#card=%", "#card=<b>"])
def test_a_place_that_does_not_exist_shows_the_overview(someone, place):
    page = open_cards(someone, place=place)
    assert view(page) == "overview"
    assert tally(page) == [0, 20]


def test_a_link_within_the_page_does_not_end_the_session(someone):
    page = open_cards(someone)
    start(page)
    first = card(page)
    page.evaluate("window.location.hash = '#main-content'")
    page.wait_for_timeout(100)
    assert (view(page), card(page)) == ("session", first)


# ---- Languages ----


def texts(page) -> list[str]:
    return page.locator(".study-side:visible").all_inner_texts()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_language_shows_the_same_side_of_the_same_card(reader, scheme):
    page = open_cards(reader(), "zh", scheme)
    start(page)
    answer(page, EASY)
    flip(page)
    before, first = texts(page), card(page)
    page.keyboard.press("l")
    page.locator(".study-front:lang(en)").wait_for()
    page.locator(".study-session[data-stage=back]").wait_for()
    assert (card(page), stage(page)) == (first, "back")
    assert not set(texts(page)) & set(before)
    assert not book.HAN.search("".join(texts(page)))
    page.keyboard.press(EASY)  # the rating is that of the card, in whatever language
    wait_for_front(page)
    page.locator(".study-languages button", has_text="中英").click()
    page.locator(".study-front [lang=en]").wait_for()
    page.keyboard.press("z")
    wait_for_front(page)
    assert (card(page), record(page, first)) == (first, None)


def test_the_language_of_the_cards_is_remembered(someone):
    page = open_cards(someone)
    start(page)
    page.locator(".study-languages button", has_text="English").click()
    page.locator(".study-front:lang(en)").wait_for()
    page = open_cards(someone)
    start(page)
    assert page.locator(".study-front").get_attribute("lang") == "en"
    assert page.locator(".study-languages [aria-pressed=true]").inner_text() == "English"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("side", ["front", "back"])
def test_the_language_of_the_page_changes_around_the_card(reader, scheme, side):
    someone = reader()
    page = open_cards(someone, "zh", scheme)
    cards = ids(page)
    start(page)
    answer(page, EASY)
    if side == "back":
        flip(page)
    page.locator(".language-switch a", has_text="English").click()
    page.wait_for_url("**/en/**")
    page.locator(f".study-session[data-stage={side}]").wait_for()
    assert someone.where().startswith(f"en/{PAGE}#card={cards[1]}")
    assert card(page) == cards[1]
    assert not book.HAN.search("".join(texts(page)))
    assert record(page, cards[0])["reps"] == 1


def test_words_are_the_same_in_both_languages(reader):
    page = open_cards(reader())
    words = page.evaluate("Study.words")
    assert words["zh"].keys() == words["en"].keys()
    blanks = {key: [set(re.findall(r"\{\w+\}", words[language][key])) for language in words] for key in words["zh"]}
    assert [key for key, (zh, en) in blanks.items() if zh != en] == []
    assert [text for text in words["en"].values() if book.HAN.search(text)] == []
    assert [text for text in words["zh"].values() if re.search("[a-z]{3}", re.sub(r"\{\w+\}", "", text))] == []


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_page_speaks_the_language_of_the_edition_throughout(someone, edition):
    page = open_cards(someone, edition)
    remember_reviews(page, [(ids(page)[0], 1, now(someone) - 30 * DAY)] * 60)
    looks = [page.evaluate(LOOK)]
    start(page)
    flip(page)
    looks.append(page.evaluate(LOOK))
    page.keyboard.press("?")
    looks.append(page.evaluate(LOOK))
    page.keyboard.press("Escape")
    page.keyboard.press(AGAIN)
    page.locator(".study-top button").click()
    looks.append(page.evaluate(LOOK))
    assert foreign([text for seen in looks for text in seen["interface"]], edition) == []
    if edition == "en":
        assert foreign([text for seen in looks for text in seen["text"]], edition) == []


# ---- Progress ----


def test_reloading_keeps_the_progress_and_the_card(someone):
    page = open_cards(someone)
    start(page)
    seen = answer(page, EASY, AGAIN)
    wait_for_front(page)
    third, total = card(page), left(page)
    page.reload()
    wait_for_front(page)
    assert (card(page), left(page)) == (third, total)
    assert [record(page, id)["reps"] for id in seen] == [1, 1]


RATE_AND_RELOAD = """(key) => {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  location.reload();
}"""


def test_who_reloads_in_the_very_moment_of_a_rating_finds_the_next_card(someone):
    page = open_cards(someone)
    start(page)
    flip(page)
    with page.expect_navigation():
        page.evaluate(RATE_AND_RELOAD, EASY)
    wait_for_front(page)
    assert card(page) == ids(page)[1]


def test_back_from_the_chapter_lies_the_same_card(someone):
    page = open_cards(someone)
    start(page)
    answer(page, EASY)
    flip(page)
    second = card(page)
    page.locator(".study-place a").click()
    page.wait_for_url(lambda url: PAGE not in url)
    page.go_back()
    page.locator(".study-session[data-stage=back]").wait_for()
    assert card(page) == second


def test_two_tabs_do_not_ask_the_same_card_twice(someone):
    page = open_cards(someone)
    limit_new_cards(page, 5)
    other = someone.context.new_page()
    other.goto(page.url)
    start(page)
    start(other)
    first = card(page)
    assert card(other) == first
    answer(page, EASY)
    other.wait_for_function("(id) => document.querySelector('.study-card').dataset.card !== id", arg=first)
    assert "另一个标签页" in said(other)
    assert (card(other), left(other)) == (card(page), left(page))
    second = card(other)
    answer(other, EASY)
    page.wait_for_function("(id) => document.querySelector('.study-card').dataset.card !== id", arg=second)
    assert record(page, first)["reps"] == record(page, second)["reps"] == 1
    assert left(page) == left(other) == 3


def test_an_overview_in_another_tab_keeps_up(someone):
    page = open_cards(someone)
    other = someone.context.new_page()
    other.goto(page.url)
    start(page)
    answer(page, EASY)
    expect(other.locator(".study-figure strong").nth(1)).to_have_text("19")


def test_where_storage_is_forbidden_the_page_says_so_and_goes_on(reader):
    someone = reader()
    refuse = "get() { throw new DOMException('no', 'SecurityError'); }"
    someone.page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ {refuse} }})")
    page = open_cards(someone)
    # The theme stores the reader's choice of light or dark without asking whether it may.
    assert [fault for fault in someone.take_faults() if "study" in fault] == []
    assert "保存" in page.locator("[data-notice=forbidden]").inner_text()
    start(page)
    (first,) = answer(page, EASY)
    assert card(page) != first
    page.keyboard.press("z")
    assert card(page) == first
    page.locator("[data-notice=forbidden] button").last.click()
    assert page.locator("[data-notice]").count() == 0


def test_where_storage_is_full_the_page_says_so_and_loses_nothing(reader):
    someone = reader()
    page = open_cards(someone)
    refuse = "() => { throw new DOMException('full', 'QuotaExceededError'); }"
    page.evaluate(f"() => {{ Storage.prototype.setItem = {refuse}; }}")
    start(page)
    seen = answer(page, EASY, GOOD)
    assert "满" in page.locator("[data-notice=full]").inner_text()
    with page.expect_download() as download:
        page.locator("[data-notice=full] button").first.click()
    told = download.value.path().read_text(encoding="utf8")
    assert all(id in told for id in seen)


def test_what_cannot_be_read_is_set_aside_and_the_rest_stays(someone):
    page = open_cards(someone)
    start(page)
    first, second = answer(page, EASY, EASY)
    broken = '{"stability": "<b>broken'
    spoil = "([id, text]) => { localStorage[Object.keys(localStorage).find((key) => key.endsWith(id))] = text; }"
    page.evaluate(spoil, [first, broken])
    page = open_cards(someone)
    assert page.locator("[data-notice=corrupt]").is_visible()
    assert broken in page.evaluate("Object.values(localStorage)")
    assert record(page, first) is None
    assert record(page, second)["reps"] == 1
    assert page.locator("#study b").count() == 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_progress_goes_out_as_a_file_and_comes_back(reader, scheme):
    someone = reader()
    page = open_cards(someone, "zh", scheme)
    start(page)
    seen = answer(page, EASY, AGAIN, GOOD)
    page = open_cards(someone, "zh", scheme)
    before = [record(page, id) for id in seen]
    told = export(page)
    page.evaluate("localStorage.clear()")
    page = open_cards(someone, "zh", scheme)
    assert [record(page, id) for id in seen] == [None] * 3
    assert "新增 3 张" in choose_file(page, told)
    assert [record(page, id) for id in seen] == before
    assert tally(page) == [2, 20]
    assert "3 张没有变化" in choose_file(page, told)
    assert export(page) == told


OURS = '{"format": "notes.progress", "version": 1, '
HOSTILE = {
    "not JSON": "{",
    "nothing": "",
    "another file": '{"name": "somebody else"}',
    "a list": "[]",
    "HTML": "<script>window.hacked = true</script>",
    "wrong types": OURS + '"cards": [["%s", {"due": "tomorrow", "stability": "high"}]]}',
    "no number": OURS + '"cards": [["%s", {"stability": 1e999}]]}',
    "HTML for a name": OURS + '"cards": [["<img src=x onerror=hacked=1>", {}]]}',
    "a prototype": OURS + '"__proto__": {"hacked": 1}, "cards": [["__proto__", {"hacked": 1}]]}',
    "the future": '{"format": "notes.progress", "version": 1e3, "cards": []}',
    "huge": " " * 11_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_changes_nothing_and_the_page_says_so(someone, name):
    page = open_cards(someone)
    start(page)
    (first,) = answer(page, EASY)
    page = open_cards(someone)
    before = page.evaluate(ALL_STORED)
    assert choose_file(page, HOSTILE[name].replace("%s", first)).startswith("没有导入")
    assert page.evaluate(ALL_STORED) == before
    assert page.evaluate("[window.hacked, ({}).hacked]") == [None, None]
    assert page.locator(".study-outcome *").count() == 0
    assert tally(page) == [0, 19]


def test_cards_that_the_book_does_not_have_are_kept_and_shown_nowhere(someone):
    page = open_cards(someone)
    start(page)
    (first,) = answer(page, AGAIN)
    page = open_cards(someone)
    stranger = "<img src=x onerror=hacked=1>"
    told = json.loads(export(page))
    told["cards"].append([stranger, told["cards"][0][1]])
    assert "新增 1 张" in choose_file(page, json.dumps(told))
    assert record(page, stranger) == record(page, first)
    page.reload()
    assert page.evaluate("window.hacked") is None
    assert stranger not in page.locator("#study").inner_text()


def test_a_backup_is_asked_for_after_many_reviews_and_no_more_after_it(someone):
    page = open_cards(someone)
    many = ids(page)[:49]
    remember_reviews(page, [(id, 4, now(someone)) for id in many])
    assert page.locator("[data-notice=remind]").count() == 0
    remember_reviews(page, [(ids(page)[49], 4, now(someone))])
    assert "50" in page.locator("[data-notice=remind]").inner_text()
    export(page)
    assert page.locator("[data-notice=remind]").count() == 0
    page.reload()
    assert page.locator("[data-notice=remind]").count() == 0


def test_a_backup_is_asked_for_after_two_weeks(someone):
    page = open_cards(someone)
    remember_reviews(page, [(ids(page)[0], 4, now(someone) - 13 * DAY)])
    assert page.locator("[data-notice=remind]").count() == 0
    someone.context.clock.set_fixed_time(NOON + datetime.timedelta(days=2))
    page = open_cards(someone)
    page.locator("[data-notice=remind] button").last.click()
    assert page.locator("[data-notice]").count() == 0


# ---- Overview ----


def counts(page) -> list[dict[str, int]]:
    """The chart in words: known, learning, unseen cards of each chapter."""
    rows = page.locator(".study-chart li").all()
    return [{kind: int(n) for kind, n in re.findall(r"(已掌握|学习中|未学) (\d+)", row.inner_text())} for row in rows]


def test_the_progress_of_each_chapter_is_drawn_and_said_in_numbers(someone):
    page = open_cards(someone)
    cards = deck(page)
    sizes = list(Counter(one["chapter"] for one in cards).values())
    assert counts(page) == [{"未学": size} for size in sizes]
    known, learning = cards[0]["id"], cards[1]["id"]
    at = now(someone)
    remember_reviews(page, [(known, 4, at - 60 * DAY), (known, 4, at - 50 * DAY), (learning, 3, at)])
    assert record(page, known)["stability"] >= 21
    assert counts(page)[0] == {"已掌握": 1, "学习中": 1, "未学": sizes[0] - 2}
    bars = page.locator(".study-chart li").first.locator(".study-bar > span")
    widths = bars.evaluate_all("(all) => all.map((one) => one.clientWidth)")
    assert widths[2] > 4 * widths[0]
    # Without colour, each kind has a pattern of its own.
    looks = bars.evaluate_all("(all) => all.map((one) => getComputedStyle(one).background)")
    assert len({re.sub(r"rgba?\([^)]*[1-9][^)]*\)", "ink", look) for look in looks}) == 3


def test_the_hardest_cards_lead_to_their_places(someone):
    page = open_cards(someone)
    cards = deck(page)
    at = now(someone)
    easy, once, twice = cards[0], cards[1], cards[-1]
    past = [(easy, 4, 9), (once, 4, 30), (once, 1, 9), (twice, 4, 40), (twice, 1, 30), (twice, 4, 29), (twice, 1, 9)]
    remember_reviews(page, [(one["id"], rating, at - days * DAY) for one, rating, days in past])
    items = page.locator(".study-hardest li")
    assert [link.get_attribute("href") for link in items.locator("p a").all()] == [twice["link"], once["link"]]
    assert ["2 次" in items.nth(0).inner_text(), "1 次" in items.nth(1).inner_text()] == [True, True]
    expect(items.first.locator(".study-brief")).not_to_be_empty()


# ---- Keys, focus, what is heard ----


@pytest.mark.parametrize("how", MEANT_FOR_OTHERS, ids=lambda how: next(iter(how)))
def test_keys_meant_for_others_do_nothing(someone, how):
    page = open_cards(someone)
    start(page)
    answer(page, EASY)
    before = card(page)
    assert not page.evaluate(PRESS, [" ", how])
    assert stage(page) == "front"
    flip(page)
    for key in (AGAIN, GOOD, "z", "l"):
        assert not page.evaluate(PRESS, [key, how]), key
    assert (card(page), stage(page), page.locator(".study-front").get_attribute("lang")) == (before, "back", "zh-CN")
    assert page.evaluate(PRESS, [GOOD, {}])
    assert card(page) != before


def test_typing_in_a_field_rates_nothing(someone):
    page = open_cards(someone)
    start(page)
    flip(page)
    before = card(page)
    field = page.locator(".sidebar-search input").first
    field.focus()
    page.keyboard.type("3z l?")
    assert field.input_value() == "3z l?"
    assert (card(page), stage(page), page.locator("dialog[open]").count()) == (before, "back", 0)


def test_a_key_before_its_time_does_nothing(someone):
    page = open_cards(someone)
    for key in (GOOD, "z", "l"):
        page.keyboard.press(key)
    assert view(page) == "overview"
    start(page)
    before = card(page)
    for key in (AGAIN, GOOD, "z"):
        page.keyboard.press(key)
    assert (card(page), stage(page)) == (before, "front")
    assert record(page, before) is None


def test_a_double_tap_turns_the_card_and_no_more(reader):
    page = open_cards(reader(**PHONE))
    start(page)
    before = card(page)
    page.wait_for_timeout(SETTLED)
    box = page.locator(".study-flip").bounding_box()
    middle = (box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    page.touchscreen.tap(*middle)
    page.touchscreen.tap(*middle)
    assert (card(page), stage(page)) == (before, "back")
    page.wait_for_timeout(SETTLED)
    page.touchscreen.tap(*middle)
    page.touchscreen.tap(*middle)
    assert card(page) != before
    assert stage(page) == "front"


def test_the_focus_follows_what_happens(someone):
    page = open_cards(someone)
    start(page)
    focused = "document.activeElement.className.split(' ').pop()"
    assert page.evaluate(focused) == "study-front"
    flip(page)
    assert page.evaluate(focused) == "study-back"
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.matches('.equation-body')"):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.study-place') !== null")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "study-again"
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # on the button: its own answer to the key
    assert page.evaluate(focused) == "study-front"
    page.locator(".study-top button").press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert view(page) == "overview"
    assert page.evaluate("document.activeElement.closest('.study-tally') !== null")


def test_the_focus_can_be_seen(someone):
    page = open_cards(someone)
    start(page)
    outline = "({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none'"
    passed = 0
    while page.evaluate("document.activeElement.closest('#study') !== null"):
        assert page.evaluate(f"({outline})(getComputedStyle(document.activeElement))")
        page.keyboard.press("Shift+Tab")
        passed += 1
    assert passed == 6  # the question, ?, three languages, the end


def test_what_happens_is_said_politely(someone):
    page = open_cards(someone)
    live = page.locator(".study-live")
    assert live.get_attribute("role") == "status"
    start(page)
    assert "还剩 20 张" in said(page)
    flip(page)
    assert said(page) == "答案已显示。"
    page.keyboard.press(EASY)
    assert "简单" in said(page) and "8 天" in said(page) and "还剩 19 张" in said(page)
    page.keyboard.press("z")
    assert "撤销" in said(page)


@pytest.mark.parametrize("edition, names", [("zh", "重来 困难 良好 简单"), ("en", "Again Hard Good Easy")])
def test_controls_have_names_and_roles(someone, edition, names):
    page = open_cards(someone, edition)
    start(page)
    flip(page)
    for name in names.split():
        assert page.get_by_role("button", name=name).count() == 1
    words = page.evaluate("(edition) => Study.words[edition]", edition)
    assert page.get_by_role("group", name=words["question"], exact=True).is_visible()
    assert page.get_by_role("group", name=words["answer"], exact=True).is_visible()
    assert page.get_by_role("progressbar", name=words["progress"]).count() == 1
    named = "(all) => all.every((one) => one.textContent || one.getAttribute('aria-label') || one.labels?.length)"
    assert page.locator("#study :is(button, a, input, select)").evaluate_all(named)


def test_the_list_of_keys_opens_and_closes_and_holds_back_the_rest(someone):
    page = open_cards(someone)
    start(page)
    flip(page)
    before = card(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    assert dialog.is_visible()
    assert dialog.locator("kbd").all_inner_texts() == ["空格", "Enter", "1", "2", "3", "4", "z", "l", "?"]
    page.keyboard.press(GOOD)
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert (card(page), stage(page)) == (before, "back")


# ---- Screens ----


@pytest.mark.parametrize("motion, name", [("reduce", "none"), ("no-preference", "study-turn")])
def test_whoever_wants_less_motion_has_none(reader, motion, name):
    page = open_cards(reader(reduced_motion=motion))
    start(page)
    flip(page)
    assert page.locator(".study-back").evaluate("(back) => getComputedStyle(back).animationName") == name


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_no_card_is_wider_than_a_phone(reader, edition):
    someone = reader(viewport={"width": 360, "height": 780})
    # Nobody studies so fast: Chromium would warn that the address changes too often.
    someone.page.add_init_script("window.history.replaceState = () => {}")
    page = open_cards(someone, edition)
    page.locator(".study-filters select").last.select_option("all")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    start(page)
    turned = page.evaluate(TURN_EVERY_CARD)
    assert set(turned["seen"]) == set(ids(page))
    assert turned["wide"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


SMALL = """() => [...document.querySelectorAll("#study :is(button, select, summary, input, label.study-button)")]
  .filter((one) => one.checkVisibility() && one.type !== "file")
  .map((one) => [one.textContent || one.name, one.getBoundingClientRect()])
  .filter(([name, { width, height }]) => Math.min(width, height) < 44).map(([name]) => name)"""


@pytest.mark.parametrize("edition", book.EDITIONS)
@pytest.mark.parametrize("width", [360, 390])
def test_targets_are_large_enough_for_a_thumb_and_within_its_reach(reader, edition, width):
    page = open_cards(reader(viewport={"width": width, "height": 780}, has_touch=True), edition)
    page.locator(".study-settings > summary").click()
    assert page.evaluate(SMALL) == []
    start(page)
    assert page.evaluate(SMALL) == []
    assert bottom(page, ".study-flip") > 700
    flip(page)
    assert page.evaluate(SMALL) == []
    tops = page.locator(".study-rating").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1 and bottom(page, ".study-good") > 700
    page.keyboard.press("?")
    assert page.evaluate(SMALL) == []


def bottom(page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box["y"] + box["height"] <= 780
    return box["y"] + box["height"]


def test_the_buttons_do_not_cover_the_answer(reader):
    """At the end of the page, the link below the answer stands clear of the buttons that are fixed there."""
    page = open_cards(reader(viewport={"width": 360, "height": 560}, has_touch=True))
    start(page)
    for _ in range(5):
        flip(page)
        page.evaluate("window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })")
        link, buttons = page.locator(".study-place a").bounding_box(), page.locator(".study-actions").bounding_box()
        assert link["y"] + link["height"] <= buttons["y"]
        page.keyboard.press(EASY)


# ---- When something is missing ----


def test_a_chapter_that_does_not_load_says_so_and_blocks_no_other(someone):
    page = open_cards(someone)
    cards = deck(page)
    first, other = cards[0], next(one for one in cards if one["chapter"] != cards[0]["chapter"])
    remember_reviews(page, [(other["id"], 4, now(someone) - 9 * DAY)])
    page.route(f"**/cards/{first['chapter']}.js*", lambda route: route.abort())
    page = open_cards(someone, place=f"#card={first['id']}")
    page.locator(".study-session[data-stage=failed]").wait_for()
    assert "没能读出来" in page.locator(".study-front").inner_text()
    page.keyboard.press("Space")
    page.keyboard.press(GOOD)
    assert card(page) == first["id"]
    retry, skip = page.locator(".study-actions button:visible").all()
    skip.click()
    wait_for_front(page)
    assert card(page) == other["id"]
    page = open_cards(someone, place=f"#card={first['id']}")
    page.locator(".study-session[data-stage=failed]").wait_for()
    page.unroute_all()
    page.locator(".study-actions button:visible").first.click()
    wait_for_front(page)
    assert card(page) == first["id"]
    assert all(first["chapter"] in fault or "ERR_FAILED" in fault for fault in someone.take_faults())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_scripts_the_page_leads_to_the_decks(reader, site, scheme):
    someone = reader(java_script_enabled=False)
    page = someone.open(f"zh/{PAGE}", scheme)
    links = [link.get_attribute("href") for link in page.locator("noscript a").all()]
    data = json.loads(page.locator("#study-data").inner_text())
    assert [link.split(".html")[0] for link in links] == [chapter["id"] for chapter in data["chapters"]]
    page.locator("noscript a").first.click()
    assert "#" in someone.where()
