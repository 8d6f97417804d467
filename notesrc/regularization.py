"""Regularisation: penalties on the weights and the steps they lead to, dropout, early stopping."""

import numpy as np

from notesrc import _check


def _quiet():
    return np.errstate(over="ignore", invalid="ignore")


def _held(name, result):
    """The result, or a complaint about the argument that took it out of float64."""
    if not np.isfinite(result).all():
        raise _check.error(name, "a size at which float64 holds the result", "an overflow")
    return result


def l2_penalty(W, lam):
    """(λ/2) Σ W² (`l2-penalty`), so that its gradient is λW: no 1/m, and the ½ cancels the 2.

    W: number or array; lam: λ ≥ 0. Returns a number. Raises ValueError unless W is finite and lam >= 0,
    or where float64 overflows.
    """
    W, lam = _check.array("W", W), _check.non_negative("lam", lam)
    with _quiet():
        return _held("W", np.sum(lam / 2 * W * W))


def l2_penalty_grad(W, lam):
    """λW (`l2-penalty-grad`).

    W: number or array; lam: λ ≥ 0. Shape of W out. Raises ValueError as `l2_penalty`.
    """
    W, lam = _check.array("W", W), _check.non_negative("lam", lam)
    with _quiet():
        return _held("W", lam * W)


def l1_penalty(W, lam):
    """λ Σ |W| (`l1-penalty`).

    W: number or array; lam: λ ≥ 0. Returns a number. Raises ValueError unless W is finite and lam >= 0,
    or where float64 overflows.
    """
    W, lam = _check.array("W", W), _check.non_negative("lam", lam)
    with _quiet():
        return _held("W", np.sum(lam * np.abs(W)))


def l1_penalty_grad(W, lam):
    """λ sign(W) (`l1-penalty-grad`); at the kink the subgradient 0, one of all those in [−λ, λ].

    W: number or array; lam: λ ≥ 0. Shape of W out. Raises ValueError unless W is finite and lam >= 0.
    """
    W, lam = _check.array("W", W), _check.non_negative("lam", lam)
    return lam * np.sign(W)


def weight_decay_step(w, grad, lr, lam):
    """(1 − ηλ) w − η ∇J(w): gradient descent on J + (λ/2)‖w‖² (`weight-decay-step`).

    w: number or array; grad: ∇J(w), like w, without the penalty; lr: η > 0; lam: λ ≥ 0. Shape of w out.
    Raises ValueError unless these hold, or where float64 overflows.
    """
    w, grad, lr, lam = _step_arguments(w, grad, lr, lam)
    with _quiet():
        return _held("lr", (1 - lr * lam) * w - lr * grad)


def soft_threshold(w, threshold):
    """w, moved towards 0 by the threshold and stopped there (`soft-threshold`).

    It is the x that minimises ½(x − w)² + threshold |x|: what L1 does to each weight alone.
    w: number or array; threshold: ≥ 0. Shape of w out.
    Raises ValueError unless w is finite and threshold >= 0. Donoho and Johnstone 1994.
    """
    w, threshold = _check.array("w", w), _check.non_negative("threshold", threshold)
    return w - np.clip(w, -threshold, threshold)


def proximal_step(w, grad, lr, lam):
    """S(w − η ∇J(w), ηλ), S the soft threshold: a descent on J + λ‖w‖₁ that reaches 0 (`proximal-step`).

    w: number or array; grad: ∇J(w), like w, without the penalty; lr: η > 0; lam: λ ≥ 0. Shape of w out.
    Raises ValueError unless these hold, or where float64 overflows. Daubechies, Defrise and De Mol 2004.
    """
    w, grad, lr, lam = _step_arguments(w, grad, lr, lam)
    with _quiet():
        return soft_threshold(_held("lr", w - lr * grad), _held("lam", lr * lam))


def _step_arguments(w, grad, lr, lam):
    w, lr, lam = _check.array("w", w), _check.positive("lr", lr), _check.non_negative("lam", lam)
    return w, _check.array("grad", grad, shape=w.shape), lr, lam


def ridge(X, y, lam):
    """The w that minimises ½‖y − Xw‖² + (λ/2)‖w‖² (`ridge-cost`, `ridge-solution`); sums, no 1/m.

    X: `(m, n)`; y: `(m,)`; lam: λ ≥ 0; 0 gives least squares, of the shortest w if there are several.
    Returns `(n,)`. Raises ValueError on other shapes, lam < 0, or where float64 overflows.
    Hoerl and Kennard 1970.
    """
    X, lam = _check.array("X", X, ndim=(2,)), _check.non_negative("lam", lam)
    m, n = X.shape
    y = _check.array("y", y, shape=(m,))
    # Least squares on n more examples, √λ times the axes with target 0: no squared condition number.
    X, y = np.vstack([X, np.sqrt(lam) * np.eye(n)]), np.append(y, np.zeros(n))
    with _quiet():
        return _held("X", np.linalg.lstsq(X, y)[0])


def dropout_forward(x, keep_prob, rng=None):
    """Inverted dropout: each entry of x kept with probability p, and divided by p (`dropout-forward`).

    x: number or array, every entry with a mask of its own (`dropout-mask`); keep_prob: p in (0, 1], the
    probability to stay (frameworks often ask for that to go); rng: a Generator. At test time: not called.
    Returns `(out, cache)`, out like x. Raises ValueError unless these hold, or where float64 overflows.
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014.
    """
    x, rng = _check.array("x", x), _check.generator(rng)
    keep_prob = _check.positive("keep_prob", keep_prob)
    if keep_prob > 1:
        raise _check.error("keep_prob", "a probability in (0, 1]", keep_prob)
    with _quiet():
        scale = (rng.random(x.shape) < keep_prob) / keep_prob
        return _held("keep_prob", x * scale), scale


def dropout_backward(d_out, cache):
    """The gradient passes where the input passed, and is scaled alike (`dropout-backward`).

    d_out: like out; cache: from `dropout_forward`. Shape of d_out out.
    Raises ValueError unless both are finite and of one shape, or where float64 overflows.
    """
    scale = _check.array("cache", cache)
    d_out = _check.array("d_out", d_out, shape=scale.shape)
    with _quiet():
        return _held("d_out", d_out * scale)


def best_epoch(val_losses, patience):
    """Early stopping: the epoch whose weights to keep, counted from 0.

    Training ends after `patience` epochs in a row without a loss below the best one, so at best + patience
    unless the losses end before; what comes later is not looked at.
    val_losses: `(epochs,)`; patience: at least 1. Raises ValueError unless these hold.
    """
    val_losses = _check.array("val_losses", val_losses, ndim=(1,))
    patience = _check.integer("patience", patience)
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        elif epoch - best == patience:
            break
    return best
