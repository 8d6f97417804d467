"""The menu that runs a page works by keyboard and without a script, on a phone too; the packed site opens from a disk."""

import zipfile
from urllib.parse import unquote, urlsplit

import pytest

from tools.packing import OFFLINE

from . import book
from .conftest import DESKTOP, Reader

pytestmark = pytest.mark.exhaustive

PHONE = {"width": 360, "height": 700}
SEEN = """(menu) => {
  const boxes = [...menu.querySelectorAll("summary, a")].map((element) => [element, element.getBoundingClientRect()]);
  return boxes.filter(([element, { left, right, top, bottom }]) =>
    left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight && bottom - top >= 24 &&
    element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2))).length;
}"""

LINKS = "[...document.querySelectorAll('[href], [src]')].map((element) => element.href || element.src)"


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_menu_opens_by_keyboard_without_a_script_and_is_seen_whole(reader, edition, viewport):
    page = reader(viewport=viewport, java_script_enabled=False).open(f"{edition}/{book.CHAPTERS[0]}", "file")
    menu = page.locator(".run-menu")
    assert menu.get_attribute("open") is None
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    assert menu.evaluate(SEEN) == 1 + menu.locator("a").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").endswith(".ipynb")


@pytest.mark.parametrize("edition", book.EDITIONS)
def test_the_menu_has_a_name_on_a_phone_where_it_is_an_icon(reader, edition):
    page = reader(viewport=PHONE).open(f"{edition}/{book.CHAPTERS[0]}")
    word = "Run" if edition == "en" else "运行"
    assert word in page.locator(".run-menu").aria_snapshot().splitlines()[0]
    assert page.locator(".run-menu .run-word").bounding_box()["width"] <= 1


def test_a_click_takes_the_notebook_home(reader):
    page = reader().open(f"en/{book.CHAPTERS[0]}")
    page.locator(".run-menu summary").click()
    with page.expect_download() as started:
        page.locator(".run-notebook a").click()
    assert started.value.suggested_filename == book.CHAPTERS[0].split("/")[1].replace(".html", ".ipynb")


def test_the_packed_site_opens_from_the_disk(browser, site, tmp_path):
    with zipfile.ZipFile(site / OFFLINE) as archive:
        archive.extractall(tmp_path)
    root = (tmp_path / "notes").as_uri()
    someone = Reader(browser, {"file": root})
    # Its files are those of the site (tests/book/test_run_links), whose pages are all opened from the disk (visits.py).
    for path in ("index.html", *(f"{edition}/{book.CHAPTERS[0]}" for edition in book.EDITIONS)):
        page = someone.open(path, "file")
        for link in map(urlsplit, page.evaluate(LINKS)):
            if link.scheme == "file":
                target = link._replace(query="", fragment="").geturl().removeprefix(f"{root}/")
                assert (tmp_path / "notes" / unquote(target)).is_file(), f"{path}: {link.geturl()}"
    someone.context.close()
    assert someone.faults == []
