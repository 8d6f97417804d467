"""The numbers on the cards of chapter 5."""

import numpy as np

from notesrc.graph import Value


def backprop_worked_graph():
    a, b, c = Value(5), Value(3), Value(2)
    (3 * (a + b * c)).backward()
    return float(b.grad)


def backprop_two_ways_sum():
    a, b = Value(3), Value(2)
    (a * (a + b)).backward()
    return float(a.grad)


def backward_costs_twice():
    m, n_in, n_out = 64, 300, 100

    def operations(left, right):
        (rows, inner), columns = left, right[1]
        return 2 * rows * inner * columns

    X, W, dZ = np.empty((m, n_in)), np.empty((n_out, n_in)), np.empty((m, n_out))
    forward = operations(X.shape, W.T.shape)
    backward = operations(dZ.T.shape, X.shape) + operations(dZ.shape, W.shape)
    return backward / forward
