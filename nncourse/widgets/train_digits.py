"""Trains the network that reads what a reader draws, on all of MNIST.

Run ``NNLIB_DATA=folder python -m nncourse.widgets.train_digits`` to train it again: some
minutes. In each epoch every training image is turned, slanted, scaled and moved a little, as
hands and pens differ; the test images are used once, at the end. Weights and biases are stored
as whole numbers from -127 to 127 with one scale for each array. Beside them lie averages over the
training images of each digit: of the image, and of what the hidden units make of it. Single images
are not stored. Card: ``data/README.md``.
"""

from __future__ import annotations

import numpy as np

import nnlib
from nncourse.widgets.base import RECORDED

FILE = RECORDED / "digit_network.npz"
HIDDEN = 100
EPOCHS = 30
BATCH = 64
GROUP = 100  # images that are deformed alike, for speed


def deformed(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The images (n, 784), each group of them turned, slanted, scaled and moved a little."""
    from scipy.ndimage import affine_transform

    images = X.reshape(-1, 28, 28)
    order = rng.permutation(len(images))
    changed = np.empty_like(images)
    for rows in np.array_split(order, len(order) // GROUP):
        angle, slant = rng.normal(0, np.radians(7)), rng.normal(0, 0.12)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shape = turn @ np.array([[1, 0], [slant, 1]]) @ np.diag(rng.normal(1, 0.08, 2))
        matrix = np.eye(3)
        matrix[1:, 1:] = shape
        middle = np.array([0, 13.5, 13.5])
        moved = np.array([0, *rng.uniform(-1, 1, 2)])
        offset = middle - matrix @ middle + moved
        changed[rows] = affine_transform(images[rows], matrix, offset=offset, order=1)
    return changed.reshape(len(X), -1)


def trained(X: np.ndarray, y: np.ndarray, *, epochs: int = EPOCHS, seed: int = 0) -> nnlib.Network:
    """A network 784-100-10 for pixels from 0 to 1, trained on newly deformed images each epoch."""
    rng = np.random.default_rng(seed)
    layers = [nnlib.Dense(HIDDEN, "relu"), nnlib.Dense(10)]
    network = nnlib.Network(784, layers, loss="cross_entropy", seed=seed, dtype=np.float32)
    for epoch in range(epochs):
        rate = 0.05 * (1 + np.cos(np.pi * epoch / epochs)) + 0.001
        nnlib.fit(
            network,
            deformed(X, rng) if epoch < epochs - 1 else X,
            y,
            optimizer=nnlib.SGD(rate),
            epochs=1,
            batch_size=BATCH,
            regularizer=nnlib.L2(2e-5),
            seed=rng,
            progress=False,
        )
    return network


def quantised(network: nnlib.Network) -> dict[str, np.ndarray]:
    """``theta`` (int8) in nnlib's order, and ``scales``: what one step is worth in each array."""
    steps, scales = [], []
    for layer in network.layers:
        for array in (layer.W, layer.b):
            scale = float(f"{np.abs(array).max() / 127:.6g}")
            steps.append(np.rint(np.asarray(array) / scale).clip(-127, 127).ravel())
            scales.append(scale)
    return {"theta": np.concatenate(steps).astype(np.int8), "scales": np.array(scales, np.float32)}


def averages(network: nnlib.Network, X: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """What the training images of each digit have in common, as whole numbers from 0 to 255.

    Returns
    -------
    dict
        ``average`` (7840,), ten images of 28x28 pixels; ``typical`` (1000,), the outputs of the
        hidden units, in steps of ``typical_scale`` (1,).
    """
    images = np.stack([X[y == digit].mean(axis=0) for digit in range(10)])
    hidden = np.stack([network.layers[0](X[y == digit]).mean(axis=0) for digit in range(10)])
    scale = float(f"{hidden.max() / 255:.6g}")
    return {
        "average": np.rint(255 * images).astype(np.uint8).ravel(),
        "typical": np.rint(hidden / scale).clip(0, 255).astype(np.uint8).ravel(),
        "typical_scale": np.array([scale], np.float32),
    }


def stored() -> nnlib.Network:
    """The network as its file has it: what the page computes with."""
    with np.load(FILE) as file:
        theta, scales = file["theta"].astype(float), file["scales"].astype(float)
    network = nnlib.Network(
        784, [nnlib.Dense(HIDDEN, "relu"), nnlib.Dense(10)], loss="cross_entropy"
    )
    sizes = [array.size for layer in network.layers for array in (layer.W, layer.b)]
    network.theta[:] = theta * np.repeat(scales, sizes)
    return network


def main() -> None:
    mnist = nnlib.datasets.fetch_mnist()
    network = trained(mnist.X_train.astype(np.float32) / 255, mnist.y_train)
    X_test = mnist.X_test / 255
    np.savez_compressed(FILE, **quantised(network))
    common = averages(stored(), mnist.X_train / 255, mnist.y_train)
    np.savez_compressed(FILE, **quantised(network), **common)
    print(f"as trained  {100 * network.score(X_test, mnist.y_test):.2f} % of the test images")
    print(f"as stored   {100 * stored().score(X_test, mnist.y_test):.2f} %")
    print(f"bytes       {FILE.stat().st_size:,}")


if __name__ == "__main__":
    main()
