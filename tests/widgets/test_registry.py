"""What holds for every figure that is listed: names, keys, touch, narrow, dark, paper, contrast."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from nncourse.widgets import frames, registry

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def knobs(rate, kind, size=(3, 2)):
    """A drawing for `explore`: a line as steep as its rate."""
    drawn, ax = plt.subplots(figsize=size)
    ax.plot([0, 1], [0, rate], "--" if kind == "dashed" else "-")
    return drawn, f"A {kind} line up to {rate}, drawn for the tests."


GRID = {"rate": [0.1, 0.5, 1.0], "kind": ["plain", "dashed"]}
RECORDED = frames.record(knobs, GRID, {"rate": "rate", "kind": "kind"}, {"rate": 0.5, "kind": "x"})
EXAMPLES = [*registry.examples(), frames.Explored(RECORDED, "test-knobs")]
NAMES = [f"{one.module}-{k}" for k, one in enumerate(EXAMPLES)]
EVERY = pytest.mark.parametrize("which", range(len(EXAMPLES)), ids=NAMES)


@pytest.fixture(scope="module")
def address(site_of, serve):
    folder = site_of(*EXAMPLES)
    return {"http": serve(folder), "file": (folder / "index.html").as_uri()}


def figure(page, which):
    """One figure, ready, in front of its bet."""
    shown = page.locator(".nn-static").nth(which)
    shown.scroll_into_view_if_needed()
    page.wait_for_function(
        "which => document.querySelectorAll('.nn-static')[which].dataset.ready", arg=which
    )
    return shown


def opened(page, which):
    """One figure, with its bet skipped where it asks for one."""
    shown = figure(page, which)
    skip = shown.locator("[data-skip]:visible")
    if skip.count():
        skip.click()
    return shown


# Counts how often each drawing is drawn, and how often a page is asked how wide something is.
COUNTS = """() => {
  window.drawn = new Map();
  window.asked = 0;
  const replace = Element.prototype.replaceChildren;
  Element.prototype.replaceChildren = function (...parts) {
    const drawing = this.closest("svg.nn-chart");
    const whole = drawing && [drawing, drawing.firstElementChild].includes(this); // no handle of it
    if (whole) window.drawn.set(drawing, (window.drawn.get(drawing) ?? 0) + 1);
    return replace.apply(this, parts);
  };
  const { get } = Object.getOwnPropertyDescriptor(Element.prototype, "clientWidth");
  Object.defineProperty(Element.prototype, "clientWidth", { get() {
    window.asked += 1;
    return get.call(this);
  } });
}"""


def test_a_figure_draws_once_to_begin_with_and_asks_for_no_layout_later(open_page, address):
    """Else a reader who scrolls to it waits for pictures that nobody sees."""
    page = open_page("about:blank")
    page.add_init_script(f"({COUNTS})()")
    page.goto(address["http"])
    for which in range(len(EXAMPLES)):
        shown = figure(page, which)
        counts = """(shown) => [...shown.querySelectorAll("svg.nn-chart")]
          .filter((one) => one.checkVisibility()).map((one) => window.drawn.get(one))"""
        assert set(shown.evaluate(counts)) <= {1}, EXAMPLES[which].module
        shown = opened(page, which)
        sliders = shown.locator(SLIDERS)
        if not sliders.count():
            continue
        slider = sliders.last
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        asked = slider.evaluate("""(slider) => {
          const before = window.asked;
          slider.value = slider.value === slider.max ? slider.min : slider.max;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          return window.asked - before;
        }""")
        assert asked == 0, EXAMPLES[which].module


@pytest.mark.parametrize("saves", [False, True])
def test_scripts_further_down_are_fetched_ahead_but_not_from_who_saves_data(
    open_page, address, saves
):
    page = open_page("about:blank")
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection',"
        f" {{ value: {{ saveData: {str(saves).lower()} }} }})"
    )
    page.goto(address["http"])
    fetched = "Object.keys(window.nnFigures ?? {}).length"
    modules = len({one.module for one in EXAMPLES})
    if saves:
        figure(page, 0)
        page.wait_for_load_state("networkidle")
        assert 0 < page.evaluate(fetched) < modules
    else:
        page.wait_for_function(f"{fetched} === {modules}")
        assert page.locator(".nn-static[data-ready]").count() < len(EXAMPLES)
    figure(page, len(EXAMPLES) - 1)


DRAWN = "canvas:visible, svg.nn-chart:visible, svg.nn-network:visible"
SLIDERS = "input[type=range]:visible:enabled"


@pytest.mark.parametrize("way", ["http", "file"])
@EVERY
def test_it_starts_asks_first_and_answers_the_keyboard(shared_page, address, which, way):
    page = shared_page(address[way])
    shown = figure(page, which)
    if EXAMPLES[which].settings.get("bet"):
        assert not shown.locator(".nn-controls").first.is_visible()
        assert shown.locator(".nn-line").first.inner_text() == ""
    opened(page, which)
    for slider in shown.locator(SLIDERS).all():
        before = slider.input_value()
        slider.focus()
        slider.press("End" if before != slider.get_attribute("max") else "Home")
        changed = slider.input_value() != before
        assert changed or slider.get_attribute("max") == slider.get_attribute("min")
    assert shown.locator("[aria-live=polite]").count() == 1
    assert shown.locator(".nn-caption").inner_text()


@EVERY
def test_every_control_has_a_name_of_its_own_and_is_reached_by_tab(shared_page, address, which):
    page = shared_page(address["http"])
    shown = opened(page, which)
    controls = shown.evaluate(
        """(shown) => [...shown.querySelectorAll("button, input, select, summary, [role=button]")]
          .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
          .map((one) => one.ariaLabel || one.textContent)"""
    )
    assert controls and all(controls), controls
    assert len(set(controls)) == len(controls), controls
    shown.evaluate("(one) => { one.tabIndex = -1; one.focus(); }")
    reached = set()
    for _ in range(len(controls) + 3):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(({ ariaLabel, textContent }) => ariaLabel || textContent)"
                                  "(document.activeElement)"))  # fmt: skip
    assert set(controls) <= reached
    for picture in shown.locator(DRAWN).all():
        assert len(picture.get_attribute("aria-label")) > 20


STICKS_OUT = """(shown) => {
  const frame = shown.querySelector(".nn").getBoundingClientRect();
  return [...shown.querySelectorAll(".nn *:not(.nn-hidden):not(svg *)")]
    .filter((one) => one.checkVisibility() && !one.closest(".nn-hidden"))
    .filter((one) => one.getBoundingClientRect().right > frame.right - 8
      || one.getBoundingClientRect().left < frame.left + 8)
    .map((one) => `${one.tagName} ${one.textContent.slice(0, 40)}`);
}"""
# WCAG 2.5.8: 24 by 24 pixels, or as far apart from the next.
SMALL = """(shown) => [...shown.querySelectorAll("button, select, summary, input, .nn-handle")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.ariaLabel || one.textContent, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([name, box]) => `${name}: ${box.width.toFixed(0)} x ${box.height.toFixed(0)}`)"""
# A slider's label, track and value stand beside each other, none on its neighbour's.
CROWDED = """(shown) => [...shown.querySelectorAll(".nn-slider")]
  .filter((one) => one.checkVisibility())
  .filter((one) => one.scrollWidth > one.clientWidth
    || one.querySelector("input").clientWidth < 60
    || [...one.children].some((part) => part.getBoundingClientRect().right
      > one.getBoundingClientRect().right + 1))
  .map((one) => one.textContent)"""
# The grids of cells are as wide as the screen: a keyboard and a larger screen tell them apart.
TIGHT = {"heatmap"}


@pytest.mark.parametrize("width", [360, 815])  # a telephone, and the book's column on a laptop
@EVERY
def test_nothing_sticks_out_and_fingers_find_it(shared_page, address, which, width):
    touch = width == 360
    page = shared_page(address["http"], viewport={"width": width, "height": 740}, has_touch=touch)
    shown = figure(page, which)
    assert shown.evaluate(STICKS_OUT) == []
    if touch and shown.locator("[data-skip]:visible").count():
        shown.locator("[data-skip]").tap()
    shown = opened(page, which)
    assert shown.evaluate(STICKS_OUT) == []
    assert shown.evaluate(CROWDED) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if EXAMPLES[which].module not in TIGHT:
        assert shown.evaluate(SMALL) == []
    if touch:
        for up in shown.get_by_role("button", name=re.compile("one step up$")).all():
            slider = up.locator("xpath=../input")
            if not up.is_visible() or slider.input_value() == slider.get_attribute("max"):
                continue
            before = float(slider.input_value())
            up.tap()
            assert float(slider.input_value()) == before + 1


@EVERY
def test_by_axe(shared_page, address, which):
    if not AXE.exists():
        pytest.skip("no axe-core: npm install --no-package-lock --prefix tests/widgets")
    page = shared_page(address["http"])
    shown = opened(page, which)
    page.evaluate("document.body.removeAttribute('style')")
    shown.locator(".nn[data-dark=false]").wait_for()
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    faults = page.evaluate(
        """async (which) => {
          const run = async () => (await axe.run(document.querySelectorAll(".nn-static")[which]))
            .violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
          const light = await run();
          document.body.style.background = "#1e2024";
          document.body.style.color = "#eee";
          const figure = document.querySelectorAll(".nn-static")[which].querySelector(".nn");
          while (figure.dataset.dark !== "true") await new Promise(requestAnimationFrame);
          return [...light, ...await run()];
        }""",
        which,
    )
    assert faults == []


@EVERY
def test_on_paper_a_still_picture_with_its_caption(shared_page, address, which):
    page = shared_page(address["http"])
    page.emulate_media(media="screen")
    shown = opened(page, which)
    page.emulate_media(media="print")
    for control in shown.locator("button:not(.nn-cell), input, select, summary").all():
        assert not control.is_visible()
    assert shown.locator(".nn-caption").is_visible()
    drawn = "canvas, svg.nn-chart, svg.nn-network, .nn-heat, .nn-frame"
    assert shown.locator(drawn).first.is_visible()


@EVERY
def test_forced_colours_leave_every_picture_something_to_see(shared_page, address, which):
    """A picture is neither blank nor of one colour where the system chooses the colours."""
    page = shared_page(address["http"], forced_colors="active")
    shown = opened(page, which)
    for picture in shown.locator(f"{DRAWN}, .nn-heat:visible, .nn-frame:visible").all():
        assert colours_in(picture.screenshot()) >= 2


def colours_in(png):
    """Colours that a picture has plenty of."""
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    return sum(count > 0.002 * image.width * image.height for count, _ in image.getcolors())


@EVERY
def test_it_stands_alone_on_a_projector(open_page, address, which):
    name = EXAMPLES[which].settings["name"]
    page = open_page(f"{address['http']}?figure={name}")
    shown = figure(page, which)
    assert shown.is_visible()
    assert page.locator(".nn-static:visible").count() == 1
    box = shown.bounding_box()
    assert box["x"] <= 16 and box["y"] <= 16


@EVERY
def test_a_link_brings_the_state_back(open_page, address, which):
    page = open_page(address["http"])
    shown = opened(page, which)
    slider = shown.locator(".nn-controls").locator(SLIDERS).last
    slider.press("ArrowRight")
    label, value = slider.get_attribute("aria-label"), slider.input_value()
    shown.get_by_role("button", name="Link to this state").click()
    shown.locator("output", has_text="The link").wait_for()
    again = open_page(page.url)
    back = figure(again, which)
    again.wait_for_function(
        "which => document.querySelectorAll('.nn')[which]?.dataset.restored || "
        "document.querySelector('.nn[data-restored]')",
        arg=which,
    )
    assert back.get_by_role("slider", name=label, exact=True).input_value() == value


@EVERY
def test_a_choice_is_kept_over_a_reload(open_page, address, which):
    if not EXAMPLES[which].settings.get("bet"):
        pytest.skip("this figure asks in its own way")
    page = open_page(address["http"])
    shown = figure(page, which)
    shown.locator(".nn-bet button:not([data-skip]):not(.nn-nudge)").first.click()
    said = shown.locator(".nn-line").inner_text()
    assert said.startswith("You bet: ")
    page.reload()
    assert figure(page, which).locator(".nn-line").inner_text() == said
    shown.get_by_role("button", name="Start again").click()
    assert shown.locator(".nn-line").inner_text() == said  # the same start


def test_a_broad_drawing_is_scrolled_on_a_telephone(open_page, site_of):
    """Its letters keep their size; a finger and the arrow keys reach its far end."""
    recorded = frames.record(
        lambda rate, kind: knobs(rate, kind, (7, 3)), GRID, {"rate": "rate", "kind": "kind"},
        {"rate": 0.5, "kind": "x"},
    )  # fmt: skip
    address = (site_of(frames.Explored(recorded, "broad")) / "index.html").as_uri()
    for width, scrolls in ((360, True), (1000, False)):
        page = open_page(address, viewport={"width": width, "height": 740})
        frame = page.locator(".nn-static[data-ready] .nn-frame")
        frame.wait_for()
        assert (frame.evaluate("(one) => one.scrollWidth > one.clientWidth + 100")) == scrolls
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if scrolls:
            frame.focus()
            page.keyboard.press("ArrowRight")
            page.wait_for_function("document.querySelector('.nn-frame').scrollLeft > 0")


def test_formulas_lead_to_lines_that_are_there():
    """Every name that a figure gives as its mathematics is one of nnlib."""
    from _ext.nnsite.widgets import source_page, sources

    for one in EXAMPLES:
        for name, (path, line) in sources(one.settings.get("nnlib", [])).items():
            defined = Path(path).read_text(encoding="utf-8").splitlines()[line - 1]
            assert name.split(".")[-1] in defined or "@" in defined or line == 1
            assert f'id="line-{line}"' in source_page(path)
