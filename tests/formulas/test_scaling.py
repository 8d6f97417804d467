"""Standardisation against scikit-learn, exact fractions and the normal distribution."""

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from notesrc.scaling import standardize
from proof.values import distance

HUGE = sys.float_info.max


@pytest.fixture
def data():
    return np.random.default_rng(1733).normal(size=(40, 3)) * [1, 30, 2e-3] + [170, -5, 0]  # de Moivre


@pytest.mark.formula("feature-mean", "feature-std", "standardisation")
def test_agrees_with_scikit_learn(data, measured):
    X_scaled, mean, std = standardize(data)
    oracle = StandardScaler().fit(data)
    np.testing.assert_allclose(mean, oracle.mean_, rtol=1e-13)
    np.testing.assert_allclose(std, oracle.scale_, rtol=1e-13)
    np.testing.assert_allclose(X_scaled, oracle.transform(data), rtol=1e-10, atol=1e-12)
    measured("oracle", distance(X_scaled, oracle.transform(data)))
    assert X_scaled.shape == (40, 3) and mean.shape == std.shape == (3,)


@pytest.mark.formula("feature-mean", "feature-std", "standardisation")
def test_a_column_by_hand(measured):
    """2, 4, 4, 4, 5, 5, 7, 9 has mean 5 and standard deviation 2, with 1/m."""
    column = np.array([[2], [4], [4], [4], [5], [5], [7], [9]])
    X_scaled, mean, std = standardize(np.hstack([column, -3 * column]))
    np.testing.assert_array_equal(mean, [5, -15])
    np.testing.assert_array_equal(std, [2, 6])
    expected = (column - 5) / 2 * [1, -1]
    np.testing.assert_array_equal(X_scaled, expected)
    measured("closed form", X_scaled - expected)


@pytest.mark.formula("standardisation")
@given(X=arrays(np.float64, (5, 2), elements=st.floats(-HUGE, HUGE)))
def test_any_finite_features_get_mean_0_and_standard_deviation_1(X, measured):
    assume(np.all(X.min(axis=0) < X.max(axis=0)))
    X_scaled, mean, std = standardize(X)
    assert np.isfinite(X_scaled).all() and np.isfinite(mean).all() and np.isfinite(std).all()
    np.testing.assert_allclose(X_scaled.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(X_scaled.std(axis=0), 1, rtol=1e-14)
    assert np.all((X.min(axis=0) <= mean) & (mean <= X.max(axis=0)))
    order = np.argsort(X, axis=0, kind="stable")
    assert np.all(np.diff(np.take_along_axis(X_scaled, order, axis=0), axis=0) >= 0)
    measured("property", X_scaled.mean(axis=0))


@pytest.mark.formula("feature-mean", "feature-std")
@pytest.mark.parametrize(
    "column",
    [
        [1e16, 1e16 + 2, 1e16 + 2, 1e16 + 6],  # the mean lies between two floats
        [1e16 + 14, 1e16 + 4, 1e16, 1e16 + 4],  # the sum rounds, and so would the mean
        [HUGE, -HUGE, HUGE, 0.0],
        [HUGE, HUGE, HUGE, HUGE / 2],
        [3e-300, 0.0, 1e-300, -2e-300],
        [1.0, 1.0, 1.0, 1.0 + 2.0**-52],
    ],
)
def test_hard_columns_against_exact_fractions(column, measured):
    exact = [Fraction(x) for x in column]
    mean = sum(exact) / 4
    variance = sum((x - mean) ** 2 for x in exact) / 4
    scale = max(abs(x) for x in exact)
    expected = [float((x - mean) / scale) / math.sqrt(variance / scale**2) for x in exact]
    X_scaled, found, std = standardize(np.array([column, column]).T)
    for j in range(2):
        np.testing.assert_allclose(X_scaled[:, j], expected, rtol=1e-14)
        assert found[j] == float(mean)
        assert std[j] == pytest.approx(float(scale) * math.sqrt(variance / scale**2), rel=1e-14, abs=0)
    measured("closed form", distance(X_scaled[:, 0], np.array(expected)))


def test_new_data_are_scaled_as_the_old(data):
    X_scaled, mean, std = standardize(data)
    np.testing.assert_allclose((data[:7] - mean) / std, X_scaled[:7], rtol=1e-10, atol=1e-12)


def test_standardising_twice_changes_nothing(data):
    once = standardize(data)[0]
    twice, mean, std = standardize(once)
    np.testing.assert_allclose(twice, once, atol=1e-14)
    np.testing.assert_allclose(mean, 0, atol=1e-15)
    np.testing.assert_allclose(std, 1, rtol=1e-14)


def test_columns_are_scaled_apart_and_the_input_is_left_alone(data):
    before = data.copy()
    data.flags.writeable = False
    X_scaled = standardize(data)[0]
    np.testing.assert_array_equal(data, before)
    assert not np.shares_memory(X_scaled, data)
    for j in range(3):
        np.testing.assert_allclose(standardize(data[:, [j]])[0], X_scaled[:, [j]], rtol=1e-13)


def test_the_shape_of_a_distribution_stays():
    x = scipy.stats.expon.ppf((np.arange(2000) + 0.5) / 2000)
    scaled = standardize(x[:, np.newaxis])[0][:, 0]
    assert scipy.stats.skew(scaled) == pytest.approx(scipy.stats.skew(x), rel=1e-12)
    assert scipy.stats.skew(scaled) > 1.9


@pytest.mark.formula("within-sigma")
def test_share_of_a_normal_feature_within_k_standard_deviations(measured):
    for k, percent in [(1, 68.27), (2, 95.45)]:
        exact = math.erf(k / math.sqrt(2))
        assert scipy.stats.norm.cdf(k) - scipy.stats.norm.cdf(-k) == pytest.approx(exact, rel=1e-14)
        assert round(100 * exact, 2) == percent
        x = scipy.stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, loc=170, scale=8)
        counted = np.mean(np.abs(standardize(x[:, np.newaxis])[0]) <= k)
        assert counted == pytest.approx(exact, abs=2e-4)
        measured("oracle", distance(scipy.stats.norm.cdf(k) - scipy.stats.norm.cdf(-k), exact))
    k, z = sp.symbols("k z", positive=True)
    area = sp.integrate(sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi), (z, -k, k))
    assert sp.simplify(area - sp.erf(k / sp.sqrt(2))) == 0


@pytest.mark.parametrize(
    "X, message",
    [
        ([1.0, 2.0], r"X: expected 2 dimensions, got shape \(2,\)$"),
        ([[[1.0]]], r"X: expected 2 dimensions, got shape \(1, 1, 1\)$"),
        (np.ones((0, 2)), "X: expected at least one number"),
        ([[1.0, np.nan], [2.0, 3.0]], "X: expected finite numbers, got nan"),
        ([["a"], ["b"]], "X: expected real numbers"),
        ([[1.0, 5.0], [2.0, 5.0]], r"X\[:, 1\]: expected a feature that varies, got 5.0 in every row$"),
        ([[0.1, 7.0], [0.1, 7.0]], r"X\[:, 0\]: expected a feature that varies, got 0.1 in every row$"),
        ([[3.0]], r"X\[:, 0\]: expected a feature that varies, got 3.0 in every row$"),
        ([[0, 1], [0, 2]], r"X\[:, 0\]: expected a feature that varies, got 0.0 in every row$"),
    ],
)
def test_bad_features_are_named(X, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        standardize(X)
