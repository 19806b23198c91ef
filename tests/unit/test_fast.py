"""What is fast says the same as what is plain, and is used where it pays."""

import os
import subprocess
import sys

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


@pytest.mark.parametrize("seed", [0, [0, 1]])
def test_it_is_used_for_the_loss_itself_alone(seed, monkeypatch):
    ours, mse = losses.cross_entropy, losses.mse
    variant = ours.variant("mine", mse.value_and_gradient)

    def used(loss):
        return train(Network(2, [Dense(2)], seed=seed), np.eye(2), [0, 1],
                     loss=loss)._loss_and_gradient  # fmt: skip

    assert used(ours) is fast.cross_entropy
    assert used(mse) == used(variant) == mse.value_and_gradient
    monkeypatch.setattr(losses.CrossEntropy, "value_and_gradient", lambda *given: "another")
    assert used(ours)() == "another"


@pytest.mark.parametrize("shape", [(1, 4), (7, 4), (3, 7, 4)])
def test_sums_as_products_are_sums(shape, rng):
    delta = rng.normal(size=shape)
    np.testing.assert_allclose(fast.sum_over_rows(delta), delta.sum(axis=-2), atol=1e-14)


def threads_now():
    found = ThreadpoolController().select(user_api="blas").info()
    return {library["num_threads"] for library in found}


@pytest.fixture
def two_threads(monkeypatch):
    """BLAS with two threads, of which the environment says nothing; afterwards, as it was."""
    monkeypatch.setattr(fast, "threads_are_chosen", lambda: False)
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        assert threads_now() == {2}
        yield


class Seen(losses.CrossEntropy):
    """Notes the threads of BLAS in each step, and whenever something is measured."""

    def __init__(self):
        self.threads = []

    def value_and_gradient(self, output, targets, share):
        self.threads.append(threads_now())
        if len(self.threads) == 7:
            raise ZeroDivisionError("a fault in the loss")
        return super().value_and_gradient(output, targets, share)


def run_of(width=50, rows=20, epochs=2, **more):
    loss = Seen()
    network = Network(2, [Dense(width), Dense(width), Dense(2)], dtype=np.float32)
    X, y = np.zeros((rows, 2)), np.zeros(rows, int)
    arguments = dict(epochs=epochs, loss=loss, validation=(X, y)) | more
    return loss, (network, X, y), arguments


def test_a_small_network_is_trained_on_one_thread_of_blas(two_threads):
    loss, data, arguments = run_of()
    fit(*data, **arguments)
    assert loss.threads == [{1}] * 4
    assert threads_now() == {2}


def test_in_a_loop_of_ones_own_too_and_its_body_has_what_was_set(two_threads):
    loss, data, arguments = run_of(batch_size=10)
    turns = 0
    for _ in train(*data, **arguments):
        assert threads_now() == {2}
        turns += 1
    assert turns == 4
    assert loss.threads == [{1}] * 6  # four steps, and the validation of two epochs
    assert threads_now() == {2}


def test_what_the_body_of_the_loop_sets_stays(two_threads):
    loss, data, arguments = run_of()
    controller = ThreadpoolController()
    for turn, _ in enumerate(train(*data, **arguments)):
        assert threads_now() == {2 + (turn > 0)}
        controller.limit(limits=3, user_api="blas")
    assert threads_now() == {3} and loss.threads == [{1}] * 4


def test_a_fault_in_a_step_leaves_what_was_set(two_threads):
    loss, data, arguments = run_of(epochs=9)
    with pytest.raises(ZeroDivisionError):
        list(train(*data, **arguments))
    assert len(loss.threads) == 7 and threads_now() == {2}


def test_given_batches_count_by_their_rows(two_threads, monkeypatch):
    monkeypatch.setattr(fast, "SMALL_PRODUCT", 5 * 50 * 50)
    loss, data, arguments = run_of(batches=lambda epoch: np.arange(20).reshape(4, 5), epochs=1)
    list(train(*data, **arguments))
    assert loss.threads[:4] == [{1}] * 4


def test_a_large_one_may_have_them_all(two_threads, monkeypatch):
    monkeypatch.setattr(fast, "SMALL_PRODUCT", 1000)
    for train_all in (fit, lambda *data, **arguments: list(train(*data, **arguments))):
        loss, data, arguments = run_of()
        train_all(*data, **arguments)
        assert loss.threads == [{2}] * 4
    assert threads_now() == {2}


SHOW_THREADS = """
import numpy as np
from threadpoolctl import threadpool_info
from nnlib import Dense, Network, fit
from nnlib.losses import CrossEntropy

class Seen(CrossEntropy):
    def value_and_gradient(self, *given):
        print({one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"})
        return super().value_and_gradient(*given)

fit(Network(2, [Dense(2)]), np.eye(2), [0, 1], epochs=1, loss=Seen())
"""


@pytest.mark.parametrize(("chosen", "threads"), [({}, 1), ({"OMP_NUM_THREADS": "2"}, 2),
                                                 ({"OPENBLAS_NUM_THREADS": "2"}, 2)])  # fmt: skip
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_who_chooses_before_python_starts_is_obeyed(chosen, threads):
    environment = {k: v for k, v in os.environ.items() if k not in fast.CHOICES} | chosen
    done = subprocess.run([sys.executable, "-c", SHOW_THREADS], env=environment, text=True,
                          capture_output=True, check=True)  # fmt: skip
    assert done.stdout.split("\n")[0] == f"{{{threads}}}"


def test_loops_that_overlap_give_back_what_was_set(two_threads):
    # As on two threads of Python: the first to come is the first to go.
    first, second = (fast.one_thread_if_small(Network(2, [Dense(2)]), 10) for _ in range(2))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert threads_now() == {1}
    second.__exit__(None, None, None)
    assert threads_now() == {2}


def test_where_there_is_no_threadpoolctl_nothing_is_limited(two_threads, monkeypatch):
    fast.blas_libraries.cache_clear()
    with monkeypatch.context() as patch:
        patch.setitem(__import__("sys").modules, "threadpoolctl", None)
        loss, data, arguments = run_of()
        fit(*data, **arguments)
    assert loss.threads == [{2}] * 4
    fast.blas_libraries.cache_clear()


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


def test_the_fast_backward_leaves_out_the_gradient_of_the_input(monkeypatch, rng):
    network, returned, rule = Network(4, [Dense(5, "tanh"), Dense(3)]), [], fast.dense_backward

    def noted(*given):
        returned.append(rule(*given))
        return returned[-1]

    monkeypatch.setattr(fast, "dense_backward", noted)
    output = network.forward(rng.normal(size=(6, 4)), training=True)
    fast.backward(network, np.ones_like(output))
    assert [gradient is None for gradient in returned] == [False, True]


def test_a_library_that_does_not_tell_its_threads_is_left_alone(monkeypatch):
    class Silent:
        def get_num_threads(self):
            return None

        def set_num_threads(self, number):
            pytest.fail(f"set to {number}, and nobody knows what it was")

    monkeypatch.setattr(fast, "blas_libraries", lambda: [Silent()])
    with fast.OneThread():
        pass
