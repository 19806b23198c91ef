"""Patient: a network, its data and its run, and what is measured on them, once each.

A few hundred rows say as much as all of them, so the cost does not grow with the data.

Not here: what a measurement means (``examine_data``, ``examine_setup``, ``examine_run``).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nnlib.recipe import recipe

ROWS = 400  # at most so many are looked at


@dataclass
class Patient:
    """What the doctor looks at; ``T`` are the targets as the loss writes them."""

    network: object
    loss: object
    X: np.ndarray
    T: np.ndarray
    optimizer: object = None
    history: object = None
    validation: tuple | None = None
    batch_size: int | None = None
    steps_left: int | None = None
    penalties: tuple = ()
    stopped_because: str | None = None
    trained: bool = False
    running: bool = False  # whether there are epochs to come
    own_code: bool = True  # whether the gradient is to be checked
    measured: dict[str, float] = field(default_factory=dict)  # what was compared with a limit

    @cached_property
    def rows(self) -> np.ndarray:
        n = len(self.X)
        return np.arange(n) if n <= ROWS else np.random.default_rng(0).choice(n, ROWS, False)

    @cached_property
    def some(self) -> tuple[np.ndarray, np.ndarray]:
        return self.X[self.rows], self.T[self.rows]

    @cached_property
    def largest_column(self) -> float:
        """Root mean square of the largest column."""
        return float(np.sqrt(np.square(self.some[0].astype(float)).mean(axis=0)).max())

    @cached_property
    def reading(self):
        return self.loss.reading(self.T, squeezed=self.network.squeezes_output)

    @cached_property
    def outputs(self) -> list[np.ndarray]:
        """The output of every layer, in use, for some rows."""
        a, outputs = self.some[0], []
        with np.errstate(all="ignore"):
            for layer in self.network.layers:
                a = layer(a)
                outputs.append(a)
        return outputs

    def hidden(self, *names: str) -> list[tuple[int, np.ndarray]]:
        """Place and outputs of the hidden layers with one of these activations."""
        layers = self.network.layers[:-1]
        return [(i, self.outputs[i]) for i, x in enumerate(layers) if activation_of(x) in names]

    @cached_property
    def gradients(self) -> dict[str, np.ndarray]:
        """The gradient of each array of weights for some rows, in the pass of use."""
        clone = self.network.copy()
        with np.errstate(all="ignore"):
            output = clone._forward(self.some[0], training=True)
            clone.backward(self.loss.value_and_gradient(output, self.some[1], self._share)[1])
        return {n: g.copy() for n, _, g in clone.parameters() if n.endswith(".W")}

    @property
    def _share(self) -> float:
        return 1 / len(self.rows)

    @cached_property
    def first_loss(self) -> float:
        with np.errstate(all="ignore"):
            return float(
                self.loss.value_and_gradient(self.outputs[-1], self.some[1], self._share)[0]
            )

    @cached_property
    def chance_loss(self) -> float:
        """The loss of the best constant output."""
        T = self.T
        mean = T.mean(axis=0)
        if self.reading.kind == "numbers" or self.loss.output_activation.name == "identity":
            return float(((T - mean) ** 2).mean())
        p = np.clip(mean, 1e-12, 1)
        if self.loss.output_activation.name == "softmax":
            return float(-(p * np.log(p)).sum())
        q = np.clip(1 - mean, 1e-12, 1)
        return float(-(p * np.log(p) + q * np.log(q)).sum())

    # -- how much could be learnt -----------------------------------------------------------

    @cached_property
    def score(self) -> float:
        with np.errstate(all="ignore"):
            return float(self.reading.score(self.outputs[-1], self.some[1]))

    @cached_property
    def chance(self) -> float:
        """The score of the best constant prediction."""
        if self.reading.kind == "numbers":
            return 0.0
        T = self.some[1] > 0.5
        return float(np.unique(T, axis=0, return_counts=True)[1].max() / len(T))

    @cached_property
    def probes(self) -> dict[str, float]:
        """What a nearest neighbour and a straight line say of rows they have not seen.

        Scores as the network's own; each row is left out in turn.
        """
        X, T = (a.astype(float) for a in self.some)
        scale = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(scale > 1e-12, scale, 1)
        squares = X @ X.T
        d = np.diag(squares)
        distance = d[:, None] + d - 2 * squares
        np.fill_diagonal(distance, np.inf)
        n = len(X)
        near = T[np.argpartition(distance, min(4, n - 2), axis=1)[:, : min(5, n - 1)]]
        self._guesses = {"neighbours": near.mean(axis=1), "line": _line(X, T, squares)}
        return {name: self._judge(guess, T) for name, guess in self._guesses.items()}

    def _judge(self, guess, T) -> float:
        if self.reading.kind == "numbers":
            return float(
                1 - ((T - guess) ** 2).sum() / max(((T - T.mean(axis=0)) ** 2).sum(), 1e-30)
            )
        if self.reading.kind == "classes":
            return float((guess.argmax(axis=1) == T.argmax(axis=1)).mean())
        return float(((guess > 0.5) == (T > 0.5)).all(axis=1).mean())

    @cached_property
    def attainable(self) -> float:
        """A score that is surely within reach."""
        distinct = np.unique(self.some[0], axis=0)
        if len(distinct) <= 32:  # a small table can be learnt by heart, if it does not contradict
            both = np.unique(np.hstack(self.some), axis=0)
            if len(both) == len(distinct):
                return 1.0
        return max(self.chance, *self.probes.values())

    @cached_property
    def learnt(self) -> float:
        """Which part of what is surely within reach was learnt: 0 as chance, 1 all of it."""
        reach = self.attainable - self.chance
        if reach < 0.05:
            return 1.0  # nothing can be asked for
        return (self.score - self.chance) / reach

    @property
    def trained_well(self) -> bool:
        return self.trained and self.learnt > 0.8

    @cached_property
    def probe_z(self) -> dict[str, float]:
        """By how many standard errors the two probes beat shuffled targets."""
        T = self.some[1].astype(float)
        _ = self.probes
        return {name: self._beyond_chance(guess, T) for name, guess in self._guesses.items()}

    def _beyond_chance(self, guess, T) -> float:
        guess, T = guess - guess.mean(axis=0), T - T.mean(axis=0)
        size = np.sqrt((guess**2).sum() * (T**2).sum())
        free = len(T) * max(T.shape[1] - (self.reading.kind == "classes"), 1)
        return float((guess * T).sum() / max(size, 1e-30) * np.sqrt(free))

    # -- the gradient, along a few directions ---------------------------------------------------

    check_rows = 24

    @cached_property
    def gradient_factors(self) -> dict[str, tuple[float, float | None]]:
        """For each array: relative error of its gradient, and the factor it is off by.

        Three random directions in each array (central differences), so that the cost grows with
        the number of arrays only.  The factor is None if the three disagree about it.
        """
        network = self.network
        if network.dtype != np.float64:
            network = network.copy()
            state = network.state()
            network.dtype = np.dtype(float)
            network._lay_out_views()
            network.set_state(state)
        X, T = (a[: self.check_rows].astype(float) for a in self.some)
        saved_state, grad = network.state(), network.grad.copy()
        trace = network.trace, network._trained
        rng, h, found = np.random.default_rng(2), 1e-5, {}
        # A little way off, lest a unit lie on its corner, or weights of 0 let no error through.
        size = np.sqrt(np.square(network.theta).mean()) or 0.1
        network.theta += rng.normal(0, 0.05 * size, network.theta.shape)

        def cost(learn=False):
            for own, saved in zip(network.rngs, saved_state["rngs"], strict=True):
                own.bit_generator.state = saved
            output = network._forward(X, training=True)
            value, gradient = self.loss.value_and_gradient(output, T, 1 / len(X))
            if learn:
                network.backward(gradient)
            return float(value)

        try:
            with np.errstate(all="ignore"):
                here = cost(learn=True)
                for name, values, gradient in network.parameters():
                    first, derivative, pairs = values.copy(), gradient.copy(), []
                    for _ in range(3):
                        v = rng.choice([-1.0, 1.0], values.shape) / np.sqrt(values.size)
                        sides = []
                        for sign in (1, -1):
                            values[...] = first + sign * h * v
                            sides.append(cost())
                        values[...] = first
                        pairs.append(((derivative * v).sum(), (sides[0] - sides[1]) / (2 * h)))
                    found[name] = _compare(np.array(pairs), here)
        finally:
            network.set_state(saved_state)
            network.grad[...] = grad
            network.trace, network._trained = trace
        return found

    @property
    def optimizer_name(self) -> str:
        """The optimizer's name in ``nnlib`` (an estimator's Adam is a class of its own)."""
        name = type(self.optimizer).__name__
        return name if name in ("SGD", "RMSprop", "Adam") else "Adam"

    # -- a few steps on a copy -----------------------------------------------------------------

    def recipe(self, **changes) -> str:
        """The network as a line of code, with changes (see `nnlib.recipe`)."""
        return recipe(self.network, **changes)

    def wider(self) -> str:
        """The network with a hidden layer of enough units, as a line of code."""
        return recipe(self.network, widen=32)

    @cached_property
    def penalty_pull(self) -> float:
        """Length of the penalties' gradient over that of the loss, both at the weights."""
        if not self.gradients:
            return np.nan
        pull = np.zeros_like(self.network.theta)
        for penalty in self.penalties:
            penalty.add_gradient(self.network.theta, pull)
        own = np.sqrt(sum(np.square(g).sum() for g in self.gradients.values()))
        return float(np.linalg.norm(pull) / (own + np.linalg.norm(pull) + 1e-30))

    def trial(self, factor: float = 1.0, steps: int = 20, fresh: bool = True) -> dict:
        """Take a few steps on a copy, with the learning rate times ``factor``."""
        clone, optimizer = self.network.copy(), copy.deepcopy(self.optimizer)
        if fresh:
            optimizer.memory, optimizer.steps = {}, 0
        optimizer.learning_rate = optimizer.learning_rate * factor
        X, T = self.some
        size = min(self.batch_size or len(X), len(X))
        order = np.random.default_rng(1).permutation(len(X))
        before = clone.theta.copy()
        moves = []
        with np.errstate(all="ignore"):
            for step in range(steps):
                rows = np.take(order, np.arange(step * size, (step + 1) * size), mode="wrap")
                output = clone._forward(X[rows], training=True)
                value, gradient = self.loss.value_and_gradient(output, T[rows], 1 / size)
                clone.backward(gradient)
                old = clone.theta.copy()
                optimizer.step(clone.theta, clone.grad, 1.0, clone.decayed)
                moves.append(np.linalg.norm(clone.theta - old))
                if not np.isfinite(clone.theta).all():
                    break
            output = clone(X) if np.isfinite(clone.theta).all() else np.full(T.shape, np.nan)
            after = float(self.loss.value_and_gradient(output, T, self._share)[0])
        usual = sum(w.size * 2 / sum(w.shape[-2:]) for w, _ in clone.weights() if w.ndim > 1)
        size = max(np.linalg.norm(before), 0.3 * np.sqrt(usual))  # weights of 0 are a start too
        return {"before": self.first_loss, "after": after, "first": moves[0] / size,
                "move": float(np.mean(moves) / size)}  # fmt: skip


def activation_of(layer) -> str:
    """Name of a layer's activation; "" for a layer that has none, such as Dropout."""
    activation = getattr(layer, "activation", None)
    return "" if activation is None else activation.name


def _line(X, T, squares) -> np.ndarray:
    """What ridge regression says of each row when it has not seen it.

    The residual of a row left out is its residual over 1 - h, where h is its leverage (Allen
    1974), so that one fit is enough; of the two ways to write the fit the smaller one is taken.
    """
    n, d = X.shape
    mean = T.mean(axis=0)
    if d < n:
        back = np.linalg.solve(X.T @ X + 0.1 * n * np.eye(d), X.T)
        left = T - mean - X @ (back @ (T - mean))
        return T - left / (1 - 1 / n - (X * back.T).sum(axis=1))[:, None]
    inverse = np.linalg.inv(squares + 0.1 * n * np.eye(n))
    return T - (inverse @ (T - mean)) / (np.diag(inverse) - 1 / (0.1 * n * n))[:, None]


def _compare(pairs: np.ndarray, cost: float) -> tuple[float, float | None]:
    ours, theirs = pairs.T
    size = np.abs(ours) + np.abs(theirs)
    errors = np.abs(ours - theirs) / (size + 1e-30)
    if not np.isfinite(errors).all() or np.median(size) < 1e-7 * max(1.0, abs(cost)):
        return 0.0, None  # too small to tell from rounding
    if np.abs(theirs).min() < 1e-3 * size.max():
        return float(np.median(errors)), None
    factors = ours / theirs
    same = np.ptp(factors) < 0.01 * np.abs(factors).max()
    return float(np.median(errors)), float(np.median(factors)) if same else None
