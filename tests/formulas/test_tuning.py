"""Search against SciPy, SymPy, exact integrals, brute force; in real pools, with trials that fail and hang.

SciPy and SymPy are imported where they are used: a worker process imports this module for its objectives.
"""

import math
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest

from notesrc import tuning
from notesrc.descent import ewma
from notesrc.softmax import one_hot
from notesrc.tuning import (
    SearchResult,
    Trial,
    coarse_to_fine,
    grid_search,
    random_search,
    sample_int,
    sample_log,
    sample_one_minus_log,
    softmax_regression_cost,
    trials_needed,
)
from proof.values import distance

LR = partial(sample_log, 1e-4, 1)
BETA = partial(sample_one_minus_log, 0.9, 0.999)
UNITS = partial(sample_int, 50, 100)
SPACE = {"lr": LR, "beta": BETA, "units": UNITS}


def bowl(lr, beta, units):
    return (math.log10(lr) + 2) ** 2 + (beta - 0.99) ** 2 + abs(units - 70) / 100


def picky(x):
    """Fails in every way but one."""
    outcomes = {0: 0.5, 1: math.nan, 2: -math.inf, 3: None, 4: [1.0, 2.0], 5: 1j}
    if x == 6:
        raise KeyError("no such x")
    if x == 7:
        raise SystemExit("enough")
    return outcomes[x]


def hang_at_two(x):
    if x == 2:
        time.sleep(20)
    return x


def die_at_one(x):
    if x == 1:
        os._exit(3)
    return x


@pytest.fixture
def rng():
    return np.random.default_rng(2012)


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


class Fixed(np.random.Generator):
    """A generator whose uniform numbers are all at the share u of their interval."""

    def __init__(self, u):
        super().__init__(np.random.PCG64(0))
        self.u = u

    def uniform(self, low, high, size):
        return np.full(size, low + (high - low) * self.u)


def at(u, sampler, low, high):
    return sampler(low, high, 1, Fixed(u))[0]


# Samplers


def test_integers_are_equally_likely_and_both_ends_belong(rng):
    counts = np.bincount(sample_int(3, 7, 50_000, rng), minlength=9)
    assert counts[[3, 4, 5, 6, 7]].sum() == 50_000
    standard_error = math.sqrt(50_000 * 0.2 * 0.8)
    assert np.abs(counts[3:8] - 10_000).max() < 5 * standard_error
    drawn = sample_int(-1, 0, 40, rng)
    assert drawn.dtype.kind == "i" and drawn.shape == (40,) and set(drawn) == {-1, 0}
    assert set(sample_int(np.int64(1), np.int64(2), 30, rng)) == {1, 2}


@pytest.mark.formula("log-uniform")
@pytest.mark.parametrize("low, high", [(1e-4, 1.0), (0.3, 0.7), (2.0, 5e6)])
def test_log_samples_are_the_powers_between(low, high, measured):
    u = np.random.default_rng(4).random(1000)
    drawn = sample_log(low, high, 1000, np.random.default_rng(4))
    expected = low * (high / low) ** u
    np.testing.assert_allclose(drawn, expected, rtol=1e-13)
    measured("closed form", distance(drawn, expected))
    assert drawn.shape == (1000,) and low <= drawn.min() < drawn.max() <= high


@pytest.mark.formula("log-uniform", "log-uniform-density")
def test_log_samples_follow_the_law_of_scipy(rng, measured):
    import scipy.stats

    fit = scipy.stats.kstest(sample_log(1e-3, 20, 20_000, rng), scipy.stats.loguniform(1e-3, 20).cdf)
    assert fit.pvalue > 0.01
    measured("statistical", fit.statistic)


@pytest.mark.formula("log-uniform-density")
@pytest.mark.parametrize("u", [0.1, 0.5, 0.8])
def test_density_is_the_slope_of_the_share_below(u, measured):
    """Between two neighbours lies the share du, on a length of dα."""
    import scipy.stats

    h = 1e-5
    low, alpha, high = (at(v, sample_log, 0.02, 3) for v in (u - h, u, u + h))
    density = 2 * h / (high - low)
    expected = scipy.stats.loguniform(0.02, 3).pdf(alpha)
    assert density == pytest.approx(expected, rel=1e-8)
    assert density == pytest.approx(1 / (alpha * math.log(3 / 0.02)), rel=1e-8)
    measured("oracle", density / expected - 1)


@pytest.mark.formula("uniform-waste", "log-uniform-share")
@pytest.mark.parametrize("c", [0.001, 0.01, 0.1])
def test_a_uniform_law_spends_itself_on_the_largest_values(c, rng, measured):
    a, b, n = 1e-4, 1.0, 40_000
    shares = (b - c) / (b - a), math.log(b / c) / math.log(b / a)
    for drawn, share in zip((rng.uniform(a, b, n), sample_log(a, b, n, rng)), shares):
        assert abs(np.mean(drawn > c) - share) < 5 * math.sqrt(share * (1 - share) / n)
        measured("statistical", np.mean(drawn > c) / share - 1)


@pytest.mark.formula("uniform-waste", "log-uniform-share")
def test_nine_tenths_of_the_samples_for_a_quarter_of_the_decades(measured):
    import scipy.stats

    uniform, log = scipy.stats.uniform(1e-4, 1 - 1e-4), scipy.stats.loguniform(1e-4, 1)
    assert uniform.sf(0.1) == pytest.approx(0.9 / 0.9999, rel=1e-14)
    assert log.sf(0.1) == pytest.approx(1 / 4, rel=1e-14)
    measured("oracle", [uniform.sf(0.1) / (0.9 / 0.9999) - 1, log.sf(0.1) / 0.25 - 1])


@pytest.mark.formula("one-minus-log-uniform")
def test_one_minus_beta_is_log_uniform_between_the_bounds_of_beta(rng, measured):
    import scipy.stats

    u = np.random.default_rng(5).random(1000)
    drawn = sample_one_minus_log(0.9, 0.9995, 1000, np.random.default_rng(5))
    expected = 1 - 0.0005 * (0.1 / 0.0005) ** u
    np.testing.assert_allclose(drawn, expected, rtol=1e-13)
    measured("closed form", distance(drawn, expected))
    assert drawn.shape == (1000,) and 0.9 <= drawn.min() < drawn.max() <= 0.9995
    many = 1 - sample_one_minus_log(0.2, 0.99, 20_000, rng)
    assert scipy.stats.kstest(many, scipy.stats.loguniform(0.01, 0.8).cdf).pvalue > 0.01


@pytest.mark.parametrize(
    "sampler, low, high",
    [
        (sample_log, 1e-4, 1.0),
        (sample_log, 1.01e-6, 1.02e-6),  # 10^log₁₀ of the first rounds down, of the second up
        (sample_log, 5e-324, 1.7976931348623157e308),
        (sample_one_minus_log, 0.9, 0.999),
        (sample_one_minus_log, 0.1, 0.3),
    ],
)
def test_rounding_leads_no_sample_out_of_its_bounds(sampler, low, high):
    for u in (0.0, 1e-17, 0.5, 1 - 1e-16, 1.0):
        assert low <= at(u, sampler, low, high) <= high
    assert at(0.0, sample_log, low, high) == pytest.approx(low, rel=1e-13)
    assert at(1.0, sample_log, low, high) == pytest.approx(high, rel=1e-12)


@pytest.mark.formula("window-sensitivity")
def test_the_window_grows_with_the_square_of_its_length(measured):
    import sympy as sp

    beta = sp.Symbol("beta")
    window = 1 / (1 - beta)
    assert sp.simplify(sp.diff(window, beta) - window**2) == 0
    measured("symbolic")

    def measured_window(beta):
        return 1 / ewma([1.0], beta)[0]  # the newest value has the weight 1 − β

    assert measured_window(0.9005) - measured_window(0.9) == pytest.approx(0.0503, abs=1e-4)
    assert measured_window(0.999) == pytest.approx(1000) and measured_window(0.9995) == pytest.approx(2000)


# How many trials


@pytest.mark.formula("random-search-coverage")
@pytest.mark.parametrize("n, p", [(1, 0.05), (59, 0.05), (9, 0.3)])
def test_chance_that_some_trial_is_good(n, p, rng, measured):
    import scipy.stats

    chance = 1 - (1 - p) ** n
    assert chance == pytest.approx(scipy.stats.binom(n, p).sf(0), rel=1e-12)
    measured("oracle", chance / scipy.stats.binom(n, p).sf(0) - 1)
    hits = [
        random_search(lambda x: x, {"x": lambda size, rng: rng.random(size)}, n, rng).best.value < p
        for _ in range(400)
    ]
    assert abs(np.mean(hits) - chance) < 5 * math.sqrt(chance * (1 - chance) / 400)


@pytest.mark.formula("random-search-coverage", "random-search-trials")
@pytest.mark.parametrize("top", [0.01, 0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("chance", [0.1, 0.5, 0.95, 0.999])
def test_the_least_number_of_trials_by_trying_them_all(top, chance, measured):
    n, miss = 0, 1.0
    while 1 - miss < chance:
        n, miss = n + 1, miss * (1 - top)
    assert trials_needed(top, chance) == n
    measured("property")


@pytest.mark.formula("random-search-trials")
def test_trials_needed_in_known_cases(measured):
    assert trials_needed(0.05, 0.95) == 59 and isinstance(trials_needed(0.05, 0.95), int)
    for top, n in ((0.1, 2), (0.3, 7), (0.05, 100)):  # equality, where rounding asks for one more
        assert trials_needed(top, 1 - (1 - top) ** n) == n
        assert trials_needed(top, 1 - (1 - top) ** n * (1 - 1e-9)) == n + 1
        assert trials_needed(top, 1 - (1 - top) ** n * (1 + 1e-9)) == n
    assert trials_needed(0.1, 0.19) == 2
    assert trials_needed(0.9, 1e-12) == 1
    assert trials_needed(1e-12, 0.5) == pytest.approx(math.log(2) * 1e12, rel=1e-9)
    measured("closed form")


# Grid and random


@pytest.mark.formula("grid-size")
def test_a_grid_holds_every_combination_once_the_last_name_fastest(measured):
    space = {"a": [1, 2, 3], "b": ("x", None), "c": np.array([0.5, 0.25])}
    found = grid_search(lambda a, b, c: a + c, space)
    loops = [{"a": a, "b": b, "c": c} for a in (1, 2, 3) for b in ("x", None) for c in (0.5, 0.25)]
    assert [trial.params for trial in found.trials] == loops and len(loops) == 3 * 2 * 2
    assert [trial.value for trial in found.trials] == [p["a"] + p["c"] for p in loops]
    assert found.best == Trial({"a": 1, "b": "x", "c": 0.25}, 1.25, None)
    assert type(found.best.params["c"]) is float
    assert found.failed == ()
    measured("property")


@pytest.mark.formula("grid-distinct")
@pytest.mark.parametrize("k, d", [(3, 2), (2, 4), (5, 1)])
def test_a_grid_repeats_the_values_of_each_dimension(k, d, measured):
    grid = grid_search(lambda **x: 0, {f"x{i}": np.arange(k) for i in range(d)}).trials
    drawn = random_search(
        lambda **x: 0, {f"x{i}": LR for i in range(d)}, len(grid), np.random.default_rng(0)
    ).trials
    for i in range(d):
        assert len({trial.params[f"x{i}"] for trial in grid}) == k == round(len(grid) ** (1 / d))
        assert len({trial.params[f"x{i}"] for trial in drawn}) == len(grid)
    measured("property")


@pytest.mark.formula("nearest-trial")
def test_how_close_nine_trials_come_to_the_best_value_of_one_dimension(rng, measured):
    uniform, k, n, repeats = (lambda size, rng: rng.random(size)), 3, 9, 1000
    centres = (np.arange(k) + 0.5) / k
    grid, drawn = [], []
    for c in rng.random(repeats):
        both = grid_search(lambda x, y: abs(x - c), {"x": centres, "y": centres})
        grid.append(both.best.value)
        one = random_search(lambda x, y: abs(x - c), {"x": uniform, "y": uniform}, n, rng)
        drawn.append(one.best.value)
    for found, expected in ((grid, 1 / (4 * k)), (drawn, (n + 3) / (2 * (n + 1) * (n + 2)))):
        assert abs(np.mean(found) - expected) < 5 * np.std(found) / math.sqrt(repeats)
        measured("statistical", np.mean(found) / expected - 1)


@pytest.mark.formula("nearest-trial")
@pytest.mark.parametrize("n", [1, 2, 9])
def test_distance_of_random_trials_by_integration(n, measured):
    """E[d] = ∫∫ P(no trial within d of c) dd dc."""
    import scipy.integrate

    def missed(d, c):
        return (1 - (min(c + d, 1) - max(c - d, 0))) ** n

    exact, _ = scipy.integrate.dblquad(missed, 0, 1, 0, lambda c: max(c, 1 - c), epsabs=1e-6)
    expected = (n + 3) / (2 * (n + 1) * (n + 2))
    assert exact == pytest.approx(expected, rel=1e-4)
    measured("closed form", exact / expected - 1)


def test_random_search_draws_name_by_name_before_it_runs_anything(rng):
    found = random_search(bowl, SPACE, 7, np.random.default_rng(3))
    again = np.random.default_rng(3)
    columns = {name: sampler(7, again).tolist() for name, sampler in SPACE.items()}
    drawn = [dict(zip(columns, row)) for row in zip(*columns.values())]
    assert [trial.params for trial in found.trials] == drawn
    assert [trial.value for trial in found.trials] == [bowl(**params) for params in drawn]
    assert found.best.value == min(bowl(**params) for params in drawn)
    assert [type(value) for value in found.best.params.values()] == [float, float, int]
    assert [trial.value for trial in found.ranked] == sorted(trial.value for trial in found.trials)

    def spends(lr, beta, units, rng=np.random.default_rng(3)):
        return rng.random()  # an objective that takes numbers from the same generator

    assert [t.params for t in random_search(spends, SPACE, 7, spends.__defaults__[0]).trials] == drawn


def test_categories_are_drawn_like_numbers(rng):
    space = {"kind": lambda size, rng: rng.choice(["relu", "tanh"], size)}
    found = random_search(lambda kind: len(kind) + (kind == "tanh"), space, 12, rng)
    assert found.best.params == {"kind": "relu"} and type(found.best.params["kind"]) is str


def test_of_equal_trials_the_first_is_best():
    trials = tuple(Trial({"x": i}, value) for i, value in enumerate([2.0, 1.0, 1.0]))
    assert SearchResult(trials).best is trials[1]
    assert SearchResult(trials).ranked == (trials[1], trials[2], trials[0])


def test_a_trial_without_a_finite_number_has_failed_and_the_others_are_kept():
    found = grid_search(picky, {"x": range(8)})
    assert [trial.params["x"] for trial in found.trials] == list(range(8))
    assert found.best == Trial({"x": 0}, 0.5, None) and found.ranked == (found.best,)
    assert found.failed == found.trials[1:]
    assert [trial.value for trial in found.failed] == [None] * 7
    assert [trial.error for trial in found.failed] == [
        "ValueError: objective: expected finite numbers, got nan",
        "ValueError: objective: expected finite numbers, got -inf",
        "ValueError: objective: expected real numbers, got dtype object",
        "ValueError: objective: expected one number, got shape (2,)",
        "ValueError: objective: expected real numbers, got dtype complex128",
        "KeyError: 'no such x'",
        "SystemExit: enough",
    ]


def test_an_objective_that_does_not_take_the_names_fails_and_says_so():
    found = grid_search(lambda lr: lr, {"learning_rate": [0.1, 0.2]})
    assert "learning_rate" in found.failed[0].error and found.failed[0].error.startswith("TypeError: ")
    with pytest.raises(RuntimeError, match="^all 2 trials failed, the first with TypeError: .*learning_rate"):
        found.best


def test_an_interruption_is_no_failed_trial():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grid_search(interrupted, {"x": [1]})


# Coarse to fine


def test_each_round_searches_the_box_of_the_best_so_far():
    space = {
        "lr": (sample_log, 1e-4, 1),
        "beta": (sample_one_minus_log, 0.9, 0.999),
        "units": (sample_int, 50, 100),
    }
    found = coarse_to_fine(bowl, space, 20, np.random.default_rng(6), rounds=3, keep=5)
    assert len(found.trials) == 60
    rng, trials = np.random.default_rng(6), []
    samplers = {name: partial(f, low, high) for name, (f, low, high) in space.items()}
    for _ in range(3):
        trials += random_search(bowl, samplers, 20, rng).trials
        best = sorted(trials, key=lambda trial: trial.value)[:5]
        for name, (f, _, _) in space.items():
            values = [trial.params[name] for trial in best]
            samplers[name] = partial(f, min(values), max(values))
    assert found.trials == tuple(trials)
    assert found.best.value == min(trial.value for trial in trials)


def test_two_rounds_around_the_best_four_unless_told_otherwise():
    space = {"lr": (sample_log, 1e-4, 1)}
    square = lambda lr: math.log10(lr) ** 2  # noqa: E731
    found = coarse_to_fine(square, space, 9, np.random.default_rng(1))
    assert found == coarse_to_fine(square, space, 9, np.random.default_rng(1), rounds=2, keep=4)
    assert found != coarse_to_fine(square, space, 9, np.random.default_rng(1), rounds=2, keep=5)


def test_a_value_on_which_the_best_agree_stays():
    space = {"n": (sample_int, 1, 2), "lr": (sample_log, 1e-3, 1)}
    found = coarse_to_fine(lambda n, lr: 10 * n + lr, space, 12, np.random.default_rng(0), keep=2)
    assert {trial.params["n"] for trial in found.trials[:12]} == {1, 2}
    assert [trial.params["n"] for trial in found.trials[12:]] == [1] * 12
    assert type(found.trials[-1].params["n"]) is int


@pytest.mark.parametrize("successes", [0, 1, 2])
def test_the_box_stays_while_fewer_than_two_trials_have_a_value(successes):
    calls = iter(range(99))

    def mostly_fails(lr):
        if next(calls) >= successes:
            raise ValueError("no")
        return lr

    space = {"lr": (sample_log, 1e-4, 1)}
    found = coarse_to_fine(mostly_fails, space, 10, np.random.default_rng(8))
    assert len(found.failed) == 20 - successes
    unchanged = sample_log(1e-4, 1, 20, np.random.default_rng(8)).tolist()
    assert ([trial.params["lr"] for trial in found.trials] == unchanged) == (successes < 2)


# In parallel


def digits_cost(train=60, validation=40):
    """A small softmax regression, as the chapter tunes it, but on random data."""
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(train + validation, 5)), rng.integers(0, 3, train + validation)
    X[:, 0] += labels
    y = one_hot(labels, 3)
    return partial(
        softmax_regression_cost, train=(X[:train], y[:train]), validation=(X[train:], y[train:]), steps=30
    )


def test_the_same_seed_gives_the_same_trials_with_any_executor(pool):
    """One learning rate is negative: that trial fails, with the same words everywhere."""
    space = {"lr": lambda size, rng: np.where(np.arange(size) == 3, -1.0, LR(size, rng)), "beta": BETA}
    run = partial(random_search, digits_cost(), space, 6)
    alone = run(np.random.default_rng(7))
    with ThreadPoolExecutor(3) as threads:
        assert run(np.random.default_rng(7), threads) == alone
    assert run(np.random.default_rng(7), executor=pool) == alone
    assert run(np.random.default_rng(7), executor=pool, timeout=50) == alone
    assert [trial.error for trial in alone.failed] == ["ValueError: lr: expected a number above 0, got -1.0"]
    assert alone.trials[3] is alone.failed[0] and alone.best.value < math.log(3)
    assert run(np.random.default_rng(8)) != alone


def test_every_search_takes_an_executor(pool):
    space = {"lr": (sample_log, 1e-2, 1), "beta": (sample_one_minus_log, 0.5, 0.9)}
    fine = partial(coarse_to_fine, digits_cost(), space, 4)
    assert fine(np.random.default_rng(7), pool) == fine(np.random.default_rng(7))
    grid = partial(grid_search, digits_cost(), {"lr": [0.1, 1.0], "beta": [0.0, 0.9]})
    assert grid(pool) == grid()


def test_order_is_that_of_the_draws_not_of_the_finish():
    first = threading.Event()

    def late(x):
        assert first.wait(30) if x == 0 else True
        if x == 2:
            first.set()
        return -x

    with ThreadPoolExecutor(3) as threads:
        found = grid_search(late, {"x": [0, 1, 2]}, threads)
    assert [trial.params["x"] for trial in found.trials] == [0, 1, 2] and found.best.value == -2


def test_a_hanging_trial_is_reported_and_the_pool_can_still_end():
    started = time.monotonic()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        found = grid_search(hang_at_two, {"x": [0, 1, 2, 3]}, own, timeout=0.4)
    assert time.monotonic() - started < 15
    assert [trial.value for trial in found.trials] == [0, 1, None, 3]
    assert found.failed == (Trial({"x": 2}, None, "timed out after 0.4 s"),)


def test_what_hangs_is_a_daemon_that_no_process_waits_for():
    with ThreadPoolExecutor(1) as threads:
        found = grid_search(lambda x: threading.current_thread().daemon, {"x": [1]}, threads, timeout=30)
        assert found.best.value == 1
        assert grid_search(lambda x: threading.current_thread().daemon, {"x": [1]}, threads).best.value == 0


@pytest.mark.parametrize("search", ["grid", "random", "fine"])
def test_where_all_trials_hang_all_are_reported(search):
    """Each worker goes on to the next trial, so that all of them start."""
    release = threading.Event()

    def hang(x):
        release.wait(2)

    started, space = time.monotonic(), {"x": LR}
    with ThreadPoolExecutor(2) as threads:
        run = {
            "grid": lambda: grid_search(hang, {"x": [1, 2, 3, 4]}, threads, timeout=0.05),
            "random": lambda: random_search(hang, space, 4, np.random.default_rng(0), threads, timeout=0.05),
            "fine": lambda: coarse_to_fine(
                hang, {"x": (sample_log, 1, 2)}, 2, np.random.default_rng(0), threads, timeout=0.05
            ),
        }
        found = run[search]()
        assert [trial.error for trial in found.trials] == ["timed out after 0.05 s"] * 4
    assert time.monotonic() - started < 6  # not the 8 s of one after the other
    release.set()
    with pytest.raises(RuntimeError, match="^all 4 trials failed, the first with timed out after 0.05 s$"):
        found.best


@pytest.mark.parametrize("hold", [0, 1])
def test_what_no_worker_takes_up_is_reported_as_not_started(hold, monkeypatch):
    """Another's job holds the workers: neither the search nor what it has submitted goes on."""
    monkeypatch.setattr(tuning, "_GRACE", 0.3)
    release, called = threading.Event(), []

    def hang_hard(objective, params, timeout):
        called.append(params)
        release.wait(5)  # the worker itself hangs, and keeps no timeout

    monkeypatch.setattr(tuning, "_evaluate", hang_hard)
    with ThreadPoolExecutor(1) as threads:
        if hold:
            threads.submit(release.wait, 5)
        found = grid_search(lambda x: x, {"x": [1, 2, 3]}, threads, timeout=0.2)
        release.set()
    started = [] if hold else ["timed out: no trial has ended for 0.5 s"]
    waiting = ["not started: no trial has ended for 0.5 s"] * (3 - len(started))
    assert [trial.error for trial in found.trials] == started + waiting
    assert len(called) == len(started)  # the others were cancelled


def test_workers_have_twenty_seconds_to_start():
    assert tuning._GRACE == 20


def test_a_worker_that_dies_takes_down_its_pool_but_not_the_search():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        assert grid_search(die_at_one, {"x": [0]}, own).best.value == 0
        found = grid_search(die_at_one, {"x": [1, 2]}, own)
        after = grid_search(die_at_one, {"x": [0]}, own)  # it no longer takes anything
    assert [trial.error.split(":")[0] for trial in found.trials] == ["BrokenProcessPool"] * 2
    assert after.trials[0].value is None and after.trials[0].error.startswith("BrokenProcessPool: ")


def test_an_objective_that_cannot_travel_is_reported(pool):
    found = grid_search(lambda x: x, {"x": [1]}, pool)
    assert "pickle" in found.failed[0].error.lower()


def test_an_interrupted_search_takes_back_what_it_has_submitted():
    submitted, end, ran = threading.Event(), threading.Event(), []

    def record(x):
        ran.append(x)
        if x > 1:
            return end.wait(5)
        assert submitted.wait(30)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as threads:
        threading.Timer(0.1, submitted.set).start()
        with pytest.raises(KeyboardInterrupt):
            grid_search(record, {"x": [1, 2, 3, 4, 5]}, threads)
        end.set()
    assert ran in ([1], [1, 2])  # the worker may have taken up the next one, but none after it


# Progress


def test_progress_is_one_line_on_stderr(capsys):
    values = iter([math.nan, 2.5, 7.0, 1.23456789])
    found = grid_search(lambda x: next(values), {"x": range(4)}, progress=True)
    out, err = capsys.readouterr()
    assert len(found.trials) == 4 and out == "" and err.count("\n") == 1 and err.endswith("\n")
    assert err.strip("\n").split("\r") == [
        "",
        "[#####               ] 1/4, best nan         ",
        "[##########          ] 2/4, best 2.5         ",
        "[###############     ] 3/4, best 2.5         ",
        "[####################] 4/4, best 1.23457     ",
    ]


@pytest.mark.parametrize("search", ["grid", "random", "fine"])
def test_progress_everywhere_and_silence_unless_asked_for(search, capsys):
    with ThreadPoolExecutor(2) as threads:
        for progress in ({}, {"progress": False}, {"progress": True}):
            if search == "grid":
                grid_search(lambda x: x, {"x": range(4)}, threads, **progress)
            elif search == "random":
                random_search(lambda x: x, {"x": LR}, 4, np.random.default_rng(0), threads, **progress)
            else:
                coarse_to_fine(
                    lambda x: x, {"x": (sample_log, 1, 2)}, 2, np.random.default_rng(0), threads, **progress
                )
            out, err = capsys.readouterr()
            assert out == ""
            if progress.get("progress"):
                assert err.count("\r") == 4 and err.count("\n") == (2 if search == "fine" else 1)
            else:
                assert err == ""


# The example


def test_softmax_regression_by_hand():
    """Two steps of momentum on the printed cost, its slope by complex steps."""
    rng = np.random.default_rng(0)
    X, X_val = rng.normal(size=(6, 2)), rng.normal(size=(4, 2))
    y, y_val = one_hot([0, 1, 2, 0, 1, 2], 3), one_hot([2, 1, 0, 1], 3)

    def cost(W, X, y):
        z = np.column_stack([X, np.ones(len(X))]) @ W.reshape(3, 3).T
        return -np.sum(y * np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))) / len(y)

    W = m = np.zeros(9)
    for _ in range(2):
        slope = np.array([cost(W + 1e-30j * e, X, y).imag / 1e-30 for e in np.eye(9)])
        m = 0.7 * m + 0.3 * slope
        W = W - 0.5 * m
    found = softmax_regression_cost(0.5, 0.7, (X, y), (X_val, y_val), steps=2)
    assert found == pytest.approx(cost(W, X_val, y_val), rel=1e-12)
    longer = softmax_regression_cost(0.5, 0.7, (X, y), (X_val, y_val))
    assert longer == softmax_regression_cost(0.5, 0.7, (X, y), (X_val, y_val), steps=60)


@pytest.mark.parametrize("lr", [1e306, 1e308])
def test_weights_that_overflow_are_named_and_nothing_warns(lr):
    """The first is too large for the validation logits alone, the second for those of training as well."""
    X, y = np.array([[1.0], [-1.0]]), np.eye(2)
    validation = 1e3 * X, y
    with pytest.raises(ValueError, match="^logits: expected finite numbers, got "):
        softmax_regression_cost(lr, 0.0, (X, y), validation, steps=3)


# Bad arguments

RNG = np.random.default_rng(0)
ONE = {"x": LR}


def minus(**params):
    return 0.0


def half(size, rng):
    return rng.random(size // 2)


def square_of_numbers(size, rng):
    return rng.random((size, size))


COMPLAINTS = [
    (sample_int, (1.0, 3, 2, RNG), "low: expected an integer, got 1.0"),
    (sample_int, (1, 3.5, 2, RNG), "high: expected an integer, got 3.5"),
    (sample_int, (True, 3, 2, RNG), "low: expected an integer, got True"),
    (sample_int, (3, 3, 2, RNG), "high: expected more than low = 3, got 3"),
    (sample_int, (4, 3, 2, RNG), "high: expected more than low = 4, got 3"),
    (sample_int, (1, 3, 0, RNG), "size: expected a positive integer, got 0"),
    (
        sample_int,
        (1, 3, 2, 0),
        "rng: expected a np.random.Generator such as np.random.default_rng(0), got 0",
    ),
    (sample_log, (0, 1, 2, RNG), "low: expected a number above 0, got 0.0"),
    (sample_log, (0.1, -1, 2, RNG), "high: expected a number above 0, got -1.0"),
    (sample_log, (-0.1, 1, 2, RNG), "low: expected a number above 0, got -0.1"),
    (sample_log, (0.1, math.inf, 2, RNG), "high: expected finite numbers, got inf"),
    (sample_log, (1, 1, 2, RNG), "high: expected more than low = 1.0, got 1.0"),
    (sample_log, (1, 2, 2.5, RNG), "size: expected a positive integer, got 2.5"),
    (
        sample_log,
        (1, 2, 2, None),
        "rng: expected a np.random.Generator such as np.random.default_rng(0), got None",
    ),
    (sample_one_minus_log, (0, 0.9, 2, RNG), "low: expected a number above 0 and below 1, got 0.0"),
    (sample_one_minus_log, (0.9, 1, 2, RNG), "high: expected a number above 0 and below 1, got 1.0"),
    (sample_one_minus_log, (0.9, 1.5, 2, RNG), "high: expected a number above 0 and below 1, got 1.5"),
    (sample_one_minus_log, (0.9, 0.9, 2, RNG), "high: expected more than low = 0.9, got 0.9"),
    (sample_one_minus_log, (0.8, 0.9, -1, RNG), "size: expected a positive integer, got -1"),
    (trials_needed, (0, 0.5), "top: expected a number above 0 and below 1, got 0.0"),
    (trials_needed, (0.5, 1), "chance: expected a number above 0 and below 1, got 1.0"),
    (trials_needed, (1, [0.5]), "chance: expected one number, got shape (1,)"),
    (trials_needed, (5e-324, 0.9), "trials: expected finite numbers, got inf"),
    (grid_search, ("f", {"x": [1]}), "objective: expected a function of the hyper-parameters, got 'f'"),
    (grid_search, (minus, {}), "space: expected a dict of at least one hyper-parameter, got {}"),
    (grid_search, (minus, [("x",)]), "space: expected a dict of at least one hyper-parameter, got [('x',)]"),
    (grid_search, (minus, {1: [1]}), "space: expected names of keyword arguments, got 1"),
    (grid_search, (minus, {"x": [1], "y": []}), "space['y']: expected a list of values, got []"),
    (grid_search, (minus, {"x": "relu"}), "space['x']: expected a list of values, got 'relu'"),
    (grid_search, (minus, {"x": 0.1}), "space['x']: expected a list of values, got 0.1"),
    (random_search, (None, ONE, 3, RNG), "objective: expected a function of the hyper-parameters, got None"),
    (random_search, (minus, 0, 3, RNG), "space: expected a dict of at least one hyper-parameter, got 0"),
    (random_search, (minus, {"x": [1]}, 3, RNG), "space['x']: expected a sampler f(size, rng), got [1]"),
    (random_search, (minus, ONE, 0, RNG), "trials: expected a positive integer, got 0"),
    (random_search, (minus, ONE, 2.0, RNG), "trials: expected a positive integer, got 2.0"),
    (
        random_search,
        (minus, ONE, 3, 42),
        "rng: expected a np.random.Generator such as np.random.default_rng(0), got 42",
    ),
    (
        random_search,
        (minus, {"x": half}, 4, RNG),
        "space['x'](size, rng): expected shape (4,), got shape (2,)",
    ),
    (
        random_search,
        (minus, {"x": LR, "y": square_of_numbers}, 4, RNG),
        "space['y'](size, rng): expected shape (4,), got shape (4, 4)",
    ),
    (
        random_search,
        (minus, {"x": partial(sample_log, 1, 0.1)}, 4, RNG),
        "high: expected more than low = 1.0, got 0.1",
    ),
    (coarse_to_fine, (3, ONE, 3, RNG), "objective: expected a function of the hyper-parameters, got 3"),
    (
        coarse_to_fine,
        (minus, {"x": (sample_log, 1)}, 3, RNG),
        f"space['x']: expected (sampler, low, high), got {(sample_log, 1)!r}",
    ),
    (
        coarse_to_fine,
        (minus, {"x": (1, 2, 3)}, 3, RNG),
        "space['x']: expected (sampler, low, high), got (1, 2, 3)",
    ),
    (coarse_to_fine, (minus, ONE, 3, RNG), f"space['x']: expected (sampler, low, high), got {LR!r}"),
    (
        coarse_to_fine,
        (minus, {"x": (sample_int, 2, 1)}, 3, RNG),
        "high: expected more than low = 2, got 1",
    ),
    (
        coarse_to_fine,
        (minus, {"x": (sample_int, 1, 2)}, 0, RNG),
        "trials: expected a positive integer, got 0",
    ),
    (
        coarse_to_fine,
        (minus, {"x": (sample_int, 1, 2)}, 3, None),
        "rng: expected a np.random.Generator such as np.random.default_rng(0), got None",
    ),
]


@pytest.mark.parametrize("f, arguments, complaint", COMPLAINTS, ids=range(len(COMPLAINTS)))
def test_bad_argument_is_named(f, arguments, complaint):
    with pytest.raises(ValueError) as raised:
        f(*arguments)
    assert str(raised.value) == complaint


SEARCHES = {
    "grid": partial(grid_search, minus, {"x": [1]}),
    "random": partial(random_search, minus, ONE, 3, RNG),
    "fine": partial(coarse_to_fine, minus, {"x": (sample_log, 1, 2)}, 3, RNG),
}


@pytest.mark.parametrize("search", SEARCHES)
def test_bad_executor_or_timeout_is_named(search):
    def complaint(**keywords):
        with pytest.raises(ValueError) as raised:
            SEARCHES[search](**keywords)
        return str(raised.value)

    assert complaint(executor=4) == "executor: expected a concurrent.futures.Executor or None, got 4"
    assert complaint(executor=ThreadPoolExecutor) == (
        f"executor: expected a concurrent.futures.Executor or None, got {ThreadPoolExecutor!r}"
    )
    assert complaint(timeout=1.0) == (
        "timeout: expected an executor beside it: what hangs here hangs all, got executor=None"
    )
    with ThreadPoolExecutor(1) as threads:
        assert complaint(executor=threads, timeout=0) == "timeout: expected a number above 0, got 0.0"


@pytest.mark.parametrize(
    "keywords, complaint",
    [
        ({"rounds": 0}, "rounds: expected a positive integer, got 0"),
        ({"keep": 1}, "keep: expected at least 2 trials, to span a box, got 1"),
        ({"keep": 2.5}, "keep: expected a positive integer, got 2.5"),
    ],
)
def test_bad_rounds_are_named(keywords, complaint):
    with pytest.raises(ValueError) as raised:
        SEARCHES["fine"](**keywords)
    assert str(raised.value) == complaint


@pytest.mark.parametrize(
    "keywords, name",
    [({"lr": 0}, "lr"), ({"beta": 1.0}, "beta"), ({"steps": 0}, "steps")],
)
def test_bad_hyper_parameter_of_the_example_is_named(keywords, name):
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got"):
        digits_cost()(**({"lr": 0.1, "beta": 0.5} | keywords))
