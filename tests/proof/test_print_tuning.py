"""Chapter 11 as printed: how many trials, and on what scale, against `notesrc.tuning`."""

import numpy as np
import scipy.integrate
import scipy.optimize
from chapter import Chapter, PrintedChapter

from notesrc.descent import ewma
from notesrc.gradcheck import numerical_gradient
from notesrc.tuning import (
    grid_search,
    sample_log,
    sample_one_minus_log,
    trials_needed,
)
from proof import Binding

CHAPTER = Chapter("11-tuning")

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {
    "uniform-waste": {
        r"\int_{c}^{b} \frac{1}{b - a} \, \mathrm{d} \mathrm{d} "
        r"= \frac{b - c}{b - a}": "a constant integrand: any letter will do for the variable",
    },
}


class Fixed(np.random.Generator):
    """A generator whose uniform numbers are all at the share u of their interval."""

    def __init__(self, u):
        super().__init__(np.random.PCG64(0))
        self.u = u

    def uniform(self, low, high, size):
        return np.full(size, low + (high - low) * self.u)


def sampled(sampler, u, a, b):
    """The book's sampler as the function of u that it is."""
    return sampler(a, b, 1, Fixed(u))[0]


@CHAPTER.binds("grid-size")
def grid(rng):
    sizes = rng.permutation([2, 3, 5])
    space = {f"x{j}": rng.random(k) for j, k in enumerate(sizes)}
    return Binding({"N": len(grid_search(lambda **x: 0, space).trials), "k_#": sizes, "d": len(sizes)})


@CHAPTER.binds("grid-distinct")
def even_grid(rng):
    k, d = int(rng.integers(3, 6)), int(rng.integers(3, 5))
    trials = grid_search(lambda **x: 0, {f"x{j}": rng.random(k) for j in range(d)}).trials
    return Binding({"N": len(trials), "k": len({trial.params["x0"] for trial in trials}), "d": d})


@CHAPTER.binds("nearest-trial")
def one_dimension_that_matters(rng):
    def by_grid(k):
        """The mean of the distance to the nearest of the centres, each cell by itself."""
        found, centres = 0.0, (np.arange(k) + 0.5) / k
        for centre in centres:
            left, right = centre - 0.5 / k, centre + 0.5 / k
            peaks = np.linspace(left, right, 401)
            misses = [grid_search(lambda x: abs(x - c), {"x": centres}).best.value for c in peaks]
            found += scipy.integrate.trapezoid(misses, peaks)
        return found

    def at_random(n):
        """∫∫ (chance that all n trials lie farther than d from c) dd dc: the middle, and both sides."""
        middle, _ = scipy.integrate.quad(lambda d: (1 - 2 * d) ** n * (1 - 2 * d), 0, 0.5)
        sides, _ = scipy.integrate.dblquad(
            lambda d, c: (1 - c - d) ** n, 0, 0.5, lambda c: c, lambda c: 1 - c
        )
        return middle + 2 * sides

    names = {"D_g": by_grid, "D_r": at_random, "k": int(rng.integers(2, 6)), "n": int(rng.integers(2, 12))}
    return Binding(names, rtol=1e-9)


@CHAPTER.binds("random-search-coverage")
def chance_of_a_hit(rng):
    """The share of equally likely outcomes, one of q values in each of n trials, with a hit among them."""
    q, n = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    every = grid_search(lambda **x: min(x.values()), {f"trial{i}": range(q) for i in range(n)}).trials
    return Binding({"P": np.mean([trial.value == 0 for trial in every]), "p": 1 / q, "n": n})


@CHAPTER.binds("random-search-trials")
def enough_trials(rng):
    """A chance that a whole number of trials just attains, and one that falls between two."""
    p, n = rng.uniform(0.05, 0.4), int(rng.integers(3, 9))
    chance = 1 - (1 - p) ** (n - rng.choice([0, 0.5]))
    return Binding({"n": trials_needed(p, chance), "P": chance, "p": p})


def bounds(rng):
    return rng.uniform(0.05, 0.2), rng.uniform(0.6, 0.9)


@CHAPTER.binds("log-uniform")
def learning_rate(rng):
    (a, b), u = bounds(rng), rng.random()
    return Binding({r"\eta": sampled(sample_log, u, a, b), "u": u, "a": a, "b": b}, defines=("r",))


def density(a, b):
    """A share du lies on a length dη: the slope of the sampler, where it gives η."""

    def eta(u):
        return sampled(sample_log, float(u), a, b)

    def f(value):
        u = scipy.optimize.brentq(lambda u: eta(u) - value, 0, 1, xtol=1e-15)
        return 1 / float(numerical_gradient(eta, np.clip(u, 1e-4, 1 - 1e-4)))  # it is flat outside

    return f


@CHAPTER.binds("log-uniform-density")
def density_somewhere(rng):
    a, b = bounds(rng)
    return Binding({"f": density(a, b), r"\eta": rng.uniform(0.25, 0.5), "a": a, "b": b}, rtol=1e-8)


@CHAPTER.binds("uniform-waste")
def share_of_a_uniform_law(rng):
    a, b = bounds(rng)
    return Binding({"a": a, "b": b, "c": rng.uniform(0.3, 0.5)})


@CHAPTER.binds("log-uniform-share")
def share_of_a_log_uniform_law(rng):
    a, b = bounds(rng)
    return Binding({"f": density(a, b), "a": a, "b": b, "c": rng.uniform(0.3, 0.5)}, rtol=1e-7)


@CHAPTER.binds("one-minus-log-uniform")
def momentum(rng):
    (a, b), u = bounds(rng), rng.random()
    names = {r"\beta": sampled(sample_one_minus_log, u, a, b), "u": u, "a": a, "b": b}
    return Binding(names, defines=("r",))


@CHAPTER.binds("window-sensitivity")
def window(rng):
    """The window as the inverse of the newest value's weight."""

    def tau(beta):
        return 1 / ewma([1.0], float(beta))[0]

    beta = rng.uniform(0.5, 0.8)
    slope = numerical_gradient(tau, beta)
    names = {r"\tau": tau(beta), r"\beta": beta, r"\frac{\mathrm{d} \tau}{\mathrm{d} \beta}": slope}
    return Binding(names, rtol=1e-8)


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
    tolerance = 1e-7
