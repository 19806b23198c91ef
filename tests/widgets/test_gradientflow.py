"""Gradient flow computes what nnlib computes; its goals are reached by a reason, in every draw."""

import itertools

import numpy as np
import pytest

import nnlib
from nncourse.experiments.activations import sizes_by_layer
from nncourse.widgets import GradientFlow
from nncourse.widgets.problems import random_numbers
from tests.widgets.ways import EVERY_WAY, open_alone

TIMES = [0.5, 0.7, 1, 1.2, 1.414, 1.6, 2, 3, 4, 5, 6, 7.071, 8, 10, 14, 20]
ACTIVATIONS = ["sigmoid", "tanh", "relu", "elu", "identity"]
DATA = GradientFlow().data()
X, Y = DATA["X"].reshape(-1, 64) / 20, DATA["y"]

FLOW = """
import { rowsOf } from "./gradientflow.js";
import { flow } from "./flow.js";
const X = rowsOf(given);
console.log(JSON.stringify(given.states.map((state) => {
  const { layers, ...rest } = flow(state, X, given.y);
  const of = (name) => layers.map((one) => one[name]);
  return { ...rest, forwards: of("forwards"), backwards: of("backwards"),
    derivatives: of("derivative"), shares: of("saturated"), deads: of("dead") };
})));
"""


def in_the_page(node, states):
    return node(FLOW, {"X": DATA["X"].tolist(), "y": Y.tolist(), "states": states})


def normals(seed, layer, shape):
    """The numbers of ``flow.js``, by Box and Muller."""
    count = int(np.prod(shape))
    raw = np.array(list(itertools.islice(random_numbers(seed, layer), 2 * count)), float)
    first, second = raw[::2], raw[1::2]
    size = np.sqrt(-2 * np.log((first + 1) / 2**32))
    return (size * np.cos(2 * np.pi * second / 2**32)).reshape(shape)


def in_nnlib(state):
    """The same network, made of nnlib's layers."""
    hidden = [nnlib.Dense(50, state["activation"]) for _ in range(state["depth"])]
    network = nnlib.Network(64, [*hidden, nnlib.Dense(10)], loss="cross_entropy")
    for k, layer in enumerate(network.layers):
        last = k == state["depth"]
        deviation = (1 if last else state["times"]) * np.sqrt(2 / sum(layer.W.shape))
        layer.W[...] = deviation * normals(state["seed"], 100 if last else k + 1, layer.W.shape)
        layer.b[...] = 0
    return network


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sizes_ratio_and_shares_are_nnlibs(node, activation):
    states = [
        {"activation": activation, "depth": depth, "times": times, "seed": seed}
        for depth, times, seed in [(8, 1, 1), (2, 0.5, 2), (20, 1.414, 3), (8, 7.071, 4)]
    ]
    for state, page in zip(states, in_the_page(node, states)):
        network = in_nnlib(state)
        forwards, backwards = sizes_by_layer(network, X, Y)
        np.testing.assert_allclose(page["forwards"], forwards, rtol=1e-6)
        np.testing.assert_allclose(page["backwards"], backwards, rtol=1e-6)
        assert page["ratio"] == pytest.approx(backwards[0] / backwards[-1], rel=1e-6)
        f = nnlib.activations.get(activation)
        for k, layer in enumerate(network.layers[:-1]):
            a = network.trace[k].output
            slopes = f.backward(a, np.ones_like(a))
            assert page["derivatives"][k] == pytest.approx(np.sqrt((slopes**2).mean()), rel=1e-6)
            assert page["deads"][k] == pytest.approx((a == 0).all(axis=0).mean())
            if activation in ("sigmoid", "tanh"):
                from nnlib.examine_setup import saturated

                assert page["shares"][k] == pytest.approx(saturated(a, layer), abs=1e-3)


def test_the_weights_gradients_follow_from_the_deltas_shown(node):
    """PageNetwork keeps dC/dz of each layer; with its inputs it is nnlib's dC/dW and dC/db."""
    state = {"activation": "elu", "depth": 3, "times": 2, "seed": 1}
    script = """
    import { rowsOf } from "./gradientflow.js";
    import { deep } from "./flow.js";
    import { measureLoss } from "./network.js";
    const network = deep(given.state);
    const n = given.y.length;
    const output = network.forward(rowsOf(given), n);
    const { value, slope } = measureLoss("cross_entropy", output, given.y);
    network.backward(slope, n);
    console.log(JSON.stringify([value, [...network.theta], [...network.grad]]));
    """
    given = {"X": DATA["X"].tolist(), "y": Y.tolist(), "state": state}
    value, theta, gradient = node(script, given)
    network = in_nnlib(state)
    loss, slope = nnlib.cross_entropy(network.forward(X), Y)
    network.backward(slope)
    assert value == pytest.approx(loss, rel=1e-6)
    np.testing.assert_allclose(theta, network.theta, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(gradient, network.grad, rtol=1e-6, atol=1e-12)


def level(node, activation, depth):
    """Which of the weights keep the gradient level, for each of the five draws."""
    found = []
    for seed in range(1, 6):
        states = [
            {"activation": activation, "depth": depth, "times": times, "seed": seed}
            for times in TIMES
        ]
        ratios = [one["ratio"] for one in in_the_page(node, states)]
        found.append([t for t, ratio in zip(TIMES, ratios) if 0.3 <= ratio <= 3])
        if activation == "sigmoid":
            assert ratios[TIMES.index(1)] < 1e-4  # the answer of the bet, in every draw
    return found


def test_only_a_reason_keeps_the_gradient_level(node):
    for times in level(node, "sigmoid", 8):  # large weights, and never Glorot's or He's
        assert 10 in times and set(times) <= {7.071, 8, 10, 14}
    found = level(node, "relu", 20)  # He's and no other; in one draw of five not even that
    assert sorted(found) == [[], [1.414], [1.414], [1.414], [1.414]] and found[0]


def test_only_deep_and_saturated_tanh_reaches_the_second_goal(node):
    for activation in ACTIVATIONS:
        states = [
            {"activation": activation, "depth": depth, "times": times, "seed": 1}
            for depth in (2, 8, 14, 20) for times in TIMES
        ]  # fmt: skip
        exploded = [
            state for state, one in zip(states, in_the_page(node, states))
            if one["ratio"] > 1000 and one["saturated"] > 0.5
        ]  # fmt: skip
        if activation != "tanh":
            assert not exploded
            continue
        assert 5 <= len(exploded) <= 20
        assert min(s["depth"] for s in exploded) >= 8 and min(s["times"] for s in exploded) >= 4
    states = [
        {"activation": "tanh", "depth": 20, "times": 8, "seed": seed} for seed in range(1, 6)
    ]
    for one in in_the_page(node, states):
        assert one["ratio"] > 1000 and one["saturated"] > 0.5


def put(way, shown, name, steps):
    """Move a slider by steps: by keys, or with the buttons at its ends."""
    slider = shown.get_by_role("slider", name=name, exact=True)
    sign = "up" if steps > 0 else "down"
    for _ in range(abs(steps)):
        if way == "keys":
            slider.press("ArrowRight" if steps > 0 else "ArrowLeft")
        else:
            button = shown.get_by_role("button", name=f"{name}: one step {sign}")
            button.click() if way == "mouse" else button.tap()


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, way):
    page = open_alone(open_page, site_of, GradientFlow(), way)
    shown = page.locator(".nn-static")
    gradients = shown.locator("svg.nn-chart").nth(1)
    assert "ratio" not in gradients.get_attribute("aria-label")  # nothing before the bet
    assert gradients.locator(".nn-point").count() == 1
    option = shown.get_by_role("button", name="Less than a ten-thousandth")
    option.focus()
    {"mouse": option.click, "touch": option.tap, "keys": lambda: option.press("Enter")}[way]()
    assert "Right: it is 1/" in shown.locator(".nn-line").inner_text()
    assert gradients.locator(".nn-point").count() == 8
    goals = shown.locator(".nn-goals li")

    def done():
        return [bool(goal.get_attribute("data-done")) for goal in goals.all()]

    assert done() == [False] * 3
    put(way, shown, "First weights, times Glorot's", 11)
    assert done() == [True, False, False]
    assert "keeps its size" in shown.locator(".nn-line").inner_text()
    shown.get_by_label("Activation", exact=True).select_option("ReLU")
    put(way, shown, "First weights, times Glorot's", -9)
    put(way, shown, "Hidden layers", 12)
    assert done() == [True, False, True]
    shown.get_by_label("Activation", exact=True).select_option("tanh")
    assert done() == [True, False, True]
    put(way, shown, "First weights, times Glorot's", 6)
    assert done() == [True, True, True]
    spent = page.evaluate(
        """() => { const [slider] = document.querySelectorAll(".nn-controls input[type=range]");
          const times = [];
          for (let k = 0; k < 9; k++) { slider.value = 10 + k; const before = performance.now();
            slider.dispatchEvent(new Event("input")); times.push(performance.now() - before); }
          return times.sort((a, b) => a - b)[4]; }"""
    )
    print(f"a redraw takes {spent:.0f} ms")
    shown.get_by_role("button", name="Start again").click()
    assert '"times":1,' in shown.locator("section.nn").get_attribute("data-state")
