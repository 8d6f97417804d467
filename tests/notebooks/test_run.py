"""What a reader takes home asks for its package, installs it on Colab and nowhere else, and runs as a script."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from _ext import cells as c
from _ext import downloads as d

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("[0-9]*.ipynb"))
WHEEL = "notesrc[chapters] @ https://reader.example/notes/notesrc-1.2.3-py3-none-any.whl"
LIGHT = "02-initialisation"
WITH_A_POOL = "11-tuning"


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf8"))


@pytest.fixture
def run(monkeypatch):
    """Runs the cell that installs; gives the commands that it called."""
    called = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: called.append(command))

    def run(edition="en", package=WHEEL):
        exec(d.install_cell(edition, package)["source"], {})
        return called

    return run


@pytest.fixture
def without_notesrc(monkeypatch):
    monkeypatch.setitem(sys.modules, "notesrc", None)


@pytest.fixture
def on_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


@pytest.mark.parametrize("package", [WHEEL, None])
def test_where_the_package_is_nothing_happens(run, on_colab, capfd, package):
    assert run(package=package) == []
    assert capfd.readouterr() == ("", "")


def test_on_colab_the_wheel_of_the_site_is_installed(run, without_notesrc, on_colab):
    assert run() == [[sys.executable, "-m", "pip", "install", "--quiet", WHEEL]]


@pytest.mark.parametrize(
    ("edition", "advice"),
    [
        ("zh", f'本页要用到 notesrc 包。请先安装，再从头运行：pip install "{WHEEL}"'),
        ("en", f'This page needs the package notesrc. Install it, and run again from the top: pip install "{WHEEL}"'),
    ],
)
def test_elsewhere_one_sentence_says_how_and_nothing_is_installed(run, without_notesrc, monkeypatch, edition, advice):
    monkeypatch.setattr(subprocess, "run", None)
    with pytest.raises(ModuleNotFoundError) as raised:
        run(edition)
    assert str(raised.value) == advice and raised.value.__suppress_context__


def test_the_bilingual_edition_says_it_twice(run, without_notesrc):
    with pytest.raises(ModuleNotFoundError, match="本页要用到.*\nThis page needs"):
        run("bi")


def test_a_book_that_stands_nowhere_asks_for_its_clone_even_on_colab(run, without_notesrc, on_colab):
    with pytest.raises(ModuleNotFoundError, match=r'in a clone of the book.*: pip install "\.\[chapters\]"'):
        run(package=None)


@pytest.mark.parametrize(
    ("address", "repository", "expected"),
    [
        ("https://reader.example/notes/", "https://github.com/reader/notes", WHEEL),
        ("https://reader.example/notes", "", WHEEL),
        ("", "https://github.com/reader/notes", "notesrc[chapters] @ git+https://github.com/reader/notes"),
        ("", "", None),
    ],
)
def test_the_wheel_comes_before_the_repository(address, repository, expected):
    assert d.requirement(address, repository, "1.2.3") == expected


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_download_holds_nothing_that_only_the_site_draws(path):
    cells = d.download_notebook(load(path), "en")["cells"]
    assert not [cell["id"] for cell in cells if cell["cell_type"] == "markdown" and "```{" in c.source(cell)]
    assert not c.headings(c.source(cells[-1])), "a heading without a text"


def markdown(source: str) -> dict:
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["## A", "```{deck}\nx = 1\n```"], []),
        (["## A", "```{deck}\n```", "## B", "b"], ["## B", "b"]),
        (["## A", "```{deck}\n```", "b"], ["## A", "b"]),
        (["## A", "a", "```{deck}\n```"], ["## A", "a"]),
        (["```{deck}\n```", "```python\nx\n```", "## A"], ["```python\nx\n```", "## A"]),
        (["```{deck}\n```", "## A"], ["## A"]),
    ],
)
def test_a_directive_leaves_with_its_heading_unless_more_stands_under_it(before, after):
    kept = d.download_notebook({"cells": [markdown(text) for text in before]}, "bi")["cells"]
    assert [cell["source"] for cell in kept] == after


def test_links_between_chapters_lead_to_the_site_where_it_stands():
    notebook = {"cells": [markdown("[a](02-b.ipynb#c), [d](errata.ipynb), [e](https://e.example/f.ipynb)")]}
    (cell,) = d.download_notebook(notebook, "en", pages="https://r.example/en/chapters")["cells"]
    base = "https://r.example/en/chapters"
    assert cell["source"] == f"[a]({base}/02-b.html#c), [d]({base}/errata.html), [e](https://e.example/f.ipynb)"
    (cell,) = d.download_notebook(notebook, "en")["cells"]
    assert cell["source"] == notebook["cells"][0]["source"]


def test_a_script_is_the_code_with_its_prose_as_comments():
    code = {"cell_type": "code", "id": "c", "metadata": {}, "source": "x = 1\n", "outputs": [], "execution_count": 1}
    text = d.script({"cells": [markdown("# A\n\n$b$"), code]})
    assert text == "# %% [markdown]\n# # A\n#\n# $b$\n\n# %%\nx = 1\n"


@pytest.mark.parametrize("name", [LIGHT, WITH_A_POOL])
def test_a_script_prints_in_an_empty_folder_what_the_notebook_shows(name, tmp_path):
    notebook = d.download_notebook(load(CHAPTERS[0].with_name(f"{name}.ipynb")), "zh", WHEEL)
    (tmp_path / "page.py").write_text(d.script(notebook), encoding="utf8")
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert done.stdout == "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
    assert [path.name for path in tmp_path.iterdir()] == ["page.py"]
