"""Language models: likelihood, perplexity, n-gram counts; and ELMo: characters in, a mixture of layers out.

A model enters as its logits `(T, vocab)`: row k scores every id as token k, given the tokens on one side of
it. `ids` are integers from 0 to vocab − 1.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from notesrc import _check
from notesrc.softmax import log_softmax, softmax

_LARGEST_TABLE = 10**7  # counts: 80 MB


def log_likelihood(logits, ids):
    """Σ_k log p(t_k | what comes before, or after), in nats (`forward-log-likelihood`, `lm-chain-rule`).

    logits: `(T, vocab)`, p = softmax(logits) row by row; ids: `(T,)`. A float; −inf beyond float64.
    Raises ValueError unless logits are finite, one row for each id, and the ids are in the vocabulary.
    """
    return _log_likelihood("logits", logits, ids)


def bidirectional_log_likelihood(forward_logits, backward_logits, ids):
    """Log-likelihood of ids read forward plus that of ids read backward (`bidirectional-log-likelihood`).

    forward_logits, backward_logits: `(T, vocab)`, both in the order of the text: row k scores token k, from
    the tokens before it or after it. Returns a float. Raises ValueError as `log_likelihood`.
    Peters et al. 2018.
    """
    forward = _log_likelihood("forward_logits", forward_logits, ids)
    return forward + _log_likelihood("backward_logits", backward_logits, ids)


def perplexity(log_likelihood, tokens):
    """e^{−ℓ/N}, the inverse geometric mean of the N probabilities (`perplexity`, `cross-entropy-per-token`).

    log_likelihood: ℓ in nats, at most 0; −inf if some token had probability 0, which gives inf.
    tokens: N. Returns a float. Raises ValueError on another ℓ, or unless tokens is a positive integer.
    """
    tokens = _check.integer("tokens", tokens)
    if np.array_equal(log_likelihood, -np.inf):
        return np.inf
    log_likelihood = _check.scalar("log_likelihood", log_likelihood)
    if log_likelihood > 0:
        raise _check.error("log_likelihood", "a number of at most 0", log_likelihood)
    with np.errstate(over="ignore"):
        return float(np.exp(-log_likelihood / tokens))


def ngram_counts(ids, n, vocab_size):
    """How often each n ids follow one another: counts[u, v] = c(u, v), u the n − 1 ids before v.

    ids: `(T,)`. Returns `(vocab_size,) * n`, which sums to T − n + 1; n = 1 counts single ids.
    Raises ValueError unless n and vocab_size are positive integers of a table of at most 10^7 counts, and
    ids, all in the vocabulary, are at least n.
    """
    n, vocab_size = _check.integer("n", n), _check.integer("vocab_size", vocab_size)
    if vocab_size**n > _LARGEST_TABLE:
        raise _check.error("n", f"a table of at most {_LARGEST_TABLE} counts", f"{vocab_size}**{n}")
    counts = np.zeros((vocab_size,) * n)
    np.add.at(counts, tuple(_windows(ids, n, vocab_size).T), 1)
    return counts


def ngram_probabilities(counts, alpha):
    """p(v | u) = (c(u, v) + α) / (c(u) + α |V|), the last axis sums to 1 (`ngram-probability`).

    counts: from `ngram_counts`; alpha: α > 0, the count that every n-gram gets for nothing; same shape out.
    Raises ValueError unless counts is a table of numbers from 0, as long on each axis, and alpha > 0.
    Lidstone 1920; α = 1 is Laplace's rule.
    """
    smoothed, total = _smoothed(counts, alpha)
    return smoothed / total


def ngram_logits(ids, counts, alpha):
    """log p(· | the n − 1 ids before) for every id that has so many before it (`ngram-probability`).

    ids: `(T,)`; counts, alpha: as for `ngram_probabilities`. Returns `(T − n + 1, vocab)`: the rows of
    ids[n − 1:]. Raises ValueError as `ngram_probabilities`, and on ids as `ngram_counts`.
    """
    smoothed, total = _smoothed(counts, alpha)
    log_p = np.log(smoothed) - np.log(total)
    windows = _windows(ids, log_p.ndim, len(log_p))
    rows = log_p[tuple(windows[:, :-1].T)]
    return np.broadcast_to(rows, (len(windows), len(log_p))).copy()


def char_feature_map(chars_embedded, filters, biases):
    """tanh(⟨filter, w neighbouring characters⟩ + bias) at every place of a word (`char-convolution`).

    chars_embedded: `(m, d)`, one row a character; filters: `(n_filters, w, d)`; biases: `(n_filters,)`.
    Returns `(m − w + 1, n_filters)`: narrow, no character is made up at the ends.
    Raises ValueError where shapes don't fit, a filter is wider than the word, or its sum overflows.
    Kim, Jernite, Sontag and Rush 2016.
    """
    return _convolve(chars_embedded, filters, biases)[0]


def char_convolution(chars_embedded, filters, biases):
    """A word's features: the largest value of each filter, wherever it is (`char-max-pool`).

    Arguments and errors as `char_feature_map`. Returns `(features, cache)`, features `(n_filters,)` for a
    word of any length.
    """
    feature_map, windows, filters = _convolve(chars_embedded, filters, biases)
    return feature_map.max(axis=0), (feature_map, windows, filters)


def char_convolution_backward(d_features, cache):
    """Gradients with respect to chars_embedded, filters and biases (`char-convolution-gradients`).

    Only the place where a filter was largest takes part, the first of them at a tie.
    d_features: `(n_filters,)`; cache: from `char_convolution`. Returns `(d_chars, d_filters, d_biases)`.
    Raises ValueError on another shape, or where a gradient overflows.
    """
    feature_map, windows, filters = cache
    n_filters, w, d = filters.shape
    d_features = _check.array("d_features", d_features, shape=(n_filters,))
    best = feature_map.argmax(axis=0)
    delta = d_features * (1 - feature_map.max(axis=0) ** 2)
    d_chars = np.zeros((len(feature_map) + w - 1, d))
    with np.errstate(over="ignore", invalid="ignore"):
        for f in range(n_filters):
            d_chars[best[f] : best[f] + w] += delta[f] * filters[f]
        d_filters = delta[:, np.newaxis, np.newaxis] * windows[best]
    return _within_float64("d_features", d_chars, d_filters, delta)


def elmo(h, s, gamma):
    """γ Σ_j s_j h_j, the layers of a language model as one vector a token (`elmo-combination`).

    h: `(layers + 1, T, n)`, the token layer first; s: `(layers + 1,)`, raw scores, which softmax turns into
    the weights (`elmo-weights`); gamma: one number. Returns `(T, n)`.
    Raises ValueError unless shapes fit, gamma is one number and the result is within float64.
    Peters et al. 2018.
    """
    h, s, gamma = _layers(h, s, gamma)
    with np.errstate(over="ignore", invalid="ignore"):
        mixed = gamma * np.tensordot(s, h, axes=1)
    if not np.isfinite(mixed).all():
        raise _check.error("gamma", "a combination within float64", "an overflow")
    return mixed


def elmo_backward(d_out, h, s, gamma):
    """Gradients with respect to h, the raw scores s and gamma (`elmo-gradients`).

    d_out: `(T, n)`, the gradient with respect to what elmo(h, s, gamma) returned. Returns `(dh, ds, dgamma)`.
    Raises ValueError as `elmo`, where d_out has another shape, or where a gradient overflows.
    """
    h, s, gamma = _layers(h, s, gamma)
    d_out = _check.array("d_out", d_out, shape=h.shape[1:])
    with np.errstate(over="ignore", invalid="ignore"):
        r = np.einsum("kn,jkn->j", d_out, h)
        dgamma = s @ r
        dh, ds = gamma * np.multiply.outer(s, d_out), gamma * s * (r - dgamma)
    return _within_float64("d_out", dh, ds, float(dgamma))


def _log_likelihood(name, logits, ids):
    logits = _check.array(name, logits, ndim=(2,))
    ids = _check.ids("ids", ids, logits.shape[1], ndim=(1,))
    if len(ids) != len(logits):
        raise _check.error("ids", f"{len(logits)}, one for each row of {name}", len(ids))
    with np.errstate(over="ignore"):
        return float(log_softmax(logits)[np.arange(len(ids)), ids].sum())


def _windows(ids, n, vocab_size):
    """Every n neighbouring ids, `(T − n + 1, n)`."""
    ids = _check.ids("ids", ids, vocab_size, ndim=(1,))
    if len(ids) < n:
        raise _check.error("ids", f"at least n = {n}", len(ids))
    return sliding_window_view(ids, n)


def _smoothed(counts, alpha):
    """The two sides of the fraction: c(u, v) + α, and its sum over v."""
    counts, alpha = _check.array("counts", counts), _check.positive("alpha", alpha)
    if len(set(counts.shape)) != 1:
        raise _check.error("counts", "vocab_size rows on every axis", f"shape {counts.shape}")
    if counts.min() < 0:
        raise _check.error("counts", "numbers of at least 0", counts.min())
    with np.errstate(over="ignore"):
        total = counts.sum(axis=-1, keepdims=True) + alpha * len(counts)
    if not np.isfinite(total).all():
        raise _check.error("counts", "sums within float64", "an overflow")
    return counts + alpha, total


def _convolve(chars_embedded, filters, biases):
    """The feature map, the windows that it saw `(m − w + 1, w, d)`, and the filters as an array."""
    x = _check.array("chars_embedded", chars_embedded, ndim=(2,))
    filters = _check.array("filters", filters, ndim=(3,))
    n_filters, w, d = filters.shape
    biases = _check.array("biases", biases, shape=(n_filters,))
    if d != x.shape[1]:
        raise _check.error("filters", f"{x.shape[1]} numbers a character, as chars_embedded", d)
    if w > len(x):
        raise _check.error("filters", f"at most as wide as the word, m = {len(x)}", f"w = {w}")
    windows = sliding_window_view(x, w, axis=0).transpose(0, 2, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        a = np.tensordot(windows, filters, axes=((1, 2), (1, 2))) + biases
    if not np.isfinite(a).all():
        raise _check.error("filters", "sums within float64", "an overflow")
    return np.tanh(a), windows, filters


def _layers(h, s, gamma):
    """h as an array, the softmax of s, and gamma as a float."""
    h = _check.array("h", h, ndim=(3,))
    s = _check.array("s", s, shape=h.shape[:1])
    return h, softmax(s), _check.scalar("gamma", gamma)


def _within_float64(name, *gradients):
    """The gradients, none of which may have overflowed."""
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        raise _check.error(name, "gradients within float64", "an overflow")
    return gradients
