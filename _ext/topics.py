"""The map of the front page, drawn from ``topics.yml``: every chapter, what it builds on, and how far the reader has come."""

import json
import re
from html import escape
from pathlib import Path

import jsonschema
import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from .cells import LANGUAGES

ROW, COLUMN = 10, 10  # of the drawing behind the boxes, which is stretched to their size
BUILDS_ON = {"zh": "基于第 {} 章", "en": "builds on {}"}
MAP = {"zh": "各章怎样互为基础", "en": "What builds on what"}
SOFAR = {
    "zh": "卡片：{known} 张已掌握，{started} 张在学，共 {all} 张；{due} 张今天该复习。",
    "en": "Flashcards: {known} known and {started} being learnt, of {all}; {due} to review today.",
}
FRESH = {"zh": "还没有复习过卡片。", "en": "No flashcards reviewed yet."}
STUDY = {"zh": "去复习", "en": "Study"}

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["chapter", "at", "builds_on"],
        "additionalProperties": False,
        "properties": {
            "chapter": {"type": "string"},
            "at": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
            "builds_on": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        },
    },
}


def load_topics(path: Path, chapters: set[str]) -> list[dict]:
    """The topics, checked against the chapters of the book; a ValueError says what is wrong."""
    topics = yaml.safe_load(path.read_text(encoding="utf8"))
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(topics):
        raise ValueError(f"{path.name}: {'.'.join(map(str, error.absolute_path))}: {error.message}")
    rows = {topic["chapter"]: topic["at"][0] for topic in topics}
    if wrong := sorted(chapters ^ set(rows)):
        raise ValueError(f"{path.name}: every chapter stands on the map, and nothing else: {', '.join(wrong)}")
    if len(rows) < len(topics) or len({tuple(topic["at"]) for topic in topics}) < len(topics):
        raise ValueError(f"{path.name}: a chapter or a place stands twice")
    for topic in topics:
        for below in topic["builds_on"]:
            if rows.get(below, topic["at"][0]) >= topic["at"][0]:
                raise ValueError(f"{path.name}: {topic['chapter']} must stand below {below}, on which it builds")
    return topics


class topic_map(nodes.General, nodes.Element):  # noqa: N801, as docutils names its nodes
    """The place of the map, which is drawn when the titles of all chapters are known."""


class TopicMapDirective(SphinxDirective):
    """Draws every chapter as a box that links to it, with lines from the chapters that it builds on."""

    def run(self):
        self.env.note_dependency(str(Path(self.env.srcdir) / "topics.yml"))
        self.env.note_reread()  # the titles of the chapters may have changed
        return [topic_map()]


class DrawTopicMap(SphinxPostTransform):
    """Draw the map, in the order of the book, so that it reads well aloud; places are given by row and column."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs):
        for place in list(self.document.findall(topic_map)):
            place.replace_self(nodes.raw("", self._draw(), format="html"))

    def _draw(self) -> str:
        numbers = chapter_numbers(self.env)
        try:
            topics = load_topics(Path(self.env.srcdir) / "topics.yml", set(numbers))
        except ValueError as error:
            raise ExtensionError(str(error)) from None
        places = {topic["chapter"]: topic["at"] for topic in topics}
        lines = "".join(
            f'<path d="{_line(places[below], topic["at"])}"/>' for topic in topics for below in topic["builds_on"]
        )
        rows, columns = (1 + max(at[axis] for at in places.values()) for axis in (0, 1))
        boxes = "".join(self._box(topic, numbers) for topic in sorted(topics, key=lambda topic: topic["chapter"]))
        name = MAP.get(self.config.edition, MAP["zh"])  # of the interface, which has one language in every edition
        words = {"sofar": self._say(SOFAR), "fresh": self._say(FRESH)}
        return (
            f'<nav class="topic-map" aria-label="{escape(name)}">'
            f'<svg viewBox="0 0 {columns * COLUMN} {rows * ROW}" preserveAspectRatio="none" aria-hidden="true">{lines}</svg>'
            f"<ul>{boxes}</ul></nav>\n"
            f'<p id="card-progress" hidden data-words="{escape(json.dumps(words, ensure_ascii=False))}">'
            f'<span></span> <a href="cards.html">{self._say(STUDY)}</a></p>'
        )

    def _say(self, words: dict[str, str]) -> str:
        return words.get(self.config.edition) or " ".join(words[lang] for lang in LANGUAGES)

    def _box(self, topic: dict, numbers: dict[str, str]) -> str:
        chapter = topic["chapter"]
        title = self.env.titles[f"chapters/{chapter}"].astext()
        halves = "".join(f"<span>{escape(half)}</span>" for half in title.split(" · "))
        below = ", ".join(numbers[one] for one in sorted(topic["builds_on"]))
        said = f'<span class="visually-hidden">（{self._say(BUILDS_ON).format(*[below] * 2)}）</span>' if below else ""
        row, column = topic["at"]
        return (
            f'<li style="grid-row:{row + 1};grid-column:{column + 1}" data-chapter="{chapter}">'
            f'<a href="{chapter}.html"><b>{numbers[chapter]}</b>{halves}{said}<i class="topic-progress"></i></a></li>'
        )


def _line(start, end) -> str:
    """From the middle of one box to the middle of another, leaving and arriving upright."""
    (y1, x1), (y2, x2) = (((row + 0.5) * ROW, (column + 0.5) * COLUMN) for row, column in (start, end))
    bend = ROW / 2
    return f"M{x1:g} {y1:g}V{y1 + bend * 0.6:g}L{x2:g} {y2 - bend * 0.6:g}V{y2:g}"


def chapter_numbers(env) -> dict[str, str]:
    """The number of each numbered chapter, by the name of its file."""
    secnumbers = {Path(name).name: numbers.get("") for name, numbers in env.toc_secnumbers.items()}
    return {name: str(number[0]) for name, number in secnumbers.items() if number and re.match(r"\d\d-", name)}


def add_script(app, pagename, templatename, context, doctree):
    if pagename == app.config.root_doc:
        app.add_js_file("front.js", loading_method="defer")


def setup(app):
    app.add_node(topic_map)
    app.add_directive("topic-map", TopicMapDirective)
    app.add_post_transform(DrawTopicMap)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
