"""Chapter 7 as printed: the laws of decay, warm-up with cosine, and the noise floor against `notesrc`."""

import numpy as np
from chapter import Chapter, PrintedChapter

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
from proof import Binding

CHAPTER = Chapter("07-learning-rate-decay")
EPOCHS = range(0, 12)


@CHAPTER.binds("sgd-second-moment")
def second_moment(rng):
    rates, L, sigma = rng.uniform(0.1, 0.9, 5), rng.uniform(0.3, 1.7), rng.uniform(0.5, 2)
    v = expected_squares(rates, rng.uniform(1, 4), L, sigma)
    names = {"v_#": dict(enumerate(v)), r"\eta_#": rates, "L": L, r"\sigma": sigma}
    return Binding(names, forall={"t": range(1, 6)})


@CHAPTER.binds("sgd-noise-floor")
def floor(rng):
    lr, L, sigma = rng.uniform(0.1, 0.9), rng.uniform(0.3, 1.7), rng.uniform(0.5, 2)
    return Binding({"v": noise_floor(lr, L, sigma), r"\eta": lr, "L": L, r"\sigma": sigma})


@CHAPTER.binds("inverse-time-decay")
def by_inverse_time(rng):
    lr0, r = rng.uniform(0.1, 0.9), rng.uniform(0.1, 2)
    names = {r"\eta_#": lambda n: inverse_time(n, lr0, r), r"\eta_0": lr0, "r": r}
    return Binding(names, forall={"n": EPOCHS})


@CHAPTER.binds("exponential-decay")
def by_exponential(rng):
    lr0, q = rng.uniform(0.1, 0.9), rng.uniform(0.3, 0.9)
    names = {r"\eta_#": lambda n: exponential(n, lr0, q), r"\eta_0": lr0, "q": q}
    return Binding(names, forall={"n": EPOCHS})


@CHAPTER.binds("inverse-sqrt-decay", "inverse-sqrt-step")
def by_root(rng):
    lr0, k = rng.uniform(0.1, 0.9), rng.uniform(1.5, 3)
    names = {r"\eta_#": lambda n: inverse_sqrt(n, lr0, k), r"\eta_0": lr0, "k": k}
    return Binding(names, forall={"n": range(2, 12), "t": range(2, 12)})


@CHAPTER.binds("inverse-sqrt-shifted")
def by_shifted_root(rng):
    lr0 = rng.uniform(0.1, 0.9)
    names = {r"\eta_#": lambda t: inverse_sqrt_shifted(t, lr0), r"\eta_0": lr0}
    return Binding(names, forall={"t": EPOCHS})


@CHAPTER.binds("staircase-decay")
def by_staircase(rng):
    lr0, q, s = rng.uniform(0.1, 0.9), rng.uniform(0.3, 0.9), int(rng.integers(1, 4))
    names = {r"\eta_#": lambda n: staircase(n, lr0, q, s), r"\eta_0": lr0, "q": q, "s": s}
    return Binding(names, forall={"n": EPOCHS})


def warmup(rng, w, T):
    peak, low = rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.4)
    return {
        r"\eta_#": lambda t: warmup_cosine(t, peak, w, T, low),
        "c": lambda u: warmup_cosine(u, peak, 0, 1, low),
        r"\eta_{\max}": peak,
        r"\eta_{\min}": low,
        "w": w,
        "T": T,
    }


@CHAPTER.binds("linear-warmup")
def line(rng):
    return Binding(warmup(rng, w=7, T=9), forall={"t": range(8)})


@CHAPTER.binds("cosine-decay")
def cosine(rng):
    return Binding(warmup(rng, w=0, T=1), forall={"u": [0, 0.15, 0.4, 0.7, 1]})


@CHAPTER.binds("warmup-cosine")
def line_and_cosine(rng):
    w, T = int(rng.integers(2, 5)), int(rng.integers(8, 11))
    return Binding(warmup(rng, w, T), forall={"t": range(T + 4)})


class TestPrint(PrintedChapter):
    chapter = CHAPTER
