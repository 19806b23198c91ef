"""Patient: a network, its data and its run, and what is measured on them, once each.

A few hundred rows say as much as all of them, so the cost does not grow with the data.

Not here: what a measurement means (``examine_data``, ``examine_setup``, ``examine_run``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from nnlib import probes, trials
from nnlib.recipe import recipe

ROWS = 400  # at most so many are looked at
MORE_ROWS = 1200  # where so few are too few to decide
LATER = 2000  # steps after which what a run cannot change may be measured beside it
STANDING = (  # what a run cannot change: measured once in a run, however often one asks
    "rows", "some", "column_rms", "class_counts", "validation_scale", "reading", "chance",
    "chance_loss", "probes", "_guesses", "attainable", "probe_z", "gradient_factors",
    "more", "held_out", "sound_in_passing", "sound",
)  # fmt: skip


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
    steps: int = 0
    clip_norm: float | None = None
    shuffle: bool | None = None  # None: not told
    own_code: bool = True  # whether the gradient is to be checked
    measured: dict[str, float] = field(default_factory=dict)  # what was compared with a limit

    def remember(self, earlier: Patient) -> Patient:
        """Take over what was measured at an earlier look at the same run, and cannot change."""
        self.__dict__ |= {n: v for n, v in earlier.__dict__.items() if n in STANDING}
        return self

    def known_as_sound_at(self, steps: int) -> bool:
        """Whether an earlier look at this run found data and set-up sound, and so it stays."""
        seen = self.__dict__
        return "sound" in seen or (steps < LATER and "sound_in_passing" in seen)

    def note_as_sound(self) -> None:
        self.__dict__["sound_in_passing" if self.in_passing else "sound"] = True

    @cached_property
    def in_passing(self) -> bool:
        """Whether this is a look at a run that learns: what it cannot change is left for later."""
        return self.running and self.trained and self.on_its_way and self.steps < LATER

    @cached_property
    def on_its_way(self) -> bool:
        """Whether a run that is not over should go on: too early to tell, or learning."""
        return learns(self.history)

    def column(self, name: str) -> np.ndarray:
        """A column of the history; empty if there is none."""
        if self.history is None or name not in self.history:
            return np.zeros(0)
        return np.asarray(self.history[name], float)

    @cached_property
    def rows(self) -> np.ndarray:
        n = len(self.X)
        return np.arange(n) if n <= ROWS else np.random.default_rng(0).choice(n, ROWS, False)

    @cached_property
    def some(self) -> tuple[np.ndarray, np.ndarray]:
        return self.X[self.rows], self.T[self.rows]

    @cached_property
    def column_rms(self) -> np.ndarray:
        """Root mean square of each column."""
        with np.errstate(over="ignore"):
            return np.sqrt(np.square(self.some[0].astype(float)).mean(axis=0))

    @cached_property
    def class_counts(self) -> np.ndarray:
        return self.T.sum(axis=0)

    @cached_property
    def validation_scale(self) -> tuple[float, float]:
        """Root mean square of the rows learnt from, and of the validation rows."""
        return tuple(
            float(np.sqrt(np.square(rows[:1000].astype(float)).mean()) + 1e-30)
            for rows in (self.X, self.validation[0])
        )

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

    @cached_property
    def more(self) -> Patient | None:
        """The same with more rows, the validation rows among them (None: there are no more)."""
        X, T = self.X, self.T
        if self.validation is not None and self.validation[0].shape[1:] == X.shape[1:]:
            X, T = (np.concatenate(both) for both in zip((X, T), self.validation, strict=True))
        if len(X) <= len(self.rows):
            return None
        wider = replace(self, X=X, T=T, validation=None, measured={})
        order = np.random.default_rng(0).permutation(len(X))[:MORE_ROWS]
        wider.rows = np.sort(order)
        return wider

    @cached_property
    def held_out(self) -> Patient | None:
        """The validation rows by themselves (None: there are fewer than a hundred)."""
        if self.validation is None or self.validation[0].shape[1:] != self.X.shape[1:]:
            return None
        X, T = self.validation
        return replace(self, X=X, T=T, validation=None, measured={}) if len(X) >= 100 else None

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
        if self.reading.kind == "classes":
            return float(self.some[1].mean(axis=0).max())
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
        self._guesses = {"neighbours": probes.neighbours(X, T), "line": probes.line(X, T)}
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
        few = 32
        distinct = np.unique(self.some[0][: 2 * few], axis=0)
        if len(distinct) <= few:
            distinct = np.unique(self.some[0], axis=0)
        if len(distinct) <= few:  # a small table can be learnt by heart, if it does not contradict
            both = np.unique(np.hstack(self.some), axis=0)
            if len(both) == len(distinct):
                return 1.0
        return max(self.chance, *self.probes.values())

    @cached_property
    def learnt(self) -> float:
        """Which part of what is surely within reach was learnt: 0 as chance, 1 all of it."""
        if not self.foretold:
            return 1.0
        return (self.score - self.chance) / (self.attainable - self.chance)

    @property
    def foretold(self) -> bool:
        """Whether something can be asked for; else nothing shows what was learnt."""
        return self.attainable - self.chance >= 0.05

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

    @cached_property
    def gradient_factors(self) -> dict[str, tuple[float, float | None]]:
        """For each array: relative error of its gradient, and the factor it is off by."""
        found = trials.gradient_factors(self)
        if max((error for error, _ in found.values()), default=0.0) > 1e-3:
            # A wrong gradient is wrong elsewhere too; a corner of a relu lies in one place.
            again = trials.gradient_factors(self, seed=3)
            found = {n: min(found[n], again[n], key=lambda pair: pair[0]) for n in found}
        return found

    @property
    def optimizer_name(self) -> str:
        """The optimizer's name in ``nnlib`` (an estimator's Adam is a class of its own)."""
        name = type(self.optimizer).__name__
        return name if name in ("SGD", "RMSprop", "Adam") else "Adam"

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

    def trial(self, factor: float = 1.0, clip: bool = True) -> dict[str, float]:
        """20 steps on a copy, with the learning rate times ``factor``."""
        return trials.trial(self, factor, clip)

    @cached_property
    def teachable(self) -> float:
        """Which part of what is within reach such a network learns in 300 steps of Adam."""
        return trials.teachable(self)

    def at_its_start(self, generator=None) -> Patient:
        """The same patient with weights drawn anew, as its layers draw them."""
        network = self.network.copy()
        generator = network.rngs[0] if generator is None else generator
        for _, layer, name, view in network._parameters():
            view[...] = layer.initial_value(name, view.shape, generator)
        for layer in network.layers:
            for name, values in layer.statistics.items():
                values[...] = layer.initial_statistics[name]
        return replace(self, network=network, trained=False)


def learns(history) -> bool:
    """Whether a loss fell in its last fifth, or has too few epochs for one to tell.

    Asked after each epoch, so it is written with lists: ten numbers are not worth an array.
    """
    losses = history.columns.get("loss", ()) if history is not None else ()
    if len(losses) < 5:
        return True
    back = max(len(losses) // 5, 2)
    late, before = losses[-back:], losses[-2 * back : -back]
    fall = 1 - sum(late) / back / max(sum(before) / len(before), 1e-30)
    return bool(fall > 0.01)


def activation_of(layer) -> str:
    """Name of a layer's activation; "" for a layer that has none, such as Dropout."""
    activation = getattr(layer, "activation", None)
    return "" if activation is None else activation.name
