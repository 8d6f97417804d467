"""Strict algebra: a value is a number or a matrix, a vector is a column, and nothing is broadcast.

Outside, in bindings and in the book's functions, a vector is one-dimensional; inside it is a column `(n,
1)`, so that `w^\\top x` is a number and `x w` nothing at all. A number multiplies an array and divides it.
It is not added to one: what textbooks print so (`\\sqrt{v} + \\epsilon` for a vector v) is bound entry by
entry. An array has no power either, for `W^2` is a product of matrices to one author and squares the
entries for the next.
"""

import cmath
import math
import operator
from numbers import Number

import numpy as np

from proof.errors import Mismatch


def inside(value):
    """A number, or a matrix; what came as one-dimensional is a column from here on."""
    array = np.asarray(value)
    if array.dtype.kind not in "iufc":
        raise Mismatch(f"a value of type {type(value).__name__} is neither number nor array")
    if array.ndim == 0:
        return array.item()
    if array.ndim > 2 or array.size < 2:
        raise Mismatch(f"an array of shape {array.shape} is no generic vector or matrix")
    return array.reshape(-1, 1) if array.ndim == 1 else array


def outside(value):
    """The value as the book's functions take it."""
    return value[:, 0] if not is_number(value) and value.shape[1] == 1 else value


def is_number(value) -> bool:
    return isinstance(value, Number)


def _shape(value) -> str:
    return "a number" if is_number(value) else f"shape {value.shape}"


def _alike(what, a, b):
    if is_number(a) != is_number(b) or (not is_number(a) and a.shape != b.shape):
        raise Mismatch(f"{what} of {_shape(a)} and {_shape(b)}")


def add(a, b):
    _alike("the sum", a, b)
    return a + b


def subtract(a, b):
    _alike("the difference", a, b)
    return a - b


def negate(a):
    return -a


def multiply(a, b):
    """The product of what stands side by side: of matrices, unless one of the two is a number."""
    if is_number(a) or is_number(b):
        return a * b
    if a.shape[1] != b.shape[0]:
        raise Mismatch(f"the product of {_shape(a)} and {_shape(b)}")
    product = a @ b
    return product.item() if product.size == 1 else product


def dot(a, b):
    """`\\cdot`: the inner product of two columns, otherwise the product."""
    if not is_number(a) and not is_number(b) and a.shape[1] == b.shape[1] == 1:
        return multiply(a.T, b)
    return multiply(a, b)


def times(a, b):
    """`\\times`, which between vectors would be the cross product."""
    if not (is_number(a) and is_number(b)):
        raise Mismatch(f"\\times between {_shape(a)} and {_shape(b)}")
    return a * b


def hadamard(a, b):
    _alike("the \\odot", a, b)
    if is_number(a):
        raise Mismatch("\\odot between numbers")
    return a * b


def divide(a, b):
    if not is_number(b):
        raise Mismatch(f"a division by {_shape(b)}")
    return a / b


def power(a, b):
    if not (is_number(a) and is_number(b)):
        raise Mismatch(f"{_shape(a)} to the power of {_shape(b)}")
    value = a**b
    if isinstance(value, complex) and not isinstance(a, complex) and not isinstance(b, complex):
        raise Mismatch(f"a broken power of {a}")
    return value


def transpose(a):
    if is_number(a):
        raise Mismatch("the transpose of a number")
    return a.T


def entry(a, *indices):
    """The entry at printed, 1-based indices: one of a column, two of a matrix."""
    if is_number(a) or len(indices) != (1 if a.shape[1] == 1 else 2):
        raise Mismatch(f"{len(indices)} indices on {_shape(a)}")
    for index, size in zip(indices, a.shape, strict=False):
        if not 1 <= index <= size:
            raise Mismatch(f"index {index} outside 1 … {size}")
    return a[indices[0] - 1, indices[1] - 1 if len(indices) == 2 else 0].item()


def norm(a, order):
    """‖a‖ of a column by its order, and of a matrix only as Frobenius'."""
    if is_number(a):
        raise Mismatch("the norm of a number")
    if (a.shape[1] == 1) != (order != "F"):
        raise Mismatch(f"the norm {order} of {_shape(a)}")
    return float(np.linalg.norm(a if order == "F" else a[:, 0], {"F": "fro"}.get(order, order)))


def floor(a):
    return math.floor(_real(a, "floor"))


def ceil(a):
    return math.ceil(_real(a, "ceiling"))


def _real(a, what):
    if not is_number(a) or isinstance(a, complex):
        raise Mismatch(f"the {what} of {_shape(a)}")
    return a


def absolute(a):
    if not is_number(a):
        raise Mismatch(f"bars around {_shape(a)}")
    return abs(a)


def root(a, degree=2):
    if not (is_number(a) and is_number(degree)):
        raise Mismatch(f"the root of {_shape(a)}")
    return math.sqrt(a) if degree == 2 else power(a, 1 / degree)


def elementary(name):
    """exp, log … of one number, real or complex."""

    def function(a):
        if not is_number(a):
            raise Mismatch(f"{name} of {_shape(a)}: bind it, or print it entry by entry")
        return getattr(cmath if isinstance(a, complex) else math, name)(a)

    return function


def matrix(rows):
    if len({len(row) for row in rows}) > 1 or not all(is_number(value) for row in rows for value in row):
        raise Mismatch("a matrix of unequal rows or of blocks")
    return inside(np.array(rows))


COMPARE = {
    "=": operator.eq,
    "\\ne": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "\\le": operator.le,
    "\\ge": operator.ge,
}


def comparison(sign):
    """An exact comparison of two numbers, as the conditions of cases make it."""

    def compare(a, b):
        if not (is_number(a) and is_number(b)):
            raise Mismatch(f"a condition on {_shape(a)} and {_shape(b)}")
        return COMPARE[sign](a, b)

    return compare


def distance(a, b) -> float:
    """The relative error between two values, in the largest entry; 0 for two that are undefined."""
    _alike("the comparison", a, b)
    a, b = np.asarray(a), np.asarray(b)
    if np.isnan(a).any() or np.isnan(b).any():
        return 0.0 if np.array_equal(np.isnan(a), np.isnan(b)) and np.isnan(a).all() else math.inf
    scale = max(np.abs(a).max(), np.abs(b).max(), 1e-6)  # below that, generic values have cancelled to zero
    return float(np.abs(a - b).max() / scale)


def integral(f, low, high, nodes=120):
    """∫ f by Gauss and Legendre; an infinite end is folded in by x = t / (1 − t²)."""
    if not low < high:
        raise Mismatch(f"the integral from {low} to {high}")
    t, weight = np.polynomial.legendre.leggauss(nodes)
    ends = [math.copysign(1, end) if math.isinf(end) else _folded(end) for end in (low, high)]
    fold = math.isinf(low) or math.isinf(high)
    a, b = ends if fold else (low, high)
    t, weight = a + (b - a) * (t + 1) / 2, weight * (b - a) / 2
    x, slope = (t / (1 - t**2), (1 + t**2) / (1 - t**2) ** 2) if fold else (t, np.ones(nodes))
    return math.fsum(f(point) * w for point, w in zip(x.tolist(), (weight * slope).tolist(), strict=True))


def _folded(x):
    return 2 * x / (1 + math.sqrt(1 + 4 * x * x))
