"""The run of nbval notices a chapter that needs something beside it, and one that leaves something behind."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {
    "good": 'print("here")',
    "needs": 'open("beside.txt").close(); print("here")',
    "leaves": 'open("left.txt", "w").close(); print("here")',
}


def test_a_chapter_runs_alone_and_leaves_nothing_behind(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]")
    (pytester.path / "beside.txt").touch()
    for name, code in CHAPTERS.items():
        printed = new_output("stream", name="stdout", text="here\n")
        notebook = new_notebook(cells=[new_code_cell(code, execution_count=1, outputs=[printed])])
        nbformat.write(notebook, pytester.path / f"{name}.ipynb")
    run = pytester.runpytest_subprocess(*"-p tests.notebooks.alone --nbval --nbval-current-env -rA".split())
    run.assert_outcomes(passed=2, failed=1, errors=1)
    said = run.stdout.str()
    assert "FAILED needs.ipynb::Cell 0" in said and "No such file or directory: 'beside.txt'" in said
    assert "ERROR leaves.ipynb::Cell 0" in said and "a chapter leaves files behind: left.txt" in said


def test_make_test_runs_the_chapters_alone():
    (recipe,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if "--nbval " in line]
    assert "-p tests.notebooks.alone" in recipe and recipe.endswith(" chapters")
