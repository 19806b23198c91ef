"""The microscope's gradients are nnlib's; its goals are reached by multiplying, not by luck."""

import numpy as np

import nnlib
from nncourse.widgets import Microscope
from tests.widgets.ways import EVERY_WAY, open_alone, press

NAMES = ["w1", "w2", "w3", "w4", "b1", "b2", "v1", "v2", "c"]
START = [1.2, -0.8, 0.9, 1.1, -0.4, 0.3, 1.5, -1.2, 0.2]
COMPUTE = """
import { NAMES, difference, operations } from "./chain.js";
console.log(JSON.stringify(given.map(({ theta, x, t }) => {
  const all = operations(theta, x, t);
  const value = (name) => all.find(({ of }) => of === name).product;
  const ways = all.filter(({ of }) => of);
  return { cost: all[6].value, gradient: NAMES.map(value),
    nudged: NAMES.map((_, k) => difference(theta, x, t, k)),
    products: ways.map(({ local, upstream, product }) => local * upstream - product) };
})));
"""


def test_every_gradient_is_nnlibs(node):
    rng = np.random.default_rng(0)
    X, y = nnlib.datasets.load_gate("xor")
    cases = [
        {"theta": theta.tolist(), "x": X[row].tolist(), "t": int(y[row])}
        for theta in rng.normal(0, 2, (10, 9))
        for row in range(4)
    ]
    layers = [nnlib.Dense(2, "sigmoid"), nnlib.Dense(1, "sigmoid")]
    network = nnlib.Network(2, layers)
    for case, found in zip(cases, node(COMPUTE, cases)):
        network.theta[:] = case["theta"]
        cost, gradient = nnlib.mse(network.forward([case["x"]]), [case["t"]])
        network.backward(gradient)
        assert abs(found["cost"] - cost) < 1e-6
        assert np.abs(found["gradient"] - network.grad).max() < 1e-6
        assert np.abs(found["nudged"] - network.grad).max() < 1e-6
        assert set(found["products"]) == {0}


def test_no_goal_is_free_or_luck(node):
    """Of all values of all weights only v1 = 0 and v2 = 0 close one way and leave the other."""
    states = [
        {"theta": [*START[:k], value / 10, *START[k + 1 :]], "row": row, "step": step,
         "answers": ["", "", ""]}
        for k in range(9) for value in range(-40, 41) for row in range(4) for step in (0, 13, 22)
    ]  # fmt: skip
    script = 'import { blocked } from "./microscope.js";'
    found = node(f"{script}console.log(JSON.stringify(given.map(blocked)));", states)
    for state, reached in zip(states, found):
        assert reached == (state["step"] == 22 and 0 in state["theta"][6:8])


WRONG = """
import { isRight, operations } from "./chain.js";
const all = operations(given, [1, 0], 1);
console.log(JSON.stringify(["v1", "h1", "w1"].map((name) => {
  const { local, upstream, product } = all.find(({ of }) => of === name);
  const wrong = [upstream, local, -product, local + upstream, 0, 0.1, "", "x", product * 1.02];
  return [wrong.map((one) => isRight(String(one), product)), isRight(product.toFixed(5), product)];
})));
"""


def test_only_the_product_fills_a_blank(node):
    filled = node(WRONG, START)
    assert [right for _, right in filled] == [True] * 3
    (v1, h1, w1) = (wrong for wrong, _ in filled)
    assert not any(v1) and not any(h1)
    assert w1 == [True] + [False] * 8  # the local derivative is x1 = 1: the product is upstream


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, way):
    page = open_alone(open_page, site_of, Microscope(), way)
    shown = page.locator(".nn-static")
    press(way, shown.get_by_role("button", name="It rises"))
    assert "Right: the cost changes by 0.000382" in shown.locator(".nn-line").inner_text()
    goals = shown.locator(".nn-goals li[data-done]")
    on = shown.get_by_role("button", name="One operation on")
    lens = shown.locator(".nn-stage table")

    def row(name):
        return lens.get_by_role("row", name=name).locator("td").inner_text().replace("−", "-")

    filled = 0
    for step in range(8, 23):
        press(way, on)
        assert row("Operation").startswith(f"{step}: back to ")
        of = row("Operation").split()[-1]
        if row("Product") != "blank":
            continue
        blank = shown.get_by_label(f"Your dC/d{of}", exact=True)
        right = float(row("Local derivative")) * float(row("Upstream gradient"))
        blank.fill(f"{-right:.5f}")
        assert goals.count() == 0 and "not yet" in shown.locator(".nn-stage").inner_text()
        blank.fill(f"{right:.5f}")
        filled += 1
        assert goals.count() == (filled == 3)
    assert filled == 3
    names = [f"dC/d{name}," for name in NAMES]
    for line in shown.locator(".nn-foot tr").all()[:9]:
        name, numbers = line.locator("th").inner_text(), line.locator("td").inner_text()
        derivative, nudged = numbers.removesuffix(")").split(" (nudged ")
        assert derivative == nudged and name.split()[0] in names

    press(way, shown.get_by_role("button", name="weight from h1 to o"))
    assert shown.get_by_label("Weight to change").input_value() == "v1, h1 to o"
    slider = shown.get_by_role("slider", name="Its value")
    for _ in range(15):
        if way == "keys":
            slider.press("ArrowLeft")
        else:
            press(way, shown.get_by_role("button", name="Its value: one step down"))
    assert goals.count() == 1  # the way back has still to be gone
    for _ in range(22):
        press(way, on)
    assert goals.count() == 2
    state = shown.locator("section.nn").get_attribute("data-state")
    shown.get_by_role("button", name="Link to this state").click()
    shown.locator("output", has_text="The link").wait_for()
    again = open_page(page.url)
    again.locator("section.nn[data-restored]").wait_for()
    assert again.locator("section.nn").get_attribute("data-state") == state
    press(way, shown.get_by_role("button", name="Start again"))
    assert '"theta":[1.2,' in shown.locator("section.nn").get_attribute("data-state")
