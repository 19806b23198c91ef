"""Findings: what the doctor says, and how it is shown.

One illness, one finding: `settle` hands every consequence to its cause.  All thresholds stand in
`LIMITS`; they were chosen on one half of the runs of ``benchmarks/doctor.py`` and are judged on
the other (``benchmarks/doctor.json`` holds both, with what every run measured).

Not here: how anything is measured (``examine_data``, ``examine_setup``, ``examine_run``).
"""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass, replace
from typing import NamedTuple

SEVERITIES = ("error", "warning", "note")

_DATA, _SOFTMAX, _ACTIVATIONS = (
    "Data",
    "Softmax and cross-entropy",
    "Activations and initialisation",
)
_BACKPROP, _DESCENT, _CLINIC = "Backpropagation", "Gradient descent", "The debugging clinic"
_GATES, _FORWARD, _REGULAR = "XOR, OR, AND", "Forward pass and matrices", "Regularization"

PAGES = {  # title -> notebook of the course, in chapters/
    _DATA: "02_data", _GATES: "03_gates", _FORWARD: "04_forward", _SOFTMAX: "05_softmax",
    _BACKPROP: "06_backpropagation", _DESCENT: "07_gradient_descent",
    _REGULAR: "10_regularization", _ACTIVATIONS: "12_activations",
    _CLINIC: "14_clinic",
}  # fmt: skip


class Illness(NamedTuple):
    """What can be found: how grave it is, its name, its page, and what it brings with it."""

    severity: str
    title: str
    page: str
    explains: str = ""  # codes of its consequences


_RUN = "D301 D302 D303 D304 D305 D306 D307 D308 D309 D310 D311 D314"
_SLOW = "D303 D306 D308 D310 D311 D314"

ILLNESSES = {
    # -- the data
    "D101": Illness("error", "X or y holds something that is no number", _DATA, _RUN),
    "D102": Illness("warning", "inputs far too large", _DATA, f"{_RUN} D208"),
    "D103": Illness("warning", "inputs far too small", _DATA, f"{_SLOW} D209"),
    "D104": Illness("error", "targets that do not fit the output and the loss", _SOFTMAX, _RUN),
    "D105": Illness("warning", "targets far from the scale of the outputs", _DATA, _RUN),
    "D106": Illness("warning", "nearly all rows belong to one class", _DATA, "D308 D310 D314"),
    "D107": Illness("warning", "rows and targets seem not to belong together", _DATA,
                    "D303 D308 D310 D311 D312 D313 D314"),
    "D108": Illness("note", "an output that no label uses", _DATA),
    "D109": Illness("warning", "labels of classes learnt as numbers", _SOFTMAX, "D310 D311 D314"),
    "D110": Illness("error", "validation rows on another scale than X", _DATA, "D312 D313"),
    "D112": Illness("note", "a column of X that gives the targets away", _DATA),
    "D113": Illness("warning", "rows in the order of their classes, and never shuffled", _DATA,
                    f"{_RUN} D312 D313"),
    "D111": Illness("error", "validation labels written in another code", _DATA, "D312 D313"),
    # -- the set-up
    "D201": Illness("error", "softmax or sigmoid applied twice", _SOFTMAX, f"{_RUN} D208 D209"),
    "D202": Illness("error", "an output that is cut, read as a logit", _SOFTMAX,
                    f"{_RUN} D208 D209"),
    "D203": Illness("error", "a softmax over a single output", _SOFTMAX, f"{_RUN} D204"),
    "D204": Illness("error", "targets that the output cannot give", _CLINIC,
                    f"{_RUN} D105 D109 D212"),
    "D205": Illness("warning", "hidden layers without a nonlinearity", _FORWARD, "D310 D311 D314"),
    "D206": Illness("error", "an activation that has no gradient", _ACTIVATIONS, _RUN),
    "D207": Illness("error", "hidden units that start alike", _ACTIVATIONS,
                    f"{_SLOW} D209 D302 D304 D305"),
    "D208": Illness("warning", "weights that start too large", _ACTIVATIONS, _RUN),
    "D209": Illness("warning", "weights that start too small", _ACTIVATIONS, f"{_SLOW} D305"),
    "D210": Illness("error", "a gradient that is not that of the loss", _BACKPROP,
                    f"{_RUN} D312 D313"),
    "D211": Illness("warning", "too much dropout", _REGULAR, _SLOW),
    "D212": Illness("warning", "a relu on the output", _ACTIVATIONS, _RUN),
    "D213": Illness("note", "no biases", _FORWARD, "D308 D310 D311 D314"),
    # -- the run
    "D301": Illness("error", "the run left the range of numbers", _DESCENT, _RUN),
    "D302": Illness("warning", "learning rate too high", _DESCENT,
                    "D301 D304 D305 D306 D307 D308 D309 D310 D311 D313 D314"),
    "D303": Illness("warning", "learning rate too low", _DESCENT, "D308 D310 D311 D314"),
    "D304": Illness("warning", "saturated units", _ACTIVATIONS, "D303 D306 D308 D310 D314 D305"),
    "D305": Illness("warning", "dead units", _ACTIVATIONS, _SLOW),
    "D306": Illness("warning", "vanishing gradients", _ACTIVATIONS, _SLOW),
    "D307": Illness("warning", "exploding gradients", _ACTIVATIONS, "D308 D310 D311 D314"),
    "D308": Illness("warning", "the same prediction for every row", _CLINIC, "D314"),
    "D309": Illness("warning", "penalty too strong", _REGULAR, f"{_SLOW} D302 D304 D305"),
    "D310": Illness("warning", "too few epochs", _DESCENT, "D308 D314"),
    "D311": Illness("warning", "network too small", _GATES, "D304 D308 D310 D314"),
    "D312": Illness("warning", "overfitting", _REGULAR, "D313"),
    "D313": Illness("note", "the validation loss rises while the accuracy holds", _REGULAR),
    "D314": Illness("warning", "nothing was learnt", _CLINIC),
}  # fmt: skip

LIMITS = {  # what is measured -> alarm above (">") or below ("<") this
    "largest rms of a column": (">", 25.0),
    "rms of X": ("<", 0.01),
    "largest rms of a target": (">", 50.0),
    "smallest spread of a target": ("<", 0.01),
    "share of the largest class": (">", 0.95),
    "z of neighbours and line": ("<", 2.0),
    "share of a column that the target explains": (">", 0.999),
    "batches of one class": (">", 0.5),
    "scale of validation": (">", 3.0),
    "validation score over chance": ("<", 0.5),
    "saturated at start": (">", 0.3),
    "first loss above chance, for inputs of size 1": (">", 3.0),
    "first error over spread": (">", 10.0),
    "weights over Glorot's": ("<", 0.05),
    "weights over Glorot's, deep": ("<", 0.06),
    "units of the narrowest layer": ("<", 2.5),
    "gradient off by": (">", 0.02),
    "dropout rate": (">", 0.75),
    "trial: loss after over before": (">", 2.0),
    "trial: long step over weights": (">", 0.3),
    "trial: step over weights": ("<", 2e-5),
    "rise of the loss": (">", 1.5),
    "share of rising epochs": (">", 0.3),
    "gain of a tenth of the rate": (">", 0.1),
    "gain of thirty times the rate": (">", 0.1),
    "gain without clipping": (">", 0.1),
    "fall of the loss": ("<", 0.05),
    "saturated": (">", 0.5),
    "dead": (">", 0.5),
    "first over last gradient": ("<", 0.03),
    "exploding: first over last gradient": (">", 30.0),
    "penalty over loss": (">", 0.3),
    "weights over Glorot's, with a penalty": ("<", 0.1),
    "fall in the last fifth": (">", 0.03),
    "validation loss, with a gap": (">", 1.2),
    "validation loss over its best": (">", 2.0),
    "validation loss over chance": (">", 0.5),
    "train minus validation score": (">", 0.15),
    "score below the probes": (">", 0.1),
    "learnt from a new start": (">", 0.8),
    "learnt": ("<", 0.5),
    "learnt enough": ("<", 0.8),
}


def crosses(patient, name: str, value: float) -> bool:
    """Note the measurement, and say whether it crosses its limit."""
    patient.measured[name] = float(value)
    side, limit = LIMITS[name]
    return bool(value > limit if side == ">" else value < limit)


@dataclass(frozen=True)
class Finding:
    """One illness.

    Attributes
    ----------
    code, severity, title : str
        Stable code; "error" (nothing can come of it), "warning" or "note"; the illness.
    value, threshold : float or None
        What was measured, and what it crossed (None: there is nothing to measure).
    evidence, cause, cure : str
        The measurement in words; why; a line of code that runs where ``nnlib``, ``np``,
        ``network``, ``X``, ``y``, ``loss``, ``optimizer`` and ``validation`` stand for what was
        handed in.
    page, link : str
        Title of the chapter that explains it, and its file in the course's ``chapters/``.
    consequences : tuple of str
        Titles of what was also seen and follows from this.
    networks : tuple of int
        Which of several networks (empty: there is one).
    """

    code: str
    evidence: str
    cause: str
    cure: str
    value: float | None = None
    threshold: float | None = None
    consequences: tuple[str, ...] = ()
    networks: tuple[int, ...] = ()

    @property
    def severity(self) -> str:
        return ILLNESSES[self.code].severity

    @property
    def title(self) -> str:
        return ILLNESSES[self.code].title

    @property
    def page(self) -> str:
        return ILLNESSES[self.code].page

    @property
    def link(self) -> str:
        return f"{PAGES[self.page]}.ipynb"


def settle(found: list[Finding]) -> list[Finding]:
    """Hand consequences to their causes; errors first, then in the order of the codes."""
    first = {}
    for finding in found:
        first.setdefault(finding.code, finding)
    kept = []
    for code, finding in sorted(first.items()):
        causes = [c for c in first if c != code and code in ILLNESSES[c].explains.split()]
        if not causes:
            kept.append(finding)
    if first and not kept:  # two that explain each other
        kept = [first[min(first)]]
    for place, finding in enumerate(kept):
        codes = ILLNESSES[finding.code].explains.split()
        seen = tuple(f.title for c, f in sorted(first.items()) if c in codes and f not in kept)
        kept[place] = replace(finding, consequences=seen)
    return sorted(kept, key=lambda f: (SEVERITIES.index(f.severity), f.code))


class Diagnosis(tuple):
    """The findings, gravest first; empty if nothing was found.

    It prints as a table, and shows as a card in a notebook.  ``"D201" in diagnosis`` asks for a
    code, ``diagnosis.codes`` lists them, and ``diagnosis.measured`` holds what was compared with
    `LIMITS`.
    """

    moment = "before training"
    looked_at = ""

    @classmethod
    def of(cls, findings, moment: str, looked_at: str, measured=None) -> Diagnosis:
        diagnosis = cls(findings)
        diagnosis.moment, diagnosis.looked_at = moment, looked_at
        diagnosis.measured = measured or {}
        return diagnosis

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(finding.code for finding in self)

    def __contains__(self, wanted) -> bool:
        return wanted in self.codes if isinstance(wanted, str) else super().__contains__(wanted)

    def __repr__(self) -> str:
        head = f"{self.looked_at}, {self.moment}: "
        if not self:
            return f"{head}nothing found."
        lines = [f"{head}{len(self)} finding{'s' * (len(self) > 1)}"]
        for f in self:
            lines += ["", f"{f.code}  {f.severity:8s} {f.title}{_which(f)}"]
            rows = [("evidence", f.evidence), ("cause", f.cause)]
            rows += [("seen too", "; ".join(f.consequences))] if f.consequences else []
            rows += [("page", f"{f.page} (chapters/{f.link})")]
            for name, text in rows:
                lines += textwrap.wrap(text, 96, initial_indent=f"  {name:9s}",
                                       subsequent_indent=" " * 11)  # fmt: skip
            lines.append(f"  cure     {f.cure}")
        return "\n".join(lines)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        # No colour of the page's own is assumed: text inherits, and the edges are mid-tones that
        # show on white and on black.  A page that lays light cards under outputs finds the class.
        edges = {"error": "#d1495b", "warning": "#c98a1b", "note": "#5b8db8"}
        head = html.escape(f"{self.looked_at}, {self.moment}")
        if not self:
            return f"<div class='nnlib-findings'><strong>{head}</strong>: nothing found.</div>"
        cards = []
        for f in self:
            rows = [("Evidence", html.escape(f.evidence)), ("Cause", html.escape(f.cause)),
                    ("Cure", f"<code style='background:transparent;color:inherit;"
                             f"white-space:pre-wrap'>{html.escape(f.cure)}</code>")]  # fmt: skip
            if f.consequences:
                rows.append(("Seen too", html.escape("; ".join(f.consequences))))
            rows.append(("Read", f"<a href='{f.link}'>{html.escape(f.page)}</a>"))
            body = "".join(
                f"<div style='display:flex;gap:.8em;flex-wrap:wrap'><span style='min-width:5.5em;"
                f"opacity:.75'>{name}</span><span style='flex:1;min-width:14em'>{text}</span></div>"
                for name, text in rows
            )
            cards.append(
                f"<div style='border-left:5px solid {edges[f.severity]};padding:.3em .8em;"
                f"margin:.6em 0'><div><strong>{html.escape(f.title + _which(f))}</strong> "
                f"<small>{f.severity}, {f.code}</small></div>{body}</div>"
            )
        return f"<div class='nnlib-findings'><strong>{head}</strong>{''.join(cards)}</div>"


def _which(finding: Finding) -> str:
    return f" (network {', '.join(map(str, finding.networks))})" if finding.networks else ""
