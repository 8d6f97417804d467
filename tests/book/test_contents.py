"""The contents beside each page: the parts of the book, its chapters in order, and which of them is open."""

from bs4 import BeautifulSoup


def contents(site, page: str):
    html = (site / page).read_text(encoding="utf8")
    return BeautifulSoup(html, "html.parser").select_one("nav.bd-docs-nav")


def test_each_page_lists_the_chapters_by_parts_with_their_numbers(published):
    beside = contents(published, "bi/chapters/glossary.html")
    listed = [element.get_text(strip=True) for element in beside.select(".caption, a")]
    assert listed == [
        "网络的零件 · Parts of a network", "1. 激活函数 · Activation functions",
        "附录 · Appendix", "卡片 · Flashcards", "速查表 · Cheat sheets", "公式台账 · Ledger of formulas", "术语表 · Glossary",
    ]  # fmt: skip


def test_an_edition_lists_them_in_its_language(published):
    assert contents(published, "zh/chapters/glossary.html").select_one(".caption").get_text(strip=True) == "网络的零件"
    assert contents(published, "en/chapters/glossary.html").select_one("a").get_text(strip=True) == "1. Activation functions"


def test_the_open_chapter_is_marked_with_its_part(published):
    beside = contents(published, "en/chapters/cheatsheets.html")
    assert [link.get_text() for link in beside.select("li.current.active > a.current[href='#']")] == ["Cheat sheets"]
    assert [part.a.get_text() for part in beside.select("ul.current")] == ["Flashcards"]
    assert contents(published, "en/chapters/index.html").select(".current") == []


def test_the_links_lead_there_from_every_folder(published):
    for page in ("en/chapters/cards.html", "en/search.html"):
        links = [link["href"] for link in contents(published, page).select("a") if link["href"] != "#"]
        assert links and all(((published / page).parent / link).is_file() for link in links)
