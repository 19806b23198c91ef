"""The table of what the sources hold leads to pages and headings that exist."""

import re

import nbformat
import pytest

from tools.notebooks import CHAPTERS

ROW = re.compile(r'\((?P<page>\w+\.ipynb)\)(?:, "(?P<heading>[^|]+)")? \|$', re.MULTILINE)
TABLE = (CHAPTERS / "COVERAGE.md").read_text(encoding="utf-8")
PLACES = [(match["page"], match["heading"]) for match in ROW.finditer(TABLE)]


def headings(page: str) -> set[str]:
    notebook = nbformat.read(CHAPTERS / page, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return {heading.strip() for heading in re.findall(r"^#{1,3} (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize(("page", "heading"), sorted(set(PLACES), key=str))
def test_every_place_exists(page, heading):
    assert (CHAPTERS / page).exists()
    assert heading is None or heading in headings(page)


def test_every_row_names_a_place():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) - TABLE.count("| topic, ") == len(PLACES) > 40
