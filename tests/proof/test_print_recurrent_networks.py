"""Chapter 12 as printed: recurrent networks, forward and back through time, against `notesrc.recurrent`."""

import itertools

import numpy as np
from chapter import Chapter, PrintedChapter

from notesrc.gradcheck import complex_step_gradient
from notesrc.graph import Value
from notesrc.recurrent import (
    RNNParams,
    bidirectional,
    clip_gradients,
    deep,
    flatten,
    init_rnn,
    rnn_backward,
    rnn_forward,
)
from notesrc.softmax import cross_entropy, one_hot, softmax, softmax_cross_entropy
from proof import Binding

CHAPTER = Chapter("12-recurrent-networks")
T, M, N_X, N_A, C = 5, 6, 4, 3, 2  # unequal, so that none can stand in for another
STEPS = {"t": range(1, T + 1)}


def of(above, below):
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def cell(rng, n_x=N_X, n_a=N_A):
    return init_rnn(n_x, n_a, rng)._replace(b_a=rng.normal(size=n_a))


def by_step(values, start=1):
    return dict(enumerate(values, start))


class Drawn:
    """A network, its sequences and its labels, and what the book's functions compute from them."""

    def __init__(self, rng, m=M):
        self.params, self.x = cell(rng), rng.normal(size=(T, m, N_X))
        self.a0, self.W_ya, self.b_y = (rng.normal(size=n) for n in ((m, N_A), (C, N_A), C))
        self.y = one_hot(rng.integers(0, C, (T, m)), C)
        self.a, self.cache = rnn_forward(self.x, self.a0, self.params)
        self.states = by_step([self.a0, *self.a], 0)
        self.y_hat = [softmax(self.logits(a)) for a in self.a]
        self.d_a = np.array([self.step_cost(a, y)[1] for a, y in zip(self.a, self.y)])
        self.d_x, self.d_a0, self.d_params = rnn_backward(self.d_a, self.cache)

    def logits(self, a):
        return a @ self.W_ya.T + self.b_y

    def step_cost(self, a, y):
        """J_t and its gradient by a_t, as the graph finds it."""
        a = Value(a)
        z = a @ self.W_ya.T + self.b_y
        J = (z.exp().sum(axis=1).log() - (y * z).sum(axis=1)).mean()
        J.backward()
        return J.data, a.grad

    def z(self):
        """The pre-activations."""
        return [np.arctanh(a) for a in self.a]

    def deltas(self):
        """The gradients by Z_t: those by inputs of their own that are added there."""
        W_aa, W_ax, b_a = self.params
        wide = RNNParams(W_aa, np.hstack([W_ax, np.eye(N_A)]), b_a)
        _, cache = rnn_forward(np.dstack([self.x, np.zeros(self.a.shape)]), self.a0, wide)
        return rnn_backward(self.d_a, cache)[0][..., N_X:]

    def by_states(self):
        """The gradients by A_t in all: that of J_t, and by the start of a network that begins there."""
        found = [self.d_a0]
        for t in range(1, T + 1):
            rest = 0.0
            if t < T:
                _, cache = rnn_forward(self.x[t:], self.a[t - 1], self.params)
                rest = rnn_backward(self.d_a[t:], cache)[1]
            found.append(self.d_a[t - 1] + rest)
        return by_step(found, 0)

    def by_copies(self):
        """The gradients by the W_aa of one step alone."""
        copies, a = [Value(self.params.W_aa) for _ in range(T)], self.a0
        costs = []
        for copy, x, y in zip(copies, self.x, self.y):
            a = (a @ copy.T + x @ self.params.W_ax.T + self.params.b_a).tanh()
            z = a @ self.W_ya.T + self.b_y
            costs.append((z.exp().sum(axis=1).log() - (y * z).sum(axis=1)).mean())
        sum(costs).backward()
        return by_step([copy.grad for copy in copies])


def weights(params, mark="{}"):
    """The names of the parameters of a cell, each with the mark of its layer or direction."""
    names = (("W", "aa"), ("W", "ax"), ("b", "a"))
    return {f"{mark.format(letter)}_{{{script}}}": part for (letter, script), part in zip(names, params)}


@CHAPTER.binds("rnn-step", "rnn-output")
def one_example(rng):
    net = Drawn(rng, m=1)
    names = weights(net.params) | {
        "a_#": {t: a[0] for t, a in net.states.items()},
        "x_#": by_step(net.x[:, 0]),
        r"\hat{y}_#": by_step(y_hat[0] for y_hat in net.y_hat),
        "W_{ya}": net.W_ya,
        "b_y": net.b_y,
        r"\tanh": np.tanh,
        r"\operatorname{softmax}": softmax,
    }
    return Binding(names, forall=STEPS)


@CHAPTER.binds("rnn-parameter-count")
def sizes(rng):
    n_x, n_a, C = rng.choice(np.arange(2, 12), 3, replace=False).tolist()
    N = flatten([init_rnn(n_x, n_a, rng), np.zeros((C, n_a)), np.zeros(C)]).size
    return Binding({"N": N, "n_a": n_a, "n_x": n_x, "C": C})


@CHAPTER.binds("rnn-loss")
def loss(rng):
    y, y_hat = softmax(rng.normal(size=(2, T, 4)))
    losses = by_step(cross_entropy(p, q) for p, q in zip(y_hat, y))
    return Binding({"L_#": losses, "y_{#,#}": y, r"\hat{y}_{#,#}": y_hat, "C": 4}, forall=STEPS)


@CHAPTER.binds("rnn-total-loss")
def total_loss(rng):
    net = Drawn(rng)
    logits = net.logits(net.a)
    J = sum(softmax_cross_entropy(z, y)[0] for z, y in zip(logits, net.y))
    alone = [[softmax_cross_entropy(z, y)[0] for z, y in zip(*step)] for step in zip(logits, net.y)]
    return Binding({"J": J, "L_#^{(#)}": np.array(alone), "m": M, "T": T})


@CHAPTER.binds(
    "rnn-step-matrix",
    "bptt-output",
    "bptt-delta",
    "bptt-dz",
    "bptt-dwaa",
    "bptt-dwax",
    "bptt-db",
    "bptt-dx",
    "bptt-da0",
    "bptt-dwya",
    "bptt-shared",
    "bptt-copy",
)
def all_examples(rng):
    net = Drawn(rng)

    def cost(W_ya):
        """J by the output layer, whose derivatives no function of the book gives."""
        e = np.exp(net.a @ W_ya.T + net.b_y)
        return -np.sum(net.y * np.log(e / e.sum(axis=-1, keepdims=True))) / M

    by_output = complex_step_gradient(cost, net.W_ya)
    names = weights(net.params) | {
        "Z_#": by_step(net.z()),
        "A_#": net.states,
        "X_#": by_step(net.x),
        r"\hat{Y}_#": by_step(net.y_hat),
        "Y_#": by_step(net.y),
        r"\Delta_#": by_step([*net.deltas(), np.zeros((M, N_A))]),
        "W_{ya}": net.W_ya,
        r"\mathbf{1}": np.ones(M),
        r"\tanh": np.tanh,
        r"\tanh'": lambda z: 1 / np.cosh(z) ** 2,
        of("J_#", "A_#"): lambda t, s: net.d_a[t - 1] if t == s else np.zeros((M, N_A)),
        of("J", "A_#"): net.by_states(),
        of("J", "W_{aa}"): net.d_params.W_aa,
        of("J", "W_{aa}^{(#)}"): net.by_copies(),
        of("J", "W_{ax}"): net.d_params.W_ax,
        of("J", "b_a"): net.d_params.b_a,
        of("J", "X_#"): by_step(net.d_x),
        of("J", "W_{ya}"): by_output,
        "m": M,
        "T": T,
    }
    return Binding(names, forall=STEPS)


@CHAPTER.binds("bptt-delta-entry", "bptt-dz-entry")
def entries(rng):
    net = Drawn(rng, m=1)
    by_states, deltas = net.by_states(), net.deltas()
    names = {
        "a_{#,#}": net.a[:, 0],
        of("J", "a_{#,#}"): lambda t, k: by_states[t][0, k - 1],
        of("J_#", "a_{#,#}"): lambda t, s, k: net.d_a[s - 1, 0, k - 1] if t == s else 0.0,
        of("J", "z_{#,#}"): lambda t, j: deltas[t - 1, 0, j - 1],
        of("z_{#,#}", "a_{#,#}"): lambda s, j, t, k: net.params.W_aa[j - 1, k - 1] if s == t + 1 else 0.0,
        "n_a": N_A,
    }
    return Binding(names, forall={"t": range(1, T), "k": range(1, N_A + 1)})


def jacobians(params, x, a0):
    """∂a_t/∂a_s for s <= t, row by row as gradients of the entries of a_t."""
    found = {}
    for s, t in itertools.combinations_with_replacement(range(len(x) + 1), 2):
        found[t, s] = np.eye(N_A)
        if s < t:
            start = a0 if s == 0 else rnn_forward(x[:s], a0, params)[0][-1]
            a, cache = rnn_forward(x[s:t], start, params)
            d = np.zeros((N_A, *a.shape))
            d[range(N_A), -1, 0, range(N_A)] = 1
            found[t, s] = np.array([rnn_backward(d_a, cache)[1][0] for d_a in d])
    return found


@CHAPTER.binds("bptt-jacobian", "bptt-product")
def through_time(rng):
    net = Drawn(rng, m=1)
    slopes = by_step(1 / np.cosh(z[0]) ** 2 for z in net.z())
    names = {
        of("a_#", "a_#"): jacobians(net.params, net.x, net.a0),
        "D_#": {t: np.diag(slope) for t, slope in slopes.items()},
        "W_{aa}": net.params.W_aa,
        r"\operatorname{diag}": np.diag,
        r"\tanh'": lambda z: 1 / np.cosh(z) ** 2,
        "z_#": by_step(z[0] for z in net.z()),
    }
    return Binding(names, forall={"t": range(3, T + 1)})


@CHAPTER.binds("jacobian-bound")
def bound(rng):
    """Attained by a rotation that is scaled, where no tanh is bent; below it in any other network."""
    W, _ = np.linalg.qr(rng.normal(size=(N_A, N_A)))
    params = RNNParams(rng.choice([0.7, 1.4]) * W, np.ones((N_A, 1)), np.zeros(N_A))
    x = np.zeros((T, 1, 1))
    if rng.integers(2):
        params, x = cell(rng, n_x=1), rng.normal(size=(T, 1, 1))
    names = {
        r"\sigma_{\max}": lambda W: np.linalg.norm(W, 2),
        of("a_#", "a_#"): jacobians(params, x, np.zeros((1, N_A))),
        "W_{aa}": params.W_aa,
    }
    return Binding(names, forall={"t": range(3, T + 1), "s": range(1, 3)})


@CHAPTER.binds("spectral-growth")
def eigenvector(rng):
    V = rng.normal(size=(N_A, N_A))
    values = np.array([0.7, 1.2, -1.3]) * rng.uniform(0.9, 1.1)
    W_aa = np.linalg.inv(V.T) @ np.diag(values) @ V.T  # the columns of V are eigenvectors of its transpose
    which = rng.integers(N_A)
    linear = RNNParams(W_aa, np.ones((N_A, 1)), np.zeros(N_A))
    back = jacobians(linear, np.zeros((T, 1, 1)), np.zeros((1, N_A)))
    gradients = {s: back[T, s].T @ V[:, which] for s in range(T + 1)}
    names = {of("J", "a_#"): gradients, r"\lambda": values[which], "T": T}
    return Binding(names, forall={"s": range(1, T)})


@CHAPTER.binds("gradient-clipping")
def clipping(rng):
    g = rng.normal(size=7)
    c = np.linalg.norm(g) * rng.choice([0.3, 0.6, 1.7, 2.5])
    names = {r"\tilde{g}": np.array(clip_gradients(g, c)), "g": g, "c": c}
    return Binding(names)


@CHAPTER.binds("deep-rnn")
def layers(rng):
    widths, x = (N_X, N_A, 2, 5), rng.normal(size=(T, 1, N_X))
    params = [cell(rng, *pair) for pair in itertools.pairwise(widths)]
    starts = [rng.normal(size=(1, n)) for n in widths[1:]]
    stack = [(rnn_forward, rnn_backward, *inputs) for inputs in zip(starts, params)]
    found = [x, *(deep(x, stack[:l])[0] for l in range(1, len(widths)))]
    a = {(t, l): found[l][t - 1, 0] for t in range(1, T + 1) for l in range(len(widths))}
    a |= {(0, l): start[0] for l, start in enumerate(starts, 1)}
    names = {
        "a_#^{[#]}": lambda t, l: a[t, l],
        "W_{aa}^{[#]}": by_step(p.W_aa for p in params),
        "W_{ax}^{[#]}": by_step(p.W_ax for p in params),
        "b_a^{[#]}": by_step(p.b_a for p in params),
        r"\tanh": np.tanh,
    }
    return Binding(names, forall=STEPS | {"l": range(1, len(widths))})


@CHAPTER.binds("bidirectional-forward", "bidirectional-backward", "bidirectional-output")
def directions(rng):
    right, left = r"\overrightarrow{{{}}}", r"\overleftarrow{{{}}}"
    starts, x = rng.normal(size=(2, 1, N_A)), rng.normal(size=(T, 1, N_X))
    cells = [cell(rng), cell(rng)]
    a, _ = bidirectional(x, *((rnn_forward, rnn_backward, *inputs) for inputs in zip(starts, cells)))
    W_ya, b_y = rng.normal(size=(C, 2 * N_A)), rng.normal(size=C)
    names = weights(cells[0], right) | weights(cells[1], left)
    names |= {
        right.format("a") + "_#": by_step([starts[0, 0], *a[:, 0, :N_A]], 0),
        left.format("a") + "_#": by_step([*a[:, 0, N_A:], starts[1, 0]]),
        right.format("W") + "_{ya}": W_ya[:, :N_A],
        left.format("W") + "_{ya}": W_ya[:, N_A:],
        "b_y": b_y,
        "x_#": by_step(x[:, 0]),
        r"\hat{y}_#": by_step(softmax(a[:, 0] @ W_ya.T + b_y)),
        r"\tanh": np.tanh,
        r"\operatorname{softmax}": softmax,
    }
    return Binding(names, forall=STEPS)


class TestPrint(PrintedChapter):
    chapter = CHAPTER
