"""What `nncourse.widgets.explore` leaves on the page, where there is no kernel."""

import nbformat
import pytest

from tests.site.inspector import LOADED, PHONE
from tools.notebooks import CHAPTERS, chapters

# Of a page: each cell's code, and what its output holds.
CELLS = r"""() => [...document.querySelectorAll("article div.cell")].map((cell) => ({
  code: cell.querySelector(".cell_input")?.textContent ?? "",
  lines: [...cell.querySelectorAll(".cell_output > p")].map((one) => one.textContent),
  // A picture with a size stands in a link to itself; of a light and a dark form one is shown.
  pictures: [...cell.querySelectorAll(".cell_output img")].filter((one) => one.checkVisibility())
    .map((one) => ({ alt: one.alt, loaded: one.naturalWidth,
      above: (one.closest("a") ?? one).previousElementSibling?.textContent,
      right: one.getBoundingClientRect().right })),
  controls: cell.querySelectorAll(
    ".cell_output :is(input, select, button:not(.copybtn), [role=slider], .jupyter-widgets)"
  ).length,
  ways: [...cell.querySelectorAll(".cell_output > p > a")].map((one) => one.href),
})).filter((cell) => cell.code.includes("explore("))"""


def stored(name):
    """The lines and the pictures' texts of each `explore` in a chapter's file."""
    for cell in nbformat.read(CHAPTERS / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and "explore(" in cell.source:
            data = [output.data for output in cell.outputs if "data" in output]
            lines = [one["text/markdown"].strip("*") for one in data if "text/markdown" in one]
            yield lines, [one["text/plain"] for one in data if "image/png" in one]


def without_grid():
    """The chapters with an `explore` that has a few recorded settings and no grid of them."""
    for path in chapters():
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and "explore(" in cell.source:
                if "grid=" not in cell.source:
                    yield path.stem


@pytest.mark.parametrize("name", sorted(set(without_grid())))
def test_recorded_settings_stand_on_the_page_and_no_control(inspector, site, name):
    page, faults = inspector.open(f"{site.as_uri()}/chapters/{name}.html")
    try:
        page.set_viewport_size(PHONE)
        page.evaluate(LOADED)
        cells, expected = page.evaluate(CELLS), list(stored(name))
        assert len(cells) == len(expected) == 1
        for cell, (lines, texts) in zip(cells, expected, strict=True):
            assert len(texts) >= 2
            assert [picture["alt"] for picture in cell["pictures"]] == texts
            assert [picture["above"] for picture in cell["pictures"]] == lines[1:]
            assert cell["lines"][1:] == lines[1:]
            assert cell["lines"][0].startswith("Recorded at a few settings.")
            assert all(0 < picture["right"] <= PHONE["width"] for picture in cell["pictures"])
            assert all(picture["loaded"] for picture in cell["pictures"])
            assert cell["controls"] == 0
            assert [way.rsplit("/", 1)[1] for way in cell["ways"]] == ["how_to_use.html#running"]
        assert faults == []
    finally:
        page.close()
