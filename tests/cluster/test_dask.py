"""Random search on a local Dask cluster. Needs `distributed`; without it these tests are skipped, or fail if
REQUIRE_CLUSTER=1 says that it must be there."""

import json
import math
import os
import re
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from notesrc.softmax import one_hot
from notesrc.tuning import (
    coarse_to_fine,
    grid_search,
    random_search,
    sample_log,
    sample_one_minus_log,
    softmax_regression_cost,
)

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "11-tuning.ipynb"

if os.environ.get("REQUIRE_CLUSTER") == "1":
    import distributed
else:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")


def negative_at_three(size, rng):
    return np.where(np.arange(size) == 3, -1.0, sample_log(1e-4, 1, size, rng))


def sleep_at_two(x):
    if x == 2:
        time.sleep(20)
    return x


SPACE = {"lr": negative_at_three, "beta": partial(sample_one_minus_log, 0.9, 0.999)}


@pytest.fixture(scope="module")
def cost():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(100, 5)), rng.integers(0, 3, 100)
    X[:, 0] += labels
    y = one_hot(labels, 3)
    return partial(softmax_regression_cost, train=(X[:60], y[:60]), validation=(X[60:], y[60:]), steps=30)


def local_cluster(n_workers):
    """Workers in this process: what travels is the same, and nothing has to start."""
    return distributed.LocalCluster(
        processes=False, n_workers=n_workers, threads_per_worker=1, dashboard_address=":0"
    )


@pytest.fixture(scope="module")
def client():
    with local_cluster(2) as cluster, distributed.Client(cluster) as client:
        yield client


def test_the_same_seed_gives_the_same_trials_on_a_cluster(client, cost):
    """The trial with a negative learning rate fails, and the others are kept."""
    run = partial(random_search, cost, SPACE, 6)
    alone = run(np.random.default_rng(7))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert run(np.random.default_rng(7), executor=pool) == alone
    assert run(np.random.default_rng(7), executor=client.get_executor()) == alone
    assert run(np.random.default_rng(7), executor=client.get_executor(), timeout=50) == alone
    assert alone.failed == (alone.trials[3],)
    assert alone.failed[0].error == "ValueError: lr: expected a number above 0, got -1.0"
    assert alone.best.value < math.log(3)


def test_every_search_runs_on_a_cluster(client, cost):
    twice = {"lr": [0.1, 1.0, 0.1], "beta": [0.0, 0.9]}  # to Dask, the same trial again is the same task
    grid = partial(grid_search, cost, twice)
    assert grid(client.get_executor()) == grid()
    space = {"lr": (sample_log, 1e-2, 1), "beta": (sample_one_minus_log, 0.5, 0.9)}
    fine = partial(coarse_to_fine, cost, space, 4)
    assert fine(np.random.default_rng(7), client.get_executor()) == fine(np.random.default_rng(7))


def test_a_hanging_trial_is_reported_and_its_worker_goes_on(client):
    started = time.monotonic()
    found = grid_search(sleep_at_two, {"x": [0, 1, 2, 3, 4, 5]}, client.get_executor(), timeout=1.0)
    assert time.monotonic() - started < 15
    assert [trial.error for trial in found.failed] == ["timed out after 1 s"]
    assert [trial.value for trial in found.trials] == [0, 1, None, 3, 4, 5]


def test_progress_counts_what_the_cluster_returns(client, capsys):
    grid_search(sleep_at_two, {"x": [0, 1]}, client.get_executor(), progress=True)
    out, err = capsys.readouterr()
    assert out == "" and err.endswith("2/2, best 0           \n")


def test_trials_that_no_worker_takes_are_reported(monkeypatch):
    """A cluster without workers."""
    monkeypatch.setattr("notesrc.tuning._GRACE", 0.5)
    with local_cluster(0) as cluster, distributed.Client(cluster) as client:
        found = grid_search(sleep_at_two, {"x": [0, 1]}, client.get_executor(), timeout=0.5)
    assert [trial.error for trial in found.trials] == ["not started: no trial has ended for 1 s"] * 2


def test_the_example_of_the_chapter(capsys):
    """The code block as it is printed, with workers in processes of their own."""
    cells = json.loads(CHAPTER.read_text(encoding="utf8"))["cells"]
    [block] = ["".join(cell["source"]) for cell in cells if cell["id"] == "dask-example"]
    code = re.fullmatch(r"```python\n(.*)```", block, re.DOTALL)[1]
    names = {"__name__": "__main__"}
    exec(compile(code, str(CHAPTER), "exec"), names)
    alone = random_search(names["cost"], names["space"], 16, np.random.default_rng(4))
    assert names["found"] == alone and alone.failed == ()
    assert capsys.readouterr().out == f"{alone.best}\n0 failed\n"
