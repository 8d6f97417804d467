"""Arrays in lists, tuples and named tuples, nested as they come, as one vector; and back."""

import numpy as np

from notesrc import _check


def flatten(name, parts):
    """All entries of parts `(n,)`. Raises ValueError that names the part which is no array of finite numbers."""
    if not isinstance(parts, (list, tuple)):
        return _check.array(name, parts).ravel()
    if not parts:
        raise _check.error(name, "at least one array", "none")
    return np.concatenate([flatten(f"{name}[{i}]", part) for i, part in enumerate(parts)])


def unflatten(theta, name, parts):
    """The structure and the shapes of parts with the entries of theta, in arrays of their own.

    Raises ValueError as flatten does, and unless theta holds as many finite numbers.
    """
    return _shaped(_check.array("theta", theta, shape=flatten(name, parts).shape), parts)


def _shaped(theta, parts):
    if not isinstance(parts, (list, tuple)):
        return theta.reshape(np.shape(parts)).copy()
    ends = np.cumsum([flatten("parts", part).size for part in parts])
    shaped = [_shaped(piece, part) for part, piece in zip(parts, np.split(theta, ends[:-1]))]
    return type(parts)(*shaped) if hasattr(parts, "_fields") else type(parts)(shaped)
