"""The numbers on the cards of chapter 10."""

import numpy as np

from notesrc.normalization import batch_norm_backward, batch_norm_forward, update_running

TINY = 1e-12  # an epsilon that does not show


def bn_by_hand():
    out, _ = batch_norm_forward([[1.0], [1.0], [5.0], [5.0]], [2.0], [1.0], TINY)
    return float(out[0, 0]), float(out[2, 0])


def bn_weights_times_ten():
    rng = np.random.default_rng(0)
    x, target, w = rng.normal(size=(8, 2)), rng.normal(size=(8, 1)), np.array([[0.7], [-0.2]])

    def cost_and_slope(w):
        out, cache = batch_norm_forward(x @ w, [1.5], [0.5], TINY)
        dz, _, _ = batch_norm_backward(out - target, cache)
        return np.sum((out - target) ** 2) / 2, np.linalg.norm(x.T @ dz)

    (before, slope), (after, slope_after) = cost_and_slope(w), cost_and_slope(10 * w)
    np.testing.assert_allclose(after, before)
    return float(slope_after / slope)


def bn_momentum_conventions():
    new = 0.1  # PyTorch's momentum: (1 - new) * running + new * batch
    running, batch = 2.0, 5.0
    old = (running * (1 - new) + batch * new - batch) / (running - batch)
    np.testing.assert_allclose(update_running(running, batch, old), (1 - new) * running + new * batch)
    return old
