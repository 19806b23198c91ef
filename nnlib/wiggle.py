"""Wiggle: what would another processor change?  A pretended one, for tests.

Processors sum in different orders, so the last bit of almost every result differs between them.
With the environment variable ``NNLIB_WIGGLE`` set to a whole number, so it does here: the rows of
the data sets, the first weights of networks (scikit-learn's, too), and every gradient are
multiplied by 1 plus or minus one unit in the last place of the type that is trained in; rows once
more when they are cast to float32, where a float64 unit would be rounded away.  The number chooses
which go up and which go down.  And the products of dense layers (scikit-learn's, too) are summed
in another order, drawn with the number, as another processor's would be: where large terms cancel,
that changes a sum by far more than a unit of the result.  What a chapter prints and draws must not
change: ``make test`` runs every chapter so, and ``make portable`` runs it under several numbers
and kernels.

The wiggle of a number depends on its value alone, and the order on the length of the sum.  So equal
things stay equal: the same data loaded twice, a model alone and in a sweep, hidden units that start
alike.  Whole numbers among the rows, labels and pixels from 0 to 255 stay as they are: every
processor has them exactly.

A wiggle is one throw of dice.  What comes out otherwise in one throw of fifty is found by looking
at how far a number moves, not at what it happens to become: ``nncourse/borders.py`` (decisions) and
``tests/notebooks/borders.py`` (steps of colour).

Not here: any line that runs when the variable is not set (`nnlib` does not even import this).
"""

from __future__ import annotations

import functools
import sys

import numpy as np

from nnlib import checks, datasets
from nnlib.layers import Dense, LayerRecord
from nnlib.network import Network

VARIABLE = "NNLIB_WIGGLE"
_loading = False
LOADERS = ("load_", "make_", "noisy_", "fetch_")  # how the functions that make (X, y) begin


def wiggle(array: np.ndarray, seed: int) -> None:
    """Multiply each number by 1 +- one unit in the last place, in the array itself.

    Up or down is the top bit of (bits of the number) * factor + offset modulo 2**32 or 2**64, a
    multiply-shift hash (Dietzfelbinger et al. 1997); the odd factor and the offset are drawn with
    the seed.
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
    _reorder_sums(seed)


@functools.lru_cache(maxsize=64)
def order(length: int, seed: int) -> np.ndarray:
    """The order in which ``length`` terms are summed."""
    return np.random.default_rng([seed, length]).permutation(length)


def _reorder_sums(seed: int) -> None:
    """Dense layers sum in another order: over inputs forwards, over rows backwards.

    The layers' own code computes, on inputs, weights and rows that have changed places.
    """
    plain_forward, plain_backward = Dense.forward, Dense.backward

    @functools.wraps(plain_forward)
    def forward(self, x, training, generators):
        views, places = self.views, order(x.shape[-1], seed)
        self.views = views | {"W": views["W"][..., places, :]}
        try:
            return plain_forward(self, x[..., places], training, generators)
        finally:
            self.views = views

    @functools.wraps(plain_backward)
    def backward(self, record, gradient, to_input):
        places = order(gradient.shape[-2], seed)
        moved = (array[..., places, :] for array in (record.input, record.output))
        moved = LayerRecord(*moved, record.cache)
        result = plain_backward(self, moved, gradient[..., places, :], to_input)
        return result if result is None else result[..., np.argsort(places), :]

    Dense.forward, Dense.backward = forward, backward


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
    """The first weights and the sums of scikit-learn's networks (and so of our estimators)."""
    theirs = sys.modules.get("sklearn.neural_network._multilayer_perceptron")
    if theirs is None or hasattr(theirs.BaseMultilayerPerceptron, "wiggled"):
        return
    start, product = theirs.BaseMultilayerPerceptron._init_coef, theirs.safe_sparse_dot

    def wiggled_start(self, *arguments):
        W, b = start(self, *arguments)
        wiggle(W, seed)
        wiggle(b, seed)
        return W, b

    @functools.wraps(product)
    def reordered(a, b, **named):
        if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
            return product(a, b, **named)
        places = order(a.shape[-1], seed)
        return product(a[:, places], b[places], **named)

    theirs.BaseMultilayerPerceptron._init_coef = wiggled_start
    theirs.safe_sparse_dot = reordered
    theirs.BaseMultilayerPerceptron.wiggled = True
