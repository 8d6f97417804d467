"""Recurrent cells that decide with gates what to keep: the simplified GRU, the GRU and the LSTM.

Sequences are `(T, m, n)`: steps, examples, entries. The W of a gate is `(hidden, hidden + n_in)` and acts on
[c_{t−1}, x_t] stacked, in the LSTM on [a_{t−1}, x_t]: its first `hidden` columns on what comes from the step
before, the others on the input. b is `(hidden,)`. Gates are named update, relevance, forget, output.
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from notesrc import _check
from notesrc.activations import sigmoid, tanh
from notesrc.initializers import xavier_normal


class GRUSimpleParams(NamedTuple):
    """Weights and biases of the update gate and of the candidate; also their gradients."""

    W_u: np.ndarray
    b_u: np.ndarray
    W_c: np.ndarray
    b_c: np.ndarray


class GRUParams(NamedTuple):
    """Weights and biases of the gates, update and relevance, and of the candidate; also their gradients."""

    W_u: np.ndarray
    b_u: np.ndarray
    W_r: np.ndarray
    b_r: np.ndarray
    W_c: np.ndarray
    b_c: np.ndarray


class LSTMParams(NamedTuple):
    """Weights and biases of update, forget and output gate and of the candidate; also their gradients."""

    W_u: np.ndarray
    b_u: np.ndarray
    W_f: np.ndarray
    b_f: np.ndarray
    W_o: np.ndarray
    b_o: np.ndarray
    W_c: np.ndarray
    b_c: np.ndarray


class GRUSimpleCache(NamedTuple):
    """What gru_simple_backward needs; every array but those of params is `(T, m, …)`, one entry a step."""

    stack: np.ndarray
    update: np.ndarray
    candidate: np.ndarray
    params: GRUSimpleParams


class GRUCache(NamedTuple):
    """What gru_backward needs; every array but those of params is `(T, m, …)`, one entry a step."""

    stack: np.ndarray
    stack_r: np.ndarray
    update: np.ndarray
    relevance: np.ndarray
    candidate: np.ndarray
    params: GRUParams


class LSTMCache(NamedTuple):
    """What lstm_backward needs, and c; every array but those of params is `(T, m, …)`, one entry a step."""

    stack: np.ndarray
    update: np.ndarray
    forget: np.ndarray
    output: np.ndarray
    candidate: np.ndarray
    c_before: np.ndarray
    c: np.ndarray
    params: LSTMParams


def init_gru_simple(n_in, hidden, rng):
    """Xavier's weights and zero biases, as GRUSimpleParams.

    Raises ValueError unless the sizes are positive integers and rng a Generator.
    """
    return _random(GRUSimpleParams, n_in, hidden, rng)


def init_gru(n_in, hidden, rng):
    """Xavier's weights and zero biases, as GRUParams.

    Raises ValueError unless the sizes are positive integers and rng a Generator.
    """
    return _random(GRUParams, n_in, hidden, rng)


def init_lstm(n_in, hidden, rng, forget_bias=1.0):
    """Xavier's weights, zero biases, and in the forget gate forget_bias (`gate-memory`), as LSTMParams.

    Raises ValueError unless the sizes are positive integers, rng a Generator and forget_bias a number.
    A bias of 1: Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015.
    """
    params = _random(LSTMParams, n_in, hidden, rng)
    return params._replace(b_f=np.full(hidden, _check.scalar("forget_bias", forget_bias)))


def gru_simple_forward(x, c0, params):
    """c_t = Γ_u ⊙ c̃_t + (1 − Γ_u) ⊙ c_{t−1}, with the update gate alone (`gru-simple`).

    x: `(T, m, n_in)`; c0: `(m, hidden)`; params: GRUSimpleParams. Returns `(c, cache)`, c `(T, m, hidden)`;
    the gates stand in the cache by name. Raises ValueError on other shapes, and where a layer overflows.
    """
    x, c, params = _checked(x, {"c0": c0}, params, GRUSimpleParams)
    W_u, b_u, W_c, b_c = params
    steps = []
    for x_t in x:
        stack = np.hstack([c, x_t])
        update = sigmoid(_affine(stack, W_u, b_u))
        candidate = tanh(_affine(stack, W_c, b_c))
        c = update * candidate + (1 - update) * c
        steps.append((stack, update, candidate, c))
    *kept, c = map(np.array, zip(*steps))
    return c, GRUSimpleCache(*kept, params)


def gru_simple_backward(d_c, cache):
    """Gradients with respect to x, c0 and params (`gru-simple-delta`, `gru-simple-carry`, `gate-weights`).

    d_c: `(T, m, hidden)`, the gradient with respect to every c_t, as far as it does not come through later steps;
    cache: from gru_simple_forward. Returns `(d_x, d_c0, GRUSimpleParams)`. Raises ValueError on another
    shape, and where a gradient overflows.
    """
    stack, update, candidate, (W_u, _, W_c, _) = cache
    d_c, hidden = _check.array("d_c", d_c, shape=update.shape), update.shape[-1]
    with np.errstate(all="ignore"):  # what is not finite is refused by name
        slope_u = (candidate - stack[..., :hidden]) * update * (1 - update)
        slope_c = update * (1 - candidate**2)
        delta_u, delta_c, d_stack = np.empty(d_c.shape), np.empty(d_c.shape), np.empty(stack.shape)
        carry = 0.0  # what comes back from the next step
        for t in reversed(range(len(d_c))):
            d = d_c[t] + carry
            delta_u[t], delta_c[t] = d * slope_u[t], d * slope_c[t]
            d_stack[t] = delta_u[t] @ W_u + delta_c[t] @ W_c
            carry = d * (1 - update[t]) + d_stack[t, :, :hidden]
        d_params = GRUSimpleParams(*_weights(delta_u, stack), *_weights(delta_c, stack))
    return _finite("d_c", (d_stack[..., hidden:], carry), d_params)


def gru_forward(x, c0, params):
    """The GRU in full: the relevance gate Γ_r weighs c_{t−1} before it enters the candidate (`gru-full`).

    x: `(T, m, n_in)`; c0: `(m, hidden)`; params: GRUParams. Returns `(c, cache)`, c `(T, m, hidden)`; the
    gates stand in the cache by name. Raises ValueError on other shapes, and where a layer overflows.
    Cho et al. 2014, who write 1 − z for Γ_u.
    """
    x, c, params = _checked(x, {"c0": c0}, params, GRUParams)
    W_u, b_u, W_r, b_r, W_c, b_c = params
    steps = []
    for x_t in x:
        stack = np.hstack([c, x_t])
        update = sigmoid(_affine(stack, W_u, b_u))
        relevance = sigmoid(_affine(stack, W_r, b_r))
        stack_r = np.hstack([relevance * c, x_t])
        candidate = tanh(_affine(stack_r, W_c, b_c))
        c = update * candidate + (1 - update) * c
        steps.append((stack, stack_r, update, relevance, candidate, c))
    *kept, c = map(np.array, zip(*steps))
    return c, GRUCache(*kept, params)


def gru_backward(d_c, cache):
    """Gradients with respect to x, c0 and params (`gru-full-backward`).

    d_c: `(T, m, hidden)`, the gradient with respect to every c_t, as far as it does not come through later steps;
    cache: from gru_forward. Returns `(d_x, d_c0, GRUParams)`. Raises ValueError on another shape, and where a
    gradient overflows.
    """
    stack, stack_r, update, relevance, candidate, (W_u, _, W_r, _, W_c, _) = cache
    d_c, hidden = _check.array("d_c", d_c, shape=update.shape), update.shape[-1]
    with np.errstate(all="ignore"):  # what is not finite is refused by name
        slope_u = (candidate - stack[..., :hidden]) * update * (1 - update)
        slope_r = stack[..., :hidden] * relevance * (1 - relevance)
        slope_c = update * (1 - candidate**2)
        delta_u, delta_r, delta_c = (np.empty(d_c.shape) for _ in range(3))
        d_x, carry = np.empty((*d_c.shape[:2], stack.shape[-1] - hidden)), 0.0
        for t in reversed(range(len(d_c))):
            d = d_c[t] + carry
            delta_u[t], delta_c[t] = d * slope_u[t], d * slope_c[t]
            d_stack_r = delta_c[t] @ W_c
            q = d_stack_r[:, :hidden]  # by Γ_r ⊙ c_{t−1}
            delta_r[t] = q * slope_r[t]
            d_stack = delta_u[t] @ W_u + delta_r[t] @ W_r
            carry = d * (1 - update[t]) + q * relevance[t] + d_stack[:, :hidden]
            d_x[t] = d_stack[:, hidden:] + d_stack_r[:, hidden:]
        gates = _weights(delta_u, stack), _weights(delta_r, stack), _weights(delta_c, stack_r)
    return _finite("d_c", (d_x, carry), GRUParams(*chain(*gates)))


def lstm_forward(x, a0, c0, params):
    """c_t = Γ_u ⊙ c̃_t + Γ_f ⊙ c_{t−1}, a_t = Γ_o ⊙ tanh c_t (`lstm-gates`, `lstm-cell`, `lstm-output`).

    x: `(T, m, n_in)`; a0, c0: `(m, hidden)`; params: LSTMParams. Returns `(a, cache)`, a `(T, m, hidden)`;
    the memory c_t stands in cache.c, shaped as a, and the gates beside it. Raises ValueError on other shapes,
    and where a layer overflows. Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber
    and Cummins 2000, without peepholes.
    """
    x, a, c, params = _checked(x, {"a0": a0, "c0": c0}, params, LSTMParams)
    W_u, b_u, W_f, b_f, W_o, b_o, W_c, b_c = params
    steps = []
    for x_t in x:
        stack, c_before = np.hstack([a, x_t]), c
        update = sigmoid(_affine(stack, W_u, b_u))
        forget = sigmoid(_affine(stack, W_f, b_f))
        output = sigmoid(_affine(stack, W_o, b_o))
        candidate = tanh(_affine(stack, W_c, b_c))
        c = update * candidate + forget * c
        a = output * tanh(c)
        steps.append((a, stack, update, forget, output, candidate, c_before, c))
    a, *kept = map(np.array, zip(*steps))
    return a, LSTMCache(*kept, params)


def lstm_backward(d_a, cache, d_c=None):
    """Gradients with respect to x, a0, c0 and params (`lstm-memory-gradient`, `lstm-delta`, `lstm-carry`).

    d_a: `(T, m, hidden)`, the gradient with respect to every a_t, as far as it does not come through later steps;
    cache: from lstm_forward; d_c: likewise with respect to every c_t, if something else uses the memory.
    Returns `(d_x, d_a0, d_c0, LSTMParams)`. Raises ValueError on another shape, and where a gradient
    overflows.
    """
    stack, update, forget, output, candidate, c_before, c, (W_u, _, W_f, _, W_o, _, W_c, _) = cache
    d_a, hidden = _check.array("d_a", d_a, shape=c.shape), c.shape[-1]
    d_c = _check.array("d_c", np.zeros(c.shape) if d_c is None else d_c, shape=c.shape)
    with np.errstate(all="ignore"):  # what is not finite is refused by name
        squashed = tanh(c)
        slope_u = candidate * update * (1 - update)
        slope_f = c_before * forget * (1 - forget)
        slope_o = squashed * output * (1 - output)
        slope_c = update * (1 - candidate**2)
        through_output = output * (1 - squashed**2)
        deltas, d_stack, carry_a, carry_c = np.empty((4, *c.shape)), np.empty(stack.shape), 0.0, 0.0
        for t in reversed(range(len(d_a))):
            d = d_a[t] + carry_a
            d_memory = d_c[t] + carry_c + d * through_output[t]
            delta_u, delta_f, delta_c = d_memory * slope_u[t], d_memory * slope_f[t], d_memory * slope_c[t]
            delta_o = d * slope_o[t]
            d_stack[t] = delta_u @ W_u + delta_f @ W_f + delta_o @ W_o + delta_c @ W_c
            carry_a, carry_c = d_stack[t, :, :hidden], d_memory * forget[t]
            deltas[:, t] = delta_u, delta_f, delta_o, delta_c
        gates = [_weights(delta, stack) for delta in deltas]
    return _finite("d_a", (d_stack[..., hidden:], carry_a, carry_c), LSTMParams(*chain(*gates)))


def _random(kind, n_in, hidden, rng):
    """params of a kind, the matrices drawn in the order of its fields."""
    n_in, hidden, rng = _check.integer("n_in", n_in), _check.integer("hidden", hidden), _check.generator(rng)
    gates = [(xavier_normal(hidden + n_in, hidden, rng), np.zeros(hidden)) for _ in kind._fields[::2]]
    return kind(*chain(*gates))


def _checked(x, states, params, kind):
    """x, each state and params as float64 arrays whose shapes fit."""
    x = _check.array("x", x, ndim=(3,))
    _, m, n_in = x.shape
    if not isinstance(params, kind):
        raise _check.error("params", kind.__name__, type(params).__name__)
    hidden = len(_check.array("params.b_u", params.b_u, ndim=(1,)))
    shapes = {"W": (hidden, hidden + n_in), "b": (hidden,)}
    parts = params._asdict().items()
    params = kind(*(_check.array(f"params.{name}", part, shape=shapes[name[0]]) for name, part in parts))
    return x, *(_check.array(name, a, shape=(m, hidden)) for name, a in states.items()), params


def _affine(stack, W, b):
    """W [c, x] + b for every example."""
    with np.errstate(all="ignore"):
        z = stack @ W.T + b
    if not np.isfinite(z).all():
        raise _check.error("params", "gates within float64", "an overflow")
    return z


def _weights(delta, stack):
    """Gradients with respect to W and b of a gate, added up over steps and examples."""
    return np.tensordot(delta, stack, axes=((0, 1), (0, 1))), delta.sum(axis=(0, 1))


def _finite(name, d_inputs, d_params):
    """All gradients, unless one of them has left float64."""
    if not all(np.isfinite(part).all() for part in (*d_inputs, *d_params)):
        raise _check.error(name, "gradients within float64", "an overflow")
    return *d_inputs, d_params
