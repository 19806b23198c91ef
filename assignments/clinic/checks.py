"""What is graded of assignment 5; see assignments/README.md."""

import numpy as np

from assignments.authoring import Rng, Sheet

sheet = Sheet("clinic", number=5, title="The debugging clinic")
BACKPROPAGATION = "06_backpropagation"
SOFTMAX = "05_softmax"
DIGITS = "08_digits"
REPLAY = "09_replay"
ACTIVATIONS = "12_activations"


def values(t, *shape, size=2.0):
    """Random numbers with two decimals, none of them near 0."""
    drawn = t.rng.uniform(0.1, size, shape) * t.rng.choice([-1, 1], shape)
    return np.round(drawn, 2)


def labels(t, n, K):
    """Labels, not all the same."""
    y = t.rng.integers(0, K, n)
    if n > 1:
        y[1] = (y[0] + 1) % K
    return y


def rng(t):
    """A generator for the student's function."""
    return Rng(t.rng.integers(10**6))


sheet.task("relative_error", "Relative error", page=BACKPROPAGATION)


@sheet.check("relative_error", "matrix", "two matrices", points=1, public=True)
def _(t):
    g = values(t, 3, 4)
    t.call("relative_error", g, g + values(t, 3, 4, size=0.8))


@sheet.check("relative_error", "others", "a row; equal and opposite arrays", points=1)
def _(t):
    g = values(t, 6)
    t.call("relative_error", g, values(t, 6))
    t.call("relative_error", g, g, scale=1.0)
    t.call("relative_error", g, -g)


sheet.task("first_loss", "First loss", page=SOFTMAX)


def distributions(t, n, K):
    """Rows that add up to 1, nowhere near 0."""
    p = t.rng.uniform(0.2, 1, (n, K))
    return np.round(p / p.sum(axis=1, keepdims=True), 3)


@sheet.check("first_loss", "value", "as a multiple of ln K", points=1, public=True)
def _(t):
    t.call("first_loss", distributions(t, 6, 4), labels(t, 6, 4))


@sheet.check("first_loss", "sizes", "one example, two classes", points=1)
def _(t):
    t.call("first_loss", distributions(t, 1, 7), labels(t, 1, 7))
    t.call("first_loss", distributions(t, 8, 2), labels(t, 8, 2))


sheet.task("dead_units", "Dead units", page=ACTIVATIONS)


def relus(t, n, dead, h):
    """Values after a ReLU; the first units are dead, then all are mixed; only row 0 is all 0."""
    a = np.where(t.rng.random((n, h)) < 0.5, 0, np.abs(values(t, n, h)))
    a[0], a[1], a[2:, -1] = 0, np.abs(values(t, h)), 1.0
    a[:, :dead] = 0
    return a[:, t.rng.permutation(h)]


@sheet.check("dead_units", "count", "units that are 0 for all examples", points=1, public=True)
def _(t):
    t.call("dead_units", relus(t, 5, 2, 7))


@sheet.check("dead_units", "sizes", "none, all", points=1)
def _(t):
    t.call("dead_units", relus(t, 9, 0, 4))
    t.call("dead_units", relus(t, 3, int(t.rng.integers(3, 6)), 6))


sheet.task("scale", "Pixels", page=DIGITS)


@sheet.check("scale", "range", "0 to 255 become -1 to 1", points=1, public=True)
def _(t):
    t.call("scale", t.rng.integers(1, 200, (3, 4)))


@sheet.check("scale", "bytes", "pixels of type uint8, and floats", points=1)
def _(t):
    t.call("scale", t.rng.integers(0, 256, (4, 5)).astype(np.uint8))
    t.call("scale", t.rng.integers(1, 250, 6).astype(float))


sheet.task("shuffle", "Shuffled data", page=DIGITS)


@sheet.check("shuffle", "together", "rows and labels stay together", points=1, public=True)
def _(t):
    t.call("shuffle", values(t, 8, 2), t.rng.permutation(8), rng(t))


@sheet.check("shuffle", "sizes", "other sizes", points=1)
def _(t):
    t.call("shuffle", values(t, 11, 3), t.rng.permutation(11), rng(t))


sheet.task("output_delta", "Output error", page=SOFTMAX)


@sheet.check("output_delta", "values", "derivative of the mean cross-entropy", points=2,
             public=True)
def _(t):
    t.call("output_delta", values(t, 5, 3), labels(t, 5, 3))


@sheet.check("output_delta", "sizes", "one example, sure and wrong", points=1)
def _(t):
    t.call("output_delta", values(t, 1, 4), labels(t, 1, 4))
    t.call("output_delta", values(t, 7, 2, size=30), labels(t, 7, 2))


sheet.task("hidden_delta", "Hidden layer", page=BACKPROPAGATION)


def hidden_case(t, n, h, K):
    return values(t, n, K), values(t, h, K), np.round(t.rng.uniform(0.05, 0.95, (n, h)), 2)


@sheet.check("hidden_delta", "values", "delta of the hidden layer", points=2, public=True)
def _(t):
    t.call("hidden_delta", *hidden_case(t, 5, 4, 3))


@sheet.check("hidden_delta", "sizes", "one output, one example", points=1)
def _(t):
    t.call("hidden_delta", *hidden_case(t, 6, 3, 1))
    t.call("hidden_delta", *hidden_case(t, 1, 2, 5))


sheet.task("sums", "Loop over examples", page=BACKPROPAGATION)


def layer(t, n, d, h):
    """Inputs and deltas; those of one unit have one sign, so that no sum is near 0."""
    return values(t, n, d), np.abs(values(t, n, h)) * t.rng.choice([-1, 1], h)


@sheet.check("sums", "values", "gradients of weights and biases", points=1, public=True)
def _(t):
    t.call("sums", *layer(t, 5, 3, 2))


@sheet.check("sums", "sizes", "one example, other widths", points=1)
def _(t):
    t.call("sums", *layer(t, 7, 2, 4))
    t.call("sums", *layer(t, 1, 3, 5))


sheet.task("accuracy", "Accuracy", page=REPLAY)


def predictions(t, n, wrong):
    """Predictions and labels; ``wrong`` of them after the first, and the last, are wrong."""
    y = t.rng.integers(0, 10, n)
    predicted = y.copy()
    predicted[1 : wrong + 1] = (y[1 : wrong + 1] + t.rng.integers(1, 9, wrong)) % 10
    predicted[-1] = (y[-1] + 1) % 10
    return predicted, y


@sheet.check("accuracy", "rest", "every example counts once", points=1, public=True)
def _(t):
    t.call("accuracy", *predictions(t, 11, int(t.rng.integers(2, 4))), 4)


@sheet.check("accuracy", "batches", "other batch sizes, larger than all data", points=1)
def _(t):
    t.call("accuracy", *predictions(t, 9, int(t.rng.integers(2, 5))), 20)
    t.call("accuracy", *predictions(t, 13, int(t.rng.integers(2, 4))), 6)


sheet.task("start", "The start", page=ACTIVATIONS)


@sheet.check("start", "values", "weights of the right size, biases", points=1, public=True)
def _(t):
    t.call("start", 5, 3, rng(t))


@sheet.check("start", "sizes", "other widths", points=1)
def _(t):
    t.call("start", 3, 8, rng(t))
    t.call("start", 12, 1, rng(t))
