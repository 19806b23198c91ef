"""The line of code that makes a network again, with what a cure changes."""

import numpy as np
import pytest

import nnlib
from nnlib import BatchNorm, Dense, Dropout, Network, initializers
from nnlib.recipe import recipe


def made(network, **changes):
    return eval(recipe(network, **changes), {"nnlib": nnlib, "np": np})


def layers():
    wide = Dense(5, "tanh", initializers.normal(0.5))
    return [wide, Dropout(0.4), Dense(40, "relu", "zeros", bias=False), BatchNorm("elu"), Dense(3)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_without_changes_it_is_the_same_network(dtype):
    network = Network(4, layers(), dtype=dtype)
    again = made(network)
    assert again.config() == network.config()
    np.testing.assert_array_equal(again.theta, network.theta)


def test_each_change_changes_what_it_says_and_nothing_else():
    network = Network(4, layers())
    assert made(network, widen=32).widths == (4, 32, 32, 40, 40, 3)
    assert made(Network(4, [Dense(3)]), widen=32).widths == (4, 32, 3)
    assert [layer.rate for layer in made(network, rate=0.1).layers[1:2]] == [0.1]
    assert [layer.rate for layer in made(network, rate=0.9).layers[1:2]] == [0.4]
    assert made(network, biases=True).layers[2].bias
    assert made(network, swap={"tanh": "sigmoid"}).layers[0].activation.name == "sigmoid"
    assert made(network, last={"activation": "softmax"}).layers[4].activation.name == "softmax"
    usual = made(network, initializer=None)
    assert usual.layers[2].initializer is initializers.he_normal
    bent = made(Network(4, [Dense(5), Dense(5, "tanh"), Dense(1)]), bend=(0,))
    assert [layer.activation.name for layer in bent.layers] == ["relu", "tanh", "identity"]
