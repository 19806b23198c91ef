"""Fast: formulas of the course in the form that pays in the loop of training.

Each says the same as its plain form elsewhere, and is tested to give the same numbers.

Not here: anything the course explains.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from functools import cache, lru_cache
from threading import Lock

import numpy as np

from nnlib.layers import Dense
from nnlib.losses import CrossEntropy, Loss, mean, scale
from nnlib.network import Network


def cross_entropy(logits, targets, share):
    """`CrossEntropy.value_and_gradient`, classes down and examples across.

    NumPy goes through a few long rows much faster than through many short ones: with 25 networks
    a training step takes a fifth less time, with one a twentieth.
    """
    z, targets = np.ascontiguousarray(logits.mT), np.ascontiguousarray(targets.mT)
    z = z - z.max(axis=-2, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=-2)
    value = mean(np.log(total) - (targets * z).sum(axis=-2), share)
    p /= total[..., None, :]
    p -= targets
    return value, scale(p.mT, share)


def loss_function_of(loss: Loss):
    """The function that computes value and gradient of ``loss`` in training.

    It is `cross_entropy` for that loss, for one network and for several, which so stay equal bit
    for bit; unless another function stands in the place of the plain one.
    """
    plain = type(loss) is CrossEntropy and "value_and_gradient" not in vars(loss)
    untouched = plain and CrossEntropy.value_and_gradient is _PLAIN_LOSS
    return cross_entropy if untouched else loss.value_and_gradient


_PLAIN_LOSS = CrossEntropy.value_and_gradient


def backward(network, gradient: np.ndarray) -> None:
    """`Network.backward` after a pass of learning, each sum of biases as a product.

    With 25 networks of 64-50-10 a step takes a fifteenth less time.
    """
    for place in range(len(network.layers) - 1, -1, -1):
        layer, record = network.layers[place], network.trace[place]
        rule = dense_backward if type(layer) is Dense else type(layer).backward
        gradient = rule(layer, record, gradient, place > 0)


def dense_backward(layer: Dense, record, gradient, to_input):
    """`Dense.backward`, with `sum_over_rows`."""
    delta = layer.activation.backward(record.output, gradient)
    np.matmul(record.input.mT, delta, out=layer.dW)
    if layer.bias:
        layer.db[...] = sum_over_rows(delta)
    return delta @ layer.W.mT if to_input else None


def backward_of(network):
    """The function of (network, gradient) that fills ``grad`` in training.

    It is `backward`, for one network and for several, which so stay equal bit for bit; unless
    another function stands in the place of one of the plain ones.
    """
    untouched = type(network).backward is _PLAIN[0] and Dense.backward is _PLAIN[1]
    return backward if untouched else type(network).backward


_PLAIN = Network.backward, Dense.backward


@cache
def keep_freed_memory() -> None:
    """Let the C library keep the memory that one step frees and the next one asks for.

    glibc gives freed memory back to the system above a limit, and each step then gets it anew, page
    by page.  The limit rises with the largest block ever freed (M_MMAP_THRESHOLD in mallopt(3)),
    here one of 32 MB that is never touched: a grid of 49 networks takes a third less time on one
    core, one network on the digits a quarter.  With other C libraries this does nothing.  It is
    done once, when a process trains for the first time; importing does nothing.
    """
    np.empty(4_000_000)


def sum_over_rows(delta: np.ndarray) -> np.ndarray:
    """``delta.sum(axis=-2)``, (n, d) -> (d,), as a product with a row of ones.

    NumPy sums along the rows of an array five times as slowly as it multiplies.
    """
    return np.matmul(_row_of_ones(delta.shape[-2], delta.dtype), delta)[..., 0, :]


@lru_cache(maxsize=16)
def _row_of_ones(length: int, dtype) -> np.ndarray:
    return np.ones((1, length), dtype)


# Up to so many multiplications in a matrix product one thread is the best, or nearly.  Measured on
# two cores with other programs at work: 784 to 50 units, batches of 100, took 2 ms on one thread
# and 21 on two; 10^8 multiplications 2.5 times as long on two; 5 * 10^8 still half as long again.
SMALL_PRODUCT = 100_000_000


class OneThread:
    """A context in which each product runs on one core.

    The number of threads belongs to BLAS, and so to the whole process.  The first to enter notes
    it, the last to leave gives it back, in whatever order several loops come and go.  Needs
    threadpoolctl (it comes with scikit-learn); without it nothing is limited.
    """

    def __init__(self):
        self._lock, self._inside = Lock(), 0
        self._before: list[tuple] = []  # libraries that had more threads, and how many

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                threads = [(blas, blas.get_num_threads()) for blas in blas_libraries()]
                self._before = [(blas, number) for blas, number in threads if (number or 1) != 1]
                for blas, _ in self._before:
                    blas.set_num_threads(1)
            self._inside += 1

    def __exit__(self, *_) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                for blas, number in self._before:
                    blas.set_num_threads(number)


ONE_THREAD = OneThread()


# Whoever sets one of these before Python starts has chosen, and is obeyed.
CHOICES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


def one_thread_if_small(network, rows: int):
    """A context in which the products of a small network run on one core each.

    Threads that share a busy machine wait for one another far longer than a small product takes.
    On a quiet one two threads are up to 1.5 times as fast: that is the user's to say (`CHOICES`).
    """
    if threads_are_chosen():
        return nullcontext()
    widths = network.widths
    largest = max(a * b for a, b in zip(widths[:-1], widths[1:], strict=True))
    return ONE_THREAD if rows * largest <= SMALL_PRODUCT else nullcontext()


@cache
def threads_are_chosen() -> bool:
    """Has the user said how many threads BLAS may have?  BLAS asks once, when it is loaded."""
    return any(os.environ.get(name) for name in CHOICES)


@cache
def blas_libraries() -> list:
    """The libraries that compute NumPy's products, as threadpoolctl controls them."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return []
    return ThreadpoolController().select(user_api="blas").lib_controllers
