"""Chapter "Softmax and cross-entropy": scores, and what two recipes make of them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import ORANGE
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
