"""What the chapter on data measures: units, leaks, and two collections of digits.

Pictures of digits are rows (n, 64), 8x8 pixels from 0 to 1; those of MNIST come as (n, 784).
"""

from __future__ import annotations

from math import comb

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nnlib import SGD, Dense, Network, fit


def steps_needed(X: np.ndarray, y: np.ndarray, *, within: float = 0.01, limit: int = 20_000):
    """Steps of gradient descent until a straight line fits nearly as well as it can.

    The model is X w + b, the cost the mean squared error.  The learning rate is the inverse of
    the cost's largest second derivative, so that no direction overshoots.

    Parameters
    ----------
    X : array (n, d)
    y : array (n,)
    within : float
        How near the cost must come to the lowest possible one.
    limit : int

    Returns
    -------
    int or None
        None if ``limit`` steps are not enough.
    """
    rows = np.column_stack([X, np.ones(len(X))])
    best = np.linalg.lstsq(rows, y, rcond=None)[0]
    lowest = np.mean((rows @ best - y) ** 2)
    rate = 1 / np.linalg.eigvalsh(2 * rows.T @ rows / len(rows)).max()
    w = np.zeros(rows.shape[1])
    for step in range(limit):
        error = rows @ w - y
        if np.mean(error**2) - lowest < within:
            return step
        w -= rate * 2 * rows.T @ error / len(rows)
    return None


def shrink(images: np.ndarray) -> np.ndarray:
    """Images of MNIST (n, 784) as 8x8 pixels (n, 64): each the mean of a block of 4x4.

    A margin of two white pixels makes 32 out of 28.
    """
    padded = np.pad(images.reshape(-1, 28, 28), ((0, 0), (2, 2), (2, 2)))
    return _blocks(padded)


def redraw(images: np.ndarray) -> np.ndarray:
    """Images of MNIST (n, 784) prepared like the 8x8 digits of UCI (n, 64).

    As the collectors of those describe it: the digit is cut out, enlarged (here: with its
    proportions kept) until it fills a frame of 32x32, made black and white, and the black
    pixels in each block of 4x4 are counted.
    """
    from scipy.ndimage import map_coordinates

    frames = np.zeros((len(images), 32, 32))
    for frame, image in zip(frames, images.reshape(-1, 28, 28), strict=True):
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        digit = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = (round(32 * side / max(digit.shape)) for side in digit.shape)
        places = np.meshgrid(
            np.linspace(0, digit.shape[0] - 1, height),
            np.linspace(0, digit.shape[1] - 1, width),
            indexing="ij",
        )
        top, left = (32 - height) // 2, (32 - width) // 2
        black = map_coordinates(digit, places, order=1) > HALF
        frame[top : top + height, left : left + width] = black
    return _blocks(frames)


HALF = 0.5 + 1e-9  # a pixel of exactly one half is white, however it was rounded


def _blocks(frames: np.ndarray) -> np.ndarray:
    return frames.reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)).reshape(-1, 64)


def reader(X: np.ndarray, y: np.ndarray, *, epochs: int, batch_size: int = 50, starts: int = 2):
    """Networks 64-50-10, as many as ``starts``, trained on these rows."""
    nets = Network(64, [Dense(50, "sigmoid"), Dense(10)], seed=list(range(starts)))
    fit(nets, X, y, optimizer=SGD(0.5), epochs=epochs, batch_size=batch_size, progress=False)
    return nets


def percent_right(nets: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Per cent of the rows that each of the networks reads correctly."""
    return 100 * (nets.predict(X) == y).mean(axis=-1)


def one_layer(X: np.ndarray, y: np.ndarray, *, classes: int, rate: float = 0.1) -> Network:
    """A single layer, trained for 60 epochs in batches of at most 20 rows."""
    net = Network(X.shape[1], [Dense(classes)], seed=0)
    fit(net, X, y, optimizer=SGD(rate), epochs=60, batch_size=min(20, len(X)), progress=False)
    return net


def scaler_leak(X: np.ndarray, y: np.ndarray, rows: int, seed: int) -> float:
    """Points of accuracy that a test gains when its rows helped to compute means and spreads."""
    from nnlib import datasets

    (X_train, y_train), (X_test, y_test) = datasets.split(X, y, rows, 360, seed=seed)
    found = []
    for seen in (np.concatenate([X_train, X_test]), X_train):
        mean, spread = seen.mean(axis=0), seen.std(axis=0)
        spread[spread < 1e-9] = 1
        net = one_layer((X_train - mean) / spread, y_train, classes=10)
        found.append(100 * (net.predict((X_test - mean) / spread) == y_test).mean())
    return found[0] - found[1]


def none_in_test(rows: int, rare: int, test: int) -> float:
    """Probability that a random test part gets none of the rare rows."""
    return comb(rows - rare, test) / comb(rows, test)


@figures.styled
def rare_in_test(rows: int, rare: int, test: int) -> tuple[Figure, str]:
    """How many rare rows a random test part gets: each number with its probability."""
    counts = np.arange(min(rare, test) + 1)
    ways = [comb(rare, int(k)) * comb(rows - rare, test - int(k)) for k in counts]
    chances = 100 * np.array([way / comb(rows, test) for way in ways])
    shown = counts[: np.flatnonzero(chances > 0.05).max() + 1]
    figure, ax = plt.subplots(figsize=(6.4, 3))
    bars = ax.bar(shown, chances[shown], color=figures.BLUE)
    bars[0].set(color=figures.RED, hatch="//", edgecolor="white")
    ax.set(xlabel="rare rows in the test part", ylabel="probability (%)")
    ax.set_xticks(shown[:: 1 + len(shown) // 12])
    ax.set_title(f"none at all: {chances[0]:.1f} % of the splits")
    alt = (
        f"Bars: probability that a test part of {test} from {rows} rows holds 0, 1, 2, ... of the "
        f"{rare} rare ones; none at all in {chances[0]:.1f} per cent of the splits, most often "
        f"{counts[chances.argmax()]}."
    )
    return figure, alt


@figures.styled
def rows_of_pictures(named: dict[str, np.ndarray], size: float = 0.7) -> Figure:
    """Rows of 8x8 pictures, the name of each row at its left; all with grey values from 0 to 1."""
    count = max(len(pictures) for pictures in named.values())
    figure, axes = plt.subplots(
        len(named), count, figsize=(size * count + 1.3, size * len(named) + 0.2), squeeze=False
    )
    for row, (name, pictures) in zip(axes, named.items(), strict=True):
        for ax, picture in zip(row, pictures, strict=True):
            ax.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            ax.spines[:].set_visible(False)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure
