"""The numbers on the cards of chapter 1."""

import numpy as np

from notesrc.activations import sigmoid_grad


def sigmoid_slope_at_nine_tenths():
    log_odds = np.log(0.9 / 0.1)  # where the output is 0.9
    return float(sigmoid_grad(log_odds))


def sigmoid_five_layers_left():
    return float(sigmoid_grad(0.0)) ** 5
