"""Recurrent networks: the same weights at every step, layers on layers, and both directions of time.

Sequences are `(T, m, n)`: steps, examples, entries. A layer is a tuple `(forward, backward, *inputs)`, where
inputs are what forward takes after x: `(rnn_forward, rnn_backward, a0, params)`,
`(lstm_forward, lstm_backward, a0, c0, params)`, or `(bidirectional, bidirectional_backward, ahead, back)`.
"""

from typing import NamedTuple

import numpy as np

from notesrc import _check, _flat
from notesrc.gated import (
    GRUParams,
    GRUSimpleParams,
    LSTMParams,
    gru_backward,
    gru_forward,
    gru_simple_backward,
    gru_simple_forward,
    init_gru,
    init_gru_simple,
    init_lstm,
    lstm_backward,
    lstm_forward,
)
from notesrc.initializers import xavier_normal

__all__ = [
    "GRUParams",
    "GRUSimpleParams",
    "LSTMParams",
    "RNNParams",
    "bidirectional",
    "bidirectional_backward",
    "clip_gradients",
    "deep",
    "deep_backward",
    "flatten",
    "gru_backward",
    "gru_forward",
    "gru_simple_backward",
    "gru_simple_forward",
    "init_gru",
    "init_gru_simple",
    "init_lstm",
    "init_rnn",
    "lstm_backward",
    "lstm_forward",
    "rnn_backward",
    "rnn_forward",
    "unflatten",
]


class RNNParams(NamedTuple):
    """W_aa `(hidden, hidden)`, W_ax `(hidden, n_in)` and b_a `(hidden,)`; also their gradients."""

    W_aa: np.ndarray
    W_ax: np.ndarray
    b_a: np.ndarray


def init_rnn(n_in, hidden, rng):
    """Xavier's weights, which give W_aa a spectral radius of about 1, and zero biases, as RNNParams.

    Raises ValueError unless the sizes are positive integers and rng a Generator.
    """
    n_in, hidden = _check.integer("n_in", n_in), _check.integer("hidden", hidden)
    W_aa, W_ax = xavier_normal(hidden, hidden, rng), xavier_normal(n_in, hidden, rng)
    return RNNParams(W_aa, W_ax, np.zeros(hidden))


def rnn_forward(x, a0, params):
    """a_t = tanh(W_aa a_{t−1} + W_ax x_t + b_a), t = 1 … T (`rnn-step`, `rnn-step-matrix`).

    x: `(T, m, n_in)`; a0: `(m, hidden)`; params: RNNParams. Returns `(a, cache)`, a `(T, m, hidden)`.
    Raises ValueError on other shapes, and where a pre-activation overflows. Elman 1990.
    """
    x, a0, params = _checked(x, a0, params)
    W_aa, W_ax, b_a = params
    z = np.empty((len(x), *a0.shape))
    a = np.concatenate([a0[np.newaxis], z])
    with np.errstate(over="ignore", invalid="ignore"):
        for t, x_t in enumerate(x):
            z[t] = a[t] @ W_aa.T + x_t @ W_ax.T + b_a
            a[t + 1] = np.tanh(z[t])
    if not np.isfinite(z).all():
        raise _check.error("params", "pre-activations within float64", "an overflow")
    return a[1:].copy(), (x, a, params)


def rnn_backward(d_a, cache):
    """Backpropagation through time: gradients with respect to x, a0 and params, from those with respect to every a_t.

    Formulas `bptt-delta`, `bptt-dz`, `bptt-dwaa`, `bptt-dwax`, `bptt-db`, `bptt-dx`, `bptt-da0`.
    d_a: `(T, m, hidden)`, the gradient with respect to a_t as far as it does not come through later steps; cache: from
    rnn_forward. Returns `(d_x, d_a0, RNNParams)`. Raises ValueError on another shape, or where a gradient
    overflows. Werbos 1990.
    """
    x, a, (W_aa, W_ax, _) = cache
    d_a = _check.array("d_a", d_a, shape=a[1:].shape)
    d_x = np.empty(x.shape)
    d_W_aa = d_W_ax = d_b_a = from_future = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for t in reversed(range(len(x))):
            d_z = (d_a[t] + from_future) * (1 - a[t + 1] ** 2)
            d_W_aa = d_W_aa + d_z.T @ a[t]
            d_W_ax = d_W_ax + d_z.T @ x[t]
            d_b_a = d_b_a + d_z.sum(axis=0)
            d_x[t] = d_z @ W_ax
            from_future = d_z @ W_aa
    if not all(np.isfinite(part).all() for part in (d_x, from_future, d_W_aa, d_W_ax, d_b_a)):
        raise _check.error("d_a", "gradients within float64", "an overflow")
    return d_x, from_future, RNNParams(d_W_aa, d_W_ax, d_b_a)


def deep(x, layers):
    """Layer on layer: what one gives at each step is the input of the next at that step (`deep-rnn`).

    x: `(T, m, n_in)`; layers: a list of `(forward, backward, *inputs)`. Returns `(a, cache)`, a that of the
    last layer. Raises ValueError on anything else, and what a layer refuses under its number.
    """
    layers = list(layers) if isinstance(layers, (list, tuple)) else []
    if not layers:
        raise _check.error("layers", "a list of layers", "none")
    cache = []
    for l, layer in enumerate(layers):
        x, back = _run(f"layers[{l}]", layer, x)
        cache.append(back)
    return x, cache


def deep_backward(d_a, cache):
    """Gradients with respect to x and the inputs of every layer, from that with respect to the output of the last.

    d_a: `(T, m, hidden)`; cache: from deep. Returns `(d_x, [[gradients with respect to inputs], …])`, layer by layer.
    Raises ValueError on another shape, or where a gradient overflows.
    """
    gradients = []
    for backward, layer_cache in reversed(cache):
        d_a, *d_inputs = backward(d_a, layer_cache)
        gradients.append(d_inputs)
    return d_a, gradients[::-1]


def bidirectional(x, ahead, back):
    """One layer reads x forwards, one backwards; at each step both outputs, side by side.

    Formulas `bidirectional-forward`, `bidirectional-backward`. x: `(T, m, n_in)`; ahead, back: layers
    `(forward, backward, *inputs)`. Returns `(a, cache)`: `a[t]` holds what `ahead` knows of x up to t, then
    what `back` knows of x from t on. Raises ValueError on anything else, and what a layer refuses under its
    name. Schuster and Paliwal 1997.
    """
    x = _check.array("x", x, ndim=(3,))
    past, cache_ahead = _run("ahead", ahead, x)
    future, cache_back = _run("back", back, x[::-1])
    a = np.concatenate([past, future[::-1]], axis=-1)
    return a, (a.shape, past.shape[-1], cache_ahead, cache_back)


def bidirectional_backward(d_a, cache):
    """Gradients with respect to x and the inputs of both layers, from that with respect to the outputs side by side.

    d_a: `(T, m, hidden of ahead + hidden of back)`; cache: from bidirectional.
    Returns `(d_x, [gradients with respect to inputs of ahead], [those of back])`.
    Raises ValueError on another shape, or where a gradient overflows.
    """
    shape, n_ahead, (backward_ahead, cache_ahead), (backward_back, cache_back) = cache
    d_a = _check.array("d_a", d_a, shape=shape)
    d_x_ahead, *d_ahead = backward_ahead(d_a[..., :n_ahead], cache_ahead)
    d_x_back, *d_back = backward_back(d_a[::-1, :, n_ahead:], cache_back)
    return d_x_ahead + d_x_back[::-1], d_ahead, d_back


def clip_gradients(gradients, max_norm):
    """g · min(1, c / ‖g‖): all gradients shrunk together, so that the direction stays (`gradient-clipping`).

    gradients: arrays in lists, tuples or RNNParams, nested as they come; ‖g‖ is the norm of all entries
    together; max_norm: c > 0. Returns the same structure. Raises ValueError on other gradients or max_norm.
    Pascanu, Mikolov and Bengio 2013.
    """
    max_norm, g = _check.positive("max_norm", max_norm), _flat.flatten("gradients", gradients)
    largest = float(np.abs(g).max()) or 1.0
    relative = float(np.linalg.norm(g / largest))  # no square over- or underflows
    if relative * largest > max_norm:
        g = (g / largest) * (max_norm / relative)
    return _flat.unflatten(g, "gradients", gradients)


def flatten(parts):
    """All entries of arrays in lists, tuples or RNNParams, nested as they come, in one vector `(n,)`.

    Raises ValueError where a part is no array of finite numbers.
    """
    return _flat.flatten("parts", parts)


def unflatten(theta, parts):
    """The structure and the shapes of parts with the entries of theta: flatten, undone.

    theta: `(n,)`. Raises ValueError where a part is no array, or theta holds more or fewer entries.
    """
    return _flat.unflatten(theta, "parts", parts)


def _run(name, layer, x):
    """The output of a layer, and what leads back through it: `(output, (backward, cache))`."""
    if not isinstance(layer, (list, tuple)) or len(layer) < 2 or not all(map(callable, layer[:2])):
        raise _check.error(name, "(forward, backward, *inputs)", type(layer).__name__)
    forward, backward, *inputs = layer
    try:
        a, *_, cache = forward(x, *inputs)
    except ValueError as refusal:
        raise ValueError(f"{name}: {refusal}") from refusal
    return a, (backward, cache)


def _checked(x, a0, params):
    """x, a0 and params as float64 arrays whose shapes fit."""
    if not isinstance(params, RNNParams):
        raise _check.error("params", "an RNNParams", type(params).__name__)
    b_a = _check.array("params.b_a", params.b_a, ndim=(1,))
    W_aa = _check.array("params.W_aa", params.W_aa, shape=(b_a.size, b_a.size))
    W_ax = _check.array("params.W_ax", params.W_ax, ndim=(2,))
    _check.array("params.W_ax", W_ax, shape=(b_a.size, W_ax.shape[1]))
    x = _check.array("x", x, ndim=(3,))
    if x.shape[2] != W_ax.shape[1]:
        entries = f"{W_ax.shape[1]} entries a step, the columns of params.W_ax"
        raise _check.error("x", entries, f"shape {x.shape}")
    a0 = _check.array("a0", a0, shape=(x.shape[1], b_a.size))
    return x, a0, RNNParams(W_aa, W_ax, b_a)
