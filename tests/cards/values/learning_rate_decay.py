"""The numbers on the cards of chapter 7."""

import numpy as np

from notesrc.schedules import exponential, inverse_sqrt, inverse_time, staircase


def inverse_time_decimal_point():
    return tuple(float(rate) for rate in inverse_time([2, 3, 4], lr0=0.2, decay_rate=1.0))


def exponential_decay_reach():
    return float(exponential(np.arange(2000), lr0=0.2, rate=0.95).sum())


def square_root_decay_to_a_tenth():
    t = np.arange(1, 1000)
    return int(t[np.isclose(inverse_sqrt(t, lr0=1.0), inverse_sqrt(1, lr0=1.0) / 10)][0])


def staircase_decay_epoch_nine():
    return float(staircase(9, lr0=0.2, factor=0.5, every=4))
