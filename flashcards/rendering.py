"""A side of a card as HTML. Who asks says how mathematics and pictures are written: KaTeX, Anki and Jupyter differ."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from flashcards.book import Book
from flashcards.deck import Side

LANG_CODES = {"zh": "zh-CN", "en": "en"}

# What the texts of a card may hold; a card is too small for lists and headings.
_RULES = ["backticks", "emphasis", "balance_pairs", "escape", "newline"]
_PUNCTUATION = re.compile(r"[，。；：、！？）】”’,.;:!?)\]]+")


@lru_cache(maxsize=None)
def _parser(inline: Callable[[str], str]) -> MarkdownIt:
    def render_math(renderer, tokens, index, options, env):
        """The formula, and on the same line the punctuation that follows it."""
        drawn, following = inline(tokens[index].content.strip()), tokens[index + 1 : index + 2]
        mark = following and following[0].type == "text" and _PUNCTUATION.match(following[0].content)
        if not mark:
            return drawn
        following[0].content = following[0].content[mark.end() :]
        return f'<span class="nobreak">{drawn}{escape(mark[0])}</span>'

    # Digits may touch a dollar sign: in Chinese no space stands between a formula and a number.
    parser = MarkdownIt("zero").enable(_RULES).use(dollarmath_plugin, allow_digits=True)
    parser.add_render_rule("math_inline", render_math)
    return parser


def inline_maths(text: str) -> list[str]:
    """The TeX of each formula in a text."""
    return [token.content.strip() for token in _inline_tokens(text) if token.type == "math_inline"]


def code_spans(text: str) -> list[str]:
    """The content of each piece of code in a text."""
    return [token.content for token in _inline_tokens(text) if token.type == "code_inline"]


def plain_text(text: str) -> str:
    """The words of a text, without mathematics and code."""
    return " ".join(token.content for token in _inline_tokens(text) if token.type == "text")


def _inline_tokens(text: str):
    return [child for token in _parser(escape).parse(text) for child in token.children or ()]


def render_text(text: str, inline: Callable[[str], str]) -> str:
    """HTML of one text of a single paragraph, without the paragraph."""
    return _parser(inline).renderInline(text.strip())


def render_side(
    side: Side,
    languages: Sequence[str],
    book: Book,
    inline: Callable[[str], str],
    display: Callable[[str], str],
    image: Callable[[str, str], str],
) -> str:
    """HTML of one side: its text in each language, its formulas, its figure.

    ``inline`` and ``display`` turn TeX into HTML, ``image`` a figure's name and its words.
    """
    texts = {lang: _parser(inline).render(side.text[lang]).strip() for lang in languages}
    if len(languages) > 1:
        texts = {lang: f'<div class="lang-{lang}" lang="{LANG_CODES[lang]}">{text}</div>' for lang, text in texts.items()}
    parts = [*texts.values(), *(display(book.formulas[label]) for label in side.formula)]
    if side.figure:
        parts.append(image(side.figure, " / ".join(book.figures[side.figure].alt[lang] for lang in languages)))
    return "\n".join(parts)
