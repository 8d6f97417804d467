"""Chapter 4 as printed: gradient descent, mini-batches, saddles and feature scaling against `notesrc`."""

import itertools
import math

import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.stats
from chapter import Chapter, PrintedChapter

from notesrc import logistic
from notesrc.descent import gradient_descent, minibatches
from notesrc.gradcheck import complex_step_gradient, numerical_gradient
from notesrc.scaling import standardize
from proof import Binding, Functional, random_name

CHAPTER = Chapter("04-gradient-descent")
RANDOM = random_name()
D = 3  # parameters

DIFFERENCES = {"gradient-vector", "taylor-first-order"}

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {
    "batch-gradient": {
        r"\nabla J(\theta) = \frac{1}{m} \sum_{i=1}^{m} \nabla J (\theta)": "the mean of equals",
    },
}


def smooth(rng, d=D):
    """A generic analytic cost and its gradient."""
    A = rng.normal(size=(4, d))

    def cost(theta):
        return np.sum(np.exp(A @ theta / 2)) + np.sum(theta**4)

    return cost, lambda theta: complex_step_gradient(cost, theta)


# Update


@CHAPTER.binds("gradient-vector")
def two_parameters(rng):
    cost, grad = smooth(rng, d=2)
    theta = rng.normal(size=2)
    partial = r"\frac{\partial J(\theta)}{\partial \theta_#}"
    return Binding(
        {r"\nabla J": grad, r"\theta": theta, partial: numerical_gradient(cost, theta)}, rtol=1e-7
    )


@CHAPTER.binds("gradient-descent-update")
def three_steps(rng):
    _, grad = smooth(rng)
    lr = rng.uniform(0.02, 0.05)
    path = gradient_descent(grad, rng.normal(size=D), lr, steps=3)
    names = {r"\theta_#": dict(enumerate(path)), r"\nabla J": grad, r"\eta": lr}
    return Binding(names, forall={"t": range(3)})


@CHAPTER.binds("parabola", "parabola-grad")
def parabola(rng):
    def cost(W):
        return np.polyval([0.1, -1, 2.5], W)

    W = rng.uniform(6, 12)
    return Binding({"J": cost, "W": W, r"\frac{d J}{d W}": complex_step_gradient(cost, W)})


# Taylor


@CHAPTER.binds("taylor-first-order")
def plane(rng):
    """A plane is what the expansion reproduces exactly; far from θ and θ + Δ it has a bend."""
    a, c, theta, step = rng.normal(size=D), rng.normal(), rng.uniform(3, 4, D), rng.uniform(0.2, 0.4, D)

    def cost(theta):
        return a @ theta + c + np.minimum(theta[0] - 2, 0) * 2

    def grad(theta):
        return numerical_gradient(cost, theta)

    return Binding({"J": cost, r"\nabla J": grad, r"\theta": theta, r"\Delta": step}, rtol=1e-8)


@CHAPTER.binds("taylor-integral", "taylor-error-integral")
def segment(rng):
    cost, grad = smooth(rng)
    theta, step = rng.normal(size=(2, D)) / 2
    return Binding(
        {"J": cost, r"\nabla J": grad, r"\theta": theta, r"\Delta": step, "L": rng.uniform(2, 4)}
    )


@CHAPTER.binds("steepest-direction", "smoothness", "taylor-error", "descent-lemma")
def quadratic(rng):
    """A quadratic of integers, without rounding: along its steepest axis every bound is attained."""
    curvature, L = np.array([8.0, 4.0, -3.0]), 8.0
    theta, phi, step = rng.integers(1, 9, (3, D)).astype(float)
    if rng.integers(2):
        theta[1:], phi[1:], step = 0, 0, -4 * theta[0] * np.eye(D)[0]
    names = {
        "J": lambda theta: np.sum(curvature * theta**2) / 2,
        r"\nabla J": lambda theta: curvature * theta,
        r"\theta": theta,
        r"\phi": phi,
        r"\Delta": step,
        r"\eta": 2.0 ** rng.integers(-4, -1),
        "L": L,
    }
    return Binding(names)


# Learning rate


@CHAPTER.binds("quadratic-error", "learning-rate-threshold")
def parabola_of_curvature(rng):
    L, best, start = rng.uniform(0.5, 3), rng.normal(), rng.uniform(2, 3)

    def path(lr, steps=3):
        return gradient_descent(lambda theta: L * (theta - best), start, lr, steps)

    def growth(lr):
        first, *_, last = np.abs(path(lr) - best)
        return last - first

    lr = rng.uniform(0.2, 0.4)
    names = {
        r"\theta_#": dict(enumerate(path(lr))),
        r"\theta^{\star}": best,
        r"\eta": lr,
        r"\eta_{\max}": scipy.optimize.brentq(growth, 1 / L, 9 / L, xtol=1e-14),
        "L": L,
    }
    return Binding(names, forall={"t": range(4)})


# Batches


def examples(rng, m):
    """Logistic regression: the gradient of the cost on some of m examples."""
    X, y = rng.normal(size=(m, D - 1)), rng.integers(0, 2, m)

    def grad(theta, batch):
        dw, db = logistic.gradient(X[batch], y[batch], theta[:-1], theta[-1])
        return np.append(dw, db)

    return grad


def gradients(rng):
    m, n, i, lr = 7, 2, int(rng.integers(1, 8)), rng.uniform(0.2, 0.4)
    grad, theta = examples(rng, m), rng.normal(size=D)
    one = [lambda theta, i=i: grad(theta, [i]) for i in range(m)]
    path = gradient_descent(one[i - 1], theta, lr, steps=2)
    names = {
        r"\nabla J": lambda theta: grad(theta, np.arange(m)),
        r"\nabla J^{(#)}": one,
        r"\theta": theta,
        r"\theta_#": dict(enumerate(path)),
        "g_#": [grad(theta, np.arange(k, k + n)) for k in (0, 2, 4)],
        r"\eta": lr,
        "m": m,
        "n": n,
    }
    return names, i


@CHAPTER.binds("batch-gradient", "minibatch-gradient")
def sums(rng):
    names, _ = gradients(rng)
    return Binding(names, forall={"k": [1, 2, 3]})


@CHAPTER.binds("stochastic-gradient")
def steps_of_one_example(rng):
    names, i = gradients(rng)
    return Binding(names | {"i": i}, forall={"t": range(2)})


@CHAPTER.binds("minibatch-count")
def partition(rng):
    n = int(rng.integers(3, 9))
    m = n * int(rng.integers(3, 9)) + int(rng.integers(1, n))
    K = len(minibatches(m, n, rng))
    return Binding({"K": K, "m": m, "n": n})


@CHAPTER.binds(
    "minibatch-unbiased",
    "gradient-noise",
    "minibatch-variance",
    "minibatch-variance-steps",
    "pair-correlation",
)
def all_batches(rng):
    """E over every batch of n among the m examples: exact, not sampled."""
    m, n = 6, int(rng.integers(2, 5))
    grad, theta = examples(rng, m), rng.normal(size=D)
    full, batches = grad(theta, np.arange(m)), itertools.combinations(range(m), n)
    outcomes = [{"g": grad(theta, list(batch))} for batch in batches]
    one = np.array([grad(theta, [i]) for i in range(m)])
    names = {
        r"\operatorname{E}": Functional(lambda body: np.mean([body(g) for g in outcomes], axis=0)),
        "g": RANDOM,
        r"\nabla J": lambda theta: grad(theta, np.arange(m)),
        r"\nabla J^{(#)}": [lambda theta, i=i: grad(theta, [i]) for i in range(m)],
        r"\theta": theta,
        "d_#": one - full,
        r"\sigma": math.sqrt(np.trace(np.cov(one.T, bias=True))),
        "m": m,
        "n": n,
    }
    return Binding(names, forall={"j": range(1, m + 1)})


# Saddles


@CHAPTER.binds("saddle")
def saddle(rng):
    x, y = rng.uniform(1, 2, 2)
    return Binding({"J": lambda x, y: (x - y) * (x + y) / 2, "x": x, "y": y})


@CHAPTER.binds("saddle-escape")
def leaving(rng):
    lr = rng.uniform(0.2, 0.4)
    path = gradient_descent(lambda theta: theta * [1, -1], rng.uniform(1, 2, 2), lr, steps=4)
    x, y = (dict(enumerate(values)) for values in path.T)
    return Binding({"x_#": x, "y_#": y, r"\eta": lr}, forall={"t": range(5)})


@CHAPTER.binds("minimum-share")
def random_hessians(rng):
    """The eigenvalues u ± r: u normal and r after Rayleigh, both of variance parameter 1/2."""
    s = math.sqrt(0.5)
    above = scipy.integrate.quad(
        lambda r: scipy.stats.rayleigh.pdf(r, scale=s) * scipy.stats.norm.sf(r, scale=s), 0, np.inf
    )[0]
    return Binding({"p_#": [scipy.stats.norm.sf(0.0), above]})


# Scaling


@CHAPTER.binds("feature-mean", "feature-std", "standardisation")
def features(rng):
    m, n = 5, 3
    X = rng.normal(size=(m, n)) * [1, 20, 0.3] + [5, -9, 0.7]
    X_scaled, mean, std = standardize(X)
    names = {
        "x_#^{(#)}": X.T,
        r"\tilde{x}_#^{(#)}": X_scaled.T,
        r"\mu_#": mean,
        r"\sigma_#": std,
        "m": m,
    }
    return Binding(names, forall={"i": range(1, m + 1), "j": range(1, n + 1)})


@CHAPTER.binds("condition-number", "best-learning-rate", "best-factor")
def ravine(rng):
    high, low = rng.uniform(5, 9), rng.uniform(1, 2)

    def difference(lr):
        """How much faster the flat direction shrinks than the steep one, as seen in one step."""
        start = np.ones(2)
        steep, flat = np.abs(gradient_descent(lambda theta: theta * [high, low], start, lr, steps=1)[1])
        return steep - flat

    names = {
        r"\kappa": float(np.linalg.cond(np.diag([high, low]))),
        r"\lambda_{\max}": high,
        r"\lambda_{\min}": low,
        r"\eta^{\star}": scipy.optimize.brentq(difference, 1 / high, 1 / low, xtol=1e-15),
    }
    return Binding(names)


@CHAPTER.binds("within-sigma")
def normal(rng):
    return Binding({"k": rng.uniform(0.5, 2.5), r"\operatorname{erf}": math.erf})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
    looser = dict.fromkeys(DIFFERENCES, 1e-7)
