"""`explore`: what it stores for the page, and what its controls do in a kernel."""

import base64
import io
import re
import sys

import ipywidgets
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
from ipywidgets.widgets.widget import _instances as widgets
from PIL import Image

from nncourse.widgets import explore, frames
from tools.notebooks import WIDGET_VIEW

RECORDED = [{"rate": 0.5, "steps_done": 3}, {"rate": 0.1, "steps_done": 3}]
CONTROLS = {"rate": (0.0, 1.0, 0.1), "steps_done": (0, 10)}


def draw(rate, steps_done):
    if rate == 0:
        raise ValueError("rate < 0.1 & no <steps>")
    figure, ax = plt.subplots(figsize=(2 + rate, 1))
    ax.plot([0, steps_done], [0, rate])
    return figure, f'A line "up" to {rate:.1f} after {steps_done} steps.'


@pytest.fixture
def outputs(monkeypatch):
    """What `explore` displays, in order."""
    shown = []

    def display(data, metadata, raw):
        assert raw
        shown.append((data, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    yield shown
    assert plt.get_fignums() == []


def live(outputs):
    """The widgets in the first output: the controls, the message and the picture."""
    panel = widgets[outputs[0][0][WIDGET_VIEW]["model_id"]]
    *controls, trouble, picture, _ = panel.children
    return {control.description: control for control in controls}, trouble, picture


def stored(outputs):
    """The outputs as `make refresh` keeps them."""
    return [(data, about) for data, about in outputs if not about.get("nnlib", {}).get("live")]


def test_each_recorded_state_is_a_line_and_a_picture_with_its_text(outputs):
    explore(draw, recorded=RECORDED, **CONTROLS)
    kinds = [sorted(data) for data, _ in stored(outputs)]
    line, picture = ["text/markdown", "text/plain"], ["image/png", "text/plain"]
    assert kinds == [line, line, picture, line, picture]
    assert "(how_to_use.md#running)" in stored(outputs)[0][0]["text/markdown"]
    (first, about), (data, metadata) = stored(outputs)[1:3]
    assert first["text/markdown"] == "**rate\xa0=\xa00.5, steps\xa0done\xa0=\xa03**"
    assert about == {"nnlib": {"typed": True}}  # a setting is nothing measured
    alt = 'A line "up" to 0.5 after 3 steps.'
    assert data["text/plain"] == metadata["image/png"]["alt"] == alt
    assert base64.b64decode(data["image/png"])[:4] == b"\x89PNG"


def test_what_is_stored_is_the_same_the_next_time(outputs):
    for _ in range(2):
        explore(draw, recorded=RECORDED, **CONTROLS)
    half = len(outputs) // 2
    assert stored(outputs[:half]) == stored(outputs[half:])
    models = [outputs[k][0][WIDGET_VIEW]["model_id"] for k in (0, half)]
    assert models[0] != models[1]
    assert not any(model in str(stored(outputs)) for model in models)


def test_without_ipywidgets_the_recorded_states_remain(outputs, monkeypatch):
    explore(draw, recorded=RECORDED, **CONTROLS)
    before = stored(outputs)
    outputs.clear()
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    explore(draw, recorded=RECORDED, **CONTROLS)
    assert outputs == before


def test_only_the_first_output_needs_a_kernel(outputs):
    explore(draw, recorded=RECORDED, **CONTROLS)
    assert [WIDGET_VIEW in data for data, _ in outputs] == [True] + [False] * 5
    # It holds nothing else: Jupyter would not show it where there is no kernel.
    assert set(outputs[0][0]) == {WIDGET_VIEW}


def test_the_controls_start_at_the_first_record_and_redraw(outputs):
    explore(draw, recorded=RECORDED, **CONTROLS)
    controls, _, picture = live(outputs)
    assert {name: control.value for name, control in controls.items()} == {
        "rate": 0.5,
        "steps done": 3,
    }
    assert outputs[3][0]["image/png"] in picture.value
    assert 'alt="A line &quot;up&quot; to 0.5 after 3 steps."' in picture.value
    controls["rate"].value = 0.1
    assert outputs[5][0]["image/png"] in picture.value
    png = Image.open(io.BytesIO(base64.b64decode(outputs[5][0]["image/png"])))
    size = f'width="{png.width // 2}" height="{png.height // 2}"'  # two pixels for one
    assert size in picture.value
    controls["steps done"].value = 7
    assert "to 0.1 after 7 steps" in picture.value


def test_an_error_is_shown_in_place_and_the_next_redraw_clears_it(outputs):
    explore(draw, recorded=RECORDED, **CONTROLS)
    controls, trouble, picture = live(outputs)
    before = picture.value
    controls["rate"].value = 0.0
    assert "ValueError: rate &lt; 0.1 &amp; no &lt;steps&gt;" in trouble.value
    assert picture.value == before
    controls["rate"].value = 0.5
    assert trouble.value == ""


def test_widgets_may_be_given_and_keep_their_own_names(outputs):
    rate = ipywidgets.FloatLogSlider(min=-3, max=0, description="learning rate")
    explore(draw, recorded=[{"rate": 0.1, "steps_done": 2}], rate=rate, steps_done=[2, 4])
    assert (
        outputs[2][0]["text/markdown"]
        == "**learning\xa0rate\xa0=\xa00.1, steps\xa0done\xa0=\xa02**"
    )
    controls, _, picture = live(outputs)
    assert controls["learning rate"] is rate
    assert isinstance(controls["steps done"], ipywidgets.Dropdown)
    rate.value = 1.0
    assert "to 1.0 after 2 steps" in picture.value


def no_text(rate):
    return plt.gcf()


def short_text(rate):
    return plt.figure(), "a line"


@pytest.mark.parametrize(
    ("function", "recorded", "controls", "error", "words"),
    [
        (draw, [{}], {}, ValueError, "at least one control"),
        (draw, [], {"rate": (0, 1)}, ValueError, "one recorded setting"),
        (draw, [{"rate": 1}], CONTROLS, ValueError, r"for each of \['rate', 'steps_done'\]"),
        (draw, [RECORDED[0] | {"more": 1}], CONTROLS, ValueError, "for each of"),
        (draw, RECORDED, CONTROLS | {"rate": (0.2, 1.0)}, ValueError, "rate = 0.1 is out of"),
        (draw, RECORDED, CONTROLS | {"rate": ["a", "b"]}, ValueError, "rate = 0.1 is out of"),
        (draw, RECORDED, CONTROLS | {"rate": ("a", "b")}, TypeError, r"rate=\('a', 'b'\) is"),
        (draw, RECORDED, CONTROLS | {"rate": object}, TypeError, "ipywidgets.interact takes"),
        (no_text, [{"rate": 1}], {"rate": (0, 2)}, TypeError, "a figure and its text, got"),
        (short_text, [{"rate": 1}], {"rate": (0, 2)}, ValueError, "alt must say"),
    ],
)
def test_bad_input_is_named(outputs, function, recorded, controls, error, words):
    with pytest.raises(error, match=words):
        explore(function, recorded=recorded, **controls)
    assert outputs == []
    plt.close("all")


GRID = {"rate": [0.1, 0.5, 1.0], "steps_done": [3, 7]}


def test_a_grid_is_recorded_for_the_page(outputs):
    explore(draw, recorded=RECORDED, grid=GRID, **CONTROLS)
    recorded = outputs[1][0][frames.MIME]
    assert recorded["pictures"] == len(outputs) - 2
    assert [knob["values"] for knob in recorded["controls"]] == [*GRID.values()]
    assert [knob["start"] for knob in recorded["controls"]] == [0.5, 3]
    assert len(recorded["frames"]) == len(recorded["words"]) == 6
    # A line that does not change from frame to frame is there once.
    assert len(recorded["lines"]) < 0.4 * sum(map(len, recorded["frames"]))
    assert "text/markdown" in outputs[1][0]  # what Jupyter shows without a kernel
    explore(draw, recorded=RECORDED, grid=GRID, **CONTROLS)
    assert outputs[-len(outputs) // 2 + 1][0][frames.MIME] == recorded  # the same every time


def test_places_are_rounded_and_what_is_read_is_not():
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.set_title("0.665 and 0.50")
    text = "\n".join(frames.svg_lines(figure))
    assert ">0.665 and 0.50<" in text
    read = re.sub(r">[^<]*<", "><", text)
    assert re.search(r"\d\.\d", read) and not re.search(r"\d\.\d{3}", read)


def test_frames_differ_by_more_than_a_pixel_or_not_at_all(outputs):
    explore(draw, recorded=RECORDED, grid=GRID, **CONTROLS)
    old = outputs[1][0][frames.MIME]
    assert frames.differences(old, old) == []
    line = max(range(len(old["lines"])), key=lambda k: old["lines"][k].count(" L "))
    place = re.search(r"\d+\.\d+", old["lines"][line][old["lines"][line].index(" d=") :])[0]
    for by, faults in [(0.3, False), (5, True)]:
        moved = old["lines"][line].replace(place, f"{float(place) + by:.2f}", 1)
        new = old | {"lines": [*old["lines"][:line], moved, *old["lines"][line + 1 :]]}
        assert bool(frames.differences(old, new)) is faults
    assert frames.differences(old, old | {"words": ["other"] * 6})


def test_knobs_on_the_page_pick_the_frame(open_page, site_of, outputs):
    explore(draw, recorded=RECORDED, grid=GRID, **CONTROLS)
    recorded = outputs[1][0][frames.MIME]
    page = open_page((site_of(frames.Explored(recorded, "knobs")) / "index.html").as_uri())
    shown = page.locator(".nn-static")
    picture = shown.locator(".nn-frame")
    assert "to 0.5 after 3 steps" in picture.get_attribute("aria-label")
    before = picture.inner_html()
    shown.get_by_role("slider", name="rate").press("End")
    shown.get_by_role("button", name="steps done: one step up").click()
    assert "to 1.0 after 7 steps" in picture.get_attribute("aria-label")
    assert picture.inner_html() != before
    shown.get_by_role("button", name="Start again").click()
    assert picture.inner_html() == before


@pytest.mark.parametrize(
    ("grid", "words"),
    [({"rate": [1]}, "for each of"), (GRID, "6 frames take")],
)
def test_a_grid_that_does_not_fit_is_refused(outputs, monkeypatch, grid, words):
    monkeypatch.setattr(frames, "MOST", 1000)
    with pytest.raises(ValueError, match=words):
        explore(draw, recorded=RECORDED, grid=grid, **CONTROLS)
    plt.close("all")
