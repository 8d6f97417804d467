"""The multilayer perceptron against loops, complex steps, the computation graph and linear programming."""

import itertools

import numpy as np
import pytest
import scipy.interpolate
import scipy.optimize
import scipy.special
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from notesrc.activations import leaky_relu, leaky_relu_grad
from notesrc.graph import Value
from notesrc.initializers import he_normal, xavier_normal
from notesrc.mlp import backward, flatten, forward, init_params, train, unflatten
from notesrc.optimizers import SGD, Adam, Nesterov
from notesrc.softmax import cross_entropy, softmax, softmax_cross_entropy
from proof.values import distance

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])
SMOOTH = {  # activations that take complex numbers: ReLU's slope is that of its real part
    "relu": lambda z: z * (z.real > 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
sizes = st.lists(st.integers(1, 5), min_size=2, max_size=5)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def rng():
    return np.random.default_rng(1986)


def network(sizes, rng):
    """Random weights and biases: zero biases would hide what becomes of them."""
    return [(W, rng.normal(size=len(b))) for W, b in init_params(sizes, rng)]


def data(sizes, rng, m=5):
    return rng.normal(size=(m, sizes[0])), rng.integers(0, sizes[-1], m)


def printed_logits(A, theta, sizes, activation="relu"):
    """The logits for complex θ, layer after layer cut from it."""
    for l, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        W, b, theta = np.split(theta, [n_in * n_out, n_in * n_out + n_out])
        A = np.einsum("ik,jk->ij", A if l == 0 else SMOOTH[activation](A), W.reshape(n_out, n_in)) + b
    return A


def printed_cost(logits, labels):
    y_hat = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.mean(np.log(y_hat[np.arange(len(labels)), labels]))


def complex_step(f, x, h=1e-30):
    """The gradient of the number f(x) by the entries of x, in its shape."""
    steps = np.eye(x.size).reshape(-1, *x.shape)
    return np.array([f(x + 1j * h * step).imag / h for step in steps]).reshape(x.shape)


# What a line cannot do


@pytest.mark.formula("xor-diagonals")
def test_an_affine_score_has_equal_sums_over_both_diagonals(rng, measured):
    w1, w2, b, x1, x2 = sp.symbols("w1 w2 b x1 x2")
    score = sp.Lambda((x1, x2), w1 * x1 + w2 * x2 + b)
    assert sp.expand(score(0, 0) + score(1, 1) - score(1, 0) - score(0, 1)) == 0
    s = forward(CORNERS, network([2, 1], rng))[0][:, 0]
    assert s[0] + s[3] == pytest.approx(s[1] + s[2], rel=1e-13)
    measured("symbolic", s[0] + s[3] - s[1] - s[2])


def test_no_line_separates_xor_and_of_all_16_labellings_only_that_one_and_its_negative():
    def separable(y):
        sign = np.where(y, 1, -1)[:, np.newaxis]
        outside = -sign * np.column_stack([CORNERS, np.ones(4)])  # −sign · (w·x + b) ≤ −1
        return scipy.optimize.linprog(np.zeros(3), outside, -np.ones(4), bounds=(None, None)).status == 0

    hopeless = [y for y in itertools.product([0, 1], repeat=4) if not separable(np.array(y))]
    assert hopeless == [(0, 1, 1, 0), (1, 0, 0, 1)]


@pytest.mark.formula("xor-network")
def test_two_units_compute_xor(measured):
    params = [(np.ones((2, 2)), np.array([0, -1])), (np.array([[1, -2]]), np.zeros(1))]
    np.testing.assert_array_equal(forward(CORNERS, params)[0][:, 0], CORNERS[:, 0] ^ CORNERS[:, 1])
    x1, x2 = sp.symbols("x1 x2", real=True)
    score = sp.Max(0, x1 + x2) - 2 * sp.Max(0, x1 + x2 - 1)
    for x in [(0.25, 1.5), (-3.0, 0.5), (0.25, 0.5)]:
        found = forward([x], params)[0].item()
        exact = float(score.subs({x1: x[0], x2: x[1]}))
        assert found == exact
        measured("symbolic", found - exact)


# Forward


@pytest.mark.formula("mlp-layer", "mlp-forward-matrix")
@given(sizes=sizes, seed=seeds, activation=st.sampled_from(sorted(SMOOTH)))
def test_forward_is_one_example_one_unit_one_weight_at_a_time(sizes, seed, activation, measured):
    rng = np.random.default_rng(seed)
    params, X = network(sizes, rng), rng.normal(size=(3, sizes[0]))
    logits, _ = forward(X, params, activation)
    for x, found in zip(X, logits, strict=True):
        a = list(x)
        for l, (W, b) in enumerate(params):
            if l > 0:
                a = [float(SMOOTH[activation](z)) for z in a]
            a = [sum(w * v for w, v in zip(row, a, strict=True)) + shift for row, shift in zip(W, b)]
            a = np.array(a)
        np.testing.assert_allclose(found, a, rtol=1e-11, atol=1e-13)
        measured("oracle", distance(found, a))


@pytest.mark.formula("mlp-output")
def test_the_logits_give_probabilities_by_softmax(rng, measured):
    X, labels = data([3, 4, 5], rng)
    logits, _ = forward(X, network([3, 4, 5], rng))
    oracle = scipy.special.softmax(logits, axis=1)
    np.testing.assert_allclose(softmax(logits), oracle, rtol=1e-13)
    measured("oracle", distance(softmax(logits), oracle))
    assert softmax_cross_entropy(logits, np.eye(5)[labels])[0] == pytest.approx(printed_cost(logits, labels))


def test_hidden_layers_are_relu_unless_told_otherwise(rng):
    params, X = network([2, 6, 3], rng), rng.normal(size=(9, 2))
    np.testing.assert_array_equal(forward(X, params)[0], forward(X, params, "relu")[0])
    leaky = forward(X, params, (leaky_relu, leaky_relu_grad))[0]
    (W1, b1), (W2, b2) = params
    Z = X @ W1.T + b1
    np.testing.assert_allclose(leaky, np.where(Z > 0, Z, 0.01 * Z) @ W2.T + b2, rtol=1e-13)


def test_without_an_activation_a_stack_is_one_layer(rng):
    params, X = network([2, 6, 3], rng), rng.normal(size=(9, 2))
    (W1, b1), (W2, b2) = params
    identity = (lambda Z: Z, np.ones_like)
    logits, cache = forward(X, params, identity)
    np.testing.assert_allclose(logits, forward(X, [(W2 @ W1, W2 @ b1 + b2)])[0], rtol=1e-12)
    np.testing.assert_allclose(backward(np.ones((9, 3)), cache)[0], np.ones((9, 3)) @ W2 @ W1, rtol=1e-12)


# Backward


@pytest.mark.formula("mlp-delta-output", "mlp-dw", "mlp-db", "mlp-da", "mlp-delta-hidden")
@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("sizes", [[3, 2], [3, 5, 2], [2, 4, 4, 3], [1, 1, 1]], ids=str)
def test_gradients_agree_with_the_complex_step(sizes, activation, rng, measured):
    params, (X, labels) = network(sizes, rng), data(sizes, rng)
    theta = flatten(params)
    logits, cache = forward(X, params, activation)
    loss, d_logits = softmax_cross_entropy(logits, np.eye(sizes[-1])[labels])
    dX, gradients = backward(d_logits, cache)

    def cost(X, theta):
        return printed_cost(printed_logits(X, theta, sizes, activation), labels)

    assert loss == pytest.approx(cost(X, theta), rel=1e-12, abs=1e-15)
    exact_logits = complex_step(lambda logits: printed_cost(logits, labels), logits)
    exact_X = complex_step(lambda X: cost(X, theta), X)
    exact_theta = complex_step(lambda theta: cost(X, theta), theta)
    for found, exact in [(d_logits, exact_logits), (dX, exact_X), (flatten(gradients), exact_theta)]:
        assert found.shape == exact.shape
        np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-15)
        measured("complex step", distance(found, exact))
    assert [(dW.shape, db.shape) for dW, db in gradients] == [(W.shape, b.shape) for W, b in params]


@pytest.mark.formula("mlp-delta-entry", "mlp-delta-recursion")
def test_deltas_are_the_slopes_of_the_cost_by_the_pre_activations(rng, measured):
    """The delta of an example is the gradient by a bias that is its own."""
    sizes, m = [3, 2, 5, 4], 6
    params, (X, labels) = network(sizes, rng), data(sizes, rng, m)
    logits, cache = forward(X, params, "tanh")
    d_logits = softmax_cross_entropy(logits, np.eye(4)[labels])[1]
    alone = [backward(d_logits[[i]], forward(X[[i]], params, "tanh")[1])[1] for i in range(m)]
    deltas = [np.array([layers[l][1] for layers in alone]) for l in range(3)]

    def cost_from(l):
        def cost(Z):
            for W, b in params[l + 1 :]:
                Z = np.tanh(Z) @ W.T + b
            return printed_cost(Z, labels)

        return cost

    Z = [layer[2] for layer in cache[0]]
    for l in range(3):
        exact = complex_step(cost_from(l), Z[l])
        np.testing.assert_allclose(deltas[l], exact, rtol=1e-11, atol=1e-15)
        measured("complex step", distance(deltas[l], exact))
    for l, i in itertools.product(range(2), range(m)):
        W = params[l + 1][0]
        for k in range(len(W[0])):
            blame = sum(deltas[l + 1][i, j] * W[j, k] for j in range(len(W)))
            assert deltas[l][i, k] == pytest.approx(blame / np.cosh(Z[l][i, k]) ** 2, rel=1e-10)


def test_gradients_agree_with_the_computation_graph(rng, measured):
    sizes = [3, 4, 5, 2]
    params, (X, labels) = network(sizes, rng), data(sizes, rng)
    for activation in SMOOTH:
        leaves = [(Value(W), Value(b)) for W, b in params]
        Z = X
        for l, (W, b) in enumerate(leaves):
            Z = (getattr(Z, activation)() if l else X) @ W.T + b
        ((Z.exp().sum(axis=1)).log() - (np.eye(2)[labels] * Z).sum(axis=1)).mean().backward()
        logits, cache = forward(X, params, activation)
        found = flatten(backward(softmax_cross_entropy(logits, np.eye(2)[labels])[1], cache)[1])
        by_graph = flatten([(W.grad, b.grad) for W, b in leaves])
        np.testing.assert_allclose(found, by_graph, rtol=1e-11, atol=1e-15)
        measured("oracle", distance(found, by_graph))


@given(seeds)
def test_the_gradient_of_a_batch_is_the_mean_of_those_of_its_examples(seed):
    rng = np.random.default_rng(seed)
    params, (X, labels) = network([2, 4, 3], rng), data([2, 4, 3], rng)

    def gradient(rows):
        logits, cache = forward(X[rows], params)
        return flatten(backward(softmax_cross_entropy(logits, np.eye(3)[labels[rows]])[1], cache)[1])

    mean = np.mean([gradient([i]) for i in range(5)], axis=0)
    np.testing.assert_allclose(gradient([0, 1, 2, 3, 4]), mean, rtol=1e-10, atol=1e-14)


# Parameters


@pytest.mark.formula("mlp-parameter-count")
@given(sizes=sizes)
def test_a_network_has_one_parameter_for_each_edge_and_each_unit(sizes, measured):
    between = [itertools.product(range(n_in), range(n_out)) for n_in, n_out in itertools.pairwise(sizes)]
    edges = len(list(itertools.chain(*between)))
    found = flatten(init_params(sizes, np.random.default_rng(0))).size
    assert found == edges + sum(sizes[1:])
    measured("property", found - edges - sum(sizes[1:]))


@pytest.mark.parametrize("init", [he_normal, xavier_normal])
def test_weights_are_drawn_layer_by_layer_and_biases_are_zero(init):
    rng = np.random.default_rng(7)
    params = init_params((3, 4, 2), rng, init)
    again = np.random.default_rng(7)
    for (W, b), (n_in, n_out) in zip(params, [(3, 4), (4, 2)], strict=True):
        np.testing.assert_array_equal(W, init(n_in, n_out, again))
        np.testing.assert_array_equal(b, np.zeros(n_out))
    assert rng.random() == again.random()


def test_he_is_the_default():
    for (W, _), (he, _) in zip(
        init_params([3, 4, 2], np.random.default_rng(7)),
        init_params([3, 4, 2], np.random.default_rng(7), he_normal),
        strict=True,
    ):
        np.testing.assert_array_equal(W, he)


def test_theta_lists_weights_row_by_row_then_biases_layer_by_layer():
    params = [([[1, 2], [3, 4], [5, 6]], [7, 8, 9]), ([[10, 11, 12]], [13])]
    np.testing.assert_array_equal(flatten(params), np.arange(1, 14))


@given(sizes, seeds)
def test_unflatten_undoes_flatten(sizes, seed):
    params = network(sizes, np.random.default_rng(seed))
    theta = np.random.default_rng(seed).normal(size=flatten(params).size)
    back = unflatten(theta, params)
    np.testing.assert_array_equal(flatten(back), theta)
    assert [(W.shape, b.shape) for W, b in back] == [(W.shape, b.shape) for W, b in params]
    assert not any(np.shares_memory(part, theta) for layer in back for part in layer)


# Training


def independent_training(X, labels, sizes, theta, lr, epochs, batch_size, rng):
    """Gradient descent on θ by complex steps, on batches cut from one permutation an epoch."""

    def cost(theta, rows=slice(None)):
        return printed_cost(printed_logits(X[rows], theta, sizes), labels[rows])

    costs = [cost(theta)]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        while len(order):
            rows, order = order[:batch_size], order[batch_size:]
            theta = theta - lr * complex_step(lambda theta: cost(theta, rows), theta)
        costs.append(cost(theta))
    return theta, costs


@pytest.mark.parametrize("batch_size", [3, 8])
def test_training_is_descent_on_mini_batches(batch_size, rng, measured):
    sizes = [2, 3, 2]
    start, (X, labels) = network(sizes, rng), data(sizes, rng, m=8)
    params, costs = train(X, labels, start, SGD(0.3), 3, batch_size, np.random.default_rng(5))
    expected = independent_training(
        X, labels, sizes, flatten(start), 0.3, 3, batch_size, np.random.default_rng(5)
    )
    np.testing.assert_allclose(flatten(params), expected[0], rtol=1e-10)
    assert costs.shape == (4,)
    np.testing.assert_allclose(costs, expected[1], rtol=1e-11)
    measured("oracle", distance(costs, np.array(expected[1])))


def test_the_optimizer_keeps_its_state_and_looks_where_it_likes(rng):
    """Nesterov takes its gradient ahead of θ, and remembers a velocity from step to step."""
    sizes = [2, 3, 2]
    start, (X, labels) = network(sizes, rng), data(sizes, rng)
    params, costs = train(X, labels, start, Nesterov(0.3, gamma=0.8), 4, 5, rng, "tanh")

    def cost(theta):
        return printed_cost(printed_logits(X, theta, sizes, "tanh"), labels)

    theta, v = flatten(start), 0.0
    expected = [cost(theta)]
    for _ in range(4):
        v = 0.8 * v + 0.3 * complex_step(cost, theta - 0.8 * v)
        theta = theta - v
        expected.append(cost(theta))
    np.testing.assert_allclose(flatten(params), theta, rtol=1e-10)
    np.testing.assert_allclose(costs, expected, rtol=1e-12)


def test_the_same_seed_takes_the_same_path(rng):
    start, (X, labels) = network([2, 3, 2], rng), data([2, 3, 2], rng, m=9)

    def path(epochs, seed):
        return train(X, labels, start, Adam(0.1), epochs, 4, np.random.default_rng(seed))[1]

    np.testing.assert_array_equal(path(2, seed=1), path(5, seed=1)[:3])
    assert not np.array_equal(path(2, seed=1), path(2, seed=2))


def test_a_hidden_layer_learns_what_no_line_can():
    start = init_params([2, 8, 2], np.random.default_rng(0))
    params, costs = train(CORNERS, XOR, start, Adam(0.05), 150, 4, np.random.default_rng(0))
    np.testing.assert_array_equal(forward(CORNERS, params)[0].argmax(axis=1), XOR)
    assert costs[-1] < 0.02 < 0.3 < costs[0]
    start = init_params([2, 2], np.random.default_rng(0))
    line, costs = train(CORNERS, XOR, start, Adam(0.05), 150, 4, np.random.default_rng(0))
    assert np.mean(forward(CORNERS, line)[0].argmax(axis=1) == XOR) <= 3 / 4
    assert costs[-1] >= np.log(2)


def test_inputs_are_left_alone(rng):
    params, (X, labels) = network([2, 3, 2], rng), data([2, 3, 2], rng)
    arrays = [X, labels, *itertools.chain(*params)]
    for x in arrays:
        x.flags.writeable = False
    before = [x.copy() for x in arrays]
    logits, cache = forward(X, params)
    dX, gradients = backward(logits, cache)
    trained, _ = train(X, labels, params, SGD(0.1), 2, 3, rng)
    for x, same in zip(arrays, before):
        np.testing.assert_array_equal(x, same)
        for out in [logits, dX, *itertools.chain(*gradients, *trained)]:
            assert not np.shares_memory(x, out)


# Softmax twice, and broken lines


@pytest.mark.formula("softmax-twice")
@pytest.mark.parametrize("C", [2, 3, 10])
def test_probabilities_taken_for_logits_cost_something_even_if_perfect(C, rng, measured):
    for y in np.eye(C):
        floor = cross_entropy(softmax(y), y)
        exact = float(sp.log(1 + (C - 1) / sp.E))
        assert floor == pytest.approx(exact, rel=1e-14)
        measured("closed form", distance(floor, exact))
        for y_hat in rng.dirichlet(np.ones(C), 20):
            assert cross_entropy(softmax(y_hat), y) >= floor


@pytest.mark.formula("relu-sum", "relu-sum-slopes")
@given(n=st.integers(1, 8), seed=seeds)
def test_a_sum_of_relus_is_the_broken_line_through_the_points(n, seed, measured):
    rng = np.random.default_rng(seed)
    knots = np.cumsum(rng.uniform(0.2, 1, n + 1)) - 2
    y = rng.normal(size=n + 1)
    s = [0.0] + [(y[j + 1] - y[j]) / (knots[j + 1] - knots[j]) for j in range(n)]
    c = [[s[j + 1] - s[j] for j in range(n)]]
    x = np.linspace(knots[0], knots[-1], 33)
    found = forward(x[:, np.newaxis], [(np.ones((n, 1)), -knots[:-1]), (c, y[:1])])[0][:, 0]
    line = scipy.interpolate.make_interp_spline(knots, y, k=1)(x)
    np.testing.assert_allclose(found, line, atol=1e-11)
    measured("oracle", found - line)


# Bad input

GOOD = {"X": np.ones((3, 2)), "params": [(np.ones((4, 2)), np.ones(4)), (np.ones((2, 4)), np.ones(2))]}
BAD_NETWORKS = [
    ("params", "a list of pairs (W, b), got int", 3),
    ("params", "a list of pairs (W, b), got list", [np.ones((2, 2))[0, :1]]),
    ("params", "a list of pairs (W, b), got list", [(np.ones((2, 2)),)]),
    ("params", "a list of pairs (W, b), got none", []),
    ("params[0][0]", "2 dimensions, got shape (2,)", [(np.ones(2), np.ones(1))]),
    ("params[0][0]", "real numbers, got dtype", [("W", "b")]),
    ("params[0][1]", "shape (4,), got shape (3,)", [(np.ones((4, 2)), np.ones(3))]),
    ("params[1][1]", "finite numbers, got nan", [GOOD["params"][0], (np.ones((2, 4)), [1, np.nan])]),
    (
        "params[1][0]",
        "4 columns, as rows in params[0][0], got shape (2, 3)",
        [GOOD["params"][0], (np.ones((2, 3)), np.ones(2))],
    ),
]


def refusal(f, *arguments, **keywords):
    """The message with which f refuses its arguments."""
    with pytest.raises(ValueError) as caught:
        f(*arguments, **keywords)
    return str(caught.value)


@pytest.mark.parametrize("name, message, bad", BAD_NETWORKS)
def test_what_is_no_network_is_named(name, message, bad):
    for call in (
        lambda: forward(GOOD["X"], bad),
        lambda: flatten(bad),
        lambda: unflatten(np.ones(22), bad),
        lambda: train(GOOD["X"], [0, 1, 1], bad, SGD(0.1), 1, 2, np.random.default_rng(0)),
    ):
        assert refusal(call).startswith(f"{name}: expected {message}")


@pytest.mark.parametrize(
    "bad, message",
    [
        (np.ones((3, 3)), "X: expected 2 columns, as W of params[0], got shape (3, 3)"),
        (np.ones(2), "X: expected 2 dimensions, got shape (2,)"),
        ([[1, np.inf]], "X: expected finite numbers, got inf"),
        ("X", "X: expected real numbers"),
    ],
)
def test_bad_examples_are_named(bad, message):
    assert refusal(forward, bad, GOOD["params"]).startswith(message)


@pytest.mark.parametrize("bad", ["swish", None, (np.tanh,), (np.tanh, "tanh"), [np.tanh, np.cos], np.tanh])
def test_an_unknown_activation_is_named(bad):
    expected = f"activation: expected relu, tanh, sigmoid or a pair (g, g_grad), got {bad!r}"
    assert refusal(forward, **GOOD, activation=bad) == expected


def test_an_activation_that_returns_something_else_is_named():
    assert refusal(forward, **GOOD, activation=(lambda Z: Z[0], np.cos)) == (
        "g(Z): expected shape (3, 4), got shape (4,)"
    )
    _, cache = forward(**GOOD, activation=(np.tanh, lambda Z: Z[0]))
    assert refusal(backward, np.ones((3, 2)), cache) == "g_grad(Z): expected shape (3, 4), got shape (4,)"


@pytest.mark.parametrize(
    "sizes, message",
    [
        ([3], "sizes: expected the size of the input, then of every layer, got [3]"),
        ([], "sizes: expected a list of integers, got none"),
        (3, "sizes: expected a list of integers, got none"),
        ([3, 0], "sizes[1]: expected a positive integer, got 0"),
        ([3, 2.0], "sizes[1]: expected a positive integer, got 2.0"),
    ],
)
def test_bad_sizes_are_named(sizes, message):
    assert refusal(init_params, sizes, np.random.default_rng(0)) == message


def test_a_bad_rng_or_init_is_named():
    assert refusal(init_params, [2, 3], 0).startswith("rng: expected a np.random.Generator")
    transposed = lambda n_in, n_out, rng: np.ones((n_in, n_out))  # noqa: E731
    assert refusal(init_params, [2, 3], np.random.default_rng(0), transposed) == (
        "init(n_in, n_out, rng): expected shape (3, 2), got shape (2, 3)"
    )


def test_a_bad_gradient_or_theta_is_named():
    _, cache = forward(**GOOD)
    assert refusal(backward, np.ones((3, 4)), cache) == "d_logits: expected shape (3, 2), got shape (3, 4)"
    assert refusal(backward, np.full((3, 2), np.nan), cache) == "d_logits: expected finite numbers, got nan"
    for size in (21, 23):
        message = f"theta: expected shape (22,), got shape ({size},)"
        assert refusal(unflatten, np.ones(size), GOOD["params"]) == message
    infinite = np.full(22, np.inf)
    assert refusal(unflatten, infinite, GOOD["params"]) == "theta: expected finite numbers, got inf"


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"labels": [0, 1]}, "labels: expected shape (3,), one for each row of X, got shape (2,)"),
        ({"labels": [[0], [1], [1]]}, "labels: expected shape (3,), one for each row of X, got shape (3, 1)"),
        ({"labels": [0, 1, 2]}, "labels: expected 0 … 1, got 0 to 2"),
        ({"labels": [0, 1, -1]}, "labels: expected 0 … 1, got -1 to 1"),
        ({"labels": [0.0, 1.0, 1.0]}, "labels: expected integers, got dtype float64"),
        ({"optimizer": 0.1}, "optimizer: expected one of notesrc.optimizers, such as SGD(0.1), got 0.1"),
        ({"optimizer": SGD}, "optimizer: expected one of notesrc.optimizers, such as SGD(0.1), got <class"),
        ({"epochs": 0}, "epochs: expected a positive integer, got 0"),
        ({"epochs": 1.5}, "epochs: expected a positive integer, got 1.5"),
        ({"batch_size": 0}, "batch_size: expected a positive integer, got 0"),
        ({"batch_size": 4}, "batch_size: expected at most m = 3, got 4"),
        ({"rng": 0}, "rng: expected a np.random.Generator"),
        ({"activation": "swish"}, "activation: expected relu"),
        ({"X": np.ones((3, 1))}, "X: expected 2 columns"),
        ({"X": np.ones(3)}, "X: expected 2 dimensions"),
        ({"X": 1.0}, "X: expected 2 dimensions, got shape ()"),
    ],
)
def test_bad_training_is_named(changed, message):
    good = GOOD | {"labels": [0, 1, 1], "optimizer": SGD(0.1), "epochs": 1, "batch_size": 2}
    assert refusal(train, **(good | {"rng": np.random.default_rng(0)} | changed)).startswith(message)


@pytest.mark.parametrize("lr", [0, -1, np.nan])
def test_a_bad_learning_rate_is_refused_by_the_optimizer(lr):
    assert refusal(SGD, lr).startswith("lr: expected")


@pytest.mark.parametrize("step", [1e200, 1.7e308])
def test_a_diverging_optimizer_is_named(step, rng):
    """The step itself, or the next forward pass, is beyond float64."""
    start, (X, labels) = network([2, 3, 2], rng), data([2, 3, 2], rng)
    with np.errstate(all="raise", under="ignore"):
        message = refusal(train, X, labels, start, SGD(step), 3, 5, rng)
    assert message == f"optimizer: expected steps that stay within float64, got SGD(lr={step})"


def test_an_overflow_of_the_logits_is_named():
    huge = (np.full((2, 2), 1e200), np.zeros(2))
    for X, params, l in [([[1e109, -1e109]], [huge], 0), ([[1.0, 1.0]], [huge, huge], 1)]:
        with np.errstate(all="raise", under="ignore"):
            message = refusal(forward, X, params)
        assert message == f"params[{l}]: expected A @ W.T + b within float64, got an overflow"


STEEP = (lambda Z: Z, lambda Z: np.full(Z.shape, 1e200))


@pytest.mark.parametrize(
    "X, weights, d_logits, activation",
    [
        ([[1e200]], [1.0], [[1e200]], "relu"),  # dW
        ([[0.0], [0.0]], [0.0], [[1.7e308], [1.7e308]], "relu"),  # db
        ([[0.0]], [1e200], [[1e200]], "relu"),  # dX
        ([[0.0]], [1.0, 1e200], [[1e200]], "relu"),  # dA
        ([[0.0]], [1.0, 1.0], [[1e200]], STEEP),  # dZ
    ],
)
def test_an_overflow_of_a_gradient_is_named(X, weights, d_logits, activation):
    _, cache = forward(X, [([[w]], [0.0]) for w in weights], activation)
    with np.errstate(all="raise", under="ignore"):
        message = refusal(backward, d_logits, cache)
    assert message == "d_logits: expected gradients within float64, got an overflow"
