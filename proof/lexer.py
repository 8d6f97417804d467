"""LaTeX to tokens, and tokens to one canonical spelling.

TeX prints `\\hat y_i^2`, `\\hat{y}^2_{i}` and `\\hat{y}_{i}^{2}` alike, so `tokenise` spells them alike:
every argument is braced, an accent and what it covers are one name, and scripts follow in the order prime,
subscript, superscript.
"""

import re
from dataclasses import dataclass

from proof.formulas import Formula

ACCENTS = {f"\\{name}" for name in "hat widehat bar overline tilde widetilde vec dot ddot".split()}
RELATIONS = {"=", "\\approx", "<", ">", "\\le", "\\ge", "\\ne", "\\leftarrow", ":="}
SEPARATORS = {",", ".", ";", "\\quad", "\\qquad"}
OPERATORS = {"+", "-", "/", "\\cdot", "\\times", "\\odot"}
ROUNDING = {"\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
OPENING = {"(": ")", "[": "]", "\\{": "\\}", "{": "}", "\\lVert": "\\rVert", "\\lvert": "\\rvert", **ROUNDING}
BARS = {"|": "|", "\\|": "\\|", "\\lvert": "\\rvert", "\\lVert": "\\rVert"}
MARKS = {*RELATIONS, *SEPARATORS, *OPERATORS, *OPENING, *OPENING.values(), *"_^'|&#!:", "\\|", "\\\\"}

NO_ARGUMENT = {"}", "_", "^", "'", "&", "\\\\", *ACCENTS, *RELATIONS, *OPERATORS, "\\frac", "\\sqrt"}
SYNONYMS = {
    "\\leq": "\\le",
    "\\geq": "\\ge",
    "\\neq": "\\ne",
    "\\gets": "\\leftarrow",
    "\\coloneqq": ":=",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\ln": "\\log",  # in this book, as in its sources, log is the natural one
    "\\Vert": "\\|",
    "\\vert": "|",
    "\\operatorname*{argmax}": "\\operatorname{argmax}",
}

TOKEN = re.compile(
    r"""
    (?P<space> \s+ | \\[,;:!>\ ] | ~
        | \\(?:left|right|[bB]igg?[lr]?|displaystyle|textstyle|limits)(?![A-Za-z]) )
  | (?P<number> \d+(?:\.\d+)? )
  | (?P<frame> \\(?:begin|end)\s*\{[a-z]+\*?\} )
  | (?P<styled> \\(?:operatorname\*?|math[a-z]+|boldsymbol|text)\s*\{[^{}]*\} )
  | (?P<other> \\[A-Za-z]+ | \\. | := | . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    kind: str  # name, number, mark, frame (of an environment) or end
    text: str
    start: int  # offsets into the LaTeX; the column that a reader counts is start + 1
    end: int


def scan(formula: Formula) -> list[Token]:
    """The tokens as they are printed, without spaces and sizes."""
    tokens = []
    for found in TOKEN.finditer(formula.tex):
        text, kind = found[0], found.lastgroup
        if kind == "space":
            continue
        if kind in ("styled", "frame"):
            text = re.sub(r"\s+", "", text)
        text = SYNONYMS.get(text, text)
        kind = {"other": "mark" if text in MARKS else "name", "styled": "name"}.get(kind, kind)
        if kind == "name" and not (text.isalpha() or text.startswith("\\")):
            raise formula.refusal(f"unknown symbol {text}", found.start())
        tokens.append(Token(kind, text, found.start(), found.end()))
    return tokens


def tokenise(formula: Formula) -> list[Token]:
    """The canonical tokens, ended by one of kind `end`."""
    return [*_Speller(formula).run(closing=None), Token("end", "the end", len(formula.tex), len(formula.tex))]


class _Speller:
    def __init__(self, formula: Formula):
        self.formula, self.tokens, self.at = formula, scan(formula), 0

    def peek(self) -> str | None:
        return self.tokens[self.at].text if self.at < len(self.tokens) else None

    def take(self) -> Token:
        if self.at == len(self.tokens):
            raise self.formula.refusal("something is missing", len(self.formula.tex))
        self.at += 1
        return self.tokens[self.at - 1]

    def run(self, closing: str | None) -> list[Token]:
        """Items with their scripts, up to the closing brace (which stays) or the end."""
        spelt = []
        while self.peek() != closing:
            if self.peek() == "}":
                raise self.formula.refusal("a brace closes that was not opened", self.tokens[self.at].start)
            if self.peek() not in ("_", "^", "'"):
                spelt += self.item()
            spelt += self.scripts()
        return spelt

    def item(self) -> list[Token]:
        token = self.take()
        if token.text == "{":
            inner = self.run("}")
            return [token, *inner, self.take()]
        if token.text in ACCENTS:
            inner = self.argument()[1:-1]
            name = " ".join(part.text for part in inner)
            return [Token("name", f"{token.text}{{{name}}}", token.start, self.tokens[self.at - 1].end)]
        if token.text == "\\frac":
            return [token, *self.argument(), *self.argument()]
        if token.text == "\\sqrt":
            degree = []
            if self.peek() == "[":
                while self.peek() != "]":
                    degree += [self.take()]
                degree += [self.take()]
            return [token, *degree, *self.argument()]
        return [token]

    def argument(self) -> list[Token]:
        """What TeX takes as an argument: a braced group, or one token, of a number its first digit."""
        token = self.take()
        if token.text == "{":
            inner = self.run("}")
            if not inner:
                raise self.formula.refusal("an empty argument", token.start)
            return [token, *inner, self.take()]
        if token.text in NO_ARGUMENT:
            raise self.formula.refusal("an argument without braces", token.start)
        if token.kind == "number" and len(token.text) > 1:
            self.at -= 1
            self.tokens[self.at] = Token("number", token.text[1:], token.start + 1, token.end)
            token = Token("number", token.text[0], token.start, token.start + 1)
        return [Token("mark", "{", token.start, token.start), token, Token("mark", "}", token.end, token.end)]

    def scripts(self) -> list[Token]:
        primes, below, above = [], [], []
        while self.peek() in ("_", "^", "'"):
            mark = self.take()
            if mark.text == "'":
                primes.append(mark)
                continue
            script = below if mark.text == "_" else above
            if script:
                what = "subscripts" if mark.text == "_" else "superscripts"
                raise self.formula.refusal(f"{what} stacked", mark.start)
            script += [mark, *self.argument()]
        return primes + below + above


def closing(tokens: list[Token], at: int) -> int:
    """The position of the bracket that closes the one at `at`; len(tokens) if none does."""
    depth = 0
    for position in range(at, len(tokens)):
        text = tokens[position].text
        depth += (text in OPENING) - (text in OPENING.values())
        if depth == 0:
            return position
    return len(tokens)
