"""What a reader has to download for a chapter, from a server that packs text: little on the first visit, less on the next."""

import pytest

from tools.browsing import serve

from . import book

pytestmark = pytest.mark.exhaustive

FIRST = 300_000  # bytes
AGAIN = 60_000
NEXT = {"zh": 60_000, "en": 60_000, "bi": 80_000}  # both languages are two texts
PICTURES = 25_000  # for those that stand so far up that a browser fetches them at once
AHEAD = 1250  # pixels below the window in which Chromium does so on a fast line
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}

# Everything that came over the line for this page; what the cache held counts nothing.
LOADED = """async (ahead) => {
  await document.fonts.ready;
  const near = [...document.images].filter((image) => image.checkVisibility() && image.getBoundingClientRect().top < innerHeight + ahead);
  await Promise.all(near.map((image) => image.decode()));
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return Object.fromEntries(all.map((one) => [one.name, one.transferSize]));
}"""


@pytest.fixture(scope="module")
def server(browser, site):
    with serve(site, packing=True) as address:
        yield address


def visit(page, address: str) -> dict[str, int]:
    """The bytes that each file of a page takes, what comes into sight without scrolling included."""
    page.goto(address, wait_until="load")
    return page.evaluate(LOADED, AHEAD)


def listed(loaded: dict[str, int]) -> str:
    largest = sorted(loaded.items(), key=lambda item: -item[1])
    return ", ".join(f"{name.rpartition('/')[2]} {size}" for name, size in largest if size)


def too_heavy(address: str, loaded: dict[str, int], limit: int) -> list[str]:
    total = sum(loaded.values())
    return [f"{address}: {total} of {limit}: {listed(loaded)}"] if total > limit else []


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_longest_chapter_weighs_little_and_less_when_it_is_visited_again(browser, server, site, edition):
    longest = max(book.CHAPTERS, key=lambda chapter: (site / edition / chapter).stat().st_size)
    address = f"{server}/{edition}/{longest}"
    context = browser.new_context(**PHONE)
    first, again = (visit(context.new_page(), address) for _ in range(2))
    context.close()
    assert sum(first.values()) > 50_000, f"nothing was measured: {first}"
    assert not too_heavy(address, first, FIRST) + too_heavy(address, again, AGAIN)


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_each_chapter_weighs_less_after_another(browser, server, edition):
    context = browser.new_context(**PHONE)
    page, heavy = context.new_page(), []
    visit(page, f"{server}/{edition}/{book.GLOSSARY}")
    for address in [f"{server}/{edition}/{chapter}" for chapter in book.CHAPTERS]:
        loaded = visit(page, address)
        pictures = {name: size for name, size in loaded.items() if name.endswith(".webp")}
        text = {name: size for name, size in loaded.items() if name not in pictures}
        assert sum(text.values()) > 10_000, f"{address}: nothing was measured: {loaded}"
        heavy += too_heavy(address, text, NEXT[edition]) + too_heavy(address, pictures, PICTURES)
    context.close()
    assert not heavy, "\n".join(heavy)
