"""Language models against joint tables, counted pairs, SciPy, scikit-learn, SymPy and complex steps."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import scipy.signal
import scipy.stats
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from sklearn.naive_bayes import CategoricalNB

from notesrc.language_model import (
    bidirectional_log_likelihood,
    char_convolution,
    char_convolution_backward,
    char_feature_map,
    elmo,
    elmo_backward,
    log_likelihood,
    ngram_counts,
    ngram_logits,
    ngram_probabilities,
    perplexity,
)
from proof.values import distance

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def rng():
    return np.random.default_rng(2018)


def complex_step(f, x, h=1e-30):
    """The gradient of the number f(x) by the entries of x, in its shape."""
    steps = np.eye(x.size).reshape(-1, *x.shape)
    return np.array([f(x + 1j * h * step).imag / h for step in steps]).reshape(x.shape)


# Likelihood


@pytest.mark.formula("lm-chain-rule", "lm-chain-rule-backward")
def test_conditionals_of_either_direction_multiply_to_the_joint_probability(rng, measured):
    joint = rng.dirichlet(np.ones(2 * 2 * 2 * 2)).reshape(2, 2, 2, 2)
    places = range(4)
    for t in itertools.product(range(2), repeat=4):
        for seen in (lambda i, k: i < k, lambda i, k: i > k):
            rows = np.zeros((4, 2))
            for k, s in itertools.product(places, itertools.product(range(2), repeat=4)):
                if all(s[i] == t[i] for i in places if seen(i, k)):
                    rows[k, s[k]] += joint[s]
            found = math.exp(log_likelihood(np.log(rows), t))  # logits need not be normalised
            assert found == pytest.approx(joint[t], rel=1e-12)
            measured("closed form", distance(found, joint[t]))


@pytest.mark.formula("forward-log-likelihood", "backward-log-likelihood")
@given(seed=seeds)
def test_the_log_likelihood_is_what_scikit_learn_says(seed, measured):
    rng = np.random.default_rng(seed)
    T, vocab = rng.integers(1, 7), rng.integers(2, 6)
    logits, ids = 3 * rng.normal(size=(T, vocab)), rng.integers(0, vocab, T)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    oracle = -log_loss(ids, p, labels=range(vocab), normalize=False)
    found = log_likelihood(logits, ids)
    assert type(found) is float
    assert found == pytest.approx(oracle, rel=1e-11)
    measured("oracle", distance(found, oracle))


def test_rows_belong_to_ids_in_order():
    logits = np.log([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]])
    assert log_likelihood(logits, [2, 1]) == pytest.approx(math.log(0.2 * 0.8), rel=1e-14)
    assert log_likelihood(logits, [1, 2]) == pytest.approx(math.log(0.3 * 0.1), rel=1e-14)
    assert log_likelihood(logits + [[7], [-2]], [1, 2]) == pytest.approx(math.log(0.3 * 0.1), rel=1e-13)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64, np.int64])
def test_ids_of_any_integer_type_are_welcome(dtype):
    ids = np.array([1, 0, 1], dtype=dtype)
    assert log_likelihood(np.zeros((3, 2)), ids) == pytest.approx(-3 * math.log(2), rel=1e-14)
    np.testing.assert_array_equal(ngram_counts(ids, 2, 2), [[0, 1], [1, 0]])


def test_extreme_logits_neither_overflow_nor_warn():
    with np.errstate(all="raise", under="ignore"):
        assert log_likelihood([[1e4, -1e4]], [0]) == 0
        assert log_likelihood([[1e4, -1e4]], [1]) == -2e4
        assert log_likelihood([[1e308, -1e308]] * 2, [1, 1]) == -np.inf
        assert perplexity(log_likelihood([[1e308, -1e308]] * 2, [1, 1]), 2) == np.inf


@pytest.mark.formula("bidirectional-log-likelihood")
@given(seed=seeds)
def test_both_directions_add_up_over_the_same_tokens(seed, measured):
    rng = np.random.default_rng(seed)
    forward, backward = rng.normal(size=(2, 5, 4))
    ids = rng.integers(0, 4, 5)
    found = bidirectional_log_likelihood(forward, backward, ids)
    exact = 0.0
    for k, i in enumerate(ids):
        for z in (forward[k], backward[k]):
            exact -= math.log(sum(math.exp(other - z[i]) for other in z))
    assert found == pytest.approx(exact, rel=1e-12)
    measured("closed form", distance(found, exact))
    # the two may differ in vocabulary, as long as both know the ids
    wider = np.hstack([backward, np.full((5, 1), -1e4)])
    assert bidirectional_log_likelihood(forward, wider, ids) == pytest.approx(exact, rel=1e-12)


# Perplexity


@pytest.mark.formula("perplexity", "cross-entropy-per-token")
@given(seed=seeds)
def test_perplexity_is_one_over_the_geometric_mean(seed, measured):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 5, 7)
    logits = rng.normal(size=(7, 5))
    p = np.exp(logits)[range(7), ids] / np.exp(logits).sum(axis=1)
    found = perplexity(log_likelihood(logits, ids), 7)
    exact = 1 / scipy.stats.gmean(p)
    assert type(found) is float
    assert found == pytest.approx(exact, rel=1e-12)
    measured("oracle", distance(found, exact))
    H = -np.log(p).mean()
    assert math.log(found) == pytest.approx(H, rel=1e-12)
    measured("closed form", distance(math.log(found), H))


@pytest.mark.formula("perplexity")
def test_perplexities_that_everyone_should_know(measured):
    for size in (1, 2, 6, 50_000):
        found = perplexity(log_likelihood(np.zeros((3, size)), [0, size - 1, size // 2]), 3)
        assert found == pytest.approx(size, rel=1e-12)  # uniform
        measured("closed form", distance(found, size))
    assert perplexity(0, 5) == 1.0  # certain, and right
    assert perplexity(-math.log(8), 3) == pytest.approx(2, rel=1e-14)
    assert perplexity(-np.inf, 3) == np.inf
    with np.errstate(all="raise"):
        assert perplexity(-1e4, 1) == np.inf


@pytest.mark.formula("perplexity-base")
@pytest.mark.parametrize("base", [2, 10, Fraction(7, 2)])
def test_the_base_of_the_logarithm_does_not_matter(base, measured):
    p = [sp.Rational(1, 3), sp.Rational(2, 5), sp.Rational(1, 7), sp.Rational(5, 6)]
    exact = float(sp.Rational(base) ** (-sum(sp.log(q, sp.Rational(base)) for q in p) / 4))
    found = perplexity(sum(math.log(q) for q in p), 4)
    assert found == pytest.approx(exact, rel=1e-13)
    measured("symbolic", distance(found, exact))


@pytest.mark.formula("perplexity-units")
@given(nats=st.floats(0.1, 40), words=st.integers(1, 9), characters=st.integers(10, 40))
def test_words_and_characters_share_the_probability_of_the_text(nats, words, characters, measured):
    per_word, per_character = perplexity(-nats, words), perplexity(-nats, characters)
    assert per_word**words == pytest.approx(per_character**characters, rel=1e-11)
    measured("property", distance(per_word**words, per_character**characters))
    assert per_word > per_character


# N-grams


@given(seed=seeds, n=st.integers(1, 4))
def test_counts_are_those_of_a_counter(seed, n):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 3, rng.integers(n, 30))
    seen = Counter(zip(*(ids[i:].tolist() for i in range(n))))
    counts = ngram_counts(ids, n, 4)
    assert counts.shape == (4,) * n
    assert counts.dtype == np.float64
    assert counts.sum() == len(ids) - n + 1
    for gram in itertools.product(range(4), repeat=n):
        assert counts[gram] == seen[gram]


@pytest.mark.formula("ngram-probability")
@pytest.mark.parametrize("alpha", [0.1, 1.0, 2.5])
def test_bigrams_are_scikit_learns_smoothed_categories(alpha, rng, measured):
    """A naive Bayes with one feature, the next word, in the class of the word before."""
    V = 4
    ids = np.r_[np.arange(V), rng.integers(0, V, 40), 0]  # every word occurs
    oracle = CategoricalNB(alpha=alpha, min_categories=V).fit(ids[1:, np.newaxis], ids[:-1])
    found = ngram_probabilities(ngram_counts(ids, 2, V), alpha)
    expected = np.exp(oracle.feature_log_prob_[0])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    measured("oracle", distance(found, expected))


@pytest.mark.formula("ngram-probability")
@given(seed=seeds, n=st.integers(1, 3), eighths=st.integers(1, 8))
def test_probabilities_are_exact_fractions(seed, n, eighths, measured):
    rng = np.random.default_rng(seed)
    ids, alpha = rng.integers(0, 3, 12).tolist(), Fraction(eighths, 8)
    counts = ngram_counts(ids, n, 3)
    found = ngram_probabilities(counts, float(alpha))
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-13)
    grams = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    for *u, v in itertools.product(range(3), repeat=n):
        history = sum(gram[:-1] == tuple(u) for gram in grams)
        exact = float((grams.count((*u, v)) + alpha) / (history + alpha * 3))
        assert found[(*u, v)] == pytest.approx(exact, rel=1e-14)
        measured("closed form", distance(found[(*u, v)], exact))


@pytest.mark.formula("ngram-probability")
@given(seed=seeds, n=st.integers(1, 3))
def test_logits_are_the_log_probabilities_after_each_history(seed, n, measured):
    rng = np.random.default_rng(seed)
    counts = ngram_counts(rng.integers(0, 3, 20), n, 3)
    ids = rng.integers(0, 3, 7)
    p = ngram_probabilities(counts, 0.3)
    logits = ngram_logits(ids, counts, 0.3)
    assert logits.shape == (7 - n + 1, 3)
    for row, k in zip(logits, range(n - 1, 7), strict=True):
        expected = np.log(p[tuple(ids[k - n + 1 : k])])
        np.testing.assert_allclose(row, expected, rtol=1e-13, atol=1e-15)
        measured("closed form", distance(row, expected))
    product = np.prod([p[tuple(ids[k - n + 1 : k + 1])] for k in range(n - 1, 7)])
    assert math.exp(log_likelihood(logits, ids[n - 1 :])) == pytest.approx(product, rel=1e-12)


def test_logits_can_be_written_to():
    counts = ngram_counts([0, 1], 1, 2)
    logits = ngram_logits([0, 1], counts, 1.0)
    logits[0, 0] = 5
    assert logits[1, 0] == pytest.approx(math.log(0.5))


@given(seed=seeds, alpha=st.sampled_from([0.01, 1.0, 3.0]))
def test_a_padded_bigram_reads_either_way_alike(seed, alpha):
    rng = np.random.default_rng(seed)
    train, test = (np.r_[0, rng.integers(0, 4, length), 0] for length in (30, 9))
    ahead, back = ngram_counts(train, 2, 4), ngram_counts(train[::-1], 2, 4)
    forward = log_likelihood(ngram_logits(test, ahead, alpha), test[1:])
    backward = log_likelihood(ngram_logits(test[::-1], back, alpha), test[::-1][1:])
    assert forward == pytest.approx(backward, rel=1e-12)


def test_a_tiny_or_a_huge_alpha_is_no_trouble():
    counts = ngram_counts([0, 0], 2, 3)
    with np.errstate(all="raise", under="ignore"):
        logits = ngram_logits([0, 1, 2], counts, 1e-300)
        uniform = ngram_probabilities(counts, 1e300)
    assert logits[0] == pytest.approx([0, math.log(1e-300), math.log(1e-300)])
    assert logits[1] == pytest.approx([-math.log(3)] * 3)
    np.testing.assert_allclose(uniform, 1 / 3, rtol=1e-14)


# ELMo


def printed_elmo(h, omega, gamma):
    """For complex arguments, one token and one layer after the other."""
    total = sum(np.exp(omega))
    out = np.zeros(h.shape[1:], dtype=complex)
    for k, (layer, raw) in itertools.product(range(h.shape[1]), zip(h, omega, strict=True)):
        out[k] += gamma * np.exp(raw) / total * layer[k]
    return out


@pytest.mark.formula("elmo-weights", "elmo-combination")
@given(seed=seeds)
def test_elmo_is_the_printed_sum(seed, measured):
    rng = np.random.default_rng(seed)
    h, omega, gamma = rng.normal(size=(3, 4, 2)), rng.normal(size=3), rng.normal()
    found, exact = elmo(h, omega, gamma), printed_elmo(h, omega, gamma).real
    assert found.shape == (4, 2)
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-14)
    measured("oracle", distance(found, exact))


@pytest.mark.formula("elmo-weights", "elmo-combination")
def test_elmo_weighs_layers_by_a_softmax(measured):
    h = np.arange(12.0).reshape(3, 2, 2)
    raw = [0, math.log(2), math.log(5)]  # weights 1/8, 2/8, 5/8
    exact = 4 * (h[0] + 2 * h[1] + 5 * h[2]) / 8
    found = elmo(h, raw, 4)
    np.testing.assert_allclose(found, exact, rtol=1e-14)
    measured("closed form", distance(found, exact))
    np.testing.assert_allclose(elmo(h, np.add(raw, 1000), 4), exact, rtol=1e-12)
    np.testing.assert_allclose(elmo(h, [0, 0, 0], 3), h.sum(axis=0), rtol=1e-14)
    np.testing.assert_allclose(elmo(h, [0, 1e4, 0], 1), h[1], rtol=1e-14)
    np.testing.assert_array_equal(elmo(h[:1], [7.0], -1), -h[0])


@pytest.mark.formula("elmo-gradients")
@given(seed=seeds)
def test_elmo_backward_agrees_with_the_complex_step(seed, measured):
    rng = np.random.default_rng(seed)
    h, omega, gamma = rng.normal(size=(3, 4, 2)), rng.normal(size=3), np.array(rng.normal())
    d_out = rng.normal(size=(4, 2))
    found = elmo_backward(d_out, h, omega, float(gamma))
    exact = (
        complex_step(lambda h: np.sum(d_out * printed_elmo(h, omega, gamma)), h),
        complex_step(lambda omega: np.sum(d_out * printed_elmo(h, omega, gamma)), omega),
        complex_step(lambda gamma: np.sum(d_out * printed_elmo(h, omega, gamma)), gamma),
    )
    assert type(found[2]) is float
    assert sum(found[1]) == pytest.approx(0, abs=1e-12)
    for ours, theirs in zip(found, exact, strict=True):
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)
        measured("complex step", distance(np.asarray(ours), np.asarray(theirs)))


# Characters


@pytest.mark.formula("char-convolution")
@given(seed=seeds)
def test_the_feature_map_is_scipys_valid_correlation(seed, measured):
    rng = np.random.default_rng(seed)
    w = int(rng.integers(1, 5))
    x, filters = rng.normal(size=(w + int(rng.integers(0, 5)), 3)), rng.normal(size=(2, w, 3))
    biases = rng.normal(size=2)
    found = char_feature_map(x, filters, biases)
    assert found.shape == (len(x) - w + 1, 2)
    for f in range(2):
        by_scipy = scipy.signal.correlate2d(x, filters[f], mode="valid")[:, 0] + biases[f]
        np.testing.assert_allclose(found[:, f], np.tanh(by_scipy), rtol=1e-11, atol=1e-13)
        measured("oracle", distance(found[:, f], np.tanh(by_scipy)))


@pytest.mark.formula("char-max-pool")
@given(seed=seeds)
def test_a_feature_is_the_largest_of_its_map(seed, measured):
    rng = np.random.default_rng(seed)
    x, filters, biases = rng.normal(size=(6, 3)), rng.normal(size=(4, 2, 3)), rng.normal(size=4)
    features, _ = char_convolution(x, filters, biases)
    best = [
        max(math.tanh(np.sum(x[i : i + 2] * F) + b) for i in range(5))
        for F, b in zip(filters, biases, strict=True)
    ]
    np.testing.assert_allclose(features, best, rtol=1e-12)
    measured("oracle", distance(features, np.array(best)))


def test_a_pattern_counts_wherever_it_stands():
    filters, biases = np.array([[[0, 2.0], [2, 0]]]), [-3.0]
    blank = [0.0, 0.0]
    for before, after in [(0, 0), (3, 0), (0, 4), (2, 1)]:
        word = [blank] * before + [[0, 1], [1, 0]] + [blank] * after
        assert char_convolution(word, filters, biases)[0] == pytest.approx([math.tanh(1)])
        assert char_feature_map(word, filters, biases).argmax() == before
    turned = char_convolution([[1, 0], [0, 1]], filters, biases)[0]
    assert turned == pytest.approx([math.tanh(-3)])


def printed_features(x, filters, biases):
    """For complex arguments: the maximum is that of the real part."""
    features = []
    for F, b in zip(filters, biases, strict=True):
        places = range(len(x) - len(F) + 1)
        features.append(max((np.tanh(np.sum(x[i : i + len(F)] * F) + b) for i in places), key=np.real))
    return np.array(features)


@pytest.mark.formula("char-convolution-gradients")
@pytest.mark.parametrize("m, w, n_filters", [(5, 2, 6), (3, 3, 2), (7, 1, 4)])
def test_convolution_backward_agrees_with_the_complex_step(m, w, n_filters, rng, measured):
    x, filters = rng.normal(size=(m, 3)), rng.normal(size=(n_filters, w, 3))
    biases, d_features = rng.normal(size=n_filters), rng.normal(size=n_filters)
    found = char_convolution_backward(d_features, char_convolution(x, filters, biases)[1])
    exact = (
        complex_step(lambda x: d_features @ printed_features(x, filters, biases), x),
        complex_step(lambda filters: d_features @ printed_features(x, filters, biases), filters),
        complex_step(lambda biases: d_features @ printed_features(x, filters, biases), biases),
    )
    for ours, theirs in zip(found, exact, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)
        measured("complex step", distance(ours, theirs))


def test_at_a_tie_the_first_place_takes_the_gradient():
    x, filters = np.array([[1.0], [1.0], [1.0]]), np.array([[[0.5]]])
    _, cache = char_convolution(x, filters, [0.0])
    d_x, d_filters, d_biases = char_convolution_backward([1.0], cache)
    slope = 1 - math.tanh(0.5) ** 2
    np.testing.assert_allclose(d_x, [[0.5 * slope], [0], [0]], rtol=1e-14)
    np.testing.assert_allclose([*d_filters.flat, *d_biases], [slope, slope], rtol=1e-14)


def test_inputs_are_left_alone_and_outputs_are_new(rng):
    x, filters, biases = rng.normal(size=(5, 3)), rng.normal(size=(2, 2, 3)), rng.normal(size=2)
    h, omega, logits, ids = rng.normal(size=(2, 3, 4)), np.zeros(2), rng.normal(size=(3, 4)), np.arange(3)
    counts = ngram_counts(ids, 2, 4)
    inputs = [x, filters, biases, h, omega, logits, ids, counts]
    before = [array.copy() for array in inputs]
    for array in inputs:
        array.flags.writeable = False
    features, cache = char_convolution(x, filters, biases)
    log_likelihood(logits, ids)
    out = [
        features,
        char_feature_map(x, filters, biases),
        *char_convolution_backward(features, cache),
        elmo(h, omega, 1.0),
        *elmo_backward(h[0], h, omega, 1.0)[:2],
        ngram_probabilities(counts, 1.0),
        ngram_logits(ids, counts, 1.0),
    ]
    for array, same in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(array, same)
        assert not any(np.shares_memory(array, new) for new in out)


# Bad input


def refusal(call, *args, **kwargs):
    with pytest.raises(ValueError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


Z = np.zeros((3, 4))
BAD_IDS = [
    ([], "ids: expected at least one number, got an empty array of shape (0,)"),
    ([[0, 1, 2]], "ids: expected 1 dimensions, got shape (1, 3)"),
    ([0.0, 1.0, 2.0], "ids: expected integers, got dtype float64"),
    ([True, False, True], "ids: expected integers, got dtype bool"),
    (["a", "b", "c"], "ids: expected real numbers, got dtype <U1"),
    ([0, 1, 4], "ids: expected ids in 0 … 3, got 0 to 4"),
    ([0, 1, -1], "ids: expected ids in 0 … 3, got -1 to 1"),
]


@pytest.mark.parametrize("ids, message", BAD_IDS)
def test_bad_ids_are_named(ids, message):
    assert refusal(log_likelihood, Z, ids) == message
    assert refusal(bidirectional_log_likelihood, Z, Z, ids) == message
    assert refusal(ngram_counts, ids, 1, 4) == message
    assert refusal(ngram_logits, ids, np.ones((4, 4)), 1.0) == message


def test_lengths_that_do_not_match_are_named():
    for ids in ([0, 1], [0, 1, 2, 3]):
        said = f"ids: expected 3, one for each row of logits, got {len(ids)}"
        assert refusal(log_likelihood, Z, ids) == said
        said = f"ids: expected 3, one for each row of forward_logits, got {len(ids)}"
        assert refusal(bidirectional_log_likelihood, Z, Z, ids) == said
    said = "ids: expected 2, one for each row of backward_logits, got 3"
    assert refusal(bidirectional_log_likelihood, Z, Z[:2], [0, 1, 2]) == said
    for call in (ngram_counts, lambda ids, n, V: ngram_logits(ids, np.ones((V,) * n), 1.0)):
        assert refusal(call, [0, 1], 3, 4) == "ids: expected at least n = 3, got 2"
    assert ngram_counts([0, 1, 2], 3, 4).sum() == 1


@pytest.mark.parametrize(
    "bad, message",
    [
        ([0.0, 1.0], "expected 2 dimensions, got shape (2,)"),
        ([[0.0, np.nan]], "expected finite numbers, got nan"),
        ([[0.0, -np.inf]], "expected finite numbers, got -inf"),
        ("logits", "expected real numbers"),
    ],
)
def test_bad_logits_are_named(bad, message):
    assert refusal(log_likelihood, bad, [0]).startswith(f"logits: {message}")
    assert refusal(bidirectional_log_likelihood, bad, Z, [0, 1, 2]).startswith(f"forward_logits: {message}")
    assert refusal(bidirectional_log_likelihood, Z, bad, [0, 1, 2]).startswith(f"backward_logits: {message}")


@pytest.mark.parametrize(
    "ell, tokens, message",
    [
        (1e-9, 3, "log_likelihood: expected a number of at most 0, got 1e-09"),
        (np.nan, 3, "log_likelihood: expected finite numbers, got nan"),
        (np.inf, 3, "log_likelihood: expected finite numbers, got inf"),
        ([-1.0, -2.0], 3, "log_likelihood: expected one number, got shape (2,)"),
        ([-np.inf], 3, "log_likelihood: expected finite numbers, got -inf"),
        ("-1", 3, "log_likelihood: expected real numbers, got dtype <U2"),
        (-1.0, 0, "tokens: expected a positive integer, got 0"),
        (-np.inf, 0, "tokens: expected a positive integer, got 0"),
        (-1.0, -2, "tokens: expected a positive integer, got -2"),
        (-1.0, 2.0, "tokens: expected a positive integer, got 2.0"),
        (-1.0, True, "tokens: expected a positive integer, got True"),
    ],
)
def test_a_bad_likelihood_or_number_of_tokens_is_named(ell, tokens, message):
    assert refusal(perplexity, ell, tokens) == message


@pytest.mark.parametrize(
    "n, vocab_size, message",
    [
        (0, 4, "n: expected a positive integer, got 0"),
        (1.5, 4, "n: expected a positive integer, got 1.5"),
        (1, 0, "vocab_size: expected a positive integer, got 0"),
        (1, None, "vocab_size: expected a positive integer, got None"),
        (8, 10, "n: expected a table of at most 10000000 counts, got 10**8"),
    ],
)
def test_a_bad_size_of_the_table_is_named(n, vocab_size, message):
    assert refusal(ngram_counts, [0, 1, 2], n, vocab_size) == message


def test_a_table_of_ten_million_counts_is_allowed():
    assert ngram_counts([9_999_999], 1, 10**7)[-1] == 1


@pytest.mark.parametrize("call", [ngram_probabilities, lambda *args: ngram_logits([0, 1], *args)])
@pytest.mark.parametrize(
    "counts, alpha, message",
    [
        (np.ones((2, 3)), 1.0, "counts: expected vocab_size rows on every axis, got shape (2, 3)"),
        (1.0, 1.0, "counts: expected vocab_size rows on every axis, got shape ()"),
        ([1.0, -0.5], 1.0, "counts: expected numbers of at least 0, got -0.5"),
        ([1.0, np.nan], 1.0, "counts: expected finite numbers, got nan"),
        ([1.0, 1.0], 0, "alpha: expected a number above 0, got 0.0"),
        ([1.0, 1.0], -1, "alpha: expected a number above 0, got -1.0"),
        ([1.0, 1.0], [1, 2], "alpha: expected one number, got shape (2,)"),
        ([1e308, 1e308], 1.0, "counts: expected sums within float64, got an overflow"),
        ([1.0, 1.0], 1e308, "counts: expected sums within float64, got an overflow"),
    ],
)
def test_bad_counts_and_smoothing_are_named(call, counts, alpha, message):
    with np.errstate(all="raise", under="ignore"):
        assert refusal(call, counts, alpha) == message


H = np.zeros((2, 3, 4))


@pytest.mark.parametrize("call", [elmo, lambda *args: elmo_backward(np.zeros((3, 4)), *args)])
@pytest.mark.parametrize(
    "h, s, gamma, message",
    [
        (H[0], [0, 0], 1.0, "h: expected 3 dimensions, got shape (3, 4)"),
        (H + np.inf, [0, 0], 1.0, "h: expected finite numbers, got inf"),
        (H, [0, 0, 0], 1.0, "s: expected shape (2,), got shape (3,)"),
        (H, [[0, 0]], 1.0, "s: expected shape (2,), got shape (1, 2)"),
        (H, [0, np.nan], 1.0, "s: expected finite numbers, got nan"),
        (H, [0, 0], [1.0, 1.0], "gamma: expected one number, got shape (2,)"),
        (H, [0, 0], np.ones(4), "gamma: expected one number, got shape (4,)"),
        (H, [0, 0], "1", "gamma: expected real numbers, got dtype <U1"),
        (H, [0, 0], None, "gamma: expected real numbers, got dtype object"),
    ],
)
def test_a_bad_mixture_is_named(call, h, s, gamma, message):
    assert refusal(call, h, s, gamma) == message


def test_a_bad_or_overflowing_gradient_of_elmo_is_named():
    said = "d_out: expected shape (3, 4), got shape (4, 3)"
    assert refusal(elmo_backward, np.zeros((4, 3)), H, [0, 0], 1.0) == said
    huge = np.full((1, 1, 2), 1e200)
    with np.errstate(all="raise", under="ignore"):
        said = "gamma: expected a combination within float64, got an overflow"
        assert refusal(elmo, huge, [0.0], 1e200) == said
        said = "d_out: expected gradients within float64, got an overflow"
        assert refusal(elmo_backward, huge[0], huge, [0.0], 1.0) == said  # by γ
        assert refusal(elmo_backward, huge[0], 0 * huge, [0.0], 1e200) == said  # by h
        opposite = np.stack([huge[0], -huge[0]])
        assert refusal(elmo_backward, [[1e100, 0]], opposite, [0.0, 0.0], 1e10) == said  # by s


X, F, B = np.zeros((3, 2)), np.zeros((4, 2, 2)), np.zeros(4)


@pytest.mark.parametrize("call", [char_feature_map, char_convolution])
@pytest.mark.parametrize(
    "x, filters, biases, message",
    [
        (X[0], F, B, "chars_embedded: expected 2 dimensions, got shape (2,)"),
        (X[:0], F, B, "chars_embedded: expected at least one number, got an empty array of shape (0, 2)"),
        (X + np.nan, F, B, "chars_embedded: expected finite numbers, got nan"),
        (X, F[0], B, "filters: expected 3 dimensions, got shape (2, 2)"),
        (X, F, B[:3], "biases: expected shape (4,), got shape (3,)"),
        (X, F, 0.0, "biases: expected shape (4,), got shape ()"),
        (X, F[:, :, :1], B, "filters: expected 2 numbers a character, as chars_embedded, got 1"),
        (X[:1], F, B, "filters: expected at most as wide as the word, m = 1, got w = 2"),
        (X + 1e200, F + 1e200, B, "filters: expected sums within float64, got an overflow"),
        (X + 1e154, F + [1e200, -1e200], B, "filters: expected sums within float64, got an overflow"),
    ],
)
def test_a_bad_convolution_is_named(call, x, filters, biases, message):
    with np.errstate(all="raise", under="ignore"):
        assert refusal(call, x, filters, biases) == message


def test_a_bad_or_overflowing_gradient_of_the_convolution_is_named():
    _, cache = char_convolution(X, F, B)
    for bad in (np.zeros(3), np.zeros((4, 1)), 0.0):
        said = f"d_features: expected shape (4,), got shape {np.shape(bad)}"
        assert refusal(char_convolution_backward, bad, cache) == said
    said = "d_features: expected gradients within float64, got an overflow"
    tiny, huge = np.full((1, 1), 1e-200), np.full((1, 1, 1), 1e200)
    with np.errstate(all="raise", under="ignore"):
        for x, filters in [(0 * tiny, huge), (huge[0], 0 * huge)]:  # by the characters, by the filters
            _, cache = char_convolution(x, filters, [0.0])
            assert refusal(char_convolution_backward, [1e200], cache) == said
