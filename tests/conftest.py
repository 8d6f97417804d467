"""The built site, once for all tests of one run."""

import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

pytest_plugins = ["proof.ledger", "pytester"]

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 600  # seconds in which even a slow machine has built the site


def write_assumed_ledger(path: Path, chapters: Path = ROOT / "chapters") -> Path:
    """A ledger in which every formula holds, for tests of the site: what really holds, the gate finds out."""
    from proof.ledger import make_ledger, read_formulas, write_ledger  # a plugin: pytest wants to import it first

    formulas = read_formulas(chapters)
    checked = {
        f"tests/{folder}/test_any.py::test_{label.replace('-', '_')}": (
            "passed",
            [("formula", [label]), ("measured", [method, error])],
        )
        for label in formulas
        for folder, method, error in (("formulas", "complex step", 3e-13), ("proof", "print", 0.0))
    }
    write_ledger(make_ledger(formulas, checked), path)
    return path


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    """The one folder that all workers of this run see."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def once(run_folder):
    """Makes what costs much once a run, whatever the number of workers, and gives each of them the result.

    ``once({name: make, ...})`` is ``{name: what make() returned, ...}``, as JSON keeps it. Workers that ask for the
    same at the same time share the work.
    """

    def ask(jobs: dict) -> dict:
        for name, make in jobs.items():
            try:
                (run_folder / f"{name}.lock").mkdir()  # whoever makes it does the work; the others wait
            except FileExistsError:
                continue
            _write(run_folder / f"{name}.json", make)
        results = {name: _wait_for(run_folder / f"{name}.json") for name in jobs}
        if failed := [result["failed"] for result in results.values() if "failed" in result]:
            pytest.fail("\n".join(failed), pytrace=False)
        return {name: result["made"] for name, result in results.items()}

    return ask


def _write(path: Path, make) -> None:
    try:
        result = {"made": make()}
    except Exception:
        result = {"failed": traceback.format_exc()}
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(result), encoding="utf8")
    unfinished.rename(path)  # appears whole, so that nobody who waits for it reads half of it


def _wait_for(path: Path) -> dict:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > deadline:
            pytest.fail(f"another worker has not finished {path.stem} in time", pytrace=False)
        time.sleep(0.1)
    return json.loads(path.read_text(encoding="utf8"))


@pytest.fixture(scope="session")
def site(run_folder, once) -> Path:
    """The folder with index.html, zh, en and bi, built strictly and from clean."""
    built = run_folder / "site"
    log = once({"site-log": lambda: _build(built)})["site-log"]
    if not built.is_dir():
        pytest.fail(f"the site does not build:\n{log}", pytrace=False)
    return built


def _build(output: Path) -> str:
    ledger = write_assumed_ledger(output.with_name("ledger.json"))
    command = [sys.executable, ROOT / "tools" / "site.py", "--output", output, "--ledger", ledger]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    return done.stdout
