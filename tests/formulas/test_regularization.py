"""Penalties, their steps, ridge, dropout and early stopping against scikit-learn, SymPy and complex steps."""

import itertools

import numpy as np
import pytest
import scipy.optimize
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.linear_model import Lasso, LogisticRegression, Ridge

from notesrc import logistic
from notesrc.descent import gradient_descent
from notesrc.gradcheck import complex_step_gradient, numerical_gradient
from notesrc.optimizers import Adam, AdamW
from notesrc.regularization import (
    best_epoch,
    dropout_backward,
    dropout_forward,
    l1_penalty,
    l1_penalty_grad,
    l2_penalty,
    l2_penalty_grad,
    proximal_step,
    ridge,
    soft_threshold,
    weight_decay_step,
)
from proof.values import distance
from tests.fixed import Fixed

weights = arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-9, 9))
strengths = st.floats(0, 5)


@pytest.fixture
def rng():
    return np.random.default_rng(1970)


@pytest.fixture
def data(rng):
    """More examples than features, unequal scales, correlated columns."""
    X = rng.normal(size=(12, 4)) * [1, 3, 0.5, 2]
    X[:, 1] += X[:, 0]
    return X, X @ [2.0, -1.0, 0.0, 0.5] + rng.normal(size=12)


# Penalties


@pytest.mark.formula("l2-penalty")
@given(W=weights, lam=strengths)
def test_l2_is_half_lambda_times_the_squared_length(W, lam, measured):
    expected = lam * np.linalg.norm(W.ravel()) ** 2 / 2
    assert l2_penalty(W, lam) == pytest.approx(expected, rel=1e-13, abs=1e-300)
    measured("oracle", distance(l2_penalty(W, lam), expected))
    assert l2_penalty([[3.0, -4.0], [0.0, 1.0]], 0.5) == 6.5


@pytest.mark.formula("l2-penalty-grad")
@given(W=weights, lam=strengths)
def test_l2_gradient_is_that_of_the_printed_sum(W, lam, measured):
    exact = complex_step_gradient(lambda W: lam / 2 * np.sum(W**2) + 0j, W)
    found = l2_penalty_grad(W, lam)
    assert np.shape(found) == W.shape
    np.testing.assert_allclose(found, exact, rtol=1e-14, atol=1e-300)
    measured("complex step", distance(found, exact))


@pytest.mark.formula("l1-penalty")
@given(W=weights, lam=strengths)
def test_l1_is_lambda_times_the_taxicab_length(W, lam, measured):
    expected = lam * np.linalg.norm(W.ravel(), 1)
    assert l1_penalty(W, lam) == pytest.approx(expected, rel=1e-13, abs=1e-300)
    measured("oracle", distance(l1_penalty(W, lam), expected))
    assert l1_penalty([[3.0, -4.0], [0.0, 1.0]], 0.5) == 4


@pytest.mark.formula("l1-penalty-grad")
@given(W=weights, V=weights, lam=strengths)
def test_l1_gradient_is_a_subgradient(W, V, lam, measured):
    """The penalty lies above every tangent; off the kink there is one tangent alone; on it, ours is level."""
    g = l1_penalty_grad(W, lam)
    assert np.shape(g) == W.shape
    if V.shape == W.shape:
        tangent = l1_penalty(W, lam) + np.sum(g * (V - W))
        assert l1_penalty(V, lam) >= tangent - 1e-12 * (1 + abs(tangent))
    smooth = np.where(np.abs(W) < 0.1, 0.3, W)
    exact = complex_step_gradient(lambda W: lam * np.sum(np.sqrt(W * W)) + 0j, smooth)
    np.testing.assert_allclose(l1_penalty_grad(smooth, lam), exact, rtol=1e-14, atol=1e-300)
    measured("complex step", distance(l1_penalty_grad(smooth, lam), exact))
    assert np.array_equal(l1_penalty_grad([-2, 0, 0.0, 5], lam), [-lam, 0, 0, lam])


@pytest.mark.formula("l2-cost", "weight-decay-step")
def test_decay_ends_where_the_penalised_cost_is_least(rng, measured):
    """Logistic regression: m λ is scikit-learn's 1/C, which sums the losses where the book takes the mean."""
    X, y, lam, w = rng.normal(size=(30, 3)), rng.integers(0, 2, 30), 0.3, np.zeros(3)
    for _ in range(400):
        w = weight_decay_step(w, logistic.gradient(X, y, w, 0.0)[0], 1.0, lam)
    model = LogisticRegression(C=1 / (30 * lam), fit_intercept=False, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(w, model.coef_[0], rtol=1e-6)
    measured("oracle", distance(w, model.coef_[0]))


# Steps


@pytest.mark.formula("weight-decay-step")
@given(w=weights, lr=st.floats(1e-3, 2), lam=strengths)
def test_decay_step_descends_the_penalised_cost(w, lr, lam, measured):
    gradient = complex_step_gradient(lambda w: np.sum(np.sin(w)) + lam / 2 * np.sum(w**2), w)
    found = weight_decay_step(w, np.cos(w), lr, lam)
    assert np.shape(found) == w.shape
    np.testing.assert_allclose(found, w - lr * gradient, rtol=1e-12, atol=1e-12)
    measured("complex step", np.max(np.abs(found - (w - lr * gradient))))


def test_decay_alone_shrinks_by_one_factor():
    assert weight_decay_step(8.0, 0.0, 0.5, 0.5) == 6
    assert weight_decay_step(8.0, 2.0, 0.5, 0.0) == 7


@pytest.mark.formula("adam-l2-step")
def test_adam_divides_the_penalty_as_well(measured):
    """Without an average of the gradients, by hand: every step of Adam on J + λθ²/2, J = (θ − 3)²."""
    lr, lam, beta2, eps, theta, s = 0.1, 0.7, 0.9, 0.2, 5.0, 0.0
    adam = Adam(lr=lr, beta1=0, beta2=beta2, eps=eps)
    state, path = adam.init(theta), theta
    for t in range(1, 6):
        path, state = adam.step(path, lambda theta: 2 * (theta - 3) + lam * theta, state)
        s = beta2 * s + (1 - beta2) * (2 * (theta - 3) + lam * theta) ** 2
        root = (s / (1 - beta2**t)) ** 0.5 + eps
        theta = (1 - lr * lam / root) * theta - lr / root * 2 * (theta - 3)
        assert path == pytest.approx(theta, rel=1e-13)
        measured("closed form", distance(path, theta))


@pytest.mark.formula("adam-l2-step")
def test_in_adam_large_gradients_shield_a_weight_from_the_penalty_but_not_from_decay(rng):
    """Pure noise of scale c: the penalty shrinks a weight by ηλ/c a step, AdamW's decay by ηλ, whatever c."""
    lr, lam, steps, scale = 1e-3, 0.5, 1000, np.repeat([[4.0], [40.0]], 50, axis=1)

    def noise(w):
        return scale * rng.choice([-1.0, 1.0], size=w.shape)

    left = {}
    for name, adam, penalty in [("l2", Adam(lr=lr), lam), ("decay", AdamW(lr=lr, weight_decay=lam), 0.0)]:
        w = np.ones_like(scale)
        state = adam.init(w)
        for _ in range(steps):
            w, state = adam.step(w, lambda w, penalty=penalty: noise(w) + penalty * w, state)
        left[name] = w.mean(axis=1)
    np.testing.assert_allclose(left["l2"], np.exp(-lr * lam * steps / scale[:, 0]), atol=0.02)
    np.testing.assert_allclose(left["decay"], np.exp(-lr * lam * steps), atol=0.02)


@pytest.mark.formula("soft-threshold")
@given(w=st.floats(-9, 9), threshold=strengths)
def test_soft_threshold_minimises_its_problem(w, threshold, measured):
    """The objective is convex: at its minimum the two one-sided slopes have opposite signs."""
    x = soft_threshold(w, threshold)
    right = x - w + threshold * (1 if x >= 0 else -1)
    left = x - w + threshold * (1 if x > 0 else -1)
    assert left <= 1e-14 and right >= -1e-14
    expected = max(w - threshold, 0) - max(-w - threshold, 0)
    assert x == pytest.approx(expected, rel=1e-15)
    assert not np.signbit(x) or x < 0
    measured("closed form", distance(x, expected))


@pytest.mark.formula("soft-threshold")
def test_soft_threshold_of_an_array_is_the_lasso_of_the_identity(rng, measured):
    y = rng.normal(size=(6, 1)) * 3
    model = Lasso(alpha=0.8 / 6, fit_intercept=False, tol=1e-12).fit(np.eye(6), y)
    found = soft_threshold(y, 0.8)
    assert found.shape == (6, 1) and np.any(found == 0) and np.any(found != 0)
    np.testing.assert_allclose(found[:, 0], model.coef_, rtol=1e-12)
    measured("oracle", distance(found[:, 0], model.coef_))


@pytest.mark.formula("proximal-step", "lasso-cost")
@pytest.mark.parametrize("lam", [0.5, 6.0, 40.0])
def test_proximal_steps_end_at_the_lasso_of_scikit_learn(lam, data, measured):
    X, y = data
    w, lr = np.zeros(4), 1 / np.linalg.norm(X, 2) ** 2
    for _ in range(2500):
        w = proximal_step(w, X.T @ (X @ w - y), lr, lam)
    model = Lasso(alpha=lam / 12, fit_intercept=False, tol=1e-14, max_iter=10**5).fit(X, y)
    np.testing.assert_allclose(w, model.coef_, rtol=1e-7)
    assert np.array_equal(w == 0, model.coef_ == 0)
    measured("oracle", distance(w, model.coef_))


@pytest.mark.formula("proximal-step")
@given(w=weights, lr=st.floats(1e-3, 2), lam=strengths)
def test_proximal_step_is_the_least_of_its_model(w, lr, lam, measured):
    """It minimises ∇J·x + (x − w)²/2η + λ|x| in each weight: at 0, or where one of the slopes is 0."""
    slope = np.cos(w)
    candidates = np.stack([np.zeros(w.shape), w - lr * (slope + lam), w - lr * (slope - lam)])
    model = slope * candidates + (candidates - w) ** 2 / (2 * lr) + lam * np.abs(candidates)
    best = np.take_along_axis(candidates, model.argmin(axis=0)[np.newaxis], axis=0)[0]
    np.testing.assert_allclose(proximal_step(w, slope, lr, lam), best, atol=1e-6)
    measured("closed form", np.max(np.abs(proximal_step(w, slope, lr, lam) - best)))


def test_subgradient_steps_do_not_end_at_zero_but_proximal_steps_do():
    w = v = 1.05
    for _ in range(50):
        w, v = w - 0.1 * l1_penalty_grad(w, 1.0), proximal_step(v, 0.0, 0.1, 1.0)
    assert abs(w) == pytest.approx(0.05) and v == 0


# Ridge


@pytest.mark.formula("ridge-solution", "ridge-cost")
@pytest.mark.parametrize("lam", [1e-3, 0.7, 50.0])
def test_ridge_is_that_of_scikit_learn(lam, data, measured):
    X, y = data
    model = Ridge(alpha=lam, fit_intercept=False, solver="cholesky").fit(X, y)
    np.testing.assert_allclose(ridge(X, y, lam), model.coef_, rtol=1e-10)
    measured("oracle", distance(ridge(X, y, lam), model.coef_))


@pytest.mark.formula("ridge-solution", "ridge-cost")
def test_ridge_solves_the_normal_equations_symbolically(measured):
    X, y, lam = sp.Matrix([[1, 2], [3, -1], [0, 4]]), sp.Matrix([1, -2, 5]), sp.Rational(3, 4)
    w = sp.Matrix(sp.symbols("w1 w2"))
    cost = ((y - X * w).T * (y - X * w))[0] / 2 + lam / 2 * (w.T * w)[0]
    exact = sp.solve([sp.diff(cost, one) for one in w], list(w))
    exact = np.array([float(exact[one]) for one in w])
    found = ridge(np.array(X, dtype=float), np.array(y, dtype=float)[:, 0], 0.75)
    np.testing.assert_allclose(found, exact, rtol=1e-13)
    measured("symbolic", distance(found, exact))


@pytest.mark.formula("ridge-shrinkage")
@pytest.mark.parametrize("lam", [0.1, 3.0])
def test_ridge_shrinks_along_the_eigenvectors(lam, data, measured):
    X, y = data
    square, V = np.linalg.eigh(X.T @ X)
    expected = square / (square + lam) * (V.T @ np.linalg.lstsq(X, y)[0])
    np.testing.assert_allclose(V.T @ ridge(X, y, lam), expected, rtol=1e-10)
    measured("oracle", distance(V.T @ ridge(X, y, lam), expected))


def test_ridge_without_penalty_is_least_squares_and_the_shortest_if_there_are_many(data):
    X, y = data
    np.testing.assert_allclose(ridge(X, y, 0), np.linalg.pinv(X) @ y, rtol=1e-10)
    np.testing.assert_allclose(ridge(X[:3], y[:3], 0), np.linalg.pinv(X[:3]) @ y[:3], rtol=1e-10)
    np.testing.assert_allclose(ridge(X[:3], y[:3], 1e-9), ridge(X[:3], y[:3], 0), atol=1e-6)


@pytest.mark.formula("early-stopping-shrinkage")
@pytest.mark.parametrize("t", [1, 7, 60])
def test_early_stopping_shrinks_along_the_eigenvectors(t, data, measured):
    X, y = data
    square, V = np.linalg.eigh(X.T @ X)
    lr = 0.9 / square[-1]
    expected = (1 - (1 - lr * square) ** t) * (V.T @ np.linalg.lstsq(X, y)[0])
    w = gradient_descent(lambda w: X.T @ (X @ w - y), np.zeros(4), lr, t)[-1]
    np.testing.assert_allclose(V.T @ w, expected, rtol=1e-10)
    measured("oracle", distance(V.T @ w, expected))


# Dropout


def masks(x, numerator, denominator):
    """Every outcome of dropout with p = numerator/denominator, all equally likely: (out, cache)."""
    values = np.arange(denominator) / denominator  # of which `numerator` lie below p
    for uniforms in itertools.product(values, repeat=x.size):
        yield dropout_forward(x, numerator / denominator, Fixed(np.reshape(uniforms, x.shape)))


@pytest.mark.formula("dropout-mask")
@given(x=arrays(np.float64, (3, 2), elements=st.floats(1, 9)), p=st.floats(0.05, 1), seed=st.integers(0, 99))
def test_the_mask_keeps_what_was_drawn_below_p(x, p, seed, measured):
    out, cache = dropout_forward(x, p, np.random.default_rng(seed))
    kept = np.random.default_rng(seed).random((3, 2)) < p
    assert np.array_equal(out != 0, kept) and np.array_equal(cache != 0, kept)
    measured("oracle", 0)


@pytest.mark.formula("dropout-mask")
def test_p_is_the_share_that_is_kept(measured):
    """The count is binomial: 5 standard errors."""
    out, _ = dropout_forward(np.ones(40_000), 0.7, np.random.default_rng(0))
    share, error = np.mean(out != 0), np.sqrt(0.7 * 0.3 / 40_000)
    assert abs(share - 0.7) < 5 * error
    measured("statistical", abs(share - 0.7))


@pytest.mark.formula("dropout-forward")
def test_what_is_kept_is_divided_by_p(measured):
    out, cache = dropout_forward([[3.0, -5.0], [7.0, 2.0]], 0.4, Fixed([[0.1, 0.4], [0.39, 0.9]]))
    np.testing.assert_allclose(out, [[7.5, 0], [17.5, 0]], rtol=1e-15)
    np.testing.assert_allclose(cache, [[2.5, 0], [2.5, 0]], rtol=1e-15)
    measured("closed form", distance(out, np.array([[7.5, 0], [17.5, 0]])))


def test_dropout_keeps_all_or_takes_a_number():
    x = np.array([1.5, -2.0])
    out, cache = dropout_forward(x, 1, np.random.default_rng(0))
    assert np.array_equal(out, x) and np.array_equal(cache, [1, 1]) and not np.shares_memory(out, x)
    assert dropout_forward(3.0, 0.5, Fixed(0.2)) == (6, 2)


@pytest.mark.formula("dropout-backward")
def test_backward_is_the_derivative_of_forward(rng, measured):
    x, d_out = rng.normal(size=(2, 4, 3))
    out, cache = dropout_forward(x, 0.6, np.random.default_rng(7))
    cost = numerical_gradient(lambda x: np.sum(d_out * dropout_forward(x, 0.6, np.random.default_rng(7))[0]), x)
    np.testing.assert_allclose(dropout_backward(d_out, cache), cost, atol=1e-9)
    assert 0 < np.count_nonzero(cost) < 12
    measured("differences", distance(dropout_backward(d_out, cache), cost))


@pytest.mark.formula("dropout-mean", "dropout-variance")
@pytest.mark.parametrize("numerator, denominator", [(1, 2), (2, 3), (1, 5)])
def test_dropout_keeps_the_mean_and_adds_variance(numerator, denominator, measured):
    x, p = np.array([3.0, -1.0, 0.5]), numerator / denominator
    outs = np.array([out for out, _ in masks(x, numerator, denominator)])
    np.testing.assert_allclose(outs.mean(axis=0), x, rtol=1e-13)
    np.testing.assert_allclose(outs.var(axis=0), (1 - p) / p * x**2, rtol=1e-13)
    measured("closed form", distance(outs.mean(axis=0), x))
    measured("closed form", distance(outs.var(axis=0), (1 - p) / p * x**2))


@pytest.mark.formula("dropout-ridge")
def test_dropout_on_linear_regression_is_a_ridge_of_its_own_scales(rng, measured):
    """Over all masks of the entries; the w that is best on average solves the ridge of weights Σ x²."""
    X, y, w, p = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=2), 1 / 3

    def mean_cost(w):
        return np.mean(np.sum((y - outs @ w) ** 2, axis=1))

    outs = np.array([out for out, _ in masks(X, 1, 3)])
    expected = np.sum((y - X @ w) ** 2) + (1 - p) / p * np.sum(X**2 @ w**2)
    assert mean_cost(w) == pytest.approx(expected, rel=1e-13)
    measured("closed form", distance(mean_cost(w), expected))
    length = np.sqrt(np.sum(X**2, axis=0))
    best = ridge(X / length, y, (1 - p) / p) / length
    found = scipy.optimize.minimize(mean_cost, np.zeros(2), tol=1e-10).x
    np.testing.assert_allclose(best, found, rtol=1e-6)


# Early stopping


@pytest.mark.parametrize(
    "losses, patience, best",
    [
        ([5, 4, 3, 2], 1, 3),
        ([5], 3, 0),
        ([5, 6, 1, 0], 1, 0),
        ([5, 6, 1, 0], 2, 3),
        ([5, 6, 7, 1], 2, 0),
        ([5, 6, 7, 1], 3, 3),
        ([4, 3, 5, 5, 2, 9, 9, 9, 1], 3, 4),
        ([4, 3, 5, 5, 2, 9, 9, 9, 1], 4, 8),
        ([3, 3, 3, 1], 2, 0),
        ([3, 3, 1], 2, 2),
        ([2, 1, 1, 1.5], 9, 1),
        ([-1, -2, -1.5], 1, 1),
    ],
)
def test_the_best_epoch_before_patience_runs_out(losses, patience, best):
    found = best_epoch(losses, patience)
    assert found == best and type(found) is int


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 12))
def test_what_comes_after_the_stop_is_not_looked_at(losses, patience):
    best = best_epoch(losses, patience)
    seen = losses[: best + patience + 1]
    assert best == int(np.argmin(seen))
    assert best_epoch([*seen, -5], patience) == (best if len(seen) == best + patience + 1 else len(seen))


# Bad input


RNG = np.random.default_rng(0)
GOOD = {
    l2_penalty: {"W": [1.0, 2.0], "lam": 0.1},
    l2_penalty_grad: {"W": [1.0, 2.0], "lam": 0.1},
    l1_penalty: {"W": [1.0, 2.0], "lam": 0.1},
    l1_penalty_grad: {"W": [1.0, 2.0], "lam": 0.1},
    weight_decay_step: {"w": [1.0, 2.0], "grad": [0.5, 1.0], "lr": 0.1, "lam": 0.1},
    proximal_step: {"w": [1.0, 2.0], "grad": [0.5, 1.0], "lr": 0.1, "lam": 0.1},
    soft_threshold: {"w": [1.0, 2.0], "threshold": 0.1},
    ridge: {"X": [[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]], "y": [1.0, 2.0, 3.0], "lam": 0.1},
    dropout_forward: {"x": [1.0, 2.0], "keep_prob": 0.5, "rng": RNG},
    dropout_backward: {"d_out": [1.0, 2.0], "cache": [2.0, 0.0]},
    best_epoch: {"val_losses": [2.0, 1.0, 3.0], "patience": 1},
}
NUMBER_AT_LEAST_0 = [
    (-0.1, "a number of at least 0, got -0.1"),
    ([0.1], r"one number, got shape \(1,\)"),
    (np.nan, "finite numbers, got nan"),
    (None, "real numbers, got dtype object"),
]
ARRAY = [([], "at least one number, got "), ("a", "real numbers, got "), (np.inf, "finite numbers, got inf")]
BAD = {
    "W": ARRAY,
    "w": ARRAY,
    "x": ARRAY,
    "lam": NUMBER_AT_LEAST_0,
    "threshold": NUMBER_AT_LEAST_0,
    "lr": [
        (0.0, "a number above 0, got 0.0"),
        (-1.0, "a number above 0, got -1.0"),
        ([0.1], "one number, got"),
    ],
    "grad": [
        ([1.0], r"shape \(2,\), got shape \(1,\)"),
        (0.5, r"shape \(2,\), got"),
        ([np.nan, 0.0], "finite numbers, got nan"),
    ],
    "X": [
        ([1.0, 2.0], r"2 dimensions, got shape \(2,\)"),
        (np.ones((2, 2, 2)), "2 dimensions, got shape"),
        ([[np.nan]], "finite numbers, got nan"),
    ],
    "y": [
        ([1.0, 2.0], r"shape \(3,\), got shape \(2,\)"),
        ([[1.0], [2.0], [3.0]], r"shape \(3,\), got shape \(3, 1\)"),
        ([1.0, np.inf, 0.0], "finite numbers, got inf"),
    ],
    "keep_prob": [
        (0.0, "a number above 0, got 0.0"),
        (-0.5, "a number above 0, got -0.5"),
        (1.001, r"a probability in \(0, 1\], got 1.001$"),
        ([0.5], "one number, got"),
    ],
    "rng": [(None, "a np.random.Generator"), (np.random.RandomState(0), "a np.random.Generator")],
    "d_out": [
        ([1.0], r"shape \(2,\), got shape \(1,\)"),
        (1.0, r"shape \(2,\), got shape \(\)"),
        ([np.nan, 0.0], "finite numbers, got nan"),
    ],
    "cache": [(["a", "b"], "real numbers, got"), ([np.inf, 0.0], "finite numbers, got inf")],
    "val_losses": [
        (3.0, r"1 dimensions, got shape \(\)"),
        ([[1.0, 2.0]], r"1 dimensions, got shape \(1, 2\)"),
        ([1.0, np.nan], "finite numbers, got nan"),
        ([], "at least one number, got"),
    ],
    "patience": [
        (0, "a positive integer, got 0"),
        (1.5, "a positive integer, got 1.5"),
        (True, "a positive integer, got True"),
    ],
}


@pytest.mark.parametrize(
    "f, name, bad, words",
    [(f, name, bad, words) for f, good in GOOD.items() for name in good for bad, words in BAD[name]],
)
def test_bad_argument_is_named(f, name, bad, words):
    f(**GOOD[f])
    with pytest.raises(ValueError, match=f"^{name}: expected {words}"):
        f(**GOOD[f] | {name: bad})


def test_a_forgotten_generator_is_named():
    with pytest.raises(ValueError, match="^rng: expected"):
        dropout_forward([1.0], 0.5)


@pytest.mark.parametrize(
    "f, name, arguments",
    [
        (l2_penalty, "W", {"W": [1e200, -1e200]}),
        (l2_penalty_grad, "W", {"W": [1.0, -1e308], "lam": 2.0}),
        (l1_penalty, "W", {"W": [1e308, -1e308], "lam": 1.0}),
        (weight_decay_step, "lr", {"grad": [1e308, 0.0], "lr": 10.0}),
        (weight_decay_step, "lr", {"w": [1e308, 0.0], "grad": [-1e308, 0.0], "lr": 10.0, "lam": 1.0}),
        (proximal_step, "lr", {"grad": [1e308, 0.0], "lr": 10.0}),
        (proximal_step, "lam", {"lr": 10.0, "lam": 1e308}),
        (ridge, "X", {"X": [[1e-300], [1e-300], [0.0]], "y": [1e300, 1e300, 0.0], "lam": 0.0}),
        (dropout_forward, "keep_prob", {"x": [1e308, 1e308], "keep_prob": 0.5, "rng": Fixed([0.1, 0.1])}),
        (dropout_forward, "keep_prob", {"x": [0.0, 0.0], "keep_prob": 5e-324, "rng": Fixed([0.0, 0.0])}),
        (dropout_backward, "d_out", {"d_out": [1e308, 0.0]}),
    ],
)
def test_an_overflow_is_named(f, name, arguments):
    words = "a size at which float64 holds the result, got an overflow"
    with np.errstate(all="raise"), pytest.raises(ValueError, match=f"^{name}: expected {words}$"):
        f(**GOOD[f] | arguments)


def test_no_penalty_on_weights_of_any_size():
    with np.errstate(all="raise"):
        for penalty in (l1_penalty, l2_penalty):
            assert penalty([1e308, -1e308], 0.0) == 0


def test_inputs_are_left_alone():
    w, grad = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    for x in (w, grad):
        x.flags.writeable = False
    out, cache = dropout_forward(w, 0.9, RNG)
    outs = [l2_penalty_grad(w, 1.0), l1_penalty_grad(w, 1.0), weight_decay_step(w, grad, 1.0, 0.0), out]
    outs += [soft_threshold(w, 0.0), proximal_step(w, grad, 1.0, 0.0), dropout_backward(grad, cache)]
    assert not any(np.shares_memory(out, x) for out in outs for x in (w, grad))
