"""The numbers on the cards of chapter 6."""

from inspect import signature

import numpy as np

from notesrc.descent import ewma
from notesrc.optimizers import Adam, Momentum, minimize


def ewma_not_last_ten():
    impulse = np.zeros(10)
    impulse[0] = 1.0
    return 100 * ewma(impulse, 0.9).sum()  # in percent


def momentum_top_speed():
    path = minimize(Momentum(lr=1.0, gamma=0.9), lambda theta: 1.0, 0.0, 500)
    return path[-2] - path[-1]


def adam_defaults():
    defaults = signature(Adam).parameters
    return defaults["beta1"].default, defaults["beta2"].default


def adam_uncorrected_first_step():
    m, s = ewma([1.0], 0.9)[0], ewma([1.0], 0.999)[0]
    return m / np.sqrt(s)
