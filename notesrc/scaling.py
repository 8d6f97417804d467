"""Feature scaling: every column of the data to mean 0 and standard deviation 1."""

import numpy as np

from notesrc import _check


def standardize(X):
    """(x_j − μ_j)/σ_j, column by column (`standardisation`, `feature-mean`, `feature-std`).

    X: `(m, n)`, one example a row. Returns (X_scaled `(m, n)`, mean `(n,)`, std `(n,)`), σ with 1/m; new data
    take the mean and std of the old. Raises ValueError unless X is a finite matrix whose every column varies.
    """
    X = _check.array("X", X, ndim=(2,))
    constant = np.flatnonzero(X.min(axis=0) == X.max(axis=0))
    if constant.size:
        j = constant[0]
        raise _check.error(f"X[:, {j}]", "a feature that varies", f"{X[0, j]} in every row")
    exponent = np.frexp(np.abs(X).max(axis=0))[1]
    X = np.ldexp(X, -exponent)  # below 1, by powers of two: nothing rounds, and no square overflows
    mean = X.mean(axis=0)
    rounding = (X - mean).mean(axis=0)  # what the mean of large, close numbers has lost
    deviation = X - mean - rounding
    std = np.sqrt(np.mean(deviation**2, axis=0))
    return deviation / std, np.ldexp(mean + rounding, exponent), np.ldexp(std, exponent)
