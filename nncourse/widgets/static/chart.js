// Curves over epochs, drawn as SVG.
import { roundTicks } from "./plot.js";
import { draw, make } from "./shared.js";
import { Width } from "./width.js";

/**
 * @typedef {{points: [number, number][], kind: string, faint?: boolean}} Curve
 * @typedef {{x: number, label: string, kind: string, row?: number}} Mark
 * @typedef {{curves: Curve[], marks: Mark[], here: number | null, xMax: number, yMax: number}} View
 */

/** Curves over epochs, as wide as the place it is put in; a click or a drag picks an x. */
export class Chart {
  constructor(
    /** @type {{label: string, xLabel: string, yLabel: string, pick?: (x: number) => void}} */ options,
  ) {
    this.options = options;
    /** @type {View} */
    this.view = { curves: [], marks: [], here: null, xMax: 1, yMax: 1 };
    this.svg = draw("svg", { class: "nn-chart", role: "img", "aria-label": options.label });
    this.element = make("div", { class: "nn-chart-box" }, this.svg);
    this.left = this.right = 0;
    this.room = new Width(this.element, () => this.show(this.view));
    if (options.pick) this.listen(options.pick);
  }

  listen(/** @type {(x: number) => void} */ pick) {
    const at = (/** @type {PointerEvent} */ event) => {
      const x = (event.clientX - this.svg.getBoundingClientRect().left - this.left) / (this.right - this.left);
      pick(Math.round(Math.max(0, Math.min(1, x)) * this.view.xMax));
    };
    this.svg.classList.add("nn-pick");
    this.svg.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      this.svg.setPointerCapture(event.pointerId);
      at(event);
    });
    this.svg.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (event.buttons) at(event);
    });
  }

  show(/** @type {View} */ view) {
    this.view = view;
    const width = this.room.take();
    const height = Math.round(Math.max(170, Math.min(320, width * 0.58)));
    [this.left, this.right] = [46, width - 16]; // half a label of three digits
    const [top, bottom] = [26, height - 38];
    const { left, right } = this;
    const x = (/** @type {number} */ value) => left + (value / view.xMax) * (right - left);
    const y = (/** @type {number} */ value) => bottom - Math.min(value / view.yMax, 99) * (bottom - top);
    const parts = [];
    for (const tick of roundTicks(0, view.yMax)) {
      parts.push(draw("line", { class: "nn-grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }));
      parts.push(draw("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
    }
    for (const tick of roundTicks(0, view.xMax, width < 260 ? 2 : 4))
      parts.push(draw("text", { x: x(tick), y: bottom + 17, "text-anchor": "middle" }, String(tick)));
    parts.push(draw("line", { class: "nn-axis", x1: left, x2: right, y1: bottom, y2: bottom }));
    parts.push(draw("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, this.options.xLabel));
    parts.push(draw("text", { x: 4, y: 12 }, this.options.yLabel));
    const labels = []; // over everything else
    for (const mark of view.marks) {
      const place = x(mark.x);
      const atEnd = place > (left + right) / 2;
      const line = top + 12 + 16 * (mark.row ?? 0);
      parts.push(draw("line", { class: `nn-mark nn-${mark.kind}`, x1: place, x2: place, y1: top, y2: bottom }));
      const text = { x: place + (atEnd ? -5 : 5), y: line, "text-anchor": atEnd ? "end" : "start" };
      labels.push(draw("text", { class: `nn-mark-label nn-${mark.kind}`, ...text }, mark.label));
    }
    // A picture within the picture: what is above the axis leaves it at the top.
    const [wide, high] = [right - left + 4, bottom - top + 8];
    const viewBox = `${left - 2} ${top - 6} ${wide} ${high}`;
    const plot = draw("svg", { x: left - 2, y: top - 6, width: wide, height: high, viewBox });
    parts.push(plot);
    for (const curve of view.curves) {
      const points = curve.points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
      plot.append(draw("polyline", { class: `nn-curve nn-${curve.kind}${curve.faint ? " nn-faint" : ""}`, points }));
      const last = curve.points[curve.points.length - 1];
      if (last && curve.points.length === 1)
        plot.append(draw("circle", { class: `nn-dot nn-${curve.kind}`, cx: x(last[0]), cy: y(last[1]), r: 3 }));
    }
    if (view.here !== null)
      parts.push(draw("line", { class: "nn-here", x1: x(view.here), x2: x(view.here), y1: top - 6, y2: bottom }));
    parts.push(...labels);
    this.svg.setAttribute("width", String(width));
    this.svg.setAttribute("height", String(height));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(...parts);
  }
}

/** Which line is which: the kind of each and its name, which stay together. */
export const curveLegend = (names = [["train", "training"], ["check", "validation"]]) =>
  make("p", { class: "nn-legend" }, ...names.map(([kind, words]) =>
    make("span", { class: "nn-together" }, make("span", { class: `nn-key nn-${kind}`, "aria-hidden": "true" }), `${words} `)));
