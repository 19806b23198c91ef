"""Initialisers: where the weights start.

Each is a function (generator, d_in, d_out) -> array (d_in, d_out) in float64.  The
two families keep the size of the signal from layer to layer: Glorot for activations
that are straight near 0, He for the relu family, which cuts half of it away.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlib.checks import check_choice, check_scalar

Initializer = Callable[[np.random.Generator, int, int], np.ndarray]


def zeros(generator, d_in, d_out):
    """All weights 0: every hidden unit computes the same, and stays the same."""
    return np.zeros((d_in, d_out))


class normal:
    """Weights from N(0, std²), whatever the layer's width.

    Parameters
    ----------
    std : float, default 1
        Standard deviation, at least 0.
    """

    def __init__(self, std: float = 1.0):
        self.std = check_scalar("std", std)

    def __call__(self, generator, d_in, d_out):
        return generator.normal(0.0, self.std, (d_in, d_out))

    def __repr__(self):
        return f"normal({self.std!r})"


def glorot_uniform(generator, d_in, d_out):
    """Uniform on +-sqrt(6 / (d_in + d_out)) (Glorot and Bengio 2010, equation 16).

    The variance is limit²/3 = 2 / (d_in + d_out): halfway between 1/d_in, which keeps the size of
    the signal forwards, and 1/d_out, which keeps that of the gradient backwards.
    """
    limit = np.sqrt(6 / (d_in + d_out))
    return generator.uniform(-limit, limit, (d_in, d_out))


def glorot_normal(generator, d_in, d_out):
    """Normal with variance 2 / (d_in + d_out) (Glorot and Bengio 2010, equation 12)."""
    return generator.normal(0.0, np.sqrt(2 / (d_in + d_out)), (d_in, d_out))


def he_uniform(generator, d_in, d_out):
    """Uniform on +-sqrt(6 / d_in): the variance of he_normal, without its tails."""
    limit = np.sqrt(6 / d_in)
    return generator.uniform(-limit, limit, (d_in, d_out))


def he_normal(generator, d_in, d_out):
    """Normal with variance 2 / d_in (He et al. 2015, equation 10).

    relu sets half of the sums to 0 and so halves the mean square: hence 2 in place of 1.
    """
    return generator.normal(0.0, np.sqrt(2 / d_in), (d_in, d_out))


INITIALIZERS: dict[str, Initializer] = {
    "zeros": zeros,
    "normal": normal(),
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
}

RELU_FAMILY = ("relu", "leaky_relu", "elu")


def get(initializer: str | Initializer | None, activation: str) -> Initializer:
    """Return an initialiser by name; None chooses the one that suits the activation."""
    if initializer is None:
        return he_normal if activation in RELU_FAMILY else glorot_uniform
    if callable(initializer):
        return initializer
    return INITIALIZERS[check_choice("initializer", initializer, INITIALIZERS)]


def name_of(initializer: Initializer) -> str:
    """Return the text by which `from_name` finds the initialiser again (for saving)."""
    for name, known in INITIALIZERS.items():
        if known is initializer:
            return name
    return repr(initializer) if isinstance(initializer, normal) else "handed in"


def from_name(name: str) -> Initializer | None:
    """Return the initialiser of a saved network (None for one that was handed in)."""
    if name.startswith("normal("):
        return normal(float(name[len("normal(") : -1]))
    return INITIALIZERS.get(name)
