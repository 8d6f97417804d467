"""The encoder–decoder against an independent one for complex numbers, sentence by sentence."""

import numpy as np
import pytest

from notesrc.gated import GRUParams
from notesrc.optimizers import SGD, Adam
from notesrc.seq2seq import (
    Seq2SeqParams,
    backward,
    flatten,
    forward,
    init_seq2seq,
    log_probs,
    train,
    unflatten,
)
from notesrc.translation import beam_search, sequence_log_prob
from proof.values import distance

V, HIDDEN, M, T_X, T_Y = 4, 3, 2, 5, 3  # the end is V − 1 = 3


@pytest.fixture
def rng():
    return np.random.default_rng(2014)


@pytest.fixture(params=[True, False], ids=["attention", "plain"])
def params(request, rng):
    """Random biases too: zeros would hide what becomes of them."""
    start = init_seq2seq(V, HIDDEN, rng, attend=request.param)
    return unflatten(0.7 * rng.normal(size=flatten(start).size), start)


@pytest.fixture
def batch(rng):
    x, y = rng.integers(0, V - 1, (T_X, M)), rng.integers(0, V - 1, (T_Y, M))
    y[-1] = V - 1
    return x, y


def cut(theta, attend):
    """Complex θ in pieces, by name."""
    n, stack = HIDDEN, HIDDEN + V
    shapes = {f"{cell}.{gate}.{part}": shape
              for cell in ("enc", "dec") for gate in "urc"
              for part, shape in (("W", (n, stack)), ("b", (n,)))}  # fmt: skip
    shapes |= {"W_s": (V, n), "b": (V,)} | ({"W_a": (n, n), "W_c": (V, n)} if attend else {})
    pieces = {}
    for name, shape in shapes.items():
        pieces[name], theta = theta[: np.prod(shape)].reshape(shape), theta[np.prod(shape) :]
    assert theta.size == 0
    return pieces


def sigma(z):
    return 1 / (1 + np.exp(-z))


def gru_step(P, cell, c, token):
    """One step for one example; the one-hot input picks a column."""

    def gate(name, c):
        W = P[f"{cell}.{name}.W"]
        return W[:, :HIDDEN] @ c + W[:, HIDDEN + token] + P[f"{cell}.{name}.b"]

    u, r = sigma(gate("u", c)), sigma(gate("r", c))
    return c + u * (np.tanh(gate("c", r * c)) - c)


def printed_probabilities(theta, x, y, attend):
    """p(· | y_<t, x) of one sentence, `(T_y, V)`, and the attention weights."""
    P = cut(theta, attend)
    h = [np.zeros(HIDDEN)]
    for token in x:
        h.append(gru_step(P, "enc", h[-1], token))
    s, found, looked = h[-1], [], []
    for t in range(len(y)):
        s = gru_step(P, "dec", s, y[t - 1] if t else V - 1)
        z = P["W_s"] @ s + P["b"]
        if attend:
            e = np.array([s @ P["W_a"] @ h_j for h_j in h[1:]]) / np.sqrt(HIDDEN)
            looked.append(np.exp(e) / np.exp(e).sum())
            z = z + P["W_c"] @ sum(a * h_j for a, h_j in zip(looked[-1], h[1:]))
        found.append(np.exp(z) / np.exp(z).sum())
    return np.array(found), np.array(looked)


def printed_cost(theta, x, y, attend):
    total = 0
    for x_i, y_i in zip(x.T, y.T):
        p, _ = printed_probabilities(theta, x_i, y_i, attend)
        total = total - np.log(p[np.arange(len(y_i)), y_i]).sum()
    return total / y.size


def complex_step(f, x, h=1e-30):
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])


def attends(params):
    return params.W_a is not None


@pytest.mark.formula("encoder-decoder", "attention-readout", "attention-weights", "attention-context")
def test_logits_are_those_of_each_sentence(params, batch, measured):
    x, y = batch
    logits, cache = forward(x, y, params)
    assert logits.shape == (T_Y, M, V)
    assert (cache.weights is None) == (cache.contexts is None) == (not attends(params))
    for i in range(M):
        p, looked = printed_probabilities(flatten(params), x[:, i], y[:, i], attends(params))
        z = logits[:, i]
        np.testing.assert_allclose(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), p, rtol=1e-12)
        measured("oracle", distance(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), p))
        if attends(params):
            np.testing.assert_allclose(cache.weights[i], looked, rtol=1e-12)
            np.testing.assert_allclose(cache.contexts[:, i], looked @ cache.H[:, i], rtol=1e-12)


def test_gradients_are_those_of_complex_steps(params, batch, measured):
    x, y = batch
    logits, cache = forward(x, y, params)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    found = backward((p - np.eye(V)[y]) / y.size, cache)
    assert isinstance(found, Seq2SeqParams) and isinstance(found.decoder, GRUParams)
    expected = complex_step(lambda theta: printed_cost(theta, x, y, attends(params)), flatten(params))
    np.testing.assert_allclose(flatten(found), expected, rtol=1e-9, atol=1e-13)
    assert np.linalg.norm(expected) > 0.1


def test_training_is_descent_on_what_is_drawn(params, rng):
    """Two steps along complex-step gradients; the batches differ in their lengths."""
    lengths = iter([4, 2])

    def draw(rng):
        x = rng.integers(0, V - 1, (next(lengths), M))
        return x, np.vstack([x[::-1], np.full((1, M), V - 1)])

    before = flatten(params)
    trained, costs = train(params, draw, SGD(0.5), 2, np.random.default_rng(1))
    lengths, rng = iter([4, 2]), np.random.default_rng(1)
    theta, expected = before.copy(), []
    for _ in range(2):
        x, y = draw(rng)
        expected.append(printed_cost(theta, x, y, attends(params)))
        theta = theta - 0.5 * complex_step(lambda at: printed_cost(at, x, y, attends(params)), theta)
    np.testing.assert_allclose(flatten(trained), theta, rtol=1e-10)
    np.testing.assert_allclose(costs, expected, rtol=1e-12)
    np.testing.assert_array_equal(flatten(params), before)


def test_the_optimizer_keeps_its_state(params, batch):
    first, _ = train(params, lambda rng: batch, Adam(0.01), 1, np.random.default_rng(0))
    both, _ = train(params, lambda rng: batch, Adam(0.01), 2, np.random.default_rng(0))
    again, _ = train(first, lambda rng: batch, Adam(0.01), 1, np.random.default_rng(0))
    assert not np.allclose(flatten(both), flatten(again), rtol=0, atol=1e-6)


def test_attention_learns_to_copy_one_digit():
    def draw(rng):
        x = rng.integers(0, V - 1, (1, 8))
        return x, np.vstack([x, np.full((1, 8), V - 1)])

    start = init_seq2seq(V, 8, np.random.default_rng(0))
    params, costs = train(start, draw, Adam(0.05), 60, np.random.default_rng(0))
    assert costs[-1] < 0.1 < 1 < costs[0]
    for digit in range(V - 1):
        assert beam_search(log_probs([digit], params), 2, 4, V - 1)[0].tokens == (digit, V - 1)


@pytest.mark.formula("conditional-lm", "encoder-decoder")
def test_the_model_of_a_search_is_forward_token_by_token(params, batch, measured):
    x, y = batch
    for i in range(M):
        model = log_probs(x[:, i], params)
        p, _ = printed_probabilities(flatten(params), x[:, i], y[:, i], attends(params))
        for t in (2, 0, 1, 2):  # whatever was asked before
            np.testing.assert_allclose(model(tuple(y[:t, i])), np.log(p[t]), rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(model(list(y[:t, i])), np.log(p[t]), rtol=1e-12, atol=1e-13)
        expected = np.log(p[np.arange(T_Y), y[:, i]]).sum()
        assert sequence_log_prob(model, y[:, i], V - 1) == pytest.approx(expected, rel=1e-12)
        measured("oracle", abs(sequence_log_prob(model, y[:, i], V - 1) / expected - 1))


def test_each_prefix_is_computed_once(params, monkeypatch):
    import notesrc.seq2seq

    calls = []
    real = notesrc.seq2seq.gru_forward
    monkeypatch.setattr(notesrc.seq2seq, "gru_forward", lambda *args: (calls.append(1), real(*args))[1])
    model = log_probs([0, 1], params)
    model((0, 1))
    model((0, 2))
    assert len(calls) == 1 + 4  # the encoder; (), (0,), (0, 1), (0, 2)


def test_parameters_are_drawn_at_random(rng):
    params = init_seq2seq(50, 40, rng)
    widths = {"W_s": (50, 40), "W_c": (50, 40), "W_a": (40, 40)}
    for name, shape in widths.items():
        W = getattr(params, name)
        assert W.shape == shape
        variance, entries = 2 / sum(shape), W.size  # Xavier's
        assert abs(W.var() / variance - 1) < 5 * np.sqrt(2 / entries)
    assert not params.b.any() and params.b.shape == (50,)
    assert params.encoder.W_u.shape == params.decoder.W_u.shape == (40, 90)
    assert not np.array_equal(params.encoder.W_u, params.decoder.W_u)
    plain = init_seq2seq(50, 40, np.random.default_rng(0), attend=False)
    assert plain.W_a is plain.W_c is None
    same = init_seq2seq(50, 40, np.random.default_rng(0), attend=False)
    np.testing.assert_array_equal(flatten(plain), flatten(same))


def test_flatten_and_unflatten_undo_each_other(params):
    theta = np.arange(flatten(params).size, dtype=float)
    shaped = unflatten(theta, params)
    np.testing.assert_array_equal(flatten(shaped), theta)
    assert shaped.encoder.W_u[0, 1] == 1 and type(shaped.encoder) is GRUParams
    theta[0] = -1
    assert shaped.encoder.W_u[0, 0] == 0  # a copy
    assert attends(shaped) == attends(params)


def test_numbers_may_come_as_lists(params, batch):
    listed = {name: getattr(params, name).tolist() for name in ("W_s", "b", "W_a", "W_c") if attends(params)}
    listed |= {name: getattr(params, name).tolist() for name in ("W_s", "b")}
    found, cache = forward(*batch, params._replace(**listed))
    np.testing.assert_array_equal(found, forward(*batch, params)[0])
    np.testing.assert_array_equal(backward(found, cache).W_s, backward(found, forward(*batch, params)[1]).W_s)


def test_inputs_are_left_alone(params, batch):
    x, y = batch
    for array in (x, y, *params.encoder, *params.decoder, *(p for p in params[2:] if p is not None)):
        array.flags.writeable = False
    logits, cache = forward(x, y, params)
    H = cache.H.copy()
    logits.flags.writeable = False
    backward(logits, cache)
    np.testing.assert_array_equal(cache.H, H)
    train(params, lambda rng: batch, SGD(0.1), 2, np.random.default_rng(0))


# Bad input


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


@pytest.mark.parametrize(
    "bad, message",
    [
        ([[0, 4]], "ids in 0 … 3, got 0 to 4"),
        ([[-1, 0]], "ids in 0 … 3, got -1 to 0"),
        ([[0.0, 1.0]], "integers, got dtype float64"),
        ([[True, False]], "integers, got dtype bool"),
        ([0, 1], "2 dimensions, got shape (2,)"),
        (np.zeros((0, 2), dtype=int), "at least one number, got an empty array of shape (0, 2)"),
    ],
)
def test_bad_ids_are_named(bad, message, params):
    good = np.zeros((2, 2), dtype=int)
    assert refusal(forward, bad, good, params) == f"x: expected {message}"
    assert refusal(forward, good, bad, params) == f"y: expected {message}"


def test_bad_sentences_are_named(params):
    good = np.zeros((2, 2), dtype=int)
    assert refusal(forward, good, good[:, :1], params) == "y: expected 2 sentences, as x, got 1"
    assert refusal(log_probs, [], params).startswith("x: expected at least one number, got an empty array")
    assert refusal(log_probs, [0, 4], params) == "x: expected ids in 0 … 3, got 0 to 4"
    assert refusal(log_probs, [[0, 1]], params).startswith("x: expected 1 dimensions, got shape (1, 2)")
    assert refusal(log_probs([0], params), (4,)) == (
        "prefix: expected ids in 0 … 3, got 4 to 4"
    )


def test_bad_parameters_are_named(rng):
    good = init_seq2seq(V, HIDDEN, rng)
    x = np.zeros((2, 2), dtype=int)
    bad = {
        "params: expected Seq2SeqParams, got int": 3,
        "params: expected Seq2SeqParams, got tuple": tuple(good),
        "params.W_s: expected 2 dimensions, got shape (4,)": good._replace(W_s=np.ones(4)),
        "params.b: expected shape (4,), got shape (3,)": good._replace(b=np.ones(3)),
        "params: expected W_a and W_c, or neither, got one of the two": good._replace(W_a=None),
        "params.W_a: expected shape (3, 3), got shape (4, 3)": good._replace(W_a=np.ones((4, 3))),
        "params.W_c: expected shape (4, 3), got shape (3, 3)": good._replace(W_c=np.ones((3, 3))),
    }
    for message, params in bad.items():
        assert refusal(forward, x, x, params) == message
        assert refusal(log_probs, [0], params) == message
        assert refusal(flatten, params) == message
        assert refusal(unflatten, np.ones(9), params) == message
    assert refusal(forward, x, x, good._replace(W_c=None)).endswith("got one of the two")
    assert "GRUParams" in refusal(forward, x, x, good._replace(encoder=3))


def test_a_bad_gradient_or_theta_is_named(params, batch):
    _, cache = forward(*batch, params)
    assert refusal(backward, np.ones((T_Y, M, V + 1)), cache) == (
        "d_logits: expected shape (3, 2, 4), got shape (3, 2, 5)"
    )
    n = flatten(params).size
    assert refusal(unflatten, np.ones(n + 1), params) == f"theta: expected shape ({n},), got shape ({n + 1},)"


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"optimizer": 0.1}, "optimizer: expected one of notesrc.optimizers, such as Adam(), got 0.1"),
        ({"optimizer": Adam}, "optimizer: expected one of notesrc.optimizers, such as Adam(), got <class"),
        ({"steps": 0}, "steps: expected a positive integer, got 0"),
        ({"rng": 0}, "rng: expected a np.random.Generator"),
        ({"params": None}, "params: expected Seq2SeqParams, got NoneType"),
        ({"draw": lambda rng: ([[4]], [[3]])}, "x: expected ids in 0 … 3, got 4 to 4"),
    ],
)
def test_bad_training_is_named(changed, message, params, batch):
    good = {"params": params, "draw": lambda rng: batch, "optimizer": SGD(0.1), "steps": 1}
    good["rng"] = np.random.default_rng(0)
    assert refusal(train, **(good | changed)).startswith(message)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0, 3), "vocab_size: expected a positive integer, got 0"),
        ((4, 1.5), "hidden: expected a positive integer, got 1.5"),
    ],
)
def test_bad_sizes_are_named(arguments, message):
    assert refusal(init_seq2seq, *arguments, np.random.default_rng(0)) == message
    assert refusal(init_seq2seq, 4, 3, 0).startswith("rng: expected a np.random.Generator")
