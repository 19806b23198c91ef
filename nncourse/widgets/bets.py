"""Bets: asked before a measurement, taken silently, and shown again beside it.

A reader's bet is kept in the browser, under the bet's name, and goes nowhere else; the notebook
and its stored outputs hold the questions and the measurements alone.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence

from nncourse.widgets.markup import inline
from nncourse.widgets.quiz import Shown, aloud, fieldset, require_text, written


class Bet(Shown):
    """What `bet` returns: a question without a word about its answer."""

    def __init__(self, name: str, text: str, options: Sequence[str], unit: str) -> None:
        if not re.fullmatch(r"[a-z0-9-]+", name):
            raise ValueError(f"a bet's name is of a-z, 0-9 and -, unique in the book; got {name!r}")
        require_text("a bet's question", text)
        if len(options) == 1 or len(set(options)) < len(options):
            raise ValueError(
                f"the bet {name!r} needs two or more different options, or none for a number; "
                f"got {list(options)!r}"
            )
        for option in options:
            require_text(f"an option of the bet {name!r}", option)
        self.name, self.text, self.options, self.unit = name, text, list(options), unit

    def __repr__(self) -> str:
        return f"<Bet: {self.name}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<li data-option="{html.escape(one)}"{aloud(one)}>{inline(one)}</li>'
            for one in self.options
        )
        answers = f"<ul>{rows}</ul>" if rows else ""
        extra = f' data-bet="{self.name}" data-unit="{html.escape(self.unit)}"'
        shown = fieldset(f"Your bet: {self.text}", answers, kind="bet", extra=extra)
        return f'<div class="nn-quiz">\n{shown}</div>'


class Settled(Shown):
    """What `settle` returns: the measurement, and beside it the reader's own bet."""

    def __init__(self, bet: Bet, measured, why: str | Mapping[str, str], near: float) -> None:
        self.bet, self.measured, self.why, self.near = bet, measured, why, near

    def __repr__(self) -> str:
        return f"<Settled: {self.bet.name}>"

    def _repr_html_(self) -> str:
        bet = self.bet
        unit = f" {html.escape(bet.unit)}" if bet.unit else ""
        extra = f' data-bet="{bet.name}" data-unit="{html.escape(bet.unit)}"'
        if isinstance(self.why, str):
            truth, others = written(self.measured) + unit, ""
            extra += f' data-measured="{float(self.measured):.6g}" data-near="{self.near:.6g}"'
            why = inline(self.why)
        else:
            truth, why = inline(self.measured), inline(self.why[self.measured])
            extra += f' data-option="{html.escape(self.measured)}"'
            others = "".join(
                f'<details data-option="{html.escape(option)}"><summary>If you bet on '
                f'“{inline(option)}”</summary><div class="nn-why">{inline(self.why[option])}</div>'
                "</details>\n"
                for option in bet.options
                if option != self.measured
            )
        return (
            f'<div class="nn-quiz"><div class="nn-settled"{extra}>\n'
            f"<p><strong>The bet was:</strong> {inline(bet.text)}</p>\n"
            f'<p class="nn-yours"></p>\n<p><strong>Measured: {truth}.</strong> {why}</p>\n'
            f"{others}</div></div>"
        )


_BETS: dict[str, Bet] = {}  # of this session, by name


def bet(name: str, text: str, options: Sequence[str] = (), *, unit: str = "") -> Bet:
    """Ask for a bet: taken silently, kept over a reload, and settled by `settle`.

    Parameters
    ----------
    name : str
        Unique in the book: a-z, 0-9 and -.
    text : str
        The question.
    options : sequence of str, optional
        What can be bet on; without options the bet is a number.
    unit : str
        Of the number, for instance ``"%"``.

    Examples
    --------
    >>> bet("which-rate", "Which learning rate wins?", ["0.1", "1"])
    <Bet: which-rate>
    >>> settle("which-rate", "1", why={"0.1": "Ten times as slow.", "1": "One step is enough."})
    <Settled: which-rate>
    """
    _BETS[name] = Bet(name, text, options, unit)
    return _BETS[name]


def settle(name: str, measured, *, why: str | Mapping[str, str], near: float = 0.0) -> Settled:
    """Show what was measured, why, and what the reader had bet on.

    Parameters
    ----------
    name : str
        Of a bet placed in an earlier cell.
    measured : str or float
        The option that turned out right, or the number; let code compute it.
    why : mapping of str to str, or str
        For each option what is said to who bet on it; for a number one text.
    near : float
        How far off a number may be to count as well guessed.
    """
    if name not in _BETS:
        raise ValueError(f"no bet is called {name!r}: run the cell with bet({name!r}, ...) first")
    placed = _BETS[name]
    if placed.options:
        if not isinstance(why, Mapping) or set(why) != set(placed.options):
            raise ValueError(f"why must have a text for each of {placed.options!r}, got {why!r}")
        if measured not in placed.options:
            raise ValueError(f"measured must be one of {placed.options!r}, got {measured!r}")
        for option, text in why.items():
            require_text(f"the explanation for {option!r}", text)
    else:
        require_text(f"`why` of the bet {name!r}", why)
        if not math.isfinite(float(measured)) or near < 0:
            raise ValueError(f"measured must be finite, near 0 or more; got {measured!r}, {near!r}")
    return Settled(placed, measured, why, near)
