"""How large and how quick the interactives are: ``python -m benchmarks --figures``.

Each figure is opened in a browser on the built book (``make book`` first), at the place where it
stands in its chapter.  Measured are, three times over, with the median:

- *first*: from the moment at which a reader who has looked at the top of the page lands on it
  (the page may have fetched its script while it was idle, as it does for readers), to the frame
  after which it can be used;
- *update*: from an input (a slider, a list, a cell, a step) to the frame that shows what it did,
  for each of its controls; told are the median of all and the slowest control.

Sizes are counted: lines of the figure's own modules (what figures share is in the kit), data in the
page, its bundled script.  The kernel's numbers come from tests that drive JupyterLab.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tools.chromium import FLAGS, find_browser
from tools.serve import served

HERE = Path(__file__).resolve().parent
SITE = HERE.parent / "_build" / "html"
LIVE = [
    f"tests/widgets/test_lab.py::{test}"
    for test in ("test_nnlib_trains_live_and_other_cells_run", "test_a_sweep_fills_in_live")
]
FIRST, UPDATE, DATA = 100, 50, 200  # what is to be reached: ms, ms, kB
# The figures that are interactives of their own (`explore` shows stored pictures).
NOT_COUNTED = {"explore"}

# Runs in the page, at its top: lands on a figure, returns the milliseconds until it can be used.
LAND = """(element) => new Promise((resolve) => {
  const start = performance.now();
  const drawn = () => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now() - start);
    port2.postMessage(0);
  });
  if (element.dataset.ready) return resolve(null);
  new MutationObserver((_, watch) => {
    if (!element.dataset.ready && !element.dataset.error) return;
    watch.disconnect();
    drawn();
  }).observe(element, { attributes: true });
  element.scrollIntoView({ block: "center", behavior: "instant" });
})"""

# Works each control of a figure; returns [name, milliseconds] for each input.
WORK = """async (element) => {
  const name = (one) => (one.ariaLabel || one.textContent || one.tagName).trim().slice(0, 40);
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  }));
  const usable = (one) => one.checkVisibility() && !one.disabled && one.ariaDisabled !== "true";
  const key = (key) => new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  const found = [];
  const measure = async (one, act) => {
    await frame();
    const start = performance.now();
    act();
    await frame();
    found.push([name(one), performance.now() - start]);
  };
  const all = (what) => [...element.querySelectorAll(what)].filter(usable);
  for (const slider of all("input[type=range]"))
    for (const share of [0.2, 0.8, 0.5, 0.6]) {
      if (!usable(slider)) break;
      await measure(slider, () => {
        slider.value = +slider.min + Math.round(share * (slider.max - slider.min));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  for (const list of all("select"))
    for (const k of [list.options.length - 1, 0, list.selectedIndex]) {
      if (!usable(list)) break;
      await measure(list, () => {
        list.selectedIndex = k;
        list.dispatchEvent(new Event("input", { bubbles: true }));
        list.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  for (const pad of all("canvas[tabindex]"))
    for (const press of [" ", "ArrowRight", "ArrowDown", " "])
      await measure(pad, () => pad.dispatchEvent(key(press)));
  for (const handle of all(".nn-handle").slice(0, 2))
    for (const press of ["ArrowRight", "ArrowUp"])
      await measure(handle, () => handle.dispatchEvent(key(press)));
  for (const cell of all(".nn-cell").slice(0, 4)) await measure(cell, () => cell.click());
  for (const step of all("button").filter((one) => /step|forward|next|start again/i.test(name(one)))
    .filter((one) => !/one step (up|down)/.test(name(one))).slice(0, 3))
    await measure(step, () => step.click());
  return found;
}"""


def measure(repeats: int = 3) -> dict[str, dict]:
    """Sizes and times of each figure of the built book, by the name of its module."""
    places = where(SITE)
    if not places:
        raise SystemExit("No built book: run `make book` first, then measure.")
    with served(SITE) as address, browser() as chromium:
        seen: dict[str, list] = {}
        for page, modules in places.items():
            for name in modules * repeats:
                seen.setdefault(name, []).append(visit(chromium, f"{address}/{page}", name))
    return {name: sizes(name, places) | summary(visits) for name, visits in sorted(seen.items())}


def where(site: Path) -> dict[str, list[str]]:
    """The modules on each page, each module on the first page that shows it."""
    places, known = {}, set(NOT_COUNTED)
    for path in sorted(site.glob("chapters/[0-9]*.html")):
        names = re.findall(r'data-module="(\w+)"', path.read_text(encoding="utf-8"))
        new = [name for name in dict.fromkeys(names) if name not in known]
        known.update(new)
        if new:
            places[f"chapters/{path.name}"] = new
    return places


def sizes(name: str, places: dict[str, list[str]]) -> dict:
    """Lines, and kilobytes of data and script, of one figure."""
    from nncourse.widgets.base import BUNDLED

    page = next(page for page, names in places.items() if name in names)
    text = (SITE / page).read_text(encoding="utf-8")
    start = text.index(f'data-module="{name}"')
    data = re.search(r"<script type=.application/json.>(.*?)</script>", text[start:], re.DOTALL)
    return {
        "page": Path(page).stem,
        "lines": sum(own_modules(name).values()),
        "data_kb": round(len(data[1]) / 1000, 1),
        "script_kb": round((BUNDLED / f"{name}.js").stat().st_size / 1000, 1),
    }


def own_modules(name: str) -> dict[str, int]:
    """Lines of each module that a figure is made of, but for those of the kit."""
    from nncourse.widgets.base import STATIC

    def text(module: str) -> str:
        return (STATIC / f"{module}.js").read_text(encoding="utf-8")

    def used(module: str) -> list[str]:
        return re.findall(r'from "\./([\w-]+)\.js"', text(module))

    kit = {"kit", *used("kit")}
    found, left = {}, [name]
    while left:
        module = left.pop()
        if module not in found and module not in kit:
            found[module] = len(text(module).splitlines())
            left += used(module)
    return found


def visit(chromium, address: str, name: str) -> tuple[float | None, list]:
    """Milliseconds to the first use of a figure on a fresh page, and each input's."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address)
    page.evaluate("() => window.MathJax?.startup?.promise")
    shown = page.locator(f".nn-static[data-module={name}]").first
    first = shown.evaluate(LAND)
    skip = shown.locator("[data-skip]:visible")
    if skip.count():
        skip.first.click()
    inputs = shown.evaluate(WORK)
    context.close()
    return first, inputs


def summary(visits: list) -> dict:
    """Medians over the visits."""
    first = [each for each, _ in visits if each is not None]
    by_control: dict[str, list[float]] = {}
    for _, inputs in visits:
        for control, took in inputs:
            by_control.setdefault(control, []).append(took)
    medians = {control: statistics.median(times) for control, times in by_control.items()}
    slowest = max(medians, key=medians.get) if medians else ""
    every = [took for times in by_control.values() for took in times]
    return {
        "first_ms": round(statistics.median(first), 1) if first else None,
        "update_ms": round(statistics.median(every), 1) if every else None,
        "slowest_ms": round(medians[slowest], 1) if medians else None,
        "slowest": slowest,
        "inputs": len(every),
    }


def in_the_kernel(known: dict) -> dict[str, float]:
    """Redraw rate and stop latency, as the tests that drive JupyterLab note them."""
    return {name: value for name, value in known.items() if re.match(r"(player|heatmap) in ", name)}


def ask_the_kernel() -> None:
    """Run those tests; they write what they measure beside ours."""
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *LIVE]
    done = subprocess.run(call, capture_output=True, text=True, cwd=HERE.parent)
    if done.returncode:
        print(f"The kernel's numbers are missing:\n{done.stdout[-500:]}", file=sys.stderr)


def run(measured: Path, *, repeats: int = 3, kernel: bool = True) -> None:
    """Measure, write into ``measured``, print the table."""
    found = measure(repeats)
    if kernel:
        ask_the_kernel()
    known = json.loads(measured.read_text()) if measured.exists() else {}
    known["figures"] = found
    measured.parent.mkdir(exist_ok=True)
    measured.write_text(json.dumps(known, indent=1))
    print("\n".join(table(known)))


def table(known: dict) -> list[str]:
    """The table in Markdown; bold is what misses its goal."""

    def cell(value, most) -> str:
        if value is None:
            return "not seen"
        return f"**{value:.0f}**" if value > most else f"{value:.0f}"

    lines = [
        f"Goals: first use within {FIRST} ms of landing on it, each answer within {UPDATE} ms (the "
        f"wait for the screen's next frame counts), data under {DATA} kB. Bold misses its goal.",
        "",
        "| figure | lines | data, kB | script, kB | first use, ms | update, ms "
        "| slowest control, ms | inputs |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in known["figures"].items():
        slowest = cell(one["slowest_ms"], UPDATE)
        slowest += f" ({one['slowest']})" if one["slowest"] else ""
        lines.append(
            f"| {name} | {one['lines']} | {cell(one['data_kb'], DATA)} | {one['script_kb']:.0f} | "
            f"{cell(one['first_ms'], FIRST)} | {cell(one['update_ms'], UPDATE)} | {slowest} | "
            f"{one['inputs']} |"
        )
    lines += ["", *(f"- {name}: {value:.0f}" for name, value in in_the_kernel(known).items())]
    return lines


@contextmanager
def browser():
    """Chromium, or whatever of its kind there is."""
    from playwright.sync_api import sync_playwright

    executable = find_browser()
    if executable is None:
        raise SystemExit("No Chromium or Chrome on this machine: the figures are not measured.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()
