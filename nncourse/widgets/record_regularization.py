"""Records the runs of the regularization bench: five cures in seven strengths, on three draws.

Run ``python -m nncourse.widgets.record_regularization`` to make them again: some minutes. Of one
draw all runs have the same start and the same batches. Losses are kept in steps of 0.01, shares
in half per cent: nothing of it hangs on the last bits of a number.
"""

from __future__ import annotations

import numpy as np

import nnlib
from nncourse.widgets.base import RECORDED
from nncourse.widgets.problems import batches, random_numbers, start_network

FILE = RECORDED / "regularizationbench.npz"
EPOCHS, EVERY, BATCH, RATE = 300, 10, 30, 0.3
DRAWS = 3
GRID, RANGE = 20, 2.2  # of the decision surface
STRENGTHS = {
    "L2": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
    "L1": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    "dropout": (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9),
    "early": (100, 50, 30, 20, 10, 5, 1),  # patience in epochs
    "shifted": (0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0),  # standard deviation of the shift
}
PLAN = {
    "inputs": 2,
    "layers": [
        {"width": 16, "activation": "tanh"}, {"width": 16, "activation": "tanh"},
        {"width": 1, "activation": "identity"},
    ],
}  # fmt: skip


def points(draw: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Noisy XOR around the corners of a square: 80 rows to learn from, 1,000 to check on."""
    X, y = nnlib.datasets.noisy_xor(1080, noise=0.4, seed=10 + draw)
    X = (2 * X - 1).round(3)
    return (X[:80], y[:80]), (X[80:], y[80:])


def shifts(draw: int, epoch: int, shape: tuple[int, int]) -> np.ndarray:
    """Numbers of about a normal distribution: twelve uniform ones summed."""
    random = random_numbers(draw + 1, 1000 + epoch)
    count = int(np.prod(shape))
    raw = np.array([next(random) for _ in range(12 * count)]) / 2**32
    return raw.reshape(12, *shape).sum(axis=0) - 6


def trained(draw: int, cure: str = "none", strength: float = 0.0):
    """A network trained with one cure; its history, and the regularizer if there is one."""
    train, validation = points(draw)
    network = start_network(PLAN, draw + 1)
    if cure == "dropout":
        hidden = [nnlib.Dense(layer.width, layer.activation.name) for layer in network.layers[:-1]]
        layers = [new for layer in hidden for new in (layer, nnlib.Dropout(strength))]
        dropped = nnlib.Network(2, [*layers, nnlib.Dense(1)], seed=0, loss="binary_cross_entropy")
        dropped.theta[:] = network.theta
        network = dropped
    penalty = {"L2": nnlib.L2, "L1": nnlib.L1}.get(cure)
    regularizer = penalty(strength) if penalty else None
    settings = {
        "optimizer": nnlib.SGD(RATE), "regularizer": regularizer, "validation": validation,
        "monitor": {"train": train}, "progress": False, "seed": 0,
        "loss": "binary_cross_entropy",
    }  # fmt: skip
    if cure != "shifted":
        stop = nnlib.EarlyStopping(patience=int(strength)) if cure == "early" else None
        history = nnlib.fit(
            network, *train, epochs=EPOCHS, early_stopping=stop,
            batches=batches(len(train[1]), BATCH, draw + 1), **settings,
        )  # fmt: skip
        return network, {name: history[name] for name in ("train_loss", "validation_loss")}
    order, kept = batches(len(train[1]), BATCH, draw + 1), []
    for epoch in range(EPOCHS):
        moved = train[0] + strength * shifts(draw, epoch, train[0].shape)
        history = nnlib.fit(
            network, moved, train[1], epochs=1, batches=lambda _, e=epoch: order(e), **settings
        )
        kept.append([history["train_loss"][0], history["validation_loss"][0]])
    return network, dict(zip(("train_loss", "validation_loss"), np.transpose(kept)))


def settings_of() -> list[tuple[str, float]]:
    """No cure, and then each cure with its strengths, from weak to strong."""
    return [("none", 0.0), *[(cure, one) for cure, all_ in STRENGTHS.items() for one in all_]]


def recorded_run(draw: int, cure: str, strength: float) -> dict[str, np.ndarray]:
    """What is kept of one run: curves, and of the network as it is left its numbers and surface."""
    train, validation = points(draw)
    network, history = trained(draw, cure, strength)
    weights = np.concatenate([W.ravel() for W, _ in network.weights()])
    penalty = {"L2": strength / 2 * (weights**2).sum(), "L1": strength * abs(weights).sum()}
    loss = nnlib.losses.get("binary_cross_entropy")
    start = start_network(PLAN, draw + 1)
    curves = {}
    for name, (X, y) in {"train": train, "validation": validation}.items():
        values = [loss(start(X), y)[0], *history[f"{name}_loss"][EVERY - 1 :: EVERY]]
        padded = np.full(EPOCHS // EVERY + 1, 255)
        padded[: len(values)] = np.clip(np.rint(100 * np.array(values)), 0, 250)
        curves[name] = padded.astype(np.uint8)
    ends = [loss(network(X), y)[0] for X, y in (train, validation)]
    scores = [(network.predict(X) == y).mean() for X, y in (train, validation)]
    ticks = (np.arange(GRID) + 0.5) / GRID * 2 * RANGE - RANGE
    grid = np.stack(np.meshgrid(ticks, -ticks), axis=-1).reshape(-1, 2)
    return curves | {
        "epochs": np.uint16(len(history["train_loss"])),
        "losses": np.rint(1000 * np.array(ends)).astype(np.uint16),
        "penalty": np.uint16(np.rint(1000 * min(penalty.get(cure, 0.0), 60))),
        "scores": np.rint(1000 * np.array(scores)).astype(np.uint16),
        "norm": np.uint16(np.rint(100 * np.sqrt((weights**2).sum()))),
        "small": np.uint8(np.rint(200 * (abs(weights) < 0.01).mean())),  # share, in half per cent
        "surface": np.rint(100 * network.probabilities(grid)[:, 0]).astype(np.uint8),
    }


def record() -> dict[str, np.ndarray]:
    """All runs, draw by draw in the order of `settings_of`; and the points to learn from."""
    runs = [recorded_run(draw, *one) for draw in range(DRAWS) for one in settings_of()]
    arrays = {name: np.array([run[name] for run in runs]) for name in runs[0]}
    rows = [points(draw)[0] for draw in range(DRAWS)]
    arrays["X"] = np.rint(50 * np.clip([X for X, _ in rows], -2.5, 2.5)).astype(np.int8)
    arrays["y"] = np.array([y for _, y in rows], np.uint8)
    return arrays


if __name__ == "__main__":
    np.savez_compressed(FILE, **record())
