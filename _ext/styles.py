"""Style sheets less what no page needs: the theme brings twenty times as many rules as match anything. Knows nothing of Sphinx.

A rule stays unless it surely matches nothing: every class, id, attribute and element that its selector names has to stand
on some page, or as a word in some script.
"""

import re
from collections.abc import Iterable
from os.path import relpath
from pathlib import Path

import tinycss2

_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[^\s=>\"']+(?:=\"[^\"]*\")?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"\s([^\s=>\"']+)(?:=\"([^\"]*)\")?")
_GROUPS = {"media", "supports", "layer", "container"}


def names_on(page: str) -> set[str]:
    """The elements, attributes, classes and ids of a page."""
    found = set()
    for element, attributes in set(_TAG.findall(page)):
        found.add(element.lower())
        for name, value in _ATTRIBUTE.findall(attributes):
            found.add(name.lower())
            if name in ("class", "id"):
                found.update(value.split())
    return found


def words_in(script: str) -> set[str]:
    """Whatever a script could name; its variables too, which does no harm."""
    words = set(re.findall(r"[A-Za-z_][\w-]*", script))
    # element.dataset.themeName is the attribute data-theme-name.
    return words | {"data-" + re.sub(r"[A-Z]", lambda capital: f"-{capital[0].lower()}", word) for word in words}


def purge(css: str, names: set[str]) -> str:
    """The rules of a style sheet that can match something, without the variables that nothing reads."""
    kept = _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), names | {"html", "body", "*"})
    while True:
        read = set(re.findall(r"var\(\s*(--[\w-]+)", kept)) | {name for name in names if name.startswith("--")}
        slimmer = re.sub(
            r"(?<=[{;])(--[\w-]+):(?:[^;{}\"']|\"[^\"]*\"|'[^']*')*(?:;|(?=\}))",
            lambda found: found[0] if found[1] in read else "",
            kept,
        )
        slimmer = re.sub(r"[^{}]+\{\}", "", slimmer)
        if slimmer == kept:
            return kept
        kept = slimmer


def _rules(rules: Iterable, names: set[str]) -> str:
    written = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [one for one in _selectors(rule.prelude) if _can_match(one, names)]
            body = _declarations(rule.content)
            if selectors and body:
                written.append(f"{','.join(selectors)}{{{body}}}")
        elif rule.type == "at-rule" and rule.at_keyword in _GROUPS and rule.content is not None:
            parsed = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            if inner := _rules(parsed, names):
                written.append(f"@{rule.at_keyword} {_squeezed(rule.prelude)}{{{inner}}}")
        elif rule.type == "at-rule" and rule.at_keyword != "charset":
            written.append(re.sub(r"\s+", " ", rule.serialize()))
    return "".join(written)


def _selectors(prelude: list) -> list[str]:
    """The selectors of a list; the commas within brackets belong to one of them."""
    groups = [[]]
    for token in prelude:
        if token == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    return [_squeezed(group) for group in groups]


def _squeezed(tokens: list) -> str:
    return re.sub(r"\s+", " ", tinycss2.serialize([token for token in tokens if token.type != "comment"])).strip()


_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_FUNCTION = re.compile(r":[\w-]+\([^()]*\)")
_NAMED = re.compile(r"::?[\w-]+|[.#]?((?:[\w-]|\\.)+)")


def _can_match(selector: str, names: set[str]) -> bool:
    plain = _STRING.sub("", selector)
    while (simpler := _FUNCTION.sub("", plain)) != plain:  # what :not(), :is() and their like hold is not looked at
        plain = simpler
    # Of an attribute its name alone counts; its value may change.
    plain = re.sub(r"\[\s*([\w-]+)[^\]]*\]", r".\1", plain)
    return all(name.replace("\\", "") in names for name in _NAMED.findall(plain) if name)


def _declarations(content: list) -> str:
    parsed = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    if any(part.type != "declaration" for part in parsed):
        return _squeezed(content)  # rules within rules, which only the book's own sheets have
    return ";".join(
        f"{part.name}:{_squeezed(part.value)}{'!important' if part.important else ''}" for part in parsed
    )


def flat(sheet: Path, target: Path, seen: frozenset = frozenset()) -> str:
    """A style sheet with what it imports in its place, and its addresses as seen from the folder ``target``."""
    css = sheet.read_text(encoding="utf8")

    def imported(match):
        path = (sheet.parent / match[1]).resolve()
        return "" if path in seen or not path.is_file() else flat(path, target, seen | {path})

    def moved(match):
        return f"url({relpath(sheet.parent / match[1], target)})"

    css = re.sub(r"""(?<!@import )url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""", moved, css)
    return re.sub(r"""@import\s+(?:url\(\s*)?["']?([^"')]+)["']?\s*\)?\s*;""", imported, css)


def order(pages: list[list[str]]) -> list[str]:
    """The sheets of all pages in one order that agrees with that of each page."""
    merged = []
    for sheets in pages:
        place = 0
        for sheet in sheets:
            if sheet in merged:
                place = merged.index(sheet) + 1
            else:
                merged.insert(place, sheet)
                place += 1
    return merged


def code_classes(css: str) -> dict[str, str]:
    """For each class of code the shortest that looks the same in every theme, by a style sheet of Pygments; "" for those
    that look like code of no class."""
    looks = {}
    for theme, name, body in re.findall(r"([^{}\n]*)\.highlight(?: \.([\w-]+))?\s*\{([^}]*)\}", css):
        looks.setdefault(name, {})[theme] = frozenset(part.strip() for part in body.split(";"))
    plain = looks.pop("", {})
    shortest, first = {}, {}
    for name in sorted(looks, key=lambda name: (len(name), name)):
        # .highlight itself has a background besides.
        bare = all(look <= plain.get(theme, frozenset()) for theme, look in looks[name].items())
        shortest[name] = "" if bare else first.setdefault(frozenset(looks[name].items()), name)
    return shortest


_MARK = re.compile(r'<span class="([\w-]+)">([^<]*)</span>')
_RUN = re.compile(r'<span class="([\w-]+)">[^<]*</span>(?:\s*<span class="\1">[^<]*</span>)+')


def plain_code(page: str, classes: dict[str, str]) -> str:
    """A page whose code has no marks that nobody sees, nor on the dot of ``np.exp``, and one mark for what looks alike
    in a row; half of the marks of a program are such."""

    def mark(found):
        name = "" if found[0] == '<span class="o">.</span>' else classes.get(found[1], found[1])
        return f'<span class="{name}">{found[2]}</span>' if name else found[2]

    def joined(run):
        return f'<span class="{run[1]}">{re.sub("<[^>]*>", "", run[0])}</span>'

    def light(code):
        return _RUN.sub(joined, _MARK.sub(mark, code[0]))

    return re.sub(r'(?<=<div class="highlight"><pre>).*?(?=</pre>)', light, page, flags=re.DOTALL)
