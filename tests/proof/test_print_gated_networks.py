"""Chapter 13 as printed: the gates of GRU and LSTM, forward and backward, against `notesrc.gated`."""

import numpy as np
import scipy.special
from chapter import Chapter, PrintedChapter

from notesrc import gated
from proof import Binding

CHAPTER = Chapter("13-gated-networks")
T, N_X, N_C = 4, 3, 5  # steps, inputs, units: unequal, so that none can stand in for another
STEPS = range(1, T + 1)


def blocks(W):
    """W as it is printed: a function of two vectors, which it takes stacked."""
    return lambda c, x: W @ np.concatenate([c, x])


def numbered(rows, start=1):
    return dict(enumerate(rows, start))


FUNCTIONS = {
    r"\sigma": scipy.special.expit,
    r"\tanh": np.tanh,
    r"\tanh^2": lambda z: np.tanh(z) ** 2,
    r"\operatorname{diag}": np.diag,
    r"\mathbf{1}": np.ones(N_C),
    "T": T,
}


class Run:
    """One example through a cell of the book, whose gradients are read off its `_backward`.

    The delta of a step is the gradient by the bias when that step is the whole sequence; what a state is
    worth is the gradient by the initial state of the steps that follow.
    """

    def __init__(self, cell, rng, n_x=N_X, n_c=N_C):
        kind = {"gru_simple": "GRUSimple", "gru": "GRU", "lstm": "LSTM"}[cell]
        self.run, self.back = getattr(gated, f"{cell}_forward"), getattr(gated, f"{cell}_backward")
        drawn = getattr(gated, f"init_{cell}")(n_x, n_c, rng)
        self.params = getattr(gated, f"{kind}Params")(*(rng.normal(0, 0.7, p.shape) for p in drawn))
        self.states = [rng.normal(size=(1, n_c)) for _ in range(1 + (cell == "lstm"))]
        self.x, self.g = rng.normal(size=(T, 1, n_x)), rng.normal(size=(T, 1, n_c))
        self.out, self.cache = self.run(self.x, *self.states, self.params)
        self.memory = self.cache.c if cell == "lstm" else self.out

    def before(self, t):
        """The states before step t, counted from 1."""
        sequences = [self.out] if len(self.states) == 1 else [self.out, self.memory]
        return self.states if t == 1 else [a[t - 2] for a in sequences]

    def worth(self, t):
        """The gradients by the states before step t, of all that comes from there on."""
        if t > T:
            return [np.zeros((1, N_C)) for _ in self.states]
        cache = self.run(self.x[t - 1 :], *self.before(t), self.params)[1]
        _, *d_states, _ = self.back(self.g[t - 1 :], cache)
        return d_states

    def step(self, t):
        """The gradients of one step, from those by the states that it leaves behind."""
        cache = self.run(self.x[t - 1 : t], *self.before(t), self.params)[1]
        d, *d_memory = self.worth(t + 1)
        more = [a[np.newaxis] for a in d_memory]
        return self.back(self.g[t - 1 : t] + d, cache, *more)

    def names(self):
        gates = {"update": "u", "relevance": "r", "forget": "f", "output": "o"}
        names = {
            rf"\Gamma_{{{letter},#}}": numbered(getattr(self.cache, gate)[:, 0])
            for gate, letter in gates.items()
            if hasattr(self.cache, gate)
        }
        candidate = self.cache.candidate[:, 0]
        for letter in "urfoc":
            if hasattr(self.params, f"W_{letter}"):
                W, b = getattr(self.params, f"W_{letter}"), getattr(self.params, f"b_{letter}")
                names |= {f"W_{letter}": blocks(W), f"b_{letter}": b}
        return {
            **FUNCTIONS,
            **names,
            r"\tilde{c}_#": numbered(candidate),
            r"\tilde{c}_#^2": numbered(candidate**2),
            "c_#": numbered([self.states[-1][0], *self.memory[:, 0]], 0),
            "x_#": numbered(self.x[:, 0]),
            "g_#": numbered([np.zeros(N_C), *self.g[:, 0]], 0),
        }

    def gradients(self, letters):
        """δ of the named gates, the blocks of their matrices, and what arrives at x and the first state."""
        steps = [self.step(t) for t in STEPS]
        names = {r"\bar{x}_#": numbered(d_x[0, 0] for d_x, *_ in steps)}
        for letter in letters:
            W = getattr(self.params, f"W_{letter}")
            state = "a" if len(self.states) == 2 else "c"
            names |= {
                rf"\delta_{{{letter},#}}": numbered(getattr(d[-1], f"b_{letter}") for d in steps),
                f"W_{{{letter},{state}}}": W[:, :N_C],
                f"W_{{{letter},x}}": W[:, N_C:],
            }
        worth = [self.arrived(t)[-1] for t in range(T + 1)]
        return names | {r"\bar{c}_#": numbered(worth, 0)}

    def arrived(self, t):
        """The gradients by the states after step t, its own output included."""
        d, *more = (a[0] for a in self.worth(t + 1))
        d = d + (self.g[t - 1, 0] if t else 0)
        if not more or t == 0:
            return d, *more
        through_output = self.cache.output[t - 1, 0] / np.cosh(self.memory[t - 1, 0]) ** 2
        return d, more[0] + d * through_output


def any_gate(run, **gates):
    """The gates and their parameters by a number k in place of a letter."""
    found = [getattr(run.cache, name)[:, 0] for name in gates.values()]
    return {
        r"\Gamma_{#,#}": lambda k, t: found[k - 1][t - 1],
        "W_#": numbered(blocks(getattr(run.params, f"W_{letter}")) for letter in gates),
        "b_#": numbered(getattr(run.params, f"b_{letter}") for letter in gates),
    }


def once(draw):
    """The draw of each seed, made once: the check of every typo asks for the same five again."""
    made = {}

    def remembered(rng):
        seed = rng.bit_generator.state["state"]["state"]
        if seed not in made:
            made[seed] = draw(rng)
        return made[seed]

    return remembered


# The simplified GRU


@CHAPTER.binds("gru-simple")
@once
def simple(rng):
    return Binding(Run("gru_simple", rng).names(), forall={"t": STEPS})


@CHAPTER.binds("gate-keep")
@once
def constant_gate(rng):
    """One unit that does not look at its memory: all of the derivative is the direct path."""
    run = Run("gru_simple", rng, n_c=1)
    params = run.params._replace(W_u=run.params.W_u * [0, 1, 1, 1], W_c=run.params.W_c * [0, 1, 1, 1])
    _, cache = run.run(run.x, *run.states, params)
    last = np.zeros((T, 1, 1))
    last[-1] = 1
    d_c0 = run.back(last, cache)[1].item()
    return Binding(
        {r"\frac{\partial c_T}{\partial c_0}": d_c0, r"\Gamma_{u,#}": cache.update[:, 0, 0], "T": T}
    )


@CHAPTER.binds("gru-simple-delta", "gru-simple-carry")
@once
def simple_backward(rng):
    run = Run("gru_simple", rng)
    return Binding(run.names() | run.gradients("uc"), forall={"t": STEPS})


@CHAPTER.binds("gate-weights")
@once
def weights(rng):
    run = Run("gru_simple", rng)
    d_params = run.back(run.g, run.cache)[-1]
    W, b = {1: d_params.W_u, 2: d_params.W_c}, {1: d_params.b_u, 2: d_params.b_c}
    found = run.gradients("uc")
    deltas = {1: found[r"\delta_{u,#}"], 2: found[r"\delta_{c,#}"]}
    names = {
        r"\bar{W}_{#,c}": {k: part[:, :N_C] for k, part in W.items()},
        r"\bar{W}_{#,x}": {k: part[:, N_C:] for k, part in W.items()},
        r"\bar{b}_#": b,
        r"\delta_{#,#}": lambda k, t: deltas[k][t],
    }
    return Binding(run.names() | names, forall={"k": (1, 2)})


@CHAPTER.binds("gru-simple-local")
@once
def local(rng):
    """One unit, one step; the slopes of σ and tanh are taken out of the gradients by the biases."""
    run = Run("gru_simple", rng, n_c=1)
    params = run.params._replace(W_u=run.params.W_u * [0, 1, 1, 1], W_c=run.params.W_c * [0, 1, 1, 1])
    _, cache = run.run(run.x[:1], *run.states, params)
    _, d_old, d = run.back(np.ones((1, 1, 1)), cache)
    update, candidate = cache.update.item(), cache.candidate.item()
    return Binding(
        {
            r"\frac{\partial c}{\partial \Gamma_u}": d.b_u.item() / (update * (1 - update)),
            r"\frac{\partial c}{\partial \tilde{c}}": d.b_c.item() / (1 - candidate**2),
            r"\frac{\partial c}{\partial c'}": d_old.item(),
            r"\tilde{c}": candidate,
            r"\Gamma_u": update,
            "c'": run.states[0].item(),
        }
    )


@CHAPTER.binds("gru-simple-jacobian")
@once
def jacobian(rng):
    run = Run("gru_simple", rng)

    def rows(t):
        _, cache = run.run(run.x[t - 1 : t], *run.before(t), run.params)
        return np.array([run.back(row[np.newaxis, np.newaxis], cache)[1][0] for row in np.eye(N_C)])

    names = {r"\frac{\partial c_#}{\partial c_#}": {(t, t - 1): rows(t) for t in STEPS}}
    names |= run.names() | run.gradients("uc")
    return Binding(names, forall={"t": STEPS}, defines=("v_#", "w_#"))


# The full GRU


@CHAPTER.binds("gru-full")
@once
def full(rng):
    run = Run("gru", rng)
    return Binding(run.names() | any_gate(run, u="update", r="relevance"), forall={"t": STEPS, "k": (1, 2)})


@CHAPTER.binds("gru-full-backward")
@once
def full_backward(rng):
    run = Run("gru", rng)
    found = run.gradients("urc")
    W, delta = run.params.W_c[:, :N_C], found[r"\delta_{c,#}"]
    q = {t: W.T @ delta[t] for t in STEPS}
    return Binding(run.names() | found | {"q_#": q}, forall={"t": STEPS})


@CHAPTER.binds("gru-reset-after")
@once
def reset_after(rng):
    """Of its own making, entry by entry: the book's cell multiplies in the other order."""
    W, U = rng.normal(size=(N_C, N_X)), rng.normal(size=(N_C, N_C))
    b, d = rng.normal(size=(2, N_C))
    x, z, r = rng.normal(size=(T, N_X)), rng.uniform(size=(T, N_C)), rng.uniform(size=(T, N_C))
    h, n = [rng.normal(size=N_C)], []
    for t in range(T):
        recurrent = [sum(U[i, j] * h[t][j] for j in range(N_C)) + d[i] for i in range(N_C)]
        fed = [sum(W[i, j] * x[t, j] for j in range(N_X)) + b[i] for i in range(N_C)]
        n.append(np.array([np.tanh(fed[i] + r[t, i] * recurrent[i]) for i in range(N_C)]))
        h.append(np.array([n[t][i] + z[t, i] * (h[t][i] - n[t][i]) for i in range(N_C)]))
    names = {
        "n_#": numbered(n),
        "h_#": numbered(h, 0),
        "x_#": numbered(x),
        "z_#": numbered(z),
        "r_#": numbered(r),
        "W_n": W,
        "U_n": U,
        "b_n": b,
        "d_n": d,
    }
    return Binding(FUNCTIONS | names, forall={"t": STEPS})


# The LSTM


def lstm_names(run):
    a = numbered([run.states[0][0], *run.out[:, 0]], 0)
    return run.names() | {"a_#": a}


@CHAPTER.binds("lstm-gates")
@once
def lstm_gates(rng):
    run = Run("lstm", rng)
    names = any_gate(run, u="update", f="forget", o="output")
    return Binding(lstm_names(run) | names, forall={"t": STEPS, "k": (1, 2, 3)})


@CHAPTER.binds("lstm-cell", "lstm-output")
@once
def lstm_cell(rng):
    return Binding(lstm_names(Run("lstm", rng)), forall={"t": STEPS})


@CHAPTER.binds("lstm-memory-gradient", "lstm-delta")
@once
def lstm_backward(rng):
    """What c_t is worth, found without its formula: the states are the inputs of what follows."""
    run = Run("lstm", rng)
    found = run.gradients("ufoc")
    found[r"\bar{a}_#"] = numbered([run.arrived(t)[0] for t in STEPS])
    gates = run.names()[r"\Gamma_{f,#}"] | {T + 1: np.zeros(N_C)}
    found[r"\bar{c}_#"] = {t: memory_gradient(run, t) for t in STEPS} | {T + 1: np.zeros(N_C)}
    return Binding(lstm_names(run) | found | {r"\Gamma_{f,#}": gates}, forall={"t": STEPS}, rtol=1e-7)


def memory_gradient(run, t):
    """By differences: J after step t, as a function of c_t alone, with a_t = Γ_o ⊙ tanh c_t."""
    output = run.cache.output[t - 1]

    def cost(c):
        a = output * np.tanh(c)
        J = np.sum(run.g[t - 1] * a)
        return J if t == T else J + np.sum(run.g[t:] * run.run(run.x[t:], a, c, run.params)[0])

    c, h = run.memory[t - 1], 1e-5
    moves = h * np.eye(N_C)[:, np.newaxis]
    return np.array([(cost(c + move) - cost(c - move)) / (2 * h) for move in moves])


@CHAPTER.binds("lstm-carry")
@once
def lstm_carry(rng):
    run = Run("lstm", rng)
    found = run.gradients("ufoc")
    names = {
        r"\bar{a}_#": numbered([run.arrived(t)[0] for t in range(T + 1)], 0),
        r"\delta_{#,#}": lambda k, t: found[rf"\delta_{{{'ufoc'[k - 1]},#}}"][t],
        "W_{#,a}": numbered(found[f"W_{{{letter},a}}"] for letter in "ufoc"),
        "W_{#,x}": numbered(found[f"W_{{{letter},x}}"] for letter in "ufoc"),
        r"\bar{x}_#": found[r"\bar{x}_#"],
        "g_#": run.names()["g_#"],
    }
    return Binding(names, forall={"t": STEPS, "k": range(1, 5)})


@CHAPTER.binds("lstm-local")
@once
def lstm_local(rng):
    """One unit, by central differences."""
    o, c, h = rng.uniform(0.2, 0.8), rng.normal(), 1e-5
    a = lambda o, c: o * np.tanh(c)  # noqa: E731
    names = {
        r"\frac{\partial a}{\partial \Gamma_o}": (a(o + h, c) - a(o - h, c)) / (2 * h),
        r"\frac{\partial a}{\partial c}": (a(o, c + h) - a(o, c - h)) / (2 * h),
        r"\tanh": np.tanh,
        r"\tanh^2": lambda z: np.tanh(z) ** 2,
        r"\Gamma_o": o,
        "c": c,
    }
    return Binding(names, rtol=1e-7)


@CHAPTER.binds("gate-memory")
@once
def memory(rng):
    return Binding({r"\sigma": scipy.special.expit, "b": rng.uniform(-3, 3)})


@CHAPTER.binds("recurrent-parameter-count")
@once
def sizes(rng):
    n_x, n_c = rng.choice(np.arange(2, 12), 2, replace=False).tolist()
    k = int(rng.integers(2, 5))
    init = {2: gated.init_gru_simple, 3: gated.init_gru, 4: gated.init_lstm}[k]
    size = sum(part.size for part in init(n_x, n_c, rng))
    return Binding({"N": size, "k": k, "n_c": n_c, "n_x": n_x})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    tolerance = 1e-7
