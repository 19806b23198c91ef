"""A figure whose whole front-end is one short module: what its Python class has to say."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from nncourse.widgets.base import Interactive, pack


@dataclass(frozen=True)
class Bet:
    """What a reader commits to before the figure answers: one of some options, or a number.

    Parameters
    ----------
    question : str
    options : sequence of str
        Two or more; then the rest is not needed.
    low, high, step, start : float
        The numbers that can be bet on.
    unit : str
        Written behind the number.
    """

    question: str
    options: Sequence[str] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    start: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if len(self.options) == 1 or not (self.options or self.high > self.low):
            raise ValueError(
                f"the bet {self.question!r} needs two or more options, or low below high; "
                f"got options={self.options!r}, low={self.low!r}, high={self.high!r}"
            )

    def settings(self) -> dict:
        """What the front-end gets of it."""
        kept = {"question", "options"} if self.options else {*asdict(self)} - {"options"}
        return {k: v for k, v in asdict(self).items() if k in kept and v not in (None, "")}


class SimpleFigure(Interactive):
    """A figure made of one module under ``static`` and the texts that its class names.

    A subclass sets `module`, `title` and `caption`, mostly `bet` and `goals`, and `formulas`:
    names in `nnlib` under which a reader finds the figure's mathematics. It may give `data`
    (arrays that the module finds as ``figure.data``), `more` (small settings) and `still`.

    Parameters
    ----------
    **start
        Where controls of these names stand at first, if not where the module puts them.
    """

    title = ""
    caption = ""
    bet: Bet | None = None
    goals: Sequence[str] = ()
    formulas: Sequence[str] = ()

    def __init__(self, **start) -> None:
        for part in ("module", "title", "caption"):
            if not getattr(self, part):
                raise ValueError(f"{type(self).__name__} must set `{part}` to a text")
        recording, layout = pack(self.data())
        name = "_".join([self.module, *(f"{key}{value}" for key, value in start.items())])
        settings = {
            "name": name,
            "title": self.title,
            "caption": self.caption,
            "goals": list(self.goals),
            "nnlib": list(self.formulas),
        }
        for key, value in [
            ("bet", self.bet and self.bet.settings()),
            ("start", start), ("more", self.more()), ("layout", layout),
        ]:  # fmt: skip
            if value:
                settings[key] = value
        super().__init__(
            settings, recording, caption=self.caption, still=self.still() or self._words()
        )

    def data(self) -> Mapping[str, np.ndarray]:
        """Arrays for the front-end; integers, or rounded, since outputs are compared."""
        return {}

    def more(self) -> dict:
        """Settings of this figure alone: small, and the same on every machine."""
        return {}

    def still(self) -> str:
        """SVG for paper and for readers without a script; see `nncourse.widgets.stills`."""
        return ""

    def _words(self) -> str:
        """The question stands for the picture where there is none."""
        question = self.bet.question if self.bet else self.title
        return f"<p><strong>{html.escape(question)}</strong></p>"
