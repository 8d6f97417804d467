"""Attention: what a query takes from the values, by how well their keys fit it.

Rows are positions: q `(T_q, d)`, k `(T_k, d)`, v `(T_k, d_v)`, all with one more axis in front for a batch.
"""

import numpy as np

from notesrc import _check


def attention(q, k, v, mask=None):
    """softmax(q kᵀ / √d) v, row by row (`scaled-dot-product-attention`, `attention-weights`).

    q: `(T_q, d)`; k: `(T_k, d)`; v: `(T_k, d_v)`; or all with a batch axis first. mask: booleans
    `(T_q, T_k)`, shared by the batch: True where query t may look at key j (`causal-mask`).
    Returns `(out, weights)`, `(T_q, d_v)` and `(T_q, T_k)`. Raises ValueError where shapes don't fit, a row
    of mask lets nothing through, or a score overflows. Vaswani et al. 2017.
    """
    q, k, v = _checked(q, k, v)
    with np.errstate(over="ignore", invalid="ignore"):
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    if not np.isfinite(scores).all():
        raise _check.error("q", "scores q @ k.T within float64", "an overflow")
    if mask is not None:
        scores = np.where(_allowed(mask, scores.shape[-2:]), scores, -np.inf)
    with np.errstate(over="ignore"):  # a difference beyond float64 is −∞, and its weight 0
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ v, weights


def attention_backward(d_out, q, k, v, weights):
    """Gradients with respect to q, k and v, from the gradient with respect to the output.

    Formulas `attention-backward-v`, `attention-backward-scores`, `attention-backward-q` and
    `attention-backward-k`. d_out: like out; q, k, v: as they went in; weights: as they came out.
    Returns `(dq, dk, dv)`. Raises ValueError where shapes don't fit, or a gradient overflows.
    """
    q, k, v = _checked(q, k, v)
    weights = _check.array("weights", weights, shape=(*q.shape[:-1], k.shape[-2]))
    d_out = _check.array("d_out", d_out, shape=(*q.shape[:-1], v.shape[-1]))
    with np.errstate(over="ignore", invalid="ignore"):
        dv = weights.swapaxes(-1, -2) @ d_out
        d_weights = d_out @ v.swapaxes(-1, -2)
        mean = (weights * d_weights).sum(axis=-1, keepdims=True)
        d_scores = weights * (d_weights - mean)
        dq = d_scores @ k / np.sqrt(q.shape[-1])
        dk = d_scores.swapaxes(-1, -2) @ q / np.sqrt(q.shape[-1])
    if not all(np.isfinite(part).all() for part in (dq, dk, dv)):
        raise _check.error("d_out", "gradients within float64", "an overflow")
    return dq, dk, dv


def multi_head_attention(q, k, v, W_q, W_k, W_v, W_o, mask=None):
    """Σ_i attention(q W_q[i], k W_k[i], v W_v[i]) W_o[i]: every head looks for something else (`multi-head`).

    q: `(T_q, n_q)`; k: `(T_k, n_k)`; v: `(T_k, n_v)`; W_q: `(h, n_q, d)`; W_k: `(h, n_k, d)`;
    W_v: `(h, n_v, d_v)`; W_o: `(h, d_v, n_out)`; mask: as for `attention`, of all heads.
    Returns `(T_q, n_out)`. Raises ValueError where shapes don't fit. Vaswani et al. 2017, whose W^O is these
    W_o[i] one below the other.
    """
    heads = {}
    for name, x, W in (("q", q, W_q), ("k", k, W_k), ("v", v, W_v)):
        x, W = _check.array(name, x, ndim=(2,)), _check.array(f"W_{name}", W, ndim=(3,))
        if W.shape[1] != x.shape[1]:
            raise _check.error(f"W_{name}", f"shape (h, {x.shape[1]}, …), for {name}", f"shape {W.shape}")
        heads[name] = x @ W
    out, _ = attention(**heads, mask=mask)
    W_o = _check.array("W_o", W_o, ndim=(3,))
    if W_o.shape[:2] != (len(out), out.shape[2]):
        raise _check.error("W_o", f"shape ({len(out)}, {out.shape[2]}, …)", f"shape {W_o.shape}")
    return (out @ W_o).sum(axis=0)


def _checked(q, k, v):
    """q, k and v as float64 arrays that fit each other."""
    q = _check.array("q", q, ndim=(2, 3))
    k = _check.array("k", k, ndim=(q.ndim,))
    v = _check.array("v", v, ndim=(q.ndim,))
    if k.shape[:-2] != q.shape[:-2] or k.shape[-1] != q.shape[-1]:
        raise _check.error("k", f"shape {(*q.shape[:-2], 'T_k', q.shape[-1])}", f"shape {k.shape}")
    if v.shape[:-1] != k.shape[:-1]:
        raise _check.error("v", f"shape {(*k.shape[:-1], 'd_v')}", f"shape {v.shape}")
    return q, k, v


def _allowed(mask, shape):
    """mask as booleans of this shape, True somewhere in each row."""
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.shape != shape:
        raise _check.error("mask", f"booleans of shape {shape}", f"dtype {mask.dtype}, shape {mask.shape}")
    if not mask.any(axis=1).all():
        raise _check.error("mask", "a True in every row", f"none in row {mask.any(axis=1).argmin()}")
    return mask
