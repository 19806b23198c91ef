"""Five cures for overfitting on one noisy problem: what each does to loss, gap and weights."""

from __future__ import annotations

import numpy as np

from nncourse.widgets import record_regularization as recorded
from nncourse.widgets.simple import Bet, SimpleFigure


class RegularizationBench(SimpleFigure):
    """Recorded runs from the same start on the same batches; data loss and penalty apart."""

    module = "regularizationbench"
    title = "What does a cure for overfitting change?"
    caption = (
        "A network 2-16-16-1 learns from 80 noisy points of XOR, for 300 epochs; 1,000 others "
        "check it. All runs of a draw have the same start and the same batches, and differ in the "
        "cure alone. Losses are those of the data, with dropout switched off; the penalty stands "
        "apart."
    )
    bet = Bet(
        "Two runs with the same start and the same batches: one with an L2 penalty of strength "
        "0.003, one without. Which ends with the lower loss on its training rows, the penalty "
        "not counted?",
        options=("The one without", "The one with the penalty", "They end equal"),
    )
    goals = (
        "Bring the gap between training and validation accuracy under three points, with no fewer "
        "validation rows right than without a cure.",
        "With a penalty, push the network down to chance: all weights together shorter than 0.1.",
        "Take a quarter off the validation loss, and change the accuracy by at most 1.5 points.",
    )
    formulas = ("nnlib.L2", "nnlib.L1", "nnlib.Dropout", "nnlib.EarlyStopping")

    def data(self) -> dict[str, np.ndarray]:
        with np.load(recorded.FILE) as file:
            return {name: file[name].ravel() for name in file.files}

    def still(self) -> str:
        from nncourse.widgets.stills import curves

        with np.load(recorded.FILE) as file:
            train, validation = (file[part][0] / 100 for part in ("train", "validation"))
        label = "A network without a cure; a point for every ten epochs."
        return curves(train, validation, label=label, top=1.0)
