"""Predictions: what a network says, read by the loss that it was trained with.

Not here: how outputs are read (``reading``), and how they come about (``network``).
"""

from __future__ import annotations

import numpy as np

from nnlib import checks, losses
from nnlib.reading import Reading
from nnlib.values import class_names


class Predictions:
    """What `Network` says in the words of its loss."""

    @property
    def loss(self):
        return self._loss

    @loss.setter
    def loss(self, loss) -> None:
        if loss is not None:
            loss = losses.get(loss)
            loss.check_width(self.widths[-1])
        self.learn_reading(loss)

    def learn_reading(self, loss, targets=None, classes=None) -> None:
        """Remember the loss, and how outputs are read that were trained on encoded ``targets``."""
        self._loss, self.classes = loss, classes
        self.reading = loss and loss.reading(targets, squeezed=self.squeezes_output)

    @property
    def squeezes_output(self) -> bool:
        """Whether the last layer keeps its outputs between 0 and 1 by itself."""
        activation = getattr(self.layers[-1], "activation", None)
        return activation is not None and activation.name in ("sigmoid", "softmax", "heaviside")

    def predict(self, X) -> np.ndarray:
        """Predictions for the rows of ``X``, read as the network's loss reads them.

        Trained on labels: the label of the largest output, (n,).  Trained on answers 0 and 1: 0 or
        1, (n,) for one output and (n, d_L) for several.  Trained on other numbers: the outputs,
        (n,) or (n, d_L).  Trained on names of two or more classes: names.

        Raises
        ------
        ValueError
            If the network neither was trained nor was told a loss.
        """
        output = self(X)
        return self._named(self._reading("predict").predict(output))

    def probabilities(self, X) -> np.ndarray:
        """Probabilities (n, d_L): the outputs through the softmax or sigmoid of the loss."""
        output = self(X)
        if self._reading("probabilities").kind == "numbers":
            raise ValueError(
                f"this network predicts numbers (loss {self.loss.name!r}): there are no "
                "probabilities. Use network.predict(X)."
            )
        if self.loss.output_activation.name == "identity" and not self.squeezes_output:
            raise ValueError(
                f"outputs trained with the loss {self.loss.name!r} are no probabilities: they may "
                "lie below 0 or above 1. Train with 'cross_entropy' or 'binary_cross_entropy', or "
                "give the last layer a sigmoid or softmax."
            )
        return self.loss.output_activation.function(output)

    def score(self, X, y) -> float | np.ndarray:
        """Share of rows predicted right, or R² if the network predicts numbers; (M,) for M of them.

        Of a row with several answers all must be right.
        """
        output, reading = self(X), self._reading("score")
        targets = self.loss.encode(class_names(y, self.classes)[0], self.widths[-1])
        checks.check_same_length(output[..., 0].T, targets)
        score = reading.score(output, targets)
        return float(score) if score.ndim == 0 else score

    def _reading(self, wanted: str) -> Reading:
        if self.reading is None:
            raise ValueError(
                f"{wanted} needs to know what the outputs mean, and this network has no loss yet. "
                "Train it with nnlib.fit, or name its loss: Network(..., loss='cross_entropy')."
            )
        return self.reading

    def _named(self, labels: np.ndarray) -> np.ndarray:
        return labels if self.classes is None else np.array(self.classes)[labels]
