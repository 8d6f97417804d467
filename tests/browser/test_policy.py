"""Every page says what it may load and run, and the browser holds to it, over http and from the disk."""

import re

import pytest

from _ext.policy import with_policy
from tools.browsing import serve

from . import book
from .conftest import SCHEMES, Reader

META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
PLACES = [book.CHAPTERS[0], "chapters/cards.html", "search.html", "cards/01-activations.html", "cheatsheets/book.html"]

# Ways for foreign text to do something, if it ever came into a page.
ATTACKS = {
    "a script in the page": "<script>window.harmed = 'inline'</script>",
    "an attribute that runs": "<img src=missing.png onerror=\"window.harmed = 'attribute'\">",
    "an address that runs": "<a id=trap href=\"javascript:window.harmed = 'address'\">x</a>",
    "a picture from elsewhere": '<img src="https://example.org/seen.png">',
    "a frame": "<iframe srcdoc=\"<script>parent.harmed = 'frame'</script>\"></iframe>",
    "another base for all addresses": '<base href="https://example.org/">',
    "a form that sends elsewhere": '<form id=form action="https://example.org/"><button id=send>x</button></form>',
}


def pages(site):
    return sorted(path for path in site.rglob("*.html"))


def test_every_page_has_a_policy_before_anything_that_it_governs(site):
    assert len(pages(site)) > 50
    for path in pages(site):
        page = path.read_text(encoding="utf8")
        assert len(META.findall(page)) == 1, path
        assert not re.search(r"<(script|link|style|img|base)\b", page[: META.search(page).start()]), path


def test_no_page_allows_a_script_or_a_style_within_the_text(site):
    """None has a script of its own; the map on the front page places its boxes by styles, each allowed by its hash."""
    for path in pages(site):
        policy = META.search(path.read_text(encoding="utf8"))[1]
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy and "https:" not in policy, path
        assert "script-src &#x27;self&#x27; file:;" in policy, path
        assert path.name == "index.html" or "unsafe-hashes" not in policy, path


@pytest.fixture(scope="module")
def attacked(browser, site, tmp_path_factory):
    """Chapters as if the text had brought in something hostile, with the policy that they have."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "en" / "chapters").mkdir(parents=True)
    (folder / "en" / "_static").symlink_to(site / "en" / "_static")
    page = (site / "en" / book.CHAPTERS[0]).read_text(encoding="utf8")
    for number, attack in enumerate(ATTACKS.values()):
        attacked = page.replace("</h1>", f"</h1>{attack}", 1)
        (folder / "en" / "chapters" / f"{number}.html").write_text(attacked, encoding="utf8")
    with serve(folder) as address:
        yield Reader(browser, {"http": address, "file": folder.as_uri()})


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_text_brings_in_is_refused(attacked, scheme, name):
    attacked.take_faults()
    place = f"en/chapters/{list(ATTACKS).index(name)}.html"
    page = attacked.open(place, scheme)
    page.evaluate("document.getElementById('trap')?.click(); document.getElementById('send')?.click()")
    page.wait_for_timeout(150)
    assert page.evaluate("window.harmed") is None
    assert attacked.where() == place
    reports = [fault for fault in attacked.take_faults() if "Content Security Policy" in fault or "violates" in fault]
    assert reports, "the browser reported nothing, so it refused nothing"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("place", PLACES)
def test_the_pages_hold_to_their_own_policy(reader, scheme, place):
    someone = reader()
    someone.open(f"bi/{place}", scheme).wait_for_timeout(100)
    assert someone.take_faults() == []


def test_a_script_in_the_page_counts_by_its_hash_and_data_not_at_all():
    page = with_policy(
        '<meta charset="utf-8"><script>alert(1)</script><script type="application/json">{}</script><i style="top:0">x</i>'
    )
    policy = META.search(page)[1]
    assert policy.count("sha256-") == 2
    assert "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=" in policy  # of alert(1)


def test_a_page_that_has_no_place_for_a_policy_is_refused():
    with pytest.raises(ValueError, match="charset"):
        with_policy("<html><head></head></html>")
