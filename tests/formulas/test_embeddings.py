"""Embeddings and GloVe against plain loops, complex steps, SymPy, SciPy and scikit-learn."""

import itertools
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize
import scipy.spatial.distance
import sklearn.linear_model
import sklearn.metrics
import sklearn.metrics.pairwise
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import notesrc
from notesrc import embeddings as em
from notesrc import glove
from notesrc.gradcheck import complex_step_gradient
from notesrc.mlp import backward, forward
from notesrc.optimizers import SGD, AdaGrad
from notesrc.softmax import one_hot, softmax, softmax_cross_entropy
from proof.values import distance

SENTENCE = "I want a glass of orange juice to go along with my cereal".split()
OVERFLOW = "E, theta: expected rows whose products float64 can hold, got an overflow"
seeds = st.integers(0, 2**32 - 1)
texts = st.lists(st.integers(0, 5), min_size=1, max_size=14)


@pytest.fixture
def rng():
    return np.random.default_rng(2013)


def tables(rng, V=7, dim=4):
    return rng.normal(size=(2, V, dim))


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


# The text and its vocabulary


def test_the_text_is_what_its_readme_grows():
    readme = Path(notesrc.__file__).with_name("texts") / "README.md"
    grown = {}
    exec(re.search(r"```python\n(.*?)```", readme.read_text(encoding="utf8"), re.DOTALL)[1], grown)
    assert em.load_text() == grown["text"]
    lines = em.load_text().splitlines()
    assert len(lines) == 1292 and all(line[0].isupper() and line[-1] == "." for line in lines)


def test_a_vocabulary_starts_with_unk_then_the_most_frequent_ties_by_alphabet():
    vocab = em.Vocabulary.from_tokens("b a c a b c a d e".split(), min_count=2)
    assert vocab.words == ("<unk>", "a", "b", "c")
    np.testing.assert_array_equal(vocab.counts, [2, 3, 2, 2])
    assert vocab.counts.dtype.kind == "i" and len(vocab) == 4
    assert vocab.ids == {"<unk>": 0, "a": 1, "b": 2, "c": 3}
    np.testing.assert_array_equal(vocab.encode(["c", "d", "a", "never", "<unk>"]), [3, 0, 1, 0, 0])
    assert vocab.decode([3, 0, 1]) == ["c", "<unk>", "a"]


def test_every_word_counts_unless_told_otherwise_and_a_written_unk_is_unk():
    vocab = em.Vocabulary.from_tokens(["b", "<unk>", "a", "b"])
    assert vocab.words == ("<unk>", "b", "a")
    np.testing.assert_array_equal(vocab.counts, [1, 2, 1])


def test_many_ties_stay_in_alphabetical_order():
    words = [f"word{i:02}" for i in range(60)]
    assert em.Vocabulary.from_tokens(words[::-1] + ["zoo"] * 2).words == ("<unk>", "zoo", *words)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.integers(1, 4))
def test_the_counts_are_those_of_a_counter_and_sum_to_the_text(tokens, min_count):
    vocab = em.Vocabulary.from_tokens(tokens, min_count)
    expected = {word: n for word, n in Counter(tokens).items() if n >= min_count}
    assert dict(zip(vocab.words[1:], vocab.counts[1:].tolist(), strict=True)) == expected
    assert vocab.counts.sum() == len(tokens)
    assert list(vocab.counts[1:]) == sorted(vocab.counts[1:], reverse=True)
    back = vocab.decode(vocab.encode(tokens))
    assert back == [token if token in expected else "<unk>" for token in tokens]


@pytest.mark.parametrize(
    "tokens, message",
    [
        ([], "tokens: expected at least one word, got an empty text"),
        ("a glass of juice", "tokens: expected a list of words, got 'a glass of juice'"),
        ("long " * 20, "tokens: expected a list of words, got 'long long long long long long long long"),
        (3, "tokens: expected a list of words, got 3"),
        (["a", 3], "tokens: expected a list of words, got 3"),
        ([["a"]], "tokens: expected a list of words, got ['a']"),
        ([["a" * 60]], "tokens: expected a list of words, got ['" + "a" * 38),
    ],
)
def test_what_is_no_list_of_words_is_named(tokens, message):
    assert refusal(em.Vocabulary.from_tokens, tokens) == message
    assert refusal(em.Vocabulary.from_tokens(["a"]).encode, tokens) == message


def test_bad_counts_and_ids_of_a_vocabulary_are_named():
    vocab = em.Vocabulary.from_tokens(["a", "b"])
    message = "min_count: expected a positive integer, got 0"
    assert refusal(em.Vocabulary.from_tokens, ["a"], min_count=0) == message
    assert refusal(vocab.decode, [0, 3]) == "ids: expected ids in 0 … 2, got 0 to 3"
    assert refusal(vocab.decode, [-1, 2]) == "ids: expected ids in 0 … 2, got -1 to 2"
    assert refusal(vocab.decode, [0.0]) == "ids: expected integers, got dtype float64"
    assert refusal(vocab.decode, [[0]]) == "ids: expected 1 dimensions, got shape (1, 1)"


# Lookup, similarity, analogy


@pytest.mark.formula("one-hot-lookup")
@given(seed=seeds)
def test_a_lookup_is_the_product_with_a_one_hot_vector(seed, measured):
    rng = np.random.default_rng(seed)
    E, ids = rng.normal(size=(7, 3)), rng.integers(0, 7, (2, 5))
    product = np.einsum("vd,abv->abd", E, np.eye(7)[ids])
    np.testing.assert_array_equal(em.embed(E, ids), product)
    np.testing.assert_array_equal(em.embed(E, 6), E.T @ np.eye(7)[6])
    measured("closed form", distance(em.embed(E, ids), product))


@pytest.mark.formula("one-hot-orthogonal")
@pytest.mark.parametrize("V", [2, 7])
def test_one_hot_vectors_are_orthonormal_so_all_words_are_equally_far_apart(V, measured):
    O = one_hot(np.arange(V), V)
    gram = np.einsum("ik,jk->ij", O, O)
    np.testing.assert_array_equal(gram, np.eye(V))
    np.testing.assert_allclose(scipy.spatial.distance.pdist(O), np.sqrt(2), rtol=1e-15)
    measured("closed form", distance(gram, np.eye(V)))


@pytest.mark.formula("cosine-similarity")
@given(seed=seeds)
def test_the_similarity_is_one_minus_scipys_cosine_distance(seed, measured):
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=5), rng.normal(size=(3, 5)) * [[1e-3], [1], [1e5]]
    found = em.cosine_similarity(u, v)
    oracle = [1 - scipy.spatial.distance.cosine(u, row) for row in v]
    np.testing.assert_allclose(found, oracle, atol=1e-14)
    measured("oracle", distance(found, np.array(oracle)))
    assert found.shape == (3,) and em.cosine_similarity(u, v[0]).shape == ()
    assert em.cosine_similarity(u, 3 * u) == pytest.approx(1, abs=1e-15)
    assert em.cosine_similarity(u, -u) == pytest.approx(-1, abs=1e-15)


def test_a_vector_without_direction_is_named():
    message = "expected vectors other than 0, got a vector of zeros"
    assert refusal(em.cosine_similarity, [1, 2], [[1, 1], [0, 0]]) == f"v: {message}"
    assert refusal(em.cosine_similarity, [0, 0], [1, 2]) == f"u: {message}"
    message = "v: expected 2 columns, as u has entries, got shape (2, 3)"
    assert refusal(em.cosine_similarity, [1, 2], np.ones((2, 3))) == message
    assert refusal(em.cosine_similarity, [[1, 2]], [1, 2]) == "u: expected 1 dimensions, got shape (1, 2)"
    message = "v: expected 1 or 2 dimensions, got shape (1, 1, 2)"
    assert refusal(em.cosine_similarity, [1, 2], [[[1, 2]]]) == message


@given(seeds)
def test_the_nearest_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    E, vector = rng.normal(size=(9, 3)), rng.normal(size=3)
    order = np.argsort(-sklearn.metrics.pairwise.cosine_similarity([vector], E)[0])
    np.testing.assert_array_equal(em.nearest(E, vector, 9), order)
    np.testing.assert_array_equal(em.nearest(E, vector), order[:1])
    np.testing.assert_array_equal(em.nearest(E, vector, 7, order[[0, 3]]), order[[1, 2, 4, 5, 6, 7, 8]])
    np.testing.assert_array_equal(em.nearest(E, vector, 8, exclude=order[0]), order[1:])


def test_at_a_tie_the_smaller_id_comes_first():
    found = em.nearest(np.ones((20, 2)), [1, 1], 18, exclude=[3, 5])
    np.testing.assert_array_equal(found[:5], [0, 1, 2, 4, 6])


def test_too_many_neighbours_and_strange_ids_are_named():
    E = np.ones((4, 2))
    message = "n: expected at most the 2 words that are left, got 3"
    assert refusal(em.nearest, E, [1, 1], 3, exclude=[0, 1]) == message
    assert refusal(em.nearest, E, [1, 1], 0) == "n: expected a positive integer, got 0"
    assert refusal(em.nearest, E, [1, 1], 1, [4]) == "exclude: expected ids in 0 … 3, got 4 to 4"
    assert refusal(em.nearest, E[0], [1, 1]) == "E: expected 2 dimensions, got shape (2,)"
    assert refusal(em.embed, E, [4]) == "ids: expected ids in 0 … 3, got 4 to 4"
    assert refusal(em.embed, E[0], [0]) == "E: expected 2 dimensions, got shape (2,)"
    assert refusal(em.analogy, E, 0, 1, 4) == "ids: expected ids in 0 … 3, got 0 to 4"


@pytest.mark.formula("analogy")
@given(seed=seeds)
def test_an_analogy_is_the_best_of_all_other_words_one_at_a_time(seed, measured):
    E = np.random.default_rng(seed).normal(size=(8, 3))
    d = E[4] - E[2] + E[5]
    score = {w: 1 - scipy.spatial.distance.cosine(E[w], d) for w in range(8) if w not in (2, 4, 5)}
    best = max(score, key=score.get)
    found = em.analogy(E, 2, 4, 5)
    assert found == best and isinstance(found, int)
    measured("oracle", score[found] - score[best])


# Pairs


@pytest.mark.parametrize(
    "window, both_sides, context, target, m",
    [
        (4, False, "a glass of orange", "juice", 9),
        (4, True, "a glass of orange to go along with", "juice", 5),
        (1, False, "orange", "juice", 12),
    ],
)
def test_windows_on_the_sentence_of_the_lecture(window, both_sides, context, target, m):
    vocab = em.Vocabulary.from_tokens(SENTENCE)
    contexts, targets = em.window_pairs(vocab.encode(SENTENCE), window, both_sides)
    assert len(contexts) == len(targets) == m
    found = {tuple(vocab.decode(c)): vocab.words[t] for c, t in zip(contexts, targets)}
    assert found[tuple(context.split())] == target


@given(texts.filter(lambda ids: len(ids) > 6), st.integers(1, 3), st.booleans())
def test_windows_are_slices_around_each_target(ids, window, both_sides):
    contexts, targets = em.window_pairs(ids, window, both_sides)
    after = window if both_sides else 0
    at = range(window, len(ids) - after)
    assert targets.tolist() == [ids[t] for t in at]
    assert contexts.tolist() == [ids[t - window : t] + ids[t + 1 : t + 1 + after] for t in at]


@given(texts, st.integers(1, 4))
def test_skipgram_pairs_are_all_neighbours_in_the_order_of_the_text(ids, window):
    positions = itertools.product(range(len(ids)), repeat=2)
    expected = [[ids[c], ids[t]] for c, t in positions if 0 < abs(c - t) <= window]
    found = em.skipgram_pairs(ids, window)
    assert found.shape == (len(expected), 2) and found.dtype.kind == "i"
    assert found.tolist() == expected


def test_bad_texts_and_windows_are_named():
    for pairs in (em.window_pairs, em.skipgram_pairs):
        assert refusal(pairs, [0, 1], 0) == "window: expected a positive integer, got 0"
        assert refusal(pairs, [], 1) == "ids: expected at least one number, got an empty array of shape (0,)"
        assert refusal(pairs, [[0, 1]], 1) == "ids: expected 1 dimensions, got shape (1, 2)"
        assert refusal(pairs, [0, -1], 1) == "ids: expected ids of at least 0, got -1 to 0"
        assert refusal(pairs, [0, 1.5], 1) == "ids: expected integers, got dtype float64"
    assert refusal(em.window_pairs, [0, 1, 2], 3) == "ids: expected at least 4 words, got 3"
    assert refusal(em.window_pairs, [0, 1, 2], 2, True) == "ids: expected at least 5 words, got 3"
    assert len(em.window_pairs([0, 1, 2], 1, True)[1]) == len(em.window_pairs([0, 1, 2], 2)[1]) == 1


@pytest.mark.formula("window-softmax")
def test_a_network_on_joined_vectors_is_a_sum_over_places(rng, measured):
    """The vectors of a context, one after the other, through one matrix; gradients down to E."""
    V, dim, n = 6, 3, 2
    E, H, d = rng.normal(size=(V, dim)), rng.normal(size=(5, n * dim)), rng.normal(size=5)
    U, b = rng.normal(size=(V, 5)), rng.normal(size=V)
    contexts, targets = em.window_pairs(rng.integers(0, V, 9), n)
    X = em.embed(E, contexts).reshape(len(contexts), n * dim)
    logits, cache = forward(X, [(H, d), (U, b)], "tanh")

    def printed(E):
        blocks = np.split(H, n, axis=1)
        h = np.tanh(sum(E[contexts[:, k]] @ blocks[k].T for k in range(n)) + d)
        return h @ U.T + b

    np.testing.assert_allclose(logits, printed(E), rtol=1e-12)
    measured("oracle", distance(logits, printed(E)))
    d_logits = softmax_cross_entropy(logits, one_hot(targets, V))[1]
    dE = np.zeros_like(E)
    np.add.at(dE, contexts, backward(d_logits, cache)[0].reshape(*contexts.shape, dim))

    def cost(E):
        z = printed(E)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), targets])

    slope = complex_step_gradient(cost, E)
    np.testing.assert_allclose(dE, slope, rtol=1e-10, atol=1e-14)
    measured("complex step", distance(dE, slope))


# Skip-gram with a full softmax


@pytest.mark.formula("skipgram-softmax", "skipgram-loss", "skipgram-grad-center", "skipgram-grad-output")
@settings(max_examples=20)
@given(seed=seeds)
def test_the_softmax_loss_and_its_gradients_are_sums_over_pairs_and_words(seed, measured):
    rng = np.random.default_rng(seed)
    (E, theta), m = tables(rng), 6
    c, t = rng.integers(0, 7, (2, m))

    def cost(tables):
        E, theta = tables
        total = 0
        for i in range(m):
            scores = [np.sum(row * E[c[i]]) for row in theta]
            total = total + np.log(np.sum(np.exp(scores))) - scores[t[i]]
        return total / m

    loss, dE, dtheta = em.skipgram_softmax_loss(E, theta, c, t)
    oracle = sklearn.metrics.log_loss(t, softmax(E[c] @ theta.T), labels=range(7))
    assert loss == pytest.approx(oracle, rel=1e-12)
    measured("oracle", distance(loss, oracle))
    slope = complex_step_gradient(cost, np.array([E, theta]))
    np.testing.assert_allclose([dE, dtheta], slope, rtol=1e-9, atol=1e-14)
    measured("complex step", distance(np.array([dE, dtheta]), slope))


# Negative sampling


@pytest.mark.formula("negative-sampling-loss", "negative-sampling-grads")
@given(seed=seeds, K=st.integers(1, 4), dim=st.integers(1, 4))
def test_the_binary_losses_and_their_gradients_are_sums_over_pairs_and_words(seed, K, dim, measured):
    """Ids repeat, even within a pair; dim is odd and even."""
    rng = np.random.default_rng(seed)
    (E, theta), m = tables(rng, V=5, dim=dim), 6
    c, t, noise = rng.integers(0, 5, m), rng.integers(0, 5, m), rng.integers(0, 5, (m, K))

    def cost(tables):
        E, theta = tables
        total = 0
        for i in range(m):
            total = total + np.log(1 + np.exp(-np.sum(theta[t[i]] * E[c[i]])))
            for k in range(K):
                total = total + np.log(1 + np.exp(np.sum(theta[noise[i, k]] * E[c[i]])))
        return total / m

    loss, dE, dtheta = em.negative_sampling_loss(E, theta, c, t, noise)
    assert loss == pytest.approx(cost([E, theta]), rel=1e-12)
    slope = complex_step_gradient(cost, np.array([E, theta]))
    np.testing.assert_allclose([dE, dtheta], slope, rtol=1e-9, atol=1e-14)
    measured("complex step", distance(np.array([dE, dtheta]), slope))


@pytest.mark.formula("negative-sampling-loss")
def test_it_is_the_log_loss_of_binary_classifiers(rng, measured):
    (E, theta), c, t, noise = tables(rng), *rng.integers(0, 7, (2, 5)), rng.integers(0, 7, (5, 3))
    words = np.column_stack([t, noise])
    p = 1 / (1 + np.exp(-np.einsum("md,mkd->mk", E[c], theta[words])))
    oracle = 4 * sklearn.metrics.log_loss(np.tile([1, 0, 0, 0], 5), p.ravel())
    found = em.negative_sampling_loss(E, theta, c, t, noise)[0]
    assert found == pytest.approx(oracle, rel=1e-12)
    measured("oracle", distance(found, oracle))


def test_a_step_touches_the_rows_of_one_centre_and_of_k_plus_one_words(rng):
    E, theta = tables(rng, V=50)
    _, dE, dtheta = em.negative_sampling_loss(E, theta, [4], [7], [[1, 30, 2, 49, 11]])
    assert np.flatnonzero(dE.any(axis=1)).tolist() == [4]
    assert np.flatnonzero(dtheta.any(axis=1)).tolist() == [1, 2, 7, 11, 30, 49]


@pytest.mark.parametrize("score, loss", [(1000.0, 0.0), (-1000.0, 2000.0)])
def test_losses_are_finite_for_scores_however_large(score, loss):
    E, theta = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[score, 0.0], [-score, 0.0]])
    with np.errstate(all="raise", under="ignore"):
        found, dE, _ = em.negative_sampling_loss(E, theta, [0], [0], [[1]])
    assert found == loss
    np.testing.assert_array_equal(dE[0], [0 if loss == 0 else -2 * score, 0])


def test_the_order_of_memory_is_no_matter(rng):
    E, theta = tables(rng)
    words = [2, 2, 5], [0, 3, 3], [[1, 1], [4, 6], [0, 0]]
    for f, ids in ((em.negative_sampling_loss, words), (em.skipgram_softmax_loss, words[:2])):
        for found, same in zip(f(np.asfortranarray(E), np.asfortranarray(theta), *ids), f(E, theta, *ids)):
            np.testing.assert_allclose(found, same, rtol=1e-14)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"E": np.ones(4)}, "E: expected 2 dimensions, got shape (4,)"),
        ({"theta": np.ones((7, 3))}, "theta: expected shape (7, 4), got shape (7, 3)"),
        ({"centers": [0, 7]}, "centers: expected ids in 0 … 6, got 0 to 7"),
        ({"centers": [[0, 1]]}, "centers: expected 1 dimensions, got shape (1, 2)"),
        ({"centers": [0]}, "targets: expected 1 ids, one for each centre, got 2"),
        ({"targets": [-1, 0]}, "targets: expected ids in 0 … 6, got -1 to 0"),
        ({"targets": [[0, 1]]}, "targets: expected 1 dimensions, got shape (1, 2)"),
        ({"targets": [0, 1, 2]}, "targets: expected 2 ids, one for each centre, got 3"),
        ({"noise": [[0], [7]]}, "noise: expected ids in 0 … 6, got 0 to 7"),
        ({"noise": [0, 1]}, "noise: expected 2 dimensions, got shape (2,)"),
        ({"noise": [[], []]}, "noise: expected at least one number, got an empty array of shape (2, 0)"),
        ({"noise": [[0, 1]]}, "noise: expected 2 rows, one for each pair, got shape (1, 2)"),
        ({"E": np.full((7, 4), 1e200), "theta": np.full((7, 4), 1e200)}, OVERFLOW),
        ({"E": np.full((7, 4), 1e200), "theta": np.full((7, 4), 1e200) * [1, -1, 1, -1]}, OVERFLOW),
    ],
)
def test_bad_pairs_are_named(changed, message):
    good = {"E": np.ones((7, 4)), "theta": np.ones((7, 4)), "centers": [0, 1], "targets": [2, 3]}
    with np.errstate(all="raise"):
        assert refusal(em.negative_sampling_loss, **(good | {"noise": [[4], [5]]} | changed)) == message
        if "noise" not in changed:
            assert refusal(em.skipgram_softmax_loss, **(good | changed)) == message


@pytest.mark.formula("sgns-optimum")
def test_the_best_score_is_the_shifted_log_of_a_ratio(measured):
    """Minimise the expected loss of one pair over its score: numbers and symbols agree."""
    p, q, K, x = sp.symbols("p q K x", positive=True)
    slope = sp.diff(p * sp.log(1 + sp.exp(-x)) + K * q * sp.log(1 + sp.exp(x)), x)
    assert sp.simplify(slope.subs(x, sp.log(p / (K * q)))) == 0
    for p, q, K in [(0.3, 0.01, 5), (0.001, 0.2, 2)]:
        expected = lambda x: p * np.logaddexp(0, -x) + K * q * np.logaddexp(0, x)  # noqa: E731
        found = scipy.optimize.minimize_scalar(expected, bracket=(-9, 9), tol=1e-12).x
        assert found == pytest.approx(np.log(p / q) - np.log(K), abs=1e-6)
        measured("oracle", (found - np.log(p / q) + np.log(K)) * 1e-3)


# Noise


@pytest.mark.formula("noise-distribution")
@given(seed=seeds)
def test_the_noise_law_divides_powers_by_their_sum(seed, measured):
    counts = np.random.default_rng(seed).integers(0, 50, 6) + np.array([1, 0, 0, 0, 0, 0])
    for power in (0.75, 1, 0.5):
        printed = [int(n) ** power if n else 0.0 for n in counts]
        printed = np.array(printed) / sum(printed)
        np.testing.assert_allclose(em.noise_distribution(counts, power), printed, rtol=1e-12)
        measured("closed form", distance(em.noise_distribution(counts, power), printed))
    np.testing.assert_array_equal(em.noise_distribution(counts), em.noise_distribution(counts, 3 / 4))
    uniform = (counts > 0) / np.sum(counts > 0)
    np.testing.assert_allclose(em.noise_distribution(counts, 0), uniform, rtol=1e-15)


def test_huge_counts_do_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(em.noise_distribution([1e308, 1e308, 0], power=2), [0.5, 0.5, 0])


@pytest.mark.parametrize(
    "counts, power, message",
    [
        ([1, -1], 0.75, "counts: expected numbers of at least 0, not all 0, got -1.0 to 1.0"),
        ([0, 0], 0.75, "counts: expected numbers of at least 0, not all 0, got 0.0 to 0.0"),
        ([[1, 2]], 0.75, "counts: expected 1 dimensions, got shape (1, 2)"),
        ([1, 2], -1, "power: expected a number of at least 0, got -1.0"),
    ],
)
def test_bad_counts_are_named(counts, power, message):
    assert refusal(em.noise_distribution, counts, power) == message


# Training of skip-gram


def by_hand(pairs, noise, dim, rng, K, epochs, lr, batch_size):
    """The same path by the public loss, whose gradients are means: a step takes the sum."""
    V, m = len(noise), len(pairs)
    E, theta, costs = rng.uniform(-1, 1, (V, dim)) / (2 * dim), np.zeros((V, dim)), []
    for epoch in range(epochs):
        shuffled, drawn, losses = rng.permutation(pairs), rng.choice(V, (m, K), p=noise), []
        for start in range(0, m, batch_size):
            rows = slice(start, start + batch_size)
            c, t = shuffled[rows].T
            loss, dE, dtheta = em.negative_sampling_loss(E, theta, c, t, drawn[rows])
            step = lr * (epochs * m - epoch * m - start) / (epochs * m) * len(c)
            E, theta = E - step * dE, theta - step * dtheta
            losses += [loss] * len(c)
        costs.append(np.mean(losses))
    return E, theta, costs


@pytest.mark.parametrize("dim, options", [(4, {}), (3, {"K": 2, "epochs": 3, "lr": 0.3, "batch_size": 5})])
def test_training_is_descent_along_the_negative_sampling_loss(dim, options, rng, measured):
    pairs = rng.integers(0, 6, (70, 2))
    noise = em.noise_distribution([4, 1, 0, 3, 9, 2])
    found = em.train_skipgram(pairs, noise, dim, np.random.default_rng(3), **options)
    defaults = {"K": 5, "epochs": 5, "lr": 0.025, "batch_size": 64}
    expected = by_hand(pairs, noise, dim, np.random.default_rng(3), **(defaults | options))
    assert found[2].shape == (len(expected[2]),)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-15)
        measured("oracle", distance(a, np.array(b)))


def test_words_of_no_probability_are_never_noise():
    """Word 2 occurs in no pair and in no noise: its θ stays where it began."""
    pairs = [[0, 1], [1, 0]] * 20
    E, theta, _ = em.train_skipgram(pairs, [0.5, 0.5, 0.0], 4, np.random.default_rng(0))
    assert not theta[2].any() and theta[:2].any(axis=1).all()
    np.testing.assert_array_equal(E[2], np.random.default_rng(0).uniform(-1 / 8, 1 / 8, (3, 4))[2])


def test_noise_may_sum_to_one_as_float32_does():
    noise = np.full(3, 1 / 3, dtype=np.float32) * np.float32(1 + 3e-7)
    E, _, _ = em.train_skipgram([[0, 1]], noise, 2, np.random.default_rng(0), epochs=1)
    np.testing.assert_array_equal(
        E, em.train_skipgram([[0, 1]], np.full(3, 1 / 3), 2, np.random.default_rng(0), epochs=1)[0]
    )


def test_two_circles_of_words_find_each_other():
    """Words 0-3 stand near each other, and so do 4-7: the nearest neighbour is one's own circle's."""
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, 4, (3000, 2)) + 4 * rng.integers(0, 2, (3000, 1))
    E, _, costs = em.train_skipgram(pairs, np.full(8, 1 / 8), 4, rng, epochs=8, lr=0.05)
    neighbours = [em.nearest(E, E[i], 3, exclude=[i]) for i in range(8)]
    assert all(np.all(near // 4 == i // 4) for i, near in enumerate(neighbours))
    assert costs[-1] < 0.9 * costs[0]


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"pairs": [[0, 3]]}, "pairs: expected ids in 0 … 2, got 0 to 3"),
        ({"pairs": [0, 1]}, "pairs: expected 2 dimensions, got shape (2,)"),
        ({"pairs": [[0, 1, 2]]}, "pairs: expected shape (m, 2), got shape (1, 3)"),
        ({"noise": [0.5, 0.4]}, "noise: expected rows that sum to 1, got sums from 0.9 to 0.9"),
        ({"noise": [[0.5, 0.5]]}, "noise: expected shape (V,), got shape (1, 2)"),
        ({"dim": 0}, "dim: expected a positive integer, got 0"),
        ({"K": 0}, "K: expected a positive integer, got 0"),
        ({"epochs": 0}, "epochs: expected a positive integer, got 0"),
        ({"lr": 0}, "lr: expected a number above 0, got 0.0"),
        ({"batch_size": 0}, "batch_size: expected a positive integer, got 0"),
        ({"rng": 0}, "rng: expected a np.random.Generator such as np.random.default_rng(0), got 0"),
    ],
)
def test_bad_training_is_named(changed, message):
    good = {"pairs": [[0, 1]], "noise": [0.5, 0.25, 0.25], "dim": 2, "rng": np.random.default_rng(0)}
    assert refusal(em.train_skipgram, **(good | changed)) == message


@pytest.mark.parametrize("pairs, lr", [(100, 1e200), (100, 1e6), (1, 1.7e308)])
def test_a_rate_at_which_the_vectors_overflow_is_named(pairs, lr):
    pairs = [[0, 1], [1, 0]] * pairs
    with np.errstate(all="raise", under="ignore"):
        rng = np.random.default_rng(0)
        message = refusal(em.train_skipgram, pairs, [0.5, 0.5], 2, rng, lr=lr, epochs=200, batch_size=1)
    assert message == f"lr: expected a rate at which the vectors stay finite, got {lr}"


def test_an_overflow_in_the_last_step_is_named():
    """64 equal pairs in the only batch: their sum is beyond float64, and no step follows to notice."""
    with np.errstate(all="raise", under="ignore"):
        message = refusal(
            em.train_skipgram, [[0, 1]] * 64, [1.0, 0.0], 2, np.random.default_rng(0), lr=1.7e308, epochs=1
        )
    assert message == "lr: expected a rate at which the vectors stay finite, got 1.7e+308"


# GloVe


@pytest.mark.formula("cooccurrence")
@given(ids=texts, window=st.integers(1, 16))
def test_cooccurrence_adds_one_over_the_distance_for_every_two_places(ids, window, measured):
    X = np.zeros((6, 6))
    for s, t in itertools.product(range(len(ids)), repeat=2):
        if 0 < abs(s - t) <= window:
            X[ids[s], ids[t]] += 1 / abs(s - t)
    found = em.cooccurrence(ids, 6, window)
    np.testing.assert_allclose(found, X, rtol=1e-13)
    np.testing.assert_array_equal(found, found.T)
    measured("oracle", distance(found, X))


def test_bad_texts_for_cooccurrence_are_named():
    assert refusal(em.cooccurrence, [0, 6], 6, 1) == "ids: expected ids in 0 … 5, got 0 to 6"
    assert refusal(em.cooccurrence, [[0]], 6, 1) == "ids: expected 1 dimensions, got shape (1, 1)"
    assert refusal(em.cooccurrence, [0], 6, 0) == "window: expected a positive integer, got 0"
    assert refusal(em.cooccurrence, [0], 0, 1) == "vocab_size: expected a positive integer, got 0"


@pytest.mark.formula("glove-weight")
def test_the_weight_rises_to_one_and_stays_there(measured):
    x, x_max, alpha = sp.symbols("x x_max alpha", positive=True)
    f = sp.Piecewise(((x / x_max) ** alpha, x < x_max), (1, True))
    for at, top, power in [(3.7, 8.0, 0.6), (8.0, 8.0, 0.6), (9.1, 8.0, 0.6), (2.5, 100.0, 0.75)]:
        exact = float(f.subs({x: at, x_max: top, alpha: power}))
        assert em.glove_weight(at, top, power) == pytest.approx(exact, rel=1e-14)
        measured("symbolic", distance(em.glove_weight(at, top, power), exact))
    np.testing.assert_allclose(em.glove_weight([0, 1, 100, 1e9]), [0, 1e-2**0.75, 1, 1], rtol=1e-14)


GLOVE = {
    "E": np.ones((3, 2)),
    "theta": np.ones((3, 2)),
    "b": np.ones(3),
    "b_theta": np.ones(3),
    "X": np.ones((3, 3)),
}


@pytest.mark.formula("glove-objective", "glove-grads")
@given(seed=seeds)
def test_glove_is_a_sum_over_the_pairs_that_occur(seed, measured):
    rng = np.random.default_rng(seed)
    V, dim = 4, 3
    X = rng.integers(0, 4, (V, V)) * rng.uniform(0.5, 40, (V, V))
    parts = rng.normal(size=(2 * V * dim + 2 * V))

    def split(parts):
        E, theta, b, c = np.split(parts, [V * dim, 2 * V * dim, 2 * V * dim + V])
        return E.reshape(V, dim), theta.reshape(V, dim), b, c

    def cost(parts):
        E, theta, b, c = split(parts)
        total = 0
        for i, j in zip(*np.nonzero(X)):
            weight = (X[i, j] / 20) ** 0.6 if X[i, j] < 20 else 1
            total = total + weight * (np.sum(E[i] * theta[j]) + b[i] + c[j] - np.log(X[i, j])) ** 2
        return total

    with np.errstate(all="raise", under="ignore"):
        loss, gradients = em.glove_loss(*split(parts), X, 20.0, 0.6)
    assert loss == pytest.approx(cost(parts), rel=1e-12)
    slope = complex_step_gradient(cost, parts)
    found = np.concatenate([part.ravel() for part in gradients])
    np.testing.assert_allclose(found, slope, rtol=1e-10, atol=1e-11)
    measured("complex step", distance(found, slope))


def test_the_paper_takes_100_and_three_quarters(rng):
    parts = *rng.normal(size=(2, 3, 2)), *rng.normal(size=(2, 3)), rng.uniform(1, 300, (3, 3))
    for found, same in zip(em.glove_loss(*parts)[1], em.glove_loss(*parts, 100, 3 / 4)[1], strict=True):
        np.testing.assert_array_equal(found, same)


@pytest.mark.formula("glove-objective")
def test_with_theta_and_biases_held_each_vector_is_a_weighted_regression(rng, measured):
    """Alternating least squares: at scikit-learn's solution for E and b their gradients vanish."""
    V, dim = 6, 2
    theta, b_theta = rng.normal(size=(V, dim)), rng.normal(size=V)
    X = rng.uniform(0.5, 200, (V, V))
    weight = np.minimum(X / 100, 1) ** 0.75
    E, b = np.empty((V, dim)), np.empty(V)
    for i in range(V):
        line = sklearn.linear_model.LinearRegression()
        line.fit(theta, np.log(X[i]) - b_theta, sample_weight=weight[i])
        E[i], b[i] = line.coef_, line.intercept_
    _, (dE, _, db, _) = em.glove_loss(E, theta, b, b_theta, X)
    np.testing.assert_allclose(dE, 0, atol=1e-10)
    np.testing.assert_allclose(db, 0, atol=1e-10)
    measured("oracle", max(np.abs(dE).max(), np.abs(db).max()))


@pytest.mark.formula("glove-average")
def test_swapping_the_two_roles_leaves_a_symmetric_objective(rng, measured):
    E, theta = tables(rng)
    b, c = rng.normal(size=(2, 7))
    X = em.cooccurrence(rng.integers(0, 7, 60), 7, 3)
    loss, (dE, dtheta, db, dc) = em.glove_loss(E, theta, b, c, X)
    other, (dtheta2, dE2, dc2, db2) = em.glove_loss(theta, E, c, b, X)
    assert other == pytest.approx(loss, rel=1e-13)
    for found, same in ((dE2, dE), (dtheta2, dtheta), (db2, db), (dc2, dc)):
        np.testing.assert_allclose(found, same, rtol=1e-11, atol=1e-13)
    measured("property", distance(other, loss))


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"E": np.ones(2)}, "E: expected 2 dimensions, got shape (2,)"),
        ({"theta": np.ones((3, 3))}, "theta: expected shape (3, 2), got shape (3, 3)"),
        ({"b": np.ones(2)}, "b: expected shape (3,), got shape (2,)"),
        ({"b_theta": np.ones(2)}, "b_theta: expected shape (3,), got shape (2,)"),
        ({"X": np.ones((3, 2))}, "X: expected shape (3, 3), got shape (3, 2)"),
        ({"X": -np.eye(3)}, "X: expected counts of at least 0, got -1.0"),
        ({"x_max": 0}, "x_max: expected a number above 0, got 0.0"),
        ({"alpha": 0}, "alpha: expected a number above 0, got 0.0"),
        ({"E": np.full((3, 2), 1e200)} | {"theta": np.full((3, 2), 1e200)}, OVERFLOW),
        ({"E": np.full((3, 2), 1e200)}, OVERFLOW),
        ({"E": np.full((3, 2), 1e150), "theta": np.full((3, 2), 1e-150), "b": np.full(3, 1e160)}, OVERFLOW),
    ],
)
def test_what_glove_cannot_take_is_named(changed, message):
    with np.errstate(all="raise", under="ignore"):
        assert refusal(em.glove_loss, **(GLOVE | changed)) == message


def test_bad_counts_of_the_weight_are_named():
    assert refusal(em.glove_weight, [1, -0.5]) == "x: expected counts of at least 0, got -0.5"


def test_training_glove_is_descent_along_its_loss(rng, measured):
    X = em.cooccurrence(rng.integers(0, 5, 40), 5, 4)
    E, theta, costs = em.train_glove(X, 3, SGD(1e-2), 4, np.random.default_rng(8), x_max=2.0, alpha=0.5)
    numbers = np.random.default_rng(8).uniform(-1, 1, 2 * 5 * 3 + 2 * 5) / 6
    parts = [numbers[:15].reshape(5, 3), numbers[15:30].reshape(5, 3), numbers[30:35], numbers[35:]]
    expected = []
    for _ in range(5):
        before = parts
        loss, gradients = em.glove_loss(*parts, X, 2.0, 0.5)
        expected.append(loss)
        parts = [part - 1e-2 * slope for part, slope in zip(parts, gradients, strict=True)]
    np.testing.assert_allclose(costs, expected, rtol=1e-11)
    np.testing.assert_allclose([E, theta], before[:2], rtol=1e-10)
    assert costs.shape == (5,)
    measured("oracle", distance(np.array([E, theta]), np.array(before[:2])))


def test_the_optimizer_of_glove_keeps_its_state_and_the_defaults_are_the_papers(rng):
    X = rng.uniform(0, 300, (4, 4))
    found = em.train_glove(X, 2, AdaGrad(0.05), 3, np.random.default_rng(1))
    same = em.train_glove(X, 2, AdaGrad(0.05), 3, np.random.default_rng(1), x_max=100, alpha=3 / 4)
    for a, b in zip(found, same, strict=True):
        np.testing.assert_array_equal(a, b)
    longer = em.train_glove(X, 2, AdaGrad(0.05), 6, np.random.default_rng(1))[2]
    np.testing.assert_array_equal(longer[:4], found[2])
    assert np.all(np.diff(longer) < 0)


def test_glove_recovers_vectors_that_made_the_counts(rng):
    """Counts from known vectors and biases are fitted to the last bit that matters."""
    E, theta = rng.normal(size=(2, 6, 2))
    b, c = rng.normal(size=(2, 6, 1))
    X = np.exp(E @ theta.T + b + c.T)
    costs = em.train_glove(X, 2, AdaGrad(0.5), 3000, rng, x_max=1.0)[2]
    assert costs[-1] < 1e-4 * costs[0]


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"X": np.ones(3)}, "X: expected 2 dimensions, got shape (3,)"),
        ({"X": np.ones((3, 2))}, "X: expected shape (3, 3), got shape (3, 2)"),
        ({"X": [[-1.0, 1], [1, 1]]}, "X: expected counts of at least 0, got -1.0"),
        ({"dim": 0}, "dim: expected a positive integer, got 0"),
        ({"steps": 0}, "steps: expected a positive integer, got 0"),
        ({"optimizer": 0.1}, "optimizer: expected one of notesrc.optimizers, such as AdaGrad(0.05), got 0.1"),
        ({"rng": 0}, "rng: expected a np.random.Generator such as np.random.default_rng(0), got 0"),
        ({"x_max": 0}, "x_max: expected a number above 0, got 0.0"),
        ({"optimizer": SGD(1e200)}, "optimizer: expected steps that stay within float64, got SGD(lr=1e+200)"),
    ],
)
def test_bad_training_of_glove_is_named(changed, message):
    good = {"X": np.ones((3, 3)), "dim": 2, "optimizer": AdaGrad(0.05), "steps": 3}
    with np.errstate(all="raise", under="ignore"):
        found = refusal(em.train_glove, **(good | {"rng": np.random.default_rng(0)} | changed))
    assert found == message


# All together


def test_inputs_are_left_alone(rng):
    E, theta = tables(rng)
    c, t, noise = np.array([1, 1, 2]), np.array([3, 4, 4]), np.array([[0, 0], [5, 6], [1, 2]])
    X, b = em.cooccurrence([0, 1, 2, 0], 7, 2), np.ones(7)
    arrays = [E, theta, c, t, noise, X, b]
    for x in arrays:
        x.flags.writeable = False
    out = [
        *em.skipgram_softmax_loss(E, theta, c, t)[1:],
        *em.negative_sampling_loss(E, theta, c, t, noise)[1:],
        *em.glove_loss(E, theta, b, b, X)[1],
        em.embed(E, c),
        em.skipgram_pairs(t, 1),
        *em.window_pairs(t, 1),
        em.noise_distribution(b),
        *em.train_glove(X, 2, SGD(0.1), 1, rng),
        *em.train_skipgram(noise, em.noise_distribution(b), 2, rng),
    ]
    assert not any(np.shares_memory(a, x) for a in arrays for x in out)


def test_glove_can_be_had_from_embeddings():
    names = "cooccurrence glove_weight glove_loss train_glove".split()
    assert all(getattr(em, name) is getattr(glove, name) for name in names)
    assert set(names) < set(em.__all__)
