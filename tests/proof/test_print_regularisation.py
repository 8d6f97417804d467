"""Chapter 9 as printed: penalties, ridge and lasso, dropout and early stopping against `notesrc`."""

import itertools

import numpy as np
from chapter import Chapter, PrintedChapter, moments

from notesrc.descent import gradient_descent
from notesrc.optimizers import Adam
from notesrc.regularization import (
    dropout_backward,
    dropout_forward,
    l1_penalty,
    l1_penalty_grad,
    l2_penalty,
    l2_penalty_grad,
    proximal_step,
    ridge,
    soft_threshold,
    weight_decay_step,
)
from proof import Binding, Functional, random_name
from tests.fixed import Fixed

CHAPTER = Chapter("09-regularisation")
M, N = 5, 3  # examples and features: unequal
RANDOM = random_name()


@CHAPTER.binds("l2-penalty", "l1-penalty", "l2-penalty-grad", "l1-penalty-grad", "l2-cost")
def penalties(rng):
    W, lam = rng.normal(size=(2, 4)), rng.uniform(1.5, 3)
    W[rng.integers(2), rng.integers(4)] = 0
    J = rng.normal()
    names = {
        r"\Omega_2(W)": l2_penalty(W, lam),
        r"\Omega_1(W)": l1_penalty(W, lam),
        r"\frac{\partial \Omega_2}{\partial W}": l2_penalty_grad(W, lam),
        r"\frac{\partial \Omega_1}{\partial W_{##}}": l1_penalty_grad(W, lam),
        r"\tilde{J}(W)": J + l2_penalty(W, lam),
        "J(W)": J,
        "W": W,
        "W_{##}": W,
        r"\lambda": lam,
        r"n_{\mathrm{out}}": 2,
        r"n_{\mathrm{in}}": 4,
    }
    return Binding(names, forall={"i": [1, 2], "j": [1, 2, 3, 4]})


@CHAPTER.binds("weight-decay-step")
def decay_step(rng):
    return stepping(rng, weight_decay_step)


@CHAPTER.binds("proximal-step")
def lasso_step(rng):
    return stepping(rng, proximal_step)


def stepping(rng, step):
    w, lr, lam = 3 * rng.normal(size=N), rng.uniform(0.1, 0.4), rng.uniform(1.5, 3)
    names = {"w_{t+1}": step(w, np.cos(w), lr, lam), "w_t": w, r"\nabla J": np.cos}
    return Binding(names | {r"\eta": lr, r"\lambda": lam, "S": soft_threshold})


@CHAPTER.binds("soft-threshold")
def threshold(rng):
    tau = rng.uniform(1.2, 1.8)
    names = {"S": soft_threshold, r"\tau": tau}
    return Binding(names, forall={"w": [-3.1, -tau, -0.4, 0.3, tau, 2.7]})


@CHAPTER.binds("adam-l2-step")
def adam_step(rng):
    """A step after others, so that nothing in the state is 0."""
    lr, beta2, eps = rng.uniform(0.1, 0.3), 0.8, rng.uniform(0.3, 0.6)
    lam, theta = rng.uniform(1, 2), rng.normal()

    def slope(theta):
        return 2 * (theta - 3)

    adam = Adam(lr=lr, beta1=0.0, beta2=beta2, eps=eps)
    state = adam.init(theta)
    for _ in range(3):
        before = theta
        theta, state = adam.step(theta, lambda theta: slope(theta) + lam * theta, state)
    s_hat = float(state[2] / (1 - beta2**3))
    names = {r"\theta_t": theta, r"\theta_{t-1}": before, r"\hat{s}_t": s_hat}
    return Binding(names | {r"\nabla J": slope, r"\eta": lr, r"\lambda": lam, r"\epsilon": eps})


@CHAPTER.binds("ridge-cost", "ridge-solution", "ridge-shrinkage", "lasso-cost")
def regression(rng):
    X, y, lam = rng.normal(size=(M, N)), rng.normal(size=M), rng.uniform(1.5, 3)
    w = rng.normal(size=N)
    fit = np.sum((y - X @ w) ** 2) / 2
    _, s, V = np.linalg.svd(X, full_matrices=False)
    names = {
        r"J_{\mathrm{ridge}}(w)": fit + l2_penalty(w, lam),
        r"J_{\mathrm{lasso}}(w)": fit + l1_penalty(w, lam),
        r"\hat{w}": lambda lam: ridge(X, y, lam),
        "X": X,
        "y": y,
        "w": w,
        "I": np.eye(N),
        "s_#": s,
        "v_#": list(V),
        r"\lambda": lam,
    }
    return Binding(names, forall={"j": range(1, N + 1)})


@CHAPTER.binds("early-stopping-shrinkage")
def stopped(rng):
    X, y, t = rng.normal(size=(M, N)), rng.normal(size=M), 3
    _, s, V = np.linalg.svd(X, full_matrices=False)
    lr = rng.uniform(0.3, 0.6) / s[0] ** 2
    w = gradient_descent(lambda w: X.T @ (X @ w - y), np.zeros(N), lr, t)[-1]
    names = {"w_t": w, r"\hat{w}": lambda lam: ridge(X, y, lam), "s_#": s, "v_#": list(V), r"\eta": lr, "t": t}
    return Binding(names, forall={"j": range(1, N + 1)})


@CHAPTER.binds("dropout-mask", "dropout-forward", "dropout-backward")
def one_mask(rng):
    """p is one of the uniform numbers, which shows whether it is kept or dropped."""
    x, u, d_out = rng.normal(size=4), rng.uniform(0.2, 0.9, 4), rng.normal(size=4)
    p = np.sort(u)[2]
    out, cache = dropout_forward(x, p, Fixed(u))
    names = {
        "r_#": cache * p,
        "r": cache * p,
        "u_#": u,
        "p": p,
        "x": x,
        r"\tilde{x}": out,
        r"\frac{\partial J}{\partial x}": dropout_backward(d_out, cache),
        r"\frac{\partial J}{\partial \tilde{x}}": d_out,
    }
    return Binding(names, forall={"j": range(1, 5)})


def every_mask(x, kept, of):
    """Every outcome of dropout with p = kept/of, all equally likely."""
    for u in itertools.product(np.arange(of) / of, repeat=x.size):
        yield dropout_forward(x, kept / of, Fixed(u))[0]


@CHAPTER.binds("dropout-mean", "dropout-variance")
def all_masks(rng):
    x = rng.normal(size=2)
    outcomes = [{r"\tilde{x}_#": out} for out in every_mask(x, 2, 5)]
    names = moments(outcomes) | {r"\tilde{x}_#": RANDOM, "x_#": x, "p": 2 / 5}
    return Binding(names, forall={"j": [1, 2]})


@CHAPTER.binds("dropout-ridge")
def all_masks_of_a_matrix(rng):
    """A mask weighs p for each entry that it keeps, 1 − p for each that it drops."""
    m, n, p = 3, 2, rng.uniform(0.2, 0.4)
    X, y, w = rng.normal(size=(m, n)), rng.normal(size=m), rng.normal(size=n)
    masks = [np.array(mask) for mask in itertools.product([True, False], repeat=m * n)]
    chances = [np.prod(np.where(mask, p, 1 - p)) for mask in masks]
    outs = [dropout_forward(X, p, Fixed(np.where(mask, p / 2, p).reshape(X.shape)))[0] for mask in masks]

    def mean(body):
        return np.dot(chances, [body({r"\tilde{X}": out}) for out in outs])

    names = {r"\operatorname{E}": Functional(mean), r"\tilde{X}": RANDOM, "X": X, "x_#^{(#)}": X.T}
    return Binding(names | {"y": y, "w": w, "w_#": w, "p": p, "m": m, "n": n})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
