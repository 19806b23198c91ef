"""Every simple figure in JupyterLab with a real kernel: shown, worked once, brought back."""

import json
import urllib.request

import nbformat
import pytest

from nncourse.widgets import registry
from nncourse.widgets.simple import SimpleFigure
from tests.widgets import jupyter
from tests.widgets.test_lab import lab  # noqa: F401 (a fixture)

NAMES = [
    name for name in registry.FIGURES if issubclass(registry.figure_class(name), SimpleFigure)
]

# Brings a cell into sight and waits until its figure can be used.
SHOW = """async (which) => {
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = which;
  await content.scrollToItem(which);
  const cell = content.widgets[which].node;
  for (;;) {
    const shown = cell.querySelector("section.nn[data-ready]");
    if (shown) {
      shown.scrollIntoView({ block: "start" });
      return shown.dataset.figure = String(which);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


@pytest.fixture(scope="module")
def notebook(lab, browser):  # noqa: F811
    """A notebook with one figure a cell, opened in JupyterLab and run to the end."""
    cells = [f"from nncourse.widgets import {name}\n{name}()" for name in NAMES]
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    wish = urllib.request.Request(
        lab + "api/contents/ten.ipynb", method="PUT", headers={"Content-Type": "application/json"},
        data=json.dumps({"type": "notebook", "content": made}).encode(),
    )  # fmt: skip
    urllib.request.urlopen(wish, timeout=20).close()
    with jupyter.opened(browser, lab + "lab/tree/ten.ipynb?reset", 60_000) as page:
        yield page


def numbers(shown):
    return shown.locator(".nn-numbers output").all_inner_texts()


def by_slider(shown, before):
    """Move the first slider that changes the numbers by a step."""
    for slider in shown.locator(".nn-controls input[type=range]:visible:enabled").all():
        value = slider.input_value()
        slider.press("ArrowLeft" if value == slider.get_attribute("max") else "ArrowRight")
        assert abs(float(slider.input_value()) - float(value)) == 1
        if numbers(shown) != before:
            return
    raise AssertionError(f"no slider changes the numbers: {before}")


def by_cell(shown, before):
    """Press the cell of sevens that are read as nines."""
    shown.get_by_role("gridcell").nth(79).click()


def to_the_end(shown, before):
    """All operations, forward and backward."""
    shown.get_by_role("slider", name="Operations done").press("End")


DEEDS = {"Microscope": to_the_end, "MistakesExplorer": by_cell}


@pytest.mark.parametrize("which", range(len(NAMES)), ids=NAMES)
def test_a_control_changes_its_numbers_and_start_again_brings_them_back(notebook, which):
    shown = notebook.locator(f"section.nn[data-figure='{notebook.evaluate(SHOW, which)}']")
    skip = shown.locator("[data-skip]:visible")
    if skip.count():
        skip.first.click()
    before = numbers(shown)
    DEEDS.get(NAMES[which], by_slider)(shown, before)
    after = numbers(shown)
    assert after != before and any(letter.isdigit() for letter in "".join(after))
    shown.get_by_role("button", name="Start again", exact=True).click()
    assert numbers(shown) == before
