"""Experiments of the chapter on XOR, OR and AND.

``neuron_figure`` draws what one neuron answers.  ``learn_gate`` counts which starts learn a
gate.  ``asked`` is the network of a question on a question-and-answer site, with each of its
mistakes as an argument, so that every cure can be tried by itself.  These two train one network
for each seed, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nnlib import Dense, Network, datasets, losses, train
from nnlib.activations import sigmoid
from nnlib.checks import check_choice
from nnlib.initializers import normal
from nnlib.optimizers import Optimizer

NEVER = -1
YES = "#F6D5C5"  # where a neuron answers yes: class 1, but pale


def neuron_answers(X: np.ndarray, w1: float, w2: float, b: float) -> np.ndarray:
    """Yes (1) where b + w1 x1 + w2 x2 > 0, else no (0), for the rows ``X`` (n, 2); (n,)."""
    return (b + X @ [w1, w2] > 0).astype(int)


@figures.styled
def neuron_figure(w1: float, w2: float, b: float, gate: str) -> tuple[Figure, str]:
    """A threshold unit's answers over the plane, and its mistakes at a gate's corners."""
    X, t = datasets.load_gate(gate)
    wrong = neuron_answers(X, w1, w2, b) != t
    figure, ax = plt.subplots(figsize=(4.2, 3))
    if w1 or w2:
        size = w1**2 + w2**2
        foot = -b * np.array([w1, w2]) / size  # the point of the line next to 00
        along, across = np.array([[-w2, w1], [w1, w2]]) * 9 / np.sqrt(size)
        yes = [foot - along, foot + along, foot + along + across, foot - along + across]
        ax.fill(*np.transpose(yes), color=YES, zorder=0)
        ax.axline(foot, foot + [-w2, w1], color=figures.BLACK, lw=1.5)
    elif b > 0:
        ax.set_facecolor(YES)
    figures.points(ax, X, t, size=130)
    ax.grid(False)
    ax.scatter(*X[wrong].T, s=520, marker="x", color=figures.BLACK, lw=2, label="wrong")
    names = [f"{x1:.0f}{x2:.0f}" for x1, x2 in X[wrong]]
    count = f"{4 - wrong.sum()} of 4 right"
    ax.set(title=f"{gate.upper()}: {count}", xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal")
    ax.set(xticks=(0, 1), yticks=(0, 1), xlabel="$x_1$", ylabel="$x_2$")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9, markerscale=0.7)
    mistakes = f"wrong at {' and '.join(names)}" if names else "no corner is wrong"
    line = "One line divides the plane" if w1 or w2 else "One answer for the whole plane"
    return figure, f"{line}: {count} for {gate.upper()}, {mistakes}."


class GateRuns(NamedTuple):
    """What `learn_gate` saw of M networks."""

    network: Network  # the M networks at the end
    solved_at: np.ndarray  # (M,) steps until all four answers were right, or NEVER
    loss: np.ndarray  # (steps, M) before each step
    output: np.ndarray  # (M, 4) answers at the end, as probabilities

    @property
    def solved(self) -> np.ndarray:
        """Which networks learnt the gate, (M,) of bool."""
        return self.solved_at != NEVER

    @property
    def median(self) -> float:
        """Median number of steps of those that did."""
        return float(np.median(self.solved_at[self.solved]))


def learn_gate(
    seeds: Sequence[int],
    optimizer: Optimizer,
    *,
    gate: str = "xor",
    width: int = 2,
    activation: str = "sigmoid",
    std: float = 1.0,
    loss: str = "mse",
    steps: int = 10_000,
    within: float = 0.4,
) -> GateRuns:
    """Train networks 2-width-1 on the four rows of a gate, one for each seed.

    Parameters
    ----------
    seeds : sequence of M int
        Seed s draws the weights of its network from N(0, std²); biases start at 0.
    optimizer : Optimizer
        Its learning rate may be an array (M,).
    loss : "mse" or "binary_cross_entropy"
        With "mse" the output unit is a sigmoid; otherwise the loss holds it.
    within : float, default 0.4
        An answer is right when it is closer than this to its target.

    Returns
    -------
    GateRuns
        The training ends early when all M networks have learnt the gate.
    """
    X, y = datasets.load_gate(gate)
    link = losses.get(loss).output_activation
    last = "sigmoid" if loss == "mse" else "identity"
    network = Network(
        2,
        [Dense(width, activation, normal(std)), Dense(1, last, normal(std))],
        seed=list(seeds),
    )
    solved_at = np.full(len(network), NEVER)
    run = train(
        network, X, y, loss=loss, optimizer=optimizer, epochs=steps, shuffle=False
    )
    for step in run:
        answers = link(network.trace[-1].output[..., 0])  # before this step
        right = (np.abs(answers - y) < within).all(axis=-1)
        solved_at[right & (solved_at == NEVER)] = step.steps - 1
        if (solved_at != NEVER).all():
            break
    return GateRuns(network, solved_at, run.history["loss"], link(network(X)[..., 0]))


class AskedRuns(NamedTuple):
    """What `asked` saw of M networks, epoch by epoch."""

    W1: np.ndarray  # (M, 3, hidden), the third row are the hidden biases
    W2: np.ndarray  # (M, hidden, 1), or (M, hidden + 1, 1) with an output bias
    error: np.ndarray  # (epochs, M) mean of (y - o)²
    plotted: np.ndarray  # (epochs, M) mean of (y² - o²) / 2, which the asker plotted
    largest_weight: np.ndarray  # (epochs, M) largest |W1|

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outputs (M, n) of the last epoch's weights for the rows ``X`` (n, 2)."""
        return _outputs(_with_ones(X), self.W1, self.W2)[2][..., 0]


def asked(
    X: np.ndarray,
    y: np.ndarray,
    *,
    seeds: Sequence[int] = range(5),
    hidden: int = 2,
    epochs: int = 100,
    derivative: str = "twice",
    rate: float = 1.0,
    momentum: str = "none",
    std: float = 0.01,
    output_bias: bool = False,
    stop_below: float = 0.0,
) -> AskedRuns:
    """Train the network of the question about 4,123 rows of XOR; by default as posted.

    Parameters
    ----------
    X, y : arrays (n, 2) and (n,)
    derivative : "twice" or "once"
        "twice" applies sigma' to the activation sigma(z), as posted; "once" to z.
    rate : float
        Learning rate for the slopes *summed* over the rows.
    momentum : "none", "half" or "velocity"
        "half" is the answer's: this slope plus half of the last one.
        "velocity" is momentum 0.9: this slope plus 0.9 of the last *step*.
    std : float
        Standard deviation of the first weights.
    stop_below : float
        End when the error of all networks is below this.
    """
    check_choice("derivative", derivative, ("once", "twice"))
    check_choice("momentum", momentum, ("none", "half", "velocity"))
    rows, targets = _with_ones(X), np.asarray(y, float)[:, None]
    weights = [[], []]
    for seed in seeds:
        rng = np.random.default_rng(seed)
        weights[0].append(rng.normal(0, std, (3, hidden)))
        weights[1].append(rng.normal(0, std, (hidden + output_bias, 1)))
    W1, W2 = np.stack(weights[0]), np.stack(weights[1])
    last = [np.zeros_like(W1), np.zeros_like(W2)]
    seen = []
    for _ in range(epochs):
        a, fed, o = _outputs(rows, W1, W2)
        error = ((targets - o) ** 2).mean(axis=(-2, -1))
        plotted = 0.5 * (targets**2 - o**2).mean(axis=(-2, -1))
        seen.append((error, plotted, np.abs(W1).max(axis=(-2, -1))))
        if (error < stop_below).all():
            break
        delta_o = (targets - o) * _slope(o, derivative)
        delta_h = (delta_o @ W2[:, :hidden].mT) * _slope(a, derivative)
        updates = (rows.T @ delta_h, fed.mT @ delta_o)
        for k, (W, update) in enumerate(zip((W1, W2), updates, strict=True)):
            if momentum == "half":
                update, last[k] = update + 0.5 * last[k], update
            elif momentum == "velocity":
                update = last[k] = update + 0.9 * last[k]
            W += rate * update
    return AskedRuns(W1, W2, *(np.array(column) for column in zip(*seen, strict=True)))


def first_below(values: np.ndarray, level: float) -> np.ndarray:
    """First row (M,) in which each column of ``values`` (n, M) is below, or NEVER."""
    below = np.asarray(values) < level
    return np.where(below.any(axis=0), below.argmax(axis=0), NEVER)


def _with_ones(X: np.ndarray) -> np.ndarray:
    """The asker's way to a bias: a third input that is always 1."""
    return np.column_stack([X, np.ones(len(X))])


def _outputs(rows, W1, W2):
    """Hidden activations, what the output unit is fed, and the outputs (M, n, 1)."""
    a = sigmoid(rows @ W1)
    fed = a
    if W2.shape[-2] > a.shape[-1]:
        fed = np.concatenate([a, np.ones((*a.shape[:-1], 1))], axis=-1)
    return a, fed, sigmoid(fed @ W2)


def _slope(activation, derivative):
    """sigma'(z) = a (1 - a); "twice" takes a for z and activates it once more."""
    a = sigmoid(activation) if derivative == "twice" else activation
    return a * (1 - a)
