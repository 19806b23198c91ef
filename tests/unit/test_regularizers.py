"""Penalties: their value, their gradient, and that neither biases nor batches matter."""

import numpy as np
import pytest

from nnlib import L1, L2, SGD, BatchNorm, Dense, Network, train
from nnlib.regularizers import PENALTIES, Penalty, as_tuple

pytestmark = pytest.mark.filterwarnings("error")

def network(seed=0, dtype=np.float64):
    """Parameters of every kind, each with a number of its own: W, b, gamma, beta, W."""
    net = Network(2, [Dense(2, "tanh"), BatchNorm(), Dense(1, bias=False)], seed=seed, dtype=dtype)
    net.theta[...] = np.random.default_rng(0).normal(size=net.theta.shape)
    return net


def test_prices_and_slopes_by_hand():
    net = Network(2, [Dense(2)])
    net.theta[...] = [1, -2, 0, 4, 100, -100]  # W, then b
    l2, l1, grad = L2(0.5).for_network(net), L1(0.5).for_network(net), np.ones(6)
    assert l2.value(net.theta) == 0.5 / 2 * (1 + 4 + 16)
    np.testing.assert_array_equal(grad, 1)  # asking for the value changes nothing
    l2.add_gradient(net.theta, grad)
    np.testing.assert_array_equal(grad, [1.5, 0, 1, 3, 1, 1])
    assert l1.value(net.theta) == 0.5 * (1 + 2 + 4)
    l1.add_gradient(net.theta, grad)
    np.testing.assert_array_equal(grad, [2, -0.5, 1, 3.5, 1, 1])


def test_weights_pay_and_nothing_else_does():
    net = network()
    expected = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    np.testing.assert_array_equal(net.decayed, expected)
    np.testing.assert_array_equal(L2(3).for_network(net).strengths, 3 * np.array(expected))
    assert sum(W.size for W, _ in net.weights()) == sum(expected)


@pytest.mark.parametrize("kind", list(PENALTIES))
def test_slope_is_that_of_the_price(kind, rng):
    net = network()
    penalty, gradient = PENALTIES[kind](0.3).for_network(net), np.zeros(12)
    penalty.add_gradient(net.theta, gradient)
    nudge = 1e-6 * rng.normal(size=12)
    change = penalty.value(net.theta + nudge) - penalty.value(net.theta - nudge)
    assert gradient @ nudge == pytest.approx(change / 2, rel=1e-7)


@pytest.mark.parametrize("kind", list(PENALTIES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_of_several_networks_pays_its_own_price(kind, dtype):
    nets = network([0, 1, 2], dtype)
    together, gradients = PENALTIES[kind]([0, 0.1, 2]).for_network(nets), np.zeros_like(nets.theta)
    values = together.value(nets.theta)
    together.add_gradient(nets.theta, gradients)
    assert values.dtype == gradients.dtype == dtype and values.shape == (3,)
    for k, strength in enumerate([0, 0.1, 2]):
        alone, gradient = PENALTIES[kind](strength).for_network(nets[k]), np.zeros(12, dtype)
        assert values[k] == pytest.approx(float(alone.value(nets.theta[k])), rel=1e-6)
        alone.add_gradient(nets.theta[k], gradient)
        np.testing.assert_array_equal(gradients[k], gradient)
    one_strength = PENALTIES[kind](0.1).for_network(nets)
    assert one_strength.value(nets.theta)[1] == values[1]
    two = nets.take([2, 1])
    kept = together.keep(np.array([2, 1]), two)
    np.testing.assert_array_equal(kept.value(two.theta), values[[2, 1]])
    one_kept = one_strength.keep(np.array([2, 1]), two)
    assert one_kept.value(two.theta)[1] == values[1]


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


def test_the_bare_penalty_is_only_a_contract():
    bare = Penalty(0.1)
    with pytest.raises(NotImplementedError):
        bare.value(np.ones(2))
    with pytest.raises(NotImplementedError):
        bare.add_gradient(np.ones(2), np.ones(2))


@pytest.mark.parametrize("kind", list(PENALTIES))
def test_strengths_that_cannot_be(kind):
    with pytest.raises(ValueError, match="strength must be at least 0, got -1"):
        PENALTIES[kind](-1)
    with pytest.raises(ValueError, match="strength must be at least 0, got nan"):
        PENALTIES[kind](np.nan)
    with pytest.raises(TypeError, match="strength must be a number at least 0, got str"):
        PENALTIES[kind]("1e-3")
    with pytest.raises(ValueError, match="strength must be one number, or 3"):
        PENALTIES[kind]([0.1, 0.2]).for_network(network([0, 1, 2]))
    with pytest.raises(ValueError, match="strength must be one number, got"):
        PENALTIES[kind]([0.1, 0.2]).for_network(network())
