"""The study page with 5,000 cards: how long until the first can be flipped, and the script time of a rating.

The page is a synthetic one around the book's own scripts and style sheets: 16 chapters, and a reader who has seen half
of the cards. Each load starts from an empty cache. Medians are held against the limits, and against a page of 50 cards;
exits with 1 if a limit is passed, with 2 if Chromium is missing.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from shutil import copytree

from playwright.sync_api import Browser, sync_playwright

from _ext import katex
from _ext.flashcards import SCHEDULER, SCRIPTS
from benchmarks.stock import ROOT
from tools.browsing import FLAGS, HOW_TO_GET_ONE, find_chromium, serve

CHAPTERS = 16
MANY, FEW = 5_000, 50
USABLE = 1_000  # ms until the first card can be flipped
RATING = 16  # ms of script, one frame

TEX = [
    r"\sigma(z) = \frac{1}{1 + e^{-z}}",
    r"W \gets W - \alpha \frac{\partial J}{\partial W}",
    r"\sum_{j=1}^{n} w_j x_j + b",
]
DAY = 86_400_000


def write_site(folder: Path, count: int) -> None:
    """A page that follows the contract of the directive, with what it loads beside it."""
    copytree(ROOT / "_assets" / "static", folder / "_static")
    copytree(ROOT / "_assets" / "katex", folder / "_static" / "katex")
    css, _ = katex.style_sheet("".join(text for number in range(3) for text in sides(number)))
    (folder / "_static" / katex.STYLESHEET).write_text(css, encoding="utf8")
    copytree(SCHEDULER, folder / "_static" / "ts-fsrs")
    names = [f"{number + 1:02}-chapter" for number in range(CHAPTERS)]
    cards = [(f"card-{number}", number * CHAPTERS // count) for number in range(count)]
    (folder / "cards").mkdir()
    for place, name in enumerate(names):
        texts = {card: sides(number) for number, (card, chapter) in enumerate(cards) if chapter == place}
        script = f"receiveCards({json.dumps(name)}, 'en', {json.dumps(texts)});\n"
        (folder / "cards" / f"{name}.js").write_text(script, encoding="utf8")
    data = {
        "editions": {"en": {"name": "English", "lang": "en", "cards": "../cards/"}},
        "chapters": [{"id": name, "zh": name, "en": name} for name in names],
        "tags": {"formula": {"zh": "写公式", "en": "Formula"}},
        "cards": [[card, chapter, ["formula"], f"{names[chapter]}.html#place"] for card, chapter in cards],
    }
    (folder / "chapters").mkdir()
    (folder / "chapters" / "cards.html").write_text(page(data), encoding="utf8")


def sides(number: int) -> list[str]:
    """A front and a back with mathematics, as long as those of the book."""
    inline, display = katex.render(TEX[number % 3]), katex.render(TEX[(number + 1) % 3], True)
    body = f'<div class="equation">{katex.block(display)}</div>'
    return [f"<p>Question {number}: what follows from {inline}?</p>", f"<p>Answer {number}.</p>\n{body}"]


def page(data: dict) -> str:
    sheets = [katex.STYLESHEET, "book.css", "study.css"]
    head = [f'<link rel="stylesheet" href="../_static/{sheet}">' for sheet in sheets]
    head += [f'<script defer src="../_static/{script}"></script>' for script in SCRIPTS]
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">{"".join(head)}</head>'
        '<body><article class="bd-article"><section><h1>Cards</h1>'
        '<div id="study" data-edition="en" data-lang="en"></div>'
        f'<script type="application/json" id="study-data">{json.dumps(data)}</script></section></article></body></html>'
    )


# A reader who has seen half of the cards, reviewed over the last weeks.
SEEN = f"""() => {{
  const progress = Study.openProgress({{ storage: () => localStorage, onTrouble: (name) => {{ throw name; }} }});
  const cards = JSON.parse(document.getElementById("study-data").textContent).cards;
  const now = Date.now();
  const told = JSON.parse(progress.export());
  for (const [place, [id]] of cards.entries()) {{
    const reviewed = now - (place % 20 + 1) * {DAY};
    if (place % 2) told.cards.push([id, Study.schedule.rate(Study.schedule.empty(reviewed), 4, reviewed)]);
  }}
  return progress.import(JSON.stringify(told)).added;
}}"""

# Presses Start as soon as there is a button, and notes when the first card lies there.
WATCH = """
window.usable = new Promise((resolve) => {
  const look = () => {
    if (document.querySelector(".study-session[data-stage=front]")) return resolve(performance.now());
    document.querySelector(".study-tally .study-primary:not(.pressed)")?.classList.add("pressed");
    if (document.querySelector("#study[data-view=overview]")) document.querySelector(".study-tally .pressed")?.click();
    setTimeout(look);
  };
  look();
});
"""

# Each handler is done when dispatchEvent returns; the next card of the same chapter is there already.
RATE = """async (count) => {
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const times = [];
  for (let done = 0; done < count; done += 1) {
    while (!document.querySelector(".study-session[data-stage=front]")) await new Promise(requestAnimationFrame);
    press(" ");
    await new Promise(requestAnimationFrame);
    const started = performance.now();
    press("3");
    times.push(performance.now() - started);
    await new Promise(requestAnimationFrame);
  }
  const rated = document.querySelector(".study-top progress").value;
  if (rated !== count) throw new Error(`${rated} ratings, not ${count}`);
  return times;
}"""


def measure(browser: Browser, address: str, count: int, rounds: int, ratings: int) -> tuple[float, list[float]]:
    """The median time until the page is usable, and the script time of each rating."""
    times, scripts = [], []
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 390, "height": 844})
        first = context.new_page()
        first.goto(address)
        if first.evaluate(SEEN) != count // 2:
            sys.exit("the page did not take the progress of its reader")
        first.goto("about:blank")
        page = context.new_page()
        context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        page.add_init_script(WATCH)
        page.goto(address)
        times.append(page.evaluate("window.usable"))
        scripts += page.evaluate(RATE, ratings)
        context.close()
    return statistics.median(times), scripts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="loads of each page")
    parser.add_argument("--ratings", type=int, default=20, metavar="N", help="ratings after each load")
    arguments = parser.parse_args()
    executable = find_chromium()
    if not executable:
        print(HOW_TO_GET_ONE, file=sys.stderr)
        return 2
    seen = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for count in (FEW, MANY):
            folder = Path(name) / str(count)
            write_site(folder, count)
            with serve(folder) as address:
                url = f"{address}/chapters/cards.html"
                measure(browser, url, count, 1, 1)  # warms up browser and server
                usable, scripts = measure(browser, url, count, arguments.rounds, arguments.ratings)
            seen[count] = usable, statistics.median(scripts)
            print(f"{count} cards, median of {arguments.rounds} loads and {len(scripts)} ratings:")
            print(f"  until usable {usable:7.0f} ms")
            print(f"  a rating     {seen[count][1]:7.2f} ms of script, at most {max(scripts):.2f} ms", flush=True)
        browser.close()
    (load, rating), (load_few, rating_few) = seen[MANY], seen[FEW]
    print(f"{MANY} cards against {FEW}:")
    print(f"  until usable {load / load_few:7.2f} times")
    print(f"  a rating     {rating / rating_few:7.2f} times")
    print(f"  may be {USABLE} ms until usable, {RATING} ms a rating")
    return int(load > USABLE or rating > RATING)


if __name__ == "__main__":
    sys.exit(main())
