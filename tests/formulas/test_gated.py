"""Gated cells against loops over single units, complex steps, the computation graph and what theory says."""

import cmath
import itertools

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from notesrc.gated import (
    GRUParams,
    GRUSimpleParams,
    LSTMParams,
    gru_backward,
    gru_forward,
    gru_simple_backward,
    gru_simple_forward,
    init_gru,
    init_gru_simple,
    init_lstm,
    lstm_backward,
    lstm_forward,
)
from notesrc.graph import Value
from notesrc.initializers import xavier_normal
from proof.values import distance

CELLS = {  # params, random ones, forward, backward
    "gru_simple": (GRUSimpleParams, init_gru_simple, gru_simple_forward, gru_simple_backward),
    "gru": (GRUParams, init_gru, gru_forward, gru_backward),
    "lstm": (LSTMParams, init_lstm, lstm_forward, lstm_backward),
}
STATES = {"gru_simple": ["c0"], "gru": ["c0"], "lstm": ["a0", "c0"]}
every_cell = pytest.mark.parametrize("cell", CELLS)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def rng():
    return np.random.default_rng(1997)


def problem(cell, rng, T=4, m=2, n_in=2, hidden=3):
    """x, the initial states and params, all random: zero biases would hide what becomes of them."""
    kind, init, _, _ = CELLS[cell]
    params = kind(*(rng.normal(size=part.shape) for part in init(n_in, hidden, rng)))
    states = [rng.normal(size=(m, hidden)) for _ in STATES[cell]]
    return [rng.normal(size=(T, m, n_in)), *states, params]


def flat(arrays):
    """Inputs or gradients, those by params last, as one vector."""
    *others, params = arrays
    return np.concatenate([np.ravel(a) for a in (*others, *params)])


def rebuilt(theta, like):
    *others, params = like
    parts = [*others, *params]
    cuts = np.cumsum([np.size(a) for a in parts])[:-1]
    parts = [piece.reshape(np.shape(a)) for piece, a in zip(np.split(theta, cuts), parts)]
    return [*parts[: len(others)], type(params)(*parts[len(others) :])]


# The cells once more: one example, one unit, one weight at a time, for real and complex numbers alike.


def gate(W, b, before, x, squash):
    stack = [*before, *x]
    return [squash(sum(w * v for w, v in zip(row, stack, strict=True)) + shift) for row, shift in zip(W, b)]


def logistic(z):
    return 1 / (1 + cmath.exp(-z))


def average(update, candidate, before):
    return [u * new + (1 - u) * old for u, new, old in zip(update, candidate, before)]


def gru_simple_step(x, c, p):
    return [average(gate(p.W_u, p.b_u, c, x, logistic), gate(p.W_c, p.b_c, c, x, cmath.tanh), c)]


def gru_step(x, c, p):
    relevant = [r * v for r, v in zip(gate(p.W_r, p.b_r, c, x, logistic), c)]
    return [average(gate(p.W_u, p.b_u, c, x, logistic), gate(p.W_c, p.b_c, relevant, x, cmath.tanh), c)]


def lstm_step(x, a, c, p):
    update, forget, output = (
        gate(W, b, a, x, logistic) for W, b in [(p.W_u, p.b_u), (p.W_f, p.b_f), (p.W_o, p.b_o)]
    )
    candidate = gate(p.W_c, p.b_c, a, x, cmath.tanh)
    c = [u * new + f * old for u, new, f, old in zip(update, candidate, forget, c)]
    return [[o * cmath.tanh(v) for o, v in zip(output, c)], c]


STEP = {"gru_simple": gru_simple_step, "gru": gru_step, "lstm": lstm_step}


def by_hand(cell, x, *states_and_params):
    """Every state after every step: `(states, T, m, hidden)`."""
    *states, params = states_and_params
    found = np.empty((len(states), len(x), *states[0].shape), dtype=complex)
    for i in range(x.shape[1]):
        now = [state[i] for state in states]
        for t in range(len(x)):
            now = STEP[cell](x[t, i], *now, params)
            found[:, t, i] = now
    return found


def complex_step(f, theta, h=1e-30):
    return np.array([f(theta + 1j * h * e).imag / h for e in np.eye(theta.size)])


# Forward


@pytest.mark.formula("gru-simple", "gru-full", "lstm-gates", "lstm-cell", "lstm-output")
@every_cell
@given(seed=seeds, T=st.integers(1, 4), m=st.integers(1, 3), n_in=st.integers(1, 3), hidden=st.integers(1, 4))
def test_forward_is_one_example_one_unit_one_weight_at_a_time(cell, seed, T, m, n_in, hidden, measured):
    inputs = problem(cell, np.random.default_rng(seed), T, m, n_in, hidden)
    out, cache = CELLS[cell][2](*inputs)
    expected = by_hand(cell, *inputs).real
    assert out.shape == (T, m, hidden)
    np.testing.assert_allclose(out, expected[0], rtol=1e-10, atol=1e-13)
    measured("oracle", distance(out.ravel(), expected[0].ravel()))
    if cell == "lstm":
        np.testing.assert_allclose(cache.c, expected[1], rtol=1e-10, atol=1e-13)


def on_the_graph(cell, x, *states_and_params):
    """The outputs as nodes; a stack is two products, with the left and the right columns of W."""
    *states, p = states_and_params
    hidden = states[0].data.shape[1]
    cut = np.eye(hidden + x[0].data.shape[1])

    def affine(letter, before, x_t):
        W, b = getattr(p, f"W_{letter}"), getattr(p, f"b_{letter}")
        return before @ (W @ cut[:, :hidden]).T + x_t @ (W @ cut[:, hidden:]).T + b

    outputs = []
    for x_t in x:
        a, c = states[0], states[-1]
        candidate_sees = affine("r", c, x_t).sigmoid() * c if cell == "gru" else a
        candidate = affine("c", candidate_sees, x_t).tanh()
        update = affine("u", a, x_t).sigmoid()
        keep = affine("f", a, x_t).sigmoid() if cell == "lstm" else 1 - update
        c = update * candidate + keep * c
        states = [affine("o", a, x_t).sigmoid() * c.tanh(), c] if cell == "lstm" else [c]
        outputs.append(states[0])
    return outputs


@pytest.mark.formula("gru-simple", "gru-full", "lstm-output")
@every_cell
def test_forward_and_backward_agree_with_the_computation_graph(cell, rng, measured):
    x, *states, params = problem(cell, rng, T=5, m=3, n_in=2, hidden=4)
    _, _, forward, backward = CELLS[cell]
    out, cache = forward(x, *states, params)
    d = rng.normal(size=out.shape)
    leaves = [Value(x_t) for x_t in x], [Value(a) for a in states], type(params)(*map(Value, params))
    nodes = on_the_graph(cell, leaves[0], *leaves[1], leaves[2])
    np.testing.assert_allclose(out, [node.data for node in nodes], rtol=1e-11)
    J = sum((d_t * node).sum() for d_t, node in zip(d, nodes, strict=True))
    J.backward()
    d_x = np.array([leaf.grad for leaf in leaves[0]])
    by_graph = flat([d_x, *(a.grad for a in leaves[1]), [part.grad for part in leaves[2]]])
    found = flat(backward(d, cache))
    np.testing.assert_allclose(found, by_graph, rtol=1e-9, atol=1e-13)
    measured("oracle", distance(found, by_graph))


@every_cell
def test_examples_and_later_steps_do_not_matter(cell, rng):
    x, *states, params = problem(cell, rng, T=5, m=3)
    forward = CELLS[cell][2]
    out, _ = forward(x, *states, params)
    alone, _ = forward(x[:3, [1]], *(a[[1]] for a in states), params)
    np.testing.assert_allclose(out[:3, [1]], alone, rtol=1e-13)


@every_cell
def test_a_sequence_may_be_cut_in_two(cell, rng):
    x, *states, params = problem(cell, rng, T=6)
    forward = CELLS[cell][2]
    out, _ = forward(x, *states, params)
    head, cache = forward(x[:2], *states, params)
    between = [head[-1], cache.c[-1]] if cell == "lstm" else [head[-1]]
    np.testing.assert_allclose(out[2:], forward(x[2:], *between, params)[0], rtol=1e-13)


def test_the_caches_hold_the_gates_by_name(rng):
    for cell, letters in [
        ("gru_simple", {"update": "u"}),
        ("gru", {"update": "u", "relevance": "r"}),
        ("lstm", {"update": "u", "forget": "f", "output": "o"}),
    ]:
        x, *states, params = problem(cell, rng, T=1, m=1)
        _, cache = CELLS[cell][2](x, *states, params)
        for name, letter in letters.items():
            W, b = getattr(params, f"W_{letter}"), getattr(params, f"b_{letter}")
            expected = np.real(gate(W, b, states[0][0], x[0, 0], logistic))
            np.testing.assert_allclose(getattr(cache, name)[0, 0], expected, rtol=1e-12)
        before = gate(params.W_r, params.b_r, states[0][0], x[0, 0], logistic) if cell == "gru" else 1
        expected = gate(params.W_c, params.b_c, before * states[0][0], x[0, 0], cmath.tanh)
        np.testing.assert_allclose(cache.candidate[0, 0], np.real(expected), rtol=1e-12)


# Backward


@pytest.mark.formula(
    "gru-simple-delta",
    "gru-simple-carry",
    "gate-weights",
    "gru-full-backward",
    "lstm-memory-gradient",
    "lstm-delta",
    "lstm-carry",
)
@every_cell
@pytest.mark.parametrize("T, m, n_in, hidden", [(1, 1, 1, 1), (3, 2, 2, 3), (4, 1, 3, 2)])
def test_gradients_agree_with_the_complex_step(cell, T, m, n_in, hidden, rng, measured):
    """To 1e-7 relative or better, says the book; it is 1e-10."""
    inputs = problem(cell, rng, T, m, n_in, hidden)
    out, cache = CELLS[cell][2](*inputs)
    d = rng.normal(size=out.shape)
    found = CELLS[cell][3](d, cache)
    exact = complex_step(lambda theta: np.sum(d * by_hand(cell, *rebuilt(theta, inputs))[0]), flat(inputs))
    shapes = [[np.shape(a) for a in (*arrays[:-1], *arrays[-1])] for arrays in (found, inputs)]
    assert shapes[0] == shapes[1]
    assert isinstance(found[-1], CELLS[cell][0])
    np.testing.assert_allclose(flat(found), exact, rtol=1e-10, atol=1e-14)
    measured("complex step", distance(flat(found), exact))


@pytest.mark.formula("lstm-memory-gradient", "lstm-delta", "lstm-carry")
def test_the_memory_of_an_lstm_may_have_a_gradient_of_its_own(rng, measured):
    inputs = problem("lstm", rng)
    a, cache = lstm_forward(*inputs)
    d_a, d_c = rng.normal(size=(2, *a.shape))
    found = flat(lstm_backward(d_a, cache, d_c))

    def cost(theta):
        a, c = by_hand("lstm", *rebuilt(theta, inputs))
        return np.sum(d_a * a + d_c * c)

    exact = complex_step(cost, flat(inputs))
    np.testing.assert_allclose(found, exact, rtol=1e-10, atol=1e-14)
    measured("complex step", distance(found, exact))
    without = flat(lstm_backward(d_a, cache))
    np.testing.assert_array_equal(without, flat(lstm_backward(d_a, cache, np.zeros(a.shape))))
    assert not np.allclose(found, without)


@pytest.mark.formula("gru-simple-jacobian")
def test_the_jacobian_of_a_step_has_three_terms(rng, measured):
    x, c0, params = problem("gru_simple", rng, T=1, m=1, hidden=4)
    _, cache = gru_simple_forward(x, c0, params)
    rows = np.array([gru_simple_backward(e.reshape(1, 1, 4), cache)[1][0] for e in np.eye(4)])
    u, new, old = cache.update[0, 0], cache.candidate[0, 0], c0[0]
    for i, j in itertools.product(range(4), repeat=2):
        through_gate = (new[i] - old[i]) * u[i] * (1 - u[i]) * params.W_u[i, j]
        through_candidate = u[i] * (1 - new[i] ** 2) * params.W_c[i, j]
        direct = (i == j) * (1 - u[i])
        assert rows[i, j] == pytest.approx(direct + through_gate + through_candidate, rel=1e-10)

    def after(old):
        return np.array(gru_simple_step(x[0, 0], old, params)[0])

    exact = np.array([after(old + 1e-30j * e).imag / 1e-30 for e in np.eye(4)]).T
    np.testing.assert_allclose(rows, exact, rtol=1e-11)
    measured("complex step", distance(rows, exact))


@pytest.mark.formula("gru-simple-local", "lstm-local")
def test_the_local_slopes_are_those_of_the_printed_lines(rng, measured):
    """One unit: a gradient by a bias is the local slope times that of σ or tanh."""
    u, f, o, new, old = sp.symbols("u f o new old")
    _, cache = gru_simple_forward(*(inputs := problem("gru_simple", rng, 1, 1, 1, 1)))
    d_params = gru_simple_backward(np.ones((1, 1, 1)), cache)[-1]
    line = u * new + (1 - u) * old
    for s, printed in [(u, new - old), (new, u), (old, 1 - u)]:
        assert sp.simplify(sp.diff(line, s) - printed) == 0
    at = {u: cache.update.item(), new: cache.candidate.item(), old: inputs[1].item()}
    for found, s, slope in [(d_params.b_u, u, u * (1 - u)), (d_params.b_c, new, 1 - new**2)]:
        exact = float((sp.diff(line, s) * slope).subs(at))
        assert found.item() == pytest.approx(exact, rel=1e-11)
        measured("symbolic", distance(found.item(), exact))

    _, cache = lstm_forward(*(inputs := problem("lstm", rng, 1, 1, 1, 1)))
    _, _, d_c0, d_params = lstm_backward(np.ones((1, 1, 1)), cache)
    c = sp.Symbol("c")
    assert sp.diff(o * sp.tanh(c), o) == sp.tanh(c)
    assert sp.diff(o * sp.tanh(c), c) == o * (1 - sp.tanh(c) ** 2)
    line = o * sp.tanh(u * new + f * old)
    at = {u: cache.update, f: cache.forget, o: cache.output, new: cache.candidate, old: inputs[2]}
    at = {s: value.item() for s, value in at.items()}
    for found, s, slope in [
        (d_params.b_o, o, o * (1 - o)),
        (d_params.b_f, f, f * (1 - f)),
        (d_params.b_u, u, u * (1 - u)),
        (d_params.b_c, new, 1 - new**2),
        (d_c0, old, 1),
    ]:
        exact = float((sp.diff(line, s) * slope).subs(at))
        assert found.item() == pytest.approx(exact, rel=1e-11)
        measured("symbolic", distance(found.item(), exact))


@every_cell
@given(seed=seeds)
def test_gradients_are_linear_in_what_comes_from_above(cell, seed):
    rng = np.random.default_rng(seed)
    out, cache = CELLS[cell][2](*problem(cell, rng))
    backward = CELLS[cell][3]
    d, e = rng.normal(size=(2, *out.shape))
    apart = 2 * flat(backward(d, cache)) - flat(backward(e, cache))
    np.testing.assert_allclose(flat(backward(2 * d - e, cache)), apart, rtol=1e-9, atol=1e-12)


# What gates are for


def blind(params, hidden):
    """params whose gates see the input alone, not what comes from the step before."""
    seen = np.concatenate([np.zeros(hidden), np.ones(params[0].shape[1] - hidden)])
    return type(params)(*(part * seen if part.ndim == 2 else part for part in params))


@pytest.mark.formula("gate-keep")
def test_without_detours_the_gradient_is_a_product_of_what_is_kept(rng, measured):
    x, c0, params = problem("gru_simple", rng, T=7, m=1, hidden=1)
    params = blind(params, 1)
    c, cache = gru_simple_forward(x, c0, params)
    d = np.zeros(c.shape)
    d[-1] = 1
    kept = 1.0
    for t in range(7):
        kept *= 1 - 1 / (1 + np.exp(-(params.W_u[0, 1:] @ x[t, 0] + params.b_u[0])))
    found = gru_simple_backward(d, cache)[1].item()
    assert found == pytest.approx(kept, rel=1e-12)
    measured("closed form", distance(found, kept))


def test_the_memory_of_an_lstm_returns_by_the_forget_gates_alone(rng):
    x, a0, c0, params = problem("lstm", rng, T=6)
    a, cache = lstm_forward(x, a0, c0, blind(params, 3))
    d_c = np.zeros(a.shape)
    d_c[-1] = 1
    found = lstm_backward(np.zeros(a.shape), cache, d_c)[2]
    np.testing.assert_allclose(found, np.prod(cache.forget, axis=0), rtol=1e-12)


@pytest.mark.formula("gate-memory")
def test_the_bias_of_a_gate_says_how_far_memory_reaches(measured):
    b = sp.Symbol("b", real=True)
    assert sp.simplify(1 / (1 - 1 / (1 + sp.exp(-b))) - 1 - sp.exp(b)) == 0
    for bias in (-2.0, 0.0, 1.0, 3.0):  # what is left after 0, 1, 2, … steps, added up
        params = init_lstm(1, 1, np.random.default_rng(0), forget_bias=bias)
        params = params._replace(W_f=np.zeros((1, 2)))
        _, cache = lstm_forward(np.zeros((999, 1, 1)), [[0.0]], [[0.0]], params)
        reach = 1 + np.cumprod(cache.forget).sum()
        assert reach == pytest.approx(1 + np.exp(bias), rel=1e-10)
        measured("closed form", distance(reach, float(1 + np.exp(bias))))


@given(seed=seeds, scale=st.sampled_from([0.1, 1.0, 30.0]))
def test_a_gru_averages_and_so_stays_within_its_bounds(seed, scale):
    rng = np.random.default_rng(seed)
    for cell in ("gru_simple", "gru"):
        x, c0, params = problem(cell, rng, T=8)
        params = type(params)(*(scale * part for part in params))
        c, _ = CELLS[cell][2](x, c0, params)
        before = np.concatenate([c0[np.newaxis], c[:-1]])
        assert np.all(np.abs(c) <= np.maximum(np.abs(before), 1) * (1 + 1e-15))


def test_an_lstm_counts(rng):
    """What no average can: it adds 1 for each 1 of the input, far beyond 1."""
    x = rng.integers(0, 2, (120, 2, 1))
    params = LSTMParams(
        W_u=[[0, 90]], b_u=[-45], W_f=[[0, 0]], b_f=[45], W_o=[[0, 0]], b_o=[45], W_c=[[0, 0]], b_c=[45]
    )
    a, cache = lstm_forward(x, np.zeros((2, 1)), np.zeros((2, 1)), params)
    np.testing.assert_allclose(cache.c, np.cumsum(x, axis=0), rtol=1e-12)
    np.testing.assert_allclose(a, np.tanh(np.cumsum(x, axis=0)), rtol=1e-12)


def test_a_shut_gate_keeps_and_an_open_one_is_a_plain_network(rng):
    x, c0, params = problem("gru", rng, T=5)
    far = np.full(3, 1e4)
    with np.errstate(all="raise", under="ignore"):
        kept, _ = gru_forward(x, c0, params._replace(b_u=-far))
        opened, _ = gru_forward(x, c0, params._replace(b_u=far, b_r=far))
    np.testing.assert_array_equal(kept, np.broadcast_to(c0, kept.shape))
    a = c0
    for x_t, found in zip(x, opened, strict=True):
        a = np.tanh(a @ params.W_c[:, :3].T + x_t @ params.W_c[:, 3:].T + params.b_c)
        np.testing.assert_allclose(found, a, rtol=1e-12)


@pytest.mark.formula("gru-reset-after")
@pytest.mark.parametrize("diagonal", [True, False])
def test_before_or_after_the_matrix_is_the_same_only_where_both_commute(diagonal, rng, measured):
    """The cell as frameworks have it, its z and n: one example, unit by unit."""
    x, c0, params = problem("gru", rng, T=4, m=1, hidden=3)
    if diagonal:
        params = params._replace(W_c=np.hstack([np.diag(rng.normal(size=3)), params.W_c[:, 3:]]))
    U, W = params.W_c[:, :3], params.W_c[:, 3:]
    h = c0[0]
    for x_t in x[:, 0]:
        z = 1 - np.real(gate(params.W_u, params.b_u, h, x_t, logistic))
        r = np.real(gate(params.W_r, params.b_r, h, x_t, logistic))
        n = [np.tanh(W[i] @ x_t + params.b_c[i] + r[i] * (U[i] @ h)) for i in range(3)]
        h = np.array([(1 - z[i]) * n[i] + z[i] * h[i] for i in range(3)])
    found = gru_forward(x, c0, params)[0][-1, 0]
    assert np.allclose(found, h, rtol=1e-11) == diagonal
    if diagonal:
        measured("oracle", distance(found, h))


# Parameters


@pytest.mark.formula("recurrent-parameter-count")
@given(n_in=st.integers(1, 6), hidden=st.integers(1, 6))
def test_a_cell_has_a_weight_for_each_edge_and_a_bias_for_each_unit(n_in, hidden, measured):
    edges = list(itertools.product(range(hidden), range(hidden + n_in)))
    for sets, (_, init, _, _) in zip((2, 3, 4), CELLS.values(), strict=True):
        found = sum(part.size for part in init(n_in, hidden, np.random.default_rng(0)))
        assert found == sets * (len(edges) + hidden)
        measured("property", found - sets * (len(edges) + hidden))


@every_cell
def test_weights_are_xaviers_one_gate_after_the_other_and_biases_zero(cell):
    kind, init, _, _ = CELLS[cell]
    rng, again = np.random.default_rng(7), np.random.default_rng(7)
    params = init(2, 3, rng)
    assert isinstance(params, kind)
    for name, part in params._asdict().items():
        expected = xavier_normal(5, 3, again) if name[0] == "W" else np.full(3, float(name == "b_f"))
        np.testing.assert_array_equal(part, expected)
    assert rng.random() == again.random()


def test_the_forget_gate_starts_at_the_bias_that_is_asked_for(rng):
    np.testing.assert_array_equal(init_lstm(2, 3, rng, forget_bias=-0.5).b_f, [-0.5] * 3)
    assert not init_lstm(2, 3, rng, forget_bias=4).b_u.any()


@every_cell
def test_lists_and_integers_are_welcome_and_inputs_are_left_alone(cell, rng):
    inputs = problem(cell, rng)
    _, _, forward, backward = CELLS[cell]
    arrays = [*inputs[:-1], *inputs[-1]]
    before = [a.copy() for a in arrays]
    for a in arrays:
        a.flags.writeable = False
    out, cache = forward(*inputs)
    found = backward(out, cache)
    for a, same in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, same)
        assert not any(np.shares_memory(a, part) for part in (out, *found[:-1], *found[-1]))
    as_lists = [a.tolist() for a in inputs[:-1]], type(inputs[-1])(*(a.tolist() for a in inputs[-1]))
    np.testing.assert_array_equal(forward(*as_lists[0], as_lists[1])[0], out)


# Bad input


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


@every_cell
@pytest.mark.parametrize(
    "x, message",
    [
        (np.ones((4, 2)), "x: expected 3 dimensions, got shape (4, 2)"),
        (np.ones((0, 2, 2)), "x: expected at least one number, got an empty array of shape (0, 2, 2)"),
        (np.full((4, 2, 2), np.nan), "x: expected finite numbers, got nan"),
        (np.ones((4, 2, 5)), "params.W_u: expected shape (3, 8), got shape (3, 5)"),
    ],
)
def test_a_bad_sequence_is_named(cell, x, message, rng):
    _, *others = problem(cell, rng)
    assert refusal(CELLS[cell][2], x, *others) == message


@every_cell
def test_bad_states_are_named(cell, rng):
    x, *states, params = problem(cell, rng)
    for i, name in enumerate(STATES[cell]):
        for bad in (np.ones((3, 3)), np.ones((2, 4)), np.ones(3)):
            given = states[:i] + [bad] + states[i + 1 :]
            message = f"{name}: expected shape (2, 3), got shape {bad.shape}"
            assert refusal(CELLS[cell][2], x, *given, params) == message
        given = states[:i] + [states[i] * np.inf] + states[i + 1 :]
        assert refusal(CELLS[cell][2], x, *given, params).startswith(f"{name}: expected finite numbers, got")


@every_cell
def test_bad_params_are_named(cell, rng):
    *others, params = problem(cell, rng)
    forward, kind = CELLS[cell][2], CELLS[cell][0]
    assert refusal(forward, *others, tuple(params)) == f"params: expected {kind.__name__}, got tuple"
    assert refusal(forward, *others, None) == f"params: expected {kind.__name__}, got NoneType"
    for name, part in params._asdict().items():
        bad = params._replace(**{name: np.ones((4, 6)) if name[0] == "W" else np.ones(4)})
        if name != "b_u":  # b_u says how many units there are
            message = f"params.{name}: expected shape {part.shape}, got shape {getattr(bad, name).shape}"
        else:
            message = "params.W_u: expected shape (4, 6), got shape (3, 5)"
        assert refusal(forward, *others, bad) == message
        bad = params._replace(**{name: part * np.nan})
        assert refusal(forward, *others, bad) == f"params.{name}: expected finite numbers, got nan"
    bad = params._replace(b_u=np.ones((3, 1)))
    assert refusal(forward, *others, bad) == "params.b_u: expected 1 dimensions, got shape (3, 1)"


@every_cell
def test_another_cells_params_are_refused(cell, rng):
    *others, _ = problem(cell, rng)
    for other, (kind, init, _, _) in CELLS.items():
        if other != cell:
            message = f"params: expected {CELLS[cell][0].__name__}, got {kind.__name__}"
            assert refusal(CELLS[cell][2], *others, init(2, 3, rng)) == message


@every_cell
@pytest.mark.parametrize(
    "n_in, hidden, message",
    [
        (0, 3, "n_in: expected a positive integer, got 0"),
        (2, 0, "hidden: expected a positive integer, got 0"),
        (2, 1.5, "hidden: expected a positive integer, got 1.5"),
    ],
)
def test_bad_sizes_are_named(cell, n_in, hidden, message, rng):
    assert refusal(CELLS[cell][1], n_in, hidden, rng) == message
    assert refusal(CELLS[cell][1], 2, 3, 0).startswith("rng: expected a np.random.Generator")


@pytest.mark.parametrize("bad, message", [(np.nan, "finite numbers, got nan"), ([1, 2], "one number, got")])
def test_a_bad_forget_bias_is_named(bad, message, rng):
    assert refusal(init_lstm, 2, 3, rng, bad).startswith(f"forget_bias: expected {message}")


@every_cell
def test_a_bad_gradient_is_named(cell, rng):
    _, _, forward, backward = CELLS[cell]
    out, cache = forward(*problem(cell, rng))
    name = "d_a" if cell == "lstm" else "d_c"
    for bad in (out[1:], out[:, 1:], out[..., 1:], out[0]):
        assert refusal(backward, bad, cache) == f"{name}: expected shape (4, 2, 3), got shape {bad.shape}"
    assert refusal(backward, out * np.inf, cache).startswith(f"{name}: expected finite numbers, got")
    if cell == "lstm":
        assert refusal(backward, out, cache, out[1:]) == "d_c: expected shape (4, 2, 3), got shape (3, 2, 3)"


@every_cell
@pytest.mark.parametrize("part", [0, 1, -2, -1])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_overflow_of_a_gate_is_named(cell, part, sign, rng):
    x, *states, params = problem(cell, rng)
    parts = [p * 0 for p in params]
    parts[part] = np.full(parts[part].shape, 1.7e308)
    parts[part][..., ::2] *= sign  # of both signs: ∞ − ∞
    with np.errstate(all="raise", under="ignore"):
        if parts[part].ndim == 2:
            message = refusal(CELLS[cell][2], np.abs(x) + 9, *states, type(params)(*parts))
            assert message == "params: expected gates within float64, got an overflow"
        else:  # a bias alone saturates its gate, and that is no overflow
            assert np.isfinite(CELLS[cell][2](x, *states, type(params)(*parts))[0]).all()


@every_cell
def test_an_overflow_of_a_gradient_is_named(cell, rng):
    x, *states, params = problem(cell, rng)
    _, _, forward, backward = CELLS[cell]
    message = f"{'d_a' if cell == 'lstm' else 'd_c'}: expected gradients within float64, got an overflow"
    out, cache = forward(x, *states, params)
    with np.errstate(all="raise", under="ignore"):
        assert refusal(backward, np.full(out.shape, 1.7e308), cache) == message
        huge = type(params)(*(np.zeros(p.shape) for p in params))
        huge = huge._replace(W_c=np.full(huge.W_c.shape, 1e200))
        out, cache = forward(x * 0, *(a * 0 for a in states), huge)  # only d_x and the states overflow
        assert refusal(backward, np.full(out.shape, 1e200), cache) == message
