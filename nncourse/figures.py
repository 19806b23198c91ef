"""Figures: the few pictures that several chapters draw, and how a figure is shown.

The course's look is a matplotlib style, ``plt.style.use("nncourse.style")``; importing this
module changes nothing.  Every figure leaves through `show`, which asks for its text alternative
and displays one PNG that carries it, with a numbered caption.
The drawing functions take matplotlib axes and plain arrays.

Not here: computing what is drawn; anything interactive (``widgets``).
"""

from __future__ import annotations

import base64
import functools
import io
import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

# Okabe and Ito's palette, told apart by colour-blind readers too; yellow is left out (too pale).
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PINK, SKY, GREY, BLACK = "#CC79A7", "#56B4E9", "#7F7F7F", "#1A1A1A"
CYCLE = (BLUE, RED, GREEN, PINK, ORANGE, SKY, GREY, BLACK)
DASHES = ("-", "--", "-.", ":")  # so that lines differ without their colours, too

# One colour for each class of the gates: class 0 is blue, class 1 is red-orange.
TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", [BLUE, "#F7F7F7", RED])
SIGNED = TWO_CLASSES  # negative blue, zero pale, positive red

STYLE = "nncourse.style"  # plt.style.use(figures.STYLE) in a notebook's first cell

DPI = 220  # two pixels of the picture for each of the page: sharp on a phone, too
COLOURS = 256  # a palette of so many makes a picture a third as heavy, and nobody sees it

FEW_COLOURS = 16  # with so many steps or fewer, a colour hides by how much two numbers differ

_numbers: dict[str, int] = {}  # caption -> number of the figure, in this session


def styled(function):
    """Decorate a function that makes a figure: it draws in the course's look, and only it."""

    @functools.wraps(function)
    def drawn(*arguments, **options):
        with plt.style.context(STYLE):
            return function(*arguments, **options)

    return drawn


def show(figure: Figure | None = None, *, alt: str, caption: str | None = None) -> None:
    """Display a figure with its text alternative and its numbered caption, and close it.

    Parameters
    ----------
    figure : Figure, optional
        Default: the current one.
    alt : str
        What is seen and what it means, for readers who cannot see it: at least 20 characters.
    caption : str, optional
        One or two sentences that say what to look at, in Markdown.  Figures are numbered in the
        order in which their captions first appear; a cell that is run again keeps its number.
    """
    from IPython.display import display

    data, metadata = picture(plt.gcf() if figure is None else figure, alt=alt)
    display(data, metadata=metadata, raw=True)
    if caption is not None:
        words = _numbered(caption)
        metadata = {"nnlib": {"typed": True}}  # typed by somebody: it proves no number
        display({"text/markdown": words, "text/plain": words}, metadata=metadata, raw=True)


def _numbered(caption: str) -> str:
    caption = " ".join(caption.split())
    if not caption:
        raise ValueError("caption is empty: say in a sentence what to look at, or leave it out.")
    number = _numbers.setdefault(caption, len(_numbers) + 1)
    return f"**Figure {number}.** {caption}"


def picture(figure: Figure, *, alt: str) -> tuple[dict, dict]:
    """What `show` displays, a PNG and its text, as Jupyter's data and metadata.

    The PNG has two pixels for each one of the page; its size on the page is in the metadata.
    """
    if not isinstance(alt, str) or len(alt.strip()) < 20:
        raise ValueError(
            f"alt must say in a sentence (20 characters or more) what is shown, got {alt!r}."
        )
    stream, about = io.BytesIO(), PngInfo()
    if _brightness_means_something(figure):
        about.add_text("nncourse", "card")  # on a dark page it stays light (_ext/nnsite/dark.py)
    steps = _steps_of_colour(figure)
    figure.savefig(stream, format="png", dpi=DPI)
    plt.close(figure)
    image = Image.open(stream).convert("RGB")
    width, height = image.size
    light = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(
        light, "PNG", optimize=True, pnginfo=about
    )
    alt = " ".join(alt.split())
    data = {"image/png": base64.b64encode(light.getvalue()).decode(), "text/plain": alt}
    metadata = {"image/png": {"alt": alt, "width": width // 2, "height": height // 2}}
    return data, metadata | ({"nnlib": {"steps": steps}} if steps else {})


def _steps_of_colour(figure: Figure) -> list[dict]:
    """The numbers behind few steps of colour, and the borders between the steps.

    Two processors may draw the same colour from numbers that have little in common: the numbers
    go with the picture, so that a test sees how near to a border rounding moves them.
    """
    found = []
    for ax in figure.axes:
        for drawn in (*ax.images, *ax.collections):
            values = drawn.get_array()
            if values is None or np.ndim(values) > 2 or ax.get_label() == "<colorbar>":
                continue
            if isinstance(drawn.norm, BoundaryNorm):
                borders = drawn.norm.boundaries
            elif drawn.get_cmap().N <= FEW_COLOURS and type(drawn.norm) is Normalize:
                borders = np.linspace(*drawn.get_clim(), drawn.get_cmap().N + 1)[1:-1]
            else:
                continue
            values = np.ma.filled(np.ma.asarray(values, float), np.nan).ravel()
            numbers = [float(f"{x:.4g}") if np.isfinite(x) else None for x in values]
            found.append({"values": numbers, "borders": [float(f"{b:.6g}") for b in borders]})
    return found


def _brightness_means_something(figure: Figure) -> bool:
    """Whether a colour map such as viridis, dark at one end, colours part of the figure."""
    maps = [
        drawn.get_cmap()(np.array([0.0, 1.0]))[:, :3].sum(axis=1)
        for ax in figure.axes
        for drawn in (*ax.images, *ax.collections)
        if drawn.get_array() is not None and np.ndim(drawn.get_array()) < 3
    ]
    # From black to white is ink on paper; towards white at neither end or at the low end, too.
    return any(low < 1.2 and 1.5 < high < 2.9 for low, high in maps)


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


@styled
def images(
    pictures: np.ndarray,
    titles=None,
    *,
    columns: int = 10,
    size: float = 0.75,
    cmap="gray_r",
    limits: tuple[float, float] | None = None,
    frame: bool = False,
) -> Figure:
    """A grid of square pictures (n, pixels) or (n, height, width), each with its title.

    ``limits`` (the values of the two ends of the colour map) are shared by all pictures;
    ``frame`` draws the edge of each, where it matters in which place of it the ink stands.
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
            if frame:
                ax.axis("on")
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set(visible=True, color=GREY, linewidth=0.8)
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


def network_diagram(ax: Axes, widths, *, names=None, most: int = 7, colours=None) -> Axes:
    """Draw a network: one column of circles for each layer, an arrow for each weight.

    Parameters
    ----------
    ax : Axes
        Emptied of ticks, grid and frame.
    widths : sequence of int
        d_0, d_1, ..., d_L: the inputs, the units of each layer, the last being the outputs.
    names : sequence of str, optional
        What stands below each column; default "64 inputs", "30 units", "10 outputs".
    most : int, default 7
        A wider layer is drawn as so many places, the last but one of them three dots.
    colours : sequence of str, optional
        The fill of each column.

    Raises
    ------
    ValueError
        Fewer than two layers, a width that is no whole number of at least 1, ``most`` below 3,
        ``names`` or ``colours`` of another length.
    """
    widths = list(widths)
    whole = all(isinstance(w, (int, np.integer)) and w >= 1 for w in widths)
    if len(widths) < 2 or not whole:
        raise ValueError(
            f"widths must be two or more whole numbers of at least 1, got {widths}. "
            "Write for example [64, 30, 10]: inputs, units, outputs."
        )
    if most < 3:
        raise ValueError(f"most must be at least 3 (a unit, the dots, a unit), got {most}.")
    if names is None:
        words = ["inputs", *["units"] * (len(widths) - 2), "outputs"]
        pairs = zip(widths, words, strict=True)
        names = [f"{w} {word if w > 1 else word.removesuffix('s')}" for w, word in pairs]
    if colours is None:
        colours = ["white", *[SKY] * (len(widths) - 2), ORANGE]
    for what, given in (("names", names), ("colours", colours)):
        if len(given) != len(widths):
            raise ValueError(
                f"{what} must be one for each of the {len(widths)} columns, got {len(given)}."
            )
    columns = [_places(w, most) for w in widths]
    radius, apart = 0.25, 3.0
    arrow = {"arrowstyle": "-|>", "color": GREY, "linewidth": 0.6, "mutation_scale": 7}
    arrow |= {"shrinkA": 0, "shrinkB": 0}
    for x, ((heights, dots), colour) in enumerate(zip(columns, colours, strict=True)):
        for y in heights:
            ax.add_patch(
                plt.Circle((apart * x, y), radius, facecolor=colour, edgecolor=BLACK, zorder=3)
            )
        if dots is not None:
            ax.text(apart * x, dots, "\N{VERTICAL ELLIPSIS}", ha="center", va="center", fontsize=14)
        if x:
            for start, end in itertools.product(columns[x - 1][0], heights):
                tail, head = (apart * (x - 1) + radius, start), (apart * x - radius, end)
                ax.annotate("", head, tail, arrowprops=arrow)
    low = -max(min(w, most) for w in widths) / 2
    for x, name in enumerate(names):
        ax.text(apart * x, low - 0.35, name, ha="center", va="top")
    ax.set(xlim=(-1, apart * (len(widths) - 1) + 1), ylim=(low - 1.2, -low + 0.2), aspect="equal")
    ax.axis("off")
    return ax


def _places(width: int, most: int) -> tuple[list[float], float | None]:
    """Heights of the circles of a column, centred on 0, and where the dots stand (or None)."""
    count = min(width, most)
    heights = [(count - 1) / 2 - k for k in range(count)]
    if width <= most:
        return heights, None
    dots = heights.pop(-2)
    return heights, dots
