"""The small problems of the figures, the same numbers in Python and in the page.

Whatever is random here comes from a generator of a few lines that `network.js` has too, so
that a kernel and a page start from the same weights and see the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

import nnlib

_WORD = 2**32


@dataclass(frozen=True)
class Problem:
    """Data in two parts, and the network that learns from the first.

    Attributes
    ----------
    train, validation : tuple of array
        ``X`` (n, d_0) float64 and ``y`` (n,) int.
    hidden : tuple of (width, activation)
    classes : int
        1 for a single output with binary cross-entropy.
    """

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    hidden: tuple[tuple[int, str], ...]
    classes: int = 1

    @property
    def loss(self) -> str:
        return "binary_cross_entropy" if self.classes == 1 else "cross_entropy"

    @property
    def plan(self) -> dict:
        """The network in the words of the front-end."""
        layers = [*self.hidden, (self.classes, "identity")]
        return {
            "inputs": self.train[0].shape[1],
            "layers": [{"width": width, "activation": name} for width, name in layers],
            "loss": self.loss,
        }


def noisy_xor() -> Problem:
    """300 points around the corners of the square, half of them to check on."""
    X, y = nnlib.datasets.noisy_xor(300, noise=0.35, seed=3)
    return _halves(_centred(X), y, 150, (8, "tanh"), (8, "tanh"))


def gate(name: str) -> Problem:
    """The four corners to learn from, 40 points near them to check on."""
    X, y = nnlib.datasets.load_gate(name)
    near, answers = nnlib.datasets.noisy_gate(name, 40, noise=0.15, seed=1)
    return Problem((_centred(X), y), (_centred(near), answers), ((4, "tanh"),))


def digits() -> Problem:
    """Few digits (8x8) to learn from, so that overfitting shows; as many to check on."""
    X, y = nnlib.datasets.load_digits()
    chosen = row_order(len(y), seed=0, epoch=1)[:600]
    return _halves(X[chosen], y[chosen], 300, (30, "relu"), classes=10)


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "noisy_xor": noisy_xor,
    "xor": lambda: gate("xor"),
    "or": lambda: gate("or"),
    "and": lambda: gate("and"),
    "digits": digits,
}


def random_numbers(seed: int, stream: int) -> Iterator[int]:
    """Whole numbers below 2^32: mulberry32 (Tommy Ettinger), as in ``network.js``."""
    state = (seed * 0x9E3779B1 + stream * 0x85EBCA6B) % _WORD
    while True:
        state = (state + 0x6D2B79F5) % _WORD
        mixed = (state ^ (state >> 15)) * (1 | state) % _WORD
        mixed = ((mixed + (mixed ^ (mixed >> 7)) * (61 | mixed)) % _WORD) ^ mixed
        yield mixed ^ (mixed >> 14)


def row_order(rows: int, seed: int, epoch: int) -> np.ndarray:
    """The rows in the order of one epoch (from 1); depends on seed and epoch alone."""
    random, order = random_numbers(seed, epoch), np.arange(rows)
    for last in range(rows - 1, 0, -1):
        chosen = next(random) % (last + 1)
        order[[last, chosen]] = order[[chosen, last]]
    return order


def batches(rows: int, size: int, seed: int) -> Callable[[int], list[np.ndarray]]:
    """What `nnlib.train` takes as ``batches``: epoch (from 0) -> arrays of row numbers."""

    def of_epoch(epoch: int) -> list[np.ndarray]:
        order = row_order(rows, seed, epoch + 1)
        return [order[start : start + size] for start in range(0, rows, size)]

    return of_epoch


def start_network(plan: dict, seed: int) -> nnlib.Network:
    """The network of a plan with its first weights, uniform as Glorot and Bengio say
    (before a relu as He et al. say), biases 0."""
    layers = [nnlib.Dense(one["width"], one["activation"]) for one in plan["layers"]]
    # One output is a logit of two classes, several are logits of as many.
    loss = "binary_cross_entropy" if layers[-1].width == 1 else "cross_entropy"
    network = nnlib.Network(plan["inputs"], layers, loss=loss)
    random = random_numbers(seed, 0)
    for layer in network.layers:
        into, out = layer.W.shape
        relu = layer.activation.name == "relu"
        spread = np.sqrt(6 / (into if relu else into + out))
        numbers = [next(random) for _ in range(into * out)]
        layer.W[...] = (2 * np.reshape(numbers, (into, out)) / _WORD - 1) * spread
        layer.b[...] = 0
    return network


def _centred(X: np.ndarray) -> np.ndarray:
    """The unit square moved to -1...1, in numbers that float32 holds exactly."""
    return (2 * X - 1).astype(np.float32).astype(float)


def _halves(X, y, size: int, *hidden: tuple[int, str], classes: int = 1) -> Problem:
    return Problem((X[:size], y[:size]), (X[size:], y[size:]), hidden, classes)
