"""Learning-rate schedules: the rate as a function of the epoch or of the step, and the noise that it lets in.

Each law takes a number or an array of epochs or steps, fractions allowed, and returns the rates in its shape.
"""

import numpy as np

from notesrc import _check


def _counts(name, n):
    """n as an array of numbers that are not negative: epochs, steps, rates."""
    n = _check.array(name, n)
    if n.min() < 0:
        raise _check.error(name, "numbers of at least 0", n.min())
    return n


def _at_least_0(name, x):
    x = _check.scalar(name, x)
    if x < 0:
        raise _check.error(name, "a number of at least 0", x)
    return x


def _ratio(name, q):
    q = _check.scalar(name, q)
    if not 0 < q <= 1:
        raise _check.error(name, "a number in (0, 1]", q)
    return q


def inverse_time(epoch, lr0, decay_rate):
    """η_0 / (1 + r n) (`inverse-time-decay`).

    epoch: n >= 0; lr0: η_0 > 0; decay_rate: r >= 0. Returns the shape of epoch. Raises ValueError otherwise.
    Robbins and Monro 1951.
    """
    epoch, lr0 = _counts("epoch", epoch), _check.positive("lr0", lr0)
    decay_rate = _at_least_0("decay_rate", decay_rate)
    with np.errstate(over="ignore"):  # then the rate is 0
        return lr0 / (1 + decay_rate * epoch)


def exponential(epoch, lr0, rate=0.95):
    """η_0 q^n (`exponential-decay`).

    epoch: n >= 0; lr0: η_0 > 0; rate: q in (0, 1]. Returns the shape of epoch. Raises ValueError otherwise.
    """
    epoch, lr0, rate = _counts("epoch", epoch), _check.positive("lr0", lr0), _ratio("rate", rate)
    return lr0 * rate**epoch


def inverse_sqrt(epoch, lr0, k=1.0):
    """k η_0 / √n, by the epoch (`inverse-sqrt-decay`) or by the mini-batch (`inverse-sqrt-step`).

    epoch: n > 0, counted from 1; lr0: η_0 > 0; k > 0. Returns the shape of epoch.
    Raises ValueError otherwise.
    """
    epoch, lr0, k = _counts("epoch", epoch), _check.positive("lr0", lr0), _check.positive("k", k)
    if epoch.min() == 0:
        raise _check.error("epoch", "numbers above 0, counted from 1", epoch.min())
    return k / np.sqrt(epoch) * lr0


def inverse_sqrt_shifted(t, lr0):
    """η_0 / √(t + 1), which begins with η_0 at t = 0 (`inverse-sqrt-shifted`).

    t: t >= 0, counted from 0; lr0: η_0 > 0. Returns the shape of t. Raises ValueError otherwise.
    """
    t, lr0 = _counts("t", t), _check.positive("lr0", lr0)
    return lr0 / np.sqrt(t + 1)


def staircase(epoch, lr0, factor, every):
    """η_0 q^floor(n / s): times `factor` whenever `every` epochs are over (`staircase-decay`).

    epoch: n >= 0; lr0: η_0 > 0; factor: q in (0, 1]; every: s, a positive integer.
    Returns the shape of epoch. Raises ValueError otherwise.
    """
    epoch, lr0 = _counts("epoch", epoch), _check.positive("lr0", lr0)
    factor, every = _ratio("factor", factor), _check.integer("every", every)
    return lr0 * factor ** (epoch // every)


def warmup_cosine(t, lr0, warmup, total, lr_min=0.0):
    """A line up to lr0 at t = warmup, then half a cosine down to lr_min at t = total (`warmup-cosine`).

    The line starts from 0 at t = 0, so that the first step, t = 1, has lr0 / warmup (`linear-warmup`). Beyond
    total the rate stays lr_min. With warmup = 0 the cosine begins at once (`cosine-decay`).
    t: t >= 0; lr0 > 0; 0 <= warmup < total; 0 <= lr_min <= lr0. Returns the shape of t.
    Raises ValueError otherwise. Goyal et al. 2017 (the line), Loshchilov and Hutter 2017 (the cosine, here
    without restarts).
    """
    t, lr0, warmup = _counts("t", t), _check.positive("lr0", lr0), _at_least_0("warmup", warmup)
    total, lr_min = _check.scalar("total", total), _at_least_0("lr_min", lr_min)
    if total <= warmup:
        raise _check.error("total", f"a number above warmup = {warmup}", total)
    if lr_min > lr0:
        raise _check.error("lr_min", f"at most lr0 = {lr0}", lr_min)

    def line(t):
        return t / warmup * lr0

    def cosine(t):
        return lr_min + (lr0 - lr_min) / 2 * (1 + np.cos(np.pi * ((t - warmup) / (total - warmup))))

    return np.piecewise(t, [t < warmup, (warmup <= t) & (t < total)], [line, cosine, lr_min])[()]


def expected_squares(rates, v0, curvature, sigma):
    """E[θ_t²] of SGD on J = ½Lθ²: v_t = (1 − η_t L)² v_{t−1} + η_t² σ² (`sgd-second-moment`).

    rates: η_1 … η_T, `(T,)`; v0: v_0 >= 0; curvature: L > 0; sigma: σ >= 0, of the gradient's noise.
    Returns v_0 … v_T, `(T + 1,)`. Raises ValueError otherwise, and where v_t leaves the range of float64.
    """
    rates, v0 = _counts("rates", rates), _at_least_0("v0", v0)
    curvature, sigma = _check.positive("curvature", curvature), _at_least_0("sigma", sigma)
    if rates.ndim != 1:
        raise _check.error("rates", "a series, one rate a step", f"shape {rates.shape}")
    v = np.empty(len(rates) + 1)
    v[0] = v0
    with np.errstate(over="ignore", invalid="ignore"):
        for t, lr in enumerate(rates, start=1):
            v[t] = (1 - lr * curvature) ** 2 * v[t - 1] + (lr * sigma) ** 2
    if not np.isfinite(v).all():
        raise _check.error("rates", f"numbers below 2 / curvature = {2 / curvature}", rates.max())
    return v


def noise_floor(lr, curvature, sigma):
    """v = η σ² / (L (2 − η L)), where v_t comes to rest at a constant rate (`sgd-noise-floor`).

    lr: 0 < η < 2 / L; curvature: L > 0; sigma: σ >= 0. Returns a number. Raises ValueError otherwise.
    """
    lr, curvature = _check.positive("lr", lr), _check.positive("curvature", curvature)
    sigma = _at_least_0("sigma", sigma)
    if lr * curvature >= 2:
        raise _check.error("lr", f"a number below 2 / curvature = {2 / curvature}", lr)
    return lr * sigma**2 / (curvature * (2 - lr * curvature))
