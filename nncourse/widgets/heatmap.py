"""The hyperparameter heatmap: learning rate by L2 strength, recorded or trained live.

The front-end is ``static/heatmap.js``; recordings come from ``record``. Here they are
packed for the page, and in a kernel `nnlib.sweep` fills the grid as it trains.
"""

from __future__ import annotations

import math
import time

import numpy as np

from nncourse.widgets import record, stills
from nncourse.widgets.base import RECORDED, pack
from nncourse.widgets.live import LiveFigure, LiveTask

_TITLE = "Are the two knobs independent?"
_ABOUT = {
    "digits": "digits (8x8), a 64-50-10 network, 100 epochs",
    "xor": "noisy XOR, a 2-8-8-1 network, 200 epochs",
}


class Heatmap(LiveFigure):
    """Learning rate by L2 strength: bet on a cell, open few, see all, compare two.

    Parameters
    ----------
    problem : {"digits", "xor"}
        800 digits and a 64-50-10 network; or 150 noisy points and a 2-8-8-1 network.
    size : {7, 13}
        Cells in each direction. With 7, scikit-learn's classifier is recorded beside ours.

    Examples
    --------
    >>> Heatmap("digits")
    <Heatmap>
    """

    module = "heatmap"

    def __init__(self, problem: str = "digits", *, size: int = 7) -> None:
        if problem not in record.SWEEPS:
            raise ValueError(f"problem must be one of {', '.join(record.SWEEPS)}, got {problem!r}")
        if size not in (7, 13):
            raise ValueError(f"size must be 7 or 13, got {size!r}")
        self.size = size
        self.problem = record.SWEEPS[problem]()
        with np.load(RECORDED / f"heatmap_{problem}_{size}.npz") as arrays:
            arrays = dict(arrays)
        recording, layout = pack(arrays)
        rates, penalties = self.problem.grid(size)
        settings = {
            "name": f"heatmap_{problem}_{size}",
            "title": _TITLE,
            "question": f"{size * size} networks ({_ABOUT[problem]}), each with its own "
            "learning rate and L2 strength. Which one will be right most often on the "
            "validation data? Open that cell.",
            "rates": rates,
            "penalties": penalties,
            "rows": len(self.problem.validation[1]),
            "epochs": record.shown_epochs(self.problem.epochs),
            "picture": "matrix" if self.problem.loss == "cross_entropy" else "surface",
            "theirs": "sklearn_diverged" in layout,
            "layout": layout,
        }
        caption = (
            f"Share of right answers over learning rate and L2 strength, {_ABOUT[problem]}. "
            "Where the product of the two is above 2, the weights grow without end. A learning "
            "rate is hatched as chaotic where the loss of most runs still jumps."
        )
        square = (size, size)
        still = stills.grid(
            arrays["validation_last"].reshape(square) / 10_000,
            (arrays["diverged"] > arrays["chaotic"]).reshape(square),
            arrays["chaotic"].reshape(square) > 0,
            rates,
            penalties,
            label="Share of right validation answers over learning rate and L2 strength.",
        )
        super().__init__(settings, recording, caption=caption, still=still)

    def task_for(self, view, sender: str) -> LiveSweep:
        return LiveSweep(self.problem, self.size, view, sender)


class LiveSweep(LiveTask):
    """One front-end's sweep, an epoch of all cells at a time."""

    def __init__(self, problem: record.SweepProblem, size: int, view, sender: str) -> None:
        super().__init__(view, sender)
        self.problem, self.size = problem, size
        self.sweep = None

    def answer(self, wish: dict) -> None:
        match wish["do"]:
            case "train":
                self.sweep = self.problem.sweep(self.size)
                self.start()
            case "go":
                self.start()
            case "pause":
                self.stop()
                self.tell_report(rows=[], stopped="done" if self.over else "paused")
            case "picture" if self.sweep and wish["cell"] not in self.sweep.diverged:
                picture = self.problem.picture_of(self.sweep.network(wish["cell"]))
                epoch = self.sweep.epoch
                self.tell("picture", [picture.tobytes()], cell=wish["cell"], epoch=epoch)

    @property
    def over(self) -> bool:
        return self.sweep.epoch >= self.sweep.epochs

    async def work(self) -> None:
        for epoch in self.sweep:
            begun = time.monotonic()
            row = {"epoch": epoch.epoch, "diverged": list(epoch.diverged)}
            for part in ("train", "validation"):
                values = epoch.values[f"{part}_accuracy"].tolist()
                row[part] = [round(v, 6) if math.isfinite(v) else None for v in values]
            self.tell_report(rows=[row], stopped=None)
            await self.rest(begun)
        self.tell_report(rows=[], stopped="done")
