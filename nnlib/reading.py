"""Reading: what the numbers of the last layer say.

How an output is read depends on what the network was trained for, and one object decides it:
`predict`, the accuracies in a `History`, `score` and the sweeps all ask it.

Not here: how wrong an output is (``losses``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("classes", "yes_no", "numbers")


@dataclass(frozen=True)
class Reading:
    """How outputs are read.

    Attributes
    ----------
    kind : "classes", "yes_no" or "numbers"
        The largest of K outputs names the class; or each output answers a question of its own
        with yes (1) or no (0); or the outputs are the predicted numbers themselves.
    border : float
        Above it an output says yes: 0 for a logit, 1/2 for a number between 0 and 1.
    """

    kind: str
    border: float = 0.5

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}.")

    def predict(self, output: np.ndarray) -> np.ndarray:
        """Predictions for outputs (n, d): (n,), or (n, d) for several numbers or answers.

        A leading axis of networks stays in front.
        """
        if self.kind == "classes":
            return output.argmax(axis=-1)
        if self.kind == "yes_no":
            output = (output > self.border).astype(int)
        return output[..., 0] if output.shape[-1] == 1 else output

    def correct(self, output: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
        """Whether each row is right, (n,); of several answers all must be.  None for numbers.

        ``targets`` are those of the loss, encoded: (n, d).
        """
        if self.kind == "numbers":
            return None
        if self.kind == "classes":
            return self.predict(output) == targets.argmax(axis=-1)
        return ((output > self.border) == (targets > 0.5)).all(axis=-1)

    def score(self, output: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Share of right rows; for numbers R², the share of the variance that is explained.

        R² = 1 - sum (t - a)² / sum (t - mean t)², the mean over the outputs if there are several.
        Where the targets do not vary it is 1 for a perfect prediction, else 0.
        """
        right = self.correct(output, targets)
        if right is not None:
            return right.mean(axis=-1)
        left = ((targets - output) ** 2).sum(axis=-2)
        variation = np.broadcast_to(((targets - targets.mean(axis=0)) ** 2).sum(axis=0), left.shape)
        constant = np.where(left == 0, 1.0, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.where(variation > 0, 1 - left / variation, constant)
        return each.mean(axis=-1)
