"""Chapter 6 as printed: averages and optimisers against `notesrc`, one coordinate at a time."""

import itertools

import numpy as np
from chapter import Chapter, PrintedChapter, moments

from notesrc.descent import ewma
from notesrc.gradcheck import complex_step_gradient
from notesrc.optimizers import (
    SGD,
    AdaGrad,
    Adadelta,
    Adam,
    AdamW,
    EWMAMomentum,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    RMSProp,
)
from proof import Binding, random_name

CHAPTER = Chapter("06-optimizers")
T = 4  # steps
STEPS = {"t": range(2, T + 1)}  # from the second on, so that no start from zero hides a term


def cost(theta):
    """A cost of one parameter, whose gradient has no two values alike."""
    return theta**4 / 4 - theta**2 + np.sin(3 * theta)


def slope(theta):
    return float(complex_step_gradient(cost, theta))


def by_step(values, start=0):
    return dict(enumerate(map(float, values), start))


def follow(optimizer, rng, remembered=(), grad=slope, state=None):
    """θ_0 … θ_T, what is remembered under the given names, and the gradients g_1 … g_T, by step."""
    theta, met = rng.uniform(0.6, 1.2), []
    state = state or optimizer.init(theta)
    thetas, states = [theta], [state]

    def recording(theta):
        met.append(grad(theta))
        return met[-1]

    for _ in range(T):
        theta, state = optimizer.step(theta, recording, state)
        thetas.append(theta)
        states.append(state)
    names = {r"\theta_#": by_step(thetas), "g_#": by_step(met, 1), r"\nabla_\theta J": slope}
    return names | {
        name: by_step(state[place] for state in states) for place, name in enumerate(remembered, start=1)
    }


def hyper(rng):
    """Generic hyper-parameters: large ε, shares far from one and from each other."""
    lr, eps = rng.uniform(0.05, 0.15), rng.uniform(0.2, 0.4)
    share, other = rng.permutation([rng.uniform(0.4, 0.55), rng.uniform(0.65, 0.8)])
    return float(lr), float(eps), float(share), float(other)


@CHAPTER.binds("ewma", "ewma-expansion", "ewma-corrected")
def average(rng):
    x, beta = rng.normal(size=T), rng.uniform(0.4, 0.8)
    names = {
        "v_#": {0: 0.0} | by_step(ewma(x, beta), 1),
        r"\hat{v}_#": by_step(ewma(x, beta, bias_correction=True), 1),
        "x_#": by_step(x, 1),
        r"\beta": beta,
    }
    return Binding(names, forall=STEPS)


@CHAPTER.binds("ewma-window")
def weights(rng):
    """What an impulse leaves in the average after k steps."""
    beta, n = rng.uniform(0.4, 0.8), int(rng.integers(3, 6))
    impulse = np.eye(1, 8)[0]
    names = {"w_#": by_step(ewma(impulse, beta)), r"\beta": beta, "n": n}
    return Binding(names, forall={"k": range(8)})


@CHAPTER.binds("ewma-bias")
def expected_average(rng):
    """The last line needs values of one expectation; only different ones tell their places in the sum."""
    beta, alike = rng.uniform(0.4, 0.8), rng.integers(2)
    mean = np.full(T, rng.uniform(1, 2)) if alike else rng.uniform(1, 2, T)
    outcomes = []
    for signs in itertools.product([-0.5, 0.5], repeat=T):
        x = mean + signs
        averages = {0: 0.0} | by_step(ewma(x, beta), 1)
        outcomes.append({"x": x[0], "x_#": by_step(x, 1), "v_#": averages})
    names = moments(outcomes) | dict.fromkeys(["x", "x_#", "v_#"], random_name())
    return Binding(names | {r"\beta": beta}, forall=STEPS, only=() if alike else (1,))


@CHAPTER.binds("sgd-step")
def sgd(rng):
    lr, *_ = hyper(rng)
    return Binding(follow(SGD(lr), rng) | {r"\eta": lr}, forall=STEPS)


@CHAPTER.binds("momentum", "momentum-expansion")
def momentum(rng):
    lr, _, gamma, _ = hyper(rng)
    names = follow(Momentum(lr, gamma), rng, ["v_#"])
    return Binding(names | {r"\eta": lr, r"\gamma": gamma}, forall=STEPS)


@CHAPTER.binds("nesterov")
def nesterov(rng):
    lr, _, gamma, _ = hyper(rng)
    names = follow(Nesterov(lr, gamma), rng, ["v_#"])
    return Binding(names | {r"\eta": lr, r"\gamma": gamma}, forall=STEPS)


@CHAPTER.binds("ewma-momentum")
def ewma_momentum(rng):
    lr, _, beta, _ = hyper(rng)
    names = follow(EWMAMomentum(lr, beta), rng, ["m_#"])
    return Binding(names | {r"\eta": lr, r"\beta": beta}, forall=STEPS)


@CHAPTER.binds("adagrad")
def adagrad(rng):
    lr, eps, *_ = hyper(rng)
    names = follow(AdaGrad(lr, eps), rng, ["s_#"])
    return Binding(names | {r"\eta": lr, r"\epsilon": eps}, forall=STEPS)


@CHAPTER.binds("adagrad-rms", "adagrad-simplified")
def adagrad_without_eps(rng):
    """η_t/σ_t is what a step is divided by its gradient; η_t that of a gradient that was always 1."""
    lr, *_ = hyper(rng)
    optimizer = AdaGrad(lr, 1e-30)
    names = follow(optimizer, rng)
    theta, g = names[r"\theta_#"], names["g_#"]
    ones = follow(optimizer, rng, grad=lambda theta: 1.0)[r"\theta_#"]
    rates = {t: ones[t - 1] - ones[t] for t in g}
    sigma = {t: rates[t] * g[t] / (theta[t - 1] - theta[t]) for t in g}
    return Binding(names | {r"\eta": lr, r"\eta_#": rates, r"\sigma_#": sigma}, forall=STEPS)


@CHAPTER.binds("adagrad-curvature")
def parabola(rng):
    """σ_t as above, on a parabola."""
    lr, *_ = hyper(rng)
    a, c = rng.uniform(2, 3), rng.uniform(-2, -1)
    names = follow(AdaGrad(lr, 1e-30), rng, grad=lambda theta: a * (theta - c))
    theta, g = names[r"\theta_#"], names["g_#"]
    sigma = {t: lr / np.sqrt(t) * g[t] / (theta[t - 1] - theta[t]) for t in g}
    return Binding(names | {r"\sigma_#": sigma, "a": a, "c": c}, forall=STEPS)


@CHAPTER.binds("rmsprop", "rmsprop-expansion")
def rmsprop(rng):
    return root_mean_square(rng, eps_inside=True)


@CHAPTER.binds("rmsprop-outside")
def rmsprop_outside(rng):
    return root_mean_square(rng, eps_inside=False)


def root_mean_square(rng, eps_inside):
    lr, eps, beta, _ = hyper(rng)
    state = 0, np.float64(rng.uniform(0.5, 2))
    names = follow(RMSProp(lr, beta, eps, eps_inside), rng, ["s_#"], state=state)
    return Binding(names | {r"\eta": lr, r"\beta": beta, r"\epsilon": eps}, forall=STEPS)


@CHAPTER.binds("adadelta")
def adadelta(rng):
    _, eps, rho, _ = hyper(rng)
    names = follow(Adadelta(rho, eps), rng, ["s_#", "u_#"])
    steps = np.diff(list(names[r"\theta_#"].values()))
    names |= {r"\Delta\theta_#": by_step(steps, 1), r"\rho": rho, r"\epsilon": eps}
    return Binding(names, forall=STEPS)


def adaptive(kind, rng, grad=slope, **more):
    """Adam or one of its kin, with its averages and its hyper-parameters."""
    lr, eps, beta1, beta2 = hyper(rng)
    names = follow(kind(lr, beta1, beta2, eps, **more), rng, ["m_#", "s_#"], grad)
    g = list(names["g_#"].values())
    names[r"\hat{m}_#"] = by_step(ewma(g, beta1, bias_correction=True), 1)
    names[r"\hat{s}_#"] = by_step(ewma(np.square(g), beta2, bias_correction=True), 1)
    return names | {r"\eta": lr, r"\beta_1": beta1, r"\beta_2": beta2, r"\epsilon": eps}


@CHAPTER.binds("adam")
def adam(rng):
    return Binding(adaptive(Adam, rng), forall=STEPS)


@CHAPTER.binds("adam-bias")
def adam_with_constant_gradient(rng):
    g = rng.uniform(0.5, 2)
    names = adaptive(Adam, rng, grad=lambda theta: g)
    return Binding(names | {"g": g}, forall=STEPS)


@CHAPTER.binds("adamw")
def adamw(rng):
    lam = rng.uniform(0.2, 0.6)
    return Binding(adaptive(AdamW, rng, weight_decay=lam) | {r"\lambda": lam}, forall=STEPS)


@CHAPTER.binds("adam-l2")
def adam_with_penalty(rng):
    """The gradient that Adam's first moment has seen, of the cost with λθ²/2 added."""
    lam = float(rng.uniform(0.2, 0.6))

    def penalised(theta):
        return float(complex_step_gradient(lambda theta: cost(theta) + lam / 2 * theta**2, theta))

    names = adaptive(Adam, rng, penalised)
    m, beta1 = names["m_#"], names[r"\beta_1"]
    seen = {t: (m[t] - beta1 * m[t - 1]) / (1 - beta1) for t in range(1, T + 1)}
    return Binding(names | {"g_#": seen, r"\lambda": lam}, forall=STEPS)


@CHAPTER.binds("nadam")
def nadam(rng):
    return Binding(adaptive(NAdam, rng), forall=STEPS, defines=(r"\bar{m}_#",))


@CHAPTER.binds("lion")
def lion(rng):
    """c_t shows in θ_t by its sign alone; its value is what a Lion with β₂ = β₁ would remember."""
    lr, _, beta1, beta2 = hyper(rng)
    lam = rng.uniform(0.2, 0.6)
    slopes = iter(rng.uniform(1, 3, T) * [1, -1, 1, -1])
    names = follow(Lion(lr, beta1, beta2, lam), rng, ["m_#"], grad=lambda theta: next(slopes))
    g, m = names["g_#"], names["m_#"]
    c = {t: run_once(Lion(lr, beta1, beta1), g[t], (t - 1, np.float64(m[t - 1])))[1] for t in g}
    names |= {r"\eta": lr, r"\beta_1": beta1, r"\beta_2": beta2, r"\lambda": lam, "c_#": c}
    return Binding(names | {r"\operatorname{sign}": np.sign}, forall=STEPS)


def run_once(optimizer, g, state):
    return optimizer.step(1.0, lambda theta: g, state)[1]


class TestPrint(PrintedChapter):
    chapter = CHAPTER
