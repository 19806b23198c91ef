"""Conventions of scikit-learn: where its networks count differently from the course's.

Four differences, each kept so that results agree: ``alpha`` is divided by the rows of each batch
(so its strength depends on the batch size); the squared error is halved; Adam adds epsilon before
it corrects the bias; a cross-entropy is reported as if no probability came nearer to 0 or 1 than
the rounding error.  Beside them: the Poisson loss, and rows that stay sparse.

Not here: the estimators that need them (``estimators``), or anything the course explains.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import issparse
from scipy.special import xlogy

from nnlib import fast, losses, regularizers
from nnlib.activations import Activation
from nnlib.checks import Rows
from nnlib.optimizers import Adam

ACTIVATIONS = {"logistic": "sigmoid", "identity": "identity", "tanh": "tanh", "relu": "relu"}


class AlphaOverRows(regularizers.L2):
    """L2 with scikit-learn's strength: alpha divided by the rows (or weights) of the batch."""

    _rows = 1.0

    def divide_by(self, rows: float) -> None:
        if rows == 0:
            raise ZeroDivisionError(
                "the sample weights of a batch sum to zero. Leave rows of weight 0 out, or make "
                "batch_size larger."
            )
        if rows != self._rows:
            self.strengths, self._rows = self._alpha / float(rows), rows  # float: keeps float32

    def for_network(self, network):
        self.strengths = self._alpha = super().for_network(network).strengths
        return self


class EarlyEpsilonAdam(Adam):
    """Adam as at the end of section 2 of Kingma and Ba: epsilon before the correction."""

    def update(self, theta, grad, rate, decayed):
        root = math.sqrt(1 - self.beta2**self.steps)  # a float: keeps float32
        self._adapt(theta, grad, rate, self.epsilon / root)


def _reported(loss, value_and_gradient_of, surprise):
    """The loss as scikit-learn reports it, with the gradient that the second argument computes.

    It computes the value from probabilities that it keeps off 0 and 1 by the rounding error, so
    that no row costs more than 36 (16 in float32).  This shows only where a row is surely wrong,
    as many are at first on data that was not scaled.
    """

    def value_and_gradient(logits, targets, share):
        value, gradient = value_and_gradient_of(logits, targets, share)
        surely_wrong = np.abs(gradient) > 0.999 * np.asarray(share)[..., None]  # |p - t|
        if surely_wrong.any():
            epsilon = np.finfo(logits.dtype).eps
            p = np.clip(loss.output_activation.function(logits), epsilon, 1 - epsilon)
            value = losses.mean(surprise(targets, p).sum(axis=-1), share)
        return value, gradient

    return loss.variant(loss.name, value_and_gradient)


def _half_squared_error(output, targets, share):
    error = output - targets
    return losses.mean((error * error).mean(axis=-1), share) / 2, losses.scale(error, share)


@Activation
def exp(z):
    """a = exp(z): the logarithm of the predicted mean is linear (Poisson regression)."""
    return np.exp(z)


class Poisson(losses.Loss):
    """Half the Poisson deviance of outputs z = log of the predicted mean."""

    name = "poisson"
    output_activation = exp

    def value_and_gradient(self, output, targets, share):
        predicted = np.exp(output)
        value = xlogy(targets, targets) - targets * output - targets + predicted
        return losses.mean(value.sum(axis=-1), share), losses.scale(predicted - targets, share)

    def encode(self, targets, width):
        targets = losses.mse.encode(targets, width)
        if targets.min() < 0:
            raise ValueError(
                f"loss='poisson' needs y of at least 0, got {targets.min():g}: it predicts how "
                "often something happens. For numbers of any sign use loss='squared_error'."
            )
        return targets


LOSSES = {  # output activation -> loss
    "softmax": _reported(losses.cross_entropy, fast.cross_entropy, lambda t, p: -xlogy(t, p)),
    "logistic": _reported(
        losses.binary_cross_entropy,
        losses.binary_cross_entropy.value_and_gradient,
        lambda t, p: -xlogy(t, p) - xlogy(1 - t, 1 - p),
    ),
    "identity": losses.mse.variant("squared_error", _half_squared_error),
    "exp": Poisson(),
}


class SparseRows(Rows):
    """Rows of a sparse matrix that stay sparse: a layer only ever multiplies its input."""

    def __init__(self, X):
        self.X, self.shape = X, X.shape

    def take(self, rows, axis):
        return SparseRows(self.X[rows])

    @property
    def mT(self):
        return SparseRows(self.X.T)

    def __array_ufunc__(self, ufunc, method, left, right, out=None):
        if left is not self or ufunc is not np.matmul or method != "__call__":
            return NotImplemented
        product = self.X @ right
        if out is None:
            return product
        out[0][...] = product
        return out[0]


def rows_of(X, dtype):
    """What a network of this type learns from."""
    X = X.astype(dtype, copy=False)
    return SparseRows(X.tocsr()) if issparse(X) else X
