"""The ways to run a page: as a notebook, as a script, on Colab, on Binder; and to take the whole site along.

Where the sources stand, the environment says: BOOK_REPOSITORY, such as ``https://github.com/name/notes``. Without it no
button leads to Colab or Binder, which read from GitHub.
"""

import json
import re
import tomllib
from html import escape
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from . import downloads

OFFLINE = "notes-offline.zip"  # at the root of the site
BRANCH = "gh-pages"
GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")

_ = get_translation("sphinx")


def read_notebook(app, docname: str) -> dict | None:
    """The notebook of a page if it has code to run; what can't be read was reported before."""
    path = Path(app.env.doc2path(docname)) if docname in app.env.found_docs else None
    if path is None or path.suffix != ".ipynb":
        return None
    try:
        notebook = json.loads(path.read_text(encoding="utf8"))
        return notebook if downloads.has_code(notebook) else None
    except (ValueError, KeyError, TypeError):
        return None


def hosted(repository: str, edition: str, docname: str) -> dict[str, str]:
    """The addresses at which Colab and Binder open a page; none where the sources are not on GitHub."""
    if not (found := GITHUB.fullmatch(repository)):
        return {}
    name, source = found[1], f"{docname}.ipynb"
    colab = f"https://colab.research.google.com/github/{name}/blob/{BRANCH}/{edition}/_sources/{source}"
    binder = f"https://mybinder.org/v2/gh/{name}/HEAD?labpath={quote(source, safe='')}"
    return {_("Run on Colab"): colab, _("Run on Binder"): binder}


def add_menu(app, pagename, templatename, context, doctree):
    """What the menu of a page offers."""
    context["run_links"] = []
    if not read_notebook(app, pagename):
        return
    own = {"notebook": (_("Download the notebook"), "ipynb"), "script": (_("Download the script"), "py")}
    links = [
        {"kind": kind, "words": words, "url": context["pathto"](f"_sources/{pagename}.{suffix}", 1), "download": True}
        for kind, (words, suffix) in own.items()
    ]
    addresses = hosted(app.config.book_repository, app.config.edition, pagename)
    links += [{"kind": "hosted", "words": words, "url": url} for words, url in addresses.items()]
    if app.config.edition_siblings:
        words, up = _("Download the whole site, to read offline"), "../" * (pagename.count("/") + 1)
        links.append({"kind": "offline", "words": words, "url": f"{up}{OFFLINE}", "download": True})
    context["run_links"] = links


class OfflineDirective(SphinxDirective):
    """The line of the front page that offers the whole site; empty in a build that does not pack it."""

    def run(self):
        if not self.config.edition_siblings:
            return []
        up = "../" * (self.env.docname.count("/") + 1)
        words = escape(_("Download the whole site, to read offline"))
        line = f'<p class="run-offline"><a href="{up}{OFFLINE}" download>{words}</a></p>'
        return [nodes.raw("", line, format="html")]


def write_downloads(app, exception):
    """Put the edition's notebook, and its script, where Sphinx has copied the source; a page without code has none."""
    if exception or app.builder.format != "html":
        return
    config, folder = app.config, Path(app.outdir) / "_sources"
    version = tomllib.loads((Path(app.srcdir) / "pyproject.toml").read_text(encoding="utf8"))["project"]["version"]
    package = downloads.requirement(config.book_url, config.book_repository, version)
    for docname in app.env.found_docs:
        path = folder / f"{docname}.ipynb"
        if notebook := read_notebook(app, docname):
            pages = config.html_baseurl and config.html_baseurl + docname.rpartition("/")[0]
            notebook = downloads.download_notebook(notebook, config.edition, package, pages)
            path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
            path.with_suffix(".py").write_text(downloads.script(notebook), encoding="utf8")
        else:
            path.unlink(missing_ok=True)


def setup(app):
    app.add_config_value("book_repository", "", "html")
    app.add_directive("offline-site", OfflineDirective)
    app.connect("html-page-context", add_menu)
    app.connect("build-finished", write_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
