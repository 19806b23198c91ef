// Pictures drawn on canvases: decision surfaces, weights, confusion matrices.
import { inkOn, mix, palette } from "./theme.js";

/** @typedef {import("./network.js").PageNetwork} PageNetwork */
/** @typedef {{X: Float64Array, y: ArrayLike<number>}} Rows */

const RANGE = 2.2; // the surface shows -2.2 ... 2.2 in both directions
const GRID = 48;

/** Points of the grid, row by row from the top. */
const gridPoints = (() => {
  const points = new Float64Array(GRID * GRID * 2);
  for (let i = 0; i < GRID * GRID; i++) {
    points[2 * i] = (((i % GRID) + 0.5) / GRID) * 2 * RANGE - RANGE;
    points[2 * i + 1] = RANGE - ((Math.floor(i / GRID) + 0.5) / GRID) * 2 * RANGE;
  }
  return points;
})();

/** Paints values from -1 to 1, row by row, stretched over the canvas. */
export function paintValues(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {HTMLElement} */ root,
  /** @type {ArrayLike<number>} */ values,
  /** @type {number} */ columns,
  smooth = true,
) {
  const colours = palette(root);
  return stretch(canvas, values.length, columns, (k) => mix(colours, values[k]), smooth);
}

/** Paints values from 0 (paper) to 1 (ink), row by row, stretched over the canvas. */
export function paintInk(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {ArrayLike<number>} */ values,
  /** @type {boolean} */ dark,
) {
  const side = Math.round(Math.sqrt(values.length)) || 1;
  const [paper, ink] = dark ? [30, 235] : [255, 20];
  const grey = [0, 0, 0];
  return stretch(canvas, values.length, side, (k) => grey.fill(paper + (ink - paper) * values[k]), false);
}

/** Pixels, row by row, stretched over a canvas. */
function stretch(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {number} */ pixels,
  /** @type {number} */ columns,
  /** @type {(k: number) => number[]} */ colour,
  /** @type {boolean} */ smooth,
) {
  const small = document.createElement("canvas");
  [small.width, small.height] = [columns, pixels / columns || 1];
  const image = new ImageData(small.width, small.height);
  for (let k = 0; k < pixels; k++) {
    const [red, green, blue] = colour(k);
    image.data[4 * k] = red;
    image.data[4 * k + 1] = green;
    image.data[4 * k + 2] = blue;
    image.data[4 * k + 3] = 255;
  }
  small.getContext("2d")?.putImageData(image, 0, 0);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.imageSmoothingEnabled = smooth;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  return pen;
}

/** Which class the network sees where, and the points: circles for 0, triangles for 1. */
export function paintSurface(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {HTMLElement} */ root,
  /** @type {PageNetwork} */ network,
  /** @type {Rows} */ train,
  /** @type {Rows} */ validation,
) {
  const logits = network.forward(gridPoints, GRID * GRID);
  const pen = paintValues(canvas, root, logits.map((z) => 0.62 * Math.tanh(z / 2)), GRID);
  const colours = palette(root);
  const scale = canvas.width / (2 * RANGE);
  for (const [rows, filled] of /** @type {[Rows, boolean][]} */ ([[validation, false], [train, true]])) {
    const size = canvas.width / (rows.y.length > 20 ? 90 : 45);
    for (let i = 0; i < rows.y.length; i++) {
      const x = (rows.X[2 * i] + RANGE) * scale;
      const y = (RANGE - rows.X[2 * i + 1]) * scale;
      const colour = `rgb(${(rows.y[i] ? colours.high : colours.low).join()})`;
      pen.beginPath();
      if (rows.y[i]) {
        pen.moveTo(x, y - 1.25 * size);
        pen.lineTo(x + 1.15 * size, y + 0.85 * size);
        pen.lineTo(x - 1.15 * size, y + 0.85 * size);
        pen.closePath();
      } else pen.arc(x, y, size, 0, 7);
      pen.fillStyle = filled ? colour : colours.paper;
      pen.strokeStyle = filled ? colours.paper : colour;
      pen.lineWidth = filled ? size / 4 : size / 2.2;
      pen.fill();
      pen.stroke();
    }
  }
}

/** The weights into each unit of the first layer as a picture (side x side pixels). */
export function paintWeights(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {HTMLElement} */ root,
  /** @type {PageNetwork} */ network,
) {
  const [inputs, units] = network.widths;
  const side = Math.round(Math.sqrt(inputs));
  const columns = Math.ceil(Math.sqrt(units * 1.2));
  const rows = Math.ceil(units / columns);
  const weights = network.theta.subarray(0, inputs * units);
  const most = weights.reduce((a, w) => Math.max(a, Math.abs(w)), 1e-12);
  const cell = side + 1;
  const across = columns * cell + 1;
  const values = new Float64Array(across * (rows * cell + 1));
  for (let unit = 0; unit < units; unit++) {
    const corner = (Math.floor(unit / columns) * cell + 1) * across + (unit % columns) * cell + 1;
    for (let k = 0; k < inputs; k++)
      values[corner + Math.floor(k / side) * across + (k % side)] = weights[k * units + unit] / most;
  }
  canvas.height = Math.round((canvas.width * values.length) / across / across);
  paintValues(canvas, root, values, across, false);
}

/** A confusion matrix: true classes down, answers across; the darker, the more. */
export function paintMatrix(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {HTMLElement} */ root,
  /** @type {ArrayLike<number>} */ counts,
  /** @type {number} */ classes,
) {
  const colours = palette(root);
  const edge = 26;
  const cell = (canvas.width - edge) / classes;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.font = "15px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let row = 0; row < classes; row++) {
    let sum = 0;
    for (let column = 0; column < classes; column++) sum += counts[row * classes + column];
    pen.fillStyle = colours.ink;
    pen.fillText(String(row), edge / 2, edge + (row + 0.5) * cell);
    pen.fillText(String(row), edge + (row + 0.5) * cell, edge / 2);
    for (let column = 0; column < classes; column++) {
      const count = counts[row * classes + column];
      const share = count / Math.max(1, sum);
      // Right answers are blue, wrong ones orange.
      const colour = mix(colours, (row === column ? -1 : 1) * Math.sqrt(share));
      pen.fillStyle = `rgb(${colour.join()})`;
      pen.fillRect(edge + column * cell, edge + row * cell, cell - 1, cell - 1);
      pen.fillStyle = inkOn(colour);
      if (count) pen.fillText(String(count), edge + (column + 0.5) * cell, edge + (row + 0.5) * cell);
    }
  }
}
