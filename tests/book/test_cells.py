"""What an edition shows of a notebook."""

import pytest

from _ext import cells as c


def markdown(source, *tags):
    return {"cell_type": "markdown", "id": "m", "metadata": {"tags": list(tags)}, "source": source}


def code(**metadata):
    return {"cell_type": "code", "id": "c", "metadata": metadata, "source": "", "outputs": [], "execution_count": 1}


def page(edition, *cells):
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return c.page_notebook(notebook, edition, {"zh": "zh-CN", "en": "en"})["cells"]


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("批量归一化 · Batch normalisation", "batch-normalisation"),
        ("Xavier 初始化 · Xavier initialisation", "xavier-initialisation"),
        ("为什么不用零？ · Why not zeros?", "why-not-zeros"),
        ("半激活 · Half-active units", "half-active-units"),
    ],
)
def test_an_anchor_is_made_from_the_english_half(title, anchor):
    assert c.anchor(title) == anchor


def test_a_title_is_halved_at_its_dot():
    assert c.localise("零 · Zero", "zh") == "零"
    assert c.localise("零 · Zero", "en") == "Zero"
    assert c.localise("零 · Zero", "bi") == "零 · Zero"


@pytest.mark.parametrize("title", ["Zero", "零", "零 · ", "零 · Zero · Null"])
def test_a_title_without_exactly_two_halves_is_left_as_it_is(title):
    assert c.halves(title) is None
    assert c.localise(title, "zh") == title


def test_a_comment_in_a_code_block_is_no_heading():
    assert c.headings("## 甲 · A\n\n```python\n# not a heading\n```\n") == [(2, "甲 · A")]


@pytest.mark.parametrize(("edition", "expected"), [("zh", ["零", "共"]), ("en", ["zero", "共"])])
def test_an_edition_shows_its_own_and_the_shared_cells(edition, expected):
    shown = page(edition, markdown("零", "zh"), markdown("zero", "en"), markdown("共"))
    assert [cell["source"] for cell in shown] == expected


def test_the_bilingual_edition_names_the_language_of_each_cell():
    chinese, english, shared = page("bi", markdown("零", "zh"), markdown("zero", "en"), markdown("$1$"))
    assert chinese["source"] == '<div class="pair">\n\n<div class="lang-zh" lang="zh-CN">\n\n零\n\n</div>'
    assert english["source"] == '<div class="lang-en" lang="en">\n\nzero\n\n</div>\n\n</div>'
    assert shared["source"] == "$1$"


@pytest.mark.parametrize(
    ("edition", "alt", "caption"), [("zh", "图", "看"), ("en", "plot", "See"), ("bi", "图 / plot", "看\n\nSee")]
)
def test_a_caption_moves_into_its_figure(edition, alt, caption):
    figure = code(figure={"name": "fig-a", "alt": {"zh": "图", "en": "plot"}})
    (cell,) = page(edition, figure, markdown("看", "caption", "zh"), markdown("See", "caption", "en"))
    assert cell["metadata"]["mystnb"] == {"image": {"alt": alt}, "figure": {"name": "fig-a", "caption": caption}}
    assert cell["metadata"]["tags"] == ["hide-input"], "the code of a figure folds away"


@pytest.mark.parametrize(
    ("edition", "summary"),
    [("zh", "推导"), ("bi", '<span class="lang-zh" lang="zh-CN">推导</span> · <span class="lang-en" lang="en">Proof</span>')],
)
def test_a_run_of_fold_cells_folds_under_its_first_line(edition, summary):
    cells = [
        markdown("before"),
        markdown("**推导**", "fold", "zh"),
        markdown("**Proof**", "fold", "en"),
        markdown("$$1$$", "fold"),
        markdown("after"),
    ]
    before, opening, body, closing, after = [cell["source"] for cell in page(edition, *cells)]
    assert opening == f'<details class="fold"><summary>{summary}</summary>'
    assert (before, body, closing, after) == ("before", "$$1$$", "</details>", "after")


def test_a_download_names_formulas_as_jupyter_shows_them():
    notebook = {"cells": [markdown("see {eq}`bn-mean`", "en"), markdown("## 甲 · A"), markdown("看", "zh")]}
    shown = c.edition_notebook(notebook, "en")["cells"]
    assert [cell["source"] for cell in shown] == ["see (bn-mean)", "## A"]
    assert notebook["cells"][0]["source"] == "see {eq}`bn-mean`", "the source is left as it was"
