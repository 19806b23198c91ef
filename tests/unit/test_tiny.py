"""The one-page network gives the numbers of the library."""

import inspect

import numpy as np
import pytest

from nnlib import L2, SGD, Dense, Network, fit, tiny

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("activation", list(tiny.ACTIVATIONS))
@pytest.mark.parametrize("loss", ["mse", "cross_entropy", "binary_cross_entropy"])
def test_tiny_gives_the_same_numbers(activation, loss, rng):
    outputs = {"mse": 2, "cross_entropy": 3, "binary_cross_entropy": 1}[loss]
    X = rng.normal(size=(50, 4))
    y = {"mse": X[:, :2] ** 2, "cross_entropy": rng.integers(0, 3, 50),
         "binary_cross_entropy": rng.integers(0, 2, 50)}[loss]  # fmt: skip
    small = tiny.Network([4, 6, 5, outputs], activation, seed=3)
    curve = tiny.fit(small, X, y, getattr(tiny, loss), learning_rate=0.05, epochs=20,
                     batch_size=16, momentum=0.9, strength=0.01, seed=7)  # fmt: skip
    layers = [Dense(6, activation), Dense(5, activation), Dense(outputs)]
    network = Network(4, layers, seed=3)
    history = fit(network, X, y, loss=loss, optimizer=SGD(0.05, momentum=0.9), epochs=20,
                  batch_size=16, regularizer=L2(0.01), seed=7, progress=False)  # fmt: skip
    np.testing.assert_allclose(curve, history["loss"], rtol=1e-10)
    for ours, theirs in zip(network.layers, small.layers, strict=True):
        np.testing.assert_allclose(ours.W, theirs.W, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(ours.b, theirs.b, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(network(X), small(X), rtol=1e-8, atol=1e-10)


def test_tiny_is_about_a_hundred_lines_and_imports_numpy_alone():
    source = inspect.getsource(tiny)
    assert len(source.splitlines()) <= 130
    assert "nnlib import" not in source.split('"""')[2]
