"""The regularization bench: records are fresh, and its goals are reached by a reason."""

import numpy as np
import pytest

from nncourse.widgets import RegularizationBench
from nncourse.widgets import record_regularization as record
from tests.widgets.ways import EVERY_WAY, open_alone

SETTINGS = record.settings_of()
STATES = [
    {"cure": cure, "strength": record.STRENGTHS[cure].index(value) + 1 if value else 1,
     "draw": draw + 1}
    for draw in range(record.DRAWS) for cure, value in SETTINGS
]  # fmt: skip


@pytest.fixture(scope="module")
def stored():
    with np.load(record.FILE) as file:
        return dict(file)


@pytest.mark.parametrize("one", [("none", 0.0), ("L2", 0.01), ("L1", 0.003), ("dropout", 0.3),
                                 ("early", 20)])  # fmt: skip
def test_the_records_are_what_nnlib_does_today(stored, one):
    for name, values in record.recorded_run(0, *one).items():
        apart = np.abs(np.asarray(values, int) - stored[name][SETTINGS.index(one)])
        assert apart.max() <= (13 if name == "scores" else 2), name  # a row of 80 is 12.5


def test_shifted_points_are_recorded_freshly_too(stored, monkeypatch):
    """In small: the first 20 epochs of the longest of the runs."""
    monkeypatch.setattr(record, "EPOCHS", 20)
    fresh = record.recorded_run(1, "shifted", 0.3)["validation"]
    at = len(SETTINGS) + SETTINGS.index(("shifted", 0.3))
    assert np.abs(fresh.astype(int) - stored["validation"][at][:3]).max() <= 1


PAGE = """
import { STRENGTHS, reached, runOf } from "./regularizationbench.js";
const { data, states } = given;
console.log(JSON.stringify([STRENGTHS, states.map((state) => {
  const { surface, curves, ...rest } = runOf(data, state);
  return { ...rest, reached: reached(data, state), last: curves[0].at(-1) };
})]));
"""


@pytest.fixture(scope="module")
def page(node):
    data = {name: values.tolist() for name, values in RegularizationBench().data().items()}
    strengths, runs = node(PAGE, {"data": data, "states": STATES})
    assert {cure: tuple(values) for cure, values in strengths.items()} == record.STRENGTHS
    return runs


def test_the_page_finds_each_run(stored, page):
    for k, run in enumerate(page):
        assert [run["train"], run["validation"]] == (stored["losses"][k] / 1000).tolist()
        assert run["norm"] == stored["norm"][k] / 100
        assert run["epochs"] == stored["epochs"][k]


def test_no_cure_lowers_the_training_loss(page):
    """What the bet is about holds for every cure, strength and draw."""
    for state, run in zip(STATES, page):
        start = page[len(SETTINGS) * (state["draw"] - 1)]
        assert state["cure"] == "none" or run["train"] >= start["train"]
    assert page[SETTINGS.index(("L2", 0.003))]["train"] > page[0]["train"] + 0.02


def test_no_goal_is_free_or_luck(page):
    reached = np.array([run["reached"] for run in page])
    draws = np.array([state["draw"] for state in STATES])
    cures = np.array([state["cure"] for state in STATES])
    assert not reached[cures == "none"].any()
    small_gap, chance, better_loss = reached.T
    for draw in (1, 2, 3):  # reached in every draw, and never by more than a sixth of the settings
        assert 1 <= small_gap[draws == draw].sum() <= 6
        assert 1 <= chance[draws == draw].sum() <= 6
    assert set(cures[small_gap]) <= {"early", "shifted"}
    assert set(cures[chance]) == {"L2", "L1"}
    for state, run, hit in zip(STATES, page, chance):
        if hit:  # it has learned nothing, and is strong
            assert run["rightNew"] < 0.53 and state["strength"] >= 5
    assert 1 <= better_loss[draws == 1].sum() <= 7 and better_loss.mean() < 0.15


def test_the_page_gets_little_data():
    assert len(RegularizationBench().recording) < 100_000


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, way):
    browser_page = open_alone(open_page, site_of, RegularizationBench(), way)
    shown = browser_page.locator(".nn-static")
    option = shown.get_by_role("button", name="The one without")
    option.focus()
    {"mouse": option.click, "touch": option.tap, "keys": lambda: option.press("Enter")}[way]()
    assert "Right: 0.238 without the penalty, 0.28" in shown.locator(".nn-line").inner_text()
    goals = shown.locator(".nn-goals li")

    def done():
        return [bool(goal.get_attribute("data-done")) for goal in goals.all()]

    def step(sign):
        if way == "keys":
            slider = shown.get_by_role("slider", name="Strength", exact=True)
            slider.press("ArrowRight" if sign == "up" else "ArrowLeft")
        else:
            button = shown.get_by_role("button", name=f"Strength: one step {sign}")
            button.click() if way == "mouse" else button.tap()

    assert done() == [False] * 3
    shown.get_by_label("Cure", exact=True).select_option("L2 penalty")
    assert done() == [False] * 3
    step("up")
    assert done() == [False, False, True]
    step("up")
    assert done() == [False, True, True]
    shown.get_by_label("Cure", exact=True).select_option("shifted data")
    assert done() == [True] * 3
    assert "Points shifted anew each epoch, deviation 0.5" in shown.inner_text()
    shown.get_by_role("button", name="Start again").click()
    assert "Without a cure: training loss 0.238" in shown.locator(".nn-line").inner_text()
