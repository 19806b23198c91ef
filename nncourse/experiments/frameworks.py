"""Helpers of the chapter "The same network elsewhere": differences in words, and its figures.

Not here: the frameworks themselves, which only that chapter imports, in its own cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures


def largest_difference(ours: Sequence, theirs: Sequence) -> float:
    """Return the largest absolute difference between two lists of arrays of equal shapes.

    Raises
    ------
    ValueError
        If the lists differ in length, or two arrays in shape: broadcasting would hide it.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"compare lists of one length, got {len(ours)} and {len(theirs)} arrays.")
    largest = 0.0
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        mine, other = np.asarray(mine), np.asarray(other)
        if mine.shape != other.shape:
            raise ValueError(
                f"array {number}: shapes {mine.shape} and {other.shape} differ. "
                "Is one of them transposed?"
            )
        difference = np.abs(mine - other).max()
        largest = max(largest, difference) if np.isfinite(difference) else np.inf
    return float(largest)


def in_words(difference: float) -> str:
    """Say how large a difference is, without digits that belong to one processor.

    What float64 rounds away is "below 1e-11", and no more is said of it.
    """
    return "below 1e-11" if difference < 1e-11 else f"{difference:.1g}"


@figures.styled
def accuracy_bands(curves: Mapping[str, np.ndarray]) -> Figure:
    """Draw mean and standard deviation of accuracies (epochs, runs), in per cent, by name."""
    figure, ax = plt.subplots(figsize=(6.8, 3.4))
    for (name, values), dash in zip(curves.items(), figures.DASHES):
        epochs = np.arange(1, len(values) + 1)
        mean, spread = values.mean(axis=1), values.std(axis=1, ddof=1)
        (line,) = ax.plot(epochs, mean, dash, label=name)
        ax.fill_between(epochs, mean - spread, mean + spread, alpha=0.2, color=line.get_color())
    ax.set(xlabel="epoch", ylabel="validation accuracy (%)", ylim=(0, 100))
    ax.legend(loc="lower right")
    return figure


@figures.styled
def first_steps(gradient: float, epsilon: float, steps: int = 300) -> Figure:
    """Draw the length of Adam's steps, over eta, where every gradient is the same number.

    Then both averages are exact from the first step on (Kingma and Ba 2015, section 3), and what
    is left is epsilon's place: beside the corrected root, or beside the uncorrected one.
    """
    t = np.arange(1, steps + 1)
    ours = np.full(steps, gradient / (gradient + epsilon))
    theirs = gradient / (gradient + epsilon / np.sqrt(1 - 0.999**t))
    figure, ax = plt.subplots(figsize=(6.4, 2.9))
    ax.plot(t, ours, "-", label="epsilon beside the corrected root")
    ax.plot(t, theirs, "--", label="epsilon beside the uncorrected root")
    ax.set(xlabel="step", ylabel="length of the step / η", ylim=(0, 1.4))
    ax.legend(loc="upper right")
    return figure
