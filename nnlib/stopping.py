"""Early stopping: when to end a training, looking at its history.

Not here: stopping itself, which is the loop's (``loop``).
"""

from __future__ import annotations

from nnlib import checks


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

    def config(self) -> dict:
        return dict(vars(self))
