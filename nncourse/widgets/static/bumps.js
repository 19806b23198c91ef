// A function as a sum of bumps, each of two sigmoid units: how near it comes to |sin x|, by hand and by
// training. Draws nothing.
import { PageNetwork, PageTraining, startWeights } from "./kit.js";

export const MOST = 8; // bumps
const ROWS = 65; // training rows; the deviation is looked for at these and between them
export const HALF = Math.PI;
export const BOUND = 0.4;
export const goal = (/** @type {number} */ x) => Math.abs(Math.sin(x));
export const spread = (/** @type {number} */ half, /** @type {number} */ n) => Float64Array.from({ length: n }, (_, k) => ((2 * k) / (n - 1) - 1) * half);
const X = spread(HALF, ROWS);
const DATA = { X, y: Array.from(X, goal) };

/**
 * How a training was set up, and how long it went.
 * @typedef {{bumps: number, steep: number, heights: number[], rate: number, momentum: number, seed: number, from: string, epochs: number}} Run
 */

/** The network 1-2M-1 of so many bumps: two sigmoid units each, and a sum. */
export const planOf = (/** @type {number} */ bumps) => ({
  inputs: 1, loss: "mse", layers: [{ width: 2 * bumps, activation: "sigmoid" }, { width: 1, activation: "identity" }],
});

/** Where bump k begins and ends. */
export const edges = (/** @type {number} */ k, /** @type {number} */ bumps) => [HALF * ((2 * k) / bumps - 1), HALF * ((2 * k + 2) / bumps - 1)];

/** The bumps as the weights of that network: one unit steps up where a bump begins, one where it ends. */
export function thetaOf(/** @type {{bumps: number, steep: number, heights: number[]}} */ { bumps, steep, heights }) {
  const units = 2 * bumps;
  const theta = new Float64Array(3 * units + 1);
  for (let k = 0; k < bumps; k++)
    edges(k, bumps).forEach((edge, side) => {
      const unit = 2 * k + side;
      theta[unit] = steep;
      theta[units + unit] = -steep * edge;
      theta[2 * units + unit] = side ? -heights[k] : heights[k];
    });
  return theta;
}

/** What the network of this theta says at these x. */
export function valuesOf(/** @type {ArrayLike<number>} */ theta, /** @type {Float64Array} */ x) {
  return new PageNetwork(planOf((theta.length - 1) / 6), Float64Array.from(theta)).forward(x, x.length);
}

/** The largest distance to |sin x| in -half ... half, from `inner` outwards, and where it is. */
export function deviation(/** @type {ArrayLike<number>} */ theta, half = HALF, inner = 0) {
  const x = spread(half, 2 * ROWS - 1);
  const values = valuesOf(theta, x);
  const found = { size: 0, x: 0, value: 0 };
  x.forEach((at, k) => {
    const size = Math.abs(values[k] - goal(at));
    if (Math.abs(at) >= inner - 1e-9 && !(size <= found.size)) Object.assign(found, { size, x: at, value: values[k] });
  });
  return found;
}

/** A training at its start: all rows in each step, so that a step is an epoch. */
export function training(/** @type {Run} */ run) {
  const start = run.from === "bumps" ? thetaOf(run) : startWeights(planOf(run.bumps), run.seed);
  return new PageTraining(planOf(run.bumps), DATA, { rate: run.rate, momentum: run.momentum, l2: 0, batch: ROWS, seed: run.seed }, start);
}

/** Whether a deviation is small enough. */
export const within = (/** @type {number} */ size) => size <= BOUND;

/** Whether training has halved the deviation of bumps that were near. */
export function halved(/** @type {Run} */ run, /** @type {number} */ size) {
  const before = deviation(thetaOf(run)).size;
  return within(before) && size <= before / 2;
}

/** Mean squared error on the training rows. */
export const lossOf = (/** @type {ArrayLike<number>} */ theta) => valuesOf(theta, X).reduce((sum, value, k) => sum + (value - DATA.y[k]) ** 2, 0) / ROWS;

/** What each hidden unit adds to the output: its value times its weight. */
export function unitsOf(/** @type {ArrayLike<number>} */ theta, /** @type {Float64Array} */ x) {
  const units = (theta.length - 1) / 3;
  return Array.from({ length: units }, (_, k) => x.map((at) => theta[2 * units + k] / (1 + Math.exp(-(theta[k] * at + theta[units + k])))));
}
