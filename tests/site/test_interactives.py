"""The figures on the pages of the built book, over http and from a folder: by their numbers."""

import re

import numpy as np
import pytest

from nncourse.widgets.base import RECORDED

PLAYERS = {
    "index": "noisy_xor",
    "03_gates": "xor",
    "08_digits": "digits",
    "10_regularization": "noisy_xor",
}


@pytest.fixture(scope="module")
def address(site, serve):
    return {"http": serve(site), "file": site.as_uri()}


@pytest.fixture
def figure(inspector, address):
    """Open a page at one of its figures; the test fails if the page complains."""
    opened = []

    def show(page, how, module, after=""):
        page, faults = inspector.open(f"{address[how]}/chapters/{page}.html{after}")
        opened.append((page, faults))
        shown = page.locator(f".nn-static[data-module={module}]").first
        shown.scroll_into_view_if_needed()
        shown.locator(".nn[data-epoch]").wait_for()
        return shown

    yield show
    faults = [fault for _, faults in opened for fault in faults]
    for page, _ in opened:
        page.close()
    assert faults == []


def press(shown, name):
    shown.get_by_role("button", name=name, exact=True).click()


def losses(shown):
    cells = shown.locator(".nn-numbers output").all_inner_texts()
    return [float(cells[0]), float(cells[2])]


@pytest.mark.parametrize("how", ["http", "file"])
@pytest.mark.parametrize("page", PLAYERS)
def test_the_player_trains_as_nnlib_did(figure, page, how):
    shown = figure(page, how, "player")
    with np.load(RECORDED / f"player_{PLAYERS[page]}.npz") as arrays:
        recorded = np.stack([arrays["train"], arrays["validation"]], axis=1)
    press(shown, "Skip")
    assert losses(shown) == pytest.approx(recorded[0], abs=6e-4)
    press(shown, "One epoch")
    press(shown, "One epoch")
    assert losses(shown) == pytest.approx(recorded[2], abs=6e-4)


@pytest.mark.parametrize("how", ["http", "file"])
def test_a_cell_of_the_heatmap_and_a_link_to_it(figure, how):
    shown = figure("11_hyperparameters", how, "heatmap")
    cell = shown.get_by_role("gridcell", name=re.compile("learning rate 0.1, L2 0.0001"))
    cell.click()
    with np.load(RECORDED / "heatmap_digits_7.npz") as arrays:
        score = arrays["validation_last"][4 * 7 + 1] / 100  # the fifth rate, the second strength
    assert float(cell.inner_text()) == pytest.approx(score, abs=0.051)
    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    link = shown.page.url
    again = figure("11_hyperparameters", how, "heatmap", after="#" + link.split("#")[1])
    again.locator(".nn[data-restored]").wait_for()
    assert again.get_by_role("gridcell", selected=True).inner_text() == cell.inner_text()
    assert again.locator(".nn-covered").count() == 48


def test_the_title_page_opens_with_a_figure(figure):
    shown = figure("index", "http", "player")
    assert shown.bounding_box()["y"] < 2 * 900  # within two screens of a desk


def test_pictures_inside_a_figure_stand_on_no_card_in_the_dark(inspector, site):
    """The light card of the page's own pictures would leave a thumbnail little room."""
    context = inspector.browser.new_context(color_scheme="dark")
    try:
        page = context.new_page()
        page.goto((site / "chapters" / "08_digits.html").as_uri(), wait_until="load")
        shown = page.locator('.nn-static[data-module="mistakes"]')
        shown.scroll_into_view_if_needed()
        shown.get_by_role("button", name="3 and 5").click()
        thumbnail = shown.locator(".nn-shots img").first
        look = "one => { const s = getComputedStyle(one); return [s.padding, s.filter]; }"
        assert thumbnail.evaluate(look) == ["0px", "none"]
    finally:
        context.close()
