"""What holds for every figure: names, keys, touch, small screens, calm, paper, colours."""

import re

import numpy as np
import pytest

import nnlib
from nncourse.widgets import Heatmap, TrainingPlayer, problems
from nncourse.widgets.base import style_source

from .test_heatmap import cell, pair, recorded, sought
from .test_player import expected, nnlib_run, numbers, press, slide, train_all

FIGURES = {"player": 0, "heatmap": 1}


@pytest.fixture(scope="module")
def address(site_of, serve):
    return serve(site_of(TrainingPlayer("noisy_xor"), Heatmap("digits"), TrainingPlayer("digits")))


def figure(page, which):
    shown = page.locator(".nn-static").nth(which)
    shown.scroll_into_view_if_needed()
    shown.locator(".nn[data-epoch]").wait_for()
    return shown


def busy(page, name):
    """A figure with all its controls in sight and something in them."""
    shown = figure(page, FIGURES[name])
    if name == "player":
        press(shown, "Skip")
        slide(shown, "Learning rate", 0)  # the longest number
        press(shown, "One epoch")
        press(shown, "Branch here")
        press(shown, "One step")
        shown.locator("summary").first.click()
    else:
        press(shown, "Skip the hunt")
        first, second = pair(recorded())
        cell(shown, first).click()
        press(shown, "Keep for comparison")
        cell(shown, second).click()
    return shown


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_has_a_name_and_its_turn(open_page, address, name):
    page = open_page(address)
    shown = busy(page, name)
    controls = shown.evaluate(
        """(shown) => [...shown.querySelectorAll("button, input, select, summary")]
          .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
          .map((one) => one.ariaLabel || one.textContent)"""
    )
    assert len(controls) > 8
    assert all(controls) and len(set(controls)) == len(controls)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(({ ariaLabel, textContent }) => ariaLabel || textContent)"
                                  "(document.activeElement)"))  # fmt: skip
    assert set(controls) <= reached
    for picture in shown.locator("canvas:visible, svg.nn-chart:visible").all():
        assert picture.get_attribute("role") == "img"
        assert len(picture.get_attribute("aria-label")) > 20
    # One voice: an output would be read aloud with every number that training changes.
    assert shown.locator("[aria-live=polite]").count() == 1
    quiet = shown.locator(".nn-slider output, .nn-numbers output")
    assert quiet.count() > 2
    assert {one.get_attribute("aria-live") for one in quiet.all()} == {"off"}
    if name == "heatmap":
        assert shown.get_by_role("grid").get_by_role("row").count() == 8
        assert shown.get_by_role("gridcell", selected=True).count() == 1
        assert shown.get_by_role("gridcell", name="Kept for comparison.").count() == 1
        assert all(shown.get_by_role("columnheader").all_inner_texts())
    names = page.locator("section.nn").evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert len(names) == len(set(names)) >= 2


def test_a_goal_is_announced_with_what_comes_after_it(open_page, address):
    shown = figure(open_page(address), 1)
    cell(shown, sought()[0]).click()
    said = shown.get_by_role("status").filter(has_text="Goal reached: With at most 5 cells")
    said.wait_for(state="attached")
    assert "Best on the validation data" in said.text_content()


def test_numbers_stand_out_from_their_cells(open_page, address):
    """At least 4.5 to 1 (WCAG 1.4.3), for every score between 0 and 1."""
    shown = figure(open_page(address), 1)
    press(shown, "Skip the hunt")
    slider = shown.get_by_role("slider", name="Epoch", exact=True)
    colours = []
    for _ in range(3):
        slider.press("Home" if not colours else "ArrowRight")
        colours += shown.locator(".nn-cell:not(.nn-hatch)").evaluate_all(
            "cells => cells.map(({ style }) => [style.backgroundColor, style.color])"
        )
    slider.press("End")
    colours += shown.locator(".nn-cell:not(.nn-hatch)").evaluate_all(
        "cells => cells.map(({ style }) => [style.backgroundColor, style.color])"
    )

    def luminance(colour):
        share = np.array([int(one) for one in re.findall(r"\d+", colour)]) / 255
        linear = np.where(share <= 0.04, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    for back, ink in {(back, ink) for back, ink in colours}:
        dark, bright = sorted([luminance(back), luminance(ink)])
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, (back, ink)


# What reaches beyond the frame, or beyond the box that is meant to hold it.
STICKS_OUT = """(shown) => {
  const frame = shown.querySelector(".nn").getBoundingClientRect();
  return [...shown.querySelectorAll(".nn *:not(.nn-hidden):not(svg *)")]
    .filter((one) => one.checkVisibility() && !one.closest(".nn-hidden"))
    .filter((one) => one.getBoundingClientRect().right > frame.right - 8
      || one.getBoundingClientRect().left < frame.left + 8)
    .map((one) => `${one.tagName} ${one.textContent.slice(0, 40)}`);
}"""


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_sticks_out(open_page, address, name, width):
    page = open_page(address, viewport={"width": width, "height": 740})
    assert figure(page, FIGURES[name]).evaluate(STICKS_OUT) == []
    assert busy(page, name).evaluate(STICKS_OUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_stands_in_place_of_numbers_fits_a_phone(open_page, address):
    page = open_page(address, viewport={"width": 360, "height": 740})
    shown = figure(page, FIGURES["heatmap"])
    press(shown, "Skip the hunt")
    shown.locator(".nn-hatch[role=gridcell], .nn-cell.nn-hatch").first.click()
    assert "chaotic" in shown.locator("table.nn-numbers").first.inner_text()
    assert shown.evaluate(STICKS_OUT) == []


def test_the_flag_is_dragged_by_touch(open_page, address):
    page = open_page(address, viewport={"width": 360, "height": 740}, has_touch=True)
    shown = figure(page, 0)
    shown.evaluate("(one) => one.scrollIntoView()")
    box = shown.locator(".nn-chart").bounding_box()
    finger = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    for kind, share in [("touchStart", 0.2), ("touchMove", 0.5), ("touchMove", 0.75)]:
        point = {"x": box["x"] + 46 + share * (box["width"] - 62), "y": y}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(
        "Math.abs(document.querySelector('input[aria-label=\"Your bet\"]').value - 150) <= 2"
    )


def epochs_seen(page, which):
    """The epochs that a figure shows within two and a half seconds."""
    return page.evaluate(
        """async (which) => {
          const seen = new Set();
          const end = performance.now() + 2500;
          while (performance.now() < end) {
            seen.add(document.querySelectorAll(".nn")[which].dataset.epoch);
            await new Promise(requestAnimationFrame);
          }
          return [...seen];
        }""",
        which,
    )


def test_who_wants_no_motion_sees_steps(open_page, address):
    page = open_page(address, reduced_motion="reduce")
    shown = figure(page, 0)
    press(shown, "Skip")
    press(shown, "Start")
    assert shown.get_by_role("button", name="Pause", exact=True).count() == 1  # at once
    assert 2 <= len(epochs_seen(page, 0)) <= 4  # once a second
    press(shown, "Pause")
    heatmap = figure(page, 1)
    press(heatmap, "Skip the hunt")
    heatmap.get_by_role("slider", name="Epoch", exact=True).press("Home")
    press(heatmap, "Play")
    assert 2 <= len(epochs_seen(page, 1)) <= 4
    press(heatmap, "Pause")


@pytest.mark.parametrize("name", FIGURES)
def test_on_paper_a_still_figure_with_its_caption(open_page, address, name):
    page = open_page(address)
    shown = busy(page, name)
    page.emulate_media(media="print")
    for control in shown.locator("button:not(.nn-cell), input, select, summary").all():
        assert not control.is_visible()
    caption = (TrainingPlayer("noisy_xor") if name == "player" else Heatmap("digits")).caption
    assert shown.locator(".nn-caption").inner_text() == caption
    assert shown.locator(".nn-chart, .nn-heat").first.is_visible()
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("name", FIGURES)
def test_on_paper_the_still_stands_for_a_figure_that_waits_for_the_bet(open_page, address, name):
    page = open_page(address)
    shown = figure(page, FIGURES[name])
    still, live = shown.locator(".nn-fallback"), shown.locator(".nn")
    for media, seen in [("screen", False), ("print", True), ("screen", False)]:
        page.emulate_media(media=media)
        assert still.locator("svg").is_visible() is seen
        assert live.is_visible() is not seen
    press(shown, "Skip" if name == "player" else "Skip the hunt")
    page.emulate_media(media="print")
    assert not still.is_visible() and live.is_visible()
    if name == "heatmap":  # colours that say something are printed
        for part in (".nn-cell", ".nn-hatch", ".nn-scale"):
            adjust = "one => getComputedStyle(one).webkitPrintColorAdjust"
            assert shown.locator(part).first.evaluate(adjust) == "exact"


def test_each_preset_is_the_training_it_names(open_page, address):
    shown = figure(open_page(address), 0)
    press(shown, "Skip")
    figure_of = TrainingPlayer("noisy_xor")
    presets = figure_of.settings["presets"]
    field = shown.get_by_label("Preset")
    for preset in [*presets[1:], presets[0]]:
        field.select_option(preset["name"])
        assert shown.locator(".nn").get_attribute("data-epoch") == "0"
        press(shown, "One epoch")
        press(shown, "One epoch")
        changes = {key: value for key, value in preset.items() if key != "name"}
        assert numbers(shown) == pytest.approx(expected(nnlib_run("noisy_xor", **changes), 2))
    slide(shown, "Learning rate", 0)
    press(shown, "Back to the start")
    assert field.evaluate("one => one.selectedOptions[0].text") == "own settings"
    field.select_option("as it is")
    press(shown, "One epoch")
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), 1)


def test_presets_of_the_heatmap(open_page, address):
    shown = figure(open_page(address), 1)
    press(shown, "Skip the hunt")
    data = recorded()
    alive = np.where(data["diverged"] > 0, -1, data["validation_last"].astype(int))
    best = int(alive.argmax())
    field = shown.get_by_label("Preset")
    field.select_option("best against most L2")
    rows = shown.locator(".nn-panel tr").all_inner_texts()[1:]
    rates, penalties = (Heatmap("digits").settings[key] for key in ("rates", "penalties"))
    assert [float(row.split()[0]) for row in rows] == [rates[best // 7]] * 2
    assert [float(row.split()[1]) for row in rows] == [penalties[best % 7], penalties[6]]
    field.select_option("the largest gap")
    gap = np.where(data["diverged"] > 0, -1, data["train_last"].astype(int) - alive)
    chosen = shown.get_by_role("gridcell", selected=True).inner_text()
    assert float(chosen) == pytest.approx(gap.max() / 100, abs=0.051)
    field.select_option("after the first epoch")
    assert shown.locator(".nn").get_attribute("data-epoch") == "1"
    cell(shown, 0).click()
    assert field.evaluate("one => one.selectedOptions[0].text") == "choose …"


def test_a_cell_tells_its_numbers_to_a_mouse_above_it(open_page, address):
    shown = figure(open_page(address), 1)
    press(shown, "Skip the hunt")
    cell(shown, 35).hover()
    score = recorded()["validation_last"][35] / 100
    line = shown.locator(".nn-line").inner_text()
    assert float(re.search(r"validation ([\d.]+)", line)[1]) == pytest.approx(score, abs=0.051)


def test_no_control_that_does_nothing_on_a_page(open_page, address):
    page = open_page(address)
    shown = busy(page, "heatmap")
    assert shown.get_by_role("button", name="Train them all live").count() == 0
    assert "open the chapter as a notebook" in shown.locator(".nn-who").inner_text()
    assert "open the chapter as a notebook" in figure(page, 0).locator(".nn-who").inner_text()


@pytest.mark.parametrize("menu", [False, True])
def test_the_way_to_a_kernel_is_one_that_is_there(open_page, site_of, menu):
    index = site_of(TrainingPlayer("noisy_xor"), Heatmap("digits")) / "index.html"
    if menu:  # as the theme marks it
        mark = '<div class="dropdown-launch-buttons"></div>'
        index.write_text(index.read_text().replace("<main>", mark + "<main>"))
    page = open_page(index.as_uri())
    for which in FIGURES.values():
        way = figure(page, which).locator(".nn-who").inner_text()
        assert ("launch menu" in way) is menu and way.endswith("on your own machine.")


# The colour of the picture at some places, as [red, green, blue].
PIXELS = """(canvas, places) => places.map(([x, y]) =>
  [...canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data]
    .slice(0, 3))"""


def trained(name):
    player = TrainingPlayer(name)
    problem, recipe = player.problem, player.settings["recipe"]
    network = problems.start_network(problem.plan, recipe["seed"])
    nnlib.fit(
        network, *problem.train, loss=problem.loss, epochs=player.settings["epochs"],
        optimizer=nnlib.SGD(recipe["rate"], momentum=recipe["momentum"]), progress=False,
        batches=problems.batches(len(problem.train[1]), recipe["batch"], recipe["seed"]),
    )  # fmt: skip
    return network


def test_the_surface_is_the_networks_own(open_page, address):
    shown = figure(open_page(address), 0)
    press(shown, "Skip")
    train_all(shown)
    places = np.array([(x, y) for x in (0.02, 0.98) for y in (0.02, 0.35, 0.65, 0.98)])
    colours = np.array(shown.locator("canvas").evaluate(PIXELS, places.tolist()))
    logits = trained("noisy_xor")(np.stack([4.4 * places[:, 0] - 2.2, 2.2 - 4.4 * places[:, 1]], 1))
    orange = colours[:, 0] > colours[:, 2]
    assert (orange == (logits.ravel() > 0)).all()
    assert orange.any() and not orange.all()


def test_the_weights_are_the_networks_own(open_page, address):
    shown = figure(open_page(address), 2)
    press(shown, "Skip")
    train_all(shown)
    weights = trained("digits").layers[0].W
    columns, cell_size = 6, 9
    across, down = columns * cell_size + 1, 5 * cell_size + 1
    clear = np.argwhere(np.abs(weights) > 0.4 * np.abs(weights).max())
    assert len(clear) > 20
    places = [
        ((unit % columns * cell_size + 1.5 + pixel % 8) / across,
         (unit // columns * cell_size + 1.5 + pixel // 8) / down)
        for pixel, unit in clear
    ]  # fmt: skip
    colours = np.array(shown.locator("canvas").evaluate(PIXELS, places))
    assert ((colours[:, 0] > colours[:, 2]) == (weights[tuple(clear.T)] > 0)).all()


def colours_of(theme):
    """The named colours of the style sheet, as (3,) arrays of 0...1."""
    block = re.search(r"section\.nn\{([^}]*)\}" if theme == "light" else
                      r"\.nn\[data-dark=true\]\{([^}]*)\}", style_source())[1]  # fmt: skip
    found = {}
    for name, digits in re.findall(r"--(\w+):#(\w+)", block):
        digits = digits if len(digits) == 6 else "".join(2 * one for one in digits)
        found[name] = np.array([int(digits[k : k + 2], 16) for k in (0, 2, 4)]) / 255
    return found


def linear(colour):
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """As WCAG defines it."""
    bright = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05 for colour in (one, other))
    return bright[1] / bright[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_told_apart_by_all(theme):
    colours = colours_of(theme)
    for name in ("ink", "soft", "train", "check", "good", "bet"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("ink", "soft"):
        assert contrast(colours[name], colours["panel"]) >= 4.5, name
    # Deuteranopia and protanopia (Vienot, Brettel, Mollon 1999): red and green fall together.
    for kept in ([0.29275, 0.70725], [0.11238, 0.88762]):
        seen = [np.array([linear(colours[name])[:2] @ kept, linear(colours[name])[2]])
                for name in ("train", "check")]  # fmt: skip
        assert np.abs(seen[0] - seen[1]).max() > 0.2
