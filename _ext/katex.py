"""Mathematics drawn at build time: the vendored KaTeX runs in V8, in this process; pages need no script.

A formula that KaTeX refuses is a warning at its place, so that a strict build fails.
"""

import atexit
import re
from functools import lru_cache
from io import BytesIO
from math import ceil
from pathlib import Path
from shutil import copyfile

from docutils import nodes
from fontTools import subset
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from .styles import names_on, purge

logger = logging.getLogger(__name__)

VENDORED = Path(__file__).parent.parent / "_assets" / "katex"
STYLESHEET = "katex/katex.min.css"
_REFUSED = "#c0ffee"  # KaTeX draws a command that it does not trust in this colour, and raises nothing

# The properties that KaTeX sets in the tags themselves, each with its letter in the name of the class that does so.
_LETTERS = {
    "border-bottom-width": "b",
    "contain-intrinsic-block-size": "i",
    "font-size": "s",
    "height": "h",
    "left": "f",
    "margin-left": "l",
    "margin-right": "r",
    "margin-top": "m",
    "min-width": "n",
    "padding-left": "p",
    "position": "z",
    "top": "t",
    "vertical-align": "v",
    "width": "w",
}
_PROPERTIES = {letter: name for name, letter in _LETTERS.items()}
_RELATIVE = "z1"  # position: relative, the only one that is no length
_LINE = 0.9155, 0.2845  # how far a line of KaTeX_Main at a line height of 1.2 reaches above and below, in em
_ZOOM = 1.08  # the size of formulas beside the text around them, as book.css has it
_STYLE_CLASS = re.compile(r"k(?:[a-z]-?(?:\d+(?:_\d+)?|_\d+))+")

# KaTeX puts this into every stack of two rows; a rule draws it as well.
_STRUT = '<span class="vlist-s">\u200b</span>'
_STRUT_RULE = r".katex .vlist-s{", r'.katex .vlist-t2>.vlist-r:first-child::after{content:"\200b";'

_PUNCTUATION = r"[，。；：、！？）】”’,.;:!?)\]]+"
_SHORT = 16  # characters that are seen; half the width of a phone


class TexError(ValueError):
    """What KaTeX says of a formula that it can't draw."""


@lru_cache(maxsize=1)
def _engine() -> MiniRacer:
    engine = MiniRacer()
    # Left to the interpreter's end, closing waits for a thread that Python 3.13 has stopped by then, for ever.
    atexit.register(engine.close)
    engine.eval((VENDORED / "katex.min.js").read_text(encoding="utf8"))
    return engine


@lru_cache(maxsize=None)
def render(tex: str, display: bool = False) -> str:
    """HTML and MathML of one formula; raises TexError."""
    options = {
        "displayMode": display,
        "throwOnError": True,
        "strict": "error",
        "trust": False,
        "errorColor": _REFUSED,
    }
    try:
        drawn = _engine().call("katex.renderToString", tex, options)
    except JSEvalException as error:
        text = str(error).replace("\u0332", "")  # KaTeX underlines the place with combining characters
        said = re.search(r"KaTeX parse error: (.*)", text)
        raise TexError(said[1] if said else text) from None
    if _REFUSED in drawn:
        raise TexError(f"a command that is not trusted in {tex!r}")
    return slim(drawn)


def slim(drawn: str) -> str:
    """What KaTeX has drawn, less what nobody reads: a page holds a thousand formulas, and most of its weight is theirs.

    The MathML keeps what is heard, without the TeX. A class stays if a rule names it; a style becomes a class, which
    packs better, and which a page may have that allows no styles in its tags.
    """
    drawn = re.sub(r"<annotation.*?</annotation>|</?semantics>| xmlns=\"[^\"]*MathML\"", "", drawn, flags=re.DOTALL)
    # The size of a drawing stands in its attributes as well.
    drawn = re.sub(r'(<svg[^>]*) style="width:[\d.]+em"', r"\1", drawn)
    drawn = drawn.replace(_STRUT, "")
    return re.sub(r'(?<=<span)(?: class="([^"]*)")?(?: style="([^"]*)")?', _slim_tag, drawn)


def _slim_tag(match) -> str:
    classes = [name for name in (match[1] or "").split() if name in _named_classes()]
    style = match[2] or ""
    if size := _font_sizes().get(frozenset(classes)):
        style = f"font-size:{size}em;{style}"
        classes.clear()
    if style and (name := style_class(style)):
        classes.append(name)
    return f' class="{" ".join(classes)}"' if classes else ""


@lru_cache(maxsize=1)
def _css() -> str:
    """The style sheet of KaTeX, which draws what ``slim`` takes out."""
    return (VENDORED / "katex.min.css").read_text(encoding="utf8").replace(*_STRUT_RULE)


@lru_cache(maxsize=1)
def _named_classes() -> set[str]:
    """The classes that the style sheet of KaTeX has rules for."""
    return {name for selectors in re.findall(r"([^{}]+)\{", _css()) for name in re.findall(r"\.([a-z][\w-]*)", selectors)}


@lru_cache(maxsize=1)
def _font_sizes() -> dict[frozenset[str], str]:
    """The size, in em, that three classes of KaTeX stand for: of what, from which size, to which."""
    sizes = re.findall(r"\.(katex-sizing)\.(reset-size\d+)\.(size\d+)\{font-size:([\d.]+)em\}", _css())
    return {frozenset(classes): f"{float(size):g}" for *classes, size in sizes}


@lru_cache(maxsize=None)
def style_class(style: str) -> str:
    """The name of the class that stands for a style: ``kh_5t-1`` is ``height:0.5em;top:-1em``."""
    parts = []
    for declaration in filter(None, style.split(";")):
        name, _, value = declaration.partition(":")
        length = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?em", value)
        if declaration == "position:relative":
            parts.append(_RELATIVE)
        elif name not in _LETTERS or not length:
            raise TexError(f"KaTeX sets the style {declaration!r}, for which there is no class")
        elif not (float(value[:-2]) == 0 and name in ("margin-left", "margin-right")):  # that's what they are
            sign, whole, rest = length.groups()
            parts.append(_LETTERS[name] + sign + (whole if whole != "0" or not rest else "") + (f"_{rest}" if rest else ""))
    return f"k{''.join(parts)}" if parts else ""


def style_rules(html: str) -> str:
    """The rules of the classes in ``html`` that stand for styles; as strong as the styles were."""
    names = {name for value in re.findall(r'class=\\?"([^"\\]*)', html) for name in value.split()}
    rules = []
    for name in sorted(filter(_STYLE_CLASS.fullmatch, names)):
        body = ";".join(
            "position:relative!important"
            if f"{letter}{value}" == _RELATIVE
            else f"{_PROPERTIES[letter]}:{value.replace('_', '.')}em!important"
            for letter, value in re.findall(r"([a-z])([-\d_]+)", name[1:])
        )
        rules.append(f".{name}{{{body}}}")
    return "".join(rules)


def block(drawn: str) -> str:
    """The box of a displayed formula. It scrolls on its own when the formula is wider than a phone; a keyboard has to
    reach it. A browser may leave it undrawn while it is far away, and so is told how high it will be."""
    room = style_class(f"contain-intrinsic-block-size:{display_height(drawn):g}em")
    return f'<div class="equation-body {room}" tabindex="0">{drawn}</div>'


def display_height(drawn: str) -> float:
    """The height of the line that a displayed formula makes, in em of the text around it, in steps of a twentieth: from
    the struts, which say how far each of its parts reaches above and below the line."""
    above, below = _LINE
    for name in re.findall(r'class="katex-strut (k\w[\w-]*)"', drawn):
        strut = {letter: float(value.replace("_", ".")) for letter, value in re.findall(r"([a-z])(-?[\d_]+)", name[1:])}
        depth = -strut.get("v", 0.0)
        above, below = max(above, strut["h"] - depth), max(below, depth)
    return ceil(20 * _ZOOM * (above + below)) / 20


def _render_node(node, display: bool) -> str:
    tex = node.astext().strip()
    try:
        return render(tex, display)
    except TexError as error:
        logger.warning("TeX: %s", error, location=node, type="math")
        return f'<code class="tex-error">{nodes.Text(tex).astext()}</code>'


def visit_inline(self, node):
    self.body.append(_render_node(node, display=False))
    raise nodes.SkipNode


def visit_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="equation"))
    self.body.append(block(_render_node(node, display=True)))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        if "checked" in node:
            said = _("Checked: to its entry in the ledger")
            self.body.append(f'<a class="checked" href="{node["checked"]}" title="{said}" aria-label="{said}">✓</a>')
        self.body.append("</span>")
    self.body.append("</div>")
    raise nodes.SkipNode


class KeepPunctuation(SphinxPostTransform):
    """Keep a formula and the punctuation after it on one line: a browser breaks after any formula, and a line of
    Chinese must not begin with a comma. Long formulas are left breakable, for narrow screens."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        for math in list(self.document.findall(nodes.math)):
            following = math.next_node(descend=False, siblings=True)
            mark = isinstance(following, nodes.Text) and re.match(_PUNCTUATION, following)
            if mark and len(re.sub(r"\\[a-zA-Z]+|[\\{}^_ ]", "", math.astext())) <= _SHORT:
                # By place, since docutils finds a text by its characters: an equal one before it would be cut.
                place = next(place for place, node in enumerate(math.parent) if node is math)
                kept = nodes.inline("", "", math.deepcopy(), nodes.Text(mark[0]), classes=["nobreak"])
                math.parent[place : place + 2] = [kept, nodes.Text(following[mark.end() :])]


def add_stylesheet(app, pagename, templatename, context, doctree):
    if doctree and doctree.next_node(lambda node: isinstance(node, (nodes.math, nodes.math_block))):
        app.add_css_file(STYLESHEET)


def copy_used_fonts(app, exception):
    """Ship the style sheet with the faces and the characters that the pages really use, as woff2 alone."""
    if exception or app.builder.format != "html":
        return
    drawn = [path for pattern in ("*.html", "cards/*.js") for path in sorted(Path(app.outdir).rglob(pattern))]
    text = "".join(path.read_text(encoding="utf8") for path in drawn)
    css, fonts = style_sheet(text)
    target = Path(app.outdir) / "_static" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    (target / "katex.min.css").write_text(css, encoding="utf8")
    copyfile(VENDORED / "LICENSE", target / "LICENSE")
    characters = set(text)
    for font in fonts:
        written = own_characters(font, text) or characters
        (target / "fonts" / font).write_bytes(subset_font(VENDORED / "fonts" / font, written))


# The faces that a class alone asks for, on the element that holds the text; the others are asked for in many ways.
_CLASSES = {"KaTeX_AMS-Regular": "amsrm|mathbb|textbb", "KaTeX_Main-Bold": "mathbf|textbf|boldsymbol"}


def own_characters(font: str, html: str) -> set[str]:
    """The characters that the pages write in a font; none where that is not easily said."""
    classes, found = _CLASSES.get(font.removesuffix(".woff2")), set()
    if not classes:
        return found
    for opening in re.finditer(rf'<span class=\\?"[^"]*\b(?:{classes})\b[^"]*">', html):
        depth = 1
        for part in re.finditer(r"<(/?)span[^>]*>|[^<]+", html[opening.end() : opening.end() + 10_000]):
            if not part[0].startswith("<"):
                found.update(part[0])
            elif not (depth := depth + (-1 if part[1] else 1)):
                break
    return found


def subset_font(font: Path, characters: set[str]) -> bytes:
    """A font with the given characters alone, which are few of its own."""
    # Hints are for small type; the fonts of the large signs would be half hints.
    hinting = "_Size" not in font.name
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True, hinting=hinting)
    loaded = subset.load_font(font, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=set(map(ord, characters)))
    subsetter.subset(loaded)
    written = BytesIO()
    loaded.flavor = "woff2"
    loaded.save(written)
    return written.getvalue()


def style_sheet(html: str) -> tuple[str, list[str]]:
    """The style sheet that the formulas in ``html`` need, and the names of its fonts."""
    css, fonts = subset_css(_css(), html)
    return purge(css, names_on(html.replace('\\"', '"'))) + style_rules(html), fonts


def subset_css(css: str, html: str) -> tuple[str, list[str]]:
    """The style sheet without the font faces that no class in ``html`` asks for, and the names of the rest."""
    classes = {name for value in re.findall(r'class="([^"]*)"', html) for name in value.split()}
    used = {
        _face(body)
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css)
        if re.search(r"\bfont(-family|-weight|-style)?:", body)
        and "@font-face" not in selectors
        and _matches(selectors, classes)
    }
    fonts = []

    def keep(rule):
        if _face(rule[0]) not in used:
            return ""
        font = re.search(r"fonts/([\w-]+\.woff2)", rule[0])[1]
        fonts.append(font)
        return re.sub(r"src:[^;}]*", f'src:url(fonts/{font}) format("woff2")', rule[0])

    return re.sub(r"@font-face\{[^}]*\}", keep, css), fonts


def _face(body: str) -> tuple[str, bool, bool]:
    """The font face that a rule asks for, as (family, bold, italic); KaTeX's default is the upright Main."""
    family = re.search(r"KaTeX_\w+", body)
    bold = re.search(r"font-weight:(700|bold)", body)
    return family[0] if family else "KaTeX_Main", bool(bold), "font-style:italic" in body


def _matches(selectors: str, classes: set[str]) -> bool:
    return any(set(re.findall(r"\.([\w-]+)", selector)) <= classes for selector in selectors.split(","))


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    app.add_post_transform(KeepPunctuation)
    app.connect("html-page-context", add_stylesheet)
    app.connect("build-finished", copy_used_fonts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
