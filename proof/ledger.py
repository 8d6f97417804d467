"""The ledger: a pytest plugin that notes which test proves which formula of the book, how, and how closely.

A test names its formulas, `@pytest.mark.formula("label", …)`, and may say how it compared and what it found:
`measured("complex step", error)`. At the end of the run all of it is written to one file, for the gate of
`make book` and the site's ledger page. The same checks give the same bytes: no times, no order of workers, and
errors rounded up to a power of ten.
"""

import json
import math
import os
from collections import defaultdict
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from proof.formulas import Formula, read_formulas

METHODS = (
    "symbolic",
    "complex step",
    "differences",
    "oracle",
    "closed form",
    "statistical",
    "property",
    "print",
)
LEDGER = Path("_build", "ledger.json")

_GRAVITY = ("passed", "skipped", "failed")  # of several outcomes the last one counts


def pytest_addoption(parser):
    # A string, since xdist sends the options to its workers and can't send a Path.
    said = "write the ledger here, even where formulas lack a check"
    parser.addoption("--ledger", metavar="PATH", help=said)


def pytest_configure(config):
    mark = "formula(label, ...): the labelled formulas of the book that this test proves"
    config.addinivalue_line("markers", mark)
    config.pluginmanager.register(Recorder(config), "ledger-recorder")


@pytest.fixture(scope="session")
def measured(pytestconfig):
    """Say how a test compared, and the relative error that it found: `measured("oracle", error)`.

    Without an error it is exact; of several the worst counts. The fixture belongs to the session, so that
    `@given` tests can use it.
    """
    return pytestconfig.pluginmanager.get_plugin("ledger-recorder").measured


class Recorder:
    """Notes what the tests of one run prove. Under xdist the workers send it along with each report."""

    def __init__(self, config):
        self.config = config
        self.item = None  # the test that runs now
        self.cases = {}  # node id: (outcome, what the test said of itself)

    @cached_property
    def formulas(self) -> dict[str, Formula]:
        return read_formulas(self.config.rootpath / "chapters")

    def measured(self, method: str, error=0.0) -> None:
        error = float(np.max(np.abs(error)))
        if method not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {method!r}")
        if not math.isfinite(error):
            raise ValueError(f"error: expected a finite number, got {error}")
        self.item.user_properties.append(("measured", [method, error]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        self.item = item
        labels = sorted({label for mark in item.iter_markers("formula") for label in mark.args})
        if labels:
            item.user_properties.append(("formula", labels))
        if unknown := [label for label in labels if label not in self.formulas]:
            said = f"{item.nodeid} is marked with {', '.join(unknown)}: no formula of the book"
            pytest.fail(said, pytrace=False)

    def pytest_runtest_logreport(self, report):
        if "formula" in dict(report.user_properties):
            before, _ = self.cases.get(report.nodeid, ("passed", None))
            outcome = max(before, report.outcome, key=_GRAVITY.index)
            self.cases[report.nodeid] = outcome, list(report.user_properties)

    def pytest_sessionfinish(self):
        if hasattr(self.config, "workerinput") or not self.cases:
            return
        ledger, path = make_ledger(self.formulas, self.cases), self.config.getoption("ledger")
        # Unless told to, a run of some tests leaves the ledger of all of them alone.
        if path or all(entry["checks"] for entry in ledger["formulas"].values()):
            write_ledger(ledger, Path(path or self.config.rootpath / LEDGER))

    def pytest_terminal_summary(self, terminalreporter):
        if any(_default_method(test) == "print" for test in self.cases):
            terminalreporter.write_line(printed_share(make_ledger(self.formulas, self.cases)))


def make_ledger(formulas: dict[str, Formula], cases: dict) -> dict:
    """What each formula's checks came to, by label, and the marks that name no formula."""
    checks = defaultdict(dict)  # label: {(test, method): check}
    for nodeid, (outcome, properties) in cases.items():
        test = nodeid.split("[")[0]
        errors = defaultdict(list)
        for method, error in (value for name, value in properties if name == "measured"):
            errors[method].append(error)
        for label in dict(properties)["formula"]:
            for method in errors or [_default_method(test)]:
                fresh = {"test": test, "method": method, "cases": 0, "error": None, "outcome": "passed"}
                check = checks[label].setdefault((test, method), fresh)
                check["cases"] += 1
                if method in errors:
                    check["error"] = max([*errors[method], check["error"] or 0.0])
                check["outcome"] = max(check["outcome"], outcome, key=_GRAVITY.index)
    return {
        "formulas": {label: _entry(formula, checks[label]) for label, formula in formulas.items()},
        "unknown": [
            {"label": label, "test": test}
            for label in sorted(checks.keys() - formulas.keys())
            for test in sorted({test for test, _ in checks[label]})
        ],
    }


def _entry(formula: Formula, checks: dict) -> dict:
    rows = [check | {"error": rounded_up(check["error"])} for _, check in sorted(checks.items())]
    outcomes = {row["outcome"] for row in rows}
    return {
        "chapter": formula.chapter,
        "tex": formula.tex,  # so that a formula that was changed since is not taken for a proved one
        "holds": "passed" in outcomes and "failed" not in outcomes,
        "checks": rows,
    }


def printed_share(ledger: dict) -> str:
    """How many formulas were evaluated from their LaTeX, in the chapters where any was, and which were not."""
    printed = {label: any(map(_evaluates, entry["checks"])) for label, entry in ledger["formulas"].items()}
    chapters = {ledger["formulas"][label]["chapter"] for label in printed if printed[label]}
    other = [label for label in printed if not printed[label] and ledger["formulas"][label]["chapter"] in chapters]
    count = sum(printed.values())
    all_of_them = count + len(other)
    said = f"{count} of {all_of_them} formulas evaluated as printed ({count / max(all_of_them, 1):.1%})"
    return said + (f"; not {', '.join(other)}" if other else "")


def _evaluates(check: dict) -> bool:
    return check["method"] == "print" and check["outcome"] == "passed"


def _default_method(test: str) -> str:
    return "print" if test.startswith("tests/proof/") else "property"


def rounded_up(error: float | None) -> float | None:
    """The next power of ten: all that is the same on every machine, and all that a reader wants to know."""
    return float(f"1e{math.ceil(math.log10(error))}") if error else error


def write_ledger(ledger: dict, path: Path) -> None:
    """Appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(ledger, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    unfinished.rename(path)
