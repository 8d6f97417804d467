"""Backpropagation: values that remember how they were computed, and so know the way back.

An operation makes a node, which keeps for each operand what turns its own gradient into a share of the
operand's: local times upstream gradient. `backward` goes these ways from the cost to the leaves, and adds up
what arrives. Linnainmaa 1970; Rumelhart, Hinton and Williams 1986.
"""

import numpy as np

from notesrc import _check
from notesrc.activations import relu, relu_grad, sigmoid, sigmoid_grad, tanh, tanh_grad


def _matmul(x, y):
    if x.ndim > 2 or y.ndim > 2:
        raise ValueError  # NumPy takes stacks of matrices, the rules below do not
    return x @ y


# Each operation, and what the upstream gradient g becomes on its way back to each operand.
RULES = {
    "+": (np.add, lambda g, x, y: g, lambda g, x, y: g),
    "-": (np.subtract, lambda g, x, y: g, lambda g, x, y: -g),
    "*": (np.multiply, lambda g, x, y: g * y, lambda g, x, y: g * x),
    "/": (np.divide, lambda g, x, y: g / y, lambda g, x, y: -g * (x / y) / y),
    "**": (
        np.power,
        lambda g, x, p: g * p * x ** (p - (p != 0)),  # x⁰ is level, at x = 0 as well
        lambda g, x, p: g * x**p * np.log(x),
    ),
    "@": (
        _matmul,
        lambda g, x, y: g @ y.T if y.ndim == 2 else np.multiply.outer(g, y),
        lambda g, x, y: x.T @ g if x.ndim == 2 else np.multiply.outer(x, g),
    ),
    "T": (np.transpose, lambda g, x: g.T),
    "exp": (np.exp, lambda g, x: g * np.exp(x)),
    "log": (np.log, lambda g, x: g / x),
    "tanh": (tanh, lambda g, x: g * tanh_grad(x)),
    "relu": (relu, lambda g, x: g * relu_grad(x)),
    "sigmoid": (sigmoid, lambda g, x: g * sigmoid_grad(x)),
}


def _operator(op):
    """The two methods of x op y: with a Value on the left, and with one on the right alone."""
    return lambda x, y: _apply(op, x, y), lambda y, x: _apply(op, x, y)


def _function(op):
    return lambda x: _apply(op, x)


class Value:
    """A node of the graph: a number or array `data`, and its gradient `grad` once `backward` has run.

    data: copied; name: for drawings; op: how it was made; edges: (operand, pull) for each operand that is a
    Value, where pull(upstream gradient) is what the operand receives (`local-times-upstream`).
    Values mix with numbers and arrays, which are constants without a gradient, in + − * / ** and @ (of 1 or 2
    dimensions), broadcast as in NumPy. Functions: exp log tanh relu sigmoid sum mean T.
    Raises ValueError, naming the operation, where shapes don't fit and where a result is not finite (log 0).
    """

    __array_ufunc__ = None  # array + Value is left to Value, rather than taken entry by entry

    def __init__(self, data, name="", op="", edges=()):
        self.data = _check.array(f"result of {op}" if op else "data", data).copy()
        self.name, self.op, self.edges, self.grad = name, op, edges, None

    def __repr__(self):
        data, grad = (f"array of shape {x.shape}" if np.ndim(x) else x for x in (self.data, self.grad))
        return f"Value({data}, name={self.name!r}, grad={grad})"

    __add__, __radd__ = _operator("+")
    __sub__, __rsub__ = _operator("-")
    __mul__, __rmul__ = _operator("*")
    __truediv__, __rtruediv__ = _operator("/")
    __pow__, __rpow__ = _operator("**")
    __matmul__, __rmatmul__ = _operator("@")
    __neg__ = lambda x: 0 - x  # noqa: E731
    exp, log, tanh, relu, sigmoid = map(_function, ("exp", "log", "tanh", "relu", "sigmoid"))
    T = property(_function("T"))

    def sum(self, axis=None):
        """The sum of all entries, or along one axis. Raises ValueError unless there is such an axis."""
        axis = None if axis is None else _check.axis(axis, self.data)

        def back(g, x):  # each term gets the whole upstream gradient
            return np.zeros_like(x) + (g if axis is None else np.expand_dims(g, axis))

        return _apply("sum", self, rule=(lambda x: x.sum(axis), back))

    def mean(self, axis=None):
        """The mean of all entries, or along one axis. Raises ValueError unless there is such an axis."""
        total = self.sum(axis)
        return total / (self.data.size / total.data.size)

    def graph(self):
        """The values that this one was computed from, and itself: each after its operands."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:  # no recursion: Python's own stack would not hold a long chain
            node, operands_done = stack.pop()
            if operands_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((operand, False) for operand, _ in node.edges)
        return order

    def backward(self):
        """Set `grad` in the whole graph: the derivative of this number with respect to each value (`chain-rule-sum`).

        Every call starts from 0; within a call the gradients of all uses of a value add up. Raises ValueError
        unless this is one number, and where a gradient is not finite (the root of 0).
        """
        if self.data.ndim > 0:
            raise _check.error("backward", "one number to start from", f"shape {self.data.shape}")
        order = self.graph()
        for node in order:
            node.grad = np.zeros_like(node.data)
        self.grad = np.ones_like(self.data)
        with np.errstate(all="ignore"):  # what is not finite is refused by name
            for node in reversed(order):
                for operand, pull in node.edges:
                    operand.grad = _check.array(f"gradient of {node.op}", operand.grad + pull(node.grad))


def _apply(op, *operands, rule=None):
    """The node of an operation on Values and constants."""
    f, *pulls = rule or RULES[op]
    arrays = [x.data if isinstance(x, Value) else _check.array(op, x).copy() for x in operands]
    try:
        with np.errstate(all="ignore"):
            data = f(*arrays)
    except ValueError:
        raise _check.error(op, "shapes that fit", " and ".join(str(x.shape) for x in arrays)) from None
    edges = [(x, _way_back(pull, arrays, x)) for x, pull in zip(operands, pulls) if isinstance(x, Value)]
    return Value(data, op=op, edges=edges)


def _way_back(pull, arrays, operand):
    """pull, then the sum over the axes along which broadcasting repeats it (`broadcast-gradient`)."""

    def back(g):
        g, shape = pull(g, *arrays), operand.data.shape
        g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
        return np.sum(g, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)

    return back
