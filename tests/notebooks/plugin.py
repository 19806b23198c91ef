"""The other half of nbval: the right environment, the data, and the figures.

nbval runs each notebook in a kernel of its own, in the notebook's folder, and
compares every text that the cells put out. It does not look at pictures; this
plugin does (`pictures.py`).
"""

import pytest
from nbval.plugin import IPyNbCell, NbCellError

from tests.notebooks import pictures
from tools.notebooks import REPOSITORY, kernel_environment, missing_data

FAILURES = REPOSITORY / "_build" / "figure-failures"


def pytest_collection_modifyitems(items):
    """Skip notebooks whose data are not here, before a kernel is started."""
    for item in items:
        if isinstance(item, IPyNbCell):
            reason = missing_data(item.parent.nb.metadata)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Start the kernel, which the setup of the first cell does, like `refresh`."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    with kernel_environment():
        return (yield)


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
