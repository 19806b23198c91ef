"""Wiggle: what would another processor change?  A pretended one, for tests.

Processors sum in different orders, so the last bit of almost every result differs between them.
With the environment variable ``NNLIB_WIGGLE`` set to a whole number, so it does here: the rows of
the data sets, the first weights of networks (scikit-learn's, too), and every gradient are
multiplied by 1 plus or minus one unit in the last place of the type that is trained in; rows once
more when they are cast to float32, where a float64 unit would be rounded away.  The number chooses
which go up and which go down.  What a chapter prints and draws must not change: ``make test`` runs
every chapter so, and ``make portable`` runs it under several numbers and kernels.

The wiggle of a number depends on its value alone.  So equal things stay equal: the same data
loaded twice, a model alone and in a sweep, hidden units that start alike.  Whole numbers among the
rows, labels and pixels from 0 to 255 stay as they are: every processor has them exactly.

Not here: any line that runs when the variable is not set (`nnlib` does not even import this).
"""

from __future__ import annotations

import functools
import sys

import numpy as np

from nnlib import checks, datasets
from nnlib.network import Network

VARIABLE = "NNLIB_WIGGLE"
_loading = False
LOADERS = ("load_", "make_", "noisy_", "fetch_")  # how the functions that make (X, y) begin


def wiggle(array: np.ndarray, seed: int) -> None:
    """Multiply each number by 1 +- one unit in the last place, in the array itself.

    Up or down is the top bit of (bits of the number) * A + B modulo 2**32 or 2**64, a
    multiply-shift hash (Dietzfelbinger et al. 1997); the odd A and B are drawn with the seed.
    """
    unsigned = np.dtype(f"u{array.itemsize}").type
    factor, offset = np.random.default_rng(seed).integers(2**32, 2**63, 2, dtype=np.uint64)
    # The low halves, of float32 numbers, are random, too.
    hashed = array.view(unsigned) * unsigned(int(factor) % 256**array.itemsize | 1)
    hashed += unsigned(int(offset) % 256**array.itemsize)
    up = hashed >> unsigned(8 * array.itemsize - 1)
    unit = np.finfo(array.dtype).eps
    array *= np.array([1 - unit, 1 + unit], array.dtype)[up.astype(np.intp)]


def wiggled_rows(X: np.ndarray, seed: int) -> np.ndarray:
    """A wiggled copy of the rows; whole numbers stay as they are."""
    moved = np.array(X, order="C")
    with np.errstate(all="ignore"):
        wiggle(moved, seed)
        return np.where(X == np.rint(X), X, moved)


def install(seed: int) -> None:
    """From now on, what nnlib loads, starts and differentiates is wiggled."""
    for name, load in list(vars(datasets).items()):
        if name.startswith(LOADERS):
            setattr(datasets, name, _loads_wiggled(load, seed))

    given_inputs, start, backward = checks.check_inputs, Network.__init__, Network.backward

    @functools.wraps(given_inputs)
    def inputs(X, *arguments, **named):
        rows = given_inputs(X, *arguments, **named)
        was = getattr(X, "dtype", None)
        cast = was is not None and was.kind == "f" and was != rows.dtype
        return wiggled_rows(rows, seed) if cast else rows

    @functools.wraps(start)
    def wiggled_start(self, *arguments, **named):
        start(self, *arguments, **named)
        wiggle(self.theta, seed)

    @functools.wraps(backward)
    def wiggled_backward(self, *arguments, **named):
        result = backward(self, *arguments, **named)
        wiggle(self.grad, seed)
        return result

    checks.check_inputs = inputs
    Network.__init__, Network.backward = wiggled_start, wiggled_backward


def _loads_wiggled(load, seed: int):
    """The function with wiggled rows: whatever arrays of floats it returns, deep in tuples."""

    def moved(value):
        if isinstance(value, tuple):
            values = map(moved, value)
            return type(value)(*values) if hasattr(value, "_fields") else tuple(values)
        if isinstance(value, list):
            return list(map(moved, value))
        floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
        return wiggled_rows(value, seed) if floats else value

    @functools.wraps(load)
    def wiggled(*arguments, **named):
        global _loading
        _wiggle_scikit_learn(seed)
        if _loading:  # one loader calls another: once is enough
            return load(*arguments, **named)
        _loading = True
        try:
            return moved(load(*arguments, **named))
        finally:
            _loading = False

    return wiggled


def _wiggle_scikit_learn(seed: int) -> None:
    """The first weights of scikit-learn's networks, too (and so of our estimators)."""
    theirs = sys.modules.get("sklearn.neural_network._multilayer_perceptron")
    if theirs is None or hasattr(theirs.BaseMultilayerPerceptron, "wiggled"):
        return
    start = theirs.BaseMultilayerPerceptron._init_coef

    def wiggled_start(self, *arguments):
        W, b = start(self, *arguments)
        wiggle(W, seed)
        wiggle(b, seed)
        return W, b

    theirs.BaseMultilayerPerceptron._init_coef = wiggled_start
    theirs.BaseMultilayerPerceptron.wiggled = True
