"""Checks: every argument is looked at once, before anything changes.

An error says what came, what was expected, and what to do.  What is called afterwards (layers,
losses, optimizers) trusts what it is given and stays short.

Not here: turning data into numbers (``values``), and names of arguments (``keywords``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral, Real

import numpy as np

from nnlib.values import as_numbers


def check_choice(what: str, name: object, known: Iterable[str]) -> str:
    """Return ``name`` if it is one of the ``known`` names, else raise."""
    known = list(known)
    if not isinstance(name, str):
        raise TypeError(
            f"{what} must be a name such as {known[0]!r}, got {type(name).__name__} {name!r}. "
            f"Known names: {', '.join(known)}."
        )
    if name not in known:
        lower = {one.lower(): one for one in known}
        near = [lower[one] for one in difflib.get_close_matches(name.lower(), lower, 1)]
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown {what} {name!r}.{hint} Known names: {', '.join(known)}.")
    return name


def check_int(what: str, value: object, least: int = 1) -> int:
    """Return ``value`` as an int of at least ``least``, else raise."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(
            f"{what} must be a whole number, got {type(value).__name__} {value!r}. "
            f"Give an int of at least {least}."
        )
    if value < least:
        raise ValueError(f"{what} must be at least {least}, got {value}. Give a larger number.")
    return int(value)


def check_scalar(
    what: str, value: object, low: float = 0.0, high: float = np.inf, *,
    open_low: bool = False, open_high: bool = False, networks: int | None = None,
):  # fmt: skip
    """Return ``value`` as a float between ``low`` and ``high``, else raise.

    With ``networks`` = M, an array of M numbers is taken too, one a network, and
    returned as an array of shape (M,).
    """
    bounds = f"{'above' if open_low else 'at least'} {low:g}" + (
        f" and {'below' if open_high else 'at most'} {high:g}" if high < np.inf else ""
    )
    if isinstance(value, (bool, np.bool_, str, bytes)) or value is None:
        raise TypeError(
            f"{what} must be a number {bounds}, got {type(value).__name__} {value!r}. "
            "Give an int or a float."
        )
    if isinstance(value, Real):
        array = np.asarray(float(value))
    else:
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(
                f"{what} must be a number {bounds}, got {type(value).__name__}. "
                "Give an int or a float."
            ) from None
        if array.shape != () and (networks is None or array.shape != (networks,)):
            expected = "one number" if networks is None else f"one number, or {networks}"
            raise ValueError(
                f"{what} must be {expected}, got an array of shape {array.shape}. "
                "Only several networks trained at once may have several."
            )
    low_ok = array > low if open_low else array >= low
    high_ok = array < high if open_high else array <= high
    if not (np.isfinite(array) & low_ok & high_ok).all():
        raise ValueError(f"{what} must be {bounds}, got {value!r}. Choose a value in that range.")
    return float(array) if array.ndim == 0 else array


class Rows:
    """Rows handed out a batch at a time: ``shape``, and ``take(row numbers)`` -> array.

    For data that do not fit as one array; whoever makes them has checked them.
    """

    shape: tuple[int, int]

    def __len__(self) -> int:
        return self.shape[0]

    def astype(self, dtype, copy=False) -> Rows:
        return self


def check_inputs(X: object, width: int, what: str = "X", dtype=float) -> np.ndarray:
    """Return ``X`` as an array (n, width) of ``dtype`` with n >= 1 and finite entries."""
    if isinstance(X, Rows):
        return X
    X = as_numbers(X, what)
    if X.ndim != 2:
        cure = f"{what}.reshape(len({what}), -1)"
        if X.ndim == 1:  # many rows of one number, or one row
            cure = f"{what}.reshape(-1, 1)" if width == 1 else f"{what}.reshape(1, -1)"
        raise ValueError(
            f"{what} must have two axes (rows, inputs), got shape {X.shape}. "
            f"Reshape it, for example with {cure}."
        )
    if X.shape[1] != width:
        raise ValueError(
            f"{what} has {X.shape[1]} columns, but the network takes {width} inputs. "
            "Rows are examples: transpose the data, or build the network for this width."
        )
    if X.shape[0] == 0:
        raise ValueError(f"{what} is empty (shape {X.shape}): give at least one row.")
    with np.errstate(over="ignore"):  # a number too large for float32 is found below
        return check_finite(X.astype(dtype, copy=False), what)


def check_finite(array: np.ndarray, what: str) -> np.ndarray:
    """Return ``array`` unless it holds NaN or infinity, whose place is then named."""
    # A sum is finite only if all its terms are: one pass, and no copy, in the usual case.
    with np.errstate(over="ignore", invalid="ignore"):
        total = array.sum()
    if not np.isfinite(total) and not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{what} holds {array[place]} at index {place}: every value must be finite (in "
            f"{array.dtype}). Remove or fill such rows first."
        )
    return array


def check_same_length(X: np.ndarray, y: np.ndarray, names: str = "X and y") -> None:
    """Raise unless both arrays have the same number of rows."""
    if len(X) != len(y):
        raise ValueError(
            f"{names} must have the same number of rows, got {len(X)} and {len(y)}. "
            "Each row needs its own target."
        )


def check_targets(y: object, what: str = "y") -> np.ndarray:
    """Return ``y`` as a finite numeric array with at least one row."""
    y = as_numbers(y, what)
    if y.ndim not in (1, 2):
        raise ValueError(
            f"{what} must have one or two axes, got shape {y.shape}. Give one target for each row."
        )
    if y.shape[0] == 0:
        raise ValueError(f"{what} is empty (shape {y.shape}): give at least one row.")
    return check_finite(y, what)


GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def generator_by_name(name: str) -> np.random.Generator:
    """Return a new generator of one of NumPy's kinds; the name may come from a file."""
    kind = getattr(np.random, check_choice("random generator", name, GENERATORS))
    return np.random.Generator(kind(0))


def as_generator(seed: object) -> np.random.Generator:
    """Return a random generator: ``seed`` itself, or a new one from a whole number."""
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, (np.random.SeedSequence, np.random.BitGenerator)):
        return np.random.default_rng(seed)
    if seed is None:
        raise TypeError(
            "a seed is needed, got None: results here are always reproducible. "
            "Give a whole number such as 0, or a numpy.random.Generator."
        )
    return np.random.default_rng(check_int("seed", seed, 0))


def as_seeds(seed: object) -> list | None:
    """Return several seeds as a list; None if ``seed`` is a single one."""
    if isinstance(seed, (list, tuple, range)) or (isinstance(seed, np.ndarray) and seed.ndim):
        return list(seed)
    return None
