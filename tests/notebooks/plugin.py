"""The other half of nbval: the right environment, the data, and the figures.

nbval runs each notebook in a kernel of its own, in the notebook's folder, and
compares every text that the cells put out. It does not look at pictures; this
plugin does (`pictures.py`).

The committed outputs were made without a wiggle, and are compared with those of a
kernel that wiggles the last bits (`nnlib.wiggle`): what another processor would
change fails here, too.
"""

import json
import os
import zlib

import pytest
from nbval.plugin import IPyNbCell, NbCellError

from tests.notebooks import pictures
from tools.notebooks import REPOSITORY, is_live, kernel_environment, missing_data

WIGGLE = "NNLIB_WIGGLE"  # a seed; "off": as `make refresh` runs
FAILURES = REPOSITORY / "_build" / "figure-failures"


compare_outputs = IPyNbCell.compare_outputs


def compare_stored(cell, test, ref, skip_compare=None):
    """As nbval compares; what is displayed but never stored is left out."""
    return compare_outputs(cell, [one for one in test if not is_live(one)], ref, skip_compare)


IPyNbCell.compare_outputs = compare_stored


def pytest_collection_modifyitems(items):
    """Skip notebooks whose data are not here, before a kernel is started."""
    for item in items:
        if isinstance(item, IPyNbCell):
            reason = missing_data(item.parent.nb.metadata)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


# Older chapters whose outputs are still being mended; the list only gets shorter.
NOT_YET = {
    "04_mnist",
    "05_mnist_replay",
    "06_regularization",
    "07_hyperparameters",
    "08_performance",
}


def wiggle_seed(item) -> str:
    """Return the seed of a notebook's wiggle: the caller's, or one made of its code.

    So the same notebook always gives the same verdict, and each edit is a new throw.
    Empty: no wiggle.
    """
    notebook = item.parent.nb
    wanted = os.environ.get(WIGGLE, "")
    if wanted:
        return "" if wanted == "off" else str(int(wanted))
    if item.path.stem in NOT_YET:
        return ""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return str(1 + zlib.crc32(json.dumps(code).encode()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Start the kernel, which the setup of the first cell does, like `refresh`."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    with kernel_environment({WIGGLE: wiggle_seed(item)}):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Say how a failure that depends on the wiggle can be had again."""
    report = yield
    if isinstance(item, IPyNbCell) and report.failed:
        seed = wiggle_seed(item)
        report.sections.append(
            (
                "wiggle",
                f"run with {WIGGLE}={seed}; if the cell passes with {WIGGLE}=off, its "
                "result depends on the last bits: see CONTRIBUTING",
            )
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After nbval has compared a cell's texts, compare its pictures."""
    result = yield
    if isinstance(item, IPyNbCell) and item.test_outputs is not None:
        faults = pictures.compare(
            item.cell.outputs,
            item.test_outputs,
            FAILURES,
            f"{item.path.stem}-cell{item.cell_num}",
            item.cell.metadata.get("nnlib", {}).get("figure_tolerance"),
        )
        if faults:
            raise NbCellError(item.cell_num, "\n".join(faults), item.cell.source)
    return result
