"""What a committed chapter looks like, whatever it says."""

import re
from pathlib import Path

import nbformat

from tools.notebooks import KERNELSPEC, WIDGET_VIEW, folding

LARGEST = 1_000_000  # bytes
LINES = 30  # a cell fits on a screen: aim at 25
COLUMNS = 88  # and on the page
SHORTEST_ALT = 20  # characters
LARGEST_TOLERANCE = 20  # of 255, for a figure that shows rounding errors

# What has no place in an output: it differs from machine to machine or run to run.
CHANCE = {
    "a traceback": re.compile(r"Traceback \(most recent call last\)"),
    "a warning": re.compile(r"\b\w*Warning:"),
    "a path of some machine": re.compile(
        r"(?<![\w.:/])/(?:home|Users|root|tmp|work|opt|usr|var|private|mnt)/\w"
        r"|\b[A-Z]:\\\w|site-packages|ipykernel_\d+"
    ),
    "a time stamp": re.compile(r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d|\b\d\d:\d\d:\d\d\b"),
    "an object's address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
}
HIDING = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
HIDING |= {"nbval-raises-exception"}
HIDING_COMMENT = re.compile(r"#\s*(?:NBVAL|PYTEST_VALIDATE)_")


def texts(output) -> list[str]:
    """Return every text that an output shows to a reader."""
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return ["\n".join(output.traceback)]
    return [
        value
        for kind, value in output.get("data", {}).items()
        if isinstance(value, str) and not kind.startswith("image/")
    ]


def output_faults(output) -> list[str]:
    """Return what is wrong with one output."""
    found = []
    if output.output_type == "error":
        found.append(f"an error ({output.ename}): catch it and print its message")
    if output.output_type == "stream" and output.name == "stderr":
        found.append(f"something on the error stream: {output.text[:80]!r}")
    for text in texts(output):
        for name, pattern in CHANCE.items():
            match = pattern.search(text)
            if match:
                around = text[max(match.start() - 20, 0) : match.end() + 40]
                found.append(f"{name}: {around!r}")
    data = output.get("data", {})
    if WIDGET_VIEW in data:
        found.append("the state of a live widget: run `make refresh`")
    for kind in data:
        if kind.startswith("image/") and kind != "image/png":
            found.append(f"a picture of type {kind}: use nncourse.figures.show")
    if "image/png" in data:
        alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
        if len(alt.strip()) < SHORTEST_ALT:
            found.append(
                f"a picture whose text is {alt!r}: nncourse.figures.show(fig, alt=...) "
                "wants a sentence that says what is seen"
            )
    return found


def faults(path: Path) -> list[str]:
    """Return what is wrong with a notebook's form, each fault with its cell."""
    if path.stat().st_size > LARGEST:
        return [f"{path.stat().st_size:,} bytes; at most {LARGEST:,}"]
    notebook = nbformat.read(path, as_version=4)
    found = []
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        found.append(f"not a valid notebook: {error.message}")
    if notebook.metadata.get("kernelspec") != KERNELSPEC:
        found.append("the kernelspec is not plain python3: run `make refresh`")
    if "widgets" in notebook.metadata:
        found.append("the metadata hold widget states: run `make refresh`")
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        found.append("the first cell is not the title ('# ...')")
    number = 0
    for index, cell in enumerate(notebook.cells):
        where = f"cell {index} ({cell.cell_type})"
        if cell.cell_type != "code":
            continue
        number += 1
        if not cell.source.strip():
            found.append(f"{where}: empty")
        if cell.execution_count != number:
            found.append(
                f"{where}: execution count {cell.execution_count}, expected {number}: "
                "run `make refresh`"
            )
        lines = cell.source.splitlines()
        if len(lines) > LINES:
            found.append(f"{where}: {len(lines)} lines; at most {LINES}, better 25")
        found += [
            f"{where}: {len(line)} columns, at most {COLUMNS}: {line.strip()[:60]!r}"
            for line in lines
            if len(line) > COLUMNS
        ]
        tolerance = cell.metadata.get("nnlib", {}).get("figure_tolerance", 0)
        if tolerance > LARGEST_TOLERANCE:
            found.append(f"{where}: figure_tolerance is above {LARGEST_TOLERANCE}")
        tags = cell.metadata.get("tags", [])
        if cell.metadata.get("jupyter", {}) != folding(tags):
            found.append(f"{where}: not folded as on the page: run `make refresh`")
        hiding = HIDING & set(tags)
        if hiding or HIDING_COMMENT.search(cell.source):
            found.append(f"{where}: hides its output from the test ({hiding or '#'})")
        for output in cell.outputs:
            found += [f"{where}: the output holds {f}" for f in output_faults(output)]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if code and not any(cell.outputs for cell in code):
        found.append("no cell has an output: run `make refresh`")
    return found
