"""GloVe: vectors whose products fit the logarithms of how often words occur near each other."""

import numpy as np

from notesrc import _check
from notesrc.optimizers import Optimizer


def cooccurrence(ids, vocab_size, window):
    """X_ij: how often j occurs in the context of i, where a word d places away counts 1/d (`cooccurrence`).

    ids: `(T,)`; window: the largest d, to either side. Returns `(vocab_size, vocab_size)`, symmetric.
    Raises ValueError on ids outside the vocabulary, and unless vocab_size and window are positive integers.
    Pennington, Socher and Manning 2014.
    """
    V, window = _check.integer("vocab_size", vocab_size), _check.integer("window", window)
    ids = _check.ids("ids", ids, V, ndim=(1,))
    X = np.zeros((V, V))
    for d in range(1, window + 1):
        np.add.at(X, (ids[:-d], ids[d:]), 1 / d)
    return X + X.T


def glove_weight(x, x_max=100.0, alpha=0.75):
    """(x / x_max)^α below x_max, 1 from there on (`glove-weight`).

    x: counts, number or array; same shape out. Raises ValueError on counts below 0, unless x_max > 0 and
    alpha > 0. Pennington, Socher and Manning 2014.
    """
    x, x_max, alpha = _counts("x", x), _check.positive("x_max", x_max), _check.positive("alpha", alpha)
    return np.minimum(x / x_max, 1.0) ** alpha


def glove_loss(E, theta, b, b_theta, X, x_max=100.0, alpha=0.75):
    """Σ_ij f(X_ij)(e_iᵀθ_j + b_i + b̃_j − log X_ij)², over the pairs that occur, and its gradients.

    Formulas `glove-objective`, `glove-grads`. E, theta: `(V, dim)`; b, b_theta: `(V,)`, the biases b and b̃;
    X: `(V, V)`. Returns `(loss, (dE, dtheta, db, db_theta))`. Raises ValueError where shapes don't match,
    and where glove_weight does. Pennington, Socher and Manning 2014.
    """
    E = _check.array("E", E, ndim=(2,))
    V = len(E)
    theta = _check.array("theta", theta, shape=E.shape)
    b, b_theta = _check.array("b", b, shape=(V,)), _check.array("b_theta", b_theta, shape=(V,))
    X = _counts("X", X, shape=(V, V))
    return _weighted_squares(E, theta, b, b_theta, glove_weight(X, x_max, alpha), _log(X))


def _weighted_squares(E, theta, b, b_theta, weight, log_X):
    with np.errstate(over="ignore", invalid="ignore"):
        residual = E @ theta.T + b[:, np.newaxis] + b_theta - log_X
        pull = 2 * weight * residual
        gradients = pull @ theta, pull.T @ E, pull.sum(axis=1), pull.sum(axis=0)
        loss = np.sum(weight * residual**2)
    if not all(np.isfinite(part).all() for part in (loss, *gradients)):
        raise _check.error("E, theta", "rows whose products float64 can hold", "an overflow")
    return loss, gradients


def _log(X):
    """log X, and 0 where X is 0: there the weight is 0, and any finite number would do."""
    return np.log(np.where(X > 0, X, 1.0))


def train_glove(X, dim, optimizer, steps, rng, x_max=100.0, alpha=0.75):
    """Minimise glove_loss on all of X at once.

    X: `(V, V)`, from cooccurrence; optimizer: one of notesrc.optimizers, such as AdaGrad(0.05).
    All parameters start uniform within ±1/(2 dim). Returns `(E, theta, costs)`: `(V, dim)` twice, and the
    loss before each step and after the last, `(steps + 1,)`; the vector of a word is (E + theta) / 2
    (`glove-average`). Raises ValueError where glove_loss does, unless dim and steps are positive integers and
    rng a Generator, on another optimizer, or one that leaves float64.
    """
    if not isinstance(optimizer, Optimizer):
        raise _check.error("optimizer", "one of notesrc.optimizers, such as AdaGrad(0.05)", repr(optimizer))
    V = len(_check.array("X", X, ndim=(2,)))
    X, dim, steps = _counts("X", X, shape=(V, V)), _check.integer("dim", dim), _check.integer("steps", steps)
    weight, log_X = glove_weight(X, x_max, alpha), _log(X)
    shapes = [(V, dim), (V, dim), (V,), (V,)]
    cuts = np.cumsum([np.prod(shape) for shape in shapes])

    def split(parameters):
        return [part.reshape(shape) for part, shape in zip(np.split(parameters, cuts[:-1]), shapes)]

    def gradient(parameters):
        loss, gradients = _weighted_squares(*split(parameters), weight, log_X)
        costs.append(loss)
        return np.concatenate([part.ravel() for part in gradients])

    parameters = _check.generator(rng).uniform(-0.5 / dim, 0.5 / dim, cuts[-1])
    state, costs = optimizer.init(parameters), []
    try:
        for _ in range(steps):
            parameters, state = optimizer.step(parameters, gradient, state)
        gradient(parameters)
    except ValueError as overflow:
        raise _check.error("optimizer", "steps that stay within float64", optimizer) from overflow
    E, theta, *_ = split(parameters)
    return E, theta, np.array(costs)


def _counts(name, x, **expected):
    """x as an array of finite numbers, none below 0."""
    x = _check.array(name, x, **expected)
    if x.min() < 0:
        raise _check.error(name, "counts of at least 0", x.min())
    return x
