"""The numbers on the cards of chapter 13."""

import inspect

import numpy as np

from notesrc.activations import sigmoid
from notesrc.gated import GRUSimpleParams, gru_simple_forward, init_lstm


def gru_step_by_hand():
    held = GRUSimpleParams(  # gate and candidate held by their biases
        W_u=np.zeros((1, 2)), b_u=[np.log(3)], W_c=np.zeros((1, 2)), b_c=[np.log(2)]
    )

    def step(before):
        c, cache = gru_simple_forward(np.ones((1, 1, 1)), np.array([[before]]), held)
        return c.item(), cache

    c, cache = step(0.5)
    written = (cache.update * cache.candidate).item()
    kept = c - step(0.0)[0]
    return written, kept, c


def forget_bias_start():
    bias = inspect.signature(init_lstm).parameters["forget_bias"].default
    return 1 / (1 - sigmoid(bias))


def lstm_parameter_count():
    params = init_lstm(9, 10, np.random.default_rng(0))
    hidden, inputs_and_bias = len(params.b_f), params.W_f.shape[1] + 1
    return hidden, inputs_and_bias, sum(p.size for p in params)
