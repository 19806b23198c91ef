"""Chapter "Softmax and cross-entropy": scores, and what two recipes make of them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLUE, ORANGE, RED
from nnlib.activations import softmax


def shares(scores: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Softmax of some scores (K,), and each score's share of their total, both (K,)."""
    z = np.asarray(scores, dtype=float)
    if not z.sum() > 0:
        raise ValueError(f"a share needs scores with a positive sum, got {z}")
    return softmax(z), z / z.sum()


@figures.styled
def shares_figure(scores: Sequence[float]) -> tuple[Figure, str]:
    """Both recipes as bars, and the text that says what is seen."""
    recipes = dict(zip(("softmax", "share of the total"), shares(scores), strict=True))
    places = np.arange(len(scores))
    figure, ax = plt.subplots(figsize=(4.2, 2.6))
    looks = ({}, {"color": ORANGE, "hatch": "//"})
    for shift, look, (name, heights) in zip((-0.2, 0.2), looks, recipes.items(), strict=True):
        bars = ax.bar(places + shift, heights, 0.4, label=name, **look)
        ax.bar_label(bars, fmt="%.3f", fontsize=8.5, padding=1)
    names = ", ".join(f"{z:.4g}" for z in scores)
    ax.set(title=f"scores ({names})", xlabel="class", ylim=(0, 1.1))
    ax.set_ylabel("probability, or share")
    ax.set_xticks(places)
    ax.legend(fontsize=9, loc="upper right")
    said = [f"{name} {', '.join(f'{h:.3f}' for h in heights)}" for name, heights in recipes.items()]
    return figure, f"Bars for the scores {names}, class by class: {'; '.join(said)}."


@figures.styled
def jacobian_figure(p: np.ndarray, t: np.ndarray) -> Figure:
    """The derivative of the loss in p, softmax's Jacobian, and their product p - t.

    ``p`` (K,) are probabilities, ``t`` (K,) one-hot targets.
    """
    J = np.diag(p) - np.outer(p, p)
    figure, axes = plt.subplots(2, 2, figsize=(7, 4.4), width_ratios=[1, 5], height_ratios=[5, 1])
    axes[1, 0].axis("off")
    panels = {
        "$-t/p$": (-t / p)[:, None],
        "Jacobian, $p_k([k = j] - p_j)$": J,
        "their product, $p - t$": (p - t)[None, :],
    }
    places = (axes[0, 0], axes[0, 1], axes[1, 1])
    for ax, (title, values) in zip(places, panels.items(), strict=True):
        size = np.abs(values).max()
        ax.imshow(values, cmap=figures.SIGNED, vmin=-size, vmax=size, aspect="auto")
        for (i, j), value in np.ndenumerate(values):
            text, strong = f"{value:.2f}".replace("-0.00", "0.00"), abs(value) > 0.7 * size
            colour = "white" if strong else "black"
            ax.text(j, i, text, ha="center", va="center", color=colour)
        ax.set_title(title, loc="center")
        ax.set_xticks(range(values.shape[1]) if values.shape[1] > 1 else [])
        ax.set_yticks(range(values.shape[0]) if values.shape[0] > 1 else [])
        ax.grid(False)
    axes[0, 0].set_ylabel("class $k$")
    axes[1, 1].set_xlabel("logit $j$")
    return figure


@figures.styled
def limits_figure(limits: dict[str, Sequence[float]], end: float = 860) -> Figure:
    """Up to which lead each way of computing a loss is finite: (float32, float64) for each."""
    figure, ax = plt.subplots(figsize=(7, 2.8))
    places = np.arange(len(limits))
    for column, shift, kind, colour in ((1, 0.2, "float64", BLUE), (0, -0.2, "float32", RED)):
        ends = [min(both[column], end) for both in limits.values()]
        ax.barh(places + shift, ends, 0.36, color=colour, label=kind)
        for place, both in zip(places, limits.values(), strict=True):
            if not np.isfinite(both[column]):
                ax.text(end - 15, place + shift, "no end", ha="right", va="center", color="white")
    ax.set_yticks(places, limits)
    ax.set(xlabel="the loss is finite up to this lead of the wrong class", xlim=(0, end))
    ax.legend(loc="lower right")
    return figure
