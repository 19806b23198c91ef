"""Makes what is recorded: the heatmap's sweeps, and the curves of the still pictures.

Run ``python -m nncourse.widgets.record`` to make them again; it takes a minute or two. Scores
are stored in steps of 1/255 along the epochs and of 1/10,000 at the end.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import nnlib
from nncourse.experiments.hyperparameters import chaotic_rates
from nncourse.widgets import problems
from nncourse.widgets.base import RECORDED

GRID = 24  # points of a recorded decision surface in each direction
RANGE = 2.2  # which goes from -RANGE to RANGE, as in ``pictures.js``


@dataclass(frozen=True)
class SweepProblem:
    """What a heatmap is about: data, network, and the two ranges of its knobs."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    network: Callable[[], nnlib.Network]
    loss: str
    batch: int
    epochs: int
    rates: tuple[float, float]  # exponents of ten, from and to
    penalties: tuple[float, float]

    def grid(self, size: int) -> tuple[list[float], list[float]]:
        """Learning rates and L2 strengths of a size x size grid, rounded as shown."""
        return tuple(
            [float(f"{10**exponent:.2g}") for exponent in np.linspace(*ends, size)]
            for ends in (self.rates, self.penalties)
        )

    def sweep(self, size: int):
        """The sweep over the grid: an iterator over epochs, cells row by row."""
        rates, penalties = self.grid(size)
        return nnlib.sweep(
            self.network(),
            *self.train,
            {"learning_rate": rates, "l2": penalties},
            loss=self.loss,
            optimizer=nnlib.SGD(),
            epochs=self.epochs,
            batch_size=self.batch,
            validation=self.validation,
            monitor={"train": self.train},
        )

    def picture(self, predict: Callable, probability: Callable) -> np.ndarray:
        """What a model does: a confusion matrix, or a decision surface, as bytes."""
        X, y = self.validation
        if self.loss == "cross_entropy":
            table = np.zeros((10, 10))
            np.add.at(table, (y, predict(X)), 1)
        else:
            ticks = (np.arange(GRID) + 0.5) / GRID * 2 * RANGE - RANGE
            points = np.stack(np.meshgrid(ticks, -ticks), axis=-1).reshape(-1, 2)
            table = 255 * probability(points)
        return np.clip(np.rint(table), 0, 255).astype(np.uint8).ravel()

    def picture_of(self, network: nnlib.Network) -> np.ndarray:
        return self.picture(network.predict, lambda X: network.probabilities(X)[:, 0])


def digits() -> SweepProblem:
    """The grid of the lecture notes: 8x8 digits, 64-50-10, rates and strengths from 1e-5 to 10."""
    X, y = nnlib.datasets.load_digits()
    order = problems.row_order(len(y), seed=1, epoch=1)
    return SweepProblem(
        train=(X[order[:800]], y[order[:800]]),
        validation=(X[order[800:1200]], y[order[800:1200]]),
        network=lambda: nnlib.Network(
            64, [nnlib.Dense(50, "sigmoid"), nnlib.Dense(10)], seed=0, dtype=np.float32,
            loss="cross_entropy",
        ),
        loss="cross_entropy",
        batch=100,
        epochs=100,
        rates=(-5, 1),
        penalties=(-5, 1),
    )


def xor() -> SweepProblem:
    """Noisy XOR on 300 points, 2-8-8-1.

    Larger learning rates, or smaller batches, are chaotic here: rounding would decide the map.
    """
    problem = problems.noisy_xor()
    hidden = [(8, "tanh"), (8, "tanh"), (1, "identity")]
    return SweepProblem(
        train=problem.train,
        validation=problem.validation,
        network=lambda: nnlib.Network(
            2, [nnlib.Dense(*layer) for layer in hidden], seed=0, dtype=np.float32,
            loss="binary_cross_entropy",
        ),
        loss="binary_cross_entropy",
        batch=60,
        epochs=200,
        rates=(-3.1, -0.6),
        penalties=(-4, 2),
    )


SWEEPS: dict[str, Callable[[], SweepProblem]] = {"digits": digits, "xor": xor}


def shown_epochs(epochs: int) -> list[int]:
    """The epochs whose scores are kept: the first, and every so many up to the last."""
    every = epochs // 33
    return [1, *range(1 + every, epochs, every), epochs]


def record(problem: SweepProblem, size: int) -> dict[str, np.ndarray]:
    """Train the grid with nnlib; scores, divergences, chaos and pictures of all cells."""
    sweep = problem.sweep(size).run()
    kept = np.array(shown_epochs(problem.epochs)) - 1
    curves = {part: sweep.curves[f"{part}_accuracy"] for part in ("train", "validation")}
    blank = np.zeros_like(problem.picture_of(problem.network()))
    cells = range(size * size)
    epochs = np.array([sweep.diverged.get(k, (0,))[0] for k in cells])
    lost = _lost(epochs, np.repeat(problem.grid(size)[0], size), sweep.curves["loss"])
    pictures = [
        blank if lost["diverged"][k] else problem.picture_of(sweep.network(k)) for k in cells
    ]
    return {**_quantised(curves, kept), **lost, "pictures": np.stack(pictures)}


def _lost(epochs, rates, losses) -> dict[str, np.ndarray]:
    """What has no score: the epoch in which a cell diverged, 1 if it is chaotic, else 0.

    The rule is the chapter's.  A rate of which another processor might say otherwise is left out.
    """
    chaotic = chaotic_rates(rates, losses, doubt=True) & (epochs == 0)
    return {
        "diverged": np.where(chaotic, 1, epochs).astype(np.uint8),
        "chaotic": chaotic.astype(np.uint8),
    }


def record_sklearn(problem: SweepProblem, size: int) -> dict[str, np.ndarray]:
    """The same grid with scikit-learn's classifier (Adam, its own meaning of alpha)."""
    from sklearn.neural_network import MLPClassifier

    rates, penalties = problem.grid(size)
    kept = np.array(shown_epochs(problem.epochs)) - 1
    hidden = [layer.width for layer in problem.network().layers[:-1]]
    activation = {"sigmoid": "logistic"}.get(problem.network().layers[0].activation.name, "tanh")
    curves = {part: np.full((size**2, problem.epochs), np.nan) for part in ("train", "validation")}
    pictures, losses = [], []
    for cell, (rate, penalty) in enumerate((r, p) for r in rates for p in penalties):
        model = MLPClassifier(
            hidden,
            activation=activation,
            batch_size=problem.batch,
            learning_rate_init=rate,
            alpha=penalty,
            random_state=0,
        )
        for epoch in range(problem.epochs):
            model.partial_fit(*problem.train, classes=np.unique(problem.train[1]))
            if epoch in kept:
                for part in curves:
                    curves[part][cell, epoch] = model.score(*getattr(problem, part))
        losses.append(model.loss_curve_)
        pictures.append(problem.picture(model.predict, lambda X, m=model: m.predict_proba(X)[:, 1]))
    lost = _lost(np.zeros(size**2, int), np.repeat(rates, size), losses)
    pictures = np.where(lost["diverged"][:, None], np.uint8(0), np.stack(pictures))
    return {**_quantised(curves, kept), **lost, "pictures": pictures}


def _quantised(curves: dict[str, np.ndarray], kept: np.ndarray) -> dict[str, np.ndarray]:
    """Accuracies in whole steps; what diverged counts as 0 and is marked elsewhere."""
    filled = {part: np.nan_to_num(curve) for part, curve in curves.items()}
    result = {}
    for part, curve in filled.items():
        result[part] = np.rint(255 * curve[:, kept]).astype(np.uint8)
        result[f"{part}_last"] = np.rint(10_000 * curve[:, -1]).astype(np.uint16)
    return result


def record_training(name: str) -> dict[str, np.ndarray]:
    """Loss curves of the player's own start, from epoch 0: its still picture."""
    from nncourse.widgets.player import TrainingPlayer

    player = TrainingPlayer(name)
    problem, recipe = player.problem, player.settings["recipe"]
    network = problems.start_network(problem.plan, recipe["seed"])
    parts = {"train": problem.train, "validation": problem.validation}
    loss = nnlib.losses.get(problem.loss)
    start = {part: loss(network(X), y)[0] for part, (X, y) in parts.items()}
    history = nnlib.fit(
        network,
        *problem.train,
        loss=problem.loss,
        optimizer=nnlib.SGD(recipe["rate"], momentum=recipe["momentum"]),
        epochs=player.settings["epochs"],
        batches=problems.batches(len(problem.train[1]), recipe["batch"], recipe["seed"]),
        monitor={"train": problem.train},
        validation=problem.validation,
        progress=False,
    )
    return {part: np.array([start[part], *history[f"{part}_loss"]], np.float32) for part in parts}


def main() -> None:
    RECORDED.mkdir(exist_ok=True)
    for name in problems.PROBLEMS:
        np.savez_compressed(RECORDED / f"player_{name}.npz", **record_training(name))
    for name, problem in SWEEPS.items():
        for size in (7, 13):
            arrays = record(problem(), size)
            if size == 7:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # scikit-learn's, of overflow at rate 10
                    theirs = record_sklearn(problem(), size)
                arrays |= {f"sklearn_{key}": array for key, array in theirs.items()}
            np.savez_compressed(RECORDED / f"heatmap_{name}_{size}.npz", **arrays)


if __name__ == "__main__":
    main()
