"""The interactives in a host that offers no more than anywidget promises everywhere.

VS Code, Colab and others cannot be run here. What they have in common is small: a default
export with `render({model, el})`, and a model with `get`, `set`, `on`, `off`, `send` and
`save_changes` (anywidget's "front-end module"). This host has that and throws at the rest;
its kernel is a thread with nnlib in it.
"""

import asyncio
import base64
import json
import threading
from queue import SimpleQueue

import numpy as np
import pytest

from nncourse.widgets import Heatmap, TrainingPlayer, live
from nncourse.widgets.base import module_source, style_source

from .test_heatmap import cell
from .test_player import expected, nnlib_run, numbers, press, slide

# Bytes are a DataView in Jupyter and VS Code, a Uint8Array in Colab (googlecolab's
# colab-cdn-widget-manager), and a buffer where a host does nothing to them.
BYTES = {
    "DataView": "new DataView(bytes.buffer)",
    "Uint8Array": "bytes",
    "ArrayBuffer": "bytes.buffer",
}

HOST = """
const given = %s;
const asBytes = (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return %s;
};
const listeners = (window.listeners = new Set());
const only = (name) => {
  if (name !== "msg:custom") throw new Error(`this host knows no event ${name}`);
};
const state = { ...given.state, recording: asBytes(given.recording) };
const interface_ = {
  get: (key) => state[key],
  set: () => { throw new Error("nothing here is to be set"); },
  save_changes: () => { throw new Error("nothing here is to be saved"); },
  on: (name, listener) => { only(name); listeners.add(listener); },
  off: (name, listener) => { only(name); listeners.delete(listener); },
  send: (content, callbacks, buffers) => {
    if (callbacks || buffers) throw new Error("the front-ends send text alone");
    window.toKernel(JSON.stringify(content));
  },
};
const strict = (target) => new Proxy(target, {
  get: (all, key) => {
    if (key === "then" || key in all) return all[key];
    throw new Error(`this host has no ${String(key)}`);
  },
});
const front = (await import(
  URL.createObjectURL(new Blob([given.module], { type: "text/javascript" }))
)).default;
window.views = [];
window.render = async (el) =>
  views.push(await front.render(strict({ model: strict(interface_), el })));
for (const el of document.querySelectorAll("main div")) await render(el);
(async () => {
  for (;;) {
    for (const [content, buffers] of JSON.parse(await window.fromKernel()))
      for (const listener of [...listeners]) listener(content, buffers.map(asBytes));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
})();
"""


class Kernel:
    """A thread with a loop, as a kernel has one; messages cross as text."""

    def __init__(self, figure):
        self.figure, self.box = figure, SimpleQueue()
        self.held: list | None = None  # a list: reports are held back in it
        self.sent = []
        self.free = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def send(self, content, buffers=None):
        self.sent.append(content)
        message = content, [base64.b64encode(one).decode() for one in buffers or []]
        if self.held is not None and content["kind"] == "report":
            self.held.append(message)
        else:
            self.box.put(message)

    def be_busy(self):
        """As with another cell, until `free` is set."""
        self.loop.call_soon_threadsafe(self.free.wait)

    def let_go(self):
        held, self.held = self.held, None
        for message in held:
            self.box.put(message)

    def to_kernel(self, text):
        if not self.loop.is_closed():  # a page that is still open goes on saying what it has seen
            self.loop.call_soon_threadsafe(self.figure.receive, self, json.loads(text))

    def from_kernel(self):
        return json.dumps([self.box.get() for _ in range(self.box.qsize())])

    def end(self):
        self.free.set()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture
def show(open_page):
    """Show a figure, as often as asked, in a host that is no Jupyter."""
    kernels = []

    def start(figure, kind="DataView", views=1, hold=False, busy=False, patience=6000, **options):
        page = open_page("about:blank", **options)
        kernel = page.kernel = Kernel(figure)
        kernel.held = [] if hold else None
        if busy:
            kernel.be_busy()
        kernels.append(kernel)
        page.expose_function("toKernel", kernel.to_kernel)
        page.expose_function("fromKernel", kernel.from_kernel)
        page.set_content(f"<style>{style_source()}</style><main>{'<div></div>' * views}</main>")
        given = json.dumps({
            "module": module_source(figure.module).replace("= 6000", f"= {patience}"),
            "state": {"settings": figure.settings, "caption": figure.caption},
            "recording": base64.b64encode(figure.recording).decode(),
        })  # fmt: skip
        page.add_script_tag(content=HOST % (given, BYTES[kind]), type="module")
        page.locator(".nn" if busy else ".nn[data-engine=kernel]").first.wait_for()
        return page

    yield start
    for kernel in kernels:
        kernel.end()


def in_training(show, name, **options):
    """The player or the heatmap, a few epochs after the start."""
    figure = TrainingPlayer("noisy_xor") if name == "player" else Heatmap("xor")
    page = show(figure, **options)
    shown = page.locator("main div").first
    press(shown, "Skip" if name == "player" else "Skip the hunt")
    press(shown, "Start" if name == "player" else "Train them all live")
    page.wait_for_function("Number(document.querySelector('.nn').dataset.epoch) > 2")
    return page, shown


def closed(page, figure):
    """Close every view as a host does; wait until the kernel has heard of it."""
    page.evaluate("() => Promise.all(views.map((close) => close()))")
    return until(page, lambda: figure.sessions == {}) and page.evaluate("listeners.size") == 0


def until(page, condition):
    """Whether something of the kernel comes true, within ten seconds."""
    for _ in range(500):
        if condition():
            return True
        page.wait_for_timeout(20)
    return False


@pytest.mark.parametrize("kind", BYTES)
def test_the_player_asks_no_more_than_every_host_has(show, kind):
    figure = TrainingPlayer("noisy_xor")
    page = show(figure, kind)
    shown = page.locator("main div").first
    press(shown, "Skip")
    press(shown, "Start")
    page.wait_for_function("Number(document.querySelector('.nn').dataset.epoch) > 20")
    press(shown, "Pause")
    shown.locator(".nn[data-state=paused]").wait_for()
    epoch = int(shown.locator(".nn").get_attribute("data-epoch"))
    history = nnlib_run("noisy_xor")
    assert numbers(shown) == expected(history, epoch)
    slide(shown, "Epoch shown", 10)
    assert numbers(shown) == expected(history, 10)
    press(shown, "One epoch")  # from there
    shown.locator(".nn[data-epoch='11'][data-state=paused]").wait_for()
    assert numbers(shown) == expected(history, 11)
    assert closed(page, figure)


def test_the_heatmap_asks_no_more_than_every_host_has(show):
    figure = Heatmap("xor")
    page = show(figure, "Uint8Array")
    shown = page.locator("main div").first
    press(shown, "Skip the hunt")
    press(shown, "Train them all live")
    page.wait_for_function("Number(document.querySelector('.nn').dataset.epoch) > 20")
    press(shown, "Pause")
    shown.locator(".nn[data-state=paused]").wait_for()
    epoch = int(shown.locator(".nn").get_attribute("data-epoch"))
    (session,) = figure.sessions.values()
    scores = session.sweep.curves["validation_accuracy"][:, epoch - 1]
    best = int(np.nanargmax(scores))
    cell(shown, best).click()
    shown.locator(".nn-closeup canvas").wait_for()  # the kernel has sent what it does
    assert float(cell(shown, best).inner_text()) == pytest.approx(100 * scores[best], abs=0.051)
    assert closed(page, figure)


def test_it_is_dark_where_it_is_put_and_where_colours_come_late(show):
    figure = TrainingPlayer("xor")
    page = show(figure)
    page.evaluate("""async () => {
      const [around, el] = [document.createElement("section"), document.createElement("div")];
      await render(el); // a host may put it on the page only now
      around.style.background = "#111";
      around.append(el);
      document.body.append(around);
    }""")
    is_dark = "which => document.querySelectorAll('.nn')[which].dataset.dark === 'true'"
    page.wait_for_function(is_dark, arg=1)
    assert not page.evaluate(is_dark, 0)
    page.evaluate("""() => document.head.append(Object.assign(document.createElement("link"),
      { rel: "stylesheet", href: "data:text/css,main{background:%23111}" }))""")
    page.wait_for_function(is_dark, arg=0)
    assert closed(page, figure)


def test_two_views_of_one_figure_train_each_its_own(show):
    figure = TrainingPlayer("xor")
    page = show(figure, views=2)
    first, second = page.locator("main > div").all()
    second.locator(".nn[data-engine=kernel][data-state=paused]").wait_for()
    for shown, epochs in [(first, 3), (second, 5)]:
        press(shown, "Skip")
        for epoch in range(epochs):
            press(shown, "One epoch")
            shown.locator(f".nn[data-epoch='{epoch + 1}']").wait_for()
    history = nnlib_run("xor")
    assert numbers(first) == expected(history, 3)
    assert numbers(second) == expected(history, 5)
    assert len(figure.sessions) == 2
    assert closed(page, figure)


def test_a_reader_may_be_quicker_than_the_kernel(show):
    figure = TrainingPlayer("noisy_xor")
    page = show(figure, hold=True)
    shown = page.locator("main div").first
    press(shown, "Place the bet")
    press(shown, "Back to the start")
    shown.get_by_label("L2 strength").evaluate("one => one.closest('details').open = true")
    shown.get_by_label("L2 strength").select_option("0.01")
    # Nothing is known yet.
    assert shown.get_by_role("button", name="One epoch").get_attribute("aria-disabled")
    page.kernel.let_go()
    press(shown, "One epoch")
    shown.locator(".nn[data-epoch='1'][data-state=paused]").wait_for()
    assert numbers(shown) == expected(nnlib_run("noisy_xor", l2=0.01), 1)


def test_early_stopping_holds_where_it_stops_in_a_kernel_too(show):
    page = show(TrainingPlayer("noisy_xor", patience=5))
    shown = page.locator("main div").first
    press(shown, "Skip")
    shown.get_by_label("Speed").select_option("as fast as it goes")
    press(shown, "Start")
    shown.locator(".nn-line", has_text="Early stopping stops here").wait_for()
    page.wait_for_timeout(500)  # reports that were under way have come
    losses = nnlib_run("noisy_xor")["validation_loss"]
    since = [epoch - losses[: epoch + 1].argmin() for epoch in range(len(losses))]
    stop = 1 + int(np.argmax(np.array(since) >= 5))
    assert shown.locator(".nn").get_attribute("data-epoch") == str(stop)
    assert shown.get_by_role("slider", name="Epoch shown").get_attribute("max") == str(stop)
    press(shown, "One epoch")
    shown.locator(f".nn[data-epoch='{stop + 1}']").wait_for()
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), stop + 1)


def test_a_live_sweep_is_found_again_and_started_over(show):
    page = show(Heatmap("xor"), patience=2000)
    shown = page.locator("main div").first
    frame = shown.locator(".nn")
    press(shown, "Skip the hunt")
    press(shown, "Train them all live")
    page.wait_for_function("Number(document.querySelector('.nn').dataset.epoch) > 5")
    press(shown, "Pause")
    shown.locator(".nn[data-state=paused]").wait_for()
    epoch = frame.get_attribute("data-epoch")
    assert shown.locator(".nn-tally").inner_text() == ""  # nothing is decided yet
    source = shown.get_by_label("Trained by")
    source.select_option("scikit-learn (recorded)")
    assert frame.get_attribute("data-epoch") == "200"
    source.select_option("nnlib")
    assert frame.get_attribute("data-epoch") == epoch
    page.kernel.held = []
    press(shown, "Continue")
    press(shown, "Pause")
    press(shown, "Start over")
    page.kernel.let_go()
    page.wait_for_timeout(300)
    press(shown, "Skip the hunt")
    assert shown.get_by_role("button", name="Train them all live").is_visible()
    assert frame.get_attribute("data-epoch") == "200"  # the recording
    page.wait_for_timeout(2500)
    assert frame.get_attribute("data-engine") == "kernel"  # not taken for gone


@pytest.mark.parametrize("name", ["player", "heatmap"])
def test_a_kernel_that_falls_silent_is_named_and_may_go_on(show, name):
    page, shown = in_training(show, name, patience=2000)
    page.kernel.held = []  # as one that is busy, or was restarted
    told = shown.locator("p:not(.nn-legend)", has_text="No answer from the kernel")
    told.wait_for()
    assert shown.get_by_role("button", name="Pause").is_visible()
    epoch = int(shown.locator(".nn").get_attribute("data-epoch"))
    page.kernel.let_go()
    # More than what was held back: it has gone on.
    page.wait_for_function(f"Number(document.querySelector('.nn').dataset.epoch) > {epoch} + 20")
    told.wait_for(state="detached")
    assert shown.locator(".nn").get_attribute("data-engine") == "kernel"
    page.kernel.held = []
    press(shown, "Pause")
    shown.locator(".nn[data-engine=page]").wait_for()
    shown.get_by_text("The kernel does not answer").first.wait_for()


@pytest.mark.parametrize("name", ["player", "heatmap"])
def test_an_answer_that_comes_late_pauses_nothing(show, name):
    page, shown = in_training(show, name)
    page.kernel.held = []
    press(shown, "Pause")
    press(shown, "Continue")
    held = page.kernel.held
    assert until(page, lambda: "paused" in [report["stopped"] for report, _ in held])
    page.kernel.let_go()
    page.wait_for_timeout(300)
    assert shown.get_by_role("button", name="Pause", exact=True).is_visible()
    press(shown, "Pause")
    shown.locator(".nn[data-state=paused]").wait_for()
    assert shown.get_by_role("button", name="Continue", exact=True).is_visible()


def test_a_kernel_that_was_given_up_trains_for_nobody(show):
    figure = Heatmap("xor")
    page = show(figure, patience=1500)
    shown = page.locator("main div").first
    press(shown, "Skip the hunt")
    page.kernel.be_busy()
    press(shown, "Train them all live")
    shown.get_by_text("The kernel does not answer").first.wait_for()
    assert shown.locator(".nn").get_attribute("data-epoch") == "200"  # the recording
    page.kernel.free.set()
    assert until(page, lambda: figure.sessions == {})
    assert not any(content["kind"] == "report" and content["rows"] for content in page.kernel.sent)


@pytest.mark.parametrize("name", ["player", "heatmap"])
def test_a_view_that_is_no_longer_worked_for_is_not_dead(show, monkeypatch, name):
    monkeypatch.setattr(live, "VIEWS", 1)
    page = show(TrainingPlayer("xor") if name == "player" else Heatmap("xor"), patience=1500)
    page.evaluate("render(document.querySelector('main'))")
    page.wait_for_function("document.querySelectorAll('.nn[data-engine=kernel]').length === 2")
    shown = page.locator(".nn").first
    start = "Start" if name == "player" else "Train them all live"
    press(shown, "Skip" if name == "player" else "Skip the hunt")
    press(shown, start)
    shown.get_by_text("The kernel does not answer").first.wait_for()
    if name == "heatmap":
        assert shown.get_attribute("data-epoch") == "200"  # the recording
        return
    press(shown, start)
    page.wait_for_function("Number(document.querySelector('.nn').dataset.epoch) > 3")


def test_who_starts_before_the_kernel_answers_is_told_who_trains(show):
    page = show(TrainingPlayer("noisy_xor"), busy=True)
    shown = page.locator("main div").first
    who = shown.locator(".nn-who")
    assert who.inner_text().startswith("Waiting for the kernel")
    press(shown, "Skip")
    press(shown, "One epoch")
    page.kernel.free.set()
    shown.locator(".nn-who", has_text="Run the cell again to let nnlib do it").wait_for()
    assert shown.locator(".nn").get_attribute("data-engine") == "page"
    press(shown, "One epoch")
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), 2)


def test_pictures_are_of_the_epoch_that_is_shown(show):
    page, shown = in_training(show, "heatmap")
    press(shown, "Pause")
    shown.locator(".nn[data-state=paused]").wait_for()
    cell(shown, 30).click()
    press(shown, "Keep for comparison")
    cell(shown, 29).click()
    page.wait_for_function("document.querySelectorAll('.nn-closeup canvas').length === 2")
    press(shown, "Continue")
    shown.locator(".nn[data-state=done]").wait_for()
    page.wait_for_function("document.querySelectorAll('.nn-closeup canvas').length === 2")
    asked = [(one["cell"], one["epoch"]) for one in page.kernel.sent if one["kind"] == "picture"]
    assert {(30, 200), (29, 200)} <= set(asked)


def test_a_sweep_for_who_wants_no_motion(show):
    page = show(Heatmap("xor"), reduced_motion="reduce")
    shown = page.locator("main div").first
    press(shown, "Skip the hunt")
    press(shown, "Train them all live")
    page.wait_for_function("document.querySelector('.nn').dataset.state === 'training'")
    epochs = page.evaluate(
        """async () => {
          const figure = document.querySelector(".nn");
          const seen = new Set();
          const end = performance.now() + 1500;
          while (performance.now() < end && figure.dataset.state === "training") {
            seen.add(figure.dataset.epoch);
            await new Promise(requestAnimationFrame);
          }
          return seen.size;
        }"""
    )
    assert epochs <= 3


def test_after_divergence_a_lower_rate_goes_on(show):
    page = show(TrainingPlayer("digits", rate=50, l2=0.1))
    shown = page.locator("main div").first
    line = shown.locator(".nn-line")
    press(shown, "Skip")
    shown.get_by_label("Speed").select_option("as fast as it goes")
    press(shown, "Start")
    shown.locator(".nn-line", has_text="Training diverges: at epoch").wait_for()
    press(shown, "Continue")
    shown.locator(".nn-line", has_text="Training diverged in epoch").wait_for()
    text = line.inner_text()
    assert "no longer a number. Lower the learning rate, or step back and branch." in text
    assert "nan" not in text and "inf" not in text
    epoch = int(shown.locator(".nn").get_attribute("data-epoch"))
    slide(shown, "Learning rate", 3)  # 0.01
    press(shown, "One epoch")
    shown.locator(f".nn[data-epoch='{epoch + 1}'][data-state=paused]").wait_for()
    assert "diverged" not in line.inner_text()
