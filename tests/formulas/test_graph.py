"""Backpropagation against complex steps, SymPy, closed forms and forward mode, on graphs drawn at random."""

import operator

import numpy as np
import pytest
import scipy.special
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from notesrc.activations import relu_grad, sigmoid, sigmoid_grad
from notesrc.gradcheck import numerical_gradient, relative_error
from notesrc.graph import Value
from notesrc.logistic import binary_cross_entropy
from notesrc.softmax import one_hot, softmax_cross_entropy
from proof.values import distance

EPS = np.finfo(float).eps
shapes = mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
seeds = st.integers(0, 2**32 - 1)
scales = st.floats(0.5, 3)


@pytest.fixture
def rng():
    return np.random.default_rng(1970)


def complex_step(f, *arrays, h=1e-30):
    """The gradient of f by each of the arrays."""
    found = []
    for n, x in enumerate(arrays):
        slope = np.empty(np.shape(x))
        for i in np.ndindex(np.shape(x)):
            moved = np.array(x, dtype=complex)
            moved[i] += 1j * h
            slope[i] = f(*arrays[:n], moved, *arrays[n + 1 :]).imag / h
        found.append(slope)
    return found


def backward(f, *arrays):
    """The gradient of f by each of the arrays, as the graph finds it."""
    leaves = [Value(x) for x in arrays]
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def assert_close(found, exact, rtol=1e-12):
    assert len(found) == len(exact)
    for a, b in zip(found, exact):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * max(1, np.abs(b).max()))


def worst(found, exact):
    return max(distance(np.asarray(a)[()], np.asarray(b)[()]) for a, b in zip(found, exact))


# The worked example


@pytest.mark.formula("worked-graph", "worked-gradients", "chain-rule")
def test_worked_example():
    a, b, c = Value(5), Value(3), Value(2)
    u = b * c
    v = a + u
    J = 3 * v
    assert [float(node.data) for node in (u, v, J)] == [6, 11, 33]
    assert [node.op for node in (a, u, v, J)] == ["", "*", "+", "*"]
    J.backward()
    assert [float(node.grad) for node in (J, v, u, a, b, c)] == [1, 3, 3, 3, 6, 9]


@pytest.mark.formula("worked-graph", "worked-gradients", "chain-rule")
def test_worked_example_symbolically(measured):
    symbols = sp.symbols("a b c")
    cost = lambda a, b, c: 3 * (a + b * c)  # noqa: E731
    for point in [(5, 3, 2), (-1.5, 0.25, 4.0)]:
        exact = [float(sp.diff(cost(*symbols), s).subs(dict(zip(symbols, point)))) for s in symbols]
        assert_close(backward(cost, *point), [np.array(x) for x in exact])
        measured("symbolic", worst(backward(cost, *point), np.array(exact)))


# One operation

BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
UNARY = {
    "exp": (Value.exp, np.exp),
    "log": (Value.log, np.log),
    "tanh": (Value.tanh, np.tanh),
    "sigmoid": (Value.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    "neg": (operator.neg, operator.neg),
    "T": (lambda x: x.T, np.transpose),
    "sum": (Value.sum, np.sum),
    "mean": (Value.mean, np.mean),
}


@pytest.mark.formula("local-times-upstream", "sum-node", "product-node", "broadcast-gradient")
@pytest.mark.parametrize("op", BINARY)
@given(shapes=shapes, seed=seeds)
def test_two_operands_of_any_shapes(op, shapes, seed, measured):
    rng, f = np.random.default_rng(seed), BINARY[op]
    x, y = (rng.uniform(0.5, 2, shape) for shape in shapes.input_shapes)
    w = rng.normal(size=shapes.result_shape)  # an upstream gradient that differs from entry to entry
    np.testing.assert_allclose(f(Value(x), Value(y)).data, f(x, y), rtol=1e-15)
    cost = lambda x, y: (w * f(x, y)).sum()  # noqa: E731
    exact = complex_step(cost, x, y)
    assert_close(backward(cost, x, y), exact)
    assert_close(backward(lambda x: (w * f(x, y)).sum(), x), exact[:1])  # an array on the right
    assert_close(backward(lambda y: (w * f(x, y)).sum(), y), exact[1:])  # and on the left
    measured("complex step", worst(backward(cost, x, y), exact))


@pytest.mark.formula("local-times-upstream", "function-node")
@pytest.mark.parametrize("name", UNARY)
@given(shape=st.sampled_from([(), (3,), (2, 3), (2, 1, 3)]), seed=seeds)
def test_one_operand_of_any_shape(name, shape, seed, measured):
    (f, plain), x = UNARY[name], np.random.default_rng(seed).uniform(0.5, 2, shape)
    np.testing.assert_allclose(f(Value(x)).data, plain(x), rtol=1e-13)
    w = 1 + np.arange(plain(x).size).reshape(plain(x).shape)
    exact = complex_step(lambda x: (w * plain(x)).sum(), x)
    assert_close(backward(lambda x: (w * f(x)).sum(), x), exact)
    measured("complex step", worst(backward(lambda x: (w * f(x)).sum(), x), exact))


@pytest.mark.formula("sum-node", "product-node", "function-node")
def test_local_gradients_symbolically(measured):
    x, y = sp.symbols("x y", positive=True)
    for f in [lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x / y, lambda x, y: x**y - y**x]:
        exact = np.array([float(sp.diff(f(x, y), s).subs({x: 1.5, y: 0.7})) for s in (x, y)])
        found = np.array(backward(f, 1.5, 0.7))
        np.testing.assert_allclose(found, exact, rtol=1e-14)
        measured("symbolic", distance(found, exact))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_sum_and_mean_along_an_axis(name, axis, rng):
    x = rng.normal(size=(2, 3, 4))
    plain = getattr(np, name)
    w = rng.normal(size=plain(x, axis).shape)
    np.testing.assert_allclose(getattr(Value(x), name)(axis).data, plain(x, axis), rtol=1e-14)
    found = backward(lambda x: (w * getattr(x, name)(axis=axis)).sum(), x)
    assert_close(found, complex_step(lambda x: (w * plain(x, axis)).sum(), x))


@pytest.mark.formula("linear-layer-dw", "linear-layer-dx")
@pytest.mark.parametrize("left, right", [((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 4)), ((3,), (3,))])
def test_matrix_product(left, right, rng, measured):
    x, y = rng.normal(size=left), rng.normal(size=right)
    w = rng.normal(size=(x @ y).shape)
    np.testing.assert_allclose((Value(x) @ Value(y)).data, x @ y, rtol=1e-14)
    cost = lambda x, y: (w * (x @ y)).sum()  # noqa: E731
    exact = complex_step(cost, x, y)
    assert_close(backward(cost, x, y), exact)
    assert_close(backward(lambda x: (w * (x @ y)).sum(), x), exact[:1])
    assert_close(backward(lambda y: (w * (x @ y)).sum(), y), exact[1:])
    measured("complex step", worst(backward(cost, x, y), exact))


def test_relu_passes_where_it_is_above_zero():
    (grad,) = backward(lambda x: (x.relu() * [1, 2, 3, 4]).sum(), [-2.0, 0.0, 1e-300, 5.0])
    np.testing.assert_array_equal(grad, [0, 0, 3, 4])
    np.testing.assert_array_equal(Value([-2.0, 0.0, 1e-300, 5.0]).relu().data, [0, 0, 1e-300, 5])


@pytest.mark.formula("function-node")
def test_sigmoid_is_stable_and_made_of_smaller_operations(rng, measured):
    found = backward(lambda z: z.sigmoid().sum(), [-1000.0, 0.0, 1000.0])[0]
    np.testing.assert_array_equal(found, [0, 0.25, 0])
    z = rng.normal(size=7)
    (grad,) = backward(lambda z: (1 / (1 + (-z).exp())).sum(), z)
    np.testing.assert_allclose(grad, sigmoid_grad(z), rtol=1e-13)
    measured("closed form", distance(grad, sigmoid_grad(z)))


@pytest.mark.parametrize(
    "x, p, slope", [(0, 0, 0), (0, 1, 1), (0, 2, 0), (-2, 3, 12), (-2, 0, 0), (-2, -1, -0.25)]
)
def test_powers_of_zero_and_of_negative_numbers(x, p, slope):
    (grad,) = backward(lambda x: x**p, x)
    assert grad == slope


def test_quotient_does_not_square_its_divisor():
    grads = backward(lambda x, y: x / y, 1e-200, 1e-200)
    np.testing.assert_allclose(grads, [1e200, -1e200], rtol=1e-15)
    np.testing.assert_allclose(backward(lambda y: 1e300 * (1e250 / y), 1e290), [-1e-30], rtol=1e-14)


def test_huge_and_tiny_intermediate_gradients_give_no_warning():
    np.testing.assert_array_equal(backward(lambda x: (1e-300 * x).exp() * 1e-300, 1.0)[0], 0)


def test_numbers_lists_and_arrays_may_stand_on_either_side():
    x = Value(2.0)
    assert [float(y.data) for y in (1 + x, 1 - x, 3 * x, 1 / x, 3**x, -x)] == [3, -1, 6, 0.5, 9, -2]
    assert [float(y.data) for y in (x + 1, x - 1, x * 3, x / 4, x**3)] == [3, 1, 6, 0.5, 8]
    assert (np.float64(3) - x).data == 1 and type(np.float64(3) - x) is Value
    for left in ([1.0, 2.0], (1.0, 2.0), np.array([1.0, 2.0])):
        for result in (left + x, left * x, left - x, left / x):
            assert type(result) is Value and result.data.shape == (2,)
        assert type(left @ Value([1.0, 1.0])) is Value and (left @ Value([1.0, 1.0])).data == 3
        assert (Value([1.0, 1.0]) @ left).data == 3
    assert sum([x, x, 1]).data == 5


# Graphs


@pytest.mark.formula("chain-rule-sum")
def test_gradients_of_all_uses_add_up(measured):
    x = sp.Symbol("x", positive=True)
    for f in [lambda x: x * x, lambda x: x + x, lambda x: x**x, lambda x: x * (x + 1) * (x - x * x) / x]:
        exact = float(sp.diff(f(x), x).subs(x, 1.7))
        (grad,) = backward(f, 1.7)
        assert grad == pytest.approx(exact, rel=1e-13)
        measured("symbolic", distance(float(grad), exact))


STEPS = {
    "+": lambda np_, x, y: x + y,
    "-": lambda np_, x, y: x - y,
    "*": lambda np_, x, y: x * y,
    "/": lambda np_, x, y: x / (2 + y * y),
    "**": lambda np_, x, y: (1 + x * x) ** 0.5 - y**2,
    "exp": lambda np_, x, y: np_.exp(-x * x) * y,
    "log": lambda np_, x, y: np_.log(1.5 + y * y) - x,
    "tanh": lambda np_, x, y: np_.tanh(x + y),
}
programs = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9
)


def run(program, functions, *leaves):
    """Each step takes two of the results so far; the cost sums the leaves and the last three results."""
    results = list(leaves)
    for name, i, j in program:
        x, y = results[i % len(results)], results[-1 - j % len(results)]
        results.append(functions.tanh(STEPS[name](functions, x, y)))
    return sum(x.sum() for x in (*leaves, *results[-3:]))


@pytest.mark.formula("chain-rule-sum", "local-times-upstream", "chain-rule")
@given(program=programs, seed=seeds)
def test_random_graphs(program, seed, measured):
    rng = np.random.default_rng(seed)
    leaves = [rng.normal(size=shape) for shape in [(), (3,), (2, 1)]]
    found = backward(lambda *leaves: run(program, Value, *leaves), *leaves)
    exact = complex_step(lambda *leaves: run(program, np, *leaves), *leaves)
    assert_close(found, exact)
    measured("complex step", worst(found, exact))


@pytest.mark.formula("reverse-accumulation")
@given(program=programs, seed=seeds)
def test_reverse_mode_finds_what_forward_mode_finds(program, seed, measured):
    """Forward: one pass for each leaf, multiplying local derivatives in the other order."""
    values = np.random.default_rng(seed).normal(size=3)
    leaves = [Value(x) for x in values]
    J = run(program, Value, *leaves)
    J.backward()
    for leaf in leaves:
        tangent = {leaf: 1.0}
        for node in J.graph():
            if node.edges:
                tangent[node] = sum(float(pull(np.ones(()))) * tangent.get(x, 0.0) for x, pull in node.edges)
        assert leaf.grad == pytest.approx(tangent[J], rel=1e-11, abs=1e-13)
        measured("oracle", abs(float(leaf.grad) - tangent[J]) / max(1, abs(tangent[J])))


@pytest.mark.formula("reverse-accumulation")
def test_reverse_mode_multiplies_jacobians_from_the_left(rng, measured):
    A, B, g, x = (rng.normal(size=shape) for shape in [(4, 3), (5, 4), 5, 3])
    found = backward(lambda x: g @ (B @ (A @ x)), x)[0]
    np.testing.assert_allclose(found, (B @ A).T @ g, rtol=1e-12)
    measured("closed form", distance(found, (B @ A).T @ g))


def test_every_node_comes_once_and_after_its_operands(rng):
    x = Value(rng.normal(), "x")
    nodes = [x]
    for _ in range(50):
        i, j = rng.integers(len(nodes), size=2)
        nodes.append(nodes[i] * nodes[j])
    total = sum(nodes)
    order = total.graph()
    place = {node: at for at, node in enumerate(order)}
    assert len(place) == len(order) and set(nodes) <= set(order)
    assert order[0] is x and order[-1] is total
    assert all(place[operand] < place[node] for node in order for operand, _ in node.edges)


def test_a_long_chain_needs_no_recursion():
    y = x = Value(0.5)
    for _ in range(10_000):
        y = y + 1e-3
    y.backward()
    assert x.grad == 1 and len(y.graph()) == 10_001


@pytest.mark.formula("chain-rule-sum")
def test_a_node_with_astronomically_many_paths_is_visited_once():
    y = x = Value(1.0)
    for _ in range(200):
        y = y + y
    y.backward()
    assert x.grad == 2.0**200


def test_backward_sets_the_gradients_anew():
    x, y = Value([1.0, 2.0]), Value(3.0)
    p = x * y
    J, K = p.sum(), (p * p).sum()
    J.backward()
    J.backward()
    np.testing.assert_array_equal(x.grad, [3, 3])
    assert y.grad == 3 and K.grad is None
    K.backward()
    np.testing.assert_array_equal(x.grad, [18, 36])  # nothing of J is left
    assert J.grad == 1  # not in the graph of K
    K = x.sum()
    K.backward()
    np.testing.assert_array_equal(x.grad, [1, 1])
    assert y.grad == 30  # 2 x² y, as K knew it: not in this graph either


def test_gradients_have_the_type_and_shape_of_their_values(rng):
    W, b = Value(rng.normal(size=(1, 3))), Value(2)
    J = ((W @ rng.normal(size=(3, 1))).tanh() * b).mean()
    J.backward()
    for node in J.graph():
        assert type(node.grad) is type(node.data) is np.ndarray
        assert node.grad.shape == node.data.shape and node.grad.dtype == node.data.dtype == np.float64
    leaf = Value(4.0)
    leaf.backward()
    assert leaf.grad == 1 and leaf.graph() == [leaf]


def test_nothing_is_shared_with_what_came_in():
    x, c = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    leaf = Value(x)
    J = (leaf * c).sum() + (leaf.T - c).sum()
    x[:], c[:] = 0, 0
    J.backward()
    np.testing.assert_array_equal(leaf.data, [1, 2])
    np.testing.assert_array_equal(leaf.grad, [4, 5])
    assert not any(np.shares_memory(p.data, q.data) for p in J.graph() for q in J.graph() if p is not q)
    y = leaf + 0
    y.sum().backward()
    y.grad += 1
    np.testing.assert_array_equal(leaf.grad, [1, 1])


def test_names_and_what_is_shown():
    x = Value(5, "a")
    assert (x.name, x.op, tuple(x.edges), x.grad) == ("a", "", (), None)
    assert repr(x) == "Value(5.0, name='a', grad=None)"
    y = x * np.ones((2, 3))
    assert repr(y) == "Value(array of shape (2, 3), name='', grad=None)"
    y.sum().backward()
    assert repr(y) == "Value(array of shape (2, 3), name='', grad=array of shape (2, 3))"
    assert repr(x) == "Value(5.0, name='a', grad=6.0)"
    assert [operand for operand, _ in y.edges] == [x]
    ops = [x.exp(), x.log(), x.tanh(), x.relu(), x.sigmoid(), x.sum(), x.T, x - 1, x + 1, x / 1, x**1]
    assert [y.op for y in ops] == "exp log tanh relu sigmoid sum T - + / **".split()
    assert (Value([1.0]) @ [1.0]).op == "@"


# Layers


def network(X, W1, b1, W2, b2, tanh):
    return tanh(X @ W1.T + b1) @ W2.T + b2


@pytest.fixture
def layers(rng):
    return [rng.normal(size=shape) for shape in [(7, 2), (5, 2), 5, (1, 5), 1]]


@pytest.mark.formula("linear-layer-dw", "linear-layer-dx", "linear-layer-db", "two-layer-forward")
def test_network_agrees_with_the_complex_step(layers, rng, measured):
    target = rng.normal(size=(7, 1))
    found = backward(lambda *layers: ((network(*layers, Value.tanh) - target) ** 2).mean(), *layers)
    exact = complex_step(lambda *layers: np.mean((network(*layers, np.tanh) - target) ** 2), *layers)
    assert_close(found, exact)
    measured("complex step", worst(found, exact))


@pytest.mark.formula("linear-layer-forward", "linear-layer-dw", "linear-layer-dx", "linear-layer-db")
@pytest.mark.formula("linear-layer-entry", "linear-layer-dw-entry", "linear-layer-dx-entry")
@pytest.mark.formula("broadcast-gradient")
def test_linear_layer_example_by_example(rng, measured):
    """The gradient is a sum over examples, each of which is the outer product of its δ and x."""
    X, W, b, delta = (rng.normal(size=shape) for shape in [(6, 3), (4, 3), 4, (6, 4)])
    Z = Value(X) @ Value(W).T + b
    np.testing.assert_allclose(Z.data, [[w @ x + c for w, c in zip(W, b)] for x in X], rtol=1e-13)
    dX, dW, db = backward(lambda X, W, b: (delta * (X @ W.T + b)).sum(), X, W, b)
    by_example = [
        np.array([sum(d[j] * W[j] for j in range(4)) for d in delta]),
        sum(np.outer(d, x) for d, x in zip(delta, X)),
        sum(delta),
    ]
    assert_close([dX, dW, db], by_example)
    measured("closed form", worst([dX, dW, db], by_example))


@pytest.mark.formula("logistic-margin-cost")
@given(seed=seeds)
def test_margin_cost_is_the_cross_entropy_with_labels_of_plus_and_minus_one(seed, measured):
    rng = np.random.default_rng(seed)
    z, y = rng.normal(scale=3, size=9), rng.integers(2, size=9)
    J = (1 + (-(2 * y - 1) * Value(z)).exp()).log().mean()
    exact = binary_cross_entropy(scipy.special.expit(z), y)
    assert J.data == pytest.approx(exact, rel=1e-12)
    measured("oracle", distance(float(J.data), exact))
    (grad,) = backward(lambda z: (1 + (-(2 * y - 1) * z).exp()).log().mean(), z)
    np.testing.assert_allclose(grad, (scipy.special.expit(z) - y) / 9, rtol=1e-10, atol=1e-15)


def test_softmax_cross_entropy_built_from_values(rng):
    logits, y = rng.normal(size=(5, 3)), one_hot([2, 0, 1, 1, 2], 3)
    loss, exact = softmax_cross_entropy(logits, y)
    cost = lambda Z: (Z.exp().sum(axis=1).log() - (Z * y).sum(axis=1)).mean()  # noqa: E731
    assert cost(Value(logits)).data == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(backward(cost, logits)[0], exact, rtol=1e-12)


def test_gradient_descent_on_a_relu_network_learns_xor(rng):
    """Central differences agree at the start, and the network ends where no line could."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[-1.0], [1.0], [1.0], [-1.0]])
    params = [rng.normal(size=shape) for shape in [(8, 2), 8, (1, 8), 1]]
    cost = lambda *params: ((network(X, *params, Value.relu) - y) ** 2).mean()  # noqa: E731
    for n, (x, grad) in enumerate(zip(params, backward(cost, *params))):
        slope = numerical_gradient(lambda x: cost(*params[:n], Value(x), *params[n + 1 :]).data, x)
        assert relative_error(grad, slope) < 1e-8
    for _ in range(150):
        params = [x - 0.1 * grad for x, grad in zip(params, backward(cost, *params))]
    assert cost(*map(Value, params)).data < 0.05


# What differences err by


def worst_case(f, slope, x, h, eps, points):
    """The largest error of a difference quotient if each value of f may be off by eps |f(x)|."""
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(points))).reshape(len(points), -1)
    values = np.array([[f(x + p * h)] for p in points]) + eps * abs(f(x)) * signs
    return np.max(np.abs((values[0] - values[1]) / ((points[0] - points[1]) * h) - slope))


DIFFERENCES = {"forward": (1, 0), "central": (1, -1)}


@pytest.mark.formula("forward-truncation", "central-truncation")
def test_truncation_error_is_the_next_term_of_the_taylor_series(measured):
    x, h = sp.symbols("x h")
    f = sp.Function("f")(x)
    shifted = lambda s: sum(f.diff(x, k) * (s * h) ** k / sp.factorial(k) for k in range(6))  # noqa: E731
    forward = sp.expand((shifted(1) - shifted(0)) / h - f.diff(x))
    central = sp.expand((shifted(1) - shifted(-1)) / (2 * h) - f.diff(x))
    assert [forward.coeff(h, k) for k in range(2)] == [0, f.diff(x, 2) / 2]
    assert [central.coeff(h, k) for k in range(3)] == [0, 0, f.diff(x, 3) / 6]
    measured("symbolic")


@pytest.mark.formula("forward-difference-error")
@given(a=scales, x=scales, h=st.floats(0.05, 1), eps=st.floats(0, 0.1))
def test_forward_error_bound_is_attained_by_a_parabola(a, x, h, eps, measured):
    """f = a x²: f″ = 2a; the rounding may add to the truncation."""
    found = worst_case(lambda x: a * x**2, 2 * a * x, x, h, eps, DIFFERENCES["forward"])
    bound = h / 2 * abs(2 * a) + 2 * eps / h * abs(a * x**2)
    assert found == pytest.approx(bound, rel=1e-9)
    measured("oracle", distance(found, bound))


@pytest.mark.formula("central-difference-error")
@given(a=scales, x=scales, h=st.floats(0.05, 1), eps=st.floats(0, 0.1))
def test_central_error_bound_is_attained_by_a_cubic(a, x, h, eps, measured):
    """f = a x³: f‴ = 6a."""
    found = worst_case(lambda x: a * x**3, 3 * a * x**2, x, h, eps, DIFFERENCES["central"])
    bound = h**2 / 6 * abs(6 * a) + eps / h * abs(a * x**3)
    assert found == pytest.approx(bound, rel=1e-8)
    measured("oracle", distance(found, bound))


@pytest.mark.formula("forward-difference-error", "central-difference-error")
def test_error_bounds_hold_for_float64():
    """e^x near 1, where f = f″ = f‴; steps are powers of two, so that x + h is exact."""
    for x in np.linspace(0.5, 1, 11):
        f = np.exp(x)
        for h in 2.0 ** -np.arange(4, 40):
            forward, central = (np.exp(x + h) - f) / h, (np.exp(x + h) - np.exp(x - h)) / (2 * h)
            assert abs(forward - f) <= 1.1 * (h / 2 * f + 2 * EPS / h * f)
            assert abs(central - f) <= 1.1 * (h**2 / 6 * f + EPS / h * f)


symbols = h, f, d, e = sp.symbols("h f d e", positive=True)  # d: the size of f″ or f‴, e: of the rounding
OPTIMA = {
    "forward": (h / 2 * d + 2 * e / h * f, d / 2 - 2 * e / h**2 * f, 2 * sp.sqrt(e * f / d)),
    "central": (h**2 / 6 * d + e / h * f, h / 3 * d - e / h**2 * f, sp.cbrt(3 * e * f / d)),
}
LEAST = {"forward": 2 * sp.sqrt(e * f * d), "central": 3 * e / (2 * sp.cbrt(3 * e * f / d)) * f}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("forward", marks=pytest.mark.formula("forward-optimal-step", "forward-optimal-error")),
        pytest.param("central", marks=pytest.mark.formula("central-optimal-step", "central-optimal-error")),
    ],
)
@pytest.mark.formula("forward-error-slope", "central-error-slope")
def test_optimal_step_minimises_the_error(kind, measured):
    error, slope, step = OPTIMA[kind]
    assert sp.simplify(sp.diff(error, h) - slope) == 0
    (best,) = sp.solve(slope, h)
    assert sp.simplify(best - step) == 0
    assert sp.simplify(error.subs(h, best) - LEAST[kind]) == 0
    measured("symbolic")


@pytest.mark.formula("forward-optimal-step", "central-optimal-step")
@pytest.mark.formula("forward-optimal-error", "central-optimal-error")
@pytest.mark.parametrize("kind", OPTIMA)
def test_optimal_step_is_the_best_of_many(kind, measured):
    error, _, step = OPTIMA[kind]
    values = {f: 0.7, d: 5.0, e: EPS}
    steps = np.geomspace(1e-9, 1e-3, 6001)
    errors = sp.lambdify(h, error.subs(values))(steps)
    assert steps[errors.argmin()] == pytest.approx(float(step.subs(values)), rel=1e-2)
    least = float(LEAST[kind].subs(values))
    assert errors.min() == pytest.approx(least, rel=1e-4)
    measured("oracle", distance(float(errors.min()), least))


@pytest.mark.formula("central-optimal-step", "central-optimal-error")
def test_default_step_of_the_checker_errs_little_more_than_the_best():
    """For e^x at 1, relative to f, where f = f″ = f‴."""
    error, _, step = (sp.lambdify((h, f, d, e), formula) for formula in OPTIMA["central"])
    default, best = float(np.cbrt(EPS)), step(0, 1, 1, EPS)
    assert error(default, 1, 1, EPS) < 1.2 * error(best, 1, 1, EPS)
    assert abs(numerical_gradient(np.exp, 1.0) / np.e - 1) < error(default, 1, 1, EPS)


@pytest.mark.formula("directional-difference")
@given(seed=seeds)
def test_two_evaluations_check_a_whole_gradient(seed, measured):
    rng = np.random.default_rng(seed)
    X, y, w, d = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=3), rng.normal(size=3)
    cost = lambda w: (((X @ w) - y) ** 2).sum()  # noqa: E731
    (grad,) = backward(cost, w)
    slope = (cost(w + 0.1 * d) - cost(w - 0.1 * d)) / 0.2  # a parabola: no truncation error
    assert d @ grad == pytest.approx(slope, rel=1e-9, abs=1e-9)
    measured("closed form", abs(d @ grad - slope) / max(1, abs(slope)))


# Refusals


def overflow_where_paths_meet(x):
    (1e308 * (x + x)).backward()


ONES = np.ones((2, 3))
REFUSALS = {
    "data: expected real numbers, got dtype <U1": lambda: Value("a"),
    "data: expected finite numbers, got nan": lambda: Value([1.0, np.nan]),
    "data: expected real numbers, got dtype object": lambda: Value(Value(1.0)),
    "data: expected at least one number, got an empty array of shape (0,)": lambda: Value([]),
    "+: expected real numbers, got dtype <U1": lambda: Value(1.0) + "a",
    "-: expected real numbers, got dtype object": lambda: None - Value(1.0),
    "*: expected finite numbers, got inf": lambda: np.inf * Value(1.0),
    "+: expected shapes that fit, got (2,) and (3,)": lambda: Value([1, 2]) + [1, 2, 3],
    "**: expected shapes that fit, got (3,) and (2,)": lambda: [1, 2, 3] ** Value([1, 2]),
    "@: expected shapes that fit, got (2, 3) and (2, 3)": lambda: ONES @ Value(ONES),
    "@: expected shapes that fit, got (1, 2, 3) and (3, 2)": lambda: Value([ONES]) @ ONES.T,
    "@: expected shapes that fit, got (3, 2) and (1, 2, 3)": lambda: Value(ONES.T) @ [ONES],
    "@: expected shapes that fit, got () and (2, 3)": lambda: 2 @ Value(ONES),
    "result of log: expected finite numbers, got -inf": lambda: Value([1.0, 0.0]).log(),
    "result of log: expected finite numbers, got nan": lambda: Value(-1.0).log(),
    "result of /: expected finite numbers, got inf": lambda: 1 / Value(0.0),
    "result of /: expected finite numbers, got nan": lambda: Value(0.0) / 0,
    "result of **: expected finite numbers, got nan": lambda: Value(-8.0) ** (1 / 3),
    "result of exp: expected finite numbers, got inf": lambda: Value(1000).exp(),
    "result of *: expected finite numbers, got -inf": lambda: Value(1e200) * -1e200,
    "result of sum: expected finite numbers, got inf": lambda: Value([1e308, 1e308]).sum(),
    "axis: expected an axis of an array of shape (2, 3), got 2": lambda: Value(ONES).sum(2),
    "axis: expected an axis of an array of shape (), got 0": lambda: Value(1.0).mean(0),
    "axis: expected an axis of an array of shape (2, 3), got 'rows'": lambda: Value(ONES).mean(axis="rows"),
    "backward: expected one number to start from, got shape (2, 3)": lambda: Value(ONES).backward(),
    "backward: expected one number to start from, got shape (1,)": lambda: Value([1.0]).backward(),
    "gradient of **: expected finite numbers, got inf": lambda: (Value(0.0) ** 0.5).backward(),
    "gradient of **: expected finite numbers, got nan": lambda: (Value(-2.0) ** Value(3.0)).backward(),
    "gradient of *: expected finite numbers, got inf": lambda: (Value(1e-300) * 1e200 * 1e200).backward(),
    "gradient of +: expected finite numbers, got inf": lambda: overflow_where_paths_meet(Value(0.0)),
}


@pytest.mark.parametrize("complaint", REFUSALS)
def test_a_complaint_says_what_was_expected_and_what_came(complaint):
    with pytest.raises(ValueError) as refusal:
        REFUSALS[complaint]()
    assert str(refusal.value) == complaint


def test_numpy_functions_refuse_a_value():
    """Rather than an array of objects: `exp` is a method here."""
    with pytest.raises(TypeError, match="does not support ufuncs"):
        np.exp(Value(1.0))


def test_activations_are_those_of_the_book():
    z = np.array([-30.0, -1.0, 0.0, 2.0])
    np.testing.assert_array_equal(Value(z).sigmoid().data, sigmoid(z))
    np.testing.assert_array_equal(backward(lambda z: z.relu().sum(), z)[0], relu_grad(z))
