"""Chapter 15 as printed: language models, ELMo and character convolution against `notesrc.language_model`."""

import numpy as np
import scipy.special
from chapter import Chapter, PrintedChapter

from notesrc.language_model import (
    bidirectional_log_likelihood,
    char_convolution,
    char_convolution_backward,
    char_feature_map,
    elmo,
    elmo_backward,
    log_likelihood,
    ngram_counts,
    ngram_probabilities,
    perplexity,
)
from proof import Binding

CHAPTER = Chapter("15-language-models")
N, VOCAB = 4, 3  # tokens and words: unequal
LAYERS = 3  # above the token layer
M, D, W, FILTERS = 7, 5, 3, 4  # characters, numbers each, width, filters: unequal

# Typos that no value can show, by label: {LaTeX: why}.
OTHER_WAY = "the chain rule holds in both directions: this is the other formula"
EQUIVALENT = {
    "lm-chain-rule": {r"p(t_{1:N}) = \prod_{k=1}^{N} p(t_k \mid t_{>k})": OTHER_WAY},
    "lm-chain-rule-backward": {r"p(t_{1:N}) = \prod_{k=1}^{N} p(t_k \mid t_{<k})": OTHER_WAY},
}


@CHAPTER.binds("lm-chain-rule", "lm-chain-rule-backward")
def joint_table(rng):
    """Every conditional is a quotient of two sums over the table; the left side goes through logits."""
    joint = rng.dirichlet(np.ones(VOCAB**N)).reshape((VOCAB,) * N)
    t = rng.integers(0, VOCAB, N)

    def law(k, known):
        """p(t_k = · | t_i for i in known), positions from 0."""
        table = joint[tuple(t[i] if i in known else slice(None) for i in range(N))]
        free = [i for i in range(N) if i not in known]
        marginal = table.sum(axis=tuple(axis for axis, i in enumerate(free) if i != k))
        return marginal / marginal.sum()

    before = [law(k, range(k)) for k in range(N)]
    after = [law(k, range(k + 1, N)) for k in range(N)]

    def given(rows):
        return lambda k, same: rows[k - 1][t[k - 1]] if k == same else np.nan

    return Binding(
        {
            "p(t_{1:N})": np.exp(log_likelihood(np.log(before), t)),
            r"p(t_# \mid t_{<#})": given(before),
            r"p(t_# \mid t_{>#})": given(after),
            "N": N,
        }
    )


@CHAPTER.binds("ngram-probability")
def bigram(rng):
    V, alpha = 5, rng.uniform(1.5, 3)
    ids = rng.integers(0, V, 60)
    u, v = ids[:2]  # a pair that occurs
    pairs = list(zip(ids[:-1], ids[1:], strict=True))

    def c(first, *second):
        return pairs.count((first, *second)) if second else [pair[0] for pair in pairs].count(first)

    p = ngram_probabilities(ngram_counts(ids, 2, V), alpha)
    return Binding(
        {
            r"p_\alpha(v \mid u)": p[u, v],
            "c": c,
            "u": u,
            "v": v,
            r"\alpha": alpha,
            "V": V,
        }
    )


def sequence(rng, length=N, vocab=VOCAB):
    return 2 * rng.normal(size=(length, vocab)), rng.integers(0, vocab, length)


def of_each(logits, ids):
    """p(t_k | …) for k from 1, both times that k is printed."""
    p = scipy.special.softmax(logits, axis=1)[np.arange(len(ids)), ids]
    return lambda k, same: p[k - 1] if k == same else np.nan


@CHAPTER.binds("cross-entropy-per-token", "perplexity", "perplexity-base")
def per_token(rng):
    logits, ids = sequence(rng)
    ell = log_likelihood(logits, ids)
    each = scipy.special.softmax(logits, axis=1)[np.arange(N), ids]
    names = {
        "H": np.log(perplexity(ell, N)),
        r"\operatorname{PPL}": perplexity(ell, N),
        "p(t_{1:N})": np.prod(each),
        r"p(t_# \mid t_{<#})": of_each(logits, ids),
        "N": N,
    }
    return Binding(names, forall={"b": [2, 3, 10]}, defines=("H_#",))


@CHAPTER.binds("perplexity-units")
def two_units(rng):
    ell, words, characters = -rng.uniform(5, 9), 3, 11
    return Binding(
        {
            r"\operatorname{PPL}_w": perplexity(ell, words),
            r"\operatorname{PPL}_c": perplexity(ell, characters),
            "N_w": words,
            "N_c": characters,
        }
    )


@CHAPTER.binds("forward-log-likelihood", "backward-log-likelihood", "bidirectional-log-likelihood")
def two_directions(rng):
    forward, ids = sequence(rng)
    backward, _ = sequence(rng)
    return Binding(
        {
            r"\ell": bidirectional_log_likelihood(forward, backward, ids),
            r"\overrightarrow{\ell}": log_likelihood(forward, ids),
            r"\overleftarrow{\ell}": log_likelihood(backward, ids),
            r"p(t_# \mid t_{<#} ; \theta_x, \overrightarrow{\theta}, \theta_s)": of_each(forward, ids),
            r"p(t_# \mid t_{>#} ; \theta_x, \overleftarrow{\theta}, \theta_s)": of_each(backward, ids),
            "N": N,
        }
    )


@CHAPTER.binds("elmo-weights", "elmo-combination", "elmo-gradients")
def mixture(rng):
    """The weights are measured: of layers that are one everywhere in turn, elmo returns s_j."""
    h, omega = rng.normal(size=(LAYERS + 1, N, 2)), rng.normal(size=LAYERS + 1)
    gamma, g = rng.uniform(1.5, 3), rng.normal(size=(N, 2))
    unit = np.broadcast_to(np.eye(LAYERS + 1)[:, np.newaxis], (LAYERS + 1, 1, LAYERS + 1))
    s = elmo(unit, omega, 1.0)[0]
    _, d_omega, d_gamma = elmo_backward(g, h, omega, gamma)
    names = {
        "s_#": dict(enumerate(s)),
        r"\omega_#": dict(enumerate(omega)),
        r"\operatorname{ELMo}_#": list(elmo(h, omega, gamma)),
        "h_{#,#}": lambda k, j: h[j, k - 1],
        r"\gamma": gamma,
        "g_#": list(g),
        r"\frac{\partial J}{\partial \gamma}": d_gamma,
        r"\frac{\partial J}{\partial \omega_#}": dict(enumerate(d_omega)),
        "L": LAYERS,
        "N": N,
    }
    return Binding(names, forall={"j": range(LAYERS + 1), "k": range(1, N + 1)}, defines=("r_#",))


@CHAPTER.binds("char-convolution", "char-max-pool", "char-convolution-gradients")
def convolution(rng):
    """Where a filter was largest is measured: the gradient by the filter is that window times δ."""
    x, F, b = rng.normal(size=(M, D)), 0.4 * rng.normal(size=(FILTERS, W, D)), rng.normal(size=FILTERS)
    d_y = rng.normal(size=FILTERS)
    y, cache = char_convolution(x, F, b)
    _, d_F, d_b = char_convolution_backward(d_y, cache)
    windows = np.stack([x[i : i + W] for i in range(M - W + 1)])
    misfit = np.abs(d_F[:, np.newaxis] - np.multiply.outer(d_b, windows)).sum(axis=(2, 3))
    names = {
        "a_{##}": char_feature_map(x, F, b),
        "y_#": y,
        "i_#": 1 + misfit.argmin(axis=1),
        r"\delta_#": d_b,
        "b_#": b,
        "F_{###}": lambda f, j, c: F[f - 1, j - 1, c - 1],
        "x_{#,#}": x,
        r"\frac{\partial J}{\partial y_#}": d_y,
        r"\frac{\partial J}{\partial b_#}": d_b,
        r"\frac{\partial J}{\partial F_{###}}": lambda f, j, c: d_F[f - 1, j - 1, c - 1],
        "m": M,
        "w": W,
        "d": D,
    }
    places = {"i": M - W + 1, "j": W, "c": D, "f": FILTERS}
    forall = {letter: range(1, count + 1) for letter, count in places.items()}
    return Binding(names, forall=forall)


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
