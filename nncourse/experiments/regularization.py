"""Helpers of the chapter on regularization: a slip in dropout, and images made from images."""

from __future__ import annotations

import numpy as np

from nnlib import Dropout, checks


class Unscaled(Dropout):
    """Dropout without the division by 1 - q: a common slip in networks written by hand."""

    def forward(self, x, training, generators):
        output, mask = super().forward(x, training, generators)
        if not training:
            return output, mask
        return output * (1 - self.rate), mask * (1 - self.rate)


def shifted_copies(X, y, reach: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Every square image shifted by -reach to reach pixels in both directions.

    What leaves the image on one side is lost, what enters on the other is blank (0).

    Parameters
    ----------
    X : array (n, side * side)
    y : array (n,)
    reach : int, default 1

    Returns
    -------
    X, y : arrays ((2 reach + 1)² n, side * side) and ((2 reach + 1)² n,)
        Shift by shift, the rows in their order.
    """
    X, y = np.asarray(X), np.asarray(y)
    reach = checks.check_int("reach", reach, 0)
    checks.check_same_length(X, y)
    side = int(round(np.sqrt(X.shape[-1])))
    if X.ndim != 2 or side * side != X.shape[1]:
        raise ValueError(
            f"X must hold square images as rows, such as (n, 784), got shape {X.shape}."
        )
    margin = ((0, 0), (reach, reach), (reach, reach))
    padded = np.pad(X.reshape(-1, side, side), margin)
    starts = range(2 * reach + 1)
    copies = [padded[:, i : i + side, j : j + side] for i in starts for j in starts]
    return np.concatenate(copies).reshape(-1, side * side), np.tile(y, len(copies))
