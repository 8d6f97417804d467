"""Optimisers: each class is one formula, its `update` from θ_{t−1}, g_t and what is remembered to θ_t.

All are used alike: `state = optimizer.init(theta)`, then `theta, state = optimizer.step(theta, grad, state)`,
with `grad` a callable from an array like theta, which it must not change, to the gradient there. A state is a
tuple: the number of steps taken, then what the optimiser remembers, arrays like theta.
"""

from dataclasses import dataclass, fields
from functools import partial

import numpy as np

from notesrc import _check


def _flag(name, x):
    if not isinstance(x, bool):
        raise _check.error(name, "True or False", repr(x))


_BLOCK = 2**15  # entries at a time: few enough for the cache to hold every intermediate result of a formula
_CHECKS = {
    "lr": _check.positive,
    "eps": _check.positive,
    "weight_decay": _check.non_negative,
    "eps_inside": _flag,
}


@dataclass(frozen=True)
class Optimizer:
    """What all optimisers share. Hyper-parameters out of range are a ValueError that names them."""

    def __post_init__(self):
        for field in fields(self):
            check = _CHECKS.get(field.name, _check.fraction)  # all others are shares: beta, gamma, rho
            check(field.name, getattr(self, field.name))

    def init(self, theta):
        """The state before the first step: no steps taken, nothing but zeros to remember.

        theta: number or array. Raises ValueError unless it is finite.
        """
        theta = _check.array("theta", theta)
        return (0, *(np.zeros(theta.shape)[()] for _ in range(self.remembers)))

    def step(self, theta, grad, state):
        """One step: `(theta, state)`, new ones; what came in stays as it is.

        theta: number or array; grad: callable; state: from `init` or the step before.
        Raises ValueError unless theta and grad(theta) are finite, of one shape with what the state remembers,
        and float64 can hold the step.
        """
        theta = _check.array("theta", theta)
        t, *memory = self._checked(state, theta)
        if not callable(grad):
            raise _check.error("grad", "a function of theta", repr(grad))
        where = self.look(theta, *memory)[()]
        where.setflags(write=False)  # a grad that changes what it is given would change theta
        g = _check.array("grad(theta)", grad(where), shape=theta.shape)
        try:
            with np.errstate(over="raise"):
                theta, *memory = _by_blocks(partial(self.update, t + 1), theta, g, *memory)
        except FloatingPointError:
            raise _check.error("grad(theta)", "a step that float64 can hold", np.abs(g).max()) from None
        return theta, (t + 1, *memory)

    def look(self, theta, *memory):
        """Where the gradient is taken: at θ_{t−1}, unless the optimiser looks ahead."""
        return theta

    def _checked(self, state, theta):
        """The state, if it belongs to this optimiser and to theta."""
        if not isinstance(state, tuple) or len(state) != 1 + self.remembers:
            raise _check.error("state", f"init(theta) of {type(self).__name__}", repr(state))
        t, *memory = state
        if not isinstance(t, int) or t < 0:
            raise _check.error("state[0]", "the number of steps taken", repr(t))
        for i, a in enumerate(memory, start=1):
            if np.shape(a) != theta.shape:
                raise _check.error(f"state[{i}]", f"shape {theta.shape}", f"shape {np.shape(a)}")
        return t, *map(np.asarray, memory)


def _by_blocks(update, theta, g, *memory):
    """update(theta, g, *memory), entry by entry, as new arrays; a block of entries at a time is fastest."""
    flat = [a.reshape(-1) for a in (theta, g, *memory)]
    new = [np.empty(theta.size) for _ in (theta, *memory)]
    for start in range(0, theta.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        for whole, part in zip(new, update(*(a[block] for a in flat))):
            whole[block] = part
    return [whole.reshape(theta.shape)[()] for whole in new]


def _corrected(average, beta, t):
    """average / (1 − β^t), which makes up for the start from zero (`ewma-corrected`); products are faster."""
    return average * (1 / (1 - beta**t))


@dataclass(frozen=True)
class SGD(Optimizer):
    """θ_t = θ_{t−1} − η g_t (`sgd-step`). lr: η > 0. Robbins and Monro 1951."""

    lr: float
    remembers = 0

    def update(self, t, theta, g):
        return (theta - self.lr * g,)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """v_t = γ v_{t−1} + η g_t, θ_t = θ_{t−1} − v_t (`momentum`, `momentum-expansion`). Polyak 1964.

    lr: η > 0; gamma: the share of the velocity that is kept, in [0, 1).
    """

    lr: float
    gamma: float = 0.9
    remembers = 1

    def update(self, t, theta, g, v):
        v = self.gamma * v + self.lr * g
        return theta - v, v


@dataclass(frozen=True)
class EWMAMomentum(Optimizer):
    """m_t = β m_{t−1} + (1 − β) g_t, θ_t = θ_{t−1} − η m_t (`ewma-momentum`).

    Momentum in the other convention: the same path as Momentum(lr · (1 − beta), gamma=beta).
    lr: η > 0; beta: in [0, 1).
    """

    lr: float
    beta: float = 0.9
    remembers = 1

    def update(self, t, theta, g, m):
        m = self.beta * m + (1 - self.beta) * g
        return theta - self.lr * m, m


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Momentum whose gradient is taken at θ_{t−1} − γ v_{t−1} (`nesterov`).

    lr: η > 0; gamma: in [0, 1). Nesterov 1983, in the form of Sutskever, Martens, Dahl and Hinton 2013.
    """

    def look(self, theta, v):
        return theta - self.gamma * v


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """s_t = s_{t−1} + g_t², θ_t = θ_{t−1} − η/(√s_t + ε) g_t (`adagrad`).

    Other forms of it: `adagrad-rms`, `adagrad-simplified`.
    lr: η > 0; eps: ε > 0, outside the root as in the paper. Duchi, Hazan and Singer 2011.
    """

    lr: float
    eps: float = 1e-10
    remembers = 1

    def update(self, t, theta, g, s):
        s = s + g**2
        return theta - self.lr / (np.sqrt(s) + self.eps) * g, s


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s_t = β s_{t−1} + (1 − β) g_t², θ_t = θ_{t−1} − η/√(s_t + ε) g_t (`rmsprop`, `rmsprop-expansion`).

    lr: η > 0; beta: in [0, 1); eps: ε > 0, inside the root, or outside (`rmsprop-outside`) if not eps_inside.
    Tieleman and Hinton 2012, who print no ε; inside and 1e−8 as in Ruder 2016.
    """

    lr: float
    beta: float = 0.9
    eps: float = 1e-8
    eps_inside: bool = True
    remembers = 1

    def update(self, t, theta, g, s):
        s = self.beta * s + (1 - self.beta) * g**2
        root = np.sqrt(s + self.eps) if self.eps_inside else np.sqrt(s) + self.eps
        return theta - self.lr / root * g, s


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """RMSProp with √(u_{t−1} + ε), the root mean square of its own steps, as the learning rate (`adadelta`).

    rho: in [0, 1); eps: ε > 0, which also makes the first step. Zeiler 2012, with the paper's 0.95 and 1e−6.
    """

    rho: float = 0.95
    eps: float = 1e-6
    remembers = 2

    def update(self, t, theta, g, s, u):
        s = self.rho * s + (1 - self.rho) * g**2
        delta = -np.sqrt(u + self.eps) / np.sqrt(s + self.eps) * g
        u = self.rho * u + (1 - self.rho) * delta**2
        return theta + delta, s, u


@dataclass(frozen=True)
class Adam(Optimizer):
    """θ_t = θ_{t−1} − η m̂_t/(√ŝ_t + ε), from averages of g and g² without their bias (`adam`, `adam-bias`).

    lr: η > 0; beta1, beta2: in [0, 1); eps: ε > 0. Kingma and Ba 2015, Algorithm 1, which writes v for s.
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    remembers = 2

    def update(self, t, theta, g, m, s):
        m = self.beta1 * m + (1 - self.beta1) * g
        s = self.beta2 * s + (1 - self.beta2) * g**2
        return theta - self.lr * self.direction(t, theta, g, m, s), m, s

    def direction(self, t, theta, g, m, s):
        m_hat, s_hat = _corrected(m, self.beta1, t), _corrected(s, self.beta2, t)
        return m_hat / (np.sqrt(s_hat) + self.eps)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with the weights decayed beside it, by η λ θ_{t−1} (`adamw`).

    weight_decay: λ ≥ 0; 0.01 and the factor η are PyTorch's. Loshchilov and Hutter 2019.
    """

    weight_decay: float = 0.01

    def direction(self, t, theta, g, m, s):
        return super().direction(t, theta, g, m, s) + self.weight_decay * theta


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam with Nesterov's look ahead: m_t as it will weigh in the next step, and g_t now (`nadam`).

    Dozat 2016 with a constant β₁, without its schedule μ_t.
    """

    def direction(self, t, theta, g, m, s):
        m_hat, g_hat = _corrected(m, self.beta1, t + 1), _corrected(g, self.beta1, t)
        s_hat = _corrected(s, self.beta2, t)
        m_ahead = self.beta1 * m_hat + (1 - self.beta1) * g_hat
        return m_ahead / (np.sqrt(s_hat) + self.eps)


@dataclass(frozen=True)
class Lion(Optimizer):
    """The sign of an average: θ_t = θ_{t−1} − η (sign(c_t) + λ θ_{t−1}) (`lion`).

    lr: η > 0; beta1 for c_t, beta2 for what is remembered, in [0, 1); weight_decay: λ ≥ 0.
    Chen et al. 2023; the learning rate and λ = 0 are those of its published code.
    """

    lr: float = 1e-4
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0
    remembers = 1

    def update(self, t, theta, g, m):
        c = self.beta1 * m + (1 - self.beta1) * g
        m = self.beta2 * m + (1 - self.beta2) * g
        return theta - self.lr * (np.sign(c) + self.weight_decay * theta), m


def minimize(optimizer, grad, theta0, steps):
    """The path of an optimiser from theta0: `(steps + 1, *shape)`, theta0 first.

    optimizer: one of this module; grad: callable, array like theta0 to its gradient; theta0: number or array.
    Raises ValueError unless theta0 is finite and steps a positive integer, and where `step` does.
    """
    theta0, steps = _check.array("theta0", theta0), _check.integer("steps", steps)
    trajectory = np.empty((steps + 1, *theta0.shape))
    trajectory[0] = theta0
    state = optimizer.init(theta0)
    for t in range(steps):
        trajectory[t + 1], state = optimizer.step(trajectory[t], grad, state)
    return trajectory
