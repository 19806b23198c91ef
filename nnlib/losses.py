"""Losses: how wrong the outputs are, and in which direction.

A loss is called with the network's output and the targets and returns two things
from one computation: its value (the mean over the examples) and its gradient, dC/d(output).
Cross-entropies take *logits*, the weighted sums before softmax or sigmoid: value and
gradient are then finite and right however large the logits are, because softmax (sigmoid)
and logarithm are never computed apart.

Shapes: output (n, K) for K classes or outputs, or (M, n, K) for M networks at once; the value is
a number or (M,), the gradient has the shape of the output.

Not here: penalties on the weights (``regularizers``).
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from nnlib import activations, checks
from nnlib.reading import Reading


class Loss:
    """A loss: value and gradient, how its targets are written, how its output is read.

    Calling it checks the arguments.  Training encodes the targets once and then uses
    ``value_and_gradient`` batch after batch.

    For a loss of your own, inherit from the one whose targets it shares (`MeanSquaredError`,
    `CrossEntropy` or `BinaryCrossEntropy`), give it a ``name``, and write ``value_and_gradient``.

    Attributes
    ----------
    name : str
    output_activation : Activation
        What turns outputs into predicted means: softmax, sigmoid, or identity.
    """

    name = "loss"
    output_activation = activations.identity

    def value_and_gradient(self, output, targets, share):
        """Return the loss and its gradient, nothing checked.

        Parameters
        ----------
        output : array (n, d) or (M, n, d)
        targets : array (n, d) or (M, n, d)
            As `encode` returns them, in the output's type.
        share : float, or array (n,) or (M, n)
            Each example's part of the mean: 1/n, or its weight over the sum of weights.
            `mean` and `scale` of this module take either.

        Returns
        -------
        value : number, or array (M,)
        gradient : array, shape and type of ``output``
        """
        raise NotImplementedError(f"{type(self).__name__} has no value_and_gradient yet: write it.")

    def check_width(self, width: int) -> None:
        """Raise if the loss makes no sense for so many outputs."""

    def encode(self, targets, width: int) -> np.ndarray:
        """Check the targets for ``width`` outputs and write them as an array (n, width)."""
        return _numbers(targets, width)

    def reading(self, targets=None, *, squeezed: bool = False) -> Reading:
        """How to read the outputs of a network that was trained on these (encoded) targets.

        ``squeezed`` says that the last layer keeps its outputs between 0 and 1 itself.
        """
        return Reading("numbers")

    def config(self) -> dict:
        """The arguments the loss was made with, for saving."""
        return {}

    def variant(self, name: str, value_and_gradient: Callable) -> Loss:
        """This loss with another rule in place of its own, for an experiment.

        Targets and outputs are read as before; ``value_and_gradient`` is a function of
        (output, targets, share).
        """
        other = copy.copy(self)
        vars(other).update(name=name, value_and_gradient=value_and_gradient)
        return other

    def __eq__(self, other) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.name)

    def __call__(self, output, targets, weights=None):
        """Return the loss and its gradient.

        Parameters
        ----------
        output : array (n, K) or (M, n, K)
            What the network computed: logits for the cross-entropies.
        targets : array (n,) or (n, K)
            Labels, or numbers: see the loss's own description.
        weights : array (n,), optional
            Weight of each example; only their ratios matter.

        Returns
        -------
        value : float, or array (M,)
            Mean over the examples.
        gradient : array, shape of ``output``
            Gradient of ``value`` with respect to ``output``.

        Raises
        ------
        ValueError, TypeError
            If the targets do not fit the output.
        """
        output = checks.as_numbers(output, "output")
        if output.ndim < 2:
            raise ValueError(
                f"output must have shape (n, outputs), got {output.shape}. "
                "For one row, give output.reshape(1, -1)."
            )
        checks.check_finite(output, "output")
        encoded = self.encode(targets, output.shape[-1]).astype(output.dtype)
        rows = output[..., 0].T  # (n,), or (n, networks): its length is the number of rows
        checks.check_same_length(rows, encoded, "output and targets")
        return self.value_and_gradient(output, encoded, shares(weights, len(encoded), output.dtype))

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


def shares(weights, n: int, dtype) -> np.ndarray | float:
    """Return each example's share of the mean: 1/n, or its weight over all weights."""
    if weights is None:
        return 1 / n
    weights = checks.check_targets(weights, "weights")
    if weights.shape != (n,) or (weights < 0).any() or not weights.sum() > 0:
        raise ValueError(
            f"weights must be {n} numbers of at least 0, not all 0, got shape {weights.shape}, "
            f"from {weights.min():g} to {weights.max():g}. A weight says how often a row counts."
        )
    return (weights / weights.sum()).astype(dtype)


def mean(values: np.ndarray, share) -> np.ndarray:
    """Mean over the examples (last axis), weighted by their shares."""
    if isinstance(share, float):
        return values.sum(axis=-1) * share
    return (values * share).sum(axis=-1)


def scale(gradient: np.ndarray, share) -> np.ndarray:
    """Each example's gradient, times its share, in place."""
    gradient *= share if isinstance(share, float) else share[..., None]
    return gradient


# -- targets -----------------------------------------------------------------------


def one_hot(labels, classes: int, dtype=float) -> np.ndarray:
    """Return (n, classes) with a 1 in each row, in the column of its label.

    Raises ValueError if a label is not a whole number from 0 to ``classes`` - 1: NumPy
    alone would quietly take -1 for the last class.
    """
    labels = checks.check_targets(labels, "labels")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(
            f"labels must have shape (n,), got {labels.shape}. "
            "From one-hot rows come labels with .argmax(axis=1)."
        )
    if (labels != np.floor(labels)).any():
        wrong = labels[labels != np.floor(labels)][0]
        raise ValueError(
            f"labels must be whole numbers, got {wrong:g}. For numbers to be predicted "
            "rather than classes, use the loss 'mse'."
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must lie between 0 and {classes - 1} (the network has {classes} outputs), "
            f"got {labels.min():g} to {labels.max():g}. Number the classes from 0, or give "
            "the last layer one unit for each class."
        )
    encoded = np.zeros((len(labels), classes), dtype)
    encoded[np.arange(len(labels)), labels.astype(int)] = 1
    return encoded


def _classes(targets, classes: int) -> np.ndarray:
    if targets.ndim == 1 or targets.shape[1] == 1:
        return one_hot(targets, classes)
    _same_width(targets, classes)
    if (targets < 0).any() or not np.allclose(targets.sum(axis=1), 1):
        row = int(((targets < 0).any(axis=1) | ~np.isclose(targets.sum(axis=1), 1)).argmax())
        raise ValueError(
            f"each row of targets must hold probabilities that sum to 1, got {targets[row]} in "
            f"row {row}. Give integer labels, or divide each row by its sum."
        )
    return targets


def _between_0_and_1(targets, width: int) -> np.ndarray:
    targets = checks.check_targets(targets)
    targets = targets.reshape(len(targets), -1)
    _same_width(targets, width)
    if targets.min() < 0 or targets.max() > 1:
        raise ValueError(
            f"targets of binary_cross_entropy must lie between 0 and 1, got {targets.min():g} "
            f"to {targets.max():g}. Map the two classes to 0 and 1; for more classes use "
            "'cross_entropy'."
        )
    return targets


def _numbers(targets, width: int) -> np.ndarray:
    targets = checks.check_targets(targets)
    if targets.ndim == 1 and width > 1:
        if (targets != np.floor(targets)).any():
            raise ValueError(
                f"targets have shape {targets.shape}, but the network has {width} outputs. Give "
                f"numbers (n, {width}), or integer labels (n,) to be one-hot encoded."
            )
        return one_hot(targets, width)
    targets = targets.reshape(len(targets), -1)
    _same_width(targets, width)
    return targets


def _same_width(targets: np.ndarray, width: int) -> None:
    if targets.shape[1] != width:
        raise ValueError(
            f"targets have {targets.shape[1]} columns, but the network has {width} outputs. "
            "Give both the same width."
        )


# -- the losses ----------------------------------------------------------------------


class MeanSquaredError(Loss):
    """Mean squared error: C = 1/n sum_i 1/K sum_k (a_ik - t_ik)²,  dC/da = 2 (a - t) / (n K).

    Targets: numbers (n,) or (n, K); or integer labels (n,) for a network with K > 1
    outputs, which are one-hot encoded.  Mean over the examples *and* over the outputs.

    A network trained on labels (or one-hot rows) predicts labels; on targets that are 0 or 1, it
    says 0 or 1, with the border at 1/2; on anything else it predicts numbers.
    """

    name = "mse"

    def value_and_gradient(self, output, targets, share):
        error = output - targets
        value = mean((error * error).mean(axis=-1), share)
        return value, scale(2 / output.shape[-1] * error, share)

    def reading(self, targets=None, *, squeezed=False):
        if targets is None or not np.isin(targets, (0, 1)).all() or targets.min() == targets.max():
            return Reading("numbers")
        one_hot_rows = targets.shape[-1] > 1 and (targets.sum(axis=-1) == 1).all()
        return Reading("classes" if one_hot_rows else "yes_no", border=0.5)


class CrossEntropy(Loss):
    """Softmax and cross-entropy of logits z: C = -1/n sum_ik t_ik log p_ik,  dC/dz = (p - t) / n.

    With labels y, t is one-hot, and of each row only -log p of
    the right class is left.

    Targets: integer labels (n,) from 0 to K - 1, or rows of probabilities (n, K).
    log p is computed as z - log sum exp z, with the row's largest logit taken out
    (Blanchard, Higham and Higham 2021).
    """

    name = "cross_entropy"
    output_activation = activations.softmax

    def value_and_gradient(self, output, targets, share):
        z = output - output.max(axis=-1, keepdims=True)  # exp cannot overflow
        exp_z = np.exp(z)
        total = exp_z.sum(axis=-1, keepdims=True)
        log_p = z - np.log(total)
        value = mean(-(targets * log_p).sum(axis=-1), share)
        return value, scale(exp_z / total - targets, share)

    def check_width(self, width):
        if width < 2:
            raise ValueError(
                "cross_entropy needs at least two outputs, one for each class, got 1. "
                "For a single output use 'binary_cross_entropy'."
            )

    def encode(self, targets, width):
        targets = checks.check_targets(targets)
        self.check_width(width)
        return _classes(targets, width)

    def reading(self, targets=None, *, squeezed=False):
        return Reading("classes")


class BinaryCrossEntropy(Loss):
    """Sigmoid and cross-entropy of logits z: C = 1/n sum_ik l(z_ik, t_ik),  dC/dz = (p - t) / n.

    With p = sigmoid(z), l is -t log p - (1 - t) log(1 - p), which is log(1 + exp(z)) - t z.

    Targets: 0 or 1 (or a probability) for each output, (n,) or (n, K); the K outputs are
    K independent yes-or-no questions, whose losses add up.
    """

    name = "binary_cross_entropy"
    output_activation = activations.sigmoid

    def value_and_gradient(self, output, targets, share):
        # log(1 + exp(z)) - t z, with exp taken of negative numbers only
        value = np.maximum(output, 0) - targets * output + np.log1p(np.exp(-np.abs(output)))
        return mean(value.sum(axis=-1), share), scale(activations.sigmoid(output) - targets, share)

    def encode(self, targets, width):
        return _between_0_and_1(targets, width)

    def reading(self, targets=None, *, squeezed=False):
        return Reading("yes_no", border=0.5 if squeezed else 0.0)


mse, cross_entropy, binary_cross_entropy = MeanSquaredError(), CrossEntropy(), BinaryCrossEntropy()

LOSSES = {loss.name: loss for loss in (mse, cross_entropy, binary_cross_entropy)}


def get(loss: str | Loss) -> Loss:
    """Return the loss of that name (a `Loss` is passed through)."""
    return loss if isinstance(loss, Loss) else LOSSES[checks.check_choice("loss", loss, LOSSES)]
