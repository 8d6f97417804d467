"""Chapter 1 as printed: activation functions and their derivatives against `notesrc.activations`."""

import math

import numpy as np
import scipy.stats
from chapter import Chapter, PrintedChapter, kinked

from notesrc.activations import (
    elu,
    elu_grad,
    gelu,
    gelu_grad,
    leaky_relu,
    leaky_relu_grad,
    maxout,
    maxout_grad,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    silu,
    silu_grad,
    softplus,
    softplus_grad,
    tanh,
    tanh_grad,
)
from proof import Binding

CHAPTER = Chapter("01-activations")
NAMES = {
    r"\sigma": sigmoid,
    r"\sigma'": sigmoid_grad,
    r"\tanh": tanh,
    r"\tanh'": tanh_grad,
    r"\operatorname{ReLU}": relu,
    r"\operatorname{ReLU}'": kinked(relu, relu_grad),
    r"\operatorname{softplus}": softplus,
    r"\operatorname{softplus}'": softplus_grad,
    r"\operatorname{SiLU}": silu,
    r"\operatorname{SiLU}'": silu_grad,
    r"\operatorname{GELU}": gelu,
    r"\operatorname{GELU}'": gelu_grad,
    r"\operatorname{erf}": math.erf,
}

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {
    "sigmoid-grad-bound": {
        r"-1 < \sigma'(z) \le \sigma'(0) = \frac{1}{4}": "weaker, but true: a strict bound need not be close",
    },
    "saturation-depth": {
        r"\prod_{l=1}^{L} \sigma'(z^{[ L ]}) \le \left(\frac{1}{4}\right)^{L}": "true of every factor alone",
    },
}


def points(rng, zero=True):
    """Values of z on both sides of the kink, within 1 of it and beyond, and the kink itself."""
    near, far = rng.uniform(0.2, 0.8, 2), rng.uniform(1.2, 3, 2)
    return [-far[0], -near[0], near[1], far[1]] + [0.0] * zero


@CHAPTER.binds("linear-stack")
def two_layers(rng):
    sizes = 3, 4, 2
    return Binding(
        {
            "W^{[#]}": [rng.normal(size=(sizes[1], sizes[0])), rng.normal(size=(sizes[2], sizes[1]))],
            "b^{[#]}": [rng.normal(size=sizes[1]), rng.normal(size=sizes[2])],
            "x": rng.normal(size=sizes[0]),
        },
        defines=("W", "b"),
    )


@CHAPTER.binds(
    "sigmoid",
    "sigmoid-symmetry",
    "sigmoid-grad",
    "sigmoid-grad-bound",
    "sigmoid-grad-steps",
    "sigmoid-grad-square",
    "tanh",
    "tanh-sigmoid",
    "tanh-grad",
    "relu",
    "relu-grad",
    "softplus",
    "softplus-grad",
    "silu",
    "silu-grad",
)
def one_number(rng):
    return Binding(NAMES, forall={"z": points(rng)})


@CHAPTER.binds("saturation-depth")
def a_path_through_the_layers(rng):
    z = [0.0, 0.0, *rng.normal(size=2)]  # L = 2 attains the bound
    return Binding(NAMES | {"z^{[#]}": z}, forall={"L": [2, 3, 4]})


@CHAPTER.binds("leaky-relu", "leaky-relu-grad")
def leaky(rng):
    s = rng.uniform(0.1, 0.6)

    def f(z):
        return leaky_relu(z, s)

    derivative = kinked(f, lambda z: leaky_relu_grad(z, s))
    names = {"s": s, r"\operatorname{LeakyReLU}": f, r"\operatorname{LeakyReLU}'": derivative}
    return Binding(names, forall={"z": points(rng)})


@CHAPTER.binds("maxout", "maxout-grad")
def pieces(rng):
    k = 4
    z = np.sort(rng.normal(size=k))[:: rng.choice([-1, 1])]  # the largest is the first or the last
    if rng.integers(2):  # a tie, which belongs to no piece
        z[rng.choice(np.flatnonzero(z < z.max()))] = z.max()

    def slope(j):
        unit = np.eye(k)[j - 1]
        return kinked(lambda t: maxout(z + t * unit), lambda t: maxout_grad(z + t * unit)[j - 1])(0.0)

    names = {
        "z": z,
        "z_#": z,
        "k": k,
        r"\operatorname{maxout}": maxout,
        r"\frac{\partial \operatorname{maxout}(z)}{\partial z_#}": slope,
    }
    return Binding(names, forall={"i": range(1, k + 1), "j": range(1, k + 1)})


@CHAPTER.binds("elu", "elu-grad")
def exponential(rng):
    alpha = rng.uniform(0.3, 0.8)

    def f(z):
        return elu(z, alpha)

    names = {
        r"\alpha": alpha,
        r"\operatorname{ELU}": f,
        r"\operatorname{ELU}'": kinked(f, lambda z: elu_grad(z, alpha)),
    }
    return Binding(names, forall={"z": points(rng)})


@CHAPTER.binds("gelu")
def gaussian(rng):
    return Binding(NAMES, forall={"z": points(rng, zero=False)}, defines=(r"\Phi(z)",))


@CHAPTER.binds("gelu-grad")
def gaussian_slope(rng):
    return Binding(NAMES | {r"\Phi": scipy.stats.norm.cdf}, forall={"z": points(rng)})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
