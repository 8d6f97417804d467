"""Decoding against the enumeration of all sentences, and a beam that counts in exact fractions."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import notesrc.attention
import notesrc.bleu
from notesrc import translation
from notesrc.translation import (
    Hypothesis,
    beam_search,
    greedy_search,
    length_penalty_factor,
    sequence_log_prob,
)

V, END, LONGEST = 3, 1, 4  # the end stands in the middle: its id is no convention
seeds = st.integers(0, 2**32 - 1)
EVERYTHING = V**LONGEST


def random_table(seed):
    """Exact probabilities of the next token after each prefix; some are 0, but none are equal."""
    rng = np.random.default_rng(seed)
    table = {}
    for n in range(LONGEST):
        for prefix in itertools.product((0, 2), repeat=n):
            counts = rng.integers(0, 10**6, V) * (rng.random(V) < 0.8)
            counts[rng.integers(V)] += 1
            table[prefix] = [Fraction(int(count), int(counts.sum())) for count in counts]
    return table


def model(table):
    def log_probs(prefix):
        with np.errstate(divide="ignore"):
            return np.log([float(p) for p in table[prefix]])

    return log_probs


def sentences(table):
    """Every sentence that ends in time, with its exact probability, if that is not 0."""
    found = {}
    for n in range(LONGEST):
        for words in itertools.product((0, 2), repeat=n):
            y = (*words, END)
            p = math.prod((table[y[:t]][token] for t, token in enumerate(y)), start=Fraction(1))
            if p:
                found[y] = p
    return found


def exact_beam(table, width):
    """The ended and the cut-off sentences of a beam in fractions: what has `width` better ones is dropped."""
    alive, ended = {(): Fraction(1)}, {}
    for _ in range(LONGEST):
        grown = {(*y, w): p * q for y, p in alive.items() for w, q in enumerate(table[y]) if q}
        kept = {y: p for y, p in grown.items() if sum(q > p for q in grown.values()) < width}
        ended |= {y: p for y, p in kept.items() if y[-1] == END}
        alive = {y: p for y, p in kept.items() if y[-1] != END}
    return ended, alive


@pytest.mark.formula("conditional-lm")
@given(seed=seeds)
def test_the_probabilities_of_all_sentences_are_products(seed, measured):
    table = random_table(seed)
    for y, p in sentences(table).items():
        found = sequence_log_prob(model(table), y, END)
        assert found == pytest.approx(math.log(p), rel=1e-12, abs=1e-12)
        measured("oracle", abs(math.exp(found) / float(p) - 1))


@pytest.mark.formula("beam-score")
@given(seed=seeds)
def test_a_beam_that_is_wide_enough_is_exhaustive_search(seed, measured):
    table = random_table(seed)
    every = sentences(table)
    found = [one for one in beam_search(model(table), EVERYTHING, LONGEST, END) if one.tokens[-1] == END]
    assert {one.tokens for one in found} == set(every)
    for one in found:
        assert one.log_prob == one.score == pytest.approx(math.log(every[one.tokens]), rel=1e-12, abs=1e-12)
        measured("oracle", abs(math.exp(one.log_prob) / float(every[one.tokens]) - 1))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@pytest.mark.formula("beam-score", "greedy-choice")
@given(seed=seeds, width=st.integers(1, 5))
def test_a_beam_keeps_the_most_probable_prefixes(seed, width, measured):
    table = random_table(seed)
    ended, alive = exact_beam(table, width)
    found = beam_search(model(table), width, LONGEST, END)
    assert {one.tokens for one in found} == {*ended, *alive}
    exact = {y: math.prod(table[y[:t]][w] for t, w in enumerate(y)) for y in (one.tokens for one in found)}
    for one in found:
        assert one.log_prob == pytest.approx(math.log(exact[one.tokens]), rel=1e-12, abs=1e-12)
        measured("oracle", abs(math.exp(one.log_prob) / float(exact[one.tokens]) - 1))
    whole = [one.tokens[-1] == END for one in found]
    assert whole == sorted(whole, reverse=True)  # the ended ones first
    for ones in (found[: sum(whole)], found[sum(whole) :]):
        assert ones == sorted(ones, key=lambda one: (-one.score, one.tokens))


@pytest.mark.formula("greedy-choice")
@given(seed=seeds)
def test_greedy_search_takes_the_most_probable_token(seed, measured):
    table = random_table(seed)
    y = ()
    while len(y) < LONGEST and END not in y:
        y = (*y, table[y].index(max(table[y])))
    found = greedy_search(model(table), LONGEST, END)
    assert found.tokens == y
    assert found == beam_search(model(table), 1, LONGEST, END)[0]
    expected = float(math.prod(table[y[:t]][w] for t, w in enumerate(y)))
    assert math.exp(found.log_prob) == pytest.approx(expected, rel=1e-12)
    measured("oracle", abs(math.exp(found.log_prob) / expected - 1))


def fixed(table):
    """The model of a table over a, b and the end, 2; where it says nothing, the sentence ends."""

    def log_probs(prefix):
        with np.errstate(divide="ignore"):
            return np.log(table.get(prefix, [0.0, 0.0, 1.0]))

    return log_probs


def test_greedy_search_misses_the_best_sentence():
    tree = fixed({(): [0.6, 0.4, 0.0], (0,): [0.4, 0.3, 0.3], (1,): [0.05, 0.05, 0.9]})
    assert greedy_search(tree, 3, 2).tokens == (0, 0, 2)
    best = beam_search(tree, 2, 3, 2)[0]
    assert best.tokens == (1, 2)
    assert math.exp(best.log_prob) == pytest.approx(0.36)


def test_a_wider_beam_may_find_less():
    third = [0.34, 0.33, 0.33]
    first = {(): [0.55, 0.45, 0.0], (0,): [0.4, 0.3, 0.3], (1,): [0.5, 0.5, 0.0]}
    trap = fixed(first | {(1, 0): third, (1, 1): third})
    found = [math.exp(beam_search(trap, width, 4, 2)[0].log_prob) for width in (1, 2, 3)]
    assert found == pytest.approx([0.22, 0.225 * 0.34, 0.22])


def test_of_equal_ones_the_smaller_ids_win():
    even = fixed({(): [0.5, 0.5, 0.0], (0,): [0.25, 0.25, 0.5], (1,): [0.25, 0.25, 0.5]})
    assert [one.tokens for one in beam_search(even, 2, 3, 2)] == [(0, 2), (1, 2)]
    assert [one.tokens for one in beam_search(even, 1, 3, 2)] == [(0, 2)]
    assert [one.tokens for one in beam_search(even, 6, 3, 2)] == [
        (0, 2), (1, 2), (0, 0, 2), (0, 1, 2), (1, 0, 2), (1, 1, 2)
    ]  # fmt: skip


def test_what_ends_is_kept_and_its_place_goes_to_others():
    """After the first step one sentence has ended; the beam of 2 then goes on with two prefixes again."""
    table = fixed({(): [0.3, 0.0, 0.7], (0,): [0.6, 0.4, 0.0]})
    assert [one.tokens for one in beam_search(table, 2, 3, 2)] == [(2,), (0, 0, 2), (0, 1, 2)]


def test_what_has_not_ended_in_time_comes_last():
    endless = fixed({(): [0.1, 0.5, 0.4], (0,): [1.0, 0.0, 0.0], (1,): [0.3, 0.7, 0.0]})
    found = beam_search(endless, 9, 2, 2)
    assert [one.tokens for one in found] == [(2,), (1, 1), (1, 0), (0, 0)]
    assert [one.tokens for one in beam_search(endless, 1, 1, 2)] == [(1,)]
    assert found[0] == Hypothesis((2,), math.log(0.4), math.log(0.4))


def test_no_more_questions_than_prefixes():
    asked = []

    def log_probs(prefix):
        asked.append(prefix)
        return np.log([0.3, 0.5, 0.2])

    beam_search(log_probs, 2, 3, 2)
    assert asked == [(), (1,), (0,), (1, 1), (0, 1)]
    asked.clear()
    beam_search(lambda prefix: (asked.append(prefix), np.log([0.1, 0.1, 0.8]))[1], 1, 9, 2)
    assert asked == [()]  # everything has ended


# Length


@pytest.mark.formula("length-normalisation")
@given(seed=seeds, alpha=st.sampled_from([0.0, 0.4, 0.7, 1.0, 2.0]))
def test_scores_are_divided_by_the_power_of_the_length(seed, alpha, measured):
    table = random_table(seed)
    found = beam_search(model(table), EVERYTHING, LONGEST, END, length_penalty=alpha)
    plain = {one.tokens: one.log_prob for one in beam_search(model(table), EVERYTHING, LONGEST, END)}
    for one in found:
        expected = plain[one.tokens] * math.exp(-alpha * math.log(len(one.tokens)))
        assert one.log_prob == plain[one.tokens]
        assert one.score == pytest.approx(expected, rel=1e-13, abs=1e-13)
        measured("closed form", abs(one.score - expected) / (abs(expected) or 1))
    ended = [one.score for one in found if one.tokens[-1] == END]
    assert ended == sorted(ended, reverse=True)
    assert all(one.tokens[-1] == END for one in found[: len(ended)])


def test_normalisation_prefers_the_long_sentence():
    def short_or_long(prefix):
        if prefix in [(), (0,)]:
            return np.log([0.4, 0.58, 0.02] if prefix == () else [0.05, 0.05, 0.9])
        return np.log([0.05, 0.85, 0.1] if len(prefix) < 6 else [0.05, 0.05, 0.9])

    best = [beam_search(short_or_long, 3, 7, 2, alpha)[0].tokens for alpha in (0, 0.7)]
    assert best == [(0, 2), (1, 1, 1, 1, 1, 1, 2)]


@pytest.mark.formula("length-penalty-gnmt", "length-normalisation")
def test_the_factor_is_a_power_of_a_ratio(measured):
    for T in (1, 2, 7, 30):
        for k in (0, 5, 2.5):
            for alpha in (0, 0.2, 0.7, 1):
                expected = math.exp(alpha * (math.log(k + T) - math.log(k + 1)))
                found = length_penalty_factor(T, alpha, k=k)
                assert found == pytest.approx(expected, rel=1e-14)
                measured("closed form", abs(found / expected - 1))
    assert length_penalty_factor(7, 1, k=5) == 2.0
    assert length_penalty_factor(7, 1) == 7.0
    assert length_penalty_factor(1, 0.7, k=5) == length_penalty_factor(9, 0) == 1.0


def test_translation_offers_what_lies_in_its_parts():
    assert translation.attention is notesrc.attention.attention
    assert translation.bleu is notesrc.bleu.bleu
    for name in translation.__all__:
        assert callable(getattr(translation, name))


# Bad input


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


def good_model(prefix):
    return np.log([0.5, 0.3, 0.2])


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, None])
def test_bad_widths_and_lengths_are_named(bad):
    expected = f"expected a positive integer, got {bad}"
    assert refusal(beam_search, good_model, bad, 3, 2) == f"beam_width: {expected}"
    assert refusal(beam_search, good_model, 3, bad, 2) == f"max_length: {expected}"
    assert refusal(greedy_search, good_model, bad, 2) == f"max_length: {expected}"
    assert refusal(length_penalty_factor, bad, 0.7) == f"length: {expected}"


@pytest.mark.parametrize("bad", [3, -1, 2.0, True, None, "2"])
def test_an_end_outside_the_vocabulary_is_named(bad):
    expected = f"end: expected an id in 0 … 2, got {bad!r}"
    assert refusal(beam_search, good_model, 2, 3, bad) == expected
    assert refusal(greedy_search, good_model, 3, bad) == expected
    assert refusal(sequence_log_prob, good_model, (0, 1), bad) == expected


def test_ids_may_be_integers_of_numpy():
    assert sequence_log_prob(good_model, np.array([0, 2]), np.int64(2)) == pytest.approx(math.log(0.1))


def test_bad_penalties_are_named():
    assert refusal(beam_search, good_model, 2, 3, 2, -0.1) == (
        "length_penalty: expected a number of at least 0, got -0.1"
    )
    assert refusal(length_penalty_factor, 3, -1) == "alpha: expected a number of at least 0, got -1.0"
    assert refusal(length_penalty_factor, 3, 1, k=-5) == "k: expected a number of at least 0, got -5.0"


@pytest.mark.parametrize(
    "answer, message",
    [
        ([0, 0], "shape (V,), floats, got shape (2,), dtype int64"),
        (np.log([[0.5, 0.5]]), "shape (V,), floats, got shape (1, 2), dtype float64"),
        (0.0, "shape (V,), floats, got shape (), dtype float64"),
        ([0.5, 0.3, 0.2], "logarithms of probabilities that sum to 1, got a sum of 4."),
        (np.log([0.5, 0.3, 0.1999]), "logarithms of probabilities that sum to 1, got a sum of 0.9999"),
        ([np.nan, 0.0, 0.0], "logarithms of probabilities that sum to 1, got a sum of nan"),
        ([1e4, 0.0], "logarithms of probabilities that sum to 1, got a sum of 3.7"),
        (np.array([]), "logarithms of probabilities that sum to 1, got a sum of 0.0"),
    ],
)
def test_what_are_no_log_probabilities_is_named(answer, message):
    for prefix in [(), (0,)]:

        def log_probs(asked):
            return answer if asked == prefix else good_model(asked)

        expected = f"log_probs({prefix}): expected {message}"
        with np.errstate(all="raise", under="ignore"):
            assert refusal(beam_search, log_probs, 2, 3, 2).startswith(expected)
            assert refusal(sequence_log_prob, log_probs, (0, 1), 2).startswith(expected)


def test_float32_models_are_welcome():
    found = beam_search(lambda prefix: good_model(prefix).astype(np.float32), 1, 1, 2)[0]
    assert found.tokens == (0,) and type(found.log_prob) is type(found.score) is float
    assert sequence_log_prob(lambda prefix: np.log([0.5, 0.5 + 9e-7]), (0,), 1) == np.log(0.5)


def test_what_is_no_model_is_named():
    expected = "log_probs: expected a function of the tokens so far, got 3"
    assert refusal(beam_search, 3, 1, 1, 0) == expected
    assert refusal(sequence_log_prob, 3, (0,), 0) == expected


@pytest.mark.parametrize(
    "tokens, message",
    [
        ((), "tokens: expected at least one id, got none"),
        ((0, 3), "tokens[1]: expected an id in 0 … 2, got 3"),
        ((-1, 2), "tokens[0]: expected an id in 0 … 2, got -1"),
        ((0, 1.0), "tokens[1]: expected an id in 0 … 2, got 1.0"),
        ((0, 2, 1), "tokens: expected nothing after the end, 2, got (0, 2, 1)"),
    ],
)
def test_bad_tokens_are_named(tokens, message):
    assert refusal(sequence_log_prob, good_model, tokens, 2) == message
