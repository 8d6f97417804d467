"""Learning-rate schedules against exact fractions, recurrences, and all paths that the noise can take."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from notesrc.schedules import (
    expected_squares,
    exponential,
    inverse_sqrt,
    inverse_sqrt_shifted,
    inverse_time,
    noise_floor,
    staircase,
    warmup_cosine,
)
from proof.values import distance

LAWS = {
    "inverse_time": lambda n: inverse_time(n, 0.3, 0.7),
    "exponential": lambda n: exponential(n, 0.3, 0.9),
    "inverse_sqrt": lambda n: inverse_sqrt(n, 0.3, 2.0),
    "inverse_sqrt_shifted": lambda n: inverse_sqrt_shifted(n, 0.3),
    "staircase": lambda n: staircase(n, 0.3, 0.5, 4),
    "warmup_cosine": lambda n: warmup_cosine(n, 0.3, 2, 9, 0.1),
}
rates = st.floats(1e-6, 10)


@pytest.mark.formula("inverse-time-decay")
@given(lr0=rates, decay_rate=st.floats(0, 5), n=st.integers(0, 1000))
def test_inverse_time_in_exact_fractions(lr0, decay_rate, n, measured):
    exact = float(Fraction(lr0) / (1 + Fraction(decay_rate) * n))
    assert inverse_time(n, lr0, decay_rate) == pytest.approx(exact, rel=1e-14)
    measured("closed form", distance(inverse_time(n, lr0, decay_rate), exact))


@pytest.mark.formula("inverse-time-decay")
def test_reciprocals_of_inverse_time_grow_by_equal_amounts():
    np.testing.assert_allclose(np.diff(1 / inverse_time(np.arange(50), 0.3, 0.7)), 0.7 / 0.3, rtol=1e-11)


def test_the_worked_table():
    np.testing.assert_allclose(inverse_time([1, 2, 3, 4], 0.2, 1), [0.1, 0.067, 0.05, 0.04], atol=5e-4)
    assert inverse_time(0, 0.2, 1) == 0.2
    assert inverse_time(7, 0.2, 0) == 0.2


@pytest.mark.formula("exponential-decay")
@given(lr0=rates, rate=st.floats(0.1, 1))
def test_exponential_is_the_same_factor_every_epoch(lr0, rate, measured):
    multiplied = list(itertools.accumulate([lr0] + 40 * [rate], lambda lr, q: lr * q))
    np.testing.assert_allclose(exponential(np.arange(41), lr0, rate), multiplied, rtol=1e-13)
    measured("oracle", distance(exponential(np.arange(41), lr0, rate), np.array(multiplied)))


def test_five_percent_off_unless_told_otherwise():
    assert exponential(1, 2.0) == 1.9
    np.testing.assert_allclose(exponential(np.arange(2000), 0.2).sum(), 0.2 / (1 - 0.95), rtol=1e-12)


@pytest.mark.formula("inverse-sqrt-decay", "inverse-sqrt-step")
@given(lr0=rates, k=rates, root=st.integers(1, 300))
def test_inverse_sqrt_at_squares(lr0, k, root, measured):
    exact = float(Fraction(k) * Fraction(lr0) / root)
    assert inverse_sqrt(root**2, lr0, k) == pytest.approx(exact, rel=1e-14)
    measured("closed form", distance(inverse_sqrt(root**2, lr0, k), exact))


@pytest.mark.formula("inverse-sqrt-shifted")
@given(lr0=rates, root=st.integers(1, 300))
def test_shifted_root_begins_with_the_base_rate(lr0, root, measured):
    exact = float(Fraction(lr0) / root)
    assert inverse_sqrt_shifted(root**2 - 1, lr0) == pytest.approx(exact, rel=1e-14)
    measured("closed form", distance(inverse_sqrt_shifted(root**2 - 1, lr0), exact))
    assert inverse_sqrt_shifted(0, lr0) == lr0


def test_the_root_has_no_factor_unless_told_otherwise():
    np.testing.assert_array_equal(inverse_sqrt([1, 4, 16], 0.8), [0.8, 0.4, 0.2])


@pytest.mark.formula("staircase-decay")
@given(lr0=rates, factor=st.floats(0.1, 1), every=st.integers(1, 9))
def test_staircase_counts_epochs_and_cuts(lr0, factor, every, measured):
    lr, counted = lr0, []
    for n in range(30):
        if n and n % every == 0:
            lr *= factor
        counted.append(lr)
    found = staircase(np.arange(30), lr0, factor, every)
    np.testing.assert_allclose(found, counted, rtol=1e-13)
    measured("oracle", distance(found, np.array(counted)))
    np.testing.assert_array_equal(staircase(np.arange(30) + 0.99, lr0, factor, every), found)


@pytest.mark.formula("linear-warmup", "warmup-cosine")
@given(lr0=rates, warmup=st.integers(1, 50), lr_min=st.floats(0, 1e-6))
def test_warmup_is_a_line_from_nothing_to_the_peak(lr0, warmup, lr_min, measured):
    t = np.arange(warmup + 1)
    found = warmup_cosine(t, lr0, warmup, 60, lr_min)
    line = np.interp(t, [0, warmup], [0, lr0])
    np.testing.assert_allclose(found, line, rtol=1e-13)
    measured("oracle", distance(found, line))
    assert found[0] == 0 and found[-1] == pytest.approx(lr0, rel=1e-15)
    assert found[1] == pytest.approx(lr0 / warmup, rel=1e-15)


@pytest.mark.formula("cosine-decay", "warmup-cosine")
@given(warmup=st.integers(0, 20), u=st.floats(0, 1), lr_min=st.floats(0, 0.1))
def test_cosine_by_the_half_angle(warmup, u, lr_min, measured):
    total = warmup + 16
    exact = lr_min + (0.7 - lr_min) * math.cos(math.pi * u / 2) ** 2
    found = warmup_cosine(warmup + 16 * u, 0.7, warmup, total, lr_min)
    assert found == pytest.approx(exact, rel=1e-12, abs=1e-14)
    measured("closed form", found - exact)


@pytest.mark.formula("cosine-decay")
def test_cosine_symbolically(measured):
    """It solves c'' = −π²(c − mean) from the peak to the floor, flat at both ends."""
    u, high, low = sp.symbols("u high low", positive=True)
    mean = (high + low) / 2
    c = sp.Function("c")
    ends = {c(0): high, c(u).diff(u).subs(u, 0): 0}
    solved = sp.dsolve(c(u).diff(u, 2) + sp.pi**2 * (c(u) - mean), c(u), ics=ends).rhs
    at = np.linspace(0, 1, 11)
    exact = sp.lambdify(u, solved.subs({high: 0.8, low: 0.25}))(at)
    found = warmup_cosine(at, 0.8, 0, 1, 0.25)
    np.testing.assert_allclose(found, exact, rtol=1e-14)
    measured("symbolic", distance(found, exact))


@pytest.mark.formula("warmup-cosine")
def test_from_the_first_step_to_beyond_the_last():
    found = warmup_cosine(np.arange(11), 0.8, 2, 8, 0.2)
    cosines = [0.5 + 0.3 * math.cos(math.pi * j / 6) for j in range(7)]
    np.testing.assert_allclose(found, [0, 0.4, *cosines, 0.2, 0.2], rtol=1e-14)
    assert found[8] == found[10] == 0.2
    assert found.argmax() == 2


def test_warmup_and_cosine_together_are_worth_half_the_steps_at_the_peak():
    for warmup in (1, 7, 99):
        assert warmup_cosine(np.arange(1, 101), 0.4, warmup, 100).sum() == pytest.approx(20, rel=1e-13)


def test_the_cosine_ends_at_0_unless_told_otherwise():
    assert warmup_cosine(10, 0.8, 0, 10) == warmup_cosine(99, 0.8, 0, 10) == 0.0
    assert warmup_cosine(0, 0.8, 0, 10) == 0.8
    assert warmup_cosine(5, 0.8, 0, 10, lr_min=0.8) == 0.8  # constant


def test_fractions_of_a_step_are_welcome():
    assert warmup_cosine(0.5, 0.8, 1, 3) == 0.4
    assert warmup_cosine(1.5, 0.8, 1.5, 3) == 0.8
    assert warmup_cosine(0.125, 0.8, 0.25, 0.5) == 0.4


@pytest.mark.parametrize("law", LAWS)
def test_numbers_give_numbers_and_arrays_arrays(law):
    f, n = LAWS[law], np.arange(1, 13)
    one_by_one = [f(int(i)) for i in n]
    assert all(np.ndim(lr) == 0 and isinstance(lr, float) for lr in one_by_one)
    np.testing.assert_array_equal(f(n), one_by_one)
    np.testing.assert_array_equal(f(n.reshape(3, 4)), np.reshape(one_by_one, (3, 4)))
    np.testing.assert_array_equal(f(list(range(1, 13))), one_by_one)
    assert f(n).dtype == np.float64


@pytest.mark.parametrize("law", LAWS)
def test_the_rate_stays_between_0_and_the_base_rate(law):
    n = np.array([1, 2, 10, 1e6, 1e12, 1e300])
    with np.errstate(all="raise", under="ignore"):
        lr = LAWS[law](n)
    assert np.all((lr >= 0) & (lr <= 0.6)) and np.all(np.diff(lr[1:]) <= 0)


def test_products_beyond_float64_are_safe():
    with np.errstate(all="raise", under="ignore"):
        assert inverse_time(1e300, 0.2, 1e300) == 0
        assert warmup_cosine(1e308, 0.2, 0, 1.5e308) == pytest.approx(0.05, rel=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_inputs_are_left_alone(law):
    n = np.array([1.0, 2.0, 3.0, 10.0])
    n.flags.writeable = False
    assert not np.shares_memory(LAWS[law](n), n)


@pytest.mark.formula("sgd-second-moment")
def test_second_moment_over_all_paths_of_the_noise(measured):
    """Noise of ±σ: the mean over all 2⁶ equally likely paths is exact."""
    lrs, L, sigma, theta0 = [0.9, 0.05, 0.4, 1.3, 0.0, 0.2], 1.7, 0.6, -1.1
    squares = []
    for signs in itertools.product([-1, 1], repeat=len(lrs)):
        theta, path = theta0, [theta0**2]
        for lr, sign in zip(lrs, signs):
            theta -= lr * (L * theta + sign * sigma)
            path.append(theta**2)
        squares.append(path)
    exact = np.mean(squares, axis=0)
    found = expected_squares(lrs, theta0**2, L, sigma)
    np.testing.assert_allclose(found, exact, rtol=1e-13)
    measured("oracle", distance(found, exact))
    assert found.shape == (7,) and found.dtype == np.float64


def test_without_noise_the_error_shrinks_to_nothing():
    np.testing.assert_allclose(
        expected_squares(np.full(30, 0.5), 4.0, 1.0, 0), 4.0 * 0.25 ** np.arange(31), rtol=1e-13
    )
    np.testing.assert_array_equal(expected_squares([0.5], 0, 1, 2), [0, 1])
    assert noise_floor(0.5, 1.0, 0) == 0


@pytest.mark.formula("sgd-noise-floor")
@given(lr=st.floats(0.01, 1.9), L=st.floats(0.1, 1), sigma=st.floats(0.1, 9))
def test_the_floor_is_where_a_step_changes_nothing(lr, L, sigma, measured):
    lr, L, sigma = map(Fraction, (lr, L, sigma))
    v = sp.Symbol("v")
    exact = float(sp.solve((1 - sp.Rational(lr * L)) ** 2 * v + sp.Rational(lr**2 * sigma**2) - v, v)[0])
    found = noise_floor(float(lr), float(L), float(sigma))
    assert found == pytest.approx(exact, rel=1e-13)
    measured("symbolic", distance(found, exact))


@pytest.mark.formula("sgd-noise-floor")
def test_sgd_comes_to_rest_at_the_floor(measured):
    """θ is normal in the end, so the mean of θ² over independent runs errs by √(2 / runs), relatively."""
    rng, runs = np.random.default_rng(1951), 20_000
    lr, L, sigma = 0.3, 2.0, 1.5
    theta = np.zeros(runs)
    for _ in range(40):
        theta -= lr * (L * theta + rng.normal(scale=sigma, size=runs))
    error = np.mean(theta**2) / noise_floor(lr, L, sigma) - 1
    assert abs(error) < 4 * np.sqrt(2 / runs)
    measured("statistical", error)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: inverse_time(-1, 0.2, 1), "epoch: expected numbers of at least 0, got -1.0"),
        (lambda: exponential([0, -0.5], 0.2), "epoch: expected numbers of at least 0, got -0.5"),
        (lambda: inverse_sqrt(-4, 0.2), "epoch: expected numbers of at least 0, got -4.0"),
        (lambda: inverse_sqrt([3, 0], 0.2), "epoch: expected numbers above 0, counted from 1, got 0.0"),
        (lambda: inverse_sqrt_shifted(-1, 0.2), "t: expected numbers of at least 0, got -1.0"),
        (lambda: staircase([4, -1], 0.2, 0.5, 2), "epoch: expected numbers of at least 0, got -1.0"),
        (lambda: warmup_cosine(-1, 0.2, 1, 5), "t: expected numbers of at least 0, got -1.0"),
        (lambda: inverse_time(1, 0.2, -1), "decay_rate: expected a number of at least 0, got -1.0"),
        (lambda: exponential(1, 0.2, 0), "rate: expected a number in (0, 1], got 0.0"),
        (lambda: exponential(1, 0.2, 1.01), "rate: expected a number in (0, 1], got 1.01"),
        (lambda: staircase(1, 0.2, 0, 2), "factor: expected a number in (0, 1], got 0.0"),
        (lambda: staircase(1, 0.2, 1.5, 2), "factor: expected a number in (0, 1], got 1.5"),
        (lambda: staircase(1, 0.2, 0.5, 2.0), "every: expected a positive integer, got 2.0"),
        (lambda: staircase(1, 0.2, 0.5, 0), "every: expected a positive integer, got 0"),
        (lambda: staircase(1, 0.2, 0.5, -3), "every: expected a positive integer, got -3"),
        (lambda: inverse_sqrt(1, 0.2, 0), "k: expected a number above 0, got 0.0"),
        (lambda: warmup_cosine(1, 0.2, -1, 5), "warmup: expected a number of at least 0, got -1.0"),
        (lambda: warmup_cosine(1, 0.2, 6, 5), "total: expected a number above warmup = 6.0, got 5.0"),
        (lambda: warmup_cosine(1, 0.2, 5, 5), "total: expected a number above warmup = 5.0, got 5.0"),
        (lambda: warmup_cosine(1, 0.2, 0, 0), "total: expected a number above warmup = 0.0, got 0.0"),
        (lambda: warmup_cosine(1, 0.2, 1, 5, -0.1), "lr_min: expected a number of at least 0, got -0.1"),
        (lambda: warmup_cosine(1, 0.2, 1, 5, 0.3), "lr_min: expected at most lr0 = 0.2, got 0.3"),
        (lambda: expected_squares([0.1, -0.2], 1, 1, 1), "rates: expected numbers of at least 0, got -0.2"),
        (lambda: expected_squares(0.1, 1, 1, 1), "rates: expected a series, one rate a step, got shape ()"),
        (
            lambda: expected_squares([[0.1]], 1, 1, 1),
            "rates: expected a series, one rate a step, got shape (1, 1)",
        ),
        (lambda: expected_squares([0.1], -1, 1, 1), "v0: expected a number of at least 0, got -1.0"),
        (lambda: expected_squares([0.1], 1, 0, 1), "curvature: expected a number above 0, got 0.0"),
        (lambda: expected_squares([0.1], 1, 1, -1), "sigma: expected a number of at least 0, got -1.0"),
        (
            lambda: expected_squares([3.0] + 999 * [9.0], 1, 4, 1),
            "rates: expected numbers below 2 / curvature = 0.5, got 9.0",
        ),
        (  # the last rate takes infinity times 0
            lambda: expected_squares(999 * [9.0] + [0.25], 1, 4, 1),
            "rates: expected numbers below 2 / curvature = 0.5, got 9.0",
        ),
        (lambda: noise_floor(0, 1, 1), "lr: expected a number above 0, got 0.0"),
        (lambda: noise_floor(0.1, -1, 1), "curvature: expected a number above 0, got -1.0"),
        (lambda: noise_floor(0.1, 1, -1), "sigma: expected a number of at least 0, got -1.0"),
        (lambda: noise_floor(0.5, 4, 1), "lr: expected a number below 2 / curvature = 0.5, got 0.5"),
        (lambda: noise_floor(0.75, 4, 1), "lr: expected a number below 2 / curvature = 0.5, got 0.75"),
    ],
)
def test_bad_argument_is_named(call, message):
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value) == message


@pytest.mark.parametrize("bad", [0, -0.1, np.nan, [0.1], "fast"])
@pytest.mark.parametrize(
    "law",
    [
        lambda lr0: inverse_time(1, lr0, 1),
        lambda lr0: exponential(1, lr0),
        lambda lr0: inverse_sqrt(1, lr0),
        lambda lr0: inverse_sqrt_shifted(1, lr0),
        lambda lr0: staircase(1, lr0, 0.5, 2),
        lambda lr0: warmup_cosine(1, lr0, 1, 5),
    ],
)
def test_bad_base_rate_is_named(law, bad):
    with pytest.raises(ValueError, match="^lr0: expected .*, got"):
        law(bad)


@pytest.mark.parametrize("bad", [np.nan, np.inf, "two", [], [[1], [1, 2]], 1j])
@pytest.mark.parametrize("law", LAWS)
def test_bad_count_is_named(law, bad):
    with pytest.raises(ValueError, match="^(epoch|t): expected .*, got"):
        LAWS[law](bad)


@pytest.mark.parametrize(
    "name, call",
    [
        ("decay_rate", lambda x: inverse_time(1, 0.2, x)),
        ("rate", lambda x: exponential(1, 0.2, x)),
        ("k", lambda x: inverse_sqrt(1, 0.2, x)),
        ("factor", lambda x: staircase(1, 0.2, x, 2)),
        ("warmup", lambda x: warmup_cosine(1, 0.2, x, 5)),
        ("total", lambda x: warmup_cosine(1, 0.2, 1, x)),
        ("lr_min", lambda x: warmup_cosine(1, 0.2, 1, 5, x)),
        ("v0", lambda x: expected_squares([0.1], x, 1, 1)),
        ("curvature", lambda x: expected_squares([0.1], 1, x, 1)),
        ("sigma", lambda x: expected_squares([0.1], 1, 1, x)),
        ("lr", lambda x: noise_floor(x, 1, 1)),
        ("curvature", lambda x: noise_floor(0.1, x, 1)),
        ("sigma", lambda x: noise_floor(0.1, 1, x)),
    ],
)
def test_what_is_no_number_is_named(name, call):
    for bad in (np.nan, "one", [1.0]):
        with pytest.raises(ValueError, match=f"^{name}: expected .*, got"):
            call(bad)
