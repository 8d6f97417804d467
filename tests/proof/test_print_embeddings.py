"""Chapter 14 as printed: word embeddings, skip-gram, negative sampling and GloVe against `notesrc`."""

import numpy as np
import scipy.optimize
from chapter import Chapter, PrintedChapter

from notesrc.activations import sigmoid
from notesrc.embeddings import (
    analogy,
    cooccurrence,
    cosine_similarity,
    embed,
    glove_loss,
    glove_weight,
    negative_sampling_loss,
    noise_distribution,
    skipgram_softmax_loss,
    train_glove,
    window_pairs,
)
from notesrc.mlp import forward
from notesrc.optimizers import SGD
from notesrc.softmax import one_hot, softmax
from proof import Binding

CHAPTER = Chapter("14-embeddings")
V, DIM, K = 6, 3, 2  # words, entries of a vector, noise words: unequal, so that none can stand in for another
WORDS = range(1, V + 1)


def tables(rng):
    return rng.normal(size=(2, V, DIM))


@CHAPTER.binds("one-hot-orthogonal")
def one_hot_vectors(rng):
    return Binding({"o_#": one_hot(np.arange(V), V)}, forall={"i": WORDS, "j": WORDS})


@CHAPTER.binds("one-hot-lookup")
def lookup(rng):
    E = rng.normal(size=(V, DIM))
    names = {"E": E, "o_#": one_hot(np.arange(V), V), "e_#": embed(E, np.arange(V))}
    return Binding(names, forall={"j": WORDS})


@CHAPTER.binds("window-softmax")
def language_model(rng):
    """The words before the target are joined oldest first, so that the last block belongs to the newest."""
    n, hidden, T = 3, 4, 5
    E, w = rng.normal(size=(V, DIM)), rng.permutation(V)[:T]
    H, b_h = rng.normal(size=(hidden, n * DIM)), rng.normal(size=hidden)
    U, b_y = rng.normal(size=(V, hidden)), rng.normal(size=V)
    contexts, _ = window_pairs(w, n)
    X = embed(E, contexts).reshape(len(contexts), n * DIM)
    logits, cache = forward(X, [(H, b_h), (U, b_y)], "tanh")
    names = {
        "h": cache[0][1][0][-1],
        r"\hat{y}": softmax(logits[-1]),
        r"\tanh": np.tanh,
        r"\operatorname{softmax}": softmax,
        "H_#": dict(enumerate(np.split(H, n, axis=1)[::-1], start=1)),
        "e_#": E,
        "w_#": (w + 1).tolist(),
        "b_h": b_h,
        "b_y": b_y,
        "U": U,
        "n": n,
        "t": T,
    }
    return Binding(names)


@CHAPTER.binds("skipgram-softmax", "skipgram-loss", "skipgram-grad-center", "skipgram-grad-output")
def full_softmax(rng):
    (E, theta), (c, t) = tables(rng), rng.permutation(V)[:2]
    loss, dE, dtheta = skipgram_softmax_loss(E, theta, [c], [t])
    probabilities = [np.exp(-skipgram_softmax_loss(E, theta, [c], [j])[0]) for j in range(V)]
    names = {
        "L": loss,
        "e_c": E[c],
        r"\theta_#": theta,
        r"\hat{y}_#": probabilities,
        "y_#": one_hot(t, V),
        r"\frac{\partial L}{\partial e_c}": dE[c],
        r"\frac{\partial L}{\partial \theta_#}": dtheta,
        "t": int(t) + 1,
        "V": V,
    }
    return Binding(names, forall={"j": WORDS})


@CHAPTER.binds("negative-sampling-loss", "negative-sampling-grads")
def binary_classifiers(rng):
    E, theta = tables(rng)
    c, t, *noise = rng.permutation(V)[: 2 + K].tolist()
    loss, dE, dtheta = negative_sampling_loss(E, theta, [c], [t], [noise])
    names = {
        "L": loss,
        "e_c": E[c],
        r"\theta_#": theta,
        r"\sigma": sigmoid,
        r"\frac{\partial L}{\partial e_c}": dE[c],
        r"\frac{\partial L}{\partial \theta_t}": dtheta[t],
        r"\frac{\partial L}{\partial \theta_{n_#}}": np.array([dtheta[n] for n in noise]),
        "n_#": [n + 1 for n in noise],
        "t": t + 1,
        "K": K,
    }
    return Binding(names, forall={"k": range(1, K + 1)})


@CHAPTER.binds("noise-distribution")
def noise_law(rng):
    counts, alpha = rng.integers(1, 50, V), rng.uniform(0.4, 0.9)
    names = {"p_#": noise_distribution(counts, alpha), "f_#": counts, r"\alpha": alpha, "V": V}
    return Binding(names, forall={"j": WORDS})


@CHAPTER.binds("cosine-similarity")
def directions(rng):
    u, v = rng.normal(size=(2, DIM))
    return Binding({r"\operatorname{sim}": cosine_similarity, "u": u, "v": v})


@CHAPTER.binds("analogy")
def question(rng):
    """Many words all around, so that a wrong sum meets another one."""
    E = rng.normal(size=(40, DIM))
    a, b, c = rng.permutation(len(E))[:3].tolist()
    others = [w + 1 for w in range(len(E)) if w not in (a, b, c)]
    names = {
        r"\hat{w}": analogy(E, a, b, c) + 1,
        r"\operatorname{sim}": cosine_similarity,
        "e_#": E,
        "a": a + 1,
        "b": b + 1,
        "c": c + 1,
    }
    return Binding(names, forall={"w": others})


@CHAPTER.binds("cooccurrence")
def counted(rng):
    """N is counted place by place, from each word to both sides."""
    n = 3
    ids = rng.integers(0, V, 40)
    N = np.zeros((n + 1, V, V))
    for s, i in enumerate(ids):
        for t, j in enumerate(ids):
            if 0 < abs(s - t) <= n:
                N[abs(s - t), i, j] += 1
    names = {"X_{##}": cooccurrence(ids, V, n), "N_{##}^{(#)}": lambda i, j, k: N[k, i - 1, j - 1], "n": n}
    return Binding(names, forall={"i": WORDS, "j": WORDS})


@CHAPTER.binds("glove-objective", "glove-grads")
def counts_fitted(rng):
    E, theta = tables(rng)
    (b, b_theta), X = rng.normal(size=(2, V)), rng.uniform(0.5, 20, (V, V))
    x_max, alpha = rng.uniform(8, 15), rng.uniform(0.4, 0.9)
    J, (dE, dtheta, db, db_theta) = glove_loss(E, theta, b, b_theta, X, x_max, alpha)
    names = {
        "J": J,
        "f": lambda x: glove_weight(x, x_max, alpha),
        "X_{##}": X,
        "e_#": E,
        r"\theta_#": theta,
        "b_#": b,
        r"\tilde{b}_#": b_theta,
        r"\frac{\partial J}{\partial e_#}": dE,
        r"\frac{\partial J}{\partial \theta_#}": dtheta,
        r"\frac{\partial J}{\partial b_#}": db,
        r"\frac{\partial J}{\partial \tilde{b}_#}": db_theta,
        "V": V,
    }
    return Binding(names, forall={"i": WORDS, "j": WORDS}, defines=("r_{##}",))


@CHAPTER.binds("glove-weight")
def weight(rng):
    x_max, alpha = rng.uniform(8, 15), rng.uniform(0.4, 0.9)
    names = {"f": lambda x: glove_weight(x, x_max, alpha), r"x_{\max}": x_max, r"\alpha": alpha}
    return Binding(names, forall={"x": [0.3 * x_max, x_max, 1.5 * x_max]})


@CHAPTER.binds("glove-average")
def both_roles(rng):
    """The mean is what stays in place when the two roles are swapped."""
    E, theta, _ = train_glove(rng.uniform(0.5, 20, (V, V)), DIM, SGD(0.01), 2, rng)
    names = {r"\bar{e}_#": (theta - (theta - E) / 2), "e_#": E, r"\theta_#": theta}
    return Binding(names, forall={"j": WORDS})


@CHAPTER.binds("sgns-optimum")
def best_score(rng):
    """Where the expected slope of the loss, by theta of the word, is zero."""
    q, p, K = rng.uniform(0.05, 0.3), rng.uniform(0.01, 0.04), int(rng.integers(2, 7))
    E = np.ones((2, 1))

    def slope(s):
        theta = np.array([[s], [0.0]])
        as_target = negative_sampling_loss(E, theta, [0], [0], [[1]])[2][0, 0]
        as_noise = negative_sampling_loss(E, theta, [0], [1], [[0]])[2][0, 0]
        return q * as_target + K * p * as_noise

    s = scipy.optimize.brentq(slope, -20, 20, xtol=1e-14)
    return Binding({"s": s, "q_t": q, "p_t": p, "K": K})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
