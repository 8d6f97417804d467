"""Gradient descent, the mini-batches that make it stochastic, and the averages that smooth what it sees."""

import numpy as np

from notesrc import _check


def gradient_descent(grad, theta0, lr, steps):
    """θ_{t+1} = θ_t − η ∇J(θ_t), `steps` times from θ_0 (`gradient-descent-update`).

    grad: callable, array like theta0 to its gradient; theta0: number or array; lr: η > 0.
    Returns the trajectory `(steps + 1, *shape)`, theta0 first.
    Raises ValueError unless theta0 is finite, lr > 0 and steps a positive integer, and where grad returns
    another shape or where the descent has diverged beyond float64.
    """
    theta0, steps = _check.array("theta0", theta0), _check.integer("steps", steps)
    lr = _check.positive("lr", lr)
    trajectory = np.empty((steps + 1, *theta0.shape))
    trajectory[0] = theta0
    for t in range(steps):
        theta = trajectory[t].copy()  # grad may keep or change what it is given
        gradient = _check.array(f"grad(theta) at step {t}", grad(theta), shape=theta0.shape)
        with np.errstate(over="ignore"):
            trajectory[t + 1] = trajectory[t] - lr * gradient
        if not np.isfinite(trajectory[t + 1]).all():
            raise _check.error("lr", "a rate at which theta stays finite", f"{lr}: overflow at step {t}")
    return trajectory


def minibatches(m, batch_size, rng=None):
    """A random partition of the examples 0 … m − 1: every one once an epoch (`minibatch-count`).

    Returns a list of ⌈m / batch_size⌉ index arrays of batch_size entries, the last one of what is left.
    Raises ValueError unless the sizes are positive integers, batch_size at most m, and rng a Generator.
    """
    m, batch_size = _check.integer("m", m), _check.integer("batch_size", batch_size)
    rng = _check.generator(rng)
    if batch_size > m:
        raise _check.error("batch_size", f"at most m = {m}", batch_size)
    return np.split(rng.permutation(m), range(batch_size, m, batch_size))


def ewma(values, beta, bias_correction=False):
    """v_t = β v_{t−1} + (1 − β) x_t from v_0 = 0 (`ewma`), divided by 1 − β^t if corrected (`ewma-corrected`).

    values: `(T, ...)`, x_1 first; beta: in [0, 1), about 1/(1 − β) values count.
    Returns v_1 … v_T in the shape of values. Raises ValueError unless values is a series of finite numbers
    and 0 <= beta < 1.
    """
    values, beta = _check.array("values", values), _check.fraction("beta", beta)
    if values.ndim == 0:
        raise _check.error("values", "a series, one value a step", "one number")
    averages, v = np.empty_like(values), np.zeros(values.shape[1:])
    for t, x in enumerate(values, start=1):
        v = beta * v + (1 - beta) * x
        averages[t - 1] = v / (1 - beta**t) if bias_correction else v
    return averages
