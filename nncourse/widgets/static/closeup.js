// Cells of the heatmap at close quarters: their numbers, curves, and what their networks do.
import { Chart } from "./chart.js";
import { percent } from "./formats.js";
import { paintMatrix, paintValues } from "./pictures.js";
import { figure, make } from "./shared.js";

/** @typedef {import("./hunt.js").Hunt} Hunt */

/** The numbers of some cells, a row for each. */
export function cellTable(/** @type {Hunt} */ hunt, /** @type {number[]} */ cells) {
  const data = (/** @type {string} */ text, columns = 1) => make("td", { colspan: columns }, figure(text));
  const heads = ["learning rate", "L2", "training", "validation", "gap"];
  const scores = (/** @type {number} */ cell) =>
    hunt.gone(cell)
      ? [data(hunt.scores.fate(cell), 3)]
      : ["train", "validation", "gap"].map((part) => data(percent(hunt.score(cell, part))));
  return make("table", { class: "nn-numbers" },
    make("caption", {}, `After epoch ${hunt.scores.epochs[hunt.at]}`),
    make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name))),
    ...cells.map((cell) => make("tr", {}, ...hunt.knobs(cell).map((knob) => data(knob)), ...scores(cell))));
}

/** One cell's curves and what its network does; drawn once it is placed. */
export function closeUp(
  /** @type {Hunt} */ hunt,
  /** @type {number} */ cell,
  /** @type {HTMLElement} */ root,
  /** @type {{picture: string, epochs: number[]}} */ settings,
) {
  const { epochs, train, validation, diverged, chaotic, pictures } = hunt.scores;
  const gone = hunt.gone(cell);
  const until = gone ? epochs.filter((epoch) => epoch < diverged[cell]).length : hunt.at + 1;
  const points = (/** @type {number[]} */ curve) =>
    curve.slice(0, until).map((value, k) => /** @type {[number, number]} */ ([epochs[k], value]));
  const chart = new Chart({ label: `Curves of ${hunt.describe(cell)}`, xLabel: "epoch", yLabel: "share right" });
  const matrix = settings.picture === "matrix";
  const what = matrix
    ? "Confusion matrix (true digit down, answer across)"
    : "Decision surface (blue: class 0, orange: class 1)";
  const canvas = /** @type {HTMLCanvasElement} */ (
    make("canvas", { width: 320, height: 320, role: "img", "aria-label": `${what} of ${hunt.describe(cell)}` }));
  const picture = hunt.atEnd() && !gone ? pictures[cell] : null;
  const legend = (/** @type {string} */ text) => make("p", { class: "nn-legend" }, text);
  const lost = !gone ? ""
    : chaotic[cell] ? "Chaotic: most runs at this learning rate still jump, and rounding decides where they end."
      : `Diverged in epoch ${diverged[cell]}: the cost was no longer a number.`;
  return {
    element: make("div", { class: "nn-closeup" }, legend(hunt.name(cell)), chart.element,
      ...(picture ? [canvas, legend(what)] : [legend(lost)])),
    draw() {
      chart.show({
        curves: [{ points: points(train[cell]), kind: "train" }, { points: points(validation[cell]), kind: "check" }],
        marks: [], here: null, xMax: settings.epochs[settings.epochs.length - 1], yMax: 1,
      });
      if (!picture) return;
      if (matrix) return paintMatrix(canvas, root, picture, 10);
      const values = Array.from(picture, (byte) => 0.62 * ((2 * byte) / 255 - 1));
      paintValues(canvas, root, values, Math.sqrt(picture.length));
    },
  };
}
