"""The numbers on the cards of chapter 9."""

import numpy as np

from notesrc.gradcheck import complex_step_gradient
from notesrc.regularization import proximal_step, ridge, weight_decay_step


def keras_l2_factor():
    lr, lam = 0.1, 0.01
    slope = float(complex_step_gradient(lambda w: lam * w**2, 1.0))  # twice the book's for the same lam
    return float(weight_decay_step(1.0, 0.0, lr, slope))


def orthonormal_l1_and_l2():
    X, y = np.eye(1), np.array([3.0])
    w, lam = ridge(X, y, 0.0), 1.0
    shrunk = ridge(X, y, lam)
    for _ in range(100):
        w = proximal_step(w, X.T @ (X @ w - y), 0.5, lam)
    return float(shrunk[0]), float(w[0])


def dropout_keep_or_drop():
    wanted, typed = 0.8, 0.8

    def noise(keep_prob):  # the variance over the masks of an input of 1
        kept = 1 / keep_prob
        return keep_prob * (kept - 1) ** 2 + (1 - keep_prob) * (0 - 1) ** 2

    return 1 - wanted, noise(1 - typed) / noise(wanted)


def early_stopping_as_l2():
    lr, steps, s2 = 0.01, 100, 1e-6  # in a direction that the data hardly determine
    factor = 1 - (1 - lr * s2) ** steps
    return s2 * (1 - factor) / factor  # the lambda of ridge with the same factor s2 / (s2 + lambda)
