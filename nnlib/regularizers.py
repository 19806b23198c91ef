"""Penalties: what large weights add to the cost.

A penalty acts on weights, never on biases, and does not depend on the batch: its strength
means the same for every batch size.

Not here: dropout (``layers``), early stopping (``stopping``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

import numpy as np

from nnlib.checks import check_scalar


class Penalty:
    """``strength`` times a function of each weight.

    ``strength`` is lambda, at least 0; for M networks, a number or M of them.  In training,
    ``strengths`` holds it for every parameter, in theta's shape: lambda for a weight, 0 for a bias
    (`for_network` makes it so; a penalty used by itself counts every number it is given).
    """

    def __init__(self, strength):
        self.strength = check_scalar("strength", strength, networks=np.size(strength))
        self.strengths = self.strength

    def for_network(self, network) -> Penalty:
        """The same penalty, checked, with a strength for each of the network's parameters."""
        networks = network.lead[0] if network.lead else None
        strength = check_scalar("strength", self.strength, networks=networks)
        shaped = copy.copy(self)
        shaped.strengths = np.asarray(strength, network.dtype)[..., None] * network.decayed
        shaped.strengths = np.broadcast_to(shaped.strengths, network.theta.shape)
        return shaped

    def keep(self, networks, network) -> Penalty:
        """The penalty for some of the M networks, which are now ``network``."""
        strength = self.strength[networks] if np.ndim(self.strength) else self.strength
        return type(self)(strength).for_network(network)

    def value(self, theta: np.ndarray) -> np.ndarray:
        """What the penalty adds to the cost: a number for theta (N,), (M,) for (M, N)."""
        raise NotImplementedError

    def add_gradient(self, theta: np.ndarray, grad: np.ndarray) -> None:
        """Add the penalty's gradient to ``grad``, in place."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.strength})"


class L2(Penalty):
    """lambda/2 times the sum of squared weights; gradient lambda w ("weight decay").

    Krogh and Hertz (1991), equation 1.
    """

    def value(self, theta):
        return np.vecdot(self.strengths * theta, theta) / 2  # vecdot(u, v): the sum of u v

    def add_gradient(self, theta, grad):
        grad += self.strengths * theta


class L1(Penalty):
    """lambda times the sum of absolute weights; gradient lambda sign(w) (0 at w = 0).

    Tibshirani (1996): it pulls small weights to zero as hard as large ones.
    """

    def value(self, theta):
        return np.vecdot(self.strengths * np.sign(theta), theta)  # lambda |w|, summed

    def add_gradient(self, theta, grad):
        grad += self.strengths * np.sign(theta)


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
