"""What stands around the text of a page: the language switch, and nothing that the page doesn't need."""

import re
from html import escape
from pathlib import Path

from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput

# Scripts of Sphinx and the theme that no page of the book uses; frame.js does what is left of theirs.
UNUSED_SCRIPTS = re.compile(
    r"documentation_options|doctools|translations|sphinx_highlight|searchtools|language_data|searchindex|scripts/sphinx-book-theme"
)


def visit_folded_code(self, node):
    """The code of a figure, folded like a derivation; MyST-NB's own fold has a label in English for screen readers."""
    self.body.append(f'<details class="fold"><summary>{escape(node["prompt_show"])}</summary>\n')


def add_edition_links(app, pagename, templatename, context, doctree):
    """Links to the same page in the other editions, where the site has them beside this one."""
    context["edition"] = app.config.edition
    context["edition_links"] = []
    if not app.config.edition_siblings:
        return
    suffix = app.builder.get_target_uri(pagename)
    up = "../" * (pagename.count("/") + 1)
    context["edition_links"] = [
        {
            **edition,
            "edition": name,
            # No code stands for two languages; the bilingual page serves whoever reads neither edition.
            "hreflang": "x-default" if name == "bi" else edition["lang"],
            "url": f"{up}{name}/{suffix}",
        }
        for name, edition in app.config.editions.items()
    ]
    app.add_js_file("language-switch.js", loading_method="defer")


def drop_unused_scripts(app, pagename, templatename, context, doctree):
    files = ((script, getattr(script, "filename", None)) for script in context["script_files"])
    # One without a file stands in the page itself: options for the theme's scripts.
    context["script_files"] = [script for script, name in files if name and not UNUSED_SCRIPTS.search(str(name))]


def drop_empty_headers(app, pagename, templatename, context, doctree):
    """The corner of a table heads nothing; as an empty header it would be read out."""
    if "body" in context:
        context["body"] = re.sub(r'<th class="head[^"]*"><p></p></th>', "<td></td>", context["body"])


ENTRANCE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={target}">
<link rel="icon" href="_static/favicon.svg">
<title>{title}</title>
</head>
<body><h1><a href="{target}">{title}</a></h1></body>
</html>
"""


def write_entrance(app, exception):
    """An index.html that leads to the first page, which lives below ``chapters/``."""
    if exception or app.builder.format != "html":
        return
    page = ENTRANCE.format(
        lang=app.config.editions[app.config.edition]["lang"],
        target=app.builder.get_target_uri(app.config.root_doc),
        title=app.config.html_title,
    )
    (Path(app.outdir) / "index.html").write_text(page, encoding="utf8")


_LINKS = {
    ".html": re.compile(r'(?:src|href)="([^"#?:]+)'),
    ".css": re.compile(r"""(?:url\(\s*|@import\s+)['"]?([^'")?#:]+)"""),
}


def reachable(pages):
    """The files that the pages load or link to, directly or through a style sheet."""
    reached, waiting = set(), [page.resolve() for page in pages]
    while waiting:
        path = waiting.pop()
        if path in reached or not path.is_file():
            continue
        reached.add(path)
        if links := _LINKS.get(path.suffix):
            waiting += [(path.parent / link).resolve() for link in links.findall(path.read_text(encoding="utf8"))]
    return reached


def prune_static(app, exception):
    """Leave in ``_static`` only what some page reaches, and the licences of what is vendored."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    reached = reachable(page for page in sorted(out.rglob("*.html")) if "_static" not in page.parts)
    for path in sorted((out / "_static").rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.resolve() not in reached and not _licence_of(path, reached):
            path.unlink()
    # Sphinx keeps what it needs for the next incremental build beside the pages; a reader doesn't.
    for leftover in (".buildinfo", "objects.inv"):
        (out / leftover).unlink(missing_ok=True)


def _licence_of(path, reached):
    """Whether a file is the licence of something that is shipped."""
    return path.name == "LICENSE" or path.with_name(path.name.removesuffix(".LICENSE.txt")).resolve() in reached


def drop_icon_fonts(app, exception):
    """The theme's style sheet asks for Font Awesome, whose icons book.css draws instead."""
    if exception or app.builder.format != "html":
        return
    sheet = Path(app.outdir) / "_static" / "styles" / "pydata-sphinx-theme.css"
    css = sheet.read_text(encoding="utf8")
    sheet.write_text(re.sub(r"@font-face\{[^}]*Font Awesome[^}]*\}", "", css), encoding="utf8")


def setup(app):
    app.add_config_value("edition_siblings", False, "html")
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded_code, depart_HideCellInput))
    app.connect("html-page-context", add_edition_links)
    app.connect("html-page-context", drop_unused_scripts, priority=900)
    app.connect("html-page-context", drop_empty_headers)
    app.connect("build-finished", write_entrance, priority=100)  # before the table of contents writes a barer one
    app.connect("build-finished", drop_icon_fonts, priority=800)
    app.connect("build-finished", prune_static, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
