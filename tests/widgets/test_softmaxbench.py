"""The softmax bench computes what nnlib and NumPy compute; its goals want an idea, not luck."""

import itertools
import re

import numpy as np
import pytest

import nnlib
from nncourse.widgets import SoftmaxBench
from tests.widgets.ways import EVERY_WAY, by_mouse, by_touch, open_alone

ROWS = [[2, 1, -1], [0, 0, -5], [8, -8, 3], [11, 2, 2], [12, 2, 2], [-200, -201, -202],
        [90, 91, 92], [1000, 1001, 999], [-60, 60, 0], [-8, 8, 0]]  # fmt: skip
COMPUTE = """
import { half, softmax } from "./softmaxbench.js";
const text = (x) => Array.isArray(x) ? x.map(text) : String(x);
const all = (kind, stable) => given.map((z) => {
  const { p, loss } = softmax(z, 0, kind, stable);
  return text([...p, loss]);
});
const found = {};
for (const bits of ["64", "32", "16"]) {
  found["float" + bits] = all("float" + bits, true);
  found["naive" + bits] = all("float" + bits, false);
}
console.log(JSON.stringify(found));
"""


def numbers(rows):
    words = {"Infinity": np.inf, "-Infinity": -np.inf, "NaN": np.nan}
    return np.array([[words.get(one, None) or float(one) for one in row] for row in rows])


@pytest.fixture(scope="module")
def page(node):
    return node(COMPUTE, ROWS)


def test_from_logits_it_is_nnlib(page):
    Z, found = np.array(ROWS, dtype=float), numbers(page["float64"])
    assert np.abs(found[:, :3] - nnlib.activations.softmax(Z)).max() < 1e-6
    losses = [nnlib.cross_entropy(row[None], [0])[0] for row in Z]
    assert np.abs(found[:, 3] - losses).max() < 1e-6


@pytest.mark.parametrize("kind", ["float64", "float32", "float16"])
def test_as_written_it_fails_where_numpy_fails(page, kind):
    with np.errstate(all="ignore"):
        e = np.exp(np.array(ROWS, dtype=kind))
        p = e / e.sum(axis=1, keepdims=True)
        expected = np.column_stack([p, -np.log(p[:, 0])]).astype(float)
    found = numbers(page[f"naive{kind[-2:]}"])
    assert (np.isnan(found) == np.isnan(expected)).all()
    assert (np.isposinf(found) == np.isposinf(expected)).all()
    good = np.isfinite(expected)
    step = 4 * float(np.finfo(kind).eps)
    found, expected = found[good], expected[good]
    assert np.abs(found - expected).max() <= step * np.abs(expected).max()


def test_short_numbers_are_numpys(node):
    rng = np.random.default_rng(0)
    values = [*rng.normal(0, 1, 300), *np.exp(rng.uniform(-18, 12, 300)), 65519.0, 65520.0, 1e-8]
    script = 'import { half } from "./softmaxbench.js";'
    script += "console.log(JSON.stringify(given.map((x) => String(half(x)))));"
    with np.errstate(over="ignore"):
        expected = np.array(values).astype(np.float16).astype(float)
    assert (numbers([node(script, values)])[0] == expected).all()


def test_no_goal_is_free_or_luck(node):
    """Of all settings on a grid few reach a goal, and those have the reason in common."""
    levels = [-8, -5, -2, 0, 1, 4, 8]
    states = [
        {"logits": z, "temperature": T, "shift": 0, "t": 0}
        for z in itertools.product(levels, repeat=3)
        for T in (0.1, 0.5, 1, 2, 10)
    ]
    script = """
    import { scores, softmax } from "./softmaxbench.js";
    console.log(JSON.stringify(given.map((s) => { const z = scores(s);
      return [softmax(z, 0).p.every((p, k) => Math.abs(p - [0.5, 0.5, 0][k]) <= 0.01),
        softmax(z, s.t, "float16", false).e.includes(Infinity),
        softmax(z, s.t, "float32", false).loss === Infinity]; })));
    """
    found = np.array(node(script, states))
    top = np.array([max(s["logits"]) / s["temperature"] for s in states])
    lead = np.array([(max(s["logits"]) - s["logits"][0]) / s["temperature"] for s in states])
    pairs = np.array([s["logits"][0] == s["logits"][1] > s["logits"][2] for s in states])
    assert 0 < found[:, 0].mean() < 0.08 and pairs[found[:, 0]].all()
    assert (found[:, 1] == (top > 11.09)).all()  # ln 65504
    assert 0 < found[:, 2].mean() < 0.15 and (lead[found[:, 2]] > 87).all()


def drag(page, shown, which, to, way):
    """Bring the logit of a class to a value."""
    handle = shown.get_by_role("button", name=f"Logit of class {which}")
    if way == "keys":
        handle.focus()
        now = float(re.search(r", (-?[\d.]+)\. Arrow", handle.get_attribute("aria-label"))[1])
        for _ in range(round(abs(to - now) / 0.5)):
            handle.press("ArrowUp" if to > now else "ArrowDown")
        return
    chart = shown.locator("svg.nn-chart").first
    chart.scroll_into_view_if_needed()
    box, dot = chart.bounding_box(), handle.bounding_box()
    height = box["height"]
    x = (dot["x"] + dot["width"] / 2 - box["x"]) / box["width"]
    y = (dot["y"] + dot["height"] / 2 - box["y"]) / height
    wanted = (height - 38 - (to + 8) / 16 * (height - 64)) / height
    (by_mouse if way == "mouse" else by_touch)(page, chart, [(x, y), (x, wanted)])


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, way):
    page = open_alone(open_page, site_of, SoftmaxBench(), way)
    shown = page.locator(".nn-static")
    shown.get_by_role("button", name="There are no probabilities").click()
    assert "Right. On paper nothing changes" in shown.locator(".nn-line").inner_text()
    goals = shown.locator(".nn-goals li")

    def done():
        return [bool(goal.get_attribute("data-done")) for goal in goals.all()]

    assert done() == [False] * 3
    drag(page, shown, 3, -6, way)
    assert done() == [False] * 3
    drag(page, shown, 2, 2, way)
    assert done() == [True, False, False]
    temperature = shown.get_by_role("slider", name="Temperature")
    for _ in range(4):  # to 0.2: the score 10 of float16 is not yet too much
        temperature.press("ArrowLeft")
    assert done() == [True, False, False]
    drag(page, shown, 1, 2.5, way)
    assert done() == [True, True, False]
    temperature.press("ArrowLeft")
    drag(page, shown, 1, 8, way)
    drag(page, shown, 2, -3, way)
    assert done() == [True, True, True]
    shown.get_by_role("button", name="Start again").click()
    assert "0.705, 0.259, 0.035" in shown.locator(".nn-line").inner_text()
