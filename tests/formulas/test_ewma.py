"""Exponentially weighted averages against a linear filter, sums over the whole past, and expectations."""

import math

import numpy as np
import pytest
import scipy.signal
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from notesrc.descent import ewma
from proof.values import distance

series = arrays(np.float64, st.integers(1, 12), elements=st.floats(-100, 100))
shares = st.floats(0, 0.999)


@pytest.mark.formula("ewma")
@given(x=series, beta=shares)
def test_average_is_a_linear_filter(x, beta, measured):
    oracle = scipy.signal.lfilter([1 - beta], [1, -beta], x)
    np.testing.assert_allclose(ewma(x, beta), oracle, rtol=1e-11, atol=1e-12)
    measured("oracle", distance(ewma(x, beta), oracle))


@pytest.mark.formula("ewma-expansion")
@given(x=series, beta=shares)
def test_average_is_a_weighted_sum_over_the_whole_past(x, beta, measured):
    for t in range(1, len(x) + 1):
        total = (1 - beta) * math.fsum(beta**k * x[t - k - 1] for k in range(t))
        assert ewma(x, beta)[t - 1] == pytest.approx(total, rel=1e-9, abs=1e-11)
        measured("closed form", distance(ewma(x, beta)[t - 1], total))


@pytest.mark.formula("ewma-window")
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_weights_are_what_an_impulse_leaves(beta, measured):
    """A single 1 shows its weight at each later step, a lasting 1 the weights together."""
    impulse = np.zeros(40)
    impulse[0] = 1.0
    k = np.arange(40)
    np.testing.assert_allclose(ewma(impulse, beta), (1 - beta) * beta**k, rtol=1e-12)
    np.testing.assert_allclose(ewma(np.ones(40), beta), 1 - beta ** (k + 1), rtol=1e-12)
    measured("closed form", distance(np.cumsum(ewma(impulse, beta)), 1 - beta ** (k + 1)))


@pytest.mark.formula("ewma-window", "ewma-bias")
def test_weights_add_up_symbolically(measured):
    beta = sp.Symbol("beta")
    for terms in (1, 2, 7):
        total = sum((1 - beta) * beta**k for k in range(terms))
        assert sp.expand(total - (1 - beta**terms)) == 0
        found, exact = ewma(np.ones(terms), 0.7)[-1], float(total.subs(beta, 0.7))
        assert found == pytest.approx(exact, rel=1e-13)
        measured("symbolic", distance(found, exact))


@pytest.mark.formula("ewma-bias")
def test_expectation_leans_towards_zero_by_one_minus_beta_to_the_t(measured):
    """The mean over 4,000 series of mean 5, within 5 standard errors."""
    x = np.random.default_rng(0).normal(5, 1, size=(8, 4000))
    averages, t = ewma(x, 0.8), np.arange(1, 9)
    mean, error = averages.mean(axis=1), averages.std(axis=1) / math.sqrt(4000)
    expected = 5 * (1 - 0.8**t)
    assert np.all(np.abs(mean - expected) < 5 * error)
    measured("statistical", distance(mean, expected))
    assert not np.any(np.abs(mean - 5) < 5 * error)


@pytest.mark.formula("ewma-corrected")
@given(x=series, beta=shares)
def test_corrected_average_is_the_weighted_mean(x, beta, measured):
    for t in range(1, len(x) + 1):
        mean = np.average(x[:t][::-1], weights=beta ** np.arange(t))
        found = ewma(x, beta, bias_correction=True)[t - 1]
        assert found == pytest.approx(mean, rel=1e-9, abs=1e-9)
        measured("oracle", distance(found, mean))


@pytest.mark.formula("ewma-corrected")
@given(c=st.floats(-100, 100), beta=shares)
def test_corrected_average_of_a_constant_is_the_constant(c, beta):
    # Near 1e-308 a float has fewer digits.
    np.testing.assert_allclose(ewma([c] * 6, beta, bias_correction=True), c, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(ewma([c] * 6, 0.0), c)


def test_bias_is_left_in_unless_told_otherwise():
    assert ewma([8.0, 8.0], 0.5).tolist() == [4, 6]
    assert ewma([8.0, 8.0], 0.5, True).tolist() == [8, 8]


def test_series_of_arrays_are_averaged_entry_by_entry():
    x = np.random.default_rng(0).normal(size=(5, 2, 3))
    found = ewma(x, 0.6)
    assert found.shape == (5, 2, 3)
    np.testing.assert_array_equal(found[:, 1, 2], ewma(x[:, 1, 2], 0.6))


def test_whole_numbers_are_averaged_as_reals_and_left_alone():
    x = np.array([1, 2])
    x.flags.writeable = False
    assert ewma(x, 0.5).tolist() == [0.5, 1.25]


@pytest.mark.parametrize(
    "name, values, beta",
    [
        ("values", [], 0.9),
        ("values", [1.0, np.nan], 0.9),
        ("values", "12", 0.9),
        ("values", [[1.0], [1.0, 2.0]], 0.9),
        ("beta", [1.0], 1),
        ("beta", [1.0], -0.1),
        ("beta", [1.0], np.nan),
        ("beta", [1.0], [0.9]),
    ],
)
def test_bad_argument_is_named(name, values, beta):
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got"):
        ewma(values, beta)


def test_messages_say_what_was_expected():
    with pytest.raises(ValueError, match="^values: expected a series, one value a step, got one number$"):
        ewma(3.0, 0.9)
    with pytest.raises(ValueError, match=r"^beta: expected a number in \[0, 1\), got 1.0$"):
        ewma([3.0], 1)
