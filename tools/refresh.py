"""Run notebooks again, each alone in a fresh kernel, and store their outputs.

    python -m tools.refresh [NOTEBOOK ...]

Without arguments: every chapter. A second run right after the first changes
no file. Where a cell fails, the notebook on disk stays as it was.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools import notebooks, reading_time

SECONDS_PER_CELL = 600


def refresh(path: Path) -> bool:
    """Run one notebook and write its outputs; tell whether the file changed."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    with notebooks.kernel_environment():
        client.execute()
    after = notebooks.text(reading_time.with_time(notebooks.clean(notebook)))
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after != before


def main(names: list[str]) -> int:
    failed = 0
    for path in [Path(name).resolve() for name in names] or notebooks.chapters():
        metadata = nbformat.read(path, as_version=4).metadata
        reason = notebooks.missing_data(metadata)
        if reason:
            print(f"{path.name}: left as it is, {reason}", flush=True)
            continue
        start = time.perf_counter()
        try:
            outcome = "changed" if refresh(path) else "no change"
        except (CellExecutionError, TimeoutError, ValueError) as error:
            failed += 1
            outcome = f"FAILED, the file is as it was\n{error}"
        seconds = time.perf_counter() - start
        print(f"{path.name}: {outcome} ({seconds:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
