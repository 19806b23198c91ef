"""Losses: how wrong the outputs are, and in which direction.

A loss is called with the network's output and the targets and returns two things
from one computation: its value (the mean over the examples) and its slope, dC/d(output).
Cross-entropies take *logits*, the weighted sums before softmax or sigmoid: value and
slope are then finite and right however large the logits are, because softmax (sigmoid)
and logarithm are never computed apart.

Shapes: output (n, K) or, for several networks at once, (networks, n, K); the value is a
number or (networks,), the slope has the shape of the output.

Not here: penalties on the weights (``regularizers``).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlib import activations, checks


class Loss:
    """A loss: value and slope, how its targets are written, how its output is read.

    Calling it checks the arguments.  Training encodes the targets once and then uses
    ``value_and_slope`` batch after batch.
    """

    def __init__(
        self,
        name: str,
        value_and_slope: Callable,
        encode: Callable,
        link: activations.Activation,
        doc: str,
    ):
        self.name = name
        self.value_and_slope = value_and_slope
        self.encode = encode
        self.link = link
        self.__doc__ = doc

    def __call__(self, output, targets, weights=None):
        """Return the loss and its slope.

        Parameters
        ----------
        output : array (n, K) or (networks, n, K)
            What the network computed: logits for the cross-entropies.
        targets : array (n,) or (n, K)
            Labels, or numbers: see the loss's own description.
        weights : array (n,), optional
            Weight of each example; only their ratios matter.

        Returns
        -------
        value : float, or array (networks,)
            Mean over the examples.
        slope : array, shape of ``output``
            Slope of ``value`` with respect to ``output``.

        Raises
        ------
        ValueError, TypeError
            If the targets do not fit the output.
        """
        output = checks.numeric(output, "output")
        if output.ndim < 2:
            raise ValueError(
                f"output must have shape (n, outputs), got {output.shape}. "
                "For one row, give output.reshape(1, -1)."
            )
        checks.finite(output, "output")
        encoded = self.encode(targets, output.shape[-1]).astype(output.dtype)
        checks.same_length(output[..., 0].T, encoded, "output and targets")
        return self.value_and_slope(output, encoded, shares(weights, len(encoded), output.dtype))

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


def shares(weights, n: int, dtype) -> np.ndarray | float:
    """Return each example's share of the mean: 1/n, or its weight over all weights."""
    if weights is None:
        return 1 / n
    weights = checks.targets(weights, "weights")
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


def scale(slope: np.ndarray, share) -> np.ndarray:
    """Each example's slope, times its share, in place."""
    slope *= share if isinstance(share, float) else share[..., None]
    return slope


# -- targets -----------------------------------------------------------------------


def one_hot(labels, classes: int, dtype=float) -> np.ndarray:
    """Return (n, classes) with a 1 in each row, in the column of its label.

    Raises ValueError if a label is not a whole number from 0 to ``classes`` - 1: NumPy
    alone would quietly take -1 for the last class.
    """
    labels = checks.targets(labels, "labels")
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


def several_classes(outputs: int) -> None:
    """Raise if a softmax over so many outputs would always say 1."""
    if outputs < 2:
        raise ValueError(
            "cross_entropy needs at least two outputs, one for each class, got 1. "
            "For a single output use 'binary_cross_entropy'."
        )


def _classes(targets, classes: int) -> np.ndarray:
    targets = checks.targets(targets)
    several_classes(classes)
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
    targets = checks.targets(targets)
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
    targets = checks.targets(targets)
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


# -- values and slopes ---------------------------------------------------------------


def _mse(output, targets, share):
    error = output - targets
    value = mean((error * error).mean(axis=-1), share)
    error *= 2 / output.shape[-1]
    return value, scale(error, share)


def _cross_entropy(logits, targets, share):
    # Turned over, classes down and examples across: NumPy goes through a few long rows much faster
    # than through many short ones.  With 25 networks it makes a training step a fifth shorter.
    z, targets = np.ascontiguousarray(logits.mT), np.ascontiguousarray(targets.mT)
    z = z - z.max(axis=-2, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=-2)
    value = mean(np.log(total) - (targets * z).sum(axis=-2), share)
    p /= total[..., None, :]
    p -= targets
    return value, scale(p.mT, share)


def _binary_cross_entropy(logits, targets, share):
    # log(1 + exp(z)) - t z, with exp taken of negative numbers only
    value = np.maximum(logits, 0) - targets * logits + np.log1p(np.exp(-np.abs(logits)))
    slope = activations.sigmoid(logits)
    slope -= targets
    return mean(value.sum(axis=-1), share), scale(slope, share)


mse = Loss(
    "mse",
    _mse,
    _numbers,
    activations.identity,
    """Mean squared error: C = 1/n sum_i 1/K sum_k (a_ik - t_ik)²,  dC/da = 2 (a - t) / (n K).

    Targets: numbers (n,) or (n, K); or integer labels (n,) for a network with K > 1
    outputs, which are one-hot encoded.  Mean over the examples *and* over the outputs.
    """,
)

cross_entropy = Loss(
    "cross_entropy",
    _cross_entropy,
    _classes,
    activations.softmax,
    """Softmax and cross-entropy of logits z: C = 1/n sum_i -log p_i[t_i],  dC/dz = (p - t) / n.

    Targets: integer labels (n,) from 0 to K - 1, or rows of probabilities (n, K).
    log p is computed as z - log sum exp z, with the row's largest logit taken out
    (Blanchard, Higham and Higham 2021).
    """,
)

binary_cross_entropy = Loss(
    "binary_cross_entropy",
    _binary_cross_entropy,
    _between_0_and_1,
    activations.sigmoid,
    """Sigmoid and cross-entropy of logits z: C = 1/n sum_ik log(1 + exp z) - t z,
    dC/dz = (sigmoid(z) - t) / n.

    Targets: 0 or 1 (or a probability) for each output, (n,) or (n, K); the K outputs are
    K independent yes-or-no questions, whose losses add up.
    """,
)

LOSSES = {loss.name: loss for loss in (mse, cross_entropy, binary_cross_entropy)}


def get(loss: str | Loss) -> Loss:
    """Return the loss of that name (a `Loss` is passed through)."""
    return loss if isinstance(loss, Loss) else LOSSES[checks.choose("loss", loss, LOSSES)]
