"""What the reader makes of LaTeX: above all, of what other readers misread without a word."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proof import Binding, Formula, Functional, random_name
from proof.parser import Parser

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
V, W = np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 2.0])
A, B = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [1.0, 1.0]])
NAMES = {
    "a": 7.0,
    "b": 3.0,
    "c": 2.0,
    "x": 5.0,
    "z": 0.3,
    "n": 3,
    "w": W,
    "v": V,
    "v_#": V,
    "A": A,
    "B": B,
    "X": X,
    "X_{##}": X,
    "f": lambda z: 10 * z,
    "g^{[#]}": [np.sin, np.cos],
    "L": lambda p, q: p - 2 * q,
}


def value(tex, names=NAMES, env=None, **more):
    parser = Parser(Formula("tested", tex), Binding(names, **more))
    closure = parser.expression()
    assert parser.peek().kind == "end", f"{tex}: stopped at {parser.peek()}"
    return closure(env or {})


@pytest.mark.parametrize(
    "tex, expected",
    [
        # signs, order, powers
        ("a - b - c", 2),
        ("a - b + c", 6),
        ("a - (b - c)", 6),
        ("-x^2", -25),
        ("(-x)^2", 25),
        ("-a b", -21),
        ("2 x^2", 50),
        ("x^{b - 1}", 25),
        ("x^{-1}", 0.2),
        ("a / b", 7 / 3),
        ("a b / c", 10.5),
        ("a + b / c", 8.5),
        ("2^{c^2}", 16),
        # fractions and roots
        (r"\frac12 x", 2.5),
        (r"\frac1b x", 5 / 3),
        (r"\dfrac{a + b}{c}", 5),
        (r"\frac{1}{2} \frac{1}{x}", 0.1),
        (r"\sqrt{x^2 + 11}", 6),
        (r"\sqrt[3]{27}", 3),
        (r"\sqrt4 x", 10),
        # constants and functions
        ("e^{-z}", math.exp(-0.3)),
        ("e^{-z^2/2}", math.exp(-0.045)),
        (r"2 \pi", 2 * math.pi),
        (r"\log x", math.log(5)),
        (r"\ln(x)", math.log(5)),
        (r"\log_2 8", 3),
        (r"\log_{10}(100)", 2),
        (r"a \log x + b", 7 * math.log(5) + 3),
        (r"-\log \frac{a}{b}", math.log(3 / 7)),
        (r"\log(1 + x) b", 3 * math.log(6)),
        (r"\tanh^2(z)", math.tanh(0.3) ** 2),
        (r"\exp\left(-\frac{z^2}{2}\right)", math.exp(-0.045)),
        ("f(x)", 50),
        ("f(x)^2", 2500),
        ("f^2(x)", 2500),
        ("b f(c)", 60),
        (r"f\left(\frac{x}{2}\right)", 25),
        ("x (a - b)", 20),
        ("L(a, b)", 1),
        (r"\max(0, -x)", 0),
        (r"\min\{a, b, c\}", 2),
        (r"\lvert -x \rvert b", 15),
        ("|b - a| |c|", 8),
        ("|(|b| - a)|", 4),
        (r"\left\lfloor \frac{x}{2} \right\rfloor", 2),
        (r"\left\lceil \frac{x}{2} \right\rceil b", 9),
        (r"\lfloor -x / 2 \rfloor", -3),
        (r"b^{\lceil x / 2 \rceil}", 27),
        # spaces and sizes say nothing
        (r"a \, \left( b \; c \right)", 42),
        (r"{a} {b}", 21),
        # vectors and matrices
        (r"w^\top v", 6),
        (r"w^{\top} v", 6),
        (r"w \cdot v", 6),
        (r"\lVert w \rVert", math.sqrt(5.25)),
        (r"\|w\|^2", 5.25),
        (r"\lVert w \rVert_1", 3.5),
        (r"\lVert w \rVert_\infty", 2),
        (r"\lVert A \rVert_F", math.sqrt(30)),
        ("(v + w)_2", 2.5),
        ("(A B)_{1,2}", 3),
        ("(B A)_{1,2}", 4),
        ("v_2", 2),
        ("v_{n - 1}", 2),
        ("v_3^2", 9),
        ("v^2_3", 9),
        ("X_{2 1}", 4),
        # sums and their like
        (r"\sum_{i=1}^{n} v_i", 6),
        (r"\sum_{i=1}^n v_i^2 + a", 21),
        (r"\sum_{i=1}^3 \sum_{j=1}^2 i j", 18),
        (r"\sum_{i=1}^2 \sum_{j=i}^3 X_{ij}", 17),
        (r"\frac{1}{n} \sum_{i=1}^{n} (v_i - 2)^2", 2 / 3),
        (r"\log \sum_{i=1}^{n} e^{v_i}", math.log(sum(map(math.exp, V)))),
        (r"\prod_{i=1}^{3} v_i", 6),
        (r"\max_{1 \le i \le n} v_i", 3),
        (r"\int_{0}^{1} t^2 \, dt", 1 / 3),
        (r"\int_{-\infty}^{\infty} e^{-t^2} \, dt", math.sqrt(math.pi)),
        (r"\int_{1}^{\infty} \frac{1}{t^2} \, \mathrm{d}t", 1),
    ],
)
def test_value(tex, expected):
    assert value(tex) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "tex, expected",
    [
        ("A B", A @ B),
        ("B A", B @ A),
        (r"A \odot B", A * B),
        (r"X^\top A", X.T @ A),
        ("w v^\\top", np.outer(W, V)),
        (r"\frac{1}{2} X", X / 2),
        (r"\frac{X}{2}", X / 2),
        ("X v", X @ V[:, None]),
        (r"\begin{bmatrix} 1 & c \\ 0 & -1 \end{bmatrix} A", np.array([[1, 2], [0, -1]]) @ A),
        (r"\sum_{i=1}^{2} i A", 3 * A),
    ],
)
def test_array(tex, expected):
    np.testing.assert_allclose(value(tex), expected, rtol=1e-14)


def test_the_longest_key_wins():
    names = {r"\sigma": 3.0, r"\sigma^2": 10.0, r"\sigma_t": 4.0, r"\hat{\sigma}": 5.0}
    assert value(r"\sigma^2", names) == 10
    assert value(r"\sigma^3", names) == 27
    assert value(r"\sigma_t^2", names) == 16
    assert value(r"\hat\sigma^2 + \sigma_{t}", names) == 29


@pytest.mark.parametrize("spelling", [r"\hat y_i^2", r"\hat{y}^2_i", r"\hat{y}_{i}^{2}", r"\hat y ^ 2 _ i"])
def test_spellings_that_print_alike_are_alike(spelling):
    names = {r"\hat y_#": [3.0, 5.0], "y_#": [1.0, 1.0]}
    assert value(spelling, names, {"i": 2}, forall={"i": [1, 2]}) == 25


def test_a_hat_and_a_prime_are_part_of_the_name():
    names = {"y": 2.0, r"\hat{y}": 3.0, r"\bar{y}": 5.0}
    names |= {r"\sigma": lambda z: z, r"\sigma'": lambda z: 100 * z}
    assert value(r"\hat y y", names) == 6
    assert value(r"\bar{y} - \hat{y}", names) == 2
    assert value(r"\sigma'(y)", names) == 200
    assert value(r"\sigma(y)", names) == 2


def test_a_bracketed_superscript_is_an_index_and_any_other_a_power():
    names = {"z": 3.0, "z^{(#)}": [5.0, 7.0], "a^{[#]}": {0: 1.0, 1: 4.0}, "w_#^{(#)}": X}
    assert value("z^{(2)}", names) == 7
    assert value("z^2", names) == 9
    assert value("(z^{(2)})^2", names) == 49
    assert value("a^{[l - 1]}", names, {"l": 1}, forall={"l": [1]}) == 1
    assert value("w_1^{(3)}", names) == value("w^{(3)}_1", names) == 3


def test_a_derivative_is_a_name():
    names = {r"\frac{\partial J}{\partial w_#}": W, r"\nabla_\theta J": 2.0, "J": 9.0}
    assert value(r"\frac{\partial J}{\partial w_3}", names) == 2
    assert value(r"\nabla_{\theta} J", names) == 2


def test_layers_of_functions():
    assert value("g^{[2]}(0)") == 1
    assert value("g^{[1]}(0) + 1") == 1


@pytest.mark.parametrize("x, expected", [(-2.0, -1.0), (0.0, math.nan), (3.0, 9.0)])
def test_cases(x, expected):
    tex = r"\begin{cases} -1, & \text{if } x < 0 \\ \nexists, & x = 0 \\ x^2, & \text{otherwise} \end{cases}"
    assert value(tex, {"x": x}) == pytest.approx(expected, nan_ok=True)


def test_extrema_over_a_condition():
    numbers = {"forall": {"i": [1, 2, 3], "j": [1, 2, 3]}}
    assert value(r"\max_{i \ne j} v_i", NAMES, {"j": 3}, **numbers) == 2
    assert value(r"\min_i v_i", NAMES, **numbers) == 1
    assert value(r"\operatorname{argmax}_{i} v_i", NAMES, **numbers) == 3


def test_operators_on_expressions():
    outcomes = [{"x": 1.0}, {"x": 3.0}]
    mean = Functional(lambda body: np.mean([body(outcome) for outcome in outcomes]))
    names = {r"\operatorname{E}": mean, "x": random_name(), "c": 2.0}
    assert value(r"\operatorname{E}[x^2]", names) == 5
    assert value(r"\operatorname{E}[x]^2", names) == 4
    assert value(r"\operatorname{E}[c x - 1]", names) == 3


def grown(expression):
    """Printed expressions of two parts, beside the value that a mathematician reads: (LaTeX, value)."""
    pair = st.tuples(expression, expression)
    return st.one_of(
        pair.map(lambda p: (f"{p[0][0]} + {p[1][0]}", p[0][1] + p[1][1])),
        pair.map(lambda p: (f"{p[0][0]} - ({p[1][0]})", p[0][1] - p[1][1])),
        pair.map(lambda p: (f"({p[0][0]}) ({p[1][0]})", p[0][1] * p[1][1])),
        pair.map(lambda p: (rf"\left({p[0][0]}\right) \cdot |{p[1][0]}|", p[0][1] * abs(p[1][1]))),
        pair.map(lambda p: (rf"\frac{{{p[0][0]}}}{{1 + ({p[1][0]})^2}}", p[0][1] / (1 + p[1][1] ** 2))),
        pair.map(lambda p: (rf"\max({p[0][0]}, -x^2)", max(p[0][1], -25))),
        expression.map(lambda e: (rf"\tanh^2({e[0]}) - x", math.tanh(e[1]) ** 2 - 5)),
        expression.map(lambda e: (rf"\log 2 - \frac{{1}}{{2}} \, ({e[0]})^2", math.log(2) - e[1] ** 2 / 2)),
    )


ATOMS = [("x", 5), ("a b", 21), (r"\frac1b", 1 / 3), ("c^2", 4), ("v_2", 2), ("e^{-z}", math.exp(-0.3))]


@settings(derandomize=True, deadline=None, database=None, max_examples=150)
@given(st.recursive(st.sampled_from(ATOMS), grown, max_leaves=8))
def test_what_is_put_together_is_read_as_put_together(printed):
    tex, expected = printed
    assert value(tex) == pytest.approx(expected, rel=1e-9, abs=1e-9)
