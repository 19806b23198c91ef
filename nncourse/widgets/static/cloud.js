// A cloud of points in three dimensions that can be turned; drawn flat it is a plain scatter plot.
import { make } from "./shared.js";
import { palette } from "./theme.js";

const [WIDE, HIGH, SCALE] = [640, 520, 1.9];
const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;

/** From left to right, from below, and towards the reader: `turn` about the second axis, then `tilt`. */
export function turned(/** @type {ArrayLike<number>} */ points, /** @type {number} */ k, /** @type {number} */ turn, /** @type {number} */ tilt) {
  const [a, b, c] = [points[3 * k], points[3 * k + 1], points[3 * k + 2]];
  const [ct, st, cl, sl] = [Math.cos(radians(turn)), Math.sin(radians(turn)), Math.cos(radians(tilt)), Math.sin(radians(tilt))];
  const depth = ct * c - st * a;
  return [ct * a + st * c, cl * b - sl * depth, sl * b + cl * depth];
}

/**
 * `looks[k]` is how point k is drawn: "" faint, "one" a dot, "two" a triangle; `wrong` gets a ring,
 * `chosen` a large one; `names` are written where they stand in the cloud.
 * @typedef {{turn: number, tilt: number, looks: string[], wrong: boolean[], chosen: number, names: [string, number[]][], words: string}} View
 */
export class Cloud {
  constructor(
    /** @type {HTMLElement} */ root,
    /** @type {ArrayLike<number>} */ points,
    /** @type {{label: string, turn: (by: number, tilt: number) => void, pick: (k: number) => void}} */ options,
  ) {
    Object.assign(this, { root, points, options });
    this.root = root;
    this.points = points;
    this.options = options;
    const canvas = (this.element = make("canvas", { width: WIDE, height: HIGH, role: "img", class: "nn-cloud", "aria-label": options.label }));
    /** @type {number[]} */
    let last = [];
    let far = 0;
    canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      canvas.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
      far = 0;
    });
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]];
      // Five degrees for eight pixels, as the sliders have it.
      const [turn, tilt] = [Math.trunc(dx / 8), Math.trunc(dy / 8)];
      if (!turn && !tilt) return;
      far += 1;
      last = [last[0] + 8 * turn, last[1] + 8 * tilt];
      options.turn(5 * turn, 5 * tilt);
    });
    canvas.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => {
      if (far) return;
      const box = canvas.getBoundingClientRect();
      const near = this.near(((event.clientX - box.left) / box.width) * WIDE, ((event.clientY - box.top) / box.height) * HIGH);
      if (near >= 0) options.pick(near);
    });
    /** @type {View | null} */
    this.view = null;
  }

  place(/** @type {number} */ k) {
    const { turn, tilt } = /** @type {View} */ (this.view);
    const [x, y, depth] = turned(this.points, k, turn, tilt);
    return [WIDE / 2 + SCALE * x, HIGH / 2 - SCALE * y, depth];
  }

  /** The point under a finger, or -1. */
  near(/** @type {number} */ x, /** @type {number} */ y) {
    let best = { k: -1, far: 400 };
    for (let k = 0; 3 * k < this.points.length; k++) {
      const [px, py] = this.place(k);
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < best.far) best = { k, far };
    }
    return best.k;
  }

  show(/** @type {View} */ view) {
    this.view = view;
    const { root, element: canvas } = this;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const colours = palette(root);
    const style = getComputedStyle(root);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim() || colours.ink;
    const paint = { "": colour("--soft"), one: colour("--train"), two: colour("--good") };
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, WIDE, HIGH);
    this.axes(pen, colour("--soft"));
    const order = Array.from(view.looks, (_, k) => ({ k, at: this.place(k) })).sort((a, b) => a.at[2] - b.at[2]);
    for (const loud of [false, true])
      for (const { k, at: [x, y, depth] } of order) {
        const look = /** @type {"" | "one" | "two"} */ (view.looks[k]);
        if (loud !== (look !== "" || view.wrong[k])) continue;
        const size = (look ? 6 : 3.5) * (1 + depth / 500);
        pen.globalAlpha = look ? 0.9 : 0.45;
        pen.fillStyle = paint[look];
        pen.beginPath();
        if (look === "two") {
          pen.moveTo(x, y - 1.2 * size);
          pen.lineTo(x + 1.1 * size, y + 0.8 * size);
          pen.lineTo(x - 1.1 * size, y + 0.8 * size);
        } else pen.arc(x, y, size, 0, 7);
        pen.fill();
        pen.globalAlpha = 1;
        if (view.wrong[k]) ring(pen, x, y, size + 2.5, colour("--check"), 2.5);
        if (k === view.chosen) ring(pen, x, y, 14, colours.ink, 3);
      }
    pen.font = "600 24px system-ui, sans-serif";
    for (const [name, rows] of view.names) {
      const sum = rows.map((k) => this.place(k)).reduce((a, b) => [a[0] + b[0], a[1] + b[1]], [0, 0]);
      this.letter(pen, name, sum[0] / rows.length, sum[1] / rows.length, colours.ink);
    }
    canvas.setAttribute("aria-label", `${this.options.label} ${view.words}`);
  }

  /** Three lines from the middle, so that one sees how the cloud is turned. */
  axes(/** @type {CanvasRenderingContext2D} */ pen, /** @type {string} */ colour) {
    const { turn, tilt } = /** @type {View} */ (this.view);
    pen.font = "20px system-ui, sans-serif";
    for (let axis = 0; axis < 3; axis++) {
      const [x, y] = turned([0, 1, 2].map((k) => (k === axis ? 112 : 0)), 0, turn, tilt);
      if (Math.hypot(x, y) < 12) continue; // it points at the reader
      pen.strokeStyle = colour;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(WIDE / 2, HIGH / 2);
      pen.lineTo(WIDE / 2 + SCALE * x, HIGH / 2 - SCALE * y);
      pen.stroke();
      // The first and the third turn in one plane: one name above it, one below.
      this.letter(pen, `axis ${axis + 1}`, WIDE / 2 + 1.12 * SCALE * x, HIGH / 2 - 1.12 * SCALE * y + [-14, 0, 14][axis], colour);
    }
  }

  letter(/** @type {CanvasRenderingContext2D} */ pen, /** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ colour) {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 5;
    pen.lineJoin = "round";
    pen.strokeStyle = palette(this.root).paper;
    const half = pen.measureText(text).width / 2 + 4;
    const at = Math.max(half, Math.min(WIDE - half, x));
    pen.strokeText(text, at, y);
    pen.fillStyle = colour;
    pen.fillText(text, at, y);
  }
}

function ring(/** @type {CanvasRenderingContext2D} */ pen, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ size, /** @type {string} */ colour, /** @type {number} */ wide) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.stroke();
}
