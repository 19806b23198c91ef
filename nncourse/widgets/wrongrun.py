"""Six runs that do not learn: name the cause, with few tests, and change one thing."""

from __future__ import annotations

import numpy as np

from nncourse.widgets import record_wrongrun as recorded
from nncourse.widgets.simple import Bet, SimpleFigure


class WrongRun(SimpleFigure):
    """Recorded curves, tests to choose from, and what each of six changes would have done."""

    module = "wrongrun"
    title = "What is wrong with this run?"
    caption = (
        "Six runs on 600 of the 8x8 digits, with the losses of a healthy run beside them. Each has "
        "one of five causes. Guess it from the curves, test, decide, and change one thing. What "
        "the changes do was recorded."
    )
    bet = Bet(
        "Six runs do not learn. In how many of them does a hundredth of the learning rate, and "
        "nothing else, reach the target: 90 % of the validation rows right?",
        options=("In one", "In two", "In three", "In four or more"),
    )
    goals = (
        "Give the right diagnosis of four runs, each with at most two tests.",
        "Bring four runs to the target, each with the first change that you try.",
    )
    formulas = ("nnlib.Dense.backward", "nnlib.L2")

    def data(self) -> dict[str, np.ndarray]:
        with np.load(recorded.FILE) as file:
            arrays = {name: file[name].ravel() for name in file.files if name != "verdict"}
            doctor = file["verdict"].tolist()
        texts = "\n".join([*recorded.CAUSES, *recorded.CHANGES, *doctor])
        return arrays | {"words": np.frombuffer(texts.encode(), np.uint8)}

    def still(self) -> str:
        from nncourse.widgets.stills import curves

        with np.load(recorded.FILE) as file:
            train, validation = (file[part][0] / 50 for part in ("train", "validation"))
        return curves(train, validation, label="A run that does not learn.", top=3.0)
