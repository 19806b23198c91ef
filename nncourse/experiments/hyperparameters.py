"""Experiments of the chapter on hyperparameters: the lecture notes' grid, folds, and maps.

Not here: training a grid (``nnlib.sweep``), drawing one map (``nncourse.figures.heatmap``).
"""

from __future__ import annotations

import functools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.borders import MOST, firm
from nnlib import L2, SGD, Dense, Network, checks, train


class GradientTimesLambda(L2):
    """The lecture notes' mistake: lambda times the *gradient* is added, in place of the weights."""

    def add_gradient(self, theta, grad):
        grad += self.strengths * grad


def notes_grid(X, y, rates, strengths, *, epochs: int = 100, seed: int = 0) -> Network:
    """The grid of the lecture notes, trained as their program does it, all cells at once.

    A network 64-50-10 with sigmoid units for each cell: weights from N(0, 1), biases 0.01, the
    gradient *summed* over 100 rows drawn afresh for each step, lambda times the gradient in place
    of lambda times the weights, and other random numbers in every cell.  Only the softmax is
    another: that of the notes overflows.

    Parameters
    ----------
    X : array (n, 64)
        Pixels from 0 to 16, as in the notes.
    y : array (n,)
    rates, strengths : lists of eta and of lambda
    epochs : int, default 100
        Of n // 100 steps each.
    seed : int, default 0

    Returns
    -------
    Network
        M = len(rates) * len(strengths) networks, row by row.
    """
    grid = [(eta, strength) for eta in rates for strength in strengths]
    layers = [Dense(50, "sigmoid", "normal"), Dense(10, "identity", "normal")]
    seeds = list(range(seed, seed + len(grid)))
    networks = Network(X.shape[1], layers, seed=seeds, dtype=np.float32)
    for layer in networks.layers:
        layer.b[...] = 0.01
    rng = np.random.default_rng(seed)

    def batches(epoch):
        return [rng.choice(len(X), 100, replace=False) for _ in range(len(X) // 100)]

    optimizer = SGD([100 * eta for eta, _ in grid])  # 100 times the mean is the sum
    penalty = GradientTimesLambda([strength for _, strength in grid])
    for _ in train(networks, X, y, optimizer=optimizer, regularizer=penalty, epochs=epochs,
                   batches=batches):  # fmt: skip
        pass
    return networks


def is_erratic(losses, start: int = 10) -> bool:
    """Whether a training loss, after ``start`` epochs, ever jumps up from one epoch to the next.

    A jump is a rise by half, or by 0.08.  Such a training is chaotic: it ends wherever its last
    epoch happens to fall, and rounding decides where.  On another processor it ends elsewhere.
    """
    return firm(lambda by: _jumps(losses, start, by), "whether a run is erratic")


def _jumps(losses, start: int, by: float) -> bool:
    losses = np.asarray(losses, float)[start:]
    before, rise = losses[:-1], np.diff(losses)
    return bool(((rise > by * 0.5 * before) | (rise > by * 0.08)).any())


def chaotic_rates(rates, losses, start: int = 10, *, doubt: bool = False) -> np.ndarray:
    """Which runs have a learning rate at which most runs are erratic, or diverge?

    Whether *one* run at such a rate jumps may itself be decided by rounding.  The share of all
    runs at its rate is not, as long as it is far from one half; so the share decides for all.

    Parameters
    ----------
    rates : array (runs,)
        The learning rate of each run.
    losses : list of arrays
        The training losses of each run, epoch by epoch; NaN from where it diverged.
    start : int, default 10
        Epochs that may jump.
    doubt : bool, default False
        Whether a rate counts as chaotic if its runs nearly jump: if it would be with borders half
        as high.  Default: there must be no doubt (`nncourse.borders.firm`).

    Returns
    -------
    array (runs,), bool
        The same for all runs of one rate: fewer than half of them end calmly.
    """
    checks.check_same_length(rates, losses, "rates and losses")
    rates = np.asarray(rates, float)

    def most_jump(rate, by):
        runs = [one for one, its in zip(losses, rates.tolist(), strict=True) if its == rate]
        calm = [np.isfinite(one).all() and not _jumps(one, start, by) for one in runs]
        return np.mean(calm) < 0.5

    def decide(rate):
        if doubt:
            return most_jump(rate, 1) or most_jump(rate, 1 / MOST)
        return firm(functools.partial(most_jump, rate), f"whether most runs at rate {rate:g} jump")

    chaotic = {rate: decide(rate) for rate in set(rates.tolist())}
    return np.array([chaotic[rate] for rate in rates.tolist()], bool)


def cross_validation(X, y, *, draws: int = 20, rows: int = 900, folds: int = 5,
                     rate: float = 1.0, epochs: int = 60, seed: int = 0):  # fmt: skip
    """How well do one validation part and all folds together estimate what is true?

    In each draw ``rows`` rows are "our data", dealt into ``folds`` parts; a network 64-50-10 is
    trained on all parts but one, for each of them.  All networks of all draws train at once, each
    on rows of its own.

    Returns
    -------
    scores, fresh : arrays (draws, folds)
        Accuracy (%) of each network on the part it did not see, and on all rows that are not
        "our data".
    """
    if rows % folds or rows >= len(X):
        raise ValueError(f"rows must be a multiple of {folds} below {len(X)}, got {rows}.")
    rng = np.random.default_rng(seed)
    ours = np.stack([rng.permutation(len(X))[:rows] for _ in range(draws)])
    parts = ours.reshape(draws, folds, -1)
    seen = np.stack([np.delete(parts, k, axis=1).reshape(draws, -1) for k in range(folds)], axis=1)
    seen = seen.reshape(draws * folds, -1)  # the rows that each network learns from

    def batches(epoch):
        return np.array_split(rng.permuted(seen, axis=1), 8, axis=1)

    networks = Network(X.shape[1], [Dense(50, "sigmoid"), Dense(10)],
                       seed=list(range(len(seen))), dtype=np.float32)  # fmt: skip
    for _ in train(networks, X, y, optimizer=SGD(rate), epochs=epochs, batches=batches):
        pass
    right = (networks(X).argmax(axis=-1) == y).reshape(draws, folds, -1)
    scores = np.take_along_axis(right, parts, axis=2).mean(axis=2)
    fresh = np.stack([np.delete(right[k], ours[k], axis=1).mean(axis=1) for k in range(draws)])
    return 100 * scores, 100 * fresh


def _labels(values) -> list[str]:
    return [f"$10^{{{round(np.log10(value))}}}$" for value in values]


def maps(panels: dict[str, np.ndarray], values) -> Figure:
    """Maps side by side: learning rates down, penalties across, 0 to 100 %.

    Parameters
    ----------
    panels : dict of arrays (rates, strengths)
        Per cent, by title; NaN is hatched.  There may be fewer rows than values.
    values : list of float
        Powers of ten, of both axes.
    """
    size = (5.4, 3.4) if len(panels) == 1 else (7.4, 3.4)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for ax, (title, shares) in zip(axes[0], panels.items(), strict=True):
        rows, columns = _labels(values[: len(shares)]), _labels(values)
        figures.heatmap(ax, shares, rows, columns, title=f"{title} (%)", fmt=".0f",
                        xlabel=r"penalty $\lambda$", ylabel="", limits=(0, 100))  # fmt: skip
        ax.collections[0].colorbar.remove()  # the numbers say it
        ax.tick_params(labelsize=9)
        ax.tick_params(axis="x", rotation=0)
    axes[0, 0].set_ylabel(r"learning rate $\eta$")
    return figure


def coarse_map(accuracy, values) -> Figure:
    """The lecture notes' map of accuracy (%), in three steps of colour: to 60, to 80, to 100.

    Guessing is chaotic: it is drawn in one colour, whose border is far above any guess.
    """
    import seaborn as sns

    figure, ax = plt.subplots(figsize=(5.2, 3.8))
    labels = _labels(values)
    sns.heatmap(accuracy, vmin=40, vmax=100, cmap=plt.get_cmap("viridis", 3), ax=ax,
                xticklabels=labels, yticklabels=labels, linewidths=0.5,
                cbar_kws={"ticks": [40, 60, 80, 100], "label": "accuracy (%)"})  # fmt: skip
    ax.set(xlabel=r"penalty $\lambda$", ylabel=r"learning rate $\eta$")
    ax.tick_params(axis="y", rotation=0)
    return figure
