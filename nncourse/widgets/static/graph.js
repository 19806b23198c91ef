// A network as a graph: units with their values, weights as lines. The inside that moves.
import { number } from "./formats.js";
import { draw, make } from "./shared.js";

/**
 * `weights[l][i][j]` leads from unit i of layer l to unit j of the next; `values[l][j]` stands in a
 * unit; `names[l][j]` beside it. What is picked is told as ["unit", l, j] or ["weight", l, i, j].
 * @typedef {{weights: number[][][], values?: (number | null)[][], names?: string[][],
 *   chosen?: (string | number)[], words?: string}} Inside
 */

export class NetworkGraph {
  constructor(
    /** @type {number[]} */ widths,
    /** @type {{label: string, tall?: number, pick?: (what: (string | number)[]) => void}} */ options,
  ) {
    Object.assign(this, { widths, options });
    this.widths = widths;
    this.options = options;
    this.most = Math.max(...widths);
    this.height = options.tall ?? Math.max(150, 46 * Math.min(this.most, 8));
    this.svg = draw("svg", { class: "nn-network", role: options.pick ? "group" : "img", viewBox: `0 0 400 ${this.height}`, "aria-label": options.label });
    this.element = make("div", { class: "nn-chart-box" }, this.svg);
    /** @type {Map<string, SVGElement>} */
    this.marks = new Map();
    const weights = draw("g");
    for (let l = 0; l + 1 < widths.length; l++)
      for (let i = 0; i < widths[l]; i++)
        for (let j = 0; j < widths[l + 1]; j++) {
          const [[x1, y1], [x2, y2]] = [this.at(l, i), this.at(l + 1, j)];
          weights.append(this.mark(["weight", l, i, j], draw("g", {}, draw("polygon", { class: "nn-touch", points: around(x1, y1, x2, y2) }), draw("line", { class: "nn-weight", x1, y1, x2, y2 }))));
        }
    const units = draw("g");
    widths.forEach((width, l) => {
      for (let j = 0; j < width; j++) {
        const [cx, cy] = this.at(l, j);
        units.append(this.mark(["unit", l, j], draw("g", {}, draw("circle", { class: "nn-unit", cx, cy, r: this.radius }),
          draw("text", { x: cx, y: cy + 4, "text-anchor": "middle" }))));
      }
    });
    this.svg.append(weights, units);
  }

  get radius() {
    return Math.min(21, (0.42 * this.height) / this.most);
  }

  /** Where a unit stands. */
  at(/** @type {number} */ l, /** @type {number} */ j) {
    const x = 34 + (332 * l) / Math.max(1, this.widths.length - 1);
    return [x, (this.height * (j + 0.5)) / this.widths[l]];
  }

  mark(/** @type {(string | number)[]} */ what, /** @type {SVGElement} */ element) {
    this.marks.set(what.join(), element);
    const { pick } = this.options;
    if (!pick) return element;
    for (const [name, value] of Object.entries({ tabindex: "0", role: "button", class: "nn-handle" })) element.setAttribute(name, value);
    element.addEventListener("click", () => pick(what));
    element.addEventListener("keydown", (event) => {
      if (!["Enter", " "].includes(/** @type {KeyboardEvent} */ (event).key)) return;
      event.preventDefault();
      pick(what);
    });
    return element;
  }

  show(/** @type {Inside} */ { weights, values, names, chosen, words = "" }) {
    const largest = Math.max(1e-9, ...weights.flat(2).map((w) => Math.abs(w)));
    weights.forEach((layer, l) => layer.forEach((row, i) => row.forEach((w, j) => {
      const mark = /** @type {SVGElement} */ (this.marks.get(`weight,${l},${i},${j}`));
      const line = mark.children[1];
      line.setAttribute("class", `nn-weight ${w < 0 ? "nn-negative" : "nn-positive"}`);
      line.setAttribute("stroke-width", (0.6 + (5.4 * Math.abs(w)) / largest).toFixed(2));
      mark.classList.toggle("nn-chosen", chosen?.join() === `weight,${l},${i},${j}`);
      if (this.options.pick) mark.setAttribute("aria-label", `weight from ${this.name(names, l, i)} to ${this.name(names, l + 1, j)}: ${number(w)}`);
    })));
    this.widths.forEach((width, l) => {
      for (let j = 0; j < width; j++) {
        const value = values?.[l]?.[j] ?? null;
        const mark = /** @type {SVGElement} */ (this.marks.get(`unit,${l},${j}`));
        const size = value === null ? 0 : Math.min(1, Math.abs(value));
        const circle = /** @type {SVGElement} */ (mark.children[0]);
        circle.style.setProperty("--filled", `${Math.round(60 * size)}%`);
        circle.classList.toggle("nn-negative", value !== null && value < 0);
        mark.children[1].textContent = this.radius < 14 ? "" : value === null ? names?.[l]?.[j] ?? "" : short(value);
        mark.classList.toggle("nn-chosen", chosen?.join() === `unit,${l},${j}`);
        if (this.options.pick) mark.setAttribute("aria-label", `${this.name(names, l, j)}${value === null ? "" : `: ${number(value)}`}`);
      }
    });
    this.svg.setAttribute("aria-label", [this.options.label, words].filter(Boolean).join(" "));
  }

  name(/** @type {string[][] | undefined} */ names, /** @type {number} */ l, /** @type {number} */ j) {
    return names?.[l]?.[j] ?? (l === 0 ? `input ${j + 1}` : l === this.widths.length - 1 ? `output ${j + 1}` : `unit ${j + 1} of layer ${l}`);
  }
}

/** A strip about a line, broad enough for a finger on a narrow screen, too. */
function around(/** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2, half = 17) {
  const long = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(half * (y1 - y2)) / long, (half * (x2 - x1)) / long];
  return `${x1 + dx},${y1 + dy} ${x2 + dx},${y2 + dy} ${x2 - dx},${y2 - dy} ${x1 - dx},${y1 - dy}`;
}

/** Two digits are all that fits into a unit. */
const short = (/** @type {number} */ value) => {
  const text = Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0);
  return text.replace("-", "\u2212");
};
