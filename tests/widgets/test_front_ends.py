"""The front-ends' sources: joined into one module each, typed, and handed out rightly."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from nncourse import widgets
from nncourse.widgets import base

HERE = Path(__file__).parent


def test_each_module_is_complete_and_parses(node):
    sources = {name: base.module_source(name) for name in base.module_names()}
    for source in sources.values():
        assert source.count("export default") == 1
        assert "http" not in source.replace("http://www.w3.org/2000/svg", "")
    script = """
    const found = {};
    for (const [name, source] of Object.entries(given)) {
      const address = "data:text/javascript;base64," + Buffer.from(source).toString("base64");
      found[name] = typeof (await import(address)).default.render;
    }
    console.log(JSON.stringify(found));
    """
    assert node(script, sources) == dict.fromkeys(sources, "function")


def test_an_unknown_module_is_refused():
    with pytest.raises(ValueError, match="no interactive is called 'shared'"):
        base.module_source("shared")
    with pytest.raises(AttributeError, match="Oracle"):
        widgets.Oracle  # noqa: B018


def checker(name):
    """The command of a JavaScript checker: installed beside these tests, or on the machine."""
    beside = HERE / "node_modules" / ".bin" / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} here: npm install --no-package-lock --prefix tests/widgets")
    return found


def test_types_of_the_front_ends():
    command = [checker("tsc"), "-p", str(HERE / "tsconfig.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_lint_of_the_front_ends():
    sources = "nncourse/widgets/static"
    command = [checker("eslint"), "--config", str(HERE / "eslint.config.js"), sources]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_numbers_as_a_reader_sees_them(node):
    script = """
    import { number, percent, setting } from "./formats.js";
    console.log(JSON.stringify([
      [0.12345, 0, 1.5, 12.34, 123.4, 0.0001, 123456, NaN, Infinity].map(number),
      [0.9575, 1].map(percent), [0.1, 1e-5, 0, 0.0003, 10].map(setting)]));
    """
    numbers, shares, settings = node(script)
    lost = "no longer a number"
    assert numbers == ["0.123", "0.000", "1.500", "12.3", "123", "1.0e-4", "1.2e5", lost, lost]
    assert [share.replace("\u00a0", " ") for share in shares] == ["95.8 %", "100.0 %"]
    assert settings == ["0.1", "1e-5", "0", "0.0003", "10"]


def test_what_is_no_number_in_the_kernel_is_none_on_the_page(node):
    script = """
    import { readReport } from "./engines.js";
    import { Kernel } from "./kernel.js";
    import { bestOf } from "./runs.js";
    const found = [];
    const model = { send: () => {}, off: () => {}, on: (name, hear) => (model.hear = hear) };
    const no = () => {};
    const message = (...one) => found.push(readReport(...one));
    const kernel = new Kernel(model, { here: no, silent: no, lost: no, message });
    kernel.id = "me";
    const record = (epoch, loss) => ({ epoch, train: loss, validation: loss });
    const records = [record(1, 0.5), record(2, null)];
    model.hear({ to: "you", kind: "report", records: [] }, []);
    model.hear({ to: "me", kind: "report", records }, [new Float64Array([1, 2, 3, 4])]);
    const got = found[0].records;
    console.log(JSON.stringify([found.length, got.map((one) => Number.isFinite(one.train)),
      got.map((one) => [...one.theta]), bestOf(got)]));
    kernel.close();
    """
    assert node(script) == [1, [True, False], [[1, 2], [3, 4]], 0]


def test_a_report_from_before_the_last_wish_stops_nothing(node):
    """Pause, and Continue before the answer is there: one clock runs, and nothing is paused."""
    script = """
    const clocks = new Map();
    globalThis.setTimeout = (call) => clocks.set(clocks.size, call).size - 1;
    globalThis.clearTimeout = (clock) => clocks.has(clock) && clocks.set(clock, null);
    const running = () => [...clocks.values()].filter(Boolean).map((call) => call.name);
    const { Kernel } = await import("./kernel.js");
    const [heard, sent] = [[], []];
    const model = { send: (wish) => sent.push(wish), on: (_, hear) => (model.hear = hear) };
    const message = ({ stopped }) => heard.push(stopped);
    const kernel = new Kernel(model, { here() {}, silent() {}, lost() {}, message });
    const report = (wish, stopped) =>
      model.hear({ to: kernel.id, kind: "report", frame: 1, wish, stopped }, []);
    const clock = [];
    kernel.ask({ do: "pause" });
    kernel.ask({ do: "go" });
    for (const one of [[1, "paused"], [2, null], [2, "done"]]) {
      report(...one);
      clock.push(running());
    }
    const wishes = sent.filter((one) => one.wish).map((one) => [one.do, one.wish]);
    console.log(JSON.stringify([heard, clock, wishes]));
    """
    heard, clock, wishes = node(script)
    assert heard == [None, None, "done"]
    assert clock == [["lost"], ["silent"], []]
    assert wishes == [["pause", 1], ["go", 2]]


@pytest.mark.parametrize("dark", ["true", "false"])
def test_counts_stand_out_from_the_cells_of_a_confusion_matrix(node, dark):
    """At least 4.5 to 1 (WCAG 1.4.3), right answers and wrong ones, for every share."""
    script = """
    import { paintMatrix } from "./pictures.js";
    const found = [];
    const pen = {
      clearRect() {},
      fillRect() { this.back = this.fillStyle; },
      fillText() { if (this.back) found.push([this.back, this.fillStyle]); },
    };
    const canvas = { width: 226, height: 226, getContext: () => pen };
    for (let one = 1; one < 100; one++)
      paintMatrix(canvas, { dataset: { dark: given } }, [one, 100 - one, 100 - one, one], 2);
    console.log(JSON.stringify(found));
    """

    def luminance(colour):
        digits = colour[1:] if colour[0] == "#" else None
        parts = [int(2 * one, 16) for one in digits] if digits else re.findall(r"\d+", colour)
        share = np.array(parts, float) / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    painted = [pair for pair in node(script, dark) if len(pair[1]) == 4]  # not the row numbers
    assert len(painted) >= 4 * 99
    for back, ink in painted:
        low, high = sorted([luminance(back), luminance(ink)])
        assert (high + 0.05) / (low + 0.05) >= 4.5, (back, ink)


def test_arrays_arrive_as_they_were_packed(node):
    arrays = {
        "a": np.array([1, 2, 3], np.uint8),
        "b": np.array([0.5, -2], np.float32),
        "c": np.array([[7, 65535]], np.uint16),
        "d": np.array([np.pi]),
    }
    block, layout = base.pack(arrays)
    script = """
    import { unpack } from "./shared.js";
    const view = new DataView(Uint8Array.from([9, 9, 9, ...given.bytes]).buffer, 3);
    const arrays = unpack(view, given.layout);
    console.log(JSON.stringify(Object.values(arrays).map((one) => [...one])));
    """
    found = node(script, {"bytes": list(block), "layout": layout})
    assert found == [array.ravel().tolist() for array in arrays.values()]


LIVE = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def displayed(monkeypatch):
    """What is displayed, in order."""
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, metadata, raw: shown.append((data, metadata))
    )
    return shown


def test_a_live_view_and_then_a_constant_copy(displayed):
    figure = widgets.TrainingPlayer("xor")
    bundle, about = figure._repr_mimebundle_()
    ((live, about_live),) = displayed
    # Each an output of its own: without a kernel Jupyter shows nothing of the first.
    assert set(live) == {LIVE}
    assert about_live == {"nnlib": {"live": True}}  # not to be stored in a chapter
    assert about == {}
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "<TrainingPlayer>"
    copy = bundle["text/html"]
    assert copy == widgets.TrainingPlayer("xor")._repr_mimebundle_()[0]["text/html"]
    data = json.loads(copy.split('application/json">')[1].split("</script>")[0])
    assert data["module"] == "player"
    assert data["state"]["settings"]["plan"] == figure.settings["plan"]


def test_colab_is_told_where_its_widget_manager_is(monkeypatch, displayed):
    class Output(ModuleType):
        _widgets = SimpleNamespace(_installed_url="manager.js")

        def enable_custom_widget_manager(self):
            pass

    monkeypatch.setitem(sys.modules, "google.colab.output", Output("google.colab.output"))
    widgets.TrainingPlayer("xor")._repr_mimebundle_()
    ((live, about),) = displayed
    assert about[LIVE] == {"colab": {"custom_widget_manager": {"url": "manager.js"}}}
    assert set(live) == {LIVE}


def test_text_in_a_figure_cannot_end_its_script():
    figure = base.Interactive({"text": "</script><b>"}, caption="a <b> & c")
    assert "</script><b>" not in figure._repr_html_()
    assert "a &lt;b&gt; &amp; c" in figure._repr_html_()


def test_without_anywidget_the_cure_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match="pip install anywidget"):
        widgets.TrainingPlayer("xor")._repr_mimebundle_()


def test_importing_the_quiz_brings_no_widget_library():
    script = (
        "import sys; from nncourse.widgets import base, quiz;"
        "base.module_source('player'); print([m for m in ('anywidget', 'matplotlib', 'sklearn',"
        " 'ipywidgets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
