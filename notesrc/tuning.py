"""Hyper-parameter search: on what scale to sample, on a grid or at random, from coarse to fine, in parallel.

An objective takes the hyper-parameters by keyword and returns one number; lower is better. A trial that
raises, or returns no finite number, has failed: the search reports it and goes on.

A process pool or a cluster must be able to import the objective: a function of a module, or
`functools.partial` of one. The worker keeps the `timeout`: it leaves a hanging trial in a daemon thread that
ends with its process, and takes the next one, so that `with ProcessPoolExecutor() as pool:` can end. Where
even the worker hangs (code that never lets another thread run),
`pool.shutdown(wait=False, cancel_futures=True)` does not wait for it; to end its process is left to the owner
of the pool.
"""

import itertools
import math
import sys
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from dataclasses import dataclass
from functools import partial
from threading import Thread

import numpy as np

from notesrc import _check
from notesrc.optimizers import EWMAMomentum, minimize
from notesrc.softmax import softmax_cross_entropy

_GRACE = 20.0  # seconds beyond `timeout` in which some trial must have ended; workers take time to start


# Samplers


def sample_int(low, high, size, rng):
    """Whole numbers from low to high, both included, all equally likely.

    Returns `(size,)`.
    Raises ValueError unless low < high are integers, size is a positive integer and rng a Generator.
    """
    for name, bound in (("low", low), ("high", high)):
        if isinstance(bound, bool) or not isinstance(bound, (int, np.integer)):
            raise _check.error(name, "an integer", repr(bound))
    _ordered(low, high)
    size, rng = _check.integer("size", size), _check.generator(rng)
    return rng.integers(low, high, size, endpoint=True)


def sample_log(low, high, size, rng):
    """η = 10^r with r uniform from log₁₀ low to log₁₀ high (`log-uniform`, `log-uniform-density`).

    Returns `(size,)`.
    Raises ValueError unless 0 < low < high, size is a positive integer and rng a Generator.
    """
    low, high = _check.positive("low", low), _check.positive("high", high)
    _ordered(low, high)
    size, rng = _check.integer("size", size), _check.generator(rng)
    r = rng.uniform(np.log10(low), np.log10(high), size)
    with np.errstate(over="ignore"):  # 10^r may round to just outside, and so beyond float64
        return np.clip(10.0**r, low, high)


def sample_one_minus_log(low, high, size, rng):
    """β = 1 − 10^r with 1 − β log-uniform; low and high are bounds of β (`one-minus-log-uniform`).

    Returns `(size,)`.
    Raises ValueError unless 0 < low < high < 1, size is a positive integer and rng a Generator.
    """
    low, high = _share("low", low), _share("high", high)
    _ordered(low, high)
    return np.clip(1 - sample_log(1 - high, 1 - low, size, rng), low, high)


def _ordered(low, high):
    if low >= high:
        raise _check.error("high", f"more than low = {low}", high)


def _share(name, x):
    x = _check.scalar(name, x)
    if not 0 < x < 1:
        raise _check.error(name, "a number above 0 and below 1", x)
    return x


def trials_needed(top, chance):
    """The least n with 1 − (1 − top)^n ≥ chance (`random-search-coverage`, `random-search-trials`).

    top: the share of configurations that are good enough; chance: that of drawing at least one of them.
    Raises ValueError unless both lie above 0 and below 1. Bergstra and Bengio 2012.
    """
    n = math.log1p(-_share("chance", chance)) / math.log1p(-_share("top", top))
    return math.ceil(_check.scalar("trials", n) * (1 - 1e-12))  # rounding alone must not cost another trial


# Searches


@dataclass(frozen=True)
class Trial:
    """A configuration and its value; if it has failed, its value is None and `error` says why."""

    params: dict
    value: float | None
    error: str | None = None


@dataclass(frozen=True)
class SearchResult:
    """All trials of a search, in the order in which they were drawn."""

    trials: tuple

    @property
    def best(self):
        """The trial of the lowest value, at a tie the first. Raises RuntimeError if all have failed."""
        if not self.ranked:
            raise RuntimeError(f"all {len(self.trials)} trials failed, the first with {self.trials[0].error}")
        return self.ranked[0]

    @property
    def ranked(self):
        """The trials that have a value, the best first."""
        return tuple(sorted((t for t in self.trials if t.error is None), key=lambda t: t.value))

    @property
    def failed(self):
        """The trials that have none, each with its `error`."""
        return tuple(t for t in self.trials if t.error is not None)


def grid_search(objective, space, executor=None, *, timeout=None, progress=False):
    """Every combination of the listed values, the last hyper-parameter varying fastest (`grid-size`).

    space: {name: list of values}; the rest as in `random_search`.
    Returns a SearchResult. Raises ValueError on an empty space, an empty list or another wrong argument.
    """
    _checked(objective, space, executor, timeout)
    for name, values in space.items():
        if isinstance(values, str) or not np.iterable(values) or len(values) == 0:
            raise _check.error(f"space[{name!r}]", "a list of values", repr(values))
    lists = [values.tolist() if isinstance(values, np.ndarray) else values for values in space.values()]
    return _run(objective, _named(space, itertools.product(*lists)), executor, timeout, progress)


def random_search(objective, space, trials, rng, executor=None, *, timeout=None, progress=False):
    """`trials` configurations, drawn at random: the same for the same seed, whatever the executor.

    objective: called with a keyword argument for each name; space: {name: f(size, rng) -> `(size,)`}, such as
    `partial(sample_log, 1e-4, 1)`. All is drawn before the first trial runs, name by name.
    executor: a concurrent.futures.Executor (a pool, Dask's `Client.get_executor()`); None: one by one, here.
    timeout: seconds that a trial may run from its start; needs an executor. What runs longer is reported as
    timed out; once no trial has ended for timeout + 20 s, what has not begun is reported as not started.
    progress: draw a bar on stderr.
    Returns a SearchResult. Raises ValueError on a wrong argument, or where a sampler returns another shape.
    Bergstra and Bengio 2012.
    """
    _checked(objective, space, executor, timeout)
    for name, sampler in space.items():
        if not callable(sampler):
            raise _check.error(f"space[{name!r}]", "a sampler f(size, rng)", repr(sampler))
    trials, rng = _check.integer("trials", trials), _check.generator(rng)
    return _run(objective, _draw(space, trials, rng), executor, timeout, progress)


def coarse_to_fine(
    objective, space, trials, rng, executor=None, *, rounds=2, keep=4, timeout=None, progress=False
):
    """Random search, and again in the box around the `keep` best so far: `rounds` times `trials` trials.

    space: {name: (sampler, low, high)}, such as `(sample_log, 1e-4, 1)`. Where the best agree on a value, it
    stays; while fewer than two trials have a value, the box stays. The rest as in `random_search`.
    Returns a SearchResult of all rounds, in order. Raises ValueError on a wrong argument.
    """
    _checked(objective, space, executor, timeout)
    for name, entry in space.items():
        if not isinstance(entry, tuple) or len(entry) != 3 or not callable(entry[0]):
            raise _check.error(f"space[{name!r}]", "(sampler, low, high)", repr(entry))
    trials, rng = _check.integer("trials", trials), _check.generator(rng)
    rounds, keep = _check.integer("rounds", rounds), _check.integer("keep", keep)
    if keep < 2:
        raise _check.error("keep", "at least 2 trials, to span a box", keep)
    box = {name: partial(sampler, low, high) for name, (sampler, low, high) in space.items()}
    found = SearchResult(())
    for _ in range(rounds):
        more = _run(objective, _draw(box, trials, rng), executor, timeout, progress)
        found = SearchResult(found.trials + more.trials)
        best = found.ranked[:keep]
        if len(best) > 1:
            box = {name: _span(space[name][0], [t.params[name] for t in best]) for name in space}
    return found


def _span(sampler, values):
    low, high = min(values), max(values)
    return partial(sampler, low, high) if low < high else lambda size, rng: np.full(size, low)


def _checked(objective, space, executor, timeout):
    if not callable(objective):
        raise _check.error("objective", "a function of the hyper-parameters", repr(objective))
    if not isinstance(space, Mapping) or not space:
        raise _check.error("space", "a dict of at least one hyper-parameter", repr(space))
    for name in space:
        if not isinstance(name, str):
            raise _check.error("space", "names of keyword arguments", repr(name))
    if executor is not None and not isinstance(executor, Executor):
        raise _check.error("executor", "a concurrent.futures.Executor or None", repr(executor))
    if timeout is not None:
        _check.positive("timeout", timeout)
        if executor is None:
            raise _check.error("timeout", "an executor beside it: what hangs here hangs all", "executor=None")


def _draw(space, trials, rng):
    columns = [np.asarray(sampler(trials, rng)) for sampler in space.values()]
    for name, column in zip(space, columns):
        if column.shape != (trials,):
            raise _check.error(f"space[{name!r}](size, rng)", f"shape {(trials,)}", f"shape {column.shape}")
    return _named(space, zip(*(column.tolist() for column in columns)))


def _named(space, rows):
    return [dict(zip(space, row)) for row in rows]


def _run(objective, configurations, executor, timeout, progress):
    trials = [None] * len(configurations)

    def keep(i, value, error):
        trials[i] = Trial(configurations[i], value, error)
        if progress:
            _draw_bar([t for t in trials if t], len(trials))

    if executor is None:
        for i, params in enumerate(configurations):
            keep(i, *_evaluate(objective, params))
    else:
        _run_elsewhere(objective, configurations, executor, timeout, keep)
    if progress:
        print(file=sys.stderr)
    return SearchResult(tuple(trials))


def _run_elsewhere(objective, configurations, executor, timeout, keep):
    futures = {}
    try:
        for i, params in enumerate(configurations):
            try:
                futures[executor.submit(_evaluate, objective, params, timeout)] = i
            except Exception as error:  # a pool that is broken or closed takes nothing any more
                keep(i, None, _text(error))
        pending = set(futures)
        while pending:
            patience = None if timeout is None else timeout + _GRACE
            done, pending = wait(pending, patience, FIRST_COMPLETED)
            for future in done:
                keep(futures[future], *_outcome(future))
            if not done:
                for future in pending:
                    why = "timed out" if future.running() else "not started"
                    keep(futures[future], None, f"{why}: no trial has ended for {patience:g} s")
                return
    finally:  # also where the search is interrupted: what has not begun shall not begin
        for future in futures:
            future.cancel()


def _outcome(future):
    try:
        return future.result()
    except Exception as error:  # the worker is gone, or cannot import the objective
        return None, _text(error)


def _evaluate(objective, params, timeout=None):
    """(value, None) or (None, error). It runs in the worker: the time counts from the start of the trial."""
    if timeout is None:
        return _value(objective, params)
    results = []
    thread = Thread(target=lambda: results.append(_value(objective, params)), daemon=True)
    thread.start()
    thread.join(timeout)
    return results[0] if results else (None, f"timed out after {timeout:g} s")


def _value(objective, params):
    try:
        return _check.scalar("objective", objective(**params)), None
    except (Exception, SystemExit) as error:
        return None, _text(error)


def _text(error):
    return f"{type(error).__name__}: {error}"


def _draw_bar(done, total):
    bar = "#" * (20 * len(done) // total)
    best = min((t.value for t in done if t.error is None), default=math.nan)
    print(f"\r[{bar:<20}] {len(done)}/{total}, best {best:<12.6g}", end="", file=sys.stderr)


# Something to tune


def softmax_regression_cost(lr, beta, train, validation, steps=60):
    """The validation cost of a softmax regression after `steps` of EWMA momentum, full batch, from zeros.

    Formulas `ewma-momentum`, `softmax-cost-gradient`, `cross-entropy-cost`.
    lr: η > 0; beta: in [0, 1); train, validation: `(X, y)` each, X `(m, n_in)`, y `(m, C)` one-hot.
    Raises ValueError on other values or shapes, or an lr at which the weights overflow.
    """
    (X, y), (X_val, y_val) = train, validation
    X, X_val = (np.column_stack([X, np.ones(len(X))]) for X in (X, X_val))  # the bias is one more weight

    def cost(W, X, y):
        with np.errstate(over="ignore", invalid="ignore"):  # refused below, by name
            logits = X @ W.T
        return softmax_cross_entropy(logits, y)

    start = np.zeros((np.shape(y)[1], X.shape[1]))
    W = minimize(EWMAMomentum(lr, beta), lambda W: cost(W, X, y)[1].T @ X, start, steps)[-1]
    return cost(W, X_val, y_val)[0]
