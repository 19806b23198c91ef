"""Figures: the course's look, and the few pictures that several chapters draw.

Every figure leaves through `show`, which asks for its text alternative and displays one PNG
that carries it.  The drawing functions take matplotlib axes and plain arrays.

Not here: computing what is drawn; anything interactive (``widgets``).
"""

from __future__ import annotations

import base64
import io
import itertools

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart by colour-blind readers too; yellow is left out (too pale).
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PINK, SKY, GREY, BLACK = "#CC79A7", "#56B4E9", "#7F7F7F", "#1A1A1A"
CYCLE = (BLUE, RED, GREEN, PINK, ORANGE, SKY, GREY, BLACK)
DASHES = ("-", "--", "-.", ":")  # so that lines differ without their colours, too

# One colour for each class of the gates: class 0 is blue, class 1 is red-orange.
TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", [BLUE, "#F7F7F7", RED])
SIGNED = TWO_CLASSES  # negative blue, zero pale, positive red


def style() -> None:
    """Set the course's look for all figures that follow (done once on import)."""
    matplotlib.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": matplotlib.cycler(color=CYCLE),
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E6E6E6",
            "lines.linewidth": 1.8,
            "legend.frameon": False,
            "image.cmap": "viridis",
            "svg.hashsalt": "nnlib",
        }
    )


def show(figure: Figure | None = None, *, alt: str) -> None:
    """Display a figure as one PNG with its text alternative, and close it.

    Parameters
    ----------
    figure : Figure, optional
        Default: the current one.
    alt : str
        What is seen and what it means, for readers who cannot see it: at least 20 characters.
    """
    from IPython.display import display

    data, metadata = picture(plt.gcf() if figure is None else figure, alt=alt)
    display(data, metadata=metadata, raw=True)


def picture(figure: Figure, *, alt: str) -> tuple[dict, dict]:
    """What `show` displays, a PNG and its text, as Jupyter's data and metadata."""
    if not isinstance(alt, str) or len(alt.strip()) < 20:
        raise ValueError(
            f"alt must say in a sentence (20 characters or more) what is shown, got {alt!r}."
        )
    stream = io.BytesIO()
    figure.savefig(
        stream, format="png", metadata={"Software": None}, pil_kwargs={"optimize": True}
    )
    plt.close(figure)
    alt = " ".join(alt.split())
    data = {"image/png": base64.b64encode(stream.getvalue()).decode(), "text/plain": alt}
    return data, {"image/png": {"alt": alt}}


def curves(
    ax: Axes,
    columns: dict[str, np.ndarray],
    *,
    ylabel: str,
    xlabel: str = "epoch",
    log: bool = False,
    start: int = 1,
) -> Axes:
    """Draw one line for each named array (epochs,), counted from ``start``, with a legend."""
    for (name, values), dash in zip(columns.items(), itertools.cycle(DASHES), strict=False):
        ax.plot(np.arange(start, start + len(values)), values, dash, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if log:
        ax.set_yscale("log")
    if len(columns) > 1:
        ax.legend()
    return ax


def decision_surface(
    ax: Axes,
    function,
    X: np.ndarray,
    y: np.ndarray | None = None,
    *,
    margin: float = 0.5,
    steps: int = 120,
    limits: tuple[float, float] = (0.0, 1.0),
    border: float | None = 0.5,
) -> Axes:
    """Colour the plane by ``function`` ((n, 2) -> (n,)), and draw the points of two classes.

    ``limits`` are the values of the two pure colours; ``border`` draws the line between them.
    """
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    grid = np.meshgrid(*(np.linspace(a, b, steps) for a, b in zip(low, high, strict=True)))
    values = np.asarray(function(np.stack([g.ravel() for g in grid], axis=1))).reshape(steps, steps)
    extent = (low[0], high[0], low[1], high[1])
    ax.imshow(values, origin="lower", extent=extent, cmap=TWO_CLASSES, alpha=0.55, aspect="auto",
              vmin=limits[0], vmax=limits[1], interpolation="bilinear")  # fmt: skip
    if border is not None and values.min() < border < values.max():
        ax.contour(*grid, values, levels=[border], colors=BLACK, linewidths=1.5)
    if y is not None:
        points(ax, X, y)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    return ax


def points(ax: Axes, X: np.ndarray, y: np.ndarray, size: float | None = None) -> None:
    """Scatter two classes: blue circles for 0, red-orange squares for 1."""
    size = size or (90 if len(X) <= 20 else 8)
    for label, colour, marker in ((0, BLUE, "o"), (1, RED, "s")):
        rows = np.asarray(y).ravel() == label
        line = 0.8 if size > 20 else 0.2
        ax.scatter(*X[rows].T, s=size, c=colour, marker=marker, edgecolors="white",
                   linewidths=line, label=f"class {label}", zorder=3)  # fmt: skip


def images(
    pictures: np.ndarray,
    titles=None,
    *,
    columns: int = 10,
    size: float = 0.75,
    cmap="gray_r",
    limits: tuple[float, float] | None = None,
) -> Figure:
    """A grid of square pictures (n, pixels) or (n, height, width), each with its title.

    ``limits`` (the values of the two ends of the colour map) are shared by all pictures.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim == 2:
        side = int(np.sqrt(pictures.shape[1]))
        pictures = pictures.reshape(-1, side, side)
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    low, high = limits if limits is not None else (pictures.min(), pictures.max())
    height = size * rows * (1.35 if titles is not None else 1.0)
    figure, axes = plt.subplots(rows, columns, figsize=(size * columns, height), squeeze=False)
    for k, ax in enumerate(axes.flat):
        ax.axis("off")
        if k < len(pictures):
            ax.imshow(pictures[k], cmap=cmap, vmin=low, vmax=high)
            if titles is not None:
                ax.set_title(titles[k], fontsize=8, loc="center", pad=2)
    return figure


def confusion(ax: Axes, matrix: np.ndarray, names=None) -> Axes:
    """A confusion matrix: rows are true classes, columns predictions.

    The diagonal, far larger than the rest, is written but left uncoloured, so that colour shows
    the mistakes.
    """
    matrix = np.asarray(matrix)
    mistakes = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    ax.imshow(mistakes, cmap="Reds")
    for i, j in np.ndindex(*matrix.shape):
        dark = mistakes[i, j] > 0.6 * max(mistakes.max(), 1)
        ax.text(j, i, matrix[i, j], ha="center", va="center", fontsize=8,
                color="white" if dark else GREY if i == j else BLACK)  # fmt: skip
    names = range(len(matrix)) if names is None else names
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.set_xticks(range(len(matrix)), names)
    ax.set_yticks(range(len(matrix)), names)
    ax.grid(False)
    return ax


def heatmap(
    ax: Axes,
    values: np.ndarray,
    rows,
    columns,
    *,
    xlabel: str,
    ylabel: str,
    title: str = "",
    fmt: str = ".1f",
    limits: tuple[float, float] | None = None,
    cmap="viridis",
) -> Axes:
    """An annotated seaborn heatmap; NaN (a training that diverged) is hatched, not coloured."""
    import seaborn as sns

    low, high = limits if limits is not None else (np.nanmin(values), np.nanmax(values))
    ax.patch.set(hatch="xx", edgecolor="#B0B0B0")
    sns.heatmap(values, annot=True, fmt=fmt, ax=ax, cmap=cmap, vmin=low, vmax=high,
                xticklabels=columns, yticklabels=rows, annot_kws={"fontsize": 8},
                linewidths=0.5, cbar_kws={"shrink": 0.8})  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.tick_params(axis="y", rotation=0)
    return ax


style()
