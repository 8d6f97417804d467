"""What a reader has to download for a chapter, from a server that packs text: little on the first visit, less on the next."""

import pytest

from tools.browsing import serve

from . import book

FIRST = 300_000  # bytes
NEXT = {"zh": 60_000, "en": 60_000, "bi": 80_000}  # both languages are two texts
PICTURES = 25_000  # for those that stand so far up that a browser fetches them at once
AHEAD = 2500  # pixels below the window in which Chromium does so
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}

# Everything that came over the line for this page; what the cache held counts nothing.
LOADED = """async (ahead) => {
  await document.fonts.ready;
  const near = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight + ahead);
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


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_a_chapter_weighs_little(browser, server, edition):
    """Each chapter read first, with nothing in the cache, and each after the one before it."""
    addresses = [f"{server}/{edition}/{chapter}" for chapter in book.CHAPTERS]
    heavy = []
    reading = browser.new_context(**PHONE)
    on = reading.new_page()
    visit(on, f"{server}/{edition}/{book.GLOSSARY}")
    for address in addresses:
        context = browser.new_context(**PHONE)
        first, then = visit(context.new_page(), address), visit(on, address)
        context.close()
        pictures = {name: size for name, size in then.items() if name.endswith(".webp")}
        text = {name: size for name, size in then.items() if name not in pictures}
        assert sum(text.values()) > 10_000, f"{address}: nothing was measured: {then}"
        for loaded, limit in ((first, FIRST), (text, NEXT[edition]), (pictures, PICTURES)):
            if sum(loaded.values()) > limit:
                heavy.append(f"{address}: {sum(loaded.values())} of {limit}: {listed(loaded)}")
    reading.close()
    assert not heavy, "\n".join(heavy)
