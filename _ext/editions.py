"""One source, three editions: ``zh``, ``en`` and ``bi`` are filters on the cells of the same notebooks.

The page name and every anchor are the same in all editions, so that a reader can change language in place.
"""

import json
import logging
from functools import partial
from pathlib import Path

from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging as sphinx_logging

from . import cells as c
from .rules import book_faults

logger = sphinx_logging.getLogger(__name__)

LINES_PER_CELL = 10_000  # in MyST-NB's line numbers


def check_edition(app, config):
    if config.edition not in config.editions:
        raise ConfigError(f"edition is {config.edition!r}; known are {', '.join(config.editions)}")


def report_faults(app, env, docnames):
    """Name every fault of the sources before anything is rendered; ``-W`` turns them into a failed build."""
    paths = [Path(env.doc2path(name)) for name in sorted(env.found_docs)]
    for path, fault in book_faults([path for path in paths if path.suffix == ".ipynb"]):
        logger.warning("%s", fault, location=env.path2doc(path), type="notes")


def filter_cells(names, app, docname, content):
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    try:
        notebook = c.page_notebook(json.loads(content[0]), app.config.edition, _lang_codes(app))
    except (ValueError, KeyError, IndexError) as error:
        # What is wrong was reported before; the page is left out, so that every other fault is seen as well.
        logger.warning("left out, its cells can't be read (%r)", error, location=docname, type="notes")
        notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    content[0] = json.dumps(notebook, ensure_ascii=False)
    names.shown[app.env.doc2path(docname)] = [cell["id"] for cell in notebook["cells"]]


class NameCells(logging.Filter):
    """Say in which cell a warning is, and on which of its lines.

    MyST-NB counts 10,000 lines a cell, and counts the cells that the edition shows: ``a.ipynb:1190002``.
    """

    def __init__(self):
        super().__init__()
        self.shown = {}  # the ids of the cells of each page

    def filter(self, record):
        path, _, line = (getattr(record, "location", None) or "").rpartition(":")
        cells = self.shown.get(path)
        if cells and line.isdigit():
            index, line = divmod(int(line), LINES_PER_CELL)
            record.location = f"{path}: cell {cells[index - 1]!r}, line {line}"
        return True


def _lang_codes(app) -> dict[str, str]:
    return {lang: app.config.editions[lang]["lang"] for lang in c.LANGUAGES}


class LocaliseHeadings(SphinxTransform):
    """Keep the half of each heading that the edition shows, and anchor it by its English half.

    docutils drops Chinese from ids, which would leave ``id1`` in the Chinese edition.
    """

    default_priority = 10

    def apply(self, **kwargs):
        edition = self.config.edition
        for section in self.document.findall(nodes.section):
            title = section.next_node(nodes.title)
            if not c.halves(title.astext()):
                continue
            self._rename(section, c.anchor(title.astext()))
            kept = self._half(title, edition)
            title.clear()
            title.extend(kept)

    def _rename(self, section, anchor):
        old = section["ids"][0]
        section["ids"][0] = anchor
        self.document.ids[anchor] = self.document.ids.pop(old)
        for name, node_id in self.document.nameids.items():
            if node_id == old:
                self.document.nameids[name] = anchor
        # What MyST has noted for links to this heading: slug -> (line, id, text).
        slugs = self.env.metadata[self.env.docname].get("myst_slugs", {})
        for slug, (line, node_id, text) in slugs.items():
            if node_id == old:
                slugs[slug] = (line, anchor, c.localise(text, self.config.edition))

    def _half(self, title, edition):
        if edition not in c.LANGUAGES:
            return list(title.children)
        chinese, english, side = [], [], "zh"
        for child in title.children:
            if isinstance(child, nodes.Text) and c.HALVES in child:
                before, after = child.split(c.HALVES)
                chinese.append(nodes.Text(before))
                english.append(nodes.Text(after))
                side = "en"
            else:
                (chinese if side == "zh" else english).append(child)
        return [node for node in (chinese if edition == "zh" else english) if node.astext()]


def localise_toc_captions(app, config):
    for document in config.external_site_map.values():
        for tree in document.subtrees:
            tree.caption = tree.caption and c.localise(tree.caption, config.edition)


def setup(app):
    app.add_config_value("edition", "bi", "env")
    app.add_config_value("editions", {}, "env")
    app.connect("config-inited", check_edition)
    app.connect("config-inited", localise_toc_captions, priority=900)  # after the table of contents was read
    app.connect("env-before-read-docs", report_faults)
    names = NameCells()
    app.connect("source-read", partial(filter_cells, names))
    for handler in logging.getLogger("sphinx").handlers:
        handler.addFilter(names)
    app.add_transform(LocaliseHeadings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
