"""Metrics that scikit-learn does not have; for all others, use scikit-learn."""

from __future__ import annotations

import numpy as np

from nnlib import checks


def accuracy(labels, predictions) -> float:
    """Share of rows whose prediction is right: (n,) and (n,) -> 0 to 1."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.size == 0:
        raise ValueError(
            f"labels and predictions must have one shape, got {labels.shape} and "
            f"{predictions.shape}. Compare labels with labels: network.predict(X)."
        )
    return float((labels == predictions).mean())


def margin(probabilities) -> np.ndarray:
    """How sure each row is: largest minus second largest, (n, K) -> (n,)."""
    p = checks.check_finite(np.asarray(probabilities, float), "probabilities")
    if p.ndim != 2 or p.shape[1] < 2:
        raise ValueError(f"probabilities must have shape (n, K) with K >= 2, got {p.shape}.")
    top = np.partition(p, -2, axis=1)
    return top[:, -1] - top[:, -2]


def saturation(activations, edge: float = 0.01) -> float:
    """Share of sigmoid activations within ``edge`` of 0 or 1, where the gradient is near 0."""
    a = checks.check_finite(np.asarray(activations, float), "activations")
    return float(((a < edge) | (a > 1 - edge)).mean())


def angle(a, b) -> float:
    """Angle between two gradients in degrees: below 90, a step along one helps the other."""
    a, b = np.ravel(a), np.ravel(b)
    if a.shape != b.shape:
        raise ValueError(f"both must have the same number of entries, got {a.size} and {b.size}.")
    length = np.linalg.norm(a) * np.linalg.norm(b)
    if length == 0:
        raise ValueError("a gradient of zeros has no direction.")
    return float(np.degrees(np.arccos(np.clip(a @ b / length, -1, 1))))


def relative_error(a, b) -> float:
    """||a - b|| / (||a|| + ||b||): 0 for equal gradients, 1 for opposite ones."""
    a, b = np.ravel(a), np.ravel(b)
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0
