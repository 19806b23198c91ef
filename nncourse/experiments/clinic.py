"""Chapter "The debugging clinic": what the doctor's examination stored, read and drawn.

Not here: the examination itself (``benchmarks.doctor``); the cases, which the chapter shows.
"""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.experiments.course_file import course_file
from nncourse.figures import BLACK, BLUE, GREY, RED
from nnlib.checks import check_choice

RECORD = Path("benchmarks", "doctor.json")
PROGRAMS = Path("benchmarks", "programs.json")
HALF = "held out"
RULES = {  # what the chapter calls the rules of thumb, and the limits one may try
    "step over weights": ("update", (0.25, 0.5, 0.75, 1, 1.5, 2, 3)),
    "first loss": ("first loss", (0.25, 0.5, 0.75, 1, 1.5, 2, 4)),
    "gap to validation": ("gap", (0.02, 0.035, 0.05, 0.08, 0.12, 0.2, 0.4)),
    "validation loss rises": ("validation rises", (1.02, 1.05, 1.1, 1.25, 1.5, 2, 4)),
}
STRICTEST, LAXEST = 1, 7
NAMES = {  # what the doctor calls a measurement, and what the figure calls it
    "largest rms of a column": "size of the largest column",
    "rms of X": "size of the inputs",
    "largest rms of a target": "size of the targets",
    "scale of validation": "size of validation against training rows",
    "z of neighbours and line": "how well rows foretell their targets",
    "validation score over chance": "validation score over guessing",
    "saturated at start": "share of saturated outputs at the start",
    "first loss above chance, for inputs of size 1": "first loss above guessing",
    "weights over Glorot's, deep": "size of the weights over Glorot's",
    "gradient off by": "error of the gradient check",
    "trial: loss after over before": "20 trial steps: loss after over before",
    "trial: long step over weights": "20 trial steps: too long for the weights",
    "trial: step over weights": "20 trial steps: too short for the weights",
    "fall of the loss": "fall of the loss in the run",
    "batches of one class": "share of batches of one class",
    "share of a column that the target explains": "share of a column that targets explain",
    "dead": "share of dead units",
    "first over last gradient": "gradient: first layer over last",
    "fall in the last fifth": "fall of the loss in the last fifth",
    "train minus validation score": "training minus validation score",
    "validation loss, with a gap": "validation loss, last over lowest",
    "learnt": "score, from guessing to simple methods",
}
ENDS = 3.0  # powers of ten from the threshold that the figure shows


def examination(start: Path | str = ".") -> dict:
    """What ``python -m benchmarks.doctor`` stored.

    Parameters
    ----------
    start : path
        Where to begin to look (see `course_file`).

    Raises
    ------
    FileNotFoundError
        If there is no ``benchmarks/doctor.json`` in any of them.
    """
    remedy = "Run `python -m benchmarks.doctor` in the repository."
    return json.loads(course_file(RECORD, start, remedy).read_text(encoding="utf-8"))


def programs(start: Path | str = ".") -> list[tuple[str, dict]]:
    """What ``python -m benchmarks.programs`` stored: the rows of the chapter's table.

    Returns
    -------
    list of (str, dict)
        A name, and how many faulty programs were run, seen and named, and how many of as many
        repaired ones accused.

    Raises
    ------
    FileNotFoundError
        If there is no ``benchmarks/programs.json`` from ``start`` upwards (see `course_file`).
    """
    remedy = "Run `python -m benchmarks.programs --write` in the repository."
    record = json.loads(course_file(PROGRAMS, start, remedy).read_text(encoding="utf-8"))
    halves, counts = ("looked at", "only counted"), ("runs", "seen", "named", "twins accused")

    def both(part):
        return {n: sum(record[part][half][n] for half in halves) for n in counts}

    rows = [("all, before the rules were mended", both("first look"))]
    rows += [(f"mended, programs {half}", record["programs"][half]) for half in halves]
    rows.append(("mended, all of MNIST", both("all of MNIST")))
    return rows


def values_of(record: dict, rule: str, group: str) -> np.ndarray:
    """All that a rule of thumb measured on the "healthy" or the "ill" runs, sorted."""
    return np.array(record[HALF]["rules"][rule][group]["values"].split(), float)


def rates(record: dict, rule: str, limit: float) -> tuple[float, float]:
    """Per cent of healthy runs that a rule accuses, and of sick ones that it catches."""
    return tuple(
        100 * float((values_of(record, rule, group) > limit).mean()) for group in ("healthy", "ill")
    )


def every_fault(record: dict) -> list[tuple[str, str, dict]]:
    """Fault, strength and counts, the worst recognised first, else in the order of the record."""
    rows = [
        (fault, strength, counts)
        for fault, strengths in record[HALF]["faults"].items()
        for strength, counts in strengths.items()
    ]
    return sorted(rows, key=lambda row: (row[2]["named"] / row[2]["runs"],
                                         row[2]["seen"] / row[2]["runs"]))  # fmt: skip


def _place(values, side: str, limit: float) -> np.ndarray:
    """Powers of ten beyond the limit: right of 0 is an alarm, whichever side that is."""
    values = np.asarray(values, float)
    away = np.full(values.shape, -ENDS)
    away[values > 0] = np.log10(values[values > 0] / limit)
    if side == "<":
        away = np.where(values > 0, -away, ENDS)
    return np.clip(away, -ENDS, ENDS)


@figures.styled
def thresholds_figure(record: dict) -> Figure:
    """Every threshold between what healthy and sick runs measured, on the half held out."""
    about, shares = record[HALF]["measured"], record["percentiles"]
    low, high = shares.index(5), shares.index(95)
    names = [name for name in about if about[name]["healthy"]["n"] and about[name]["ill"]["n"]]
    figure, ax = plt.subplots(figsize=(7.2, 0.34 * len(names) + 1.1))
    for row, name in enumerate(names):
        one = about[name]
        for group, colour, shift in (("healthy", BLUE, -0.17), ("ill", RED, 0.17)):
            places = np.sort(_place(one[group]["quantiles"], one["side"], one["limit"]))
            ax.plot(places[[0, -1]], [row + shift] * 2, color=colour, lw=1.2)
            ax.plot(np.median(places), row + shift, "o", ms=5, color=colour)
            ax.plot(places[[low, high]], [row + shift] * 2, color=colour, lw=5,
                    label={"ill": "sick"}.get(group, group) if row == 0 else None)  # fmt: skip
    ax.axvline(0, color=BLACK, lw=1)
    ax.set(yticks=range(len(names)), xlim=(-ENDS - 0.1, ENDS + 0.1),
           xlabel="powers of ten beyond the threshold (right of 0: alarm)")  # fmt: skip
    ax.set_yticklabels([NAMES.get(name, name) for name in names], fontsize=8)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, fontsize=9)
    return figure


@figures.styled
def rule_figure(rule: str, strictness: int, record: dict) -> tuple[Figure, str]:
    """One rule of thumb at one limit: what it catches against whom it accuses, and its text.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    strictness : int
        From 1, the strictest limit, to 7, the laxest.
    record : dict
        From `examination`.
    """
    name, limits = RULES[check_choice("rule", rule, RULES)]
    if not STRICTEST <= strictness <= LAXEST:
        raise ValueError(f"strictness must be from 1 to 7, got {strictness}.")
    limit = limits[int(strictness) - 1]
    half = record[HALF]
    figure, ax = plt.subplots(figsize=(5.2, 3.6))
    everything = np.unique(np.concatenate([values_of(record, name, g) for g in ("healthy", "ill")]))
    curve = np.array(
        [rates(record, name, value) for value in [-1, *everything[:: 1 + len(everything) // 200]]]
    )
    ax.plot(*curve.T, color=GREY, lw=1.2, label="this rule, all limits")
    false, caught = rates(record, name, limit)
    ax.plot(false, caught, "o", ms=9, color=RED, label=f"this rule above {limit:g}")
    doctor = doctor_rates(half)
    ax.plot(*doctor, "s", ms=8, color=BLUE, label="the doctor")
    ax.set(xlabel="healthy runs accused (%)", ylabel="sick runs caught (%)",
           xlim=(-3, 103), ylim=(-3, 103))  # fmt: skip
    ax.legend(loc="lower right", fontsize=9)
    words = (
        f"The rule {rule} with a limit of {limit:g} accuses {false:.0f} per cent of the healthy "
        f"runs and catches {caught:.0f} per cent of the sick ones. The doctor accuses "
        f"{doctor[0]:.0f} per cent and catches {doctor[1]:.0f}."
    )
    return figure, words


def doctor_rates(half: dict) -> tuple[float, float]:
    """Per cent of healthy runs that the doctor accuses, and of sick ones that it sees."""
    return (100 * half["runs with a false alarm"] / half["healthy runs"],
            100 * half["all faults"]["seen"] / half["all faults"]["runs"])  # fmt: skip


@figures.styled
def answers_figure(outputs: dict[str, np.ndarray], labels: np.ndarray) -> Figure:
    """What networks answer for the rows of each label: one panel for each name, dots (n,)."""
    size = (7.4, 2.7)
    figure, axes = plt.subplots(
        1, len(outputs), figsize=size, sharex=True, sharey=True, squeeze=False
    )
    spread = np.random.default_rng(0).uniform(-0.2, 0.2, len(labels))
    for ax, (name, values) in zip(axes[0], outputs.items(), strict=True):
        ax.plot([-0.5, 2.5], [-0.5, 2.5], color=GREY, lw=1)
        ax.plot(labels + spread, values, "o", ms=3, color=BLUE, alpha=0.6)
        ax.set(title=name, xlabel="label", xticks=(0, 1, 2), ylim=(-0.4, 2.5))
    axes[0, 0].set_ylabel("answer")
    return figure


@figures.styled
def waves_figure(x: np.ndarray, target: np.ndarray, answers: dict[str, np.ndarray]) -> Figure:
    """A curve and what networks make of it: answers (networks, n), a panel for each name."""
    size = (7.4, 2.5)
    figure, axes = plt.subplots(
        1, len(answers), figsize=size, sharex=True, sharey=True, squeeze=False
    )
    for ax, (name, lines) in zip(axes[0], answers.items(), strict=True):
        ax.plot(x, target, "--", color=BLACK, lw=1)
        ax.plot(x, lines.T, color=BLUE, lw=1, alpha=0.7)
        ax.set(xlabel="$x$", ylim=(-0.2, 1.2))
        ax.set_title(name, fontsize=9)
    axes[0, 0].set_ylabel("answer, |sin $x$|")
    return figure
