"""What a page may load and run, said by the page itself: nothing but the files of its own site.

Whatever else a text brings in (a script, an address that runs one, a picture from elsewhere), a browser refuses. The policy
is written from what the file holds, so that none can be without; a script or a style that stands in the page itself counts
by its hash alone.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape, unescape
from pathlib import Path

# A page that is opened from the disk has no origin, and not every browser takes its neighbours for 'self'. From a server
# no page can load a file, so that the second word allows nothing there.
OWN = "'self' file:"
# Where the policy stands: what comes before it is not under it, but the encoding has to be among the first 1024 bytes.
_CHARSET = re.compile(r"<meta charset=[^>]*>")
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_STYLE_ATTRIBUTE = re.compile(r"<[a-z][^<>]*?\sstyle=\"([^\"]*)\"", re.IGNORECASE)
_DATA = re.compile(r"\b(?:src=|type=\"application/json\")")


def policy(page: str) -> str:
    """The policy of a page: its own files, and what stands in it by hash."""
    scripts = [text for attributes, text in _SCRIPT.findall(page) if not _DATA.search(attributes)]
    attributes = [unescape(style) for style in _STYLE_ATTRIBUTE.findall(page)]
    rules = {
        "default-src": "'none'",
        "script-src": " ".join([OWN, *_hashes(scripts)]),
        "style-src": " ".join([OWN, *_hashes(_STYLE.findall(page))]),
        "img-src": f"{OWN} data:",
        "font-src": OWN,
        "connect-src": "'self'",  # Lighthouse asks the page itself for robots.txt
        "form-action": OWN,
        "base-uri": "'none'",
    }
    if attributes:
        rules["style-src-attr"] = " ".join(["'unsafe-hashes'", *_hashes(attributes)])
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _hashes(texts: list[str]) -> list[str]:
    return sorted({f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts})


def with_policy(page: str) -> str:
    """The page with its policy, right after its encoding."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(page))}">'
    placed, count = _CHARSET.subn(lambda charset: f"{charset[0]}\n{meta}", page, count=1)
    if not count:
        raise ValueError("a page without <meta charset>, after which its policy would stand")
    return placed


def write_policies(folder: Path) -> None:
    """Give each page in a folder and below it its policy."""
    for path in sorted(folder.rglob("*.html")):
        path.write_text(with_policy(path.read_text(encoding="utf8")), encoding="utf8")


def finish(app, exception):
    if not exception and app.builder.format == "html":
        write_policies(Path(app.outdir))


def setup(app):
    app.connect("build-finished", finish, priority=990)  # when nothing writes into a page any more
    return {"parallel_read_safe": True, "parallel_write_safe": True}
