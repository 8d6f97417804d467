"""The works that the book cites, drawn from ``references.yml``: their page, and the links from the citations in the text."""

import re
from functools import lru_cache
from html import escape
from pathlib import Path

import jsonschema
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from flashcards.sources import TEXT, SourceError, load_yaml, schema_faults

from .glossary import running_text

FILE = "references.yml"
PAGE = "chapters/references"
_SCHEMA = jsonschema.Draft202012Validator(
    {
        "type": "object",
        "required": ["cite", "authors", "title", "in"],
        "additionalProperties": False,
        "properties": {
            "cite": {"type": "string", "pattern": r"^\S.* (19|20)\d\d[a-z]?$"},
            "authors": TEXT,
            "title": TEXT,
            "in": TEXT,
        },
    }
)


def load_references(path: Path) -> dict[str, dict]:
    """The works by their citations, "Names year"; raises SourceError."""
    entries, lines = load_yaml(path)
    if not isinstance(entries, list):
        raise SourceError([f"{path.name}: a list of works is expected"])
    placed = [(f"{path.name}:{line}", entry) for line, entry in zip(lines, entries)]
    faults = [f"{place}: {fault}" for place, entry in placed for fault in schema_faults(_SCHEMA, entry)]
    if not faults:
        faults = [
            f"{place}: {entry['cite']!r} after {before['cite']!r}: the entries are sorted, and none stands twice"
            for (_, before), (place, entry) in zip(placed, placed[1:])
            if entry["cite"].lower() <= before["cite"].lower()
        ]
    if faults:
        raise SourceError(faults)
    return {entry["cite"]: entry for entry in entries}


def anchor(cite: str) -> str:
    return "ref-" + re.sub(r"\W+", "-", cite.lower().replace("et al.", ""))


def pattern(cites) -> re.Pattern:
    """Finds these citations in a text, as "Names year" or "Names (year)"."""
    split = [map(re.escape, cite.rsplit(" ", 1)) for cite in sorted(cites, key=len, reverse=True)]
    forms = [rf"{names}(?: {year}\b| ?[（(]{year}[)）])" for names, year in split]
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms) or '(?!)'})")


def cited(found: str) -> str:
    """A citation as references.yml writes it."""
    return re.sub(r" ?[（(](\w+)[)）]$", r" \1", found)


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
            entries, _ = read(path)
        except SourceError as error:
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
        _, self.pattern = read(Path(self.env.srcdir) / FILE)
        self.page = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        for text in list(running_text(self.document)):
            if self.pattern.search(text):
                text.parent.replace(text, list(self._linked(text)))

    def _linked(self, text):
        end = 0
        for found in self.pattern.finditer(text):
            yield nodes.Text(text[end : found.start()])
            link = f"{self.page}#{anchor(cited(found[0]))}"
            yield nodes.reference("", found[0], internal=True, refuri=link, classes=["citation"])
            end = found.end()
        yield nodes.Text(text[end:])


def setup(app):
    app.add_directive("list-of-references", ReferencesDirective)
    app.add_post_transform(LinkCitations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
