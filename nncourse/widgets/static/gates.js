// Gates to be learned from a few points: the perceptron's rule, and small networks. Draws nothing.
import { PageNetwork, measureLoss, randomNumbers, startWeights } from "./kit.js";

/** @typedef {{x: number, y: number, t: number}} Point */
export const LOW = -0.5; // the picture's limits, the same for both inputs
export const HIGH = 1.5;
export const MOST = 24; // points
const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];
/** Targets at the corners. @type {Record<string, number[]>} */
const GATES = { or: [0, 1, 1, 1], and: [0, 0, 0, 1], xor: [0, 1, 1, 0] };

/** To the nearest place of a grid of 0.05, within the picture. */
export const snap = (/** @type {number} */ x) => Math.round(20 * Math.max(LOW, Math.min(HIGH, x))) / 20;

/** A gate's own points: its corners, or for "noisy" sixteen places about those of XOR. */
export function pointsOf(/** @type {string} */ gate) {
  if (gate !== "noisy") return CORNERS.map(([x, y], k) => ({ x, y, t: GATES[gate][k] }));
  const random = randomNumbers(5, 1);
  const away = () => (0.7 * (random() + random())) / 4294967296 - 0.7;
  return Array.from({ length: 16 }, (_, k) => ({ x: snap(CORNERS[k % 4][0] + away()), y: snap(CORNERS[k % 4][1] + away()), t: GATES.xor[k % 4] }));
}

/** Points as a text, which a link can carry: "xor 0,0,0 0,1,1". It belongs to its gate alone. */
export const written = (/** @type {string} */ gate, /** @type {Point[]} */ points) =>
  [gate, ...points.map(({ x, y, t }) => [snap(x), snap(y), t].join())].join(" ");

/** The points of a state: the reader's own, where there are any for its gate. @returns {Point[]} */
export function read(/** @type {any} */ { gate, points }) {
  const [of, ...places] = String(points).split(" ");
  if (of !== gate) return pointsOf(gate);
  const found = places.slice(0, MOST).map((place) => place.split(",").map(Number)).filter((one) => one.length === 3 && one.every(Number.isFinite));
  return found.length ? found.map(([x, y, t]) => ({ x: snap(x), y: snap(y), t: t > 0 ? 1 : 0 })) : pointsOf(gate);
}

/** Layers of the network: one sigmoid unit, or `hidden` of them before it. */
export const planOf = (/** @type {number} */ hidden) => ({
  inputs: 2, loss: "mse", layers: [...(hidden > 1 ? [{ width: hidden, activation: "sigmoid" }] : []), { width: 1, activation: "sigmoid" }],
});

/** Weights (w1, w2, b) of the perceptron after some epochs, and its corrections in each. */
export function perceptron(/** @type {Point[]} */ points, /** @type {number} */ epochs) {
  const w = [0, 0, 0];
  /** @type {number[]} */
  const corrections = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let wrong = 0;
    for (const { x, y, t } of points) {
      const miss = t - (w[0] * x + w[1] * y + w[2] > 0 ? 1 : 0);
      if (miss === 0) continue;
      wrong += 1;
      [x, y, 1].forEach((one, k) => (w[k] += miss * one));
    }
    corrections.push(wrong);
    if (!wrong) break; // nothing will change any more
  }
  return { w, corrections };
}

/** Gradient descent on the mean squared error, all points in each step; loss and count from epoch 0 on. */
export function train(/** @type {Point[]} */ points, /** @type {any} */ { hidden, rate, momentum, epochs, seed }) {
  const plan = planOf(hidden);
  const network = new PageNetwork(plan, startWeights(plan, seed));
  const X = Float64Array.from(points.flatMap(({ x, y }) => [x, y]));
  const targets = points.map(({ t }) => t);
  const velocity = new Float64Array(network.theta.length);
  const losses = [];
  const right = [];
  for (let epoch = 0; ; epoch++) {
    const output = network.forward(X, points.length);
    const { value, slope } = measureLoss("mse", output, targets);
    losses.push(value);
    right.push(targets.reduce((count, t, i) => count + (output[i] > 0.5 === t > 0.5 ? 1 : 0), 0));
    if (epoch === epochs) return { network, losses, right, output };
    network.backward(slope, points.length);
    for (let k = 0; k < velocity.length; k++) {
      velocity[k] = momentum * velocity[k] - rate * network.grad[k];
      network.theta[k] += velocity[k];
    }
  }
}

/** How a state is answered: the output at a place, the points' outputs, how many are right, and more. */
export function learn(/** @type {any} */ state) {
  const points = read(state);
  if (state.hidden === 0) {
    const { w, corrections } = perceptron(points, state.epochs);
    const at = (/** @type {number} */ x, /** @type {number} */ y) => (w[0] * x + w[1] * y + w[2] > 0 ? 1 : 0);
    const output = points.map(({ x, y }) => at(x, y));
    const right = points.filter(({ t }, k) => t === output[k]).length;
    return { points, output, right, loss: 1 - right / points.length, lines: [w], losses: corrections, network: null, grid: at };
  }
  const { network, losses, right, output } = train(points, state);
  const { theta } = network;
  const width = state.hidden;
  const lines = Array.from({ length: width }, (_, j) => [theta[j], theta[width + j], theta[2 * width + j]]);
  return { points, output: Array.from(output), right: right[state.epochs], loss: losses[state.epochs], lines, losses, network, grid: null };
}

/** The one point that was moved, and how far; or null if none was, or more, or others came. */
export function movedOne(/** @type {any} */ state) {
  const [own, now] = [pointsOf(state.gate), read(state)];
  if (own.length !== now.length) return null;
  const moved = own.flatMap((one, k) => (one.t === now[k].t && one.x === now[k].x && one.y === now[k].y ? [] : [{ k, far: Math.hypot(one.x - now[k].x, one.y - now[k].y), same: one.t === now[k].t }]));
  return moved.length === 1 && moved[0].same ? moved[0] : null;
}

/** The goals: one unit and one point moved by no more than a side; two units in 200 epochs. */
export function bridged(/** @type {any} */ state, /** @type {ReturnType<typeof learn>} */ found = learn(state)) {
  const moved = state.gate === "xor" && state.hidden <= 1 ? movedOne(state) : null;
  return moved !== null && moved.far <= 1 && found.right === 4;
}
export const quick = (/** @type {any} */ state, /** @type {ReturnType<typeof learn>} */ found = learn(state)) =>
  state.gate === "xor" && read(state).every((one, k) => same(one, pointsOf("xor")[k])) && read(state).length === 4 && state.hidden === 2 && state.epochs <= 200 && found.right === 4;
const same = (/** @type {Point} */ a, /** @type {Point | undefined} */ b) => b !== undefined && a.x === b.x && a.y === b.y && a.t === b.t;

/** Where the line w1 x + w2 y + b = 0 crosses the picture: two ends, or nothing. */
export function across(/** @type {number[]} */ [w1, w2, b]) {
  /** @type {[number, number][]} */
  const ends = [];
  for (const edge of [LOW, HIGH]) {
    if (w2) ends.push([edge, -(b + w1 * edge) / w2]);
    if (w1) ends.push([-(b + w2 * edge) / w1, edge]);
  }
  const inside = ends.filter((one) => one.every((v) => v >= LOW - 1e-9 && v <= HIGH + 1e-9));
  return inside.length > 1 ? inside.slice(0, 2) : [];
}
