"""What is graded of assignment 2; see assignments/README.md."""

import numpy as np

from assignments.authoring import Sheet

sheet = Sheet("relu", number=2, title="ReLU in the multi-layer perceptron")
BACKPROPAGATION = "06_backpropagation"
DIGITS = "08_digits"
REPLAY = "09_replay"


def values(t, *shape, size=2.0):
    """Random numbers with two decimals, none of them near 0."""
    drawn = t.rng.uniform(0.1, size, shape) * t.rng.choice([-1, 1], shape)
    return np.round(drawn, 2)


def network(t, d, h, K):
    """Small weights and biases, each unit with some of both signs."""
    return values(t, d, h, size=1), values(t, h, size=1), values(t, h, K, size=1), values(
        t, K, size=1)


sheet.task("relu", "ReLU", page=BACKPROPAGATION)


@sheet.check("relu", "values", "negative numbers become 0, positive ones stay", points=1,
             public=True)
def _(t):
    z = values(t, 4, 3, size=3)
    z[0, 0], z[1, 1], z[2, 2], z[3, 0] = 2.5, -2.5, 0.0, 0.4
    t.call("relu", z)


@sheet.check("relu", "any_shape", "arrays of any shape, large numbers, input left alone", points=1)
def _(t):
    t.call("relu", values(t, 7, size=50))
    t.call("relu", values(t, 2, 3, 4))
    t.call("relu", np.array([-3, 2, 0, int(t.rng.integers(5, 90))]))


sheet.task("forward", "Forward pass", page=BACKPROPAGATION)


@sheet.check("forward", "hidden", "values of the hidden layer", points=1, public=True)
def _(t):
    t.call("forward", values(t, 5, 4), *network(t, 4, 3, 2), part=0)


@sheet.check("forward", "output", "values of the output layer", points=1, public=True)
def _(t):
    t.call("forward", values(t, 5, 4), *network(t, 4, 3, 2), part=1)


@sheet.check("forward", "sizes", "other widths, one example, one class", points=1)
def _(t):
    t.call("forward", values(t, 1, 6), *network(t, 6, 9, 4))
    t.call("forward", values(t, 8, 2), *network(t, 2, 5, 1))


sheet.task("backward", "Backward pass", page=BACKPROPAGATION)


def backward_case(t, n, d, h, K):
    """Arguments of `backward` from a pass of the reference; some hidden units are at 0."""
    X, (W_h, b_h, W_o, b_o) = values(t, n, d), network(t, d, h, K)
    a_h = np.round(np.maximum(0, X @ W_h + b_h), 2)
    a_h[0, 0] = 0.0
    a_o = np.round(1 / (1 + np.exp(-(a_h @ W_o + b_o))), 3)
    return X, t.rng.integers(0, K, n), a_h, a_o, W_o


@sheet.check("backward", "output", "gradients of the output layer", points=2, public=True)
def _(t):
    case = backward_case(t, 6, 4, 3, 3)
    t.call("backward", *case, part=2)
    t.call("backward", *case, part=3)


@sheet.check("backward", "hidden", "gradients of the hidden layer", points=2, public=True)
def _(t):
    case = backward_case(t, 6, 4, 3, 3)
    t.call("backward", *case, part=0)
    t.call("backward", *case, part=1)


@sheet.check("backward", "sizes", "other widths, one example", points=2)
def _(t):
    t.call("backward", *backward_case(t, 1, 5, 4, 3))
    t.call("backward", *backward_case(t, 9, 3, 6, 2))


sheet.task("update", "One step", page=BACKPROPAGATION)


@sheet.check("update", "step", "a step downhill", points=1, public=True)
def _(t):
    t.call("update", (values(t, 3, 2), values(t, 2)), (values(t, 3, 2), values(t, 2)), 0.3)


@sheet.check("update", "any", "any number of arrays; the old ones survive", points=1)
def _(t):
    shapes = [(4,), (2, 3), (1,), (2, 2), (3, 1)]
    t.call("update", tuple(values(t, *s) for s in shapes), tuple(values(t, *s) for s in shapes),
           float(t.rng.uniform(0.01, 3)))
    t.call("update", (values(t, 2, 2),), (values(t, 2, 2),), 1.0)


sheet.task("batches", "Mini-batches", page=REPLAY)


@sheet.check("batches", "full", "all batches full, in the given order", points=1, public=True)
def _(t):
    t.call("batches", t.rng.permutation(12), 4)


@sheet.check("batches", "rest", "the last batch is shorter", points=1)
def _(t):
    t.call("batches", t.rng.permutation(11), 4)
    t.call("batches", t.rng.permutation(3), 10)
    t.call("batches", t.rng.permutation(5), 1)


sheet.task("train_epoch", "An epoch", page=DIGITS,
           needs=("forward", "backward", "update", "batches"))


@sheet.check("train_epoch", "one_batch", "one batch that holds all rows", points=1, public=True)
def _(t):
    t.call("train_epoch", values(t, 6, 4), t.rng.integers(0, 3, 6), network(t, 4, 5, 3), 0.5,
           t.rng.permutation(6), 6)


@sheet.check("train_epoch", "many", "many batches, each from where the last one led", points=2)
def _(t):
    t.call("train_epoch", values(t, 10, 4), t.rng.integers(0, 3, 10), network(t, 4, 5, 3), 2.0,
           t.rng.permutation(10), 3)


sheet.task("increase", "What is it worth?", page=DIGITS)


def predictions(t, n):
    """Labels, and two predictions: the second right more often, both sometimes wrong."""
    y = t.rng.integers(0, 10, n)
    before = np.where(t.rng.random(n) < 0.5, y, (y + t.rng.integers(1, 9, n)) % 10)
    after = np.where(t.rng.random(n) < 0.8, y, (y + t.rng.integers(1, 9, n)) % 10)
    after[:2], before[:3] = y[:2], (y[:3] + 1) % 10
    after[2] = (y[2] + 2) % 10
    before[3], after[3] = y[3], (y[3] + 1) % 10
    return y, before, after


@sheet.check("increase", "more", "more right ones after than before", points=1, public=True)
def _(t):
    t.call("increase", *predictions(t, 20))


@sheet.check("increase", "fewer", "fewer right ones, and none", points=1)
def _(t):
    y, before, after = predictions(t, 40)
    t.call("increase", y, after, before)
    t.call("increase", y, after, (y + 1) % 10)
