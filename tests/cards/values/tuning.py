"""The numbers on the cards of chapter 11."""

import numpy as np

from notesrc.tuning import grid_search, random_search, trials_needed


def grid_values_per_dimension():
    trials, names = 81, ("a", "b", "c", "d")
    k = round(trials ** (1 / len(names)))

    def objective(**params):
        return sum(params.values())

    def uniform(size, rng):
        return rng.random(size)

    grid = grid_search(objective, {name: range(k) for name in names}).trials
    drawn = random_search(objective, dict.fromkeys(names, uniform), trials, np.random.default_rng(0)).trials
    assert len(grid) == len(drawn) == trials
    return tuple(len({trial.params["a"] for trial in found}) for found in (grid, drawn))


def random_search_59_trials():
    return trials_needed(0.05, 0.95)


def log_uniform_decade_shares():
    a, b, c = 1e-4, 1.0, 0.1
    return 100 * (b - c) / (b - a), 100 * np.log(b / c) / np.log(b / a)


def window_near_one():
    return tuple(1 / (1 - beta) for beta in (0.999, 0.9995))
