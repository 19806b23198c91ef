"""A student's first ten minutes, in a real browser on JupyterLab; see student.py for all of it."""

import pytest

from tests.assignments.student import Student, lab
from tests.widgets.conftest import browser  # noqa: F401  the fixture

pytest.importorskip("jupyterlab", reason="no JupyterLab here: its tests are skipped")


def test_wrong_then_right_then_the_sheet(browser, tmp_path):  # noqa: F811
    with lab(tmp_path, ["clinic"]) as address:
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        student = Student(page, address, "clinic")
        student.begin()
        told = student.solve("dead_units", by_hand=True)
        mistake = student.assignment.mistakes[told.mistake]
        assert mistake.message in told.wrong and f"Hint: {mistake.hint}" in told.wrong
        assert "Read again: the chapter on activations" in told.wrong
        assert told.right.startswith("✓") and "✗" not in told.right
        assert told.result.startswith("biases 0: 0 of 50 dead")
        hint = page.locator(".jp-Notebook .nnc").first  # of the right answer now: no hint is left
        assert hint.is_visible() and page.locator(".jp-Notebook .nnc .say").count() == 0
        sheet, validated = student.end(tmp_path / "work")
        assert "✓ Dead units" in sheet and "1 of 12 public points" in sheet
        assert "✓ Dead units" in validated and "1 of 12 public points" in validated
        page.close()
