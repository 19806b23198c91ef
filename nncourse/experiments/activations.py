"""Chapter "Activations and initialisation": sizes by layer, and the chapter's drawings.

Shapes: rows are examples; X (n, d_0), deltas dC/dz (n, d_l).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLACK, BLUE, DASHES, RED
from nnlib import Network, losses
from nnlib.activations import get as activation_named
from nnlib.checks import check_scalar
from nnlib.initializers import glorot_normal

FAMILY = ("relu", "leaky_relu", "elu")
TICKS = (1, 5, 10, 15, 20)


def rms(values: np.ndarray) -> float:
    """Root mean square of all entries."""
    return float(np.sqrt(np.mean(np.square(values))))


def scaled_glorot(factor: float):
    """Glorot's normal weights, multiplied by ``factor`` (at least 0)."""
    factor = check_scalar("factor", factor)

    def start(generator, d_in, d_out):
        return factor * glorot_normal(generator, d_in, d_out)

    return start


def sizes_by_layer(net: Network, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Root mean square of a and of dC/dz in each hidden layer: two arrays (L - 1,).

    Parameters
    ----------
    net : Network
        Of `Dense` layers; its output is read as logits.
    X : array (n, d_0)
    y : array (n,)
    """
    _, delta = losses.cross_entropy(net.forward(X), y)
    forwards, backwards = [], []
    for layer, below in zip(net.layers[:0:-1], net.layers[-2::-1], strict=True):
        a = net.trace[net.layers.index(layer)].input
        delta = below.activation.backward(a, delta @ layer.W.swapaxes(-1, -2))
        forwards.append(rms(a))
        backwards.append(rms(delta))
    return np.array(forwards[::-1]), np.array(backwards[::-1])


@figures.styled
def derivative_figure() -> Figure:
    """The logistic function and tanh, with their derivatives."""
    z = np.linspace(-6, 6, 241)
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.8), sharex=True)
    for ax, name in zip(axes, ("sigmoid", "tanh"), strict=True):
        f = activation_named(name)
        a = f(z)
        ax.plot(z, a, color=BLUE, label="$f(z)$")
        ax.plot(z, f.backward(a, np.ones_like(a)), "--", color=RED, label="$f'(z)$")
        ax.axhline(0, color=BLACK, lw=0.8)
        ax.set(title=name, xlabel="weighted sum $z$")
    axes[0].set_ylabel("value")
    axes[0].legend(loc="upper left")
    return figure


@figures.styled
def family_figure() -> Figure:
    """ReLU and its relatives, near 0."""
    z = np.linspace(-3, 2, 201)
    names = ("ReLU", "leaky ReLU (0.01)", "ELU ($\\alpha$ = 1)")
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.4), sharex=True, sharey=True)
    for ax, name, title in zip(axes, FAMILY, names, strict=True):
        ax.plot(z, activation_named(name)(z), color=BLUE)
        ax.axhline(0, color=BLACK, lw=0.8)
        ax.axvline(0, color=BLACK, lw=0.8)
        ax.set(title=title, xlabel="weighted sum $z$")
    axes[0].set_ylabel("activation $f(z)$")
    return figure


@figures.styled
def sizes_figure(sizes: dict[str, np.ndarray]) -> Figure:
    """Sizes of dC/dz by layer, one line for each set-up: arrays (L - 1,)."""
    figure, ax = plt.subplots(figsize=(7.4, 3.6))
    for number, (name, values) in enumerate(sizes.items()):
        ax.plot(np.arange(1, len(values) + 1), values, DASHES[number % len(DASHES)],
                marker="osv^D"[number % 5], ms=4, label=name)  # fmt: skip
    ax.set(yscale="log", xlabel="hidden layer (1: the first)", ylabel="rms of $dC/dz$",
           xticks=TICKS)  # fmt: skip
    ax.legend(fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
