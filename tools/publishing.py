"""What stands at the root of the site, beside the editions: the entrance, the page for what does not exist, and where the
site has an address (BOOK_URL) what search engines read."""

from importlib.metadata import distribution
from pathlib import Path
from shutil import copyfile
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from _ext.policy import with_policy

# Whose scripts and style sheets the pages carry; the licence of each is in its distribution.
SHIPPED = ("Sphinx", "sphinx-book-theme", "pydata-sphinx-theme", "myst-nb", "Pygments")
LANGUAGES = {"zh": "zh-CN", "en": "en", "bi": "x-default"}


def write_root(source: Path, site: Path, address: str) -> None:
    """Copy the files of the root. A missing page is answered from any folder, so that its links name the whole path."""
    base = urlsplit(address).path.rstrip("/") + "/" if address else ""
    for asset in sorted((source / "_assets" / "root").iterdir()):
        if asset.suffix == ".html":
            page = asset.read_text(encoding="utf8").replace("%BASE%", base)
            (site / asset.name).write_text(with_policy(page), encoding="utf8")
        else:
            copyfile(asset, site / asset.name)
    (site / "licences.txt").write_text(licences(source), encoding="utf8")
    if address:
        write_sitemap(site, address.rstrip("/"))


def write_sitemap(site: Path, address: str) -> None:
    """Every page of every edition, each with the same page in the other languages; and robots.txt, which names the map."""
    pages = sorted(path.relative_to(site / "bi").as_posix() for path in (site / "bi" / "chapters").glob("*.html"))
    entries = []
    for page in pages:
        links = "".join(
            f"<xhtml:link rel='alternate' hreflang='{language}' href={quoteattr(f'{address}/{edition}/{page}')}/>"
            for edition, language in LANGUAGES.items()
        )
        entries += [f"<url><loc>{escape(f'{address}/{edition}/{page}')}</loc>{links}</url>" for edition in LANGUAGES]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
        *entries,
        "</urlset>",
    ]
    (site / "sitemap.xml").write_text("\n".join(lines) + "\n", encoding="utf8")
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {address}/sitemap.xml\n", encoding="utf8")


def licences(source: Path) -> str:
    """The licences of the book, and of everything by others that the site carries, in full."""
    texts = {
        "The code of the book (MIT)": (source / "LICENSE").read_text(encoding="utf8"),
        "The text and the figures of the book (CC BY 4.0)": (source / "LICENSE-CC-BY-4.0").read_text(encoding="utf8"),
    }
    for path in sorted((source / "_assets").glob("*/LICENSE")):
        texts[f"Vendored: {path.parent.name}"] = path.read_text(encoding="utf8")
    for name in SHIPPED:
        own = [file for file in distribution(name).files if "licen" in file.name.lower()]
        texts[name] = "\n".join(file.read_text() for file in sorted(own))
    rule = "=" * 78
    return "\n\n".join(f"{rule}\n{name}\n{rule}\n\n{text.strip()}" for name, text in texts.items()) + "\n"
