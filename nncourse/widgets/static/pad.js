// A square of cells to draw on: with mouse, finger, pen, or a cursor that the arrow keys move.
import { paintInk } from "./pictures.js";
import { make } from "./shared.js";

/**
 * `down`, `move` and `up` get the cell (column, row, as fractions where a hand is between two).
 * The space bar puts the pen down and lifts it again; with `taps` each press is down and up.
 * @typedef {{label: string, cells: number, taps?: boolean, keyStep?: number,
 *   down: (x: number, y: number) => void, move?: (x: number, y: number) => void, up?: () => void,
 *   cursor?: (words: string) => void}} PadOptions
 * @typedef {{values: ArrayLike<number>, dark: boolean, marked?: number[], words?: string}} Seen
 */

export class Pad {
  constructor(/** @type {PadOptions} */ options) {
    this.options = options;
    const { cells, down, move, up } = options;
    /** Where the keys' cursor is, whether its pen is down, and whether it is to be seen. */
    this.at = { x: Math.floor(cells / 2), y: Math.floor(cells / 2), pen: false, shown: false };
    /** @type {Seen} */
    this.seen = { values: [], dark: false };
    const canvas = (this.canvas = make("canvas", { width: 336, height: 336, tabindex: 0, role: "application", class: "nn-pad", "aria-label": options.label }));
    const cell = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      const within = (/** @type {number} */ part) => Math.max(0, Math.min(cells - 0.01, part * cells));
      return /** @type {[number, number]} */ ([within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)]);
    };
    canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      canvas.setPointerCapture(event.pointerId);
      this.at.shown = false;
      down(...cell(event));
    });
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (canvas.hasPointerCapture(event.pointerId)) move?.(...cell(event));
    });
    canvas.addEventListener("pointerup", () => up?.());
    canvas.addEventListener("pointercancel", () => up?.());
    canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    canvas.addEventListener("blur", () => {
      if (this.at.pen) up?.();
      this.at.pen = this.at.shown = false;
      this.show(this.seen);
    });
    this.element = canvas;
  }

  key(/** @type {KeyboardEvent} */ event) {
    const { cells, taps, keyStep = 1, down, move, up, cursor } = this.options;
    const { at } = this;
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    at.shown = true;
    if (way) {
      at.x = Math.max(0, Math.min(cells - 1, at.x + way[0] * keyStep));
      at.y = Math.max(0, Math.min(cells - 1, at.y + way[1] * keyStep));
      if (at.pen) move?.(at.x + 0.5, at.y + 0.5);
    } else if (taps || !at.pen) {
      at.pen = !taps;
      down(at.x + 0.5, at.y + 0.5);
    } else {
      at.pen = false;
      up?.();
    }
    this.show(this.seen);
    cursor?.(`Column ${at.x + 1}, row ${at.y + 1}${at.pen ? ", pen down" : ""}.`);
  }

  /** Values from 0 (paper) to 1 (ink), row by row; marked cells get a ring. */
  show(/** @type {Seen} */ seen) {
    this.seen = seen;
    const { values, dark, marked = [], words } = seen;
    const { canvas, at } = this;
    const side = Math.round(Math.sqrt(values.length)) || 1;
    const pen = paintInk(canvas, values, dark);
    const size = canvas.width / this.options.cells;
    pen.lineWidth = 2.5;
    pen.strokeStyle = dark ? "#f39a4a" : "#c65200";
    for (const k of marked) pen.strokeRect((k % side) * size + 1, Math.floor(k / side) * size + 1, size - 2, size - 2);
    if (at.shown) {
      const wide = Math.max(size, 12);
      pen.lineWidth = at.pen ? 5 : 2.5;
      pen.strokeStyle = dark ? "#56b4e9" : "#0072b2";
      pen.strokeRect((at.x + 0.5) * size - wide / 2, (at.y + 0.5) * size - wide / 2, wide, wide);
    }
    canvas.setAttribute("aria-label", [this.options.label, words].filter(Boolean).join(" "));
  }
}
