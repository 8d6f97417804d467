"""Batch normalisation with its backward pass, and its relatives that average over the features."""

import numpy as np

from notesrc import _check


def batch_norm_forward(x, gamma, beta, eps=1e-5):
    """x̂ = (x − μ) / √(σ² + ε) over the m examples, out = γ x̂ + β (`bn-normalise`, `bn-scale-shift`).

    x: `(m, n)`; gamma, beta: `(n,)`, the new standard deviation and mean; eps: above 0.
    Returns out `(m, n)` and the cache for `batch_norm_backward`. For a batch of one, out is beta.
    Raises ValueError on wrong shapes, numbers that are not finite, eps <= 0, or where float64 overflows.
    Ioffe and Szegedy 2015.
    """
    x, eps, gamma, beta = _checked(x, eps, gamma=gamma, beta=beta)
    x_hat, std = _normalised(x, eps, axis=0)
    return _scale_shift(x_hat, gamma, beta), (x_hat, std, gamma)


def batch_norm_backward(d_out, cache):
    """Gradients with respect to x, gamma and beta, through μ and σ² as well (`bn-dx`, `bn-dgamma`, `bn-dbeta`).

    d_out: `(m, n)`, the gradient with respect to out; cache: from `batch_norm_forward`.
    Returns dx `(m, n)`, dgamma `(n,)` and dbeta `(n,)`.
    Raises ValueError unless d_out is finite and shaped like out, or where float64 overflows.
    """
    x_hat, std, gamma = cache
    d_out = _check.array("d_out", d_out, shape=x_hat.shape)
    m = len(x_hat)
    with np.errstate(over="ignore", invalid="ignore"):
        dbeta = d_out.sum(axis=0)
        dgamma = (d_out * x_hat).sum(axis=0)
        dx = gamma / std * (d_out - dbeta / m - x_hat * dgamma / m)
    _finite("d_out", "gradients that float64 can hold", dx)  # which is finite only if the two sums are
    return dx, dgamma, dbeta


def batch_norm_inference(x, gamma, beta, mean, var, eps=1e-5):
    """γ (x − mean) / √(var + ε) + β with statistics of training, so each example on its own (`bn-inference`).

    x: `(m, n)`; gamma, beta, mean, var: `(n,)`; eps: above 0. Returns `(m, n)`.
    Raises ValueError on wrong shapes, numbers that are not finite, var < 0, eps <= 0, or on overflow.
    """
    x, eps, gamma, beta, mean, var = _checked(x, eps, gamma=gamma, beta=beta, mean=mean, var=var)
    if (var < 0).any():
        raise _check.error("var", "numbers of at least 0", var.min())
    std = _root("var", var, eps)
    with np.errstate(over="ignore"):
        x_hat = _finite("x", "x - mean that float64 can hold", (x - mean) / std)
    return _scale_shift(x_hat, gamma, beta)


def update_running(running, batch, momentum=0.9):
    """momentum · running + (1 − momentum) · batch: the weight is that of the old value (`bn-running-mean`).

    running, batch: one shape, both means or both variances (`bn-running-var`); momentum: in [0, 1).
    Keras gives the old value its weight too (0.99 by default); PyTorch's momentum (0.1) is that of the new.
    Raises ValueError unless the two are finite and of one shape, and 0 <= momentum < 1.
    """
    running = _check.array("running", running)
    batch = _check.array("batch", batch, shape=running.shape)
    momentum = _check.fraction("momentum", momentum)
    return momentum * running + (1 - momentum) * batch


def layer_norm(x, gamma, beta, eps=1e-5):
    """Each example by the mean and variance of its own n features, then γ and β (`layer-norm`).

    x: `(m, n)`; gamma, beta: `(n,)`; eps: above 0. Returns `(m, n)`.
    Raises ValueError as `batch_norm_forward` does. Ba, Kiros and Hinton 2016.
    """
    x, eps, gamma, beta = _checked(x, eps, gamma=gamma, beta=beta)
    x_hat, _ = _normalised(x, eps, axis=1)
    return _scale_shift(x_hat, gamma, beta)


def rms_norm(x, gamma, eps=1e-6):
    """Each example divided by the root mean square of its n features, then γ (`rms-norm`).

    x: `(m, n)`; gamma: `(n,)`; eps: above 0, inside the root, 1e-6 as in LLaMA's code (the paper has none).
    Returns `(m, n)`. Raises ValueError as `batch_norm_forward` does. Zhang and Sennrich 2019.
    """
    x, eps, gamma = _checked(x, eps, gamma=gamma)
    with np.errstate(over="ignore"):
        mean_square = np.mean(x**2, axis=1, keepdims=True)
    return _scale_shift(x / _root("x", mean_square, eps), gamma, 0)


def _checked(x, eps, **per_feature):
    x, eps = _check.array("x", x, ndim=(2,)), _check.positive("eps", eps)
    return x, eps, *(_check.array(name, value, shape=x.shape[1:]) for name, value in per_feature.items())


def _normalised(x, eps, axis):
    """x̂ along an axis, and the root that it was divided by."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    std = _root("x", var, eps)
    return (x - mean) / std, std


def _root(name, square, eps):
    with np.errstate(over="ignore"):
        return _finite(name, "squares that float64 can hold", np.sqrt(square + eps))


def _scale_shift(x_hat, gamma, beta):
    with np.errstate(over="ignore"):
        return _finite("gamma", "an output that float64 can hold", gamma * x_hat + beta)


def _finite(name, expected, value):
    if not np.isfinite(value).all():
        raise _check.error(name, expected, value[~np.isfinite(value)].flat[0])
    return value
