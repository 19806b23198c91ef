"""Penalties: their price, their slope, and that neither biases nor batches matter."""

import numpy as np
import pytest

from nnlib import L1, L2, SGD, Dense, Network, train
from nnlib.regularizers import PENALTIES, as_tuple

pytestmark = pytest.mark.filterwarnings("error")

W = np.array([[1.0, -2], [0, 4]])


def test_prices_and_slopes_by_hand():
    l2, l1 = L2(0.5).for_networks((), float), L1(0.5).for_networks((), float)
    assert l2.value(W) == 0.5 / 2 * (1 + 4 + 16)
    assert l1.value(W) == 0.5 * (1 + 2 + 4)
    dW = np.ones((2, 2))
    l2.add_slope(W, dW)
    np.testing.assert_array_equal(dW, [[1.5, 0], [1, 3]])
    l1.add_slope(W, dW)
    np.testing.assert_array_equal(dW, [[2, -0.5], [1, 3.5]])


@pytest.mark.parametrize("kind", list(PENALTIES))
def test_slope_is_that_of_the_price(kind, rng):
    penalty = PENALTIES[kind](0.3).for_networks((), float)
    weights, direction = rng.normal(size=(2, 4, 3))
    slope = np.zeros((4, 3))
    penalty.add_slope(weights, slope)
    h = 1e-6
    change = penalty.value(weights + h * direction) - penalty.value(weights - h * direction)
    assert (slope * direction).sum() == pytest.approx(change / (2 * h), rel=1e-7)


@pytest.mark.parametrize("kind", list(PENALTIES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_of_several_networks_pays_its_own_price(kind, dtype, rng):
    weights = rng.normal(size=(3, 4, 2)).astype(dtype)
    together = PENALTIES[kind]([0, 0.1, 2]).for_networks((3,), dtype)
    values, slopes = together.value(weights), np.zeros_like(weights)
    together.add_slope(weights, slopes)
    assert values.dtype == slopes.dtype == dtype and values.shape == (3,)
    for k, strength in enumerate([0, 0.1, 2]):
        alone, slope = PENALTIES[kind](strength).for_networks((), dtype), np.zeros((4, 2), dtype)
        alone.add_slope(weights[k], slope)
        np.testing.assert_array_equal(slopes[k], slope)
        assert values[k] == pytest.approx(float(alone.value(weights[k])), rel=1e-6)
    one_price = PENALTIES[kind](0.1).for_networks((3,), dtype)
    assert one_price.value(weights)[1] == values[1]
    kept = together.keep(np.array([2, 1]))
    np.testing.assert_array_equal(kept.value(weights[[2, 1]]), values[[2, 1]])
    one_kept = one_price.keep(np.array([1]))
    np.testing.assert_array_equal(one_kept.value(weights[[1]]), values[[1]])


def test_the_penalty_does_not_depend_on_the_batch_and_spares_the_biases():
    X, y = np.zeros((6, 2)), np.array([0, 1, 2, 0, 1, 2])  # no input: only the penalty pulls at W
    for batch_size in (6, 2):
        net = Network(2, [Dense(3)], seed=1)
        before = net.layers[0].W.copy()
        run = train(net, X, y, optimizer=SGD(0.1), regularizer=L2(0.5), batch_size=batch_size)
        step = next(run)
        np.testing.assert_allclose(net.layers[0].W, before * (1 - 0.1 * 0.5))
        assert step.cost - step.loss == pytest.approx(0.25 * (before**2).sum())
    net = Network(2, [Dense(3)], seed=1)
    net.layers[0].b[...] = 100
    assert np.isclose(*(lambda s: (s.cost, s.loss))(next(train(net, X, y, regularizer=L2(0)))))


def test_one_several_or_none():
    l1, l2 = L1(1), L2(2)
    assert as_tuple(None) == ()
    assert as_tuple(l1) == (l1,)
    assert as_tuple([l1, l2]) == as_tuple((l1, l2)) == (l1, l2)
    assert repr(l2) == "L2(2.0)"


@pytest.mark.parametrize("wrong", [0.001, "L2", [0.1], L2, [L2], {"l2": 1}])
def test_penalties_that_cannot_be(wrong):
    with pytest.raises(TypeError, match=r"regularizer must be L1\(...\), L2.*write regularizer=L2"):
        as_tuple(wrong)


@pytest.mark.parametrize("kind", list(PENALTIES))
def test_strengths_that_cannot_be(kind):
    with pytest.raises(ValueError, match="strength must be at least 0, got -1"):
        PENALTIES[kind](-1)
    with pytest.raises(ValueError, match="strength must be at least 0, got nan"):
        PENALTIES[kind](np.nan)
    with pytest.raises(TypeError, match="strength must be a number at least 0, got str"):
        PENALTIES[kind]("1e-3")
    with pytest.raises(ValueError, match="strength must be one number, or 3"):
        PENALTIES[kind]([0.1, 0.2]).for_networks((3,), float)
    with pytest.raises(ValueError, match="strength must be one number, got"):
        PENALTIES[kind]([0.1, 0.2]).for_networks((), float)
