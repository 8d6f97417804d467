"""A side of a card as HTML: nothing of the text gets lost, nothing of it becomes markup that it did not ask for."""

from pathlib import Path

import pytest

from flashcards.book import Book, Figure, read_book
from flashcards.deck import Side
from flashcards.rendering import code_spans, inline_maths, plain_text, render_side

ROOT = Path(__file__).resolve().parents[2]
BOOK = Book({"sum": "a + b"}, {"fig-one": Figure(b"png", {"zh": "图 <一>", "en": "Figure"})}, {}, {})


def draw(side: Side, *languages: str) -> str:
    return render_side(
        side,
        languages,
        BOOK,
        inline=lambda tex: f"<i>{tex}</i>",
        display=lambda tex: f"<p><i>{tex}</i></p>",
        image=lambda name, alt: f"[{name}: {alt}]",
    )


def draw_text(text: str) -> str:
    return draw(Side({"en": text}), "en")


DRAWN = {
    "plain": ("a b", "<p>a b</p>"),
    "maths": ("$a$ is", "<p><i>a</i> is</p>"),
    "maths beside digits and Chinese": ("第$a$个3$b$4", "<p>第<i>a</i>个3<i>b</i>4</p>"),
    "maths that looks like Markdown": ("$a_1 * b_2 * c$", "<p><i>a_1 * b_2 * c</i></p>"),
    "emphasis": ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
    "emphasis in Chinese": ("这是**重点**。", "<p>这是<strong>重点</strong>。</p>"),
    "code": ("`x < y`", "<p><code>x &lt; y</code></p>"),
    "angle brackets": ("x < y & <b>z</b>", "<p>x &lt; y &amp; &lt;b&gt;z&lt;/b&gt;</p>"),
    "an escaped dollar": (r"\$5", "<p>$5</p>"),
    "paragraphs": ("a\n\nb", "<p>a</p>\n<p>b</p>"),
    "what is no list": ("- a", "<p>- a</p>"),
}


@pytest.mark.parametrize(("text", "html"), DRAWN.values(), ids=DRAWN)
def test_texts_are_drawn(text, html):
    assert draw_text(text) == html


@pytest.mark.parametrize("mark", ["，", "。", "?", "）", "”。", ")."])
def test_punctuation_stays_on_the_line_of_its_formula(mark):
    assert draw_text(f"$a${mark} b") == f'<p><span class="nobreak"><i>a</i>{mark}</span> b</p>'


def test_the_parts_come_in_their_order_text_formulas_figure():
    side = Side({"zh": "问", "en": "Why?"}, ("sum", "sum"), "fig-one")
    assert draw(side, "en") == "<p>Why?</p>\n<p><i>a + b</i></p>\n<p><i>a + b</i></p>\n[fig-one: Figure]"
    assert draw(side, "zh").startswith("<p>问</p>")


def test_two_languages_are_marked_as_such_and_formulas_stand_once():
    html = draw(Side({"zh": "问", "en": "Why?"}, ("sum",), "fig-one"), "zh", "en")
    assert '<div class="lang-zh" lang="zh-CN"><p>问</p></div>' in html
    assert '<div class="lang-en" lang="en"><p>Why?</p></div>' in html
    assert html.count("a + b") == 1 and "图 <一> / Figure" in html


def test_the_parts_of_a_text_are_told_apart():
    text = "For $a$, `b` and **$c$**, cost \\$5"
    assert inline_maths(text) == ["a", "c"]
    assert code_spans(text) == ["b"]
    assert plain_text(text).split() == ["For", ",", "and", ",", "cost", "$5"]


def test_the_book_gives_formulas_figures_and_places():
    book = read_book(ROOT)
    assert book.formulas["sigmoid"].startswith(r"\sigma(z)")
    assert book.figures["fig-s-shaped"].png.startswith(b"\x89PNG") and book.figures["fig-s-shaped"].alt["zh"]
    assert book.titles["01-activations"] == {"zh": "激活函数", "en": "Activation functions"}
    assert book.places["01-activations#rectifiers"] == {"zh": "整流函数", "en": "Rectifiers"}
    assert all("`" not in title for place in book.places.values() for title in place.values())
