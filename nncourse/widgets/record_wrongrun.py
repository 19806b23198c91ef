"""Records the runs of "What is wrong with this run?", their tests, and what each change does.

Run ``python -m nncourse.widgets.record_wrongrun`` to make them again: about a minute. Losses are
kept in steps of 0.02, accuracies in whole per cent, sizes as tenths of powers of ten: nothing of
it hangs on the last bits of a number, which differ between processors.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

import nnlib
from nncourse.widgets.base import RECORDED
from nncourse.widgets.problems import row_order

FILE = RECORDED / "wrongrun.npz"
EPOCHS = 30
BATCH = 50
TARGET = 90  # per cent of the validation rows
SHOWN = 12  # rows that a reader may look at
NOTHING = -127  # the logarithm of 0, in tenths
AWAY = 3.0  # a changed run whose loss is higher after its second epoch is stopped
POINTS = EPOCHS + 1  # of a recorded curve


@dataclass(frozen=True)
class Recipe:
    """How a run on 600 digits is set up; as it stands it reaches the target.

    Attributes
    ----------
    cause : int
        What is wrong with it, by its place in `CAUSES`.
    hidden : tuple of int
    activation : str
    times : float
        Of the first weights' usual deviation.
    rate, penalty : float
        Learning rate, and strength of the L2 penalty.
    shuffled : bool
        Whether the labels are those of other rows.
    epochs : int
    """

    cause: int = -1
    hidden: tuple[int, ...] = (30, 30)
    activation: str = "relu"
    times: float = 1.0
    rate: float = 0.2
    penalty: float = 0.0
    shuffled: bool = False
    epochs: int = EPOCHS


CAUSES = (
    "The learning rate is too high",
    "The learning rate is too low",
    "The labels belong to other rows",
    "No gradient gets through to the first layers",
    "The penalty is too strong",
)
RUNS = (
    Recipe(4, penalty=1.0),
    Recipe(2, shuffled=True),
    Recipe(3, hidden=(30,) * 5, activation="sigmoid"),
    Recipe(0, rate=10.0),
    Recipe(3, hidden=(30,) * 4, activation="tanh", times=0.05),
    Recipe(1, rate=0.001),
)
CHANGES = {
    "A hundredth of the learning rate": lambda r: replace(r, rate=r.rate / 100),
    "A hundred times the learning rate": lambda r: replace(r, rate=100 * r.rate),
    "Each row gets its own label again": lambda r: replace(r, shuffled=False),
    "ReLU units, with He's first weights": lambda r: replace(r, activation="relu", times=1.0),
    "No penalty": lambda r: replace(r, penalty=0.0),
    "Five times as many epochs": lambda r: replace(r, epochs=5 * r.epochs),
}
TRIALS = (0.01, 1.0, 100.0)  # times the rate, for twenty steps


def rows() -> tuple[np.ndarray, np.ndarray]:
    """1,000 of the 8x8 digits, shuffled: X (1000, 64) from 0 to 1, y (1000,)."""
    X, y = nnlib.datasets.load_digits()
    order = row_order(len(y), seed=0, epoch=1)[:1000]
    return X[order], y[order]


def data(recipe: Recipe):
    """Training and validation rows, each pixel with mean 0; labels as the recipe has them."""
    X, y = rows()
    X = X - X[:600].mean(axis=0)
    labels = y[:600][row_order(600, seed=1, epoch=2)] if recipe.shuffled else y[:600]
    return (X[:600], labels), (X[600:], y[600:])


def network(recipe: Recipe) -> nnlib.Network:
    """With its first weights."""
    layers = [nnlib.Dense(width, recipe.activation) for width in recipe.hidden]
    made = nnlib.Network(64, [*layers, nnlib.Dense(10)], seed=0, loss="cross_entropy")
    for layer in made.layers[:-1]:
        layer.W *= recipe.times
    return made


def trained(recipe: Recipe):
    """The network, and its history with the losses of all training rows after each epoch."""
    rows_of, validation = data(recipe)
    made = network(recipe)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of runs that diverge
        history = nnlib.fit(
            made, *rows_of, optimizer=nnlib.SGD(recipe.rate), epochs=recipe.epochs,
            batch_size=BATCH, seed=0, validation=validation, monitor={"train": rows_of},
            regularizer=nnlib.L2(recipe.penalty) if recipe.penalty else None, progress=False,
        )  # fmt: skip
    return made, history


def curve(recipe: Recipe, history, start: float, name: str, stop: bool) -> np.ndarray:
    """Losses at `POINTS` evenly spaced epochs from 0, in fiftieths; 255 where there are none."""
    every = recipe.epochs // EPOCHS
    known = history.epochs if "train_loss" in history else 0
    found = np.full(POINTS, 255)
    losses = [start, *(history[name][every - 1 :: every] if known else [])]
    if stop and away(history):
        losses = losses[:2]
    found[: len(losses)] = np.clip(np.rint(50 * np.nan_to_num(losses, nan=9)), 0, 250)
    return found.astype(np.uint8)


def away(history) -> bool:
    """Whether a run is stopped after its second epoch, since its loss has risen."""
    return "train_loss" not in history or bool(history["train_loss"][1] > AWAY)


def tenths(values) -> np.ndarray:
    """Decimal logarithms in tenths."""
    with np.errstate(divide="ignore"):
        return np.array(
            [NOTHING if v == 0 else np.rint(10 * np.log10(v)) for v in values]
        ).clip(NOTHING, 127)  # fmt: skip


def padded(values, size: int = 6) -> np.ndarray:
    """As many as six layers; 127 where there is none."""
    return np.concatenate([values, np.full(size - len(values), 127)]).astype(np.int8)


def tests(recipe: Recipe, made: nnlib.Network) -> dict[str, np.ndarray]:
    """What can be measured in a network after its run."""
    (X, y), _ = data(recipe)
    first = network(recipe)
    loss = nnlib.losses.get("cross_entropy")
    _, slope = loss(made.forward(X), y)
    made.backward(slope)
    gradients = [np.sqrt(np.mean(layer.dW**2)) for layer in made.layers]
    usual = [np.sqrt(2 / sum(layer.W.shape)) for layer in made.layers]
    sizes = [[np.sqrt(np.mean(layer.W**2)) / one for layer, one in zip(net.layers, usual)]
             for net in (first, made)]  # fmt: skip
    last = made.trace[-2].output  # of the last hidden layer
    trials = []
    for times in TRIALS:
        copy = made.copy()
        with np.errstate(all="ignore"):
            nnlib.fit(
                copy, X, y, optimizer=nnlib.SGD(times * recipe.rate), epochs=20, progress=False,
                regularizer=nnlib.L2(recipe.penalty) if recipe.penalty else None,
            )  # whole batches: twenty steps
            value = loss(copy(X), y)[0]
        trials.append(np.clip(np.rint(50 * np.nan_to_num(value, nan=9)), 0, 250))
    return {
        "gradients": padded(tenths(gradients)),
        "first_sizes": padded(tenths(sizes[0])),
        "last_sizes": padded(tenths(sizes[1])),
        "spread": tenths(last.std(axis=0)).astype(np.int8),  # over the rows, for each of 30 units
        "labels": y[:SHOWN].astype(np.uint8),
        "trials": np.array(trials, np.uint8),
    }


def verdict(recipe: Recipe, made: nnlib.Network, history) -> str:
    """The title of the gravest finding of nnlib's doctor."""
    rows_of, validation = data(recipe)
    found = nnlib.diagnose(
        made, *rows_of, history=history, optimizer=nnlib.SGD(recipe.rate), batch_size=BATCH,
        regularizer=nnlib.L2(recipe.penalty) if recipe.penalty else None, validation=validation,
    )  # fmt: skip
    return f"{found[0].code}, {found[0].title}" if found else "nothing found"


def record() -> dict[str, np.ndarray]:
    """All runs as they are, their tests, and each of them after each change."""
    parts: dict[str, list] = {}
    healthy: list[np.ndarray] = []
    for recipe in (*RUNS, Recipe()):
        known = {}
        for change in (None, *CHANGES.values()) if recipe.cause >= 0 else (None,):
            treated = change(recipe) if change else recipe
            if treated not in known:
                made, history = trained(treated)
                (X, y), (X_new, y_new) = data(treated)
                first = network(treated)
                loss = nnlib.losses.get("cross_entropy")
                stop = change is not None and treated != recipe
                known[treated] = (
                    curve(treated, history, loss(first(X), y)[0], "train_loss", stop),
                    curve(treated, history, loss(first(X_new), y_new)[0], "validation_loss", stop),
                    reached(history, stop),
                )
                if change is None:
                    measured = tests(recipe, made)
                    measured["verdict"] = verdict(recipe, made, history)
            if recipe.cause < 0:
                healthy = [known[treated][0], known[treated][1]]
            else:
                for name, value in zip(("train", "validation", "score"), known[treated]):
                    parts.setdefault(name, []).append(value)
                parts.setdefault("same", []).append(np.uint8(treated == recipe))
        for name, value in measured.items():
            if recipe.cause >= 0 or name in ("gradients", "spread", "last_sizes"):
                parts.setdefault(name, []).append(value)
    recorded = {name: np.array(values) for name, values in parts.items()}
    X, y = rows()
    return recorded | {
        "healthy": np.array(healthy),
        "images": np.rint(16 * X[:SHOWN]).astype(np.uint8),
        "digits": y[:SHOWN].astype(np.uint8),
        "causes": np.array([recipe.cause for recipe in RUNS], np.uint8),
    }


def reached(history, stop: bool) -> np.uint8:
    """Accuracy on the validation rows at the end, in whole per cent; 0 if it was stopped."""
    if stop and away(history):
        return np.uint8(0)
    return np.uint8(np.rint(100 * history["validation_accuracy"][-1]))


if __name__ == "__main__":
    np.savez_compressed(FILE, **record())
