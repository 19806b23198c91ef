"""What is wrong with this run: records are fresh, evidence suffices, and luck does not."""

import itertools

import numpy as np
import pytest

from nncourse.widgets import WrongRun
from nncourse.widgets import record_wrongrun as record
from tests.widgets.ways import EVERY_WAY, open_alone, press

ORDER = [recipe.cause for recipe in record.RUNS]
CURES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}  # cause -> the change that mends it


@pytest.fixture(scope="module")
def stored():
    with np.load(record.FILE) as file:
        return dict(file)


@pytest.mark.parametrize("run", range(6), ids="ABCDEF")
def test_the_records_are_what_nnlib_does_today(stored, run):
    """Each run as it is, and after its cure, trained again."""
    recipe = record.RUNS[run]
    for change in (None, list(record.CHANGES.values())[CURES[recipe.cause]]):
        treated = change(recipe) if change else recipe
        made, history = record.trained(treated)
        place = 7 * run + (CURES[recipe.cause] + 1 if change else 0)
        fresh = record.curve(treated, history, 2.3, "train_loss", change is not None)
        apart = np.abs(fresh.astype(int) - stored["train"][place])[1:]
        assert apart.max() <= 1 + 4 * (recipe.cause == 0)  # jumps at a rate of 10
        score = int(record.reached(history, change is not None))
        assert abs(score - int(stored["score"][place])) <= 1
        if change is None:
            for name, values in record.tests(recipe, made).items():
                apart = np.abs(values.astype(int) - stored[name][run])
                assert apart.max() <= 2, name
            assert record.verdict(recipe, made, history) == stored["verdict"][run]


def test_no_score_is_near_the_target_and_one_change_cures_each_run(stored):
    scores = stored["score"].reshape(6, 7)
    assert not ((scores > 85) & (scores < 92)).any()
    for run, cause in enumerate(ORDER):
        assert np.flatnonzero(scores[run] >= record.TARGET).tolist() == [CURES[cause] + 1]
    assert (stored["causes"] == ORDER).all() and set(ORDER) == set(range(5))
    assert (scores[:, 1] >= record.TARGET).sum() == 1  # the bet: a lower rate helps one


def test_the_page_gets_little_data():
    figure = WrongRun()
    assert len(figure.recording) < 20_000


def a_reader(stored, run):
    """What two tests say to somebody who understands them; returns a cause and the tests."""
    gradients = stored["gradients"][run][stored["gradients"][run] < 127]
    if (gradients == record.NOTHING).all():
        return 0, 1  # nothing gets back at all, whatever the layer: a step killed the units
    if gradients[0] < -45:  # hardly a gradient: were weights shrunk, or so from the start?
        shrunk = stored["last_sizes"][run][0] < stored["first_sizes"][run][0] - 20
        return (4 if shrunk else 3), 2
    mixed = (stored["labels"][run] != stored["digits"]).any()
    return (2 if mixed else 1), 2


def test_two_tests_tell_every_cause(stored):
    for run, cause in enumerate(ORDER):
        assert a_reader(stored, run) == (cause, 1 if cause == 0 else 2)


def test_no_goal_is_free_or_luck(stored):
    """Chance of four right of six, and every plan that always does the same."""
    same = [sum(cause == always for cause in ORDER) for always in range(5)]
    assert max(same) == 2
    scores = stored["score"].reshape(6, 7)[:, 1:]
    assert (scores >= record.TARGET).sum(axis=0).max() == 2  # no change heals four runs
    for answers in (5, 6):  # causes, changes
        luck = sum(
            np.prod([1 / answers if hit else 1 - 1 / answers for hit in hits])
            for hits in itertools.product([True, False], repeat=6) if sum(hits) >= 4
        )  # fmt: skip
        assert luck < 0.02


STATE = """
import { casesOf, healed, helps, named } from "./cases.js";
const { data, plans } = given;
const cases = casesOf(6).map((one, run) => ({ ...one, ...plans[run] }));
console.log(JSON.stringify([cases.map((one, run) => named(data, one, run)),
  cases.map((one, run) => healed(data, one, run)), helps(data, 0)]));
"""


def test_the_page_judges_like_this_test(node):
    data = {name: values.tolist() for name, values in WrongRun().data().items()}
    plans = [{"cause": cause, "tests": "01", "change": CURES[cause]} for cause in ORDER]
    named, healed, helps = node(STATE, {"data": data, "plans": plans})
    assert named == [True] * 6 and healed == [True] * 6 and helps == 1
    wrong = [{**plan, "tests": "012", "change": (plan["change"] + 1) % 6} for plan in plans]
    assert node(STATE, {"data": data, "plans": wrong})[:2] == [[False] * 6] * 2


@EVERY_WAY
def test_every_goal_is_reached_by_mouse_touch_and_keys(open_page, site_of, way):
    page = open_alone(open_page, site_of, WrongRun(), way)
    shown = page.locator(".nn-static")

    def button(name):
        return shown.get_by_role("button", name=name, exact=True)

    press(way, button("In two"))
    assert "Not so: it brings 1 run of six" in shown.locator(".nn-line").inner_text()
    goals = shown.locator(".nn-goals li[data-done]")
    slider = shown.get_by_role("slider", name="Run")
    for run, cause in enumerate(ORDER[:5]):
        assert button("Gradients").get_attribute("aria-disabled") == "true"
        press(way, button(record.CAUSES[0]))  # a first guess opens the tests
        press(way, button("Gradients"))
        assert "rms of the loss's gradient" in shown.locator(".nn-stage").inner_text()
        press(way, button("Twelve labels"))
        picture = shown.get_by_role("img", name="Picture 1, of a handwritten")
        assert picture.is_visible()
        if run == 4:  # a third test is one too many, and a wrong change does not count
            press(way, button("Weights"))
        press(way, button(record.CAUSES[cause]))
        assert "right," in shown.locator(".nn-line").inner_text()
        assert "nnlib.diagnose" in shown.locator(".nn-numbers").inner_text()
        names = list(record.CHANGES)
        press(way, button(names[5 if run == 4 else CURES[cause]]))
        press(way, button(names[CURES[cause]]))
        assert ": the target" in shown.locator(".nn-line").inner_text()
        assert goals.count() == (2 if run >= 3 else 0)
        if way == "keys":
            slider.press("ArrowRight")
        else:
            press(way, shown.get_by_role("button", name="Run: one step up"))
    table = shown.locator(".nn-numbers").inner_text()
    assert "right, with more than two tests; first change missed" in table
    press(way, button("Start again"))
    assert shown.locator(".nn-line").inner_text().count("Run A ends with 8 %") == 1
