"""Run a chapter in this very process, and compare what it puts out with what is stored.

    python -m tools.arm_chapter NOTEBOOK

An emulated processor (`tools/arm.sh`) cannot start kernels: to start a program is to ask
the real processor. So the cells are run by IPython here. Compared are the printed texts,
the results' plain texts, and the figures, as `make test` does; interactives' HTML is not.
"""

import json
import os
import sys
from pathlib import Path

from tests.notebooks import pictures


def stored(outputs: list[dict]) -> tuple[str, list[str]]:
    """Return what a cell printed and the plain texts it showed."""
    printed = [o["text"] for o in outputs if o["output_type"] == "stream"]
    shown = [o["data"].get("text/plain", "") for o in outputs if "data" in o]
    return "".join("".join(one) for one in printed), ["".join(one) for one in shown]


def run(shell, source: str) -> list[dict]:
    """Run a cell; return its outputs in a notebook's form."""
    from IPython.utils.capture import capture_output

    with capture_output() as caught:
        shell.display_trap.hook = sys.displayhook  # else the shell prints results: "Out[0]: ..."
        result = shell.run_cell(source)
    result.raise_error()
    outputs = [
        {"output_type": "display_data", "data": dict(one.data), "metadata": one.metadata or {}}
        for one in caught.outputs
        if not (one.metadata or {}).get("nnlib", {}).get("live")
    ]
    for one in outputs:
        if isinstance(png := one["data"].get("image/png"), bytes):
            import base64

            one["data"]["image/png"] = base64.b64encode(png).decode()
    if caught.stdout:
        outputs.append({"output_type": "stream", "text": caught.stdout})
    if caught.stderr:
        outputs.append({"output_type": "stream", "text": caught.stderr})
    return outputs


def main(path: Path) -> int:
    from IPython.core.interactiveshell import InteractiveShell

    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    os.chdir(path.parent)
    shell = InteractiveShell.instance()
    faults = 0
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(code):
        outputs = run(shell, "".join(cell["source"]))
        found = []
        for before, now in zip(stored(cell["outputs"]), stored(outputs), strict=True):
            if before != now:
                found.append(f"stored: {before!r}\nnow:    {now!r}")
        tolerance = cell["metadata"].get("nnlib", {}).get("figure_tolerance")
        folder = Path("../_build/figure-failures")
        name = f"arm-{path.stem}-cell{number}"
        found += pictures.compare(cell["outputs"], outputs, folder, name, tolerance)
        print(f"{path.stem}, cell {number}: {'differs' if found else 'ok'}", flush=True)
        print(*found, sep="\n", end="\n" if found else "")
        faults += bool(found)
    print(f"{path.stem}: {len(code) - faults} of {len(code)} cells as stored")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
