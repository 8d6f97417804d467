"""Activation functions and their derivatives, each derivative taken at the pre-activation z.

Where a derivative does not exist (the kinks at 0) the left-hand one is returned: 0 for ReLU, `slope` for
leaky ReLU, `alpha` for ELU. At a tie maxout passes the gradient to the first of the largest pieces.
"""

import math

import numpy as np

from notesrc import _check
from notesrc._special import erfc
from notesrc.softmax import hardmax


def sigmoid(z):
    """Logistic sigmoid σ(z) = 1 / (1 + e^−z), in [0, 1] (`sigmoid`, `sigmoid-symmetry`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    e = np.exp(-np.abs(z))  # of the equal forms 1/(1 + e^−z) and e^z/(1 + e^z), the one that cannot overflow
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_grad(z):
    """Derivative σ(z)(1 − σ(z)), at most 1/4 (`sigmoid-grad`, `sigmoid-grad-bound`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    return sigmoid(z) * sigmoid(-z)  # 1 − σ(z) = σ(−z), without the cancellation


def tanh(z):
    """Hyperbolic tangent, 2σ(2z) − 1, in [−1, 1] (`tanh`, `tanh-sigmoid`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    return np.tanh(z)


def tanh_grad(z):
    """Derivative 1 − tanh²(z) (`tanh-grad`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    return 1 - np.tanh(z) ** 2


def relu(z):
    """Rectified linear unit max(0, z) (`relu`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    Nair and Hinton 2010; Glorot, Bordes and Bengio 2011.
    """
    z = _check.array("z", z)
    return np.maximum(0.0, z)


def relu_grad(z):
    """Derivative: 1 for z > 0, else 0; undefined at 0, where 0 is returned (`relu-grad`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    return np.heaviside(z, 0.0)


def leaky_relu(z, slope=0.01):
    """Leaky ReLU: z for z > 0, else slope·z (`leaky-relu`).

    z: number or array; same shape out. Raises ValueError unless z is finite and slope lies in [0, 1].
    Maas, Hannun and Ng 2013.
    """
    z, slope = _check.array("z", z), _check.unit("slope", _check.scalar("slope", slope))
    return np.where(z > 0, z, slope * z)[()]


def leaky_relu_grad(z, slope=0.01):
    """Derivative: 1 for z > 0, else slope; undefined at 0, where slope is returned (`leaky-relu-grad`).

    z: number or array; same shape out. Raises ValueError unless z is finite and slope lies in [0, 1].
    """
    z, slope = _check.array("z", z), _check.unit("slope", _check.scalar("slope", slope))
    return np.where(z > 0, 1.0, slope)[()]


def elu(z, alpha=1.0):
    """Exponential linear unit: z for z > 0, else alpha (e^z − 1) (`elu`).

    z: number or array; same shape out. Raises ValueError unless z is finite and alpha > 0.
    Clevert, Unterthiner and Hochreiter 2016.
    """
    z, alpha = _check.array("z", z), _check.positive("alpha", alpha)
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))[()]


def elu_grad(z, alpha=1.0):
    """Derivative: 1 for z > 0, else alpha e^z; undefined at 0 unless alpha = 1: alpha there (`elu-grad`).

    z: number or array; same shape out. Raises ValueError unless z is finite and alpha > 0.
    """
    z, alpha = _check.array("z", z), _check.positive("alpha", alpha)
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))[()]


def softplus(z):
    """Softplus log(1 + e^z), a smooth ReLU (`softplus`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    Dugas et al. 2001.
    """
    z = _check.array("z", z)
    return np.logaddexp(0, z)


def softplus_grad(z):
    """Derivative σ(z) (`softplus-grad`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    return sigmoid(z)


def silu(z):
    """SiLU, also Swish with β = 1: z σ(z) (`silu`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    Hendrycks and Gimpel 2016; Elfwing, Uchibe and Doya 2018; Ramachandran, Zoph and Le 2017.
    """
    z = _check.array("z", z)
    return z * sigmoid(z)


def silu_grad(z):
    """Derivative σ(z)(1 + z(1 − σ(z))) (`silu-grad`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    return sigmoid(z) * (1 + z * sigmoid(-z))


def gelu(z):
    """Gaussian error linear unit z Φ(z), exact, with Φ the standard normal distribution (`gelu`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    Hendrycks and Gimpel 2016.
    """
    z = _check.array("z", z)
    return z * _normal_cdf(z)


def gelu_grad(z):
    """Derivative Φ(z) + z φ(z), with φ the standard normal density (`gelu-grad`).

    z: number or array; same shape out. Raises ValueError unless z is real and finite.
    """
    z = _check.array("z", z)
    return _normal_cdf(z) + z * _normal_pdf(z)


def _normal_cdf(z):
    return erfc(-z / math.sqrt(2)) / 2  # (1 + erf(z/√2))/2, without the cancellation at z ≪ 0


def _normal_pdf(z):
    z = np.clip(z, -40, 40)  # φ(40) is already 0 in float64, and z² may not overflow
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def maxout(Z, axis=-1):
    """Maxout: the largest of the pieces along `axis` (`maxout`).

    Z: `(…, k)`, the k pieces of a unit along `axis`; `(…)` out.
    Raises ValueError unless Z is finite and has `axis`.
    Goodfellow et al. 2013.
    """
    Z = _check.array("Z", Z)
    return Z.max(axis=_check.axis(axis, Z))


def maxout_grad(Z, axis=-1):
    """Derivative with respect to each piece: 1 for the largest (the first of them at a tie), else 0 (`maxout-grad`).

    Z: `(…, k)`; same shape out. Raises ValueError unless Z is finite and has `axis`.
    """
    Z = _check.array("Z", Z)
    return hardmax(Z, axis)
