"""The works that the book cites, drawn from ``references.yml``: their page, and the links from the citations in the text."""

import re
from functools import lru_cache
from html import escape
from pathlib import Path

import jsonschema
import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from .glossary import running_text

FILE = "references.yml"
PAGE = "chapters/references"
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["cite", "authors", "title", "in"],
        "additionalProperties": False,
        "properties": {
            "cite": {"type": "string", "pattern": r"^\S.* (19|20)\d\d[a-z]?$"},
            "authors": {"type": "string", "minLength": 1},
            "title": {"type": "string", "minLength": 1},
            "in": {"type": "string", "minLength": 1},
        },
    },
}


def load_references(path: Path) -> dict[str, dict]:
    """The works by their citations, "Names year"; a ValueError names the entry that is wrong."""
    entries = yaml.safe_load(path.read_text(encoding="utf8"))
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(entries):
        raise ValueError(f"{path.name}: entry {'.'.join(map(str, error.absolute_path))}: {error.message}")
    cites = [entry["cite"] for entry in entries]
    for before, cite in zip(cites, cites[1:]):
        if cite.lower() <= before.lower():
            raise ValueError(f"{path.name}: {cite!r} after {before!r}: the entries are sorted, and none stands twice")
    return dict(zip(cites, entries))


def anchor(cite: str) -> str:
    return "ref-" + re.sub(r"\W+", "-", cite.lower().replace("et al.", ""))


def pattern(cites) -> re.Pattern:
    """Finds citations in a text, "Names year" or "Names (year)"."""
    names = sorted({cite.rpartition(" ")[0] for cite in cites}, key=lambda name: (-len(name), name))
    year = r"((?:19|20)\d\d[a-z]?)"
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, names)) or '(?!)'})(?: {year}\b| ?[（(]{year}[)）])")


def cited(found: re.Match) -> str:
    """The citation that was found, as references.yml writes it."""
    names, *year = found.groups()
    return f"{names} {''.join(filter(None, year))}"


@lru_cache(maxsize=None)
def read(path: Path) -> tuple[dict[str, dict], re.Pattern]:
    entries = load_references(path)
    return entries, pattern(entries)


class ReferencesDirective(SphinxDirective):
    """Lists every work. The list is the same in all editions: a work is looked for by the title that it has."""

    def run(self):
        path = Path(self.env.srcdir) / FILE
        self.env.note_dependency(str(path))
        try:
            entries = load_references(path)
        except ValueError as error:
            raise ExtensionError(str(error)) from None
        items = "".join(f'<li id="{anchor(cite)}">{_drawn(cite, entry)}</li>\n' for cite, entry in entries.items())
        shown = " ".join(f"{entry['authors']} {entry['title']}" for entry in entries.values())
        return [nodes.raw("", f'<ul class="references" lang="en">\n{items}</ul>', format="html", shown=shown)]


def _drawn(cite: str, entry: dict) -> str:
    end = "" if entry["title"].endswith("?") else "."
    names, _, year = cite.rpartition(" ")
    return f"{escape(entry['authors'])} ({year}). <cite>{escape(entry['title'])}</cite>{end} {escape(entry['in'])}."


class LinkCitations(SphinxPostTransform):
    """Link each citation in the text to its work."""

    default_priority = 940  # before the terms, which leave alone what is a link
    formats = ("html",)
    builders = ("html",)

    def run(self, **kwargs):
        if PAGE not in self.env.found_docs:
            return
        self.entries, self.pattern = read(Path(self.env.srcdir) / FILE)
        self.page = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        for text in list(running_text(self.document)):
            if self.pattern.search(text):
                text.parent.replace(text, list(self._linked(text)))

    def _linked(self, text):
        end = 0
        for found in self.pattern.finditer(text):
            if cited(found) not in self.entries:
                continue
            yield nodes.Text(text[end : found.start()])
            link = f"{self.page}#{anchor(cited(found))}"
            yield nodes.reference("", found[0], internal=True, refuri=link, classes=["citation"])
            end = found.end()
        yield nodes.Text(text[end:])


def setup(app):
    app.add_directive("list-of-references", ReferencesDirective)
    app.add_post_transform(LinkCitations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
