"""Early stopping: when to end a training, looking at its history.

Not here: stopping itself, which is the loop's (``loop``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnlib import checks
from nnlib.history import History, sign_of


class Best(NamedTuple):
    """The best epoch so far."""

    value: float  # of the monitored column; lower is better
    epoch: int
    network: dict | None  # the network's state then, if it is to be given back


class EarlyStopping:
    """Stop when a column of the history has not got better for ``patience`` epochs.

    Parameters
    ----------
    patience : int, default 10
    monitor : str, default "validation_loss"
    min_delta : float, default 0
        By how much it must get better to count.
    restore : bool, default True
        Give the network the parameters of its best epoch back: when training stops early, and
        when `nnlib.fit` has done its last epoch, or diverges.  (A loop over `nnlib.train` may
        go on after the last epoch, and keeps the network as it is.)

    Each epoch is compared with the best so far, as Keras does.  Prechelt (1998) compares other
    criteria for stopping.
    """

    def __init__(
        self,
        patience: int = 10,
        monitor: str = "validation_loss",
        min_delta: float = 0.0,
        restore: bool = True,
    ):
        self.patience = checks.check_int("patience", patience)
        self.monitor = monitor
        self.min_delta = checks.check_scalar("min_delta", min_delta)
        self.restore = bool(restore)

    def value(self, history: History) -> float:
        """The monitored column's last value, its sign turned if more is better; NaN is worst."""
        value = sign_of(self.monitor) * history.columns[self.monitor][-1]
        return np.inf if np.isnan(value) else value

    def better(self, value: float, best: float) -> bool:
        """Whether ``value`` is lower than ``best`` by more than ``min_delta``."""
        return value < best - self.min_delta

    def config(self) -> dict:
        return dict(vars(self))
