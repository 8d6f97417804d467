"""The glossary, drawn from ``terms.yml``: its page, and in the chapters the link from a term to its other word."""

import json
import re
from functools import lru_cache
from html import escape
from pathlib import Path

import jsonschema
import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

LANGUAGES = ("zh", "en")
PAGE = "chapters/glossary"

_BOTH = {
    "type": "object",
    "required": ["zh", "en"],
    "additionalProperties": False,
    "properties": {"zh": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
}
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "zh", "en", "see", "def"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
            "zh": {"type": "string", "minLength": 1},
            "en": {"type": "string", "minLength": 1},
            "abbr": {"type": "string", "minLength": 1},
            "see": {"type": "string", "pattern": "^[\\w-]+#[\\w-]+$"},
            "def": _BOTH,
            "everyday": {"const": True},  # also a word of everyday language, so that the text is not linked
            "avoid": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        },
    },
}


def load_terms(path: Path) -> list[dict]:
    """The terms, checked; a ValueError names the entry that is wrong."""
    terms = yaml.load(path.read_text(encoding="utf8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(terms):
        entry = terms[error.path[0]] if error.path else terms
        raise ValueError(f"{path.name}: {error.message} in {json.dumps(entry, ensure_ascii=False)[:120]}")
    for key in ("id", *LANGUAGES):
        seen = set()
        for term in terms:
            if term[key] in seen:
                raise ValueError(f"{path.name}: {key} {term[key]!r} stands twice")
            seen.add(term[key])
    return terms


class GlossaryDirective(SphinxDirective):
    """Lists every term, sorted by its English name, with its definition and the place where it is introduced."""

    def run(self):
        path = Path(self.env.srcdir) / "terms.yml"
        self.env.note_dependency(str(path))
        try:
            terms = load_terms(path)
        except ValueError as error:
            raise ExtensionError(str(error)) from None
        listing = nodes.definition_list(classes=["glossary"])
        for term in sorted(terms, key=lambda term: term["en"].lower()):
            listing += self._entry(term)
        return [listing]

    def _entry(self, term):
        edition = self.config.edition
        first, second = ("en", "zh") if edition == "en" else ("zh", "en")
        name = nodes.term("", "", ids=[f"term-{term['id']}"])
        name += nodes.strong("", term[first])
        name += nodes.inline("", f" · {term[second]}", classes=["other-language"])
        if "abbr" in term:
            name += nodes.inline("", f" ({term['abbr']})", classes=["abbreviation"])
        body = nodes.definition()
        languages = list(LANGUAGES) if edition == "bi" else [edition]
        for lang in languages:
            # An ordinary link, so that MyST warns of a place that does not exist.
            see = f" [→]({term['see'].replace('#', '.ipynb#')})" if lang == languages[-1] else ""
            self.state.nested_parse(StringList([term["def"][lang] + see], "terms.yml"), 0, body)
        return nodes.definition_list_item("", name, body)


class LinkTerms(SphinxPostTransform):
    """Link the first mention of each term in a section to the glossary; the link knows the other language's word."""

    default_priority = 950  # when the text stands as it will be shown
    formats = ("html",)
    builders = ("html",)

    def run(self, **kwargs):
        if not re.match(r"chapters/\d\d-", self.env.docname) or PAGE not in self.env.found_docs:
            return
        spoken = (self.config.edition,) if self.config.edition in LANGUAGES else LANGUAGES
        self.words = linked_words(Path(self.env.srcdir) / "terms.yml", spoken)
        self.page = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        for section in self.document.findall(nodes.section):
            self.seen = set()
            for text in list(running_text(section, but=(nodes.section,))):
                text.parent.replace(text, list(self._linked(text)))

    def _linked(self, text):
        end = 0
        for found in self.words.pattern.finditer(text):
            term, lang = self.words.entries[found[0].lower()]
            if (term["id"], lang) in self.seen:
                continue
            self.seen.add((term["id"], lang))
            yield nodes.Text(text[end : found.start()])
            end = found.end()
            other = term["en" if lang == "zh" else "zh"]
            yield nodes.raw(
                "",
                f'<a class="term" href="{self.page}#term-{term["id"]}" data-other="{escape(other)}">{escape(found[0])}</a>',
                format="html",
                shown=found[0],
            )
        yield nodes.Text(text[end:])


_NO_PROSE = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
)


def running_text(node, but=()):
    """The text below a node that is prose: no title, no code, no formula, nothing that is a link already; nor ``but``."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child
        elif not isinstance(child, (*_NO_PROSE, *but)):
            yield from running_text(child, but)


class LinkedWords:
    """A pattern that finds the terms in a text, longest first, and the term and language of each word it finds."""

    def __init__(self, terms: list[dict], languages: tuple[str, ...] = LANGUAGES):
        # A term that is written alike in both languages has no other word to show.
        linked = [term for term in terms if not term.get("everyday") and term["zh"] != term["en"]]
        self.entries = {term[lang].lower(): (term, lang) for term in linked for lang in languages}
        longest_first = sorted(self.entries, key=lambda word: (-len(word), word))
        self.pattern = re.compile("|".join(map(_word_pattern, longest_first)) or "(?!)", re.IGNORECASE)


def _word_pattern(word: str) -> str:
    """Chinese has no spaces between words; a word in letters is found as a whole."""
    start = "(?<![a-z0-9-])" if re.match("[a-z0-9]", word) else ""
    end = "(?![a-z0-9-])" if re.search("[a-z0-9]$", word) else ""
    return f"{start}{re.escape(word)}{end}"


@lru_cache(maxsize=None)
def linked_words(path: Path, languages: tuple[str, ...]) -> LinkedWords:
    return LinkedWords(load_terms(path), languages)


def add_script(app, pagename, templatename, context, doctree):
    if re.match(r"chapters/\d\d-", pagename):
        app.add_js_file("terms.js", loading_method="defer")


def setup(app):
    app.add_directive("glossary-of-terms", GlossaryDirective)
    app.add_post_transform(LinkTerms)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
