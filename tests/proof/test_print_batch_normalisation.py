"""Chapter 10 as printed: batch, layer and RMS normalisation against `notesrc`."""

import itertools

import numpy as np
from chapter import Chapter, PrintedChapter, moments

from notesrc.gradcheck import numerical_gradient
from notesrc.normalization import (
    batch_norm_backward,
    batch_norm_forward,
    batch_norm_inference,
    layer_norm,
    rms_norm,
    update_running,
)
from proof import Binding, random_name

CHAPTER = Chapter("10-batch-normalisation")
M, N, T = 5, 4, 3  # examples, features, steps: unequal, so that none can stand in for another
TINY = 1e-30  # an ε that float64 does not see

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {"bn-scale-invariance": {"J( w) = J(w)": "c is what the value does not depend on"}}


def one(value):
    return np.array([value])


class Batch:
    """One feature of one batch, its normalisation, and a gradient from above; ε is of the size of σ²."""

    def __init__(self, rng):
        self.x, self.d_y = rng.normal(2, 1, M), rng.normal(size=M)
        self.gamma, self.beta, self.eps = rng.uniform(1.5, 3), rng.uniform(2, 4), rng.uniform(0.5, 1)
        self.y, self.cache = self.forward(self.gamma, self.beta)
        self.x_hat, _ = self.forward(1.0, 0.0)
        std = (self.x[0] - self.x[1]) / (self.x_hat[0] - self.x_hat[1])  # a straight line through the batch
        self.mu, self.sigma = self.x[0] - self.x_hat[0] * std, np.sqrt(std**2 - self.eps)

    def forward(self, gamma, beta):
        out, cache = batch_norm_forward(self.x[:, np.newaxis], one(gamma), one(beta), self.eps)
        return out[:, 0], cache

    def backward(self, d_y, cache):
        dx, dgamma, dbeta = batch_norm_backward(np.asarray(d_y)[:, np.newaxis], cache)
        return dx[:, 0], dgamma[0], dbeta[0]

    def cost(self, x, mean, var, eps):
        """J as a function of what the derivation holds apart; its gradient by y is d_y."""
        out = batch_norm_inference(
            x[:, np.newaxis], one(self.gamma), one(self.beta), one(mean), one(var), eps
        )
        return self.d_y @ out[:, 0]

    def names(self):
        return {
            "x^{(#)}": self.x,
            r"\hat{x}^{(#)}": self.x_hat,
            "y^{(#)}": self.y,
            r"\mu": self.mu,
            r"\sigma": self.sigma,
            r"\gamma": self.gamma,
            r"\beta": self.beta,
            r"\epsilon": self.eps,
            "m": M,
        }


EXAMPLES = {"i": range(1, M + 1), "k": range(1, M + 1)}


@CHAPTER.binds(
    "bn-mean",
    "bn-variance",
    "bn-normalise",
    "bn-scale-shift",
    "bn-output-mean",
    "bn-output-variance",
    "bn-identity",
)
def forward(rng):
    return Binding(Batch(rng).names(), forall=EXAMPLES)


@CHAPTER.binds("bn-unbiased")
def unbiased(rng):
    return Binding(Batch(rng).names())


@CHAPTER.binds("bn-bias-cancels")
def bias(rng):
    return Binding({"z^{(#)}": rng.normal(size=M), "b": rng.normal(), "m": M}, forall=EXAMPLES)


@CHAPTER.binds("bn-dbeta", "bn-dgamma", "bn-dx", "bn-dx-sum", "bn-dx-xhat", "bn-jacobian")
def backward(rng):
    batch = Batch(rng)
    dx, dgamma, dbeta = batch.backward(batch.d_y, batch.cache)
    plain = batch.forward(1.0, 0.0)[1]
    names = {
        r"\frac{\partial J}{\partial y^{(#)}}": batch.d_y,
        r"\frac{\partial J}{\partial x^{(#)}}": dx,
        r"\frac{\partial J}{\partial \gamma}": dgamma,
        r"\frac{\partial J}{\partial \beta}": dbeta,
        r"\frac{\partial \hat{x}^{(#)}}{\partial x^{(#)}}": np.array(
            [batch.backward(row, plain)[0] for row in np.eye(M)]
        ),
        r"\delta_{##}": lambda i, k: float(i == k),
    }
    return Binding(batch.names() | names, forall=EXAMPLES)


@CHAPTER.binds("bn-dxhat", "bn-dvar", "bn-dmean", "bn-dx-paths", "bn-dx-steps")
def derivation(rng):
    """Each stage by differences, with the statistics as inputs of their own."""
    batch = Batch(rng)
    x, mu, var, eps = batch.x, batch.mu, batch.sigma**2, batch.eps
    dx, _, _ = batch.backward(batch.d_y, batch.cache)
    names = {
        r"\frac{\partial J}{\partial y^{(#)}}": batch.d_y,
        r"\frac{\partial J}{\partial x^{(#)}}": dx,
        r"\frac{\partial J}{\partial \hat{x}^{(#)}}": numerical_gradient(
            lambda x_hat: batch.cost(x_hat, 0.0, 1 - eps, eps), batch.x_hat
        ),
        r"\frac{\partial J}{\partial \sigma^2}": numerical_gradient(lambda v: batch.cost(x, mu, v, eps), var),
        r"\frac{\partial J}{\partial \mu}": numerical_gradient(lambda v: batch.cost(x, v, var, eps), mu),
    }
    return Binding(batch.names() | names, forall=EXAMPLES, rtol=1e-7)


@CHAPTER.binds("bn-scale-invariance", "bn-scale-gradient", "bn-orthogonal")
def scale(rng):
    names = neuron(rng) | {"c": rng.uniform(1.5, 3), "w": rng.normal(size=N)}
    return Binding(names, rtol=1e-7)  # the products in w^T ∇J cancel to zero


@CHAPTER.binds("bn-norm-growth")
def growth(rng):
    names, lr, w = neuron(rng), rng.uniform(0.5, 1), [rng.normal(size=N)]
    for _ in range(T):
        w.append(w[-1] - lr * names[r"\nabla J"](w[-1]))
    return Binding(names | {r"\eta": lr, "w_#": lambda t: w[t]}, forall={"t": range(T)})


def neuron(rng):
    """J(w) of a linear neuron with its normalisation and a squared error, and its gradient."""
    X, target, gamma, beta = rng.normal(size=(M, N)), rng.normal(size=(M, 1)), one(1.7), one(0.4)

    def forward(w):
        return batch_norm_forward((X @ w)[:, np.newaxis], gamma, beta, TINY)

    def cost(w):
        return np.sum((forward(w)[0] - target) ** 2) / 2

    def gradient(w):
        out, cache = forward(w)
        return X.T @ batch_norm_backward(out - target, cache)[0][:, 0]

    return {"J": cost, r"\nabla J": gradient}


@CHAPTER.binds("bn-inference")
def inference(rng):
    w, a, b, mean = rng.normal(size=N), rng.normal(size=N), rng.normal(), rng.normal()
    x, var, eps = w @ a + b, rng.uniform(0.5, 1), rng.uniform(0.5, 1)
    gamma, beta = rng.uniform(1.5, 3), rng.uniform(2, 4)
    y = batch_norm_inference([[x]], one(gamma), one(beta), one(mean), one(var), eps)[0, 0]
    names = {
        "y": y,
        "x": x,
        r"\bar{\mu}": mean,
        r"\bar{\sigma}": np.sqrt(var),
        r"\gamma": gamma,
        r"\beta": beta,
        r"\epsilon": eps,
        "w": w,
        "a": a,
        "b": b,
    }
    return Binding(names)


@CHAPTER.binds("bn-affine")
def folded(rng):
    return Binding(inference(rng).names, defines=(r"\tilde{w}", r"\tilde{b}"))


@CHAPTER.binds("bn-running-mean", "bn-running-var")
def running(rng):
    rho, means, variances = rng.uniform(0.2, 0.8), [rng.normal(1)], [rng.uniform(1, 2)]
    mu, sigma = rng.normal(size=T), rng.uniform(1, 2, T)
    for t in range(T):
        means.append(update_running(means[-1], mu[t], rho))
        variances.append(update_running(variances[-1], sigma[t] ** 2, rho))
    names = {
        r"\bar{\mu}_#": lambda t: means[t],
        r"\bar{\sigma}_#": lambda t: np.sqrt(variances[t]),
        r"\mu_#": mu,
        r"\sigma_#": sigma,
        r"\rho": rho,
    }
    return Binding(names, forall={"t": range(1, T + 1)})


@CHAPTER.binds("bn-noise")
def noise(rng):
    """Every batch of m values, drawn independently from three that are equally likely."""
    m, population = 3, rng.normal(size=3)
    outcomes = [{r"\mu": np.mean(batch), "x": batch[0]} for batch in itertools.product(population, repeat=m)]
    return Binding(moments(outcomes) | {r"\mu": random_name(), "x": random_name(), "m": m})


@CHAPTER.binds("layer-norm-mean", "layer-norm-var", "layer-norm")
def over_features(rng):
    x, gamma, beta = rng.normal(1, 1, N), rng.uniform(1.5, 3, N), rng.uniform(2, 4, N)
    eps = rng.uniform(0.5, 1)
    x_hat = layer_norm(x[np.newaxis], np.ones(N), np.zeros(N), eps)[0]
    std = (x[0] - x[1]) / (x_hat[0] - x_hat[1])
    names = {
        "x_#": x,
        "y_#": layer_norm(x[np.newaxis], gamma, beta, eps)[0],
        r"\mu": x[0] - x_hat[0] * std,
        r"\sigma": np.sqrt(std**2 - eps),
        r"\gamma_#": gamma,
        r"\beta_#": beta,
        r"\epsilon": eps,
        "n": N,
    }
    return Binding(names, forall={"j": range(1, N + 1)})


@CHAPTER.binds("rms-norm")
def rms(rng):
    names = over_features(rng).names
    x, gamma, eps = (np.array(names[name]) for name in ("x_#", r"\gamma_#", r"\epsilon"))
    y = rms_norm(x[np.newaxis], gamma, float(eps))[0]
    return Binding(names | {"y_#": y}, forall={"j": range(1, N + 1)})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
    tolerance = 1e-7
