"""The numbers on the cards of chapter 2."""

import numpy as np

from notesrc.initializers import he_normal, small_normal


def _standard_deviation(init, n_in, **options):
    """By how much the initialiser stretches standard normal numbers: exact, no estimate."""
    drawn = init(n_in, 1, np.random.default_rng(0), **options)
    return float((drawn / np.random.default_rng(0).standard_normal((1, n_in)))[0, 0])


def init_weights_below_one():
    n_in = 400
    factor = n_in * _standard_deviation(small_normal, n_in, scale=0.1) ** 2  # of the squared length
    return np.sqrt(factor), factor


def he_std_by_hand():
    std = _standard_deviation(he_normal, 200)
    return std, std**2
