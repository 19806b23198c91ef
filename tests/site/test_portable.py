"""The table of `make portable`: what is run, and how its end is told."""

import tempfile
from pathlib import Path

import pytest

from tools import portable

FAILED = """
FAILED chapters/x.ipynb::Cell 12
FAILED chapters/x.ipynb::Cell 3
2 failed, 7 passed in 3.2s
"""


@pytest.mark.parametrize(
    ("returncode", "report", "said"),
    [
        (0, "9 passed in 3.2s\n", "ok"),
        (1, FAILED, "cell 3,12"),
        (0, "SKIPPED [9] needs all of MNIST\n9 skipped in 0.2s\n", "no data"),
        (1, "FAILED tests/unit/test_x.py::test_y - assert\n1 failed, 7 passed in 3s", "1 tests"),
        (4, "ERROR: file or directory not found\n", "pytest: 4"),
    ],
)
def test_a_verdict_says_which_cells_differ(returncode, report, said):
    assert portable.summary(returncode, report) == said


def test_what_this_processor_cannot_run_is_said_and_not_counted_as_run():
    lacking = portable.Arithmetic("none", "NoSuchKernel")
    assert "instead" in lacking.missing()
    assert portable.Arithmetic("as it is").missing() is None


def test_the_arithmetics_are_told_apart_by_their_environment():
    settings = [tuple(sorted(one.environment.items())) for one in portable.ARITHMETICS]
    assert len(set(settings)) == len(settings)
    assert {one.environment["NNLIB_WIGGLE"] for one in portable.ARITHMETICS} >= {"off", "1", "2"}


@pytest.fixture
def place():
    """A folder inside the repository, whose conftest compares."""
    parent = portable.REPOSITORY / "_build"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield folder


def test_a_notebook_that_rounding_decides_is_found(place):
    """The whole way: a kernel, a wiggle, a cell."""
    import nbformat
    from nbformat import v4

    from tests.notebooks.test_plugin import LAST_BIT
    from tools.refresh import refresh

    path = Path(place, "bits.ipynb")
    cells = [v4.new_markdown_cell("# Title"), v4.new_code_cell(LAST_BIT)]
    path.write_text(nbformat.writes(v4.new_notebook(cells=cells)), encoding="utf-8")
    refresh(path)
    plain, wiggled = portable.Arithmetic("plain"), portable.Arithmetic("wiggle 1", wiggle="1")
    assert portable.verdict(path, plain)[0] == "ok"
    assert portable.verdict(path, wiggled)[0] == "cell 0"


def test_the_table_has_a_row_for_each_notebook():
    verdicts = {("a", "one"): "ok", ("a", "two"): "cell 3", ("b", "one"): "no data"}
    text = portable.table(verdicts, ["a", "b"], ["one", "two"])
    assert text.splitlines()[2:] == ["| a | ok | cell 3 |", "| b | no data |  |"]
