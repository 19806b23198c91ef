"""Trains the network whose mistakes are explored, and 20 others to compare it with.

Run ``python -m nncourse.widgets.train_mistakes`` to train them again: some seconds. Each learns
200 of the 8x8 digits and is asked about 1,000 others, so that it makes mistakes enough to look
at. Weights and biases of the first are stored as whole numbers from -127 to 127 with one scale
for each array: what the page says and what `nnlib` says are computed from these. Of the others,
which had other rows to learn and another start, the confusion matrices are kept.
Card: ``data/README.md``.
"""

from __future__ import annotations

import numpy as np

import nnlib
from nncourse.widgets.base import RECORDED
from nncourse.widgets.problems import row_order
from nncourse.widgets.train_digits import quantised

FILE = RECORDED / "mistakes_network.npz"
HIDDEN, TRAINED, ASKED, OTHERS = 20, 200, 1000, 20
SHOWN, START = 4, 0  # draw of rows and random start of the network that is shown


def rows(draw: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the rows to learn (200,) and of those to be asked about (1000,)."""
    order = row_order(1797, draw, 1)
    return order[:TRAINED], order[-ASKED:]


def empty() -> nnlib.Network:
    """The network 64-20-10 that has learned nothing."""
    layers = [nnlib.Dense(HIDDEN, "relu"), nnlib.Dense(10)]
    return nnlib.Network(64, layers, loss="cross_entropy", seed=0)


def trained(draw: int, seed: int) -> nnlib.Network:
    """A network that has learned the 200 rows of this draw, from this random start."""
    X, y = nnlib.datasets.load_digits()
    learned, _ = rows(draw)
    layers = [nnlib.Dense(HIDDEN, "relu"), nnlib.Dense(10)]
    network = nnlib.Network(64, layers, loss="cross_entropy", seed=seed)
    nnlib.fit(
        network, X[learned], y[learned], optimizer=nnlib.SGD(0.1, momentum=0.9), epochs=60,
        batch_size=20, seed=0, progress=False,
    )  # fmt: skip
    return network


def matrix_of(network: nnlib.Network, draw: int) -> np.ndarray:
    """Its confusion matrix on the rows of this draw (10, 10): true digits down, answers across."""
    X, y = nnlib.datasets.load_digits()
    _, asked = rows(draw)
    matrix = np.zeros((10, 10), dtype=np.uint8)
    np.add.at(matrix, (y[asked], network.predict(X[asked])), 1)
    return matrix


def stored() -> nnlib.Network:
    """The network as its file has it: what the page computes with."""
    with np.load(FILE) as file:
        theta, scales = file["theta"].astype(float), file["scales"].astype(float)
    network = empty()
    sizes = [array.size for layer in network.layers for array in (layer.W, layer.b)]
    network.theta[:] = theta * np.repeat(scales, sizes)
    return network


def pairs(matrix: np.ndarray) -> np.ndarray:
    """How often two digits are taken for each other, both ways together (10, 10), i < j."""
    return np.triu(matrix.astype(int) + matrix.T, 1)


def main() -> None:
    others = [SHOWN + 1 + k for k in range(OTHERS)]
    matrices = np.array([matrix_of(trained(draw, draw), draw) for draw in others])
    np.savez_compressed(FILE, **quantised(trained(SHOWN, START)), others=matrices)
    matrix = matrix_of(stored(), SHOWN)
    both = pairs(matrix)
    print(f"as stored: {ASKED - matrix.trace()} mistakes of {ASKED}")
    print(f"most confused: {np.unravel_index(both.argmax(), both.shape)}, {both.max()} times")
    print(f"in the others: {[int(pairs(one).argmax()) for one in matrices]}")
    print(f"bytes: {FILE.stat().st_size:,}")


if __name__ == "__main__":
    main()
