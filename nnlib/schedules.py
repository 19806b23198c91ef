"""Schedules: how the learning rate changes as training goes on.

A schedule is a pure function: epochs done so far (a float, 0 at the start) -> the factor by
which the learning rate is multiplied.  Any function of one number will do; those here can also
be saved with a training.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields

from nnlib import checks


@dataclass(frozen=True)
class Schedule:
    """What the schedules here share: they can be written down as name and numbers."""

    def __post_init__(self):
        for setting in fields(self):
            value = getattr(self, setting.name)
            checks.check_scalar(
                setting.name, value, open_low=setting.metadata.get("above_0", False)
            )

    def config(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """factor^(number of times ``every`` epochs have passed)."""

    factor: float = 0.5
    every: float = field(default=10, metadata={"above_0": True})

    def __call__(self, epochs: float) -> float:
        return self.factor ** (epochs // self.every)


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """exp(-rate epochs)."""

    rate: float = 0.01

    def __call__(self, epochs: float) -> float:
        return math.exp(-self.rate * epochs)


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """1 / (1 + ``per_epoch`` whole epochs)^power.

    Scikit-learn's "invscaling" counts rows: its ``per_epoch`` is their number.
    """

    power: float = 0.5
    per_epoch: float = 1.0

    def __call__(self, epochs: float) -> float:
        return (1 + self.per_epoch * math.floor(epochs)) ** -self.power


@dataclass(frozen=True)
class Cosine(Schedule):
    """Rise linearly for ``warmup`` epochs, then fall along half a cosine to ``last`` at ``epochs``.

    Loshchilov and Hutter (2017), equation 5, without restarts.
    """

    epochs: float = 100
    warmup: float = 0
    last: float = 0.0

    def __post_init__(self):
        super().__post_init__()
        if self.warmup > self.epochs:
            raise ValueError(
                f"warmup must be at most epochs, {self.epochs}, got {self.warmup}: the rate could "
                "not fall any more. Give the number of epochs that the training will take."
            )

    def __call__(self, epochs: float) -> float:
        if epochs < self.warmup:
            return epochs / self.warmup
        way = min(1.0, (epochs - self.warmup) / max(self.epochs - self.warmup, 1e-12))
        return self.last + (1 - self.last) * (1 + math.cos(math.pi * way)) / 2


SCHEDULES = {s.__name__: s for s in (StepDecay, ExponentialDecay, InverseScaling, Cosine)}
