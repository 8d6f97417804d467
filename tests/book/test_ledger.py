"""The ledger: what the plugin notes, what the gate refuses, and what a reader is shown."""

import json
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from _ext import ledger as page
from tests.conftest import write_assumed_ledger

ROOT = Path(__file__).resolve().parents[2]

CELLS = [
    ("intro", "No formula: $a$."),
    ("first", "$$ a = b^2 $$ (square)"),
    ("second", "$$ c = 2 b $$ (double)"),
]
SETTINGS = f"[pytest]\npythonpath = {ROOT}\naddopts = --strict-markers -p no:cacheprovider -p no:nbval\n"
GOOD = """
import pytest

@pytest.mark.formula("square")
@pytest.mark.parametrize("error", [2e-15, 3e-13, 0.0])
def test_square(error, measured):
    measured("complex step", -error)

@pytest.mark.formula("square", "double")
def test_both():
    pass

def test_no_formula():
    pass
"""


@pytest.fixture
def book(pytester):
    """A book of two formulas, whose tests are still to be written."""
    write_chapter(pytester.path, CELLS)
    pytester.makeini(SETTINGS)
    pytester.makeconftest('pytest_plugins = ["proof.ledger"]')
    (pytester.path / "tests" / "formulas").mkdir(parents=True)
    return pytester


def write_chapter(folder: Path, cells):
    cells = [{"cell_type": "markdown", "id": name, "metadata": {}, "source": text} for name, text in cells]
    (folder / "chapters").mkdir(exist_ok=True)
    (folder / "chapters" / "01-squares.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf8")


def write_tests(book, code: str, name="test_squares.py"):
    (book.path / "tests" / "formulas" / name).write_text(code, encoding="utf8")


def ledger_of(book) -> dict:
    return json.loads((book.path / "_build" / "ledger.json").read_text(encoding="utf8"))


def run_gate(book) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "tools" / "prove.py", "--source", book.path]
    # Without workers of its own, which take longer to start than the few tests to run.
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTEST_XDIST_AUTO_NUM_WORKERS": "0"})


def test_a_run_notes_tests_methods_and_errors(book):
    write_tests(book, GOOD)
    book.runpytest("tests").assert_outcomes(passed=5)
    both = {"test": "tests/formulas/test_squares.py::test_both", "method": "property", "cases": 1, "error": None}
    square = {"test": "tests/formulas/test_squares.py::test_square", "method": "complex step", "cases": 3}
    chapter = {"chapter": "01-squares", "holds": True}
    passed = {"outcome": "passed"}
    assert ledger_of(book) == {
        "formulas": {
            "square": chapter | {"tex": "a = b^2", "checks": [both | passed, square | {"error": 1e-12} | passed]},
            "double": chapter | {"tex": "c = 2 b", "checks": [both | passed]},
        },
        "unknown": [],
    }


def test_the_same_checks_give_the_same_bytes_alone_and_on_several_workers(book):
    write_tests(book, GOOD)
    write_tests(book, GOOD, "test_more.py")
    book.runpytest("tests").assert_outcomes(passed=10)
    alone = (book.path / "_build" / "ledger.json").read_bytes()
    book.runpytest_subprocess("tests", "-n", "2", "--ledger=shared.json").assert_outcomes(passed=10)
    assert (book.path / "shared.json").read_bytes() == alone


def test_a_run_of_some_tests_leaves_the_ledger_alone(book):
    write_tests(book, GOOD)
    some = "tests/formulas/test_squares.py::test_square"
    book.runpytest(some).assert_outcomes(passed=3)
    assert not (book.path / "_build").exists()
    book.runpytest(some, "--ledger=mine.json").assert_outcomes(passed=3)
    assert json.loads((book.path / "mine.json").read_text())["formulas"]["double"]["checks"] == []


def test_the_run_says_which_formulas_were_evaluated_as_printed(book):
    printed = '@pytest.mark.formula("square")\ndef test_print(measured):\n    measured("print", 1e-15)\n'
    (book.path / "tests" / "proof").mkdir()
    (book.path / "tests" / "proof" / "test_prints.py").write_text("import pytest\n\n" + printed, encoding="utf8")
    run = book.runpytest("tests")
    run.stdout.fnmatch_lines(["1 of 2 formulas evaluated as printed (50.0%); not double"])
    assert "as printed" not in book.runpytest("tests", "--deselect=tests/proof").stdout.str()


def test_a_failure_in_any_case_is_a_failure_of_the_formula(book):
    write_tests(book, GOOD.replace('measured("complex step", -error)', "assert error < 1e-13"))
    book.runpytest("tests").assert_outcomes(passed=4, failed=1)
    formulas = ledger_of(book)["formulas"]
    assert not formulas["square"]["holds"] and formulas["double"]["holds"]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_mark_that_names_no_formula_is_an_error_of_the_run(book, workers):
    write_tests(book, GOOD.replace('"square", "double"', '"double", "sqare"'))
    run = book.runpytest("tests") if not workers else book.runpytest_subprocess("tests", *workers)
    run.assert_outcomes(passed=4, errors=1)
    assert "tests/formulas/test_squares.py::test_both is marked with sqare: no formula of the book" in run.stdout.str()
    unknown = {"label": "sqare", "test": "tests/formulas/test_squares.py::test_both"}
    assert ledger_of(book)["unknown"] == [unknown]


@pytest.mark.parametrize(
    "call, message",
    [('measured("guess", 0.1)', "expected one of symbolic,"), ('measured("oracle", float("nan"))', "a finite number")],
)
def test_what_is_measured_is_checked(book, call, message):
    write_tests(book, GOOD.replace('measured("complex step", -error)', call))
    run = book.runpytest("tests")
    run.assert_outcomes(passed=2, failed=3)
    assert message in run.stdout.str()


def test_the_gate_lets_a_proved_book_pass_in_one_line(book):
    write_tests(book, GOOD)
    done = run_gate(book)
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"2 formulas hold, by 3 checks, in [\d.]+ s\n", done.stdout)


BAD = """
import pytest

@pytest.mark.formula("square")
@pytest.mark.parametrize("base", [2, 3])
def test_fails(base):
    assert base + 1 == 3

@pytest.mark.formula("cubed")
def test_mislabelled():
    pass

@pytest.mark.formula("double")
def test_skipped():
    pytest.skip("not today")
"""


def test_the_gate_refuses_and_names_formula_chapter_and_test(book):
    write_chapter(book.path, [*CELLS, ("third", "$$ d = 2 c $$ (fourfold)")])
    write_tests(book, BAD)
    done = run_gate(book)
    assert done.returncode == 1
    assert "assert (3 + 1) == 3" in done.stdout, "pytest's own words are missing"
    said = [line.strip() for line in done.stdout.split("The book is not built:")[1].splitlines() if line]
    chapter, tests = "chapters/01-squares.ipynb: formula", "tests/formulas/test_squares.py"
    assert said == [
        f"{tests}::test_mislabelled is marked with 'cubed': no formula of the book",
        f"{chapter} 'square' fails in {tests}::test_fails",
        f"{chapter} 'double' lacks a passing check: no test marked formula(\"double\") passed; "
        f"{tests}::test_skipped was skipped",
        f"{chapter} 'fourfold' lacks a passing check: no test marked formula(\"fourfold\") passed",
    ]


def test_the_gate_refuses_where_the_checks_do_not_run_and_forgets_what_was_proved(book):
    ledger = book.path / "_build" / "ledger.json"
    ledger.parent.mkdir()
    ledger.write_text('{"formulas": {}, "unknown": []}')
    write_tests(book, "import nothing_like_this\n")
    done = run_gate(book)
    assert done.returncode == 1 and not ledger.exists()
    assert "No module named 'nothing_like_this'" in done.stdout and "did not run" in done.stdout


def labels_of(full_ledger: str) -> list[str]:
    return list(json.loads(full_ledger)["formulas"])


@pytest.fixture
def full_ledger(site) -> str:
    return site.with_name("ledger.json").read_text(encoding="utf8")


@pytest.fixture
def site_with_ledger(small_book):
    """Builds the English edition of a small book alone, with a ledger or without."""
    # By its path: the standard library has a module of the same name.
    spec = spec_from_file_location("tools_site", ROOT / "tools" / "site.py")
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)

    def build(ledger: str | None) -> subprocess.CompletedProcess:
        path = small_book / "given.json"
        if ledger is not None:
            path.write_text(ledger, encoding="utf8")
        return tool.build_edition("en", small_book, small_book / "_build", path)

    return build


def test_the_site_is_refused_without_a_ledger_and_with_one_that_lacks_a_formula(small_book, site_with_ledger):
    done = site_with_ledger(None)
    assert done.returncode == 1 and "no ledger of the formulas at" in done.stderr
    ledger = (small_book / "ledger.json").read_text(encoding="utf8")
    spoilt = json.loads(ledger)
    del spoilt["formulas"]["relu"]["checks"][1:]
    assert site_with_ledger(json.dumps(spoilt)).returncode == 0
    drawn = (small_book / "_build" / "en" / "chapters" / "ledger.html").read_text(encoding="utf8")
    assert re.findall(r"\d checks?\b", drawn) == ["2 checks", "2 checks", "1 check"]
    formulas = spoilt["formulas"]
    del formulas["sigmoid"]
    formulas["tanh"]["tex"] += " + 1"
    formulas["relu"]["holds"] = False
    done = site_with_ledger(json.dumps(spoilt))
    assert done.returncode == 1
    for said in ("'sigmoid' is not in the ledger", "'tanh' was changed since", "'relu' lacks a passing check"):
        assert re.search(f"chapters/01-activations.ipynb: WARNING: formula {said}", done.stderr), done.stderr
    assert done.stderr.count("formula '") == 3


@pytest.mark.parametrize("edition", ["zh", "en", "bi"])
def test_each_formula_stands_in_the_ledger_once_with_its_place_and_its_checks(site, full_ledger, edition):
    html = (site / edition / "chapters" / "ledger.html").read_text(encoding="utf8")
    entries = re.split(r'(?=<div class="ledger-entry")', html)[1:]
    assert sorted(re.search(r'id="ledger-([\w-]+)"', entry)[1] for entry in entries) == sorted(labels_of(full_ledger))
    for entry in entries:
        label = re.search(r'id="ledger-([\w-]+)"', entry)[1]
        chapter = json.loads(full_ledger)["formulas"][label]["chapter"]
        assert f'href="{chapter}.html#equation-{label}"' in entry
        assert entry.count('class="katex-display"') == 1 and "eqno" not in entry
        assert f"tests/formulas/test_any.py::test_{label.replace('-', '_')}" in entry
        assert "<msup><mn>10</mn><mrow><mo>−</mo><mn>12</mn></mrow></msup>" in entry  # 3e-13, rounded up
        words = page.METHODS["complex step"]
        assert [word in entry for word in words] == [edition != "en", edition != "zh"]


@pytest.mark.parametrize("edition", ["zh", "en", "bi"])
def test_each_formula_of_the_text_leads_to_its_entry(site, full_ledger, edition):
    marks = []
    for chapter in sorted((site / edition / "chapters").glob("*.html")):
        html = chapter.read_text(encoding="utf8")
        link = r'<a class="checked" href="ledger.html#ledger-([\w-]+)" title="([^"]+)" aria-label="([^"]+)">✓'
        marks += re.findall(link, html)
    assert sorted(label for label, *_ in marks) == sorted(labels_of(full_ledger))
    said = {"Checked: to its entry in the ledger"} if edition == "en" else {"已检查，见公式台账"}
    assert {word for _, *words in marks for word in words} == said
