"""Chapter "Gradient descent": the surface of the race, and the chapter's drawings.

A point has shape (2,); many points at once (..., 2).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLACK, BLUE, GREEN, GREY, PINK, RED
from nnlib import SGD, Adam, RMSprop
from nnlib.checks import check_choice

START = (-1.5, 1.5)
COLOURS = {"plain": BLUE, "momentum": RED, "RMSprop": PINK, "Adam": GREEN}
MARKS = {"plain": "o", "momentum": "s", "RMSprop": "v", "Adam": "^"}


def surface(p: np.ndarray) -> np.ndarray:
    """Cost (...,) at points (..., 2): a bent valley with its lowest point, 0, at (1, 1).

    (1 - x)^2 + 10 (y - x^2)^2, after Rosenbrock (1960) with 10 in place of 100.
    """
    x, y = p[..., 0], p[..., 1]
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def surface_gradient(p: np.ndarray) -> np.ndarray:
    """Gradient (..., 2) of `surface`."""
    x, y = p[..., 0], p[..., 1]
    across = y - x**2
    return np.stack([-2 * (1 - x) - 40 * x * across, 20 * across], axis=-1)


def optimizer_named(name: str, rate):
    """One of the four optimizers of the race; ``rate`` is a number, or one for each runner."""
    check_choice("optimizer", name, COLOURS)
    if name == "plain":
        return SGD(rate)
    if name == "momentum":
        return SGD(rate, momentum=0.9)
    return RMSprop(rate) if name == "RMSprop" else Adam(rate)


def track(optimizer, gradient, start, steps: int) -> np.ndarray:
    """The points (steps + 1, ...) that an optimizer visits from ``start``."""
    theta = np.array(start, dtype=float)
    points = [theta.copy()]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            optimizer.step(theta, gradient(theta))
            points.append(theta.copy())
    return np.array(points)


def _map(ax) -> None:
    x, y = np.meshgrid(np.linspace(-2, 2, 121), np.linspace(-1, 3, 121))
    levels = [0.1, 0.5, 2, 6, 15, 35, 70]
    ax.contour(x, y, surface(np.stack([x, y], axis=-1)), levels, colors=GREY, linewidths=0.6)
    ax.plot(1, 1, "*", color=BLACK, ms=12, label="lowest point")
    ax.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", xlim=(-2, 2), ylim=(-1, 3))
    ax.grid(False)


@figures.styled
def race_figure(tracks: dict[str, np.ndarray]) -> Figure:
    """Tracks (steps + 1, 2) on the map of the surface, and the cost by step."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6))
    _map(left)
    for (name, points), dash in zip(tracks.items(), ("-", "--", "-."), strict=True):
        style = {"color": COLOURS[name], "lw": 1.2, "ls": dash, "label": name}
        left.plot(*points.T, marker=MARKS[name], ms=3, **style)
        right.semilogy(surface(points), **style)
    right.axhline(1e-3, color=GREY, ls=":")
    right.set(xlabel="step", ylabel="cost", ylim=(1e-4, 100))
    right.legend(fontsize=9, loc="upper right")
    return figure


@figures.styled
def lab_figure(losses: dict[str, np.ndarray], rates: dict[str, float], steps: dict) -> Figure:
    """Training loss by epoch, and by learning rate times number of steps.

    ``losses`` are arrays (epochs,); ``steps`` is the number of steps per epoch.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.3), sharey=True)
    colours, dashes = (BLUE, RED, GREEN), ("-", "-", "--")
    for (name, loss), colour, dash in zip(losses.items(), colours, dashes, strict=True):
        epochs = np.arange(1, len(loss) + 1)
        left.plot(epochs, loss, dash, color=colour, label=name)
        right.plot(epochs * steps[name] * rates[name], loss, dash, color=colour)
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="learning rate times number of steps")
    left.legend(fontsize=9)
    return figure


@figures.styled
def two_confusions(before: np.ndarray, after: np.ndarray, titles) -> Figure:
    """Two confusion matrices (K, K) side by side."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.4))
    for ax, matrix, title in zip(axes, (before, after), titles, strict=True):
        figures.confusion(ax, matrix)
        ax.set_title(title)
    return figure


@figures.styled
def rates_figure(found: dict[str, tuple[list, np.ndarray]]) -> Figure:
    """Accuracy against learning rate: name -> (rates, accuracies (runs, rates) in per cent)."""
    figure, ax = plt.subplots(figsize=(7, 3.6))
    for name, (rates, accuracy) in found.items():
        ax.semilogx(rates, accuracy.mean(axis=0), color=COLOURS[name], marker=MARKS[name],
                    ms=5, label=name)  # fmt: skip
        ax.fill_between(rates, accuracy.min(axis=0), accuracy.max(axis=0),
                        color=COLOURS[name], alpha=0.15, lw=0)  # fmt: skip
    ax.set(xlabel="learning rate", ylabel="validation accuracy (%)", ylim=(0, 101))
    ax.legend(fontsize=9, loc="lower right")
    return figure


@figures.styled
def wells_figure(cost, noises, shares) -> Figure:
    """The two wells, and the share of balls in the deeper one against the noise.

    ``cost`` is a function of x; ``shares`` is (draws, noises), in per cent.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.9))
    x = np.linspace(-1.8, 1.8, 200)
    left.plot(x, cost(x))
    left.set(xlabel="position $x$", ylabel="cost")
    right.plot(noises, np.mean(shares, axis=0), "o-")
    right.axhline(np.mean(shares, axis=0)[0], color=GREY, ls=":")
    right.set(xlabel="standard deviation of the noise", ylabel="in the deeper well (%)",
              ylim=(40, 90))  # fmt: skip
    return figure
