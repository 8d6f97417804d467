"""What search engines and messengers are told: whole addresses where the site has one, none where it has not."""

import re
import xml.etree.ElementTree as ElementTree
from html import unescape

import pytest
from PIL import Image
from small_book import ADDRESS

from tools.publishing import LANGUAGES, SHIPPED

PAGE = "chapters/01-activations.html"


def tag(html: str, name: str) -> str:
    (found,) = re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', html)
    return unescape(found)


def test_a_published_site_names_its_addresses(published):
    for edition in LANGUAGES:
        html = (published / edition / PAGE).read_text(encoding="utf8")
        own = f"{ADDRESS}/{edition}/{PAGE}"
        assert re.findall('<link rel="canonical" href="([^"]*)"', html) == [own] and tag(html, "og:url") == own
        alternates = re.findall('<link rel="alternate" hreflang="([^"]*)" href="([^"]*)"', html)
        assert alternates == [(LANGUAGES[name], f"{ADDRESS}/{name}/{PAGE}") for name in LANGUAGES]
        picture = tag(html, "og:image").removeprefix(f"{ADDRESS}/")
        with Image.open(published / picture) as image:
            assert image.size == (1200, 630)

    # Every page of every edition stands in the map, with the same page in each language, and nothing else.
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    entries = ElementTree.parse(published / "sitemap.xml").getroot().findall("s:url", space)
    listed = {entry.find("s:loc", space).text.removeprefix(f"{ADDRESS}/") for entry in entries}
    assert listed == {
        path.relative_to(published).as_posix() for name in LANGUAGES for path in (published / name / "chapters").glob("*.html")
    }
    for entry in entries:
        links = {link.get("hreflang"): link.get("href") for link in entry.findall("x:link", space)}
        page = entry.find("s:loc", space).text.removeprefix(f"{ADDRESS}/").split("/", 1)[1]
        assert links == {language: f"{ADDRESS}/{name}/{page}" for name, language in LANGUAGES.items()}
    assert f"Sitemap: {ADDRESS}/sitemap.xml" in (published / "robots.txt").read_text()

    # A missing page is answered from any folder: all that it names begins at the root of the site.
    missing = (published / "404.html").read_text(encoding="utf8")
    for link in re.findall('(?:href|src)="([^"]*)"', missing):
        assert link.startswith("/notes/") and (published / link.removeprefix("/notes/")).is_file(), link


def test_a_site_without_an_address_names_none(site):
    assert not (site / "sitemap.xml").exists() and not (site / "robots.txt").exists()
    html = (site / "zh" / PAGE).read_text(encoding="utf8")
    assert "canonical" not in html and "og:url" not in html and "og:image" not in html
    assert '<link rel="alternate" hreflang="en" href="../../en/chapters/01-activations.html">' in html
    missing = (site / "404.html").read_text(encoding="utf8")
    assert all((site / link).is_file() for link in re.findall('(?:href|src)="([^"]*)"', missing))


@pytest.mark.parametrize("edition", LANGUAGES)
def test_every_page_describes_itself_in_its_language(site, edition):
    descriptions = {}
    for path in (site / edition / "chapters").glob("*.html"):
        html = path.read_text(encoding="utf8")
        text = tag(html, "description")
        assert 20 <= len(text) <= 156 and tag(html, "og:description") == text, path.name
        assert "$" not in text and "\\" not in text, path.name
        assert bool(re.search("[\u4e00-\u9fff]", text)) == (edition != "en"), path.name
        (title,) = re.findall("<title>(.*?)</title>", html)
        assert unescape(title).startswith(tag(html, "og:title")), path.name
        descriptions[path.name] = text
    assert len(set(descriptions.values())) == len(descriptions), "two pages describe themselves alike"
    # The terms of the first paragraph are links to the glossary; the description has their words.
    begins = {"zh": "本章讲梯度下降（gradient descent）", "en": "This chapter is about improving on gradient descent"}
    assert descriptions["06-optimizers.html"].startswith(begins.get(edition, begins["zh"]))


def test_the_licences_of_all_that_is_shipped_are_there_and_linked(site):
    text = (site / "licences.txt").read_text(encoding="utf8")
    for name in ("Vendored: katex", "Vendored: ts-fsrs", "Attribution 4.0 International", "MIT License", *SHIPPED):
        assert name in text, name
    for edition in LANGUAGES:
        assert 'href="../../licences.txt"' in (site / edition / PAGE).read_text(encoding="utf8")
        assert 'href="../licences.txt"' in (site / edition / "search.html").read_text(encoding="utf8")
