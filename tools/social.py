"""Draws the pictures that messengers show beside a link to the book, one an edition, into _assets/social.

Usage: python -m tools.social
"""

import sys
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

from _ext import katex
from proof.formulas import read_formulas
from tools.browsing import FLAGS, HOW_TO_GET_ONE, find_chromium

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_assets" / "social"
FORMULAS = ("softmax", "he-variance", "bn-normalise")
WORDS = {
    "zh": ("zh-CN", ["超级机器学习复习笔记"], "每个公式都能运行，都经过检验"),
    "en": ("en", ["Super Machine Learning", "Revision Notes"], "Every formula runs, and is checked"),
    "bi": ("zh-CN", ["超级机器学习复习笔记", "Super Machine Learning Revision Notes"], "每个公式都能运行 · Every formula runs"),
}
PAGE = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">
<style>
body {{ margin: 0; width: 1200px; height: 630px; box-sizing: border-box; padding: 70px 80px; color: #fff; background: #0b3d69;
  font-family: "Noto Sans", "Noto Sans CJK SC", sans-serif; display: flex; flex-direction: column; justify-content: space-between; }}
h1 {{ margin: 0; font-size: 68px; line-height: 1.25; }} h1 span {{ display: block; }} h1 span + span {{ font-size: {second}px; }}
p {{ margin: 0; font-size: 38px; color: #cfe4f7; }}
div {{ display: flex; gap: 60px; align-items: center; font-size: 32px; white-space: nowrap; color: #9cc9f0; }}
.katex-mathml {{ display: none; }} {rules}
</style></head><body><h1>{title}</h1><div>{formulas}</div><p>{line} ✓</p></body></html>"""


def draw(edition: str, formulas: dict) -> str:
    lang, title, line = WORDS[edition]
    drawn = "".join(f"<span>{katex.render(formulas[label].tex, True)}</span>" for label in FORMULAS)
    css, _ = katex.style_sheet(drawn)
    return PAGE.format(
        lang=lang,
        second=44 if edition == "bi" else 68,
        title="".join(f"<span>{escape(part)}</span>" for part in title),
        formulas=drawn,
        rules=css.replace("url(fonts/", f"url({(katex.VENDORED / 'fonts').as_uri()}/"),
        line=escape(line),
    )


def main() -> int:
    chromium = find_chromium()
    if not chromium:
        print(HOW_TO_GET_ONE, file=sys.stderr)
        return 1
    TARGET.mkdir(exist_ok=True)
    formulas = read_formulas(ROOT / "chapters")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        for edition in WORDS:
            source = TARGET / f"{edition}.html"
            source.write_text(draw(edition, formulas), encoding="utf8")  # a file, so that it may load the fonts
            page.goto(source.as_uri())
            page.evaluate("document.fonts.ready")
            page.screenshot(path=TARGET / f"{edition}.png")
            source.unlink()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
