"""Chapter "Backpropagation": drawings, and a gradient with every popular mistake.

Shapes: rows are examples; X (n, d_0), W1 (d_0, d_1), W2 (d_1, K).
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLACK, BLUE, GREY, RED
from nnlib import losses
from nnlib.activations import sigmoid
from nnlib.checks import check_choice

PARAMETERS = ("W1", "b1", "W2", "b2")

BUGS = {
    "sign": "sign turned",
    "sum": "summed, not averaged",
    "forgotten": "derivative forgotten",
    "doubled": "derivative taken twice",
    "from z": "derivative z (1 - z)",
    "outer": "matrix product",
    "bias twice": "biases averaged twice",
    "bias last": "biases overwritten",
    "stepped": "W2 stepped too early",
}


def gradient(
    theta: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray, bug: str | None = None
) -> dict[str, np.ndarray]:
    """Slopes of the mean cross-entropy of a sigmoid network with one hidden layer.

    Parameters
    ----------
    theta : dict
        Arrays "W1" (d_0, d_1), "b1" (d_1,), "W2" (d_1, K), "b2" (K,).
    X : array (n, d_0)
    y : array (n,)
        Labels.
    bug : str, optional
        One of `BUGS`: the slopes are then wrong in that way.

    Returns
    -------
    dict
        One array for each of theta's, of its shape.
    """
    if bug is not None:
        check_choice("bug", bug, BUGS)
    n, W2 = len(X), theta["W2"]
    z1 = X @ theta["W1"] + theta["b1"]
    a1 = sigmoid(z1)
    _, delta2 = losses.cross_entropy(a1 @ W2 + theta["b2"], y)
    delta2 = delta2 * {"sign": -1, "sum": n}.get(bug, 1)
    if bug == "stepped":  # a step of learning rate 0.5
        W2 = W2 - 0.5 * a1.T @ delta2
    blame = delta2 @ W2.T
    wrong_factors = {
        "forgotten": 1.0,
        "doubled": sigmoid(a1) * (1 - sigmoid(a1)),
        "from z": z1 * (1 - z1),
    }
    delta1 = blame * wrong_factors.get(bug, a1 * (1 - a1))
    if bug == "outer":  # of each row: blame @ (a1 as a column @ 1 - a1 as a row)
        delta1 = (blame * a1).sum(axis=1, keepdims=True) * (1 - a1)
    db1, db2 = delta1.sum(axis=0), delta2.sum(axis=0)
    if bug == "bias twice":
        db1, db2 = db1 / n, db2 / n
    if bug == "bias last":
        db1, db2 = delta1[-1], delta2[-1]
    return {"W1": X.T @ delta1, "b1": db1, "W2": a1.T @ delta2, "b2": db2}


def fingerprint(wrong: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """How a wrong slope array relates to the right one: (factor, cosine).

    The factor f makes f * right come nearest to wrong; the cosine is that of the angle
    between them: 1 same direction, 0 nothing in common, -1 opposite.
    """
    wrong, right = wrong.ravel(), right.ravel()
    sizes = np.linalg.norm(wrong), np.linalg.norm(right)
    return float(wrong @ right / sizes[1] ** 2), float(wrong @ right / np.prod(sizes))


def _short(number: float) -> str:
    """Two significant digits, without an exponent."""
    text = f"{number:.0f}" if abs(number) >= 10 else f"{number:.2g}"
    return text.replace("-", "\u2212")


@figures.styled
def fingerprint_figure(theta, X, y) -> tuple[Figure, dict]:
    """Every mistake in `BUGS` against every parameter array.

    Returns the figure, and its numbers: found[bug][array] = (factor, cosine).
    """
    right = gradient(theta, X, y)
    found = {}
    for bug in BUGS:
        wrong = gradient(theta, X, y, bug)
        found[bug] = {k: fingerprint(wrong[k], right[k]) for k in PARAMETERS}
    numbers = np.array([[found[bug][k] for k in PARAMETERS] for bug in BUGS])
    factors, cosines = numbers[..., 0], numbers[..., 1]
    figure, ax = plt.subplots(figsize=(7.4, 4.8))
    is_right = (np.abs(factors - 1) < 1e-9) & (cosines > 1 - 1e-9)
    shown = np.where(is_right, np.nan, cosines)
    picture = ax.imshow(shown, cmap="RdYlBu", vmin=-1, vmax=1, aspect="auto")
    for (i, j), cosine in np.ndenumerate(cosines):
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        text, colour = f"× {_short(factors[i, j])}, {angle:.0f}°", BLACK
        if is_right[i, j]:
            text, colour = "right", GREY
        elif abs(cosine) > 0.75:  # on a dark ground
            colour = "white"
        ax.text(j, i, text, ha="center", va="center", fontsize=9, color=colour)
    ax.set_xticks(range(4), [f"${name[0]}_{name[1]}$" for name in PARAMETERS])
    ax.set_yticks(range(len(BUGS)), BUGS.values())
    ax.set(xlabel="derivatives of")
    ax.grid(False)
    figure.colorbar(picture, label="cosine of the angle")
    return figure, found


# -- steps in a valley -----------------------------------------------------------------

STEEP = 20.0  # how much more the valley is curved across than along


def valley_cost(u, v):
    """C = (u² + 20 v²) / 2: a long valley along u, steep across, along v."""
    return (u**2 + STEEP * v**2) / 2


def valley_walk(rate: float, steps: int, start: Sequence[float] = (10.0, 1.0)) -> np.ndarray:
    """The points (steps + 1, 2) that gradient descent visits in the valley."""
    walk = [np.array(start, dtype=float)]
    for _ in range(steps):
        walk.append(walk[-1] - rate * walk[-1] * [1.0, STEEP])
    return np.array(walk)


@figures.styled
def valley_figure(rate: float, steps: int) -> tuple[Figure, str]:
    """The walk on a map of the valley, and the text that says how it goes."""
    walk = valley_walk(rate, steps)
    first, last = valley_cost(*walk[0]), valley_cost(*walk[-1])
    figure, ax = plt.subplots(figsize=(4.2, 2.6))
    u, v = np.meshgrid(np.linspace(-1.5, 11, 120), np.linspace(-2, 2, 80))
    levels = np.array([0.3, 1, 3, 10, 30, 60, 100])
    ax.contour(u, v, valley_cost(u, v), levels, colors=GREY, linewidths=0.7)
    ax.plot(*walk.T, "o-", color=BLUE, ms=3.5, lw=1.3)
    ax.plot(*walk[0], "o", color=BLACK, label="start")
    ax.plot(0, 0, "*", color=RED, ms=11, label="lowest point")
    ax.set(xlabel="$u$, along the valley", ylabel="$v$, across", ylim=(-2, 2), xlim=(-1.5, 11))
    ax.set_title(f"cost {first:.0f}, after {steps} steps {last:.4g}")
    ax.legend(fontsize=9, loc="lower left", ncols=2, frameon=True, framealpha=1)
    across = round(1 - rate * STEEP, 9)  # what each step multiplies v by
    how = ("jumps across the valley, farther each time" if across < -1 else
           "jumps across the valley and comes no nearer" if across == -1 else
           "jumps across the valley, less each time" if across < 0 else
           "walks to the floor of the valley and creeps along it")  # fmt: skip
    return figure, f"Gradient descent {how}: cost {first:.0f}, after {steps} steps {last:.4g}."


# -- drawings --------------------------------------------------------------------------


@figures.styled
def graph_figure(
    values: dict[str, float],
    edges: dict[tuple[str, str], str],
    slopes: dict[str, float] | None = None,
) -> Figure:
    """The small graph x -> (h1, h2) -> o -> C with a value at each node.

    ``edges`` maps (from, to) to the text written on the arrow; ``slopes``, once they are known,
    are the derivatives of C with respect to the nodes, and stand below them.
    """
    nodes = {  # how it is written, and where it stands
        "x": ("$x$", 0, 0),
        "h1": ("$h_1$", 1.5, 0.95),
        "h2": ("$h_2$", 1.5, -0.95),
        "o": ("$o$", 3.0, 0),
        "C": ("$C$", 4.3, 0),
    }
    middle = {"ha": "center", "va": "center"}
    arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 24, "shrinkB": 24}
    figure, ax = plt.subplots(figsize=(6.6, 3.7))
    for (start, end), text in edges.items():
        (_, x0, y0), (_, x1, y1) = nodes[start], nodes[end]
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=arrow, zorder=1)
        side = 0.28 if y0 + y1 >= 0 else -0.28
        ax.text((x0 + x1) / 2, (y0 + y1) / 2 + side, text, fontsize=10, **middle)
    for key, (name, x, y) in nodes.items():
        ax.scatter(x, y, s=1900, color="white", edgecolors=BLUE, linewidths=2, zorder=2)
        ax.text(x, y, f"{name}\n{values[key]:.3f}", fontsize=9.5, **middle)
        if slopes is not None:
            text = rf"$\partial C/\partial {name.strip('$')}$ = {slopes[key]:.3g}"
            ax.text(x, y - 0.48, text, fontsize=9.5, color=RED, **middle)
    ax.set(xlim=(-0.6, 4.8), ylim=(-1.6, 1.35))
    ax.axis("off")
    return figure


@figures.styled
def shapes_figure(n: str = "n") -> Figure:
    """The arrays of a 64-50-10 network as boxes: forwards above, slopes below."""
    boxes = [  # name, rows, columns, x, colour
        ("$X$", n, "64", 0.0, BLUE), ("$W_1$", "64", "50", 1.7, GREY),
        ("$z_1, a_1$", n, "50", 3.4, BLUE), ("$W_2$", "50", "10", 4.9, GREY),
        ("$z_2$", n, "10", 6.1, BLUE),
    ]  # fmt: skip
    slopes = [None, "$dW_1$", r"$\delta_1$", "$dW_2$", r"$\delta_2$"]
    width = {"64": 1.15, "50": 0.95, "10": 0.45}
    height = {n: 0.7, "64": 1.15, "50": 0.95}
    figure, ax = plt.subplots(figsize=(6.6, 3.9))
    for (name, rows, columns, x, colour), slope in zip(boxes, slopes, strict=True):
        for label, y, edge in ((name, 0.9, colour), (slope, -0.9, RED)):
            if label is None:
                continue
            w, h = width[columns], height[rows]
            box = plt.Rectangle((x, y - h / 2), w, h, fill=False, lw=2, edgecolor=edge)
            ax.add_patch(box)
            ax.text(x + w / 2, y, label, ha="center", va="center", fontsize=12)
            ax.text(x + w / 2, y + h / 2 + 0.06, columns, ha="center", fontsize=9)
            ax.text(x - 0.07, y, rows, ha="right", va="center", fontsize=9)
    style = {"arrowstyle": "-|>", "lw": 1.8}
    ax.annotate("", (6.7, 1.85), (0.2, 1.85), arrowprops=style | {"color": BLUE})
    ax.text(3.4, 1.95, "forward: values", ha="center", color=BLUE)
    ax.annotate("", (1.7, -1.85), (6.7, -1.85), arrowprops=style | {"color": RED})
    words = "backward: derivatives, each of the shape above it"
    ax.text(4.2, -2.15, words, ha="center", color=RED)
    ax.set(xlim=(-0.4, 7.1), ylim=(-2.3, 2.3))
    ax.axis("off")
    return figure
