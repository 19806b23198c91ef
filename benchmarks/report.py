"""From measured seconds to ratios, a table with what was to be reached, and a plot."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

from benchmarks import figures
from benchmarks.measure import ratio

SKLEARN = ("scikit-learn sgd", "scikit-learn adam")

# What is to be reached: faster than every peer; and at most so many times the floor, which is the
# bare products of the same training (and of a fit also Adam and the gathering of rows), with the
# same kernels, in the same run.
FASTER, GRID, ONE_NETWORK, ONE_SMALL, FIT = 1.0, 1.4, 1.3, 1.5, 1.6
SMALLEST = "784-50-10"
COST_PARTS = (  # of what is measured of the doctor
    "share of the run, counted within it", "run with over run without, less 1",
    "milliseconds before training",
)  # fmt: skip


def ratios(results: dict) -> list[dict]:
    """One row a comparison: what, threads, ratio with its spread, target, whether reached."""
    if not results:
        return []
    rows = []
    for threads in sorted(results["grid"], key=int):
        seconds = results["grid"][threads]
        peers = [name for name in SKLEARN if name in seconds]
        fastest = min(peers, key=lambda name: statistics.median(seconds[name]))
        slower = ("plain loop (lecture notes)", fastest)
        slower += ("PyTorch eager", "PyTorch eager, DataLoader")
        for ours in ("nnlib float32", "nnlib float32, processes"):
            for slow in slower:
                rows.append(_row("49 networks", slow, ours, seconds, threads, FASTER))
            rows.append(
                _row("49 networks", ours, "floor float32", seconds, threads, GRID, below=True)
            )
    for threads in sorted(results["one_network"], key=int):
        for shape, seconds in results["one_network"][threads].items():
            for slow in ("scikit-learn float32", "PyTorch eager float32"):
                rows.append(_row(shape, slow, "nnlib float32", seconds, threads, FASTER))
            most = ONE_SMALL if shape == SMALLEST else ONE_NETWORK
            rows.append(
                _row(shape, "nnlib float32", "floor float32", seconds, threads, most, below=True)
            )
    for threads in sorted(results["estimators"], key=int):
        for data, found in results["estimators"][threads].items():
            seconds = found["seconds"]
            rows.append(_row(f"fit, {data}", "scikit-learn", "nnlib", seconds, threads, FASTER))
            rows.append(
                _row(f"fit, {data}", "nnlib", "floor", seconds, threads, FIT, below=True)
            )
    return [row for row in rows if row is not None]


def _row(what, slow, fast, seconds, threads, target, below=False):
    found = ratio(seconds, slow, fast)
    if found is None:
        return None
    reached = found["median"] <= target if below else found["median"] >= target
    return {
        "what": what,
        "slow": slow,
        "fast": fast,
        "threads": int(threads),
        **found,
        "target": target,
        "below": below,
        "reached": reached,
    }


def exponents(results: dict) -> dict[str, float]:
    """Growth of the time with size: the slope of log seconds on log size, over the upper sizes."""
    found = {}
    for what, seconds in results["growth"].items():
        sizes = [int(size) for size in seconds][-3:]
        times = [statistics.median(seconds[str(size)]) for size in sizes]
        x, y = [math.log(v) for v in sizes], [math.log(v) for v in times]
        found[what] = statistics.linear_regression(x, y).slope
    return found


def import_milliseconds(results: dict) -> float:
    """What importing nnlib takes beyond importing NumPy: the median of the turns."""
    turns = zip(results["imports"]["nnlib"], results["imports"]["numpy"], strict=True)
    return 1000 * statistics.median(nnlib - numpy for nnlib, numpy in turns)


def text(results: dict) -> str:
    """The table that is printed."""
    machine = ", ".join(f"{k} {v}" for k, v in results["machine"].items())
    lines = [f"Measured on: {machine}", "", *_table(ratios(results)), ""]
    newer = results.get("newer_kernels")
    if newer:
        lines += [f"With the products written for {newer['name']} (OPENBLAS_CORETYPE):", ""]
        lines += [*_table(ratios(newer)), ""]
    lines += [
        "growth exponents: " + ", ".join(f"{k} {v:.2f}" for k, v in exponents(results).items()),
    ]
    lines.append(f"import nnlib beyond numpy: {import_milliseconds(results):.0f} ms")
    if "freed_memory" in results:
        found = ratio(results["freed_memory"], "handed back", "kept")
        lines.append(f"freed memory handed back to the system: {found['median']:.2f} times as long")
    lines += [
        f"peak memory, {name}: {found['peak_mb']:.0f} MB"
        for name, found in results["memory"].items()
    ]
    for data, found in next(iter(results["estimators"].values())).items():
        accuracy = {k: statistics.mean(v) for k, v in found["accuracy"].items()}
        lines.append(
            f"accuracy, {data}: " + ", ".join(f"{k} {v:.1f} %" for k, v in accuracy.items())
        )
    for name, seconds in results.get("commands", {}).items():
        lines.append(f"{name}: {seconds:.0f} s")
    for name, found in results.get("widgets", {}).items():
        if name != "figures":
            lines.append(f"widget {name}: {found}")
    if "figures" in results.get("widgets", {}):
        lines += ["", *figures.table(results["widgets"])]
    if not any("PyTorch" in name for name in next(iter(results["grid"].values()))):
        lines.append("PyTorch is not installed: its rows are left out.")
    return "\n".join(lines)


README = """# How fast is it?

This page is written by `python -m benchmarks --page`, from `results.json`. Nothing in it is typed.

## How to read it on another machine

Seconds do not travel: another processor, another load, another version of a library, and they
are others. **Ratios of one run travel better.** Each row compares two contenders that were timed in
turn, on the same data, with the same products of matrices. The *floor* is the bare products of the
same training, with no network around them (for `fit` also Adam and the gathering of rows): nobody
who uses these products can be faster.

- "slower / faster" of 2 means: the second takes half the time. The spread is that of the turns.
- A row against the floor is to be *small*, the others are to be *above 1*.
- Your own numbers: `make bench` (half an hour; leave the machine alone), or only a part of it, for
  instance `python -m benchmarks --only one_network --threads 1`. They go into `results.json`; do
  not commit them unless the machine was quiet.
- NumPy's products depend on the kernels that its OpenBLAS takes your processor for. The line
  "measured on" names them. Where better ones lie unused, the second table has them. The last
  tables were measured in one session with one kernel after the other, from `kernels.json`
  (`python -m benchmarks --kernels`, ten minutes).
- Two threads help a small network little or not at all; separate processes do.

The chapter *Where the time goes* explains why the numbers are what they are. The doctor's record,
`doctor.json`, is told in *The debugging clinic*.
"""


def page(results: dict, kernels: dict | None = None) -> str:
    """`README.md` of this folder, in Markdown; ``kernels`` is what `kernels.json` holds."""
    machine = ", ".join(f"{k} {v}" for k, v in results["machine"].items())
    lines = [README, "## As NumPy comes", "", f"Measured on: {machine}.", ""]
    lines += _markdown(ratios(results))
    if newer := results.get("newer_kernels"):
        lines += ["", f"## With the products written for {newer['name']}", ""]
        lines += _markdown(ratios(newer))
    lines += ["", "## Growth, memory, import", ""]
    growth = ", ".join(f"{k} {v:.2f}" for k, v in exponents(results).items())
    lines.append(f"- The time grows with a power of the size: {growth}.")
    lines.append(f"- `import nnlib` takes {import_milliseconds(results):.0f} ms beyond NumPy.")
    lines += [
        f"- Peak memory of 49 networks, {name}: {found['peak_mb']:.0f} MB."
        for name, found in results["memory"].items()
    ]
    for name, found in results.get("doctor_cost", {}).items():
        share, ratio, before = (found[part] for part in COST_PARTS)
        lines.append(
            f"- The doctor, {name}, called after each of {found['epochs']} epochs: "
            f"{_percent(share)} of the processor's time of the run (by turns of a run with and one "
            f"without: {_percent(ratio)}). Before training: {before['median']:.0f} ms."
        )
    if "figures" in results.get("widgets", {}):
        lines += ["", "## The interactives", "", *figures.table(results["widgets"])]
    for name, found in (kernels or {}).items():
        machine = ", ".join(f"{k} {v}" for k, v in found["machine"].items())
        lines += ["", f"## One session, kernels for {name}", "", f"Measured on: {machine}.", ""]
        lines += _markdown(ratios(found))
    return "\n".join(lines) + "\n"


def _percent(found: dict) -> str:
    low, middle, high = (100 * found[name] for name in ("lowest", "median", "highest"))
    return f"{middle:.1f} % ({low:.1f} to {high:.1f})"


def _markdown(rows: list[dict]) -> list[str]:
    lines = ["| what | slower | faster | threads | ratio | spread | goal | |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        goal = f"at most {row['target']}" if row["below"] else f"above {row['target']:g}"
        lines.append(
            f"| {row['what']} | {row['slow']} | {row['fast']} | {row['threads']} | "
            f"{row['median']:.2f} | {row['min']:.2f} to {row['max']:.2f} | {goal} | "
            f"{'reached' if row['reached'] else '**missed**'} |"
        )
    return lines


def _table(rows: list[dict]) -> list[str]:
    head = f"{'what':18s} {'slower':28s} {'faster':24s} {'threads':>7s} {'ratio':>7s} "
    head += f"{'spread':>15s}  target"
    lines = [head, "-" * len(head)]
    for row in rows:
        sign = "<=" if row["below"] else ">="
        spread = f"{row['min']:.2f} .. {row['max']:.2f}"
        verdict = "reached" if row["reached"] else "MISSED"
        lines.append(
            f"{row['what']:18s} {row['slow']:28s} {row['fast']:24s} {row['threads']:7d} "
            f"{row['median']:7.2f} {spread:>15s}  {sign} {row['target']} {verdict}"
        )
    return lines


def plot(results: dict, path: Path) -> None:
    """Seconds of each contender of the grid, on a logarithmic axis."""
    import matplotlib.pyplot as plt

    from nncourse import figures as drawn

    threads = max(results["grid"], key=int)
    seconds = {k: statistics.median(v) for k, v in results["grid"][threads].items()}
    names = sorted(seconds, key=seconds.get)
    plt.style.use(drawn.STYLE)
    figure, ax = plt.subplots(figsize=(7, 3.2))
    colours = [drawn.BLUE if "nnlib" in n else drawn.GREY for n in names]
    ax.barh(names, [seconds[n] for n in names], color=colours)
    ax.set(xscale="log", xlabel=f"seconds for 49 networks ({threads} threads)")
    ax.invert_yaxis()
    figure.savefig(path)
    plt.close(figure)
