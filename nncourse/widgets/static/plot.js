// Axes with curves, bars and points that can be taken hold of: by mouse, touch and arrow keys.
import { draw, make } from "./shared.js";
import { setting, tickText } from "./formats.js";
import { Width } from "./width.js";

/**
 * `kind` is a colour of the style sheet: train, check, good, bet, soft; `dashed` tells lines apart
 * without it (`solid`: where nothing else is drawn). A point with `name` can be moved; a `label` stands beside what it names. `pieces` are
 * thin lines of the ground, [x1, y1, x2, y2] each, and `surface` is a canvas that fills the axes.
 * @typedef {{points: [number, number][], kind?: string, dashed?: boolean, solid?: boolean, label?: string}} Line
 * @typedef {{x: number, height: number, kind?: string, label?: string}} Bar
 * @typedef {{x: number, y: number, kind?: string, hollow?: boolean, square?: boolean, name?: string, label?: string}} Point
 * @typedef {{curves?: Line[], bars?: Bar[], points?: Point[], words?: string,
 *   pieces?: number[][], surface?: HTMLCanvasElement}} Shown
 * @typedef {{label: string, x: [number, number], y: [number, number], xLabel?: string, yLabel?: string,
 *   step?: number, tall?: number, ticks?: number[], move?: (which: number, x: number, y: number) => void,
 *   pick?: (x: number, y: number) => void}} PlotOptions
 */

/** About five round numbers between two. */
export function roundTicks(/** @type {number} */ low, /** @type {number} */ high, parts = 4) {
  const rough = (high - low) / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((one) => one >= rough * 0.999) ?? rough;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) =>
    Number(((first + k) * step).toPrecision(6)));
}

export class Plot {
  constructor(/** @type {PlotOptions} */ options) {
    this.options = options;
    /** @type {Shown} */
    this.shown = {};
    this.ground = draw("g");
    this.handles = draw("g");
    this.svg = draw("svg", { class: "nn-chart", role: options.move || options.pick ? "group" : "img", "aria-label": options.label },
      this.ground, this.handles);
    this.element = make("div", { class: "nn-chart-box" }, this.svg);
    this.width = this.height = 0;
    this.room = new Width(this.element, () => this.show(this.shown));
    if (options.pick) {
      this.svg.classList.add("nn-pick");
      this.ground.addEventListener("click", (/** @type {MouseEvent} */ event) => options.pick?.(...this.at(event)));
    }
  }

  /** Other limits, for instance after a control was moved. */
  limit(/** @type {[number, number]} */ x, /** @type {[number, number]} */ y) {
    Object.assign(this.options, { x, y });
  }

  px(/** @type {number} */ x) {
    const [low, high] = this.options.x;
    return 46 + ((x - low) / (high - low)) * (this.width - 62);
  }

  py(/** @type {number} */ y) {
    const [low, high] = this.options.y;
    return this.height - 38 - ((y - low) / (high - low)) * (this.height - 64);
  }

  /** The values under a finger or a mouse, within the axes. */
  at(/** @type {MouseEvent} */ event) {
    const { left, top } = this.svg.getBoundingClientRect();
    const { x, y } = this.options;
    const share = (/** @type {number} */ part) => Math.max(0, Math.min(1, part));
    return /** @type {[number, number]} */ ([
      x[0] + share((event.clientX - left - 46) / (this.width - 62)) * (x[1] - x[0]),
      y[0] + share((this.height - 38 - (event.clientY - top)) / (this.height - 64)) * (y[1] - y[0]),
    ]);
  }

  show(/** @type {Shown} */ shown) {
    this.shown = shown;
    const { options } = this;
    const width = (this.width = this.room.take());
    const height = (this.height = Math.round(Math.max(190, Math.min(360, width * (options.tall ?? 0.58)))));
    const [left, right, top, bottom] = [46, width - 16, 26, height - 38];
    const parts = [draw("rect", { x: left, y: top, width: right - left, height: bottom - top, fill: "transparent" })];
    const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ words, anchor = "middle") =>
      parts.push(draw("text", { x, y, "text-anchor": anchor }, words));
    if (shown.surface) parts.push(draw("image", { x: left, y: top, width: right - left, height: bottom - top, preserveAspectRatio: "none", href: shown.surface.toDataURL() }));
    if (shown.pieces)
      parts.push(draw("path", { class: "nn-contour", d: shown.pieces.map(([x1, y1, x2, y2]) => `M${this.px(x1).toFixed(1)},${this.py(y1).toFixed(1)}L${this.px(x2).toFixed(1)},${this.py(y2).toFixed(1)}`).join("") }));
    for (const tick of roundTicks(...options.y)) {
      parts.push(draw("line", { class: "nn-grid", x1: left, x2: right, y1: this.py(tick), y2: this.py(tick) }));
      text(left - 6, this.py(tick) + 4, tickText(tick), "end");
    }
    const bars = shown.bars ?? [];
    if (!bars.some((bar) => bar.label)) for (const tick of options.ticks ?? roundTicks(...options.x, width < 260 ? 2 : 4)) text(this.px(tick), bottom + 17, tickText(tick));
    const base = this.py(options.y[1] < 0 ? options.y[0] : Math.max(options.y[0], 0));
    parts.push(draw("line", { class: "nn-axis", x1: left, x2: right, y1: base, y2: base }));
    text((left + right) / 2, height - 4, options.xLabel ?? "");
    text(4, 12, options.yLabel ?? "", "start");
    const wide = bars.length ? Math.min(60, (0.8 * (right - left)) / bars.length) : 0;
    for (const bar of bars) {
      const y = this.py(Math.max(options.y[0], Math.min(options.y[1], bar.height)));
      parts.push(draw("rect", { class: `nn-bar-of nn-${bar.kind ?? "train"}`, x: this.px(bar.x) - wide / 2, width: wide,
        y: Math.min(y, base), height: Math.abs(base - y) }));
      if (bar.label) text(this.px(bar.x), bottom + 17, bar.label);
    }
    const viewBox = `${left - 2} ${top - 6} ${right - left + 4} ${bottom - top + 8}`;
    const inside = draw("svg", { x: left - 2, y: top - 6, width: right - left + 4, height: bottom - top + 8, viewBox });
    for (const { points, kind = "train", dashed, solid } of shown.curves ?? [])
      inside.append(draw("polyline", {
        class: `nn-curve nn-${kind}${dashed ? " nn-dashed" : ""}${solid ? " nn-solid" : ""}`,
        points: points.filter((one) => one.every(Number.isFinite)).map(([a, b]) => `${this.px(a).toFixed(1)},${this.py(b).toFixed(1)}`).join(" "),
      }));
    parts.push(inside);
    for (const { label, ...at } of [...(shown.points ?? []), ...(shown.curves ?? []).map(({ points, label }) => ({ x: points[0]?.[0], y: points[0]?.[1], label }))]) {
      if (!label || !Number.isFinite(at.x)) continue;
      const x = this.px(at.x); // beside it, and within the axes
      parts.push(draw("text", { class: "nn-mark-label nn-name", x: x + (x > right - 60 ? -10 : 10), y: Math.max(top + 12, Math.min(bottom - 6, this.py(at.y) - 8)), "text-anchor": x > right - 60 ? "end" : "start" }, label));
    }
    const still = (shown.points ?? []).filter((point) => !point.name);
    parts.push(...still.map((point) => this.dot(point)));
    this.ground.replaceChildren(...parts);
    this.place((shown.points ?? []).filter((point) => point.name));
    for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(key, String(value));
    this.svg.setAttribute("aria-label", [options.label, shown.words].filter(Boolean).join(" "));
  }

  dot(/** @type {Point} */ point) {
    const kind = `nn-point nn-${point.kind ?? "train"}${point.hollow ? " nn-hollow" : ""}`;
    const [x, y] = [this.px(point.x), this.py(point.y)];
    return point.square
      ? draw("rect", { class: kind, x: x - 6, y: y - 6, width: 12, height: 12 })
      : draw("circle", { class: kind, cx: x, cy: y, r: 6.5 });
  }

  /** Handles stay the same elements, so that focus and a drag survive the drawing. */
  place(/** @type {Point[]} */ points) {
    while (this.handles.children.length > points.length) this.handles.lastChild.remove();
    points.forEach((point, k) => {
      const handle = this.handles.children[k] ?? this.handles.appendChild(this.handle(k));
      handle.replaceChildren(draw("circle", { cx: this.px(point.x), cy: this.py(point.y), r: 16, fill: "transparent" }), this.dot(point));
      handle.setAttribute("aria-label", `${point.name}: ${setting(Number(point.x.toPrecision(3)))}, ${setting(Number(point.y.toPrecision(3)))}. Arrow keys move it.`);
    });
  }

  handle(/** @type {number} */ which) {
    const { options } = this;
    const moved = (/** @type {number} */ x, /** @type {number} */ y) => {
      const within = (/** @type {number} */ value, /** @type {[number, number]} */ [low, high]) => Math.max(low, Math.min(high, value));
      options.move?.(which, within(x, options.x), within(y, options.y));
    };
    const handle = draw("g", { class: "nn-handle", tabindex: 0, role: "button" });
    handle.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => handle.setPointerCapture(event.pointerId));
    handle.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (handle.hasPointerCapture(event.pointerId)) moved(...this.at(event));
    });
    handle.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      /** @type {Record<string, [number, number]>} */
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      const way = ways[event.key];
      const point = (this.shown.points ?? []).filter((one) => one.name)[which];
      if (!way || !point) return;
      event.preventDefault();
      const { step = (options.x[1] - options.x[0]) / 40 } = options;
      moved(point.x + way[0] * step, point.y + way[1] * step);
    });
    return handle;
  }
}
