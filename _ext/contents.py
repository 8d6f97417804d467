"""The contents beside each page: the chapters by the parts of the book, worked out once.

Sphinx resolves the whole tree anew for each page, which took a third of the time in a book of 256 chapters, and more in a
larger one.
"""

from dataclasses import dataclass

from sphinx import addnodes


@dataclass(frozen=True)
class Part:
    """A part of the book: its caption, and its chapters as (name of the document, title as HTML with its number)."""

    caption: str | None
    chapters: list[tuple[str, str]]

    def holds(self, docname: str) -> bool:
        return any(name == docname for name, _ in self.chapters)


def parts(app) -> list[Part]:
    """What the first page lists, in its order."""
    trees = app.env.get_doctree(app.config.root_doc).findall(addnodes.toctree)
    return [Part(tree.get("caption"), _chapters(app, tree)) for tree in trees]


def _chapters(app, tree) -> list[tuple[str, str]]:
    return [(name, _title(app, name)) for _, name in tree["entries"] if name in app.env.titles]


def _title(app, docname: str) -> str:
    number = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
    title = "".join(app.builder.render_partial(child)["fragment"] for child in app.env.titles[docname].children)
    return number + app.config.html_secnumber_suffix + title if number else title


def add_parts(app, pagename, templatename, context, doctree):
    if not hasattr(app, "parts_of_the_book"):
        app.parts_of_the_book = parts(app)
    context["parts"] = app.parts_of_the_book


def setup(app):
    app.connect("html-page-context", add_parts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
