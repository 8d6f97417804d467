"""Word embeddings: a vocabulary, pairs of words that stand near each other, and skip-gram trained on them.

Words are integers, their ids. `E` is `(V, dim)`: row j is the vector e_j of word j as a centre; row j of
`theta` is its vector θ_j as a context. GloVe, which is trained on counts, has a module of its own.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import numpy as np

from notesrc import _check
from notesrc.activations import sigmoid
from notesrc.glove import cooccurrence, glove_loss, glove_weight, train_glove
from notesrc.softmax import one_hot, softmax_cross_entropy

__all__ = [
    "Vocabulary",
    "analogy",
    "cooccurrence",
    "cosine_similarity",
    "embed",
    "glove_loss",
    "glove_weight",
    "load_text",
    "nearest",
    "negative_sampling_loss",
    "noise_distribution",
    "skipgram_pairs",
    "skipgram_softmax_loss",
    "train_glove",
    "train_skipgram",
    "window_pairs",
]

UNK = "<unk>"


def load_text():
    """The small text that comes with the book, a sentence a line; texts/README.md says how it was made."""
    return resources.files("notesrc").joinpath("texts", "village.txt").read_text(encoding="utf8")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words that have a vector, `<unk>` first, and how often each occurs: `counts`, `(V,)`."""

    words: tuple
    counts: np.ndarray

    @classmethod
    def from_tokens(cls, tokens, min_count=1):
        """The words that occur min_count times or more, the most frequent first, ties in alphabetical order.

        tokens: a list of words; the rarer ones count as `<unk>`, whose id is 0.
        Raises ValueError on an empty text, on what is no list of words, and unless min_count is a positive
        integer.
        """
        tokens, min_count = _tokens(tokens), _check.integer("min_count", min_count)
        words, counts = np.unique(tokens, return_counts=True)  # in alphabetical order
        kept = (counts >= min_count) & (words != UNK)
        order = np.argsort(-counts[kept], kind="stable")
        known = counts[kept][order]
        return cls((UNK, *words[kept][order].tolist()), np.array([len(tokens) - known.sum(), *known]))

    def __len__(self):
        return len(self.words)

    @cached_property
    def ids(self):
        """{word: id}."""
        return {word: i for i, word in enumerate(self.words)}

    def encode(self, tokens):
        """The ids of the tokens, `(T,)`; an unknown word gets that of `<unk>`, 0. Errors: as from_tokens."""
        return np.array([self.ids.get(token, 0) for token in _tokens(tokens)])

    def decode(self, ids):
        """The words of the ids, `(T,)`, as a list. Raises ValueError on ids outside the vocabulary."""
        return [self.words[i] for i in _check.ids("ids", ids, len(self), ndim=(1,))]


def _tokens(tokens):
    """tokens as a non-empty list of words."""
    if isinstance(tokens, str) or not np.iterable(tokens):
        raise _check.error("tokens", "a list of words", repr(tokens)[:40])
    tokens = list(tokens)
    if not tokens:
        raise _check.error("tokens", "at least one word", "an empty text")
    if wrong := [token for token in tokens if not isinstance(token, str)]:
        raise _check.error("tokens", "a list of words", repr(wrong[0])[:40])
    return tokens


def embed(E, ids):
    """The rows e_j of E: what Eᵀ o_j gives for one-hot o_j, looked up, not multiplied (`one-hot-lookup`).

    E: `(V, dim)`; ids: integers of any shape; `(*ids.shape, dim)` out.
    Raises ValueError on ids outside the vocabulary, unless E is a matrix.
    """
    E = _check.array("E", E, ndim=(2,))
    return E[_check.ids("ids", ids, len(E))]


def cosine_similarity(u, v):
    """uᵀv / (‖u‖ ‖v‖), in [−1, 1] (`cosine-similarity`).

    u: `(dim,)`; v: `(dim,)` for one number, or `(n, dim)` for one a row, `(n,)`.
    Raises ValueError unless the sizes agree, and on a vector of zeros, which has no direction.
    """
    u, v = _check.array("u", u, ndim=(1,)), _check.array("v", v, ndim=(1, 2))
    if v.shape[-1] != u.size:
        raise _check.error("v", f"{u.size} columns, as u has entries", f"shape {v.shape}")
    return _direction("v", v) @ _direction("u", u)


def _direction(name, x):
    """x, or each of its rows, divided by its length."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    if not length.all():
        raise _check.error(name, "vectors other than 0", "a vector of zeros")
    return x / length


def nearest(E, vector, n=1, exclude=()):
    """The ids of the n words whose e_j are most similar to vector by cosine, the most similar first, `(n,)`.

    E: `(V, dim)`; vector: `(dim,)`; exclude: ids that may not be among them.
    Raises ValueError where cosine_similarity does, on ids outside the vocabulary, and unless n is a positive
    integer, at most the number of words that are left.
    """
    similarity = cosine_similarity(vector, _check.array("E", E, ndim=(2,)))
    left = np.ones(len(similarity), dtype=bool)
    if np.size(exclude):
        left[_check.ids("exclude", exclude, len(left))] = False
    if _check.integer("n", n) > left.sum():
        raise _check.error("n", f"at most the {left.sum()} words that are left", n)
    return np.argsort(np.where(left, -similarity, np.inf), kind="stable")[:n]


def analogy(E, a, b, c):
    """a is to b as c is to …: the word most similar to e_b − e_a + e_c, other than these three (`analogy`).

    E: `(V, dim)`; a, b, c: ids. Returns an id. Raises ValueError where nearest does.
    Mikolov, Yih and Zweig 2013.
    """
    e_a, e_b, e_c = embed(E, [a, b, c])
    return int(nearest(E, e_b - e_a + e_c, exclude=[a, b, c])[0])


def window_pairs(ids, window, both_sides=False):
    """Contexts of fixed size and their targets, for a language model on a window (`window-softmax`).

    ids: `(T,)`. Context: the `window` words before the target; with both_sides as many after it as well.
    Returns `(contexts, targets)`, `(m, n)` and `(m,)`: targets without a full context are left out.
    Raises ValueError on other ids, unless window is a positive integer, and on a text too short for one pair.
    """
    ids, window = _check.ids("ids", ids, ndim=(1,)), _check.integer("window", window)
    width = 1 + window * (2 if both_sides else 1)
    if len(ids) < width:
        raise _check.error("ids", f"at least {width} words", len(ids))
    windows = np.lib.stride_tricks.sliding_window_view(ids, width)
    return np.delete(windows, window, axis=1), windows[:, window].copy()


def skipgram_pairs(ids, window):
    """Every word as centre with each word at most `window` places away as target, in the order of the text.

    ids: `(T,)`. Returns `(m, 2)`: centre, target; a text of one word has no pairs. Raises ValueError on other
    ids, and unless window is a positive integer. Mikolov, Chen, Corrado and Dean 2013.
    """
    ids, window = _check.ids("ids", ids, ndim=(1,)), _check.integer("window", window)
    near = np.arange(len(ids))[:, np.newaxis] + np.r_[-window:0, 1 : window + 1]
    inside = (near >= 0) & (near < len(ids))
    return np.column_stack([np.repeat(ids, inside.sum(axis=1)), ids[near[inside]]])


def skipgram_softmax_loss(E, theta, centers, targets):
    """Mean of −log ŷ_t over the pairs, ŷ = softmax(Θ e_c) over all V words, and its gradients.

    Formulas `skipgram-softmax`, `skipgram-loss`, `skipgram-grad-center`, `skipgram-grad-output`; the
    gradients hold the 1/m. E, theta: `(V, dim)`; centers, targets: ids, `(m,)`. Returns `(loss, dE, dtheta)`.
    Raises ValueError where shapes or lengths don't match, and on ids outside the vocabulary.
    Mikolov, Chen, Corrado and Dean 2013.
    """
    E, theta, centers, targets = _pairs(E, theta, centers, targets)
    e = E[centers]
    loss, d_logits = softmax_cross_entropy(_scores(e, theta), one_hot(targets, len(theta)))
    dE = np.zeros(E.shape)
    _add_rows(dE, centers, d_logits @ theta)
    return loss, dE, d_logits.T @ e


def negative_sampling_loss(E, theta, centers, targets, noise):
    """Mean of −log σ(θ_tᵀe_c) − Σ_k log σ(−θ_{n_k}ᵀe_c) over the pairs, and its gradients.

    Formulas `negative-sampling-loss`, `negative-sampling-grads`; the 1/m is in the gradients.
    E, theta: `(V, dim)`; centers, targets: ids, `(m,)`; noise: ids, `(m, K)`. Returns `(loss, dE, dtheta)`.
    Raises ValueError where shapes or lengths don't match, and on ids outside the vocabulary.
    Mikolov, Sutskever, Chen, Corrado and Dean 2013.
    """
    E, theta, centers, targets = _pairs(E, theta, centers, targets)
    noise = _check.ids("noise", noise, len(theta), ndim=(2,))
    m = len(centers)
    if len(noise) != m:
        raise _check.error("noise", f"{m} rows, one for each pair", f"shape {noise.shape}")
    words = np.column_stack([targets, noise])
    losses, de, dwords = _binary_steps(E[centers], theta[words])
    dE, dtheta = np.zeros(E.shape), np.zeros(E.shape)
    _add_rows(dE, centers, de / m)
    _add_rows(dtheta, words, dwords / m)
    return losses.mean(), dE, dtheta


def _pairs(E, theta, centers, targets):
    E = _check.array("E", E, ndim=(2,))
    theta = _check.array("theta", theta, shape=E.shape)
    centers = _check.ids("centers", centers, len(E), ndim=(1,))
    targets = _check.ids("targets", targets, len(E), ndim=(1,))
    if len(targets) != len(centers):
        raise _check.error("targets", f"{len(centers)} ids, one for each centre", len(targets))
    return E, theta, centers, targets


def _binary_steps(e, theta, rate=1.0):
    """Losses of the pairs, `(m,)`, and `rate` times their gradients with respect to the rows that each one touches.

    e: `(m, dim)`; theta: `(m, 1 + K, dim)`, of the target first, then of the noise words.
    """
    sign = np.where(np.arange(theta.shape[1]) == 0, 1.0, -1.0)
    z = sign * _scores(e, theta)
    d_scores = -rate * sign * sigmoid(-z)
    de = np.einsum("mk,mkd->md", d_scores, theta)
    return np.logaddexp(0, -z).sum(axis=1), de, np.einsum("mk,md->mkd", d_scores, e)


def _scores(e, theta):
    """Products of each row e with all the rows of theta, or with its own ones, if float64 can hold them."""
    with np.errstate(over="ignore", invalid="ignore"):
        scores = e @ theta.T if theta.ndim == 2 else np.einsum("md,mkd->mk", e, theta)
    if not np.isfinite(scores).all():
        raise _check.error("E, theta", "rows whose products float64 can hold", "an overflow")
    return scores


def _add_rows(M, ids, rows):
    """M[ids] += rows for ids that may repeat, in place; M in C order.

    NumPy adds fastest at places of a flat array, and two numbers at once if it takes them for a complex one.
    """
    pair = np.complex128 if M.shape[1] % 2 == 0 else np.float64
    flat, added = M.reshape(-1).view(pair), np.ascontiguousarray(rows).reshape(-1).view(pair)
    width = flat.size // len(M)
    places = ids.reshape(-1, 1) * width + np.arange(width)
    with np.errstate(over="ignore"):
        np.add.at(flat, places.reshape(-1), added)


def noise_distribution(counts, power=0.75):
    """Probabilities f_j^power / Σ_i f_i^power with which noise words are drawn (`noise-distribution`).

    counts: how often each word occurs, `(V,)`; power: 1 for the words' own law, 0 for the uniform one (of the
    words that occur). Raises ValueError on counts below 0, or all 0, and unless power is at least 0.
    Mikolov, Sutskever, Chen, Corrado and Dean 2013.
    """
    counts, power = _check.array("counts", counts, ndim=(1,)), _check.non_negative("power", power)
    if counts.min() < 0 or counts.max() == 0:
        raise _check.error("counts", "numbers of at least 0, not all 0", f"{counts.min()} to {counts.max()}")
    weights = np.where(counts > 0, (counts / counts.max()) ** power, 0.0)
    return weights / weights.sum()


def train_skipgram(pairs, noise, dim, rng, K=5, epochs=5, lr=0.025, batch_size=64):
    """Skip-gram by negative sampling: stochastic gradient descent, whose rate falls linearly to 0.

    A step moves by lr times the **sum** of the gradients of batch_size pairs, as if they came one by one.
    pairs: `(m, 2)`, from skipgram_pairs; noise: `(V,)`, from noise_distribution; K: noise words a pair, drawn
    anew each time. E starts uniform within ±1/(2 dim), theta at 0.
    Returns `(E, theta, costs)`: `(V, dim)` twice, and the mean loss on the way, `(epochs,)`.
    Raises ValueError unless pairs are ids, noise probabilities, and dim, K, epochs, batch_size positive
    integers, lr > 0, rng a Generator, and at an lr at which the vectors leave float64.
    """
    noise = _check.distribution("noise", noise)
    if noise.ndim != 1:
        raise _check.error("noise", "shape (V,)", f"shape {noise.shape}")
    pairs = _check.ids("pairs", pairs, len(noise), ndim=(2,))
    if pairs.shape[1] != 2:
        raise _check.error("pairs", "shape (m, 2)", f"shape {pairs.shape}")
    dim, K, epochs = _check.integer("dim", dim), _check.integer("K", K), _check.integer("epochs", epochs)
    lr, batch_size = _check.positive("lr", lr), _check.integer("batch_size", batch_size)
    m, V = len(pairs), len(noise)
    E = _check.generator(rng).uniform(-0.5 / dim, 0.5 / dim, (V, dim))
    theta, costs = np.zeros_like(E), np.zeros(epochs)
    diverged = _check.error("lr", "a rate at which the vectors stay finite", lr)
    for epoch in range(epochs):
        centers, targets = rng.permutation(pairs).T
        words = np.column_stack([targets, rng.choice(V, (m, K), p=noise / noise.sum())])
        for start in range(0, m, batch_size):
            c, w = centers[start : start + batch_size], words[start : start + batch_size]
            rate = lr * (1 - (epoch * m + start) / (epochs * m))
            try:
                losses, de, dwords = _binary_steps(E[c], theta[w], -rate)
            except ValueError as overflow:
                raise diverged from overflow
            _add_rows(E, c, de)
            _add_rows(theta, w, dwords)
            costs[epoch] += losses.sum() / m
    if not np.isfinite([E, theta]).all():
        raise diverged
    return E, theta, costs
