"""Text of a card that tries to become part of the page."""

import json
import re
from types import SimpleNamespace

import pytest

from _ext.flashcards import StudyDirective
from flashcards.book import Book
from flashcards.deck import Side
from flashcards.rendering import render_side

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</div></details><h1>x</h1>",
    "[x](javascript:alert(1))",
    "`<script>`",
    "**<b onclick=alert(1)>**",
    "&lt;script&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_text(text):
    draw = dict.fromkeys(("inline", "display"), lambda tex: tex) | {"image": lambda name, alt: name}
    drawn = render_side(Side({"zh": text, "en": text}, (), None), ["en"], Book({}, {}, {}, {}), **draw)
    assert set(re.findall(r"</?([a-z]\w*)", drawn)) <= {"p", "div", "strong", "code"}
    assert not re.search(r"<[^>]*\s(?:on|href|src)", drawn)


def test_no_text_can_close_the_script_that_holds_the_data():
    title = "</script><script>alert(1)</script>"
    book = SimpleNamespace(titles={"01-x": {"zh": title, "en": title}})
    cards = SimpleNamespace(decks={"01-x": []}, book=book, said=" · ".join, title=lambda titles: titles["en"])
    config = SimpleNamespace(edition="en", editions={"en": {"lang": "en"}})
    drawn = StudyDirective.draw(SimpleNamespace(config=config, _data=lambda cards: {"chapters": [title]}), cards)
    assert drawn.count("<script") == drawn.count("</script>") == 1
    data = re.search(r'id="study-data">(.*)</script>', drawn)[1]
    assert json.loads(data)["chapters"] == [title]
