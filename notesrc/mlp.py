"""Multilayer perceptron: affine layers with an activation between them, logits out.

`params` is a list of `(W, b)`, one pair a layer: W `(n_out, n_in)`, b `(n_out,)`.
"""

from functools import partial
from itertools import chain

import numpy as np

from notesrc import _check, _flat
from notesrc.activations import relu, relu_grad, sigmoid, sigmoid_grad, tanh, tanh_grad
from notesrc.descent import minibatches
from notesrc.initializers import he_normal
from notesrc.optimizers import Optimizer
from notesrc.softmax import one_hot, softmax_cross_entropy

ACTIVATIONS = {"relu": (relu, relu_grad), "tanh": (tanh, tanh_grad), "sigmoid": (sigmoid, sigmoid_grad)}


def init_params(sizes, rng, init=he_normal):
    """Random weights, zero biases: one `(W, b)` for each two neighbours in sizes (`mlp-parameter-count`).

    sizes: n of the input, of each hidden layer, of the logits; init: `f(n_in, n_out, rng)`, He's for ReLU,
    Xavier's for tanh. Raises ValueError unless sizes are two positive integers or more and rng a Generator,
    or where init returns another shape.
    """
    sizes, rng = _check.integers("sizes", sizes), _check.generator(rng)
    if len(sizes) < 2:
        raise _check.error("sizes", "the size of the input, then of every layer", sizes)
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        W = _check.array("init(n_in, n_out, rng)", init(n_in, n_out, rng), shape=(n_out, n_in))
        params.append((W, np.zeros(n_out)))
    return params


def forward(X, params, activation="relu"):
    """Logits, by Z = A Wᵀ + b in every layer and A = g(Z) between two (`mlp-layer`, `mlp-forward-matrix`).

    X: `(m, n_in)`; activation: "relu", "tanh", "sigmoid" or a pair (g, g_grad) of functions of Z.
    Returns `(logits, cache)`, logits `(m, n_out)`. Raises ValueError where shapes don't fit, on another
    activation, and where a layer overflows. Rumelhart, Hinton and Williams 1986.
    """
    params = _network(params)
    A = _check.array("X", X, ndim=(2,))
    if A.shape[1] != params[0][0].shape[1]:
        raise _check.error("X", f"{params[0][0].shape[1]} columns, as W of params[0]", f"shape {A.shape}")
    g, g_grad = _functions(activation)
    layers = []
    for l, (W, b) in enumerate(params):
        if l > 0:
            A = _check.array("g(Z)", g(Z), shape=Z.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            Z = A @ W.T + b
        if not np.isfinite(Z).all():
            raise _check.error(f"params[{l}]", "A @ W.T + b within float64", "an overflow")
        layers.append((A, W, Z))
    return Z, (layers, g_grad)


def backward(d_logits, cache):
    """Gradients with respect to X and params, from the gradient with respect to the logits.

    Formulas `mlp-dw`, `mlp-db`, `mlp-da`, `mlp-delta-hidden`; with `mlp-delta-output` as d_logits they are
    those of the cost. d_logits: `(m, n_out)`; cache: from forward.
    Returns `(dX, [(dW, db), …])`, shaped as X and params. Raises ValueError on another shape, or where a
    gradient overflows.
    """
    layers, g_grad = cache
    dZ = _check.array("d_logits", d_logits, shape=layers[-1][2].shape)
    gradients = []
    for l, (A, W, _) in reversed(list(enumerate(layers))):
        with np.errstate(over="ignore", invalid="ignore"):
            gradients.append((dZ.T @ A, dZ.sum(axis=0)))
            dA = dZ @ W
            if l > 0:
                Z = layers[l - 1][2]
                dZ = dA * _check.array("g_grad(Z)", g_grad(Z), shape=Z.shape)
    if not all(np.isfinite(part).all() for part in (dA, *chain(*gradients))):
        raise _check.error("d_logits", "gradients within float64", "an overflow")
    return dA, gradients[::-1]


def flatten(params):
    """θ: all weights and biases in one vector, W before b, layer by layer; `(n,)`.

    Raises ValueError unless params is a network.
    """
    return _flat.flatten("params", _network(params))


def unflatten(theta, params):
    """The network of the shapes of params whose numbers stand in theta: flatten, undone.

    theta: `(n,)`. Raises ValueError unless params is a network, and theta holds as many numbers.
    """
    return _flat.unflatten(theta, "params", _network(params))


def train(X, labels, params, optimizer, epochs, batch_size, rng, activation="relu"):
    """Minimise the cross-entropy of softmax(logits) by mini-batches, drawn anew each epoch.

    X: `(m, n_in)`; labels: `(m,)`, classes from 0; params: where to start, left as they are;
    optimizer: one of notesrc.optimizers, such as SGD(0.1) or Adam(). Returns `(params, costs)`: new
    parameters, and the cost over all examples `(epochs + 1,)`, that of the start first.
    Raises ValueError where `forward` does, on labels that are no class, sizes that are no positive integers
    (batch_size at most m), another optimizer, no Generator, or an lr at which the network leaves float64.
    """
    if not isinstance(optimizer, Optimizer):
        raise _check.error("optimizer", "one of notesrc.optimizers, such as SGD(0.1)", repr(optimizer))
    epochs, params = _check.integer("epochs", epochs), _network(params)
    X, Y = _check.array("X", X, ndim=(2,)), one_hot(labels, len(params[-1][1]))
    if Y.shape[:-1] != X.shape[:1]:
        raise _check.error("labels", f"shape {X.shape[:1]}, one for each row of X", f"shape {Y.shape[:-1]}")

    def cost(theta):
        return softmax_cross_entropy(forward(X, unflatten(theta, params), activation)[0], Y)[0]

    def gradient(theta, batch):
        logits, cache = forward(X[batch], unflatten(theta, params), activation)
        d_logits = softmax_cross_entropy(logits, Y[batch])[1]
        return flatten(backward(d_logits, cache)[1])

    theta = flatten(params)
    state, costs = optimizer.init(theta), [cost(theta)]
    for _ in range(epochs):
        batches = minibatches(len(X), batch_size, rng)
        try:
            for batch in batches:
                theta, state = optimizer.step(theta, partial(gradient, batch=batch), state)
            costs.append(cost(theta))
        except ValueError as overflow:
            raise _check.error("optimizer", "steps that stay within float64", optimizer) from overflow
    return unflatten(theta, params), np.array(costs)


def _network(params):
    """params as float64 arrays, each layer taking what the one before it gives."""
    try:
        pairs = [(W, b) for W, b in params]
    except (TypeError, ValueError):
        raise _check.error("params", "a list of pairs (W, b)", type(params).__name__) from None
    if not pairs:
        raise _check.error("params", "a list of pairs (W, b)", "none")
    layers = []
    for l, (W, b) in enumerate(pairs):
        W = _check.array(f"params[{l}][0]", W, ndim=(2,))
        n_in = layers[-1][1].size if layers else W.shape[1]
        if W.shape[1] != n_in:
            rows = f"{n_in} columns, as rows in params[{l - 1}][0]"
            raise _check.error(f"params[{l}][0]", rows, f"shape {W.shape}")
        layers.append((W, _check.array(f"params[{l}][1]", b, shape=W.shape[:1])))
    return layers


def _functions(activation):
    """The pair (g, g_grad) that activation names, or is."""
    pair = ACTIVATIONS.get(activation) if isinstance(activation, str) else activation
    if not isinstance(pair, tuple) or len(pair) != 2 or not all(map(callable, pair)):
        raise _check.error("activation", f"{', '.join(ACTIVATIONS)} or a pair (g, g_grad)", repr(activation))
    return pair
