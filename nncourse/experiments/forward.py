"""Chapter "Forward pass and matrices": its drawings.

Shapes: rows are examples; X (n, d_0), W1 (d_0, d_1), W2 (d_1, K).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLACK, BLUE, GREY, ORANGE, RED
from nnlib import Dense, Network
from nnlib.checks import check_choice
from nnlib.initializers import normal

HIDDEN = ("sigmoid", "tanh", "relu")


@figures.styled
def neuron_figure(x: np.ndarray, w: np.ndarray) -> Figure:
    """An image, a neuron's weights, and their products, pixel by pixel: arrays (d_0,)."""
    side = int(np.sqrt(len(x)))
    size = np.abs(w).max()
    panels = [
        ("inputs $x_j$: ink", x, "gray_r", (0, 1)),
        ("weights $w_j$", w, figures.SIGNED, (-size, size)),
        ("products $x_j w_j$", x * w, figures.SIGNED, (-size, size)),
    ]
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.5))
    for ax, (title, values, cmap, (low, high)) in zip(axes, panels, strict=True):
        shown = ax.imshow(values.reshape(side, side), cmap=cmap, vmin=low, vmax=high)
        ax.set_title(title)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.grid(False)
        figure.colorbar(shown, ax=ax, shrink=0.8)
    return figure


@figures.styled
def shapes_figure() -> Figure:
    """The arrays of a 64-50-10 network as boxes, each with the length of its sides."""
    boxes = [  # name, rows, columns, x
        ("$X$", "n", "64", 0.0), ("$W_1$", "64", "50", 2.0), ("$z_1,\\ a_1$", "n", "50", 4.0),
        ("$W_2$", "50", "10", 5.8), ("$z_2$", "n", "10", 7.2),
    ]  # fmt: skip
    sizes = {"n": 0.75, "64": 1.3, "50": 1.05, "10": 0.5}
    figure, ax = plt.subplots(figsize=(7.2, 2.6))
    for name, rows, columns, x in boxes:
        width, height = sizes[columns], sizes[rows]
        colour = ORANGE if name.startswith("$W") else BLUE
        ax.add_patch(plt.Rectangle((x, -height / 2), width, height, fill=False, lw=2, ec=colour))
        ax.text(x + width / 2, 0, name, ha="center", va="center")
        ax.text(x + width / 2, height / 2 + 0.08, columns, ha="center", color=GREY)
        ax.text(x - 0.08, 0, f"${rows}$" if rows == "n" else rows,
                ha="right", va="center", color=GREY)  # fmt: skip
    for x, text in ((1.55, "·"), (3.6, "→"), (5.35, "·"), (6.8, "→")):
        ax.text(x, 0, text, ha="center", va="center", fontsize=15)
    for x, text in ((2.65, "$+\\ b_1$ (50), then $f$"), (6.05, "$+\\ b_2$ (10)")):
        ax.text(x, -1.05, text, ha="center")
    ax.set(xlim=(-0.4, 8.0), ylim=(-1.25, 1.05))
    ax.axis("off")
    return figure


FINE, STEPS = 81, 20  # points along a side of the plane, and steps of colour


def random_network(activation: str, biases: str, start: int) -> Network:
    """A 2-6-1 network with a sigmoid output, before any learning.

    Parameters
    ----------
    activation : str
        One of `HIDDEN`.
    biases : str
        "with" random ones, or "without".
    start : int
        Seed of the numbers.  The weights are the same with biases and without.
    """
    check_choice("activation", activation, HIDDEN)
    check_choice("biases", biases, ("with", "without"))
    bias = biases == "with"
    layers = [Dense(6, activation, normal(2.0), bias=bias),
              Dense(1, "sigmoid", normal(2.0), bias=bias)]  # fmt: skip
    net = Network(2, layers, seed=start)
    if bias:
        rng = np.random.default_rng([start, 1])
        for layer in net.layers:
            layer.b[...] = rng.normal(0.0, 2.0, layer.b.shape)
    return net


@figures.styled
def plane_figure(activation: str, biases: str, start: int) -> tuple[Figure, str]:
    """What a random network answers on the plane, and the text that says so."""
    net = random_network(activation, biases, start)
    side = np.linspace(-2.0, 2.0, FINE)
    plane = np.stack(np.meshgrid(side, side), axis=-1)  # (FINE, FINE, 2): x1 to the right
    answers = net(plane.reshape(-1, 2))[:, 0].reshape(FINE, FINE)
    figure, ax = plt.subplots(figsize=(4.2, 3.4))
    # In steps of colour, as one small picture: eighteen of them are to fit on a page.
    steps = (np.floor(answers * STEPS).clip(0, STEPS - 1) + 0.5) / STEPS
    image = ax.imshow(steps, cmap=figures.TWO_CLASSES, vmin=0, vmax=1, origin="lower",
                      extent=(-2, 2, -2, 2), interpolation="none", alpha=0.7)  # fmt: skip
    ax.contour(side[::2], side[::2], answers[::2, ::2], [0.5], colors=BLACK)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    figure.colorbar(image, ax=ax, label="answer")
    middle = float(net(np.zeros((1, 2)))[0, 0])
    ax.plot(0, 0, "o", color=BLACK, mec="white", ms=8)
    ax.set_title(f"answer at (0, 0): {middle:.2f}")
    shape = "ReLU" if activation == "relu" else activation
    return figure, (
        f"Answers of a random network with six {shape} units, {biases} biases, start {start}, "
        f"on the square from -2 to 2, from blue for 0 to orange for 1. At (0, 0) it answers "
        f"{middle:.2f}; a black line marks the answer one half."
    )


@figures.styled
def spread_figure(runs: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Differences between hidden units, and accuracies, by epoch.

    ``runs`` maps the start's name to the spread of the weights (epochs + 1,) and the
    accuracy (epochs,) in per cent.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.1))
    for (name, (spread, accuracy)), dash, colour in zip(
        runs.items(), ("-", "--", "-.", ":"), (BLUE, RED, GREY, BLACK), strict=True
    ):
        left.semilogy(np.arange(len(spread)), spread, dash, color=colour, label=name)
        epochs = np.arange(1, len(accuracy) + 1)
        right.plot(epochs, accuracy, dash, color=colour, label=name)
    left.set(xlabel="epoch", ylabel="difference between units")
    right.set(xlabel="epoch", ylabel="validation accuracy (%)", ylim=(0, 100))
    right.legend(title="first weights", fontsize=9, loc="lower right")
    return figure


