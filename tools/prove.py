"""The gate of the book: runs the checks of all formulas, writes the ledger, refuses if a formula is unproved.

Usage: python tools/prove.py [--source DIR] [--ledger PATH]
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ("tests/formulas", "tests/proof")


def run_checks(source: Path, ledger: Path) -> subprocess.CompletedProcess:
    folders = [folder for folder in CHECKS if (source / folder).is_dir()]
    # nbval has nothing to do here, and each process would load Jupyter for it.
    options = ["-q", "-p", "no:nbval", "-m", "formula", "-n", "auto", f"--ledger={ledger}"]
    command = [sys.executable, "-m", "pytest", *options]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.run([*command, *folders], cwd=source, **output)


def refusals(ledger: dict) -> list[str]:
    """Why the book can't be built, one line each, with formula, chapter and test."""
    said = "{test} is marked with {label!r}: no formula of the book"
    lines = [said.format(**mark) for mark in ledger["unknown"]]
    for label, entry in ledger["formulas"].items():
        where = f"chapters/{entry['chapter']}.ipynb: formula {label!r}"
        failed = sorted({check["test"] for check in entry["checks"] if check["outcome"] == "failed"})
        lines += [f"{where} fails in {test}" for test in failed]
        if not failed and not entry["holds"]:
            skipped = "".join(f"; {check['test']} was skipped" for check in entry["checks"])
            lines += [f'{where} lacks a passing check: no test marked formula("{label}") passed{skipped}']
    return lines


def prove(source: Path, ledger: Path) -> bool:
    started = time.perf_counter()
    ledger.unlink(missing_ok=True)  # whatever happens now, no earlier run speaks for this one
    done = run_checks(source, ledger)
    if not ledger.is_file():
        print(done.stdout)
        print(f"The checks of the formulas did not run (pytest ended with {done.returncode}).")
        return False
    book = json.loads(ledger.read_text(encoding="utf8"))
    reasons = refusals(book)
    if done.returncode or reasons:
        print(done.stdout)
        print("The book is not built:", *(reasons or ["a check of the formulas failed, see above"]), sep="\n  ")
        return False
    count = sum(len(entry["checks"]) for entry in book["formulas"].values())
    seconds = time.perf_counter() - started
    print(f"{len(book['formulas'])} formulas hold, by {count} checks, in {seconds:.1f} s", flush=True)
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--ledger", type=Path, help="_build/ledger.json of the source by default")
    arguments = parser.parse_args()
    folder = arguments.source.resolve()
    sys.exit(not prove(folder, (arguments.ledger or folder / "_build" / "ledger.json").resolve()))
