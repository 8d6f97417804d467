"""Figures with knobs: a script draws a live version in the place of the picture, which stands without it."""

import json
from pathlib import Path

from docutils import nodes

from .cells import LANGUAGES
from .rules import INTERACTIVE

MARK = "interactive"


def scripts_by_figure(notebook: dict) -> dict[str, str]:
    """The name of the script that draws each interactive figure, by the name of the figure."""
    own = [cell["metadata"] for cell in notebook["cells"]]
    return {data["figure"]["name"]: data[MARK] for data in own if "figure" in data and data.get(MARK) in INTERACTIVE}


def mark_figures(app, doctree):
    """Tell the scripts which figures are theirs, by a class."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    scripts = scripts_by_figure(json.loads(path.read_text(encoding="utf8")))
    for figure in doctree.findall(nodes.figure):
        for name in set(figure["ids"]) & set(scripts):
            figure["classes"].append(f"{MARK}-{scripts[name]}")


def add_assets(app, pagename, templatename, context, doctree):
    """Load on a page what its own figures need, and nothing on the others."""
    marks = {f"{MARK}-{name}": name for name in sorted(INTERACTIVE)}
    figures = list(doctree.findall(nodes.figure)) if doctree else []
    needed = [name for mark, name in marks.items() if any(mark in figure["classes"] for figure in figures)]
    if not needed:
        return
    spoken = LANGUAGES if app.config.edition == "bi" else [app.config.edition]
    languages = " ".join(app.config.editions[lang]["lang"] for lang in spoken)
    app.add_css_file("interactive.css")
    app.add_js_file(f"{MARK}/shared.js", loading_method="defer", **{"data-languages": languages})
    for name in needed:
        app.add_js_file(f"{MARK}/{name}.js", loading_method="defer")


def setup(app):
    app.connect("doctree-read", mark_figures)
    app.connect("html-page-context", add_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
