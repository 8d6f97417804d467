"""Chapter 5 as printed: derivatives through a graph against `notesrc.graph`, the errors of differences."""

import numpy as np
import scipy.optimize
from chapter import Chapter, PrintedChapter

from notesrc.activations import sigmoid
from notesrc.gradcheck import complex_step_gradient
from notesrc.graph import Value
from proof import Binding

CHAPTER = Chapter("05-backpropagation")
M, N_IN, N_OUT = 5, 3, 4  # unequal, so that none can stand in for another

# Typos that no value can show, by label: {LaTeX: why}.
EQUIVALENT = {
    "sum-node": {
        r"z = x + y, \qquad \frac{\partial z}{\partial %s} = 1, \qquad \frac{\partial z}{\partial %s} = 1"
        % pair: "both are 1"
        for pair in [("x", "x "), ("y ", "y")]
    },
}


def gradients(cost, *arrays):
    """The gradients of a cost by each of the arrays, as the graph finds them."""
    leaves = [Value(x) for x in arrays]
    cost(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def of(above, below):
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def logistic(x):
    return 1 / (1 + np.exp(-x))


# Graphs of numbers


def worked(a, b, c):
    a, b, c = Value(a), Value(b), Value(c)
    u = b * c
    v = a + u
    J = 3 * v
    J.backward()
    nodes = {"a": a, "b": b, "c": c, "u": u, "v": v, "J": J}
    slopes = {of("J", name): node.grad for name, node in nodes.items()}
    return slopes | {name: node.data for name, node in nodes.items()}


@CHAPTER.binds("worked-graph")
def any_numbers(rng):
    return Binding(worked(*rng.uniform(2, 7, 3)))


@CHAPTER.binds("worked-gradients")
def worked_example(rng):
    if rng.integers(2):
        return Binding(worked(5, 3, 2))
    return Binding(worked(*rng.uniform(2, 7, 3)), only=(1, 2, 4))


@CHAPTER.binds("chain-rule", "local-times-upstream")
def chain(rng):
    """A chain in which no local gradient is 1."""
    b, w = Value(rng.normal()), rng.uniform(2, 3)
    u = b.tanh()
    v = u.exp()
    (w * v).backward()
    local = {of("u", "b"): complex_step_gradient(np.tanh, b.data), of("v", "u"): np.exp(u.data)}
    names = {of("J", "v"): v.grad, of("J", "u"): u.grad, of("J", "b"): b.grad} | local
    named_x_and_z = {of("J", "x"): b.grad, of("J", "z"): u.grad, of("z", "x"): local[of("u", "b")]}
    return Binding(names | named_x_and_z)


def node(operation, **functions):
    """One operation alone, so that the gradients are the local ones."""

    def draw(rng):
        x, y = Value(rng.uniform(2, 4)), Value(rng.uniform(2, 4))
        z = operation(x, y)
        z.backward()
        slopes = {of("z", "x"): x.grad, of("z", "y"): y.grad}
        known = {name: slope for name, slope in slopes.items() if slope is not None}
        return Binding({"x": x.data, "y": y.data, "z": z.data} | known | functions)

    return draw


CHAPTER.binds("sum-node")(node(lambda x, y: x + y))
CHAPTER.binds("product-node")(node(lambda x, y: x * y))
CHAPTER.binds("function-node")(
    node(lambda x, y: x.sigmoid(), **{"f": sigmoid, "f'": lambda x: complex_step_gradient(logistic, x)})
)


@CHAPTER.binds("chain-rule-sum")
def many_uses(rng):
    x, weights, frequencies = Value(rng.normal()), rng.uniform(1, 2, 4), rng.uniform(1, 2, 4)
    u = [(f * x).tanh() for f in frequencies]
    sum(w * u_k for w, u_k in zip(weights, u)).backward()
    local = [complex_step_gradient(lambda x, f=f: np.tanh(f * x), x.data) for f in frequencies]
    names = {of("J", "x"): x.grad, of("J", "u_#"): [u_k.grad for u_k in u], of("u_#", "x"): local}
    return Binding(names | {"K": 4})


# Graphs of arrays


@CHAPTER.binds("reverse-accumulation")
def two_jacobians(rng):
    A, B, g, x = (rng.normal(size=shape) for shape in [(4, 3), (5, 4), 5, 3])
    (grad,) = gradients(lambda x: g @ (B @ (A @ x)), x)
    return Binding({r"\nabla_x J": grad, "A": A, "B": B, "g": g})


@CHAPTER.binds(
    "linear-layer-forward",
    "linear-layer-dw",
    "linear-layer-dx",
    "linear-layer-db",
    "linear-layer-entry",
    "linear-layer-dw-entry",
    "linear-layer-dx-entry",
    "broadcast-gradient",
)
def linear_layer(rng):
    X, W, b, upstream = (rng.normal(size=shape) for shape in [(M, N_IN), (N_OUT, N_IN), N_OUT, (M, N_OUT)])
    Z = (Value(X) @ Value(W).T + Value(b)).data
    dX, dW, db, dZ = gradients(lambda X, W, b, Z: (upstream * (X @ W.T + b + Z)).sum(), X, W, b, Z)
    return Binding(
        {
            "X": X,
            "W": W,
            "b": b,
            "Z": Z,
            r"\mathbf{1}": np.ones(M),
            "x_#^{(#)}": X.T,
            "w_{##}": W,
            "b_#": b,
            "z_#^{(#)}": Z.T,
            of("J", "X"): dX,
            of("J", "W"): dW,
            of("J", "b"): db,
            of("J", "Z"): dZ,
            of("J", "x_#^{(#)}"): dX.T,
            of("J", "w_{##}"): dW,
            of("J", "b_#"): db,
            of("J", "z_#^{(#)}"): dZ.T,
            "m": M,
            r"n_{\mathrm{in}}": N_IN,
            r"n_{\mathrm{out}}": N_OUT,
        },
        forall={"i": range(1, M + 1), "j": range(1, N_OUT + 1), "k": range(1, N_IN + 1)},
    )


@CHAPTER.binds("two-layer-forward")
def two_layers(rng):
    x, W, b, v, c = (rng.normal(size=shape) for shape in [N_IN, (N_OUT, N_IN), N_OUT, N_OUT, ()])
    z = (Value(W) @ x + b).tanh() @ v + c
    names = {"z": z.data, "x": x, "W": W, "b": b, "v": v, "c": float(c)}
    return Binding(names | {r"\tanh": np.tanh})


@CHAPTER.binds("logistic-margin-cost")
def margins(rng):
    z, s = rng.normal(size=M), rng.permutation([1, 1, -1, -1, -1])
    J = (1 + (-s * Value(z)).exp()).log().mean()
    return Binding({"J": J.data, "z^{(#)}": z, "s^{(#)}": s, "m": M})


@CHAPTER.binds("directional-difference")
def parabola_of_vectors(rng):
    """Of a parabola the central difference is exact, whatever the step."""
    A, target, theta, d = (rng.normal(size=shape) for shape in [(6, 4), 6, 4, 4])
    cost = lambda theta: ((A @ theta - target) ** 2).sum()  # noqa: E731
    slope = lambda theta: gradients(cost, theta)[0]  # noqa: E731
    names = {"J": cost, r"\nabla J": slope, r"\theta": theta, "d": d, "h": rng.uniform(0.2, 0.4)}
    return Binding(names, rtol=1e-8)


# The errors of differences


@CHAPTER.binds("forward-truncation", "forward-difference-error", "forward-error-slope")
@CHAPTER.binds("forward-optimal-step", "forward-optimal-error")
def forward(rng):
    """Of a parabola the truncation error is all there is."""
    return differences(rng, degree=2, behind=0)


@CHAPTER.binds("central-truncation", "central-difference-error", "central-error-slope")
@CHAPTER.binds("central-optimal-step", "central-optimal-error")
def central(rng):
    """Of a cubic likewise."""
    return differences(rng, degree=3, behind=-1)


def differences(rng, degree, behind):
    """E is the worst error of a difference quotient between x + h and x + behind h if both values of f may be
    off by ε |f(x)| to either side; its minimum is where its complex step is 0."""
    p, x, eps = np.poly1d(-rng.uniform(1, 2, degree + 1)), rng.uniform(5, 6), rng.uniform(1e-3, 2e-3)

    def f(x, order=0):  # far from x it bends, so that no derivative is the same everywhere
        return p.deriv(order)(x) + np.minimum(x - 3, 0) ** (5 - order)

    def error(h):
        run, noise = (1 - behind) * h, 2 * eps * abs(f(x))
        ends = [f(x + h) - f(x + behind * h) + sign * noise for sign in (-1, 1)]
        return max((f(x, 1) - end / run for end in ends), key=np.real)  # f bends down: it is above 0

    order = degree - 1
    best = scipy.optimize.brentq(lambda h: complex_step_gradient(error, h), 0.01, 2, xtol=1e-14)
    return Binding(
        {
            "f": f,
            "f'": lambda x: f(x, 1),
            "f''": lambda x: f(x, 2),
            "f'''": lambda x: f(x, 3),
            "x": x,
            "h": rng.uniform(0.2, 0.4),
            r"\epsilon": eps,
            f"E_{order}": error,
            f"E_{order}'": lambda h: complex_step_gradient(error, h),
            f"h_{order}": best,
        }
    )


class TestPrint(PrintedChapter):
    chapter = CHAPTER
    equivalent = EQUIVALENT
