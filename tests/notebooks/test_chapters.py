"""The form of every chapter, and the numbers in its prose.

That the outputs are what today's code gives is nbval's part: pytest collects
the notebooks in chapters/ as tests of their own.
"""

from pathlib import Path

import nbformat
import pytest
from sphinx_external_toc.parsing import parse_toc_yaml

from tests.notebooks import prose, structure
from tools.notebooks import REPOSITORY, chapters

each_chapter = pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)


def report(faults: list[str]) -> None:
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@each_chapter
def test_form(path):
    report(structure.faults(path))


@each_chapter
def test_numbers_in_the_prose_were_measured(path):
    report(prose.faults(nbformat.read(path, as_version=4)))


@each_chapter
def test_plain_numbers_look_like_plain_numbers(path):
    report(prose.dressed_numbers(nbformat.read(path, as_version=4)))


def test_every_chapter_is_in_the_table_of_contents():
    listed = {Path(page).stem for page in parse_toc_yaml(REPOSITORY / "_toc.yml")}
    missing = sorted({path.stem for path in chapters()} - listed)
    assert not missing, f"add to _toc.yml: {missing}"
