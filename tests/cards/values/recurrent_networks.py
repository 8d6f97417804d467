"""The numbers on the cards of chapter 12."""

import numpy as np

from notesrc.recurrent import RNNParams, clip_gradients, flatten, init_rnn, rnn_backward, rnn_forward


def rnn_parameter_count_by_hand():
    n_x, n_a, C = 2, 4, 3
    output_layer = np.zeros((C, n_a)), np.zeros(C)
    return flatten([init_rnn(n_x, n_a, np.random.default_rng(0)), *output_layer]).size


def gradient_halved_ten_times():
    steps = 10
    halving = RNNParams(np.array([[0.5]]), np.array([[1.0]]), np.zeros(1))
    a, cache = rnn_forward(np.zeros((steps, 1, 1)), np.zeros((1, 1)), halving)  # zero states: no saturation
    d_a = np.zeros_like(a)
    d_a[-1] = 1
    _, d_a0, _ = rnn_backward(d_a, cache)
    return 1 / d_a0.item()


def gradient_clipping_by_hand():
    return tuple(float(entry) for entry in clip_gradients(np.array([3.0, 4.0]), max_norm=1.0))
