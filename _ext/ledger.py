"""The ledger of the formulas: a ✓ beside each formula that was checked, and the page that says how.

Reads the file that the checks have written (proof/ledger.py), and compares it with what the pages print. The site
is refused where a formula is not proved; a plain build marks what it can.
"""

import json
import math
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

PAGE = "chapters/ledger"
PLAIN = Path("_build", "ledger.json")

METHODS = {  # in the order in which a formula's methods are listed
    "print": ("按印出的式子求值", "the print, evaluated"),
    "symbolic": ("符号推导", "symbolic"),
    "closed form": ("闭式解", "closed form"),
    "complex step": ("复数步", "complex step"),
    "differences": ("差分", "differences"),
    "oracle": ("独立实现", "independent implementation"),
    "statistical": ("统计检验", "statistical"),
    "property": ("性质", "property"),
}
NOT_RUN = (
    "这里还没有运行过检查，所以下面只列公式；`make book` 会先检查，再建站。",
    "The checks have not been run here, so the formulas stand alone; `make book` runs them before it builds the "
    "site.",
)
SUMMARY = (
    "全书 {all} 个带编号的公式，{held} 个通过了检查；"
    "其中 {printed} 个（{share}）连印出来的 LaTeX 也由程序读出、求值并比较。",
    "Of the book's {all} numbered formulas {held} are checked, and of {printed} ({share}) the printed LaTeX itself "
    "is read, evaluated and compared.",
)
ON_SCREEN = (
    "正文里公式编号旁的 ✓ 通向这里；展开一条检查，就能看到测试在源码中的位置。",
    "The ✓ beside a formula's number leads here; a fold names the place of each test in the source.",
)
UNCHECKED = ("未检查", "not checked")
EXACT = ("精确", "exact")
CHECKS = ("{0} 项检查", "{0} check{1}")
CASES = ("{} 组", "{} cases")


class formula_ledger(nodes.General, nodes.Element):  # noqa: N801, as docutils names its nodes
    """The place of the ledger, which is drawn when all chapters have been read."""


class html_element(nodes.General, nodes.Element):  # noqa: N801
    """An element that docutils has no node for."""


def visit_html_element(self, node):
    self.body.append(self.starttag(node, node["tag"]))


def depart_html_element(self, node):
    self.body.append(f"</{node['tag']}>\n")


def element(tag: str, *children, **attributes):
    return html_element("", *children, tag=tag, **attributes)


class FormulaLedgerDirective(SphinxDirective):
    """Lists every labelled formula of the book with its checks."""

    def run(self):
        self.env.note_dependency(str(ledger_path(self.config, self.env.srcdir)))
        self.env.note_reread()  # the other chapters may have changed
        return [formula_ledger()]


def ledger_path(config, srcdir) -> Path:
    return Path(srcdir) / (config.ledger or PLAIN)


@lru_cache(maxsize=None)
def read_ledger(path: Path) -> dict[str, dict] | None:
    """What the checks found, by label; None where they have not been run."""
    return json.loads(path.read_text(encoding="utf8"))["formulas"] if path.is_file() else None


def collect_formulas(app, doctree):
    """Note the labelled formulas of a page that was read: to load all the pages again would take seconds."""
    labelled = [block.deepcopy() for block in doctree.findall(nodes.math_block) if block.get("label")]
    collected(app.env)[app.env.docname] = labelled


def collected(env) -> dict[str, list[nodes.math_block]]:
    if not hasattr(env, "labelled_formulas"):
        env.labelled_formulas = {}
    return env.labelled_formulas


def purge_formulas(app, env, docname):
    collected(env).pop(docname, None)


def merge_formulas(app, env, docnames, other):
    collected(env).update({docname: collected(other)[docname] for docname in docnames})


def formulas(env) -> list[nodes.math_block]:
    """The labelled formulas as the pages print them, in the order of the book."""
    return [block for _, labelled in sorted(collected(env).items()) for block in labelled]


def fault(block: nodes.math_block, ledger: dict[str, dict]) -> str | None:
    """Why a formula can't be called checked, or None."""
    entry = ledger.get(block["label"])
    if entry is None:
        return "is not in the ledger"
    if entry["tex"].split() != block.astext().split():
        return "was changed since it was checked"
    return None if entry["holds"] else "lacks a passing check"


def require_proof(app, env):
    """The site is made with a ledger, which must prove every formula; ``-W`` makes each fault a failed build."""
    if not app.config.ledger:
        return
    path = ledger_path(app.config, app.srcdir)
    if (ledger := read_ledger(path)) is None:
        logger.warning("no ledger of the formulas at %s; `make book` writes it", path, type="ledger")
        return
    for block in formulas(env):
        if found := fault(block, ledger):
            said = f"formula {block['label']!r} {found}; run `make book`"
            logger.warning("%s", said, location=block["docname"], type="ledger")


class MarkCheckedFormulas(SphinxPostTransform):
    """Tell each checked formula where its entry is; the link is drawn beside its number."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs):
        ledger = read_ledger(ledger_path(self.config, self.env.srcdir))
        if not ledger or PAGE not in self.env.found_docs:
            return
        page = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        for block in self.document.findall(nodes.math_block):
            if block.get("label") and not fault(block, ledger):
                block["checked"] = f"{page}#{anchor(block['label'])}"


def anchor(label: str) -> str:
    return f"ledger-{label}"


class DrawLedger(SphinxPostTransform):
    """Draw the ledger, before Sphinx turns its references to formulas into links with their numbers."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs):
        for place in list(self.document.findall(formula_ledger)):
            place.replace_self(self._draw())

    def _draw(self):
        ledger = read_ledger(ledger_path(self.config, self.env.srcdir))
        chapters = {}
        for block in formulas(self.env):
            chapters.setdefault(block["docname"], []).append(block)
        drawn = self._paragraphs(NOT_RUN) if ledger is None else self._summary(chapters, ledger)
        drawn.append(self._contents(chapters))
        return drawn + [self._chapter(docname, blocks, ledger) for docname, blocks in chapters.items()]

    def _said(self, words: tuple[str, str]) -> list[str]:
        return {"zh": [words[0]], "en": [words[1]]}.get(self.config.edition, list(words))

    def _words(self, words: tuple[str, str]) -> str:
        return " · ".join(self._said(words))

    def _paragraphs(self, words):
        drawn = []
        for text in self._said(words):
            drawn.append(nodes.paragraph())
            for number, part in enumerate(text.split("`")):
                drawn[-1] += nodes.literal("", part) if number % 2 else nodes.Text(part)
        return drawn

    def _summary(self, chapters, ledger):
        blocks = [block for own in chapters.values() for block in own]
        held = [block["label"] for block in blocks if not fault(block, ledger)]
        printed = [label for label in held if "print" in {check["method"] for check in ledger[label]["checks"]}]
        share = f"{math.floor(1000 * len(printed) / max(len(blocks), 1)) / 10:g} %"
        counts = {"all": len(blocks), "held": len(held), "printed": len(printed), "share": share}
        how = self._paragraphs(ON_SCREEN)
        for paragraph in how:
            paragraph["classes"].append("on-screen")
        return self._paragraphs(tuple(text.format(**counts) for text in SUMMARY)) + how

    def _contents(self, chapters):
        listing = nodes.bullet_list()
        for docname, blocks in chapters.items():
            title = self._title(docname)
            link = nodes.reference("", "", *title, internal=True, refid=section_anchor(docname))
            listing += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f" ({len(blocks)})")))
        return listing

    def _title(self, docname):
        return [child.deepcopy() for child in self.env.titles[docname].children]

    def _chapter(self, docname, blocks, ledger):
        uri = self.app.builder.get_relative_uri(PAGE, docname)
        link = nodes.reference("", "", *self._title(docname), internal=True, refuri=uri)
        section = nodes.section("", nodes.title("", "", link), ids=[section_anchor(docname)])
        section += [self._entry(block, ledger) for block in blocks]
        return section

    def _entry(self, block, ledger):
        label, tex = block["label"], block.astext()
        number = addnodes.pending_xref("", refdomain="math", reftype="eq", reftarget=label, refdoc=PAGE)
        number += nodes.literal("", label)
        entry = element("div", ids=[anchor(label)], classes=["ledger-entry"])
        entry += nodes.math_block(tex, tex, nowrap=False, number=None, label=None)
        entry += nodes.paragraph("", "", number, nodes.Text(" "), nodes.literal("", label))
        if ledger is not None:
            checks = [] if fault(block, ledger) else ledger[label]["checks"]
            entry += self._checks(checks) if checks else self._paragraphs(UNCHECKED)
        return entry

    def _checks(self, checks):
        used = [method for method in METHODS if any(check["method"] == method for check in checks)]
        count = len({check["test"] for check in checks})
        summary = element("summary", nodes.inline("", self._words(CHECKS).format(count, "s" * (count > 1))))
        for method in used:
            errors = [check["error"] for check in checks if check["method"] == method]
            worst = max((error for error in errors if error is not None), default=None)
            summary += nodes.inline("", "", *self._method(method, worst), classes=["ledger-method"])
        listing = nodes.bullet_list()
        for check in sorted(checks, key=lambda check: used.index(check["method"])):
            said = self._method(check["method"], check["error"])
            if check["cases"] > 1:
                said.append(nodes.Text(f" ({self._words(CASES).format(*[check['cases']] * 2)})"))
            item = nodes.paragraph("", "", *said, nodes.Text(" "), nodes.literal("", check["test"]))
            listing += nodes.list_item("", item)
        return element("details", summary, listing, classes=["fold", "ledger-checks"])

    def _method(self, method, error):
        """How a formula was checked, and the worst error as a power of ten."""
        drawn = [nodes.Text(self._words(METHODS[method]))]
        if error == 0:
            drawn.append(nodes.Text(f" ({self._words(EXACT)})"))
        elif error is not None:
            drawn += [nodes.Text(" "), nodes.math("", f"10^{{{round(math.log10(error))}}}")]
        return drawn


def section_anchor(docname: str) -> str:
    return f"checks-of-{Path(docname).name}"


def setup(app):
    app.add_config_value("ledger", "", "html")
    app.add_node(formula_ledger)
    app.add_node(html_element, html=(visit_html_element, depart_html_element))
    app.add_directive("formula-ledger", FormulaLedgerDirective)
    app.connect("doctree-read", collect_formulas)
    app.connect("env-purge-doc", purge_formulas)
    app.connect("env-merge-info", merge_formulas)
    app.connect("env-check-consistency", require_proof)
    app.add_post_transform(MarkCheckedFormulas)
    app.add_post_transform(DrawLedger)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
