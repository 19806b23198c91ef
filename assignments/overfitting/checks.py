"""What is graded of assignment 4; see assignments/README.md."""

import numpy as np

from assignments.authoring import Name, Rng, Sheet

sheet = Sheet("overfitting", number=4, title="Regularization and early stopping")
REGULARIZATION = "10_regularization"
HYPERPARAMETERS = "11_hyperparameters"


def values(t, *shape, size=2.0):
    """Random numbers with two decimals, none of them near 0."""
    drawn = t.rng.uniform(0.1, size, shape) * t.rng.choice([-1, 1], shape)
    return np.round(drawn, 2)


def network(t, d, h, K):
    """Weights of a small network."""
    return {"W1": values(t, d, h), "b1": values(t, h), "W2": values(t, h, K),
            "b2": values(t, K)}


def rng(t):
    """A generator for the student's function."""
    return Rng(t.rng.integers(10**6))


sheet.task("three_parts", "Three parts", page=HYPERPARAMETERS)


@sheet.check("three_parts", "parts", "three parts of one random order", points=1, public=True)
def _(t):
    t.call("three_parts", 12, 6, 2, rng(t))


@sheet.check("three_parts", "sizes", "other sizes, an empty part", points=1)
def _(t):
    t.call("three_parts", 17, 8, 4, rng(t))
    t.call("three_parts", 9, 6, 3, rng(t))


sheet.task("penalty", "Penalty", page=REGULARIZATION)


@sheet.check("penalty", "value", "half lambda times the squared weights", points=1, public=True)
def _(t):
    t.call("penalty", network(t, 3, 2, 4), 0.3)


@sheet.check("penalty", "layers", "any number of layers", points=1)
def _(t):
    weights = network(t, 2, 4, 3) | {"W3": values(t, 3, 2), "b3": values(t, 2, size=9)}
    t.call("penalty", weights, float(t.rng.uniform(1, 3)))
    t.call("penalty", {"W1": values(t, 2, 2)}, 1.0)


sheet.task("add_penalty", "Gradient of the penalty", page=REGULARIZATION)


@sheet.check("add_penalty", "value", "what the penalty adds to the gradients", points=1,
             public=True)
def _(t):
    t.call("add_penalty", network(t, 3, 2, 4), network(t, 3, 2, 4), 0.3)


@sheet.check("add_penalty", "layers", "any number of layers; lambda 0", points=1)
def _(t):
    weights, gradients = ({"W1": values(t, 2, 3), "b1": values(t, 3), "W2": values(t, 3, 2),
                           "b2": values(t, 2), "W3": values(t, 2, 1), "b3": values(t, 1)}
                          for _ in range(2))
    t.call("add_penalty", gradients, weights, float(t.rng.uniform(1, 3)))
    t.call("add_penalty", gradients, weights, 0.0)


sheet.task("dropout", "Dropout", page=REGULARIZATION)


@sheet.check("dropout", "training", "in training: dropped and made larger", points=1, public=True)
def _(t):
    t.call("dropout", values(t, 5, 4), 0.3, rng(t), True)


@sheet.check("dropout", "use", "in use: nothing", points=1, public=True)
def _(t):
    t.call("dropout", values(t, 4, 3), 0.4, rng(t), False)


@sheet.check("dropout", "rates", "other rates, none at all", points=1)
def _(t):
    t.call("dropout", values(t, 6, 7), 0.8, rng(t), True)
    t.call("dropout", values(t, 2, 3), 0.0, rng(t), True)


sheet.task("gradients", "Gradients through dropout", page=REGULARIZATION)


def case(t, n, d, h, K, rate):
    """Arguments of `gradients`; in each column of the mask something is kept."""
    keep = t.rng.random((n, h)) >= rate
    keep[t.rng.permutation(n)[0]] = True
    y = t.rng.integers(0, K, n)
    return values(t, n, d), y, network(t, d, h, K), keep / (1 - rate)


@sheet.check("gradients", "mask", "all four gradients, with a mask", points=3, public=True)
def _(t):
    t.call("gradients", *case(t, 6, 3, 4, 3, 0.375))


@sheet.check("gradients", "sizes", "other widths, one example, no mask", points=2)
def _(t):
    t.call("gradients", *case(t, 8, 2, 6, 2, 0.75))
    t.call("gradients", *case(t, 1, 4, 3, 4, 0.0))


sheet.task("stopping", "When to stop", page=REGULARIZATION)


def bumpy(t, falls, longer=4):
    """Losses with a new lowest every third epoch, the last at 3 * falls; no two are alike.

    In between they rise, and fall again, not as low as before; likewise after the lowest.
    """
    losses = []
    for level in np.arange(falls, 0, -1.0):
        losses += [level + 1, level + 2.2, level + 1.5]
    losses += [1.0, *[1.5, 2.1, 1.8, 2.4][:longer]]
    return [round(v + float(t.rng.uniform(0, 0.1)), 3) for v in losses]


@sheet.check("stopping", "stops", "stops, and goes back to the lowest", points=1, public=True)
def _(t):
    t.call("stopping", bumpy(t, 1), 3)
    t.call("stopping", [*bumpy(t, 1, longer=3), 0.1], 3)  # lower still, and never seen
    t.call("stopping", bumpy(t, 2), 1)


@sheet.check("stopping", "ends", "never runs out of patience; the first is lowest", points=1)
def _(t):
    t.call("stopping", bumpy(t, 2, longer=2), 5)
    t.call("stopping", sorted(bumpy(t, 1)), 2)
    t.call("stopping", bumpy(t, 2, longer=0), 3)
    t.call("stopping", bumpy(t, 1)[:1], 2)


@sheet.check("stopping", "ties", "what only equals the lowest is no improvement", points=1)
def _(t):
    low = round(float(t.rng.uniform(1, 2)), 2)
    t.call("stopping", [low + 1, low, low + 0.5, low, low + 0.25, low - 0.5], 3)


sheet.task("network_val", "network_val", page=REGULARIZATION)


def toy(t, falls, longer=4):
    """Weights of the toy, and how many epochs it has."""
    validation = np.array([9.0, *bumpy(t, falls, longer)])
    train = np.linspace(8, 0.5, len(validation)).round(2) + t.rng.uniform(0, 0.05)
    return {"epoch": np.array([0]), "train": train.round(3),
            "validation": validation}, len(validation) - 1


def ask(t, falls, patience, longer=4, part=None):
    weights, epochs = toy(t, falls, longer)
    options = {} if part is None else {"part": part}
    t.call("network_val", Name("toy_epoch"), Name("toy_losses"), weights, epochs, patience,
           inputs="free", **options)


@sheet.check("network_val", "best", "the weights of the best epoch", points=2, public=True)
def _(t):
    ask(t, 1, 3, part=0)
    ask(t, 2, 4, part=0)


@sheet.check("network_val", "history", "both losses after each epoch, until it stops", points=2,
             public=True)
def _(t):
    ask(t, 1, 3, part=1)
    ask(t, 2, 2, part=1)


@sheet.check("network_val", "ends", "patience never runs out; the last is best", points=1)
def _(t):
    ask(t, 1, 9)
    ask(t, 2, 3, longer=0)
    weights, epochs = toy(t, 1)
    weights["validation"][6] = weights["validation"][4]  # exactly as low: no improvement
    t.call("network_val", Name("toy_epoch"), Name("toy_losses"), weights, epochs, 3,
           inputs="free")


sheet.task("chosen", "Which setting?", page=HYPERPARAMETERS)


def accuracies(t, n):
    """Accuracies of n settings, all different, with different winners."""
    validation = t.rng.permutation(np.linspace(0.71, 0.95, n).round(3))
    test = np.roll(np.sort(validation)[np.argsort(np.argsort(validation))], 1) - 0.04
    return validation, test.round(3)


@sheet.check("chosen", "choice", "chosen and reported by the right data", points=1, public=True)
def _(t):
    t.call("chosen", *accuracies(t, 6))


@sheet.check("chosen", "others", "other numbers of settings", points=1)
def _(t):
    t.call("chosen", *accuracies(t, 9))
    t.call("chosen", *accuracies(t, 2))
