"""Attention against loops, complex steps and the concatenation of the paper."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from notesrc.attention import attention, attention_backward, multi_head_attention
from proof.values import distance

seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))


@pytest.fixture
def rng():
    return np.random.default_rng(2017)


def draw(rng, T_q=4, T_k=5, d=3, d_v=2, batch=()):
    return [rng.normal(size=(*batch, *shape)) for shape in ((T_q, d), (T_k, d), (T_k, d_v))]


def by_loops(q, k, v, allowed=lambda t, j: True):
    """Weights and outputs, one number at a time."""
    weights = np.zeros((len(q), len(k)))
    for t in range(len(q)):
        e = {j: math.fsum(q[t] * k[j]) / math.sqrt(len(q[t])) for j in range(len(k)) if allowed(t, j)}
        for j in e:
            weights[t, j] = 1 / math.fsum(math.exp(e[i] - e[j]) for i in e)
    out = [[math.fsum(w * v[:, i]) for i in range(v.shape[1])] for w in weights]
    return np.array(out), weights


def complex_attention(q, k, v, mask=True):
    """For complex numbers, without any shift."""
    e = np.exp(np.einsum("tc,jc->tj", q, k) * q.shape[1] ** -0.5) * mask
    return np.einsum("tj,jc->tc", e / e.sum(axis=1)[:, np.newaxis], v)


def complex_step(f, x, h=1e-30):
    slopes = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1j * h
        slopes[i] = f(moved).imag / h
    return slopes


@pytest.mark.formula("scaled-dot-product-attention", "attention-weights", "attention-context")
@given(sizes=sizes, seed=seeds)
def test_attention_is_what_loops_give(sizes, seed, measured):
    q, k, v = draw(np.random.default_rng(seed), *sizes)
    out, weights = attention(q, k, v)
    for found, expected in zip((out, weights), by_loops(q, k, v)):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
        measured("oracle", distance(found, expected))


def test_the_weights_of_a_query_are_probabilities(rng):
    _, weights = attention(*draw(rng))
    assert np.all(weights > 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-15)


def test_a_batch_is_one_attention_after_the_other(rng):
    q, k, v = draw(rng, batch=(3,))
    mask = np.array([[1, 0, 1, 0, 0], [0, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]], dtype=bool)
    d_out = rng.normal(size=(3, 4, 2))
    for masked in (None, mask):
        out, weights = attention(q, k, v, masked)
        gradients = attention_backward(d_out, q, k, v, weights)
        for i in range(3):
            alone, its_weights = attention(q[i], k[i], v[i], masked)
            np.testing.assert_allclose(out[i], alone, rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(weights[i], its_weights, rtol=1e-13)
            its_own = attention_backward(d_out[i], q[i], k[i], v[i], its_weights)
            for found, expected in zip(gradients, its_own):
                np.testing.assert_allclose(found[i], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.formula("attention-permutation")
@given(seed=seeds)
def test_order_makes_no_difference(seed, measured):
    rng = np.random.default_rng(seed)
    q, k, v = draw(rng, T_q=5)
    rows, columns = rng.permutation(5), rng.permutation(5)
    out, weights = attention(q, k, v)
    moved, moved_weights = attention(q[rows], k[columns], v[columns])
    np.testing.assert_allclose(moved, out[rows], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(moved_weights, weights[rows][:, columns], rtol=1e-12)
    measured("property", distance(moved, out[rows]))


@pytest.mark.formula("dot-product-variance")
@pytest.mark.parametrize("d", [1, 4, 100])
def test_scores_have_variance_one_whatever_the_dimension(d, rng, measured):
    """A key of zeros has score 0, so that log w_1 − log w_0 is the score; 5 standard errors."""
    N = 20_000
    q, k = rng.normal(size=(2, N, 1, d))
    keys = np.concatenate([np.zeros(k.shape), k], axis=1)
    _, weights = attention(q, keys, keys)
    scores = np.log(weights[:, 0, 1] / weights[:, 0, 0])
    kurtosis = 3 + 6 / d  # of q·k
    assert abs(scores.var() - 1) < 5 * math.sqrt((kurtosis - 1) / N)
    measured("statistical", abs(scores.var() - 1))
    np.testing.assert_allclose(scores, (q * k).sum(axis=2)[:, 0] / math.sqrt(d), atol=1e-11)


@pytest.mark.formula("dot-product-variance")
def test_the_variance_of_a_dot_product_is_its_dimension_exactly():
    """Over entries of 2 with probability 1/5 and −1/2 with 4/5: mean 0, variance 1, and far from normal."""
    value = {sp.Integer(2): sp.Rational(1, 5), -sp.Rational(1, 2): sp.Rational(4, 5)}
    law = {sp.Integer(0): sp.Integer(1)}  # of the dot product so far
    for d in range(1, 4):
        longer = {}
        for total, p in law.items():
            for (a, p_a), (b, p_b) in ((one, other) for one in value.items() for other in value.items()):
                longer[total + a * b] = longer.get(total + a * b, 0) + p * p_a * p_b
        law = longer
        mean = sum(x * p for x, p in law.items())
        assert mean == 0 and sum(x**2 * p for x, p in law.items()) == d


@pytest.mark.formula("causal-mask")
@given(T=st.integers(1, 6), seed=seeds)
def test_a_causal_mask_is_a_softmax_over_the_past(T, seed, measured):
    q, k, v = draw(np.random.default_rng(seed), T, T)
    out, weights = attention(q, k, v, mask=np.tri(T, dtype=bool))
    expected = by_loops(q, k, v, allowed=lambda t, j: j <= t)
    np.testing.assert_allclose(out, expected[0], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(weights, expected[1], rtol=1e-12)
    assert not weights[~np.tri(T, dtype=bool)].any()
    measured("oracle", distance(weights, expected[1]) if T > 1 else 0.0)


@pytest.mark.formula("causal-mask")
def test_nothing_of_what_is_masked_leaks(rng):
    q, k, v = draw(rng)
    mask = np.array([[1, 0, 1, 0, 0], [0, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]], dtype=bool)
    out, _ = attention(q, k, v, mask)
    for j in range(5):
        k_moved, v_moved = k.copy(), v.copy()
        k_moved[j], v_moved[j] = 1e6, -1e6
        moved, _ = attention(q, k_moved, v_moved, mask)
        same = np.all(moved == out, axis=1)
        np.testing.assert_array_equal(same, ~mask[:, j])


def test_everything_allowed_is_no_mask(rng):
    q, k, v = draw(rng)
    for found, expected in zip(attention(q, k, v, np.ones((4, 5), dtype=bool)), attention(q, k, v)):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.formula(
    "attention-backward-v",
    "attention-backward-weights",
    "attention-backward-scores",
    "attention-backward-chain",
    "attention-backward-q",
    "attention-backward-k",
)
@pytest.mark.parametrize("masked", [False, True])
def test_gradients_are_those_of_complex_steps(masked, rng, measured):
    q, k, v = draw(rng)
    mask = rng.random((4, 5)) < 0.5 if masked else np.ones((4, 5), dtype=bool)
    mask[:, 0] = True
    d_out = rng.normal(size=(4, 2))
    _, weights = attention(q, k, v, mask)
    found = attention_backward(d_out, q, k, v, weights)
    for i, gradient in enumerate(found):

        def J(x):
            inputs = [q, k, v]
            inputs[i] = x
            return np.sum(d_out * complex_attention(*inputs, mask))

        expected = complex_step(J, (q, k, v)[i])
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-13)
        measured("complex step", distance(gradient, expected))


@pytest.mark.formula("attention-backward-weights", "attention-backward-scores", "attention-backward-chain")
def test_the_gradient_by_the_scores_goes_through_the_jacobian_of_softmax(rng, measured):
    """With keys √T_k I the queries are the scores, and their gradients too."""
    E, v, d_out = rng.normal(size=(4, 5)), rng.normal(size=(5, 2)), rng.normal(size=(4, 2))
    keys = math.sqrt(5) * np.eye(5)
    out, A = attention(E, keys, v)
    found, _, _ = attention_backward(d_out, E, keys, v, A)
    d_A = complex_step(lambda A: np.sum(d_out * (A @ v)), A)
    jacobians = [np.diag(a) - np.outer(a, a) for a in scipy.special.softmax(E, axis=1)]
    expected = np.array([jacobian @ d for jacobian, d in zip(jacobians, d_A)])
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=1), 0, atol=1e-14)
    measured("oracle", distance(found, expected))


@pytest.mark.formula("multi-head")
@pytest.mark.parametrize("masked", [False, True])
def test_heads_are_concatenated_as_in_the_paper(masked, rng, measured):
    h, d, d_v, n_out = 3, 2, 4, 6
    q, k, v = rng.normal(size=(4, 5)), rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    W_q, W_k, W_v = (rng.normal(size=(h, x.shape[1], n)) for x, n in ((q, d), (k, d), (v, d_v)))
    W_o = rng.normal(size=(h, d_v, n_out))
    mask = np.arange(7) <= np.arange(4)[:, np.newaxis] if masked else None
    allowed = (lambda t, j: j <= t) if masked else (lambda t, j: True)
    joined = np.hstack([by_loops(q @ W_q[i], k @ W_k[i], v @ W_v[i], allowed)[0] for i in range(h)])
    expected = joined @ W_o.reshape(h * d_v, n_out)
    found = multi_head_attention(q, k, v, W_q, W_k, W_v, W_o, mask)
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    measured("oracle", distance(found, expected))


def test_large_numbers_are_no_matter(rng):
    """Only the largest score counts, also where the difference is beyond float64."""
    with np.errstate(all="raise", under="ignore"):
        out, weights = attention([[1e154]], [[1e154], [-1e154], [0.0]], [[1.0, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(weights, [[1, 0, 0]])
    np.testing.assert_array_equal(out, [[1, 2]])
    tiny, even = attention([[1e-300]], [[1e-300], [2.0]], [[1.0], [3.0]])
    np.testing.assert_allclose(even, 0.5)
    np.testing.assert_allclose(tiny, 2)


def test_inputs_are_left_alone(rng):
    q, k, v = inputs = draw(rng)
    mask = np.ones((4, 5), dtype=bool)
    for x in (*inputs, mask):
        x.flags.writeable = False
    out, weights = attention(q, k, v, mask)
    weights.flags.writeable = False
    out.flags.writeable = False
    for gradient, x in zip(attention_backward(out, q, k, v, weights), inputs):
        assert gradient.shape == x.shape


# Bad input


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


def ones(*shape):
    return np.ones(shape)


@pytest.mark.parametrize(
    "q, k, v, message",
    [
        (ones(3), ones(4, 2), ones(4, 2), "q: expected 2 or 3 dimensions, got shape (3,)"),
        (ones(3, 2), ones(2), ones(4, 2), "k: expected 2 dimensions, got shape (2,)"),
        (ones(3, 2), ones(4, 2), ones(4), "v: expected 2 dimensions, got shape (4,)"),
        (ones(1, 3, 2), ones(4, 2), ones(4, 2), "k: expected 3 dimensions, got shape (4, 2)"),
        (ones(1, 3, 2), ones(1, 4, 2), ones(4, 2), "v: expected 3 dimensions, got shape (4, 2)"),
        (ones(3, 2), ones(4, 3), ones(4, 2), "k: expected shape ('T_k', 2), got shape (4, 3)"),
        (ones(2, 3, 2), ones(1, 4, 2), ones(1, 4, 2), "k: expected shape (2, 'T_k', 2), got shape (1, 4, 2)"),
        (ones(3, 2), ones(4, 2), ones(5, 2), "v: expected shape (4, 'd_v'), got shape (5, 2)"),
        (ones(2, 3, 2), ones(2, 4, 2), ones(1, 4, 2), "v: expected shape (2, 4, 'd_v'), got shape (1, 4, 2)"),
        ([[np.nan]], [[1.0]], [[1.0]], "q: expected finite numbers, got nan"),
        ([[1e200]], [[1e200]], [[1.0]], "q: expected scores q @ k.T within float64, got an overflow"),
        ([[1e200] * 2], [[1e200, -1e200]], [[1.0]], "q: expected scores q @ k.T within float64, got an over"),
    ],
)
def test_what_does_not_fit_is_named(q, k, v, message):
    with np.errstate(all="raise", under="ignore"):
        assert refusal(attention, q, k, v).startswith(message)
        if "overflow" not in message and "over" not in message[-4:]:
            assert refusal(attention_backward, ones(3, 2), q, k, v, ones(3, 4)).startswith(message)


@pytest.mark.parametrize(
    "mask, message",
    [
        (ones(3, 4), "mask: expected booleans of shape (3, 4), got dtype float64, shape (3, 4)"),
        (ones(4, 3) > 0, "mask: expected booleans of shape (3, 4), got dtype bool, shape (4, 3)"),
        (ones(4) > 0, "mask: expected booleans of shape (3, 4), got dtype bool, shape (4,)"),
        (np.arange(12).reshape(3, 4) % 8 > 3, "mask: expected a True in every row, got none in row 0"),
        (np.tri(3, 4, -1) < 0, "mask: expected a True in every row, got none in row 0"),
        ([[True] * 4, [False] * 4, [True] * 4], "mask: expected a True in every row, got none in row 1"),
    ],
)
def test_a_bad_mask_is_named(mask, message):
    assert refusal(attention, ones(3, 2), ones(4, 2), ones(4, 2), mask) == message


@pytest.mark.parametrize(
    "d_out, weights, message",
    [
        (ones(3, 5), ones(3, 4), "d_out: expected shape (3, 6), got shape (3, 5)"),
        (ones(3, 6), ones(4, 4), "weights: expected shape (3, 4), got shape (4, 4)"),
        (np.full((3, 6), np.inf), ones(3, 4), "d_out: expected finite numbers, got inf"),
    ],
)
def test_a_bad_gradient_is_named(d_out, weights, message):
    assert refusal(attention_backward, d_out, ones(3, 2), ones(4, 2), ones(4, 6), weights) == message


@pytest.mark.parametrize(
    "q, k, v, weights, d_out",
    [
        ([[0.0]], [[1e200], [-1e200]], [[1e200], [-1e200]], [[0.5, 0.5]], [[1.0]]),  # dq
        ([[1e200]], [[0.0], [0.0]], [[1e200], [-1e200]], [[0.5, 0.5]], [[1.0]]),  # dk
        ([[0.0], [0.0]], [[0.0]], [[0.0]], [[1.0], [1.0]], [[1.7e308], [1.7e308]]),  # dv
        ([[0.0]], [[0.0], [0.0]], [[1e200], [-1e200]], [[0.5, 0.5]], [[1e200]]),  # by the weights: ∞ − ∞
    ],
)
def test_an_overflow_of_a_gradient_is_named(q, k, v, weights, d_out):
    with np.errstate(all="raise", under="ignore"):
        message = refusal(attention_backward, d_out, q, k, v, weights)
    assert message == "d_out: expected gradients within float64, got an overflow"


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"q": ones(3)}, "q: expected 2 dimensions, got shape (3,)"),
        ({"W_q": ones(5, 2)}, "W_q: expected 3 dimensions, got shape (5, 2)"),
        ({"W_q": ones(3, 4, 2)}, "W_q: expected shape (h, 5, …), for q, got shape (3, 4, 2)"),
        ({"W_k": ones(3, 5, 2)}, "W_k: expected shape (h, 6, …), for k, got shape (3, 5, 2)"),
        ({"W_v": ones(3, 5, 2)}, "W_v: expected shape (h, 7, …), for v, got shape (3, 5, 2)"),
        ({"W_k": ones(2, 6, 2)}, "k: expected shape (3, 'T_k', 2), got shape (2, 9, 2)"),
        ({"W_o": ones(3, 2)}, "W_o: expected 3 dimensions, got shape (3, 2)"),
        ({"W_o": ones(3, 2, 8)}, "W_o: expected shape (3, 4, …), got shape (3, 2, 8)"),
        ({"W_o": ones(2, 4, 8)}, "W_o: expected shape (3, 4, …), got shape (2, 4, 8)"),
        ({"mask": ones(1, 9) > 0}, "mask: expected booleans of shape (8, 9), got dtype bool, shape (1, 9)"),
    ],
)
def test_what_does_not_fit_the_heads_is_named(changed, message):
    good = {"q": ones(8, 5), "k": ones(9, 6), "v": ones(9, 7)}
    good |= {"W_q": ones(3, 5, 2), "W_k": ones(3, 6, 2), "W_v": ones(3, 7, 4), "W_o": ones(3, 4, 8)}
    assert multi_head_attention(**good).shape == (8, 8)
    assert refusal(multi_head_attention, **(good | changed)) == message
