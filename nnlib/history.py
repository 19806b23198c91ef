"""History: what a training wrote down, one row an epoch."""

from __future__ import annotations

import numpy as np


class History:
    """Columns of numbers, one entry an epoch; for M networks, M numbers an entry.

    ``history["loss"]`` is an array (epochs,) or (epochs, M).  Columns: "loss" (mean of the
    epoch's batch losses, as the weights changed), "cost" (the same with the penalties), and for
    every data set that was watched, say "validation", its "validation_loss" and
    "validation_accuracy" at the end of each epoch (losses without penalties).
    """

    def __init__(self, columns: dict[str, list] | None = None):
        self.columns = columns if columns is not None else {}
        self.stopped_because: str | None = None  # filled in by `nnlib.fit`

    def add(self, **values) -> None:
        """Append one epoch's numbers."""
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)

    @property
    def epochs(self) -> int:
        """Number of epochs written down."""
        return len(next(iter(self.columns.values()), []))

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            known = ", ".join(self.columns) or "none yet"
            raise KeyError(
                f"no column {name!r}. Columns: {known}. Data sets are watched with "
                "validation=(X, y) or monitor={'name': (X, y)}."
            )
        return np.array(self.columns[name])

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def best(self, name: str = "validation_loss"):
        """Epoch (from 1) with the best value: smallest, or largest for an accuracy.

        The first of them if there are several; for M networks an array (M,).
        """
        values = self[name]
        if len(values) == 0:
            raise ValueError("the history is empty: train for at least one epoch.")
        values = np.where(np.isnan(values), np.inf, values * sign_of(name))
        best = values.argmin(axis=0) + 1
        return int(best) if best.ndim == 0 else best

    def to_frame(self):
        """The history as a pandas DataFrame, indexed by epoch (M networks: second index)."""
        import pandas as pd

        if not self.columns:
            return pd.DataFrame()
        epochs = pd.RangeIndex(1, self.epochs + 1, name="epoch")
        if self[next(iter(self.columns))].ndim == 1:
            return pd.DataFrame(self.columns, index=epochs)
        networks = range(self[next(iter(self.columns))].shape[1])
        index = pd.MultiIndex.from_product([epochs, networks], names=["epoch", "network"])
        return pd.DataFrame({name: self[name].ravel() for name in self.columns}, index=index)

    def copy(self) -> History:
        return History({name: list(values) for name, values in self.columns.items()})

    def __repr__(self):
        return f"<History: {self.epochs} epochs of {', '.join(self.columns) or 'nothing yet'}>"


def sign_of(name: str) -> int:
    """-1 for a column in which more is better, else 1."""
    return -1 if name.endswith(("accuracy", "score")) else 1
