"""Chapter "Limits and a view from above": repeated fits, sureness, small pictures, its drawings.

Rows are examples: X (n, d_0), labels y (n,).  Errors and accuracies are per cent.  The chapter
itself shows how a last layer is solved for, and hands that function in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.figures import BLACK, BLUE, DASHES, GREY, ORANGE, RED
from nnlib import Adam, Dense, Network, checks, fit

GRID = np.linspace(-1, 1, 31)  # where the fitted curves are compared
ROWS, FITS, NOISE = 20, 40, 0.3  # rows of one training set, training sets, deviation of the noise
PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
Solver = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def truth(x: np.ndarray) -> np.ndarray:
    """The curve behind the noisy rows."""
    return np.sin(3 * x)


def bends(x: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """A hidden layer of ReLUs that is drawn and never trained: x (n,) gives (n, width).

    Each unit bends at a random place between -1.2 and 1.2, and rises to its left or right.
    """
    places, signs = rng.uniform(-1.2, 1.2, width), rng.choice([-1.0, 1.0], width)
    return np.maximum(0, signs * (np.asarray(x)[:, None] - places))


def repeated_fits(width: int, penalty: float, solve: Solver) -> np.ndarray:
    """Curves fitted to `FITS` training sets of `ROWS` noisy rows, each with a layer of its own.

    Parameters
    ----------
    width : int
        Units of the hidden layer (`bends`).
    penalty : float
        Handed to ``solve``.
    solve : callable
        ``solve(A, T, penalty)`` gives the weights (width, 1) for A (n, width) and T (n, 1).

    Returns
    -------
    array (FITS, len(GRID))
    """
    width = checks.check_int("width", width)
    curves = []
    for seed in range(FITS):
        rng = np.random.default_rng([seed, width])
        x = rng.uniform(-1, 1, ROWS)
        t = truth(x) + rng.normal(0, NOISE, ROWS)
        layer = bends(np.concatenate([x, GRID]), width, rng)
        curves.append(layer[ROWS:] @ solve(layer[:ROWS], t[:, None], penalty)[:, 0])
    return np.array(curves)


def bias_and_variance(curves: np.ndarray) -> tuple[float, float]:
    """Squared bias and variance of curves (M, points), averaged over the points of `GRID`."""
    mean = curves.mean(axis=0)
    return float(np.mean((mean - truth(GRID)) ** 2)), float(curves.var(axis=0).mean())


@functools.lru_cache
def _both(width: int, penalty: float, solve: Solver) -> tuple[float, float]:
    return bias_and_variance(repeated_fits(width, penalty, solve))


@figures.styled
def fits_figure(width: int, penalty: float, solve: Solver):
    """Five of the fitted curves, and bias and variance by penalty: a figure and its text."""
    curves = repeated_fits(width, penalty, solve)
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.2))
    left.plot(GRID, curves[:5].T, color=GREY, lw=0.8)
    left.plot(GRID, curves.mean(axis=0), "--", color=RED, lw=2, label="mean of the fits")
    left.plot(GRID, truth(GRID), color=BLACK, lw=1.5, label="the truth")
    left.set(ylim=(-2.5, 2.5), xlabel="$x$", ylabel="$y$", title=f"5 of {FITS} fits, {width} units")
    left.legend(fontsize=8, loc="upper left")
    found = np.array([_both(width, one, solve) for one in PENALTIES])
    right.plot(PENALTIES, found[:, 0], "o--", color=BLUE, ms=4, label="bias$^2$")
    right.plot(PENALTIES, found[:, 1], "s-", color=RED, ms=4, label="variance")
    right.axvline(penalty, color=BLACK, lw=1)
    right.set(xscale="log", yscale="log", ylim=(1e-3, 3), xlabel="L2 strength $\\lambda$",
              ylabel="mean over $x$", title=f"$\\lambda$ = {penalty:g}")  # fmt: skip
    right.legend(fontsize=8, loc="lower left")
    bias, variance = _both(width, penalty, solve)
    return figure, (
        f"Fits of {width} ReLU units to {ROWS} noisy rows with lambda {penalty:g}: the grey curves "
        f"{'scatter widely' if variance > 0.1 else 'lie close together'}, and their mean "
        f"{'misses' if bias > 0.05 else 'follows'} the truth. Squared bias about {_about(bias)}, "
        f"variance about {_about(variance)}."
    )


def _about(value: float) -> str:
    """One digit of a number: more would be decided by chance."""
    return f"{float(f'{value:.0e}'):g}"


# -- digits ------------------------------------------------------------------------------------


def reader(X, y, hidden=(50,), *, epochs: int = 60, seed: int = 0, starts: int = 3) -> Network:
    """ReLU networks for ten classes, as many as ``starts``, trained by Adam on these rows.

    Parameters
    ----------
    X : array (n, d_0)
    y : array (n,)
    hidden : sequence of int
        Widths of the hidden layers; none for a linear model.
    epochs, seed, starts : int
        ``seed`` orders the batches of 50 rows.
    """
    layers = [*(Dense(width, "relu") for width in hidden), Dense(10)]
    nets = Network(np.shape(X)[1], layers, seed=list(range(starts)))
    fit(nets, X, y, optimizer=Adam(0.005), epochs=epochs, batch_size=min(50, len(X)), seed=seed,
        progress=False)  # fmt: skip
    return nets


def moved(X, columns: int) -> np.ndarray:
    """Square pictures (n, side * side), moved to the right; the left is filled with white."""
    X = np.asarray(X)
    side = int(round(np.sqrt(X.shape[-1])))
    if side * side != X.shape[-1]:
        raise ValueError(f"X must hold square pictures as rows, got shape {X.shape}.")
    columns = checks.check_int("columns", columns, 0)
    padded = np.pad(X.reshape(-1, side, side), ((0, 0), (0, 0), (columns, 0)))
    return padded[:, :, :side].reshape(X.shape)


def reliability(sure, right, bins: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean sureness, share of right answers, and number of answers in each bin of sureness.

    Parameters
    ----------
    sure : array (n,)
        The largest probability of each answer, 0 to 1.
    right : array (n,) of bool
    bins : int
        Of equal width between 0 and 1; bins with fewer than 20 answers are left out.
    """
    sure, right = np.ravel(sure), np.ravel(right)
    checks.check_same_length(sure, right)
    place = np.minimum((sure * bins).astype(int), bins - 1)
    full = [b for b in range(bins) if np.sum(place == b) >= 20]
    return (
        np.array([sure[place == b].mean() for b in full]),
        np.array([right[place == b].mean() for b in full]),
        np.array([np.sum(place == b) for b in full]),
    )


# -- drawings ----------------------------------------------------------------------------------


@figures.styled
def stairs_figure(errors: dict[str, list[float]], columns: list[str]) -> Figure:
    """The table of errors as stairs: one line for each patient, one place for each column."""
    figure, ax = plt.subplots(figsize=(7.2, 3.4))
    for number, (name, values) in enumerate(errors.items()):
        ax.plot(range(len(columns)), values, DASHES[number % 4], marker="osv^D"[number % 5],
                label=name)  # fmt: skip
    ax.set(xticks=range(len(columns)), xticklabels=columns, ylabel="error (%)", ylim=(0, 60))
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


@figures.styled
def descent_figure(by_features, features, by_width, widths, rows: int) -> Figure:
    """Test error by number of random features, and by width of trained networks.

    ``by_features`` maps names to errors (splits, len(features)); ``by_width`` is an array
    (splits, len(widths)).
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(7.4, 3.2), sharey=True, gridspec_kw={"width_ratios": (3, 2)}
    )
    for (name, found), dash, colour in zip(
        by_features.items(), ("o-", "s--"), (RED, BLUE), strict=True
    ):
        left.plot(features, found.mean(axis=0), dash, color=colour, ms=4, label=name)
        left.fill_between(features, found.min(axis=0), found.max(axis=0), color=colour, alpha=0.15)
    left.axvline(rows, color=GREY, ls=":", lw=1)
    left.set(xscale="log", xlabel="random units", ylabel="test error (%)", ylim=(0, 100),
             title="only the last layer is fitted")  # fmt: skip
    left.legend(fontsize=9)
    right.plot(widths, by_width.mean(axis=0), "D-", color=ORANGE, ms=4)
    right.fill_between(widths, by_width.min(axis=0), by_width.max(axis=0), color=ORANGE, alpha=0.25)
    right.set(xscale="log", xlabel="hidden units", title="all layers trained")
    return figure


@figures.styled
def reliability_figure(before, after) -> Figure:
    """Share of right answers by sureness: before and after, each ``(sure, right)`` per bin."""
    figure, ax = plt.subplots(figsize=(4.6, 3.6))
    ax.plot([0, 100], [0, 100], color=GREY, lw=1, label="as sure as right")
    ax.plot(100 * before[0], 100 * before[1], "o-", color=RED, label="as trained")
    ax.plot(100 * after[0], 100 * after[1], "s--", color=BLUE, label="with a temperature")
    ax.set(xlabel="sureness (%)", ylabel="right (%)", xlim=(20, 102), ylim=(0, 102))
    ax.legend(loc="upper left", fontsize=9)
    return figure


@figures.styled
def orbits_figure(distance, networks, law, planets) -> Figure:
    """Periods by distance on logarithmic axes.

    ``networks`` (M, n) and ``law`` (n,) are periods at ``distance`` (n,); ``planets`` maps names
    to distance and period.
    """
    figure, ax = plt.subplots(figsize=(6.4, 3.6))
    ax.axvspan(0.3, 3, color=GREY, alpha=0.15, label="training rows")
    for number, line in enumerate(networks):
        label = "networks" if number == 0 else None
        ax.plot(distance, line, color=RED, lw=1, alpha=0.7, label=label)
    ax.plot(distance, law, "--", color=BLUE, label="line in the logarithms")
    for name, (place, period) in planets.items():
        ax.plot(place, period, "o", color=BLACK, ms=5)
        # On the left of the line: the networks pass on its right.
        ax.annotate(name, (place, period), (-6, 4), textcoords="offset points", fontsize=8,
                    ha="right")  # fmt: skip
    ax.set(xscale="log", yscale="log", ylim=(0.1, 400), xlabel="distance (astronomical units)",
           ylabel="period (years)")  # fmt: skip
    ax.legend(loc="upper left", fontsize=9)
    return figure
