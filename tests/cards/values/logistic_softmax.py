"""The numbers on the cards of chapter 3."""

import numpy as np

from notesrc.logistic import predict_proba
from notesrc.softmax import cross_entropy, one_hot, softmax


def logistic_odds_by_hand():
    before, after = predict_proba(np.array([[0.4], [1.4]]), np.array([np.log(3)]), -0.2)
    return float(after / (1 - after) / (before / (1 - before)))


def softmax_by_hand():
    return tuple(softmax(np.array([0.0, np.log(2), np.log(5)])))


def cross_entropy_start_cost():
    classes = 10
    return float(cross_entropy(softmax(np.zeros((1, classes))), one_hot([7], classes)))
