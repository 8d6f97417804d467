"""Each way in which a notebook can be wrong is named, at its cell; a right one passes."""

import json

import pytest

from _ext.rules import book_faults


def markdown(source, *tags):
    return {"cell_type": "markdown", "id": "m", "metadata": {"tags": list(tags)}, "source": source}


def code(source="x = 1", text="1", count=1, **metadata):
    outputs = [{"output_type": "stream", "name": "stdout", "text": text}]
    return {
        "cell_type": "code",
        "id": "c",
        "metadata": metadata,
        "source": source,
        "outputs": outputs,
        "execution_count": count,
    }


def html_output(html):
    cell = code()
    cell["outputs"] = [{"output_type": "display_data", "data": {"text/html": [html]}, "metadata": {}}]
    return cell


def figure(**metadata):
    cell = code(**metadata)
    cell["outputs"] = [{"output_type": "display_data", "data": {"image/png": "…", "text/plain": "<Figure>"}}]
    return cell


TITLE = markdown("# 书 · Book")
PAIR = (markdown("文", "zh"), markdown("text", "en"))
FIGURE = {"name": "fig-a", "alt": {"zh": "图", "en": "plot"}}
CAPTION = (markdown("看", "caption", "zh"), markdown("See", "caption", "en"))


@pytest.fixture
def faults(tmp_path):
    def check(*cells, name="a.ipynb"):
        (tmp_path / name).write_text(json.dumps({"cells": cells}), encoding="utf8")
        return [f"{path.name}: {fault}" for path, fault in book_faults(sorted(tmp_path.glob("*.ipynb")))]

    return check


def test_a_right_notebook_has_no_fault(faults):
    cells = [TITLE, *PAIR, markdown("## 节 · Section"), markdown("$$ a = b $$ (a-b)"), code()]
    assert faults(*cells, figure(figure=FIGURE), *CAPTION, markdown("`中文` in code", "zh"), markdown("`中文`", "en")) == []


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([markdown("文", "zh")], "cell 2 (m): zh cell without its en twin directly after it"),
        ([markdown("text", "en")], "cell 2 (m): en cell without its zh twin directly before it"),
        ([*PAIR[:1], code(), *PAIR[1:]], "cell 2 (m): zh cell without its en twin"),
        ([*CAPTION[:1], *PAIR[1:]], "cell 2 (m): zh cell without its en twin"),
        ([markdown("<script>x()</script>")], "cell 2 (m): HTML that could run or load something: <script>"),
        ([markdown('<b onclick="x()">b</b>')], 'HTML that could run or load something: <b onclick="x()">'),
        ([markdown("[b](javascript:x())")], "HTML that could run or load something: javascript:"),
        ([markdown('<img src="https://example.org/seen.png">')], "HTML that could run or load something: <img"),
        ([html_output("<IFRAME src=x>")], "HTML in an output that could run or load something: <IFRAME src=x>"),
        ([markdown("$$ a = b $$")], "cell 2 (m): display formula without a kebab-case label: a = b"),
        ([markdown("$$ a = b $$ (A_b)")], "display formula without a kebab-case label"),
        ([markdown("## Section")], "cell 2 (m): heading without two languages, 中文 · English: Section"),
        ([markdown("## 节")], "heading without two languages, 中文 · English: 节"),
        ([markdown("## 节", "zh"), markdown("## Section", "en")], "heading in a cell of one language"),
        ([code(source="x = 1  # 注释")], "cell 2 (c): Chinese in a code cell: x = 1 # 注释"),
        ([code(source="x = 1\n" + "y" * 85)], "cell 2 (c): code line of 85 characters; 84 fit on a page"),
        ([code(text="结果")], "cell 2 (c): Chinese in an output"),
        ([code(count=None)], "code cell that was never run"),
        ([code(tags=["zh"])], "code cell tagged with a language"),
        ([markdown("text", "note")], "cell 2 (m): unknown tag note; known are caption, en, fold, zh"),
        ([markdown("文", "zh", "en")], "tagged zh and en at once"),
        ([markdown("文", "zh"), markdown("文 text", "en")], "Chinese in an en cell: 文 text"),
        ([markdown("共用的文字")], "Chinese in a shared cell that is not a heading"),
        ([markdown("$$ a $$ (a)", "zh"), markdown("$$ a $$ (b)", "en")], "display formula in a cell of one language"),
        ([figure()], "figure without name and alternative text"),
        ([figure(figure={"name": "fig-a", "alt": {"en": "plot"}}), *CAPTION], "figure metadata must be"),
        ([figure(figure=FIGURE), *PAIR], "figure without a caption directly after it"),
        ([*PAIR, *CAPTION], "caption without a figure cell directly before it"),
        ([markdown("# 又 · Another")], "exactly one first-level heading"),
        ([markdown("## 甲 · Same"), markdown("## 乙 · Same")], "2 headings share the anchor 'same'"),
    ],
)
def test_a_fault_is_named_at_its_cell(faults, cells, message):
    assert any(message in fault for fault in faults(TITLE, *cells)), faults(TITLE, *cells)


def test_a_label_is_unique_in_the_whole_book(faults):
    faults(TITLE, markdown("$$ a = b $$ (a-b)"))
    again = faults(TITLE, markdown("text"), markdown("$$ b = a $$ (a-b)"), name="b.ipynb")
    assert "b.ipynb: cell 3 (m): label 'a-b' is used already in a.ipynb, cell 2 (m)" in again


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "a.ipynb").write_text("{", encoding="utf8")
    ((path, fault),) = book_faults([tmp_path / "a.ipynb"])
    assert path.name == "a.ipynb" and "not a notebook" in fault
