"""Borders: what is decided by a border that we chose must hang neither on it nor on rounding.

Whether one chaotic run jumps is a throw of dice; to see that another processor decides otherwise,
a test would have to throw fifty times.  But a decision that rounding moves is also moved by the
border, and that shows at once: where notebooks are tested and stored `firm` asks whether the same
is decided when the border lies well below and well above.  (There ``NNLIB_WIGGLE`` is set, if only
to nothing: `nnlib.wiggle`.)

Not here: what is decided.
"""

from __future__ import annotations

import os
from collections.abc import Callable

MOST = 2.0  # borders are moved by this factor, up and down


class NotFirmError(AssertionError):
    """A decision that would fall otherwise if its border lay elsewhere, within reason."""


def firm(decide: Callable[[float], bool], what: str) -> bool:
    """Return ``decide(1)``; in a tested run, all borders times 1/2 and 2 must decide the same.

    Parameters
    ----------
    decide : callable
        Decides with all borders multiplied by its argument.
    what : str
        What is decided, for the message.

    Raises
    ------
    NotFirmError
        Where ``NNLIB_WIGGLE`` is set, if the decision hangs on the borders.

    Examples
    --------
    >>> firm(lambda by: 0.9 > 0.5 * by, "whether 0.9 is much")  # outside of tests
    True
    """
    decided = bool(decide(1.0))
    if "NNLIB_WIGGLE" in os.environ:
        for by in (1 / MOST, MOST):
            if bool(decide(by)) != decided:
                raise NotFirmError(
                    f"{what} is decided as {decided}, but as {not decided} with borders {by:g} "
                    "times as high: another processor's rounding can decide it otherwise. Let more "
                    "runs decide, or show that it is undecided."
                )
    return decided
