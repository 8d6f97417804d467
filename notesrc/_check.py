"""Argument checks: each returns its argument ready for use, or raises a ValueError that names it."""

import numpy as np


def error(name, expected, got):
    """The one form of every complaint: which argument, what was expected, what came."""
    return ValueError(f"{name}: expected {expected}, got {got}")


def array(name, x, ndim=None, shape=None):
    """x as a non-empty float64 array of finite numbers, of one of `ndim` or of `shape` if given."""
    try:
        x = np.asarray(x)
    except ValueError:
        raise error(name, "a number or a rectangular array", "rows of different lengths") from None
    if x.dtype.kind not in "biuf":
        raise error(name, "real numbers", f"dtype {x.dtype}")
    if x.size == 0:
        raise error(name, "at least one number", f"an empty array of shape {x.shape}")
    if ndim is not None and x.ndim not in ndim:
        raise error(name, f"{' or '.join(map(str, ndim))} dimensions", f"shape {x.shape}")
    if shape is not None and x.shape != shape:
        raise error(name, f"shape {shape}", f"shape {x.shape}")
    x = x.astype(np.float64, copy=False)
    if not np.isfinite(x).all():
        raise error(name, "finite numbers", x[~np.isfinite(x)].flat[0])
    return x


def scalar(name, x):
    """x as one finite float."""
    x = array(name, x)
    if x.ndim != 0:
        raise error(name, "one number", f"shape {x.shape}")
    return float(x)


def positive(name, x):
    """x as one finite float above zero."""
    x = scalar(name, x)
    if x <= 0:
        raise error(name, "a number above 0", x)
    return x


def fraction(name, x):
    """x as one float in [0, 1): a share of the old that an average keeps."""
    x = scalar(name, x)
    if not 0 <= x < 1:
        raise error(name, "a number in [0, 1)", x)
    return x


def unit(name, x):
    """x, an array or a number whose every value lies in [0, 1]."""
    if np.any((x < 0) | (x > 1)):
        raise error(name, "numbers in [0, 1]", f"{np.min(x)} to {np.max(x)}")
    return x


def binary(name, y, shape=None):
    """y as a float64 array of zeros and ones."""
    y = array(name, y, shape=shape)
    if not np.isin(y, (0, 1)).all():
        raise error(name, "labels 0 or 1", y[~np.isin(y, (0, 1))].flat[0])
    return y


def distribution(name, p, shape=None):
    """p, `(C,)` or `(m, C)`, as probabilities that sum to one along the last axis."""
    p = unit(name, array(name, p, ndim=(1, 2), shape=shape))
    total = p.sum(axis=-1)
    if not np.allclose(total, 1, rtol=0, atol=1e-6):  # 1e-6 lets float32 probabilities in
        raise error(name, "rows that sum to 1", f"sums from {total.min()} to {total.max()}")
    return p


def integer(name, n):
    """n as an int, at least 1."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise error(name, "a positive integer", repr(n))
    return int(n)


def integers(name, sizes):
    """sizes as a non-empty list of ints, each at least 1."""
    sizes = list(sizes) if np.iterable(sizes) else []
    if not sizes:
        raise error(name, "a list of integers", "none")
    return [integer(f"{name}[{i}]", n) for i, n in enumerate(sizes)]


def axis(axis, x):
    """axis as an int that x has."""
    whole = axis if isinstance(axis, (int, np.integer)) else x.ndim  # x.ndim: certainly none of its axes
    if not -x.ndim <= whole < x.ndim:
        raise error("axis", f"an axis of an array of shape {x.shape}", repr(axis))
    return int(axis)


def generator(rng):
    """rng, which must be a NumPy Generator: the legacy global state would make runs irreproducible."""
    if not isinstance(rng, np.random.Generator):
        raise error("rng", "a np.random.Generator such as np.random.default_rng(0)", repr(rng))
    return rng


def non_negative(name, x):
    """x as one finite float, zero or above."""
    x = scalar(name, x)
    if x < 0:
        raise error(name, "a number of at least 0", x)
    return x


def ids(name, x, size=None, ndim=None):
    """x as an array of integers in 0 … size − 1: the ids of words."""
    array(name, x, ndim=ndim)
    x = np.asarray(x)
    if x.dtype.kind not in "iu":
        raise error(name, "integers", f"dtype {x.dtype}")
    if x.min() < 0 or (size is not None and x.max() >= size):
        expected = "ids of at least 0" if size is None else f"ids in 0 … {size - 1}"
        raise error(name, expected, f"{x.min()} to {x.max()}")
    return x.astype(np.intp, copy=False)
