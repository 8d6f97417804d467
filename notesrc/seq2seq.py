"""Encoder–decoder: one GRU reads, another writes, with attention or without.

A batch of sentences is an array of ids `(T, m)`, all of one length, so that nothing has to be padded. The
last id of the vocabulary, V − 1, ends every target sentence, and is what the decoder reads first.
"""

from typing import NamedTuple

import numpy as np

from notesrc import _check, _flat
from notesrc.attention import attention, attention_backward
from notesrc.gated import GRUParams, gru_backward, gru_forward, init_gru
from notesrc.initializers import xavier_normal
from notesrc.optimizers import Optimizer
from notesrc.softmax import log_softmax, one_hot, softmax_cross_entropy


class Seq2SeqParams(NamedTuple):
    """Weights of encoder, decoder and read-out, also their gradients; without attention no W_a and W_c."""

    encoder: GRUParams
    decoder: GRUParams
    W_s: np.ndarray  # (V, hidden), from the decoder's state
    b: np.ndarray  # (V,)
    W_a: np.ndarray | None  # (hidden, hidden), of the score
    W_c: np.ndarray | None  # (V, hidden), from the context


class Seq2SeqCache(NamedTuple):
    """What backward needs; weights `(m, T_y, T_x)` says where each output looked, None without attention."""

    encoded: tuple
    decoded: tuple
    H: np.ndarray
    S: np.ndarray
    contexts: np.ndarray | None
    weights: np.ndarray | None
    params: Seq2SeqParams


def init_seq2seq(vocab_size, hidden, rng, attend=True):
    """Xavier's weights, zero biases. Returns Seq2SeqParams.

    vocab_size: V, the end included; attend: whether with attention. Raises ValueError unless the sizes are
    positive integers and rng a Generator.
    """
    vocab_size, hidden = _check.integer("vocab_size", vocab_size), _check.integer("hidden", hidden)
    encoder, decoder = (init_gru(vocab_size, hidden, rng) for _ in range(2))
    W_s, b = xavier_normal(hidden, vocab_size, rng), np.zeros(vocab_size)
    if not attend:
        return Seq2SeqParams(encoder, decoder, W_s, b, None, None)
    W_a, W_c = xavier_normal(hidden, hidden, rng), xavier_normal(hidden, vocab_size, rng)
    return Seq2SeqParams(encoder, decoder, W_s, b, W_a, W_c)


def forward(x, y, params):
    """Logits of each token of y, given those before it and all of x (`encoder-decoder`, `attention-readout`).

    x: ids `(T_x, m)`; y: ids `(T_y, m)`, each column ended by V − 1 if it is whole; params: Seq2SeqParams.
    Returns `(logits, cache)`, logits `(T_y, m, V)`. Raises ValueError on ids outside the vocabulary, and
    where shapes don't fit. Sutskever, Vinyals and Le 2014; Cho et al. 2014; with attention Luong, Pham and
    Manning 2015 (their general score, here over √hidden, and a linear read-out).
    """
    params = _checked(params)
    V = len(params.b)
    x, y = _check.ids("x", x, V, ndim=(2,)), _check.ids("y", y, V, ndim=(2,))
    if y.shape[1] != x.shape[1]:
        raise _check.error("y", f"{x.shape[1]} sentences, as x", y.shape[1])
    before = np.vstack([np.full((1, y.shape[1]), V - 1), y[:-1]])
    H, encoded = gru_forward(one_hot(x, V), np.zeros((x.shape[1], params.W_s.shape[1])), params.encoder)
    S, decoded = gru_forward(one_hot(before, V), H[-1], params.decoder)
    contexts, weights = _look(S, H, params)
    return _read_out(S, contexts, params), Seq2SeqCache(encoded, decoded, H, S, contexts, weights, params)


def backward(d_logits, cache):
    """Gradients with respect to params, from the gradient with respect to the logits: Seq2SeqParams of the same shapes.

    d_logits: `(T_y, m, V)`; cache: from forward. Raises ValueError on another shape.
    """
    encoded, decoded, H, S, contexts, weights, params = cache
    d_logits = _check.array("d_logits", d_logits, shape=(*S.shape[:2], len(params.b)))
    d_S, d_H = d_logits @ params.W_s, np.zeros(H.shape)
    d_W_a = d_W_c = None
    if weights is not None:
        d_contexts, q, h = d_logits @ params.W_c, S @ params.W_a, H.swapaxes(0, 1)
        parts = attention_backward(d_contexts.swapaxes(0, 1), q.swapaxes(0, 1), h, h, weights)
        d_q, d_keys, d_values = (part.swapaxes(0, 1) for part in parts)
        d_S, d_H = d_S + d_q @ params.W_a.T, d_keys + d_values
        d_W_a, d_W_c = _summed(S, d_q), _summed(d_logits, contexts)
    _, d_start, d_decoder = gru_backward(d_S, decoded)
    d_H[-1] += d_start
    _, _, d_encoder = gru_backward(d_H, encoded)
    return Seq2SeqParams(d_encoder, d_decoder, _summed(d_logits, S), d_logits.sum(axis=(0, 1)), d_W_a, d_W_c)


def log_probs(x, params):
    """The model that `beam_search` asks: a function of a prefix, to log-probabilities `(V,)` of what follows.

    x: ids `(T_x,)` of one sentence. What was computed for a prefix is kept for those that continue it.
    Raises ValueError where `forward` does.
    """
    params = _checked(params)
    V, hidden = len(params.b), params.W_s.shape[1]
    x = _check.ids("x", x, V, ndim=(1,))[:, np.newaxis]
    H, _ = gru_forward(one_hot(x, V), np.zeros((1, hidden)), params.encoder)
    states = {}

    def state(prefix):
        if prefix not in states:
            before, token = (state(prefix[:-1]), prefix[-1]) if prefix else (H[-1], V - 1)
            token = one_hot(_check.ids("prefix", [[token]], V), V)
            states[prefix] = gru_forward(token, before, params.decoder)[0][0]
        return states[prefix]

    def next_token(prefix):
        S = state(tuple(prefix))[np.newaxis]
        return log_softmax(_read_out(S, _look(S, H, params)[0], params))[0, 0]

    return next_token


def train(params, draw, optimizer, steps, rng):
    """Minimise the cross-entropy per token by mini-batches that draw(rng) supplies, each `(x, y)`.

    params: where to start, left as they are; optimizer: one of notesrc.optimizers. Each y is what the decoder
    reads as well, one step late (teacher forcing). Returns `(params, costs)`, costs `(steps,)`, each of the
    batch before its step. Raises ValueError where `forward` does, and unless steps is a positive integer, rng
    a Generator and optimizer one.
    """
    if not isinstance(optimizer, Optimizer):
        raise _check.error("optimizer", "one of notesrc.optimizers, such as Adam()", repr(optimizer))
    steps, rng = _check.integer("steps", steps), _check.generator(rng)
    theta, costs = flatten(params), []

    def gradient(theta):
        logits, cache = forward(x, y, unflatten(theta, params))
        V = logits.shape[-1]
        cost, d_logits = softmax_cross_entropy(logits.reshape(-1, V), one_hot(np.ravel(y), V))
        costs.append(cost)
        return flatten(backward(d_logits.reshape(logits.shape), cache))

    state = optimizer.init(theta)
    for _ in range(steps):
        x, y = draw(rng)
        theta, state = optimizer.step(theta, gradient, state)
    return unflatten(theta, params), np.array(costs)


def flatten(params):
    """θ: all parameters in one vector, in the order of Seq2SeqParams.

    Raises ValueError unless params is Seq2SeqParams.
    """
    return _flat.flatten("params", _held(_checked(params)))


def unflatten(theta, params):
    """The parameters of the shapes of params whose numbers stand in theta: flatten, undone.

    theta: `(n,)`. Raises ValueError unless params is Seq2SeqParams and theta holds as many numbers.
    """
    params = _checked(params)
    held = iter(_flat.unflatten(theta, "params", _held(params)))
    return Seq2SeqParams(*(None if part is None else next(held) for part in params))


def _look(S, H, params):
    """Contexts `(T_y, m, hidden)` and weights `(m, T_y, T_x)` of decoder states S; None without attention."""
    if params.W_a is None:
        return None, None
    h = H.swapaxes(0, 1)
    contexts, weights = attention((S @ params.W_a).swapaxes(0, 1), h, h)
    return contexts.swapaxes(0, 1), weights


def _read_out(S, contexts, params):
    logits = S @ params.W_s.T + params.b
    return logits if contexts is None else logits + contexts @ params.W_c.T


def _summed(d_out, x):
    """Σ over steps and examples of d_out xᵀ: the gradient with respect to a matrix W of W x."""
    return np.tensordot(d_out, x, axes=((0, 1), (0, 1)))


def _held(params):
    """The parts of params; without attention there are no W_a and W_c."""
    return [part for part in params if part is not None]


def _checked(params):
    """params, with a read-out whose shapes fit; the GRUs check their own."""
    if not isinstance(params, Seq2SeqParams):
        raise _check.error("params", "Seq2SeqParams", type(params).__name__)
    W_s = _check.array("params.W_s", params.W_s, ndim=(2,))
    V, hidden = W_s.shape
    b = _check.array("params.b", params.b, shape=(V,))
    if (params.W_a is None) != (params.W_c is None):
        raise _check.error("params", "W_a and W_c, or neither", "one of the two")
    if params.W_a is None:
        return params._replace(W_s=W_s, b=b)
    W_a = _check.array("params.W_a", params.W_a, shape=(hidden, hidden))
    W_c = _check.array("params.W_c", params.W_c, shape=(V, hidden))
    return Seq2SeqParams(params.encoder, params.decoder, W_s, b, W_a, W_c)
