"""Chapter 3 as printed: logistic regression, softmax and cross-entropy against `notesrc`."""

import numpy as np
import scipy.special
from chapter import Chapter, PrintedChapter

from notesrc import logistic
from notesrc.activations import sigmoid
from notesrc.gradcheck import complex_step_gradient, numerical_gradient, relative_error
from notesrc.logistic import binary_cross_entropy, predict_proba
from notesrc.softmax import cross_entropy, hardmax, log_softmax, softmax, softmax_cross_entropy
from proof import Binding

CHAPTER = Chapter("03-logistic-softmax")
C, M, N = 3, 5, 4  # classes, examples, features: unequal, so that none can stand in for another
CLASSES = {"j": range(1, C + 1), "k": range(1, C + 1)}

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {
    "softmax-jacobian-steps": {
        r"\begin{aligned} "
        r"\frac{\partial \hat{y}_j}{\partial z_k} "
        r"&= \frac{\delta_{jk} e^{z_ k } S - e^{z_j} e^{z_k}}{S^2} \\ "
        r"&= \frac{e^{z_j}}{S} \left( \delta_{jk} - \frac{e^{z_k}}{S} \right) \\ "
        r"&= \hat{y}_j (\delta_{jk} - \hat{y}_k) \end{aligned}": "δ_jk is 0 unless j = k",
    },
}


def probabilities(rng, *shape):
    return softmax(rng.normal(size=shape))


def delta(j, k):
    return float(j == k)


@CHAPTER.binds("logistic-model", "log-odds")
def model(rng):
    x, w, b = rng.normal(size=N), rng.normal(size=N), rng.normal()
    y_hat = predict_proba(x[np.newaxis], w, b)[0]
    return Binding({"x": x, "w": w, "b": b, r"\hat{y}": y_hat, r"\sigma": sigmoid})


@CHAPTER.binds("binary-cross-entropy")
def loss(rng):
    names = {"L": binary_cross_entropy, r"\hat{y}": rng.uniform(0.1, 0.4)}
    return Binding(names, forall={"y": [0, 1]})


@CHAPTER.binds("binary-cross-entropy-cost")
def cost(rng):
    y_hat, y = rng.uniform(0.1, 0.9, M), rng.permutation([0, 0, 1, 1, 1])
    return Binding(
        {
            "J(w, b)": binary_cross_entropy(y_hat, y),
            "L": binary_cross_entropy,
            r"\hat{y}^{(#)}": y_hat,
            "y^{(#)}": y,
            "m": M,
        }
    )


@CHAPTER.binds("binary-cross-entropy-logits")
def loss_of_logits(rng):
    z, y = rng.normal(), rng.integers(2)
    return Binding({"L": binary_cross_entropy(sigmoid(z), y), "z": z, "y": y})


@CHAPTER.binds("logistic-delta", "logistic-gradient-w", "logistic-gradient-b")
def gradient(rng):
    X, y = rng.normal(size=(M, N)), rng.permutation([0, 0, 1, 1, 1])
    w, b = rng.normal(size=N), rng.normal()
    y_hat, (dw, db) = predict_proba(X, w, b), logistic.gradient(X, y, w, b)
    alone = [slice(i, i + 1) for i in range(M)]
    one_by_one = [logistic.gradient(X[i], y[i], w, b)[1] for i in alone]  # for one example dJ/db is dL/dz
    return Binding(
        {
            r"\frac{\partial J}{\partial w}": dw,
            r"\frac{\partial J}{\partial b}": db,
            r"\frac{\partial L}{\partial z}": np.array(one_by_one),
            r"\hat{y}": y_hat,
            r"\hat{y}^{(#)}": y_hat,
            "y": y,
            "y^{(#)}": y,
            "X": X,
            "m": M,
        }
    )


@CHAPTER.binds("binary-cross-entropy-grad")
def loss_gradient(rng):
    y_hat, y = rng.uniform(0.1, 0.4), int(rng.integers(2))
    slope = numerical_gradient(lambda p: binary_cross_entropy(p, y), y_hat, h=1e-5)
    return Binding({r"\frac{\partial L}{\partial \hat{y}}": slope, r"\hat{y}": y_hat, "y": y}, rtol=1e-7)


@CHAPTER.binds("forward-difference")
def line(rng):
    """A line is what one-sided differences measure exactly, whatever the step; far from x it has a bend."""
    slope, x = rng.uniform(1, 2), rng.uniform(3, 4)

    def f(x):
        return slope * x + np.minimum(x - 2, 0)

    return differences(rng, f, lambda x: numerical_gradient(f, x), x)


@CHAPTER.binds("central-difference", "complex-step")
def parabola(rng):
    """A parabola is what central differences and complex steps measure exactly, whatever the step."""
    a, b, c = rng.uniform(1, 2, 3)

    def f(x):
        return a * x**2 + b * x + c

    return differences(rng, f, lambda x: complex_step_gradient(f, x), rng.normal())


def differences(rng, f, slope, x):
    names = {"f": f, "f'": slope, "x": x, "h": rng.uniform(0.2, 0.4)}
    return Binding(names | {r"\mathrm{i}": 1j, r"\operatorname{Im}": np.imag}, rtol=1e-8)


@CHAPTER.binds("relative-error")
def two_gradients(rng):
    a, b = rng.normal(size=(2, N))
    return Binding({"r": relative_error(a, b), "a": a, "b": b})


@CHAPTER.binds("softmax", "softmax-shift", "softmax-temperature", "hardmax", "log-sum-exp", "log-softmax")
def logits(rng):
    z = rng.normal(size=C)
    names = {
        "z": z,
        "z_#": z,
        "c": rng.normal(),
        "C": C,
        "T": rng.uniform(1.5, 3),
        r"\operatorname{softmax}": softmax,
        r"\operatorname{hardmax}": hardmax,
        r"\operatorname{LSE}": lambda z: (z - log_softmax(z))[0],
        r"\hat{y}_#": softmax(z),
    }
    return Binding(names, forall=CLASSES)


@CHAPTER.binds("cross-entropy")
def many_classes(rng):
    y_hat, y = probabilities(rng, C), probabilities(rng, C)
    names = {"L": cross_entropy, r"\hat{y}": y_hat, r"\hat{y}_#": y_hat, "y": y, "y_#": y, "C": C}
    return Binding(names)


@CHAPTER.binds("cross-entropy-cost")
def many_classes_and_examples(rng):
    y_hat, y = probabilities(rng, M, C), probabilities(rng, M, C)
    names = {"J": cross_entropy(y_hat, y), r"\hat{y}_#^{(#)}": y_hat.T, "y_#^{(#)}": y.T, "m": M, "C": C}
    return Binding(names)


@CHAPTER.binds(
    "softmax-jacobian",
    "softmax-jacobian-steps",
    "softmax-gradient",
    "softmax-gradient-steps",
)
def jacobian(rng):
    z, y = rng.normal(size=C), probabilities(rng, C)
    y_hat = softmax(z)
    slopes = np.array([numerical_gradient(lambda z, j=j: softmax(z)[j], z) for j in range(C)])
    names = {
        r"\frac{\partial \hat{y}_#}{\partial z_#}": slopes,
        r"\frac{\partial L}{\partial z_#}": softmax_cross_entropy(z, y)[1],
        r"\hat{y}_#": y_hat,
        "y_#": y,
        "z_#": z,
        "S": np.exp(scipy.special.logsumexp(z)),
        r"\delta_{##}": delta,
        "C": C,
    }
    return Binding(names, forall=CLASSES, rtol=1e-7)


@CHAPTER.binds("softmax-cost-gradient")
def cost_gradient(rng):
    z, y = rng.normal(size=(M, C)), probabilities(rng, M, C)
    names = {
        r"\frac{\partial J}{\partial z_#^{(#)}}": softmax_cross_entropy(z, y)[1].T,
        r"\hat{y}_#^{(#)}": softmax(z).T,
        "y_#^{(#)}": y.T,
        "m": M,
    }
    return Binding(names, forall={"i": range(1, M + 1), "k": range(1, C + 1)})


@CHAPTER.binds("softmax-binary")
def two_classes(rng):
    return Binding({"z_#": dict(enumerate(rng.normal(size=2))), r"\sigma": sigmoid})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
    tolerance = 1e-7
