"""Recurrent networks against loops over numbers, complex steps, differences and the computation graph."""

import itertools

import numpy as np
import pytest
import scipy.linalg
import scipy.special
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from notesrc import gated, recurrent
from notesrc.graph import Value
from notesrc.initializers import xavier_normal
from notesrc.recurrent import (
    RNNParams,
    bidirectional,
    bidirectional_backward,
    clip_gradients,
    deep,
    deep_backward,
    flatten,
    gru_backward,
    gru_forward,
    gru_simple_backward,
    gru_simple_forward,
    init_gru,
    init_gru_simple,
    init_lstm,
    init_rnn,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
    unflatten,
)
from notesrc.softmax import cross_entropy, one_hot, softmax, softmax_cross_entropy
from proof.values import distance

sizes = st.tuples(*(st.integers(1, 4) for _ in range(4)))
seeds = st.integers(0, 2**32 - 1)
T, M, N_X, N_A, C = 5, 2, 3, 4, 6  # steps, examples, inputs, hidden units, classes: all different


@pytest.fixture
def rng():
    return np.random.default_rng(1990)


def cell(rng, n_x=N_X, n_a=N_A):
    """Random weights and biases: zero biases would hide what becomes of them."""
    return init_rnn(n_x, n_a, rng)._replace(b_a=rng.normal(size=n_a))


def rnn(rng, n_x=N_X, n_a=N_A, m=M):
    return rnn_forward, rnn_backward, rng.normal(size=(m, n_a)), cell(rng, n_x, n_a)


def data(rng):
    return rng.normal(size=(T, M, N_X)), rng.normal(size=(M, N_A)), cell(rng)


def labelled(rng):
    """An output layer, and labels for every step."""
    return rng.normal(size=(C, N_A)), rng.normal(size=C), rng.integers(0, C, (T, M))


def states_of(x, a, W_aa, W_ax, b_a):
    """The states as the formula has them, by einsum, for complex numbers as well."""
    found = []
    for x_t in x:
        a = np.tanh(np.einsum("jk,ik->ij", W_aa, a) + np.einsum("jk,ik->ij", W_ax, x_t) + b_a)
        found.append(a)
    return np.array(found)


def printed_cost(a, W_ya, b_y, labels):
    """The mean over examples of the sum over steps."""
    e = np.exp(np.einsum("ck,tik->tic", W_ya, a) + b_y)
    y_hat = e / e.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(y_hat, labels[..., np.newaxis], axis=-1)).sum() / a.shape[1]


def output_layer(a, W_ya, b_y, labels):
    """J and its gradients by a, W_ya and b_y, step by step with the book's functions."""
    J, d_a, d_W, d_b = 0.0, [], 0.0, 0.0
    for a_t, y_t in zip(a, labels):
        loss, d = softmax_cross_entropy(a_t @ W_ya.T + b_y, one_hot(y_t, len(b_y)))
        J, d_W, d_b = J + loss, d_W + d.T @ a_t, d_b + d.sum(axis=0)
        d_a.append(d @ W_ya)
    return J, np.array(d_a), d_W, d_b


def complex_step(f, *arrays, h=1e-30):
    """The gradient of the number f(*arrays) by each of the arrays."""
    found = []
    for n, x in enumerate(arrays):
        slope = np.empty(x.shape)
        for i in np.ndindex(x.shape):
            moved = x.astype(complex)
            moved[i] += 1j * h
            slope[i] = f(*arrays[:n], moved, *arrays[n + 1 :]).imag / h
        found.append(slope)
    return found


def assert_close(found, exact, measured=None, method="complex step", rtol=1e-10):
    for a, b in zip(found, exact, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-13 * np.abs(b).max())
        if measured:
            measured(method, distance(np.asarray(a)[()], np.asarray(b)[()]))


# Forward


@pytest.mark.formula("rnn-step", "rnn-step-matrix")
@given(shape=sizes, seed=seeds)
def test_forward_is_one_example_one_unit_one_weight_at_a_time(shape, seed, measured):
    steps, m, n_x, n_a = shape
    rng = np.random.default_rng(seed)
    x, a0, params = rng.normal(size=(steps, m, n_x)), rng.normal(size=(m, n_a)), cell(rng, n_x, n_a)
    a, _ = rnn_forward(x, a0, params)
    assert a.shape == (steps, m, n_a)
    for i in range(m):
        state = a0[i].tolist()
        for t in range(steps):
            z = params.b_a.tolist()
            for j in range(n_a):
                for weights, inputs in [(params.W_aa[j], state), (params.W_ax[j], x[t, i])]:
                    z[j] += sum(w * v for w, v in zip(weights, inputs, strict=True))
            state = [float(np.tanh(value)) for value in z]
            np.testing.assert_allclose(a[t, i], state, rtol=1e-11, atol=1e-14)
            measured("oracle", distance(np.append(a[t, i], 1), np.append(state, 1)))


def test_a_sequence_may_be_read_in_two_parts(rng):
    x, a0, params = data(rng)
    a, _ = rnn_forward(x, a0, params)
    first, _ = rnn_forward(x[:2], a0, params)
    second, _ = rnn_forward(x[2:], first[-1], params)
    np.testing.assert_array_equal(a, np.concatenate([first, second]))


def test_what_comes_in_stays_and_what_goes_out_is_free(rng):
    x, a0, params = data(rng)
    before = flatten([x, a0, params])
    a, cache = rnn_forward(x, a0, params)
    expected = rnn_backward(np.ones(a.shape), cache)
    a[:] = 0  # the caller may write into the output
    assert_close(flatten(list(rnn_backward(np.ones(a.shape), cache))), flatten(list(expected)))
    np.testing.assert_array_equal(flatten([x, a0, params]), before)


@pytest.mark.formula("rnn-output", "rnn-loss", "rnn-total-loss")
def test_each_step_is_a_softmax_regression_and_the_losses_add_up(rng, measured):
    (x, a0, params), (W_ya, b_y, labels) = data(rng), labelled(rng)
    a, _ = rnn_forward(x, a0, params)
    y_hat = softmax(a @ W_ya.T + b_y)
    oracle = scipy.special.softmax(np.einsum("ck,tik->tic", W_ya, a) + b_y, axis=-1)
    measured("oracle", distance(y_hat.reshape(-1, C), oracle.reshape(-1, C)))
    losses = [cross_entropy(y_hat[t, i], np.eye(C)[labels[t, i]]) for t in range(T) for i in range(M)]
    by_sympy = [float(-sp.log(sp.Float(oracle[t, i, labels[t, i]], 30))) for t in range(T) for i in range(M)]
    np.testing.assert_allclose(losses, by_sympy, rtol=1e-12)
    measured("symbolic", distance(np.array(losses), np.array(by_sympy)))
    J = output_layer(a, W_ya, b_y, labels)[0]
    assert J == pytest.approx(sum(losses) / M, rel=1e-12)
    assert J == pytest.approx(printed_cost(a, W_ya, b_y, labels), rel=1e-12)
    measured("oracle", J / printed_cost(a, W_ya, b_y, labels) - 1)


# Backward


@pytest.mark.formula(
    "bptt-output",
    "bptt-delta",
    "bptt-dz",
    "bptt-dwaa",
    "bptt-dwax",
    "bptt-db",
    "bptt-dx",
    "bptt-da0",
    "bptt-dwya",
)
def test_gradients_agree_with_the_complex_step(rng, measured):
    (x, a0, params), (W_ya, b_y, labels) = data(rng), labelled(rng)
    a, cache = rnn_forward(x, a0, params)
    J, d_a, d_W_ya, d_b_y = output_layer(a, W_ya, b_y, labels)
    d_x, d_a0, d_params = rnn_backward(d_a, cache)
    assert isinstance(d_params, RNNParams)

    def cost(x, a0, W_aa, W_ax, b_a, W_ya, b_y):
        return printed_cost(states_of(x, a0, W_aa, W_ax, b_a), W_ya, b_y, labels)

    assert J == pytest.approx(cost(x, a0, *params, W_ya, b_y), rel=1e-12)
    exact = complex_step(cost, x, a0, *params, W_ya, b_y)
    assert_close([d_x, d_a0, *d_params, d_W_ya, d_b_y], exact, measured)
    by_outputs = complex_step(lambda a: printed_cost(a, W_ya, b_y, labels), a)
    assert_close([d_a], by_outputs)


@pytest.mark.formula("bptt-delta", "bptt-dz", "bptt-dwaa", "bptt-dwax", "bptt-db", "bptt-dx", "bptt-da0")
@given(shape=sizes, seed=seeds)
def test_gradients_agree_with_the_computation_graph(shape, seed, measured):
    steps, m, n_x, n_a = shape
    rng = np.random.default_rng(seed)
    x, a0, params = rng.normal(size=(steps, m, n_x)), rng.normal(size=(m, n_a)), cell(rng, n_x, n_a)
    a, cache = rnn_forward(x, a0, params)
    d_a = rng.normal(size=a.shape)
    xs, state, shared = [Value(x_t) for x_t in x], Value(a0), [Value(part) for part in params]
    leaf, J = state, 0
    for x_t, d in zip(xs, d_a):
        state = (state @ shared[0].T + x_t @ shared[1].T + shared[2]).tanh()
        J = J + (d * state).sum()
    J.backward()
    by_graph = [np.array([x_t.grad for x_t in xs]), leaf.grad, *(part.grad for part in shared)]
    d_x, d_a0, d_params = rnn_backward(d_a, cache)
    for found, exact in zip([d_x, d_a0, *d_params], by_graph, strict=True):
        assert found.shape == exact.shape
        np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-13)
        measured("oracle", np.abs(found - exact).max() / max(1, np.abs(exact).max()))


@pytest.mark.formula("bptt-shared", "bptt-copy", "bptt-delta-entry", "bptt-dz-entry")
def test_every_step_of_the_derivation_holds(rng, measured):
    (x, a0, params), (W_ya, b_y, labels) = data(rng), labelled(rng)
    a, cache = rnn_forward(x, a0, params)
    _, d_a, *_ = output_layer(a, W_ya, b_y, labels)
    _, _, d_params = rnn_backward(d_a, cache)

    def cost(copies, shifts, bumps):
        """J if every step has a W_aa of its own, and something is added to its Z and its A."""
        found, state = [], a0
        for copy, shift, bump, x_t in zip(copies, shifts, bumps, x):
            state = np.tanh(state @ copy.T + x_t @ params.W_ax.T + params.b_a + shift) + bump
            found.append(state)
        return printed_cost(np.array(found), W_ya, b_y, labels)

    zero = np.zeros(a.shape)
    copies, deltas, states = complex_step(cost, np.array([params.W_aa] * T), zero, zero)
    assert_close([d_params.W_aa], [copies.sum(axis=0)], measured)
    before = [a0, *a[:-1]]
    assert_close(copies, [delta.T @ a_t for delta, a_t in zip(deltas, before)], measured)
    for t, i, k in np.ndindex(a.shape):
        later = sum(deltas[t + 1, i, j] * params.W_aa[j, k] for j in range(N_A)) if t + 1 < T else 0
        assert states[t, i, k] == pytest.approx(d_a[t, i, k] + later, rel=1e-10)
        assert deltas[t, i, k] == pytest.approx((1 - a[t, i, k] ** 2) * states[t, i, k], rel=1e-10)


@given(seeds)
def test_backward_is_linear_in_the_gradients_of_the_outputs(seed):
    """The gradient of a sum of losses is the sum of the gradients, one step with a loss at a time."""
    rng = np.random.default_rng(seed)
    x, a0, params = data(rng)
    a, cache = rnn_forward(x, a0, params)
    d_a = rng.normal(size=a.shape)
    alone = []
    for t in range(T):
        only = np.zeros(a.shape)
        only[t] = d_a[t]
        alone.append(flatten(list(rnn_backward(only, cache))))
        assert not rnn_backward(only, cache)[0][t + 1 :].any()  # no cause after its effect
    np.testing.assert_allclose(sum(alone), flatten(list(rnn_backward(d_a, cache))), rtol=1e-9, atol=1e-12)


@pytest.mark.formula("rnn-parameter-count")
@given(shape=sizes)
def test_a_network_has_one_parameter_for_each_edge_and_each_unit(shape, measured):
    n_x, n_a, classes, _ = shape
    network = [init_rnn(n_x, n_a, np.random.default_rng(0)), np.zeros((classes, n_a)), np.zeros(classes)]
    between = [("a" * n_a, "a" * n_a), ("x" * n_x, "a" * n_a), ("a" * n_a, "y" * classes)]
    edges = sum(len(list(itertools.product(*ends))) for ends in between)
    assert flatten(network).size == edges + n_a + classes
    measured("property", flatten(network).size - edges - n_a - classes)


def test_random_parameters_are_xavier_normal_with_zero_biases():
    params = init_rnn(3, 5, np.random.default_rng(7))
    again = np.random.default_rng(7)
    np.testing.assert_array_equal(params.W_aa, xavier_normal(5, 5, again))
    np.testing.assert_array_equal(params.W_ax, xavier_normal(3, 5, again))
    np.testing.assert_array_equal(params.b_a, np.zeros(5))
    assert [part.shape for part in params] == [(5, 5), (5, 3), (5,)]


def test_the_spectral_radius_starts_at_about_one():
    radius = np.abs(np.linalg.eigvals(init_rnn(1, 400, np.random.default_rng(1)).W_aa)).max()
    assert radius == pytest.approx(1, abs=0.1)


# Through time


def jacobian(x, a0, params):
    """∂a_T/∂a_0 for one example, by complex steps."""
    rows = [complex_step(lambda a: states_of(x, a, *params)[-1, 0, k], a0)[0][0] for k in range(a0.size)]
    return np.array(rows)


@pytest.mark.formula("bptt-jacobian", "bptt-product", "jacobian-bound")
def test_jacobians_multiply_from_the_left_and_no_singular_value_grows_faster(rng, measured):
    x, a0, params = rng.normal(size=(3, 1, N_X)), rng.normal(size=(1, N_A)), cell(rng)
    a, cache = rnn_forward(x, a0, params)
    D = [np.diag(1 / np.cosh(np.arctanh(a_t[0])) ** 2) for a_t in a]
    one = D[0] @ params.W_aa
    three = D[2] @ params.W_aa @ D[1] @ params.W_aa @ one
    for product, steps in [(one, 1), (three, 3)]:
        exact = jacobian(x[:steps], a0, params)
        np.testing.assert_allclose(product, exact, rtol=1e-9, atol=1e-14)
        measured("complex step", distance(product, exact))
        largest = np.sqrt(scipy.linalg.eigh(exact.T @ exact, eigvals_only=True)[-1])
        assert largest <= scipy.linalg.svdvals(params.W_aa)[0] ** steps * (1 + 1e-12)
    for k in range(N_A):
        d_a = np.zeros(a.shape)
        d_a[-1, 0, k] = 1
        np.testing.assert_allclose(rnn_backward(d_a, cache)[1][0], three[k], rtol=1e-9, atol=1e-14)


@pytest.mark.formula("spectral-growth", "jacobian-bound")
@given(seed=seeds, steps=st.integers(1, 30))
def test_without_saturation_an_eigenvector_grows_by_its_eigenvalue(seed, steps, measured):
    """A symmetric matrix attains the bound as well: its singular values are its eigenvalues."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(N_A, N_A)))
    values = np.array([1.2, 1.0, -0.9, 0.5])
    params = RNNParams(Q * values @ Q.T, np.ones((N_A, 1)), np.zeros(N_A))
    a, cache = rnn_forward(np.zeros((steps, 1, 1)), np.zeros((1, N_A)), params)
    for value, vector in zip(values, Q.T):
        d_a = np.zeros(a.shape)
        d_a[-1, 0] = vector
        found = rnn_backward(d_a, cache)[1][0]
        np.testing.assert_allclose(found, value**steps * vector, rtol=1e-9, atol=1e-12)
        measured("closed form", np.abs(found - value**steps * vector).max())


@given(radius=st.floats(0.3, 1.5), seed=seeds)
def test_far_back_the_spectral_radius_alone_decides(radius, seed):
    rng = np.random.default_rng(seed)
    V = np.eye(3) + 0.3 * rng.uniform(-1, 1, (3, 3))
    W = V @ np.diag([radius, 0.5 * radius, -0.4 * radius]) @ np.linalg.inv(V)
    a, cache = rnn_forward(np.zeros((60, 1, 1)), np.zeros((1, 3)), RNNParams(W, np.ones((3, 1)), np.zeros(3)))
    d_a = np.zeros(a.shape)
    d_a[-1] = V[:, 0]  # far from orthogonal to the leading direction
    lengths = np.linalg.norm(rnn_backward(d_a, cache)[0], axis=(1, 2))
    assert (lengths[0] / lengths[40]) ** (1 / 40) == pytest.approx(radius, rel=1e-4)


# Clipping


@pytest.mark.formula("gradient-clipping")
@given(seed=seeds, c=st.floats(0.01, 20), scale=st.sampled_from([1e-200, 1e-3, 1.0, 1e3, 1e200]))
def test_clipping_shortens_all_gradients_together(seed, c, scale, measured):
    rng = np.random.default_rng(seed)
    gradients = [cell(rng), (scale * rng.normal(size=(2, 3)),), scale * rng.normal(size=4)]
    gradients[0] = RNNParams(*(scale * part for part in gradients[0]))
    with np.errstate(all="raise", under="ignore"):
        clipped = clip_gradients(gradients, c * scale)
    g, found = flatten(gradients) / scale, flatten(clipped) / scale
    norm = sum(float(v) ** 2 for v in g) ** 0.5
    exact = g if norm <= c else c / norm * g
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    measured("closed form", distance(found, exact))
    assert isinstance(clipped, list) and isinstance(clipped[0], RNNParams) and isinstance(clipped[1], tuple)


def test_a_gradient_within_the_norm_stays_to_the_last_bit():
    for g, norm in [([3.0, 4.0], 5.0), ([0.1, 0.7], 0.8), ([0.0, 0.0], 1e-9)]:
        np.testing.assert_array_equal(clip_gradients(np.array(g), norm), g)
    np.testing.assert_allclose(clip_gradients([3.0, np.array([4.0])], 1)[1], [0.8], rtol=1e-15)


def test_the_largest_gradients_are_clipped_without_overflow():
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(clip_gradients(np.full(4, 1.7e308), 1.0), 0.5, rtol=1e-14)
        np.testing.assert_allclose(clip_gradients(np.full(4, 1e-320), 1.0), 1e-320)
        np.testing.assert_allclose(clip_gradients(np.full(4, 1.7e308), 1e-20), 5e-21, rtol=1e-14)


def test_a_clipped_gradient_is_a_copy():
    g = np.array([3.0, 4.0])
    clip_gradients([g], 100.0)[0][:] = 0
    np.testing.assert_array_equal(g, [3, 4])


# One vector for all parameters


def test_flatten_takes_parts_in_their_order_however_they_are_nested():
    parts = [RNNParams([[1.0, 2.0], [3.0, 4.0]], [[5.0], [6.0]], [7.0, 8.0]), (np.array([9.0]), [10.0])]
    parts[0] = RNNParams(*map(np.array, parts[0]))
    np.testing.assert_array_equal(flatten(parts), np.arange(1, 11))
    np.testing.assert_array_equal(flatten(np.ones((2, 3))), np.ones(6))
    np.testing.assert_array_equal(flatten(2.5), [2.5])


@given(shape=sizes, seed=seeds)
def test_unflatten_undoes_flatten(shape, seed):
    steps, m, n_x, n_a = shape
    rng = np.random.default_rng(seed)
    parts = [cell(rng, n_x, n_a), (np.ones((steps, m, n_a)), [np.ones(m)]), 1.0]
    theta = rng.normal(size=flatten(parts).size)
    back = unflatten(theta, parts)
    np.testing.assert_array_equal(flatten(back), theta)
    assert [type(part) for part in back[:2]] == [RNNParams, tuple] and type(back[1][1]) is list
    assert [part.shape for part in back[0]] == [part.shape for part in parts[0]]
    assert back[1][0].shape == (steps, m, n_a) and back[2].shape == ()
    assert not any(np.shares_memory(part, theta) for part in (*back[0], back[1][0], back[1][1][0]))


# Layers


CELLS = {
    "rnn": (init_rnn, rnn_forward, rnn_backward, 1),
    "gru simple": (init_gru_simple, gru_simple_forward, gru_simple_backward, 1),
    "gru": (init_gru, gru_forward, gru_backward, 1),
    "lstm": (init_lstm, lstm_forward, lstm_backward, 2),
}


def layer(kind, n_in, hidden, rng):
    init, forward, backward, states = CELLS[kind]
    params = init(n_in, hidden, rng)
    params = type(params)(*(part + 0.3 * rng.normal(size=part.shape) for part in params))
    return forward, backward, *rng.normal(size=(states, M, hidden)), params


def differences(f, inputs, h=1e-6):
    """The gradient of f by every number in inputs, by central differences."""
    theta = flatten(inputs)
    steps = h * np.eye(theta.size)
    ahead, behind = ([f(unflatten(theta + sign * e, inputs)) for e in steps] for sign in (1, -1))
    return (np.array(ahead) - np.array(behind)) / (2 * h)


def assert_measured(found, exact, measured):
    np.testing.assert_allclose(found, exact, rtol=1e-6, atol=1e-8)
    measured("differences", distance(found, exact))


@pytest.mark.formula("deep-rnn")
@pytest.mark.parametrize("kinds", [["rnn", "rnn", "rnn"], ["gru", "lstm"], ["gru simple"]], ids=str)
def test_a_deep_network_is_layer_on_layer(kinds, rng, measured):
    widths = (N_X, 4, 2, 5)
    x = rng.normal(size=(3, M, N_X))
    layers = [layer(kind, n_in, n, rng) for kind, n_in, n in zip(kinds, widths, widths[1:])]
    a, cache = deep(x, layers)
    expected = x
    for forward, _, *inputs in layers:
        expected = forward(expected, *inputs)[0]
    np.testing.assert_array_equal(a, expected)
    weight = rng.normal(size=a.shape)

    def cost(parts):
        x, inputs = parts
        return np.sum(weight * deep(x, [(*l[:2], *part) for l, part in zip(layers, inputs)])[0])

    inputs = [list(l[2:]) for l in layers]
    d_x, gradients = deep_backward(weight, cache)
    for found, given_inputs in zip(gradients, inputs, strict=True):
        assert [type(part) for part in found] == [type(part) for part in given_inputs]
    assert_measured(flatten([d_x, gradients]), differences(cost, [x, inputs]), measured)


@pytest.mark.formula("deep-rnn")
def test_a_deep_rnn_is_the_printed_recursion(rng, measured):
    x = rng.normal(size=(T, M, N_X))
    layers = [rnn(rng, n_in, n) for n_in, n in [(N_X, 4), (4, 2), (2, 5)]]
    found, _ = deep(x, layers)
    before = [list(start) for _, _, start, _ in layers]
    for t in range(T):  # all layers of one step before the next step
        for i in range(M):
            below = x[t, i]
            for l, (_, _, _, (W_aa, W_ax, b_a)) in enumerate(layers):
                below = before[l][i] = np.tanh(W_aa @ before[l][i] + W_ax @ below + b_a)
            np.testing.assert_allclose(found[t, i], below, rtol=1e-12)
            measured("oracle", distance(found[t, i], below))


@pytest.mark.formula("bidirectional-forward", "bidirectional-backward", "bidirectional-output")
def test_both_directions_are_the_printed_recursions(rng, measured):
    x, W_ya, b_y = rng.normal(size=(T, M, N_X)), rng.normal(size=(C, 7)), rng.normal(size=C)
    ahead, back = rnn(rng, n_a=4), rnn(rng, n_a=3)
    a, _ = bidirectional(x, ahead, back)
    assert a.shape == (T, M, 7)
    for i in range(M):
        (start, (W_aa, W_ax, b_a)), (end, (V_aa, V_ax, c_a)) = ahead[2:], back[2:]
        past, future = [start[i]], [end[i]]
        for t in range(T):
            past.append(np.tanh(W_aa @ past[-1] + W_ax @ x[t, i] + b_a))
            future.insert(0, np.tanh(V_aa @ future[0] + V_ax @ x[T - 1 - t, i] + c_a))
        for t in range(T):
            expected = np.concatenate([past[t + 1], future[t]])
            np.testing.assert_allclose(a[t, i], expected, rtol=1e-12)
            measured("oracle", distance(a[t, i], expected))
            scores = W_ya[:, :4] @ past[t + 1] + W_ya[:, 4:] @ future[t] + b_y
            y_hat = softmax(a[t, i] @ W_ya.T + b_y)
            np.testing.assert_allclose(y_hat, scipy.special.softmax(scores), rtol=1e-12)
            measured("oracle", distance(y_hat, scipy.special.softmax(scores)))


@pytest.mark.formula("bidirectional-forward", "bidirectional-backward")
@pytest.mark.parametrize("kinds", [("rnn", "rnn"), ("lstm", "gru")], ids=str)
def test_gradients_go_back_through_both_directions(kinds, rng, measured):
    x, widths = rng.normal(size=(3, M, N_X)), (4, 2)
    ahead, back = (layer(kind, N_X, n, rng) for kind, n in zip(kinds, widths))
    a, cache = bidirectional(x, ahead, back)
    weight = rng.normal(size=a.shape)

    def cost(parts):
        x, first, second = parts
        return np.sum(weight * bidirectional(x, (*ahead[:2], *first), (*back[:2], *second))[0])

    d_x, d_ahead, d_back = bidirectional_backward(weight, cache)
    exact = differences(cost, [x, list(ahead[2:]), list(back[2:])])
    assert_measured(flatten([d_x, d_ahead, d_back]), exact, measured)


def test_a_bidirectional_network_is_a_layer_like_any_other(rng):
    x = rng.normal(size=(T, M, N_X))
    both = (bidirectional, bidirectional_backward, rnn(rng, n_a=4), rnn(rng, n_a=2))
    top = rnn(rng, n_x=6, n_a=3)
    a, cache = deep(x, [both, top])
    inner, inner_cache = bidirectional(x, *both[2:])
    outer, outer_cache = rnn_forward(inner, *top[2:])
    np.testing.assert_array_equal(a, outer)
    d_inner, *d_top = rnn_backward(a, outer_cache)
    d_x, d_ahead, d_back = bidirectional_backward(d_inner, inner_cache)
    found, gradients = deep_backward(a, cache)
    np.testing.assert_array_equal(found, d_x)
    np.testing.assert_array_equal(flatten(gradients), flatten([[d_ahead, d_back], d_top]))
    deeper, _ = bidirectional(x, (deep, deep_backward, [both, top]), rnn(rng))
    np.testing.assert_array_equal(deeper[..., :3], a)


def test_a_layer_may_do_without_inputs(rng):
    twice = (lambda x: (2 * x, None), lambda d, _: (2 * d,))
    x, layers = rng.normal(size=(T, M, N_X)), [twice, rnn(rng)]
    a, cache = deep(x, layers)
    np.testing.assert_array_equal(a, rnn_forward(2 * x, *layers[1][2:])[0])
    d_x, (nothing, _) = deep_backward(a, cache)
    assert nothing == []
    np.testing.assert_array_equal(d_x, 2 * rnn_backward(a, cache[1][1])[0])


def test_the_future_reaches_the_first_step_in_one_half_only(rng):
    x = rng.normal(size=(T, M, N_X))
    ahead, back = rnn(rng, n_a=4), rnn(rng, n_a=3)
    moved = np.concatenate([x[:-1], x[-1:] + 1])
    change = np.abs(bidirectional(moved, ahead, back)[0] - bidirectional(x, ahead, back)[0])
    assert not change[:-1, :, :4].any() and change[0, :, 4:].all()


def test_the_gated_cells_can_be_had_from_here():
    for name in "GRUParams GRUSimpleParams LSTMParams init_gru init_gru_simple init_lstm".split():
        assert getattr(recurrent, name) is getattr(gated, name)
    for name, way in itertools.product(("gru_simple", "gru", "lstm"), ("forward", "backward")):
        assert getattr(recurrent, f"{name}_{way}") is getattr(gated, f"{name}_{way}")
    exported = {}
    exec("from notesrc.recurrent import *", exported)
    assert exported["gru_forward"] is gru_forward and exported["rnn_forward"] is rnn_forward


# Bad input


def refusal(call, *args, **kwargs):
    with pytest.raises(ValueError) as refused:
        call(*args, **kwargs)
    return str(refused.value)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"x": np.ones((5, 2))}, "x: expected 3 dimensions, got shape (5, 2)"),
        ({"x": np.ones((0, 2, 3))}, "x: expected at least one number, got an empty array of shape (0, 2, 3)"),
        (
            {"x": np.ones((5, 2, 4))},
            "x: expected 3 entries a step, the columns of params.W_ax, got shape (5, 2, 4)",
        ),
        ({"x": np.full((5, 2, 3), np.nan)}, "x: expected finite numbers, got nan"),
        ({"x": "x"}, "x: expected real numbers, got dtype <U1"),
        ({"a0": np.ones((3, 4))}, "a0: expected shape (2, 4), got shape (3, 4)"),
        ({"a0": np.ones(4)}, "a0: expected shape (2, 4), got shape (4,)"),
        ({"a0": np.full((2, 4), np.inf)}, "a0: expected finite numbers, got inf"),
        ({"params": (1, 2, 3)}, "params: expected an RNNParams, got tuple"),
        ({"b_a": np.ones((4, 1))}, "params.b_a: expected 1 dimensions, got shape (4, 1)"),
        ({"b_a": np.ones(5)}, "params.W_aa: expected shape (5, 5), got shape (4, 4)"),
        ({"W_aa": np.ones((4, 3))}, "params.W_aa: expected shape (4, 4), got shape (4, 3)"),
        ({"W_aa": np.full((4, 4), np.nan)}, "params.W_aa: expected finite numbers, got nan"),
        ({"W_ax": np.ones(3)}, "params.W_ax: expected 2 dimensions, got shape (3,)"),
        ({"W_ax": np.ones((3, 3))}, "params.W_ax: expected shape (4, 3), got shape (3, 3)"),
        ({"W_ax": np.full((4, 3), np.inf)}, "params.W_ax: expected finite numbers, got inf"),
    ],
)
def test_bad_sequences_are_named(changed, message, rng):
    params = cell(rng)
    inputs = {"x": np.ones((5, 2, 3)), "a0": np.ones((2, 4)), "params": params}
    parts = {name: part for name, part in changed.items() if name in RNNParams._fields}
    inputs |= {"params": params._replace(**parts)} | {k: v for k, v in changed.items() if k not in parts}
    assert refusal(rnn_forward, **inputs) == message


def test_a_bad_upstream_gradient_is_named(rng):
    _, cache = rnn_forward(*data(rng))
    message = "d_a: expected shape (5, 2, 4), got shape (5, 2, 3)"
    assert refusal(rnn_backward, np.ones((5, 2, 3)), cache) == message
    assert refusal(rnn_backward, np.full((5, 2, 4), np.nan), cache) == "d_a: expected finite numbers, got nan"


@pytest.mark.parametrize("x, W_aa", [(1e200, 0.0), (0.0, 1e308)])
def test_an_overflow_on_the_way_forward_is_named(x, W_aa):
    params = RNNParams(np.full((2, 2), W_aa), np.full((2, 1), 1e200), np.zeros(2))
    with np.errstate(all="raise", under="ignore"):
        message = refusal(rnn_forward, [[[x]]], [[2.0, 2.0]], params)
    assert message == "params: expected pre-activations within float64, got an overflow"


@pytest.mark.parametrize(
    "x, a0, W_aa, W_ax, d_a",
    [
        (0.0, 0.0, 0.0, 1e200, [1e200]),  # d_x
        (0.0, 0.0, 1e200, 0.0, [1e200]),  # d_a0
        (0.0, 1e10, 0.0, 0.0, [1e300]),  # d_W_aa
        (1e10, 0.0, 0.0, 0.0, [1e300]),  # d_W_ax
        (0.0, 0.0, 0.0, 0.0, [1.7e308, 1.7e308]),  # d_b_a
    ],
)
def test_an_overflow_on_the_way_back_is_named(x, a0, W_aa, W_ax, d_a):
    params = RNNParams(np.full((1, 1), W_aa), np.full((1, 1), W_ax), np.zeros(1))
    m = len(d_a)
    _, cache = rnn_forward(np.full((1, m, 1), x), np.full((m, 1), a0), params)
    with np.errstate(all="raise", under="ignore"):
        message = refusal(rnn_backward, np.reshape(d_a, (1, m, 1)), cache)
    assert message == "d_a: expected gradients within float64, got an overflow"


@pytest.mark.parametrize(
    "args, message",
    [
        ((0, 4), "n_in: expected a positive integer, got 0"),
        ((3, 2.0), "hidden: expected a positive integer, got 2.0"),
        ((3, 4, 0), "rng: expected a np.random.Generator such as np.random.default_rng(0), got 0"),
    ],
)
def test_bad_sizes_are_named(args, message):
    assert refusal(init_rnn, *args, *[np.random.default_rng(0)] * (3 - len(args))) == message


@pytest.mark.parametrize("bad", [0, -1.0])
def test_a_max_norm_that_is_not_positive_is_named(bad):
    message = f"max_norm: expected a number above 0, got {float(bad)}"
    assert refusal(clip_gradients, [np.ones(2)], bad) == message


@pytest.mark.parametrize(
    "bad, where, message",
    [
        ([], "", "expected at least one array, got none"),
        ([np.ones(2), ()], "[1]", "expected at least one array, got none"),
        ([np.ones(2), [1.0, np.nan]], "[1][1]", "expected finite numbers, got nan"),
        (np.array([np.inf]), "", "expected finite numbers, got inf"),
        ([None], "[0]", "expected real numbers, got dtype object"),
    ],
)
def test_bad_gradients_and_parts_are_named_with_their_place(bad, where, message):
    assert refusal(clip_gradients, bad, 1.0) == f"gradients{where}: {message}"
    assert refusal(flatten, bad) == f"parts{where}: {message}"
    assert refusal(unflatten, np.ones(3), bad) == f"parts{where}: {message}"


def test_a_theta_of_another_size_is_named():
    for size in (2, 4):
        message = f"theta: expected shape (3,), got shape ({size},)"
        assert refusal(unflatten, np.ones(size), [np.ones(2), 1.0]) == message
    assert refusal(unflatten, [np.nan], [1.0]) == "theta: expected finite numbers, got nan"


@pytest.mark.parametrize("bad", [None, "layer", 1, (rnn_forward,), (rnn_forward, None), [1, rnn_backward]])
def test_what_is_no_layer_is_named(bad, rng):
    x, good = np.ones((2, M, N_X)), rnn(rng)
    expected = f"expected (forward, backward, *inputs), got {type(bad).__name__}"
    for name, call in {
        "layers[1]": lambda: deep(x, [good, bad]),
        "ahead": lambda: bidirectional(x, bad, good),
        "back": lambda: bidirectional(x, good, bad),
    }.items():
        assert refusal(call) == f"{name}: {expected}"


@pytest.mark.parametrize("bad", [[], (), None, 3, rnn_forward])
def test_what_is_no_list_of_layers_is_named(bad):
    assert refusal(deep, np.ones((2, M, N_X)), bad) == "layers: expected a list of layers, got none"


def test_what_a_layer_refuses_comes_under_its_name(rng):
    good, other = rnn(rng), rnn(rng)
    message = "x: expected 3 entries a step, the columns of params.W_ax, got shape (2, 2, 4)"
    assert refusal(deep, np.ones((2, M, N_X)), [good, other]) == f"layers[1]: {message}"
    assert refusal(bidirectional, np.ones((2, M, 4)), good, other) == f"ahead: {message}"
    wide = rnn(rng, n_x=4)
    assert refusal(bidirectional, np.ones((2, M, 4)), wide, other) == f"back: {message}"
    message = "x: expected 3 dimensions, got shape (2, 4)"
    assert refusal(bidirectional, np.ones((M, 4)), wide, other) == message


def test_a_bad_gradient_of_both_directions_is_named(rng):
    a, cache = bidirectional(np.ones((T, M, N_X)), rnn(rng, n_a=4), rnn(rng, n_a=3))
    for n in (6, 8):
        message = f"d_a: expected shape (5, 2, 7), got shape (5, 2, {n})"
        assert refusal(bidirectional_backward, np.ones((T, M, n)), cache) == message
