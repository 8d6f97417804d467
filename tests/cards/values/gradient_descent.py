"""The numbers on the cards of chapter 4."""

import numpy as np

from notesrc.descent import gradient_descent, minibatches
from notesrc.gradcheck import complex_step_gradient


def parabola_step_by_hand():
    def slope(W):
        return complex_step_gradient(lambda W: 0.1 * (W - 5) ** 2, W)

    path = gradient_descent(slope, 10.0, lr=1.0, steps=1)
    return float(path[-1]), float(slope(10.0))


def minibatch_count_by_hand():
    batches = minibatches(1000, 64, np.random.default_rng(0))
    return len(batches), len(batches[-1])


def condition_number_factor():
    curvature = np.array([1.0, 9.0])
    path = gradient_descent(lambda theta: curvature * theta, np.ones(2), lr=2 / curvature.sum(), steps=1)
    left = np.abs(path[1] / path[0])  # the same in the steepest and in the flattest direction
    np.testing.assert_allclose(left[0], left[1])
    return float(left[0]), float(curvature[1] / curvature[0])
