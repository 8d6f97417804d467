"""Batch, layer and RMS normalisation against exact arithmetic, scikit-learn, SymPy and complex steps."""

import itertools
import statistics
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
import sklearn.preprocessing
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from notesrc.normalization import (
    batch_norm_backward,
    batch_norm_forward,
    batch_norm_inference,
    layer_norm,
    rms_norm,
    update_running,
)
from proof.values import distance

M, N, EPS = 7, 3, 0.3  # unequal, and eps large enough to be seen wherever it stands
TINY = 1e-30  # an eps that float64 does not see beside a variance of order 1
batches = arrays(np.float64, (M, N), elements=st.floats(-100, 100, allow_subnormal=False))


@pytest.fixture
def rng():
    return np.random.default_rng(2015)


@pytest.fixture
def layer(rng):
    """x, gamma and beta: every feature with a mean, a spread, a scale and a shift of its own."""
    x = rng.normal(loc=[0, 5, -20], scale=[1, 0.1, 30], size=(M, N))
    return x, rng.normal(1, 0.5, N), rng.normal(2, 1, N)


def exact_moments(column):
    """Mean and variance (with 1/m) of a column in exact rational arithmetic, rounded once."""
    column = [Fraction(float(value)) for value in column]
    return float(statistics.mean(column)), float(statistics.pvariance(column))


def one_by_one(x, gamma, beta, eps, moments):
    """γ (x − μ)/√(σ² + ε) + β entry by entry, with (μ, σ²) of feature j from `moments[j]`."""

    def normalised(value, j):
        mean, var = moments[j]
        return (value - mean) / sqrt(var + eps)

    return np.array([[normalised(v, j) * gamma[j] + beta[j] for j, v in enumerate(row)] for row in x])


def printed_forward(x, gamma, beta, eps):
    """The paper's Algorithm 1 for complex numbers, one feature at a time, with sums written out."""
    m, out = len(x), []
    for column, scale, shift in zip(x.T, gamma, beta, strict=True):
        mu = sum(column) / m
        var = sum((value - mu) * (value - mu) for value in column) / m
        out.append([scale * (value - mu) * (var + eps) ** -0.5 + shift for value in column])
    return np.array(out).T


def complex_step(f, x, h=1e-30):
    """Gradient of the scalar f by every entry of x, exact to rounding."""
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * h
        gradient[index] = f(moved).imag / h
    return gradient


def statistics_used(x, eps=EPS):
    """μ and σ² that batch_norm_forward divides by, from its output on x, a straight line in each feature."""
    out, _ = batch_norm_forward(x, np.ones(N), np.zeros(N), eps)
    std = (x[0] - x[1]) / (out[0] - out[1])
    return x[0] - out[0] * std, std**2 - eps


# Forward


@pytest.mark.formula("bn-mean", "bn-variance", "bn-normalise", "bn-scale-shift")
def test_forward_against_exact_statistics(layer, measured):
    x, gamma, beta = layer
    expected = one_by_one(x, gamma, beta, EPS, [exact_moments(column) for column in x.T])
    out, _ = batch_norm_forward(x, gamma, beta, EPS)
    assert out.shape == (M, N)
    np.testing.assert_allclose(out, expected, rtol=1e-10)
    measured("oracle", distance(out, expected))


@pytest.mark.formula("bn-mean", "bn-variance", "bn-normalise", "bn-scale-shift")
@given(x=batches, eps=st.floats(1e-8, 10))
def test_forward_is_the_paper_for_any_batch(x, eps):
    gamma, beta = np.array([2.0, -0.5, 0.0]), np.array([0.3, -4.0, 1.5])
    out, _ = batch_norm_forward(x, gamma, beta, eps)
    np.testing.assert_allclose(out, printed_forward(x, gamma, beta, eps), rtol=1e-10, atol=1e-8)


@pytest.mark.formula("bn-mean", "bn-variance")
def test_statistics_are_over_the_examples_with_1_over_m(layer, measured):
    x, _, _ = layer
    mean, var = statistics_used(x)
    np.testing.assert_allclose(mean, np.mean(x, axis=0), rtol=1e-9)
    np.testing.assert_allclose(var, np.cov(x.T, ddof=0).diagonal(), rtol=1e-9)
    measured("oracle", max(distance(mean, np.mean(x, axis=0)), distance(var, np.cov(x.T, ddof=0).diagonal())))
    assert not np.allclose(var, np.var(x, axis=0, ddof=1), rtol=0.1)


@pytest.mark.formula("bn-normalise")
def test_without_eps_it_is_the_standardisation_of_scikit_learn(layer, measured):
    x, _, _ = layer
    out, _ = batch_norm_forward(x, np.ones(N), np.zeros(N), TINY)
    expected = sklearn.preprocessing.StandardScaler().fit_transform(x)
    np.testing.assert_allclose(out, expected, rtol=1e-10)
    measured("oracle", distance(out, expected))


def test_eps_is_a_hundred_thousandth_inside_the_root_unless_told_otherwise(layer):
    x, gamma, beta = np.array([[-1e-3], [1e-3]]), [1.0], [0.0]  # σ² = 1e-6, a tenth of eps
    out, _ = batch_norm_forward(x, gamma, beta)
    np.testing.assert_allclose(out[1], 1 / sqrt(11), rtol=1e-12)
    inference = batch_norm_inference(x, gamma, beta, [0.0], [1e-6])
    np.testing.assert_allclose(inference[1], 1 / sqrt(11), rtol=1e-12)
    np.testing.assert_allclose(layer_norm(x.T, [1.0, 1.0], [0.0, 0.0])[0, 1], 1 / sqrt(11), rtol=1e-12)
    np.testing.assert_allclose(rms_norm(x, [1.0])[1], 1 / sqrt(2), rtol=1e-12)  # its eps is 1e-6


@pytest.mark.formula("bn-output-mean", "bn-output-variance")
@given(x=batches, gamma=st.floats(-3, 3), beta=st.floats(-3, 3))
def test_beta_is_the_new_mean_and_gamma_all_but_eps_the_new_standard_deviation(x, gamma, beta, measured):
    out, _ = batch_norm_forward(x, np.full(N, gamma), np.full(N, beta), EPS)
    for column, output in zip(x.T, out.T, strict=True):
        _, var = exact_moments(column)
        mean_out, var_out = exact_moments(output)
        expected = gamma**2 * var / (var + EPS)
        assert mean_out == pytest.approx(beta, abs=1e-10)
        assert var_out == pytest.approx(expected, rel=1e-9, abs=1e-12)
        measured("property", [mean_out - beta, var_out - expected])
    without_eps, _ = batch_norm_forward(np.arange(6.0).reshape(3, 2) ** 2, [3.0, 3.0], [0.5, 0.5], TINY)
    np.testing.assert_allclose([without_eps.mean(0), without_eps.std(0)], [[0.5] * 2, [3.0] * 2], rtol=1e-12)


@pytest.mark.formula("bn-identity")
@given(x=batches, eps=st.floats(0.01, 10))
def test_it_can_learn_to_be_the_identity(x, eps, measured):
    gamma = np.sqrt(x.var(axis=0) + eps)
    out, _ = batch_norm_forward(x, gamma, x.mean(axis=0), eps)
    np.testing.assert_allclose(out, x, atol=1e-11)
    measured("property", (out - x) / 100)


@pytest.mark.formula("bn-bias-cancels")
@given(x=batches, b=arrays(np.float64, N, elements=st.floats(-100, 100)))
def test_a_bias_in_front_of_it_changes_nothing(x, b, measured):
    shifted, _ = batch_norm_forward(x + b, np.ones(N), np.zeros(N), EPS)
    plain, _ = batch_norm_forward(x, np.ones(N), np.zeros(N), EPS)
    np.testing.assert_allclose(shifted, plain, atol=1e-11)
    measured("property", shifted - plain)


@pytest.mark.formula("bn-bias-cancels", "bn-dx-sum")
def test_and_its_gradient_is_zero(layer, rng, measured):
    """∂J/∂b = Σ ∂J/∂x for x = z + b."""
    x, gamma, beta = layer
    target = rng.normal(size=x.shape)
    cost = lambda b: np.sum((printed_forward(x + b, gamma, beta, EPS) - target) ** 2) / 2  # noqa: E731
    out, cache = batch_norm_forward(x, gamma, beta, EPS)
    dx, _, _ = batch_norm_backward(out - target, cache)
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(complex_step(cost, np.zeros(N)), 0, atol=1e-12)
    measured("property", dx.sum(axis=0) / np.abs(dx).max())


@pytest.mark.formula("bn-output-mean", "bn-dx")
@given(arrays(np.float64, (1, N), elements=st.floats(-1e100, 1e100)))
def test_a_batch_of_one_gives_beta_and_no_gradient(x):
    gamma, beta = np.array([2.0, -1.0, 0.5]), np.array([3.0, 0.0, -7.0])
    out, cache = batch_norm_forward(x, gamma, beta)
    assert np.array_equal(out, [beta])
    dx, dgamma, dbeta = batch_norm_backward(np.array([[1.0, 2.0, 3.0]]), cache)
    assert np.array_equal(dx, np.zeros((1, N))) and np.array_equal(dgamma, np.zeros(N))
    assert np.array_equal(dbeta, [1, 2, 3])


# The scale of the weights


class Neuron:
    """J(w) of one linear neuron, its batch normalisation (ε = 0 to float64) and a squared error."""

    def __init__(self, rng):
        self.X, self.target = rng.normal(size=(M, N)), rng.normal(size=(M, 1))
        self.gamma, self.beta = np.array([1.7]), np.array([0.4])

    def forward(self, w):
        return batch_norm_forward((self.X @ w)[:, np.newaxis], self.gamma, self.beta, TINY)

    def cost(self, w):
        return np.sum((self.forward(w)[0] - self.target) ** 2) / 2

    def gradient(self, w):
        out, cache = self.forward(w)
        dx, _, _ = batch_norm_backward(out - self.target, cache)
        return self.X.T @ dx[:, 0]

    def printed_cost(self, w):
        out = printed_forward((self.X @ w)[:, np.newaxis], self.gamma, self.beta, TINY)
        return np.sum((out - self.target) ** 2) / 2


@pytest.mark.formula("bn-scale-invariance", "bn-scale-gradient")
@pytest.mark.parametrize("c", [1e-3, 0.5, 2.0, 1e4])
def test_scaled_weights_give_the_same_cost_and_a_gradient_that_is_divided(c, rng, measured):
    neuron, w = Neuron(rng), rng.normal(size=N)
    assert neuron.cost(c * w) == pytest.approx(neuron.cost(w), rel=1e-12)
    expected = complex_step(neuron.printed_cost, w) / c
    np.testing.assert_allclose(neuron.gradient(c * w), expected, rtol=1e-9)
    measured("complex step", distance(neuron.gradient(c * w), expected))


@pytest.mark.formula("bn-orthogonal", "bn-norm-growth")
def test_the_gradient_is_orthogonal_to_the_weights_so_that_they_grow(rng, measured):
    neuron, w = Neuron(rng), rng.normal(size=N)
    for _ in range(5):
        gradient = neuron.gradient(w)
        assert w @ gradient == pytest.approx(0, abs=1e-12)
        after = w - 0.1 * gradient
        assert after @ after == pytest.approx(w @ w + 0.01 * gradient @ gradient, rel=1e-12)
        measured("property", w @ gradient)
        w = after


# Backward


@pytest.mark.formula("bn-dx", "bn-dgamma", "bn-dbeta")
def test_backward_against_the_complex_step_over_the_whole_forward_pass(layer, rng, measured):
    x, gamma, beta = layer
    d_out = rng.normal(size=x.shape)
    found = batch_norm_backward(d_out, batch_norm_forward(x, gamma, beta, EPS)[1])
    costs = {
        "dx": (lambda v: np.sum(d_out * printed_forward(v, gamma, beta, EPS)), x),
        "dgamma": (lambda v: np.sum(d_out * printed_forward(x, v, beta, EPS)), gamma),
        "dbeta": (lambda v: np.sum(d_out * printed_forward(x, gamma, v, EPS)), beta),
    }
    for gradient, (cost, at) in zip(found, costs.values(), strict=True):
        expected = complex_step(cost, at)
        assert gradient.shape == at.shape
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13)
        measured("complex step", distance(gradient, expected))


@pytest.mark.formula("bn-dx", "bn-jacobian", "bn-dxhat")
def test_backward_against_the_jacobian_of_every_feature(layer, rng, measured):
    x, gamma, beta = layer
    d_out = rng.normal(size=x.shape)
    dx, _, _ = batch_norm_backward(d_out, batch_norm_forward(x, gamma, beta, EPS)[1])
    for j in range(N):
        mean, var = exact_moments(x[:, j])
        x_hat = (x[:, j] - mean) / sqrt(var + EPS)
        jacobian = (np.eye(M) - 1 / M - np.outer(x_hat, x_hat) / M) / sqrt(var + EPS)
        slopes = complex_step_jacobian(x[:, j])
        np.testing.assert_allclose(jacobian, slopes, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(dx[:, j], jacobian.T @ (gamma[j] * d_out[:, j]), rtol=1e-10, atol=1e-13)
        measured("complex step", distance(jacobian, slopes))


def complex_step_jacobian(column):
    """∂x̂_i/∂x_k of one feature."""
    x = np.array(column)[:, np.newaxis]
    normalise = lambda v: printed_forward(v, [1.0], [0.0], EPS)[:, 0]  # noqa: E731
    return np.array([complex_step(lambda v, i=i: normalise(v)[i], x)[:, 0] for i in range(len(x))])


@pytest.mark.formula(
    "bn-dxhat", "bn-dvar", "bn-dmean", "bn-dx-paths", "bn-dx-steps", "bn-dx", "bn-dgamma", "bn-dbeta"
)
def test_the_derivation_step_by_step_symbolically(measured):
    """Three examples: each step is a partial derivative with the variables of its own stage held apart."""
    m, at = 3, {"x": (1, 4, -2), "d": (2, -1, 5), "gamma": 3, "beta": 7, "eps": sp.Rational(1, 2)}
    x, d, x_hat = (sp.symbols(f"{name}1:{m + 1}") for name in ("x", "d", "h"))
    mu, var, gamma, beta, eps = sp.symbols("mu var gamma beta eps", positive=True)
    values = dict(zip(x + d, at["x"] + at["d"], strict=True)) | {gamma: 3, beta: 7, eps: at["eps"]}
    stage = {h: (value - mu) / sp.sqrt(var + eps) for h, value in zip(x_hat, x, strict=True)}
    by_mu = {mu: sum(x) / m}
    by_var = {var: sum((value - mu) ** 2 for value in x) / m}

    def number(expression):
        return sp.N(expression.subs(stage).subs(by_var).subs(by_mu).subs(values), 40)

    def vanishes(expression):
        return abs(number(expression)) < 1e-35

    J = sum(slope * (gamma * h + beta) for slope, h in zip(d, x_hat, strict=True))  # ∂J/∂y = d
    d_x_hat = [sp.diff(J, h) for h in x_hat]
    assert d_x_hat == [gamma * slope for slope in d]
    J_var = J.subs(stage)  # of x, mu and var
    d_var = sp.diff(J_var, var)
    summed = sum(g * (value - mu) for g, value in zip(d_x_hat, x, strict=True))
    assert vanishes(d_var + summed / (2 * (var + eps) ** sp.Rational(3, 2)))
    J_mu = J_var.subs(by_var)  # of x and mu, which the variance depends on as well
    d_mu = sp.diff(J_mu, mu)
    assert vanishes(d_mu + sum(d_x_hat) / sp.sqrt(var + eps))
    total = [sp.diff(J_mu.subs(by_mu), value) for value in x]
    for whole, g, value in zip(total, d_x_hat, x, strict=True):
        assert vanishes(whole - (g / sp.sqrt(var + eps) + d_var * 2 * (value - mu) / m + d_mu / m))

    numbers = [np.array(at[name], dtype=float) for name in ("x", "d")]
    _, cache = batch_norm_forward(numbers[0][:, np.newaxis], [3.0], [7.0], 0.5)
    dx, dgamma, dbeta = batch_norm_backward(numbers[1][:, np.newaxis], cache)
    expected = np.array([float(number(whole)) for whole in [*total, sp.diff(J, gamma), sp.diff(J, beta)]])
    np.testing.assert_allclose(np.hstack([dx[:, 0], dgamma, dbeta]), expected, rtol=1e-13)
    measured("symbolic", distance(np.hstack([dx[:, 0], dgamma, dbeta]), expected))


@pytest.mark.formula("bn-dx-sum", "bn-dx-xhat")
@given(x=batches, d_out=arrays(np.float64, (M, N), elements=st.floats(-10, 10)))
def test_what_the_gradient_has_lost(x, d_out, measured):
    gamma = np.array([2.0, -0.5, 1.0])
    x_hat, cache = batch_norm_forward(x, np.ones(N), np.zeros(N), EPS)
    _, cache = batch_norm_forward(x, gamma, np.ones(N), EPS)
    dx, dgamma, _ = batch_norm_backward(d_out, cache)
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-11)
    var = x.var(axis=0)
    left = gamma / np.sqrt(var + EPS) * EPS / (var + EPS) * dgamma
    np.testing.assert_allclose(np.sum(dx * x_hat, axis=0), left, atol=1e-10)
    measured("property", [*dx.sum(axis=0), *(np.sum(dx * x_hat, axis=0) - left)])


def test_backward_is_linear_in_d_out(layer, rng):
    x, gamma, beta = layer
    _, cache = batch_norm_forward(x, gamma, beta)
    a, b = rng.normal(size=(2, M, N))
    separate = [batch_norm_backward(d_out, cache) for d_out in (a, b)]
    for together, first, second in zip(batch_norm_backward(2 * a - b, cache), *separate, strict=True):
        np.testing.assert_allclose(together, 2 * first - second, atol=1e-9)


# Inference


@pytest.mark.formula("bn-inference")
def test_inference_takes_the_statistics_it_is_given(layer, rng, measured):
    x, gamma, beta = layer
    mean, var = rng.normal(size=N), rng.uniform(0.5, 2, N)
    out = batch_norm_inference(x, gamma, beta, mean, var, EPS)
    expected = one_by_one(x, gamma, beta, EPS, list(zip(mean, var, strict=True)))
    np.testing.assert_allclose(out, expected, rtol=1e-10)
    measured("oracle", distance(out, expected))
    alone = [batch_norm_inference(row[np.newaxis], gamma, beta, mean, var, EPS)[0] for row in x]
    assert np.array_equal(out, alone)  # no companion has a say


@pytest.mark.formula("bn-inference")
@given(x=batches)
def test_inference_with_the_statistics_of_the_batch_is_training(x):
    gamma, beta = np.array([2.0, -0.5, 1.0]), np.array([0.3, -4.0, 1.5])
    training, _ = batch_norm_forward(x, gamma, beta, EPS)
    inference = batch_norm_inference(x, gamma, beta, x.mean(axis=0), x.var(axis=0), EPS)
    np.testing.assert_allclose(inference, training, rtol=1e-12, atol=1e-12)
    constant = batch_norm_inference(x, gamma, beta, x[0], np.zeros(N), EPS)  # a variance of 0 is legal
    np.testing.assert_allclose(constant[0], beta)


@pytest.mark.formula("bn-affine")
def test_inference_folds_into_the_layer_before_it(rng, measured):
    X, W, b = rng.normal(size=(M, 4)), rng.normal(size=(N, 4)), rng.normal(size=N)
    (gamma, beta, mean), var = rng.normal(size=(3, N)), rng.uniform(0.5, 2, N)
    scale = gamma / np.sqrt(var + EPS)
    folded = X @ (scale[:, np.newaxis] * W).T + (scale * (b - mean) + beta)
    out = batch_norm_inference(X @ W.T + b, gamma, beta, mean, var, EPS)
    np.testing.assert_allclose(out, folded, rtol=1e-10, atol=1e-12)
    measured("oracle", distance(out, folded))


@pytest.mark.formula("bn-running-mean", "bn-running-var")
@given(
    values=arrays(np.float64, (5, 2, N), elements=st.floats(0, 100)),
    momentum=st.floats(0, 1, exclude_max=True),
)
def test_running_averages_are_weighted_sums(values, momentum, measured):
    """After T batches: ρ^T of the start, and (1 − ρ)ρ^(T−t) of batch t."""
    running = start = np.array([[0.0] * N, [1.0] * N])  # a row of means, one of variances
    for batch in values:
        running = update_running(running, batch, momentum)
    weights = [(1 - momentum) * momentum ** (len(values) - t) for t in range(1, len(values) + 1)]
    expected = momentum ** len(values) * start + np.tensordot(weights, values, axes=1)
    np.testing.assert_allclose(running, expected, rtol=1e-12, atol=1e-12)
    measured("closed form", distance(running, expected))


def test_momentum_is_the_weight_of_the_old_value():
    assert update_running(1.0, 0.0, momentum=0.75) == 0.75
    assert update_running(10.0, 20.0) == pytest.approx(11, rel=1e-15)  # 0.9 unless told otherwise
    assert update_running(10.0, 20.0, momentum=0) == 20


@pytest.mark.formula("bn-unbiased")
@given(column=arrays(np.float64, 5, elements=st.floats(-100, 100)))
def test_the_unbiased_variance_is_m_over_m_minus_1_times_the_biased(column, measured):
    exact = [Fraction(float(value)) for value in column]
    assert statistics.variance(exact) == Fraction(5, 4) * statistics.pvariance(exact)
    x = np.column_stack([column, np.arange(5.0)])
    out, _ = batch_norm_forward(x, np.ones(2), np.zeros(2), 1.0)
    _, var = exact_moments(column)
    biased = np.var(out[:, 0])  # var / (var + 1), of the variance that the layer divides by
    assert biased == pytest.approx(var / (var + 1), rel=1e-9, abs=1e-12)
    measured("property", 5 / 4 * var - np.var(column, ddof=1) if var > 1e-6 else 0.0)


@pytest.mark.formula("bn-unbiased", "bn-noise")
def test_over_all_batches_the_unbiased_variance_is_right_and_the_mean_varies_by_1_over_m(measured):
    """Every batch of three, drawn independently from four values: expectations are plain means."""
    population = [Fraction(value) for value in (0, 1, 5, -3)]
    sigma2 = statistics.pvariance(population)
    drawn = list(itertools.product(population, repeat=3))
    biased = statistics.mean(statistics.pvariance(batch) for batch in drawn)
    assert biased * Fraction(3, 2) == sigma2
    assert statistics.pvariance([statistics.mean(batch) for batch in drawn]) == sigma2 / 3
    measured("closed form")
    x = np.array([[float(value) for value in batch] for batch in drawn]).T  # a batch a column: (3, 64)
    _, (_, std, _) = batch_norm_forward(x, np.ones(64), np.zeros(64), EPS)
    assert np.mean(std**2 - EPS) == pytest.approx(float(biased), rel=1e-12)


@pytest.mark.formula("bn-noise")
@pytest.mark.parametrize("m", [16, 64, 256])
def test_the_output_of_one_example_is_as_noisy_as_the_mean_of_its_companions(m, rng, measured):
    """At x = 0 the output is −μ/σ of the batch: standard deviation 1/√m to first order."""
    draws = 4000
    x = rng.normal(size=(m, draws))  # one feature a batch
    x[0] = 0.0
    out, _ = batch_norm_forward(x, np.ones(draws), np.zeros(draws))
    band = 5 / np.sqrt(2 * draws) + 2 / m  # five standard errors of a standard deviation; next order
    np.testing.assert_allclose(out[0].std() * np.sqrt(m), 1, rtol=band)
    measured("statistical", out[0].std() * np.sqrt(m) - 1)


# Over the features


@pytest.mark.formula("layer-norm", "layer-norm-mean", "layer-norm-var")
def test_layer_norm_against_exact_statistics_of_every_example(rng, measured):
    x, gamma, beta = rng.normal(3, 2, (M, 5)), rng.normal(size=5), rng.normal(size=5)
    out = layer_norm(x, gamma, beta, EPS)
    expected = []
    for row in x:
        mean, var = exact_moments(row)
        scaled = [g * (v - mean) / sqrt(var + EPS) for v, g in zip(row, gamma, strict=True)]
        expected.append([v + b for v, b in zip(scaled, beta, strict=True)])
    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-13)
    measured("oracle", distance(out, np.array(expected)))
    assert np.array_equal(out[:1], layer_norm(x[:1], gamma, beta, EPS))  # no companion has a say


@pytest.mark.formula("layer-norm")
def test_layer_norm_is_batch_norm_of_the_transpose(rng):
    x = rng.normal(size=(M, 5))
    turned, _ = batch_norm_forward(x.T, np.ones(M), np.zeros(M), EPS)
    np.testing.assert_allclose(layer_norm(x, np.ones(5), np.zeros(5), EPS), turned.T, rtol=1e-12)


@pytest.mark.formula("layer-norm", "rms-norm")
@given(x=batches, c=st.floats(0.1, 10), b=st.floats(-10, 10))
def test_what_each_does_not_see(x, c, b):
    gamma, beta = np.array([2.0, -0.5, 1.0]), np.zeros(N)
    same = layer_norm(c * x + b, gamma, beta, c**2 * EPS)
    np.testing.assert_allclose(same, layer_norm(x, gamma, beta, EPS), atol=1e-9)
    np.testing.assert_allclose(rms_norm(c * x, gamma, c**2 * EPS), rms_norm(x, gamma, EPS), atol=1e-12)


@pytest.mark.formula("rms-norm")
@given(x=batches)
def test_rms_norm_divides_by_the_root_mean_square(x, measured):
    gamma = np.array([2.0, -0.5, 1.0])
    out = rms_norm(x, gamma, EPS)
    length = np.array([np.hypot.reduce([*row, sqrt(N * EPS)]) for row in x])
    expected = x * gamma * sqrt(N) / length[:, np.newaxis]
    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-300)
    measured("oracle", distance(out, expected))
    centred = x - x.mean(axis=1, keepdims=True)
    without_beta = layer_norm(x, gamma, np.zeros(N), EPS)
    np.testing.assert_allclose(rms_norm(centred, gamma, EPS), without_beta, atol=1e-12)


# Edges


def test_inputs_are_left_alone_and_a_constant_feature_is_harmless(layer):
    x, gamma, beta = (np.array(value) for value in layer)
    x[:, 0] = 4.0
    for value in (x, gamma, beta):
        value.flags.writeable = False
    with np.errstate(all="raise"):
        out, cache = batch_norm_forward(x, gamma, beta)
        gradients = batch_norm_backward(x, cache)
        outs = [
            out,
            *gradients,
            batch_norm_inference(x, gamma, beta, beta, np.ones(N)),
            update_running(x, x),
            layer_norm(x, gamma, beta),
            rms_norm(np.zeros((M, N)), gamma),
        ]
    assert np.array_equal(out[:, 0], np.full(M, beta[0]))
    assert np.array_equal(outs[-1], np.zeros((M, N)))
    assert not any(np.shares_memory(one, value) for one in outs for value in (x, gamma, beta))


FORWARD = {"x": [[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]], "gamma": [1.0, 2.0], "beta": [0.5, 0.0], "eps": 1e-5}
INFERENCE = FORWARD | {"mean": [0.1, 0.2], "var": [1.0, 2.0]}
CALLS = {
    batch_norm_forward: FORWARD,
    batch_norm_inference: INFERENCE,
    layer_norm: FORWARD,
    rms_norm: {name: FORWARD[name] for name in ("x", "gamma", "eps")},
}
BAD_PARAMETERS = [([1.0], r"shape \(2,\)"), ([[1.0, 2.0]], r"shape \(2,\)"), (1.0, r"shape \(2,\)")]
BAD = [
    *(("x", bad, "2 dimensions") for bad in ([1.0, 2.0], 3.0, np.ones((2, 2, 2)))),
    ("x", np.ones((0, 2)), "at least one number"),
    ("x", [[1.0, np.nan], [0.0, 1.0]], "finite numbers"),
    ("x", "text", "real numbers"),
    *(("eps", bad, "a number above 0") for bad in (0, 0.0, -1e-5)),
    ("eps", np.inf, "finite numbers"),
    ("eps", [1e-5], "one number"),
    *((name, *bad) for name in ("gamma", "beta", "mean", "var") for bad in BAD_PARAMETERS),
    *((name, [1.0, np.inf], "finite numbers") for name in ("gamma", "beta", "mean", "var")),
    ("var", [1.0, -0.5], "numbers of at least 0, got -0.5$"),
]


@pytest.mark.parametrize("name, bad, expected", BAD)
def test_bad_argument_is_named(name, bad, expected):
    for f, good in CALLS.items():
        f(**good)
        if name in good:
            with pytest.raises(ValueError, match=f"^{name}: expected {expected}"):
                f(**good | {name: bad})


@pytest.mark.parametrize(
    "bad, expected",
    [
        (np.ones((2, 2)), r"shape \(3, 2\), got shape \(2, 2\)"),
        (np.ones((2, 3)), r"shape \(3, 2\)"),
        (1.0, r"shape \(3, 2\)"),
        (np.full((3, 2), np.nan), "finite numbers"),
        ("text", "real numbers"),
    ],
)
def test_bad_d_out_is_named(bad, expected):
    _, cache = batch_norm_forward(**FORWARD)
    with pytest.raises(ValueError, match=f"^d_out: expected {expected}"):
        batch_norm_backward(bad, cache)


@pytest.mark.parametrize(
    "name, bad, expected",
    [
        ("running", [1.0, np.nan], "finite numbers"),
        ("running", "text", "real numbers"),
        ("batch", [1.0], r"shape \(2,\)"),
        ("batch", [1.0, np.inf], "finite numbers"),
        ("momentum", 1, r"a number in \[0, 1\)"),
        ("momentum", -0.1, r"a number in \[0, 1\)"),
        ("momentum", [0.9], "one number"),
    ],
)
def test_bad_running_average_is_named(name, bad, expected):
    good = {"running": [0.0, 1.0], "batch": [2.0, 3.0], "momentum": 0.5}
    with pytest.raises(ValueError, match=f"^{name}: expected {expected}"):
        update_running(**good | {name: bad})


HUGE = [[1e308, 1.0], [-1e308, 1.0]]
PAIRED = [1.7e308, -1.7e308, *[0] * 6] * 2  # NumPy adds every eighth first: inf and -inf meet
SQUARES = "squares that float64 can hold, got inf$"
CENTRED = "x - mean that float64 can hold, got inf$"
OUTPUT = "an output that float64 can hold, got (-)?inf$"


@pytest.mark.parametrize(
    "call, name, expected",
    [
        (lambda: batch_norm_forward(HUGE, [1, 1], [0, 0]), "x", SQUARES),
        (lambda: batch_norm_forward([[1.7e308], [1.6e308]], [1], [0]), "x", SQUARES),
        (lambda: layer_norm([PAIRED], np.ones(16), np.ones(16)), "x", SQUARES.replace("inf", "nan")),
        (lambda: batch_norm_forward([[1e154], [-1e154]], [1], [0], 1.75e308), "x", SQUARES),
        (lambda: layer_norm(HUGE, [1, 1], [0, 0]), "x", SQUARES),
        (lambda: rms_norm(HUGE, [1, 1]), "x", SQUARES),
        (lambda: batch_norm_inference([[1e308]], [1], [0], [-1e308], [1]), "x", CENTRED),
        (lambda: batch_norm_inference([[1]], [1], [0], [0], [1.7e308], 1.7e308), "var", SQUARES),
        (lambda: batch_norm_inference([[10]], [1e308], [0], [0], [1]), "gamma", OUTPUT),
        (lambda: batch_norm_forward([[1], [2], [9]], [1.7e308], [0]), "gamma", OUTPUT),
        (lambda: batch_norm_forward([[1], [2]], [-1.7e308], [-1.7e308]), "gamma", OUTPUT),
        (lambda: layer_norm([[1, 2, 9]], [1.7e308] * 3, [0] * 3), "gamma", OUTPUT),
        (lambda: rms_norm([[1, 2, 9]], [1.7e308] * 3), "gamma", OUTPUT),
    ],
)
def test_an_overflow_is_an_error_that_names_its_cause(call, name, expected):
    with pytest.raises(ValueError, match=f"^{name}: expected {expected}"):
        call()


@pytest.mark.parametrize("d_out", [[1e308] * 3, [1e308, -1e308, 1.7e308], [0, 0, 1.7e308], [1.7e308] * 3])
def test_an_overflow_of_the_gradients_is_named(d_out):
    _, cache = batch_norm_forward([[1.0], [2.0], [4.0]], [100.0], [0.0])
    complaint = "^d_out: expected gradients that float64 can hold, got (-?inf|nan)$"
    with pytest.raises(ValueError, match=complaint):
        batch_norm_backward(np.transpose([d_out]), cache)
