"""Builds the three editions into _build/site, strictly and from clean; prints where to open the result.

Usage: python tools/site.py [--source DIR] [--output DIR] [--ledger PATH]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sphinx.util.i18n import CatalogRepository

from tools.packing import build_wheel, write_zip
from tools.publishing import write_root

ROOT = Path(__file__).resolve().parent.parent
EDITIONS = ("zh", "en", "bi")
LONGEST = "bi"  # both languages; the others step back, or it would be the last, with a core standing idle


def build_edition(edition: str, source: Path, output: Path, ledger: Path, pictures="") -> subprocess.CompletedProcess:
    """Run Sphinx for one edition, with warnings as errors; -n names every reference that leads nowhere. ``pictures`` is a
    folder that editions share while they are built side by side."""
    # A folder of its own: MyST-NB writes what it has extracted beside the output.
    with tempfile.TemporaryDirectory() as scratch:
        html = Path(scratch) / "html"
        done = subprocess.run(
            ([] if edition == LONGEST else ["nice"])
            + [sys.executable, "-m", "sphinx", "-b", "html", "-t", edition, "-t", "site", "-d", f"{scratch}/doctrees"]
            + ["-D", f"ledger={ledger}", "-D", f"pictures={pictures}", "-E", "-a", "-q", "-W", "-n", "--keep-going"]
            + [str(source), str(html)],
            capture_output=True,
            text=True,
            cwd=source,
            # One hash seed, so that no order of a set can reach a page.
            env=os.environ | {"PYTHONHASHSEED": "0"},
        )
        if done.returncode == 0:
            shutil.copytree(html, output / edition)
        return done


def write_decks(source: Path, folder: Path) -> subprocess.CompletedProcess:
    """Check the cards and write the decks for download, by the book's own code, as Sphinx runs by its own."""
    command = [sys.executable, "-m", "tools.cards", "decks", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd=source)


def compile_catalogs(locale: Path) -> None:
    """Compile the interface's words once; the editions, built side by side, would write the same file at once."""
    for catalog in CatalogRepository(locale, [str(locale)], "zh_CN", "utf-8").catalogs:
        if catalog.is_outdated():
            catalog.write_mo("zh_CN")


def build_site(source: Path, output: Path, ledger: Path) -> bool:
    """Build the editions, the wheel and the decks side by side. The old site is replaced only by a whole new one, its
    formulas proved."""
    output.parent.mkdir(parents=True, exist_ok=True)
    compile_catalogs(source / "_assets" / "locale")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=output.parent, prefix="site-") as staging:
        fresh, pictures = Path(staging) / "site", Path(staging) / "pictures"
        pictures.mkdir()
        with ThreadPoolExecutor() as pool:
            jobs = {edition: pool.submit(build_edition, edition, source, fresh, ledger, pictures) for edition in EDITIONS}
            jobs["wheel"] = pool.submit(build_wheel, source, fresh)
            decks = pool.submit(write_decks, source, fresh / "cards")
        failed = []
        for name, job in jobs.items():
            done = job.result()
            print(f"{name}: {'built' if done.returncode == 0 else f'FAILED ({done.returncode})'}", flush=True)
            failed += [done] if done.returncode else []
        if failed:
            lines = "".join(done.stderr + done.stdout for done in failed).replace(f"{source}/", "").splitlines()
            # The editions share their sources, so most faults show in each of them.
            print(*dict.fromkeys(lines), sep="\n", file=sys.stderr)
            return False
        # After the chapters, whose faults are said with their places.
        if decks.result().returncode:
            print("cards: FAILED", flush=True)
            print(decks.result().stderr.strip(), file=sys.stderr)
            return False
        write_root(source, fresh, os.environ.get("BOOK_URL", ""))
        write_zip(fresh)
        shutil.rmtree(output, ignore_errors=True)
        fresh.rename(output)
    print(f"three editions in {time.perf_counter() - started:.1f} s; open {output / 'index.html'}")
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--output", type=Path, default=ROOT / "_build" / "site")
    parser.add_argument("--ledger", type=Path, help="_build/ledger.json of the source by default")
    arguments = parser.parse_args()
    folder = arguments.source.resolve()
    proved = (arguments.ledger or folder / "_build" / "ledger.json").resolve()
    sys.exit(not build_site(folder, arguments.output.resolve(), proved))
