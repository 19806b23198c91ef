"""What the first chapter draws and measures: one neuron, one layer, one network on digits.

Pictures are rows (n, 64) of the 8x8 digits, with pixels from 0 to 1.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from nncourse import figures
from nnlib import SGD, Dense, Network, datasets, fit
from nnlib.activations import sigmoid

FRAME = ((-0.06, 1.06), (-0.06, 0.6))  # of the plane of two measurements
EDGES = (-1e3, -4, -1, 0, 1, 4, 1e3)  # weighted sums between which one colour is drawn
SHADES = (-6, -2, -0.5, 0.5, 2, 6)  # and the sum whose output gives that colour
ROOM = 1e-9  # a weighted sum this near to 0 counts as 0: no rounding decides which side it is on


@figures.styled
def picture_of_numbers(picture: np.ndarray) -> Figure:
    """A picture (8, 8) with grey values from 0 to 16: as seen, and with each number written."""
    picture = np.rint(picture)
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.5))
    for ax in axes:
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.axis("off")
    for (row, column), value in np.ndenumerate(picture):
        colour = "white" if value > 8 else figures.BLACK
        axes[1].text(column, row, f"{value:.0f}", ha="center", va="center", color=colour)
    return figure


def neuron_with_knobs(inputs: np.ndarray, labels: np.ndarray, names: tuple[str, str]):
    """A drawing function of one neuron with two inputs, for `nncourse.widgets.explore`.

    Parameters
    ----------
    inputs : array (n, 2)
    labels : array (n,) of 0 and 1
    names : two texts
        What the inputs are.

    Returns
    -------
    function
        ``draw(w1, w2, b)`` -> figure and its text: left the plane coloured by the neuron's
        output, right the sigmoid with some twelve of the rows at their weighted sums.
    """

    @figures.styled
    def draw(w1: float, w2: float, b: float) -> tuple[Figure, str]:
        w = np.array([w1, w2])
        z = inputs @ w + b
        right = int(((z > ROOM) == labels).sum())
        figure, (plane, curve) = plt.subplots(1, 2, figsize=(8.2, 3.6), layout="none")
        figure.subplots_adjust(left=0.08, right=0.98, bottom=0.15, top=0.92, wspace=0.25)
        corners = np.stack(np.meshgrid(*FRAME), axis=-1)  # z is linear: four corners say it all
        shades = figures.TWO_CLASSES(sigmoid(np.array(SHADES)))
        if w.any():
            plane.contourf(*FRAME, corners @ w + b, EDGES, colors=shades, alpha=0.55)
            plane.contour(*FRAME, corners @ w + b, [0], colors=figures.BLACK)
        plane.set(xlim=FRAME[0], ylim=FRAME[1])
        _marks(plane, inputs, labels)
        plane.set(xlabel=names[0], ylabel=names[1], title=f"{right} of {len(z)} right")
        line = np.linspace(-12, 12, 61)
        curve.plot(line, sigmoid(line), color=figures.BLACK, linewidth=1)
        curve.set(xlim=(-13, 13), ylim=(-0.05, 1.05))
        few = slice(None, None, max(len(z) // 12, 1))  # what is drawn often is to be light
        inside = np.clip(z[few], -12, 12)
        _marks(curve, np.stack([inside, sigmoid(inside)], axis=1), labels[few])
        curve.axvline(0, color=figures.GREY, linewidth=1, linestyle=":")
        curve.set(xlabel="weighted sum $z$", ylabel="output $a$")
        zeros, ones = z[labels == 0], z[labels == 1]
        alt = (
            f"Left: {len(z)} pictures as points, {names[0]} against {names[1]}, the plane coloured "
            f"by the neuron's output; {right} lie on the right side of its border. Right: the "
            f"sigmoid; the weighted sums of class 0 average {zeros.mean():.1f}, those of class 1 "
            f"{ones.mean():.1f}."
        )
        return figure, alt

    return draw


def _marks(ax: Axes, places: np.ndarray, labels: np.ndarray) -> None:
    """Both classes as in `figures.points`, each as *one* path of dots, so that SVG stays small."""
    for label, colour, cap in ((0, figures.BLUE, "round"), (1, figures.RED, "projecting")):
        dots = np.repeat(places[labels == label], 2, axis=0)
        dots[1::2, 0] += 1e-3 * np.ptp(ax.get_xlim())  # without length it has no ends to be drawn
        path = Path(dots, np.tile([Path.MOVETO, Path.LINETO], len(dots) // 2))
        for width, edge in ((5.0, "white"), (4.0, colour)):
            ax.add_patch(
                PathPatch(
                    path,
                    color=edge,
                    linewidth=width,
                    capstyle=cap,
                    fill=False,
                    snap=False,
                    zorder=3,
                )
            )


@figures.styled
def weights_as_pictures(snapshots: dict[str, np.ndarray], shown=range(10)) -> Figure:
    """Rows of pictures: the weights (64, 10) of a layer, one row of pictures for each snapshot.

    Parameters
    ----------
    snapshots : dict of str -> array (64, 10)
        The name stands at the left of the row.
    shown : sequence of int
        Which of the ten units.
    """
    shown = list(shown)
    size = (0.72 * len(shown) + 1.1, 0.78 * len(snapshots) + 0.4)
    figure, axes = plt.subplots(len(snapshots), len(shown), figsize=size, squeeze=False)
    for number, (name, W) in enumerate(snapshots.items()):
        top = abs(W).max()  # each row has a scale of its own: early weights are small
        for ax, unit in zip(axes[number], shown, strict=True):
            ax.imshow(W[:, unit].reshape(8, 8), cmap=figures.SIGNED, vmin=-top, vmax=top)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
            ax.grid(False)
            if number == 0:
                ax.set_title(f"unit {unit}", fontsize=9, loc="center")
        axes[number, 0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


def digit_network(hidden: int, seed=0) -> Network:
    """64 inputs and 10 outputs; between them one layer of sigmoid units, or none for 0."""
    middle = [Dense(hidden, "sigmoid")] if hidden else []
    return Network(64, [*middle, Dense(10)], seed=seed)


def read_by_splits(hidden: int, *, splits: int = 10, starts: int = 2, epochs: int = 60):
    """Per cent of 360 new digits read right, by split and start: array (splits, starts)."""
    X, y = datasets.load_digits()
    found = np.empty((splits, starts))
    for number in range(splits):
        (X_train, y_train), (X_new, y_new) = datasets.split(X, y, 1437, 360, seed=number)
        nets = digit_network(hidden, seed=list(range(starts)))
        fit(nets, X_train, y_train, optimizer=SGD(0.5), epochs=epochs, batch_size=50,
            progress=False)  # fmt: skip
        found[number] = 100 * (nets.predict(X_new) == y_new).mean(axis=-1)
    return found
