"""Penalties: a price on large weights, added to the cost.

A penalty acts on weights, never on biases, and does not depend on the batch: its strength
means the same for every batch size.

Not here: dropout (``layers``), early stopping (``training``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

import numpy as np

from nnlib.checks import number


class Penalty:
    """A price on each weight: ``strength`` times a function of the weight.

    ``strength`` is lambda, at least 0; for K networks, a number or K of them.  In training,
    ``prices`` says it for every parameter, in theta's shape: lambda for a weight, 0 for a bias.
    """

    def __init__(self, strength):
        self.strength = number("strength", strength, networks=np.size(strength))
        self.prices = self.strength

    def for_network(self, network) -> Penalty:
        """The same penalty, its strength checked, with a price for each of its parameters."""
        networks = network.lead[0] if network.lead else None
        strength = number("strength", self.strength, networks=networks)
        shaped = copy.copy(self)
        shaped.prices = np.asarray(strength, network.dtype)[..., None] * network.decayed
        shaped.prices = np.broadcast_to(shaped.prices, network.theta.shape)
        return shaped

    def keep(self, networks, network) -> Penalty:
        """The penalty for some of the K networks, which are now ``network``."""
        strength = self.strength[networks] if np.ndim(self.strength) else self.strength
        return type(self)(strength).for_network(network)

    def charge(self, theta: np.ndarray, grad: np.ndarray) -> np.ndarray:
        """Add the slope of the penalty to ``grad``, in place, and return its value.

        Both are (P,) or (K, P); the value is a number or (K,).
        """
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.strength})"


class L2(Penalty):
    """lambda/2 times the sum of squared weights; slope lambda w ("weight decay").

    Krogh and Hertz (1991), equation 1.
    """

    def charge(self, theta, grad):
        slope = self.prices * theta
        grad += slope
        return np.vecdot(theta, slope) / 2


class L1(Penalty):
    """lambda times the sum of absolute weights; slope lambda sign(w) (0 at w = 0).

    Tibshirani (1996): it pulls small weights to zero as hard as large ones.
    """

    def charge(self, theta, grad):
        slope = self.prices * np.sign(theta)
        grad += slope
        return np.vecdot(theta, slope)


PENALTIES = {penalty.__name__: penalty for penalty in (L1, L2)}


def as_tuple(regularizer: Penalty | Iterable[Penalty] | None) -> tuple[Penalty, ...]:
    """Return one penalty, several or none as a tuple; raise on anything else."""
    if regularizer is None:
        return ()
    penalties = (regularizer,) if isinstance(regularizer, Penalty) else regularizer
    if not isinstance(penalties, (list, tuple)) or not all(
        isinstance(p, Penalty) for p in penalties
    ):
        raise TypeError(
            f"regularizer must be L1(...), L2(...) or a list of them, got {regularizer!r}. "
            "For an L2 strength of 0.001 write regularizer=L2(1e-3)."
        )
    return tuple(penalties)
