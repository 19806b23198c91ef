"""What running a chapter means here: its environment, its data, its clean form.

`make refresh` and the tests both run chapters; that they do it alike is the
point of this module.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from nnlib.datasets import MNIST_FILES, mnist_paths

REPOSITORY = Path(__file__).resolve().parent.parent
CHAPTERS = REPOSITORY / "chapters"

# What a kernel is given, so that the same code prints and draws the same thing.
KERNEL_ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    # What is stored is the plain result (see nnlib.wiggle).
    "NNLIB_WIGGLE": "",
    # A progress bar's output depends on the speed of the machine.
    "TQDM_DISABLE": "1",
    # One thread: sums are then always taken in the same order.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
THREADS = [name for name in KERNEL_ENVIRONMENT if name.endswith("_THREADS")]

KERNELSPEC = {
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
    "name": "python3",
}
# No version: a chapter does not change because somebody's Python does.
LANGUAGE = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}
NOTEBOOK_METADATA = {"mystnb", "nnlib"}
CELL_METADATA = {"mystnb", "nnlib", "tags"}
# What the page folds, a notebook folds as well: nobody reads the answer before the bet.
FOLDED = {
    "hide-input": ("source_hidden",),
    "hide-output": ("outputs_hidden",),
    "hide-cell": ("source_hidden", "outputs_hidden"),
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PAGE_FORMS = {"text/html", "text/markdown", "image/png"}

FULL_MNIST = "full MNIST"

FRAMEWORKS = "frameworks"
FRAMEWORK_PACKAGES = ("tensorflow", "keras", "torch")


def chapters() -> list[Path]:
    """Return the notebooks of the course in reading order."""
    return sorted(CHAPTERS.glob("*.ipynb"))


@contextmanager
def kernel_environment(more: Mapping[str, str] | None = None) -> Iterator[None]:
    """Give `KERNEL_ENVIRONMENT`, and `more`, to every process started inside."""
    before = dict(os.environ)
    os.environ.update({**KERNEL_ENVIRONMENT, **(more or {})})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def missing_data(metadata: Mapping, environment: Mapping = os.environ) -> str | None:
    """Say why a notebook cannot run here, or return None if it can.

    A notebook that needs more than requirements.txt brings says so in its metadata,
    ``"nnlib": {"needs": "full MNIST"}`` or ``{"needs": "frameworks"}``.
    """
    needs = metadata.get("nnlib", {}).get("needs")
    if needs is None:
        return None
    if needs == FULL_MNIST:
        return _missing_mnist(environment)
    if needs == FRAMEWORKS:
        return _missing_frameworks()
    raise ValueError(
        f"notebook metadata nnlib.needs is {needs!r}; known are {FULL_MNIST!r} and {FRAMEWORKS!r}"
    )


def _missing_mnist(environment: Mapping) -> str | None:
    folder = environment.get("NNLIB_DATA")
    if folder and all(mnist_paths(Path(folder), name) for name in MNIST_FILES):
        return None
    return (
        "needs all of MNIST: set NNLIB_DATA to a folder that holds its four files "
        f"({', '.join(MNIST_FILES)}, with or without .gz)"
    )


def _missing_frameworks() -> str | None:
    missing = [name for name in FRAMEWORK_PACKAGES if find_spec(name) is None]
    if not missing:
        return None
    names = ", ".join(missing)
    return f"needs {names}: `make test-frameworks` runs it in an environment of its own"


def folding(tags: Iterable[str]) -> dict[str, bool]:
    """Return the cell metadata ``jupyter`` by which a notebook folds what the page folds."""
    return {part: True for tag in tags for part in FOLDED.get(tag, ())}


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: where they break is chance."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    return merged


def is_live(output: NotebookNode) -> bool:
    """Tell whether an output is a live view whose copy for the page is the next output."""
    return bool(output.get("metadata", {}).get("nnlib", {}).get("live"))


def clean(notebook: NotebookNode) -> NotebookNode:
    """Remove from an executed notebook whatever differs from run to run.

    Raises
    ------
    ValueError
        If an output is a live widget and nothing else: the page, which has no
        kernel, would show nothing there.
    """
    extra = {k: v for k, v in notebook.metadata.items() if k in NOTEBOOK_METADATA}
    notebook.metadata = NotebookNode(
        kernelspec=KERNELSPEC, language_info=LANGUAGE, **extra
    )
    number = 0
    for cell in notebook.cells:
        cell.metadata = NotebookNode(
            {k: v for k, v in cell.metadata.items() if k in CELL_METADATA and v}
        )
        if cell.cell_type != "code":
            continue
        if folded := folding(cell.metadata.get("tags", [])):
            cell.metadata.jupyter = folded
        number += 1
        cell.execution_count = number
        cell.outputs = merge_streams([one for one in cell.outputs if not is_live(one)])
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
            if output.get("data", {}).pop(WIDGET_VIEW, None) is None:
                continue
            if not PAGE_FORMS & set(output.data):
                raise ValueError(
                    f"code cell {number} shows a live widget without a form for the "
                    "page; use the widgets of nncourse.widgets"
                )
    return notebook


def text(notebook: NotebookNode) -> str:
    """Return the one way a notebook is written to a file."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
