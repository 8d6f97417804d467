"""The numbers on the cards of chapter 8."""

from itertools import permutations, product

import numpy as np

from notesrc.activations import relu
from notesrc.mlp import flatten, forward, init_params

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])


def xor_three_of_four():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(10_000, 2)) @ CORNERS.T + rng.normal(size=(10_000, 1))
    return int(((scores > 0) == XOR).sum(axis=1).max())


def xor_network_at_one_one():
    layers = [(np.ones((2, 2)), np.array([0, -1])), (np.array([[1, -2]]), np.zeros(1))]
    hidden = relu(forward([[1, 1]], layers[:1])[0][0])
    return *map(float, hidden), float(forward([[1, 1]], layers)[0][0, 0])


def mlp_count_parameters():
    params = init_params([10, 100, 3], np.random.default_rng(0))
    per_layer = [W.size + b.size for W, b in params]
    return *per_layer, flatten(params).size


def mlp_equivalent_parameters():
    rng = np.random.default_rng(0)
    (W, b), (V, c) = init_params([2, 3, 2], rng)
    X, twins = rng.normal(size=(5, 2)), set()
    expected = forward(X, [(W, b), (V, c)], "tanh")[0]
    for order, signs in product(permutations(range(3)), product([-1, 1], repeat=3)):
        units, signs = list(order), np.array(signs)
        twin = [(signs[:, np.newaxis] * W[units], signs * b[units]), (V[:, units] * signs, c)]
        if np.allclose(forward(X, twin, "tanh")[0], expected):
            twins.add(tuple(flatten(twin)))
    return len(twins)
