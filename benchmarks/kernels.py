"""Kernels of notesrc against the same arithmetic by hand, and how many pairs a second skip-gram trains.

Of a kernel the ratio of the times is judged: both run in one process and take turns after a warm-up, so that
a machine that slows down slows both; of each the median counts. Of the training it is the best of ten, by the
processor's time, since whatever else runs is not to count. Exits with 1 if one of them misses its bound.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from notesrc.embeddings import noise_distribution, skipgram_pairs, train_skipgram
from notesrc.optimizers import Adam


def adam(size: int = 10**6) -> tuple[Callable, Callable]:
    """One Adam step on float64 parameters, as notesrc takes it and with in-place NumPy by hand."""
    rng = np.random.default_rng(0)
    theta, g = rng.normal(size=(2, size))
    optimizer, lr, beta1, beta2, eps = Adam(), 1e-3, 0.9, 0.999, 1e-8
    path = theta, optimizer.init(theta)

    def ours():
        nonlocal path
        path = optimizer.step(path[0], lambda theta: g, path[1])

    w, m, s, a, b = theta.copy(), *np.zeros((4, size))
    t = 0

    def by_hand():
        nonlocal t
        t += 1
        np.multiply(m, beta1, out=m)  # m = beta1 m + (1 - beta1) g
        np.multiply(g, 1 - beta1, out=a)
        np.add(m, a, out=m)
        np.multiply(s, beta2, out=s)  # s = beta2 s + (1 - beta2) g^2
        np.multiply(g, g, out=a)
        np.multiply(a, 1 - beta2, out=a)
        np.add(s, a, out=s)
        np.divide(s, 1 - beta2**t, out=a)  # a = sqrt(s_hat) + eps
        np.sqrt(a, out=a)
        np.add(a, eps, out=a)
        np.divide(m, 1 - beta1**t, out=b)  # w = w - lr m_hat / a
        np.divide(b, a, out=b)
        np.multiply(b, lr, out=b)
        np.subtract(w, b, out=w)

    for _ in range(3):  # warms both up
        ours()
        by_hand()
    np.testing.assert_allclose(path[0], w, rtol=1e-12)
    return ours, by_hand


# Name: what makes the two functions, and how many times as long as by hand ours may take.
KERNELS = {"Adam, 10^6 parameters": (adam, 1.5)}

PAIRS_PER_SECOND = 200_000  # with K = 5 noise words and 100 dimensions


def skipgram(words: int = 10_000, length: int = 5_000) -> float:
    """Pairs a second in one epoch of skip-gram on a text of random words under Zipf's law."""
    rng = np.random.default_rng(0)
    counts = 10**6 // np.arange(1, words + 1)
    pairs = skipgram_pairs(rng.choice(words, length, p=counts / counts.sum()), window=5)
    noise = noise_distribution(counts)
    started = time.process_time()
    train_skipgram(pairs, noise, dim=100, rng=rng, K=5, epochs=1)
    return len(pairs) / (time.process_time() - started)


def measure(ours: Callable, by_hand: Callable, rounds: int) -> tuple[float, float]:
    """The median seconds of each."""
    times = {ours: [], by_hand: []}
    for _ in range(rounds):
        for kernel, seen in times.items():
            started = time.perf_counter()
            kernel()
            seen.append(time.perf_counter() - started)
    return statistics.median(times[ours]), statistics.median(times[by_hand])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=101, metavar="N", help="runs of each kernel")
    rounds = parser.parse_args().rounds
    slow = 0
    for name, (make, allowed) in KERNELS.items():
        ours, by_hand = measure(*make(), rounds)
        print(f"{name}, median of {rounds}:")
        print(f"  notesrc {ours * 1e3:7.2f} ms")
        print(f"  by hand {by_hand * 1e3:7.2f} ms")
        print(f"  ratio   {ours / by_hand:7.2f} (may be {allowed})", flush=True)
        slow += ours / by_hand > allowed
    rate = max(skipgram() for _ in range(10))
    print("Skip-gram, K = 5, 100 dimensions, 10^4 words, best of 10:")
    print(f"  notesrc {rate:9,.0f} pairs a second (at least {PAIRS_PER_SECOND:,})", flush=True)
    slow += rate < PAIRS_PER_SECOND
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
