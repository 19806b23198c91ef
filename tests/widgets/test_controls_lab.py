"""Controls of `explore` in JupyterLab: a kernel that draws, and the picture that answers."""

import json
import urllib.request

import nbformat
import pytest

from nncourse import figures
from tests.widgets import jupyter
from tests.widgets.test_lab import lab, run_cell, save_and_reopen  # noqa: F401 - a fixture

DRAW = """
import matplotlib.pyplot as plt
from nncourse import figures

def line(end, colour):
    if end > 0.9:
        raise ValueError("higher than <0.9>")
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.plot([0, 1], [0, end], color=colour)
    return figure, f"A {colour} line that ends at a height of {end:.1f}."
"""
SHOW = """
from nncourse.widgets import explore
explore(line, recorded=[dict(end=0.5, colour="red"), dict(end=0.2, colour="blue")],
        end=(0.0, 1.0, 0.1), colour=["red", "blue"])
"""
# The bytes of the picture that is shown, as text.
BYTES = "(picture) => picture.src.split('base64,')[1]"


@pytest.fixture(scope="module")
def notebook(lab, browser):  # noqa: F811
    """A notebook with one `explore`, run in JupyterLab."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in (DRAW, SHOW, "print(6 * 7)")]
    content = nbformat.v4.new_notebook(cells=cells)
    content.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    body = json.dumps({"type": "notebook", "content": content}).encode()
    address = f"{lab}api/contents/controls.ipynb"
    urllib.request.urlopen(urllib.request.Request(address, body, method="PUT")).close()
    with jupyter.opened(browser, f"{lab}lab/tree/controls.ipynb?reset") as page:
        yield page


def expected(end, colour):
    """The bytes of the picture that this process draws."""
    names = {}
    exec(DRAW, names)
    figure, alt = names["line"](end, colour)
    return figures.picture(figure, alt=alt)[0]["image/png"]


def test_a_slider_and_a_choice_redraw_the_figure(notebook):
    run_cell(notebook, 1)
    picture = notebook.locator(".jp-OutputArea-output img:visible")
    picture.wait_for()
    assert picture.count() == 1  # the recorded states are for where no kernel is
    for words in ("Recorded at a few settings", "end\xa0=\xa00.2"):
        assert not notebook.get_by_text(words).is_visible()
    assert picture.evaluate(BYTES) == expected(0.5, "red")

    slider = notebook.get_by_role("slider")
    slider.press("ArrowRight")
    notebook.get_by_alt_text("A red line that ends at a height of 0.6.").wait_for()
    assert picture.evaluate(BYTES) == expected(0.6, "red") != expected(0.5, "red")
    assert notebook.locator(".widget-readout").inner_text() == "0.6"
    assert run_cell(notebook, 2) == "42\n"

    notebook.get_by_label("colour").select_option("blue")
    notebook.get_by_alt_text("A blue line that ends at a height of 0.6.").wait_for()
    assert picture.evaluate(BYTES) == expected(0.6, "blue")


def test_an_error_is_shown_where_the_reader_looks_and_goes_away(notebook):
    run_cell(notebook, 1)
    slider = notebook.get_by_role("slider")
    slider.press("End")
    alert = notebook.locator(".jp-OutputArea").get_by_role("alert")
    assert alert.inner_text() == "ValueError: higher than <0.9>"
    slider.press("Home")
    notebook.get_by_alt_text("A red line that ends at a height of 0.0.").wait_for()
    assert alert.count() == 0
    stored = notebook.evaluate(
        "jupyterapp.shell.currentWidget.content.widgets[1].model.outputs.toJSON().length"
    )
    # The live view, the way to a kernel, two lines, two pictures: no figure fell out.
    assert stored == 6


def test_a_notebook_that_was_run_and_saved_shows_the_recorded_states(notebook):
    save_and_reopen(notebook)
    jupyter.wait_for_kernel(notebook)
    notebook.get_by_text("end\xa0=\xa00.2").wait_for()
    pictures = notebook.locator(".jp-OutputArea-output img:visible")
    assert notebook.get_by_text("To turn the knobs yourself").is_visible()
    shown = [picture.evaluate(BYTES) for picture in pictures.all()]
    assert shown == [expected(0.5, "red"), expected(0.2, "blue")]
