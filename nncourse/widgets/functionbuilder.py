"""Bumps of sigmoid units build a function; then training is to find such weights by itself."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

import nnlib
from nncourse.widgets import problems
from nncourse.widgets.simple import Bet, SimpleFigure

BUMPS, STARTS, EPOCHS, RATE = 5, 20, 2000, 0.1


def rows() -> tuple[np.ndarray, np.ndarray]:
    """What training gets: X (65, 1) from -pi to pi, and y (65,) = |sin x|."""
    X = np.linspace(-np.pi, np.pi, 65)[:, None]
    return X, np.abs(np.sin(X[:, 0]))


@lru_cache(maxsize=1)
def deviations() -> np.ndarray:
    """How far each of 20 random starts stays from |sin x| at worst, by `nnlib` (STARTS,)."""
    units = 2 * BUMPS
    layers = [{"width": units, "activation": "sigmoid"}, {"width": 1, "activation": "identity"}]
    starts = range(1, STARTS + 1)
    networks = nnlib.Network(1, [nnlib.Dense(units, "sigmoid"), nnlib.Dense(1)], seed=list(starts))
    for row, seed in zip(networks.theta, starts, strict=True):
        row[:] = problems.start_network({"inputs": 1, "layers": layers}, seed).theta
    X, y = rows()
    for _ in range(EPOCHS):
        _, gradient = nnlib.mse(networks.forward(X), y)
        networks.backward(gradient)
        networks.theta -= RATE * networks.grad
    x = np.linspace(-np.pi, np.pi, 129)
    return np.abs(networks(x[:, None])[..., 0] - np.abs(np.sin(x))).max(axis=1)


class FunctionBuilder(SimpleFigure):
    """Raise bumps until they follow |sin x|; then let the same network learn it."""

    module = "functionbuilder"
    title = "Built by hand, or found by training?"
    caption = (
        "Two sigmoid units, one that steps up and one that steps down again, make a bump, and a "
        "network with one hidden layer adds up bumps: with enough of them it comes as near to "
        "|sin x| as you like. Whether training finds such weights is another question."
    )
    bet = Bet(
        "With the right heights these five bumps, ten sigmoid units, come within 0.30 of |sin x|. "
        "Now ten such units learn it, from 20 sets of random weights, with all rows in each step, "
        "learning rate 0.1 and 2,000 epochs. How many of the 20 come within 0.40?",
        low=0, high=STARTS, start=10,
    )  # fmt: skip
    goals = (
        "Raise the bumps until their largest deviation is at most 0.40.",
        "Again at most 0.40, without touching the bumps: by training from random weights.",
        "With bumps that are within 0.40, begin training there, and halve their deviation.",
    )
    formulas = ("nnlib.losses.MeanSquaredError", "nnlib.Dense", "nnlib.SGD")

    def data(self) -> dict[str, np.ndarray]:
        return {"deviations": np.rint(100 * deviations()).clip(0, 255).astype(np.uint8)}

    def still(self) -> str:
        x = np.linspace(-np.pi, np.pi, 65)
        curve = " ".join(
            f"{180 + 50 * a:.0f},{120 - 90 * b:.0f}" for a, b in zip(x, np.abs(np.sin(x)))
        )
        centres = [180 + 50 * np.pi * (2 * k + 1 - BUMPS) / BUMPS for k in range(BUMPS)]
        points = "".join(
            f'<circle cx="{at:.0f}" cy="120" r="6" fill="none" stroke="#2b8cc4" stroke-width="2"/>'
            for at in centres
        )
        return (
            '<svg viewBox="0 0 360 150" width="460" role="img" aria-label="The curve |sin x| '
            'from minus pi to pi, two humps, and below it five bumps that are still flat.">'
            f'<polyline points="{curve}" fill="none" stroke="#888" stroke-width="2"/>'
            f'<path d="M23,120H337" stroke="#2b8cc4" stroke-width="2.5"/>{points}</svg>'
        )
