"""One cell of a notebook that runs locally shows a deck, whatever folder it runs in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from nbclient import NotebookClient

from flashcards.deck import read_decks
from flashcards.jupyter import show_deck

ROOT = Path(__file__).resolve().parents[2]
DECKS = read_decks(ROOT)


@pytest.mark.parametrize(
    ("chapter", "language"),
    [("06-optimizers", "zh"), ("06-optimizers", "en"), *((chapter, "both") for chapter in DECKS)],
)
def test_a_deck_shows_every_card_and_folds_every_answer(chapter, language):
    text = show_deck(chapter, language).data
    cards = text.split("\n\n---\n\n")
    assert len(cards) == len(DECKS[chapter])
    for shown, card in zip(cards, DECKS[chapter]):
        front, folded = shown.split("<details>")
        for lang in ("zh", "en"):
            wanted = language in (lang, "both")
            assert (card.front.text[lang] in front) == wanted or card.front.text["zh"] == card.front.text["en"]
            assert (card.back.text[lang] in folded) == wanted or card.back.text["zh"] == card.back.text["en"]
        assert front.count("$$") == 2 * len(card.front.formula) and folded.count("$$") == 2 * len(card.back.formula)
        assert front.count("](data:image/png;base64,") == bool(card.front.figure)


def test_texts_and_formulas_stay_markdown_beside_the_fold():
    """A blank line ends the HTML of <details>, so that Jupyter reads what follows as Markdown again."""
    html = MarkdownIt().render(show_deck("06-optimizers", "en").data)
    assert html.count("<details>") == html.count("</details>") == len(DECKS["06-optimizers"])
    assert not re.search(r"\*\*\d+\.\*\*", html)


def test_an_unknown_chapter_or_language_is_named():
    with pytest.raises(ValueError, match="no cards for '6'; there are decks for 01-activations, 02-"):
        show_deck("6")
    with pytest.raises(ValueError, match="language must be zh, en or both, not 'fr'"):
        show_deck("06-optimizers", "fr")


def test_the_cell_that_the_study_page_prints_runs_in_any_folder(tmp_path, monkeypatch):
    page = nbformat.read(ROOT / "chapters" / "cards.ipynb", as_version=4)
    (code,) = re.findall(r"```python\n(.*?)```", "\n".join(cell.source for cell in page.cells), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3", extra_arguments=["--log-level=ERROR"]).execute()
    (output,) = notebook.cells[0].outputs
    assert DECKS["06-optimizers"][0].front.text["zh"] in output.data["text/markdown"]


def test_each_chapter_prints_the_cell_that_shows_its_own_deck():
    for chapter in DECKS:
        cells = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4).cells
        assert re.search(r"```\{deck\}\n(.*?)```", cells[-1].source, re.DOTALL), f"{chapter} does not end with its deck"
        assert f'show_deck("{chapter}", "both")' in cells[-1].source


def test_the_cards_need_neither_sphinx_nor_the_tests():
    code = "import sys, flashcards.jupyter; sys.exit(any(name in sys.modules for name in ('sphinx', 'pytest')))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
