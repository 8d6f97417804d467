"""Runs a downloaded chapter where nothing of the book is, as Colab does: its first cell installs the package.

Usage: python -m tools.try_install [--chapter 02-initialisation] (after `make book`)

The English edition is built for a server on this machine and served there. A fresh environment holds a kernel and a
package that passes for Colab's; what the notebook needs beyond it, it gets from the server and, pinned, through pip.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tools.browsing import serve
from tools.packing import build_wheel
from tools.site import ROOT, build_edition, compile_catalogs

PAGE = "en/_sources/chapters"
RUN = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
quiet = ["--log-level=ERROR"]
NotebookClient(notebook, timeout=600, kernel_name="python3", coalesce_streams=True, extra_arguments=quiet).execute()
nbformat.write(notebook, sys.argv[1])
"""
WHERE_PACKAGES_ARE = "import sysconfig; print(sysconfig.get_path('purelib'))"
NOTHING_OF_THE_BOOK = "import importlib.util, sys; sys.exit(importlib.util.find_spec('notesrc') is not None)"


def main(chapter: str, ledger: Path) -> int:
    started = time.perf_counter()
    # Below the temporary folder: from within the clone, notesrc could be imported without being installed.
    with tempfile.TemporaryDirectory() as scratch, serve(Path(scratch) / "site") as address:
        folder = Path(scratch)
        publish(folder / "site", address, ledger)
        print(f"built in {time.perf_counter() - started:.0f} s", flush=True)
        python = make_environment(folder / "environment")
        print(f"fresh environment after {time.perf_counter() - started:.0f} s", flush=True)
        with urllib.request.urlopen(f"{address}/{PAGE}/{chapter}.ipynb") as response:
            downloaded = response.read()
        after = run(python, folder / "home", downloaded)
    if printed(after) != printed(json.loads(downloaded)):
        print(f"{chapter} prints something else than it shows", file=sys.stderr)
        return 1
    print(f"{chapter} installed notesrc and ran from top to bottom, after {time.perf_counter() - started:.0f} s in all")
    return 0


def publish(site: Path, address: str, ledger: Path) -> None:
    """Build what the server offers: the English edition, and the wheel."""
    os.environ["BOOK_URL"] = address
    compile_catalogs(ROOT / "_assets" / "locale")
    for done in (build_edition("en", ROOT, site, ledger), build_wheel(ROOT, site)):
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)


def make_environment(folder: Path) -> Path:
    """An environment with a kernel, and a package that passes for Colab's; notesrc is not in it."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip("install", "nbclient", "ipykernel", python=python)
    packages = subprocess.check_output([python, "-c", WHERE_PACKAGES_ARE], text=True).strip()
    colab = Path(packages) / "google" / "colab"
    colab.mkdir(parents=True)
    (colab / "__init__.py").touch()
    subprocess.run([python, "-c", NOTHING_OF_THE_BOOK], cwd=folder, check=True)
    return python


def pip(*arguments: str, python: Path) -> None:
    subprocess.run([python, "-m", "pip", *arguments, "--quiet"], env=pinned(), check=True)


def pinned() -> dict[str, str]:
    """The versions of the book, wherever pip looks for one: those with which the outputs were stored."""
    return os.environ | {
        "PIP_CONSTRAINT": str(ROOT / "requirements.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def run(python: Path, home: Path, notebook: bytes) -> dict:
    """Run a notebook in a folder of its own, with the given environment's kernel; returns it with its new outputs."""
    home.mkdir()
    path = home / "page.ipynb"
    path.write_bytes(notebook)
    subprocess.run([python, "-c", RUN, path.name], cwd=home, env=pinned(), check=True)
    return json.loads(path.read_text(encoding="utf8"))


def printed(notebook: dict) -> list[str]:
    """What the cells of the chapter print; pictures, and what pip has to say while it installs, aside."""
    outputs = [output for cell in notebook["cells"] if cell["id"] != "install" for output in cell.get("outputs", [])]
    return ["".join(output["text"]) for output in outputs if output["output_type"] == "stream"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chapter", default="02-initialisation")
    parser.add_argument("--ledger", type=Path, default=ROOT / "_build" / "ledger.json")
    arguments = parser.parse_args()
    sys.exit(main(arguments.chapter, arguments.ledger.resolve()))
