"""Optimisers against the rules of their papers as sums over the whole past, SymPy, and what must hold."""

import math
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
import sympy as sp

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
    minimize,
)
from proof.values import distance

START = [1.5, -0.7, 0.4]
TWO = np.array([1.0, 2.0])
NOISE = np.random.default_rng(1964).normal(size=(1000, 3))  # as of mini-batches: nothing comes to rest


def slopes(x, y, z):
    """The gradient of x²/2 + 3y² + z⁴/4 + xy/2 + sin z: coupled, of unequal curvature, not convex."""
    return np.array([x + y / 2, 6 * y + x / 2, z**3 + math.cos(z)])


def noisy():
    """The gradient as a callable that meets the same noise at each step."""
    noise = iter(NOISE)
    return lambda theta: slopes(*theta) + next(noise)


# The papers' rules over the whole past: theta holds θ_0 … θ_{t−1}, g holds g_1 … g_t, a row each, and where
# the optimiser keeps an average there is a sum over all that has been.


def powers(beta, t):
    """β^{t−i} for i from 1 to t."""
    return np.cumprod([1, *[beta] * (t - 1)])[::-1]


def weighted(x, beta):
    """(1 − β) Σ_i β^{t−i} x_i."""
    return (1 - beta) * powers(beta, len(x)) @ x


def unbiased(x, beta):
    """The weighted mean Σ_i β^{t−i} x_i / Σ_i β^{t−i}."""
    return powers(beta, len(x)) @ x / powers(beta, len(x)).sum()


def sgd(theta, g, lr):
    return theta[0] - lr * g.sum(axis=0)


def momentum(theta, g, lr, gamma):
    """Polyak's heavy ball: a step of descent plus γ (θ_{t−1} − θ_{t−2})."""
    return theta[-1] - lr * g[-1] + gamma * (theta[-1] - theta[-2:][0])


def ewma_momentum(theta, g, lr, beta):
    return theta[-1] - lr * weighted(g, beta)


def nesterov(theta, g, lr, gamma):
    """From the point ahead, a plain step of descent."""
    return ahead(theta, gamma) - lr * g[-1]


def ahead(theta, gamma):
    return theta[-1] + gamma * (theta[-1] - theta[-2:][0])


def adagrad(theta, g, lr, eps):
    return theta[-1] - lr * g[-1] / (eps + np.linalg.norm(g, axis=0))


def rmsprop(theta, g, lr, beta, eps, eps_inside):
    inside, outside = (eps, 0) if eps_inside else (0, eps)
    return theta[-1] - lr * g[-1] / ((weighted(g**2, beta) + inside) ** 0.5 + outside)


def adadelta(theta, g, rho, eps):
    steps = np.diff([theta[0], *theta], axis=0)  # the first is zero
    return theta[-1] - g[-1] * ((weighted(steps**2, rho) + eps) / (weighted(g**2, rho) + eps)) ** 0.5


def adam(theta, g, lr, beta1, beta2, eps, weight_decay=0.0):
    adaptive = unbiased(g, beta1) / (unbiased(g**2, beta2) ** 0.5 + eps)
    return (1 - lr * weight_decay) * theta[-1] - lr * adaptive


def nadam(theta, g, lr, beta1, beta2, eps):
    """m̂ is Adam's of the next step, if its gradient were 0, and this step's share of g_t as of now."""
    m_hat = unbiased(np.vstack([g, np.zeros(3)]), beta1) + g[-1] / powers(beta1, len(g)).sum()
    return theta[-1] - lr * m_hat / (unbiased(g**2, beta2) ** 0.5 + eps)


def lion(theta, g, lr, beta1, beta2, weight_decay):
    m = weighted(g[:-1], beta2) if len(g) > 1 else 0
    c = (1 - beta1) * g[-1] + beta1 * m
    return theta[-1] - lr * (np.where(c > 0, 1, -1) + weight_decay * theta[-1])


def follow(rule, steps, **hyper):
    """The path `(steps + 1, 3)` of a rule that sees all points and all gradients so far."""
    path, g = np.empty((steps + 1, 3)), np.empty((steps, 3))
    path[0] = START
    for t in range(steps):
        seen = path[: t + 1]
        g[t] = slopes(*(ahead(seen, hyper["gamma"]) if rule is nesterov else seen[-1])) + NOISE[t]
        path[t + 1] = rule(seen, g[: t + 1], **hyper)
    return path


# Generic numbers: no default, and eps large enough to matter.
CASES = [
    pytest.param(SGD(0.07), sgd, marks=pytest.mark.formula("sgd-step"), id="SGD"),
    pytest.param(Momentum(0.03, 0.8), momentum, marks=pytest.mark.formula("momentum"), id="Momentum"),
    pytest.param(
        EWMAMomentum(0.1, 0.7), ewma_momentum, marks=pytest.mark.formula("ewma-momentum"), id="EWMAMomentum"
    ),
    pytest.param(Nesterov(0.03, 0.8), nesterov, marks=pytest.mark.formula("nesterov"), id="Nesterov"),
    pytest.param(AdaGrad(0.3, 0.05), adagrad, marks=pytest.mark.formula("adagrad"), id="AdaGrad"),
    pytest.param(RMSProp(0.01, 0.8, 0.05), rmsprop, marks=pytest.mark.formula("rmsprop"), id="RMSProp"),
    pytest.param(
        RMSProp(0.01, 0.8, 0.05, eps_inside=False),
        rmsprop,
        marks=pytest.mark.formula("rmsprop-outside"),
        id="RMSProp-outside",
    ),
    pytest.param(Adadelta(0.8, 0.001), adadelta, marks=pytest.mark.formula("adadelta"), id="Adadelta"),
    pytest.param(Adam(0.02, 0.8, 0.95, 0.01), adam, marks=pytest.mark.formula("adam"), id="Adam"),
    pytest.param(AdamW(0.02, 0.8, 0.95, 0.01, 0.3), adam, marks=pytest.mark.formula("adamw"), id="AdamW"),
    pytest.param(NAdam(0.02, 0.8, 0.95, 0.01), nadam, marks=pytest.mark.formula("nadam"), id="NAdam"),
    pytest.param(Lion(0.003, 0.8, 0.95, 0.3), lion, marks=pytest.mark.formula("lion"), id="Lion"),
]
EVERY = [case.values[0] for case in CASES]
EVERY_NAMED = [pytest.param(optimizer, id=case.id) for optimizer, case in zip(EVERY, CASES)]


def hyper(optimizer):
    return {field.name: getattr(optimizer, field.name) for field in fields(optimizer)}


@pytest.mark.parametrize("optimizer, rule", CASES)
def test_1000_steps_agree_with_the_rule_of_the_paper(optimizer, rule, measured):
    expected = follow(rule, 1000, **hyper(optimizer))
    path = minimize(optimizer, noisy(), START, 1000)
    assert path.shape == (1001, 3)
    np.testing.assert_allclose(path, expected, rtol=1e-10, atol=1e-13)
    measured("oracle", distance(path, expected))


# Conventions and expansions


@pytest.mark.formula("momentum", "ewma-momentum")
def test_the_two_conventions_are_one_path(measured):
    added = minimize(Momentum(0.02, 0.85), noisy(), START, 300)
    averaged = minimize(EWMAMomentum(0.02 / (1 - 0.85), 0.85), noisy(), START, 300)
    np.testing.assert_allclose(averaged, added, rtol=1e-11)
    measured("property", distance(averaged, added))


@pytest.mark.formula("nesterov")
def test_without_velocity_nesterov_is_descent_and_it_looks_where_momentum_leads(measured):
    asked = []

    def grad(theta):
        asked.append(theta)
        return slopes(*theta)

    path = minimize(Nesterov(0.05, 0.6), grad, START, 3)
    leads = path[1:3] + 0.6 * np.diff(path, axis=0)[:2]
    np.testing.assert_allclose(asked, [START, *leads], rtol=1e-14)
    measured("closed form", distance(np.array(asked[1:]), leads))
    np.testing.assert_array_equal(
        minimize(Nesterov(0.05, 0), noisy(), START, 9), minimize(SGD(0.05), noisy(), START, 9)
    )


def run(optimizer, gradients, state=None, theta=0.3):
    """All states of an optimiser that meets the given gradients, the first one before them."""
    states = [optimizer.init(theta) if state is None else state]
    for g in gradients:
        theta, state = optimizer.step(theta, lambda theta: g, states[-1])
        states.append(state)
    return states


@pytest.mark.formula("momentum-expansion")
def test_velocity_is_a_weighted_sum_symbolically(measured):
    g, gamma, lr, v = sp.symbols("g1:6"), sp.Rational(3, 5), sp.Rational(1, 7), 0
    for g_t in g:
        v = gamma * v + lr * g_t
    values = [0.3, -1.2, 0.7, 2.0, -0.4]
    expected = float(v.subs(dict(zip(g, values))))
    weights = [float(sp.expand(v).coeff(g_i)) for g_i in g]
    np.testing.assert_allclose(weights, [0.6 ** (5 - i) / 7 for i in range(1, 6)], rtol=1e-14)
    found = run(Momentum(1 / 7, 0.6), values)[-1][1]
    assert found == pytest.approx(expected, rel=1e-13)
    measured("symbolic", distance(found, expected))


@pytest.mark.formula("rmsprop-expansion")
def test_mean_square_is_a_weighted_sum_symbolically(measured):
    g, s_0, beta = sp.symbols("g1:6"), sp.Symbol("s0"), sp.Rational(3, 5)
    s = s_0
    for g_t in g:
        s = beta * s + (1 - beta) * g_t**2
    s = sp.expand(s)
    assert s.coeff(s_0) == beta**5
    assert [s.coeff(g_i, 2) for g_i in g] == [(1 - beta) * beta ** (5 - i) for i in range(1, 6)]
    assert s.subs(dict.fromkeys([s_0, *g], 1)) == 1  # all weights together
    values = [0.3, -1.2, 0.7, 2.0, -0.4]
    expected = float(s.subs(dict(zip(g, values)) | {s_0: 1.7}))
    found = run(RMSProp(0.1, 0.6), values, state=(0, np.float64(1.7)))[-1][1]
    assert found == pytest.approx(expected, rel=1e-13)
    measured("symbolic", distance(found, expected))


@pytest.mark.formula("adagrad-rms", "adagrad-simplified")
def test_adagrad_divides_a_decaying_rate_by_the_root_mean_square(measured):
    """Both roots of t cancel: η/√t over the root mean square is η over the norm of all gradients."""
    path = minimize(AdaGrad(0.4, eps=1e-30), noisy(), START, 200)
    g = np.array([slopes(*theta) for theta in path[:-1]]) + NOISE[:200]
    for t in (1, 2, 50, 200):
        rms = np.sqrt(np.mean(g[:t] ** 2, axis=0))
        expected = -0.4 / math.sqrt(t) / rms * g[t - 1]
        np.testing.assert_allclose(path[t] - path[t - 1], expected, rtol=1e-9)
        np.testing.assert_allclose(expected, -0.4 / np.linalg.norm(g[:t], axis=0) * g[t - 1], rtol=1e-13)
        measured("closed form", distance(path[t] - path[t - 1], expected))


@pytest.mark.formula("adagrad-curvature")
def test_adagrad_takes_out_the_second_derivative(measured):
    """On a/2 (θ − c)² the root mean square of the gradients is a times that of the distances: a cancels."""
    a, c, theta = sp.symbols("a c theta", positive=True)
    J = a / 2 * (theta - c) ** 2
    slope = sp.diff(J, theta)
    assert sp.simplify(slope / sp.diff(J, theta, 2) - (theta - c)) == 0
    paths = []
    for steep in (1.0, 40.0):
        slope_at = sp.lambdify(theta, slope.subs({a: steep, c: sp.Rational(1, 2)}))
        paths.append(minimize(AdaGrad(0.4, eps=1e-30), slope_at, 3.0, 30))
    np.testing.assert_allclose(paths[1], paths[0], rtol=1e-12)
    measured("property", distance(*paths))


@pytest.mark.formula("adam-bias")
def test_moments_of_a_constant_gradient_symbolically(measured):
    beta1, beta2, g = sp.symbols("beta1 beta2 g")
    m = s = 0
    for _ in range(5):
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g**2
    assert sp.expand(m - (1 - beta1**5) * g) == 0
    assert sp.expand(s - (1 - beta2**5) * g**2) == 0
    for slope in (2.5, -1e-3):
        values = {g: slope, beta1: 0.7, beta2: 0.95}
        expected = np.array([float(moment.subs(values)) for moment in (m, s)])
        found = np.array(run(Adam(0.1, 0.7, 0.95), [slope] * 5)[-1][1:])
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        measured("symbolic", distance(found, expected))


@pytest.mark.formula("adam", "adam-bias")
@pytest.mark.parametrize("slope", [1e-3, -2.0, 1e6])
def test_adam_moves_by_lr_whatever_the_size_of_a_constant_gradient(slope):
    path = minimize(Adam(0.05, 0.7, 0.95, eps=1e-12), lambda theta: slope, 1.0, 20)
    np.testing.assert_allclose(np.diff(path), -0.05 * np.sign(slope), rtol=1e-8)


@pytest.mark.formula("adam-l2", "adamw")
def test_l2_in_adam_is_divided_away_and_decoupled_decay_is_not(measured):
    """The first step is η sign(g + λθ), whatever λ; decay shrinks θ by 1 − ηλ, whatever g."""
    theta, g = np.array([3.0, -2.0]), np.array([0.5, 40.0])
    lr, lam = 0.1, 0.2
    l2 = minimize(Adam(lr, eps=1e-12), lambda theta: g + lam * theta, theta, 1)[1]
    np.testing.assert_allclose(l2, theta - lr, rtol=1e-9)
    decoupled = minimize(AdamW(lr, eps=1e-12, weight_decay=lam), lambda theta: g, theta, 1)[1]
    expected = (1 - lr * lam) * theta - lr
    np.testing.assert_allclose(decoupled, expected, rtol=1e-9)
    measured("closed form", distance(decoupled, expected))


@pytest.mark.formula("adamw")
def test_without_decay_adamw_is_adam():
    plain, decayed = Adam(0.02, 0.8, 0.95, 0.01), AdamW(0.02, 0.8, 0.95, 0.01, 0)
    np.testing.assert_array_equal(
        minimize(plain, noisy(), START, 20), minimize(decayed, noisy(), START, 20)
    )


@pytest.mark.formula("lion")
def test_lion_moves_each_coordinate_by_lr_and_stands_still_without_gradient():
    path = minimize(Lion(0.03), noisy(), START, 50)
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.03, rtol=1e-10)
    assert minimize(Lion(0.03), lambda theta: 0.0, 2.0, 3).tolist() == [2.0] * 4


@pytest.mark.formula("adadelta")
def test_adadelta_starts_with_the_root_of_eps():
    path = minimize(Adadelta(0.9, 1e-8), lambda theta: 5.0, 2.0, 1)
    assert 2.0 - path[1] == pytest.approx(math.sqrt(1e-8 / 0.1), rel=1e-8)


# What all share


@pytest.mark.parametrize("optimizer", EVERY_NAMED)
def test_scalars_vectors_and_matrices_agree_entry_by_entry(optimizer):
    """Of 3 × 30,000 entries, more than are worked on at a time."""
    theta = np.random.default_rng(0).normal(size=(3, 30_000))
    path = minimize(optimizer, np.sin, theta, 3)
    assert path.shape == (4, 3, 30_000)
    for at in [(0, 0), (1, 2767), (1, 2768), (2, 29_999)]:  # 2768: the first of the second block
        alone = minimize(optimizer, math.sin, float(theta[at]), 3)
        assert alone.shape == (4,)
        np.testing.assert_allclose(path[(slice(None), *at)], alone, rtol=1e-12)
    np.testing.assert_allclose(minimize(optimizer, np.sin, theta[1, :5], 3), path[:, 1, :5], rtol=1e-12)


@pytest.mark.parametrize("optimizer", EVERY_NAMED)
def test_a_number_stays_a_number(optimizer):
    asked = []

    def grad(theta):
        asked.append(theta)
        return theta

    state = optimizer.init(2)
    theta, state = optimizer.step(2, grad, state)
    theta, state = optimizer.step(theta, grad, state)
    assert all(isinstance(x, float) for x in [theta, *asked, *state[1:]])
    assert state[0] == 2


@pytest.mark.parametrize("optimizer", EVERY_NAMED)
def test_steps_leave_their_inputs_alone_and_repeat(optimizer):
    theta, g = np.array([[1.0, -2.0, 0.5]]).T, np.array([[0.3, 0.1, -4.0]]).T
    _, state = optimizer.step(theta, lambda theta: g, optimizer.init(theta))
    before = [theta, g, *state[1:]]
    copies = [x.copy() for x in before]
    for x in before:
        x.flags.writeable = False
    first, again = (optimizer.step(theta, lambda theta: g, state) for _ in range(2))
    for x, copy in zip(before, copies):
        np.testing.assert_array_equal(x, copy)
    for x, y in zip([first[0], *first[1][1:]], [again[0], *again[1][1:]]):
        np.testing.assert_array_equal(x, y)
        assert x.shape == (3, 1) and x.flags.writeable
        assert not any(np.shares_memory(x, old) for old in before)
    assert (state[0], first[1][0]) == (1, 2)


@pytest.mark.parametrize("optimizer", EVERY_NAMED)
def test_init_remembers_zeros_like_theta(optimizer):
    t, *memory = optimizer.init([[1, 2, 3]])
    assert t == 0 and len(memory) == optimizer.remembers
    assert all(a.dtype == np.float64 and a.shape == (1, 3) and not a.any() for a in memory)


def test_how_much_each_remembers():
    needed = {SGD: 0, Momentum: 1, Nesterov: 1, EWMAMomentum: 1, AdaGrad: 1, RMSProp: 1, Lion: 1}
    needed |= {Adadelta: 2, Adam: 2, AdamW: 2, NAdam: 2}
    assert {kind: kind.remembers for kind in needed} == needed


@pytest.mark.parametrize("optimizer", [SGD(0.1), Nesterov(0.1)])
def test_a_grad_may_keep_what_it_is_given_but_not_change_it(optimizer):
    kept = []
    path = minimize(optimizer, lambda theta: (kept.append(theta), 2 * theta)[1], TWO, 3)
    if isinstance(optimizer, SGD):
        np.testing.assert_array_equal(kept, path[:3])

    def meddler(theta):
        theta *= 2
        return theta

    with pytest.raises(ValueError, match="read-only"):
        minimize(optimizer, meddler, TWO, 2)
    assert TWO.tolist() == [1, 2]


DEFAULTS = [
    (Momentum(1.0), {"gamma": 0.9}),
    (EWMAMomentum(1.0), {"beta": 0.9}),
    (Nesterov(1.0), {"gamma": 0.9}),
    (AdaGrad(1.0), {"eps": 1e-10}),
    (RMSProp(1.0), {"beta": 0.9, "eps": 1e-8, "eps_inside": True}),
    (Adadelta(), {"rho": 0.95, "eps": 1e-6}),
    (Adam(), {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
    (AdamW(), {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}),
    (NAdam(), {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
    (Lion(), {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}),
]


@pytest.mark.parametrize("optimizer, expected", DEFAULTS, ids=lambda x: type(x).__name__)
def test_defaults_are_those_of_the_papers(optimizer, expected):
    assert hyper(optimizer) == ({} if isinstance(optimizer, Adadelta) else {"lr": 1.0}) | expected


def test_hyper_parameters_are_frozen():
    with pytest.raises(FrozenInstanceError):
        Adam().lr = 1.0


@pytest.mark.parametrize("kind", [type(optimizer) for optimizer, _ in DEFAULTS])
def test_bad_hyper_parameter_is_named(kind):
    good = {field.name: 0.5 for field in fields(kind) if field.name != "eps_inside"}
    kind(**good)
    for name in good:
        share = name in ("beta", "beta1", "beta2", "gamma", "rho")
        edges = {"lr": [0], "eps": [0], "weight_decay": []}.get(name, [1, 1.5])
        for bad in [-0.1, np.nan, np.inf, "0.5", [0.5], None, *edges]:
            with pytest.raises(ValueError, match=f"^{name}: expected .*, got"):
                kind(**good | {name: bad})
        if share or name == "weight_decay":
            assert hyper(kind(**good | {name: 0}))[name] == 0


def test_messages_say_what_was_expected():
    for make, message in [
        (lambda: SGD(0), "lr: expected a number above 0, got 0.0"),
        (lambda: Momentum(1, 1), "gamma: expected a number in [0, 1), got 1.0"),
        (lambda: Lion(weight_decay=-1), "weight_decay: expected a number of at least 0, got -1.0"),
        (lambda: RMSProp(1.0, eps_inside="no"), "eps_inside: expected True or False, got 'no'"),
    ]:
        with pytest.raises(ValueError) as refusal:
            make()
        assert str(refusal.value) == message


BAD_STEPS = [
    ({"theta": [1.0, np.nan]}, "theta: expected finite numbers, got nan"),
    ({"theta": "far"}, "theta: expected real numbers, got dtype <U3"),
    ({"grad": TWO}, "grad: expected a function of theta, got array([1., 2.])"),
    ({"grad": lambda theta: [1.0]}, "grad(theta): expected shape (2,), got shape (1,)"),
    ({"grad": lambda theta: 1.0}, "grad(theta): expected shape (2,), got shape ()"),
    ({"grad": lambda theta: [[1.0, 2.0]]}, "grad(theta): expected shape (2,), got shape (1, 2)"),
    ({"grad": lambda theta: [1.0, -np.inf]}, "grad(theta): expected finite numbers, got -inf"),
    ({"grad": lambda theta: [np.nan, 1.0]}, "grad(theta): expected finite numbers, got nan"),
    ({"grad": lambda theta: None}, "grad(theta): expected real numbers, got dtype object"),
    ({"state": None}, "state: expected init(theta) of Adam, got None"),
    ({"state": (0, TWO)}, "state: expected init(theta) of Adam, got (0, array([1., 2.]))"),
    ({"state": [0, TWO, 1]}, "state: expected init(theta) of Adam, got [0, array([1., 2.]), 1]"),
    ({"state": (-1, TWO, TWO)}, "state[0]: expected the number of steps taken, got -1"),
    ({"state": (0.5, TWO, TWO)}, "state[0]: expected the number of steps taken, got 0.5"),
    ({"state": (0, TWO[:1], TWO)}, "state[1]: expected shape (2,), got shape (1,)"),
    ({"state": (0, TWO, 0.0)}, "state[2]: expected shape (2,), got shape ()"),
    ({"theta": 1.0}, "state[1]: expected shape (), got shape (2,)"),
    ({"theta": 1e300, "grad": lambda theta: -1e200, "state": (0, 0.0, 0.0)},
     "grad(theta): expected a step that float64 can hold, got 1e+200"),
]  # fmt: skip


@pytest.mark.parametrize("bad, message", BAD_STEPS)
def test_bad_step_is_named(bad, message):
    good = {"theta": TWO, "grad": lambda theta: theta, "state": (0, TWO, TWO)}
    Adam().step(**good)
    with pytest.raises(ValueError) as refusal:
        Adam().step(**good | bad)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "name, bad",
    [("theta0", [np.inf]), ("theta0", []), ("theta0", "0"), ("steps", 0), ("steps", 1.5), ("steps", True)],
)
def test_bad_start_is_named(name, bad):
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got"):
        minimize(SGD(0.1), lambda theta: theta, **{"theta0": 1.0, "steps": 2} | {name: bad})


def test_bad_init_is_named():
    with pytest.raises(ValueError, match="^theta: expected finite numbers, got nan"):
        Adam().init([0.0, np.nan])


@pytest.mark.parametrize("optimizer", EVERY_NAMED)
@pytest.mark.parametrize("slope", [1e-300, 0.0, 1e150])
def test_extreme_gradients_do_no_harm(optimizer, slope):
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(minimize(optimizer, lambda theta: slope, 1.0, 3)).all()


def test_divergence_is_an_error_that_names_the_gradient():
    with pytest.raises(ValueError, match=r"^grad\(theta\): expected a step that float64 can hold, got "):
        minimize(SGD(1e3), lambda theta: theta, 1.0, 1000)
