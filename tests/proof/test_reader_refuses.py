"""What the reader refuses, and where: it may refuse, it may never misread."""

import numpy as np
import pytest

from proof import Binding, Formula, ProofError, Refusal, check, random_name

NAMES = {
    "a": 7.0,
    "b": 3.0,
    "x": 5.0,
    "y": 2.0,
    "m": 3,
    "v": np.array([1.0, 2.0, 3.0]),
    "w": np.array([4.0, 5.0]),
    "v_#": np.array([1.0, 2.0, 3.0]),
    "A": np.eye(2),
    "f": lambda z: 10 * z,
    r"\operatorname{g}": lambda z: z,
    "R": random_name(),
}


def refusal(tex, names=NAMES, **more):
    with pytest.raises(ProofError) as caught:
        check(Formula("tested", tex), lambda rng: Binding(names, **more))
    return str(caught.value)


@pytest.mark.parametrize(
    "tex, message, column",
    [
        # ambiguous
        ("a/b x = 1", "a/b c is ambiguous", 5),
        (r"a/b \cdot x = 1", "a/b c is ambiguous", 5),
        ("1/2 x = 1", "a/b c is ambiguous", 5),
        (r"\log x (a + b) = 1", r"the argument of \log could end", 8),
        (r"\log(x) (a + b) = 1", r"the argument of \log could end", 9),
        (r"\log x / b = 1", r"the argument of \log could end", 8),
        (r"\operatorname{g} x y = 1", "could end", 20),
        (r"\log(x)^2 = 1", "the power of", 8),
        (r"\prod_{i=1}^{3} v_i b = 1", r"the argument of \prod could end", 21),
        (r"\max_{1 \le i \le 3} v_i b = 1", "could end", 26),
        (r"\frac{1}{2}^2 = 1", "a script on a fraction", 12),
        ("f^{-1}(x) = 1", "no power of a function", 2),
        ("x^a^b = 1", "superscripts stacked", 4),
        ("v_1_2 = 1", "subscripts stacked", 4),
        ("{x^2}^2 = 1", "invisible braces", 6),
        ("x 2 = 1", "a number after a factor", 3),
        ("x^23 = 1", "a number after a factor", 4),  # to TeX x² 3
        (r"\frac{1}23 = 1", "a number after a factor", 10),
        ("a - -b = 1", "a sign after an operator", 5),
        (r"a \cdot -b = 1", "a sign after an operator", 9),
        ("f x = 1", "the function f without a bracketed argument", 3),
        (r"\lVert A \rVert = 1", "the norm 2 of shape (2, 2)", 1),
        # unbound
        (r"a + \mu = 1", r"unknown symbol \mu", 5),
        ("x_1 = 1", "unbound subscript of x", 2),
        ("x_{\\mathrm{in}} = 1", "unbound subscript of x", 2),
        ("x^{(2)} = 1", "unbound index in the superscript of x", 2),
        ("x^{[2]} = 1", "unbound index in the superscript of x", 2),
        ("x' = 1", "a prime that no key of the binding has: x'", 2),
        ("f'(x) = 1", "a prime that no key of the binding has: f'", 2),
        (r"\hat{x} = 1", r"unknown symbol \hat{x}", 1),
        ("x^T v = 1", "unknown symbol T", 3),
        ("v_i = 1", "unknown symbol i", 3),
        (r"\sum_{i=1}^{3} v_i + v_i = 1", "unknown symbol i", 24),
        (r"\sum_{i=1}^{i} v_i = 1", "unknown symbol i", 13),
        (r"\sum_{i=1}^{2} \sum_{i=1}^{2} v_i = 1", "index i is bound already", 22),
        (r"\sum_{m=1}^{2} m = 1", "m is bound twice", 7),
        (r"\max_{k} v_k = 1", "index k without a range", 7),
        ("R = 1", "is random", 1),
        (r"1, \dots, x = 1", "no relation", 1),
        (r"a + \dots = 1", r"unknown symbol \dots", 5),
        (r"x \max = 1", r"\max of what?", 8),
        (r"\max(a) = 1", r"\max of one value", 1),
        (r"\max(a, b)^2 = 1", r"the power of \max", 11),
        (r"\sum a = 1", r"\sum without an index", 6),
        (r"\sum_{1=i}^{2} a = 1", "an index that is no letter", 7),
        (r"\operatorname{g} = 1", "without an argument", 18),
        (r"\tanh_2(x) = 1", r"unbound subscript of \tanh", 6),
        ("m^{(i)}(x) = 1", "unbound index in the superscript of m", 2),
        # strict values
        ("v + w = 1", "the sum of shape (3, 1) and shape (2, 1)", 3),
        ("v + 1 = 1", "the sum of shape (3, 1) and a number", 3),
        ("v v = 1", "the product of shape (3, 1) and shape (3, 1)", 3),
        ("w A = 1", "the product of", 3),
        ("v^2 = 1", "to the power", 2),
        ("A^2 = 1", "to the power", 2),
        (r"x^\top v = 1", "the transpose of a number", 2),
        (r"\frac{1}{v} = 1", "a division by", 1),
        (r"v \odot w = 1", r"the \odot of", 3),
        (r"v \times v = 1", r"\times between", 3),
        (r"\exp(v) = 1", "exp of shape (3, 1)", 1),
        (r"\sqrt{-x} = 1", "math domain", 1),
        ("(-x)^{0.5} = 1", "a broken power", 5),
        ("a / (x - 5) = 1", "division by zero", 3),
        ("v_4 = 1", "index 4 outside 1 … 3", 1),
        ("v_0 = 1", "index 0 outside 1 … 3", 1),
        ("v = w", "the comparison of", 3),
        (r"\sum_{i=3}^{2} v_i = 1", "no index from 3 to 2", 1),
        (r"\nexists = 1", "does not hold", 10),
        # not even LaTeX
        ("(a + b = 1", "expected )", 8),
        ("a + b) = 1", "unexpected )", 6),
        ("a + = 1", "unexpected =", 5),
        ("a b", "no relation", 1),
        ("{a = 1", "something is missing", 7),
        ("a} = 1", "a brace closes", 2),
        ("a! = 1", "unexpected !", 2),
        ("a = b", "does not hold", 3),
        (r"|a = 1", "expected |", 4),
        (r"\lfloor a = 1", r"expected \rfloor", 11),
        (r"\lceil a \rfloor = 1", r"expected \rceil", 10),
        (r"\lfloor v \rfloor = 1", "the floor of shape (3, 1)", 1),
        (r"\lVert v \rVert_3 = 1", "an unknown norm", 17),
        (r"\begin{cases} 1, & x \end{cases} = 1", "a condition without a relation", 22),
        (r"\begin{cases} 1, & x > 0 \\", r"\begin{cases} without its end", 1),
        (r"\begin{cases} 1, & x > 0 \\ 2, & x > 1 \end{cases} = 1", "2 cases hold", 1),
        (r"\int_{0}^{1} a + t \, dt = 1", "expected the differential", 16),
        (r"\int_{0}^{1} x \, dx = 1", "x is bound twice", 20),
        (r"\int_{1}^{0} t \, dt = 1", "the integral from 1 to 0", 1),
        (r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix} = 1", "unequal rows", 1),
        (r"\int_{0}^{1} t = 1", "without its differential", 1),
    ],
)
def test_refusal_names_what_stands_where(tex, message, column):
    refused = refusal(tex)
    assert message in refused
    assert f"column {column} of tested" in refused


def test_several_lines_have_numbers():
    assert "at line 2, column 6 of tested" in refusal("\\begin{aligned}\na &= \\mu\n\\end{aligned}")


def test_the_error_names_both_values_and_the_draw():
    with pytest.raises(ProofError, match=r"is 7, right is 3 \(relative error 5.7e-01\)") as caught:
        check(Formula("tested", "a = b"), lambda rng: Binding(NAMES))
    assert caught.value.__notes__ == ["in draw 0"]


@pytest.mark.parametrize(
    "key, message",
    [
        ("a + b", r"\+ would be swallowed by the key at column 3 of the key a \+ b"),
        ("a = b", "= would be swallowed"),
        (r"\frac{a}{b}", "would swallow a fraction"),
        (r"\operatorname{Var}(w + x)", "would be swallowed"),
        ("w x", "would swallow a product"),
        (r"\sqrt{v}", r"\\sqrt would be swallowed"),
        (r"\sum_{i=1}^{m} x_i", r"\\sum would be swallowed"),
        ("x^#", "a power, no index"),
        ("x(#)", "outside a script"),
        ("2", "is not one name"),
    ],
)
def test_a_key_that_swallows_what_is_to_be_tested(key, message):
    with pytest.raises(ProofError, match=message):
        check(Formula("tested", "a = 1"), lambda rng: Binding({key: 1.0}))


def test_a_key_that_is_the_whole_right_side():
    names = {r"\sigma'": lambda z: z, r"\sigma(z)": 1.0, "z": 1.0}
    assert "swallows the whole right side at column 14" in refusal(r"\sigma'(z) = \sigma(z)", names)


def test_one_name_twice():
    assert "the same name" in refusal("a = 1", {"a_i": 1.0, "a_{i}": 2.0})
    assert "bound twice" in refusal("x = 1", forall={"x": [1.0]})


def test_values_that_prove_nothing():
    assert "no generic vector" in refusal("a = 1", {"a": np.array([1.0])})
    assert "neither number nor array" in refusal("a = 1", {"a": "1"})
    cases = r"x = \begin{cases} x, & x > 0 \\ 1, & x \le 0 \end{cases}"
    assert "no draw takes the case at column 33" in refusal(cases)
    assert "no draw attains the bound at column 3" in refusal(r"b \le a")
    assert "compared with nothing" in refusal(r"\Phi(z) = 1", {"z": 1.0}, defines=(r"\Phi(z)",))
    assert "its definition is missing" in refusal("a = W", defines=("W",))
    assert "a definition in terms of itself" in refusal(r"a = W, \quad W = 2 W", defines=("W",))
    captured = refusal(r"a = \sum_{j=1}^{2} W, \quad W = v_j", forall={"j": [1, 2]}, defines=("W",))
    assert "W depends on j, which is another one here, at column 20" in captured
    assert "no draw compares" in refusal("a = a = b", only=(1,))


def test_a_refusal_is_a_proof_error():
    assert issubclass(Refusal, ProofError)
