"""Chapter 2 as printed: variances through layers, and the laws of `notesrc.initializers`.

Moments are exact: every random weight takes few values, and E and Var run over all their combinations.
"""

import itertools

import numpy as np
import scipy.integrate
import scipy.stats
from chapter import Chapter, PrintedChapter, moments

from notesrc.activations import leaky_relu, relu
from notesrc.gradcheck import complex_step_gradient
from notesrc.initializers import he_normal, he_uniform, lecun_normal, xavier_normal, xavier_uniform
from proof import Binding, Functional, random_name

CHAPTER = Chapter("02-initialisation")
RANDOM = random_name()
VAR_W = r"\operatorname{Var}(w)"

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {
    "xavier-average": {
        r"\frac{2}{n_{\mathrm{in}} \operatorname{Var}(w) + n_{\mathrm{out}} \operatorname{Var}(w)} "
        r"= 1": "one upside down is one",
    },
}


def sizes(rng):
    n_in, n_out = rng.choice(np.arange(3, 30), 2, replace=False).tolist()
    return n_in, n_out


def variance(init, n_in, n_out):
    """The variance of a normal law: its weights against the standard normal ones of the same seed."""
    w = init(n_in, n_out, np.random.default_rng(0))
    return float((w[0, 0] / np.random.default_rng(0).normal(size=(n_out, n_in))[0, 0]) ** 2)


def bound(init, n_in, n_out):
    """The bound of a uniform law, in the same way."""
    w = init(n_in, n_out, np.random.default_rng(0))
    return float(w[0, 0] / (2 * np.random.default_rng(0).random((n_out, n_in))[0, 0] - 1))


# Networks


@CHAPTER.binds("linear-depth", "linear-depth-gradient")
def linear_network(rng):
    depth, widths = 3, (3, 4, 2, 5)
    W = {l: rng.normal(size=(widths[l], widths[l - 1])) for l in range(1, depth + 1)}
    target = rng.normal(size=widths[depth])

    def forward(a, start):
        for l in range(start + 1, depth + 1):
            a = W[l] @ a
        return a

    def cost(l):
        return lambda a: np.sum((forward(a, l) - target) ** 2)

    a = {0: rng.normal(size=widths[0])}
    for l in range(1, depth + 1):
        a[l] = np.einsum("ji,i->j", W[l], a[l - 1])
    slopes = {l: complex_step_gradient(cost(l), a[l]) for l in a}
    names = {"W^{[#]}": W, "a^{[#]}": a, r"\frac{\partial J}{\partial a^{[#]}}": slopes}
    return Binding(names, forall={"l": range(1, depth + 1)})


@CHAPTER.binds("depth-growth")
def scaled_identities(rng):
    c, depth, n = rng.uniform(1.2, 1.6), 4, 3
    W, x, target = c * np.eye(n), rng.normal(size=n), rng.normal(size=n)

    def cost(a, layers):
        return np.sum((np.linalg.matrix_power(W, layers) @ a - target) ** 2)

    a = {l: np.linalg.matrix_power(W, l) @ x for l in range(depth + 1)}
    return Binding(
        {
            "c": c,
            "L": depth,
            "x": x,
            "a^{[#]}": a,
            r"\frac{\partial J}{\partial x}": complex_step_gradient(lambda a: cost(a, depth), x),
            r"\frac{\partial J}{\partial a^{[#]}}": {
                l: complex_step_gradient(lambda a, l=l: cost(a, depth - l), a[l]) for l in a
            },
        }
    )


@CHAPTER.binds("tiny-network")
def tiny_network(rng):
    W, x, b, v, c, _ = tiny(rng)
    names = {"w_#": W, "b_#": b, "v_#": v, "x": x, "c": c, "g": np.tanh, "h": len(v)}
    names[r"\hat{y}"] = v @ np.tanh(W @ x + b) + c
    return Binding(names, forall={"j": range(1, len(v) + 1)}, defines=("z_#",))


@CHAPTER.binds("zeros-symmetry")
def tiny_gradients(rng):
    W, x, b, v, c, y = tiny(rng)

    def cost(W, v):
        return (v @ np.tanh(W @ x + b) + c - y) ** 2 / 2

    z = W @ x + b
    names = {
        r"\frac{\partial J}{\partial w_#}": complex_step_gradient(lambda W: cost(W, v), W),
        r"\frac{\partial J}{\partial v_#}": complex_step_gradient(lambda v: cost(W, v), v),
        r"\delta": v @ np.tanh(z) + c - y,
        "v_#": v,
        "z_#": z,
        "x": x,
        "g": np.tanh,
        "g'": lambda z: 1 / np.cosh(z) ** 2,
    }
    return Binding(names, forall={"j": range(1, len(v) + 1)})


def tiny(rng):
    n, h = 2, 3
    x, (b, v) = rng.normal(size=n), rng.normal(size=(2, h))
    return rng.normal(size=(h, n)), x, b, v, rng.normal(), rng.normal()


@CHAPTER.binds("backward-sum")
def backward(rng):
    n_in, n_out = 3, 4
    W, x, target = rng.normal(size=(n_out, n_in)), rng.normal(size=n_in), rng.normal(size=n_out)

    def cost(z):
        return np.sum((z - target) ** 2)

    names = {
        r"n_{\mathrm{in}}": n_in,
        r"n_{\mathrm{out}}": n_out,
        "w_{##}": W,
        r"\frac{\partial J}{\partial x_#}": complex_step_gradient(lambda x: cost(W @ x), x),
        r"\frac{\partial J}{\partial z_#}": complex_step_gradient(cost, W @ x),
    }
    return Binding(names, forall={"i": range(1, n_in + 1)})


# Moments


def two_values(rng, mean=0.0):
    """Two equally likely values, of the given mean."""
    spread = rng.uniform(0.5, 1.5)
    return [mean - spread, mean + spread]


@CHAPTER.binds(
    "product-variance-definition", "product-variance-independent", "second-moment", "variance-product"
)
def one_term(rng):
    w, x = two_values(rng, rng.uniform(0.5, 1.5)), two_values(rng, rng.uniform(0.5, 1.5))
    outcomes = [{"w": a, "x": b} for a, b in itertools.product(w, x)]
    return Binding(moments(outcomes) | {"w": RANDOM, "x": RANDOM})


@CHAPTER.binds("term-variance")
def one_term_of_mean_zero(rng):
    w, x = two_values(rng), two_values(rng, rng.uniform(0.5, 1.5))
    outcomes = [{"w": a, "x": b} for a, b in itertools.product(w, x)]
    return Binding(moments(outcomes) | {"w": RANDOM, "x": RANDOM})


@CHAPTER.binds("preactivation-sum")
def one_unit(rng):
    n = 4
    w, x = rng.normal(size=(2, n))
    return Binding({"z": np.dot(w, x), "w_#": w, "x_#": x, r"n_{\mathrm{in}}": n})


def layer(rng, means):
    """All weights and inputs of a unit: the weights independent, the inputs not."""
    n, spread, shift = len(means), two_values(rng), rng.uniform(0.2, 0.4)
    x_values = two_values(rng, rng.uniform(0.5, 1.5))
    outcomes = []
    for w in itertools.product(spread, repeat=n):
        w = np.add(w, means)
        for x in itertools.product(x_values, repeat=n):
            inputs = np.array(x) + (shift if x[0] > x[-1] else -shift)
            outcomes.append(
                {"w": w[0], "x": inputs[0], "w_#": w, "x_#": inputs, "z": float(np.dot(w, inputs))}
            )
    return n, outcomes


@CHAPTER.binds("layer-variance")
def one_layer(rng):
    """Inputs that share their law: x is any of them."""
    n, w_values, x_values = 3, two_values(rng), two_values(rng, rng.uniform(0.5, 1.5))
    outcomes = [
        {"w": w[0], "x": x[0], "z": float(np.dot(w, x))}
        for w in itertools.product(w_values, repeat=n)
        for x in itertools.product(x_values, repeat=n)
    ]
    names = moments(outcomes) | dict.fromkeys("wxz", RANDOM)
    return Binding(names | {r"n_{\mathrm{in}}": n, r"n_{\mathrm{out}}": n + 2})


@CHAPTER.binds("layer-variance-sum")
def dependent_inputs(rng):
    n, outcomes = layer(rng, means=[0.0, 0.0, 0.0])
    names = moments(outcomes) | dict.fromkeys(["w", "z", "x_#"], RANDOM)
    return Binding(names | {r"n_{\mathrm{in}}": n, r"n_{\mathrm{out}}": n + 2})


@CHAPTER.binds("cross-terms")
def two_terms(rng):
    """Independence alone makes the first equation; weights of mean 0 make the second."""
    means = [0.7, 1.1, 1.6] if rng.integers(2) else [0.0, 0.0, 0.0]
    _, outcomes = layer(rng, means)
    names = moments(outcomes) | {"w_#": RANDOM, "x_#": RANDOM}
    return Binding(names, forall={"i": [1], "j": [2, 3]}, only=(1,) if any(means) else ())


def deep(rng, activation=lambda z: z, depth=3, n=2):
    """The values of every draw of a deep network's weights, of which the last layer needs one unit."""
    spread, x_values = rng.uniform(0.5, 1.5), two_values(rng, rng.uniform(0.5, 1.5))
    shapes = [(n, n)] * (depth - 1) + [(1, n)]
    for signs in itertools.product([-spread, spread], repeat=n * n * (depth - 1) + n):
        for x in x_values:
            a, z = {0: np.full(n, x)}, {}
            rest = list(signs)
            for l, (rows, columns) in enumerate(shapes, start=1):
                W = np.array([rest.pop() for _ in range(rows * columns)]).reshape(rows, columns)
                z[l] = W @ a[l - 1]
                a[l] = activation(z[l])
            yield {
                "w": signs[0],
                "x": x,
                "a^{[#]}": {l: float(value[0]) for l, value in a.items()},
                "z^{[#]}": {l: float(value[0]) for l, value in z.items()},
            }


@CHAPTER.binds("variance-depth")
def deep_linear(rng):
    outcomes = list(deep(rng))
    return Binding(moments(outcomes) | {"w": RANDOM, "x": RANDOM, "a^{[#]}": RANDOM, "n": 2, "L": 3})


@CHAPTER.binds("xavier-layer")
def xavier_layer(rng):
    outcomes = list(deep(rng))
    names = moments(outcomes) | {"w": RANDOM, "a^{[#]}": RANDOM}
    return Binding(names | {r"n_{\mathrm{in}}": 2, r"n_{\mathrm{out}}": 5}, forall={"l": [2, 3]})


@CHAPTER.binds("he-layer-variance")
def he_layer(rng):
    outcomes = list(deep(rng, relu))
    names = moments(outcomes) | {"w": RANDOM, "z^{[#]}": RANDOM}
    return Binding(names | {r"n_{\mathrm{in}}": 2, r"n_{\mathrm{out}}": 5}, forall={"l": [2, 3]})


@CHAPTER.binds("backward-variance")
def backward_moments(rng):
    n_out, slopes, weights = 3, two_values(rng), two_values(rng)
    z, x = r"\frac{\partial J}{\partial z}", r"\frac{\partial J}{\partial x}"
    outcomes = [
        {"w": w[0], z: d[0], x: float(np.dot(w, d))}
        for w in itertools.product(weights, repeat=n_out)
        for d in itertools.product(slopes, repeat=n_out)
    ]
    names = moments(outcomes) | {"w": RANDOM, z: RANDOM, x: RANDOM}
    return Binding(names | {r"n_{\mathrm{in}}": n_out + 2, r"n_{\mathrm{out}}": n_out})


@CHAPTER.binds("relu-second-moment")
def symmetric(rng):
    positive = rng.uniform(0.3, 2, 3)
    outcomes = [{"z": z} for z in [*positive, *-positive]]
    return Binding(moments(outcomes) | {"z": RANDOM, r"\operatorname{ReLU}": relu})


@CHAPTER.binds("relu-moment-integral", "relu-moment-half")
def gaussian(rng):
    s = rng.uniform(0.7, 1.3)

    def density(z):
        return np.exp(-((z / s) ** 2) / 2) / (s * np.sqrt(2 * np.pi))

    def mean(body):
        halves = (-12, 0), (0, 12)  # the integrand may have its kink between them
        return sum(scipy.integrate.quad(lambda z: body({"z": z}) * density(z), *ends)[0] for ends in halves)

    names = {"z": RANDOM, "p": density, r"\operatorname{E}": Functional(mean), r"\operatorname{ReLU}": relu}
    return Binding(names, rtol=1e-8)


# Laws


def law(init, *labels, backward=False):
    """Var(w) of the book's initialiser for a layer of generic sizes; `backward` turns the layer round."""

    @CHAPTER.binds(*labels)
    def draw(rng):
        n_in, n_out = sizes(rng)
        seen = (n_out, n_in) if backward else (n_in, n_out)
        return Binding({VAR_W: variance(init, *seen), r"n_{\mathrm{in}}": n_in, r"n_{\mathrm{out}}": n_out})


law(lecun_normal, "lecun-variance", "xavier-forward")
law(lecun_normal, "xavier-backward", backward=True)
law(xavier_normal, "xavier-variance", "xavier-average", "xavier-factors")
law(he_normal, "he-variance", "he-forward")
law(he_normal, "he-backward", backward=True)


def uniform(init, *labels):
    @CHAPTER.binds(*labels)
    def draw(rng):
        n_in, n_out = sizes(rng)
        return Binding({"r": bound(init, n_in, n_out), r"n_{\mathrm{in}}": n_in, r"n_{\mathrm{out}}": n_out})


uniform(xavier_uniform, "xavier-uniform-bound", "xavier-uniform-equation")
uniform(he_uniform, "he-uniform-bound")


@CHAPTER.binds("uniform-mean", "uniform-integral", "uniform-variance")
def uniform_law(rng):
    low, high = -rng.uniform(0.5, 1), rng.uniform(1, 3)
    law = scipy.stats.uniform(low, high - low)
    return Binding({r"\alpha": low, r"\beta": high, r"\mu": float(law.mean()), VAR_W: float(law.var())})


@CHAPTER.binds("symmetric-uniform-variance")
def symmetric_law(rng):
    r = rng.uniform(0.5, 3)
    return Binding({"r": r, VAR_W: float(scipy.stats.uniform(-r, 2 * r).var())})


@CHAPTER.binds("he-telescope")
def widths(rng):
    n = rng.choice(np.arange(3, 30), 5, replace=False)
    return Binding({"n^{[#]}": dict(enumerate(n.tolist())), "L": 3})


@CHAPTER.binds("he-leaky-variance")
def leaky_law(rng):
    """The variance of weights at which n_in terms w · leaky(z) are as spread as a symmetric z."""
    n_in, s, positive = int(rng.integers(3, 30)), rng.uniform(0.1, 0.6), rng.uniform(0.3, 2, 3)
    z = np.concatenate([positive, -positive])
    names = {"s": s, r"n_{\mathrm{in}}": n_in, r"n_{\mathrm{out}}": n_in + 2}
    return Binding(names | {VAR_W: np.mean(z**2) / (n_in * np.mean(leaky_relu(z, s) ** 2))})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
    tolerance = 1e-7
