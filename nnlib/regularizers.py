"""Penalties: a price on large weights, added to the cost.

A penalty acts on weights, never on biases, and does not depend on the batch: its strength
means the same for every batch size.

Not here: dropout (``layers``), early stopping (``training``).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nnlib.checks import number


class Penalty:
    """A price on each weight: ``strength`` times a function of the weight.

    ``strength`` is lambda, at least 0; for K networks, a number or K of them.
    """

    def __init__(self, strength):
        self.strength = number("strength", strength, networks=np.size(strength))
        self.price = self.factor = self.strength

    def for_networks(self, lead: tuple[int, ...], dtype) -> Penalty:
        """The same penalty, its strength checked and shaped to multiply the network's arrays."""
        strength = number("strength", self.strength, networks=lead[0] if lead else None)
        shaped = type(self)(self.strength)
        shaped.price = np.broadcast_to(np.asarray(strength, dtype), lead)  # one number a network
        shaped.factor = shaped.price[..., None, None]  # against weights (..., d, d')
        return shaped

    def keep(self, networks) -> Penalty:
        """The penalty for some of the K networks."""
        strength = self.strength[networks] if np.ndim(self.strength) else self.strength
        return type(self)(strength).for_networks((len(networks),), self.price.dtype)

    def __repr__(self):
        return f"{type(self).__name__}({self.strength})"


class L2(Penalty):
    """lambda/2 times the sum of squared weights; slope lambda W ("weight decay").

    Krogh and Hertz (1991), equation 1.
    """

    def value(self, W: np.ndarray) -> np.ndarray:
        """Penalty of one weight array (..., d, d'): shape (...)."""
        flat = W.reshape(*W.shape[:-2], -1)
        return self.price * np.vecdot(flat, flat) / 2

    def add_slope(self, W: np.ndarray, dW: np.ndarray) -> None:
        """Add lambda W to the slopes ``dW``, in place."""
        dW += self.factor * W


class L1(Penalty):
    """lambda times the sum of absolute weights; slope lambda sign(W) (0 at W = 0).

    Tibshirani (1996): it pulls small weights to zero as hard as large ones.
    """

    def value(self, W: np.ndarray) -> np.ndarray:
        """Penalty of one weight array (..., d, d'): shape (...)."""
        return self.price * np.abs(W).sum(axis=(-2, -1))

    def add_slope(self, W: np.ndarray, dW: np.ndarray) -> None:
        """Add lambda sign(W) to the slopes ``dW``, in place."""
        dW += self.factor * np.sign(W)


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
