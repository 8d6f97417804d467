"""Search for one Chinese character or two letters up, at the level of sections, also from ``file://``.

Sphinx's own search splits text into words, which Chinese does not have. Here a hit is a substring: the build writes
the text of every section as a classic script (a browser blocks ``fetch`` on ``file://``), and search.js scans it.
"""

import html
import json
import re
from pathlib import Path

from docutils import nodes

from . import katex

DATA = "search-data.js"
SEARCH_PAGE = "search"


def replace_builtin_search(app):
    app.builder.search = False


def sections(doctree) -> list[tuple[str, str, str]]:
    """The places of a page, each as (anchor, title, text): its sections without their subsections, its terms."""
    found = []
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        found.append((section["ids"][0], title.astext(), _text_below(section)))
    for entry in doctree.findall(nodes.definition_list_item):
        term = entry.next_node(nodes.term)
        if term["ids"]:
            found.append((term["ids"][0], term.astext(), _text_below(entry)))
    return found


# What is not shown, what is a place of its own, and the labels of references that are not numbered yet.
_LEFT_OUT = (nodes.title, nodes.section, nodes.term, nodes.math_block, nodes.comment, nodes.target)


def _text_below(node) -> str:
    return re.sub(r"\s+", " ", " ".join(visible_text(child) for child in node.children)).strip()


def visible_text(node) -> str:
    """What a reader can see of a node, except display formulas and HTML that does not say (``shown``) what it shows."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.raw):
        return node.get("shown", "")
    if isinstance(node, _LEFT_OUT) or node.get("reftype") == "eq":
        return ""
    if isinstance(node, nodes.math):
        return _readable(node.astext())
    if isinstance(node, nodes.image):
        return node.get("alt", "")
    if isinstance(node, nodes.definition_list_item) and node.next_node(nodes.term)["ids"]:
        return ""
    between = "" if isinstance(node, nodes.TextElement) else " "
    return between.join(visible_text(child) for child in node.children)


def _readable(tex: str) -> str:
    """A formula in running text, as the characters that its MathML shows; 1/4 must not be read as 14."""
    if re.search(r"\^|\\[dt]?frac|\\sqrt", tex):
        return "…"
    try:
        drawn = katex.render(tex)
    except katex.TexError:
        return ""  # reported where it is drawn
    return html.unescape(re.sub(r"<[^>]+>", "", drawn.partition("</math>")[0]))


def write_data(app):
    """Runs as a collector of pages: the last moment at which every doctree is read and titles are final."""
    rows = []
    for docname in sorted(app.env.found_docs):
        page = app.env.titles[docname].astext()
        for number, (anchor, title, text) in enumerate(sections(app.env.get_doctree(docname))):
            link = app.builder.get_target_uri(docname) + (f"#{anchor}" if number else "")
            rows.append([link, page, title, text])
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (static / DATA).write_text(f"const SEARCH_DATA = [\n{lines}\n];\n", encoding="utf8")
    yield SEARCH_PAGE, {}, "search.html"


def add_scripts(app, pagename, templatename, context, doctree):
    if pagename == SEARCH_PAGE:
        app.add_js_file(DATA)
        app.add_js_file("search.js", loading_method="defer")


def setup(app):
    app.connect("builder-inited", replace_builtin_search)
    app.connect("html-collect-pages", write_data)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
