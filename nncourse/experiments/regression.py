"""Chapter "Regression and universal approximation": targets, bends, stairs, and the drawings.

A hidden unit of one input computes f(w x + b); its *bend* is the place x = -b / w where its
weighted sum is 0.  Shapes: x (n,) for curves, X (n, 1) for networks, H (n, m) for m units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLACK, BLUE, GREEN, GREY, RED
from nnlib import Network
from nnlib.activations import sigmoid
from nnlib.checks import check_choice, check_int

Curve = Callable[[np.ndarray], np.ndarray]

STEEP = 10_000.0  # of a stair's sigmoid, in 1/x: as good as a step
BRICKS = ("steps", "ReLU", "tanh")


def abs_sin(x: np.ndarray) -> np.ndarray:
    """|sin x|: a hump for each pi, with a kink at every multiple of pi."""
    return np.abs(np.sin(x))


def sin_squared(x: np.ndarray) -> np.ndarray:
    """sin² x: as many humps as |sin x|, and no kink."""
    return np.sin(x) ** 2


TARGETS: dict[str, Curve] = {"|sin x|": abs_sin, "sin² x": sin_squared}


def as_forum(generator: np.random.Generator, d_in: int, d_out: int) -> np.ndarray:
    """First weights of the question about |sin x|: uniform between -0.5 and 0.5."""
    return generator.uniform(-0.5, 0.5, (d_in, d_out))


def summary(scores: np.ndarray) -> str:
    """Lowest, median and highest of some scores, as a row of a table."""
    scores = np.asarray(scores, float)
    # Adding 0 turns -0.00 into 0.00.
    low, middle, high = (round(f(scores), 2) + 0.0 for f in (np.min, np.median, np.max))
    return f"{low:7.2f} {middle:8.2f} {high:9.2f}"


def stairs(target: Curve, low: float, high: float, m: int, x: np.ndarray) -> np.ndarray:
    """A sum of m - 1 steep sigmoids that equals the target in the middle of m equal pieces.

    Parameters
    ----------
    target : function of an array (n,)
    low, high : float
        The interval; ``high`` above ``low``.
    m : int
        Number of pieces, at least 2.
    x : array (n,)
        Where the sum is wanted.

    Returns
    -------
    array (n,)
    """
    m = check_int("m", m, 2)
    edges = np.linspace(low, high, m + 1)
    heights = target((edges[:-1] + edges[1:]) / 2)  # (m,)
    units = sigmoid(STEEP * (np.asarray(x)[:, None] - edges[1:-1]))  # (n, m - 1)
    return heights[0] + units @ np.diff(heights)


def brick_units(brick: str, m: int, u: np.ndarray) -> np.ndarray:
    """Outputs (n, m + 1) of m units with bends spread evenly over -1 to 1, and a column of ones.

    Parameters
    ----------
    brick : str
        One of `BRICKS`.
    m : int
    u : array (n,)
        Places between -1 and 1.
    """
    check_choice("brick", brick, BRICKS)
    m = check_int("m", m, 1)
    from_bend = np.asarray(u)[:, None] - np.linspace(-1, 1, m, endpoint=False)
    if brick == "steps":
        H = (from_bend >= 0).astype(float)
    elif brick == "ReLU":
        H = np.maximum(from_bend, 0)
    else:
        H = np.tanh(m * (from_bend - 1 / m))
    return np.column_stack([H, np.ones(len(H))])


def best_sum(H: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The weighted sum of the columns of H (n, m) that is closest to y (n,): least squares."""
    weights = np.linalg.lstsq(H, y, rcond=1e-10)[0]
    return H @ weights


def rmse(a: np.ndarray, b: np.ndarray) -> float:
    """Root of the mean squared difference of two arrays of one shape."""
    if np.shape(a) != np.shape(b):
        raise ValueError(f"the shapes {np.shape(a)} and {np.shape(b)} differ: give two alike.")
    return float(np.sqrt(np.mean((np.asarray(a) - b) ** 2)))


# -- drawings ------------------------------------------------------------------------------


def _pi_ticks(ax, high: float, step: int) -> None:
    ticks = np.arange(0, round(high / np.pi) + 1, step)
    ax.set_xticks(ticks * np.pi, ["0" if k == 0 else "π" if k == 1 else f"{k}π" for k in ticks])


def _legend_below(figure: Figure) -> None:
    """One legend for all panels, where it hides no curve."""
    lines, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside lower center", ncols=2, fontsize=9)


@figures.styled
def panels_figure(panels: Mapping[str, tuple[float, np.ndarray, float]], target: Curve) -> Figure:
    """One panel for each title: the target, and curves of networks on 0 to ``high``.

    Parameters
    ----------
    panels : mapping of title to (high, outputs, score)
        ``outputs`` (M, n) on n places spread evenly from 0 to ``high``, and a score.
    target : function of an array (n,)
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(7.0, 2.8), sharey=True)
    for ax, (title, (high, outputs, score)) in zip(np.ravel(axes), panels.items(), strict=True):
        x = np.linspace(0, high, outputs.shape[-1])
        ax.plot(x, target(x), "--", color=BLACK, lw=1.2, label="target")
        for k, output in enumerate(outputs):
            ax.plot(x, output, color=BLUE, lw=0.9,
                    label="networks" if k == 0 else None)  # fmt: skip
        _pi_ticks(ax, high, max(1, round(high / np.pi / 4)))
        ax.set(title=f"{title}\nmedian $R^2$ {score + 0.0:.2f}", xlabel="x")
    np.ravel(axes)[0].set_ylabel("y")
    _legend_below(figure)
    return figure


@figures.styled
def stairs_figure(target: Curve, high: float, counts: Sequence[int]) -> Figure:
    """The target with stairs of several numbers of pieces."""
    figure, axes = plt.subplots(1, len(counts), figsize=(7.4, 2.8), sharey=True)
    x = np.linspace(0, high, 1001)
    for ax, m in zip(np.ravel(axes), counts, strict=True):
        ax.plot(x, target(x), "--", color=BLACK, lw=1.2, label="target")
        ax.plot(x, stairs(target, 0, high, m, x), color=BLUE, lw=1.2, label="sum")
        _pi_ticks(ax, high, 1)
        ax.set(title=f"{m} pieces", xlabel="x")
    np.ravel(axes)[0].set_ylabel("y")
    _legend_below(figure)
    return figure


@figures.styled
def starts_figure(starts: Mapping[str, tuple[Network, Network]], k: int = 0) -> Figure:
    """Hidden units of network ``k`` before and after training, one row for each start.

    Parameters
    ----------
    starts : mapping of name to (before, after)
        Networks of one input between -1 and 1, M of a kind.
    k : int
        Which of the M.
    """
    u = np.linspace(-1, 1, 401)
    figure, axes = plt.subplots(len(starts), 2, figsize=(7.0, 1.6 * len(starts) + 0.8),
                                sharex=True, sharey=True, squeeze=False)  # fmt: skip
    for row, (name, pair) in zip(axes, starts.items(), strict=True):
        for ax, net, when in zip(row, pair, ("before training", "after training"), strict=True):
            ax.plot(u, net.layers[0](u[:, None])[k], color=BLUE, lw=0.9)
            ax.set_title(f"{name}, {when}", fontsize=10)
        row[0].set_ylabel("activation $a$")
    for ax in axes[-1]:
        ax.set_xlabel("scaled input $u$")
    return figure


@figures.styled
def outside_figure(nets: Mapping[str, Network], target: Curve, high: float) -> Figure:
    """Networks trained on 0 to ``high`` (scaled to -1 to 1), drawn on twice that interval.

    Parameters
    ----------
    nets : mapping of name to Network
        M networks each, drawn as M lines.
    target : function of an array (n,)
    high : float
    """
    x = np.linspace(0, 2 * high, 1601)
    figure, ax = plt.subplots(figsize=(7.4, 3.0))
    ax.axvspan(0, high, color=GREY, alpha=0.15, lw=0)
    ax.text(high / 2, 1.5, "training inputs", ha="center", fontsize=9)
    for (name, net), colour, dashes in zip(nets.items(), (BLUE, RED, GREEN), ("-", "-.", ":"),
                                           strict=False):  # fmt: skip
        for k, output in enumerate(net(2 * x[:, None] / high - 1)[..., 0]):
            ax.plot(x, output, dashes, color=colour, lw=1, label=name if k == 0 else None)
    ax.plot(x, target(x), "--", color=BLACK, lw=1.2, label="target")
    ax.set(ylim=(-3.2, 3.2), xlabel="x", ylabel="y")
    _pi_ticks(ax, 2 * high, 1)
    ax.legend(loc="lower left", fontsize=9)
    return figure


@figures.styled
def brick_figure(brick: str, units: int, target: str) -> tuple[Figure, str]:
    """The best sum of ``units`` bricks with evenly spread bends, for a target on 0 to 4π.

    Parameters
    ----------
    brick : str
        One of `BRICKS`.
    units : int
    target : str
        One of `TARGETS`.

    Returns
    -------
    Figure, and its text
    """
    check_choice("target", target, TARGETS)
    u = np.linspace(-1, 1, 2001)
    x = 2 * np.pi * (u + 1)
    y = TARGETS[target](x)
    output = best_sum(brick_units(brick, units, u), y)
    error = rmse(output, y)
    figure, ax = plt.subplots(figsize=(6.0, 2.6))
    ax.plot(x, y, "--", color=BLACK, lw=1.2, label=f"target {target}")
    ax.plot(x, output, color=BLUE, lw=1.2, label=f"best sum of {units} {brick}")
    _pi_ticks(ax, 4 * np.pi, 1)
    ax.set(xlabel="x", ylabel="y", ylim=(-0.5, 1.5), title=f"error (rmse) {error:.2g}")
    ax.legend(loc="upper center", ncols=2, fontsize=9)
    return figure, (
        f"The target {target} on 0 to 4π and the closest weighted sum of {units} {brick} units "
        f"with evenly spread bends. Root mean squared error about {error:.2g}."
    )
