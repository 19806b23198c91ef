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

from nncourse.widgets import frames
from tests.notebooks import borders, pictures
from tools.notebooks import (
    REPOSITORY,
    THREADS,
    is_live,
    kernel_environment,
    missing_data,
)

WIGGLE = "NNLIB_WIGGLE"  # a seed; "off": as `make refresh` runs
# It is meant for the notebooks: the unit tests compare bits, in this process and in those
# that pytest-xdist starts.
WANTED = "NNLIB_TEST_WIGGLE"
if WIGGLE in os.environ:
    os.environ[WANTED] = os.environ.pop(WIGGLE)
FAILURES = REPOSITORY / "_build" / "figure-failures"


compare_outputs = IPyNbCell.compare_outputs


def compare_stored(cell, test, ref, skip_compare=None):
    """As nbval compares, but for what is displayed and never stored, and for drawn frames."""
    skip = (*(skip_compare or cell.parent.skip_compare), frames.MIME)
    return compare_outputs(cell, [one for one in test if not is_live(one)], ref, skip)


def compare_frames(stored, found):
    """What has changed in the frames of `explore`, whose places may differ by a pixel."""
    old, new = (
        [one["data"][frames.MIME] for one in outputs if frames.MIME in one.get("data", {})]
        for outputs in (stored, found)
    )
    if len(old) != len(new):
        return [f"{len(new)} recordings of frames, stored are {len(old)}"]
    return [fault for a, b in zip(old, new) for fault in frames.differences(a, b)]


IPyNbCell.compare_outputs = compare_stored


def pytest_collection_modifyitems(items):
    """Skip notebooks whose data are not here, before a kernel is started."""
    for item in items:
        if isinstance(item, IPyNbCell):
            reason = missing_data(item.parent.nb.metadata)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def wiggle_seed(item) -> str:
    """Return the seed of a notebook's wiggle: the caller's, or one made of its code.

    So the same notebook always gives the same verdict, and each edit is a new throw.
    Empty: no wiggle.
    """
    notebook = item.parent.nb
    wanted = os.environ.get(WANTED, "")
    if wanted:
        return "" if wanted == "off" else str(int(wanted))
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return str(1 + zlib.crc32(json.dumps(code).encode()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Start the kernel, which the setup of the first cell does, like `refresh`."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    more = {WIGGLE: wiggle_seed(item)}
    if threads := os.environ.get("NNLIB_TEST_THREADS"):  # see tools/portable.py
        more |= dict.fromkeys(THREADS, threads)
    with kernel_environment(more):
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
        faults += borders.compare(item.cell.outputs, item.test_outputs)
        faults += compare_frames(item.cell.outputs, item.test_outputs)
        if faults:
            raise NbCellError(item.cell_num, "\n".join(faults), item.cell.source)
    return result
