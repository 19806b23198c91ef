"""What is graded of assignment 1; see assignments/README.md."""

import numpy as np

from assignments.authoring import Name, Sheet

sheet = Sheet("gates", number=1, title="Gates, and backpropagation by hand")
BACKPROPAGATION = "06_backpropagation"
GATES = "03_gates"


def values(t, *shape, size=2.0):
    """Random numbers with two decimals, none of them near 0."""
    drawn = t.rng.uniform(0.1, size, shape) * t.rng.choice([-1, 1], shape)
    return np.round(drawn, 2)


def corners(t, more=6):
    """Rows of two bits: each of the four at least once, in any order."""
    all_four = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    return t.rng.permutation(np.concatenate([all_four, t.rng.integers(0, 2, (more, 2))]))


sheet.task("threshold", "One neuron", page=GATES)


@sheet.check("threshold", "sums", "1 above 0, else 0; also for a sum of exactly 0", points=1,
             public=True)
def _(t):
    X = t.rng.integers(-4, 5, (8, 3))  # whole numbers: a sum of 0 is exactly 0
    w = np.array([1, 2, -3])
    X[0], X[1], X[2] = (1, 1, 1), (3, 0, 0), (0, 0, 2)
    t.call("threshold", X, w, -3)
    t.call("threshold", X, w, 0)


@sheet.check("threshold", "sizes", "one input, many inputs", points=1)
def _(t):
    t.call("threshold", np.array([[-2.0], [0.5], [3.0], [1.0]]), np.array([2.0]), -2.0)
    X = t.rng.integers(-9, 10, (9, 6))
    t.call("threshold", X, np.array([3, -1, 2, -2, 1, 4]), float(t.rng.integers(-2, 3)))


sheet.task("gates", "Three gates", functions=("and_gate", "or_gate", "nand_gate"), page=GATES,
           needs=("threshold",))


@sheet.check("gates", "and", "AND", points=1, public=True)
def _(t):
    t.call("and_gate", corners(t))


@sheet.check("gates", "or", "OR", points=1, public=True)
def _(t):
    t.call("or_gate", corners(t))


@sheet.check("gates", "nand", "NAND", points=1, public=True)
def _(t):
    t.call("nand_gate", corners(t))


sheet.task("xor_gate", "XOR", page=GATES, needs=("gates",))


@sheet.check("xor_gate", "table", "exactly one of the two", points=2, public=True)
def _(t):
    t.call("xor_gate", corners(t))


sheet.task("two_paths", "Two paths", page=BACKPROPAGATION)


def path_arguments(t, target):
    """All weights well away from 0; both paths push the same way."""
    size = t.rng.uniform(0.4, 1.8, 6).round(2)
    signs = np.array([1, 1, 1, -1, 1, -1]) * (1, t.rng.choice([-1, 1]), 1, 1, 1, 1)
    x, w, u1, u2, v1, v2 = (float(v) for v in size * signs)
    return x, target, w, u1, u2, v1, v2


@sheet.check("two_paths", "paths", "what each path contributes", points=2, public=True)
def _(t):
    arguments = path_arguments(t, 0.0)
    t.call("two_paths", *arguments, part=0)
    t.call("two_paths", *arguments, part=1)


@sheet.check("two_paths", "derivative", "the derivative, also for a target of 1", points=1)
def _(t):
    t.call("two_paths", *path_arguments(t, 1.0))
    t.call("two_paths", *path_arguments(t, 0.25))


sheet.task("nudge", "Nudging", page=BACKPROPAGATION)


@sheet.check("nudge", "central", "central differences", points=1, public=True)
def _(t):
    t.call("nudge", Name("hill"), values(t, 3), 0.5)
    t.call("nudge", Name("hill"), values(t, 2, 3), 0.25)


@sheet.check("nudge", "whole", "arrays of whole numbers", points=1)
def _(t):
    t.call("nudge", Name("hill"), t.rng.permutation(np.array([-3, 1, 2, 4, 0])), 0.5)


sheet.task("forward", "Forward pass", page=BACKPROPAGATION)


def network(t, d, h):
    """Weights and biases of a small network with one output."""
    return values(t, d, h), values(t, h), values(t, h, 1), values(t, 1)


@sheet.check("forward", "values", "values of both layers", points=2, public=True)
def _(t):
    X, weights = values(t, 5, 3), network(t, 3, 4)
    t.call("forward", X, *weights, part=0)
    t.call("forward", X, *weights, part=1)


@sheet.check("forward", "sizes", "other widths, one example", points=1)
def _(t):
    t.call("forward", values(t, 1, 2), *network(t, 2, 6))
    t.call("forward", values(t, 8, 5), *network(t, 5, 1))


sheet.task("backward", "Backward pass", page=BACKPROPAGATION)


def backward_case(t, n, d, h):
    """Arguments of `backward`, such that no sum over the rows is small by cancellation."""
    while True:
        a1, a2 = t.rng.uniform(0.1, 0.9, (n, h)).round(2), t.rng.uniform(0.1, 0.9, (n, 1)).round(2)
        targets = t.rng.integers(0, 2, (n, 1)).astype(float)
        delta = (a2 - targets) * a2 * (1 - a2)
        if abs(delta.sum()) > 0.1 * abs(delta).sum():
            return values(t, n, d), targets, a1, a2, values(t, h, 1)


@sheet.check("backward", "output", "gradients of the output layer", points=2, public=True)
def _(t):
    case = backward_case(t, 6, 3, 4)
    t.call("backward", *case, part=2)
    t.call("backward", *case, part=3)


@sheet.check("backward", "hidden", "gradients of the hidden layer", points=2, public=True)
def _(t):
    case = backward_case(t, 6, 3, 4)
    t.call("backward", *case, part=0)
    t.call("backward", *case, part=1)


@sheet.check("backward", "sizes", "other widths, one example", points=1)
def _(t):
    t.call("backward", *backward_case(t, 1, 4, 3))
    t.call("backward", *backward_case(t, 9, 2, 5))


sheet.task("train", "Training", page=GATES, needs=("forward", "backward"))


def problem(t, n, d):
    """Inputs and targets 0 and 1."""
    return values(t, n, d), t.rng.integers(0, 2, (n, 1)).astype(float)


@sheet.check("train", "one", "one step; none", points=1, public=True)
def _(t):
    t.call("train", *problem(t, 5, 2), network(t, 2, 3), 2.0, 1)
    t.call("train", *problem(t, 3, 2), network(t, 2, 2), 2.0, 0)


@sheet.check("train", "many", "many steps, each from where the last one led", points=1)
def _(t):
    t.call("train", *problem(t, 6, 3), network(t, 3, 4), 1.5, 4)


sheet.task("count_solved", "How many found it?", page=GATES)


def runs(t, targets, wrong):
    """Outputs of one network for each entry of ``wrong``: so many rows on the wrong side."""
    outputs = []
    for number in wrong:
        sure = np.round(t.rng.uniform(0.6, 0.95, len(targets)), 2)
        flip = t.rng.permutation(len(targets)) < number
        outputs.append(np.where(flip ^ (targets > 0.5), sure, 1 - sure))
    return np.array(outputs)


@sheet.check("count_solved", "all", "all rows right", points=1, public=True)
def _(t):
    targets = t.rng.permutation(np.array([0, 1, 1, 0]))
    t.call("count_solved", runs(t, targets, t.rng.permutation([0, 1, 2, 0, 1, 4])), targets)


@sheet.check("count_solved", "none", "other numbers of rows; none solved", points=1)
def _(t):
    targets = t.rng.permutation(np.array([0, 1, 1, 0, 1, 1, 1]))
    t.call("count_solved", runs(t, targets, t.rng.permutation([0, 1, 0, 0, 6])), targets)
    t.call("count_solved", runs(t, targets, t.rng.permutation([1, 2, 3])), targets)
