"""What is graded of assignment 3; see assignments/README.md."""

import numpy as np

from assignments.authoring import Rng, Sheet

sheet = Sheet("softmax", number=3, title="Softmax, cross-entropy and mini-batches")
SOFTMAX = "05_softmax"
DIGITS = "08_digits"
REPLAY = "09_replay"


def values(t, *shape, size=2.0):
    """Random numbers with two decimals, none of them near 0."""
    drawn = t.rng.uniform(0.1, size, shape) * t.rng.choice([-1, 1], shape)
    return np.round(drawn, 2)


def network(t, d, h, K):
    """Weights of a small network."""
    return {"W1": values(t, d, h), "b1": values(t, h), "W2": values(t, h, K),
            "b2": values(t, K)}


def examples(t, n, d, K):
    """Inputs, and labels that are not all the same."""
    y = t.rng.integers(0, K, n)
    if n > 1:
        y[1] = (y[0] + 1) % K
    return values(t, n, d), y


def distributions(t, n, K):
    """Rows that add up to 1, nowhere near 0."""
    p = t.rng.uniform(0.2, 1, (n, K))
    return np.round(p / p.sum(axis=1, keepdims=True), 3)


sheet.task("softmax", "Softmax", page=SOFTMAX)


@sheet.check("softmax", "values", "each row becomes a distribution", points=1, public=True)
def _(t):
    t.call("softmax", values(t, 4, 3))


@sheet.check("softmax", "large", "numbers of any size, rows far apart", points=1, public=True)
def _(t):
    z = values(t, 3, 4)
    z[0] += 1000
    z[1, 1], z[1, 2] = z[1, 1] + 900, z[1, 2] - 900
    z[2] -= 1000
    t.call("softmax", z)


@sheet.check("softmax", "sizes", "one example, two classes, many classes", points=1)
def _(t):
    t.call("softmax", values(t, 1, 6))
    t.call("softmax", values(t, 7, 2))


sheet.task("loss", "Loss", page=SOFTMAX)


@sheet.check("loss", "mean", "the mean over the examples", points=1, public=True)
def _(t):
    y = t.rng.permutation(np.array([0, 1, 2, 3, 3, 1]))
    t.call("loss", y, distributions(t, 6, 4))


@sheet.check("loss", "zeros", "a probability of 0 at a wrong class costs nothing", points=1,
             public=True)
def _(t):
    y = t.rng.permutation(np.array([0, 1, 2, 2, 1]))
    p = distributions(t, 5, 3)
    low, true = p[1].argmin(), y[1]
    p[1, [low, true]] = p[1, [true, low]]  # sure and wrong here
    for row in (0, 3):
        gone = (y[row] + 1) % 3
        p[row, y[row]] = np.round(p[row, y[row]] + p[row, gone], 3)
        p[row, gone] = 0.0
    t.call("loss", y, p)


@sheet.check("loss", "sizes", "one example, two classes", points=1)
def _(t):
    t.call("loss", t.rng.integers(0, 5, 1), distributions(t, 1, 5))
    t.call("loss", t.rng.permutation(np.array([0, 1, 1, 0, 1, 1, 0, 0, 0])),
           distributions(t, 9, 2))


sheet.task("feed_forward", "Feed forward", page=SOFTMAX, needs=("softmax",))


@sheet.check("feed_forward", "values", "probabilities of a small network", points=2, public=True)
def _(t):
    t.call("feed_forward", values(t, 5, 4), network(t, 4, 3, 2))
    t.call("feed_forward", values(t, 4, 3), network(t, 3, 2, 4))


@sheet.check("feed_forward", "sizes", "other widths, one example", points=1)
def _(t):
    t.call("feed_forward", values(t, 1, 6), network(t, 6, 8, 3))
    t.call("feed_forward", values(t, 8, 2), network(t, 2, 5, 4))


sheet.task("gradients", "Gradients", page=SOFTMAX, needs=("feed_forward",))


@sheet.check("gradients", "values", "all four gradients", points=2, public=True)
def _(t):
    t.call("gradients", *examples(t, 6, 4, 3), network(t, 4, 5, 3))


@sheet.check("gradients", "sizes", "other widths, one example", points=2)
def _(t):
    t.call("gradients", *examples(t, 1, 3, 4), network(t, 3, 2, 4))
    t.call("gradients", *examples(t, 9, 2, 2), network(t, 2, 6, 2))


sheet.task("network", "Full batch", page=DIGITS, needs=("gradients",))


@sheet.check("network", "one", "one step", points=1, public=True)
def _(t):
    t.call("network", *examples(t, 6, 3, 3), network(t, 3, 4, 3), 1, 0.7)


@sheet.check("network", "three", "three steps; no step", points=1, public=True)
def _(t):
    t.call("network", *examples(t, 5, 4, 3), network(t, 4, 2, 3), 3, 1.5)
    t.call("network", *examples(t, 5, 2, 2), network(t, 2, 2, 2), 0, 1.5)


sheet.task("network_sgd", "Mini-batches", page=REPLAY, needs=("network",))


@sheet.check("network_sgd", "even", "an epoch of full batches", points=1, public=True)
def _(t):
    t.call("network_sgd", *examples(t, 8, 3, 3), network(t, 3, 4, 3), 1, 2, 1.5,
           Rng(t.rng.integers(10**6)))


@sheet.check("network_sgd", "epochs", "several epochs, the last batch shorter", points=2)
def _(t):
    t.call("network_sgd", *examples(t, 7, 3, 3), network(t, 3, 4, 3), 1, 3, 1.5,
           Rng(t.rng.integers(10**6)))
    t.call("network_sgd", *examples(t, 6, 3, 3), network(t, 3, 4, 3), 3, 2, 1.5,
           Rng(t.rng.integers(10**6)))


sheet.task("confusion", "Confusion", page=DIGITS)


@sheet.check("confusion", "counts", "each pair is counted", points=1, public=True)
def _(t):
    y = t.rng.permutation(np.array([0, 0, 0, 0, 1, 1, 2, 2, 2]))
    predicted = (y + t.rng.permutation(np.array([0, 0, 0, 0, 1, 1, 1, 0, 2]))) % 3
    predicted[y == 0] = t.rng.permutation(np.array([1, 1, 1, 0]))
    t.call("confusion", y, predicted, 3)


@sheet.check("confusion", "absent", "classes that never occur", points=1)
def _(t):
    y = t.rng.integers(0, 2, 9)
    y[:3], predicted = (0, 0, 1), t.rng.integers(0, 3, 9)
    predicted[:3] = 2, 2, 0
    t.call("confusion", y, predicted, 5)


sheet.task("increase", "The increase", page=DIGITS, needs=("feed_forward",))


def outputs(X, weights, hidden=lambda z: 1 / (1 + np.exp(-z)), **changed):
    """Sums of the output layer, also of networks that lack something."""
    w = weights | changed
    return hidden(X @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"]


def decisions(X, weights):
    """What a network predicts, and what it would if something were missing or wrong."""
    z = outputs(X, weights)
    wrong = [outputs(X, weights, b1=0), outputs(X, weights, b2=0),
             outputs(X, weights, hidden=lambda z: z),
             z - z.max(axis=0) - np.log(np.exp(z - z.max(axis=0)).sum(axis=0))]
    return [v.argmax(axis=1) for v in (z, *wrong)]


def decided(X, weights):
    """Is every example decided by far more than rounding?"""
    z = np.sort(outputs(X, weights), axis=1)
    return (z[:, -1] - z[:, -2]).min() > 0.01


def two_networks(t, n, d, h, K):
    """Examples and two networks, the second right more often, and not always."""
    while True:
        X, before, after = values(t, n, d), network(t, d, h, K), network(t, d, h, K)
        ones, twos = decisions(X, before), decisions(X, after)
        y = np.where(t.rng.random(n) < 0.7, twos[0], ones[0])
        gained, *others = (int((two == y).sum()) - int((one == y).sum())
                           for one, two in zip(ones, twos))
        lost = ((ones[0] == y) & (twos[0] != y)).sum()
        if decided(X, before) and decided(X, after) and gained > 1 <= lost \
                and gained not in others:
            return X, y, before, after


@sheet.check("increase", "more", "more right ones after than before", points=1, public=True)
def _(t):
    t.call("increase", *two_networks(t, 12, 3, 4, 3))


@sheet.check("increase", "fewer", "fewer right ones", points=1)
def _(t):
    X, y, before, after = two_networks(t, 20, 4, 5, 4)
    t.call("increase", X, y, after, before)
