"""What the chapters on digits do to pictures, and what they draw of them.

Pictures are rows (n, side * side), as a network takes them.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from nncourse.experiments.course_file import course_file
from nnlib import checks


def published_log(start: Path | str = ".") -> list[dict[str, str]]:
    """The log that the class page prints: one row of texts for each network and epoch.

    Parameters
    ----------
    start : path
        Where to begin to look for ``data/source_003_log.csv`` (see `course_file`).

    Raises
    ------
    FileNotFoundError
        If it is in none of them.
    """
    path = course_file("data/source_003_log.csv", start)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rotate(X: np.ndarray, degrees: float, background: float = 0.0) -> np.ndarray:
    """Turn every picture about its centre, anticlockwise.

    Parameters
    ----------
    X : array (n, side * side)
    degrees : float
        Whole quarter turns move pixels without changing any; other angles interpolate
        linearly between four neighbours.
    background : float, default 0
        What is drawn where the turned picture leaves the frame empty.

    Returns
    -------
    array (n, side * side)
    """
    pictures = _pictures(X)
    quarters, rest = divmod(degrees, 90)
    pictures = np.rot90(pictures, int(quarters), axes=(1, 2))
    if rest:
        from scipy import ndimage

        pictures = ndimage.rotate(
            pictures, rest, axes=(2, 1), reshape=False, order=1, cval=background
        )
    return pictures.reshape(len(X), -1)


def shift(
    X: np.ndarray, right: int = 0, down: int = 0, background: float = 0.0
) -> np.ndarray:
    """Move every picture by whole pixels; what leaves the frame is lost.

    Parameters
    ----------
    X : array (n, side * side)
    right, down : int
        Pixels; negative ones move to the left, or up.
    background : float, default 0
        What is drawn where the frame is left empty.

    Returns
    -------
    array (n, side * side)
    """
    pictures = _pictures(X)
    side = pictures.shape[1]
    moved = np.full_like(pictures, background)
    if max(abs(right), abs(down)) < side:
        kept = pictures[:, _kept(-down, side), _kept(-right, side)]
        moved[:, _kept(down, side), _kept(right, side)] = kept
    return moved.reshape(len(X), -1)


def _kept(step: int, side: int) -> slice:
    """The rows or columns that a move by ``step`` fills."""
    return slice(max(step, 0), side + min(step, 0))


def _pictures(X: np.ndarray) -> np.ndarray:
    X = np.asarray(X)
    side = round(X.shape[-1] ** 0.5) if X.ndim == 2 else 0
    if side == 0 or side * side != X.shape[1]:
        raise ValueError(
            "X must hold square pictures as rows (n, side * side), got shape "
            f"{X.shape}. Reshape it, for example with X.reshape(len(X), -1)."
        )
    return checks.check_finite(X, "X").reshape(-1, side, side)


def commonest_mistakes(matrix: np.ndarray, count: int) -> str:
    """The largest cells off the diagonal of a confusion matrix (K, K), in words.

    Rows are true classes: "2 read as 8 (8 times), 3 read as 5 (5 times)".
    """
    mistakes = np.where(np.eye(len(matrix), dtype=bool), 0, matrix)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    cells = zip(*np.unravel_index(order, mistakes.shape), strict=True)
    return ", ".join(f"{i} read as {j} ({mistakes[i, j]} times)" for i, j in cells)


def digits_as_marks(ax: Axes, places: np.ndarray, digits: np.ndarray) -> None:
    """Draw each row of ``places`` (n, 2) as the digit that it is.

    The shape names the digit, so that nobody needs to tell ten colours apart.
    """
    for digit in np.unique(digits):
        ax.scatter(*places[digits == digit].T, marker=f"${digit}$", s=22, linewidths=0.2,
                   color=colormaps["tab10"](digit % 10))  # fmt: skip
    ax.set(xticks=[], yticks=[])
