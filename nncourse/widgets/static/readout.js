// What the player shows of one epoch: its numbers, and what the network has learnt.
import { networkOf } from "./engines.js";
import { number, percent, setting } from "./formats.js";
import { paintSurface, paintWeights } from "./pictures.js";
import { figure, make } from "./shared.js";

/** @typedef {import("./engines.js").EpochRecord} EpochRecord */
/** @typedef {import("./engines.js").Task} Task */
/** @typedef {import("./runs.js").Runs} Runs */

/** Losses and shares of right answers, as the contents of a table. */
export function numbersOf(/** @type {Runs} */ runs, /** @type {EpochRecord} */ record) {
  const { atHand, position: { batch, batches } } = runs;
  const partly = batch && atHand ? ` and ${batch} of ${batches} batches` : "";
  const head = (/** @type {string} */ scope, /** @type {string} */ text) => make("th", { scope }, text);
  const line = (/** @type {string} */ name, /** @type {number} */ loss, /** @type {number} */ right) =>
    make("tr", {}, head("row", name), make("td", {}, figure(number(loss))), make("td", {}, figure(percent(right))));
  return [
    // Two lines, always: nothing below may jump while training.
    make("caption", {}, make("span", {}, `After epoch ${record.epoch}${partly}, `),
      make("span", {}, `learning rate ${setting(record.rate)}`)),
    make("tr", {}, make("td"), head("col", "loss"), head("col", "right")),
    line("training", record.train, record.trainAccuracy),
    line("validation", record.validation, record.validationAccuracy),
  ];
}

/** The weights [layer][from][to] of a flat theta. */
export function weightsOf(/** @type {import("./network.js").Plan} */ plan, /** @type {Float64Array} */ theta) {
  const { widths, places } = networkOf(plan, theta);
  return places.map(({ weights }, l) => Array.from({ length: widths[l] }, (_, i) =>
    Array.from(theta.subarray(weights + i * widths[l + 1], weights + (i + 1) * widths[l + 1]))));
}

/** The decision over the plane, or where there are more than two inputs, the weights. */
export function paintNetwork(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {HTMLElement} */ root,
  /** @type {Task} */ task,
  /** @type {EpochRecord} */ record,
) {
  const network = networkOf(task.plan, record.theta);
  const surface = task.plan.inputs === 2;
  if (surface) paintSurface(canvas, root, network, task.train, task.validation);
  else paintWeights(canvas, root, network);
  const what = surface
    ? "The network's decision over the plane, with the points"
    : "The weights into each unit of the first layer, as pictures";
  const right = `${percent(record.validationAccuracy)} of the validation points are right.`;
  canvas.setAttribute("aria-label", `${what}, after epoch ${record.epoch}: ${right}`);
}
