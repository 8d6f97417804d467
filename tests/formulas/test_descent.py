"""Gradient descent and mini-batches against closed forms, SciPy, SymPy and enumeration."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.stats
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from notesrc.descent import gradient_descent, minibatches
from notesrc.gradcheck import complex_step_gradient, numerical_gradient
from notesrc.logistic import fit, gradient
from proof.values import distance

COUNT = 20_000  # random matrices


@pytest.fixture
def rng():
    return np.random.default_rng(1847)  # Cauchy


def rosenbrock_path(theta, lr, steps):
    """Written out in plain Python, one number at a time."""
    x, y = theta
    path = [(x, y)]
    for _ in range(steps):
        slope_x, slope_y = -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)
        x, y = x - lr * slope_x, y - lr * slope_y
        path.append((x, y))
    return np.array(path)


# Update


@pytest.mark.formula("gradient-descent-update")
def test_a_thousand_steps_agree_with_an_independent_implementation(measured):
    path = gradient_descent(scipy.optimize.rosen_der, [-1.2, 1.0], 1e-3, 1000)
    expected = rosenbrock_path([-1.2, 1.0], 1e-3, 1000)
    np.testing.assert_allclose(path, expected, rtol=1e-10)
    measured("oracle", distance(path, expected))


@pytest.mark.formula("gradient-descent-update")
def test_logistic_regression_takes_the_same_way(rng, measured):
    X, y = rng.normal(size=(30, 2)), rng.integers(0, 2, 30)

    def grad(theta):
        dw, db = gradient(X, y, theta[:2], theta[2])
        return [*dw, db]

    w, b, _ = fit(X, y, lr=0.3, steps=40)
    last = gradient_descent(grad, np.zeros(3), 0.3, 40)[-1]
    np.testing.assert_allclose(last, [*w, b], rtol=1e-12)
    measured("oracle", distance(last, np.array([*w, b])))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 2)])
def test_any_shape_of_parameters_descends(shape, rng):
    theta0 = rng.normal(size=shape)
    path = gradient_descent(lambda theta: 2 * theta, theta0, 0.1, 7)
    assert path.shape == (8, *shape) and path.dtype == np.float64
    np.testing.assert_allclose(path[-1], 0.8**7 * theta0, rtol=1e-14)
    np.testing.assert_array_equal(path[0], theta0)


def test_parameters_and_trajectory_stay_apart():
    """A gradient that spoils its argument, or returns the same array each time, does no harm."""
    theta0, kept = np.array([1.0, 2.0]), []

    def rude(theta):
        kept.append(theta)
        theta *= 2
        return theta

    path = gradient_descent(rude, theta0, 0.25, 3)
    np.testing.assert_allclose(path, [[1, 2], [0.5, 1], [0.25, 0.5], [0.125, 0.25]])
    np.testing.assert_array_equal(theta0, [1, 2])
    assert not any(np.shares_memory(theta, path) for theta in kept)


def test_integers_and_lists_are_welcome():
    path = gradient_descent(lambda theta: [1, -1], [3, 4], 0.5, 2)
    np.testing.assert_array_equal(path, [[3, 4], [2.5, 4.5], [2, 5]])


@pytest.mark.formula("gradient-vector")
def test_each_component_sees_the_whole_point(measured):
    x, y = sp.symbols("x y")
    cost = x**2 + x * y + sp.exp(y) * x
    slopes = [sp.diff(cost, v).subs({x: 1.5, y: -0.5}).evalf(20) for v in (x, y)]
    found = complex_step_gradient(lambda t: t[0] ** 2 + t[0] * t[1] + np.exp(t[1]) * t[0], [1.5, -0.5])
    np.testing.assert_allclose(found, np.array(slopes, dtype=float), rtol=1e-15)
    measured("symbolic", distance(found, np.array(slopes, dtype=float)))


# Why minus, and how far


@pytest.mark.formula("parabola", "parabola-grad")
def test_the_parabola_and_its_slope(measured):
    W = sp.Symbol("W")
    J = sp.Rational(1, 10) * (W - 5) ** 2
    assert sp.expand(sp.diff(J, W) - sp.Rational(1, 5) * (W - 5)) == 0
    assert sp.solve(sp.diff(J, W), W) == [5] and J.subs(W, 10) == sp.Rational(5, 2)
    assert sp.diff(J, W).subs(W, 10) == 1 and sp.diff(J, W).subs(W, 0) == -1
    measured("symbolic")


def softplus_sum(A, theta):
    """A smooth cost whose curvature is at most the largest eigenvalue of AᵀA/4."""
    return np.sum(np.log1p(np.exp(A @ theta)))


def softplus_sum_grad(A, theta):
    return A.T @ (1 / (1 + np.exp(-A @ theta)))


@pytest.fixture
def bent(rng):
    """A cost, its gradient and its constant L."""
    A = rng.normal(size=(5, 3))
    return (
        lambda theta: softplus_sum(A, theta),
        lambda theta: softplus_sum_grad(A, theta),
        np.linalg.norm(A, 2) ** 2 / 4,
    )


@pytest.mark.formula("taylor-first-order")
def test_the_error_of_the_expansion_falls_with_the_square_of_the_step(bent, rng, measured):
    cost, grad, _ = bent
    theta, step = rng.normal(size=(2, 3))
    sizes = np.array([1e-2, 1e-3])
    error = [cost(theta + h * step) - cost(theta) - h * grad(theta) @ step for h in sizes]
    slope = np.log10(error[0] / error[1])
    assert abs(slope - 2) < 0.05
    measured("differences", error[1] / cost(theta))


@pytest.mark.formula("steepest-direction")
def test_no_direction_is_steeper_than_minus_the_gradient(bent, rng, measured):
    _, grad, _ = bent
    g = grad(rng.normal(size=3))
    steps = rng.normal(size=(500, 3))
    bound = -np.linalg.norm(g) * np.linalg.norm(steps, axis=1)
    assert np.all(steps @ g > bound)
    found = scipy.optimize.minimize(
        lambda step: step @ g / np.linalg.norm(step), steps[0], tol=1e-12, method="Nelder-Mead"
    )
    assert found.fun == pytest.approx(-np.linalg.norm(g), rel=1e-9)
    np.testing.assert_allclose(found.x / np.linalg.norm(found.x), -g / np.linalg.norm(g), atol=1e-4)
    measured("oracle", found.fun / np.linalg.norm(g) + 1)


@pytest.mark.formula("smoothness", "taylor-error", "taylor-integral", "taylor-error-integral")
def test_the_error_of_the_expansion_is_an_integral_below_half_l(bent, rng, measured):
    cost, grad, L = bent
    for theta, step in rng.normal(size=(20, 2, 3)):
        assert np.linalg.norm(grad(theta + step) - grad(theta)) <= L * np.linalg.norm(step)
        change, _ = scipy.integrate.quad(lambda s: grad(theta + s * step) @ step, 0, 1, epsabs=1e-13)
        assert change == pytest.approx(cost(theta + step) - cost(theta), rel=1e-10)
        error = abs(cost(theta + step) - cost(theta) - grad(theta) @ step)
        half, _ = scipy.integrate.quad(lambda s: L * s * (step @ step), 0, 1)
        assert error <= half and half == pytest.approx(L / 2 * np.linalg.norm(step) ** 2, rel=1e-12)
        measured("oracle", distance(change, cost(theta + step) - cost(theta)))


@pytest.mark.formula("descent-lemma")
def test_a_step_keeps_the_share_of_its_promise(bent, rng, measured):
    cost, grad, L = bent
    for share in (0.1, 0.5, 1.0, 1.9, 2.0, 3.0):
        eta = share / L
        for theta in rng.normal(size=(10, 3)):
            before, after = gradient_descent(grad, theta, eta, 1)
            promise = eta * np.sum(grad(theta) ** 2)
            assert cost(after) <= cost(before) - (1 - share / 2) * promise
            if share < 2:
                assert cost(after) < cost(before)
    measured("property")


@pytest.mark.formula("descent-lemma")
def test_the_lemma_is_sharp_on_a_parabola(measured):
    """J = Lθ²/2: the bound is an equality."""
    L, eta, theta = sp.symbols("L eta theta", positive=True)
    J = lambda t: L * t**2 / 2
    after, slope = J(theta - eta * L * theta), L * theta
    assert sp.expand(after - (J(theta) - eta * (1 - L * eta / 2) * slope**2)) == 0
    measured("symbolic")


# Learning rate


@pytest.mark.formula("quadratic-error")
@given(L=st.floats(0.1, 5), share=st.floats(0.01, 2.2), best=st.floats(-3, 3), start=st.floats(-3, 3))
def test_the_error_on_a_parabola_is_a_power(L, share, best, start, measured):
    path = gradient_descent(lambda theta: L * (theta - best), start, share / L, 12)
    expected = [float(Fraction(start) - Fraction(best)) * (1 - share) ** t for t in range(13)]
    np.testing.assert_allclose(path - best, expected, rtol=1e-6, atol=1e-12)
    measured("closed form", np.abs(path - best - expected).max() / max(1, np.abs(path).max()))


@pytest.mark.formula("learning-rate-threshold")
def test_the_threshold_is_two_over_the_largest_curvature(rng, measured):
    H = np.cov(rng.normal(size=(4, 9)))
    L, direction = np.linalg.eigvalsh(H)[-1], np.linalg.eigh(H)[1][:, -1]

    def growth(lr):
        path = gradient_descent(lambda theta: H @ theta, direction, lr, 1)
        return np.linalg.norm(path[1]) - 1

    found = scipy.optimize.brentq(growth, 1 / L, 9 / L, xtol=1e-14)
    assert found == pytest.approx(2 / L, rel=1e-10)
    measured("oracle", found * L / 2 - 1)
    for share in (0.98, 1.02):
        last = gradient_descent(lambda theta: H @ theta, rng.normal(size=4), share * 2 / L, 4000)[-1]
        assert (np.linalg.norm(last) < 1) == (share < 1)


@pytest.mark.formula("condition-number", "best-learning-rate", "best-factor")
def test_the_best_rate_shrinks_both_ends_alike(measured):
    for low, high in [(1.0, 25.0), (0.3, 2.0), (2.0, 2.5)]:
        worst = lambda lr: max(abs(1 - lr * low), abs(1 - lr * high))
        found = scipy.optimize.minimize_scalar(worst, bounds=(0, 2 / high), options={"xatol": 1e-12})
        kappa = np.linalg.cond(np.diag([low, high]))
        assert found.x == pytest.approx(2 / (low + high), rel=1e-5)
        assert found.fun == pytest.approx((kappa - 1) / (kappa + 1), rel=1e-5)
        path = gradient_descent(lambda theta: theta * [low, high], np.ones(2), 2 / (low + high), 9)
        expected = ((kappa - 1) / (kappa + 1)) ** np.arange(10)
        np.testing.assert_allclose(np.linalg.norm(path, axis=1) / math.sqrt(2), expected, rtol=1e-10)
        measured("oracle", distance(np.linalg.norm(path, axis=1) / math.sqrt(2), expected))


# Saddles


@pytest.mark.formula("saddle", "saddle-escape")
def test_a_saddle_draws_in_and_pushes_out(measured):
    x, y, eta, t = sp.symbols("x y eta t", positive=True)
    J = (x**2 - y**2) / 2
    assert list(sp.hessian(J, (x, y)).eigenvals()) in ([1, -1], [-1, 1])
    step = [v - eta * sp.diff(J, v) for v in (x, y)]
    assert [sp.expand(s - e) for s, e in zip(step, [(1 - eta) * x, (1 + eta) * y])] == [0, 0]
    path = gradient_descent(lambda theta: theta * [1, -1], [2.0, 1e-6], 0.1, 60)
    expected = np.array([[2 * 0.9**k, 1e-6 * 1.1**k] for k in range(61)])
    np.testing.assert_allclose(path, expected, rtol=1e-12)
    measured("closed form", distance(path, expected))


@pytest.mark.formula("minimum-share")
@pytest.mark.parametrize("d, exact", [(1, 1 / 2), (2, (2 - math.sqrt(2)) / 4)])
def test_few_random_hessians_are_those_of_a_minimum(d, exact, rng, measured):
    G = rng.normal(size=(COUNT, d, d))
    minors = [np.linalg.det((G + G.transpose(0, 2, 1))[:, :k, :k]) > 0 for k in range(1, d + 1)]
    share = np.mean(np.all(minors, axis=0))  # Sylvester's criterion instead of eigenvalues
    error = math.sqrt(exact * (1 - exact) / COUNT)
    assert abs(share - exact) < 4 * error
    measured("statistical", share / exact - 1)


@pytest.mark.formula("minimum-share")
def test_two_dimensional_minima_fill_a_cone(measured):
    """The share of the sphere within 45 degrees of one axis."""
    angle = sp.Symbol("angle")
    cap = sp.integrate(2 * sp.pi * sp.sin(angle), (angle, 0, sp.pi / 4)) / (4 * sp.pi)
    assert sp.simplify(cap - (2 - sp.sqrt(2)) / 4) == 0
    measured("symbolic")


# Batches


@pytest.mark.formula("minibatch-count")
@given(m=st.integers(1, 60), data=st.data())
def test_batches_are_a_partition(m, data, measured):
    n = data.draw(st.integers(1, m))
    batches = minibatches(m, n, np.random.default_rng(m * n))
    assert isinstance(batches, list) and len(batches) == -(-m // n)
    assert [len(batch) for batch in batches[:-1]] == [n] * (len(batches) - 1)
    assert len(batches[-1]) == m - n * (len(batches) - 1) and 1 <= len(batches[-1]) <= n
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(m))
    measured("closed form", len(batches) - math.ceil(Fraction(m, n)))


def test_batches_serve_as_indices(rng):
    X = np.arange(10)[:, np.newaxis] * [1.0, 10.0]
    for batch in minibatches(10, 4, rng):
        assert batch.dtype.kind == "i"
        np.testing.assert_array_equal(X[batch][:, 0], batch)


def test_batches_depend_on_the_generator_alone_and_it_moves_on():
    first, again = (minibatches(20, 6, np.random.default_rng(3)) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    rng = np.random.default_rng(3)
    epochs = [np.concatenate(minibatches(20, 6, rng)) for _ in range(2)]
    np.testing.assert_array_equal(epochs[0], np.concatenate(first))
    assert not np.array_equal(*epochs) and not np.array_equal(epochs[0], np.arange(20))


@pytest.mark.formula("minibatch-unbiased", "minibatch-gradient")
def test_every_batch_is_equally_likely_at_every_place(rng, measured):
    """All 10 pairs of 5 examples: chi-square, for the first and the second batch."""
    pairs = {pair: 0 for pair in itertools.combinations(range(5), 2)}
    counts, draws = [dict(pairs), dict(pairs)], 3000
    for _ in range(draws):
        for count, batch in zip(counts, minibatches(5, 2, rng)[:2], strict=True):
            count[tuple(sorted(batch.tolist()))] += 1
    for count in counts:
        test = scipy.stats.chisquare(list(count.values()))
        assert test.pvalue > 1e-3
        measured("statistical", test.statistic / draws)


@pytest.mark.formula(
    "batch-gradient", "stochastic-gradient", "minibatch-gradient", "minibatch-unbiased", "gradient-noise"
)
def test_the_batches_of_an_epoch_average_to_the_full_gradient(rng, measured):
    X, y, w = rng.normal(size=(12, 3)), rng.integers(0, 2, 12), rng.normal(size=3)

    def cost(w):
        return np.mean(np.log1p(np.exp(X @ w)) - y * (X @ w))

    full = numerical_gradient(cost, w)
    for n in (1, 4, 12):
        parts = [gradient(X[b], y[b], w, 0.0)[0] for b in minibatches(12, n, rng)]
        np.testing.assert_allclose(np.mean(parts, axis=0), full, rtol=1e-8)
        measured("differences", distance(np.mean(parts, axis=0), full))


@pytest.mark.formula("gradient-noise", "minibatch-variance", "minibatch-variance-steps", "pair-correlation")
@pytest.mark.parametrize("m, n", [(6, 1), (6, 2), (6, 4), (7, 7), (2, 1)])
def test_the_variance_of_a_batch_exactly(m, n, measured):
    """Over all batches, in fractions: nothing rounds."""
    rng = np.random.default_rng(m + n)
    g = [[Fraction(int(a), 7) for a in row] for row in rng.integers(-9, 10, (m, 2))]
    mean = [sum(column) / m for column in zip(*g)]
    d = [[a - b for a, b in zip(row, mean)] for row in g]
    sigma2 = sum(a * a for row in d for a in row) / m
    batches = list(itertools.combinations(range(m), n))
    squares = [sum(sum(d[i][k] for i in b) ** 2 for k in range(2)) / n**2 for b in batches]
    variance = sum(squares) / len(batches)
    assert variance == Fraction(m - n, m - 1) * sigma2 / n
    assert variance == sigma2 / n * (1 - Fraction(n - 1, m - 1))
    pairs = [sum(a * b for a, b in zip(d[i], d[j])) for i in range(m) for j in range(m) if i != j]
    assert sum(pairs) / (m * (m - 1)) == -sigma2 / (m - 1)
    measured("closed form")


@pytest.mark.formula("minibatch-variance")
def test_drawn_batches_have_that_variance(rng, measured):
    g = rng.normal(size=20)
    drawn = [g[minibatches(20, 8, rng)[k]].mean() - g.mean() for _ in range(1500) for k in range(2)]
    expected = 12 / 19 * g.var() / 8
    # the two batches of a draw are correlated, so that only 1500 count
    assert abs(np.mean(np.square(drawn)) / expected - 1) < 4 * math.sqrt(2 / 1500)
    measured("statistical", np.mean(np.square(drawn)) / expected - 1)


# Refusals


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"theta0": [1.0, np.nan]}, "theta0: expected finite numbers, got nan"),
        ({"theta0": "here"}, "theta0: expected real numbers"),
        ({"theta0": []}, "theta0: expected at least one number"),
        ({"lr": 0.0}, "lr: expected a number above 0, got 0.0"),
        ({"lr": -0.1}, "lr: expected a number above 0, got -0.1"),
        ({"lr": np.inf}, "lr: expected finite numbers, got inf"),
        ({"lr": [0.1, 0.2]}, r"lr: expected one number, got shape \(2,\)"),
        ({"steps": 0}, "steps: expected a positive integer, got 0"),
        ({"steps": 2.0}, "steps: expected a positive integer, got 2.0"),
        ({"grad": lambda theta: theta[:1]}, r"grad\(theta\) at step 0: expected shape \(2,\), got shape"),
        ({"grad": lambda theta: theta * np.inf}, r"grad\(theta\) at step 0: expected finite numbers, got"),
    ],
)
def test_bad_arguments_are_named(changed, message):
    good = {"grad": lambda theta: theta, "theta0": [1.0, 2.0], "lr": 0.1, "steps": 3}
    with pytest.raises(ValueError, match=f"^{message}"):
        gradient_descent(**good | changed)


def test_a_gradient_that_breaks_later_names_its_step():
    with pytest.raises(ValueError, match=r"^grad\(theta\) at step 2: expected finite numbers, got nan$"):
        gradient_descent(lambda theta: np.where(theta < 0.9, np.nan, 1.0), 1.05, 0.1, 9)


def test_divergence_beyond_float64_is_refused_without_a_warning():
    message = r"^lr: expected a rate at which theta stays finite, got 1e\+200: overflow at step 1$"
    with pytest.raises(ValueError, match=message):
        gradient_descent(lambda theta: theta, [1.0, 0.0], 1e200, 5)
    assert np.isfinite(gradient_descent(lambda theta: theta, [1.0, 0.0], 1e200, 1)).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0, 1), "m: expected a positive integer, got 0"),
        ((4.0, 1), "m: expected a positive integer, got 4.0"),
        ((4, 0), "batch_size: expected a positive integer, got 0"),
        ((4, True), "batch_size: expected a positive integer, got True"),
        ((4, 5), "batch_size: expected at most m = 4, got 5$"),
    ],
)
def test_bad_batches_are_named(arguments, message, rng):
    with pytest.raises(ValueError, match=f"^{message}"):
        minibatches(*arguments, rng)


@pytest.mark.parametrize("rng", [(), (None,), (0,), (np.random,)])
def test_a_generator_is_asked_for(rng):
    with pytest.raises(ValueError, match=r"^rng: expected a np\.random\.Generator"):
        minibatches(4, 2, *rng)
