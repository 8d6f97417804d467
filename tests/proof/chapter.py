"""What the tests of the printed formulas share: the formulas, and a chapter's bindings by label."""

from pathlib import Path

import numpy as np
import pytest

from proof import Functional, check, mutants, read_formulas, survivors

FORMULAS = read_formulas(Path(__file__).resolve().parents[2] / "chapters")


class Chapter:
    """The bindings of one chapter, each a function of a random generator, under the labels that it serves."""

    def __init__(self, name: str):
        self.formulas = {label: formula for label, formula in FORMULAS.items() if formula.chapter == name}
        self.draws = {}

    def binds(self, *labels):
        def register(draw):
            for label in labels:
                assert label not in self.draws, f"{label} is bound twice"
                self.draws[label] = draw
            return draw

        return register

    def params(self):
        return [pytest.param(label, marks=pytest.mark.formula(label), id=label) for label in self.draws]

    def check(self, label: str) -> float:
        return check(self.formulas[label], self.draws[label])

    def survivors(self, label: str) -> list[str]:
        """The typos that the check of a formula does not notice, as LaTeX on one line."""
        found = survivors(self.formulas[label], self.draws[label])
        return [" ".join(mutant.tex.split()) for mutant in found]

    def share(self, survivors) -> float:
        """The part of all typos in the chapter that is noticed, if those listed by label are not."""
        made = sum(len(mutants(self.formulas[label])) for label in self.draws)
        return 1 - sum(map(len, survivors.values())) / made


class PrintedChapter:
    """What is asked of every chapter. A test module derives from it, and says which chapter and what is known."""

    chapter: Chapter
    equivalent = {}  # typos that no value can show, by label: {LaTeX: why}
    tolerance = 1e-9
    looser = {}  # tolerances of labels of their own, where differences stand for a derivative

    def pytest_generate_tests(self, metafunc):
        if metafunc.function.__name__ == "test_both_sides_are_equal":
            metafunc.parametrize("label", self.chapter.params())
        elif "label" in metafunc.fixturenames:
            metafunc.parametrize("label", self.chapter.draws)

    def test_both_sides_are_equal(self, label, measured):
        error = self.chapter.check(label)
        measured("print", error)
        assert error < self.looser.get(label, self.tolerance)

    def test_every_typo_is_noticed(self, label):
        assert set(self.chapter.survivors(label)) == set(self.equivalent.get(label, {}))

    def test_at_least_99_percent_of_the_typos_are_noticed(self):
        assert self.chapter.share(self.equivalent) >= 0.99

    def test_every_formula_is_evaluated(self):
        assert set(self.chapter.draws) == set(self.chapter.formulas)


def moments(outcomes):
    """E and Var over equally likely outcomes, each {random name: value}: exact, not sampled."""

    def mean(body):
        return np.mean([body(outcome) for outcome in outcomes])

    def variance(body):
        return np.var([body(outcome) for outcome in outcomes])

    return {r"\operatorname{E}": Functional(mean), r"\operatorname{Var}": Functional(variance)}


def kinked(f, f_grad, h=1e-6):
    """f_grad, but undefined where the slopes of f on the two sides differ."""

    def derivative(z):
        left, right = (f(z) - f(z - h)) / h, (f(z + h) - f(z)) / h
        return np.nan if abs(right - left) > 1e-3 else f_grad(z)

    return derivative
