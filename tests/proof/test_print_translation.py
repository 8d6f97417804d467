"""Chapter 16 as printed: decoding, BLEU and attention against `notesrc.translation` and `notesrc.seq2seq`."""

import itertools
import math
from collections import Counter

import numpy as np
import scipy.special
from chapter import Chapter, PrintedChapter, moments

from notesrc.attention import attention, attention_backward, multi_head_attention
from notesrc.bleu import bleu, brevity_penalty, clipped_precision
from notesrc.gated import gru_forward
from notesrc.gradcheck import complex_step_gradient
from notesrc.seq2seq import flatten, forward, init_seq2seq, unflatten
from notesrc.softmax import log_softmax, one_hot
from notesrc.translation import beam_search, greedy_search, length_penalty_factor, sequence_log_prob
from proof import Binding, random_name

CHAPTER = Chapter("16-translation")
RANDOM = random_name()
T_Y, T_X, D, D_V = 4, 5, 3, 2  # queries, keys, their size, that of values: none can stand in for another
END = 3


def row_softmax(E):
    return scipy.special.softmax(E, axis=1)


# Decoding


def language(rng):
    """A model over four tokens: other probabilities after each prefix."""
    seed = int(rng.integers(2**32))

    def model(prefix):
        return log_softmax(np.random.default_rng([seed, *prefix]).normal(size=END + 1))

    return model


@CHAPTER.binds("conditional-lm", "beam-score", "length-normalisation")
def one_sentence(rng):
    model, alpha = language(rng), rng.uniform(0.3, 0.9)
    y = (*rng.integers(0, END, 4).tolist(), END)
    found = beam_search(model, 4**5, 5, END, length_penalty=alpha)
    one = next(hypothesis for hypothesis in found if hypothesis.tokens == y)
    before = [0.0, *(sequence_log_prob(model, y[:t], END) for t in range(1, len(y) + 1))]
    names = {
        r"p(y \mid x)": math.exp(one.log_prob),
        r"p(y_# \mid y_{<#}, x)": {(t, t): math.exp(model(y[: t - 1])[y[t - 1]]) for t in range(1, 6)},
        r"p(y_{\le #} \mid x)": {t: math.exp(before[t]) for t in range(1, 6)},
        r"p(y_{<#} \mid x)": {t: math.exp(before[t - 1]) for t in range(1, 6)},
        r"\operatorname{score}(y)": one.score,
        r"\alpha": alpha,
        "T": 5,
    }
    return Binding(names, forall={"t": range(1, 6)})


@CHAPTER.binds("greedy-choice")
def step_by_step(rng):
    model = language(rng)
    y_hat = greedy_search(model, 5, END).tokens
    steps = range(1, len(y_hat) + 1)
    names = {
        r"\hat{y}_#": dict(zip(steps, y_hat)),
        "p_#": {t: lambda w, t=t: math.exp(model(y_hat[: t - 1])[w]) for t in steps},
    }
    return Binding(names, forall={"t": steps, "w": range(END + 1)})


@CHAPTER.binds("length-penalty-gnmt")
def google(rng):
    T, alpha = int(rng.integers(2, 30)), rng.uniform(0.3, 0.9)
    lp = {r"\operatorname{lp}": lambda T: length_penalty_factor(T, alpha, k=5)}
    return Binding(lp | {"T": T, r"\alpha": alpha})


# BLEU


@CHAPTER.binds("bleu-precision")
def counted(rng):
    """Each reference has more of some n-gram than the other."""
    n, mixed = int(rng.integers(1, 3)), False
    while not mixed:
        candidate, *references = (rng.integers(0, 3, size).tolist() for size in (12, 7, 8))
        found, *most = (Counter(windows(tokens, n)) for tokens in (candidate, *references))
        mixed = {np.sign(most[0][g] - most[1][g]) for g in found} >= {-1, 1}
    grams = list(found)
    names = {
        "p_#": {n: np.divide(*clipped_precision(candidate, references, n))},
        "C_#": {n: lambda g: found[grams[g]]},
        "R_{#,#}": {(n, k): lambda g, k=k: most[k - 1][grams[g]] for k in (1, 2)},
    }
    return Binding(names, forall={"n": [n], "g": range(len(grams)), "k": [1, 2]})


def windows(tokens, n):
    return (tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


@CHAPTER.binds("bleu-brevity")
def lengths(rng):
    c, r = [(5, 7), (6, 6), (8, 5)][rng.integers(3)]  # the five draws see all three
    return Binding({r"\mathrm{BP}": brevity_penalty(c, r), "c": c, "r": r})


@CHAPTER.binds("bleu")
def marked(rng):
    candidate = [3, *rng.integers(0, 3, 11).tolist()]  # 3 stands in no reference
    reference = [*candidate[1:6], *rng.integers(0, 3, 4), *candidate[6:]]
    N = int(rng.integers(2, 5))
    names = {
        r"\operatorname{BLEU}": bleu(candidate, [reference], max_n=N),
        r"\mathrm{BP}": brevity_penalty(12, 15),
        "p_#": [np.divide(*clipped_precision(candidate, [reference], n)) for n in range(1, N + 1)],
        "N": N,
    }
    return Binding(names)


# The encoder–decoder, with attention and without


def translator(rng, V=4, n=3):
    """f and g: one step of a GRU each. Their states are those that forward keeps."""
    params = init_seq2seq(V, n, rng, attend=True)
    params = unflatten(rng.normal(size=flatten(params).size), params)
    plain = params._replace(W_a=None, W_c=None)
    x, y = rng.integers(0, V - 1, (T_X, 1)), rng.integers(0, V - 1, (T_Y, 1))
    logits, cache = forward(x, y, params)
    without, _ = forward(x, y, plain)
    h = {0: np.zeros(n)} | {j: cache.H[j - 1, 0] for j in range(1, T_X + 1)}
    s = {t: cache.S[t - 1, 0] for t in range(1, T_Y + 1)}
    tokens = np.vstack([[[V - 1]], y])

    def step(cell):
        return lambda a, one: gru_forward(one[np.newaxis, np.newaxis], a[np.newaxis], cell)[0][0, 0]

    names = {
        "h_#": h,
        "s_#": s | {0: cache.decoded.stack[0, 0, :n]},
        "x_#": {j: one_hot(x[j - 1], V)[0] for j in range(1, T_X + 1)},
        "y_#": {t: one_hot(tokens[t], V)[0] for t in range(T_Y)},
        "f": step(params.encoder),
        "g": step(params.decoder),
        r"\operatorname{softmax}": scipy.special.softmax,
        "W_s": params.W_s,
        "b": params.b,
        "T_x": T_X,
        "n": n,
    }
    forall = {"t": range(1, T_Y + 1), "j": range(1, T_X + 1)}
    attended = {
        "W_a": params.W_a,
        "W_c": params.W_c,
        "c_#": {t: cache.contexts[t - 1, 0] for t in range(1, T_Y + 1)},
        r"\alpha_{##}": cache.weights[0],
    }
    probabilities = {
        which: {t: scipy.special.softmax(z[t - 1, 0]) for t in range(1, T_Y + 1)}
        for which, z in (("with", logits), ("without", without))
    }
    return names, attended, probabilities, forall


@CHAPTER.binds("attention-context", "attention-readout")
def attending(rng):
    names, attended, probabilities, forall = translator(rng)
    return Binding(names | attended | {"p_#": probabilities["with"]}, forall=forall)


@CHAPTER.binds("encoder-decoder")
def not_attending(rng):
    names, _, probabilities, forall = translator(rng)
    return Binding(names | {"p_#": probabilities["without"]}, forall=forall)


@CHAPTER.binds("attention-weights")
def scored(rng):
    """With one more key, of score 0, the logarithm of two weights is the score of the other."""
    names, attended, _, forall = translator(rng)
    s = np.array([names["s_#"][t] for t in forall["t"]])
    h = np.array([*(names["h_#"][j] for j in forall["j"]), np.zeros(s.shape[1])])
    _, weights = attention(s @ attended["W_a"], h, h)
    return Binding(names | attended | {"e_{##}": np.log(weights[:, :-1] / weights[:, -1:])}, forall=forall)


# Scaled dot-product attention


def queries(rng):
    return rng.normal(size=(T_Y, D)), rng.normal(size=(T_X, D)), rng.normal(size=(T_X, D_V))


def attend(Q, K, V):
    return attention(Q, K, V)[0]


@CHAPTER.binds("scaled-dot-product-attention")
def attended(rng):
    Q, K, V = queries(rng)
    names = {
        r"\operatorname{Attention}": attend,
        r"\operatorname{softmax}": row_softmax,
        "Q": Q,
        "K": K,
        "V": V,
        "d": D,
    }
    return Binding(names)


@CHAPTER.binds("attention-permutation")
def reordered(rng):
    """As many queries as keys, and a permutation that is not its own inverse."""
    Q, K, V = rng.normal(size=(T_X, D)), *queries(rng)[1:]
    P = np.roll(np.eye(T_X), int(rng.integers(1, T_X)), axis=0)
    return Binding({r"\operatorname{Attention}": attend, "P": P, "Q": Q, "K": K, "V": V})


@CHAPTER.binds("multi-head")
def many_heads(rng, h=4, n=6):
    Q, K, V = (rng.normal(size=(T, n)) for T in (T_Y, T_X, T_X))
    W_q, W_k = rng.normal(size=(2, h, n, D))
    W_v, W_o = rng.normal(size=(h, n, D_V)), rng.normal(size=(h, D_V, n))
    names = {
        r"\operatorname{MultiHead}": lambda Q, K, V: multi_head_attention(Q, K, V, W_q, W_k, W_v, W_o),
        r"\operatorname{Attention}": attend,
        "Q": Q,
        "K": K,
        "V": V,
        "W_#^Q": list(W_q),
        "W_#^K": list(W_k),
        "W_#^V": list(W_v),
        "W_#^O": list(W_o),
        "H": h,
    }
    return Binding(names)


@CHAPTER.binds("causal-mask")
def only_the_past(rng):
    T = 4
    Q, K, V = rng.normal(size=(3, T, T))
    _, weights = attention(Q, K, V, mask=np.tri(T, dtype=bool))
    e = Q @ K.T / math.sqrt(T)
    places = range(1, T + 1)
    return Binding({r"\alpha_{##}": weights, "e_{##}": e}, forall={"t": places, "j": places})


@CHAPTER.binds("dot-product-variance")
def signs(rng):
    """Every entry takes two values with mean 0, all combinations, of variances whose products sum to d."""
    d = 3
    sizes = rng.uniform(0.5, 2, (2, d))
    sizes *= (d / np.sum(sizes.prod(axis=0) ** 2)) ** 0.25
    outcomes = []
    for sign in itertools.product((-1, 1), repeat=2 * d):
        q, k = sizes * np.reshape(sign, (2, d))
        outcomes.append({"q": q, "k": k, "q_#": q, "k_#": k})
    names = {"q": RANDOM, "k": RANDOM, "q_#": RANDOM, "k_#": RANDOM, "d": d}
    return Binding(names | moments(outcomes))


# Backwards


@CHAPTER.binds(
    "attention-backward-v",
    "attention-backward-weights",
    "attention-backward-scores",
    "attention-backward-chain",
    "attention-backward-q",
    "attention-backward-k",
)
def gradients(rng):
    """∂J/∂A by complex steps; ∂J/∂E from the book: with keys √T_x I the queries are the scores."""
    Q, K, V = queries(rng)
    out, A = attention(Q, K, V)
    d_out = rng.normal(size=out.shape)
    dQ, dK, dV = attention_backward(d_out, Q, K, V, A)
    E = Q @ K.T / math.sqrt(D)
    dE = attention_backward(d_out, E, math.sqrt(T_X) * np.eye(T_X), V, A)[0]
    dA = complex_step_gradient(lambda A: np.sum(d_out * (A @ V)), A)
    names = {
        r"\frac{\partial J}{\partial V}": dV,
        r"\frac{\partial J}{\partial O}": d_out,
        r"\frac{\partial J}{\partial A}": dA,
        r"\frac{\partial J}{\partial A_{##}}": dA,
        r"\frac{\partial J}{\partial E}": dE,
        r"\frac{\partial J}{\partial E_{##}}": dE,
        r"\frac{\partial J}{\partial Q}": dQ,
        r"\frac{\partial J}{\partial K}": dK,
        r"\delta_{##}": lambda k, j: float(k == j),
        "A": A,
        "A_{##}": A,
        "Q": Q,
        "K": K,
        "V": V,
        "d": D,
        "T_x": T_X,
    }
    return Binding(names, forall={"t": range(1, T_Y + 1), "j": range(1, T_X + 1)})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
