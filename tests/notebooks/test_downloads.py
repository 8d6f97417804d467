"""The notebook that a reader downloads runs anywhere, and gives the outputs that it shows."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from _ext import cells as c
from _ext import downloads as d

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("[0-9]*.ipynb"))


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf8"))


def printed(cells) -> list[list[str]]:
    """What each code cell prints; pictures aside."""
    return [
        ["".join(output.get("text") or output["data"]["text/plain"]) for output in cell["outputs"]]
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def test_a_download_runs_in_an_empty_folder(tmp_path, monkeypatch):
    """One for all: the others hold the same first cell, and the code that nbval runs in an empty folder (see alone.py)."""
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.reads(json.dumps(d.download_notebook(load(CHAPTERS[0]), "en")), as_version=4)
    stored = printed(notebook.cells)
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", coalesce_streams=True, extra_arguments=["--log-level=ERROR"]
    ).execute()
    assert printed(notebook.cells) == stored
    assert not list(tmp_path.iterdir()), "a chapter leaves files behind"


@pytest.mark.parametrize("edition", ["zh", "en", "bi"])
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_download_holds_the_code_and_the_outputs_of_its_chapter(path, edition):
    chapter, download = load(path), d.download_notebook(load(path), edition)
    nbformat.validate(nbformat.reads(json.dumps(download), as_version=4))
    code = [cell for cell in chapter["cells"] if cell["cell_type"] == "code"]
    first, *others = [cell for cell in download["cells"] if cell["cell_type"] == "code"]
    assert first == d.install_cell(edition, None)
    assert others == code != []
    assert download["metadata"] == chapter["metadata"]


@pytest.mark.parametrize("edition", c.LANGUAGES)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_download_holds_its_language_alone(path, edition):
    cells = c.edition_notebook(load(path), edition)["cells"]
    assert {c.language(cell) for cell in cells} == {None, edition}
    titles = [title for cell in cells if cell["cell_type"] == "markdown" for _, title in c.headings(c.source(cell))]
    assert titles and not any(c.halves(title) for title in titles)
