"""Where the time goes: what the benchmarks have stored, read and drawn for the chapter.

Not here: measuring (the folder ``benchmarks``, ``make bench``).
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from nncourse import figures
from nncourse.experiments.course_file import course_file

RESULTS = Path("benchmarks", "results.json")
PLAIN = "plain loop"  # one network after another, as most people would write it
LABELS = {"models": "networks"}  # what the stored results call otherwise than the chapter


def stored_results(start: Path | str = ".") -> dict:
    """What `make bench` stored, with the contenders under the names that the chapter uses.

    Parameters
    ----------
    start : path
        Where to begin to look (see `course_file`).

    Raises
    ------
    FileNotFoundError
        If there is no ``benchmarks/results.json`` in any of them.
    """
    text = course_file(RESULTS, start).read_text(encoding="utf-8")
    return json.loads(text.replace("plain loop (lecture notes)", PLAIN))


def medians(turns: dict[str, list[float]]) -> dict[str, float]:
    """The median of each contender's turns, in seconds."""
    return {name: median(seconds) for name, seconds in turns.items()}


@figures.styled
def floors_figure(seconds: dict[str, float], floor: str = "floor float32") -> Figure:
    """Each contender's time as a multiple of the floor, on a logarithmic axis."""
    names = sorted(seconds, key=seconds.get, reverse=True)
    kinds = {"nnlib": figures.BLUE, "floor": figures.ORANGE}
    colours = [kinds.get(name.split()[0], figures.GREY) for name in names]
    ratios = [seconds[name] / seconds[floor] for name in names]
    figure, ax = plt.subplots(figsize=(5.6, 2.8))
    ax.hlines(names, 1, ratios, color=colours, linewidth=1)
    ax.scatter(ratios, names, color=colours, s=50, zorder=3)
    ax.set(xscale="log", xlabel="multiple of the floor (logarithmic)")
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50) if tick < 1.5 * max(ratios)]
    ax.set_xticks(ticks, ticks)
    ax.set_xticks([], minor=True)
    return figure


@figures.styled
def growth_figure(growth: dict[str, dict], exponents: dict[str, float]) -> Figure:
    """Milliseconds against size, one panel for each thing that grows."""
    figure, axes = plt.subplots(1, len(growth), figsize=(7.6, 2.6), squeeze=False)
    for ax, (what, turns) in zip(axes[0], growth.items(), strict=True):
        sizes, times = [int(size) for size in turns], list(medians(turns).values())
        ax.loglog(sizes, times, "o-", markersize=4)
        proportional = [times[-1] * size / sizes[-1] for size in sizes]
        ax.loglog(sizes, proportional, ":", color=figures.GREY)
        ax.set_xticks(sizes[::2], [f"{size:,}" for size in sizes[::2]])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda seconds, _: f"{1000 * seconds:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set(xlabel=LABELS.get(what, what), title=f"exponent {exponents[what]:.2f}")
    axes[0, 0].set_ylabel("milliseconds")
    return figure
