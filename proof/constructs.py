"""Fractions, roots, bars, matrices, cases and the elementary functions, each read after its first token."""

import math
from collections.abc import Callable
from functools import partial

from proof import values
from proof.lexer import BARS, ROUNDING, Token

ELEMENTARY = {f"\\{name}" for name in "exp log tanh sinh cosh sin cos".split()}
NORMS = {"1": 1, "2": 2, "F": "F", "\\mathrm{F}": "F", "\\infty": math.inf}


def elementary(parser, token: Token) -> Callable:
    function = values.elementary(token.text[1:])
    if token.text == "\\log" and parser.follows("_"):
        parser.take()
        base = parser.braced()
        return parser.call(lambda env: lambda a: function(a) / function(base(env)), token)
    return parser.call(lambda env: function, token)


def fraction(parser, token: Token) -> Callable:
    value = parser.at_token(token, values.divide, parser.braced(), parser.braced())
    if parser.follows("^", "_", "'"):
        parser.refuse("a script on a fraction without brackets")
    return value


def root(parser, token: Token) -> Callable:
    degree = []
    if parser.follows("["):
        parser.take()
        degree = [parser.inside(parser.expression)]
        parser.take("]")
    return parser.scripts(parser.at_token(token, values.root, parser.braced(), *degree), token, plain=True)


def bars(parser, token: Token) -> Callable:
    bar = BARS[token.text]
    parser.bars.append(bar)
    value = parser.expression()
    parser.bars.pop()
    parser.take(bar)
    if bar in ("|", "\\rvert"):
        value = parser.at_token(token, values.absolute, value)
    else:
        order = 2
        if parser.follows("_"):
            parser.take()
            parser.take("{")
            if parser.peek().text not in NORMS:
                parser.refuse("an unknown norm")
            order = NORMS[parser.take().text]
            parser.take("}")
        value = parser.at_token(token, lambda a: values.norm(a, order), value)
    return parser.scripts(value, token, plain=True)


def rounding(parser, token: Token) -> Callable:
    value = parser.inside(parser.expression)
    parser.take(ROUNDING[token.text])
    value = parser.at_token(token, values.floor if token.text == "\\lfloor" else values.ceil, value)
    return parser.scripts(value, token, plain=True)


def matrix(parser, token: Token) -> Callable:
    def row():
        entries = [parser.expression()]
        while parser.follows("&"):
            parser.take()
            entries.append(parser.expression())
        return entries

    found = rows(parser, token, row)
    value = parser.at_token(token, lambda *rows: values.matrix(rows), *map(listed, found))
    return parser.scripts(value, token, plain=False)


def cases(parser, token: Token) -> Callable:
    """The row whose condition holds. Two that hold are an error of the print; none leaves it undefined."""
    found = rows(parser, token, partial(case, parser))
    parser.branches[token.start] = [start for start, _, _ in found]

    def value(env):
        held = [(start, then) for start, then, holds in found if holds is None or holds(env)]
        if len(held) > 1 and found[-1][2] is None:
            held.pop()  # "otherwise" holds where no other row does
        if not held:
            return math.nan
        if len(held) > 1:
            raise parser.formula.refusal(f"{len(held)} cases hold for {env}", token.start)
        parser.taken.add(held[0][0])
        return held[0][1](env)

    return value


def case(parser):
    start, value = parser.peek().start, parser.expression()
    while parser.follows(",", "&", "\\text{if}", "\\text{for}"):
        parser.take()
    if parser.follows("\\text{otherwise}"):
        parser.take()
        holds = None
    else:
        holds = condition(parser, parser.expression())
    while parser.follows(",", ".", ";"):
        parser.take()
    return start, value, holds


def condition(parser, left: Callable) -> Callable:
    """A chain of exact comparisons after its first side, as one truth."""
    if parser.peek().text not in values.COMPARE:
        parser.refuse("a condition without a relation")
    links = []
    while parser.peek().text in values.COMPARE:
        sign = parser.take()
        right = parser.expression()
        links.append(parser.at_token(sign, values.comparison(sign.text), left, right))
        left = right
    return lambda env: all(link(env) for link in links)


def rows(parser, frame: Token, read: Callable[[], object]) -> list:
    found = []
    while not parser.follows("\\end{" + frame.text[7:]):
        if parser.peek().kind == "end":
            parser.refuse(f"{frame.text} without its end", frame)
        found.append(parser.inside(read))
        if not parser.follows("\\end{" + frame.text[7:]):
            parser.take("\\\\")
    parser.take()
    return found


def listed(parts: list) -> Callable:
    return lambda env: [part(env) for part in parts]


READERS = {
    "\\frac": fraction,
    "\\sqrt": root,
    "\\begin{bmatrix}": matrix,
    "\\begin{pmatrix}": matrix,
    "\\begin{cases}": cases,
    **dict.fromkeys(ELEMENTARY, elementary),
    **dict.fromkeys(BARS, bars),
    **dict.fromkeys(ROUNDING, rounding),
}
