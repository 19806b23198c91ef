"""nbval and our plugin together: a notebook that no longer says the truth fails.

A small notebook is run once and then spoilt, each copy in one way. One pytest
of their own runs all copies, as `make test` does with the chapters.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from tests.notebooks.test_checks import png
from tools import notebooks
from tools.refresh import refresh

DRAW = """
import base64, io, os
from IPython.display import display
from PIL import Image, ImageDraw
image = Image.new("RGB", (200, 100), "white")
ImageDraw.Draw(image).line((10, 10, 190, 90), fill="black", width=3)
stream = io.BytesIO()
image.save(stream, "PNG")
alt = "A black line that falls from the left to the right."
display({"image/png": base64.b64encode(stream.getvalue()).decode(), "text/plain": alt},
        metadata={"image/png": {"alt": alt}}, raw=True)
"""

LAST_BIT = """
import numpy as np
from nnlib import Dense, Network
print(repr(float(Network(3, [Dense(40)], seed=0)(np.ones((1, 3))).sum())))
"""


def untouched(notebook):
    pass


def number(notebook):
    notebook.cells[1].outputs[0].text = "loss 0.0498\n"


def picture(notebook):
    notebook.cells[2].outputs[0].data["image/png"] = png(size=(200, 100))


def text_of_picture(notebook):
    notebook.cells[2].outputs[0].metadata["image/png"]["alt"] = "Another text."


def no_picture(notebook):
    del notebook.cells[2].outputs[0].data["image/png"]


def one_picture_more(notebook):
    copy = nbformat.from_dict(dict(notebook.cells[2].outputs[0]))
    copy.data = {"image/png": copy.data["image/png"]}
    notebook.cells[2].outputs.append(copy)


def last_bit(notebook):
    """A digit that rounding decides: right where the notebook was run, nowhere else."""
    notebook.cells[3].source = LAST_BIT


def data_not_here(notebook):
    notebook.metadata["nnlib"] = {"needs": notebooks.FULL_MNIST}


SPOILERS = (untouched, number, picture, text_of_picture, no_picture)
SPOILERS += (one_picture_more, last_bit, data_not_here)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the spoilt copies of a notebook that was run."""
    folder = tmp_path_factory.mktemp("chapters in a folder with spaces")
    path = folder / "untouched.ipynb"
    cells = [
        v4.new_markdown_cell("# Title"),
        v4.new_code_cell("print('loss', 0.0499)"),
        v4.new_code_cell(DRAW),
        v4.new_code_cell("print('quiet', os.environ['TQDM_DISABLE'])"),
    ]
    path.write_text(nbformat.writes(v4.new_notebook(cells=cells)), encoding="utf-8")
    assert refresh(path)
    for spoil in SPOILERS:
        notebook = nbformat.read(path, as_version=4)
        spoil(notebook)
        copy = folder / f"{spoil.__name__}.ipynb"
        copy.write_text(notebooks.text(notebook), encoding="utf-8")
    assert refresh(folder / "last_bit.ipynb")
    return folder


def test_a_second_refresh_changes_nothing(folder):
    assert not refresh(folder / "untouched.ipynb")


@pytest.fixture(scope="module")
def report(folder):
    """What pytest says about the copies."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.notebooks.plugin"]
    command += ["-rA", "--color=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
    ours = ("NNLIB_DATA", "NNLIB_TEST_WIGGLE")
    environment = {k: v for k, v in os.environ.items() if k not in ours}
    outcome = subprocess.run(
        [*command, "-c", "pyproject.toml", str(folder)],
        cwd=notebooks.REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    return outcome.stdout


def verdicts(report, name):
    """Return the verdict on each cell of one copy."""
    line = rf"^(PASSED|FAILED) .*\b{name}\.ipynb::Cell (\d)"
    found = re.findall(line, report, re.M)
    return {int(cell): verdict for verdict, cell in found}


@pytest.mark.parametrize(
    ("name", "bad_cell", "words"),
    [
        ("untouched", None, ""),
        ("number", 0, "0.0498"),
        ("picture", 1, "drawn differently now"),
        ("text_of_picture", 1, "'Another text.'"),
        ("no_picture", 1, "0 pictures are committed, 1 were drawn"),
        ("one_picture_more", 1, "2 pictures are committed, 1 were drawn"),
        ("last_bit", 2, "if the cell passes with NNLIB_WIGGLE=off"),
    ],
)
def test_exactly_the_spoilt_cell_fails(report, name, bad_cell, words):
    expected = {cell: "FAILED" if cell == bad_cell else "PASSED" for cell in range(3)}
    assert verdicts(report, name) == expected
    assert words in report


def test_the_pictures_that_differ_are_saved(report):
    saved = re.search(r"see (\S.*picture-cell1-picture1-expected\.png), ", report)
    for kind in ("expected", "actual", "difference"):
        assert Path(saved[1].replace("expected", kind)).exists()


def test_a_notebook_without_its_data_is_skipped_and_says_why(report):
    assert verdicts(report, "data_not_here") == {}
    assert re.search(r"^SKIPPED \[3\].*NNLIB_DATA", report, re.M)
