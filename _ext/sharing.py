"""What search engines and messengers are told of a page: its description, its address, its picture, its languages.

Where the site will stand, the environment says: BOOK_URL, such as ``https://name.github.io/notes/``. A build without it
makes pages that name no address.
"""

import re
from html import escape, unescape
from pathlib import Path
from shutil import copyfile

from docutils import nodes

from . import cells as c
from .search import visible_text

LENGTH = 155  # characters of a description that are shown
CARDS = Path(__file__).parent.parent / "_assets" / "social"
DESCRIPTION = {
    "zh": "深度学习复习笔记：每个公式都能运行、都经过检验；网页、笔记本、卡片三种用法。",
    "en": "Revision notes on deep learning whose every formula runs and is checked: a website, notebooks, flashcards.",
}


def set_address(app, config):
    """Each edition has its own address below that of the site; Sphinx makes the canonical links from it."""
    if config.book_url:
        config.html_baseurl = f"{config.book_url.rstrip('/')}/{config.edition}/"


def describe(doctree, edition: str) -> str:
    """The first paragraph of a page, cut at a word where it is long; the book's own description if it has none."""
    shared = DESCRIPTION.get(edition) or DESCRIPTION["zh"]
    paragraph = doctree and next(iter(doctree.findall(nodes.paragraph)), None)
    text = " ".join(visible_text(paragraph).split()) if paragraph is not None else ""
    if len(text) < 20:
        return shared
    return text if len(text) <= LENGTH else f"{text[:LENGTH].rsplit(' ', 1)[0] if ' ' in text[LENGTH // 2 : LENGTH] else text[:LENGTH]}…"


def add_tags(app, pagename, templatename, context, doctree):
    edition = app.config.edition
    # Of an HTML title only the text: a preview shows it as it stands.
    title = unescape(re.sub(r"<[^>]+>", "", c.localise(context.get("title", ""), edition))) or app.config.html_title
    tags = {
        "name": {"description": describe(doctree, edition), "twitter:card": "summary_large_image"},
        "property": {
            "og:title": title,
            "og:description": describe(doctree, edition),
            "og:type": "website" if pagename == app.config.root_doc else "article",
            "og:site_name": app.config.html_title,
            "og:locale": app.config.editions[edition]["lang"].replace("-", "_"),
        },
    }
    if app.config.html_baseurl:
        tags["property"] |= {
            "og:url": app.config.html_baseurl + app.builder.get_target_uri(pagename),
            "og:image": f"{app.config.html_baseurl}_static/social.png",
            "og:image:width": "1200",
            "og:image:height": "630",
            "og:image:alt": app.config.html_title,
        }
    lines = (
        f'<meta {kind}="{name}" content="{escape(text)}">' for kind, own in tags.items() for name, text in own.items()
    )
    context["metatags"] = context.get("metatags", "") + "\n".join(lines)


def make_links_absolute(app, pagename, templatename, context, doctree):
    """Search engines take the address of another language only whole."""
    if app.config.book_url:
        target = app.builder.get_target_uri(pagename)
        for link in context["edition_links"]:
            link["absolute"] = f"{app.config.book_url.rstrip('/')}/{link['edition']}/{target}"


def copy_card(app, exception):
    """The picture of the edition, which nothing but the tags names."""
    if not exception and app.builder.format == "html" and app.config.html_baseurl:
        copyfile(CARDS / f"{app.config.edition}.png", Path(app.outdir) / "_static" / "social.png")


def setup(app):
    app.add_config_value("book_url", "", "html")
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_tags)
    app.connect("html-page-context", make_links_absolute, priority=600)  # after the links were made
    app.connect("build-finished", copy_card, priority=950)  # after what no page links to was removed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
