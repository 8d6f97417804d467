"""BLEU against the examples of its paper, exact fractions, and a count that crosses words off."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesrc.bleu import bleu, brevity_penalty, clipped_precision, closest_length, corpus_bleu

THE_CAT = ["the cat is on the mat".split(), "there is a cat on the mat".split()]

# Papineni et al. 2002, Example 1.
GOOD = (
    "it is a guide to action which ensures that the military always obeys the commands of the party".split()
)
BAD = "it is to insure the troops forever hearing the activity guidebook that party direct".split()
GUIDE = [
    "it is a guide to action that ensures that the military will forever heed party commands".split(),
    "it is the guiding principle which guarantees the military forces always being under the command of the"
    " party".split(),
    "it is the practical guide for the army always to heed the directions of the party".split(),
]

sentences = st.lists(st.sampled_from("abc"), min_size=1, max_size=9)
corpora = st.lists(st.tuples(sentences, st.lists(sentences, min_size=1, max_size=3)), min_size=1, max_size=3)


def crossed_off(candidate, references, n):
    """(clipped count, count): each n-gram of the candidate crosses an equal one off each reference."""
    left = [[tuple(r[i : i + n]) for i in range(len(r) - n + 1)] for r in references]
    hits = count = 0
    for i in range(len(candidate) - n + 1):
        count, found = count + 1, False
        for reference in left:
            if tuple(candidate[i : i + n]) in reference:
                reference.remove(tuple(candidate[i : i + n]))
                found = True
        hits += found
    return hits, count


def power_of_bleu(corpus, N):
    """(Π p_n, c, r) as exact numbers."""
    product = Fraction(1)
    for n in range(1, N + 1):
        hits, counts = zip(*(crossed_off(*pair, n) for pair in corpus))
        product *= Fraction(sum(hits), sum(counts)) if sum(hits) else 0
    c = sum(len(candidate) for candidate, _ in corpus)
    r = 0
    for candidate, references in corpus:
        lengths = sorted(map(len, references))
        best = lengths[0]
        for length in lengths[1:]:
            if abs(length - len(candidate)) < abs(best - len(candidate)):
                best = length
        r += best
    return product, c, r


@pytest.mark.formula("bleu-precision")
def test_the_examples_of_the_paper(measured):
    expected = {
        (2, 7): (["the"] * 7, THE_CAT, 1),
        (17, 18): (GOOD, GUIDE, 1),
        (8, 14): (BAD, GUIDE, 1),
        (10, 17): (GOOD, GUIDE, 2),
        (1, 13): (BAD, GUIDE, 2),
    }
    for fraction, arguments in expected.items():
        assert clipped_precision(*arguments) == fraction
    measured("closed form")


@pytest.mark.formula("bleu-precision")
@given(candidate=sentences, references=st.lists(sentences, min_size=1, max_size=3), n=st.integers(1, 4))
def test_precision_crosses_words_off(candidate, references, n, measured):
    assert clipped_precision(candidate, references, n) == crossed_off(candidate, references, n)
    measured("oracle")


@pytest.mark.formula("bleu-brevity")
def test_only_short_candidates_are_punished(measured):
    for c in range(1, 12):
        for r in range(1, 12):
            expected = 1 if c > r else math.exp(1) / math.exp(r / c)
            assert brevity_penalty(c, r) == pytest.approx(expected, rel=1e-14)
            measured("closed form", abs(brevity_penalty(c, r) / expected - 1))
    assert brevity_penalty(5, 5) == brevity_penalty(6, 5) == 1.0
    assert brevity_penalty(4, 5) == pytest.approx(0.7788007830714049, rel=1e-15)  # e^{−1/4}
    assert isinstance(brevity_penalty(6, 5), float)


def test_the_closest_length_and_of_two_the_shorter():
    words = list("abcdefgh")
    assert closest_length(words[:5], [words[:2], words[:6], words[:3]]) == 6
    assert closest_length(words[:5], [words[:7], words[:3]]) == 3
    assert closest_length(words[:5], [words[:3], words[:7]]) == 3
    assert closest_length(words[:5], [words[:5], words]) == 5


@pytest.mark.formula("bleu")
@given(corpus=corpora, N=st.integers(1, 4))
def test_bleu_is_the_geometric_mean_with_the_penalty(corpus, N, measured):
    product, c, r = power_of_bleu(corpus, N)
    expected = float(product) ** (1 / N) * min(1, math.exp((c - r) / c))
    found = corpus_bleu(*zip(*corpus), max_n=N)
    assert found == pytest.approx(expected, rel=1e-13)
    measured("oracle", abs(found - expected) / (expected or 1))
    assert 0 <= found <= 1
    if len(corpus) == 1:
        assert bleu(*corpus[0], max_n=N) == found


@pytest.mark.formula("bleu")
def test_worked_by_hand(measured):
    candidate = "the cat the cat on the mat".split()
    expected = (Fraction(5, 7) * Fraction(4, 6) * Fraction(2, 5) * Fraction(1, 4)) ** 0.25
    assert bleu(candidate, THE_CAT) == pytest.approx(expected, rel=1e-15)
    assert bleu(candidate[3:], THE_CAT, max_n=2) == pytest.approx(math.exp(1 - 6 / 4), rel=1e-15)
    measured("closed form", abs(bleu(candidate, THE_CAT) / expected - 1))


def test_a_reference_is_worth_one_and_strangers_nothing():
    for reference in THE_CAT + GUIDE:
        assert bleu(reference, [*THE_CAT, *GUIDE]) == 1.0
    assert bleu("a b c d".split(), ["a b c d".split()]) == 1.0
    assert bleu("e f g h".split(), ["a b c d".split()]) == 0.0


def test_one_precision_of_zero_is_enough():
    assert bleu("the cat sat on the mat".split(), THE_CAT) == 0.0
    assert bleu("the cat on".split(), ["the cat on".split()]) == 0.0  # no 4-gram at all
    assert bleu("the cat on".split(), ["the cat on".split()], max_n=3) == 1.0


def test_a_corpus_is_no_mean_of_sentences():
    candidates = ["a b c d e".split(), "x y".split()]
    references = [["a b c d e".split()], ["x z".split()]]
    assert bleu(candidates[1], references[1], max_n=2) == 0.0
    assert corpus_bleu(candidates, references, max_n=2) == pytest.approx(math.sqrt(6 / 7 * 4 / 5), rel=1e-15)


def test_a_corpus_counts_four_grams_unless_told_otherwise():
    four = "a b c d".split()
    assert corpus_bleu([four, four], [[four], [four]]) == 1.0
    assert corpus_bleu([four[:3]], [[four[:3]]]) == 0.0


def test_tokens_may_be_ids_in_arrays():
    x = np.array([3, 1, 4, 1, 5, 9])
    assert bleu(x, [x.tolist()]) == 1.0
    assert bleu(tuple(x), [np.append(x, 2)]) == pytest.approx(math.exp(1 - 7 / 6))


# Bad input


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


LIST = "expected a list, not empty (a sentence as a list of tokens), got"


@pytest.mark.parametrize(
    "candidate, references, message",
    [
        ([], [["a"]], f"candidate: {LIST} []"),
        ("a b", [["a"]], f"candidate: {LIST} 'a b'"),
        (3, [["a"]], f"candidate: {LIST} 3"),
        (["a"], [], f"references: {LIST} []"),
        (["a"], "a", f"references: {LIST} 'a'"),
        (["a"], ["a", "b"], f"references[0]: {LIST} 'a'"),
        (["a"], [["a"], []], f"references[1]: {LIST} []"),
    ],
)
def test_what_is_no_sentence_is_named(candidate, references, message):
    assert refusal(bleu, candidate, references) == message
    assert refusal(clipped_precision, candidate, references, 1) == message
    assert refusal(closest_length, candidate, references) == message


@pytest.mark.parametrize(
    "candidates, references, message",
    [
        ([], [], f"candidates: {LIST} []"),
        ("ab", [[["a"]], [["b"]]], f"candidates: {LIST} 'ab'"),
        ([["a"]], [], f"references: {LIST} []"),
        ([["a"]], [[["a"]], [["b"]]], "references: expected 1 lists, one for each candidate, got 2"),
        ([["a"], []], [[["a"]], [["b"]]], f"candidates[1]: {LIST} []"),
        ([["a"], ["b"]], [[["a"]], ["b"]], f"references[1][0]: {LIST} 'b'"),
        ([["a"], ["b"]], [[["a"]], []], f"references[1]: {LIST} []"),
    ],
)
def test_what_is_no_corpus_is_named(candidates, references, message):
    assert refusal(corpus_bleu, candidates, references) == message


@pytest.mark.parametrize("bad", [0, -1, 1.5, True])
def test_bad_integers_are_named(bad):
    expected = f"expected a positive integer, got {bad}"
    assert refusal(bleu, ["a"], [["a"]], max_n=bad) == f"max_n: {expected}"
    assert refusal(corpus_bleu, [["a"]], [[["a"]]], max_n=bad) == f"max_n: {expected}"
    assert refusal(clipped_precision, ["a"], [["a"]], bad) == f"n: {expected}"
    assert refusal(brevity_penalty, bad, 1) == f"c: {expected}"
    assert refusal(brevity_penalty, 1, bad) == f"r: {expected}"
