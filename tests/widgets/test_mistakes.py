"""Mistakes explorer: every number is nnlib's, no rounding decides one, each goal has a reason."""

import numpy as np
import pytest

import nnlib
from nncourse.widgets import MistakesExplorer, mistakes, train_mistakes
from tests.widgets.ways import EVERY_WAY, by_mouse, by_touch, open_alone, press

STUDY = """
import { both, study, worst } from "./study.js";
const { all, matrix, wrong } = study({ ...given, images: Uint8Array.from(given.images) });
console.log(JSON.stringify({ p: all.map(({ p }) => p), loss: all.map(({ loss }) => loss),
  says: all.map(({ says }) => says), matrix, wrong: wrong.map(({ k }) => k),
  worst: worst(matrix), most: both(matrix, ...worst(matrix)) }));
"""


@pytest.fixture(scope="module")
def data():
    return MistakesExplorer().data()


@pytest.fixture(scope="module")
def page(node, data):
    return node(STUDY, {name: array.ravel().tolist() for name, array in data.items()})


@pytest.fixture(scope="module")
def asked():
    """Images, digits, nnlib's probabilities and losses."""
    X, y = mistakes.asked()
    p = train_mistakes.stored().probabilities(X)
    losses = [nnlib.cross_entropy(z[None], [t])[0] for z, t in zip(train_mistakes.stored()(X), y)]
    return X, y, p, np.array(losses)


def test_the_page_says_what_nnlib_says(page, asked):
    X, y, p, losses = asked
    assert np.abs(np.array(page["p"]) - p).max() < 1e-6
    assert np.abs(np.array(page["loss"]) - losses).max() < 1e-6
    assert page["says"] == p.argmax(axis=1).tolist()
    matrix = train_mistakes.matrix_of(train_mistakes.stored(), train_mistakes.SHOWN)
    assert page["matrix"] == matrix.ravel().tolist()
    wrong = np.flatnonzero(p.argmax(axis=1) != y)
    assert page["wrong"] == wrong[p[wrong].max(axis=1).argsort()[::-1]].tolist()


def test_no_mistake_is_decided_by_rounding(page, asked):
    _, y, p, losses = asked
    two = np.sort(p, axis=1)[:, -2:]
    assert np.diff(two, axis=1).min() > 1e-4  # no answer is near another
    sure = np.sort(p[page["wrong"]].max(axis=1))
    assert np.diff(sure).min() > 1e-9  # nor is the order of the pictures
    first, second = np.sort(losses)[::-1][:2]
    assert first - second > 0.5
    both = np.sort(train_mistakes.pairs(np.reshape(page["matrix"], (10, 10))).ravel())[::-1]
    assert both[0] - both[1] >= 3


def test_what_the_texts_say_is_so(page, data):
    figure = MistakesExplorer()
    wrong = len(page["wrong"])
    assert f"wrong on {wrong}." in figure.bet.question and data["labels"].size == 1000
    assert "{} and {}".format(*page["worst"]) == figure.bet.options[1]
    assert data["variance"].sum() < 50
    # Seventy-one mistakes thrown evenly on 45 pairs hardly ever pile up as high.
    thrown = np.random.default_rng(0).integers(0, 45, (20000, wrong))
    highest = np.array([np.bincount(one).max() for one in thrown])
    assert (highest >= page["most"]).mean() < 1e-3


def test_the_cloud_is_that_of_another_library(data):
    decomposition = pytest.importorskip("sklearn.decomposition")
    X, _ = mistakes.asked()
    pca = decomposition.PCA(3).fit(X)
    assert np.abs(100 * pca.explained_variance_ratio_ - data["variance"]).max() <= 0.051
    points, reference = data["points"].reshape(-1, 3).astype(float), pca.transform(X)
    for k in range(3):
        assert abs(np.corrcoef(points[:, k], reference[:, k])[0, 1]) > 0.999
    assert np.rint(16 * X).astype(np.uint8).tolist() == data["images"].tolist()
    assert len(MistakesExplorer()._repr_html_()) < 200_000


def test_the_networks_can_be_trained_again(asked, data):
    _, y, p, _ = asked
    again = train_mistakes.trained(train_mistakes.SHOWN, train_mistakes.START)
    X, _ = mistakes.asked()
    assert (again.predict(X) == p.argmax(axis=1)).mean() > 0.98  # but for int8
    draw = train_mistakes.SHOWN + 1
    matrix = train_mistakes.matrix_of(train_mistakes.trained(draw, draw), draw)
    others = data["others"].reshape(-1, 10, 10).astype(int)
    assert len(others) == train_mistakes.OTHERS
    assert np.abs(matrix - others[0]).sum() <= 20  # of 1,000 rows; rounding grows in training
    learned, tested = train_mistakes.rows(draw)
    assert not set(learned) & set(tested)
    # In the others the same pairs lead: it is no whim of one network.
    leading = [int(train_mistakes.pairs(one).argmax()) for one in others]
    assert leading.count(18) >= 8


GAPS = """
import { APART, NEAR, gapOf } from "./study.js";
const of = (digit) => given.labels.flatMap((label, k) => (label === digit ? [k] : []));
const rows = Array.from({ length: 10 }, (_, digit) => of(digit));
const found = [];
for (let i = 0; i < 10; i++) for (let j = i + 1; j < 10; j++)
  for (let turn = -180; turn < 180; turn += 5)
    found.push([i, j, turn, gapOf(given.points, rows[i], rows[j], turn)]);
console.log(JSON.stringify([NEAR, APART, found]));
"""


def test_no_goal_is_free_or_luck(node, page, asked, data):
    _, _, _, losses = asked
    rank = page["wrong"].index(int(losses.argmax()))
    assert 5 <= rank < len(page["wrong"]) - 5  # the surest mistake is another one
    given = {"labels": data["labels"].tolist(), "points": data["points"].ravel().tolist()}
    near, apart, found = node(GAPS, given)
    from_the_front = {(i, j): gap for i, j, turn, gap in found if turn == 0}
    reached = [(i, j) for i, j, _, gap in found if gap >= apart and from_the_front[i, j] < near]
    assert set(reached) == {(0, 6), (6, 9)} and 0.002 < len(reached) / len(found) < 0.02
    both = train_mistakes.pairs(np.reshape(page["matrix"], (10, 10)))
    # What can be turned apart is hardly ever confused, and what is confused cannot be.
    assert max(both[i, j] for i, j, _, gap in found if gap >= apart) <= 2
    assert max(gap for i, j, _, gap in found if [i, j] == page["worst"]) < 2
    points = data["points"].reshape(-1, 3)
    for i, j, turn, gap in found[::97]:
        along = points @ [np.cos(np.radians(turn)), 0, np.sin(np.radians(turn))]
        one, two = along[data["labels"] == i], along[data["labels"] == j]
        spread = np.sqrt((one.var() + two.var()) / 2)
        assert gap == pytest.approx(abs(one.mean() - two.mean()) / spread, abs=1e-6)


def to_cell(shown, true, says, way):
    """Choose a cell; with the keyboard from cell to cell."""
    cell = shown.get_by_role("gridcell", name=f"true {true}, read as {says}:")
    if way != "keys":
        press(way, cell)
        return
    cells = [one.get_attribute("tabindex") for one in shown.get_by_role("gridcell").all()]
    row, column = divmod(cells.index("0"), 10)
    shown.get_by_role("gridcell").nth(10 * row + column).focus()
    keys = shown.page.keyboard
    for _ in range(abs(true - row)):
        keys.press("ArrowDown" if true > row else "ArrowUp")
    for _ in range(abs(says - column)):
        keys.press("ArrowRight" if says > column else "ArrowLeft")
    keys.press("Enter")


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, page, asked, way):
    opened = open_alone(open_page, site_of, MistakesExplorer(), way)
    shown = opened.locator(".nn-static")
    assert shown.get_by_role("gridcell", name="after the bet").count() == 90
    assert not shown.locator(".nn-shots").is_visible()
    press(way, shown.get_by_role("button", name="3 and 5"))
    line = shown.locator(".nn-line")
    assert "Not so. Spread evenly, the 71 mistakes would be 1.6" in line.inner_text()
    counts = [int(cell.inner_text() or 0) for cell in shown.get_by_role("gridcell").all()]
    assert counts == page["matrix"]
    goals = shown.locator(".nn-goals li")

    def done():
        return [bool(goal.get_attribute("data-done")) for goal in goals.all()]

    to_cell(shown, 7, 9, way)
    assert done() == [False] * 3
    i, j = page["worst"]
    to_cell(shown, j, i, way)
    assert done() == [True, False, False]
    assert f"together {page['most']} of 71 mistakes" in line.inner_text()
    shown.get_by_label("Pictures", exact=True).select_option("all mistakes")
    pictures = shown.locator(".nn-shots button")
    assert pictures.count() == 71
    rank = page["wrong"].index(int(asked[3].argmax()))
    if way == "keys":
        pictures.first.focus()
        for _ in range(rank):
            opened.keyboard.press("ArrowRight")
            opened.keyboard.press("Enter")
            expected = opened.evaluate("document.activeElement.getAttribute('aria-pressed')")
            assert expected == "true"
    else:
        press(way, pictures.first)
        assert not done()[1]
        press(way, pictures.nth(rank))
    assert done() == [True, True, False]
    assert f"its loss is {asked[3].max():.1f}" in line.inner_text()
    to_cell(shown, 6, 9, way)
    assert done() == [True, True, False]
    cloud, slider = shown.locator(".nn-cloud"), shown.get_by_role("slider", name="Turn")
    if way == "keys":
        for _ in range(8):
            slider.press("ArrowLeft")
    else:
        cloud.scroll_into_view_if_needed()
        across = 64 / cloud.bounding_box()["width"]
        drawn = by_mouse if way == "mouse" else by_touch
        drawn(opened, cloud, [(0.6, 0.5), (0.6 - across / 2, 0.5), (0.6 - across, 0.5)])
    assert abs(int(slider.get_attribute("aria-valuetext").strip("°")) + 40) <= 5
    assert done() == [True, True, True]
    state = shown.locator("section.nn").get_attribute("data-state")
    shown.get_by_role("button", name="Link to this state").click()
    shown.locator("output", has_text="The link").wait_for()
    again = open_page(opened.url)
    again.locator("section.nn[data-restored]").wait_for()
    assert again.locator("section.nn").get_attribute("data-state") == state
    press(way, shown.get_by_role("button", name="Start again"))
    assert '"cell":-1' in shown.locator("section.nn").get_attribute("data-state")


def test_a_small_picture_is_the_image_in_both_modes(open_page, site_of, data):
    """Its bytes are written one by one: a browser reads from them what was recorded."""
    shown = open_page((site_of(MistakesExplorer()) / "index.html").as_uri()).locator(".nn-static")
    shown.locator("[data-skip]").click()
    read = """async (button) => {
      const image = button.querySelector("img");
      await image.decode();
      const pen = new OffscreenCanvas(8, 8).getContext("2d");
      pen.drawImage(image, 0, 0);
      const { data } = pen.getImageData(0, 0, 8, 8);
      const grey = [...data].filter((_, k) => k % 4 === 0);
      return [Number(button.dataset.image), grey, [...data].every((one, k) => one === grey[k >> 2]
        || k % 4 === 3 && one === 255)];
    }"""
    for background, (paper, ink) in [("#fff", (255, 20)), ("#111", (30, 235))]:
        shown.page.evaluate("colour => document.body.style.background = colour", background)
        shown.locator(f".nn[data-dark={'true' if paper == 30 else 'false'}]").wait_for()
        which, grey, is_grey = shown.locator(".nn-shots button").nth(3).evaluate(read)
        share = data["images"].reshape(-1, 64)[which] / 16
        expected = paper + (ink - paper) * share
        assert np.abs(np.array(grey) - expected).max() <= 0.5
        assert is_grey


def test_the_cloud_turns_under_the_hand_and_lies_flat_again(open_page, site_of, asked):
    address = (site_of(MistakesExplorer()) / "index.html").as_uri()
    page = open_page(address)
    shown = page.locator(".nn-static")
    shown.locator("[data-skip]").click()
    cloud = shown.locator(".nn-cloud")
    cloud.scroll_into_view_if_needed()
    box = cloud.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 48, middle[1] + 16, steps=6)
    page.mouse.up()
    turn = shown.get_by_role("slider", name="Turn")
    assert turn.get_attribute("aria-valuetext") == "30°"
    assert shown.get_by_role("slider", name="Tilt").get_attribute("aria-valuetext") == "10°"
    assert "Turned by 30 degrees, tilted by 10" in cloud.get_attribute("aria-label")
    before = shown.locator("section.nn").get_attribute("data-state")
    page.mouse.click(middle[0], middle[1])  # a press without a drag picks a point
    assert shown.locator("section.nn").get_attribute("data-state") != before
    shown.get_by_role("button", name="axes 1 and 3").click()
    assert "Turned by 0 degrees, tilted by 90" in cloud.get_attribute("aria-label")
