"""The sizes by layer and the drawings of the chapter on activations: do they show the truth?"""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments.activations import (
    derivative_figure,
    family_figure,
    rms,
    scaled_glorot,
    sizes_by_layer,
    sizes_figure,
)
from nnlib import Dense, Network, losses

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 5)), RNG.integers(0, 10, 30)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_rms():
    assert rms(np.array([[3.0, 0.0], [4.0, 0.0]])) == pytest.approx(2.5)


def test_weights_are_scaled():
    one = scaled_glorot(1)(np.random.default_rng(1), 4, 6)
    np.testing.assert_allclose(scaled_glorot(3)(np.random.default_rng(1), 4, 6), 3 * one)
    with pytest.raises(ValueError, match="factor"):
        scaled_glorot(-1)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "elu"])
def test_sizes_are_those_of_backpropagation(activation):
    layers = [Dense(7, activation), Dense(6, activation), Dense(4, activation), Dense(10)]
    net = Network(5, layers, seed=0)
    forwards, backwards = sizes_by_layer(net, X, Y)
    np.testing.assert_allclose(forwards, [rms(r.output) for r in net.trace[:-1]])

    # dC/dz of one row is the gradient of the biases when that row stands alone.
    rows = []
    for k in range(len(X)):
        _, gradient = losses.cross_entropy(net.forward(X[[k]]), Y[[k]])
        net.backward(gradient)
        rows.append([layer.db.copy() for layer in net.layers[:-1]])
    for place, size in enumerate(backwards):
        expected = rms(np.array([row[place] for row in rows])) / len(X)
        assert size == pytest.approx(expected)


def test_the_derivatives_are_drawn():
    axes = derivative_figure().axes
    for ax, at_zero, at_two in ((axes[0], 0.25, 0.105), (axes[1], 1, 0.0707)):
        line = ax.lines[1]
        found = np.interp([0, 2], line.get_xdata(), line.get_ydata())
        np.testing.assert_allclose(found, [at_zero, at_two], atol=1e-3)


def test_the_family_is_drawn():
    for ax, at_minus_two in zip(family_figure().axes, (0, -0.02, np.expm1(-2)), strict=True):
        line = ax.lines[0]
        found = np.interp([-2, 1], line.get_xdata(), line.get_ydata())
        np.testing.assert_allclose(found, [at_minus_two, 1], atol=1e-3)


def test_each_set_up_has_a_line():
    lines = sizes_figure({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}).axes[0].lines
    np.testing.assert_allclose(lines[1].get_ydata(), [3, 4])
