"""What is fast says the same as what is plain, and is used where it pays."""

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from nnlib import BatchNorm, Dense, Dropout, Network, fast, fit, losses, train

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("dtype, rtol", [(np.float64, 1e-13), (np.float32, 2e-5)])
@pytest.mark.parametrize("shape", [(5, 3), (4, 6, 3)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [1, 1e4])
def test_cross_entropy_turned_over_is_cross_entropy(dtype, rtol, shape, weighted, size, rng):
    logits = (size * rng.normal(size=shape)).astype(dtype)
    targets = np.eye(3, dtype=dtype)[rng.integers(0, 3, shape[:-1])]
    share = rng.dirichlet(np.ones(shape[-2]), shape[:-2]).astype(dtype) if weighted else 1 / 5
    value, gradient = fast.cross_entropy(logits, targets, share)
    expected, slope = losses.cross_entropy.value_and_gradient(logits, targets, share)
    np.testing.assert_allclose(value, expected, rtol=rtol)
    np.testing.assert_allclose(gradient, slope, rtol=rtol, atol=np.finfo(dtype).eps)
    assert gradient.dtype == value.dtype == dtype


def test_it_is_used_for_several_networks_and_for_the_loss_itself_alone():
    ours, mse = losses.cross_entropy, losses.mse
    assert fast.loss_function_of(ours, 2) is fast.cross_entropy
    assert fast.loss_function_of(ours, 1) == ours.value_and_gradient
    assert fast.loss_function_of(mse, 2) == mse.value_and_gradient
    variant = ours.variant("mine", mse.value_and_gradient)
    assert fast.loss_function_of(variant, 2) == mse.value_and_gradient
    run = train(Network(2, [Dense(2)], seed=[0, 1]), np.eye(2), [0, 1])
    assert run._loss_and_gradient is fast.cross_entropy


@pytest.mark.parametrize("shape", [(1, 4), (7, 4), (3, 7, 4)])
def test_sums_as_products_are_sums(shape, rng):
    delta = rng.normal(size=shape)
    np.testing.assert_allclose(fast.sum_over_rows(delta), delta.sum(axis=-2), atol=1e-14)


def threads_within_fit(width, rows):
    seen = []

    def schedule(epochs):
        found = ThreadpoolController().select(user_api="blas").info()
        seen.append({library["num_threads"] for library in found})
        return 1.0

    controller = ThreadpoolController()
    with controller.limit(limits=2, user_api="blas"):
        network = Network(2, [Dense(width), Dense(width), Dense(2)], dtype=np.float32)
        fit(network, np.zeros((rows, 2)), np.zeros(rows, int), epochs=1, schedule=schedule)
        after = {one["num_threads"] for one in controller.select(user_api="blas").info()}
    return seen[0], after


def test_a_small_network_is_trained_on_one_thread_of_blas():
    assert threads_within_fit(width=50, rows=20) == ({1}, {2})


def test_a_large_one_may_have_them_all(monkeypatch):
    monkeypatch.setattr(fast, "SMALL_PRODUCT", 1000)
    assert threads_within_fit(width=50, rows=20) == ({2}, {2})


def test_where_there_is_no_threadpoolctl_nothing_is_limited(monkeypatch):
    fast.blas_limiter.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "threadpoolctl", None)
    with fast.one_thread_if_small(Network(2, [Dense(2)]), 10):
        pass
    monkeypatch.undo()
    fast.blas_limiter.cache_clear()


@pytest.mark.parametrize("seed", [0, [0, 1, 2]])
def test_the_fast_backward_is_backward(seed, rng):
    layers = [Dense(5, "tanh"), BatchNorm("relu"), Dropout(0.3), Dense(4, bias=False), Dense(3)]
    network = Network(7, layers, seed=seed)
    output = network.forward(rng.normal(size=(20, 7)), training=True)
    gradient = rng.normal(size=output.shape)
    network.backward(gradient)
    plain = network.grad.copy()
    network.grad[...] = np.nan
    fast.backward(network, gradient)
    np.testing.assert_allclose(network.grad, plain, rtol=1e-12, atol=1e-14)


def test_training_uses_it_unless_a_plain_one_was_replaced(monkeypatch):
    class Own(Network):
        def backward(self, gradient):
            self.grad[...] = 0

    assert fast.backward_of(Network(2, [Dense(1)])) is fast.backward
    assert fast.backward_of(Own(2, [Dense(1)])) is Own.backward
    monkeypatch.setattr(Dense, "backward", lambda *arguments: None)
    assert fast.backward_of(Network(2, [Dense(1)])) is Network.backward
