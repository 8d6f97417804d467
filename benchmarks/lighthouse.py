"""What Lighthouse gives the pages on a phone: performance, accessibility, best practices, search engines.

The pages come from a local server that packs text as a public one does, on Lighthouse's own idea of a slow phone on a slow
line. Fetches Lighthouse with npm, once. Exits with 1 if a score is below what the book promises, with 2 if something is
missing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.stock import ROOT, build_site
from tools.browsing import FLAGS, HOW_TO_GET_ONE, find_chromium, serve

FOLDER = ROOT / "_build" / "lighthouse"
VERSION = "12"
PROMISED = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
PAGES = ["zh/chapters/index.html", "zh/chapters/06-optimizers.html", "en/chapters/01-activations.html", "zh/chapters/cards.html"]


def find_lighthouse() -> Path | None:
    """The program, fetched where it is missing."""
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not program.exists() and (npm := shutil.which("npm")):
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", f"lighthouse@{VERSION}"]
        subprocess.run(command, cwd=FOLDER, check=True)
    return program if program.exists() else None


def measure(program: Path, chromium: str, address: str) -> dict:
    """Lighthouse's report on one page."""
    command = [program, address, "--output=json", "--quiet", f"--only-categories={','.join(PROMISED)}"]
    command += [f"--chrome-flags=--headless=new {' '.join(flag for flag in FLAGS if ' ' not in flag)}"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": chromium})
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def lost(report: dict) -> list[str]:
    """What costs a page points, with what Lighthouse says of it."""
    audits = report["audits"]
    weighed = {ref["id"] for one in report["categories"].values() for ref in one["auditRefs"] if ref["weight"]}
    return [
        f"{audits[name]['title']}: {audits[name].get('displayValue', '')}".rstrip(": ")
        for name in sorted(weighed)
        if audits[name]["score"] is not None and audits[name]["score"] < 0.9
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, help="a site that stands already; search engines want one that knows its address")
    parser.add_argument("pages", nargs="*", default=PAGES, help="addresses below the site")
    arguments = parser.parse_args()
    chromium, program = find_chromium(), find_lighthouse()
    if not chromium or not program:
        print(HOW_TO_GET_ONE if not chromium else "npm is missing; it fetches Lighthouse", file=sys.stderr)
        return 2
    kept = True
    with TemporaryDirectory() as name, serve(arguments.site or Path(name) / "site", packing=True) as address:
        if not arguments.site:
            print("building the site", flush=True)
            os.environ["BOOK_URL"] = address
            build_site(Path(name) / "site")
        for page in arguments.pages:
            report = measure(program, chromium, f"{address}/{page}")
            scores = {name: round(100 * report["categories"][name]["score"]) for name in PROMISED}
            kept = kept and all(scores[name] >= least for name, least in PROMISED.items())
            print(page, *(f"{name} {score}" for name, score in scores.items()), sep="  ", flush=True)
            for line in lost(report):
                print(f"    {line}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
