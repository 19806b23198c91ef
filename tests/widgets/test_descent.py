"""The one-slider figure: its steps are nnlib's, its goals are reached by understanding."""

import numpy as np
import pytest

import nnlib
from nncourse.widgets import Descent


@pytest.mark.parametrize("rate", [0.1, 1.0, 2.0, 2.5])
def test_steps_agree_with_nnlib(node, rate):
    script = 'import { walk } from "./descent.js"; console.log(JSON.stringify(walk(given)));'
    page = node(script, rate)
    w = np.array([-4.0])
    rule, found = nnlib.SGD(rate), [-4.0]
    for _ in range(20):
        rule.step(w, w.copy())
        found.append(float(w[0]))
    assert page == pytest.approx(found, rel=1e-9)


def test_each_goal_has_its_reason(open_page, site_of):
    """One rate of fifty arrives in a step, one jumps for ever; too small and too large fail."""
    page = open_page((site_of(Descent()) / "index.html").as_uri())
    shown = page.locator(".nn-static")
    shown.get_by_role("button", name="Place the bet").click()
    slider = shown.get_by_role("slider", name="Learning rate")
    slider.press("Home")
    reached = {0: [], 1: [], 2: []}
    for _ in range(50):
        rate = float(shown.locator(".nn-slider output:visible").inner_text())
        for k, goal in enumerate(shown.locator(".nn-goals li").all()):
            if goal.get_attribute("data-done") and not reached[k]:
                reached[k].append(rate)
        slider.press("ArrowRight")
    assert reached == {0: [0.25], 1: [1], 2: [2]}
