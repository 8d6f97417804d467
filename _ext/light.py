"""Pages as light as they can be without looking different: pictures at a quarter of their size and when they come into
sight, one style sheet with the rules that match something, no marks in the code that nobody sees.
"""

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image

from . import katex
from .pages import reachable
from .styles import code_classes, flat, names_on, order, plain_code, purge, words_in

SHEET = "site.css"
_LINK = re.compile(r'[ \t]*<link\b(?=[^>]*\brel="stylesheet")(?![^>]*\bmedia=)[^>]*\bhref="([^"?#]+)[^"]*"[^>]*>\n?')
_PICTURE = re.compile(r'<img\b([^>]*)\bsrc="((?:\.\./)*_images/([^"/]+)\.png)"([^>]*?)\s*/?>')


@lru_cache(maxsize=None)
def webp(png: bytes) -> bytes:
    """A picture that looks the same in a quarter of the bytes: each channel is rounded to a multiple of 8, so that no shade
    changes by more than 4 of 255; white stays white."""
    steps = [min(255, (shade + 4) // 8 * 8) for shade in range(256)]
    picture = Image.open(BytesIO(png)).convert("RGB")
    written = BytesIO()
    picture.point(steps * 3).save(written, "WEBP", lossless=True, quality=50, method=2)
    return written.getvalue()


def picture(app, png: bytes) -> bytes:
    """`webp` of a picture, worked out once by editions that are built side by side and share a folder for it."""
    if not app.config.pictures:
        return webp(png)
    path = Path(app.config.pictures, f"{sha256(png).hexdigest()}.webp")
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(webp(png))
        unfinished.replace(path)  # appears whole, for whoever looks for it
    return path.read_bytes()


def size(png: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(png)).size


def convert_pictures(app, exception):
    """Write the pictures anew, and tell the pages how large they are, so that nothing moves when one arrives."""
    if exception or app.builder.format != "html":
        return
    out, sizes = Path(app.outdir), {}
    for path in sorted((out / "_images").glob("*.png")):
        png = path.read_bytes()
        sizes[path.stem] = size(png)
        path.with_suffix(".webp").write_bytes(picture(app, png))
        path.unlink()

    def drawn(match):
        before, _, name, after = match.groups()
        width, height = sizes[name]
        source = match[2].removesuffix("png") + "webp"
        return f'<img{before}src="{source}"{after} width="{width}" height="{height}" loading="lazy">'

    for path, page in _pages(out).items():
        if (light := _PICTURE.sub(drawn, page)) != page:
            path.write_text(light, encoding="utf8")


def join_sheets(app, exception):
    """Give every page of the book one style sheet in the place of its own, after that of the formulas."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = _pages(out)
    code = code_classes((static / "pygments.css").read_text(encoding="utf8"))
    framed = {path: plain_code(page, code) for path, page in pages.items() if 'class="bd-main' in page}
    linked = {path: [(path.parent / link).resolve() for link in _LINK.findall(page)] for path, page in framed.items()}
    formulas = (static / katex.STYLESHEET).resolve()
    names = set().union(*map(names_on, (pages | framed).values()), *map(words_in, _scripts(out, pages)))
    sheets = [flat(sheet, static.resolve()) for sheet in order(linked.values()) if sheet != formulas]
    css = purge("".join(sheets), names)
    (static / SHEET).write_text(css, encoding="utf8")
    version = sha256(css.encode()).hexdigest()[:8]
    for path, page in framed.items():
        links = [katex.STYLESHEET] * (formulas in linked[path]) + [f"{SHEET}?v={version}"]
        path.write_text(_linked(page, "../" * (len(path.relative_to(out).parts) - 1), links), encoding="utf8")


def _pages(out: Path) -> dict[Path, str]:
    paths = (path for path in sorted(out.rglob("*.html")) if "_static" not in path.relative_to(out).parts)
    return {path: path.read_text(encoding="utf8") for path in paths}


def _scripts(out: Path, pages: Iterable[Path]) -> Iterable[str]:
    """What the pages run, and the cards, which they load when they need them."""
    files = {path for path in reachable(pages) if path.suffix == ".js"} | set((out / "cards").glob("*.js"))
    yield from (path.read_text(encoding="utf8") for path in sorted(files) if path.name != "search-data.js")


def _linked(page: str, up: str, links: list[str]) -> str:
    """The page with these sheets where its first one was."""
    written = iter(["".join(f'    <link rel="stylesheet" href="{up}_static/{link}">\n' for link in links)])
    return _LINK.sub(lambda _: next(written, ""), page)


def setup(app):
    app.add_config_value("pictures", "", "html")
    app.connect("build-finished", convert_pictures, priority=850)
    app.connect("build-finished", join_sheets, priority=880)  # before what no page reaches is removed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
