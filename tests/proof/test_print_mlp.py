"""Chapter 8 as printed: the multilayer perceptron, forward and backward, against `notesrc.mlp`."""

import numpy as np
import scipy.special
from chapter import Chapter, PrintedChapter

from notesrc.activations import relu
from notesrc.mlp import backward, flatten, forward, init_params
from notesrc.softmax import cross_entropy, one_hot, softmax, softmax_cross_entropy
from proof import Binding

CHAPTER = Chapter("08-mlp")
L, M, WIDTHS = 3, 6, (4, 2, 5, 3)  # layers, examples, units: unequal, so that none can stand in for another
XOR = [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0, -2.0]]), np.zeros(1))]


def network(rng, m=M):
    """X, Y and params of a tanh network, and what `forward` computes on the way."""
    params = [(W, rng.normal(size=len(b))) for W, b in init_params(WIDTHS, rng)]
    X, Y = rng.normal(size=(m, WIDTHS[0])), one_hot(rng.integers(0, WIDTHS[-1], m), WIDTHS[-1])
    logits, cache = forward(X, params, "tanh")
    A = {l: layer[0] for l, layer in enumerate(cache[0])}
    Z = {l: layer[2] for l, layer in enumerate(cache[0], start=1)}
    return params, X, Y, A, Z, softmax_cross_entropy(logits, Y)[1], cache


def numbered(params, part):
    return {l: layer[part] for l, layer in enumerate(params, start=1)}


def sech_squared(z):
    return 1 / np.cosh(z) ** 2


@CHAPTER.binds("xor-diagonals")
def any_line(rng):
    line = [(rng.normal(size=(1, 2)), rng.normal(size=1))]
    return Binding({"s": lambda x1, x2: forward([[x1, x2]], line)[0].item()})


@CHAPTER.binds("xor-network")
def by_hand(rng):
    x = rng.uniform(-2, 2, 2)
    s, (layers, _) = forward([x], XOR)
    return Binding({"x_#": x, "h_#": layers[1][0][0], "s": s.item(), r"\operatorname{ReLU}": relu})


@CHAPTER.binds("mlp-layer")
def one_example(rng):
    params, _, _, A, Z, _, _ = network(rng, m=1)
    names = {
        "z^{[#]}": {l: z[0] for l, z in Z.items()},
        "a^{[#]}": {l: a[0] for l, a in A.items()},
        "W^{[#]}": numbered(params, 0),
        "b^{[#]}": numbered(params, 1),
        "g": np.tanh,
    }
    return Binding(names, forall={"l": range(1, L)})


@CHAPTER.binds("mlp-forward-matrix", "mlp-output")
def all_examples(rng):
    params, _, _, A, Z, _, _ = network(rng)
    names = {
        "Z^{[#]}": Z,
        "A^{[#]}": A,
        "W^{[#]}": numbered(params, 0),
        "b^{[#]}": numbered(params, 1),
        r"\mathbf{1}": np.ones(M),
        "g": np.tanh,
        r"\hat{Y}": softmax(Z[L]),
        r"\operatorname{softmax}": lambda Z: scipy.special.softmax(Z, axis=1),
        "L": L,
    }
    return Binding(names, forall={"l": range(1, L)})


@CHAPTER.binds("mlp-parameter-count")
def widths(rng):
    n = rng.choice(np.arange(2, 12), L + 1, replace=False).tolist()
    size = flatten(init_params(n, rng)).size
    return Binding({"N": size, "n^{[#]}": dict(enumerate(n)), "L": L})


@CHAPTER.binds(
    "mlp-delta-output",
    "mlp-dw",
    "mlp-db",
    "mlp-da",
    "mlp-delta-hidden",
    "mlp-delta-entry",
    "mlp-delta-recursion",
)
def gradients(rng):
    """The deltas: for one example alone, the gradient by a bias is that by its pre-activation."""
    params, X, Y, A, Z, d_logits, cache = network(rng)
    found = numbered(backward(d_logits, cache)[1], 0), numbered(backward(d_logits, cache)[1], 1)
    alone = [slice(i, i + 1) for i in range(M)]
    one_by_one = [backward(d_logits[i], forward(X[i], params, "tanh")[1])[1] for i in alone]
    deltas = {l: np.array([layers[l - 1][1] for layers in one_by_one]) for l in Z}
    W = numbered(params, 0)

    def by_activation(l):
        rest = forward(A[l], params[l:], "tanh")[1]
        return backward(d_logits, rest)[0]

    names = {
        r"\Delta^{[#]}": deltas,
        r"\Delta_{##}^{[#]}": lambda i, j, l: deltas[l][i - 1, j - 1],
        r"\frac{\partial J}{\partial W^{[#]}}": found[0],
        r"\frac{\partial J}{\partial b^{[#]}}": found[1],
        r"\frac{\partial J}{\partial A^{[#]}}": {l: by_activation(l) for l in A},
        "A^{[#]}": A,
        "Z^{[#]}": Z,
        "Z_{##}^{[#]}": lambda i, k, l: Z[l][i - 1, k - 1],
        "W^{[#]}": W,
        "W_{##}^{[#]}": lambda j, k, l: W[l][j - 1, k - 1],
        "g'": sech_squared,
        r"\mathbf{1}": np.ones(M),
        r"\hat{Y}": scipy.special.softmax(Z[L], axis=1),
        "Y": Y,
        "m": M,
        "L": L,
        "n^{[#]}": dict(enumerate(WIDTHS)),
    }
    return Binding(names, forall={"i": range(1, M + 1), "k": range(1, min(WIDTHS) + 1), "l": range(1, L)})


@CHAPTER.binds("softmax-twice")
def perfect_probabilities(rng):
    C = int(rng.integers(3, 9))
    y = one_hot([rng.integers(C)], C)[0]
    return Binding({"L": cross_entropy, r"\operatorname{softmax}": softmax, "y": y, "C": C})


@CHAPTER.binds("relu-sum", "relu-sum-slopes")
def broken_line(rng):
    """What the network does is measured: its slope in each piece, and the bend at each knot."""
    n = 4
    knots = np.cumsum(rng.uniform(0.4, 1, n + 1))
    f = np.cos
    c = np.diff(np.diff(f(knots)) / np.diff(knots), prepend=0.0)
    params = [(np.ones((n, 1)), -knots[:-1]), (c[np.newaxis], f(knots[:1]))]

    def f_hat(x):
        return forward([[x]], params)[0].item()

    def bend(x, h=0.1):
        return (f_hat(x + h) - 2 * f_hat(x) + f_hat(x - h)) / h

    middle = (knots[1:] + knots[:-1]) / 2
    slopes = [(f_hat(x + 0.1) - f_hat(x - 0.1)) / 0.2 for x in middle]
    names = {
        r"\hat{f}": f_hat,
        "f": f,
        "x_#": dict(enumerate(knots)),
        "s_#": dict(enumerate([0.0, *slopes], start=-1)),
        "c_#": dict(enumerate(map(bend, knots[:-1]))),
        "n": n,
        r"\operatorname{ReLU}": relu,
    }
    return Binding(names, forall={"x": middle.tolist(), "j": range(n)})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
